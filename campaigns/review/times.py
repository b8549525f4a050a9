"""The send time as people choose and read it: one click, the product's clock, the clocks of some clients."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from campaigns.planning.models import CampaignEmail
from campaigns.planning.times import FIRST_ZONE, local_to_utc

MORNING = dt.time(10, 0)


@dataclass(frozen=True)
class Moment:
    """A time that one click chooses. `name` is what the form sends; it counts from the moment of the click."""

    name: str
    label: str
    at: dt.datetime


def moments(now: dt.datetime, zone: str) -> list[Moment]:
    """In 5 minutes, in an hour, tomorrow and next Monday at ten of the product's zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today + dt.timedelta(days=7 - today.weekday())
    return [
        Moment("5-minutes", "In 5 minutes", _whole(now + dt.timedelta(minutes=5))),
        Moment("1-hour", "In an hour", _whole(now + dt.timedelta(hours=1))),
        Moment("tomorrow", "Tomorrow 10:00", local_to_utc(today + dt.timedelta(days=1), MORNING, zone)),
        Moment("monday", "Monday 10:00", local_to_utc(monday, MORNING, zone)),
    ]


def _whole(moment: dt.datetime) -> dt.datetime:
    """The next whole minute, because that is what pages show."""
    return moment.replace(second=0, microsecond=0) + dt.timedelta(minutes=1 if moment.second else 0)


@dataclass(frozen=True)
class Clock:
    """When the mail goes out on one wall."""

    whose: str
    zone: str
    local: dt.datetime


def clocks(email: CampaignEmail, samples: list[tuple[str, str]]) -> list[Clock]:
    """The send time by the product's clock and by those of some clients.

    Args:
        samples: (client, IANA zone).
    """
    if email.send_at is None:
        return []
    own = email.campaign.release.product.time_zone
    found = []
    for whose, zone in [("The product", own), *samples]:
        try:
            there = ZoneInfo(zone)
        except (KeyError, ValueError):
            continue
        moment = email.send_at
        if email.local_time:
            # The planned wall time is the same everywhere; the first zone of the world begins with it.
            wall = moment.astimezone(ZoneInfo(FIRST_ZONE))
            moment = local_to_utc(wall.date(), wall.time(), zone)
        found.append(Clock(whose, zone, moment.astimezone(there)))
    return found
