"""Hear back: store what SNS brings, once; turn it into events; let them decide who may be mailed next.

Any order, any number of times, the result is the same: notifications are unique by SNS's id, applying
one is claimed by a conditional UPDATE in the same transaction as its events, and each effect
(suppression, settling an unknown message) can be repeated without harm.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from analytics import machine, shapes, sns, sns_door
from analytics.models import Alert, EmailEvent, SnsNotification
from campaigns.audience.services import suppress
from campaigns.delivery.services import settle
from campaigns.models import ArchivedMessage, Message
from releases.permissions import require

log = logging.getLogger(__name__)

Type = EmailEvent.Type

# The address is on a list of Amazon's own; the mail never left.
PROVIDER_LIST = ("Permanent/Suppressed", "Permanent/OnAccountSuppressionList")
MOST_IN_ONE_TICK = 2000


def receive(*, body: bytes, now: dt.datetime) -> str:
    """Take one request of SNS: check it, store it, apply it. Returns a word for the answer.

    A notification that cannot be applied now stays stored and is applied by a later tick. Raises
    sns.Refused for what is not SNS speaking about a topic of ours, or for what should come again.
    """
    envelope = sns.opened(body, now=now)
    if envelope.type == "SubscriptionConfirmation":
        return _confirm(envelope)
    if envelope.type == "UnsubscribeConfirmation":
        alert(key=f"sns:{envelope.topic_arn}:unsubscribed", level=Alert.Level.CRITICAL, now=now, message=(
            "SNS says that the subscription of our webhook was removed. No events come back until it is made again."
        ))  # fmt: skip
        return "noted"
    try:
        with transaction.atomic():
            notification = SnsNotification.objects.create(
                message_id=envelope.message_id,
                topic_arn=envelope.topic_arn[:300],
                body=envelope.message.replace("\0", ""),
                received_at=now,
                applied_at=now if envelope.stale else None,
                error=envelope.stale,
            )
    except IntegrityError:
        return "known"
    if not envelope.stale:
        _try_to_apply(notification, now=now)
    return "stored"


def apply(*, notification: SnsNotification, now: dt.datetime) -> list[EmailEvent]:
    """Turn one stored notification into events, with what follows from them. Applying it again does nothing."""
    event = shapes.read(notification.body)
    with transaction.atomic():
        claimed = SnsNotification.objects.filter(pk=notification.pk, applied_at__isnull=True)
        if not claimed.update(applied_at=now, error=""):
            return []
        if event is None:
            return []
        message = _message_of(event)
        rows = EmailEvent.objects.bulk_create(
            [_row(event, recipient, message, notification) for recipient in event.recipients], ignore_conflicts=True
        )
        if message is not None:
            _follow(event, message, now=now)
        for recipient in event.recipients:
            _suppress(event, recipient, now=now)
    return rows


def apply_pending(*, now: dt.datetime) -> set[int]:
    """Apply what was stored and not applied, oldest first. Returns the e-mails that got events."""
    touched: set[int] = set()
    waiting = SnsNotification.objects.filter(applied_at__isnull=True).order_by("id")
    for notification in waiting[:MOST_IN_ONE_TICK]:
        rows = _try_to_apply(notification, now=now)
        touched.update(row.email_id for row in rows if row.email_id)
    settle_parked(now=now)
    return touched


def settle_parked(*, now: dt.datetime) -> int:
    """Settle messages whose events came before anybody knew that there was a doubt. Returns how many.

    A worker that dies is found out after most of a minute; SES speaks of what it accepted within a second.
    """
    doubt = Q(message__state="unknown") | Q(message__state="failed", message__reason="decided_by_person")
    told = EmailEvent.objects.filter(doubt).order_by("message_id", "id")
    first: dict[int, EmailEvent] = {}
    for event in told[:MOST_IN_ONE_TICK]:
        first.setdefault(event.message_id or 0, event)
    return sum(
        settle(message_id=pk, ses_id=event.ses_id, why=f"SES published {event.get_type_display()}.", now=now)
        for pk, event in first.items()
    )


def apply_again(*, notifications: Iterable[SnsNotification], by: Any, now: dt.datetime) -> int:
    """Apply notifications that were kept aside (too old, failed). Returns how many led to an event."""
    require(by, "analytics.view_snsnotification")
    applied = 0
    for notification in notifications:
        SnsNotification.objects.filter(pk=notification.pk, events__isnull=True).update(applied_at=None)
        applied += bool(_try_to_apply(notification, now=now))
    return applied


def forget_erased() -> int:
    """Take the addresses of erased people out of events and stored notifications; counts stay. Returns how many."""
    theirs = EmailEvent.objects.filter(contact__erased_at__isnull=False).exclude(recipient="").order_by("id")
    found = list(theirs.values_list("id", "notification_id")[:MOST_IN_ONE_TICK])
    for start in range(0, len(found), 500):
        chunk = found[start : start + 500]
        with transaction.atomic():
            SnsNotification.objects.filter(pk__in=[notification for _, notification in chunk]).update(body="")
            EmailEvent.objects.filter(pk__in=[event for event, _ in chunk]).update(recipient="", link="", detail={})
    return len(found)


def alert(*, key: str, level: str, message: str, now: dt.datetime, email_id: int | None = None) -> bool:
    """Open an alert unless one with this key is open. Returns whether it is new."""
    try:
        with transaction.atomic():
            Alert.objects.create(key=key[:200], level=level, message=message[:500], email_id=email_id, at=now)
    except IntegrityError:
        return False
    log.warning("alert %s: %s", key, message)
    return True


def close_alert(*, alert: Alert, by: Any, now: dt.datetime) -> bool:
    """Say that an alert has been dealt with. Returns whether it was open."""
    require(by, "analytics.change_alert")
    return bool(Alert.objects.filter(pk=alert.pk, closed_at__isnull=True).update(closed_at=now, closed_by=by))


def _confirm(envelope: sns.Envelope) -> str:
    """Confirm by SNS's API, from topic and token; the topic is known to be ours by now."""
    try:
        sns_door.confirm_subscription(envelope.topic_arn, envelope.token)
    except sns_door.SESError as error:
        log.warning("the SNS subscription could not be confirmed: %s", error)
        status = 400 if error.kind == "failed" else 503
        raise sns.Refused(status, "The subscription could not be confirmed.") from error
    log.info("subscription to %s confirmed", envelope.topic_arn)
    return "confirmed"


def _try_to_apply(notification: SnsNotification, *, now: dt.datetime) -> list[EmailEvent]:
    try:
        return apply(notification=notification, now=now)
    except Exception as error:
        # What is stored is not lost: the next tick tries again, and the error is there to be read.
        log.exception("the notification %s could not be applied", notification.pk)
        SnsNotification.objects.filter(pk=notification.pk, applied_at__isnull=True).update(
            error=f"{type(error).__name__}: {error}"[:500]
        )
        return []


def _message_of(event: shapes.SesEvent) -> Message | ArchivedMessage | None:
    """Our message: by its tag, if e-mail and address are those that the event names, else by SES's id.

    Opens and complaints come for months, so one by its tag is looked for in the archive too.

    Another installation that sends through the same account counts its messages from one as well.
    """
    tag = event.tags.get("message", "")
    if tag.isdecimal() and len(tag) < 19:
        number = int(tag)
        found: Message | ArchivedMessage | None = Message.objects.filter(pk=number).first()
        found = found or ArchivedMessage.objects.filter(pk=number).first()
        ours = (
            found is not None
            and event.tags.get("email", str(found.email_id)) == str(found.email_id)
            and _is_to(event, found)
        )
        return found if ours else None
    if event.ses_id and not tag:
        return Message.objects.filter(ses_id=event.ses_id).first()
    return None


def _is_to(event: shapes.SesEvent, message: Message | ArchivedMessage) -> bool:
    """Was the mail of this event sent to the address of this message? Of an erased person SES's id is left to ask."""
    if message.address:
        return message.address.lower() in (event.destination or event.recipients)
    return message.ses_id in ("", event.ses_id)


def _row(
    event: shapes.SesEvent, recipient: str, message: Message | ArchivedMessage | None, notification: SnsNotification
) -> EmailEvent:
    at = event.at or notification.received_at
    origin = EmailEvent.Origin.UNKNOWN
    if event.type in (Type.OPEN, Type.CLICK):
        origin = machine.origin(event.user_agent, at, _delivered_at(message))
    return EmailEvent(
        type=event.type,
        at=at,
        notification=notification,
        recipient=recipient,
        message_id=message.pk if message else None,
        email_id=message.email_id if message else None,
        contact_id=message.contact_id if message else None,
        ses_id=event.ses_id,
        subtype=event.subtype,
        origin=origin,
        link=event.link,
        detail=event.detail,
    )


def _follow(event: shapes.SesEvent, message: Message | ArchivedMessage, *, now: dt.datetime) -> None:
    """What an event says about a message of ours: SES did accept it; and who opened before it was delivered."""
    if isinstance(message, Message) and message.state != "accepted":
        settle(message_id=message.pk, ses_id=event.ses_id, why=f"SES published {event.type.label}.", now=now)
    if event.type == Type.DELIVERY:
        _sort_opens_and_clicks(message)


def _sort_opens_and_clicks(message: Message | ArchivedMessage) -> None:
    """Events come in any order: those that were there before the delivery are judged now."""
    early = list(EmailEvent.objects.filter(message_id=message.pk, type__in=[Type.OPEN, Type.CLICK]))
    delivered_at = _delivered_at(message) if early else None
    for row in early:
        now_it_is = machine.origin(str(row.detail.get("userAgent", "")), row.at, delivered_at)
        if now_it_is != row.origin:
            EmailEvent.objects.filter(pk=row.pk).update(origin=now_it_is)


def _delivered_at(message: Message | ArchivedMessage | None) -> dt.datetime | None:
    if message is None:
        return None
    delivered = EmailEvent.objects.filter(message_id=message.pk, type=Type.DELIVERY).order_by("at")
    return delivered.values_list("at", flat=True).first()


def _suppress(event: shapes.SesEvent, recipient: str, *, now: dt.datetime) -> None:
    """A hard bounce or a complaint ends mailing to the address; nothing else does."""
    if not recipient:
        return
    if event.type == Type.BOUNCE and event.subtype.startswith(shapes.HARD):
        reason = "provider" if event.subtype in PROVIDER_LIST else "hard_bounce"
        detail = f"{event.subtype} {event.detail.get('status', '')}".strip()
    elif event.type == Type.COMPLAINT and event.subtype != shapes.NOT_SPAM:
        reason, detail = "complaint", event.subtype
    else:
        return
    source = f"SES {event.type.label.lower()} {event.ses_id}".strip()
    suppress(email=recipient, reason=reason, detail=detail, source=source, by=None, now=now)
