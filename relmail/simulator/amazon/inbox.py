"""What SES accepted, and how it fared. The judge of a send: it counts by itself, from tags and recipients."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from relmail.simulator.amazon.rendering import Rendered


@dataclass
class Mail:
    """One message that SES accepted. `fate` is what became of it; `events` are those that were published."""

    message_id: str
    time: datetime
    sender: str
    recipients: list[str]
    reply_to: list[str]
    headers: dict[str, str]
    tags: dict[str, str]
    configuration_set: str
    rendered: Rendered
    tenant: str = ""
    fate: str = "accepted"
    events: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self, *, bodies: bool = True) -> dict[str, Any]:
        """The message for `/inbox.json`."""
        shown: dict[str, Any] = {
            "message_id": self.message_id,
            "time": self.time.isoformat(),
            "from": self.sender,
            "recipients": self.recipients,
            "recipient": self.recipients[0],
            "reply_to": self.reply_to,
            "headers": self.headers,
            "tags": self.tags,
            "configuration_set": self.configuration_set,
            "tenant": self.tenant,
            "subject": self.rendered.subject,
            "fate": self.fate,
            "events": self.events,
        }
        if bodies:
            shown |= {"html": self.rendered.html, "text": self.rendered.text}
        return shown


class Inbox:
    """Every accepted message in order, with figures. Safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._mails: list[Mail] = []
        self._by_id: dict[str, Mail] = {}
        self._copies: Counter[tuple[str, str]] = Counter()
        self._events: Counter[str] = Counter()

    def add(self, mail: Mail) -> None:
        """Keep an accepted message and count its copies."""
        with self._lock:
            self._mails.append(mail)
            self._by_id[mail.message_id] = mail
            email = mail.tags.get("email", "")
            for recipient in mail.recipients:
                if email:
                    self._copies[email, recipient.lower()] += 1

    def note(self, mail: Mail, event_type: str, recipient: str, time: datetime) -> None:
        """Remember that an event was published, and what it makes of the message."""
        with self._lock:
            mail.events.append({"type": event_type, "recipient": recipient, "time": time.isoformat()})
            self._events[event_type] += 1

    def settle(self, mail: Mail, fate: str) -> None:
        """Record what became of a message: delivered, bounced, suppressed, rejected or dropped."""
        with self._lock:
            mail.fate = fate

    def get(self, message_id: str) -> Mail | None:
        """One message, None when unknown."""
        with self._lock:
            return self._by_id.get(message_id)

    def newest(self, *, email: str = "", search: str = "") -> list[Mail]:
        """Messages, newest first, of one e-mail or whose recipient or subject contains a text."""
        with self._lock:
            mails = list(reversed(self._mails))
        wanted = search.lower()
        return [
            mail
            for mail in mails
            if (not email or mail.tags.get("email") == email)
            and (not wanted or wanted in " ".join([*mail.recipients, mail.rendered.subject]).lower())
        ]

    def clear(self) -> None:
        """Forget every message and figure."""
        with self._lock:
            self._mails.clear()
            self._by_id.clear()
            self._copies.clear()
            self._events.clear()

    def figures(self) -> dict[str, Any]:
        """Counts by recipient: accepted, delivered and so on, in all and by e-mail tag, and duplicates.

        `inbox` is the number accepted for delivery. `duplicates` counts the copies of one e-mail (by its
        tag) to one recipient beyond the first; mail without that tag is no campaign and is not judged.
        """
        with self._lock:
            by_email: dict[str, Counter[str]] = {}
            total: Counter[str] = Counter()
            for mail in self._mails:
                part = by_email.setdefault(mail.tags.get("email", ""), Counter())
                for counter in (part, total):
                    counter["accepted"] += len(mail.recipients)
                    if mail.fate != "accepted":
                        counter[mail.fate] += len(mail.recipients)
            for (email, _), copies in self._copies.items():
                by_email.setdefault(email, Counter())["duplicates"] += copies - 1
            events = dict(self._events)
        duplicates = sum(part["duplicates"] for part in by_email.values())
        return {
            "inbox": total["accepted"],
            "accepted": total["accepted"],
            "delivered": total["delivered"],
            "duplicates": duplicates,
            "fates": _plain(total, without=("accepted",)),
            "events": events,
            "by_email": {email: _figures_of(part) for email, part in sorted(by_email.items())},
        }

    def __iter__(self) -> Iterator[Mail]:
        with self._lock:
            return iter(list(self._mails))

    def __len__(self) -> int:
        return len(self._mails)


def _figures_of(part: Counter[str]) -> dict[str, int]:
    return {"accepted": part["accepted"], "delivered": part["delivered"], "duplicates": part["duplicates"]} | _plain(
        part, without=("accepted", "delivered", "duplicates")
    )


def _plain(counter: Counter[str], without: tuple[str, ...]) -> dict[str, int]:
    return {name: number for name, number in sorted(counter.items()) if name not in without}
