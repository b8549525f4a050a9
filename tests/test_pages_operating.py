"""A day of an operator, on the pages alone: what is pressed, what is read then, and what workers do in between."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client as Browser
from django.urls import reverse

from campaigns.delivery import selectors
from campaigns.models import CampaignEmail, Message
from relmail.roles import OPERATOR
from relmail.simulator.faults import Fault
from tests.factories import NOW
from tests.test_delivery_send import Clock, clock, fast, inbox, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db


class Operator:
    """A browser that is signed in, an e-mail that it looks at, and the workers' clock."""

    def __init__(self, browser: Browser, email: CampaignEmail, clock: Clock) -> None:
        self.browser, self.email, self.clock = browser, email, clock

    def look(self, name: str = "delivery:messages", **query: str) -> str:
        """What a page says."""
        args = [self.email.pk] if name == "delivery:messages" else []
        answer = self.browser.get(reverse(name, args=args), query)
        assert answer.status_code == 200
        return str(answer.text)

    def press(self, name: str, *args: Any, query: str = "", **data: Any) -> str:
        """What is read after a button."""
        answer = self.browser.post(reverse(name, args=args) + query, data, follow=True)
        assert answer.status_code == 200, answer.text[:500]
        self.email.refresh_from_db()
        return str(answer.text)

    def change(self, verb: str, **data: str) -> str:
        """A verb of the e-mail."""
        return self.press("delivery:change", self.email.pk, verb, **data)

    def sender(self, verb: str, **data: str) -> str:
        """A verb of the sender."""
        return self.press("delivery:change_sender", verb, **data)

    def work(self) -> int:
        """The fleet for a while; how many the e-mail has in inboxes."""
        self.clock.moment = max(self.clock.moment, dt.datetime.now(dt.UTC))
        work(self.clock)
        self.email.refresh_from_db()
        return selectors.balance(self.email).accepted


@pytest.fixture
def day(simulator: Any, fast: None, clock: Clock, sign_in: Any, settings: Any) -> Operator:
    settings.SEND_BATCH_SIZE = 10
    email = started(100)
    # The pages take the time from the machine, so the e-mail is one of today.
    CampaignEmail.objects.filter(pk=email.pk).update(state_since=dt.datetime.now(dt.UTC))
    email.refresh_from_db()
    return Operator(sign_in(OPERATOR), email, clock)


def test_pause_resume_and_cancel(day: Operator, simulator: Any) -> None:
    assert "Pause" in day.look() and "Cancel the send" in day.look()
    assert "nothing new starts" in day.change("pause", why="A link looks wrong")
    assert day.work() == 0 and "A link looks wrong" in day.look()
    assert "It goes on." in day.change("resume")
    assert "there is nothing to resume" in day.change("resume")
    simulator.faults.add(Fault("ses", "slow", "SendBulkEmail", seconds=0.01))
    assert "What was out stays out" in day.change("cancel", why="The link was wrong")
    assert day.work() == 0 and day.email.state == "cancelled"
    page = day.look()
    assert "Pause" not in page and "Resume" not in page
    assert "100" in day.look(state="cancelled")


def test_what_is_unknown_is_decided_on(day: Operator, simulator: Any) -> None:
    simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=3))
    assert day.work() == 70
    assert day.email.state == "sent" and "30" in day.look(state="unknown")
    assert "Decide on unknown" in day.look("delivery:unsettled")
    mine = list(Message.objects.filter(state="unknown").order_by("pk").values_list("pk", flat=True))
    query = "?state=unknown"
    said = day.press(
        "delivery:decide", day.email.pk, query=query, verdict="accepted", scope="chosen", message=mine[:10],
        why="They answered it",
    )  # fmt: skip
    assert "10 messages are counted as sent" in said
    said = day.press(
        "delivery:decide", day.email.pk, query=query, verdict="queued", scope="chosen", message=mine[10:20],
        why="No event for a day",
    )  # fmt: skip
    assert "10 messages are waiting to be sent again" in said and day.email.state == "sending"
    said = day.press("delivery:decide", day.email.pk, query=query, verdict="failed", scope="all", why="They left")
    assert "10 messages are written off" in said
    assert day.work() == 90 and day.email.state == "sent"
    assert "Nothing to settle" in day.look("delivery:unsettled")
    # Ten were sent again by a person's word, and those alone have it twice.
    got = [mail.recipients[0] for mail in inbox(simulator, day.email)]
    assert len(got) == 110 and len(set(got)) == 100
    tags = [(mail.tags["message"], mail.tags["attempt"]) for mail in inbox(simulator, day.email)]
    assert len(set(tags)) == 110


def test_dead_letters_are_sent_again_by_reason_and_written_off(day: Operator, simulator: Any) -> None:
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=20, detail="MESSAGE_REJECTED"))
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=5, detail="INVALID_PARAMETER"))
    assert day.work() == 75
    page = day.look("delivery:groups")
    assert "MESSAGE_REJECTED" in page and "INVALID_PARAMETER" in page
    group = {"state": "failed", "reason": "MESSAGE_REJECTED", "verdict": "queued", "why": "The domain is verified"}
    assert "20 messages are waiting to be sent again" in day.press("delivery:decide_group", day.email.pk, **group)
    assert "Nothing was changed" in day.press("delivery:decide_group", day.email.pk, **group)
    assert day.work() == 95
    query = "?state=failed"
    said = day.press("delivery:decide", day.email.pk, query=query, verdict="queued", scope="all", why="Mended")
    assert "5 messages are waiting to be sent again" in said  # "send to those who failed", whatever the reason
    assert day.work() == 100 and "Nothing to settle" in day.look("delivery:unsettled")


def test_all_sending_is_stopped_and_goes_on(day: Operator, simulator: Any) -> None:
    assert "All sending is stopped" in day.sender("stop", why="Blocklisted")
    assert day.work() == 0 and "Blocklisted" in day.look()
    assert "Blocklisted" in day.look("home")
    assert "Sending goes on" in day.sender("start")
    assert day.work() == 100 and day.email.state == "sent"


def test_amazon_stops_everybody_and_a_person_starts_it_again(day: Operator, simulator: Any) -> None:
    simulator.amazon.account.sending_enabled = False
    assert day.work() == 0
    page = day.look("delivery:sender")
    assert "Nothing is sent since" in page and "Start sending again" in page
    assert "SES:" in day.look("home")
    simulator.amazon.account.sending_enabled = True
    assert "Sending goes on" in day.sender("start")
    assert day.work() == 100


def test_a_copy_of_the_database_says_that_it_is_the_real_one(day: Operator, simulator: Any, settings: Any) -> None:
    settings.SEND_FENCE_SECONDS = 1
    from campaigns.delivery import fencing, limiter
    from campaigns.models import Sender

    simulator.amazon.account.seconds_between_changes = 0
    other = fencing.Token("another", 7, fencing.new_nonce(NOW))
    from campaigns.delivery import ses

    assert ses.door().keep_text(django_settings.SEND_FENCE_NAME, other.text(), new=True)
    assert day.work() == 0
    page = day.look("delivery:sender")
    assert "Take over" in page and "Start sending again" not in page
    assert "Starting again is not enough" in day.sender("start")
    assert "Say why" in day.sender("take_over", why=" ")
    assert "This installation sends from now on" in day.sender("take_over", why="Restored from the backup")
    assert day.email.state == "paused" and "took over the sending" in day.look()
    assert limiter.row().fenced_at is None
    assert "It goes on." in day.change("resume")
    Sender.objects.update(fence_wait_until=None)
    settings.SEND_FENCE_SECONDS = 0
    assert day.work() == 100
