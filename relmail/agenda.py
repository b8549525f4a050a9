"""What goes out in the next 14 days, across products, day by day, with the days on which clients would get two mails.

A day is a date in the product's time zone, where its e-mail goes out. Two e-mails of a day clash when their campaigns
share a list, or, once counted, when one person is on a list of each.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from campaigns import states
from campaigns.audience.overlap import shared_people
from campaigns.models import Campaign, CampaignEmail

DAYS = 14
MOST = 200


@dataclass(frozen=True)
class Clash:
    """Another e-mail of the same day that reaches the same people. `people` is None until they were counted."""

    email: CampaignEmail
    lists: tuple[str, ...]
    people: int | None


@dataclass
class Entry:
    """One e-mail on its day."""

    email: CampaignEmail
    at: dt.datetime
    clashes: list[Clash] = field(default_factory=list)

    @property
    def clock(self) -> str:
        """The wall time in the product's zone, with its name."""
        return f"{self.at:%H:%M} {self.at.tzname() or ''}".strip()


@dataclass
class Day:
    """One day with its e-mails, the earliest first."""

    date: dt.date
    today: bool
    entries: list[Entry] = field(default_factory=list)

    @property
    def clashing(self) -> bool:
        """Whether somebody would get two mails."""
        return any(entry.clashes for entry in self.entries)


@dataclass(frozen=True)
class Agenda:
    """The days; `countable` says that people of different lists may be shared and were not counted yet."""

    days: list[Day]
    emails: int
    countable: bool

    @property
    def clashing(self) -> int:
        """How many days have a clash."""
        return sum(day.clashing for day in self.days)


def coming(*, now: dt.datetime) -> list[CampaignEmail]:
    """What goes out in the next two weeks, and what is going out now, the next one first. One query."""
    return list(
        CampaignEmail.objects.filter(
            Q(state__in=["sending", "paused"])
            | Q(state__in=states.UNSENT, send_at__gte=now, send_at__lt=now + dt.timedelta(days=DAYS)),
            campaign__state="active",
        )
        .select_related("campaign__release__product")
        .order_by("send_at", "pk")[:MOST]
    )


def agenda(*, now: dt.datetime, counted: bool = False) -> Agenda:
    """The next 14 days. Two queries; with `counted` a third, which may take a second for lists of a million people."""
    emails = coming(now=now)
    today = timezone.localdate(now)
    days = {
        today + dt.timedelta(days=number): Day(today + dt.timedelta(days=number), not number) for number in range(DAYS)
    }
    for email in emails:
        # What is going out now stands on today; a zone far away may have a day before or after ours.
        local = (email.send_at or now).astimezone(ZoneInfo(email.campaign.release.product.time_zone))
        date = today if email.state in ("sending", "paused") else min(max(local.date(), today), max(days))
        days[date].entries.append(Entry(email, local))
    countable = _mark([day for day in days.values() if len(day.entries) > 1], counted=counted)
    return Agenda(list(days.values()), len(emails), countable and not counted)


def _mark(days: list[Day], *, counted: bool) -> bool:
    """Write the clashes of each day into its entries. Returns whether people of different lists may be shared."""
    lists = _lists({entry.email.campaign_id for day in days for entry in day.entries})
    pairs = {
        (one, other): (sorted(lists[one]), sorted(lists[other]))
        for day in days
        for one, other in combinations(sorted({entry.email.campaign_id for entry in day.entries}), 2)
        if lists[one] and lists[other]
    }
    people = shared_people(pairs) if counted else {}
    for day in days:
        for one, other in combinations(day.entries, 2):
            mine, theirs = one.email.campaign_id, other.email.campaign_id
            shared = tuple(lists[mine][pk] for pk in lists[mine].keys() & lists[theirs].keys())
            number = people.get((min(mine, theirs), max(mine, theirs)), 0) if counted and mine != theirs else None
            if shared or number:
                one.clashes.append(Clash(other.email, tuple(sorted(shared)), number))
                other.clashes.append(Clash(one.email, tuple(sorted(shared)), number))
    return bool(pairs)


def _lists(campaign_ids: set[int]) -> dict[int, dict[int, str]]:
    """The lists of each campaign: id -> name. One query."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    through = Campaign.lists.through.objects.filter(campaign__in=campaign_ids) if campaign_ids else None
    for row in through.select_related("contactlist") if through is not None else ():
        found[row.campaign_id][row.contactlist_id] = row.contactlist.name
    return found
