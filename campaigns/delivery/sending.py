"""Claim batches, call SES, record what it said.

The order is the whole point (laws 3 and 6): the claim is committed before the call, the call happens outside any
transaction, and every write after it is conditional on the state it came from.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from campaigns import states
from campaigns.audience import unsubscribe
from campaigns.delivery import calling, claiming, limiter, recording, ses, watching
from campaigns.delivery.apart import apart
from campaigns.delivery.claiming import Claimed
from campaigns.delivery.clearance import Clearance, NotCleared, clearance
from campaigns.delivery.values import Merger
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail

logger = logging.getLogger(__name__)

# Longer than connect and read time-outs of the door together with the waits around them; see ses.py.
CLAIM_SECONDS = 45
# Batches that are claimed together when SES answers at once; more only to hide its latency. What is asked once a claim
# (the approved bytes, the quota's row) costs as much as a call; sixteen calls are out well before a pause must hold.
NARROWEST = 16
# A worker that sees failures counts them at most so often.
WATCH_SECONDS = 1.0
# Seconds of waiting in a call from which threads are worth their cost.
WORTH_THREADS = 0.005
# Seconds between tries to record answers while the database is away; a server that restarts takes a few.
RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0)
# Seconds of waiting in one call after which quick calls before it say nothing any more.
SLOW = 0.5


class InFlight:
    """How many calls a process keeps in flight: as many as hide the latency of SES, and no more.

    Threads do not make botocore's own work faster, they make it slower. So calls are made one after the other until
    waiting for the network takes longer than a call costs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, float]] = deque(maxlen=16)  # (seconds on the wall, seconds at work)
        self._pool: ThreadPoolExecutor | None = None

    @property
    def waits(self) -> float:
        """How many times longer a call waits than it works, by the quickest call: a busy machine slows the others."""
        with self._lock:
            if not self._calls:
                return 0.0
            wall, busy = min(self._calls, key=lambda call: call[0] - call[1])
            return (wall - busy) / max(busy, 0.001) if wall - busy > WORTH_THREADS else 0.0

    @property
    def width(self) -> int:
        """Batches to claim at once."""
        return max(1, min(settings.SEND_CALLS_IN_FLIGHT, max(NARROWEST, 1 + round(self.waits))))

    def run(self, calls: Sequence[Callable[[], list[ses.EntryResult]]]) -> list[list[ses.EntryResult]]:
        """Make the calls and return their answers in order."""
        timed = [self._timed(call) for call in calls]
        answers = []
        while timed and (len(timed) == 1 or not self.waits):
            answers.append(timed.pop(0)())
        if not timed:
            return answers
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(settings.SEND_CALLS_IN_FLIGHT, thread_name_prefix="ses")
        return answers + list(self._pool.map(lambda call: call(), timed))

    def _timed(self, call: Callable[[], list[ses.EntryResult]]) -> Callable[[], list[ses.EntryResult]]:
        def timed() -> list[ses.EntryResult]:
            wall, busy = time.monotonic(), time.thread_time()
            try:
                return call()
            finally:
                wall, busy = time.monotonic() - wall, time.thread_time() - busy
                with self._lock:
                    if wall - busy > SLOW:
                        self._calls.clear()
                    if wall > 0.001:  # what took no time was no call: its turn came too late
                        self._calls.append((wall, busy))

        return timed


in_flight = InFlight()


def send_due(
    *,
    email_id: int,
    seconds: float,
    clock: Callable[[], dt.datetime] = timezone.now,
    until: Callable[[], bool] = lambda: False,
) -> int:
    """Send batches of one e-mail for so many seconds, or until none is due. Returns how many batches were settled.

    Short by design: the next tick calls it again, so nothing depends on one long run.
    """
    end = time.monotonic() + seconds
    cursor = Cursor(email_id)
    while time.monotonic() < end and not until():
        wait = cursor.round(clock)
        if wait is None:
            break
        if wait:
            if time.monotonic() + wait >= end:
                break
            time.sleep(min(wait, 0.5))
    return cursor.settled


class Cursor:
    """Where one worker is in one e-mail: behind which batch it looks next."""

    def __init__(self, email_id: int) -> None:
        self.email_id = email_id
        self.settled = 0
        self.with_everybody = False  # whether the last wait was for what every e-mail waits for
        self._after = 0
        self._claimed_at: dt.datetime | None = None

    def round(self, clock: Callable[[], dt.datetime]) -> float | None:
        """Claim, send and record once. Returns the seconds to wait before the next round, None when nothing is due."""
        try:
            cleared = clearance(self.email_id, now=clock(), claimed_at=self._claimed_at)
        except NotCleared as refusal:
            if refusal.hold:
                pause(self.email_id, str(refusal), now=clock())
            self.with_everybody = bool(refusal.wait)
            return refusal.wait or None
        width = in_flight.width if cleared.mode == calling.BULK else min(in_flight.width, calling.WIDEST_SINGLE)
        claimed = claiming.claim(cleared, after=self._after, width=width, now=clock())
        self.with_everybody = claimed.for_everybody
        if claimed.done:
            if not self._after:
                return None
            self._after = 0  # retries and batches that were given back may have lower ids than where this worker is
            return 0.0
        if claimed.batches:
            self._after = max(batch.batch_id for batch in claimed.batches)
            self._claimed_at = clock()
            deliver(claimed.batches, cleared, clock=clock)
            self.settled += len(claimed.batches)
        return claimed.wait


def deliver(batches: Sequence[Claimed], cleared: Clearance, *, clock: Callable[[], dt.datetime]) -> None:
    """The SES calls of claimed batches, and the record of what they said."""
    try:
        requests = [request(batch, cleared) for batch in batches]
    except ValueError as error:
        # Nothing has left: the batches go back, and a person looks at why the values do not fit the rendition.
        _give_back(batches, cleared, now=clock())
        pause(cleared.email_id, f"A message cannot be filled in: {error}", now=clock())
        return
    except BaseException:
        _give_back(batches, cleared, now=clock())  # whatever it was, no call has been made
        raise
    caller = calling.Caller(cleared.mode, min(batch.since for batch in batches))
    answers = caller.run(requests, in_flight.run)
    write_down(list(zip(batches, answers, strict=True)), clock=clock)
    # What SES did not take counts neither in its day nor in a warm-up; the moment for it has passed.
    refused = sum(result.outcome in ("retry", "hold") for results in answers for result in results)
    limiter.put_back(refused, product_id=cleared.product_id, now=clock(), in_time=False)
    calling.learn(caller, answers, now=clock())
    if any(result.outcome in ("failed", "unknown") for results in answers for result in results):
        _watch(cleared.email_id, now=clock())


def _give_back(batches: Sequence[Claimed], cleared: Clearance, *, now: dt.datetime) -> None:
    claiming.give_back(batches)
    limiter.put_back(sum(len(batch.recipients) for batch in batches), product_id=cleared.product_id, now=now)


def write_down(done: Sequence[tuple[Claimed, list[ses.EntryResult]]], *, clock: Callable[[], dt.datetime]) -> None:
    """Record what SES said. While the database is away try again: nobody else knows it, and twice does no harm.

    Raises:
        DatabaseError: it stayed away; the batches become unknown.
    """
    for wait in RECORD_AGAIN:
        try:
            recording.record(done, now=clock())
            return
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            logger.warning("what SES said cannot be recorded yet: %s", error)
            connection.close()
            time.sleep(wait)
    recording.record(done, now=clock())


def request(batch: Claimed, cleared: Clearance) -> ses.BulkRequest:
    """The approved bytes with the values, headers and tags of each recipient.

    Raises:
        ValueError: a value that the rendition needs is missing.
    """
    rendition = cleared.rendition
    links = unsubscribe.links(cleared.product_id)
    merge = Merger(rendition.placeholders)
    tags = {
        "attempt": str(batch.try_number),
        "batch": str(batch.batch_id),  # each send has one of its own, also when a person sends again
        "email": str(cleared.email_id),
        "campaign": str(cleared.campaign_id),
        "step": cleared.step,
        "product": cleared.product_key,
    }
    entries = []
    for recipient in batch.recipients:
        link = links(recipient.contact_id)
        entries.append(
            ses.Entry(
                to_address=recipient.address,
                values=merge(recipient.values, address=recipient.address, unsubscribe_url=link),
                headers=unsubscribe.list_unsubscribe_headers(link),
                tags={"message": str(recipient.message_id), **tags},
            )
        )
    return ses.BulkRequest(
        from_address=rendition.from_address,
        reply_to=rendition.reply_to,
        subject=rendition.subject,
        html=rendition.html,
        text=rendition.text,
        headers=rendition.headers,
        configuration_set=cleared.configuration_set,
        tenant=cleared.tenant,
        entries=entries,
    )


def pause(email_id: int, why: str, *, now: dt.datetime) -> None:
    """Pause a send by the machine, with the reason for its owner."""
    email = CampaignEmail.objects.select_related("campaign").filter(pk=email_id, state="sending").first()
    if email is not None:
        with suppress(states.MoveRefused):  # somebody was faster
            planning.move(email=email, to="paused", by=None, why=why, now=now)


def watch(*, now: dt.datetime) -> int:
    """Pause each e-mail of which too much failed lately. Returns how many were paused."""
    paused = 0
    for email_id in CampaignEmail.objects.filter(state="sending").order_by("pk").values_list("pk", flat=True):
        with apart(f"e-mail {email_id}: watching its failures"):
            if why := watching.trouble(email_id, now=now):
                pause(email_id, why, now=now)
                paused += 1
    return paused


_watched: dict[int, float] = {}


def _watch(email_id: int, *, now: dt.datetime) -> None:
    """Something failed: look at once, but not more than once a second."""
    moment = time.monotonic()
    if moment - _watched.get(email_id, -WATCH_SECONDS) < WATCH_SECONDS:
        return
    if len(_watched) > 1_000:
        _watched.clear()
    _watched[email_id] = moment
    if why := watching.trouble(email_id, now=now):
        pause(email_id, why, now=now)


def reap(*, now: dt.datetime, seconds: float = CLAIM_SECONDS) -> int:
    """Park what was claimed and never recorded; see recording.reap."""
    return recording.reap(now=now, seconds=seconds)
