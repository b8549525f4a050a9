"""The page of how good drafts are."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.drafting import prompt_versions, spending
from campaigns.permissions import require
from campaigns.planning.models import Campaign
from campaigns.review import quality


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Edit distance, support, waivers and minutes, of all campaigns or of one, for one of three periods."""
    require(request.user, "campaigns.view_draftrun")
    asked = request.GET.get("days", "")
    days = next((period for period in quality.PERIODS if str(period) == asked), quality.PERIODS[1])
    chosen = request.GET.get("campaign", "")
    campaign = None
    if chosen:
        rows = Campaign.objects.select_related("release__product")
        campaign = get_object_or_404(rows, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
    now = timezone.now()
    context = {
        "quality": quality.quality(days=days, now=now, campaign=campaign), "campaign": campaign, "days": days,
        "periods": quality.PERIODS, "live": prompt_versions.live(), "spending": spending.spending(now),
        "model": settings.OPENAI_MODEL if settings.OPENAI_API_KEY else "",
    }  # fmt: skip
    return render(request, "review/quality.html", context)
