"""The sender of the whole fleet: stop and start it, drop what it learned. services.py is the door to these verbs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from campaigns.delivery import limiter
from campaigns.delivery.models import Sender
from campaigns.delivery.refusals import DeliveryRefused
from campaigns.permissions import require
from campaigns.planning import history


def stop_sender(*, reason: str, by: Any, now: dt.datetime) -> None:
    """Stop all sending of the fleet until a person starts it again."""
    require(by, "campaigns.stop_sender")
    if not reason.strip():
        raise DeliveryRefused("Say why: everybody sees the reason on the home page.")
    row = limiter.row()
    if Sender.objects.filter(pk=row.pk, stopped_at__isnull=True).update(
        stopped_at=now, stopped_reason=reason[:500], stopped_by=by
    ):
        history.record(what="sender", what_id=row.pk, before="sending", after="stopped", why=reason, by=by, now=now)


def start_sender(*, by: Any, now: dt.datetime) -> None:
    """Let the fleet send again. What has become late meanwhile is held, not sent."""
    require(by, "campaigns.stop_sender")
    row = limiter.row()
    if Sender.objects.filter(Q(pk=row.pk) & Q(stopped_at__isnull=False)).update(
        stopped_at=None, stopped_reason="", stopped_by=None
    ):
        history.record(what="sender", what_id=row.pk, before="stopped", after="sending", why="", by=by, now=now)


def forget_learned_mode(*, by: Any, now: dt.datetime) -> None:
    """Try bulk calls again, as before SES refused or throttled them; the answers may teach the same once more."""
    require(by, "campaigns.stop_sender")
    row = limiter.row()
    if (
        Sender.objects.filter(pk=row.pk)
        .exclude(learned_mode="")
        .update(learned_mode="", learned_why="", learned_at=None)
    ):
        history.record(
            what="sender",
            what_id=row.pk,
            before="single calls",
            after="bulk calls",
            why="Try bulk calls again.",
            by=by,
            now=now,
        )
