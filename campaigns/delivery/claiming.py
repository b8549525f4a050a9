"""Take batches for this worker, and set aside who must not be mailed.

A claim is one conditional UPDATE, committed before anything is sent. From then on a batch is either recorded or, if
its worker dies, unknown: it never goes back to queued by itself unless its worker gives it back unsent.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from campaigns.audience import selectors as audience
from campaigns.delivery import calling, limiter
from campaigns.delivery.clearance import Clearance
from campaigns.delivery.models import Batch, Message
from campaigns.delivery.recount import recount

FREQUENCY_CAP = "frequency_cap"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One message of a claimed batch, with what the call needs of it."""

    message_id: int
    contact_id: int
    address: str
    values: dict[str, str]


@dataclass(slots=True)
class Claimed:
    """A batch that is ours until it is recorded."""

    batch_id: int
    email_id: int
    attempt: int
    claim: uuid.UUID
    since: float  # by time.monotonic, which a wrong clock does not turn
    zone: str = ""  # whose wall time its send window is; empty without one
    tried_before: int = 0  # before a person sent its messages again
    recipients: list[Recipient] = field(default_factory=list)

    @property
    def try_number(self) -> int:
        """Which try of its messages this is; no two tries of a message that may have gone out have the same."""
        return self.tried_before + self.attempt


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker got: batches, or none and how long to wait; `done` when nothing is due."""

    batches: list[Claimed]
    wait: float = 0.0
    why: str = ""
    done: bool = False
    for_everybody: bool = False


def claim(cleared: Clearance, *, after: int, width: int, now: dt.datetime) -> Claim:
    """Claim up to `width` due batches of an e-mail behind batch `after`, as far as the quota goes.

    The quota's row is locked first, so workers take turns and never look at the same candidates.
    """
    mark = uuid.uuid4()
    with transaction.atomic():
        candidates: list[tuple[int, int, int, str, int]] = []

        def look() -> list[int]:
            found = Batch.objects.filter(
                Q(not_after__isnull=True) | Q(not_after__gt=now),
                email_id=cleared.email_id, state="queued", pk__gt=after, not_before__lte=now, email__state="sending",
            )  # fmt: skip
            columns = ("pk", "queued", "attempt", "zone", "tried_before")
            candidates.extend(found.order_by("pk").values_list(*columns)[:width])
            return [candidate[1] for candidate in candidates]

        one_by_one = cleared.mode == calling.SINGLE
        granted = limiter.grant(look, product_id=cleared.product_id, now=now, one_by_one=one_by_one)
        if not candidates:
            return Claim([], done=True)
        if not granted.batches:
            return Claim([], wait=granted.wait, why=granted.why, for_everybody=granted.for_everybody)
        chosen = candidates[: granted.batches]
        # A pause or cancel that was committed before this point wins: the states are part of the condition.
        won = Batch.objects.filter(pk__in=[candidate[0] for candidate in chosen], state="queued").update(
            state="sending", claim=mark, claimed_at=now, error=""
        )
        if won != len(chosen):
            transaction.set_rollback(True)  # somebody cancelled in between: look again
            return Claim([])
        if granted.part:
            _split(chosen[0][0], granted.part)
        before = _claimed_before(cleared)
        since = time.monotonic()
    batches = {
        pk: Claimed(pk, cleared.email_id, attempt, mark, since, zone, tried_before)
        for pk, _, attempt, zone, tried_before in chosen
    }
    held = list(batches.values())
    try:
        _load(batches, cleared, before=before, now=now)
    except BaseException:
        give_back(held)  # nothing has been sent: it is not the doubt of a person
        limiter.put_back(granted.recipients, product_id=cleared.product_id, now=now)
        raise
    loaded = sum(len(batch.recipients) for batch in batches.values())
    limiter.put_back(granted.recipients - loaded, product_id=cleared.product_id, now=now)
    return Claim(list(batches.values()))


def _split(batch_id: int, keep: int) -> None:
    """Move all but so many queued messages of a claimed batch into one of their own, behind all others."""
    batch = Batch.objects.get(pk=batch_id)
    rest = list(
        Message.objects.filter(batch_id=batch_id, state="queued").order_by("pk").values_list("pk", flat=True)[keep:]
    )
    if not rest:
        return
    new = Batch.objects.create(
        email_id=batch.email_id, attempt=batch.attempt, not_before=batch.not_before, not_after=batch.not_after,
        zone=batch.zone, tried_before=batch.tried_before, queued=len(rest),
    )  # fmt: skip
    Message.objects.filter(pk__in=rest).update(batch=new)
    Batch.objects.filter(pk=batch_id).update(queued=batch.queued - len(rest))


def _claimed_before(cleared: Clearance) -> list[int]:
    """Batches of other e-mails that workers hold already, for the frequency cap: of two at once, one goes out.

    Asked under the lock of the quota, in which claims come one after the other whatever the clocks of workers say.
    """
    if not settings.FREQUENCY_CAP_EMAILS or cleared.is_correction:
        return []
    held = Batch.objects.filter(state="sending").exclude(email_id=cleared.email_id)
    return list(held.values_list("pk", flat=True))


def _load(batches: dict[int, Claimed], cleared: Clearance, *, before: Collection[int], now: dt.datetime) -> None:
    """Read the messages of claimed batches and write off at once those whose person must not be mailed (law 4)."""
    rows = list(
        Message.objects.filter(batch_id__in=batches, state="queued")
        .order_by("pk")
        .values_list("pk", "batch_id", "contact_id", "address", "values")
    )
    refused = audience.refusals(
        product_id=cleared.product_id, contacts=[(contact or 0, address) for _, _, contact, address, _ in rows], now=now
    )
    allowed = [row[2] for row in rows if row[2] and row[2] not in refused]
    capped = _capped(allowed, cleared, before=before, now=now)
    by_reason: dict[str, list[int]] = {}
    touched: set[int] = set()
    for pk, batch_id, contact_id, address, values in rows:
        # A contact that is gone altogether (erased) has nobody left to mail.
        reason = "erased" if contact_id is None else refused.get(contact_id) or capped.get(contact_id, "")
        if reason:
            by_reason.setdefault(reason, []).append(pk)
            touched.add(batch_id)
        else:
            batches[batch_id].recipients.append(Recipient(pk, contact_id, address, values))
    if not by_reason and all(batch.recipients for batch in batches.values()):
        return
    empty = [pk for pk, batch in batches.items() if not batch.recipients]
    with transaction.atomic():
        for reason, ids in by_reason.items():
            Message.objects.filter(pk__in=ids, state="queued").update(state="suppressed", reason=reason, changed_at=now)
        Batch.objects.filter(pk__in=empty, state="sending").update(state="done", finished_at=now)
        recount(touched.union(empty), now=now)
    for pk in empty:
        del batches[pk]


def _capped(
    contact_ids: Sequence[int], cleared: Clearance, *, before: Collection[int], now: dt.datetime
) -> dict[int, str]:
    """Contacts that got as many e-mails lately, over all products, as the frequency cap allows.

    A correction is not one too many: whoever read the mistake reads what is right.
    """
    most = settings.FREQUENCY_CAP_EMAILS
    if not most or cleared.is_correction or not contact_ids:
        return {}
    since = now - dt.timedelta(days=settings.FREQUENCY_CAP_DAYS)
    others = Message.objects.filter(contact_id__in=contact_ids).exclude(email_id=cleared.email_id).order_by()
    got = others.filter(state="accepted", sent_at__gte=since).values_list("contact_id", "pk")
    # One statement for both: what is written down between two would be counted twice.
    held = others.filter(state="queued", batch__state="sending", batch_id__in=before).values_list("contact_id", "pk")
    counted = Counter(contact_id for contact_id, _ in (got.union(held, all=True) if before else got))
    return {contact_id: FREQUENCY_CAP for contact_id, emails in counted.items() if emails >= most}


def give_back(batches: Sequence[Claimed]) -> None:
    """Give claims back of which certainly nothing was sent."""
    for batch in batches:
        Batch.objects.filter(pk=batch.batch_id, claim=batch.claim, state="sending").update(
            state="queued", claim=None, claimed_at=None
        )
