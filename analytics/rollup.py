"""Sum up: events per e-mail, hour, type and origin, so that pages read a few rows instead of millions.

Figures are derived, never counted up: an e-mail that got events is summed up anew as a whole, so that
late, repeated or newly judged events can leave nothing wrong behind.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, CharField, Count, F, Min, Value, When
from django.db.models.functions import TruncHour

from analytics.models import EmailEvent, HourlyFigure, SnsNotification
from analytics.shapes import HARD

# A type of figure only; among events a bounce says in its subtype what it is.
SOFT_BOUNCE = "soft_bounce"

# Events are looked for this far back in the order of arrival; longer after a pause of the timetable.
LOOK_BACK = dt.timedelta(minutes=30)


def rollup(*, now: dt.datetime, emails: Iterable[int] | None = None) -> int:
    """Sum up e-mails that got events lately, or the given ones. Returns how many were summed up."""
    wanted = _touched(now) if emails is None else set(emails)
    for email_id in sorted(wanted):
        _sum_up(email_id)
    return len(wanted)


def _touched(now: dt.datetime) -> set[int]:
    newest = HourlyFigure.objects.order_by("-hour").values_list("hour", flat=True).first()
    since = min(now - LOOK_BACK, newest) if newest else None
    events = EmailEvent.objects.filter(email__isnull=False).order_by()
    if since is not None:
        # Ids follow the order of arrival, so this walks back no further than it must.
        before = SnsNotification.objects.filter(received_at__lt=since).order_by("-id").values_list("id", flat=True)
        events = events.filter(notification_id__gt=before.first() or 0)
    return {email_id for email_id in events.values_list("email_id", flat=True).distinct() if email_id}


def _sum_up(email_id: int) -> None:
    # A hard bounce is an end, a soft one need not be: the automatic answer of somebody on holiday is one too.
    kind_of_figure = Case(
        When(type="bounce", subtype__startswith=HARD, then=Value("bounce")),
        When(type="bounce", then=Value(SOFT_BOUNCE)),
        default=F("type"),
        output_field=CharField(),
    )
    events = EmailEvent.objects.filter(email_id=email_id).annotate(kind=kind_of_figure).order_by()
    cells: dict[tuple[dt.datetime, str, str], list[int]] = defaultdict(lambda: [0, 0])
    with transaction.atomic():
        counted = events.annotate(hour=TruncHour("at", tzinfo=dt.UTC)).values("hour", "kind", "origin")
        for row in counted.annotate(events=Count("id")):
            cells[row["hour"], row["kind"], row["origin"]][0] = row["events"]
        firsts = events.filter(message__isnull=False).values("kind", "origin", "message").annotate(first=Min("at"))
        for kind, origin, first in firsts.values_list("kind", "origin", "first").iterator(chunk_size=5000):
            cells[first.replace(minute=0, second=0, microsecond=0), kind, origin][1] += 1
        HourlyFigure.objects.bulk_create(
            [
                HourlyFigure(email_id=email_id, hour=hour, type=kind, origin=origin, events=number, people=people)
                for (hour, kind, origin), (number, people) in cells.items()
            ],
            update_conflicts=True,
            unique_fields=["email", "hour", "type", "origin"],
            update_fields=["events", "people"],
        )
        # A newly judged click leaves its old cell; a cell without events is no figure.
        for figure in HourlyFigure.objects.filter(email_id=email_id):
            if (figure.hour, figure.type, figure.origin) not in cells:
                figure.delete()
