"""The desk around the decision: sections, emergencies, still true, times, corrections, what is kept for a person."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from campaigns.delivery.estimate import last_one_out
from campaigns.delivery.models import Batch, Message, Sender, WarmUp
from campaigns.delivery.preparing import prepare
from campaigns.drafting.facts import Facts
from campaigns.drafting.selectors import text_of
from campaigns.drafting.text import Sentence
from campaigns.models import (
    Approval,
    CampaignEmail,
    Client,
    Contact,
    KeptText,
    LeftOut,
    SeedAddress,
    Subscription,
    Suppression,
    Transition,
    Waiver,
)
from campaigns.planning import services as planning
from campaigns.planning.selectors import audience_rule
from campaigns.review import counts, preflight, selectors, services, times
from campaigns.review.preflight.contrast import dim
from campaigns.review.refusals import ReviewRefused, SeenAnother, TooLate
from campaigns.review.sections import SECTIONS
from campaigns.review.services import correcting
from campaigns.review.services.watching import void_unfit
from campaigns.review.typed import Typed
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true", "HX-Target": "desk"}


@pytest.fixture
def email() -> CampaignEmail:
    """An e-mail in review, its text by the drafter, going to five contacts tomorrow."""
    email = factories.make_email(factories.make_campaign(contacts=5), state="in_review")
    factories.make_revision(email)
    return email


def approve(email: CampaignEmail, by: Any, ticked: Any = SECTIONS, now: dt.datetime = NOW) -> Approval:
    return services.approve(email=email, seen=factories.seen(email), ticked=ticked, by=by, now=now)


def moved_note(email: CampaignEmail) -> None:
    """Jira changes the note of an issue that a sentence cites."""
    after = copy.deepcopy(factories.FACTS)
    after["issues"][0]["note"] = "Calendars can now be exported as iCalendar files, and printed."
    factories.make_snapshot(email.campaign.release, after)


# --- sections ---


@pytest.mark.parametrize("missing", sorted(SECTIONS))
def test_an_approval_needs_every_section(email: CampaignEmail, release_manager: Any, missing: str) -> None:
    with pytest.raises(ReviewRefused, match=f"Not ticked yet: {SECTIONS[missing].lower()}"):
        approve(email, release_manager, ticked=SECTIONS.keys() - {missing})
    email.refresh_from_db()
    assert (email.state, Approval.objects.count()) == ("in_review", 0)
    approve(email, release_manager)
    assert email.state == "approved"


def test_the_approval_keeps_what_stood_in_each_section(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    contact = Contact.objects.order_by("pk")[0]
    Suppression.objects.create(email=contact.email, reason="complaint", source="test", since=NOW)
    Client.objects.update(country="CA")
    text = factories.make_draft(preheader="Short.").with_block("fixes", ())
    services.edit(email=email, text=text, based_on=1, take_over=True, by=marketer, now=NOW)
    short = next(found for found in preflight.run(email, email.revisions.latest("number"), NOW) if not found.blocking)
    services.waive(email=email, fingerprints=[short.fingerprint], reason="It is right here.", by=marketer, now=NOW)
    services.leave_out(email=email, keys=["KITE-2"], reason="Told in the follow-up.", by=marketer, now=NOW)
    services.submit(email=email, by=marketer, now=NOW)
    kept = approve(email, release_manager).sections
    assert kept["content"]["revision"] == 2
    assert kept["content"]["left_out"] == {"KITE-2": "Told in the follow-up."}
    [waived] = kept["content"]["waived"]
    assert (waived["reason"], waived["revision"]) == ("It is right here.", 2)
    assert waived["words"]
    assert kept["audience"] | {"lists": []} == {
        "lists": [], "received": "", "planned": 5, "left_out": {"complaint": 1}, "will_be_sent": 4,
    }  # fmt: skip
    assert kept["time"]["send_at"] == email.send_at.isoformat()  # type: ignore[union-attr]
    assert kept["compliance"]["countries"] == {"CA": 4}
    assert "CASL" in next(iter(kept["compliance"]["laws"]))
    Waiver.objects.all().delete()
    assert Approval.objects.get().sections == kept, "the approval keeps its own copy"


def test_each_figure_of_the_audience_leads_to_its_people(email: CampaignEmail, sign_in: SignIn) -> None:
    first, second, third = Contact.objects.order_by("pk")[:3]
    Suppression.objects.create(email=first.email, reason="hard_bounce", source="test", since=NOW)
    Subscription.objects.filter(contact=second).update(state="unsubscribed")
    Subscription.objects.filter(contact=third).delete()
    browser = sign_in("Marketer")
    sheet = browser.get(reverse("review:audience", args=[email.pk])).text
    counted = counts.kept(email)
    assert counted is not None
    assert (counted.planned, counted.sum.will_be_sent) == (5, 2)
    rule = audience_rule(email)
    for part, people in {**counted.suppressed, "planned": 5, "will_be_sent": 2}.items():
        address = reverse("review:people", args=[email.pk, part])
        assert address in sheet
        assert rule.part(part).count() == people
        assert browser.get(address).text.count("@client.example") == people
    assert browser.get(reverse("review:people", args=[email.pk, "nonsense"])).status_code == 404


def test_the_counting_agrees_with_the_sum_that_the_campaign_shows(email: CampaignEmail) -> None:
    first, second = Contact.objects.order_by("pk")[:2]
    Suppression.objects.create(email=first.email, reason="unsubscribed", source="test", since=NOW)
    Subscription.objects.filter(contact=second).update(state="unsubscribed")
    counted = counts.count_now(email=email, now=NOW)
    assert counted.sum == audience_rule(email).sum(NOW)
    assert audience_rule(email).part("unsubscribed").count() == 2


def test_the_sections_show_clients_clocks_and_when_the_last_is_out(email: CampaignEmail, sign_in: SignIn) -> None:
    Client.objects.update(time_zone="Asia/Tokyo", country="JP")
    Sender.objects.update_or_create(
        region="eu-central-1", defaults={"rate_per_second": 1, "max_per_day": 50_000, "checked_at": NOW}
    )
    browser = sign_in("Release manager")
    page = browser.get(reverse("review:audience", args=[email.pk]), headers=HTMX | {"HX-Target": "sections"}).text
    assert "Asia/Tokyo" in page and "18:00" in page  # 9:00 UTC
    assert 'hx-swap-oob="true"' in page
    assert "if nothing else is sent" in browser.get(reverse("delivery:estimate", args=[email.pk])).text


def test_the_sections_show_the_clocks_of_clients_whose_people_have_a_zone_of_their_own(
    email: CampaignEmail, sign_in: SignIn
) -> None:
    """As they come from a CSV file: the sender goes by the contact's zone, then by the client's."""
    contact_list = email.campaign.lists.get()
    zones = ("Europe/Berlin", "Asia/Tokyo", "Asia/Tokyo", "America/Chicago", "Australia/Sydney", "Europe/Rome")
    people = factories.make_contacts(len(zones), product=email.campaign.release.product, contact_list=contact_list)
    for contact, zone in zip(people, zones, strict=True):
        contact.client, _ = Client.objects.get_or_create(name=f"Client in {zone}")
        contact.time_zone = zone
        contact.save()
    counted = counts.count_now(email=email, now=NOW)
    assert counted.zones == [
        (f"Client in {zone}", zone) for zone in ("Asia/Tokyo", "America/Chicago", "Australia/Sydney")
    ]
    page = sign_in("Release manager").get(email.get_absolute_url()).text
    assert "Client in America/Chicago" in page and "03:00" in page  # 9:00 UTC


def test_the_estimate_asks_quota_and_warm_up(email: CampaignEmail) -> None:
    row, _ = Sender.objects.update_or_create(
        region="eu-central-1",
        defaults={"rate_per_second": 10, "max_per_day": 1000, "sent_last_day": 600, "checked_at": NOW},
    )
    email.send_at = NOW
    assert last_one_out(email, people=300, now=NOW).at == NOW + dt.timedelta(seconds=30)
    assert last_one_out(email, people=1900, now=NOW).days == 2
    WarmUp.objects.create(starts_on=NOW.date(), caps=[50, 100, 200])
    assert last_one_out(email, people=300, now=NOW).days == 2
    Sender.objects.filter(pk=row.pk).update(stopped_at=NOW, stopped_reason="Bounces.")
    assert "Bounces." in last_one_out(email, people=1, now=NOW).why_not


# --- in an emergency ---


def test_an_operator_approves_in_an_emergency_and_everybody_sees_why(
    email: CampaignEmail, operator: Any, sign_in: SignIn
) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=timezone.now() + dt.timedelta(hours=1))
    shown = factories.seen(email)

    def emergency(reason: str) -> Approval:
        return services.approve_break_glass(
            email=email, seen=shown, ticked=SECTIONS, reason=reason, by=operator, now=timezone.now()
        )

    with pytest.raises(ReviewRefused, match="Say why"):
        emergency("  ")
    assert not Approval.objects.exists()
    approval = emergency("All release managers are on a plane.")
    assert approval.break_glass
    assert email.state == "approved"
    assert selectors.approval_problem(email, NOW) == ""
    line = Transition.objects.get(email=email, what="approval", after="emergency")
    assert line.by == operator
    for role in ("Release manager", "Marketer", "Operator"):
        browser = sign_in(role)
        for page in (reverse("review:waiting"), email.get_absolute_url()):
            assert "All release managers are on a plane." in browser.get(page).text, (role, page)


@pytest.mark.parametrize("role", ["Marketer", "Release manager", ""])
def test_only_operators_break_the_glass(email: CampaignEmail, role: str) -> None:
    with pytest.raises((PermissionDenied, ReviewRefused)):
        services.approve_break_glass(
            email=email, seen=factories.seen(email), ticked=SECTIONS, reason="x", by=factories.make_user(role),
            now=NOW,
        )  # fmt: skip
    assert not Approval.objects.exists()


def test_an_emergency_keeps_every_other_rule(email: CampaignEmail, operator: Any) -> None:
    with pytest.raises(ReviewRefused, match="Not ticked"):
        services.approve_break_glass(
            email=email, seen=factories.seen(email), ticked=(), reason="x", by=operator, now=NOW
        )
    with pytest.raises(SeenAnother):
        services.approve_break_glass(
            email=email, seen=replace(factories.seen(email), rendition="0" * 64), ticked=SECTIONS, reason="x",
            by=operator, now=NOW,
        )  # fmt: skip
    with pytest.raises(TooLate):
        services.approve_break_glass(
            email=email, seen=factories.seen(email), ticked=SECTIONS, reason="x", by=operator,
            now=NOW + dt.timedelta(days=3),
        )  # fmt: skip
    factories.make_revision(email, factories.make_draft(subject="Kite 2.4.0, by an operator"), author=operator)
    with pytest.raises(ReviewRefused, match="edited it last"):
        services.approve_break_glass(
            email=email, seen=factories.seen(email), ticked=SECTIONS, reason="x", by=operator, now=NOW
        )
    assert not Approval.objects.exists()


# --- still true, back to draft, times ---


def test_still_true_approves_the_same_bytes_on_the_new_facts(email: CampaignEmail, release_manager: Any) -> None:
    first = approve(email, release_manager)
    moved_note(email)
    void_unfit(now=NOW)
    email.refresh_from_db()
    assert email.state == "held"
    shown = factories.seen(email)
    with pytest.raises(ReviewRefused, match="Say why"):
        services.still_true(email=email, seen=shown, reason=" ", by=release_manager, now=NOW)
    again = services.still_true(
        email=email, seen=shown, reason="Printing is told in the next mail.", by=release_manager, now=NOW
    )
    assert email.state == "approved"
    assert again.rendition_id == first.rendition_id
    assert again.sections["still_true"]["reason"] == "Printing is told in the next mail."
    assert again.sections["still_true"]["changes"] == ["The release note of KITE-1 changed."]
    assert selectors.approval_problem(email, NOW) == ""


def test_still_true_before_the_timetable_noticed(email: CampaignEmail, release_manager: Any) -> None:
    approve(email, release_manager)
    moved_note(email)
    services.still_true(email=email, seen=factories.seen(email), reason="Yes.", by=release_manager, now=NOW)
    assert void_unfit(now=NOW) == 0
    assert (email.state, Approval.objects.filter(voided_at__isnull=True).count()) == ("approved", 1)


def test_still_true_is_not_for_other_holds_texts_times_or_people(
    email: CampaignEmail, marketer: Any, release_manager: Any
) -> None:
    approve(email, release_manager)

    def say(by: Any = release_manager) -> None:
        services.still_true(email=email, seen=factories.seen(email), reason="Yes.", by=by, now=NOW)

    with pytest.raises(ReviewRefused, match="No sentence"):
        say()
    planning.hold_email(email=email, why="The lawyer reads it.", by=release_manager, now=NOW)
    moved_note(email)
    void_unfit(now=NOW)
    email.refresh_from_db()
    with pytest.raises(ReviewRefused, match="another reason: The lawyer reads it"):
        say()
    with pytest.raises(PermissionDenied):
        say(marketer)
    CampaignEmail.objects.filter(pk=email.pk).update(held_by_approval=True)
    Approval.objects.update(void_reason="The facts changed after the approval: x")
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=NOW + dt.timedelta(days=4))
    with pytest.raises(ReviewRefused, match="time or its audience changed"):
        say()
    email.refresh_from_db()
    assert email.state == "held"


def test_a_held_email_goes_back_to_draft_in_one_step(email: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    approve(email, release_manager)
    planning.hold_email(email=email, why="Wait.", by=release_manager, now=NOW)
    with pytest.raises(PermissionDenied):
        services.back_to_draft(email=email, why="", by=marketer, now=NOW)
    services.back_to_draft(email=email, why="Say it better.", by=release_manager, now=NOW)
    assert email.state == "drafted"
    assert selectors.valid_approval(email) is None


def test_one_click_chooses_a_time(email: CampaignEmail, sign_in: SignIn) -> None:
    browser = sign_in("Marketer")
    before = timezone.now()
    answer = browser.post(reverse("review:set_time", args=[email.pk]), {"moment": "5-minutes"}, follow=True)
    assert "The new time is set." in answer.text
    email.refresh_from_db()
    assert email.send_at is not None
    assert dt.timedelta(minutes=4, seconds=59) <= email.send_at - before <= dt.timedelta(minutes=6, seconds=30)
    day = (before + dt.timedelta(days=3)).date().isoformat()
    typed = {f"email-{email.pk}-day": day, f"email-{email.pk}-time": "07:30", "moment": ""}
    browser.post(reverse("review:set_time", args=[email.pk]), typed)
    email.refresh_from_db()
    assert email.send_at.date().isoformat() == day
    answer = browser.post(reverse("review:set_time", args=[email.pk]), {"moment": "", f"email-{email.pk}-day": "x"})
    assert answer.status_code == 422


def test_quick_times_keep_the_wall_clock_of_the_product() -> None:
    friday = dt.datetime(2026, 10, 23, 12, 0, 30, tzinfo=dt.UTC)  # the clocks go back on Sunday
    found = {moment.name: moment.at for moment in times.moments(friday, "Europe/Berlin")}
    assert found["5-minutes"] == dt.datetime(2026, 10, 23, 12, 6, tzinfo=dt.UTC)
    assert found["tomorrow"] == dt.datetime(2026, 10, 24, 8, 0, tzinfo=dt.UTC)
    assert found["monday"] == dt.datetime(2026, 10, 26, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("verb", "data", "state"),
    [("hold", {"why": "Wait."}, "held"), ("cancel", {"why": "Not needed."}, "cancelled"), ("hold", {}, "in_review")],
)
def test_hold_and_cancel_on_the_page_need_a_reason(
    email: CampaignEmail, sign_in: SignIn, verb: str, data: dict[str, str], state: str
) -> None:
    CampaignEmail.objects.update(send_at=timezone.now() + dt.timedelta(days=1))
    browser = sign_in("Release manager")
    assert sign_in("Marketer").post(reverse(f"review:{verb}", args=[email.pk]), {"why": "x"}).status_code == 403
    answer = browser.post(reverse(f"review:{verb}", args=[email.pk]), data, headers=HTMX)
    assert answer.status_code == (200 if data else 422)
    email.refresh_from_db()
    assert email.state == state
    if state == "held":
        browser.post(reverse("review:resume", args=[email.pk]))
        email.refresh_from_db()
        assert email.state == "in_review"


# --- corrections ---


def sent(email: CampaignEmail, *, accepted: int) -> None:
    """As if it had been sent: so many accepted, the rest failed."""
    batch = Batch.objects.create(email=email, state="done", not_before=NOW)
    for number, contact in enumerate(audience_rule(email).people().order_by("pk")):
        state = "accepted" if number < accepted else "failed"
        Message.objects.create(
            email=email, contact=contact, batch=batch, address=contact.email, state=state, changed_at=NOW
        )
    CampaignEmail.objects.filter(pk=email.pk).update(state="sent")
    email.refresh_from_db()


def test_a_correction_goes_to_exactly_those_who_received_the_mail_and_stops_the_series(
    email: CampaignEmail, release_manager: Any, settings: Any
) -> None:
    sent(email, accepted=3)
    received = set(Contact.objects.filter(messages__state="accepted").values_list("pk", flat=True))
    other = factories.make_approved_email(email.campaign, step="reminder")
    planning.finish_campaign(campaign=email.campaign, now=NOW)
    correction = services.correct(email=email, by=release_manager, now=NOW)
    assert services.correct(email=email, by=release_manager, now=NOW) == correction, "twice is once"
    other.refresh_from_db()
    assert other.state == "cancelled"
    assert selectors.valid_approval(other) is None
    correction = CampaignEmail.objects.select_related("campaign__release__product").get(pk=correction.pk)
    assert (correction.state, correction.campaign.state, correction.send_at) == ("drafted", "active", None)
    assert str(correction).endswith("Correction of the announcement")
    # Whoever joins the lists later gets none of it.
    factories.make_contacts(2, product=email.campaign.release.product, contact_list=email.campaign.lists.get())
    assert set(audience_rule(correction).people().values_list("pk", flat=True)) == received
    planning.set_send_at(email=correction, send_at=NOW + dt.timedelta(hours=1), by=release_manager, now=NOW)
    services.submit(email=correction, by=release_manager, now=NOW)
    approval = approve(correction, release_manager)
    assert approval.sections["audience"]["planned"] == 3
    assert approval.sections["audience"]["received"] == str(email)
    planning.set_lists(campaign=email.campaign, lists=[], by=release_manager, now=NOW)
    correction.refresh_from_db()
    assert correction.state == "approved", "the lists are not its audience"
    assert selectors.approval_problem(correction, NOW) == ""
    CampaignEmail.objects.filter(pk=correction.pk).update(state="sending")
    correction.refresh_from_db()
    assert prepare(email=correction, now=NOW) == 3
    assert set(correction.messages.values_list("contact_id", flat=True)) == received


def test_a_correction_pauses_what_is_being_sent_and_says_so_before(
    email: CampaignEmail, release_manager: Any, sign_in: SignIn
) -> None:
    sent(email, accepted=3)
    sending = factories.make_approved_email(email.campaign, step="reminder", state="sending")
    factories.make_email(email.campaign, step="follow_up", state="drafted")
    page = sign_in("Release manager").get(email.get_absolute_url()).text
    for said in ("goes to the 3 people", "Cancelled: follow-up, drafted", "Paused in mid-send: reminder"):
        assert said in page
    services.correct(email=email, by=release_manager, now=NOW)
    sending.refresh_from_db()
    assert (sending.state, sending.state_reason) == ("paused", "Announcement needs a correction.")
    assert selectors.valid_approval(sending) is not None, "whoever looks at it may let it go on"


def said(revision: Any, kind: str) -> list[str]:
    """The sentences of a block, as the text holds them."""
    return [each.text for each in text_of(revision).block(kind)]


def renewed(email: CampaignEmail, **release: Any) -> None:
    """Jira changes the release record."""
    after = copy.deepcopy(factories.FACTS)
    after["release"] |= release
    factories.make_snapshot(email.campaign.release, after)


@pytest.mark.parametrize(
    ("release", "told"),
    [
        ({"release_date": "2099-12-14"}, "The date has changed: Kite 2.4.0 will be released on 14 December 2099."),
        ({"release_date": None}, "The date has changed: Kite 2.4.0 is planned and its release date will follow."),
        (
            {"release_date": "2026-11-02", "released": True},
            "The date has changed: Kite 2.4.0 has been available since 2 November 2026.",
        ),
        ({"name": "2.5.0"}, "The version has changed: this release is Kite 2.5.0."),
    ],
)
def test_a_correction_says_what_holds_of_the_release_now(
    email: CampaignEmail, release_manager: Any, release: dict[str, Any], told: str
) -> None:
    sent(email, accepted=5)
    renewed(email, **release)
    correction = services.correct(email=email, by=release_manager, now=NOW)
    text = correction.revisions.get()
    name = f"Kite {release.get('name', '2.4.0')}"
    assert said(text, "intro") == [
        f"One thing in our last mail about {name} has changed.", told, "All else in our last mail is as we wrote it."
    ]  # fmt: skip
    assert [block["kind"] for block in text.blocks] == ["intro"]
    assert text.subject == f"Correction: what changed in {name}"
    assert text.why == "Only what Jira changed since: the release."
    assert not [found for found in preflight.run(correction, text, NOW) if found.blocking]


def test_a_correction_of_the_date_renews_what_else_named_it(email: CampaignEmail, release_manager: Any) -> None:
    lines = ("Please plan the update before 25 November.", "We will write again on 25 November 2099.")
    factories.make_revision(email, factories.make_draft().with_block("action", tuple(map(Sentence, lines))))
    sent(email, accepted=5)
    after = copy.deepcopy(factories.FACTS)
    after["release"]["release_date"] = "2099-12-14"
    after["issues"][0]["note"] = "Calendars can now be exported as iCalendar files, and printed."
    factories.make_snapshot(email.campaign.release, after)
    correction = services.correct(email=email, by=release_manager, now=NOW)
    text = correction.revisions.get()
    assert said(text, "intro")[0] == "Some things in our last mail about Kite 2.4.0 have changed."
    assert said(text, "action") == ["Please plan the update before 14 December."]
    assert said(text, "highlights") == ["Calendars can then be exported as iCalendar files, and printed."]
    assert text.why == "Only what Jira changed since: the release, KITE-1."
    assert not [found for found in preflight.run(correction, text, NOW) if found.blocking]


def test_a_new_version_takes_the_place_of_the_old_one_and_of_no_part_of_another() -> None:
    old, new = (Facts.from_json({"release": {"name": name}}) for name in ("2.1", "2.2"))
    renewed = correcting._renewed("Kite 2.1 needs driver 2.1.4 or 12.1, and 2.1.", old, new)
    assert renewed == "Kite 2.2 needs driver 2.1.4 or 12.1, and 2.2."


def test_a_date_that_only_the_template_showed_is_corrected_too(email: CampaignEmail, release_manager: Any) -> None:
    email.campaign.release.release_date = dt.date(2099, 11, 25)
    email.campaign.release.save()
    plain = factories.make_draft(subject="Kite 2.4.0: what changes").with_block("intro", ())
    factories.make_revision(email, plain)
    approve(email, release_manager)
    shown = email.approvals.get().rendition
    assert shown is not None
    assert "25 November 2099" in shown.text
    sent(email, accepted=5)
    renewed(email, release_date="2099-12-14")
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert "The date has changed: Kite 2.4.0 will be released on 14 December 2099." in said(text, "intro")
    assert text.subject == "Correction: Kite 2.4.0: what changes"


def test_what_a_correction_cannot_tell_it_leaves_to_a_person(email: CampaignEmail, release_manager: Any) -> None:
    sent(email, accepted=5)
    after = copy.deepcopy(factories.FACTS)
    del after["issues"][0]
    factories.make_snapshot(email.campaign.release, after)
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert said(text, "intro") == ["One thing in our last mail about Kite 2.4.0 has changed."]
    assert text.why.endswith("Say by hand what became of KITE-1.")


def test_a_correction_of_the_whole_promises_nothing_of_the_series_that_it_stops(
    email: CampaignEmail, release_manager: Any
) -> None:
    stays = ("If you have questions, reply to this e-mail and a person will answer.", "Thank you for your time.")
    goes = ("We will send a reminder shortly before the release.", "This is our first message about this release.")
    closing = tuple(map(Sentence, (goes[0], *stays, goes[1])))
    factories.make_revision(email, factories.make_draft().with_block("closing", closing))
    sent(email, accepted=5)
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert said(text, "intro") == ["Please read this mail instead of our last one about Kite 2.4.0."]
    assert said(text, "closing") == list(stays)
    assert said(text, "breaking"), "a whole repeat leaves nothing out"


def test_a_correction_says_only_what_jira_changed(email: CampaignEmail, release_manager: Any) -> None:
    sent(email, accepted=5)
    moved_note(email)
    correction = services.correct(email=email, by=release_manager, now=NOW)
    text = correction.revisions.get()
    assert text.subject.startswith("Correction: Kite 2.4.0")
    assert [block["kind"] for block in text.blocks] == ["intro", "highlights"]
    assert said(text, "intro") == [
        "One thing in our last mail about Kite 2.4.0 has changed.",
        "Please read the following instead of what we wrote about it; all else is as we wrote it.",
    ]
    assert text.preheader == "One change since our last mail."
    assert text.blocks[1]["sentences"] == [
        {"text": "Calendars can then be exported as iCalendar files, and printed.", "keys": ["KITE-1"]}
    ]
    assert not [found for found in preflight.run(correction, text, NOW) if found.blocking]


def summaries(email: CampaignEmail, changed: dict[int, str]) -> None:
    """Jira has issues without notes, some of them with another summary than before."""
    after = copy.deepcopy(factories.FACTS)
    for place, issue in enumerate(after["issues"]):
        issue |= {"note": "", "summary": changed.get(place, issue["summary"])}
    factories.make_snapshot(email.campaign.release, after)


def test_a_correction_tells_what_changed_since_the_approval_and_nothing_older(release_manager: Any) -> None:
    email = factories.make_email(factories.make_campaign(contacts=5), state="in_review")
    summaries(email, {})
    lines = {
        "highlights": ("New: Add calendar export.", "KITE-1"),
        "breaking": ("Will change: Remove the v1 API.", "KITE-3"),
        "fixes": ("Will be fixed: Upload of files over 2 GB fails.", "KITE-2"),
    }  # fmt: skip
    text = factories.make_draft()
    for kind, (line, key) in lines.items():
        text = text.with_block(kind, (Sentence(line, (key,)),))
    revision = factories.make_revision(email, text)
    revision.snapshot = email.campaign.release.snapshots.latest("number")
    revision.save(update_fields=["snapshot"])
    approve(email, release_manager)
    summaries(email, {0: "Add calendar exports"})
    services.still_true(
        email=email, seen=factories.seen(email), reason="The same in other words.", by=release_manager, now=NOW
    )
    sent(email, accepted=5)
    summaries(email, {0: "Add calendar exports", 1: "Upload of files over 3 GB fails"})
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert text.why == "Only what Jira changed since: KITE-2."
    assert [block["kind"] for block in text.blocks] == ["intro", "fixes"]
    # Its readers do not have the release yet, so nothing of it is fixed.
    [fix] = said(text, "fixes")
    assert "3 GB" in fix
    assert "will" in fix.lower()


def test_a_new_correction_is_compared_with_the_mail_that_was_sent(
    email: CampaignEmail, release_manager: Any, sign_in: SignIn
) -> None:
    sent(email, accepted=5)
    moved_note(email)
    correction = services.correct(email=email, by=release_manager, now=NOW)
    page = sign_in("Release manager").get(correction.get_absolute_url())
    assert page.context["desk"].compared == "sent"
    assert "The mail that was sent" in page.text
    assert page.context["desk"].difference


@pytest.mark.parametrize("late", [False, True])
def test_what_is_held_is_given_back_while_its_time_lies_ahead_with_one_first_step(
    email: CampaignEmail, release_manager: Any, sign_in: SignIn, late: bool
) -> None:
    now = timezone.now()
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=now + dt.timedelta(days=-1 if late else 1))
    email.refresh_from_db()
    if not late:
        approve(email, release_manager, now=now)
        moved_note(email)
        void_unfit(now=now)
        email.refresh_from_db()
        assert email.held_by_approval
    else:
        planning.move(email=email, to="held", by=None, why="Its moment has passed.", now=now)
    browser = sign_in("Release manager")
    page = browser.get(email.get_absolute_url()).text
    standing = page[page.index('id="standing"') :].partition("</section>")[0]
    assert standing.count("primary") == (0 if late else 1)
    assert ("Choose a new time first" in standing) is late
    if late:
        assert browser.post(reverse("review:resume", args=[email.pk])).status_code == 422
        answer = browser.post(reverse("review:set_time", args=[email.pk]), {"moment": "tomorrow"}, follow=True)
        assert "The new time is set. It is no longer held: in review." in answer.text


def test_a_correction_leaves_out_what_it_would_say_in_the_same_words(
    email: CampaignEmail, release_manager: Any
) -> None:
    sent(email, accepted=5)
    after = copy.deepcopy(factories.FACTS)
    # The mail told the first sentence only, which stands as it was.
    after["issues"][1]["note"] += " Support knows more about it."
    after["issues"][2]["note"] = "The v1 API is removed. Move calls to v3 before you update."
    factories.make_snapshot(email.campaign.release, after)
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert text.why == "Only what Jira changed since: KITE-3."
    assert said(text, "fixes") == []
    assert said(text, "breaking") == ["The v1 API will be removed.", "Move calls to v3 before you update."]


def test_when_no_words_of_the_mail_change_its_correction_says_that_a_person_has_to(
    email: CampaignEmail, release_manager: Any
) -> None:
    sent(email, accepted=5)
    after = copy.deepcopy(factories.FACTS)
    after["issues"][1]["note"] += " Support knows more about it."
    factories.make_snapshot(email.campaign.release, after)
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert text.why.endswith("Jira changed nothing under it, so a person says what is wrong.")


def test_what_was_reopened_is_not_told_as_before(email: CampaignEmail, release_manager: Any) -> None:
    sent(email, accepted=5)
    before = email.revisions.get().snapshot
    for issue in before.facts["issues"]:
        issue["done"] = True
    before.save(update_fields=["facts"])
    after = copy.deepcopy(before.facts)
    after["issues"][1] |= {"done": False, "status": "Reopened"}
    factories.make_snapshot(email.campaign.release, after)
    text = services.correct(email=email, by=release_manager, now=NOW).revisions.get()
    assert said(text, "fixes") == []
    assert text.why.endswith("Say by hand what became of KITE-2.")


def test_what_nobody_received_or_has_not_ended_is_not_corrected(
    email: CampaignEmail, marketer: Any, operator: Any, release_manager: Any
) -> None:
    with pytest.raises(ReviewRefused, match="while it is sent or cancelled"):
        services.correct(email=email, by=release_manager, now=NOW)
    sent(email, accepted=0)
    with pytest.raises(ReviewRefused, match="Nobody received it"):
        services.correct(email=email, by=release_manager, now=NOW)
    with pytest.raises(PermissionDenied):
        services.correct(email=email, by=marketer, now=NOW)
    with pytest.raises(ReviewRefused, match="right to edit"):
        services.correct(email=email, by=operator, now=NOW)
    assert CampaignEmail.objects.count() == 1


def test_a_correction_is_not_offered_for_what_nobody_received(
    email: CampaignEmail, release_manager: Any, sign_in: SignIn
) -> None:
    never = factories.make_email(email.campaign, step="follow_up", state="cancelled")
    sent(email, accepted=0)
    for gone in (never, email):
        page = sign_in("Release manager").get(gone.get_absolute_url()).text
        assert "Draft a correction" not in page
        assert "Nobody received it, so there is nobody to correct it for." in page
        with pytest.raises(ReviewRefused, match="Nobody received it"):
            services.correct(email=gone, by=release_manager, now=NOW)
    Message.objects.update(state="accepted")
    assert "Draft a correction" in sign_in("Release manager").get(email.get_absolute_url()).text


@pytest.mark.parametrize("role", ["Marketer", "Operator"])
def test_who_may_not_correct_reads_who_may(email: CampaignEmail, sign_in: SignIn, role: str) -> None:
    sent(email, accepted=3)
    browser = sign_in(role)
    page = browser.get(email.get_absolute_url()).text
    assert "Draft a correction" not in page
    assert "A correction is drafted by somebody with the role Release manager." in page
    Message.objects.update(state="failed")
    assert "Nobody received it" in browser.get(email.get_absolute_url()).text


def test_an_ended_campaign_is_not_let_go_on_by_hand(email: CampaignEmail, release_manager: Any) -> None:
    from campaigns.states import MoveRefused

    planning.cancel_campaign(campaign=email.campaign, why="Off.", by=release_manager, now=NOW)
    with pytest.raises(MoveRefused):
        planning.resume_campaign(campaign=email.campaign, by=release_manager, now=NOW)


# --- kept for a person ---


def test_an_issue_is_left_out_with_a_reason_and_taken_back(email: CampaignEmail, sign_in: SignIn) -> None:
    factories.make_revision(email, factories.make_draft().with_block("fixes", ()))
    browser, address = sign_in("Marketer"), reverse("review:leave_out", args=[email.pk])
    assert browser.post(address, {"key": "KITE-2", "reason": " "}).status_code == 422
    assert browser.post(address, {"key": "KITE-99", "reason": "x"}).status_code == 422
    page = browser.post(address, {"key": "KITE-2", "reason": "Told <b>later</b>."}, follow=True).text
    assert "Told &lt;b&gt;later&lt;/b&gt;." in page
    assert LeftOut.objects.get().key == "KITE-2"
    browser.post(address, {"key": "KITE-2", "again": "1"})
    assert not LeftOut.objects.exists()


def test_what_changed_since_i_last_looked(email: CampaignEmail, sign_in: SignIn) -> None:
    mine, hers = sign_in("Marketer"), sign_in("Release manager")
    page = email.get_absolute_url()
    assert "Since you last looked" not in mine.get(page).text
    factories.make_revision(email, factories.make_draft(subject="Kite 2.4.0 arrives on 25 November"))
    for _ in range(2):  # looking twice does not make it go
        shown = mine.get(page, {"against": "looked"}).text
        assert "Since you last looked" in shown and "<ins>arrives</ins>" in shown
    assert "Since you last looked" not in hers.get(page).text


def test_the_text_is_compared_with_the_same_step_of_the_last_release(email: CampaignEmail, sign_in: SignIn) -> None:
    release = factories.make_release(email.campaign.release.product, name="2.3.0")
    before = factories.make_campaign(release)
    type(before).objects.filter(pk=before.pk).update(created_at=NOW - dt.timedelta(days=90))
    last = factories.make_email(before, state="sent")
    factories.make_revision(last, factories.make_draft(subject="Kite 2.3.0 is coming on 25 November"))
    page = sign_in("Marketer").get(email.get_absolute_url(), {"against": "release"}).text
    assert "Announcement of 2.3.0" in page
    assert "<del>2.3.0</del>" in page and "<ins>2.4.0</ins>" in page


def test_words_that_were_not_saved_wait_on_the_server_for_their_author_alone(
    email: CampaignEmail, sign_in: SignIn
) -> None:
    mine, hers = sign_in("Marketer"), sign_in("Marketer")
    typed = Typed.of(factories.make_draft(subject="</script><b>Half a"), 1).to_json()
    address = reverse("review:keep", args=[email.pk])
    assert mine.post(address, {**typed, "based_on": 1}).status_code == 204
    assert email.revisions.count() == 1
    page = mine.get(email.get_absolute_url()).text
    assert "data-kept-text=" in page and "</script><b>" not in page
    assert "data-kept-text=" not in hers.get(email.get_absolute_url()).text
    assert mine.post(address, {"subject": "x" * 300_000}).status_code == 422
    mine.post(reverse("review:edit", args=[email.pk]), {**typed, "based_on": 1, "take_over": "1"})
    assert not KeptText.objects.exists(), "saved, so nothing waits any more"


def test_a_submission_asks_once_about_words_that_the_author_typed_and_did_not_save(
    email: CampaignEmail, marketer: Any, sign_in: SignIn
) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state="drafted")
    mine, hers = sign_in("Marketer"), sign_in("Marketer")
    typed = {**Typed.of(factories.make_draft(), 1).to_json(), "subject": "Half a subject", "based_on": 1}
    mine.post(reverse("review:keep", args=[email.pk]), typed)
    answer = mine.post(reverse("review:submit", args=[email.pk]), {"based_on": 1, "note": "Please look."})
    assert answer.status_code == 422
    assert "is not saved" in answer.text and "Submit revision 1 without it" in answer.text
    assert 'value="Half a subject"' in answer.text, "what was typed stands in the fields again, without a script too"
    assert "Please look.</textarea>" in answer.text
    email.refresh_from_db()
    assert email.state == "drafted"
    mine.post(reverse("review:submit", args=[email.pk]), {"based_on": 1, "without": "1"})
    email.refresh_from_db()
    assert email.state == "in_review"
    assert KeptText.objects.get().fields["subject"] == "Half a subject", "left out, not thrown away"
    # What another person typed is no matter of hers, and what says the same as the saved text is nothing to ask about.
    CampaignEmail.objects.filter(pk=email.pk).update(state="drafted")
    assert hers.post(reverse("review:submit", args=[email.pk]), {"based_on": 1}).status_code == 302
    CampaignEmail.objects.filter(pk=email.pk).update(state="drafted")
    KeptText.objects.update(fields={**KeptText.objects.get().fields, "subject": factories.make_draft().subject})
    assert mine.post(reverse("review:submit", args=[email.pk]), {"based_on": 1}).status_code == 302


def test_who_writes_hears_of_a_newer_text_and_who_only_looks_holds_nothing(
    email: CampaignEmail, sign_in: SignIn
) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state="drafted")
    mine, hers = sign_in("Marketer"), sign_in("Marketer")
    address = reverse("review:lock", args=[email.pk])
    assert "X-Newer" not in mine.post(address, {"based_on": 1}).headers
    typed = {**Typed.of(factories.make_draft(subject="What she wrote"), 1).to_json(), "based_on": 1, "take_over": "1"}
    assert hers.post(reverse("review:edit", args=[email.pk]), typed).status_code == 302
    assert "saved%20revision%202" in mine.post(address, {"based_on": 1, "look": "1"}).headers["X-Newer"]
    email.refresh_from_db()
    assert email.locked_by is None
    assert "X-Newer" not in mine.post(address, {"based_on": 2}).headers
    # Saved all the same: their text stands there whole, and what was typed is kept on the server.
    answer = mine.post(reverse("review:edit", args=[email.pk]), {**typed, "subject": "What he wrote", "take_over": ""})
    assert answer.status_code == 422 and "Use theirs" in answer.text
    assert KeptText.objects.get().fields["subject"] == "What he wrote"


# --- preflight ---


def rules(email: CampaignEmail) -> dict[str, list[str]]:
    revision = email.revisions.order_by("-number").first()
    assert revision is not None
    found: dict[str, list[str]] = {}
    for finding in preflight.run(CampaignEmail.objects.get(pk=email.pk), revision, NOW):
        found.setdefault(finding.rule, []).append(finding.message)
    return found


def test_the_laws_of_the_countries_are_asked_once_the_audience_is_counted(email: CampaignEmail) -> None:
    assert "laws" not in rules(email)
    counts.count_now(email=email, now=NOW)
    assert "The country of 5 people is not known" in rules(email)["laws"][0]
    Client.objects.update(country="CA")
    Subscription.objects.update(basis="legitimate_interest")
    counts.count_now(email=email, now=NOW)
    assert "5 people in Canada are mailed on legitimate interest" in rules(email)["laws"][0]
    product = email.campaign.release.product
    type(product).objects.update(website="", reply_to="")
    assert any("has to name a telephone number" in message for message in rules(email)["laws"])
    Client.objects.update(country="DE")
    Subscription.objects.update(basis="consent", proof="")
    counts.count_now(email=email, now=NOW)
    assert "5 people in Europe are mailed on consent of which no proof is kept" in rules(email)["laws"][0]
    Subscription.objects.update(proof="Form of 3 May")
    counts.count_now(email=email, now=NOW)
    assert "laws" not in rules(email)


@pytest.mark.parametrize("colour", ["#ffff00", "#101010", "#777777", "#1f5fbf"])
def test_our_templates_can_be_read_in_light_and_dark_with_any_brand_colour(email: CampaignEmail, colour: str) -> None:
    product = email.campaign.release.product
    type(product).objects.update(brand_colour=colour)
    assert "contrast" not in rules(email)


def test_words_that_are_hard_to_read_are_found_in_light_and_in_dark() -> None:
    page = """<style>@media (prefers-color-scheme: dark) {
        .paper, .paper > table { background-color: #111111 !important; }
        .ink > div { color: #eeeeee !important; } }</style>
        <div class="paper" style="background:#ffffff"><table><tr>
        <td class="ink"><div style="color:#222222">Fine</div></td>
        <td><div style="color:#cccccc">Pale</div></td>
        <td><div style="color:#333333">Sunk</div></td></tr></table></div>"""
    assert [each.words for each in dim(page)] == ["Pale"]
    assert [each.words for each in dim(page, dark=True)] == ["Sunk"]


def test_the_seed_list_gets_a_test_each(email: CampaignEmail, marketer: Any) -> None:
    with pytest.raises(ReviewRefused, match="no seed address"):
        services.send_test_to_seeds(email=email, by=marketer, now=NOW)
    SeedAddress.objects.create(address="seed@mailbox.example")
    SeedAddress.objects.create(address="other@provider.example", product=email.campaign.release.product)
    SeedAddress.objects.create(address="not@this.example", product=factories.make_product())
    went = services.send_test_to_seeds(email=email, by=marketer, now=NOW)
    assert went == ["other@provider.example", "seed@mailbox.example"]
    assert [(mail.to, mail.subject[:6]) for mail in outbox.outbox] == [([to], "[Test]") for to in went]


def test_the_button_of_the_seed_list_switches_itself_off_while_it_works(email: CampaignEmail, sign_in: SignIn) -> None:
    SeedAddress.objects.create(address="seed@mailbox.example")
    page = sign_in("Marketer").get(email.get_absolute_url()).text
    button = re.search(r"<button[^>]*send_test_to_seeds[^>]*>|<button[^>]*seeds/[^>]*>", page)
    assert button is not None
    assert 'hx-disabled-elt="this"' in button[0], "what the form says of its buttons finds none inside a button"


# --- what the page asks and no longer asks ---


def test_a_submission_counts_an_audience_that_nobody_counted_so_that_its_laws_are_shown(
    email: CampaignEmail, marketer: Any, sign_in: SignIn
) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state="drafted")
    with pytest.raises(PermissionDenied):
        services.submit(email=email, by=factories.make_user("Operator"), now=NOW)
    assert counts.kept(email) is None
    services.submit(email=email, by=marketer, now=NOW)
    assert counts.kept(email) is not None
    shown = sign_in("Release manager").get(email.get_absolute_url()).text
    assert "so nobody can say which mail law holds for them" in shown


def test_what_is_out_asks_for_no_check_and_no_approval(
    email: CampaignEmail, release_manager: Any, sign_in: SignIn
) -> None:
    approve(email, release_manager)
    moved_note(email)
    browser = sign_in("Release manager")
    shown = browser.get(email.get_absolute_url()).text
    assert "The approval no longer fits." in shown and 'id="checks"' in shown
    for state in ("sent", "cancelled"):
        CampaignEmail.objects.filter(pk=email.pk).update(state=state, started_at=NOW)
        shown = browser.get(email.get_absolute_url()).text
        assert "The approval no longer fits." not in shown
        assert 'id="checks"' not in shown and 'class="sentence warning"' not in shown
        assert "a correction goes to exactly those who received it" in shown
