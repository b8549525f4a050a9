"""The wake-up of the audience room."""

from celery import shared_task
from django.utils import timezone

from campaigns.audience.importing import keeping


@shared_task(name="campaigns.audience.forget")
def forget() -> None:
    """Drop files that were checked an hour ago and never imported."""
    keeping.forget(now=timezone.now())
