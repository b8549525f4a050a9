"""Wake-ups of the delivery room: short tasks that carry ids, safe to lose, repeat and overlap."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.delivery import fencing, limiter, sending, services

# Short enough that a worker which is asked to stop has recorded everything well within 30 seconds.
SECONDS_PER_TASK = 15


@shared_task(name="campaigns.delivery.tick")
def tick() -> None:
    """Find what is due: start, prepare, wake workers, park what was never recorded, finish."""
    now = timezone.now()
    fencing.keep(now=now)
    sending.reap(now=now)
    services.sweep_cancelled(now=now)
    services.start_due(now=now)
    services.prepare_due(now=now)
    for email_id in services.sending_emails():
        for _ in range(settings.SEND_CALLS_IN_FLIGHT):
            send.apply_async(args=[email_id], expires=settings.WAKE_UP_EXPIRES)
    services.finish_due(now=timezone.now())


@shared_task(name="campaigns.delivery.send")
def send(email_id: int) -> None:
    """Send batches of one e-mail for a while; the next tick wakes another if more is left."""
    sending.send_due(email_id=email_id, seconds=SECONDS_PER_TASK)
    services.finish_due(now=timezone.now())


@shared_task(name="campaigns.delivery.learn_quota")
def learn_quota() -> None:
    """Read rate and daily quota from SES."""
    limiter.learn(now=timezone.now())
