"""Verbs of a person about the own notices: read one, read all, choose how to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.notices.kinds import ALWAYS, KINDS
from campaigns.notices.models import How, Notice, NoticeChoice

# Older ones are forgotten: the history of the e-mail keeps what happened.
KEPT_FOR = dt.timedelta(days=180)


def read(*, notice: Notice, by: Any, now: dt.datetime) -> None:
    """Mark one as read. Somebody else's is left alone."""
    Notice.objects.filter(pk=notice.pk, user=by, seen_at__isnull=True).update(seen_at=now)


def read_all(*, by: Any, up_to: int, now: dt.datetime) -> int:
    """Mark as read all that the person had before the eyes. Returns how many.

    Args:
        up_to: the id of the newest notice on the page; what came after it stays unread.
    """
    return Notice.objects.filter(user=by, pk__lte=up_to, seen_at__isnull=True).update(seen_at=now)


def choose(*, choices: Mapping[str, str], by: Any, now: dt.datetime) -> None:
    """Keep how the person wants to be told of each kind; unknown kinds and ways are ignored.

    What waits to be mailed follows the new choice; what was told stays told.
    """
    with transaction.atomic():
        for kind, how in choices.items():
            if kind not in KINDS or kind in ALWAYS or how not in How.values:
                continue
            NoticeChoice.objects.update_or_create(user=by, kind=kind, defaults={"how": how})
            waiting = Notice.objects.filter(user=by, kind=kind, mail=Notice.Mail.WAITING)
            if how in (How.PAGE, How.OFF):
                waiting.update(mail=Notice.Mail.NONE)
            else:
                waiting.update(how=how)


def forget(*, now: dt.datetime) -> int:
    """Delete what is older than half a year. Returns how many."""
    old = list(Notice.objects.filter(at__lt=now - KEPT_FOR).order_by("pk").values_list("pk", flat=True)[:1000])
    return Notice.objects.filter(pk__in=old).delete()[0] if old else 0
