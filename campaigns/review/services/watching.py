"""Void approvals that no longer fit, so that pages and people know before the minute of sending."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.review import selectors
from campaigns.review.models import Approval
from campaigns.review.services.approvals import void
from campaigns.review.services.rows import locked_row

# Once the send has begun, its batches ask for themselves.
_WATCHED = ("approved", "held", "in_review", "needs_changes", "drafted", "cancelled")


def void_unfit(*, now: dt.datetime) -> int:
    """Look at every open approval of an e-mail that has not started.

    One whose time or lists changed sends its e-mail back to review. One whose facts changed in Jira holds it, because
    a person has to compare the sentences. The sender would refuse both anyway; this says so early.

    Returns:
        How many approvals were voided.
    """
    open_approvals = Approval.objects.filter(
        decision=Approval.Decision.APPROVED, voided_at__isnull=True, email__state__in=_WATCHED
    )
    emails = CampaignEmail.objects.filter(pk__in=open_approvals.values("email")).order_by("pk")
    return sum(_look(email, now) for email in emails)


def _look(email: CampaignEmail, now: dt.datetime) -> bool:
    problem = selectors.approval_problem(email, now)
    stands = email.state == "approved" or (email.state == "held" and email.held_from == "approved")
    if stands and not problem:
        return False
    with transaction.atomic():
        row = locked_row(email)
        if row.state != email.state:
            return False  # somebody is at work on it; the next tick looks again
        # Asked again under the lock: in between a person may have approved it anew, and that one fits.
        problem = selectors.approval_problem(row, now)
        if stands and not problem:
            return False
        approval = selectors.valid_approval(row)
        why = problem or "The e-mail left the state it was approved in."
        if row.state == "cancelled":
            why = f"{'The send' if row.started_at else 'The e-mail'} was cancelled: {row.state_reason}".rstrip(": ")
        if approval is None or not void(email=row, reason=why, by=None, now=now):
            return False
        if row.state == "approved":
            touched = bool(selectors.drift_of(row, approval))
            to = "held" if touched else "in_review"
            planning.move(email=row, to=to, by=None, why=why, now=now, held_by_approval=touched)
        if row.state == "held" and row.held_from == "approved":
            # Given back, it needs a new approval.
            CampaignEmail.objects.filter(pk=row.pk).update(held_from="in_review")
    return True
