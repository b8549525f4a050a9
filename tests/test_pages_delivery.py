"""Sends on the pages: messages by state, progress, a person's decisions, the file of them, and the sender."""

from __future__ import annotations

import csv
import datetime as dt
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from campaigns import states
from campaigns.delivery import actions, listing, services
from campaigns.delivery.models import Batch, Message, Sender, WarmUp
from campaigns.models import CampaignEmail, Transition
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories
from tests.world import messages

pytestmark = pytest.mark.django_db


def make_send(*, people: int = 10, state: str = "sending", queued: int = 0) -> CampaignEmail:
    """An approved e-mail in mid-send: two suppressed, one failed, one unknown, the rest accepted or still queued."""
    email = factories.make_approved_email(contacts=people, state=state)
    messages(email, list(email.campaign.lists.get().contacts.order_by("pk")), now=timezone.now(), queued=queued)
    return email


def page_of(browser: Browser, email: CampaignEmail, **query: Any) -> Any:
    answer = browser.get(reverse("delivery:messages", args=[email.pk]), query)
    assert answer.status_code == 200
    return answer


def press(browser: Browser, email: CampaignEmail, verb: str, **data: Any) -> str:
    answer = browser.post(reverse("delivery:change", args=[email.pk, verb]), data, follow=True)
    assert answer.status_code == 200
    email.refresh_from_db()
    return answer.text


def decide(browser: Browser, email: CampaignEmail, state: str = "unknown", **data: Any) -> Any:
    return browser.post(reverse("delivery:decide", args=[email.pk]) + f"?state={state}", data, follow=True)


# --- the list of messages -------------------------------------------------------------------------------------------


def test_messages_are_listed_by_state_with_their_reasons(sign_in: Any) -> None:
    email, browser = make_send(), sign_in(MARKETER)
    shown = page_of(browser, email, state="suppressed")
    assert len(shown.context["page"].messages) == 2
    assert [(label, count) for _, label, count in shown.context["reasons"]] == [("Hard bounce", 1), ("No consent", 1)]

    one = page_of(browser, email, state="suppressed", reason="no_consent")
    assert [message.reason for message in one.context["page"].messages] == ["no_consent"]


def test_without_a_wish_the_page_opens_at_what_a_person_should_look_at(sign_in: Any) -> None:
    email, browser = make_send(), sign_in(MARKETER)
    assert page_of(browser, email).context["state"] == "unknown"
    Message.objects.filter(email=email, state="unknown").update(state="accepted")
    Batch.objects.filter(email=email).update(unknown=0, accepted=7)
    assert page_of(browser, email).context["state"] == "failed"
    assert page_of(browser, email, state="no such state").context["state"] == "failed"


def test_one_recipient_is_found_by_the_address(sign_in: Any) -> None:
    email, browser = make_send(), sign_in(MARKETER)
    wanted = email.messages.order_by("pk")[5]
    found = page_of(browser, email, address=f"  {wanted.address.upper()} ").context["page"].messages
    assert found == [wanted]
    nobody = page_of(browser, email, address="stranger@client.example").text
    assert "Nobody here has the address" in nobody and "&amp;past=1" in nobody
    # An address that the person had before is looked for when asked: that reads every message.
    type(wanted.contact).objects.filter(pk=wanted.contact_id).update(email="new@client.example")
    assert page_of(browser, email, address=wanted.address).context["page"].messages == []
    assert page_of(browser, email, address=wanted.address, past="1").context["page"].messages == [wanted]


@pytest.mark.parametrize("state", ["accepted", "queued", "failed"])
def test_every_message_is_on_exactly_one_page(state: str) -> None:
    email = factories.make_email(state="sending")
    contacts = factories.make_contacts(230)
    for number, size in enumerate((50, 50, 7, 50, 1, 50, 22)):
        start = sum((50, 50, 7, 50, 1, 50, 22)[:number])
        batch = Batch.objects.create(email=email, not_before=factories.NOW, **{state: size})
        Message.objects.bulk_create(
            Message(
                email=email, contact=contact, batch=batch, address=contact.email, state=state, changed_at=factories.NOW
            )
            for contact in contacts[start : start + size]
        )
    seen: list[int] = []
    after, pages = 0, 0
    while True:
        page = listing.page(email, state, after=after)
        seen += [message.pk for message in page.messages]
        pages += 1
        assert len(page.messages) <= 2 * listing.PAGE
        if not page.after:
            break
        after = page.after
    assert sorted(seen) == sorted(email.messages.values_list("pk", flat=True))
    assert len(seen) == len(set(seen)) == 230
    assert pages >= 3


def test_a_cursor_that_is_no_number_shows_the_start(sign_in: Any) -> None:
    email = make_send()
    for nonsense in ("abc", "-1", "9" * 40, "²"):
        assert page_of(sign_in(MARKETER), email, state="failed", after=nonsense).context["page"].messages


@pytest.mark.parametrize("people", [3, 30])
@pytest.mark.parametrize("state", ["accepted", "unknown"])
def test_messages_cost_the_same_queries_for_any_number(
    people: int, state: str, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    email = factories.make_email(state="sending")
    contacts = factories.make_contacts(people)
    batch = Batch.objects.create(email=email, not_before=factories.NOW, **{state: people})
    Message.objects.bulk_create(
        Message(email=email, contact=contact, batch=batch, address=contact.email, state=state, changed_at=factories.NOW)
        for contact in contacts
    )
    browser = sign_in(OPERATOR)
    with django_assert_max_num_queries(12):
        assert len(page_of(browser, email, state=state).context["page"].messages) == people


def test_the_file_has_every_message_of_the_state_and_no_formula(sign_in: Any) -> None:
    email = make_send(people=20)
    Message.objects.filter(email=email, state="failed").update(detail="=HYPERLINK(1)", ses_id="@SUM(1)")
    answer = sign_in(MARKETER).get(reverse("delivery:export", args=[email.pk]), {"state": "accepted"})
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert {row["address"] for row in rows} == set(
        email.messages.filter(state="accepted").values_list("address", flat=True)
    )
    answer = sign_in(MARKETER).get(reverse("delivery:export", args=[email.pk]), {"state": "failed"})
    (row,) = csv.DictReader(answer.getvalue().decode().splitlines())
    assert (row["detail"], row["ses_id"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
    assert "attachment" in answer.headers["Content-Disposition"]


# --- a send in progress ---------------------------------------------------------------------------------------------


def test_progress_is_asked_again_only_while_it_goes_on(sign_in: Any) -> None:
    email, browser = make_send(queued=4), sign_in(MARKETER)
    address = reverse("delivery:progress", args=[email.pk])
    assert "every 2s" in browser.get(address, headers={"HX-Request": "true"}).text
    CampaignEmail.objects.filter(pk=email.pk).update(state="sent")
    shown = browser.get(address, headers={"HX-Request": "true"}).text
    assert "every 2s" not in shown
    assert "The send is sent." in shown


def test_a_paused_send_is_asked_about_slowly_and_answers_with_nothing_while_nothing_changed(sign_in: Any) -> None:
    email, browser = make_send(state="paused", queued=4), sign_in(RELEASE_MANAGER)
    page = page_of(browser, email).text
    assert "every 10s" in page and "every 2s" not in page
    shown = shown_in(page)
    assert poll(browser, email, shown).status_code == 204
    # A call that was under way when it was paused has ended.
    Batch.objects.filter(email=email).update(queued=3, accepted=5)
    assert "5 accepted" in poll(browser, email, shown).text


def test_a_paused_send_that_somebody_resumed_has_the_verbs_of_one_that_is_sent(sign_in: Any) -> None:
    email, browser = make_send(state="paused", queued=4), sign_in(RELEASE_MANAGER)
    shown = shown_in(page_of(browser, email).text)
    later = timezone.now() + dt.timedelta(seconds=5)
    CampaignEmail.objects.filter(pk=email.pk).update(state="sending", state_since=later)
    answer = poll(browser, email, shown).text
    assert re.findall(r'action="/sending/\d+/(\w+)/"', answer) == ["pause", "stop_and_correct", "cancel"]
    assert "every 2s" in answer
    # Paused once more in between, for another reason: that is told as well.
    CampaignEmail.objects.filter(pk=email.pk).update(state="paused", state_reason="A typo.", state_since=later)
    assert "A typo." in poll(browser, email, shown).text


def test_a_send_that_was_cancelled_in_mid_call_is_asked_about_until_its_calls_have_ended(sign_in: Any) -> None:
    email, browser = make_send(state="cancelled", queued=4), sign_in(RELEASE_MANAGER)
    page = page_of(browser, email).text
    assert "4 are in a call that is under way, or about to be cancelled." in page and "every 10s" in page
    assert poll(browser, email, shown_in(page)).status_code == 204
    Batch.objects.filter(email=email).update(queued=0, accepted=8)
    ended = poll(browser, email, shown_in(page)).text
    assert "8 accepted" in ended and "hx-trigger" not in ended


def test_the_review_page_fetches_the_figures_of_a_send(sign_in: Any) -> None:
    email, browser = make_send(state="sent"), sign_in(MARKETER)
    CampaignEmail.objects.filter(pk=email.pk).update(started_at=timezone.now())
    address = reverse("delivery:balance", args=[email.pk])
    assert f'hx-get="{address}"' in browser.get(email.get_absolute_url()).text
    figures = browser.get(address).text
    assert [words in figures for words in ("6 accepted", "2 suppressed", "1 failed", "1 unknown")] == [True] * 4


def test_progress_says_why_nothing_moves(sign_in: Any) -> None:
    email = make_send(queued=4)
    Sender.objects.create(region="eu-central-1", stopped_at=timezone.now(), stopped_reason="Too many bounces.")
    shown = sign_in(MARKETER).get(reverse("delivery:progress", args=[email.pk])).text
    assert "All sending is stopped" in shown
    assert "Too many bounces." in shown


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"throttled_why": "The daily quota of Amazon SES is used up", "rest": 9}, "Amazon is asked again at"),
        ({"throttled_why": "The daily quota of Amazon SES is used up", "rest": -1}, ""),
        ({"max_per_day": 500, "sent_last_day": 500}, "The 24-hour quota of Amazon SES is used up."),
        ({"max_per_day": 500, "sent_last_day": 499}, ""),
        ({"max_per_day": -1, "sent_last_day": 499}, ""),
        ({"fence_error": "AccessDenied"}, "did not say whether another installation sends: AccessDenied"),
        ({"cap": 200, "used": 200}, "allows 200 today, and they are out"),
        ({"cap": 200, "used": 199}, ""),
    ],
)
def test_progress_says_what_a_send_waits_for(row: dict[str, Any], said: str, sign_in: Any, settings: Any) -> None:
    email, now = make_send(queued=4), timezone.now()
    settings.SEND_FENCE_SECONDS = 30
    if "cap" in row:
        today = now.astimezone(dt.UTC).date()
        product = email.campaign.release.product
        WarmUp.objects.create(product=product, starts_on=today, caps=[row["cap"]], day=today, sent=row["used"])
        row = {}
    elif "rest" in row:
        row = {"throttled_why": row["throttled_why"], "throttled_until": now + dt.timedelta(minutes=row["rest"])}
    Sender.objects.create(region="eu-central-1", **row)
    shown = sign_in(MARKETER).get(reverse("delivery:progress", args=[email.pk])).text
    assert ("by itself" in shown) == bool(said) and said in shown
    CampaignEmail.objects.filter(pk=email.pk).update(state="paused")
    assert "by itself" not in sign_in(MARKETER).get(reverse("delivery:progress", args=[email.pk])).text


def test_a_send_is_paused_resumed_and_cancelled(sign_in: Any) -> None:
    email, browser = make_send(queued=4), sign_in(RELEASE_MANAGER)
    assert "Say why" in press(browser, email, "pause")
    assert email.state == "sending"
    assert "paused" in press(browser, email, "pause", why="A typo.")
    assert (email.state, email.state_reason) == ("paused", "A typo.")
    assert "goes on" in press(browser, email, "resume")
    assert email.state == "sending"
    assert "the rest is cancelled" in press(browser, email, "cancel", why="The release is off.")
    assert email.state == "cancelled"
    assert email.messages.filter(state="queued").count() == 0
    assert email.messages.filter(state="cancelled").count() == 4
    assert "cannot become paused" in press(browser, email, "pause", why="Again")


def test_a_send_whose_approval_no_longer_fits_is_not_resumed(sign_in: Any) -> None:
    email = make_send(state="paused", queued=4)
    email.approvals.update(voided_at=timezone.now())
    assert "cannot go on" in press(sign_in(RELEASE_MANAGER), email, "resume")
    assert email.state == "paused"


def test_cancelling_says_beforehand_what_it_does_in_figures(sign_in: Any) -> None:
    email = make_send(people=12, queued=4)
    shown = page_of(sign_in(RELEASE_MANAGER), email).text
    assert "4 are out and stay out; 4 that still wait are cancelled" in shown


def shown_in(page: str) -> str:
    """The state and figures that a page shows, as it says them when it asks for newer ones."""
    found = re.search(r"\?shown=([\w-]+)", page)
    assert found
    return found.group(1)


def poll(browser: Browser, email: CampaignEmail, shown: str = "") -> Any:
    address = reverse("delivery:progress", args=[email.pk]) + f"?shown={shown}"
    return browser.get(address, headers={"HX-Request": "true"})


def test_what_cancelling_does_is_said_anew_with_each_answer_of_the_progress(sign_in: Any) -> None:
    email, browser = make_send(people=12, queued=4), sign_in(RELEASE_MANAGER)
    page = page_of(browser, email).text
    assert 'data-confirm="Cancel the send?" data-confirm-about="about-cancel"' in page
    Message.objects.filter(email=email, state="queued").update(state="accepted")
    Batch.objects.filter(email=email).update(queued=0, accepted=8)
    answer = poll(browser, email, shown_in(page)).text
    assert '<p class="soft" id="about-cancel" hx-swap-oob="true">8 are out and stay out; 0 that still wait' in answer
    assert '<span class="count" id="count-accepted" hx-swap-oob="true">8</span>' in answer
    assert "<form" not in answer, "a form that is typed into stays where it is"


@pytest.mark.parametrize(
    ("state", "verbs"), [("sent", []), ("cancelled", []), ("paused", ["resume", "stop_and_correct", "cancel"])]
)
def test_the_verbs_go_with_the_state_that_they_were_for(state: str, verbs: list[str], sign_in: Any) -> None:
    email, browser = make_send(people=12, queued=4), sign_in(RELEASE_MANAGER)
    CampaignEmail.objects.filter(pk=email.pk).update(state=state, state_since=timezone.now())
    answer = poll(browser, email).text
    assert ['id="send-go" hx-swap-oob="true"' in answer, 'id="send-stops"' in answer] == [True, True]
    assert re.findall(r'action="/sending/\d+/(\w+)/"', answer) == verbs


def test_the_list_follows_the_send_when_its_figures_have_moved(sign_in: Any) -> None:
    email, browser = make_send(people=12, queued=4), sign_in(RELEASE_MANAGER)
    page = page_of(browser, email, state="queued").text
    assert 'hx-trigger="send-moved from:body"' in page
    shown = shown_in(page)
    assert "HX-Trigger" not in poll(browser, email, shown)
    Batch.objects.filter(email=email).update(queued=3, accepted=5)
    assert poll(browser, email, shown)["HX-Trigger"] == '{"send-moved": {}}'
    alone = browser.get(
        reverse("delivery:messages", args=[email.pk]) + "?state=queued",
        headers={"HX-Request": "true", "HX-Target": "message-list"},
    ).text
    assert alone.strip().startswith('<div id="message-list"') and "<html" not in alone
    assert 'id="list-pager"' in alone and 'hx-swap-oob="true"' in alone


def test_a_list_that_is_ticked_is_not_taken_away(sign_in: Any) -> None:
    email, browser = make_send(people=12, queued=4), sign_in(OPERATOR)
    page = page_of(browser, email, state="failed").text
    assert 'name="message"' in page and "send-moved" not in page


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER, OPERATOR])
def test_a_sends_buttons_are_the_verbs_that_its_service_does(role: str) -> None:
    user, now = factories.make_user(role), timezone.now()
    for state in states.EMAIL:
        for verb in ("pause", "resume", "cancel"):
            email = factories.make_approved_email(contacts=1, state=state)
            offered = {action.name for action in actions.email_actions(email, user) if action.allowed}
            try:
                if verb == "resume":
                    services.resume(email=email, by=user, now=now, why="w")
                elif verb == "pause":
                    services.pause(email=email, why="w", by=user, now=now)
                else:
                    services.cancel(email=email, why="w", by=user, now=now)
                done = True
            except (services.DeliveryRefused, states.MoveRefused, PermissionDenied):
                done = False
            assert (verb in offered) == done, f"{verb} of a send that is {state} as {role}"


# --- a person's decisions -------------------------------------------------------------------------------------------


def test_only_operators_are_offered_a_decision(sign_in: Any) -> None:
    email = make_send()
    assert page_of(sign_in(RELEASE_MANAGER), email, state="unknown").context["form"] is None
    assert page_of(sign_in(OPERATOR), email, state="unknown").context["form"] is not None
    assert page_of(sign_in(OPERATOR), email, state="accepted").context["form"] is None
    assert decide(sign_in(RELEASE_MANAGER), email, verdict="accepted", scope="all", why="w").status_code == 403


@pytest.mark.parametrize(("verdict", "state"), [("accepted", "accepted"), ("failed", "failed"), ("queued", "queued")])
def test_an_operator_settles_what_is_unknown_with_a_reason(
    verdict: str, state: str, operator: Any, client: Browser
) -> None:
    email = make_send()
    message = email.messages.get(state="unknown")
    client.force_login(operator)
    answer = decide(client, email, verdict=verdict, scope="chosen", message=[message.pk], why="Seen in their inbox.")
    message.refresh_from_db()
    assert message.state == state
    assert "1 message is" in answer.text
    line = Transition.objects.filter(what="message", email=email).get()
    assert (line.by, line.why) == (operator, "Seen in their inbox.")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"verdict": "accepted", "scope": "all", "why": ""}, "Say why"),
        ({"verdict": "accepted", "scope": "all", "why": "   "}, "Say why"),
        ({"scope": "all", "why": "w"}, "Choose what is to become of them"),
        ({"verdict": "accepted", "scope": "chosen", "why": "w"}, "Tick at least one message"),
        ({"verdict": "suppressed", "scope": "all", "why": "w"}, "valid choice"),
    ],
)
def test_a_decision_that_says_too_little_is_refused_and_nothing_changes(
    data: dict[str, str], said: str, sign_in: Any
) -> None:
    email = make_send()
    answer = decide(sign_in(OPERATOR), email, **data)
    assert answer.status_code == 422
    assert said in answer.text
    assert email.messages.filter(state="unknown").count() == 1


def test_messages_of_another_e_mail_are_not_decided_on(sign_in: Any) -> None:
    email, other = make_send(), make_send()
    foreign = other.messages.get(state="unknown")
    decide(sign_in(OPERATOR), email, verdict="accepted", scope="chosen", message=[foreign.pk], why="w")
    foreign.refresh_from_db()
    assert foreign.state == "unknown"


def test_an_accepted_message_is_never_sent_again_by_a_forged_form(sign_in: Any) -> None:
    email = make_send()
    message = email.messages.filter(state="accepted").first()
    assert message is not None
    for state in ("unknown", "failed", "accepted"):
        decide(sign_in(OPERATOR), email, state, verdict="queued", scope="chosen", message=[message.pk], why="w")
    message.refresh_from_db()
    assert message.state == "accepted"


def test_failed_messages_are_sent_again_all_at_once(sign_in: Any) -> None:
    email = make_send(state="sent")
    decide(sign_in(OPERATOR), email, "failed", verdict="queued", scope="all", why="The mailbox works again.")
    email.refresh_from_db()
    assert email.messages.filter(state="queued").count() == 1
    assert email.state == "sending"


def test_nothing_is_asked_to_be_decided_where_no_message_is(sign_in: Any) -> None:
    email = make_send(state="sent")
    browser = sign_in(OPERATOR)
    assert "Decide</h2>" in page_of(browser, email, state="failed").text
    email.messages.filter(state="failed").update(state="accepted")
    shown = page_of(browser, email, state="failed").text
    assert "Decide</h2>" not in shown
    assert "No message of this e-mail is in this state." in shown


def test_what_is_unsettled_is_listed_with_its_figures(sign_in: Any, django_assert_max_num_queries: Any) -> None:
    first, second = make_send(state="sent"), make_send()
    factories.make_email(state="sent")
    browser = sign_in(OPERATOR)
    with django_assert_max_num_queries(8):
        shown = browser.get(reverse("delivery:unsettled"))
    assert [(row.email.pk, row.unknown, row.failed) for row in shown.context["rows"]] == [
        (second.pk, 1, 1),
        (first.pk, 1, 1),
    ]
    assert "Decide on unknown" in shown.text


# --- the sender -----------------------------------------------------------------------------------------------------


def test_an_operator_stops_and_starts_all_sending(sign_in: Any) -> None:
    browser = sign_in(OPERATOR)
    refused = browser.post(reverse("delivery:change_sender", args=["stop"]), {"why": " "}, follow=True)
    assert "Say why" in refused.text
    stopped = browser.post(reverse("delivery:change_sender", args=["stop"]), {"why": "Bounces."}, follow=True)
    assert "Nothing is sent since" in stopped.text
    assert Sender.objects.get().stopped_reason == "Bounces."
    browser.post(reverse("delivery:change_sender", args=["start"]), follow=True)
    assert Sender.objects.get().stopped_at is None


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER])
def test_nobody_else_stops_the_sender(role: str, sign_in: Any) -> None:
    browser = sign_in(role)
    for verb in ("stop", "start", "ask"):
        answer = browser.post(reverse("delivery:change_sender", args=[verb]), {"why": "w"})
        assert answer.status_code == 403
        assert OPERATOR in answer.text
    assert "needs the role Operator" in browser.get(reverse("delivery:sender")).text


def test_the_senders_page_shows_pace_and_share_of_the_quota(sign_in: Any) -> None:
    Sender.objects.create(
        region="eu-central-1", rate_per_second=14, max_per_day=50_000, sent_last_day=12_480,
        throttled_until=timezone.now() + dt.timedelta(minutes=1), check_error="AccessDenied.",
    )  # fmt: skip
    shown = sign_in(MARKETER).get(reverse("delivery:sender")).text
    assert "12,480 of 50,000" in shown
    assert 'value="12480" max="50000"' in shown
    assert "Slowed down" in shown
    assert "AccessDenied." in shown


def test_each_figure_of_a_balance_leads_to_exactly_those_messages(sign_in: Any) -> None:
    email, browser = make_send(queued=3), sign_in(MARKETER)
    for path in (
        reverse("delivery:messages", args=[email.pk]), reverse("delivery:balance", args=[email.pk]),
        reverse("delivery:progress", args=[email.pk]), email.campaign.get_absolute_url(),
    ):  # fmt: skip
        page = browser.get(path).text
        legend = page.split('<ul class="legend">')[1].split("</ul>")[0]
        found = re.findall(r'href="([^"]+)">([\d,]+) (\w+)</a>', legend)
        assert [(count, name) for _, count, name in found] == [
            ("3", "accepted"), ("2", "suppressed"), ("1", "failed"), ("1", "unknown"), ("3", "queued"),
        ], path  # fmt: skip
        for link, count, _ in found:
            assert len(browser.get(link).context["page"].messages) == int(count), link


def test_the_figures_of_what_only_a_person_can_settle_lead_to_it(sign_in: Any) -> None:
    email, browser = make_send(), sign_in(OPERATOR)
    page = browser.get(reverse("delivery:unsettled")).text
    for state in ("unknown", "failed"):
        link = f"{reverse('delivery:messages', args=[email.pk])}?state={state}"
        assert f'<a href="{link}">1</a>' in page
        group = browser.get(reverse("delivery:groups"), {"state": state}).text
        heading = group.split("<h2 id=")[1].split("</h2>")[0]
        assert heading.endswith(">1</a>")
        assert link.replace("&", "&amp;") in heading


def test_an_address_breaks_before_its_at_sign_and_a_reason_is_said_in_words(sign_in: Any) -> None:
    from relmail.templatetags.pages import breakable

    assert breakable("Kite <releases@kite.example>") == "Kite &lt;releases<wbr>@kite.example&gt;"
    assert breakable("no <b>address") == "no &lt;b&gt;address"
    email = make_send()
    contact = email.messages.get(reason="hard_bounce").contact
    page = sign_in(MARKETER).get(reverse("audience:contact", args=[contact.pk])).text
    assert "Hard bounce" in page and "hard_bounce" not in page


def test_pause_resume_and_cancel_stand_on_the_page_of_the_e_mail_with_figures(sign_in: Any) -> None:
    email, browser = make_send(queued=4), sign_in(RELEASE_MANAGER)
    address = reverse("delivery:balance", args=[email.pk])
    shown = browser.get(address).text
    assert "2 people have it already. 4 people wait until somebody resumes it" in shown
    assert "2 are out and stay out; 4 that still wait are cancelled" in shown
    assert re.findall(r'action="/sending/\d+/(\w+)/"', shown) == ["pause", "stop_and_correct", "cancel"]
    assert "on=email" in shown and 'id="count-' not in shown
    again = browser.get(reverse("delivery:progress", args=[email.pk]), {"on": "email", "shown": "none"}).text
    assert 'id="count-' not in again, "the page of the e-mail has no lists by state whose figures could be replaced"

    paused = browser.post(
        reverse("delivery:change", args=[email.pk, "pause"]), {"why": "A typo.", "back": "email"}, follow=True
    )
    assert paused.redirect_chain == [(email.get_absolute_url(), 302)]
    assert "It is paused." in paused.text
    shown = browser.get(address).text
    assert "4 people who wait get it from now on, but for those who must not be mailed by then. 2 people" in shown
    assert re.findall(r'action="/sending/\d+/(\w+)/"', shown) == ["resume", "stop_and_correct", "cancel"]


def test_a_pause_without_a_reason_comes_back_to_the_page_of_the_e_mail_and_says_so(sign_in: Any) -> None:
    email, browser = make_send(queued=4), sign_in(RELEASE_MANAGER)
    answer = browser.post(reverse("delivery:change", args=[email.pk, "pause"]), {"back": "email"}, follow=True)
    assert answer.redirect_chain == [(email.get_absolute_url(), 302)]
    email.refresh_from_db()
    assert email.state == "sending"


def test_who_may_not_stop_a_send_sees_its_figures_on_the_page_of_the_e_mail_alone(sign_in: Any) -> None:
    email, browser = make_send(queued=4), sign_in(MARKETER)
    shown = browser.get(reverse("delivery:balance", args=[email.pk])).text
    assert "2 accepted" in shown and "<form" not in shown
