"""Write down what SES said, once, in sets.

Every write is conditional on the state it came from, so a late answer, the reaper and an event may come in any order:
an acceptance is believed from `queued` or `unknown`; nothing turns `accepted` into anything else.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from campaigns import given
from campaigns.delivery import errors, limiter, ses, windows
from campaigns.delivery.claiming import Claimed
from campaigns.delivery.models import Batch, Message, Sender
from campaigns.delivery.recount import recount
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail

logger = logging.getLogger(__name__)


def record(done: Sequence[tuple[Claimed, Sequence[ses.EntryResult]]], *, now: dt.datetime) -> None:
    """Record the answers to claimed batches, all in one transaction.

    Args:
        done: each batch with one result per recipient, in order.
    """
    stop: ses.EntryResult | None = None
    throttled = False
    with transaction.atomic():
        ids = [batch.batch_id for batch, _ in done]
        # Which of them are still ours? The reaper may have parked one whose answer came too late.
        mine = Batch.objects.select_for_update().filter(pk__in=ids, state="sending")
        claims = dict(mine.order_by("pk").values_list("pk", "claim"))
        in_time = {batch.batch_id for batch, _ in done if claims.get(batch.batch_id) == batch.claim}
        accepted: list[tuple[int, str]] = []
        tries: dict[int, list[int]] = {}
        ended: dict[tuple[str, str, str], list[int]] = {}
        new_batches: list[int] = []
        for batch, results in done:
            again: list[int] = []
            later: list[int] = []
            for recipient, result in zip(batch.recipients, results, strict=True):
                pk = recipient.message_id
                if result.outcome == "accepted":
                    accepted.append((pk, result.ses_id))
                elif result.outcome == "failed":
                    ended.setdefault(("failed", result.code, result.detail), []).append(pk)
                elif batch.batch_id not in in_time:
                    continue  # parked as unknown meanwhile; only a person sends such a message again
                elif result.outcome == "unknown":
                    ended.setdefault(("unknown", result.code, result.detail), []).append(pk)
                elif result.outcome == "hold":
                    stop = result
                    again.append(pk)
                elif result.code in errors.THROTTLES:
                    throttled = True
                    again.append(pk)
                elif result.code == errors.NOT_TRIED:
                    again.append(pk)
                elif batch.attempt >= errors.MOST_ATTEMPTS:
                    last = f"{batch.try_number} tries; the last said {result.code}: {result.detail}"
                    ended.setdefault(("failed", "gave_up", last), []).append(pk)
                else:
                    later.append(pk)
            # What was throttled or stopped was not tried: its attempt does not count. The first try of what was
            # accepted is counted with the acceptance, in the same statement.
            kept = set(again)
            tries.setdefault(batch.try_number, []).extend(
                recipient.message_id
                for recipient, result in zip(batch.recipients, results, strict=True)
                if recipient.message_id not in kept and (batch.try_number > 1 or result.outcome != "accepted")
            )
            if again:
                wait = errors.THROTTLE_WAIT if throttled else dt.timedelta(0)
                new_batches.append(_requeue(batch, again, attempt=batch.attempt, not_before=now + wait))
            if later:
                when = errors.next_try(batch.attempt, now=now)
                new_batches.append(_requeue(batch, later, attempt=batch.attempt + 1, not_before=when))
        _accept(accepted, now=now)
        for (state, reason, detail), pks in ended.items():
            Message.objects.filter(pk__in=pks, batch_id__in=ids, state__in=["queued", "unknown"]).update(
                state=state, reason=reason[:60], detail=detail[:500], changed_at=now
            )
        for number, pks in tries.items():
            if pks:  # an answer that comes late is about an earlier try than the last
                Message.objects.filter(pk__in=pks, attempts__lt=number).update(attempts=number)
        Batch.objects.filter(pk__in=in_time).update(state="done", finished_at=now)
        elsewhere: list[int] = []
        if len(in_time) < len(done):
            # An answer that came too late: meanwhile a person may have put its messages into another batch.
            moved = Message.objects.filter(pk__in=[pk for pk, _ in accepted]).exclude(batch_id__in=ids)
            elsewhere = list(moved.values_list("batch_id", flat=True).distinct())
        recount([*ids, *new_batches, *elsewhere], now=now, locked=len(in_time) == len(done))
        if Batch.objects.filter(pk__in=in_time, unknown__gt=0).update(state="unknown"):
            logger.warning("it is not known whether SES accepted some messages of batches %s", sorted(in_time))
    if throttled:
        limiter.slow_down(now=now, seconds=1.0)
    if stop is not None:
        _stop(stop, now=now)


def _accept(accepted: list[tuple[int, str]], *, now: dt.datetime) -> None:
    """Mark messages as accepted with the ids that SES gave, in one statement."""
    if not accepted:
        return
    table = Message._meta.db_table
    columns = {"id": int, "ses_id": str}
    # Only names of our own columns stand in this statement; every value is a parameter.
    statement = f"""
        UPDATE {table} SET state = 'accepted', ses_id = answer.ses_id, sent_at = %s, reason = '', detail = '',
            changed_at = %s, attempts = CASE WHEN attempts = 0 THEN 1 ELSE attempts END
        FROM {given.table("answer", columns)}
        WHERE {table}.id = answer.id AND state IN ('queued', 'unknown')
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [now, now, *given.parameters(accepted, columns)])


def _requeue(batch: Claimed, message_ids: list[int], *, attempt: int, not_before: dt.datetime) -> int:
    """Put messages that were certainly not accepted into a batch of their own, with its own time. Returns its id."""
    slot = windows.Slot(not_before)
    if batch.zone:
        slot = windows.slot_from(CampaignEmail.objects.get(pk=batch.email_id), not_before, zone=batch.zone)
    new = Batch.objects.create(
        email_id=batch.email_id, attempt=attempt, tried_before=batch.tried_before, queued=len(message_ids),
        **slot.columns,
    )  # fmt: skip
    Message.objects.filter(pk__in=message_ids, state="queued").update(batch=new)
    return new.pk


def _stop(result: ses.EntryResult, *, now: dt.datetime) -> None:
    """SES refuses everybody: nobody sends until the reason is gone."""
    if "QUOTA" in result.code.upper() or "quota" in result.detail.lower():
        # A rolling 24 hours frees by itself: AWS advises to wait and try again.
        why = f"The daily quota of Amazon SES is used up: {result.code} {result.detail}"[:500]
        if limiter.slow_down(now=now, seconds=600, shrink=1.0, why=why):
            history.record(what="sender", before="sending", after="waiting", why=why, by=None, now=now)
        return
    limiter.row()
    why = f"SES: {result.code} {result.detail}"
    with transaction.atomic():
        sender = Sender.objects.filter(region=settings.AWS_REGION, stopped_at__isnull=True)
        if sender.update(stopped_at=now, stopped_reason=why[:500], stopped_by=None):
            history.record(what="sender", before="sending", after="stopped", why=why, by=None, now=now)


def reap(*, now: dt.datetime, seconds: float) -> int:
    """Turn batches that were claimed so many seconds ago and never recorded to unknown, with their messages.

    Returns:
        How many batches were parked.
    """
    stale = now - dt.timedelta(seconds=seconds)
    reaped: dict[int, list[int]] = {}
    lost = Batch.objects.filter(state="sending", claimed_at__lt=stale).order_by("pk")
    columns = lost.values_list("pk", "email_id", F("tried_before") + F("attempt"))
    for batch_id, email_id, number in list(columns):
        with transaction.atomic():
            taken = Batch.objects.filter(pk=batch_id, state="sending", claimed_at__lt=stale).update(
                state="unknown", error="The worker ended before it could write down what SES answered."
            )
            if not taken:
                continue
            Message.objects.filter(batch_id=batch_id, state="queued").update(
                state="unknown", reason="no_record", changed_at=now, attempts=number,
                detail="Claimed and never recorded: SES may or may not have accepted it.",
            )  # fmt: skip
            recount([batch_id], now=now)
        reaped.setdefault(email_id, []).append(batch_id)
    for email in CampaignEmail.objects.select_related("campaign").filter(pk__in=reaped).order_by("pk"):
        ids = reaped[email.pk]
        why = f"{len(ids)} batches were claimed and never recorded: {', '.join(map(str, ids))}."
        logger.warning("e-mail %s: %s", email.pk, why)
        history.record(what="batch", email=email, before="sending", after="unknown", why=why, by=None, now=now)
    return sum(map(len, reaped.values()))
