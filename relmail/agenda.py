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

from django.db.models import Count, Q
from django.utils import timezone

from campaigns import states
from campaigns.audience.overlap import shared_people
from campaigns.delivery.models import Message
from campaigns.models import Campaign, CampaignEmail

DAYS = 14
# A held campaign keeps its e-mails and their times; the calendar marks them.
_OPEN = ("active", "held")
MOST = 500
# The last day ends so much later in the westernmost zone than in ours, at most.
_ZONES = dt.timedelta(hours=26)
# What the calendar says of an e-mail; the rest of a product is settings, which take longer to read than to show.
_SHOWN_FIELDS = (
    "state", "send_at", "late_after", "step", "correction_of", "campaign__state", "campaign__release__name",
    "campaign__release__product__name", "campaign__release__product__time_zone",
)  # fmt: skip
# So many stand on one day; the rest are a number that leads to the list.
SHOWN = 6


@dataclass(frozen=True)
class Clash:
    """Another e-mail of the same day that reaches the same people. `people` is None until they were counted.

    `by_receivers` says that one of the two is a correction, which goes to who received a mail and to no list.
    """

    email: CampaignEmail
    lists: tuple[str, ...]
    people: int | None
    by_receivers: bool = False


@dataclass
class Entry:
    """One e-mail on its day."""

    email: CampaignEmail
    at: dt.datetime
    missed: bool = False
    # Nothing of a held campaign goes out, whatever the state of the e-mail.
    held: bool = False
    clashes: list[Clash] = field(default_factory=list)

    @property
    def audience(self) -> int:
        """A number that two e-mails to the same people share: their campaign, or below 0 the mail that is corrected."""
        return -self.email.correction_of_id if self.email.correction_of_id else self.email.campaign_id

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
    whole: bool = False

    @property
    def shown(self) -> list[Entry]:
        """Those that fit, the clashing ones before others and then by time."""
        if self.whole or len(self.entries) <= SHOWN:
            return self.entries
        chosen = sorted(self.entries, key=lambda entry: not entry.clashes)[:SHOWN]
        return [entry for entry in self.entries if entry in chosen]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return len(self.entries) - len(self.shown)

    @property
    def clashing(self) -> bool:
        """Whether somebody would get two mails."""
        return any(entry.clashes for entry in self.entries)


@dataclass(frozen=True)
class Agenda:
    """The days; `countable` says that people may be shared on one of them and were not counted yet.

    `later` is the first e-mail after them, looked for when they are empty.
    """

    days: list[Day]
    emails: int
    countable: bool
    later: CampaignEmail | None = None
    whole: bool = False

    @property
    def shows(self) -> bool:
        """Whether any day has an e-mail, be it one that was missed today."""
        return any(day.entries for day in self.days)

    @property
    def last(self) -> dt.date:
        """The last of the days."""
        return self.days[-1].date

    @property
    def clashing(self) -> int:
        """How many days have a clash."""
        return sum(day.clashing for day in self.days)


def coming(*, now: dt.datetime) -> list[CampaignEmail]:
    """What goes out in the next two weeks, what is going out now, and what was to go out today. One query.

    The last day ends in each product's own zone, so what is later than that there is left out after the query.
    """
    last = timezone.localdate(now) + dt.timedelta(days=DAYS - 1)
    first = _midnight(now) - _ZONES
    found = (
        CampaignEmail.objects.filter(
            Q(state__in=["sending", "paused"])
            | Q(
                state__in=states.UNSENT,
                send_at__gte=first,
                send_at__lt=_midnight(now) + dt.timedelta(days=DAYS) + _ZONES,
            ),
            campaign__state__in=_OPEN,
        )
        .select_related("campaign__release__product")
        .only(*_SHOWN_FIELDS)
        .order_by("send_at", "pk")[:MOST]
    )
    return [
        email for email in found if email.state in ("sending", "paused")
        or (_local(email, now).date() <= last and not _was_before_today(email, now))
    ]  # fmt: skip


def _was_before_today(email: CampaignEmail, now: dt.datetime) -> bool:
    """Whether its day has ended in the zone of its product."""
    local = _local(email, now)
    return email.send_at is not None and email.send_at < now and local.date() < now.astimezone(local.tzinfo).date()


def _missed(email: CampaignEmail, now: dt.datetime) -> bool:
    """Whether its moment has passed so that it does not go out: held, or about to be."""
    if email.send_at is None or email.send_at >= now or email.state in ("sending", "paused"):
        return False
    return email.state == "held" or email.send_at + email.late_after < now


def _midnight(now: dt.datetime) -> dt.datetime:
    """The beginning of today."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _local(email: CampaignEmail, now: dt.datetime) -> dt.datetime:
    """When it goes out, in the zone of its product."""
    return (email.send_at or now).astimezone(ZoneInfo(email.campaign.release.product.time_zone))


def agenda(*, now: dt.datetime, counted: bool = False, whole: bool = False) -> Agenda:
    """The next 14 days. Two queries; with `counted` two more, which may take a second for lists of a million people.

    Args:
        whole: every e-mail of a day, also where many go out.
    """
    emails = coming(now=now)
    today = timezone.localdate(now)
    days = {
        today + dt.timedelta(days=number): Day(today + dt.timedelta(days=number), not number, whole=whole)
        for number in range(DAYS)
    }
    for email in emails:
        # What is going out now stands on today, and so does what is to come where it is still yesterday.
        local = _local(email, now)
        date = today if email.state in ("sending", "paused") else max(local.date(), today)
        days[date].entries.append(Entry(email, local, _missed(email, now), email.campaign.state == "held"))
    countable = _mark([day for day in days.values() if len(day.entries) > 1], counted=counted)
    number = sum(not entry.missed for day in days.values() for entry in day.entries)
    later = None if emails else _later(now)
    return Agenda(list(days.values()), number, countable and not counted, later, whole)


def clashes_of(email: CampaignEmail, *, now: dt.datetime) -> list[Clash]:
    """The clashes of one e-mail that is still to go out, on whatever day that is. At most four queries."""
    if email.send_at is None or email.state not in states.UNSENT or _missed(email, now):
        return []
    date = _local(email, now).date()
    near = CampaignEmail.objects.filter(
        Q(state__in=["sending", "paused"]) | Q(state__in=states.UNSENT), campaign__state__in=_OPEN,
        send_at__gte=email.send_at - dt.timedelta(days=1) - _ZONES,
        send_at__lte=email.send_at + dt.timedelta(days=1) + _ZONES,
    ).exclude(pk=email.pk)  # fmt: skip
    shown = near.select_related("campaign__release__product").only(*_SHOWN_FIELDS).order_by("send_at", "pk")[:MOST]
    others = [other for other in shown if _local(other, now).date() == date]
    entry = Entry(email, _local(email, now))
    day = Day(date, False, [entry, *(Entry(other, _local(other, now), _missed(other, now)) for other in others)])
    _mark([day], counted=True, only=entry.audience)
    return entry.clashes


def _later(now: dt.datetime) -> CampaignEmail | None:
    """The first e-mail that is still to come, of those that the calendar would show on its day."""
    coming = CampaignEmail.objects.filter(state__in=states.UNSENT, send_at__gte=now, campaign__state="active")
    shown = coming.select_related("campaign__release__product").only(*_SHOWN_FIELDS)
    return shown.order_by("send_at", "pk").first()


def _mark(days: list[Day], *, counted: bool, only: int | None = None) -> bool:
    """Write the clashes of each day into its entries. Returns whether there is a day on which people may be shared.

    Args:
        only: an audience; nobody is counted for pairs without it.
    """
    audiences = {entry.audience for day in days for entry in day.entries}
    lists = _lists({audience for audience in audiences if audience > 0})
    lists |= {audience: {} for audience in audiences if audience < 0}
    # Who goes to a list nobody chose for it clashes with nobody.
    reaching = [[entry for entry in day.entries if entry.audience in lists and not entry.missed] for day in days]
    several = [entries for entries in reaching if len(entries) > 1]
    people: dict[tuple[int, int], int] = {}
    if counted:
        pairs = {
            pair
            for entries in several
            # Two mails of one campaign go to everybody on its lists.
            for pair in set(combinations(sorted(entry.audience for entry in entries), 2))
            if only is None or only in pair
        }
        by_lists = {pair for pair in pairs if min(pair) > 0}
        people = shared_people({(one, other): (list(lists[one]), list(lists[other])) for one, other in by_lists})
        people |= _shared_receivers(pairs - by_lists)
    for entries in reaching:
        for one, other in _touching(entries, lists, people):
            mine, theirs = one.audience, other.audience
            names = tuple(sorted(lists[mine][pk] for pk in lists[mine].keys() & lists[theirs].keys()))
            number = people.get((min(mine, theirs), max(mine, theirs)), 0) if counted else None
            by_receivers = min(mine, theirs) < 0
            one.clashes.append(Clash(other.email, names, number, by_receivers))
            other.clashes.append(Clash(one.email, names, number, by_receivers))
    return bool(several)


def _touching(
    entries: list[Entry], lists: dict[int, dict[int, str]], people: dict[tuple[int, int], int]
) -> list[tuple[Entry, Entry]]:
    """The pairs of a day that share a list or, as far as counted, a person. Most pairs do not and are not looked at."""
    by_list: dict[int, list[int]] = defaultdict(list)
    by_audience: dict[int, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        by_audience[entry.audience].append(place)
        for pk in lists[entry.audience]:
            by_list[pk].append(place)
    found = {pair for places in by_list.values() for pair in combinations(places, 2)}
    for one, other in people:
        places = ((a, b) for a in by_audience.get(one, ()) for b in by_audience.get(other, ()))
        found |= {(min(pair), max(pair)) for pair in places if pair[0] != pair[1]}
    return [(entries[one], entries[other]) for one, other in sorted(found)]


def _shared_receivers(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """How many receivers of the first, a mail that is corrected, the other goes to as well. At most two queries."""
    received = Message.objects.filter(email__in={-one for one, _ in pairs}, state="accepted").order_by()
    found: dict[tuple[int, int], int] = {}
    campaigns = {other for _, other in pairs if other > 0}
    if campaigns:
        rows = received.filter(contact__lists__campaigns__in=campaigns)
        for email, campaign, people in rows.values_list("email_id", "contact__lists__campaigns").annotate(
            people=Count("contact", distinct=True)
        ):
            found[-email, campaign] = people
    corrected = {-other for _, other in pairs if other < 0}
    if corrected:
        rows = received.filter(contact__messages__email__in=corrected, contact__messages__state="accepted")
        for email, other, people in rows.values_list("email_id", "contact__messages__email_id").annotate(
            people=Count("contact", distinct=True)
        ):
            found[-email, -other] = people
    return {pair: found[pair] for pair in pairs if pair in found}


def _lists(campaign_ids: set[int]) -> dict[int, dict[int, str]]:
    """The lists of each campaign: id -> name. One query."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    through = Campaign.lists.through.objects.filter(campaign__in=campaign_ids) if campaign_ids else None
    for row in through.select_related("contactlist") if through is not None else ():
        found[row.campaign_id][row.contactlist_id] = row.contactlist.name
    return dict(found)
