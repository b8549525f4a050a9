"""What a person may do with an e-mail now, and why not: one source for the buttons of the page and for the verbs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied

from campaigns import states
from campaigns.audience.rule import Rule
from campaigns.drafting.models import Revision
from campaigns.permissions import roles
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.review.refusals import Locked, ReviewRefused, TooLate

EDIT = "campaigns.edit_campaignemail"
APPROVE = "campaigns.approve_campaignemail"
BREAK_GLASS = "campaigns.break_glass"
HOLD = "campaigns.hold_campaign"
PLAN = "campaigns.plan_campaign"
# What a person lacks, in the words of a refusal.
RIGHTS = {
    EDIT: "edit e-mails",
    APPROVE: "approve e-mails",
    BREAK_GLASS: "approve in an emergency",
    HOLD: "hold e-mails and give them back",
    PLAN: "choose the time of an e-mail",
}


@dataclass(frozen=True)
class Verb:
    """A thing that can be done: the right it needs and the states in which it makes sense."""

    name: str
    label: str
    permission: str
    states: tuple[str, ...]


_EVERYWHERE = tuple(states.EMAIL)
VERBS = {
    verb.name: verb
    for verb in (
        Verb("edit", "Save", EDIT, states.EDITABLE),
        Verb("submit", "Submit for review", EDIT, ("drafted", "needs_changes")),
        Verb("approve", "Approve", APPROVE, ("in_review",)),
        Verb("request_changes", "Request changes", APPROVE, ("in_review",)),
        Verb("withdraw", "Withdraw", EDIT, ("in_review", "approved", "held")),
        Verb("send_test", "Send a test", EDIT, _EVERYWHERE),
        Verb("comment", "Comment", EDIT, _EVERYWHERE),
        Verb("waive", "Waive", EDIT, states.EDITABLE),
        Verb("leave_out", "Leave out", EDIT, states.EDITABLE),
        Verb("check_links", "Check the links", EDIT, states.EDITABLE),
        Verb("break_glass", "Approve in an emergency", BREAK_GLASS, ("in_review",)),
        Verb("still_true", "Still true", APPROVE, ("approved", "held")),
        Verb("set_time", "Choose a time", PLAN, states.UNSENT),
        Verb("hold", "Hold it", HOLD, tuple(state for state in states.UNSENT if state != "held")),
        Verb("resume", "Give it back", HOLD, ("held",)),
        Verb("back_to_draft", "Back to draft", HOLD, ("held",)),
        Verb("cancel", "Cancel it", HOLD, states.UNSENT),
        Verb("correct", "Draft a correction", HOLD, ("sent", "cancelled")),
    )
}


@dataclass(frozen=True)
class Action:
    """One verb for one person and one e-mail. `why_not` is empty when it is allowed; `primary` marks the next step."""

    verb: str
    label: str
    allowed: bool
    why_not: str = ""
    primary: bool = False


def actions(
    email: CampaignEmail, user: Any, *, revision: Revision | None, now: dt.datetime, blocking: int = 0
) -> list[Action]:
    """Every verb that makes sense in the e-mail's state, with the reason when this person may not do it.

    Args:
        revision: the current text.
        blocking: how many blocking findings stand open; they stop submitting and approving.
    """
    found = []
    for verb in VERBS.values():
        if email.state not in verb.states:
            continue
        why_not = ""
        permission = permission_for(verb.name, email)
        if verb.name == "correct" and not (user.has_perm(HOLD) and user.has_perm(EDIT)):
            why_not = str(_past_correcting(email) or _who_corrects())
        elif not user.has_perm(permission):
            why_not = f"Needs the right to {RIGHTS[permission]}."
        else:
            refusal = obstacle(verb.name, email=email, revision=revision, user=user, now=now)
            why_not = str(refusal) if refusal else ""
            if not why_not and blocking and verb.name in ("submit", "approve", "break_glass", "still_true"):
                why_not = f"{blocking} blocking {'finding stands' if blocking == 1 else 'findings stand'} open."
        primary = verb.name in ("submit", "approve") and not why_not
        found.append(Action(verb.name, _label(verb, email), not why_not, why_not, primary))
    return found


def permission_for(verb: str, email: CampaignEmail) -> str:
    """The right that a verb needs here: an approval is withdrawn by who may approve, a submission by who may edit."""
    if verb == "withdraw" and "approved" in (email.state, email.held_from):
        return APPROVE
    return VERBS[verb].permission


def insist(verb: str, *, email: CampaignEmail, revision: Revision | None, user: Any, now: dt.datetime) -> None:
    """Raise PermissionDenied or a ReviewRefused unless the person may do this now. There is no machine here."""
    permission = permission_for(verb, email)
    if user is None or not user.is_active or not user.has_perm(permission):
        raise PermissionDenied(permission)
    refusal = obstacle(verb, email=email, revision=revision, user=user, now=now)
    if refusal:
        raise refusal


def obstacle(
    verb: str, *, email: CampaignEmail, revision: Revision | None, user: Any, now: dt.datetime
) -> ReviewRefused | None:
    """What stands against a verb apart from rights and findings; None when nothing does."""
    rule = VERBS[verb]
    if email.state not in rule.states:
        wanted = " or ".join(states.EMAIL[state].label.lower() for state in rule.states)
        return ReviewRefused(f"It is {states.EMAIL[email.state].label.lower()}; this can be done while it is {wanted}.")
    if verb in ("resume", "back_to_draft") and planning.is_missed(email, now):
        return TooLate(planning.PASSED)
    if verb in ("comment", "set_time", "hold", "resume", "cancel"):
        return None
    if verb == "correct":
        if not user.has_perm(EDIT):
            return ReviewRefused("A correction needs the right to edit e-mails as well.")
        if past := _past_correcting(email):
            return past
    if revision is None:
        return ReviewRefused("It has no text yet. The drafter writes it shortly before its time.")
    if verb == "edit" and locked_by_another(email, user, now):
        return Locked(f"{editing_until(email)} Take the lock over to save your text.")
    if verb == "break_glass" and user.has_perm(APPROVE):
        return ReviewRefused("You have the role that approves; there is no need for the emergency way.")
    if verb in ("approve", "break_glass", "still_true"):
        return _against_approval(email, revision, user, now)
    if verb == "withdraw" and email.state == "held" and email.held_from not in ("approved", "in_review"):
        return ReviewRefused("There is no approval and no submission to withdraw.")
    return None


def after_withdrawing(email: CampaignEmail) -> str:
    """What becomes of it, said before and after: a hold is ended by who may hold alone."""
    if email.state == "held":
        return "It stays held; given back, it is a draft."
    return "It becomes a draft again." if email.state != "drafted" else "It is a draft again."


def locked_by_another(email: CampaignEmail, user: Any, now: dt.datetime) -> bool:
    """Whether somebody else holds a lock that has not run out."""
    return bool(
        email.locked_by_id and email.locked_by_id != user.pk and email.locked_until and email.locked_until > now
    )


def editing_until(email: CampaignEmail) -> str:
    """Who holds the lock, and until when by the clock of the product, in a sentence."""
    assert email.locked_by and email.locked_until  # noqa: S101 - asked of a locked e-mail only
    until = email.locked_until.astimezone(ZoneInfo(email.campaign.release.product.time_zone))
    return f"{email.locked_by.get_full_name() or email.locked_by} is editing it until {until:%H:%M %Z}."


def _past_correcting(email: CampaignEmail) -> ReviewRefused | None:
    """Why a correction of an e-mail would reach nobody; None when it has readers."""
    if email.archive_begun_at is not None:
        return ReviewRefused("Its messages are in the archive, so nobody knows here any more who received it.")
    if not Rule(email.campaign.release.product_id, received=email.pk).people().exists():
        return ReviewRefused("Nobody received it, so there is nobody to correct it for.")
    return None


def _who_corrects() -> str:
    """Whom to ask for a correction: it stops other e-mails and writes a new one, so it needs both rights."""
    named = roles(HOLD, EDIT)
    if not named:
        return "A correction needs the rights to hold and to edit e-mails."
    return f"A correction is drafted by somebody with the role {' or '.join(named)}."


def _against_approval(email: CampaignEmail, revision: Revision, user: Any, now: dt.datetime) -> ReviewRefused | None:
    product = email.campaign.release.product
    if revision.author_id == user.pk and not product.self_approval:
        return ReviewRefused("You edited it last, so another release manager has to approve it.")
    if email.campaign.state != "active":
        return ReviewRefused(
            f"Its campaign is {states.CAMPAIGN[email.campaign.state].label.lower()}; "
            "nothing of it is sent until that changes."
        )
    if email.send_at is None:
        return TooLate("It has no send time. Choose one below, then approve.")
    if now > email.send_at + email.late_after:
        there, utc = (email.send_at.astimezone(zone) for zone in (ZoneInfo(product.time_zone), dt.UTC))
        return TooLate(
            f"Its slot, {there:%d %b %Y %H:%M %Z} ({utc:%H:%M} UTC), has passed by more than its limit. "
            "Approving now would send it by surprise. Choose a new time, then approve."
        )
    return None


def _label(verb: Verb, email: CampaignEmail) -> str:
    if verb.name != "withdraw":
        return verb.label
    return "Withdraw the approval" if "approved" in (email.state, email.held_from) else "Take back from review"
