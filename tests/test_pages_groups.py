"""The page of dead letters by reason, and what the sender's page says about the fence and about single calls."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from campaigns.delivery import limiter
from campaigns.delivery.deciding import recount
from campaigns.models import Campaign, CampaignEmail, Message, Sender, Transition, WarmUp
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from relmail.simulator.faults import Fault
from tests.factories import NOW
from tests.test_pages_delivery import make_send

pytestmark = pytest.mark.django_db


def make_dead(**states: int) -> CampaignEmail:
    """A finished e-mail with so many messages of each reason: gave_up=3; of unknown ones: no_record=2."""
    email = make_send(people=sum(states.values()) + 10, state="sent")
    email.messages.exclude(state="suppressed").update(state="accepted", reason="")
    rest = list(email.messages.filter(state="accepted").order_by("pk").values_list("pk", flat=True))
    for reason, count in states.items():
        cut, rest = rest[:count], rest[count:]
        state = "unknown" if reason == "no_record" else "failed"
        Message.objects.filter(pk__in=cut).update(
            state=state, reason=reason, detail=f"SES said <b>{reason}</b>", attempts=7
        )
    recount(list(email.batches.values_list("pk", flat=True)), now=NOW)
    return email


def post(browser: Browser, email: CampaignEmail, **data: str) -> Any:
    given = {"state": "failed", "reason": "gave_up", "verdict": "queued", "why": "The mailbox works again."} | data
    return browser.post(reverse("delivery:decide_group", args=[email.pk]), given, follow=True)


def test_groups_are_shown_with_one_example_in_full(sign_in: Any, django_assert_max_num_queries: Any) -> None:
    first, second = make_dead(gave_up=3, MESSAGE_REJECTED=1), make_dead(gave_up=2, no_record=1)
    browser = sign_in(MARKETER)
    with django_assert_max_num_queries(9):
        shown = browser.get(reverse("delivery:groups"))
    rows = [(row["group"].email.pk, row["group"].reason, row["group"].messages) for row in shown.context["rows"]]
    assert rows == [(second.pk, "gave_up", 2), (first.pk, "gave_up", 3), (first.pk, "MESSAGE_REJECTED", 1)]
    assert re.search(r"Given up after the last try: <a [^>]+>3</a>", shown.text)
    assert "SES said &lt;b&gt;gave_up&lt;/b&gt;" in shown.text and "<dd>7</dd>" in shown.text
    assert "Deciding needs the role Operator" in shown.text and '<form method="post" class="form"' not in shown.text
    unknown = browser.get(reverse("delivery:groups"), {"state": "unknown"})
    assert [row["group"].reason for row in unknown.context["rows"]] == ["no_record"]
    assert browser.get(reverse("delivery:groups"), {"state": "nonsense"}).context["state"] == "failed"


def test_an_operator_sends_a_group_again_and_writes_another_off(sign_in: Any) -> None:
    email, browser = make_dead(gave_up=3, MESSAGE_REJECTED=2), sign_in(OPERATOR)
    assert "3 messages are waiting to be sent again" in post(browser, email).text
    assert email.messages.filter(state="queued").count() == 3
    answer = post(browser, email, reason="MESSAGE_REJECTED", verdict="failed", why="They left.")
    assert "2 messages are written off" in answer.text and "None" in answer.text
    assert set(email.messages.filter(state="failed").values_list("reason", flat=True)) == {"decided_by_person"}
    assert Transition.objects.filter(what="message", email=email).count() == 2


def test_whoever_decides_second_reads_that_nothing_was_left_to_decide(sign_in: Any) -> None:
    email, browser = make_dead(gave_up=3), sign_in(OPERATOR)
    post(browser, email)
    answer = post(browser, email, verdict="failed", why="They left.")
    assert "Nothing was changed: somebody else decided" in answer.text
    assert email.messages.filter(state="queued").count() == 3


def test_nothing_of_a_cancelled_campaign_is_sent_again(sign_in: Any) -> None:
    email, browser = make_dead(gave_up=3), sign_in(OPERATOR)
    Campaign.objects.filter(pk=email.campaign_id).update(state="cancelled")
    assert "The campaign is cancelled; nothing of it is sent any more." in post(browser, email).text
    assert email.messages.filter(state="failed").count() == 3
    assert "3 messages are written off" in post(browser, email, verdict="failed", why="Cancelled.").text


def test_unknown_messages_are_counted_as_sent_in_one_press(sign_in: Any) -> None:
    email = make_dead(no_record=4)
    answer = post(sign_in(OPERATOR), email, state="unknown", reason="no_record", verdict="accepted")
    assert "4 messages are counted as sent" in answer.text
    assert not email.messages.filter(state="unknown").exists()


def test_a_form_that_says_too_little_is_shown_again_in_its_place(sign_in: Any) -> None:
    email, browser = make_dead(gave_up=3), sign_in(OPERATOR)
    key = f"{email.pk}-gave_up"
    for wrong, says in (
        ({"why": " "}, "Say why"),
        ({"verdict": ""}, "Choose what"),
        ({"verdict": "accepted"}, "valid"),
    ):
        answer = post(browser, email, group=key, **wrong)
        assert answer.status_code == 422 and says in answer.text and "open" in answer.text
    assert email.messages.filter(state="failed").count() == 3
    assert "nothing of it is sent any more" in _cancelled(browser, email)


def _cancelled(browser: Browser, email: CampaignEmail) -> str:
    CampaignEmail.objects.filter(pk=email.pk).update(state="cancelled")
    return str(post(browser, email).text)


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER])
def test_nobody_else_decides(role: str, sign_in: Any) -> None:
    email = make_dead(gave_up=3)
    assert post(sign_in(role), email).status_code == 403
    assert email.messages.filter(state="failed").count() == 3


def test_all_of_a_state_is_decided_on_without_a_limit(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from campaigns.delivery import deciding

    monkeypatch.setattr(deciding, "CHUNK", 2)
    email, browser = make_dead(gave_up=3, MESSAGE_REJECTED=4), sign_in(OPERATOR)
    url = reverse("delivery:decide", args=[email.pk]) + "?state=failed"
    browser.post(url, {"verdict": "queued", "scope": "all", "why": "Send to those who failed."})
    assert email.messages.filter(state="queued").count() == 7


def test_a_group_that_takes_too_long_is_decided_on_in_parts(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from campaigns.delivery import actions, deciding

    monkeypatch.setattr(deciding, "CHUNK", 2)
    email, browser = make_dead(gave_up=5), sign_in(OPERATOR)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "patience", lambda: lambda: True)
        answer = post(browser, email).text
        assert "2 messages are waiting to be sent again" in answer and "3 of the group are left" in answer
    assert "3 messages are waiting to be sent again." in post(browser, email).text
    assert email.messages.filter(state="queued").count() == 5


# --- the sender ------------------------------------------------------------------------------------------------------


def sender(**fields: Any) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(**fields)


def test_a_fenced_sender_is_taken_over_and_not_just_started(sign_in: Any, simulator: Any, settings: Any) -> None:
    settings.SEND_FENCE_SECONDS = 30
    now = timezone.now()
    sender(
        fenced_at=now, stopped_at=now, stopped_reason="Another installation has sent.", fence_nonce="1-1", fence_epoch=7
    )
    browser = sign_in(OPERATOR)
    shown = browser.get(reverse("delivery:sender")).text
    assert "Take over" in shown and "Start sending again" not in shown and "Epoch 7" in shown
    refused = browser.post(reverse("delivery:change_sender", args=["start"]), follow=True).text
    assert "Starting again is not enough" in refused
    assert "Say why" in browser.post(reverse("delivery:change_sender", args=["take_over"]), follow=True).text
    done = browser.post(
        reverse("delivery:change_sender", args=["take_over"]), {"why": "Old server is off."}, follow=True
    )
    assert "sends from now on" in done.text
    row = limiter.row()
    assert row.stopped_at is None and row.fenced_at is None and row.fence_epoch == 8


def test_what_was_learned_is_shown_and_dropped(sign_in: Any) -> None:
    sender(learned_mode="single", learned_why="SES refused a bulk call.", learned_at=NOW)
    shown = sign_in(MARKETER).get(reverse("delivery:sender")).text
    assert (
        "One recipient a call" in shown and "SES refused a bulk call." in shown and "Try bulk calls again" not in shown
    )
    browser = sign_in(OPERATOR)
    assert "Try bulk calls again" in browser.get(reverse("delivery:sender")).text
    assert sign_in(MARKETER).post(reverse("delivery:change_sender", args=["bulk"])).status_code == 403
    browser.post(reverse("delivery:change_sender", args=["bulk"]))
    assert limiter.row().learned_mode == ""
    assert "Up to 50 recipients a call" in browser.get(reverse("delivery:sender")).text


def test_an_erased_person_has_a_line_without_an_address(sign_in: Any) -> None:
    email = make_dead(gave_up=2)
    email.messages.filter(state="failed").update(address="", values={})
    browser = sign_in(OPERATOR)
    assert "Erased person" in browser.get(reverse("delivery:messages", args=[email.pk]), {"state": "failed"}).text
    assert "Erased person" in browser.get(reverse("delivery:groups")).text


def test_the_admin_offers_the_same_verbs(admin_client: Browser, simulator: Any) -> None:
    sender(fenced_at=NOW, stopped_at=NOW, stopped_reason="Another installation has sent.", learned_mode="single")
    url = reverse("admin:campaigns_sender_changelist")

    def press(action: str) -> str:
        return str(admin_client.post(url, {"action": action, "_selected_action": [limiter.row().pk]}, follow=True).text)

    assert "Starting again is not enough" in press("start")
    assert "Taken over" in press("take_over") and limiter.row().stopped_at is None
    assert "tried again" in press("bulk") and limiter.row().learned_mode == ""
    simulator.faults.add(Fault("ses", "refuse", "GetEmailTemplate", status=503))
    assert "Nothing was changed" in press("take_over")


def test_an_operator_plans_a_warm_up_in_the_admin(operator: Any, client: Browser) -> None:
    operator.is_staff = True
    operator.save(update_fields=["is_staff"])
    client.force_login(operator)
    url = reverse("admin:campaigns_warmup_add")
    answer = client.post(url, {"product": "", "starts_on": "2026-11-24", "caps": "[50, 100]"}, follow=True)
    assert answer.status_code == 200
    assert WarmUp.objects.get().caps == [50, 100]
    for wrong in ("7", "[-1]", '["many"]', "[1.5]", "{}"):
        refused = client.post(url, {"product": "", "starts_on": "2026-11-24", "caps": wrong})
        assert "A list of recipients per day" in refused.text
