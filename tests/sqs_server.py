"""Amazon SQS on loopback, as far as kombu speaks it: the JSON protocol, queues with a visibility time-out."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Waiting:
    """One message of a queue; invisible until a moment while somebody works on it."""

    body: str
    visible_at: float = 0.0
    receipt: str = ""
    received: int = 0


@dataclass
class Sqs:
    """A server with its queues; `address` is what a broker URL names."""

    queues: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    operations: list[str] = field(default_factory=list)
    lock: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        sqs = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                operation = self.headers["X-Amz-Target"].split(".")[-1]
                sqs.operations.append(operation)
                body = json.dumps(getattr(sqs, f"do_{operation}")(asked)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(BrokenPipeError):  # a worker that stops ends its long poll
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def url(self, name: str) -> str:
        return f"http://{self.address}/000000000000/{name}"

    def lose(self, name: str) -> int:
        """Forget every message of a queue, also those that somebody works on. Returns how many that were."""
        with self.lock:
            lost = len(self.queues[name])
            self.queues[name].clear()
        return lost

    def of(self, asked: dict[str, Any]) -> list[Waiting]:
        return self.queues[asked["QueueUrl"].rsplit("/", 1)[-1]]

    def do_ListQueues(self, asked: dict[str, Any]) -> dict[str, Any]:
        prefix = asked.get("QueueNamePrefix", "")
        return {"QueueUrls": [self.url(name) for name in self.attributes if name.startswith(prefix)]}

    def do_CreateQueue(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.attributes[asked["QueueName"]] = asked.get("Attributes", {})
        return {"QueueUrl": self.url(asked["QueueName"])}

    def do_GetQueueUrl(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"QueueUrl": self.url(asked["QueueName"])}

    def do_GetQueueAttributes(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.of(asked)))}}

    def do_PurgeQueue(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.of(asked).clear()
        return {}

    def do_SendMessage(self, asked: dict[str, Any]) -> dict[str, Any]:
        body = asked["MessageBody"]
        with self.lock:
            self.of(asked).append(Waiting(body))
            self.lock.notify_all()
        return {"MessageId": str(uuid.uuid4()), "MD5OfMessageBody": hashlib.md5(body.encode()).hexdigest()}  # noqa: S324

    def do_ReceiveMessage(self, asked: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + float(asked.get("WaitTimeSeconds", 0))
        while True:
            with self.lock:
                now = time.monotonic()
                found = [one for one in self.of(asked) if one.visible_at <= now]
                if found or now >= end:
                    found = found[: int(asked.get("MaxNumberOfMessages", 1))]
                    name = asked["QueueUrl"].rsplit("/", 1)[-1]
                    hidden = float(self.attributes.get(name, {}).get("VisibilityTimeout", 30))
                    return {"Messages": [self._handed_out(one, now + hidden) for one in found]}
                self.lock.wait(min(end - now, 0.2))

    def _handed_out(self, one: Waiting, visible_at: float) -> dict[str, Any]:
        one.visible_at, one.receipt, one.received = visible_at, str(uuid.uuid4()), one.received + 1
        return {
            "MessageId": one.receipt,
            "ReceiptHandle": one.receipt,
            "Body": one.body,
            "MD5OfBody": hashlib.md5(one.body.encode()).hexdigest(),  # noqa: S324
            "Attributes": {"ApproximateReceiveCount": str(one.received)},
        }

    def do_DeleteMessage(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            kept = [one for one in self.of(asked) if one.receipt != asked["ReceiptHandle"]]
            self.of(asked)[:] = kept
        return {}

    def do_ChangeMessageVisibility(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            for one in self.of(asked):
                if one.receipt == asked["ReceiptHandle"]:
                    one.visible_at = time.monotonic() + float(asked["VisibilityTimeout"])
        return {}
