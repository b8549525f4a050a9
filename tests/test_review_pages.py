"""The pages of the review room: for each role, with and without htmx, with everything typed kept."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.drafting.text import Sentence
from campaigns.models import (
    Approval,
    CampaignEmail,
    Client,
    Comment,
    Contact,
    Revision,
    Subscription,
    Transition,
    Waiver,
)
from campaigns.review import counts, selectors, services
from campaigns.review.refusals import ReviewRefused
from campaigns.review.sections import SECTIONS
from campaigns.review.services.watching import void_unfit
from campaigns.review.typed import Typed
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Browser]
HTMX = {"HX-Request": "true", "HX-Target": "desk"}


@pytest.fixture
def email() -> CampaignEmail:
    """A drafted e-mail for tomorrow by the real clock, because the pages look at it."""
    email = factories.make_email(
        factories.make_campaign(contacts=3), state="drafted", send_at=timezone.now() + dt.timedelta(days=1)
    )
    factories.make_revision(email)
    return email


def to(name: str, email: CampaignEmail, *more: Any) -> str:
    return reverse(f"review:{name}", args=[email.pk, *more])


def form(text: Any, based_on: int) -> dict[str, Any]:
    typed = Typed.of(text, based_on)
    fields = {f"block-{kind}": lines for kind, lines in typed.blocks.items()}
    return {"subject": typed.subject, "preheader": typed.preheader, "based_on": based_on, **fields}


@pytest.mark.parametrize("role", ["Marketer", "Release manager", "Operator"])
def test_every_role_sees_the_page_and_the_list(sign_in: SignIn, email: CampaignEmail, role: str) -> None:
    browser = sign_in(role)
    page = browser.get(to("email", email)).content.decode()
    for words in ("Kite 2.4.0 is coming on 25 November", "KITE-1", "The mail", "Checks", "Talk", "History"):
        assert words in page
    assert browser.get(reverse("review:waiting")).status_code == 200
    assert "Will be sent" in browser.get(to("audience", email)).content.decode()


def test_without_a_role_the_pages_say_which_is_needed(sign_in: SignIn, email: CampaignEmail) -> None:
    browser = sign_in("")
    for address in (to("email", email), to("preview", email), to("audience", email), reverse("review:waiting")):
        answer = browser.get(address)
        assert answer.status_code == 403
        assert "role" in answer.content.decode()


def test_without_a_session_the_pages_ask_for_a_log_in(email: CampaignEmail) -> None:
    for name in ("email", "preview", "audience"):
        assert Browser().get(to(name, email)).status_code == 302
    assert Browser().post(to("approve", email)).status_code == 302


def test_an_email_that_is_not_there_is_a_404(sign_in: SignIn) -> None:
    assert sign_in("Marketer").get(reverse("review:email", args=[999_999])).status_code == 404


VERBS = [
    "edit", "redraft", "submit", "request_changes", "approve", "withdraw", "waive", "send_test", "lock", "comment",
    "send_test_to_seeds", "still_true", "set_time", "keep", "leave_out", "check_links",
]  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_done_by_get(sign_in: SignIn, email: CampaignEmail, verb: str) -> None:
    assert sign_in("Release manager").get(to(verb, email)).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", ["Operator", ""])
def test_who_may_not_is_refused_and_nothing_changes(
    sign_in: SignIn, email: CampaignEmail, verb: str, role: str
) -> None:
    if verb in ("request_changes", "approve", "withdraw", "still_true"):
        CampaignEmail.objects.filter(pk=email.pk).update(state="in_review")
    data = form(factories.make_draft(subject="Kite 2.4.0 arrives on 25 November"), 1)
    data |= dict.fromkeys(("body", "comment", "fingerprint", "reason"), "x")
    data |= {"ticked": list(SECTIONS), **factories.seen_fields(email), "to": "x@company.example", "block": ""}
    before = CampaignEmail.objects.values().get(pk=email.pk)
    answer = sign_in(role).post(to(verb, email), data)
    assert answer.status_code == 403
    assert "role" in answer.content.decode()
    assert CampaignEmail.objects.values().get(pk=email.pk) == before
    assert (Revision.objects.count(), Comment.objects.count(), Approval.objects.count()) == (1, 0, 0)


def test_a_marketer_is_refused_the_decision(sign_in: SignIn, email: CampaignEmail) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state="in_review")
    browser = sign_in("Marketer")
    answer = browser.post(to("approve", email), {"ticked": list(SECTIONS), **factories.seen_fields(email)})
    assert answer.status_code == 403
    assert "Release manager" in answer.content.decode()
    assert "Needs the right to approve" in browser.get(to("email", email)).content.decode()


@pytest.mark.parametrize("htmx", [False, True])
def test_the_whole_way_by_forms(sign_in: SignIn, email: CampaignEmail, htmx: bool) -> None:
    marketer, manager = sign_in("Marketer"), sign_in("Release manager")
    headers = HTMX if htmx else {}

    def post(browser: Browser, verb: str, **data: Any) -> str:
        answer = browser.post(to(verb, email), data, headers=headers, follow=not htmx)
        assert answer.status_code == 200, answer.content.decode()[:2000]
        body = answer.content.decode()
        assert ("<html" in body) is not htmx
        email.refresh_from_db()
        return body + str(answer.headers.get("HX-Trigger", ""))

    new = factories.make_draft(subject="Kite 2.4.0 arrives on 25 November")
    assert "Saved as revision 2" in post(marketer, "edit", **form(new, 1))
    assert "Nothing changed" in post(marketer, "edit", **form(new, 2))
    assert "Submitted" in post(marketer, "submit", based_on=2, note="Please look at the date.")
    assert email.state == "in_review"
    assert "Please look at the date." in post(manager, "request_changes", based_on=2, comment="Name the v2 API.")
    assert email.state == "needs_changes"
    newer = factories.make_draft(subject="Kite 2.4.0 comes on 25 November")
    post(marketer, "edit", **form(newer, 2))
    post(marketer, "submit", based_on=3)
    assert "Approved by" in post(
        manager, "approve", **factories.seen_fields(email), ticked=list(SECTIONS), comment="Good."
    )
    assert email.state == "approved"
    assert "is void since" in post(marketer, "edit", **form(new, 3))
    assert email.state == "drafted"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_conflict_shows_both_texts_and_the_next_save_goes_on_top(
    sign_in: SignIn, email: CampaignEmail, htmx: bool
) -> None:
    ada, ben = sign_in("Marketer"), sign_in("Marketer")
    ada.post(to("edit", email), form(factories.make_draft(subject="Kite 2.4.0, what Ada wrote"), 1))
    mine = form(factories.make_draft(subject="Kite 2.4.0, what Ben wrote"), 1)
    answer = ben.post(to("edit", email), mine, headers=HTMX if htmx else {})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Kite 2.4.0, what Ben wrote"' in body
    assert "<del>Ada</del>" in body and "<ins>Ben</ins>" in body
    assert 'name="based_on" value="2"' in body
    assert email.revisions.count() == 2
    ben.post(to("edit", email), {**mine, "based_on": 2})
    assert email.revisions.count() == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": ""}, "subject is empty"),
        ({"block-intro": "word " * 40_000}, "Introduction: line 1 is longer than 1000"),
        ({"block-fixes": "Fixed. \x00 [KITE-2]\n[KITE-1]"}, "says nothing"),
    ],
)
def test_what_cannot_be_saved_is_said_and_stays_in_the_fields(
    sign_in: SignIn, email: CampaignEmail, change: dict[str, str], said: str
) -> None:
    data = {**form(factories.make_draft(preheader="Words that nobody typed before."), 1), **change}
    answer = sign_in("Marketer").post(to("edit", email), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Words that nobody typed before." in answer.content.decode()
    assert email.revisions.count() == 1


def test_a_locked_text_is_kept_in_the_fields_and_saved_by_taking_over(sign_in: SignIn, email: CampaignEmail) -> None:
    services.take_lock(email=email, by=factories.make_user("Marketer"), now=timezone.now())
    browser = sign_in("Marketer")
    data = form(factories.make_draft(subject="Kite 2.4.0, what I wrote"), 1)
    assert browser.post(to("lock", email)).headers["X-Held-By"]
    answer = browser.post(to("edit", email), data)
    assert answer.status_code == 422
    assert "what I wrote" in answer.content.decode() and "Take over" in answer.content.decode()
    browser.post(to("edit", email), {**data, "take_over": "1"})
    assert email.revisions.count() == 2


def test_a_text_in_review_shows_whose_hands_it_is_in_and_is_saved_by_taking_it_back(
    sign_in: SignIn, email: CampaignEmail
) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state="in_review")
    manager = factories.make_user("Release manager", first_name="Rolf", last_name="Reader")
    reading = Browser()
    reading.force_login(manager)
    assert "In the hands of" not in reading.get(to("email", email)).content.decode()
    for role in ("Marketer", "Release manager"):
        assert "In the hands of Rolf Reader" in sign_in(role).get(to("email", email)).content.decode()
    browser, data = sign_in("Marketer"), form(factories.make_draft(subject="Kite 2.4.0, what I wrote"), 1)
    answer = browser.post(to("edit", email), data)
    assert answer.status_code == 422
    assert "what I wrote" in answer.content.decode() and "Take it back from review" in answer.content.decode()
    browser.post(to("edit", email), {**data, "take_over": "1"})
    email.refresh_from_db()
    assert (email.state, email.revisions.count()) == ("drafted", 2)


@pytest.mark.parametrize("htmx", [False, True])
def test_another_wording_of_a_block_is_proposed_and_nothing_is_saved(
    sign_in: SignIn, email: CampaignEmail, settings: Any, htmx: bool
) -> None:
    settings.OPENAI_API_KEY = ""
    typed = factories.make_draft(subject="Kite 2.4.0, what I typed").with_block("fixes", [Sentence("What I had.")])
    headers = {"HX-Request": "true", "HX-Target": "field-fixes"} if htmx else {}
    answer = sign_in("Marketer").post(to("redraft", email), {**form(typed, 1), "block": "fixes"}, headers=headers)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "[KITE-2]" in body and "What I had." in body and "By the rule-based drafter." in body
    assert ("Kite 2.4.0, what I typed" in body) is not htmx
    assert email.revisions.count() == 1


@pytest.mark.parametrize("kind", ["subject", "preheader"])
def test_another_subject_is_proposed_by_rules_beside_what_was_typed(
    sign_in: SignIn, email: CampaignEmail, kind: str
) -> None:
    typed = {**form(factories.make_draft(), 1), kind: "Half a wor", "block": kind}
    browser = sign_in("Marketer")
    part = browser.post(to("redraft", email), typed, headers={"HX-Request": "true", "HX-Target": f"field-{kind}"})
    assert part.status_code == 200 and "Written from the facts by rules." in part.text and "Half a wor" in part.text
    assert f'name="{kind}"' in part.text and "<textarea" not in part.text
    whole = browser.post(to("redraft", email), typed).text
    assert f'id="field-{kind}"' in whole and "Nothing is saved yet." in whole
    assert email.revisions.count() == 1


def test_the_first_lines_of_a_correction_are_worded_by_hand_and_a_refusal_brings_the_whole_desk(
    sign_in: SignIn, email: CampaignEmail
) -> None:
    sent = factories.make_email(email.campaign, step="reminder", state="sent", send_at=timezone.now())
    CampaignEmail.objects.filter(pk=email.pk).update(correction_of=sent)
    browser = sign_in("Marketer")
    headers = {"HX-Request": "true", "HX-Target": "field-subject"}
    answer = browser.post(
        to("redraft", email), {**form(factories.make_draft(), 1), "block": "subject"}, headers=headers
    )
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#desk")
    assert "say what it corrects" in answer.text
    offered = [line for line in browser.get(to("email", email)).text.splitlines() if 'name="block" value="' in line]
    assert offered and not any('value="subject"' in line or 'value="preheader"' in line for line in offered)


def test_what_is_too_long_to_be_kept_is_refused_whole(sign_in: SignIn, email: CampaignEmail) -> None:
    note = "Look. " * 1000
    answer = sign_in("Marketer").post(to("submit", email), {"based_on": 1, "note": note})
    assert answer.status_code == 422 and "5,999 characters; 5,000 are kept" in answer.text
    assert note.strip() in answer.text, "what was typed is still there"
    assert email.comments.count() == 0


def test_all_that_no_sentence_mentions_is_left_out_as_the_page_listed_it(sign_in: SignIn, email: CampaignEmail) -> None:
    factories.make_revision(email, factories.make_draft(blocks=()))
    fields = {"all": "1", "every": "KITE-1 KITE-3 ", "key": "KITE-2", "reason": "Not for clients."}
    sign_in("Marketer").post(to("leave_out", email), fields)
    assert sorted(email.left_out.values_list("key", flat=True)) == ["KITE-1", "KITE-3"]


def test_an_unknown_block_is_not_redrafted(sign_in: SignIn, email: CampaignEmail) -> None:
    answer = sign_in("Marketer").post(to("redraft", email), {**form(factories.make_draft(), 1), "block": "nowhere"})
    assert answer.status_code == 422
    assert "no block" in answer.content.decode()


def test_a_refused_comment_keeps_its_words(sign_in: SignIn, email: CampaignEmail) -> None:
    answer = sign_in("Marketer").post(to("comment", email), {"body": "y" * 5001})
    assert answer.status_code == 422
    assert "y" * 5001 in answer.content.decode()


def test_comments_are_made_resolved_and_opened_again(sign_in: SignIn, email: CampaignEmail) -> None:
    browser = sign_in("Marketer")
    page = browser.post(to("comment", email), {"body": "Is it true?", "block": "fixes"}, follow=True)
    assert "Is it true?" in page.content.decode()
    said = Comment.objects.get()
    assert "resolved by" in browser.post(to("resolve_comment", email, said.pk), follow=True).content.decode()
    browser.post(to("reopen_comment", email, said.pk))
    said.refresh_from_db()
    assert said.resolved_at is None
    other = factories.make_email(email.campaign, step="reminder")
    assert browser.post(to("resolve_comment", other, said.pk)).status_code == 404


def test_a_finding_is_waived_on_the_page(sign_in: SignIn, email: CampaignEmail) -> None:
    factories.make_revision(email, factories.make_draft(preheader="Short."))
    browser = sign_in("Marketer")
    fingerprint = next(f.fingerprint for f in _findings(email) if f.rule == "preheader")
    refused = browser.post(to("waive", email), {"fingerprint": fingerprint, "reason": " "})
    assert refused.status_code == 422
    page = browser.post(to("waive", email), {"fingerprint": fingerprint, "reason": "It is enough."}, follow=True)
    assert "It is enough." in page.content.decode()
    assert '<a href="#waived">1 waived</a>' in page.text
    assert page.text.split('id="waived"')[1].split("</ul>")[0].count("Waived by") == 1
    assert Waiver.objects.count() == 1


def test_findings_that_are_ticked_are_waived_for_one_reason(sign_in: SignIn, email: CampaignEmail) -> None:
    factories.make_revision(email, factories.make_draft(subject="Kite", preheader="Short."))
    ticked = [found.fingerprint for found in _findings(email) if not found.blocking]
    assert len(ticked) > 1
    browser = sign_in("Marketer")
    refused = browser.post(to("waive", email), {"fingerprint": ticked, "reason": " "}, headers=HTMX)
    assert refused.status_code == 422
    assert refused.text.count(" checked") == len(ticked), "the ticks stay"
    page = browser.post(to("waive", email), {"fingerprint": ticked, "reason": "It is enough."}, headers=HTMX)
    assert f'<a href="#waived">{len(ticked)} waived</a>' in page.text
    assert {row.reason for row in Waiver.objects.all()} == {"It is enough."}


def test_a_finding_for_release_managers_has_a_tick_for_them_alone(sign_in: SignIn, email: CampaignEmail) -> None:
    unsaid = Sentence("Calendars are now 40 percent faster.", ("KITE-1",))
    factories.make_revision(email, factories.make_draft().with_block("highlights", (unsaid,)))
    blocking = next(found for found in _findings(email) if found.blocking and found.can_be_waived)
    tick = f'name="fingerprint" value="{blocking.fingerprint}"'
    page = sign_in("Marketer").get(to("email", email)).text
    assert tick not in page and "A release manager may let this stand." in page
    assert tick in sign_in("Release manager").get(to("email", email)).text


def test_a_long_history_shows_its_newest_lines_and_all_on_request(sign_in: SignIn, email: CampaignEmail) -> None:
    for number in range(20):
        factories.make_revision(email, factories.make_draft(subject=f"Kite 2.4.0, text {number}"))
    browser = sign_in("Marketer")
    page = browser.get(to("email", email)).text.split('id="history"')[1]
    assert page.count("<strong>Revision ") == 15 and "<strong>Revision 2<" not in page
    assert "?history=all" in page
    whole = browser.get(to("email", email) + "?history=all", headers={**HTMX, "HX-Target": "history"}).text
    assert whole.count("<strong>Revision ") == 21 and "?history=all" not in whole
    assert whole.strip().startswith('<details class="card reveal" id="history" open')


def _findings(email: CampaignEmail) -> Any:
    from campaigns.review import preflight

    revision = email.revisions.first()
    assert revision is not None
    return preflight.run(email, revision, NOW)


def test_an_email_without_a_text_has_a_page(sign_in: SignIn) -> None:
    email = factories.make_email()
    page = sign_in("Marketer").get(to("email", email))
    assert page.status_code == 200
    assert "No text yet" in page.content.decode()
    assert sign_in("Marketer").get(to("preview", email)).status_code == 200


@pytest.mark.parametrize("state", ["planned", "drafted", "in_review", "needs_changes", "approved", "sending", "paused",
                                   "sent", "held", "cancelled"])  # fmt: skip
@pytest.mark.parametrize("role", ["Marketer", "Release manager", "Operator"])
def test_the_page_has_a_face_for_every_state(sign_in: SignIn, email: CampaignEmail, state: str, role: str) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state=state, state_reason="A reason." if state == "held" else "")
    page = sign_in(role).get(to("email", email))
    assert page.status_code == 200
    assert ("Submit for review" in page.content.decode()) is (state in ("drafted", "needs_changes"))


def test_the_page_says_what_the_verbs_would_say(sign_in: SignIn, email: CampaignEmail) -> None:
    person = factories.make_user("Release manager")
    for state in CampaignEmail._meta.get_field("state").choices or ():
        CampaignEmail.objects.filter(pk=email.pk).update(state=state[0])
        email.refresh_from_db()
        offered = {action.verb: action.allowed for action in selectors.actions(email, person, now=NOW)}
        try:
            services.submit(email=email, by=person, now=NOW)
            assert offered.get("submit")
        except Exception:
            assert not offered.get("submit")


@pytest.mark.parametrize("target", ["mail", "changes", "desk"])
def test_htmx_gets_the_part_it_asks_for(sign_in: SignIn, email: CampaignEmail, target: str) -> None:
    headers = {"HX-Request": "true", "HX-Target": target}
    body = sign_in("Marketer").get(to("email", email), headers=headers).content.decode()
    assert f'id="{target}"' in body
    assert "<html" not in body
    assert ('id="talk"' in body) is (target == "desk")


def test_the_current_text_is_compared_with_others(sign_in: SignIn, email: CampaignEmail) -> None:
    factories.make_revision(email, factories.make_draft(subject="Kite 2.4.0 arrives on 25 November"))
    for against in ("previous", "draft", "1"):
        body = sign_in("Marketer").get(to("email", email), {"against": against}).content.decode()
        assert "<ins>arrives</ins>" in body, against


def test_the_page_shows_which_sentences_jira_touched_since_the_approval(sign_in: SignIn, email: CampaignEmail) -> None:
    approved = factories.make_approved_email(
        email.campaign, step="reminder", send_at=timezone.now() + dt.timedelta(days=1)
    )
    browser = sign_in("Release manager")
    assert "Jira changed since" not in browser.get(to("email", approved)).content.decode()
    new = copy.deepcopy(factories.FACTS)
    new["issues"][0]["note"] = "Calendars can now be exported as iCalendar files, and <b>imported</b>."
    factories.make_snapshot(email.campaign.release, new)
    for _ in range(2):  # before and after the timetable noticed
        page = browser.get(to("email", approved)).content.decode()
        assert "The release note of KITE-1 changed." in page
        assert "files<ins>, and &lt;b&gt;imported&lt;/b&gt;</ins>." in page
        assert '<a href="#block-highlights">Highlights</a>: “Calendars can now be exported as iCalendar files.”' in page
        void_unfit(now=timezone.now())
    assert "Give it back" in page


def test_what_waits_depends_on_the_person_and_is_ordered_by_deadline(email: CampaignEmail) -> None:
    marketer, manager = factories.make_user("Marketer"), factories.make_user("Release manager")
    sooner = factories.make_email(email.campaign, state="in_review", step="reminder", send_at=NOW)
    factories.make_revision(sooner, author=manager)
    assert [item.email for item in selectors.awaiting(marketer, NOW)] == [email]
    assert [item.email for item in selectors.awaiting(manager, NOW)] == [email]
    other = factories.make_user("Release manager")
    assert [item.email for item in selectors.awaiting(other, NOW)] == [sooner, email]
    assert selectors.awaiting(factories.make_user(), NOW) == []


def test_the_figures_of_what_waits_lead_to_all_of_it(sign_in: SignIn) -> None:
    for _ in range(13):
        campaign = factories.make_campaign()
        for step in ("announcement", "reminder", "release_day", "follow_up"):
            factories.make_email(campaign, step=step, state="drafted")
    for _ in range(13):
        campaign = factories.make_campaign()
        for step in ("announcement", "reminder", "release_day", "follow_up"):
            factories.make_email(campaign, step=step, state="approved")
    browser = sign_in("Marketer")
    page = browser.get("/emails/")
    assert (len(page.context["waiting"]), len(page.context["shown"])) == (52, 25)
    assert 'href="?waiting=all#waiting-list">52<' in page.text
    assert "Show all 52" in page.text
    assert len(browser.get("/emails/?waiting=all").context["shown"]) == 52
    assert '<a class="count" href="?page=1#under-way">104<' in page.text
    assert (len(page.context["page"]), len(browser.get("/emails/?page=3").context["page"])) == (50, 4)


def test_an_answer_stands_in_its_thread_and_shows_at_its_part(sign_in: SignIn, email: CampaignEmail) -> None:
    browser = sign_in("Release manager")
    browser.post(to("comment", email), {"body": "Is it true?", "block": "fixes"}, headers=HTMX)
    first = Comment.objects.get()
    body = browser.post(to("answer", email, first.pk), {"body": "It is."}, headers=HTMX).content.decode()
    second = Comment.objects.get(parent=first)
    assert (second.body, second.block, second.email) == ("It is.", "fixes", email)
    browser.post(to("answer", email, second.pk), {"body": "Thank you."}, headers=HTMX)
    assert list(first.answers.values_list("body", flat=True)) == ["It is.", "Thank you."]
    thread = body.split('id="talk"')[1]
    assert thread.index("Is it true?") < thread.index('class="thread answers"') < thread.index("It is.")
    at_part = body.split("Improvements and fixes</h3>")[1].split("<h3")[0]
    assert "It is." in at_part and "2 said" in at_part
    body = browser.post(to("resolve_comment", email, first.pk), headers=HTMX).content.decode()
    assert 'class="remark' not in body
    refused = browser.post(to("answer", email, first.pk), {"body": " "}, headers=HTMX)
    assert refused.status_code == 422
    other = factories.make_email(email.campaign, step="reminder", state="drafted")
    assert browser.post(to("answer", other, first.pk), {"body": "Here?"}, headers=HTMX).status_code == 404
    with pytest.raises(ReviewRefused):
        services.comment(email=other, body="Here?", answers=first, by=first.author, now=NOW)


def test_the_writer_is_told_of_names_that_nobody_has(sign_in: SignIn, email: CampaignEmail) -> None:
    factories.make_user("Marketer", username="mara")
    factories.make_user("", username="nils")
    browser = sign_in("Marketer")
    assert "@mara" in browser.get(to("email", email)).content.decode()
    for body, names in (("@mara. Look!", ""), ("@marra and @nils, look!", "@marra or @nils"), ("a@b.example", "")):
        answer = browser.post(to("comment", email), {"body": body}, headers=HTMX)
        said = answer["HX-Trigger"]
        assert ("is called" in said) == bool(names), body
        assert names in said


def test_an_earlier_revision_is_put_back_from_the_history(sign_in: SignIn, email: CampaignEmail) -> None:
    factories.make_revision(email, factories.make_draft(subject="Kite 2.4.0 arrives on 25 November"))
    browser = sign_in("Marketer")
    assert to("put_back", email, 1) in browser.get(to("email", email)).content.decode()
    stale = browser.post(to("put_back", email, 1), {"based_on": 1}, headers=HTMX)
    assert stale.status_code == 422 and email.revisions.count() == 2
    assert browser.post(to("put_back", email, 9), {"based_on": 2}, headers=HTMX).status_code == 422
    answer = browser.post(to("put_back", email, 1), {"based_on": 2}, headers=HTMX)
    assert answer.status_code == 200
    newest, first = email.revisions.get(number=3), email.revisions.get(number=1)
    assert (newest.digest, newest.why) == (first.digest, "Revision 1 put back.")
    assert sign_in("Operator").post(to("put_back", email, 1), {"based_on": 3}, headers=HTMX).status_code in (403, 422)
    assert email.revisions.count() == 3


def test_the_histories_show_times_by_the_clock_of_the_product(sign_in: SignIn, email: CampaignEmail) -> None:
    moment = dt.datetime(2026, 12, 10, 9, tzinfo=dt.UTC)
    change = {"what": "time", "what_id": email.pk, "email": email, "campaign": email.campaign, "at": NOW}
    Transition.objects.create(before="", after=moment.isoformat(), **change)
    Transition.objects.create(before=moment.isoformat(), after=(moment + dt.timedelta(hours=1)).isoformat(), **change)
    email.campaign.release.product.__class__.objects.update(time_zone="Europe/Berlin")
    browser = sign_in("Marketer")
    page = browser.get(to("email", email)).text
    assert "Send time: none → Thu 10 Dec 2026, 10:00 CET" in page
    assert "Send time: Thu 10 Dec 2026, 10:00 CET → Thu 10 Dec 2026, 11:00 CET" in page
    campaign = browser.get(email.campaign.get_absolute_url()).text
    assert "time Thu 10 Dec 2026, 10:00 CET → Thu 10 Dec 2026, 11:00 CET" in campaign
    assert moment.isoformat() not in page.split('id="history"')[1].split("</details>")[0]


def test_putting_back_other_words_voids_an_approval(email: CampaignEmail, marketer: Any) -> None:
    approved = factories.make_approved_email(email.campaign, step="reminder")
    newest = approved.revisions.order_by("-number")[0]
    factories.make_revision(approved, factories.make_draft(subject="Kite 2.4.0 arrives on 25 November"))
    services.put_back(email=approved, number=newest.number + 1, based_on=newest.number + 1, by=marketer, now=NOW)
    assert selectors.valid_approval(approved) is not None  # the same words
    services.put_back(email=approved, number=newest.number, based_on=newest.number + 1, by=marketer, now=NOW)
    assert (approved.state, selectors.valid_approval(approved)) == ("drafted", None)


def test_the_history_compares_with_every_revision_however_old(sign_in: SignIn, email: CampaignEmail) -> None:
    for number in range(2, 60):
        factories.make_revision(email, factories.make_draft(subject=f"Kite 2.4.0, text {number}"))
    body = sign_in("Marketer").get(to("email", email), {"against": "2"}).content.decode()
    assert 'aria-current="page">Revision 2<' in body
    for odd in ("59", "0", "999999999", "99999999999999999999", "two", "²"):
        assert sign_in("Marketer").get(to("email", email), {"against": odd}).status_code == 200, odd


def test_typing_on_prolongs_the_lock_and_hears_who_took_it_over(sign_in: SignIn, email: CampaignEmail) -> None:
    ada, ben = sign_in("Marketer"), factories.make_user("Marketer", username="ben")
    typed = form(factories.make_draft(subject="Half a sub"), 1)
    assert ada.post(to("lock", email)).status_code == 204
    CampaignEmail.objects.update(locked_until=timezone.now() + dt.timedelta(seconds=5))
    answer = ada.post(to("keep", email), typed)
    email.refresh_from_db()
    assert email.locked_until and email.locked_until > timezone.now() + dt.timedelta(minutes=4)
    assert (answer.status_code, answer.get("X-Held-By")) == (204, None)
    services.take_lock(email=email, take_over=True, by=ben, now=timezone.now())
    for address in (to("keep", email), to("lock", email)):
        answer = ada.post(address, typed)
        assert (answer.status_code, answer["X-Held-By"]) == (204, "ben")
    email.refresh_from_db()
    assert email.locked_by == ben
    assert email.kept_texts.get().fields["subject"] == "Half a sub"


def test_the_figures_of_countries_and_findings_lead_to_exactly_those_people(
    sign_in: SignIn, email: CampaignEmail
) -> None:
    ada, ben, cleo = Contact.objects.order_by("pk")
    Client.objects.create(name="Maple", country="CA").contacts.add(ada)
    Client.objects.create(name="Rhein", country="DE").contacts.add(ben)
    Contact.objects.filter(pk=cleo.pk).update(first_name="", client=Client.objects.create(name="Nowhere"))
    Subscription.objects.filter(contact=ada).update(basis="legitimate_interest")
    Subscription.objects.filter(contact=ben).update(basis="consent", proof="")
    browser = sign_in("Marketer")
    browser.get(to("audience", email))
    page = browser.get(to("email", email)).content.decode()
    for part, person in (
        ("country-CA", ada), ("country-DE", ben), ("country-none", cleo), ("interest-CA", ada),
        ("unproven-europe", ben), ("without-first_name", cleo),
    ):  # fmt: skip
        assert to("people", email, part) in page, part
        listed = browser.get(to("people", email, part)).content.decode()
        assert [one.email in listed for one in (ada, ben, cleo)] == [one == person for one in (ada, ben, cleo)], part
    for part in ("country", "interest-", "without-email", "unproven-x", "nonsense"):
        assert browser.get(to("people", email, part)).status_code == 404, part


def series(email: CampaignEmail, **times: int) -> dict[str, CampaignEmail]:
    """E-mails in review, each so many days ahead."""
    made = {}
    for step, days in times.items():
        made[step] = factories.make_email(
            email.campaign, step=step, state="in_review", send_at=timezone.now() + dt.timedelta(days=days)
        )
        factories.make_revision(made[step])
    return made


def test_next_meets_every_review_once_and_previous_goes_back(email: CampaignEmail) -> None:
    manager = factories.make_user("Release manager")
    draft, held = email, factories.make_email(factories.make_campaign(), state="held", send_at=timezone.now())
    reviews = list(series(email, reminder=2, release_day=3, follow_up=4).values())
    now = timezone.now()
    at, met = reviews[0], []
    for number in (1, 2, 3):
        place = selectors.place(at, manager, now)
        assert (place.number, place.total) == (number, 3)
        met.append(at)
        assert place.next is not None
        back = selectors.place(place.next, manager, now).previous
        assert back is not None and back.pk == at.pk
        at = place.next
    assert met == reviews
    # The work that is not an approval comes after all approvals, and nothing stands before the first or after the last.
    assert at in (draft, held)
    assert selectors.place(reviews[0], manager, now).previous is None
    while (place := selectors.place(at, manager, now)).next is not None:
        at = place.next
    assert at in (draft, held) and place.previous is not None
    marketer = selectors.place(reviews[0], factories.make_user("Marketer"), now)
    assert (marketer.number, marketer.next) == (0, draft)
    alone = selectors.place(draft, factories.make_user("Marketer"), now)
    assert (alone.previous, alone.next, alone.number, alone.total) == (None, None, 1, 1)
    # Whoever approved the last one goes on with the first, and nothing is before it.
    CampaignEmail.objects.filter(pk__in=[draft.pk, held.pk]).update(state="planned")
    approved = factories.make_approved_email(factories.make_campaign(), send_at=now + dt.timedelta(days=99))
    after_all = selectors.place(approved, manager, now)
    assert (after_all.number, after_all.previous, after_all.next) == (0, None, reviews[0])


def test_all_four_are_approved_in_one_sitting_by_following_next(sign_in: SignIn, email: CampaignEmail) -> None:
    manager, author = sign_in("Release manager"), factories.make_user("Marketer")
    series(email, reminder=2, release_day=3, follow_up=4)
    services.submit(email=email, by=author, now=timezone.now())
    address = to("email", email)
    for left in (3, 2, 1, 0):
        manager.get(address + "audience/", headers=HTMX)
        page = manager.get(address).content.decode()
        assert (f"1 of {left + 1}" in page) == (left > 0)
        at = CampaignEmail.objects.get(pk=address.split("/")[2])
        answer = manager.post(
            address + "approve/", {"ticked": list(SECTIONS), **factories.seen_fields(at)}, headers=HTMX
        )
        body = answer.content.decode()
        assert answer.status_code == 200
        assert 'id="queue"' in body
        assert ("data-next" in body) == (left > 0)
        if left:
            assert f"{left} more wait" in body
            address = body.split("data-next")[0].rsplit('href="', 1)[1].split('"')[0]
    assert {row.state for row in email.campaign.emails.all()} == {"approved"}


def large(email: CampaignEmail, issues: int, comments: int, revisions: int) -> None:
    facts = copy.deepcopy(factories.FACTS)
    facts["issues"] += [{**facts["issues"][1], "key": f"KITE-{n}"} for n in range(20, 20 + issues)]
    factories.make_snapshot(email.campaign.release, facts)
    person = factories.make_user("Marketer")
    Comment.objects.bulk_create(
        Comment(email=email, body=f"Comment {n}", author=person, at=NOW) for n in range(comments)
    )
    for n in range(revisions):
        factories.make_revision(email, factories.make_draft(subject=f"Kite 2.4.0, text {n}"), author=person)
    keys = [f"KITE-{n}" for n in range(20, 30)]
    fixes = [Sentence("Files over 2 GB can be uploaded again.", (key,)) for key in keys]
    factories.make_revision(email, factories.make_draft().with_block("fixes", fixes), author=person)


def test_the_number_of_queries_does_not_grow(sign_in: SignIn, email: CampaignEmail) -> None:
    browser = sign_in("Release manager")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get(to("email", email), {"against": "previous"}).status_code == 200
        return len(captured)

    large(email, 3, 2, 2)
    # A neighbour in the queue, so that there is one to be read before and after.
    factories.make_revision(factories.make_email(email.campaign, step="reminder", state="drafted"))
    queries()  # the first look at a text is noted
    few = queries()
    large(email, 300, 50, 20)
    for step in ("release_day", "follow_up"):
        factories.make_revision(factories.make_email(email.campaign, step=step, state="drafted"))
    queries()
    assert queries() == few
    assert few < 40


@pytest.mark.parametrize("model", ["approval", "rendition", "waiver", "comment"])
def test_operators_look_at_what_was_decided_and_change_nothing(email: CampaignEmail, model: str) -> None:
    approved = factories.make_approved_email(email.campaign, step="reminder")
    person = factories.make_user("Marketer")
    services.comment(email=approved, body="Fine.", by=person, now=NOW)
    Waiver.objects.create(email=approved, rule="x", fingerprint="x", message="x", reason="x", by=person, at=NOW)
    rows = {
        "approval": approved.approvals, "rendition": approved.renditions, "waiver": approved.waivers,
        "comment": approved.comments,
    }  # fmt: skip
    browser, place = Browser(), f"admin:campaigns_{model}"
    browser.force_login(factories.make_user("Operator", is_staff=True))
    assert browser.get(reverse(f"{place}_changelist"), {"q": "Kite"}).status_code == 200
    one = reverse(f"{place}_change", args=[rows[model].get().pk])
    assert browser.get(one).status_code == 200
    assert browser.post(one, {"comment": "Something else."}).status_code == 403
    assert browser.get(reverse(f"{place}_add")).status_code == 403
    assert browser.post(reverse(f"{place}_delete", args=[rows[model].get().pk])).status_code == 403


@pytest.mark.parametrize("verb", ["approve", "break_glass", "still_true"])
def test_a_yes_from_a_page_that_is_no_longer_true_is_refused_and_shown_anew(
    sign_in: SignIn, email: CampaignEmail, verb: str
) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(state="in_review")
    browser = sign_in("Operator" if verb == "break_glass" else "Release manager")
    if verb == "still_true":
        browser.post(to("approve", email), {"ticked": list(SECTIONS), **factories.seen_fields(email)})
        new = copy.deepcopy(factories.FACTS)
        new["issues"][0]["note"] += " And printed."
        factories.make_snapshot(email.campaign.release, new)
    shown = factories.seen_fields(email)
    assert fields_of(browser.get(to("email", email)).content.decode(), verb) == shown
    newer = copy.deepcopy(factories.FACTS)
    newer["issues"][0]["note"] += " Twice."
    factories.make_snapshot(email.campaign.release, newer)
    data = {**shown, "ticked": list(SECTIONS), "reason": "Because."}
    before = Approval.objects.count()
    answer = browser.post(to(verb, email), data)
    assert answer.status_code == 422
    assert "Jira says something else" in answer.content.decode()
    assert Approval.objects.count() == before
    browser.post(to(verb, email), {**data, **fields_of(answer.content.decode(), verb)})
    assert Approval.objects.count() == before + 1


def fields_of(page: str, verb: str) -> dict[str, str]:
    """The hidden fields with which a browser would send the form of a verb, wherever on the page they stand."""
    form = {"approve": "decide", "break_glass": "emergency"}.get(verb, "")
    inside = page.split(f'id="{form}"' if form else to_still_true(page), 1)[1].split("</form>", 1)[0]
    tags = re.findall(r'<input type="hidden"[^>]*>', inside)
    tags += re.findall(rf'<input type="hidden"[^>]*form="{form}"[^>]*>', page) if form else []
    found = {re.findall(r'name="([^"]*)"', tag)[0]: re.findall(r'value="([^"]*)"', tag)[0] for tag in tags}
    return {name: found[name] for name in ("digest", "audience", "send_at", "facts", "people", "warnings")}


def to_still_true(page: str) -> str:
    return next(part for part in re.findall(r'action="[^"]*"', page) if "still" in part)


@pytest.mark.parametrize(
    ("state", "began", "told"),
    [
        ("approved", False, ["Goes out", "What an approval says yes to", "Will be sent"]),
        ("sending", True, ["Going out since", "What is being sent", "What became of everybody"]),
        ("paused", True, ["Began", "What is being sent", "What became of everybody"]),
        ("sent", True, ["Went out", "What was sent", "What became of everybody"]),
        ("cancelled", True, ["Went out", "What was sent", "What became of everybody"]),
        ("cancelled", False, ["Was to go out", "What was sent", "it was cancelled before its send began"]),
    ],
)
def test_the_page_speaks_of_what_is_out_as_of_something_past(
    sign_in: SignIn, email: CampaignEmail, state: str, began: bool, told: list[str]
) -> None:
    counts.count_now(email=email, now=timezone.now())
    past = timezone.now() - dt.timedelta(days=3)
    CampaignEmail.objects.filter(pk=email.pk).update(state=state, started_at=past if began else None)
    page = sign_in("Release manager").get(to("email", email)).content.decode()
    every = {
        "Goes out", "Going out since", "Began", "Went out", "Was to go out", "What an approval says yes to",
        "Will be sent", "What is being sent", "What was sent", "What became of everybody",
        "it was cancelled before its send began",
    }  # fmt: skip
    assert {words for words in every if f">{words}<" in page or f": {words}." in page} == set(told)
    assert "Its time has passed" not in page


def test_an_approved_e_mail_says_at_its_top_by_whom_and_when(sign_in: SignIn, email: CampaignEmail) -> None:
    approved = factories.make_approved_email(email.campaign, step="reminder")
    page = sign_in("Marketer").get(to("email", approved)).text
    top = page.split('aria-label="How it stands"')[1].split("</section>")[0]
    approval = approved.approvals.get()
    assert f"Approved by {approval.by.get_full_name() or approval.by.get_username()}, <time" in top
    assert f'<time datetime="{approval.at.isoformat()}"' in top
    assert "Fingerprint of the approved mail" in page
    assert "<dt>Bytes</dt>" not in page


def test_issues_that_are_not_mentioned_are_counted_only_where_there_are_some(
    sign_in: SignIn, email: CampaignEmail
) -> None:
    browser = sign_in("Marketer")
    page = browser.get(to("email", email)).text
    count = page.count("<dt>Not mentioned</dt>")
    assert count == ("not mentioned</summary>" in page)
    assert "0 issues</a>" not in page


def test_the_page_loads_each_of_its_scripts_after_those_whose_words_it_uses(
    sign_in: SignIn, email: CampaignEmail
) -> None:
    folder = settings.BASE_DIR / "static" / "js" / "review"
    page = sign_in("Marketer").get(email.get_absolute_url()).text
    loaded = re.findall(r'<script src="[^"]*/js/review/(\w+)\.js" defer></script>', page)
    assert sorted(loaded) == sorted(file.stem for file in folder.glob("*.js"))
    given: set[str] = set()
    for name in loaded:
        script = (folder / f"{name}.js").read_text()
        used = re.findall(r"const \{([^}]*)\} = window\.relmail\.review;", script)
        assert {word.strip() for word in ",".join(used).split(",")} - {""} <= given, name
        gives = re.findall(r"window\.relmail\.review(?: = |, )\{([^}]*)\}", script)
        given |= {word.partition(":")[0].strip() for word in ",".join(gives).split(",")}
    assert "undo" in given


def test_who_has_to_change_a_text_reads_who_asked_for_it_and_when(sign_in: SignIn, email: CampaignEmail) -> None:
    manager = factories.make_user("Release manager", first_name="Rolf", last_name="Reader")
    services.submit(email=email, by=factories.make_user("Marketer"), now=NOW)
    services.request_changes(email=email, comment="Say what to prepare.", by=manager, now=NOW)
    page = sign_in("Marketer").get(to("email", email)).text
    standing = page[page.index('id="standing"') : page.index('class="review"')]
    assert "<strong>Rolf Reader asks for changes.</strong>" in standing
    assert standing.count("Say what to prepare.") == 1
    services.submit(email=email, by=factories.make_user("Marketer"), now=NOW)
    assert "asks for changes" not in sign_in("Marketer").get(to("email", email)).text


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("extractive", "the rule-based drafter"),
        ("openai:gpt-5-mini", "the model gpt-5-mini"),
        ("openai:llama3.1:8b", "the model llama3.1:8b"),
        ("correction", "relmail"),
        ("", "somebody who left"),
    ],
)
def test_a_page_names_a_drafter_in_words(email: CampaignEmail, sign_in: SignIn, kept: str, shown: str) -> None:
    email.revisions.update(drafter=kept, author=None)
    page = sign_in("Marketer").get(email.get_absolute_url()).text
    assert f"Revision 1 by {shown}</dd>" in page
    assert not kept or f">{kept}<" not in page


def test_the_page_of_an_e_mail_says_why_its_campaign_is_held_and_lets_it_go_on(sign_in: Any) -> None:
    email = factories.make_approved_email(factories.make_campaign(state="held", hold_reason="It is archived."))
    marketer, manager = sign_in("Marketer"), sign_in("Release manager")
    shown = marketer.get(email.get_absolute_url()).text
    assert "Its campaign is held: nothing of it goes out." in shown and "It is archived." in shown
    assert "Let it go on" not in shown
    assert "Let it go on" in manager.get(email.get_absolute_url()).text
    answer = manager.post(
        reverse("planning:change_campaign", args=[email.campaign_id, "resume"]), {"email": email.pk}, follow=True
    )
    assert answer.redirect_chain[-1][0] == email.get_absolute_url()
    assert "Its campaign is held" not in answer.text
