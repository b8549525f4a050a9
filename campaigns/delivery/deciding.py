"""A person decides on messages that failed or of which nobody knows: one by one, or a whole group in sets.

A group is one e-mail, one state and one reason. It is worked through by id in chunks of one transaction each, so a
million needs no row in memory and an interruption leaves everything in order: the person presses once more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Left

from campaigns import given
from campaigns.delivery import windows
from campaigns.delivery.models import Batch, Message
from campaigns.delivery.recount import DECIDED, recount
from campaigns.delivery.refusals import DeliveryRefused
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.planning.services import move
from campaigns.review.selectors import approval_problem

CHUNK = 20_000
# What a verdict may be given on: counted as sent, sent again, written off.
VERDICTS = {"accepted": ("unknown",), "queued": ("unknown", "failed"), "failed": ("unknown", "failed")}


def decide(*, messages: Collection[int], verdict: str, reason: str, by: Any, now: dt.datetime) -> int:
    """A person decides on unknown or failed messages: count them as accepted, send them again, or write them off.

    Args:
        messages: ids of messages of one e-mail.
        verdict: "accepted", "queued" (send again) or "failed" (write off).
        reason: why; kept in the history.

    Returns:
        How many were changed; those that are no longer unknown or failed are left alone.

    Raises:
        DeliveryRefused: no reason, an unknown verdict, or messages of several e-mails.
    """
    _insist(verdict, reason, by)
    chosen = Message.objects.filter(pk__in=list(messages), state__in=VERDICTS[verdict])
    email_ids = list(chosen.order_by().values_list("email_id", flat=True).distinct())
    if not email_ids:
        return 0
    if len(email_ids) > 1:
        raise DeliveryRefused("Decide on the messages of one e-mail at a time.")
    with transaction.atomic():
        email = _open(email_ids[0])
        if verdict == "queued":
            _reopen(email, why=reason, by=by, now=now)
        return _apply(email, chosen, verdict, why=reason, by=by, now=now)


def decide_group(
    *,
    email: CampaignEmail,
    state: str,
    reason: str | None,
    verdict: str,
    why: str,
    by: Any,
    now: dt.datetime,
    until: Callable[[], bool] = lambda: False,
) -> int:
    """The same verdict on all messages of an e-mail in one state, of one reason or of all.

    Args:
        state: "unknown" or "failed".
        reason: the code of the group; None for every message on which nobody has decided yet.
        verdict: as of `decide`.
        why: kept with each message and in the history.
        until: asked after each chunk; True ends it early, and the rest of the group stays as it was.

    Returns:
        How many were changed.

    Raises:
        DeliveryRefused: no reason, a verdict that does not fit the state, or the e-mail cannot be sent any more.
    """
    _insist(verdict, why, by)
    if state not in VERDICTS[verdict]:
        raise DeliveryRefused(f"Messages that are {state} cannot be decided on like that.")
    group = _group(email, state, reason)
    if not group.exists():
        return 0
    changed, last = 0, 0
    while True:
        with transaction.atomic():
            fresh = _open(email.pk)
            if verdict == "queued":
                # In the transaction that queues: alone, it would be called sent again before anything is queued.
                _reopen(fresh, why=why, by=by, now=now)
            chunk = group.filter(pk__gt=last)
            end = list(chunk.order_by("pk").values_list("pk", flat=True)[CHUNK - 1 : CHUNK])
            if end:
                chunk = chunk.filter(pk__lte=end[0])
            changed += _apply(fresh, chunk, verdict, why=why, by=by, now=now)
        email.state = fresh.state
        if not end or until():
            return changed
        last = end[0]


def retry_failed(*, email: CampaignEmail, reason: str | None = None, why: str, by: Any, now: dt.datetime) -> int:
    """Send again to those who failed, of one reason or all on whom nobody has decided. As `decide_group`."""
    return decide_group(email=email, state="failed", reason=reason, verdict="queued", why=why, by=by, now=now)


def write_off(
    *, email: CampaignEmail, state: str = "failed", reason: str | None = None, why: str, by: Any, now: dt.datetime
) -> int:
    """Nobody tries these again; what went wrong stays readable in their detail. As `decide_group`."""
    return decide_group(email=email, state=state, reason=reason, verdict="failed", why=why, by=by, now=now)


def left(email: CampaignEmail, state: str, reason: str | None) -> int:
    """How many messages of a group still wait for a verdict."""
    return _group(email, state, reason).count()


def _group(email: CampaignEmail, state: str, reason: str | None) -> QuerySet[Message]:
    group = Message.objects.filter(email=email, state=state)
    return group.exclude(reason=DECIDED) if reason is None else group.filter(reason=reason)


@dataclass(frozen=True)
class Group:
    """Messages of one e-mail in one state for one reason, with one of them to look at."""

    email: CampaignEmail
    state: str
    reason: str
    messages: int
    example: Message


def groups(state: str, *, email: CampaignEmail | None = None, most: int = 100) -> list[Group]:
    """What waits for a person, by e-mail and reason, the newest e-mail and the largest group first.

    Three queries, whatever was sent: the e-mails from their batches, the groups from the index of rare states, and
    their examples.
    """
    if email is not None:
        ids = [email.pk]
    else:
        waiting = Q(failed__gt=F("written_off")) if state == "failed" else Q(unknown__gt=0)
        open_batches = Batch.objects.filter(waiting, archived_at__isnull=True).order_by("-email_id")
        ids = list(open_batches.values_list("email_id", flat=True).distinct()[:most])
    rows = (
        Message.objects.filter(email_id__in=ids, state=state)
        .exclude(reason=DECIDED)
        .values("email_id", "reason")
        .annotate(messages=Count("id"), example=Max("id"))
        .order_by("-email_id", "-messages", "reason")[:most]
    )
    found = list(rows)
    examples = Message.objects.select_related("email__campaign__release__product", "contact__client").in_bulk(
        [row["example"] for row in found]
    )
    return [
        Group(example.email, state, row["reason"], row["messages"], example)
        for row in found
        if (example := examples.get(row["example"])) is not None
    ]


def _insist(verdict: str, reason: str, by: Any) -> None:
    require(by, "campaigns.decide_message")
    if not reason.strip():
        raise DeliveryRefused("Say why: the reason is kept with the decision.")
    if verdict not in VERDICTS:
        raise DeliveryRefused(f"Unknown decision {verdict!r}.")


def locked(email_id: int) -> CampaignEmail:
    """The e-mail with its row locked until the transaction ends: who finishes it and who reopens it take turns."""
    row = CampaignEmail.objects.select_for_update(no_key=True, of=("self",)).select_related("campaign")
    return row.get(pk=email_id)


def _open(email_id: int) -> CampaignEmail:
    """The e-mail, locked; refuses one whose messages are on their way into the archive."""
    email = locked(email_id)
    if email.archive_begun_at is not None:
        raise DeliveryRefused(
            f"Its messages are in the archive since {email.archive_begun_at:%Y-%m-%d}; nothing of it is decided on "
            "or sent any more."
        )
    return email


def _reopen(email: CampaignEmail, *, why: str, by: Any, now: dt.datetime) -> None:
    """Messages are put back into the queue: an e-mail that was finished is sending once more."""
    if email.campaign.state == "cancelled":
        raise DeliveryRefused("The campaign is cancelled; nothing of it is sent any more.")
    if email.corrections.exclude(state="cancelled").exists():
        raise DeliveryRefused(
            "It was corrected: its old text goes to nobody any more, and the correction only to those who had it. "
            "Write these off."
        )
    if email.state == "sent":
        move(email=email, to="sending", by=by, why=f"Messages are sent again: {why}", now=now)
        return
    if email.state not in ("sending", "paused"):
        raise DeliveryRefused(f"The e-mail is {email.get_state_display().lower()}; nothing of it is sent any more.")
    if problem := approval_problem(email, now):
        raise DeliveryRefused(f"It cannot be sent again: {problem}")


def _apply(
    email: CampaignEmail, chosen: QuerySet[Message], verdict: str, *, why: str, by: Any, now: dt.datetime
) -> int:
    """Carry out a verdict on a set of messages of one e-mail, in the caller's transaction. Returns how many."""
    before = dict(chosen.order_by().values_list("reason").annotate(messages=Count("id")))
    old_batches = list(chosen.order_by().values_list("batch_id", flat=True).distinct())
    touched = list(old_batches)
    changed = 0
    if verdict == "queued":
        _believe_events(email, chosen, now=now)
        # Allowed hours stay those of their zone, and tries are numbered on: what an event says of an earlier one is
        # never taken for this one. Each message is in the batch that tried it last.
        tried = F("batch__tried_before") + F("batch__attempt")
        alike = chosen.order_by().annotate(tried=tried).values_list("batch__zone", "tried")
        for zone, number, count in sorted(alike.annotate(messages=Count("id"))):
            slot = windows.slot_from(email, now, zone=zone)
            theirs = chosen.annotate(tried=tried).filter(batch__zone=zone, tried=number)
            queued, new = _queue_again(email, theirs, count, slot, tried_before=number, now=now)
            changed += queued
            touched += new
    else:
        was = Concat(Value(f"{why.strip()} (was: "), F("reason"), Value(" "), F("detail"), Value(")"))
        changed = chosen.update(state=verdict, reason=DECIDED, detail=Left(was, 500), changed_at=now)
    for start in range(0, len(touched), 500):
        recount(touched[start : start + 500], now=now)
    if changed:
        what = ", ".join(f"{count:,} {reason or 'without a reason'}" for reason, count in sorted(before.items()))
        history.record(what="message", email=email, before=what, after=verdict, why=why, by=by, now=now)
    return changed


def _believe_events(email: CampaignEmail, chosen: QuerySet[Message], *, now: dt.datetime) -> None:
    """Count those of which SES has spoken as accepted: what it said may be older than the doubt, or than this verdict.

    Events are reached through the message, because the room that hears them comes after this one.
    """
    told = chosen.order_by().filter(events__isnull=False).values("pk")
    of_this = Message.objects.filter(pk=OuterRef("pk")).order_by("events__pk").values("events__ses_id")
    proved = Message.objects.filter(pk__in=told, state__in=VERDICTS["queued"]).update(
        state="accepted", reason="settled_by_event", detail="SES spoke of it before it was to be sent again.",
        ses_id=Subquery(of_this[:1]), sent_at=now, changed_at=now,
    )  # fmt: skip
    if proved:
        why = "SES published events of them, so they went out and are not sent again."
        history.record(what="message", email=email, before=f"{proved:,}", after="accepted", why=why, by=None, now=now)


def _queue_again(
    email: CampaignEmail,
    chosen: QuerySet[Message],
    count: int,
    slot: windows.Slot,
    *,
    tried_before: int,
    now: dt.datetime,
) -> tuple[int, list[int]]:
    """Put messages into batches of their own, in one statement. Returns how many, and the ids of the batches."""
    size = settings.SEND_BATCH_SIZE
    sizes = [size] * (count // size) + ([count % size] if count % size else [])
    batches = Batch.objects.bulk_create(
        (Batch(email=email, queued=one, tried_before=tried_before, **slot.columns) for one in sizes),
        batch_size=1_000,
    )
    inner, parameters = chosen.order_by().values_list("pk").query.sql_with_params()
    table, columns = Message._meta.db_table, {"cut": int, "id": int}
    # Only names of our own columns and a number stand in this statement; every value is a parameter.
    statement = f"""
        UPDATE {table} SET batch_id = placed.batch_id, state = 'queued', reason = '', detail = '', ses_id = '',
            changed_at = %s
        FROM (
            WITH found (id) AS ({inner}),
                person AS (SELECT id, (row_number() OVER (ORDER BY id) - 1) / {int(size)} AS cut FROM found)
            SELECT person.id, batch.id AS batch_id
            FROM person JOIN {given.table("batch", columns)} ON batch.cut = person.cut
        ) AS placed
        WHERE {table}.id = placed.id AND {table}.state IN ('failed', 'unknown')
    """  # noqa: S608
    numbered = [(number, batch.pk) for number, batch in enumerate(batches)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [now, *parameters, *given.parameters(numbered, columns)])
        return int(cursor.rowcount), [batch.pk for batch in batches]
