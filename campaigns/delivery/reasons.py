"""What a reason code of a message says to a person: the audience's own reasons, the sender's, and the codes of SES."""

from __future__ import annotations

from campaigns.audience.selectors import REASONS

_LABELS = {
    **REASONS,
    "decided_by_person": "Decided by a person",
    "settled_by_event": "Settled by an event",
    "gave_up": "Given up after the last try",
    "no_record": "The worker ended before it wrote down the answer",
    "invalid_entry": "Not a mail that SES takes",
    "malformed_answer": "SES answered in a form nobody knows",
}


def labelled(reason: str) -> str:
    """A reason in words."""
    return _LABELS.get(reason) or reason.replace("_", " ").capitalize() or "No reason given"
