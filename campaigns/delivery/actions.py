"""What a person may do with a send, with messages and with the sender: the page's buttons and the verbs agree."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.utils import timezone

from campaigns.delivery.lateness import stood_too_long
from campaigns.delivery.models import Sender
from campaigns.delivery.selectors import Balance
from campaigns.delivery.stopping import consequences, pausing, resuming
from campaigns.planning.models import CampaignEmail
from campaigns.review.actions import EDIT, HOLD

SEND = "campaigns.send_campaignemail"
DECIDE = "campaigns.decide_message"
STOP = "campaigns.stop_sender"
# How long a page works on a large group of messages; servers and proxies give up on a page after half a minute.
PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Action:
    """One verb that fits the state. `allowed` says whether this person may; `permission` what it needs.

    `points` say one by one what it does, where a sentence is not enough.
    """

    name: str
    label: str
    permission: str
    allowed: bool
    needs_reason: bool = False
    dangerous: bool = False
    warning: str = ""
    points: tuple[str, ...] = ()


def email_actions(email: CampaignEmail, user: Any, sheet: Balance | None = None) -> list[Action]:
    """Pause, resume, cancel, and stop and correct an e-mail that is being sent; nothing in every other state.

    Args:
        sheet: its balance, when the warnings are to say what each means in figures. Without it nothing is known of
            anybody who has it, so there is nothing to correct.
    """
    if email.state == "sending":
        first = _action("pause", "Pause", SEND, user, needs_reason=True, warning=pausing(sheet) if sheet else "")
    elif email.state == "paused":
        late = stood_too_long(email, now=timezone.now())
        stood = "It stood still for so long that it is late. Say why the rest shall still go out." if late else ""
        warning = " ".join(filter(None, [stood, resuming(sheet) if sheet else ""]))
        first = _action("resume", "Resume", SEND, user, needs_reason=late, dangerous=late, warning=warning)
    else:
        return []
    figures = (
        f"{sheet.accepted:,} are out and stay out; {sheet.queued:,} that still wait are cancelled for good."
        if sheet
        else ""
    )
    found = [first]
    if sheet and sheet.accepted and email.archive_begun_at is None and user.has_perms((EDIT, HOLD, SEND)):
        points = consequences(email, sheet)
        label = "Stop and correct"
        found.append(_action("stop_and_correct", label, SEND, user, needs_reason=True, dangerous=True, points=points))
    cancel = _action("cancel", "Cancel the send", SEND, user, needs_reason=True, dangerous=True, warning=figures)
    return [*found, cancel]


def message_actions(state: str, user: Any) -> list[Action]:
    """What can be decided about messages of a state. The names are verdicts of services.decide."""
    again = _action(
        "queued", "Send again", DECIDE, user, dangerous=state == "unknown",
        warning="Whoever did get it the first time gets it twice." if state == "unknown" else "",
    )  # fmt: skip
    if state == "unknown":
        return [
            _action("accepted", "Count as sent", DECIDE, user),
            again,
            _action("failed", "Write off", DECIDE, user),
        ]
    return [again, _action("failed", "Write off", DECIDE, user)] if state == "failed" else []


def patience(seconds: float = PATIENCE_SECONDS) -> Callable[[], bool]:
    """Says True once a page has waited long enough for a large group."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def told(verdict: str, changed: int, left: int = 0) -> str:
    """What a person reads after a verdict on so many messages, with so many that time did not allow."""
    if not changed and not left:
        return "Nothing was changed: somebody else decided, or an event of Amazon has settled it meanwhile."
    label = {"accepted": "counted as sent", "queued": "waiting to be sent again", "failed": "written off"}[verdict]
    rest = f" {left:,} of the group are left: decide once more to go on." if left else ""
    return f"{changed:,} {'message is' if changed == 1 else 'messages are'} {label}.{rest}"


def level(changed: int) -> int:
    """The level of that sentence."""
    return messages.SUCCESS if changed else messages.WARNING


def sender_actions(sender: Sender | None, user: Any) -> list[Action]:
    """Stop or start the whole fleet, or take the sending over from another installation."""
    if sender is not None and sender.fenced_at is not None:
        return [
            _action(
                "take_over", "Take over", STOP, user, needs_reason=True, dangerous=True,
                warning="This installation sends from now on and the other one stops. What is being sent or due here "
                "is paused or held, because it may have gone out there: compare each e-mail before it goes on.",
            )
        ]  # fmt: skip
    if sender is not None and sender.stopped_at is not None:
        return [_action("start", "Start sending again", STOP, user)]
    return [
        _action(
            "stop", "Stop all sending", STOP, user, needs_reason=True, dangerous=True,
            warning="Every send of every product waits until somebody starts it again; what becomes late is held.",
        )
    ]  # fmt: skip


def _action(name: str, label: str, permission: str, user: Any, **more: Any) -> Action:
    return Action(name, label, permission, allowed=user.is_active and user.has_perm(permission), **more)
