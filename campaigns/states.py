"""Every state and every allowed move, with its label and colour. Imports nothing of ours.

A colour is the name of a design token of the stylesheet (`--tone-<name>`), so pages and admin agree.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """One state: its name in the database, what people read, its tone, and the states it may move to."""

    name: str
    label: str
    tone: str
    moves: frozenset[str] = frozenset()
    final: bool = False


def _table(*states: State) -> dict[str, State]:
    table = {state.name: state for state in states}
    for state in states:
        unknown = state.moves - table.keys()
        assert not unknown, f"{state.name} moves to unknown {unknown}"  # noqa: S101 - a table that is wrong must not load
    return table


def _to(*names: str) -> frozenset[str]:
    return frozenset(names)


CAMPAIGN = _table(
    State("active", "Active", "info", _to("held", "finished", "cancelled")),
    State("held", "Held", "warning", _to("active", "cancelled", "finished")),
    # A correction of what was sent opens an ended campaign once more.
    State("finished", "Finished", "success", _to("active"), final=True),
    State("cancelled", "Cancelled", "muted", _to("active"), final=True),
)

EMAIL = _table(
    State("planned", "Planned", "muted", _to("drafted", "held", "cancelled")),
    State("drafted", "Drafted", "info", _to("in_review", "held", "cancelled")),
    State("in_review", "In review", "attention", _to("needs_changes", "approved", "drafted", "held", "cancelled")),
    State("needs_changes", "Needs changes", "warning", _to("in_review", "held", "cancelled")),
    # An edit sends an approved e-mail back to drafted, a new time or new facts back to review: the approval is void.
    State("approved", "Approved", "success", _to("sending", "drafted", "in_review", "held", "cancelled")),
    State("sending", "Sending", "info", _to("paused", "sent", "cancelled")),
    State("paused", "Paused", "warning", _to("sending", "sent", "cancelled")),
    # A person who sends failed or unknown messages again opens it once more.
    State("sent", "Sent", "success", _to("sending"), final=True),
    # A held e-mail goes back to where the person who looked at it puts it; never straight to sending.
    State("held", "Held", "warning", _to("planned", "drafted", "in_review", "needs_changes", "approved", "cancelled")),
    State("cancelled", "Cancelled", "muted", final=True),
)

BATCH = _table(
    State("queued", "Queued", "muted", _to("sending", "cancelled")),
    State("sending", "Sending", "info", _to("done", "unknown", "queued")),
    State("unknown", "Unknown", "warning", _to("done")),
    State("done", "Done", "success", final=True),
    State("cancelled", "Cancelled", "muted", final=True),
)

MESSAGE = _table(
    State("queued", "Queued", "muted", _to("accepted", "failed", "unknown", "suppressed", "cancelled")),
    State("accepted", "Accepted", "success", final=True),
    # Sent again by a person; or written off by one, until an event proves that SES had accepted it.
    State("failed", "Failed", "danger", _to("queued", "accepted"), final=True),
    # By an event, or by a person: counted as accepted, sent again, or written off.
    State("unknown", "Unknown", "warning", _to("accepted", "queued", "failed"), final=True),
    # What was tried, sent again by a person and then ended, until an event proves that the first try had gone out.
    State("suppressed", "Suppressed", "muted", _to("accepted"), final=True),
    State("cancelled", "Cancelled", "muted", _to("accepted"), final=True),
)

STEPS = {
    "announcement": "Announcement",
    "reminder": "Reminder",
    "release_day": "Release day",
    "follow_up": "Follow-up",
}

# States in which the words, the time or the audience of an e-mail may still change.
EDITABLE = ("drafted", "needs_changes", "in_review", "approved", "held")
# States of an e-mail of which nothing has gone out.
UNSENT = ("planned", "drafted", "in_review", "needs_changes", "approved", "held")


class MoveRefused(Exception):
    """A move that the tables do not allow, in words for the person who asked for it."""


def check(table: dict[str, State], before: str, after: str) -> None:
    """Raise MoveRefused unless `before` -> `after` is in the table."""
    if after not in table[before].moves:
        allowed = ", ".join(sorted(table[name].label for name in table[before].moves)) or "nothing"
        raise MoveRefused(
            f"It is {table[before].label.lower()} and cannot become {table[after].label.lower()}; "
            f"from here it can become: {allowed.lower()}."
        )


def choices(table: dict[str, State]) -> list[tuple[str, str]]:
    """The table as choices of a model field."""
    return [(state.name, state.label) for state in table.values()]
