"""How fast the whole fleet may send: one row, one UPDATE, a generic cell rate.

Recipients count, not calls (SES, "Managing your sending limits"). `next_free_at` is the theoretical arrival time of
the next recipient; taking n of them pushes it n/rate further, and it may run ahead of the clock by one second at most,
which is the burst.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Greatest

from campaigns.delivery.models import Sender

logger = logging.getLogger(__name__)

BURST_SECONDS = 1.0


def row() -> Sender:
    """The sender's row of the configured region, made on first use with SES's sandbox rate of one a second."""
    found, _ = Sender.objects.get_or_create(
        region=settings.AWS_REGION, defaults={"rate_per_second": settings.SEND_RATE_PER_SECOND or 1}
    )
    return found


def take(recipients: int, *, now: dt.datetime) -> float:
    """Take room for so many recipients. Returns 0 when it was taken, else the seconds until asking again is worth it."""
    sender = row()
    if sender.throttled_until and sender.throttled_until > now:
        return (sender.throttled_until - now).total_seconds()
    if sender.max_per_day > 0 and sender.sent_last_day + recipients > sender.max_per_day:
        return 60.0
    rate = max(sender.rate_per_second, 0.01)
    moment = now.timestamp()
    # A batch larger than the burst must still pass when the fleet has been idle.
    ahead = max(BURST_SECONDS - recipients / rate, 0.0)
    taken = Sender.objects.filter(pk=sender.pk, next_free_at__lte=moment + ahead).update(
        next_free_at=Greatest(F("next_free_at"), Value(moment)) + recipients / rate
    )
    if taken:
        Sender.objects.filter(pk=sender.pk).update(sent_last_day=F("sent_last_day") + recipients)
        return 0.0
    return max(sender.next_free_at - moment - ahead, 0.01)


def slow_down(*, now: dt.datetime, seconds: float) -> None:
    """SES throttled all the same: nobody sends for a moment."""
    Sender.objects.filter(pk=row().pk).update(throttled_until=now + dt.timedelta(seconds=seconds))


def learn(*, now: dt.datetime) -> Sender:
    """Read rate, daily quota and whether sending is enabled from SES GetAccount into the row.

    A network call: never inside a transaction. An error leaves the last good figures and is shown on the sender's page.
    """
    from campaigns.delivery import ses

    sender = row()
    try:
        account = ses.door().account()
    except ses.SESError as error:
        sender.check_error = str(error)[:500]
        sender.save(update_fields=["check_error"])
        logger.warning("SES GetAccount: %s", error)
        return sender
    sender.rate_per_second = settings.SEND_RATE_PER_SECOND or account.max_per_second
    sender.max_per_day = account.max_24h
    sender.sent_last_day = account.sent_24h
    sender.checked_at = now
    sender.check_error = "" if account.sending_enabled else "SES says that sending is paused for this account."
    sender.save(update_fields=["rate_per_second", "max_per_day", "sent_last_day", "checked_at", "check_error"])
    return sender
