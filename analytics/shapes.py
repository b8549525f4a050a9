"""SES's events in one normal form, whatever shape they came in.

AWS, "Contents of event data that Amazon SES publishes to Amazon SNS": `eventType` for configuration
sets; "Contents of Amazon SNS notifications": `notificationType` for identities, without tags.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_datetime

from analytics.models import EmailEvent

Type = EmailEvent.Type

# RFC 6650, section 3.2: the reader took an earlier report back.
NOT_SPAM = "not-spam"
# AWS, bounce types: only these say that the address will never work.
HARD = "Permanent/"

TYPES = {
    "Send": Type.SEND,
    "Delivery": Type.DELIVERY,
    "DeliveryDelay": Type.DELIVERY_DELAY,
    "Bounce": Type.BOUNCE,
    "Complaint": Type.COMPLAINT,
    "Reject": Type.REJECT,
    "Rendering Failure": Type.RENDERING_FAILURE,
    "RenderingFailure": Type.RENDERING_FAILURE,
    "Open": Type.OPEN,
    "Click": Type.CLICK,
    "Subscription": Type.SUBSCRIPTION,
}
# The part of the event that is about it, and the list of recipients in that part.
PARTS = {
    Type.SEND: ("send", ""),
    Type.DELIVERY: ("delivery", "recipients"),
    Type.DELIVERY_DELAY: ("deliveryDelay", "delayedRecipients"),
    Type.BOUNCE: ("bounce", "bouncedRecipients"),
    Type.COMPLAINT: ("complaint", "complainedRecipients"),
    Type.REJECT: ("reject", ""),
    Type.RENDERING_FAILURE: ("failure", ""),
    Type.OPEN: ("open", ""),
    Type.CLICK: ("click", ""),
    Type.SUBSCRIPTION: ("subscription", ""),
}
KEPT = (
    "bounceType", "bounceSubType", "feedbackId", "reportingMTA", "complaintFeedbackType", "complaintSubType",
    "delayType", "expirationTime", "reason", "errorMessage", "templateName", "smtpResponse", "processingTimeMillis",
    "userAgent", "ipAddress",
)  # fmt: skip


@dataclass(frozen=True)
class SesEvent:
    """One event: what, when, about which SES message and which of our messages, for whom."""

    type: Type
    at: dt.datetime | None
    ses_id: str
    tags: dict[str, str]
    recipients: tuple[str, ...]
    destination: tuple[str, ...] = ()  # whom the mail was sent to, where a bounce may name another address
    subtype: str = ""
    user_agent: str = ""
    link: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def read(text: str) -> SesEvent | None:
    """The event in a notification's text; None when it is not about a mail (plain text, inbound mail)."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    name = data.get("eventType") or data.get("notificationType")
    mail = data.get("mail")
    if not isinstance(name, str) or not isinstance(mail, dict) or name == "Received":
        return None
    kind = TYPES.get(name, Type.OTHER)
    part_name, people = PARTS.get(kind, ("", ""))
    part = data.get(part_name)
    part = part if isinstance(part, dict) else {}
    return SesEvent(
        type=kind,
        at=_time(part.get("timestamp")) or _time(mail.get("timestamp")),
        ses_id=_text(mail.get("messageId"))[:100],
        tags=_tags(mail.get("tags")),
        recipients=_recipients(part.get(people) if people else mail.get("destination"), mail, kind),
        destination=_addresses(mail.get("destination")),
        subtype=_subtype(kind, part, name),
        user_agent=_text(part.get("userAgent")),
        link=_text(part.get("link"))[:2000] if kind == Type.CLICK else "",
        detail={name: part[name] for name in KEPT if isinstance(part.get(name), str | int)} | _diagnosis(part, people),
    )


def _subtype(kind: Type, part: dict[str, Any], name: str) -> str:
    if kind == Type.BOUNCE:
        return f"{_text(part.get('bounceType'))}/{_text(part.get('bounceSubType'))}"[:60]
    if kind == Type.COMPLAINT:
        feedback = _text(part.get("complaintFeedbackType"))
        return (feedback if feedback == NOT_SPAM else _text(part.get("complaintSubType")) or feedback)[:60]
    if kind == Type.DELIVERY_DELAY:
        return _text(part.get("delayType"))[:60]
    return name[:60] if kind == Type.OTHER else ""


def _recipients(given: Any, mail: dict[str, Any], kind: Type) -> tuple[str, ...]:
    """Addresses in lower case, each once. Who of several opened or clicked, SES does not say."""
    addresses = _addresses(given if isinstance(given, list) else mail.get("destination"))
    if len(addresses) > 1 and kind in (Type.OPEN, Type.CLICK):
        return ("",)
    return addresses or ("",)


def _addresses(given: Any) -> tuple[str, ...]:
    addresses = [
        _text(one.get("emailAddress") if isinstance(one, dict) else one).strip().lower()[:254]
        for one in (given if isinstance(given, list) else ())
    ]
    return tuple(address for address in dict.fromkeys(addresses) if address)


def _diagnosis(part: dict[str, Any], people: str) -> dict[str, str]:
    found = part.get(people) if people else None
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    return {name: _text(first[name])[:500] for name in ("status", "diagnosticCode") if name in first}


def _tags(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    return {str(name): _text(values[0]) for name, values in given.items() if isinstance(values, list) and values}


def _time(given: Any) -> dt.datetime | None:
    try:
        time = parse_datetime(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None


def _text(given: Any) -> str:
    return given.replace("\0", "") if isinstance(given, str) else ""
