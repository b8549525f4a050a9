"""A restored backup or a second server with a copy of the database sends nothing until a person says so.

Two installations are two rows of Sender with a process (a Fence) each, in front of the same simulated SES. The clocks
are the test's.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.delivery import fencing, limiter, services
from campaigns.delivery.fencing import Fence, NotYet
from campaigns.models import CampaignEmail, Sender, Transition
from relmail.simulator.faults import Fault
from tests import factories
from tests.factories import NOW
from tests.test_delivery_send import Clock, clock, fast, inbox, sheet, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db
S = 30


class Times:
    """One time for the wall and for the monotonic clocks of all processes."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    @property
    def now(self) -> dt.datetime:
        return NOW + dt.timedelta(seconds=self.seconds)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture(autouse=True)
def _fence_on(settings: Any, simulator: Any) -> None:
    settings.SEND_FENCE_SECONDS = S
    simulator.amazon.account.seconds_between_changes = 0


class Server:
    """A database (its sender row) and the processes on it."""

    def __init__(self, times: Times, row: Sender) -> None:
        self.times = times
        self.row = row
        self.first = self.start()

    def start(self) -> Fence:
        """One more process on this database."""
        return Fence(monotonic=self.times, pause=lambda _: None)

    def may_send(self, process: Fence | None = None) -> bool:
        self.row.refresh_from_db()
        try:
            (process or self.first).check(self.row, now=self.times.now)
        except NotYet:
            return False
        self.row.refresh_from_db()
        return True

    def copy(self) -> Server:
        """Another server with the database as it is now."""
        self.row.refresh_from_db()
        fields = {field.attname: getattr(self.row, field.attname) for field in Sender._meta.concrete_fields}
        fields.pop("id")
        return Server(self.times, Sender.objects.create(**fields | {"region": f"copy {Sender.objects.count()}"}))

    def run(self, seconds: float, *others: Server, step: float = 1.0) -> dict[Server, int]:
        """Let this one and others ask each second; how often each might send. Never two of them in one S."""
        allowed: dict[Server, int] = {}
        for _ in range(int(seconds / step)):
            self.times.pass_by(step)
            for server in (self, *others):
                if server.may_send():
                    allowed[server] = allowed.get(server, 0) + 1
        return allowed

    @property
    def fenced(self) -> bool:
        self.row.refresh_from_db()
        return self.row.fenced_at is not None


@pytest.fixture
def original(times: Times) -> Server:
    """An installation that has left its token in a fresh account."""
    server = Server(times, limiter.row())
    assert server.may_send()
    return server


def test_a_fresh_account_is_adopted_without_a_word(original: Server) -> None:
    token = fencing.read()
    assert token is not None
    assert (token.installation, token.nonce) == (original.row.fence_installation, original.row.fence_nonce)
    assert original.run(200) == {original: 200}
    moved = fencing.read()
    assert moved is not None and moved.epoch > token.epoch + 5 and not original.fenced


def test_the_second_installation_of_an_account_sends_nothing(original: Server, times: Times) -> None:
    stranger = Server(times, Sender.objects.create(region="elsewhere"))
    assert original.run(100, stranger) == {original: 100}
    assert stranger.fenced and "SEND_FENCE_NAME" in stranger.row.stopped_reason


def test_a_copy_beside_its_living_original_sends_nothing(original: Server) -> None:
    for wait in (0, 3, 14):
        original.run(wait)
        second = original.copy()
        assert original.run(200, second) == {original: 200}
        assert second.fenced and second.row.stopped_at
        assert "since this database was copied" in second.row.stopped_reason
    assert not original.fenced


def test_a_copy_sends_nothing_when_its_original_lives_but_has_nothing_to_send(original: Server) -> None:
    second = original.copy()
    for _ in range(20):
        original.run(1, step=1)  # the tick of the original, every ten seconds
        assert not second.may_send()
        original.times.pass_by(9)
    assert second.fenced


def test_a_restored_backup_sends_nothing_once_the_original_went_on(original: Server) -> None:
    backup = original.copy()
    original.run(S)
    # The original is gone; its backup is started a day later.
    original.times.pass_by(86_400)
    assert backup.run(300) == {}
    assert backup.fenced


def test_a_backup_restored_under_running_workers_stops_them(original: Server) -> None:
    old = original.copy().row
    original.run(60)
    names = ("fence_nonce", "fence_next", "fence_epoch", "fence_at")
    Sender.objects.filter(pk=original.row.pk).update(**{name: getattr(old, name) for name in names})
    assert original.run(60) == {}
    assert original.fenced


def test_even_one_that_is_a_few_seconds_old(original: Server) -> None:
    original.run(14)
    old = original.copy().row
    original.run(4)  # the token was advanced once in between
    names = ("fence_nonce", "fence_next", "fence_epoch", "fence_at")
    Sender.objects.filter(pk=original.row.pk).update(**{name: getattr(old, name) for name in names})
    assert original.run(30) == {}
    assert original.fenced


def test_a_new_worker_beside_living_ones_may_send_within_seconds(original: Server) -> None:
    original.run(5)
    worker = original.start()
    waited = 0
    while not original.may_send(worker):
        waited += 1
        original.times.pass_by(1)
        assert original.may_send()
    assert 1 <= waited <= 5


def test_a_restart_of_everything_listens_and_goes_on_by_itself(original: Server) -> None:
    original.run(40)
    original.first = original.start()
    assert original.run(2 * S) == {}
    assert original.run(20)[original] >= 18
    assert not original.fenced


def test_never_do_original_and_copy_send_in_the_same_moment_when_the_original_sleeps(original: Server) -> None:
    second = original.copy()
    original.times.pass_by(1)
    # The original's machine is suspended; the copy finds nobody, sends, and the original wakes up.
    assert original.run(0) == {}
    woken = second.run(3 * S)
    assert woken[second] > 0
    assert second.run(60, original).get(original) is None
    assert original.fenced and not second.fenced


# --- crashes and unreachable SES --------------------------------------------------------------------------------------


class Died(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("point", ["before the write", "after the write"])
def test_a_crash_in_mid_advance_locks_nobody_out_and_lets_no_copy_through(
    original: Server, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any, **kwargs: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        if point == "before the write":
            patch.setattr(Fence, "_write", die)
        else:
            patch.setattr(fencing, "_confirm", die)
        original.times.pass_by(S / 2 + 1)
        with pytest.raises(Died):
            original.may_send()
    second = original.copy()
    original.first = original.start()
    assert original.run(2 * S + 30)[original] > 0
    assert second.run(120, original).get(second) is None
    assert second.fenced and not original.fenced


def test_a_crash_while_the_first_token_is_left_is_made_good(times: Times, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(times, limiter.row())

    def die(*args: Any, **kwargs: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(fencing, "_confirm", die)
        with pytest.raises(Died):
            server.may_send()
    server.first = server.start()
    assert server.run(3 * S)[server] > 0
    assert not server.fenced


def test_ses_out_of_reach_waits_after_the_time_of_one_comparison_and_goes_on_afterwards(
    original: Server, simulator: Any
) -> None:
    original.run(20)
    for operation in ("GetEmailTemplate", "UpdateEmailTemplate"):
        simulator.faults.add(Fault("ses", "refuse", operation, times=0, status=503))
    allowed = original.run(90)[original]
    assert S / 2 - 6 <= allowed <= S
    assert not original.fenced and original.row.fence_error
    simulator.faults.clear()
    assert original.run(60)[original] > 25
    assert original.row.fence_error == ""


def test_a_lost_answer_of_an_advance_is_found_out_and_not_taken_for_a_copy(original: Server, simulator: Any) -> None:
    simulator.faults.add(Fault("ses", "lose_answer", "UpdateEmailTemplate", times=2))
    assert original.run(120)[original] > 90
    assert not original.fenced


def test_a_read_that_lags_behind_is_looked_at_again(original: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fencing.read()
    original.run(40)
    with monkeypatch.context() as patch:
        patch.setattr(fencing, "read", lambda: old)
        original.run(3)
    assert original.run(30)[original] >= 28
    assert not original.fenced


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_steps_by_an_hour_stops_nobody(original: Server, hours: int) -> None:
    original.run(20)
    monotonic = original.times.seconds
    original.times.seconds += 3600 * hours
    original.first._monotonic = lambda: monotonic + (original.times.seconds - monotonic - 3600 * hours)
    assert original.run(60)[original] >= 58
    assert not original.fenced


def test_a_token_that_was_deleted_or_spoilt_stops_the_sender(original: Server, simulator: Any, settings: Any) -> None:
    simulator.amazon.account.templates[settings.SEND_FENCE_NAME]["Text"] = "no token at all"
    original.run(S)
    assert original.fenced
    other = Server(original.times, Sender.objects.create(region="elsewhere"))
    simulator.amazon.account.templates.clear()
    assert other.may_send()
    simulator.amazon.account.templates.clear()
    other.run(S)
    assert other.fenced and "no longer in Amazon SES" in other.row.stopped_reason


def test_many_processes_of_one_database_advance_one_after_the_other(original: Server) -> None:
    processes = [original.start() for _ in range(5)]
    allowed = 0
    for _ in range(200):
        original.times.pass_by(1)
        assert original.may_send()
        allowed += sum(original.may_send(process) for process in processes)
    assert allowed > 5 * 190
    assert not original.fenced


def test_changes_come_at_most_once_a_second_as_ses_wants(original: Server, simulator: Any) -> None:
    account = simulator.amazon.account
    account.seconds_between_changes, account.clock = 1.0, original.times
    try:
        processes = [original.start() for _ in range(4)]
        for _ in range(100):
            original.times.pass_by(0.5)
            for process in (original.first, *processes):
                original.may_send(process)
        assert original.may_send() and original.row.fence_error == ""
    finally:
        import time

        account.clock = time.time


# --- a person takes over ----------------------------------------------------------------------------------------------


def test_a_person_takes_over_and_the_other_one_stops(original: Server, operator: Any, times: Times) -> None:
    other = original.copy()
    original.run(20)
    # The row of this installation is the one of the settings; the copy is the one that goes on living elsewhere.
    Sender.objects.filter(pk=other.row.pk).update(
        **{name: getattr(original.row, name) for name in ("fence_nonce", "fence_epoch", "fence_at")}
    )
    Sender.objects.filter(pk=original.row.pk).update(fence_nonce="older-1", fence_epoch=1)
    other.first, original.first = original.first, original.start()
    assert other.run(40, original) == {other: 40}
    assert original.fenced
    with pytest.raises(services.DeliveryRefused, match="not enough"):
        services.start_sender(by=operator, now=times.now)
    services.take_over(reason="the old server is switched off", by=operator, now=times.now)
    assert not original.fenced and original.row.stopped_at is None
    allowed = original.run(200, other)
    assert allowed[original] > 100
    assert allowed.get(other, 0) <= S
    assert other.fenced and not original.fenced
    line = Transition.objects.filter(what="sender", by=operator).latest("pk")
    assert line.why == "Taken over: the old server is switched off"


def test_the_one_that_took_over_sends_only_after_the_other_must_have_noticed(
    original: Server, operator: Any, times: Times
) -> None:
    services.take_over(reason="because", by=operator, now=times.now)
    original.first = original.start()
    assert original.run(2 * S - 1) == {}
    assert original.run(2 * S + 10)[original] > 0


def test_what_may_have_gone_out_elsewhere_waits_for_a_person(operator: Any, clock: Clock) -> None:
    sending = factories.make_approved_email(contacts=2, state="sending")
    due = factories.make_approved_email(contacts=2)
    later = factories.make_approved_email(contacts=2, send_at=NOW + dt.timedelta(days=1))
    assert services.take_over(reason="restored", by=operator, now=NOW) == 2
    states = {email.pk: email.state for email in CampaignEmail.objects.all()}
    assert (states[sending.pk], states[due.pk], states[later.pk]) == ("paused", "held", "approved")


def test_taking_over_needs_a_right_a_reason_and_an_answer_of_ses(marketer: Any, operator: Any, simulator: Any) -> None:
    with pytest.raises(PermissionDenied):
        services.take_over(reason="because", by=marketer, now=NOW)
    with pytest.raises(services.DeliveryRefused, match="Say why"):
        services.take_over(reason=" ", by=operator, now=NOW)
    simulator.faults.add(Fault("ses", "refuse", "GetEmailTemplate", status=503))
    with pytest.raises(services.DeliveryRefused, match="Nothing was changed"):
        services.take_over(reason="because", by=operator, now=NOW)
    assert limiter.row().fence_installation == ""


# --- with a whole worker ----------------------------------------------------------------------------------------------


def test_a_worker_on_a_restored_database_mails_nobody(
    simulator: Any, fast: None, clock: Clock, times: Times, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fencing, "fence", Fence(monotonic=times, pause=lambda _: None))
    email = started(70)
    backup = {field.attname: getattr(limiter.row(), field.attname) for field in Sender._meta.concrete_fields}
    work(clock)
    assert sheet(email) == {"planned": 70, "accepted": 70}
    # Yesterday's backup: everybody is queued again, and the token is the one of then (none at all).
    Sender.objects.filter(pk=backup["id"]).update(**backup)
    email.batches.update(state="queued", queued=50, accepted=0)
    email.messages.update(state="queued", ses_id="", sent_at=None)
    CampaignEmail.objects.filter(pk=email.pk).update(state="sending", finished_at=None)
    for _ in range(5):
        clock.tick(seconds=10)
        times.pass_by(10)
        work(clock)
    assert len(inbox(simulator, email)) == 70
    row = Sender.objects.get(pk=backup["id"])
    assert row.fenced_at and row.stopped_at
