"""SNS: topics, subscriptions with their handshake, signed notifications over HTTP and their retries.

AWS, "Amazon SNS message delivery retries": connection failures and 5xx are tried again for up to an
hour, 429 too; any other 4xx is final. Nothing is delivered before the subscription is confirmed.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import logging
import secrets
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from relmail.simulator.amazon.account import ACCOUNT_ID
from relmail.simulator.amazon.errors import AmazonError
from relmail.simulator.amazon.events import stamp
from relmail.simulator.amazon.signing import signer

log = logging.getLogger(__name__)

WORKERS = 6
GIVE_UP_AFTER = 3600.0
# SNS waits 20 seconds and longer; nobody wants to wait so long in front of a screen.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
ANSWER_WITHIN = 15.0


@dataclass
class Subscription:
    """One endpoint of a topic; nothing but its confirmation is sent until `arn` is there."""

    topic: str
    endpoint: str
    token: str = field(default_factory=lambda: secrets.token_hex(64))
    arn: str = ""


@dataclass
class Parcel:
    """One HTTP delivery that is due."""

    subscription: Subscription
    kind: str
    message_id: str
    body: bytes
    made: float
    tries: int = 0


class SNS:
    """Topics and deliveries of one Region. `start` with the address under which this mount is reached."""

    def __init__(self, region: str, signature_version: str = "2") -> None:
        self.region = region
        self.signature_version = signature_version
        self.url = ""
        self.counts: Counter[str] = Counter()
        self.topics: dict[str, list[Subscription]] = {}
        self._queue: list[tuple[float, int, Any]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._busy = 0

    def start(self, url: str) -> None:
        """Begin to deliver."""
        self.url = url
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"sns-{number}", daemon=True) for number in range(WORKERS)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop delivering; what is queued is forgotten."""
        with self._wake:
            self._stopping = True
            self._queue.clear()
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout=2)
        self._threads = []

    def create_topic(self, name: str, arn: str = "") -> str:
        """Make a topic, or find it; returns its ARN, which is that of this account unless one is given."""
        arn = arn or f"arn:aws:sns:{self.region}:{ACCOUNT_ID}:{name}"
        self.topics.setdefault(arn, [])
        return arn

    def subscribe(self, topic: str, endpoint: str) -> Subscription:
        """Ask an endpoint to confirm; raises AmazonError (404) for an unknown topic."""
        for subscription in self._topic(topic):
            if subscription.endpoint == endpoint:
                break
        else:
            subscription = Subscription(topic, endpoint)
            self.topics[topic].append(subscription)
        if not subscription.arn:
            self._send(subscription, self._confirmation(subscription))
        return subscription

    def confirm(self, topic: str, token: str) -> str:
        """ConfirmSubscription; returns the ARN. Raises AmazonError for a wrong token."""
        for subscription in self._topic(topic):
            if secrets.compare_digest(subscription.token, token):
                subscription.arn = subscription.arn or f"{topic}:{uuid.uuid4()}"
                return subscription.arn
        raise AmazonError("InvalidParameter", "Invalid parameter: Token", 400)

    def unsubscribe(self, arn: str) -> None:
        """Forget a subscription."""
        for subscriptions in self.topics.values():
            subscriptions[:] = [one for one in subscriptions if one.arn != arn]

    def publish(self, topic: str, message: str, subject: str | None = None) -> str:
        """Deliver a text to every confirmed endpoint of a topic; returns the message id."""
        envelope: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": str(uuid.uuid4()),
            "TopicArn": topic,
            **({"Subject": subject} if subject else {}),
            "Message": message,
            "Timestamp": stamp(datetime.now(UTC)),
        }
        confirmed = [one for one in self._topic(topic) if one.arn]
        if not confirmed:
            self._count("nobody subscribed")
            return str(envelope["MessageId"])
        self.seal(envelope)
        for subscription in confirmed:
            unsubscribe = f"{self.url}/?Action=Unsubscribe&SubscriptionArn={quote(subscription.arn)}"
            self._send(subscription, envelope | {"UnsubscribeURL": unsubscribe})
        return str(envelope["MessageId"])

    def seal(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """Sign an envelope in place."""
        envelope["SignatureVersion"] = self.signature_version
        envelope["Signature"] = signer().sign(envelope, self.signature_version)
        envelope["SigningCertURL"] = f"{self.url}/{signer().file_name}"
        return envelope

    def at(self, when: float, job: Any) -> None:
        """Run a callable in one of the delivery threads at a time (seconds since the epoch)."""
        with self._wake:
            if not self._stopping:
                heapq.heappush(self._queue, (when, next(self._order), job))
                self._wake.notify()

    def pending(self) -> int:
        """Jobs and deliveries that have not been done yet, confirmations that nobody answers left out."""
        with self._wake:
            waiting = sum(not _is_confirmation(job) for _, _, job in self._queue)
            return waiting + self._busy

    def clear(self) -> None:
        """Forget everything that is due, but not who is subscribed."""
        with self._wake:
            self._queue = [entry for entry in self._queue if _is_confirmation(entry[2])]
            heapq.heapify(self._queue)
            self.counts.clear()

    def as_list(self) -> list[dict[str, Any]]:
        """Topics and who listens, for the control page."""
        return [
            {"topic": topic, "endpoint": one.endpoint, "confirmed": bool(one.arn)}
            for topic, subscriptions in self.topics.items()
            for one in subscriptions
        ]

    def _count(self, what: str) -> None:
        with self._wake:
            self.counts[what] += 1

    def _topic(self, topic: str) -> list[Subscription]:
        if topic not in self.topics:
            raise AmazonError("NotFound", "Topic does not exist", 404)
        return self.topics[topic]

    def _confirmation(self, subscription: Subscription) -> dict[str, Any]:
        link = f"{self.url}/?Action=ConfirmSubscription&TopicArn={subscription.topic}&Token={subscription.token}"
        return self.seal(
            {
                "Type": "SubscriptionConfirmation",
                "MessageId": str(uuid.uuid4()),
                "Token": subscription.token,
                "TopicArn": subscription.topic,
                "Message": f"You have chosen to subscribe to the topic {subscription.topic}.\n"
                "To confirm the subscription, visit the SubscribeURL included in this message.",
                "SubscribeURL": link,
                "Timestamp": stamp(datetime.now(UTC)),
            }
        )

    def _send(self, subscription: Subscription, envelope: dict[str, Any]) -> None:
        body = json.dumps(envelope, ensure_ascii=False).encode()
        now = time.time()
        self.at(now, Parcel(subscription, envelope["Type"], envelope["MessageId"], body, now))

    def _work(self) -> None:
        connections: dict[str, http.client.HTTPConnection] = {}
        while True:
            with self._wake:
                while not self._stopping and (not self._queue or self._queue[0][0] > time.time()):
                    _hang_up(connections)  # a connection is kept while there is more to say, not longer
                    self._wake.wait(self._queue[0][0] - time.time() if self._queue else None)
                if self._stopping:
                    break
                _, _, job = heapq.heappop(self._queue)
                self._busy += 1
            try:
                if isinstance(job, Parcel):
                    self._deliver(job, connections)
                else:
                    job()
            except Exception:
                log.exception("the simulator could not do a job that was due")
            finally:
                with self._wake:
                    self._busy -= 1
        _hang_up(connections)

    def _deliver(self, parcel: Parcel, connections: dict[str, http.client.HTTPConnection]) -> None:
        if _is_confirmation(parcel) and parcel.subscription.arn:
            return
        parcel.tries += 1
        status = _post(parcel, connections)
        if 200 <= status < 300:
            self._count("delivered")
            if not _is_confirmation(parcel) or parcel.subscription.arn:
                return
        elif 400 <= status < 500 and status != 429 and not _is_confirmation(parcel):
            self._count(f"refused with {status}")
            return
        else:
            self._count("tried again")
        now = time.time()
        if now - parcel.made > GIVE_UP_AFTER:
            self._count("given up")
            return
        self.at(now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (parcel.tries - 1)), parcel)


def _is_confirmation(job: Any) -> bool:
    return isinstance(job, Parcel) and job.kind == "SubscriptionConfirmation"


def _hang_up(connections: dict[str, http.client.HTTPConnection]) -> None:
    for connection in connections.values():
        connection.close()
    connections.clear()


def _post(parcel: Parcel, connections: dict[str, http.client.HTTPConnection]) -> int:
    """POST as SNS does; the status, or 0 when there was no answer."""
    target = urlsplit(parcel.subscription.endpoint)
    headers = {
        "x-amz-sns-message-type": parcel.kind,
        "x-amz-sns-message-id": parcel.message_id,
        "x-amz-sns-topic-arn": parcel.subscription.topic,
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
    }
    if parcel.subscription.arn:
        headers["x-amz-sns-subscription-arn"] = parcel.subscription.arn
    key = target.netloc
    connection = connections.pop(key, None)
    fresh = connection is None
    for _ in range(1 if fresh else 2):
        if connection is None:
            connection = http.client.HTTPConnection(target.hostname or "", target.port or 80, timeout=ANSWER_WITHIN)
        try:
            connection.request("POST", target.path or "/", parcel.body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            # A kept connection may have been closed meanwhile; a new one decides.
            connection.close()
            connection = None
            continue
        if not answer.will_close:
            connections[key] = connection
        return answer.status
    return 0
