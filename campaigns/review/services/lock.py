"""The lock that tells two editors of each other before they write."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from campaigns.permissions import require
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions
from campaigns.review.refusals import Locked

# Long enough to think about a sentence, short enough that a closed laptop blocks nobody for long.
HELD_FOR = dt.timedelta(minutes=5)


def take_lock(*, email: CampaignEmail, take_over: bool = False, by: Any, now: dt.datetime) -> None:
    """Hold the e-mail for five minutes while writing; asking again prolongs it.

    Args:
        take_over: take it even from a person who still holds it.

    Raises:
        PermissionDenied: the person may not edit.
        Locked: another person holds it and it is not taken over.
    """
    require(by, actions.EDIT)
    free = CampaignEmail.objects.filter(pk=email.pk)
    if not take_over:
        free = free.filter(
            Q(locked_by__isnull=True) | Q(locked_by=by) | Q(locked_until__lte=now) | Q(locked_until__isnull=True)
        )
    taken = free.update(locked_by=by, locked_until=now + HELD_FOR)
    email.refresh_from_db(fields=["locked_by", "locked_until"])
    if not taken and email.locked_until is None:
        # Given back between the two statements: it is free now.
        taken = CampaignEmail.objects.filter(pk=email.pk, locked_by__isnull=True).update(
            locked_by=by, locked_until=now + HELD_FOR
        )
        email.refresh_from_db(fields=["locked_by", "locked_until"])
    if not taken and email.locked_until is not None:
        raise Locked(actions.editing_until(email))


def release_lock(*, email: CampaignEmail, by: Any) -> None:
    """Give the lock back, if this person holds it."""
    CampaignEmail.objects.filter(pk=email.pk, locked_by=by).update(locked_by=None, locked_until=None)
