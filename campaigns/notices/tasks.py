"""The wake-up of the room of notices."""

from celery import shared_task
from django.utils import timezone

from campaigns.notices import deriving, mailing, services


@shared_task(name="campaigns.notices.tick")
def tick() -> None:
    """Find what people have to be told, then mail what is due."""
    now = timezone.now()
    deriving.derive(now=now)
    mailing.mail_due(now=now)
    services.forget(now=now)
