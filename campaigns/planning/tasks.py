"""The wake-up of the planning room."""

from celery import shared_task
from django.utils import timezone

from campaigns.planning import ticks


@shared_task(name="campaigns.planning.tick")
def tick() -> None:
    """Plan what is near, follow Jira's dates, hold what was missed, close what has ended."""
    now = timezone.now()
    ticks.plan_due(now=now)
    ticks.follow_jira(now=now)
    ticks.hold_missed(now=now)
    ticks.finish_due(now=now)
