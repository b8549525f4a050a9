"""When one contact's mail may go out: at the same moment as everybody's, or at the same wall time where the contact is.

An e-mail in local time starts when the first zone of the world reaches the planned wall time, so `send_at` is that
moment; each batch waits for the zone of its people. Allowed hours hold from the first try to the last: what was not
sent before they close, for want of quota, because it was paused or has to be tried again, waits for the next opening.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.delivery.models import Batch
from campaigns.planning.models import CampaignEmail
from campaigns.planning.times import FIRST_ZONE, local_to_utc

# For so many days zones have to open and close together to share batches; a send waits for a person before that.
DAYS_ALIKE = 8


@dataclass(frozen=True)
class Slot:
    """When a batch may be claimed: from one moment on and, where there are allowed hours, before another, in a zone."""

    not_before: dt.datetime
    not_after: dt.datetime | None = None
    zone: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """As columns of a batch."""
        return {"not_before": self.not_before, "not_after": self.not_after, "zone": self.zone}


def first_slot(email: CampaignEmail, *, contact_zone: str, product_zone: str) -> Slot:
    """When a contact of this zone is mailed first. Zones are IANA names; moments are UTC."""
    start = email.send_at or email.state_since
    if email.local_time:
        wall = start.astimezone(ZoneInfo(FIRST_ZONE))
        start = local_to_utc(wall.date(), wall.time(), contact_zone)
    return slot_from(email, start, zone=contact_zone)


def slot_from(email: CampaignEmail, moment: dt.datetime, *, zone: str) -> Slot:
    """The first slot from a moment on: the moment itself if the hours of that zone allow it, else the next opening.

    Args:
        zone: an IANA name; empty where hours do not matter.
    """
    opens, closes = email.window_opens, email.window_closes
    if opens is None or closes is None or not zone:
        return Slot(moment)
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < closes else local.date() + dt.timedelta(days=1)
    return Slot(max(moment, local_to_utc(day, opens, zone)), local_to_utc(day, closes, zone), zone)


def days_ahead(email: CampaignEmail, slot: Slot, *, zone: str) -> tuple[dt.datetime, ...]:
    """What tells zones apart: the moment of a slot and, where there are allowed hours, those of the days after it."""
    moments = [slot.not_before]
    while slot.not_after is not None and len(moments) < 2 * DAYS_ALIKE:
        moments.append(slot.not_after)
        slot = slot_from(email, slot.not_after, zone=zone)
        moments.append(slot.not_before)
    return tuple(moments)


def move_closed(*, now: dt.datetime) -> int:
    """Give batches whose hours have closed the next opening. Returns how many.

    The claim leaves them alone from the moment on at which they close; this only says when they are due again.
    """
    closed = Batch.objects.filter(state="queued", not_after__isnull=False, not_after__lte=now)
    moved = 0
    for email_id, zone in sorted(closed.order_by().values_list("email_id", "zone").distinct()):
        slot = slot_from(CampaignEmail.objects.get(pk=email_id), now, zone=zone)
        moved += closed.filter(email_id=email_id, zone=zone).update(**slot.columns)
    return moved
