"""The wake-up of the drafting room."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from campaigns.drafting import indexing, services
from campaigns.planning.models import CampaignEmail

logger = logging.getLogger(__name__)

MOST_PER_TICK = 20


@shared_task(name="campaigns.drafting.draft_due")
def draft_due() -> int:
    """Draft every planned e-mail of an active campaign that nobody drafts at this moment. Returns how many."""
    now = timezone.now()
    indexing.prepare_due(now)
    due = (
        CampaignEmail.objects.filter(
            Q(locked_until__isnull=True) | Q(locked_until__lte=now), state="planned", campaign__state="active"
        )
        .select_related("campaign__release__product")
        .order_by("send_at", "pk")[:MOST_PER_TICK]
    )
    drafted = 0
    for email in due:
        try:
            drafted += services.draft(email=email, now=timezone.now()) is not None
        except services.DraftRefused as refusal:
            logger.info("e-mail %s is not drafted: %s", email.pk, refusal)
        except Exception:
            # One release with odd facts must not keep the others waiting; the claim runs out and it is tried again.
            logger.exception("drafting e-mail %s failed", email.pk)
    return drafted
