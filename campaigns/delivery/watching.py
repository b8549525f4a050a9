"""Is a send going wrong? Too many failures, or too many answers lost, in the last minutes.

A list full of dead addresses, a rendition that SES refuses, a network that drops answers: each would go on failing for
everybody who still waits. The e-mail is paused instead, with the figures as its reason, and a person looks.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Coalesce

from campaigns.delivery import selectors
from campaigns.delivery.models import Batch
from campaigns.planning.models import CampaignEmail


def trouble(email_id: int, *, now: dt.datetime) -> str:
    """Why a send should be paused, empty when it should not.

    Only what ended since the e-mail began or was resumed counts: a person who resumes it has seen the rest.
    """
    email = CampaignEmail.objects.filter(pk=email_id, state="sending").first()
    if email is None:
        return ""
    minutes = settings.SEND_FAILURE_MINUTES
    since = max(now - dt.timedelta(minutes=minutes), email.state_since)
    ended = Batch.objects.filter(email_id=email_id, state__in=["done", "unknown"]).annotate(
        ended_at=Coalesce("finished_at", "claimed_at")
    )
    sums = ended.filter(ended_at__gte=since).aggregate(
        accepted=Sum("accepted", default=0), failed=Sum("failed", default=0), unknown=Sum("unknown", default=0)
    )
    total = sum(sums.values())
    if total < settings.SEND_FAILURE_LEAST:
        return ""
    limits = {"failed": settings.SEND_FAILURE_PERCENT, "unknown": settings.SEND_UNKNOWN_PERCENT}
    words = {"failed": "failed", "unknown": "got no clear answer from SES"}
    for state, limit in limits.items():
        share = 100 * sums[state] / total
        if share >= limit < 100:
            reasons = selectors.reasons(email, state)
            mostly = f", mostly {reasons[0][0]}" if reasons else ""
            return (
                f"{sums[state]:,} of the {total:,} messages that ended in the last {minutes:g} minutes {words[state]}"
                f"{mostly}: {share:.0f} %, and {limit:g} % is the limit. Look at them, mend the cause, then resume."
            )
    return ""
