"""What pausing, going on, cancelling and "stop and correct" would do to a send, in figures, before it is done."""

from __future__ import annotations

from django.db.models import Sum

from campaigns.delivery.models import Batch
from campaigns.delivery.selectors import Balance
from campaigns.planning.models import CampaignEmail
from campaigns.review.services.correcting import stopped_with


def consequences(email: CampaignEmail, sheet: Balance) -> tuple[str, ...]:
    """Who has it, who will not get it, and what becomes of the series; each a sentence. Two queries."""
    in_call = Batch.objects.filter(email=email, state="sending").aggregate(people=Sum("queued"))["people"] or 0
    waiting = max(sheet.queued - in_call, 0)
    said = [
        f"{_have(sheet.accepted)} it. The correction goes to exactly them, once it is approved.",
        f"{_people(waiting)} who still {'waits does' if waiting == 1 else 'wait do'} not get it, for good.",
    ]
    if email.prepared_at is None:
        said.append("Whoever of its lists is not prepared yet does not get it either.")
    if in_call:
        said.append(
            f"{_people(in_call)} {'is' if in_call == 1 else 'are'} in a call this moment: who gets it by that gets the "
            "correction too."
        )
    if sheet.unknown:
        said.append(
            f"Of {_people(sheet.unknown)} nobody knows whether they have it. Who turns out to gets the correction, as "
            "long as that has not gone out."
        )
    cancelled, paused = stopped_with(email)
    if cancelled:
        said.append(f"Of the series, cancelled as well: {_named(cancelled)}.")
    if paused:
        said.append(f"Of the series, paused in mid-send for you to decide on: {_named(paused)}.")
    return tuple(said)


def pausing(sheet: Balance) -> str:
    """What a pause does: who has it, and who waits."""
    return (
        f"{_have(sheet.accepted)} it already. {_people(sheet.queued)} {_wait(sheet.queued)} until somebody resumes it; "
        "a call that is under way is finished."
    )


def resuming(sheet: Balance) -> str:
    """What going on does: who gets it, and who gets nothing again."""
    gets = "gets" if sheet.queued == 1 else "get"
    return (
        f"{_people(sheet.queued)} who {_wait(sheet.queued)} {gets} it from now on, but for those who must not be "
        f"mailed by then. {_have(sheet.accepted)} it already and {'gets' if sheet.accepted == 1 else 'get'} nothing "
        "again. It does not go on when the approval no longer fits."
    )


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _have(number: int) -> str:
    return f"{_people(number)} {'has' if number == 1 else 'have'}"


def _named(emails: list[CampaignEmail]) -> str:
    return ", ".join(f"{email.get_step_display().lower()} ({email.get_state_display().lower()})" for email in emails)
