"""The laws after a fault, asked of both sides: what our ledger says, and what the simulated SES accepted.

The simulator counts by itself, from the tag of the e-mail and the recipient; who was planned is known to the test and
not read from the messages.
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from campaigns.delivery import selectors
from campaigns.models import ArchivedMessage, Batch, CampaignEmail, Message

ENDED = ("sent", "cancelled")


@dataclass(frozen=True)
class Verdict:
    """One line of the table. `other` were suppressed, failed or cancelled; `waiting` may still go out."""

    planned: int
    accepted: int
    unknown: int
    other: int
    waiting: int
    duplicates: int
    missing: int
    broken: tuple[str, ...]


@dataclass(frozen=True)
class Received:
    """What SES accepted of one e-mail: how often each recipient, and the duplicates as it counts them."""

    copies: Counter[str]
    duplicates: int

    @classmethod
    def read(cls, simulator_url: str, email_id: int) -> Received:
        """From the simulator's inbox over HTTP."""
        with urllib.request.urlopen(f"{simulator_url}/inbox.json?limit=1000000&bodies=0&email={email_id}") as page:  # noqa: S310
            answer = json.load(page)
        copies = Counter(address.lower() for mail in answer["messages"] for address in mail["recipients"])
        return cls(copies, answer["by_email"].get(str(email_id), {}).get("duplicates", 0))


def judge(email: CampaignEmail, people: Collection[str], received: Received, *, waiting: bool = False) -> Verdict:
    """Look at one e-mail after a fault.

    Args:
        people: the address of everybody who was planned.
        received: what SES has.
        waiting: the e-mail is meant to be stopped with messages in its queue (paused, held, not yet late).
    """
    email.refresh_from_db()
    columns = ("pk", "address", "state", "reason", "batch_id")
    rows = list(Message.objects.filter(email=email).values_list(*columns))
    rows += ArchivedMessage.objects.filter(email=email).values_list(*columns)
    in_both = len(rows) - len({row[0] for row in rows})
    states = Counter(state for _, _, state, _, _ in rows)
    got, duplicates = received.copies, received.duplicates
    by_state: dict[str, set[str]] = {state: set() for state in ("accepted", "unknown")}
    for _, address, state, _, _ in rows:
        by_state.setdefault(state, set()).add(address.lower())
    has_row = {address.lower() for _, address, _, _, _ in rows}
    without_row = {address.lower() for address in people} - has_row
    without_reason = [pk for pk, _, state, reason, _ in rows if state not in ("accepted", "queued") and not reason]
    never_arrived = by_state["accepted"] - got.keys()
    forgotten = 0 if waiting else states["queued"]
    return Verdict(
        planned=len(people),
        accepted=states["accepted"],
        unknown=states["unknown"],
        other=states["suppressed"] + states["failed"] + states["cancelled"],
        waiting=states["queued"] if waiting else 0,
        duplicates=duplicates,
        missing=len(without_row) + len(without_reason) + len(never_arrived) + forgotten,
        broken=tuple(
            what + (f": {sorted(found)[:3]}" if isinstance(found, set) else "")
            for what, found in {
                "somebody got it twice": duplicates or max(got.values(), default=0) > 1,
                "somebody has no message": without_row,
                "a message is in the queue and in the archive": in_both,
                "somebody was mailed who was not planned": has_row - {address.lower() for address in people},
                "a message ended without a reason": without_reason,
                "called accepted, and SES never had it": never_arrived,
                "SES has it, and the ledger says otherwise": got.keys() - by_state["accepted"] - by_state["unknown"],
                "a message was left in the queue": forgotten,
                "a batch is still claimed": Batch.objects.filter(email=email, state="sending").exists(),
                "the figures of the batches are not those of their messages": _figures_differ(email, rows),
                "the balance does not add up": not waiting and not selectors.balance(email).adds_up,
                f"the e-mail is {email.state}": not waiting and email.state not in ENDED,
            }.items()
            if found
        ),
    )


def _figures_differ(email: CampaignEmail, rows: list[tuple[int, str, str, str, int]]) -> bool:
    counted = Counter((batch, state) for _, _, state, _, batch in rows)
    names = ("queued", "accepted", "suppressed", "failed", "cancelled", "unknown")
    return any(
        getattr(batch, name) != counted[batch.pk, name] for batch in Batch.objects.filter(email=email) for name in names
    )
