"""What a person may do with a campaign or one of its e-mails, and why not: the page's buttons and the verbs agree.

The words of a refusal come from the same tables that the services ask (states, rights), so a button that is shown
works and one that is not shown would have been refused.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from campaigns import states
from campaigns.planning import services
from campaigns.planning.models import Campaign, CampaignEmail

PLAN = "campaigns.plan_campaign"
HOLD = "campaigns.hold_campaign"


@dataclass(frozen=True)
class Action:
    """One verb that fits the state. `allowed` says whether this person may; `permission` what it needs."""

    name: str
    label: str
    permission: str
    allowed: bool
    needs_reason: bool = False
    dangerous: bool = False
    warning: str = ""


def campaign_actions(campaign: Campaign, user: Any) -> list[Action]:
    """The verbs that fit the campaign's state, with whether this person may use them."""
    moves = states.CAMPAIGN[campaign.state].moves
    found = []
    if "held" in moves:
        found.append(_action("hold", "Hold the campaign", HOLD, user, needs_reason=True))
    if campaign.state == "held":
        found.append(_action("resume", "Let it go on", HOLD, user))
    if campaign.state in ("active", "held"):
        found.append(_action("lists", "Choose lists", PLAN, user))
    if "cancelled" in moves:
        found.append(
            _action(
                "cancel", "Cancel the campaign", HOLD, user, needs_reason=True, dangerous=True,
                warning="Every e-mail that has not started is cancelled for good. A send in progress stops within "
                "seconds; what is out stays out.",
            )
        )  # fmt: skip
    return found


def email_actions(email: CampaignEmail, user: Any, *, now: dt.datetime) -> list[Action]:
    """The planning verbs that fit the e-mail's state. A send in progress has its own verbs in delivery."""
    if email.state not in states.UNSENT:
        return []
    moves = states.EMAIL[email.state].moves
    found = []
    if email.state == "held" and not services.is_missed(email, now):
        found.append(_action("resume", "Give it back to the work", HOLD, user))
    found.append(
        _action(
            "time", "Change the time", PLAN, user,
            warning="Another time voids its approval and sends it back to review." if email.state == "approved" else "",
        )
    )  # fmt: skip
    if "held" in moves:
        found.append(_action("hold", "Hold it", HOLD, user, needs_reason=True))
    if "cancelled" in moves:
        found.append(
            _action(
                "cancel", "Cancel it", HOLD, user, needs_reason=True, dangerous=True,
                warning="A cancelled e-mail does not come back; the others of the campaign go on.",
            )
        )  # fmt: skip
    return found


def _action(name: str, label: str, permission: str, user: Any, **more: Any) -> Action:
    return Action(name, label, permission, allowed=user.is_active and user.has_perm(permission), **more)
