"""Erased people: their messages lose address and values, and keep state and reason so that every balance stays true.

The audience erases a person and knows nothing of messages; this room looks for `erased_at` and follows. What still
waits in the queue is suppressed at once, so that a paused send keeps no address for months.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.delivery.models import ArchivedMessage, Batch, Message, MessageFields
from campaigns.delivery.recount import recount

CHUNK = 5_000
NOTHING = {"address": "", "values": {}, "detail": ""}


def forget_erased(*, now: dt.datetime) -> int:
    """Clear the messages of erased and of deleted contacts. Returns how many were cleared.

    A message whose batch a worker holds this moment is left to the next time: the worker has its address in hand.
    """
    forgotten = 0
    for gone in (Q(contact__erased_at__isnull=False), Q(contact__isnull=True)):
        theirs = Message.objects.filter(gone).exclude(address="")
        forgotten += _suppress(theirs.filter(state="queued", batch__state="queued"), now=now)
        forgotten += _clear(Message, theirs.exclude(state="queued"))
        forgotten += _clear(ArchivedMessage, ArchivedMessage.objects.filter(gone).exclude(address=""))
    return forgotten


def _suppress(waiting: QuerySet[Message], *, now: dt.datetime) -> int:
    suppressed = 0
    while found := list(waiting.order_by("pk").values_list("pk", "batch_id")[:CHUNK]):
        with transaction.atomic():
            # A batch that was claimed in between keeps its messages: the worker asks for erased people itself. The
            # batches are locked first, as everybody does who changes what waits in one.
            batches = Batch.objects.select_for_update().filter(pk__in={batch_id for _, batch_id in found})
            list(batches.order_by("pk").values_list("pk"))
            changed = Message.objects.filter(
                pk__in=[pk for pk, _ in found], state="queued", batch__state="queued"
            ).update(state="suppressed", reason="erased", changed_at=now, **NOTHING)
            recount({batch_id for _, batch_id in found}, now=now)
        suppressed += changed
        if changed < len(found):
            break
    return suppressed


def _clear(table: type[MessageFields], settled: QuerySet[Any]) -> int:
    cleared = 0
    while found := list(settled.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        cleared += table._default_manager.filter(pk__in=found).update(**NOTHING)
    return cleared
