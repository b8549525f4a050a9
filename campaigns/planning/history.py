"""The line that each change of state leaves: what, from, to, when, by whom and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

from campaigns.planning.models import Campaign, CampaignEmail, Transition


def record(
    *,
    what: str,
    before: str,
    after: str,
    why: str,
    by: Any,
    now: dt.datetime,
    what_id: int | None = None,
    campaign: Campaign | None = None,
    email: CampaignEmail | None = None,
) -> Transition:
    """Write one line. `by` is None when the timetable did it; long reasons are cut, not refused."""
    return Transition.objects.create(
        what=what,
        what_id=what_id,
        campaign=campaign or (email.campaign if email else None),
        email=email,
        before=before[:300],
        after=after[:300],
        why=why[:500],
        by=by,
        at=now,
    )
