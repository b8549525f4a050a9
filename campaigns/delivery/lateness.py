"""Law 7 after the start: a send that stood still for longer than its mail may be late waits for a person.

Asked by the tick, which pauses such a send, and by every worker that begins with it, since the tick may come later.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Max

from campaigns.delivery import limiter
from campaigns.delivery.models import Batch
from campaigns.planning.models import CampaignEmail

# Stands in the reason of such a pause.
LATE = "late mail does not go out by itself"


def stood_still(email: CampaignEmail, *, now: dt.datetime) -> str:
    """Why an e-mail that is sending must not go on by itself; empty when it may.

    A send bound by the quota may honestly take days and did not stand still: it claims batches all the time, or asks
    and is held back by the 24 hours or a warm-up. One of which nothing was claimed for that long, because every worker
    was dead or the sender was stopped, goes on only when a person has looked at it.
    """
    edge = now - email.late_after
    if email.state_since > edge:
        return ""  # started or resumed lately
    batches = Batch.objects.filter(email=email)
    waiting = batches.filter(state="queued", not_before__lt=edge)
    if email.prepared_at is not None and not waiting.exists():
        return ""
    last = batches.aggregate(last=Max("claimed_at"))["last"]
    held = limiter.held_at(email.campaign.release.product_id)
    if any(moment is not None and moment > edge for moment in (last, held)):
        return ""
    return f"Nothing of it was sent for longer than {hours(email.late_after)}; {LATE}."


def stood_too_long(email: CampaignEmail, *, now: dt.datetime) -> bool:
    """Whether a paused e-mail is late by now, so that a person has to say why the rest shall still go out (law 7)."""
    return LATE in email.state_reason or email.state_since + email.late_after < now


def hours(span: dt.timedelta) -> str:
    """A span for people: whole hours from two on, else minutes."""
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} hours" if minutes % 60 == 0 and minutes >= 120 else f"{minutes} minutes"
