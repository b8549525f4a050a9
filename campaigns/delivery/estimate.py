"""When the last one would be out, before a message is made: for the person who approves the time.

Counts with the rate and the day that SES grants now and with a warm-up plan, as if nothing else were sent meanwhile.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.delivery.models import WarmUp
from campaigns.delivery.selectors import sender
from campaigns.permissions import require
from campaigns.planning.models import CampaignEmail
from campaigns.review import counts

# Nobody plans by an estimate of more than three months; the loop over days ends there.
MOST_DAYS = 90


@dataclass(frozen=True)
class Estimate:
    """The moment of the last one, or why there is none. `days` counts the further days that quotas ask for."""

    at: dt.datetime | None
    why_not: str = ""
    days: int = 0


def last_one_out(email: CampaignEmail, *, people: int, now: dt.datetime) -> Estimate:
    """When the last of so many people would be sent the mail, if it starts at its time."""
    row = sender()
    if email.send_at is None:
        return Estimate(None, "It has no time yet.")
    if not people:
        return Estimate(None, "Nobody would get it.")
    if row is None or row.checked_at is None:
        return Estimate(None, "The quota of SES is not known yet.")
    if row.stopped_at:
        return Estimate(None, f"All sending is stopped: {row.stopped_reason}")
    rate = row.rate_per_second * row.pace
    if rate <= 0:
        return Estimate(None, "SES grants no rate.")
    start = max(email.send_at, now)
    plans = list(WarmUp.objects.filter(Q(product=email.campaign.release.product_id) | Q(product__isnull=True)))
    left, day = people, start.date()
    for number in range(MOST_DAYS):
        caps = [cap - (plan.sent if plan.day == day else 0) for plan in plans if (cap := plan.cap_on(day)) is not None]
        if row.max_per_day > 0:
            # What went out in the last 24 hours counts on the first day, when that day is today.
            caps.append(int(row.max_per_day - (row.sent_last_day if day == now.date() else 0)))
        today = min([left, int(rate * 86_400), *caps])
        if today >= left:
            begins = start if number == 0 else dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
            return Estimate(begins + dt.timedelta(seconds=left / rate), days=number)
        left -= max(0, today)
        day += dt.timedelta(days=1)
    return Estimate(None, f"With today's quota it takes more than {MOST_DAYS} days.")


@require_safe
def estimate(request: HttpRequest, email_id: int) -> HttpResponse:
    """One line for the review page."""
    require(request.user, "campaigns.view_campaignemail")
    email = get_object_or_404(CampaignEmail.objects.select_related("campaign__release__product"), pk=email_id)
    counted = counts.kept(email)
    now = timezone.now()
    found = (
        last_one_out(email, people=counted.sum.will_be_sent, now=now)
        if counted
        else Estimate(None, "The audience is being counted.")
    )
    return render(
        request, "delivery/estimate.html",
        {"estimate": found, "email": email, "late": found.at is not None and found.at > now + dt.timedelta(days=1)},
    )  # fmt: skip
