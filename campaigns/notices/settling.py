"""What a notice asked for is done, by whomever: it does not count as unread any more, and no later mail asks for it.

The notice itself stays in the list as it was told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q

from campaigns import states
from campaigns.notices.models import Notice

# A kind that asks for something -> the states of the e-mail in which that is still to be done.
_ASKS = {
    "asked": ("in_review",),
    "changes": ("needs_changes",),
    "slot": tuple(state for state in states.UNSENT if state != "approved"),
    # What they tell is over: it goes on, it is approved no more, or approved anew.
    "held": ("held", "paused"),
    "approved": ("approved",),
    "voided": ("planned", "drafted", "in_review", "needs_changes", "held"),
}
# Of a mail that is cancelled, nothing comes after it: that its approval went with it stands until it is read.
_LAST = ("cancelled",)


def settle(email_ids: Collection[int], *, now: dt.datetime) -> int:
    """Mark what these e-mails ask nobody for any more. One query. Returns how many notices that were."""
    if not email_ids:
        return 0
    done = Q()
    for kind, still in _ASKS.items():
        done |= Q(kind=kind) & ~Q(email__state__in=(*still, *(_LAST if kind == "voided" else ())))
    return Notice.objects.filter(done, email__in=email_ids, seen_at__isnull=True).update(seen_at=now)


def settle_campaigns(campaign_ids: Collection[int], *, now: dt.datetime) -> int:
    """The same for campaigns that are held no more: their own notices, and those that a time came near meanwhile."""
    if not campaign_ids:
        return 0
    told = Q(kind="held", email__isnull=True) | Q(kind="slot", email__state="approved")
    rows = Notice.objects.filter(told, campaign__in=campaign_ids, seen_at__isnull=True)
    return rows.exclude(campaign__state="held").update(seen_at=now)
