"""The overview: how all mail fared, day by day, and what a person should look at."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from analytics import guard, plot, selectors, services
from analytics.models import Alert
from campaigns.models import CampaignEmail
from campaigns.permissions import require

PERIODS = (7, 30, 90)
NEWEST_EMAILS = 12


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Totals, a plot per day with its table, the last e-mails, alerts."""
    require(request.user, "analytics.view_hourlyfigure")
    period = next((number for number in PERIODS if str(number) == request.GET.get("days")), 30)
    today = timezone.now().astimezone(dt.UTC).date()
    days = selectors.days(until=today, number=period)
    emails = list(
        CampaignEmail.objects.filter(started_at__isnull=False)
        .select_related("campaign__release__product").order_by("-started_at")[:NEWEST_EMAILS]
    )  # fmt: skip
    figures = selectors.figures_by_email(email.pk for email in emails)
    totals = selectors.total_days(days)
    bounce_rate, complaint_rate = guard.both(totals.delivered, totals.bounced, totals.complained, "together")
    context = {
        "period": period,
        "periods": PERIODS,
        "days": days,
        "has_figures": any(day.sent or day.delivered or day.bounced for day in days),
        "plot": plot.draw(days),
        "totals": totals,
        "warned": selectors.warned_kinds(),
        "judged_bounces": bounce_rate,
        "judged_complaints": complaint_rate,
        "bounces": guard.BOUNCES,
        "complaints": guard.COMPLAINTS,
        "least_outcomes": guard.LEAST_OUTCOMES,
        "emails": [(email, figures[email.pk]) for email in emails],
        "alerts": selectors.recent_alerts(),
        "may_close": request.user.has_perm("analytics.change_alert"),
    }
    return render(request, "analytics/overview.html", context)


@require_POST
def close_alert(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an alert as dealt with."""
    services.close_alert(alert=get_object_or_404(Alert, pk=pk), by=request.user, now=timezone.now())
    return redirect("analytics:overview")
