"""The page that SNS posts to."""

from __future__ import annotations

from django.utils import timezone

from analytics import services
from analytics.sns import SnsView


class SnsWebhook(SnsView):
    """Stores what SNS brings."""

    def take(self, body: bytes) -> str:
        """Check, store, apply."""
        return services.receive(body=body, now=timezone.now())
