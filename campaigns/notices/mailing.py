"""Notices by mail: Django mail through the production backend, claimed in the database and sent outside transactions.

Several notices of one person go out as one mail. What the mail service clearly refused is tried again for a day; what
may have gone out is not repeated (the page shows it in any case).
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from campaigns.delivery.ses_errors import SESError
from campaigns.notices.models import How, Notice

logger = logging.getLogger(__name__)

AT_ONCE = 500
# The daily mail comes at this hour of settings.TIME_ZONE.
DAILY_HOUR = 8
WAIT = dt.timedelta(minutes=5)
GIVE_UP = dt.timedelta(days=1)
# Longer than a run may take (CELERY_TASK_TIME_LIMIT is five minutes).
LOST = dt.timedelta(minutes=10)


def mail_due(*, now: dt.datetime) -> int:
    """Mail what is due, one mail a person. Returns how many mails were accepted."""
    open_rows = Notice.objects.filter(mail=Notice.Mail.WAITING)
    Notice.objects.filter(mail=Notice.Mail.SENDING, claimed_at__lt=now - LOST).update(
        mail=Notice.Mail.FAILED, mail_detail="It may have gone out: the process ended before it was recorded."
    )
    open_rows.filter(seen_at__isnull=False).update(mail=Notice.Mail.READ)
    due = open_rows.filter(
        Q(how=How.NOW) | Q(how=How.DAILY, at__lt=last_daily(now)), Q(mail_after__isnull=True) | Q(mail_after__lte=now)
    )
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    claim = uuid.uuid4().hex
    open_rows.filter(pk__in=ids).update(mail=Notice.Mail.SENDING, claim=claim, claimed_at=now)
    rows = Notice.objects.filter(claim=claim, mail=Notice.Mail.SENDING).select_related("user").order_by("user_id", "pk")
    return sum(_mail(list(group), now=now) for _, group in groupby(rows, key=lambda row: row.user_id))


def last_daily(now: dt.datetime) -> dt.datetime:
    """The last moment at which the daily mail was due."""
    local = timezone.localtime(now)
    moment = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return moment if moment <= local else moment - dt.timedelta(days=1)


def _mail(notices: Sequence[Notice], *, now: dt.datetime) -> bool:
    user = notices[0].user
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    if not user.is_active or not user.email:
        rows.update(mail=Notice.Mail.FAILED, mail_detail="The account has no address or is not active.")
        return False
    try:
        _message(notices, to=user.email).send()
    except (SESError, ConnectionRefusedError) as refusal:
        later = not isinstance(refusal, SESError) or refusal.kind in ("retry", "hold")
        if later and notices[0].at > now - GIVE_UP:
            rows.update(mail=Notice.Mail.WAITING, mail_after=now + WAIT, mail_detail=str(refusal)[:300])
        else:
            rows.update(mail=Notice.Mail.FAILED, mail_detail=str(refusal)[:300])
        logger.warning("a notice was not mailed: %s", type(refusal).__name__)
        return False
    except Exception as problem:
        # Whatever a backend raises: it may have gone out, so it is not sent again, and the others still are.
        rows.update(mail=Notice.Mail.FAILED, mail_detail=f"{type(problem).__name__}: {problem}"[:300])
        logger.warning("a notice may not have been mailed: %s", type(problem).__name__)
        return False
    rows.update(mail=Notice.Mail.SENT, mail_detail="")
    return True


def _message(notices: Sequence[Notice], *, to: str) -> EmailMessage:
    one = notices[0] if len(notices) == 1 else None
    subject = one.title if one else f"{len(notices)} notices: {notices[-1].title}"
    parts = [
        "\n".join(
            line for line in (notice.title, notice.words, _absolute(reverse("notices:open", args=[notice.pk]))) if line
        )
        for notice in notices
    ]
    parts.append(f"Which notices you get, and when: {_absolute(reverse('notices:settings'))}")
    return EmailMessage(
        subject=f"[relmail] {subject}"[:200],
        body="\n\n".join(parts) + "\n",
        to=[to],
        # RFC 3834: no out-of-office answers to a machine.
        headers={"Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )


def _absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path
