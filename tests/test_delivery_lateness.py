"""Law 7 after the start, campaigns that end in mid-send, and write-offs that turn out to be wrong."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from analytics import services as analytics
from analytics.models import SnsNotification
from campaigns.audience import services as audience
from campaigns.delivery import claiming, fencing, limiter, preparing, selectors, sending, services
from campaigns.delivery.clearance import clearance
from campaigns.models import Batch, CampaignEmail, Message, Sender, Transition
from campaigns.planning import history
from campaigns.planning import services as planning
from relmail.simulator.faults import Fault
from tests import factories
from tests.factories import NOW
from tests.sns_letters import ses_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fast(settings: Any) -> None:
    settings.SEND_RATE_PER_SECOND = 100_000
    settings.SEND_CALLS_IN_FLIGHT = 1
    settings.SEND_FENCE_SECONDS = 0
    limiter.row()


def work(now: dt.datetime) -> None:
    """What the tick and one worker do."""
    sending.reap(now=now)
    services.sweep_cancelled(now=now)
    services.pause_stale(now=now)
    services.start_due(now=now)
    services.prepare_due(now=now)
    for email_id in services.sending_emails():
        sending.send_due(email_id=email_id, seconds=20, clock=lambda: now)
    services.finish_due(now=now)


def inbox(simulator: Any, email: CampaignEmail) -> int:
    return sum(1 for mail in simulator.amazon.mails if mail.tags.get("email") == str(email.pk))


def started(contacts: int) -> CampaignEmail:
    email = factories.make_approved_email(contacts=contacts)
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    email.refresh_from_db()
    return email


@pytest.mark.parametrize(("hours", "state"), [(1, "sent"), (3, "held")])
def test_what_became_due_while_the_sender_was_stopped_is_sent_in_time_and_held_when_late(
    simulator: Any, operator: Any, hours: int, state: str
) -> None:
    email = factories.make_approved_email(contacts=2)
    services.stop_sender(reason="maintenance", by=operator, now=NOW)
    work(NOW)
    email.refresh_from_db()
    assert email.state == "approved"
    later = NOW + dt.timedelta(hours=hours)
    services.start_sender(by=operator, now=later)
    work(later)
    email.refresh_from_db()
    assert email.state == state
    assert inbox(simulator, email) == (2 if state == "sent" else 0)


def test_a_send_that_stood_still_too_long_is_paused_and_goes_on_only_with_a_reason(
    simulator: Any, release_manager: Any
) -> None:
    email = started(120)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=lambda: NOW)
    assert inbox(simulator, email) == 50
    # Every worker was dead for a month.
    later = NOW + dt.timedelta(days=30)
    work(later)
    email.refresh_from_db()
    assert email.state == "paused" and "late mail" in email.state_reason
    assert inbox(simulator, email) == 50
    with pytest.raises(services.DeliveryRefused, match="Say why"):
        services.resume(email=email, by=release_manager, now=later)
    services.resume(email=email, by=release_manager, now=later, why="still of use to them")
    work(later)
    email.refresh_from_db()
    assert email.state == "sent"
    assert Transition.objects.filter(email=email, why="still of use to them").exists()


def test_a_slow_but_steady_send_is_not_called_late(simulator: Any) -> None:
    email = started(120)
    moment = NOW
    for _ in range(3):
        sending.send_due(email_id=email.pk, seconds=0.0001, clock=lambda: moment)  # noqa: B023 - called at once
        moment += dt.timedelta(minutes=100)
        services.pause_stale(now=moment)
    services.finish_due(now=moment)
    email.refresh_from_db()
    assert email.state == "sent"


def test_cancelling_a_campaign_in_mid_send_ends_the_send(simulator: Any, release_manager: Any) -> None:
    email = started(120)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=lambda: NOW)
    planning.cancel_campaign(campaign=email.campaign, why="stop it all", by=release_manager, now=NOW)
    work(NOW)
    work(NOW)
    email.refresh_from_db()
    sheet = selectors.balance(email)
    assert email.state == "cancelled"
    assert (sheet.accepted, sheet.cancelled, sheet.queued) == (50, 70, 0)
    assert inbox(simulator, email) == 50


def test_a_finished_campaign_still_sends_again_what_a_person_asked_for(simulator: Any, operator: Any) -> None:
    email = started(2)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=1, detail="MESSAGE_REJECTED"))
    work(NOW)
    type(email.campaign).objects.filter(pk=email.campaign_id).update(state="finished")
    failed = list(Message.objects.filter(state="failed").values_list("pk", flat=True))
    assert services.decide(messages=failed, verdict="queued", reason="mended", by=operator, now=NOW) == 1
    work(NOW)
    email.refresh_from_db()
    assert email.state == "sent"
    assert inbox(simulator, email) == 2


def test_a_write_off_that_an_event_disproves_is_accepted_and_not_sent_again(simulator: Any, operator: Any) -> None:
    email = started(1)
    simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=1))
    work(NOW)
    message = Message.objects.get()
    services.decide(messages=[message.pk], verdict="failed", reason="no event came", by=operator, now=NOW)
    assert services.settle(message_id=message.pk, ses_id="0100", why="Delivery event", now=NOW)
    assert services.decide(messages=[message.pk], verdict="queued", reason="again", by=operator, now=NOW) == 0
    work(NOW)
    assert inbox(simulator, email) == 1
    assert selectors.balance(email).accepted == 1


def test_when_amazon_stops_everybody_a_line_of_history_says_so(simulator: Any) -> None:
    email = started(2)
    simulator.amazon.account.sending_enabled = False
    work(NOW)
    assert Sender.objects.get().stopped_at is not None
    line = Transition.objects.get(what="sender", after="stopped")
    assert "SendingPaused" in line.why and line.by is None
    assert selectors.balance(email).queued == 2


def test_lists_that_change_before_everybody_is_prepared_pause_the_send(simulator: Any) -> None:
    email = factories.make_approved_email(contacts=3)
    services.start_due(now=NOW)
    email.campaign.lists.add(factories.make_list())
    email = CampaignEmail.objects.get(pk=email.pk)
    assert preparing.prepare(email=email, now=NOW) == 0
    assert email.state == "paused" and "lists changed" in email.state_reason
    assert not Message.objects.exists()


def test_an_email_whose_balance_does_not_add_up_is_never_called_sent(simulator: Any) -> None:
    email = started(2)
    sending.send_due(email_id=email.pk, seconds=20, clock=lambda: NOW)
    Batch.objects.filter(email=email).update(queued=1)
    assert services.finish_due(now=NOW) == 0
    email.refresh_from_db()
    assert email.state == "sending"
    Batch.objects.filter(email=email).update(queued=0)
    assert services.finish_due(now=NOW) == 1


def test_a_batch_that_is_cancelled_while_it_is_claimed_stays_cancelled(
    simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = started(2)
    cleared = clearance(email.pk, now=NOW)
    real = limiter.grant

    def cancelled_in_between(look: Any, **arguments: Any) -> limiter.Grant:
        granted = real(look, **arguments)
        Batch.objects.filter(email=email).update(state="cancelled")
        return granted

    with monkeypatch.context() as patch:
        patch.setattr(limiter, "grant", cancelled_in_between)
        assert claiming.claim(cleared, after=0, width=4, now=NOW).batches == []
    assert not Batch.objects.filter(state="sending").exists()


@pytest.mark.parametrize(("fault", "state"), [("none", "sent"), ("lost", "paused")])
def test_a_paused_send_of_which_nothing_is_left_ends_by_itself_unless_something_is_unknown(
    fault: str, state: str, simulator: Any, release_manager: Any
) -> None:
    email = started(2)
    if fault == "lost":
        simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=1))
    sending.send_due(email_id=email.pk, seconds=5, clock=lambda: NOW)
    services.pause(email=email, why="too many complaints", by=release_manager, now=NOW)
    services.finish_due(now=NOW)
    email.refresh_from_db()
    assert email.state == state


def test_a_paused_send_with_somebody_left_stays_paused(simulator: Any, release_manager: Any) -> None:
    email = started(60)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=lambda: NOW)
    services.pause(email=email, why="look at it first", by=release_manager, now=NOW)
    services.finish_due(now=NOW)
    email.refresh_from_db()
    assert email.state == "paused"


def test_retries_that_stood_still_too_long_are_paused_too(simulator: Any) -> None:
    email = started(3)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=1, detail="TRANSIENT_FAILURE"))
    work(NOW)
    assert Batch.objects.filter(state="queued", attempt=2).exists()
    before = inbox(simulator, email)
    work(NOW + dt.timedelta(days=30))
    email.refresh_from_db()
    assert email.state == "paused"
    assert inbox(simulator, email) == before


@pytest.mark.parametrize("change", ["pause", "stop", "start", "fence", "calls"])
def test_a_change_whose_line_cannot_be_written_is_not_made(
    change: str, simulator: Any, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = started(1)
    row = limiter.row()
    if change == "start":
        services.stop_sender(reason="look", by=operator, now=NOW)
    changes = {
        "pause": lambda: sending.pause(email.pk, "too many failures", now=NOW),
        "stop": lambda: services.stop_sender(reason="look", by=operator, now=NOW),
        "start": lambda: services.start_sender(by=operator, now=NOW),
        "fence": lambda: fencing.stop(row, fencing.FOREIGN, now=NOW),
        "calls": lambda: services.set_calls_in_flight(most=7, why="look", by=operator, now=NOW),
    }

    def dies(**line: Any) -> None:
        raise RuntimeError("killed here")

    before = (CampaignEmail.objects.values().get(pk=email.pk), type(row).objects.values().get())
    monkeypatch.setattr(history, "record", dies)
    with pytest.raises(RuntimeError):
        changes[change]()
    assert before == (CampaignEmail.objects.values().get(pk=email.pk), type(row).objects.values().get())


@pytest.mark.parametrize("end", ["cancelled", "suppressed"])
def test_what_ended_before_it_was_sent_again_is_accepted_once_an_event_proves_its_first_try(
    end: str, simulator: Any, operator: Any
) -> None:
    email = started(2)
    simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=1))
    work(NOW)
    message, other = Message.objects.order_by("pk")
    services.decide(messages=[message.pk, other.pk], verdict="queued", reason="again", by=operator, now=NOW)
    email.refresh_from_db()
    if end == "cancelled":
        services.cancel(email=email, why="enough", by=operator, now=NOW)
    else:
        audience.suppress(email=message.address, reason="complaint", source="test", by=None, now=NOW)
        audience.suppress(email=other.address, reason="complaint", source="test", by=None, now=NOW)
        work(NOW)
    assert set(Message.objects.values_list("state", flat=True)) == {end}
    told = json.dumps(ses_event("Delivery", tags={"message": message.pk, "email": email.pk}, to=message.address))
    analytics.apply(notification=SnsNotification.objects.create(body=told, received_at=NOW), now=NOW)
    balance = selectors.balance(email)
    assert (balance.accepted, getattr(balance, end), balance.adds_up) == (1, 1, True)
