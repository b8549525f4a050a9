"""Reads about one person's notices."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from campaigns.notices.kinds import KINDS
from campaigns.notices.models import How, Notice, NoticeChoice

MOST_COUNTED = 100


def unread_count(user: Any) -> int:
    """How many the person has not read, counted up to MOST_COUNTED: the header says "99+" then."""
    return Notice.objects.filter(user=user, seen_at__isnull=True).order_by()[:MOST_COUNTED].count()


def notices(user: Any, *, unread: bool = False) -> QuerySet[Notice]:
    """The person's notices with what a list of them shows."""
    found = Notice.objects.filter(user=user).select_related("email__campaign__release__product", "campaign")
    return found.filter(seen_at__isnull=True) if unread else found


def choices(user: Any) -> dict[str, str]:
    """How the person wants to be told of each kind."""
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "how"))
    return {kind: chosen.get(kind, How.NOW) for kind in KINDS}
