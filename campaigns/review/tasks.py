"""The wake-up of the review room."""

from celery import shared_task
from django.utils import timezone

from campaigns.review.services.watching import void_unfit


@shared_task(name="campaigns.review.watch")
def watch() -> None:
    """Void approvals that no longer fit."""
    void_unfit(now=timezone.now())
