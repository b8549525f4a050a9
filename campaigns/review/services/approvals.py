"""Void approvals. An approval is never edited or deleted; one that no longer holds says since when and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.review.models import Approval


def void(*, email: CampaignEmail, reason: str, by: Any, now: dt.datetime) -> bool:
    """Void the open approval of an e-mail, if it has one. Called inside the transaction of a verb.

    Returns:
        Whether there was one.
    """
    voided = Approval.objects.filter(email=email, decision=Approval.Decision.APPROVED, voided_at__isnull=True).update(
        voided_at=now, voided_by=by, void_reason=reason[:300]
    )
    if voided:
        history.record(
            what="approval", what_id=email.pk, email=email, before="valid", after="void", why=reason, by=by, now=now
        )
    return bool(voided)
