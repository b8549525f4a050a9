"""Old messages: moved out of the live table month by month, and one day dropped by the month.

An e-mail that ended long ago needs its figures, which its batches keep, and not its messages. From the moment that its
archiving begins nobody can be sent to again (a constraint of the database says so), so that whoever got it once cannot
get it twice. Whole batches are moved, each set in one transaction: a run that is killed leaves every message in one
of the two tables, and the next run goes on behind it.

On PostgreSQL the archive has a partition for each month, so that dropping one is no DELETE and leaves no vacuum; SQLite
has one table.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from campaigns.delivery.deciding import locked
from campaigns.delivery.models import ArchivedMessage, Batch, Message
from campaigns.delivery.recount import FIGURES
from campaigns.delivery.refusals import DeliveryRefused
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail

logger = logging.getLogger(__name__)

# Moved together, some ten thousand messages: no more than a second of work to lose, and flat memory.
BATCHES_A_SET = 200
# Bounces and complaints come in for weeks, and the frequency cap asks what people got lately.
LEAST_DAYS = 90
ENDED = ("sent", "cancelled")
_COLUMNS = (
    "id", "email_id", "contact_id", "batch_id", "address", "values", "state", "reason", "detail", "attempts", "ses_id",
    "sent_at", "changed_at",
)  # fmt: skip


@dataclass
class Archived:
    """What a run did: messages that it moved, e-mails that it finished, and those that it left, each with why."""

    messages: int = 0
    emails: list[CampaignEmail] = field(default_factory=list)
    left: list[tuple[CampaignEmail, str]] = field(default_factory=list)


def archive_messages(
    *,
    before: dt.date,
    by: Any,
    now: dt.datetime,
    undecided: bool = False,
    until: Callable[[], bool] = lambda: False,
    tell: Callable[[CampaignEmail, int], None] = lambda email, moved: None,
) -> Archived:
    """Move the messages of every e-mail that ended before a month into the archive.

    Args:
        before: the first day of a month that lies long enough back; see `latest_month`.
        undecided: also e-mails with unknown or failed messages on which nobody has decided. Nobody can afterwards.
        until: asked after each set; True ends the run early, and the next one goes on.
        tell: called after each set with the e-mail and how many of its messages this run has moved.

    Raises:
        DeliveryRefused: the month is too recent, or is none.
    """
    require(by, "campaigns.decide_message")
    _insist_old_enough(before, now=now)
    done = Archived()
    for email in archivable(before):
        if email.archive_begun_at is None:
            why = _begin(email, undecided=undecided, by=by, now=now)
            if why:
                done.left.append((email, why))
                continue
        if not _move_all(email, done, by=by, now=now, until=until, tell=tell):
            break
    return done


def archivable(before: dt.date) -> QuerySet[CampaignEmail]:
    """E-mails that ended before a day and are not archived; those that were begun and interrupted come first."""
    ended = CampaignEmail.objects.filter(state__in=ENDED, archived_at__isnull=True, finished_at__lt=_midnight(before))
    with_batches = ended.filter(Exists(Batch.objects.filter(email=OuterRef("pk"))))
    return with_batches.select_related("campaign__release__product").order_by(
        F("archive_begun_at").asc(nulls_last=True), "finished_at", "pk"
    )


def latest_month(now: dt.datetime) -> dt.date:
    """The latest month before which messages may be archived now."""
    days = max(LEAST_DAYS, settings.FREQUENCY_CAP_DAYS if settings.FREQUENCY_CAP_EMAILS else 0)
    return (now - dt.timedelta(days=days)).astimezone(dt.UTC).date().replace(day=1)


def months() -> list[tuple[dt.date, int]]:
    """The months that the archive holds with the number of their messages, the oldest first."""
    return list(ArchivedMessage.objects.values_list("month").annotate(messages=Count("pk")).order_by("month"))


def drop_month(*, month: dt.date, why: str, by: Any, now: dt.datetime) -> int:
    """Drop the archived messages of e-mails that ended in a month, for good. Returns how many those were.

    Raises:
        DeliveryRefused: nobody says why, or the month is too recent.
    """
    require(by, "campaigns.decide_message")
    if not why.strip():
        raise DeliveryRefused("Say why: the reason is kept in the history.")
    _insist_old_enough(_next(month), now=now)
    theirs = ArchivedMessage.objects.filter(month=month)
    dropped = theirs.count()
    if not dropped:
        return 0
    if connection.vendor == "postgresql":
        with transaction.atomic():
            _define(f"DROP TABLE {_partition(month)}")  # named from a date alone
            _write_dropped(month, dropped, why, by=by, now=now)
        return dropped
    while ids := list(theirs.values_list("pk", flat=True)[:5_000]):
        ArchivedMessage.objects.filter(pk__in=ids).delete()
    _write_dropped(month, dropped, why, by=by, now=now)
    return dropped


def _write_dropped(month: dt.date, dropped: int, why: str, *, by: Any, now: dt.datetime) -> None:
    said = f"{dropped} messages of e-mails that ended in {month:%Y-%m}: {why.strip()}"
    history.record(what="messages", before="archived", after="dropped", why=said, by=by, now=now)


def _insist_old_enough(before: dt.date, *, now: dt.datetime) -> None:
    if before.day != 1:
        raise DeliveryRefused("Name a month by its first day.")
    latest = latest_month(now)
    if before > latest:
        raise DeliveryRefused(
            f"Messages are kept for {(now.date() - latest).days} days at least, while bounces and complaints come in "
            f"and the frequency cap asks for them: {latest:%Y-%m} is the latest month before which they may go."
        )


def _begin(email: CampaignEmail, *, undecided: bool, by: Any, now: dt.datetime) -> str:
    """Close an e-mail for good; from here on nothing of it is sent or decided on. Returns why it was left, if it was.

    Whoever reopens or corrects it holds the same lock.
    """
    with transaction.atomic():
        fresh = locked(email.pk)
        if fresh.state not in ENDED:
            return "It was opened again at this very moment."
        if fresh.corrections.exclude(state__in=ENDED).exists():
            return "A correction of it is not out yet, and goes to those who received it."
        batches = Batch.objects.filter(email=fresh)
        if batches.filter(Q(state__in=["queued", "sending"]) | Q(queued__gt=0)).exists():
            return "Something of it is still on its way."
        open_ones = batches.aggregate(
            unknown=Sum("unknown", default=0), failed=Sum(F("failed") - F("written_off"), default=0)
        )
        waiting = ", ".join(f"{count:,} {name}" for name, count in open_ones.items() if count)
        if waiting and not undecided:
            return f"Nobody has decided on {waiting} messages of it."
        CampaignEmail.objects.filter(pk=email.pk).update(archive_begun_at=now)
        why = f"It ended on {fresh.finished_at:%Y-%m-%d}." + (f" Never decided on: {waiting}." if waiting else "")
        history.record(what="messages", email=fresh, before="live", after="archiving", why=why, by=by, now=now)
    email.archive_begun_at = now
    return ""


def _move_all(
    email: CampaignEmail,
    done: Archived,
    *,
    by: Any,
    now: dt.datetime,
    until: Callable[[], bool],
    tell: Callable[[CampaignEmail, int], None],
) -> bool:
    """Move what is left of one e-mail, set by set. Returns False when it was asked to end."""
    assert email.finished_at is not None  # noqa: S101 - the filter says so
    month = email.finished_at.astimezone(dt.UTC).date().replace(day=1)
    _make_partition(month)
    moved = 0
    while True:
        try:
            moving = _move_set(email, month, now=now)
        except DeliveryRefused as refusal:
            logger.error("e-mail %s: %s", email.pk, refusal)
            done.left.append((email, str(refusal)))
            return True
        if moving is None:
            break
        moved += moving
        done.messages += moving
        tell(email, moved)
        if until():
            return False
    if CampaignEmail.objects.filter(pk=email.pk, archived_at__isnull=True).update(archived_at=now):
        messages = ArchivedMessage.objects.filter(email=email, month=month).count()
        why = f"{messages} messages are in the archive of {month:%Y-%m}."
        history.record(what="messages", email=email, before="archiving", after="archived", why=why, by=by, now=now)
        done.emails.append(email)
    return True


def _move_set(email: CampaignEmail, month: dt.date, *, now: dt.datetime) -> int | None:
    """Move the messages of the next batches, in one transaction. Returns how many, None when no batch is left.

    Raises:
        DeliveryRefused: the figures of a batch are not those of its messages; nothing of the set was moved.
    """
    with transaction.atomic():
        locked(email.pk)  # two runs take turns
        batches = Batch.objects.filter(email=email, archived_at__isnull=True).order_by("pk")
        ids = list(batches.values_list("pk", flat=True)[:BATCHES_A_SET])
        if not ids:
            return None
        # The messages first and the batches after, as everybody does who settles one. What somebody else changed is
        # committed by then, together with the figures.
        rows = Message.objects.select_for_update().filter(batch_id__in=ids).order_by("pk")
        counted = Counter(rows.values_list("batch_id", "state"))
        for batch in Batch.objects.filter(pk__in=ids).values("pk", *FIGURES):
            if any(batch[name] != counted[batch["pk"], name] for name in FIGURES):
                raise DeliveryRefused(
                    f"The figures of batch {batch['pk']} are not those of its messages. Nothing more of this e-mail "
                    "is archived; report it with these numbers."
                )
        moved = _move(ids, month)
        if moved != counted.total():
            raise DeliveryRefused("The messages changed while they were moved; try again.")
        Batch.objects.filter(pk__in=ids).update(archived_at=now)
        return moved


def _move(batch_ids: list[int], month: dt.date) -> int:
    """From one table into the other, in the caller's transaction. Returns how many."""
    live, archive = Message._meta.db_table, ArchivedMessage._meta.db_table
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    marks = ", ".join(["%s"] * len(batch_ids))
    # Only names of our own tables and columns stand in these statements; every value is a parameter.
    insert = f"INSERT INTO {archive} ({columns}, month) SELECT {columns}, %s FROM"
    delete = f"DELETE FROM {live} WHERE batch_id IN ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH moved AS ({delete} RETURNING {columns}) {insert} moved", [*batch_ids, month])
            return int(cursor.rowcount)
        cursor.execute(f"{insert} {live} WHERE batch_id IN ({marks})", [month, *batch_ids])
        moved = int(cursor.rowcount)
        cursor.execute(delete, batch_ids)
        return moved if cursor.rowcount == moved else -1


def _make_partition(month: dt.date) -> None:
    """A place for the messages of a month. Needs the right to create tables, as `migrate` does."""
    if connection.vendor != "postgresql":
        return
    name = _partition(month)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        there = cursor.fetchone()[0]
    if not there:
        # Dates and names are made from a date alone; a partition's bounds take no parameters.
        _define(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {ArchivedMessage._meta.db_table} "
            f"FOR VALUES FROM ('{month:%Y-%m-%d}') TO ('{_next(month):%Y-%m-%d}')"
        )


def _define(statement: str) -> None:
    """Add or drop a month. Late events look into the archive, so they must not queue behind us for a long export.

    Raises:
        DeliveryRefused: somebody reads the archive for too long, or the account may not.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(statement)
    except (OperationalError, ProgrammingError) as error:
        raise DeliveryRefused(f"The archive could not be changed, and nothing was: {error}") from error


def _partition(month: dt.date) -> str:
    return f"{ArchivedMessage._meta.db_table}_{month:%Y_%m}"


def _next(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
