"""The figures of a batch, always counted from its messages in the transaction that changed them, never added up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Count

from campaigns import states
from campaigns.delivery.models import Batch, Message

FIGURES = tuple(states.MESSAGE)
# The reason of messages on which a person has decided; they wait for nobody any more.
DECIDED = "decided_by_person"


def recount(batch_ids: Collection[int], *, now: dt.datetime, locked: bool = False) -> None:
    """Count the messages of these batches again; a batch without unknown messages is unknown no longer.

    A batch whose messages are in the archive keeps the figures that it had.

    Args:
        locked: the caller's transaction holds the rows of the batches already. Without the lock two who change
            messages of one batch at the same moment would each count what the other one has not committed yet.
    """
    if not locked:
        rows_of = Batch.objects.select_for_update().filter(pk__in=batch_ids, archived_at__isnull=True)
        batch_ids = list(rows_of.order_by("pk").values_list("pk", flat=True))
    counts: dict[int, dict[str, int]] = {batch_id: dict.fromkeys(FIGURES, 0) for batch_id in batch_ids}
    rows = Message.objects.filter(batch_id__in=counts).values("batch_id", "state").annotate(messages=Count("id"))
    for row in rows.order_by():
        counts[row["batch_id"]][row["state"]] = row["messages"]
    failed = [batch_id for batch_id, by_state in counts.items() if by_state["failed"]]
    written_off: dict[int, int] = {}
    if failed:  # rare, and nothing else costs a second query
        decided = Message.objects.filter(batch_id__in=failed, state="failed", reason=DECIDED).order_by()
        written_off = dict(decided.values_list("batch_id").annotate(messages=Count("id")))
    by_figures: dict[tuple[int, ...], list[int]] = {}
    for batch_id, by_state in counts.items():
        by_figures.setdefault((*by_state.values(), written_off.get(batch_id, 0)), []).append(batch_id)
    for figures, ids in by_figures.items():
        Batch.objects.filter(pk__in=ids).update(**dict(zip((*FIGURES, "written_off"), figures, strict=True)))
    Batch.objects.filter(pk__in=counts, state="unknown", unknown=0).update(state="done", finished_at=now)
