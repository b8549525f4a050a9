"""Wake-ups of the delivery room: short tasks that carry ids, safe to lose, repeat and overlap."""

import time
from collections.abc import Callable

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.delivery import fencing, forgetting, limiter, sending, services, turns, windows
from campaigns.delivery.apart import Steps

# Short enough that a worker which is asked to stop has recorded everything well within 30 seconds.
SECONDS_PER_TASK = 10
# How long a tick prepares or cancels large sends; the next one goes on, and a worker that stops need not wait for it.
PATIENCE = 8.0


@shared_task(name="campaigns.delivery.tick")
def tick() -> None:
    """Find what is due: park what was never recorded, start, wake workers, prepare, finish.

    Workers are woken before anything that takes long, and whatever else fails.
    """
    now = timezone.now()
    steps = Steps()
    steps.run(fencing.keep, now=now)
    steps.run(sending.reap, now=now)
    steps.run(sending.watch, now=now)
    steps.run(services.reopen_left, now=now)
    steps.run(windows.move_closed, now=now)
    steps.run(services.pause_stale, now=now)
    steps.run(services.start_due, now=now)
    woken = steps.run(_wake)
    steps.run(services.sweep_cancelled, now=now, until=_after(PATIENCE))
    steps.run(services.prepare_due, now=now, until=_after(PATIENCE))
    if not woken:  # otherwise the workers find by themselves what was prepared
        steps.run(_wake)
    steps.run(services.finish_due, now=timezone.now())
    steps.end()


def _wake() -> bool:
    """Wake workers if there is anything to send. Returns whether there is."""
    if not services.sending_emails():
        return False
    for start in range(settings.SEND_TASKS):
        send.apply_async(args=(start,), expires=settings.WAKE_UP_EXPIRES)
    return True


def _after(seconds: float) -> Callable[[], bool]:
    """Says True once so many seconds have passed."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


@shared_task(name="campaigns.delivery.send")
def send(start: int = 0) -> None:
    """Send whatever is due for a while, a round of each e-mail in turn; the next tick wakes another if more is left.

    Args:
        start: tasks that are woken together get different numbers, so that they begin with different e-mails.
    """
    turns.send_all(start=start, seconds=SECONDS_PER_TASK)
    services.finish_due(now=timezone.now())


@shared_task(name="campaigns.delivery.learn_quota")
def learn_quota() -> None:
    """Read rate and daily quota from SES."""
    limiter.learn(now=timezone.now())


@shared_task(name="campaigns.delivery.forget")
def forget() -> None:
    """Take addresses and values of erased people out of messages."""
    forgetting.forget_erased(now=timezone.now())
