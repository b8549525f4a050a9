"""Events in the shapes that SES publishes for a configuration set.

AWS, "Examples of event data that Amazon SES publishes to Amazon SNS".
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from relmail.simulator.amazon.account import ACCOUNT_ID
from relmail.simulator.amazon.inbox import Mail
from relmail.simulator.amazon.limits import one_address
from relmail.simulator.amazon.mailbox import Happening

# Where the own part of an event stands, when it is not the type in lower case.
PART = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}
# AWS publishes these without headers.
WITHOUT_HEADERS = ("Rendering Failure", "DeliveryDelay")


def event(mail: Mail, happening: Happening, region: str) -> dict[str, Any]:
    """The event as SES hands it to SNS."""
    time = mail.time + timedelta(seconds=happening.after)
    detail = dict(happening.detail)
    if happening.type not in ("Send", "Reject", "Rendering Failure"):
        detail["timestamp"] = stamp(time)
    if happening.type in ("Bounce", "Complaint"):
        detail["feedbackId"] = f"01070199{uuid.uuid4().hex[:8]}-{uuid.uuid4()}-000000"
    if happening.type == "Complaint":
        detail["arrivalDate"] = detail["timestamp"]
    if happening.type == "DeliveryDelay":
        detail["expirationTime"] = stamp(time + timedelta(hours=14))
    part = PART.get(happening.type, happening.type.lower())
    return {"eventType": happening.type, "mail": mail_object(mail, happening, region), part: detail}


def mail_object(mail: Mail, happening: Happening, region: str) -> dict[str, Any]:
    """The `mail` part: which message this is about, with its headers and tags."""
    address = one_address(mail.sender)
    shown: dict[str, Any] = {
        "timestamp": stamp(mail.time),
        "source": mail.sender,
        "sourceArn": f"arn:aws:ses:{region}:{ACCOUNT_ID}:identity/{address.partition('@')[2]}",
        "sendingAccountId": ACCOUNT_ID,
        "messageId": mail.message_id,
        "destination": mail.recipients,
        "headersTruncated": False,
    }
    if happening.type not in WITHOUT_HEADERS:
        shown["headers"] = [{"name": name, "value": value} for name, value in headers(mail).items()]
        shown["commonHeaders"] = {
            "from": [mail.sender],
            **({"replyTo": mail.reply_to} if mail.reply_to else {}),
            "to": mail.recipients,
            "messageId": mail.message_id,
            "subject": mail.rendered.subject,
        }
    shown["tags"] = {
        "ses:source-tls-version": ["TLSv1.3"],
        "ses:operation": ["SendBulkEmail" if mail.rendered.content.template else "SendEmail"],
        "ses:configuration-set": [mail.configuration_set],
        "ses:source-ip": ["192.0.2.10"],
        "ses:from-domain": [address.partition("@")[2]],
        "ses:caller-identity": ["relmail"],
        **({"ses:outgoing-ip": ["192.0.2.20"]} if happening.type == "Delivery" else {}),
        **{name: [value] for name, value in mail.tags.items()},
    }
    return shown


def headers(mail: Mail) -> dict[str, str]:
    """The headers of the mail as a recipient's server sees them, apart from those of transport."""
    return {
        "From": mail.sender,
        **({"Reply-To": ", ".join(mail.reply_to)} if mail.reply_to else {}),
        "To": ", ".join(mail.recipients),
        "Subject": mail.rendered.subject,
        **mail.headers,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="----=_Part_{mail.message_id[-14:-7]}"',
    }


def stamp(time: datetime) -> str:
    """A time as AWS writes it: UTC with milliseconds and a Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
