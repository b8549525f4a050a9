"""Sum up: events per e-mail, hour, type and origin, so that pages read a few rows instead of millions.

Figures are derived, never counted up: a type of events of which an e-mail got new ones is counted anew as a whole, so
that late, repeated or newly judged events can leave nothing wrong behind. What that costs is bounded twice: the types
that got nothing new (all deliveries of a million, while opens trickle in for weeks) are left alone, and an e-mail that
takes long is counted again only after a rest that is a multiple of it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, CharField, Count, F, Max, Min, Value, When
from django.db.models.functions import TruncHour

from analytics.models import EmailEvent, HourlyFigure, SnsNotification, Summing
from analytics.shapes import HARD, NOT_SPAM
from campaigns.delivery.apart import apart

Type = EmailEvent.Type

# Types of figures only; among events the subtype of a bounce or a complaint says what it is.
SOFT_BOUNCE = "soft_bounce"
NOT_SPAM_COMPLAINT = "not_spam"

# Events are looked for this far back in the order of arrival, as some are committed late; longer after a pause.
LOOK_BACK = dt.timedelta(minutes=3)
# An e-mail is left alone for so many times as long as it took, once that is worth speaking of.
REST = 20
QUICK_SECONDS = 2.0
# Whoever sums up an e-mail has it alone for so long: longer than the time limit of a task.
LEASE = dt.timedelta(minutes=6)


def rollup(*, now: dt.datetime, emails: Iterable[int] | None = None) -> int:
    """Sum up what got events lately and is not resting, or the given e-mails as a whole. Returns how many e-mails."""
    if emails is not None:
        wanted = set(emails)
        for email_id in sorted(wanted):
            _sum_up(email_id, [str(kind) for kind in Type.values])
        return len(wanted)
    _note_new(now)
    summed = 0
    for row in Summing.objects.exclude(waiting=[]).filter(due_at__lte=now).order_by("due_at", "pk"):
        summed += _take_turn(row, now=now)
    return summed


def _note_new(now: dt.datetime) -> None:
    """Note for each e-mail which types of events came in since the last look."""
    last = Summing.objects.aggregate(last=Max("noted_at"))["last"]
    events = EmailEvent.objects.filter(email__isnull=False).order_by()
    if last is not None:
        # Ids follow the order of arrival, so this walks back no further than it must.
        since = min(now, last) - LOOK_BACK
        before = SnsNotification.objects.filter(received_at__lt=since).order_by("-id").values_list("id", flat=True)
        events = events.filter(notification_id__gt=before.first() or 0)
    found: dict[int, set[str]] = defaultdict(set)
    for email_id, kind in events.values_list("email_id", "type").distinct():
        found[email_id or 0].add(kind)
    for email_id, kinds in sorted(found.items()):
        if Type.DELIVERY in kinds:
            kinds |= {str(Type.OPEN), str(Type.CLICK)}  # judged anew by when their mail was delivered
        _wait(email_id, kinds, now=now)


def _wait(email_id: int, kinds: Iterable[str], *, now: dt.datetime) -> None:
    with transaction.atomic():
        Summing.objects.get_or_create(email_id=email_id, defaults={"due_at": now, "noted_at": now})
        row = Summing.objects.select_for_update().get(email_id=email_id)
        row.waiting = sorted({*row.waiting, *kinds})
        row.noted_at = max(row.noted_at, now)
        row.save(update_fields=["waiting", "noted_at"])


def _take_turn(row: Summing, *, now: dt.datetime) -> bool:
    """Sum up an e-mail unless somebody else does. Returns whether it was summed up here.

    What waits is crossed out at the end and not at the beginning, so that it waits again when this process dies.
    """
    if not Summing.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=now + LEASE):
        return False
    began = time.monotonic()
    with apart(f"e-mail {row.email_id}: summing it up"):
        _sum_up(row.email_id, row.waiting)
        seconds = time.monotonic() - began
        rest = dt.timedelta(seconds=seconds * (1 + REST) if seconds > QUICK_SECONDS else 0)
        Summing.objects.filter(pk=row.pk).update(due_at=now + rest, seconds=seconds)
        # What was noted meanwhile may have come too late to be counted.
        Summing.objects.filter(pk=row.pk, noted_at=row.noted_at).update(waiting=[])
        return True
    return False


def _sum_up(email_id: int, kinds: list[str]) -> None:
    """Count these types of events of an e-mail anew. Reads first and writes after, so that nobody waits for it."""
    # A hard bounce is an end, a soft one need not be: the automatic answer of somebody on holiday is one too.
    kind_of_figure = Case(
        When(type=Type.BOUNCE, subtype__startswith=HARD, then=Value("bounce")),
        When(type=Type.BOUNCE, then=Value(SOFT_BOUNCE)),
        When(type=Type.COMPLAINT, subtype=NOT_SPAM, then=Value(NOT_SPAM_COMPLAINT)),
        default=F("type"),
        output_field=CharField(),
    )
    events = EmailEvent.objects.filter(email_id=email_id, type__in=kinds).annotate(kind=kind_of_figure).order_by()
    cells: dict[tuple[dt.datetime, str, str], list[int]] = defaultdict(lambda: [0, 0])
    counted = events.annotate(hour=TruncHour("at", tzinfo=dt.UTC)).values("hour", "kind", "origin")
    for row in counted.annotate(events=Count("id")):
        cells[row["hour"], row["kind"], row["origin"]][0] = row["events"]
    firsts = events.filter(message__isnull=False).values("kind", "origin", "message").annotate(first=Min("at"))
    for kind, origin, first in firsts.values_list("kind", "origin", "first").iterator(chunk_size=5000):
        cells[first.replace(minute=0, second=0, microsecond=0), kind, origin][1] += 1
    types = {*kinds, *([SOFT_BOUNCE] if Type.BOUNCE in kinds else []),
             *([NOT_SPAM_COMPLAINT] if Type.COMPLAINT in kinds else [])}  # fmt: skip
    with transaction.atomic():
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
        for figure in HourlyFigure.objects.filter(email_id=email_id, type__in=types):
            if (figure.hour, figure.type, figure.origin) not in cells:
                figure.delete()
