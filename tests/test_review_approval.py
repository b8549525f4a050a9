"""Law 1: nothing leaves that a person has not approved, byte for byte, to that audience, at that time."""

from __future__ import annotations

import copy
import datetime as dt
import re
import threading
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from campaigns import states
from campaigns.drafting.text import Block, Sentence
from campaigns.models import Approval, CampaignEmail, Contact, Transition
from campaigns.planning import services as planning
from campaigns.review import rendition, selectors, services
from campaigns.review.refusals import Blocked, ReviewRefused, SeenAnother, TooLate
from campaigns.review.sections import SECTIONS
from campaigns.review.services import watching
from campaigns.review.services.watching import void_unfit
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def email() -> CampaignEmail:
    """An e-mail in review, its text by the drafter, going to five contacts tomorrow."""
    email = factories.make_email(factories.make_campaign(contacts=5), state="in_review")
    factories.make_revision(email)
    return email


def seen(email: CampaignEmail) -> str:
    """The digest that the page would show now."""
    revision = email.revisions.first()
    assert revision is not None
    return rendition.build(email=email, revision=revision).digest


def approve(email: CampaignEmail, by: Any, now: dt.datetime = NOW) -> Approval:
    return services.approve(email=email, seen=factories.seen(email), ticked=SECTIONS, by=by, now=now)


def changed(subject: str = "Kite 2.4.0 arrives on 25 November") -> Any:
    return factories.make_draft(subject=subject)


def edit(email: CampaignEmail, by: Any, text: Any = None) -> Any:
    newest = email.revisions.first()
    assert newest is not None
    return services.edit(email=email, text=text or changed(), based_on=newest.number, take_over=True, by=by, now=NOW)


def test_an_approval_names_bytes_audience_time_and_facts(email: CampaignEmail, release_manager: Any) -> None:
    approval = approve(email, release_manager)
    assert email.state == "approved"
    assert approval.rendition is not None
    assert approval.rendition.digest == seen(email)
    assert rendition.digest_of(approval.rendition) == approval.rendition.digest
    assert approval.send_at == email.send_at
    assert approval.audience_size == 5
    assert approval.snapshot_digest == email.campaign.release.snapshots.get().digest
    assert selectors.approval_problem(email, NOW) == ""
    line = Transition.objects.filter(email=email, what="email").latest("id")
    assert (line.before, line.after, line.by) == ("in_review", "approved", release_manager)


def test_an_edit_voids_the_approval_and_makes_it_a_draft_again(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    approval = approve(email, release_manager)
    edit(email, marketer)
    approval.refresh_from_db()
    assert email.state == "drafted"
    assert approval.voided_at == NOW
    assert approval.voided_by == marketer
    assert "Revision 2" in approval.void_reason
    assert selectors.approval_problem(email, NOW) == "It has no valid approval."
    assert Transition.objects.filter(email=email, what="approval", after="void").count() == 1


def test_saving_the_same_text_voids_nothing(email: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    approval = approve(email, release_manager)
    edit(email, marketer, factories.make_draft())
    approval.refresh_from_db()
    assert (email.state, approval.voided_at) == ("approved", None)
    assert email.revisions.count() == 1
    assert selectors.approval_problem(email, NOW) == ""


def test_white_space_alone_is_no_edit(email: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    from campaigns.review.typed import Typed

    approve(email, release_manager)
    typed = Typed.of(factories.make_draft(), 1)
    spaced = Typed(typed.subject, f"  {typed.preheader} ", {k: f"{v}\n\n" for k, v in typed.blocks.items()}, 1)
    edit(email, marketer, spaced.text())
    assert email.state == "approved"


def test_an_edit_of_a_held_email_keeps_it_held_and_it_cannot_come_back_approved(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    approve(email, release_manager)
    planning.hold_email(email=email, why="A look first.", by=release_manager, now=NOW)
    edit(email, marketer)
    assert email.state == "held"
    planning.resume_email(email=email, by=release_manager, now=NOW)
    assert email.state == "drafted"
    assert selectors.valid_approval(email) is None


def test_the_last_editor_cannot_approve_but_another_release_manager_can(
    email: CampaignEmail, release_manager: Any
) -> None:
    edit(email, release_manager)
    services.submit(email=email, by=release_manager, now=NOW)
    with pytest.raises(ReviewRefused, match="edited it last"):
        approve(email, release_manager)
    assert not Approval.objects.exists()
    approve(email, factories.make_user("Release manager"))
    assert email.state == "approved"


def test_a_product_may_let_the_last_editor_approve(email: CampaignEmail, release_manager: Any) -> None:
    product = email.campaign.release.product
    product.self_approval = True
    product.save()
    edit(email, release_manager)
    services.submit(email=email, by=release_manager, now=NOW)
    approve(CampaignEmail.objects.get(pk=email.pk), release_manager)
    assert Approval.objects.filter(decision="approved").count() == 1


@pytest.mark.parametrize("role", ["Marketer", "Operator", ""])
def test_only_release_managers_decide(email: CampaignEmail, role: str) -> None:
    person = factories.make_user(role)
    with pytest.raises(PermissionDenied):
        approve(email, person)
    with pytest.raises(PermissionDenied):
        services.request_changes(email=email, comment="No.", by=person, now=NOW)
    email.refresh_from_db()
    assert email.state == "in_review"


def test_the_machine_cannot_approve(email: CampaignEmail) -> None:
    with pytest.raises(PermissionDenied):
        approve(email, None)


def test_a_role_that_was_lost_in_between_counts_no_more(email: CampaignEmail, release_manager: Any) -> None:
    shown = factories.seen(email)
    release_manager.groups.clear()
    person = type(release_manager).objects.get(pk=release_manager.pk)
    with pytest.raises(PermissionDenied):
        services.approve(email=email, seen=shown, ticked=SECTIONS, by=person, now=NOW)


@pytest.mark.parametrize("state", ["drafted", "needs_changes", "held", "sending", "sent", "cancelled"])
def test_only_what_is_in_review_can_be_approved(email: CampaignEmail, release_manager: Any, state: str) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state=state)
    with pytest.raises(ReviewRefused, match="while it is in review"):
        approve(email, release_manager)
    assert not Approval.objects.exists()


def test_an_approval_of_an_old_page_is_refused(email: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    old = factories.seen(email)
    edit(email, marketer)
    services.submit(email=email, by=marketer, now=NOW)
    with pytest.raises(SeenAnother):
        services.approve(email=email, seen=old, ticked=SECTIONS, by=release_manager, now=NOW)
    assert (email.state, Approval.objects.count()) == ("in_review", 0)


def test_another_sender_address_since_the_page_was_opened_is_noticed(
    email: CampaignEmail, release_manager: Any
) -> None:
    old = factories.seen(email)
    product = email.campaign.release.product
    product.postal_address = "Somewhere else 2, Hamburg"
    product.save()
    with pytest.raises(SeenAnother):
        services.approve(email=email, seen=old, ticked=SECTIONS, by=release_manager, now=NOW)


def say_more(email: CampaignEmail) -> None:
    """Jira changes the note of an issue that a sentence cites."""
    factories.make_snapshot(email.campaign.release, facts(issues={"KITE-2": {"note": "Files are uploaded again."}}))


def another_time(email: CampaignEmail) -> None:
    row = CampaignEmail.objects.get(pk=email.pk)
    planning.set_send_at(email=row, send_at=NOW + dt.timedelta(minutes=5), by=None, now=NOW)


def other_lists(email: CampaignEmail) -> None:
    email.campaign.lists.set([factories.make_list("Everybody", product=email.campaign.release.product)])


def many_more_people(email: CampaignEmail) -> None:
    factories.make_contacts(60, product=email.campaign.release.product, contact_list=email.campaign.lists.get())


def a_new_warning(email: CampaignEmail) -> None:
    person = Contact.objects.order_by("pk").first()
    Contact.objects.filter(pk=person.pk if person else 0).update(first_name="")


STALE = [
    (another_time, "the time was Thu 05 Nov 10:00 and is Wed 04 Nov 10:05"),
    (other_lists, "other lists"),
    (say_more, "Jira says something else"),
    (many_more_people, "65 people, and 5"),
    (a_new_warning, "1 contact"),
]


@pytest.mark.parametrize(("change", "said"), STALE)
@pytest.mark.parametrize("emergency", [False, True])
def test_what_changed_beside_the_text_since_the_page_was_opened_is_not_approved_unseen(
    email: CampaignEmail, release_manager: Any, operator: Any, change: Any, said: str, emergency: bool
) -> None:
    old = factories.seen(email)
    change(email)

    def yes(seen: Any) -> Approval:
        if emergency:
            return services.approve_break_glass(
                email=email, seen=seen, ticked=SECTIONS, reason="Nobody is there.", by=operator, now=NOW
            )
        return services.approve(email=email, seen=seen, ticked=SECTIONS, by=release_manager, now=NOW)

    with pytest.raises(SeenAnother, match=said):
        yes(old)
    email.refresh_from_db()
    assert (email.state, Approval.objects.count()) == ("in_review", 0)
    assert yes(factories.seen(email)).sections["audience"]["will_be_sent"] is not None


def test_a_few_people_more_or_fewer_are_the_same_audience(email: CampaignEmail, release_manager: Any) -> None:
    whom = {"product": email.campaign.release.product, "contact_list": email.campaign.lists.get()}
    factories.make_contacts(85, **whom)
    old = factories.seen(email)
    factories.make_contacts(20, **whom)
    services.approve(email=email, seen=old, ticked=SECTIONS, by=release_manager, now=NOW)
    assert Approval.objects.get().audience_size == 110


def test_an_audience_that_nobody_counted_is_not_approved(email: CampaignEmail, release_manager: Any) -> None:
    old = replace(factories.seen(email), people=None)
    with pytest.raises(SeenAnother, match="had not been counted"):
        services.approve(email=email, seen=old, ticked=SECTIONS, by=release_manager, now=NOW)


def test_still_true_is_said_of_the_change_that_was_read_and_of_no_later_one(
    email: CampaignEmail, release_manager: Any
) -> None:
    approve(email, release_manager)
    say_more(email)
    old = factories.seen(email)
    again = facts(issues={"KITE-1": {"note": "Calendars can now be exported as iCalendar files, and printed."}})
    factories.make_snapshot(email.campaign.release, again)
    with pytest.raises(SeenAnother, match="Jira says something else"):
        services.still_true(email=email, seen=old, reason="It is.", by=release_manager, now=NOW)
    assert Approval.objects.get().voided_at is None
    seen_now = factories.seen(email)
    services.still_true(email=email, seen=seen_now, reason="It is.", by=release_manager, now=NOW)
    assert Approval.objects.count() == 2


def test_what_is_decided_about_a_text_is_about_the_one_that_was_read(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    with pytest.raises(SeenAnother, match="saved revision 1 since, and you saw revision 7"):
        services.request_changes(email=email, comment="Shorter.", based_on=7, by=release_manager, now=NOW)
    with pytest.raises(SeenAnother):
        services.withdraw(email=email, based_on=7, by=marketer, now=NOW)
    assert email.comments.count() == 0
    services.withdraw(email=email, based_on=1, by=marketer, now=NOW)
    with pytest.raises(SeenAnother):
        services.submit(email=email, based_on=0, by=marketer, now=NOW)
    services.submit(email=email, based_on=1, by=marketer, now=NOW)
    services.request_changes(email=email, comment="Shorter.", based_on=1, by=release_manager, now=NOW)
    assert email.state == "needs_changes"


def test_a_late_approval_never_sends_and_asks_for_a_new_slot(email: CampaignEmail, release_manager: Any) -> None:
    assert email.send_at is not None
    late = email.send_at + email.late_after + dt.timedelta(seconds=1)
    with pytest.raises(TooLate, match="Choose a new time") as refused:
        approve(email, release_manager, late)
    there = email.send_at.astimezone(ZoneInfo(email.campaign.release.product.time_zone))
    assert f"{there:%d %b %Y %H:%M %Z} ({email.send_at:%H:%M} UTC)" in str(refused.value)
    assert (email.state, Approval.objects.count()) == ("in_review", 0)
    planning.set_send_at(email=email, send_at=late + dt.timedelta(hours=1), by=release_manager, now=late)
    approve(email, release_manager, late)
    assert email.state == "approved"


def test_blocking_findings_stop_submitting_and_approving(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    text = factories.make_draft(
        blocks=(Block("highlights", (Sentence("Calendars are now 40 percent faster.", ("KITE-1",)),)),)
    )
    edit(email, marketer, text)
    with pytest.raises(Blocked) as stopped:
        services.submit(email=email, by=marketer, now=NOW)
    assert any("40" in finding.message for finding in stopped.value.findings)
    assert email.state == "drafted"
    CampaignEmail.objects.filter(pk=email.pk).update(state="in_review")
    email.refresh_from_db()
    with pytest.raises(Blocked):
        approve(email, release_manager)


def test_a_double_click_approves_once(email: CampaignEmail, release_manager: Any) -> None:
    shown = factories.seen(email)
    first = services.approve(email=email, seen=shown, ticked=SECTIONS, by=release_manager, now=NOW)
    again = services.approve(email=email, seen=shown, ticked=SECTIONS, by=release_manager, now=NOW)
    assert first == again
    assert Approval.objects.count() == 1


def test_withdrawing_an_approval_voids_it(email: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    approval = approve(email, release_manager)
    with pytest.raises(PermissionDenied):
        services.withdraw(email=email, by=marketer, now=NOW)
    services.withdraw(email=email, by=release_manager, now=NOW)
    approval.refresh_from_db()
    assert (email.state, approval.voided_at) == ("drafted", NOW)


def test_withdrawing_the_approval_of_what_is_held_says_that_it_stays_held(
    email: CampaignEmail, release_manager: Any, sign_in: Any
) -> None:
    approve(email, release_manager)
    planning.hold_email(email=email, why="A client asked.", by=release_manager, now=NOW)
    browser = sign_in("Release manager")
    page = browser.get(email.get_absolute_url()).text
    assert "Withdraw the approval? It stays held; given back, it is a draft." in page
    answer = browser.post(reverse("review:withdraw", args=[email.pk]), {"based_on": "1"}, follow=True).text
    assert "Taken back. It stays held; given back, it is a draft." in answer
    assert "Once given back: Approved → Drafted" in answer
    email.refresh_from_db()
    assert (email.state, email.held_from, email.state_reason) == ("held", "drafted", "A client asked.")


def test_the_approval_of_a_cancelled_send_says_that_it_was_cancelled(
    email: CampaignEmail, release_manager: Any
) -> None:
    approval = approve(email, release_manager)
    planning.cancel_email(email=email, why="Not needed.", by=release_manager, now=NOW)
    assert void_unfit(now=NOW) == 1
    approval.refresh_from_db()
    assert approval.void_reason == "The e-mail was cancelled: Not needed."


def test_a_refusal_says_once_that_nothing_was_changed(email: CampaignEmail, sign_in: Any) -> None:
    page = sign_in("Release manager").post(reverse("review:hold", args=[email.pk]), {}).text
    assert "Say why it is held" in page
    assert page.count("Nothing was changed.") == 1


def test_an_author_takes_a_submission_back(email: CampaignEmail, marketer: Any) -> None:
    services.withdraw(email=email, by=marketer, now=NOW)
    assert email.state == "drafted"


def test_request_changes_needs_a_comment(email: CampaignEmail, release_manager: Any) -> None:
    with pytest.raises(ReviewRefused, match="what should change"):
        services.request_changes(email=email, comment="  ", by=release_manager, now=NOW)
    assert email.state == "in_review"
    services.request_changes(email=email, comment="Name the date.", by=release_manager, now=NOW)
    assert email.state == "needs_changes"
    assert email.state_reason == "Name the date."
    assert email.comments.get().body == "Name the date."
    assert Approval.objects.get().decision == "changes_requested"


def test_after_the_changes_it_is_submitted_and_approved(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    services.request_changes(email=email, comment="Another subject.", by=release_manager, now=NOW)
    edit(email, marketer)
    assert email.state == "needs_changes"
    services.submit(email=email, note="Done.", by=marketer, now=NOW)
    approve(email, release_manager)
    assert selectors.approval_problem(email, NOW) == ""


# --- what makes an approval stop holding ---


def test_changed_bytes_are_noticed(email: CampaignEmail, release_manager: Any) -> None:
    approval = approve(email, release_manager)
    assert approval.rendition is not None
    type(approval.rendition).objects.update(html=approval.rendition.html + "<p>And buy this.</p>")
    assert "digest differs" in selectors.approval_problem(email, NOW)


def test_another_list_is_noticed_but_another_contact_on_it_is_not(email: CampaignEmail, release_manager: Any) -> None:
    approve(email, release_manager)
    only = email.campaign.lists.get()
    factories.make_contacts(1, contact_list=only)
    assert selectors.approval_problem(email, NOW) == ""
    email.campaign.lists.add(factories.make_list())
    assert "lists changed" in selectors.approval_problem(email, NOW)


def test_another_time_is_noticed(email: CampaignEmail, release_manager: Any) -> None:
    approve(email, release_manager)
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=NOW + dt.timedelta(days=2))
    assert "send time changed" in selectors.approval_problem(email, NOW)


def facts(**changes: Any) -> dict[str, Any]:
    new = copy.deepcopy(factories.FACTS)
    new["release"].update(changes.pop("release", {}))
    for key, fields in changes.pop("issues", {}).items():
        next(issue for issue in new["issues"] if issue["key"] == key).update(fields)
    gone = changes.pop("without", ())
    kept_out = changes.pop("kept_out", {})
    new["excluded"] += [
        {"key": issue["key"], "summary": issue["summary"], "reason": kept_out[issue["key"]]}
        for issue in new["issues"]
        if issue["key"] in kept_out
    ]
    new["issues"] = [issue for issue in new["issues"] if issue["key"] not in {*gone, *kept_out}]
    return new


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (facts(issues={"KITE-1": {"note": "Calendars can be printed."}}), "release note of KITE-1 changed"),
        (facts(without=["KITE-2"]), "KITE-2 is no longer part"),
        (facts(issues={"KITE-3": {"kind": "other"}}), "KITE-3 was breaking"),
        (
            facts(kept_out={"KITE-2": "Not done: status “Reopened”."}),
            "KITE-2 is kept out now: Not done: status “Reopened”.$",
        ),
        (facts(kept_out={"KITE-1": "internal label"}), "KITE-1 is kept out now: internal label.$"),
        (
            facts(issues={"KITE-1": {"status": "Reopened", "done": False}}),
            "KITE-1 was reopened: it was Done and is Reopened",
        ),
        (facts(release={"release_date": "2026-12-09"}), "release date moved"),
    ],
)
def test_facts_that_a_sentence_rests_on_and_that_changed_are_noticed(
    email: CampaignEmail, release_manager: Any, after: dict[str, Any], said: str
) -> None:
    approve(email, release_manager)
    factories.make_snapshot(email.campaign.release, after)
    assert re.search(said, selectors.approval_problem(email, NOW))


@pytest.mark.parametrize(
    "after",
    [facts(release={"released": True}), facts(issues={"KITE-1": {"status": "Released", "components": []}})],
)
def test_facts_that_change_nothing_in_the_mail_void_nothing(
    email: CampaignEmail, release_manager: Any, after: dict[str, Any]
) -> None:
    approve(email, release_manager)
    factories.make_snapshot(email.campaign.release, after)
    assert selectors.approval_problem(email, NOW) == ""
    assert void_unfit(now=NOW) == 0


def test_an_approval_given_while_the_watcher_looks_is_left_alone(
    email: CampaignEmail, release_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(email, release_manager)
    say_more(email)
    lock = watching.locked_row

    def said_in_between(row: CampaignEmail) -> CampaignEmail:
        """The release manager presses the button after the watcher has read, and before it locks."""
        fresh = CampaignEmail.objects.get(pk=row.pk)
        services.still_true(email=fresh, seen=factories.seen(email), reason="It is.", by=release_manager, now=NOW)
        return lock(row)

    monkeypatch.setattr(watching, "locked_row", said_in_between)
    assert void_unfit(now=NOW) == 0
    email.refresh_from_db()
    assert email.state == "approved"
    assert selectors.approval_problem(email, NOW) == ""


def test_drift_holds_the_email_and_a_new_approval_on_the_new_facts_releases_it(
    email: CampaignEmail, release_manager: Any
) -> None:
    approve(email, release_manager)
    after = facts(issues={"KITE-1": {"summary": "Add calendar export for everybody"}})
    factories.make_snapshot(email.campaign.release, after)
    assert void_unfit(now=NOW) == 1
    email.refresh_from_db()
    assert email.state == "held"
    assert "KITE-1" in email.state_reason
    planning.resume_email(email=email, by=release_manager, now=NOW)
    assert email.state == "in_review"
    services.approve(
        email=email, seen=factories.seen(email), ticked=SECTIONS, comment="Still true.", by=release_manager, now=NOW
    )
    assert selectors.approval_problem(email, NOW) == ""
    assert void_unfit(now=NOW) == 0


def test_an_approval_left_behind_by_a_moved_time_is_voided_and_can_be_given_again(
    email: CampaignEmail, release_manager: Any
) -> None:
    old = approve(email, release_manager)
    planning.set_send_at(email=email, send_at=NOW + dt.timedelta(days=3), by=release_manager, now=NOW)
    assert email.state == "in_review"
    assert void_unfit(now=NOW) == 1
    old.refresh_from_db()
    assert old.voided_at == NOW
    email.refresh_from_db()
    assert email.state == "in_review"
    approve(email, release_manager)
    assert void_unfit(now=NOW) == 0


def test_a_second_approval_supersedes_one_that_nobody_voided_yet(email: CampaignEmail, release_manager: Any) -> None:
    approve(email, release_manager)
    planning.set_send_at(email=email, send_at=NOW + dt.timedelta(days=3), by=release_manager, now=NOW)
    new = approve(email, release_manager)
    assert selectors.valid_approval(email) == new
    assert Approval.objects.filter(voided_at__isnull=False).count() == 1


# --- two at once ---


def at_once(*acts: Any) -> list[BaseException | None]:
    """Run the acts in threads that start together; what each raised, or None."""
    start = threading.Barrier(len(acts))
    ended: list[BaseException | None] = [None] * len(acts)

    def run(place: int, act: Any) -> None:
        start.wait()
        try:
            act()
        except Exception as error:
            ended[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ended


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_approvers_at_once_one_wins() -> None:
    email = factories.make_email(factories.make_campaign(contacts=1), state="in_review")
    factories.make_revision(email)
    shown = factories.seen(email)
    people = [factories.make_user("Release manager") for _ in range(2)]

    def yes(person: Any) -> Any:
        row = CampaignEmail.objects.get(pk=email.pk)
        return lambda: services.approve(email=row, seen=shown, ticked=SECTIONS, by=person, now=NOW)

    ended = at_once(*(yes(person) for person in people))
    assert sorted(type(each).__name__ for each in ended) == ["NoneType", "ReviewRefused"], ended
    assert Approval.objects.filter(decision="approved", voided_at__isnull=True).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_edit_and_an_approval_at_once_never_leave_another_text_approved() -> None:
    email = factories.make_email(factories.make_campaign(contacts=1), state="in_review")
    factories.make_revision(email)
    shown = factories.seen(email)
    manager, marketer = factories.make_user("Release manager"), factories.make_user("Marketer")
    one, two = CampaignEmail.objects.get(pk=email.pk), CampaignEmail.objects.get(pk=email.pk)
    at_once(
        lambda: services.approve(email=one, seen=shown, ticked=SECTIONS, by=manager, now=NOW),
        lambda: services.edit(email=two, text=changed(), based_on=1, take_over=True, by=marketer, now=NOW),
    )
    email.refresh_from_db()
    assert email.revisions.count() == 2
    assert email.state == "drafted"
    assert selectors.approval_problem(email, NOW)


def test_every_verb_of_the_page_is_a_move_that_the_table_allows() -> None:
    for before, after in (
        ("drafted", "in_review"), ("needs_changes", "in_review"), ("in_review", "approved"), ("approved", "drafted"),
        ("in_review", "needs_changes"), ("in_review", "drafted"), ("approved", "held"), ("approved", "in_review"),
    ):  # fmt: skip
        states.check(states.EMAIL, before, after)
