"""SNS messages for tests, sealed with the key of the simulator or left as they are."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

TOPIC = "arn:aws:sns:eu-central-1:000000000000:relmail"


def letter(simulator: Any, message: Any = "Hello", *, seal: bool = True, **changes: Any) -> dict[str, Any]:
    """A notification; `changes` are made before it is signed, a value of None leaves a field out."""
    envelope: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    } | changes
    envelope = {name: value for name, value in envelope.items() if value is not None}
    return simulator.amazon.sns.seal(envelope) if seal else envelope


def ses_event(
    kind: str,
    *,
    to: str | list[str] = "ada@client.example",
    tags: dict[str, Any] | None = None,
    ses_id: str = "0107-one",
    at: dt.datetime | None = None,
    shape: str = "eventType",
    **part: Any,
) -> dict[str, Any]:
    """An event of SES; keyword arguments fill its own part."""
    recipients = [to] if isinstance(to, str) else to
    at = at or dt.datetime.now(dt.UTC)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    people = [{"emailAddress": address} for address in recipients]
    own: dict[str, Any] = {
        "Delivery": {"recipients": recipients},
        "Bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": people},
        "Complaint": {"complainedRecipients": people, "complaintFeedbackType": "abuse"},
        "DeliveryDelay": {"delayedRecipients": people, "delayType": "MailboxFull"},
        "Open": {"userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"},
        "Click": {"userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "link": "https://kite.example/notes"},
    }.get(kind, {})
    name = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())
    mail: dict[str, Any] = {"timestamp": stamp, "messageId": ses_id, "destination": recipients}
    if tags is not None:
        mail["tags"] = {name: [str(value)] for name, value in tags.items()}
    return {shape: kind, "mail": mail, name: own | {"timestamp": stamp} | part}
