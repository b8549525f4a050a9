"""Wake-ups of this room. They carry ids only and may come late, twice or not at all."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from releases import services, webhook_lives, webhooks
from releases.models import Product

logger = logging.getLogger(__name__)


@shared_task(name="releases.sync_all")
def sync_all() -> None:
    """Read every active product; one that fails does not keep the others waiting."""
    for product in Product.objects.filter(active=True).order_by("synced_at", "pk"):
        try:
            services.sync(product=product, by=None, now=timezone.now())
        except Exception:
            logger.exception("reading %s from Jira failed", product.jira_key)
    webhooks.forget_old(now=timezone.now())


@shared_task(name="releases.process_webhooks")
def process_webhooks() -> None:
    """Follow the hints of Jira's webhooks."""
    webhooks.process_webhooks(now=timezone.now())


@shared_task(name="releases.renew_webhooks")
def renew_webhooks() -> None:
    """Let the webhooks that were registered over REST live on."""
    webhook_lives.renew_webhooks(now=timezone.now())
