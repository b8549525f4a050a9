"""When one contact's mail may go out: at the same moment as everybody's, or at the same wall time where the contact is.

An e-mail in local time starts when the first zone of the world reaches the planned wall time, so `send_at` is that
moment; each batch waits for the zone of its people. A window of allowed hours moves what would arrive at night to the
next opening.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from campaigns.planning.models import CampaignEmail
from campaigns.planning.times import FIRST_ZONE, local_to_utc


def moment_for(email: CampaignEmail, *, contact_zone: str, product_zone: str) -> dt.datetime:
    """The moment before which a contact of this zone is not mailed. Zones are IANA names; the result is UTC."""
    start = email.send_at or email.state_since
    if email.local_time:
        wall = start.astimezone(ZoneInfo(FIRST_ZONE))
        start = local_to_utc(wall.date(), wall.time(), contact_zone)
    return _within_window(start, contact_zone, email.window_opens, email.window_closes)


def _within_window(moment: dt.datetime, zone: str, opens: dt.time | None, closes: dt.time | None) -> dt.datetime:
    """The moment itself if it lies between opening and closing there, else the next opening."""
    if opens is None or closes is None:
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    if opens <= local.time() < closes:
        return moment
    day = local.date() if local.time() < opens else local.date() + dt.timedelta(days=1)
    return local_to_utc(day, opens, zone)
