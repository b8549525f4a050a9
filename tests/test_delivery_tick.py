"""The tick: one bad e-mail stops nobody else, and what takes long leaves room for everything else."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured

from campaigns.audience.models import Contact
from campaigns.delivery import limiter, preparing, selectors, sending, services, tasks, turns
from campaigns.models import Batch, CampaignEmail, Message, Transition
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fast(settings: Any) -> None:
    settings.SEND_RATE_PER_SECOND = 100_000
    settings.SEND_CALLS_IN_FLIGHT = 1
    settings.SEND_FENCE_SECONDS = 0
    limiter.row()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the send tasks that a tick wakes; its clock stands at NOW."""
    found: list[int] = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda args, expires: found.append(*args))
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW)
    return found


def started(contacts: int) -> CampaignEmail:
    email = factories.make_approved_email(contacts=contacts)
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    email.refresh_from_db()
    return email


def failing_for(wanted: int, real: Any) -> Any:
    """A function that fails for one e-mail and is the real one for every other."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        given = kwargs.get("email", args[0] if args else None)
        if wanted in (given, getattr(given, "pk", None)):
            raise ZeroDivisionError
        return real(*args, **kwargs)

    return wrapped


@pytest.mark.parametrize("broken", [False, True])
def test_an_email_that_cannot_be_started_keeps_no_other_from_starting(
    simulator: Any, woken: list[int], monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    bad = factories.make_approved_email(contacts=2)
    good = factories.make_approved_email(contacts=2)
    if broken:
        monkeypatch.setattr(services, "approval_problem", failing_for(bad.pk, services.approval_problem))
    tasks.tick()
    assert woken
    assert CampaignEmail.objects.get(pk=good.pk).state == "sending"
    assert CampaignEmail.objects.get(pk=bad.pk).state == ("approved" if broken else "sending")


@pytest.mark.parametrize("broken", [False, True])
def test_an_email_that_cannot_be_prepared_keeps_no_other_waiting(
    simulator: Any, woken: list[int], monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    bad = factories.make_approved_email(contacts=2)
    good = factories.make_approved_email(contacts=2)
    if broken:
        monkeypatch.setattr(services, "prepare", failing_for(bad.pk, services.prepare))
    tasks.tick()
    assert woken
    assert Message.objects.filter(email=good).count() == 2
    assert Message.objects.filter(email=bad).count() == (0 if broken else 2)


@pytest.mark.parametrize("broken", [False, True])
def test_an_email_that_cannot_be_watched_keeps_no_other_from_being_paused(
    simulator: Any, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    bad, good = started(2), started(2)
    monkeypatch.setattr(sending.watching, "trouble", lambda email_id, now: "Too much failed.")
    if broken:
        monkeypatch.setattr(sending.watching, "trouble", failing_for(bad.pk, sending.watching.trouble))
    assert sending.watch(now=NOW) == (1 if broken else 2)
    assert CampaignEmail.objects.get(pk=good.pk).state == "paused"


@pytest.mark.parametrize("step", ["pause_stale", "sweep_cancelled", "prepare_due"])
def test_a_step_that_fails_does_not_keep_workers_asleep_and_the_task_says_so(
    simulator: Any, woken: list[int], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    started(2)

    def fails(**_: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(services, step, fails)
    with pytest.raises(ZeroDivisionError):
        tasks.tick()
    assert woken


@pytest.mark.parametrize("broken", [False, True])
def test_an_email_whose_round_fails_keeps_no_other_from_being_sent(
    simulator: Any, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    bad, good = started(2), started(2)
    if broken:
        monkeypatch.setattr(sending, "clearance", failing_for(bad.pk, sending.clearance))
    turns.send_all(start=0, seconds=20, clock=lambda: NOW)
    assert selectors.balance(good).accepted == 2
    assert selectors.balance(bad).accepted == (0 if broken else 2)


def test_wake_ups_leave_the_queue_before_the_next_tick_brings_others() -> None:
    from relmail.schedule import TIMETABLE

    every = next(row.every for row in TIMETABLE if row.task == "campaigns.delivery.tick")
    assert every >= configured.WAKE_UP_EXPIRES


def test_preparing_ends_early_when_asked_and_the_next_tick_goes_on(
    simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 50)
    email = factories.make_approved_email(contacts=120)
    services.start_due(now=NOW)
    assert services.prepare_due(now=NOW, until=lambda: True) == 50
    assert CampaignEmail.objects.get(pk=email.pk).prepared_at is None
    assert services.prepare_due(now=NOW) == 70
    assert CampaignEmail.objects.get(pk=email.pk).prepared_at == NOW


@pytest.mark.parametrize("verb", ["", "pause", "cancel"])
def test_nobody_is_prepared_after_a_pause_or_a_cancel_and_the_balance_says_how_many(
    simulator: Any, release_manager: Any, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 50)
    email = factories.make_approved_email(contacts=120)
    services.start_due(now=NOW)

    def meanwhile() -> bool:
        person = CampaignEmail.objects.select_related("campaign__release").get(pk=email.pk)
        if verb and person.state == "sending":
            getattr(services, verb)(email=person, why="pulled", by=release_manager, now=NOW)
        return False

    found = CampaignEmail.objects.get(pk=email.pk)
    services.prepare(email=found, now=NOW, until=meanwhile)
    assert Message.objects.filter(email=email).count() == (50 if verb else 120)
    line = Transition.objects.filter(email=email, what="balance").first()
    assert bool(line) == (verb == "cancel")
    if line:
        assert "70 more on its lists were never prepared" in line.why


def test_a_cancel_goes_on_in_the_tick_when_it_took_too_long_and_then_says_what_became_of_everybody(
    simulator: Any, release_manager: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_BATCH_SIZE = 10
    monkeypatch.setattr(services, "BATCHES_A_SET", 3)
    email = started(100)
    services.cancel(email=email, why="pulled", by=release_manager, now=NOW, until=lambda: True)
    assert not Batch.objects.filter(email=email, state="queued").exists(), "nothing of it can be claimed any more"
    assert selectors.balance(email).cancelled == 30
    assert not email.transitions.filter(what="balance").exists()
    services.sweep_cancelled(now=NOW, until=lambda: True)
    assert selectors.balance(email).cancelled == 60
    assert services.sweep_cancelled(now=NOW) == 4
    assert selectors.balance(email).cancelled == 100 and selectors.balance(email).adds_up
    assert [line.why for line in email.transitions.filter(what="balance")] == [
        "100 planned: 0 accepted, 0 suppressed, 0 failed, 100 cancelled, 0 unknown."
    ]
    assert services.sweep_cancelled(now=NOW) == 0
    assert Contact.objects.count() == 100
