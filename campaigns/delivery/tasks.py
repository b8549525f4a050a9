"""Wake-ups of the delivery room: short tasks that carry ids, safe to lose, repeat and overlap."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.delivery import fencing, forgetting, limiter, sending, services, turns

# Short enough that a worker which is asked to stop has recorded everything well within 30 seconds.
SECONDS_PER_TASK = 15


@shared_task(name="campaigns.delivery.tick")
def tick() -> None:
    """Find what is due: start, prepare, wake workers, park what was never recorded, finish."""
    now = timezone.now()
    fencing.keep(now=now)
    sending.reap(now=now)
    sending.watch(now=now)
    services.sweep_cancelled(now=now)
    services.pause_stale(now=now)
    services.start_due(now=now)
    services.prepare_due(now=now)
    if services.sending_emails():
        for start in range(settings.SEND_TASKS):
            send.apply_async(args=(start,), expires=settings.WAKE_UP_EXPIRES)
    services.finish_due(now=timezone.now())


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
