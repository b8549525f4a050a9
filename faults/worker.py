"""The processes that are killed: the product's own verbs, and named points at which a process ends itself.

The product knows nothing of these points. A worker that is told to die at one wraps the function that stands there, in
its own process, before it begins.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django first
from django.db import connections  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from campaigns.delivery import (  # noqa: E402
    archiving,
    claiming,
    deciding,
    limiter,
    preparing,
    recording,
    sending,
    services,
    ses,
    tasks,
)
from campaigns.models import CampaignEmail, Sender  # noqa: E402
from campaigns.states import MoveRefused  # noqa: E402

reverse("home")  # every view is loaded once, in the process that the workers are forked from

__all__ = ["POINTS", "Job", "limiter", "run"]


@dataclass(frozen=True)
class Job:
    """What a worker does, on which database, against which SES."""

    database: str
    endpoint: str
    email_id: int
    verb: str = "send"
    seconds: float = 60.0
    point: str = ""  # of POINTS; empty: it lives
    times: int = 1  # die when the point is reached for this time
    rest: float = 0.0  # stand still there for so many seconds, instead of dying
    mode: str = "auto"  # SEND_MODE
    clock: tuple[float, ...] = (0.0,)  # seconds by which the clock is wrong, one after the other
    each: float = 0.3  # how long each of them holds
    fence: float = 0.0  # SEND_FENCE_SECONDS


Hit = Callable[[], None]


def before(owner: Any, name: str) -> Callable[[Hit], None]:
    """The point just before a function."""

    def arm(hit: Hit) -> None:
        real = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            hit()
            return real(*args, **kwargs)

        setattr(owner, name, wrapped)

    return arm


def after(owner: Any, name: str) -> Callable[[Hit], None]:
    """The point just after a function."""

    def arm(hit: Hit) -> None:
        real = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            hit()
            return result

        setattr(owner, name, wrapped)

    return arm


def commit(owner: Any, name: str, *, done: bool) -> Callable[[Hit], None]:
    """The points just before and just after a function's transaction is committed."""

    def arm(hit: Hit) -> None:
        real, really = getattr(owner, name), BaseDatabaseWrapper.commit
        inside = threading.local()

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            inside.yes = True
            try:
                return real(*args, **kwargs)
            finally:
                inside.yes = False

        def committing(connection: Any) -> None:
            ours = getattr(inside, "yes", False)
            if ours and not done:
                hit()
            really(connection)
            if ours and done:
                hit()

        setattr(owner, name, wrapped)
        BaseDatabaseWrapper.commit = committing  # type: ignore[method-assign]

    return arm


POINTS: dict[str, Callable[[Hit], None]] = {
    "before the claim": before(claiming, "claim"),
    "before the claim is committed": commit(claiming, "claim", done=False),
    "after the claim is committed": commit(claiming, "claim", done=True),
    "while the suppressed are written off": before(claiming, "recount"),
    "before the first call of a claim": before(sending, "deliver"),
    "between two calls of a claim": before(ses.SESDoor, "send_bulk"),
    "between two calls for one recipient each": before(ses.SESDoor, "send_single"),
    "after the answer, before the record": before(recording, "record"),
    "in the middle of the record": after(recording, "_accept"),
    "before the record is committed": commit(recording, "record", done=False),
    "after the record is committed": commit(recording, "record", done=True),
    "before the e-mail is called sent": before(services, "move"),
    "before the cancel is committed": after(services, "_cancel_batches"),
    "before the group is committed": after(deciding, "_queue_again"),
    "before a set is archived": commit(archiving, "_move_set", done=False),
    "after a set is archived": commit(archiving, "_move_set", done=True),
    "before a set of messages is committed": commit(preparing, "_write_chunk", done=False),
    "after a set of messages is committed": commit(preparing, "_write_chunk", done=True),
}


def meet(point: str, times: int, rest: float) -> None:
    """End this process by SIGKILL when it reaches a point for the `times`-th time, or let it stand still there."""
    left = times

    def hit() -> None:
        nonlocal left
        left -= 1
        if rest and left == 0:
            time.sleep(rest)
        elif left <= 0 and not rest:
            os.kill(os.getpid(), signal.SIGKILL)

    POINTS[point](hit)


def run(job: Job, ready: Any, go: Any) -> None:
    """The body of a worker process."""
    connections.databases["default"]["NAME"] = job.database
    settings.AWS_SES_ENDPOINT_URL = job.endpoint
    settings.SEND_FENCE_SECONDS = job.fence
    settings.SEND_MODE = job.mode
    if job.point:
        meet(job.point, job.times, job.rest)
    started = time.monotonic()

    def clock() -> dt.datetime:
        step = min(int((time.monotonic() - started) / job.each), len(job.clock) - 1)
        return timezone.now() + dt.timedelta(seconds=job.clock[step])

    # Connected, and everything loaded, before the race begins.
    Sender.objects.first()
    ses.client()
    ready.set()
    go.wait()
    VERBS[job.verb](job, clock)


def _send(job: Job, clock: Callable[[], dt.datetime]) -> None:
    """What the tasks of Celery do in turn until the e-mail is no longer sending."""
    end = time.monotonic() + job.seconds
    while time.monotonic() < end:
        sending.send_due(
            email_id=job.email_id, seconds=min(tasks.SECONDS_PER_TASK, end - time.monotonic()), clock=clock
        )
        services.finish_due(now=clock())
        if CampaignEmail.objects.values_list("state", flat=True).get(pk=job.email_id) != "sending":
            return
        time.sleep(0.02)


def _prepare(job: Job, clock: Callable[[], dt.datetime]) -> None:
    preparing.CHUNK = 50
    services.start_due(now=clock())
    services.prepare_due(now=clock())


def _tick(job: Job, clock: Callable[[], dt.datetime]) -> None:
    tasks.tick()


def _task(job: Job, clock: Callable[[], dt.datetime]) -> None:
    tasks.send()


def _reap(job: Job, clock: Callable[[], dt.datetime]) -> None:
    sending.reap(now=clock())


def _cancel(job: Job, clock: Callable[[], dt.datetime]) -> None:
    with suppress(MoveRefused, services.DeliveryRefused):  # it was sent before
        services.cancel(email=_email(job), why="pulled", by=None, now=clock())


def _finish(job: Job, clock: Callable[[], dt.datetime]) -> None:
    services.finish_due(now=clock())


def _retry(job: Job, clock: Callable[[], dt.datetime]) -> None:
    services.retry_failed(email=_email(job), why="mended", by=None, now=clock())


def _archive(job: Job, clock: Callable[[], dt.datetime]) -> None:
    archiving.BATCHES_A_SET = 5
    later = clock() + dt.timedelta(days=200)
    services.archive_messages(before=archiving.latest_month(later), by=None, now=later)


def _email(job: Job) -> CampaignEmail:
    return CampaignEmail.objects.select_related("campaign").get(pk=job.email_id)


VERBS: dict[str, Callable[[Job, Callable[[], dt.datetime]], None]] = {
    "send": _send,
    "prepare": _prepare,
    "tick": _tick,
    "task": _task,
    "reap": _reap,
    "cancel": _cancel,
    "finish": _finish,
    "retry": _retry,
    "archive": _archive,
}
