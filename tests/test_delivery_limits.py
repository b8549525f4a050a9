"""What the quota, a warm-up, allowed hours and the frequency cap leave, and what goes back when it was not used."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from campaigns.audience import services as audience
from campaigns.delivery import calling, claiming, deciding, limiter, sending, services, ses, windows
from campaigns.delivery.clearance import NotCleared, clearance
from campaigns.models import Approval, Batch, CampaignEmail, Contact, Message, Sender, Suppression, WarmUp
from campaigns.planning.selectors import audience_rule
from relmail.simulator.faults import Fault
from tests import factories
from tests.factories import NOW
from tests.test_delivery_send import Clock, clock, fast, inbox, sheet, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db


def warm_up(*caps: int) -> WarmUp:
    return WarmUp.objects.create(product=None, starts_on=NOW.date(), caps=list(caps))


def state_of(email: CampaignEmail) -> str:
    email.refresh_from_db()
    return email.state


@pytest.mark.parametrize("caps", [(20, 49), (80, 90)])
def test_a_warm_up_is_used_up_each_day_though_no_batch_fits_into_it(
    caps: tuple[int, ...], simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(sum(caps) + 10)
    warm_up(*caps)
    sent = []
    for _ in caps:
        before = len(inbox(simulator, email))
        midnight = clock().replace(hour=0, minute=0) + dt.timedelta(days=1)
        while clock() < midnight:  # workers ask all day long
            work(clock)
            clock.tick(minutes=110)
        sent.append(len(inbox(simulator, email)) - before)
    assert tuple(sent) == caps
    work(clock, rounds=3)
    assert sheet(email) == {"planned": sum(caps) + 10, "accepted": sum(caps) + 10}
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_the_rest_of_the_24_hours_is_used_up_too(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(120)
    Sender.objects.update(max_per_day=70, sent_last_day=0)
    work(clock, rounds=3)
    assert sheet(email) == {"planned": 120, "accepted": 70, "queued": 50}


@pytest.mark.parametrize(("held_by", "state"), [("warm-up", "sending"), ("daily quota", "sending"), ("", "paused")])
def test_a_send_that_the_quota_held_back_did_not_stand_still(
    held_by: str, state: str, simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(120)
    if held_by == "warm-up":
        warm_up(50, 500)
    elif held_by == "daily quota":
        Sender.objects.update(max_per_day=50, sent_last_day=0)
    for hour in range(5):
        if held_by:
            sending.send_due(email_id=email.pk, seconds=0.2, clock=clock)
        elif not hour:  # workers that are dead ask for nothing
            sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
        clock.tick(hours=1)
        services.pause_stale(now=clock())
    assert state_of(email) == state
    assert len(inbox(simulator, email)) == 50


def test_who_rests_because_ses_says_that_the_day_is_used_up_does_not_stand_still(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(100)
    CampaignEmail.objects.filter(pk=email.pk).update(late_after=dt.timedelta(minutes=6))
    simulator.amazon.account.set_quota(max_24h=50)
    work(clock)
    assert sheet(email)["accepted"] == 50
    for _ in range(3):  # within the ten minutes that nothing is tried
        clock.tick(minutes=4)
        work(clock)
        assert services.pause_stale(now=clock()) == 0
    email.refresh_from_db()
    assert email.state == "sending"


def test_workers_that_are_dead_for_a_day_of_a_warm_up_leave_a_late_send(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(120)
    warm_up(50, 500)
    work(clock)
    clock.tick(days=2)
    services.pause_stale(now=clock())
    assert state_of(email) == "paused"


def test_a_worker_asks_for_itself_whether_a_send_stood_still(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(120)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    clock.tick(minutes=30)
    assert clearance(email.pk, now=clock()).email_id == email.pk
    clock.tick(days=5)
    with pytest.raises(NotCleared, match="late mail"):
        clearance(email.pk, now=clock())
    # No tick came before the worker, which pauses it by itself and sends nothing.
    sending.send_due(email_id=email.pk, seconds=5, clock=clock)
    assert state_of(email) == "paused"
    assert len(inbox(simulator, email)) == 50


def test_who_must_not_be_mailed_uses_up_neither_rate_nor_day_nor_warm_up(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(100)
    plan = warm_up(1_000)
    for address in Message.objects.order_by("pk").values_list("address", flat=True)[::2]:
        Suppression.objects.create(email=address, reason="manual", since=NOW)
    claimed = claiming.claim(clearance(email.pk, now=NOW), after=0, width=8, now=NOW)
    assert sum(len(batch.recipients) for batch in claimed.batches) == 50
    row = limiter.row()
    plan.refresh_from_db()
    advanced = (row.next_free_at - NOW.timestamp()) * limiter.effective_rate(row)
    assert (row.sent_last_day, plan.sent) == (50, 50)
    assert advanced == pytest.approx(50, abs=1)


def test_what_ses_did_not_take_is_not_counted_in_the_day(simulator: Any, fast: None, clock: Clock) -> None:
    started(10)
    plan = warm_up(1_000)
    simulator.faults.add(Fault("ses", "throttle", "SendBulkEmail", times=1))
    work(clock)
    plan.refresh_from_db()
    assert (limiter.row().sent_last_day, plan.sent) == (0, 0)
    clock.tick(seconds=10)
    work(clock)
    plan.refresh_from_db()
    assert (limiter.row().sent_last_day, plan.sent) == (10, 10)


@pytest.mark.parametrize("code", sorted(ses.ses_errors.THROTTLING))
def test_too_fast_by_any_name_burns_no_attempt_and_slows_the_fleet(
    code: str, simulator: Any, fast: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    email = started(3)

    class Refusing:
        def send_bulk_email(self, **_: Any) -> Any:
            answer = {"Error": {"Code": code, "Message": "Rate exceeded"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(answer, "SendBulkEmail")  # type: ignore[arg-type]

    monkeypatch.setattr(ses, "door", lambda: ses.SESDoor(Refusing()))
    work(clock)
    waiting = Batch.objects.get(email=email, state="queued")
    assert (waiting.attempt, waiting.queued) == (1, 3)
    assert limiter.row().pace < 1


def test_one_call_by_one_no_more_go_out_together_than_in_a_second(db: None) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=14, next_free_at=0)
    together = limiter.grant(lambda: [50, 50], product_id=0, now=NOW, one_by_one=True)
    assert (together.batches, together.part, together.recipients) == (1, 13, 13)
    Sender.objects.update(next_free_at=0)
    assert limiter.grant(lambda: [50, 50], product_id=0, now=NOW).recipients == 50


def test_a_batch_that_cannot_be_read_after_its_claim_goes_back(
    simulator: Any, fast: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = started(60)

    def away(**_: Any) -> Any:
        raise ConnectionError("the database is away for a moment")

    with monkeypatch.context() as patch:
        patch.setattr(claiming.audience, "refusals", away)
        with pytest.raises(ConnectionError):
            sending.send_due(email_id=email.pk, seconds=5, clock=clock)
    assert sheet(email) == {"planned": 60, "queued": 60}
    assert limiter.row().sent_last_day == 0
    work(clock)
    assert sheet(email) == {"planned": 60, "accepted": 60}


def test_an_error_that_nobody_expected_keeps_the_answers_of_the_other_calls(
    simulator: Any, fast: None, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_CALLS_IN_FLIGHT = 4
    email = started(150)
    real, calls = ses.SESDoor.send_bulk, []

    def second_breaks(self: ses.SESDoor, request: ses.BulkRequest) -> list[ses.EntryResult]:
        calls.append(request)
        if len(calls) == 2:
            raise RuntimeError("a bug of ours")
        return real(self, request)

    monkeypatch.setattr(ses.SESDoor, "send_bulk", second_breaks)
    work(clock)
    assert sheet(email) == {"planned": 150, "accepted": 100, "unknown": 50}
    assert set(Message.objects.filter(state="unknown").values_list("reason", flat=True)) == {"unexpected_error"}


@pytest.mark.parametrize(("seconds", "answer"), [(1.0, "accepted"), (3.0, "retry")])
@pytest.mark.parametrize("mode", [calling.BULK, calling.SINGLE])
def test_no_call_starts_later_than_a_pause_may_take(
    mode: str, seconds: float, answer: str, simulator: Any, fast: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = started(2)
    cleared = clearance(email.pk, now=NOW)
    claimed = claiming.claim(cleared, after=0, width=1, now=NOW)
    requests = [sending.request(batch, cleared) for batch in claimed.batches]
    since = claimed.batches[0].since
    monkeypatch.setattr(calling.time, "monotonic", lambda: since + seconds)
    caller = calling.Caller(mode, since)
    answers = caller.run(requests, lambda calls: [call() for call in calls])
    assert {result.outcome for result in answers[0]} == {answer}


def two_emails_to_the_same_three() -> list[CampaignEmail]:
    people = factories.make_contacts(3)
    emails = []
    for _ in range(2):
        campaign = factories.make_campaign()
        product = campaign.release.product
        for person in people:
            audience.subscribe(contact=person, product=product, basis="contract", source="test", by=None, now=NOW)
        campaign.lists.get().contacts.set(people)
        emails.append(factories.make_approved_email(campaign))
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    return emails


# A worker reads its clock, waits for its turn at the quota, and clocks differ: who comes second may have read less.
@pytest.mark.parametrize("seconds", [0, 0.1, -0.1])
def test_of_two_emails_at_once_the_frequency_cap_lets_one_through(
    seconds: float, simulator: Any, fast: None, clock: Clock, settings: Any
) -> None:
    settings.FREQUENCY_CAP_EMAILS, settings.FREQUENCY_CAP_DAYS = 1, 7
    emails = two_emails_to_the_same_three()
    moments = (NOW + dt.timedelta(seconds=1), NOW + dt.timedelta(seconds=1 + seconds))
    first, second = (
        claiming.claim(clearance(email.pk, now=moment), after=0, width=1, now=moment)
        for email, moment in zip(emails, moments, strict=True)
    )
    assert [len(batch.recipients) for batch in first.batches] == [3]
    assert second.batches == []
    assert sheet(emails[1]) == {"planned": 3, "suppressed": 3}


def test_a_correction_reaches_whoever_read_the_mistake_whatever_the_frequency_cap(
    simulator: Any, fast: None, clock: Clock, settings: Any
) -> None:
    settings.FREQUENCY_CAP_EMAILS, settings.FREQUENCY_CAP_DAYS = 1, 7
    email = started(3)
    work(clock)
    assert sheet(email) == {"planned": 3, "accepted": 3}
    correction = factories.make_approved_email(email.campaign, step="reminder")
    CampaignEmail.objects.filter(pk=correction.pk).update(correction_of=email)
    Approval.objects.filter(email=correction).update(
        audience_digest=audience_rule(CampaignEmail.objects.get(pk=correction.pk)).digest()
    )
    work(clock)
    assert sheet(correction) == {"planned": 3, "accepted": 3}


# --- allowed hours ------------------------------------------------------------------------------------------------


def daytime_email(zone: str, contacts: int = 1) -> CampaignEmail:
    """An e-mail that may arrive between eight and six, to people of one zone."""
    campaign = factories.make_campaign()
    factories.make_contacts(contacts, product=campaign.release.product, contact_list=campaign.lists.get())
    Contact.objects.update(time_zone=zone)
    email = factories.make_approved_email(campaign, window_opens=dt.time(8), window_closes=dt.time(18))
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    email.refresh_from_db()
    return email


def test_what_was_not_sent_before_the_hours_close_waits_for_the_next_morning(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = daytime_email("UTC", 60)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    assert len(inbox(simulator, email)) == 50
    clock.moment = NOW.replace(hour=18, minute=0)
    for moment in (clock(), clock.tick(hours=5)):
        windows.move_closed(now=moment)
        services.pause_stale(now=moment)
        work(clock)
        assert len(inbox(simulator, email)) == 50
    clock.moment = (NOW + dt.timedelta(days=1)).replace(hour=8, minute=0)
    services.pause_stale(now=clock())
    work(clock)
    assert len(inbox(simulator, email)) == 60
    assert state_of(email) == "sent"


@pytest.mark.parametrize(("hour", "opens"), [(12, None), (17, "next morning")])
def test_a_retry_keeps_the_allowed_hours(
    hour: int, opens: str | None, simulator: Any, fast: None, clock: Clock
) -> None:
    email = daytime_email("UTC")
    clock.moment = NOW.replace(hour=hour, minute=57)
    CampaignEmail.objects.filter(pk=email.pk).update(state_since=clock())
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=1, detail="TRANSIENT_FAILURE"))
    work(clock)
    retry = Batch.objects.get(email=email, state="queued")
    if opens:
        assert retry.not_before == (NOW + dt.timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    else:
        assert retry.not_before < clock() + dt.timedelta(minutes=7)
    assert retry.not_after is not None and retry.not_after.hour == 18


def test_what_a_person_sends_again_keeps_the_allowed_hours(
    simulator: Any, fast: None, clock: Clock, operator: Any
) -> None:
    email = daytime_email("UTC")
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=1, detail="MESSAGE_REJECTED"))
    clock.moment = NOW.replace(hour=12)
    CampaignEmail.objects.filter(pk=email.pk).update(state_since=clock())
    work(clock)
    email.refresh_from_db()
    night = NOW.replace(hour=23)
    assert deciding.retry_failed(email=email, why="mended", by=operator, now=night) == 1
    again = Batch.objects.get(email=email, state="queued")
    assert again.not_before > night + dt.timedelta(hours=8)


@pytest.mark.parametrize(
    ("zone", "day", "opens_utc", "closes_utc"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-28T07:00", "2026-03-28T17:00"),  # winter
        ("Europe/Berlin", "2026-03-29", "2026-03-29T06:00", "2026-03-29T16:00"),  # the clocks go forward
        ("Europe/Berlin", "2026-10-25", "2026-10-25T07:00", "2026-10-25T17:00"),  # and back
        ("Asia/Kathmandu", "2026-06-01", "2026-06-01T02:15", "2026-06-01T12:15"),
    ],
)
def test_a_slot_is_the_allowed_hours_of_the_wall_clock(zone: str, day: str, opens_utc: str, closes_utc: str) -> None:
    email = CampaignEmail(window_opens=dt.time(8), window_closes=dt.time(18))
    moment = dt.datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=dt.UTC)
    slot = windows.slot_from(email, moment, zone=zone)
    assert slot.not_before == dt.datetime.fromisoformat(opens_utc).replace(tzinfo=dt.UTC)
    assert slot.not_after == dt.datetime.fromisoformat(closes_utc).replace(tzinfo=dt.UTC)
    inside = slot.not_before + dt.timedelta(hours=1)
    assert windows.slot_from(email, inside, zone=zone) == windows.Slot(inside, slot.not_after, zone)
    after = windows.slot_from(email, slot.not_after, zone=zone)
    assert after.not_before.date() == slot.not_before.date() + dt.timedelta(days=1)


@pytest.mark.parametrize("zones", [("Europe/Berlin", "Europe/Paris"), ("Europe/Berlin", "America/New_York")])
def test_zones_that_open_and_close_together_share_batches(
    zones: tuple[str, str], simulator: Any, fast: None, clock: Clock
) -> None:
    campaign = factories.make_campaign()
    people = factories.make_contacts(2, product=campaign.release.product, contact_list=campaign.lists.get())
    for person, zone in zip(people, zones, strict=True):
        Contact.objects.filter(pk=person.pk).update(time_zone=zone)
    email = factories.make_approved_email(campaign, window_opens=dt.time(8), window_closes=dt.time(18))
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    assert Batch.objects.filter(email=email).count() == (1 if "Europe/Paris" in zones else 2)
