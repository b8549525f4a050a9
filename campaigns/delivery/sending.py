"""Claim a batch, call SES, record what it said.

The order is the whole point (law 3 and law 6): the claim is committed before the call, the call happens outside any
transaction, and every write after it is conditional on the state it came from. A batch that was claimed and never
recorded is exactly what may have been sent; the reaper turns it to unknown, never back to queued.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from campaigns.audience import selectors as audience
from campaigns.audience import unsubscribe
from campaigns.delivery import errors, limiter, ses
from campaigns.delivery.clearance import Clearance, NotCleared, clearance
from campaigns.delivery.models import Batch, Message, Sender
from campaigns.delivery.recount import recount
from campaigns.delivery.values import merge
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail

logger = logging.getLogger(__name__)

# Longer than connect and read time-outs of the door together with the database's; see ses.py.
CLAIM_SECONDS = 45
# A worker looks at this many of the oldest queued batches and tries them in turn, so that workers do not queue up
# behind one row.
CLAIM_WIDTH = 4


@dataclass(frozen=True)
class Claimed:
    """A batch that is ours until it is recorded."""

    batch_id: int
    claim: uuid.UUID
    attempt: int
    messages: list[Message]


def send_due(*, email_id: int, seconds: float, clock: Callable[[], dt.datetime] = timezone.now) -> int:
    """Send batches of one e-mail for so many seconds, or until none is due. Returns how many batches were settled.

    Short by design: the next tick calls it again, so nothing depends on one long run.
    """
    end = time.monotonic() + seconds
    settled = 0
    after = 0
    while time.monotonic() < end:
        try:
            cleared = clearance(email_id)
        except NotCleared as refusal:
            if refusal.hold:
                _pause(email_id, str(refusal), now=clock())
            return settled
        now = clock()
        waiting = _peek(email_id, after, now)
        if not waiting and after:
            after = 0  # retries and released claims have lower ids than where this worker is
            waiting = _peek(email_id, after, now)
        if not waiting:
            return settled
        wait = limiter.take(waiting[0][1], now=now)
        if wait:
            if time.monotonic() + wait >= end:
                return settled
            time.sleep(min(wait, 1.0))
            continue
        claimed = _claim(waiting, cleared, now=clock())
        if claimed is None:
            continue
        after = claimed.batch_id
        _deliver(claimed, cleared, clock=clock)
        settled += 1
    return settled


def _peek(email_id: int, after: int, now: dt.datetime) -> list[tuple[int, int]]:
    """The next queued batches that are due: (id, queued messages)."""
    due = Batch.objects.filter(email_id=email_id, state="queued", pk__gt=after, not_before__lte=now)
    return list(due.order_by("pk").values_list("pk", "queued")[:CLAIM_WIDTH])


def _claim(waiting: list[tuple[int, int]], cleared: Clearance, *, now: dt.datetime) -> Claimed | None:
    """Take one of the batches by a conditional UPDATE and set aside, in the same transaction, who must not be mailed."""
    claim = uuid.uuid4()
    for batch_id, _ in waiting:
        with transaction.atomic():
            # A pause that was committed before this point wins: the e-mail's state is part of the condition.
            won = Batch.objects.filter(pk=batch_id, state="queued", email__state="sending").update(
                state="sending", claim=claim, claimed_at=now, error=""
            )
            if not won:
                continue
            messages = list(Message.objects.filter(batch_id=batch_id, state="queued").order_by("pk"))
            refusals = audience.refusals(
                product_id=cleared.product_id,
                contacts=[(message.contact_id or 0, message.address) for message in messages],
                now=now,
            )
            by_reason: dict[str, list[int]] = {}
            for message in messages:
                # A contact that is gone altogether (erased) has nobody left to mail.
                reason = "erased" if message.contact_id is None else refusals.get(message.contact_id, "")
                if reason:
                    by_reason.setdefault(reason, []).append(message.pk)
            for reason, ids in by_reason.items():
                Message.objects.filter(pk__in=ids).update(state="suppressed", reason=reason, changed_at=now)
            suppressed = {pk for ids in by_reason.values() for pk in ids}
            messages = [message for message in messages if message.pk not in suppressed]
            if messages:
                Message.objects.filter(pk__in=[message.pk for message in messages]).update(attempts=F("attempts") + 1)
                for message in messages:
                    message.attempts += 1
            if suppressed:
                recount([batch_id], now=now)
            if not messages:
                Batch.objects.filter(pk=batch_id, claim=claim).update(state="done", finished_at=now)
            attempt = Batch.objects.values_list("attempt", flat=True).get(pk=batch_id)
        return Claimed(batch_id=batch_id, claim=claim, attempt=attempt, messages=messages)
    return None


def _deliver(claimed: Claimed, cleared: Clearance, *, clock: Callable[[], dt.datetime]) -> None:
    """One SES call for a claimed batch, and the record of what it said."""
    if not claimed.messages:
        return
    try:
        request = _request(claimed, cleared)
    except ValueError as error:
        # Nothing has left: the batch goes back, and a person looks at why its values do not fit the rendition.
        _release(claimed)
        _pause(cleared.email_id, f"A message cannot be filled in: {error}", now=clock())
        return
    try:
        results = ses.door().send_bulk(request)
    except ses.SESError as error:
        logger.warning("batch %s: %s (%s)", claimed.batch_id, error, error.kind)
        outcome = "unknown" if error.kind == "unclear" else error.kind
        results = [
            ses.EntryResult(outcome=outcome, ses_id="", code=error.code, detail=str(error)) for _ in claimed.messages
        ]
    record(claimed, results, now=clock())


def _request(claimed: Claimed, cleared: Clearance) -> ses.BulkRequest:
    rendition = cleared.rendition
    entries = []
    for message in claimed.messages:
        link = unsubscribe.url(message.contact_id or 0, cleared.product_id)
        entries.append(
            ses.Entry(
                to_address=message.address,
                values=merge(
                    message.values, address=message.address, unsubscribe_url=link, names=rendition.placeholders
                ),
                headers=unsubscribe.list_unsubscribe_headers(link),
                tags={
                    "message": str(message.pk),
                    "attempt": str(message.attempts),
                    "email": str(cleared.email_id),
                    "campaign": str(cleared.campaign_id),
                    "step": cleared.step,
                    "product": cleared.product_key,
                },
            )
        )
    return ses.BulkRequest(
        from_address=rendition.from_address,
        reply_to=rendition.reply_to,
        subject=rendition.subject,
        html=rendition.html,
        text=rendition.text,
        headers=rendition.headers,
        configuration_set=settings.SES_CONFIGURATION_SET,
        entries=entries,
    )


def record(claimed: Claimed, results: list[ses.EntryResult], *, now: dt.datetime) -> None:
    """Write the final state of every message of a batch once.

    Conditional throughout: where the reaper has meanwhile called the batch unknown, SES's late answer still settles
    the messages it speaks of, and nothing else.
    """
    stop: ses.EntryResult | None = None
    throttled = False
    with transaction.atomic():
        mine = Batch.objects.filter(pk=claimed.batch_id, claim=claimed.claim)
        in_time = bool(mine.filter(state="sending").update(state="done", finished_at=now))
        again: list[Message] = []
        later: list[Message] = []
        for message, result in zip(claimed.messages, results, strict=True):
            fields = {"reason": result.code[:60], "detail": result.detail[:500], "changed_at": now}
            row = Message.objects.filter(pk=message.pk, batch_id=claimed.batch_id, state__in=["queued", "unknown"])
            if result.outcome == "accepted":
                row.update(
                    state="accepted", ses_id=result.ses_id, sent_at=now, reason="", detail="", changed_at=now
                )
            elif result.outcome == "failed":
                row.update(state="failed", **fields)
            elif not in_time:
                continue  # parked as unknown meanwhile; only a person sends such a message again
            elif result.outcome == "unknown":
                row.update(state="unknown", **fields)
            elif result.outcome == "hold":
                stop = result
                again.append(message)
            elif result.code in errors.THROTTLES:
                throttled = True
                again.append(message)
            elif message.attempts >= errors.MOST_ATTEMPTS:
                row.update(state="failed", **{**fields, "reason": "gave_up", "detail": f"{message.attempts} tries; last: {result.code} {result.detail}"[:500]})  # fmt: skip
            else:
                later.append(message)
        if again:
            # Not accepted and not our fault: the attempt does not count.
            Message.objects.filter(pk__in=[message.pk for message in again]).update(attempts=F("attempts") - 1)
            wait = errors.THROTTLE_WAIT if throttled else dt.timedelta(0)
            _requeue(claimed, again, attempt=claimed.attempt, not_before=now + wait)
        if later:
            _requeue(claimed, later, attempt=claimed.attempt + 1, not_before=errors.next_try(claimed.attempt, now=now))
        recount([claimed.batch_id], now=now)
        if Batch.objects.filter(pk=claimed.batch_id, unknown__gt=0).update(state="unknown"):
            logger.warning("batch %s: it is not known whether SES accepted some messages", claimed.batch_id)
    if throttled:
        limiter.slow_down(now=now, seconds=1.0)
    if stop is not None:
        _stop(stop, now=now)


def _release(claimed: Claimed) -> None:
    """Give a claim back of which certainly nothing was sent."""
    with transaction.atomic():
        if Batch.objects.filter(pk=claimed.batch_id, claim=claimed.claim, state="sending").update(
            state="queued", claim=None, claimed_at=None
        ):
            Message.objects.filter(pk__in=[message.pk for message in claimed.messages]).update(
                attempts=F("attempts") - 1
            )


def _requeue(claimed: Claimed, messages: list[Message], *, attempt: int, not_before: dt.datetime) -> None:
    """Put messages that were certainly not accepted into a batch of their own, with its own time."""
    batch = Batch.objects.create(
        email_id=messages[0].email_id, attempt=attempt, not_before=not_before, queued=len(messages)
    )
    Message.objects.filter(pk__in=[message.pk for message in messages], state="queued").update(batch=batch)
    recount([batch.pk], now=not_before)


def _stop(result: ses.EntryResult, *, now: dt.datetime) -> None:
    """SES refuses everybody: nobody sends until the reason is gone."""
    if "QUOTA" in result.code.upper() or "quota" in result.detail.lower():
        limiter.slow_down(now=now, seconds=600)  # a rolling 24 hours: AWS advises to wait and try again
        return
    limiter.row()
    Sender.objects.filter(region=settings.AWS_REGION, stopped_at__isnull=True).update(
        stopped_at=now, stopped_reason=f"SES: {result.code} {result.detail}"[:500], stopped_by=None
    )


def _pause(email_id: int, why: str, *, now: dt.datetime) -> None:
    changed = CampaignEmail.objects.filter(pk=email_id, state="sending").update(
        state="paused", state_reason=why[:500], state_since=now
    )
    if changed:
        email = CampaignEmail.objects.select_related("campaign").get(pk=email_id)
        history.record(
            what="email", what_id=email_id, email=email, before="sending", after="paused", why=why, by=None, now=now
        )


def reap(*, now: dt.datetime, seconds: float = CLAIM_SECONDS) -> int:
    """Turn batches that were claimed and never recorded to unknown, with their messages. Returns how many."""
    stale = now - dt.timedelta(seconds=seconds)
    reaped = 0
    for batch_id in list(Batch.objects.filter(state="sending", claimed_at__lt=stale).values_list("pk", flat=True)):
        with transaction.atomic():
            taken = Batch.objects.filter(pk=batch_id, state="sending", claimed_at__lt=stale).update(
                state="unknown", error="The worker ended before it could write down what SES answered."
            )
            if not taken:
                continue
            Message.objects.filter(batch_id=batch_id, state="queued").update(
                state="unknown", reason="no_record", changed_at=now,
                detail="Claimed and never recorded: SES may or may not have accepted it.",
            )  # fmt: skip
            recount([batch_id], now=now)
            reaped += 1
    return reaped
