"""Jira's webhooks: signed, sent in the background, tried again as Jira does but in seconds."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

#: Atlassian: "retried only for 408, 409, 425, 429 and 5xx, and when no connection was made, at most 5 times".
RETRIED = {408, 409, 425, 429}
TRIES = 6


@dataclass(frozen=True)
class WebhookTarget:
    """Where a webhook goes and the secret it is signed with (empty: unsigned). `pause` is seconds between tries."""

    url: str
    secret: str = ""
    pause: float = 0.5


@dataclass
class Delivery:
    """One webhook as sent: its identifier stays the same over all tries; `statuses` are the answers (0 = none)."""

    identifier: str
    event: str
    body: bytes
    statuses: list[int]


class WebhookSender:
    """Sends events to one target, each from a thread of its own as Jira sends them: in no promised order."""

    def __init__(self, target: WebhookTarget | None = None) -> None:
        self.target = target
        self.deliveries: list[Delivery] = []

    def send(self, payload: dict[str, Any]) -> Delivery | None:
        """Post the payload in the background; None when no target is set."""
        if self.target is None or not self.target.url:
            return None
        body = json.dumps(payload, ensure_ascii=False).encode()
        delivery = Delivery(str(uuid.uuid4()), str(payload.get("webhookEvent", "")), body, [])
        self.deliveries.append(delivery)
        threading.Thread(target=self._deliver, args=(self.target, delivery), name="jira-webhook", daemon=True).start()
        return delivery

    def _deliver(self, target: WebhookTarget, delivery: Delivery) -> None:
        for attempt in range(TRIES):
            status = post(target, delivery, retry=attempt)
            delivery.statuses.append(status)
            if status and status not in RETRIED and status < 500:
                return
            time.sleep(target.pause * (attempt + 1))


def signature(secret: str, body: bytes) -> str:
    """The X-Hub-Signature of a body: an HMAC over the raw bytes, method and hex digest joined by `=`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(target: WebhookTarget, delivery: Delivery, *, retry: int = 0) -> int:
    """One try. Returns the HTTP status, 0 when nobody answered."""
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": delivery.identifier,
        "X-Atlassian-Webhook-Flow": "Primary",
        "X-Atlassian-Webhook-Retry": str(retry),
    }
    if target.secret:
        headers["X-Hub-Signature"] = signature(target.secret, delivery.body)
    request = urllib.request.Request(target.url, data=delivery.body, headers=headers, method="POST")  # noqa: S310
    # The address is the operator's own. No proxy: it is on loopback, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
