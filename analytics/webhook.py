"""The page that SNS posts to: django-ses's view, with our checks before and our storage behind it."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django_ses.views import SESEventWebhookView

from analytics import services, sns

log = logging.getLogger(__name__)


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class SnsWebhook(SESEventWebhookView):
    """POST only. 200 stored or known already, 4xx never, 503 try again; SNS acts on exactly that."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check, store, apply. The body is never written to a log: it holds addresses."""
        try:
            if int(request.META.get("CONTENT_LENGTH") or 0) > sns.LARGEST_BODY:
                raise sns.Refused(413, "The message is larger than SNS makes them.")
            outcome = services.receive(body=request.body, now=timezone.now())
        except sns.Refused as refusal:
            log.warning("SNS message refused with %s: %s", refusal.status, refusal.why)
            return HttpResponse(refusal.why, status=refusal.status, content_type="text/plain")
        return HttpResponse(outcome, content_type="text/plain")
