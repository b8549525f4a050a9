"""When an e-mail goes out: an offset from the release, a time of day, a time zone, daylight saving right.

The wall time is what people mean, so the offset is counted in local days and UTC is derived. A time that does not
exist (spring) is moved on by the length of the gap; one that comes twice (autumn) means the first.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from campaigns.planning.models import Cadence, CadenceStep, CampaignEmail

# The zone in which every day begins first (UTC+14, no daylight saving). An e-mail in local time starts with it.
FIRST_ZONE = "Pacific/Kiritimati"


def local_to_utc(day: dt.date, time_of_day: dt.time, zone: str) -> dt.datetime:
    """The UTC moment of a wall time. `zone` is an IANA name."""
    wall = dt.datetime.combine(day, time_of_day, tzinfo=ZoneInfo(zone)).replace(fold=0)
    return wall.astimezone(dt.UTC)


def day_of_sending(email: CampaignEmail, zone: str) -> dt.date | None:
    """The day on the product's calendar; of a mail in each reader's time the day that is the same on all of them."""
    if email.send_at is None:
        return None
    return email.send_at.astimezone(ZoneInfo(FIRST_ZONE if email.local_time else zone)).date()


def in_words(text: str, zone: str) -> str:
    """A moment that was kept as ISO text, as pages write it in a zone: Thu 10 Dec 2026, 10:00 CET. Other text stays."""
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return text
        local = moment.astimezone(ZoneInfo(zone or "UTC"))
    except (ValueError, KeyError, OverflowError):
        return text
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {local.tzname() or ''}".strip()


def exists(day: dt.date, time_of_day: dt.time, zone: str) -> bool:
    """Whether the clocks of the zone show this time on that day at all."""
    back = local_to_utc(day, time_of_day, zone).astimezone(ZoneInfo(zone))
    return back.replace(tzinfo=None) == dt.datetime.combine(day, time_of_day)


def send_at(
    step: CadenceStep, *, release_date: dt.date | None, anchor_at: dt.datetime | None, zone: str
) -> dt.datetime | None:
    """The UTC moment of a step, or None while the release has no date and the cadence counts from it.

    Args:
        step: offset and, for whole days, the time of day.
        release_date: Jira's date; used by cadences that count from it.
        anchor_at: the moment of planning; used by the others.
        zone: the product's IANA time zone.
    """
    wall_zone = FIRST_ZONE if step.local_time else zone
    if step.cadence.anchor == Cadence.Anchor.PLANNED_AT:
        start = anchor_at
        if start is None:
            return None
        if step.time_of_day is None:
            return start + step.offset
        return local_to_utc(
            start.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=step.offset.days), step.time_of_day, wall_zone
        )
    if release_date is None:
        return None
    if step.time_of_day is None:
        return local_to_utc(release_date, dt.time(0), zone) + step.offset
    return local_to_utc(release_date + dt.timedelta(days=step.offset.days), step.time_of_day, wall_zone)
