"""Too many failures or lost answers within some minutes pause the e-mail, with the figures as its reason."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.delivery import sending, services
from campaigns.models import CampaignEmail, Message
from relmail.simulator.faults import Fault
from tests.factories import NOW
from tests.test_delivery_send import Clock, clock, fast, inbox, sheet, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _limits(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEND_BATCH_SIZE = 10
    settings.SEND_FAILURE_LEAST = 20
    settings.SEND_FAILURE_PERCENT = settings.SEND_UNKNOWN_PERCENT = 20
    monkeypatch.setattr(sending, "WATCH_SECONDS", 0.0)
    monkeypatch.setattr(sending, "NARROWEST", 1)


def failing(email: CampaignEmail, simulator: Any, clock: Clock, kind: str, **fault: Any) -> CampaignEmail:
    simulator.faults.add(Fault("ses", kind, "SendBulkEmail", **fault))
    work(clock)
    email.refresh_from_db()
    return email


def test_failures_pause_the_email_before_everybody_has_failed(simulator: Any, fast: None, clock: Clock) -> None:
    email = failing(started(200), simulator, clock, "refusal", times=0, detail="MESSAGE_REJECTED")
    assert email.state == "paused"
    assert "20 of the 20 messages" in email.state_reason and "MESSAGE_REJECTED: 100 %" in email.state_reason
    assert sheet(email) == {"planned": 200, "failed": 20, "queued": 180}
    line = email.transitions.filter(what="email", after="paused").get()
    assert line.why == email.state_reason and line.by is None


def test_lost_answers_pause_it_too(simulator: Any, fast: None, clock: Clock) -> None:
    email = failing(started(200), simulator, clock, "lose_answer", times=0)
    assert email.state == "paused" and "got no clear answer" in email.state_reason
    assert sheet(email) == {"planned": 200, "unknown": 20, "queued": 180}
    assert len(inbox(simulator, email)) == 20


@pytest.mark.parametrize(("failures", "state"), [(39, "sent"), (80, "paused")])
def test_a_share_below_the_limit_does_not(failures: int, state: str, simulator: Any, fast: None, clock: Clock) -> None:
    email = started(200)
    sent = 0
    accept = simulator.amazon.ses._accept_entry

    def judged(mail: Any) -> Any:
        nonlocal sent
        sent += 1
        # So many of the two hundred, evenly spread.
        if sent * failures // 200 != (sent - 1) * failures // 200:
            return {"Status": "MESSAGE_REJECTED", "Error": "no"}
        return accept(mail)

    simulator.amazon.ses._accept_entry = judged
    try:
        work(clock)
    finally:
        del simulator.amazon.ses._accept_entry
    email.refresh_from_db()
    assert email.state == state


def test_few_messages_are_no_evidence(simulator: Any, fast: None, clock: Clock) -> None:
    email = failing(started(19), simulator, clock, "refusal", times=0, detail="MESSAGE_REJECTED")
    assert email.state == "sent"
    assert sheet(email) == {"planned": 19, "failed": 19}


def test_a_rule_is_switched_off_by_a_hundred_percent(simulator: Any, fast: None, clock: Clock, settings: Any) -> None:
    settings.SEND_FAILURE_PERCENT = 100
    email = failing(started(60), simulator, clock, "refusal", times=0, detail="MESSAGE_REJECTED")
    assert email.state == "sent"


def test_who_resumes_has_seen_the_failures_and_only_new_ones_count(
    simulator: Any, fast: None, clock: Clock, release_manager: Any
) -> None:
    email = failing(started(100), simulator, clock, "refusal", times=0, detail="MESSAGE_REJECTED")
    assert email.state == "paused"
    simulator.faults.clear()
    clock.tick(seconds=30)
    services.resume(email=email, by=release_manager, now=clock())
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 100, "failed": 20, "accepted": 80}


def test_failures_long_ago_do_not_count(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(60)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    assert sending.watch(now=NOW) == 0
    email.batches.filter(state="done").update(accepted=0, failed=30)
    assert sending.watch(now=clock.tick(minutes=11)) == 0
    assert Message.objects.filter(state="queued").exists()


def test_the_tick_finds_what_the_reaper_parked(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(60)
    email.batches.update(state="sending", claimed_at=NOW)
    assert sending.reap(now=clock.tick(seconds=60)) == 6
    assert sending.watch(now=clock()) == 1
    email.refresh_from_db()
    assert email.state == "paused" and "no_record" in email.state_reason
