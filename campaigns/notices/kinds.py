"""What people are told of. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of notice: its name in the database, its label and tone, and who gets it, in words for the settings."""

    name: str
    label: str
    tone: str
    who: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("asked", "Asked to review", "attention", "An e-mail waits for your yes or no."),
        Kind("changes", "Changes requested", "warning", "Somebody asked for changes in a text of yours."),
        Kind("approved", "Approved", "success", "A text of yours was approved, or is still true after a hold."),
        Kind(
            "emergency",
            "Emergency approval",
            "danger",
            "An operator approved in an emergency. It cannot be switched off.",
        ),
        Kind(
            "voided",
            "Approval void",
            "warning",
            "An approval you gave or waited for does not hold any more, or a text you were asked about was taken back.",
        ),
        Kind("held", "Held or paused", "warning", "An e-mail or a campaign was held, or a send was paused."),
        Kind(
            "slot",
            "Time is running out",
            "warning",
            "24 and 2 hours before a send time, not approved or its campaign held.",
        ),
        Kind("missed", "Missed", "danger", "A send time passed and the e-mail did not go out."),
        Kind("mention", "Mentioned", "info", "A colleague wrote @ and your user name in a comment."),
    )
}

# What everybody in the role has to hear of (two-person rule), whatever they chose.
ALWAYS = ("emergency",)


def choices() -> list[tuple[str, str]]:
    """The kinds as choices of a model field."""
    return [(kind.name, kind.label) for kind in KINDS.values()]
