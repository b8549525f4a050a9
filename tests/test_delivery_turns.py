"""Several e-mails, several workers, one quota: shared evenly, used up, never exceeded."""

from __future__ import annotations

import datetime as dt
import heapq
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.delivery import limiter, selectors, sending, services, ses, tasks, turns
from campaigns.delivery.turns import Turns
from campaigns.models import CampaignEmail, Message, Sender, WarmUp
from tests import factories
from tests.factories import NOW


class Door:
    """SES as a note of who was mailed when; each call takes `seconds` of real time."""

    def __init__(self, clock: Any, seconds: float = 0.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.sent: list[tuple[float, int, str]] = []  # when, e-mail, address
        self._lock = threading.Lock()

    def send_bulk(self, request: ses.BulkRequest) -> list[ses.EntryResult]:
        with self._lock:
            start = len(self.sent)
            self.sent += [(self.clock(), int(entry.tags["email"]), entry.to_address) for entry in request.entries]
        if self.seconds:
            time.sleep(self.seconds)
        return [ses.EntryResult("accepted", f"id-{start + number}") for number in range(len(request.entries))]


class Virtual:
    """Workers on a clock of their own: each step is a round, a call takes `latency` seconds."""

    def __init__(self, workers: int, latency: float) -> None:
        self.seconds = 0.0
        self.latency = latency
        self.workers = [Turns(n, clock=self.now, monotonic=lambda: self.seconds) for n in range(workers)]

    def now(self) -> dt.datetime:
        return NOW + dt.timedelta(seconds=self.seconds)

    def run(self, until: float) -> None:
        queue = [(self.seconds + 0.003 * number, number) for number in range(len(self.workers))]
        heapq.heapify(queue)
        while queue:
            moment, number = heapq.heappop(queue)
            if moment > until:
                continue
            self.seconds = max(self.seconds, moment)
            wait = self.workers[number].step()
            heapq.heappush(queue, (self.seconds + (0.1 if wait is None else wait or self.latency), number))
        self.seconds = until


@pytest.fixture(autouse=True)
def _small(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.SEND_BATCH_SIZE = 10
    settings.SEND_CALLS_IN_FLIGHT = 1
    monkeypatch.setattr(sending, "in_flight", sending.InFlight())
    yield


def emails(*sizes: int, now: dt.datetime = NOW) -> list[CampaignEmail]:
    """Prepared e-mails of different products with so many recipients each."""
    made = [factories.make_approved_email(contacts=size, send_at=now) for size in sizes]
    services.start_due(now=now)
    services.prepare_due(now=now)
    return made


def rate(recipients: float, **fields: Any) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=recipients, next_free_at=0, **fields)


@pytest.mark.django_db
def test_two_campaigns_share_the_quota_evenly_and_use_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = emails(700, 700)
    rate(100)
    virtual = Virtual(workers=8, latency=0.1)
    door = Door(lambda: virtual.seconds)
    monkeypatch.setattr(ses, "door", lambda: door)
    virtual.run(10.0)
    sent = Counter(email for _, email, _ in door.sent)
    assert sum(sent.values()) >= 0.95 * 100 * 10
    assert abs(sent[first.pk] - sent[second.pk]) <= 0.1 * sum(sent.values())
    moments = [moment for moment, _, _ in door.sent]
    assert sum(sent.values()) <= 100 * 10 + 100 * limiter.BURST_SECONDS
    for window in (1.0, 3.0):
        busiest = max(sum(1 for moment in moments if start <= moment < start + window) for start in set(moments))
        assert busiest <= 100 * window + 100 * limiter.BURST_SECONDS + 10
    assert len({address for _, _, address in door.sent}) == len(door.sent)


@pytest.mark.django_db
def test_one_campaign_alone_uses_all_of_it_and_a_late_one_gets_its_half_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (first,) = emails(900)
    rate(100)
    virtual = Virtual(workers=4, latency=0.05)
    door = Door(lambda: virtual.seconds)
    monkeypatch.setattr(ses, "door", lambda: door)
    virtual.run(4.0)
    assert len(door.sent) >= 0.95 * 400
    (second,) = emails(300)
    before = len(door.sent)
    virtual.run(9.0)
    since = Counter(email for _, email, _ in door.sent[before:])
    assert since[second.pk] >= 0.35 * sum(since.values()) and since[first.pk] >= 0.35 * sum(since.values())


@pytest.mark.django_db
def test_what_one_campaign_waits_for_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    young, old = emails(200, 200)
    rate(100)
    WarmUp.objects.create(product=young.campaign.release.product, starts_on=NOW.date(), caps=[20])
    later = factories.make_approved_email(contacts=10)
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    later.batches.update(not_before=NOW + dt.timedelta(hours=3))
    virtual = Virtual(workers=3, latency=0.02)
    door = Door(lambda: virtual.seconds)
    monkeypatch.setattr(ses, "door", lambda: door)
    virtual.run(2.6)
    sent = Counter(email for _, email, _ in door.sent)
    assert sent == {young.pk: 20, old.pk: 200}


@pytest.mark.django_db
def test_a_worker_ends_when_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    assert turns.send_all(start=3, seconds=60) == 0
    (email,) = emails(30)
    rate(100_000)
    door = Door(time.monotonic)
    monkeypatch.setattr(ses, "door", lambda: door)
    began = time.monotonic()
    assert turns.send_all(start=0, seconds=60, clock=lambda: NOW) == 3
    assert time.monotonic() - began < 50
    assert selectors.balance(email).accepted == 30


@pytest.mark.django_db
def test_a_tick_wakes_as_many_tasks_as_the_setting_says_whatever_is_sent(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda args, expires: woken.append(*args))
    settings.SEND_TASKS = 3
    tasks.tick()
    assert woken == []
    emails(20, 20, 20, 20, now=timezone.now())
    tasks.tick()
    assert woken == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_threads_on_one_database_share_fairly_and_mail_everybody_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_BATCH_SIZE = 5
    now = timezone.now()
    first, second = emails(300, 300, now=now)
    rate(300)
    door = Door(time.monotonic, seconds=0.02)
    monkeypatch.setattr(ses, "door", lambda: door)
    failures: list[BaseException] = []

    def worker(number: int) -> None:
        try:
            turns.send_all(start=number, seconds=30)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    began = time.monotonic()
    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    took = time.monotonic() - began
    assert not failures
    assert len(door.sent) == 600 == len({address for _, _, address in door.sent})
    assert Message.objects.filter(state="accepted").count() == 600
    # Never faster than the quota, with what it may lend.
    assert took >= 600 / 300 - limiter.BURST_SECONDS - 0.1
    # Which worker is first when the quota has room is chance, so of sixty batches each e-mail has about thirty.
    half = Counter(email for _, email, _ in door.sent[:300])
    assert min(half[first.pk], half[second.pk]) >= 60
