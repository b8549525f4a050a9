"""Wake-ups of the analytics room: safe to lose, to repeat and to run at once."""

from celery import shared_task
from django.utils import timezone

from analytics import services
from analytics.guard import guard as guard_now
from analytics.rollup import rollup as rollup_now


@shared_task(name="analytics.apply_pending")
def apply_pending() -> None:
    """Apply stored notifications that were not applied yet."""
    services.apply_pending(now=timezone.now())


@shared_task(name="analytics.rollup")
def rollup() -> None:
    """Sum up e-mails that got events, and forget whom the audience has erased."""
    services.forget_erased()
    rollup_now(now=timezone.now())


@shared_task(name="analytics.guard")
def guard() -> None:
    """Pause an e-mail with too many bounces or complaints."""
    guard_now(now=timezone.now())
