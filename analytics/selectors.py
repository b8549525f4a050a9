"""Figures for pages: how an e-mail and a campaign fared, and what happened each day.

Rates count people, not events: somebody who opens five times opened once. Opens and clicks of machines
are shown apart and are in no rate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.db.models.functions import TruncDate

from analytics.models import Alert, EmailEvent, HourlyFigure
from analytics.rollup import SOFT_BOUNCE
from campaigns.delivery.selectors import balances

Type = EmailEvent.Type
Origin = EmailEvent.Origin


@dataclass(frozen=True)
class Figures:
    """How one e-mail, or several together, fared. All numbers are messages: people per e-mail."""

    accepted: int = 0
    delivered: int = 0
    bounced: int = 0
    soft_bounced: int = 0
    complained: int = 0
    opened: int = 0
    opened_by_machine: int = 0
    clicked: int = 0
    clicked_by_machine: int = 0
    delayed: int = 0
    rejected: int = 0

    @property
    def delivery_rate(self) -> float | None:
        """Delivered of accepted."""
        return _rate(self.delivered, self.accepted)

    @property
    def bounce_rate(self) -> float | None:
        """Bounced for good of accepted."""
        return _rate(self.bounced, self.accepted)

    @property
    def complaint_rate(self) -> float | None:
        """Complained of delivered."""
        return _rate(self.complained, self.delivered)

    @property
    def open_rate(self) -> float | None:
        """Opened, as far as it was a person, of delivered."""
        return _rate(self.opened, self.delivered)

    @property
    def click_rate(self) -> float | None:
        """Clicked, as far as it was a person, of delivered."""
        return _rate(self.clicked, self.delivered)

    @property
    def waiting(self) -> int:
        """Accepted, and no final word of it yet."""
        return max(0, self.accepted - self.delivered - self.bounced - self.rejected)

    def __add__(self, other: Figures) -> Figures:
        names = self.__dataclass_fields__
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})


def figures_by_email(email_ids: Iterable[int]) -> dict[int, Figures]:
    """Figures of each e-mail, in two queries.

    How many were accepted is what their batches say: a fiftieth of the rows, where counting the messages of a million
    takes a second (docs/decisions/0001).
    """
    wanted = list(email_ids)
    sheets = balances(wanted)
    people: dict[int, dict[tuple[str, str], int]] = {email_id: {} for email_id in wanted}
    summed = HourlyFigure.objects.filter(email_id__in=wanted).values_list("email_id", "type", "origin")
    for email_id, kind, origin, number in summed.annotate(number=Sum("people")):
        people[email_id][kind, origin] = number
    return {email_id: _figures(sheets[email_id].accepted, people[email_id]) for email_id in wanted}


def email_figures(email_id: int) -> Figures:
    """Figures of one e-mail."""
    return figures_by_email([email_id])[email_id]


def total(parts: Iterable[Figures]) -> Figures:
    """Several e-mails together."""
    summed = Figures()
    for part in parts:
        summed += part
    return summed


@dataclass(frozen=True)
class Day:
    """What happened on one day (UTC). Numbers are messages: people per e-mail."""

    date: dt.date
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    opened: int = 0
    clicked: int = 0


SHOWN = {
    "sent": Q(type=Type.SEND),
    "delivered": Q(type=Type.DELIVERY),
    "bounced": Q(type=Type.BOUNCE),
    "complained": Q(type=Type.COMPLAINT),
    "opened": Q(type=Type.OPEN) & ~Q(origin=Origin.MACHINE),
    "clicked": Q(type=Type.CLICK) & ~Q(origin=Origin.MACHINE),
}


def days(*, until: dt.date, number: int = 30, email_ids: Iterable[int] | None = None) -> list[Day]:
    """Each of so many days up to a date, oldest first, those without events too; of some e-mails or of all."""
    first = until - dt.timedelta(days=number - 1)
    figures = HourlyFigure.objects.filter(hour__gte=dt.datetime.combine(first, dt.time(), dt.UTC))
    if email_ids is not None:
        figures = figures.filter(email_id__in=list(email_ids))
    summed = (
        figures.annotate(date=TruncDate("hour", tzinfo=dt.UTC))
        .order_by()
        .values("date")
        .annotate(**{name: Sum("people", filter=condition, default=0) for name, condition in SHOWN.items()})
    )
    found = {row["date"]: Day(**row) for row in summed}
    return [found.get(date, Day(date)) for date in (first + dt.timedelta(days=n) for n in range(number))]


def open_alerts(limit: int = 20) -> list[Alert]:
    """Alerts that nobody has dealt with, critical ones first, then the newest."""
    found = Alert.objects.filter(closed_at__isnull=True).select_related("email__campaign__release__product")
    return list(found.order_by("level", "-at")[:limit])


def recent_alerts(limit: int = 20) -> list[Alert]:
    """The last alerts, open ones first."""
    found = Alert.objects.select_related("email__campaign__release__product", "closed_by").order_by("-at")
    return sorted(found[:limit], key=lambda one: one.closed_at is not None)


def _figures(accepted: int, people: dict[tuple[str, str], int]) -> Figures:
    def count(kind: str, *origins: str) -> int:
        return sum(
            number for (one, origin), number in people.items() if one == kind and (not origins or origin in origins)
        )

    return Figures(
        accepted=accepted,
        delivered=count(Type.DELIVERY),
        bounced=count(Type.BOUNCE),
        soft_bounced=count(SOFT_BOUNCE),
        complained=count(Type.COMPLAINT),
        opened=count(Type.OPEN, Origin.HUMAN, Origin.UNKNOWN),
        opened_by_machine=count(Type.OPEN, Origin.MACHINE),
        clicked=count(Type.CLICK, Origin.HUMAN, Origin.UNKNOWN),
        clicked_by_machine=count(Type.CLICK, Origin.MACHINE),
        delayed=count(Type.DELIVERY_DELAY),
        rejected=count(Type.REJECT) + count(Type.RENDERING_FAILURE),
    )


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def total_days(days: Iterable[Day]) -> Figures:
    """Days together, as figures with rates; accepted is what SES says it sent."""
    summed = list(days)

    def add(name: str) -> int:
        return sum(getattr(day, name) for day in summed)

    return Figures(
        accepted=add("sent"), delivered=add("delivered"), bounced=add("bounced"), complained=add("complained"),
        opened=add("opened"), clicked=add("clicked"),
    )  # fmt: skip


def warned_kinds() -> set[str]:
    """Of which kinds of trouble the guard has an open alert about an e-mail: bounces, complaints. One query."""
    keys = Alert.objects.filter(closed_at__isnull=True, key__startswith="guard:").values_list("key", flat=True)
    return {key.split(":")[2] for key in keys}
