"""What happens to an accepted message: who gets it, who bounces, complains, opens and clicks, and when.

The addresses at simulator.amazonses.com behave as AWS documents ("Sending test emails in Amazon SES with
the simulator"), with or without a +label. Every other mailbox takes the message; who reads it follows
from the message id, so that a message always fares the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from relmail.simulator.amazon.inbox import Mail

SIMULATOR_DOMAIN = "simulator.amazonses.com"
# The test pattern that AWS names for trying out its virus check, in the part that nobody mistakes.
BAD_CONTENT = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"

OPENING, CLICKING, SCANNED, DELAYED = 0.55, 0.20, 0.06, 0.01

READERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
    "Safari/605.1.15",
)
PROXIES = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0",
)
SCANNER = "Mozilla/5.0 (compatible; LinkScanner/2.1; +https://scanner.example/about)"


@dataclass(frozen=True)
class Happening:
    """One event to publish: its type, seconds after the message was accepted, and its own part."""

    type: str
    after: float
    recipient: str
    detail: dict[str, Any] = field(default_factory=dict)
    fate: str = ""


def foresee(mail: Mail, suppressed: set[str]) -> list[Happening]:
    """Everything that will happen to a message, in order of time. `suppressed` are addresses in lower case."""
    chance = random.Random(mail.message_id)
    if failure := mail.rendered.failure():
        detail = {"errorMessage": failure, "templateName": mail.rendered.content.name or "InlineTemplate"}
        return [Happening("Rendering Failure", 0.2, mail.recipients[0], detail, "dropped")]
    found = [Happening("Send", 0.05, mail.recipients[0])]
    if BAD_CONTENT in mail.rendered.content.html or BAD_CONTENT in mail.rendered.content.text:
        return [*found, Happening("Reject", 0.3, mail.recipients[0], {"reason": "Bad content"}, "rejected")]
    for recipient in mail.recipients:
        if recipient.lower() in suppressed:
            found.append(_bounce(recipient, 0.3, "Permanent", "OnAccountSuppressionList", fate="suppressed"))
        elif recipient.lower().endswith(f"@{SIMULATOR_DOMAIN}"):
            found.extend(_documented(recipient))
        else:
            found.extend(_ordinary(mail, recipient, chance))
    return sorted(found, key=lambda happening: happening.after)


def _documented(recipient: str) -> list[Happening]:
    local = recipient.lower().partition("@")[0].partition("+")[0]
    if local == "bounce":
        return [_bounce(recipient, 0.5, "Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown")]
    if local == "suppressionlist":
        return [_bounce(recipient, 0.5, "Permanent", "Suppressed", fate="suppressed")]
    delivered = [_delivery(recipient, 0.5)]
    if local == "complaint":
        complaint = {
            "complainedRecipients": [{"emailAddress": recipient}],
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
        }
        return [*delivered, Happening("Complaint", 1.5, recipient, complaint)]
    if local == "ooto":
        # An automatic answer comes back as a transient bounce that counts for no rate (AWS, bounce types).
        said = "smtp; automatic reply: out of the office"
        return [*delivered, _bounce(recipient, 1.5, "Transient", "General", "", said, fate="")]
    return delivered


def _ordinary(mail: Mail, recipient: str, chance: random.Random) -> list[Happening]:
    found = []
    arrived = chance.uniform(0.2, 0.9)
    if chance.random() < DELAYED:
        found.append(_delay(recipient, arrived))
        arrived += chance.uniform(2, 4)
    found.append(_delivery(recipient, arrived))
    if not mail.rendered.content.html:
        return found
    links = mail.rendered.links()
    if chance.random() < SCANNED:
        # A gateway that opens every link before a person can; more than one click within a second.
        found.extend(
            _click(recipient, arrived + 0.2 + 0.1 * number, link, SCANNER) for number, link in enumerate(links[:3])
        )
    draw = chance.random()
    if draw >= OPENING:
        return found
    if chance.random() < 0.15:
        found.append(_open(recipient, arrived + chance.uniform(0.1, 1.0), chance.choice(PROXIES)))
    read = arrived + chance.uniform(2.5, 8.0)
    agent = chance.choice(READERS)
    found.append(_open(recipient, read, agent))
    if draw < CLICKING and links:
        found.append(_click(recipient, read + chance.uniform(1.5, 5.0), chance.choice(links), agent))
    return found


def _delivery(recipient: str, after: float) -> Happening:
    detail = {
        "processingTimeMillis": int(after * 1000),
        "recipients": [recipient],
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "192.0.2.25",
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    }
    return Happening("Delivery", after, recipient, detail, "delivered")


def _bounce(
    recipient: str,
    after: float,
    kind: str,
    sub_type: str,
    status: str = "5.1.1",
    diagnostic: str = "",
    fate: str = "bounced",
) -> Happening:
    if not diagnostic:
        whose = "your account" if sub_type == "OnAccountSuppressionList" else "Amazon SES"
        diagnostic = (
            "Amazon SES did not send the message to this address because it is on the suppression list for "
            f"{whose}. For more information about removing addresses from the suppression list, see the Amazon SES "
            "Developer Guide at https://docs.aws.amazon.com/ses/latest/DeveloperGuide/sending-email-suppression-list.html"
        )
    bounced: dict[str, str] = {"emailAddress": recipient}
    if status:
        bounced |= {"action": "failed", "status": status}
    detail = {
        "bounceType": kind,
        "bounceSubType": sub_type,
        "bouncedRecipients": [bounced | {"diagnosticCode": diagnostic}],
        "reportingMTA": "dns; amazonses.com",
    }
    return Happening("Bounce", after, recipient, detail, fate)


def _delay(recipient: str, after: float) -> Happening:
    detail = {
        "delayType": "TransientCommunicationFailure",
        "delayedRecipients": [
            {
                "emailAddress": recipient,
                "status": "4.4.1",
                "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
            }
        ],
    }
    return Happening("DeliveryDelay", after, recipient, detail)


def _open(recipient: str, after: float, agent: str) -> Happening:
    return Happening("Open", after, recipient, {"ipAddress": "192.0.2.44", "userAgent": agent})


def _click(recipient: str, after: float, link: str, agent: str) -> Happening:
    detail = {"ipAddress": "192.0.2.44", "link": link, "linkTags": None, "userAgent": agent}
    return Happening("Click", after, recipient, detail)
