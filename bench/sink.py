"""A fast stand-in for Amazon SES v2 on loopback, for benchmarks: it counts, and it renders and keeps nothing.

    python bench/sink.py                  what the sink alone can take, by clients that only copy bytes
    python bench/sink.py --serve          run it until Ctrl-C and print its address

It answers SendBulkEmail (every entry SUCCESS with an id of its own), SendEmail and GetAccount, and `GET /stats` and
`POST /reset` for the benches. Signatures are not checked and there is no TLS. relmail/simulator is the one that
behaves like SES; this one is only quick.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

BULK, SINGLE, ACCOUNT = "/v2/email/outbound-bulk-emails", "/v2/email/outbound-emails", "/v2/email/account"
SLICE = 0.1  # seconds; accepted recipients and calls are kept per slice, to see a rate while there was work


class Sink:
    """What all connections share: the rules, and what was counted."""

    def __init__(self, rules: argparse.Namespace) -> None:
        self.rules = rules
        self.random = random.Random(1)
        self.next_id = 0
        self.reset()

    def reset(self) -> None:
        """Forget all counts and start with a full allowance."""
        self.calls = self.throttled = self.failed = self.lost = self.accepted = 0
        self.first = self.last = 0.0
        self.tokens, self.refilled = self.rules.quota * self.rules.burst, time.monotonic()
        self.slices: Counter[int] = Counter()
        self.throttled_slices: Counter[int] = Counter()
        self.call_slices: Counter[int] = Counter()
        self.copies: Counter[tuple[str, str]] = Counter()
        self.in_flight = self.most_in_flight = 0

    def stats(self) -> dict[str, Any]:
        """Counts as JSON: times in seconds of time.time(), slices as {slice number: count}."""
        copies = Counter(self.copies.values())
        return {
            "calls": self.calls, "throttled": self.throttled, "failed": self.failed, "lost": self.lost,
            "accepted": self.accepted, "first": self.first, "last": self.last, "slice_seconds": SLICE,
            "slices": self.slices, "call_slices": self.call_slices, "throttled_slices": self.throttled_slices,
            "most_in_flight": self.most_in_flight,
            "recipients": len(self.copies), "duplicates": sum(n for times, n in copies.items() if times > 1),
        }  # fmt: skip

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes] | None:
        """Status, error type and body of one request; None when the answer is to be lost after accepting."""
        if path == "/stats":
            return 200, "", json.dumps(self.stats()).encode()
        if path == "/reset":
            self.reset()
            return 200, "", b"{}"
        if path == ACCOUNT:
            quota = {"MaxSendRate": self.rules.quota or 1e7, "Max24HourSend": -1.0, "SentLast24Hours": 0.0}
            return 200, "", json.dumps({"SendQuota": quota, "SendingEnabled": True}).encode()
        if method != "POST" or path not in (BULK, SINGLE):
            return 404, "NotFoundException", b'{"message": "This sink does not know that call."}'
        return self._send(body, bulk=path == BULK)

    def _send(self, body: bytes, *, bulk: bool) -> tuple[int, str, bytes] | None:
        recipients = max(body.count(b'"ToAddresses"'), 1)
        moment, now = int(time.time() / SLICE), time.monotonic()
        self.calls += 1
        self.call_slices[moment] += 1
        if self.rules.quota:
            full = self.rules.quota * self.rules.burst
            self.tokens = min(full, self.tokens + (now - self.refilled) * self.rules.quota)
            self.refilled = now
            if self.tokens < recipients:
                self.throttled += 1
                self.throttled_slices[moment] += 1
                return 429, "TooManyRequestsException", b'{"message": "Maximum sending rate exceeded."}'
            self.tokens -= recipients
        if self.rules.errors and self.random.random() < self.rules.errors:
            self.failed += 1
            return 500, "InternalServiceErrorException", b'{"message": "Internal failure."}'
        self.accepted += recipients
        self.slices[moment] += recipients
        self.last = time.time()
        self.first = self.first or self.last
        if self.rules.count:
            self._count(json.loads(body), bulk=bulk)
        if self.rules.lost and self.random.random() < self.rules.lost:
            self.lost += 1
            return None
        self.next_id += 1
        start = f"{self.next_id:016x}"
        if not bulk:
            return 200, "", f'{{"MessageId":"{start}-00"}}'.encode()
        entries = ",".join([f'{{"Status":"SUCCESS","MessageId":"{start}-{n:02d}"}}' for n in range(recipients)])
        return 200, "", f'{{"BulkEmailEntryResults":[{entries}]}}'.encode()

    def _count(self, request: dict[str, Any], *, bulk: bool) -> None:
        entries = request["BulkEmailEntries"] if bulk else [request | {"ReplacementTags": request.get("EmailTags", [])}]
        for entry in entries:
            tags = {tag["Name"]: tag["Value"] for tag in entry.get("ReplacementTags", [])}
            self.copies[tags.get("email", ""), entry["Destination"]["ToAddresses"][0]] += 1


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection; requests have a Content-Length, as those of every AWS SDK."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = bytearray()
        self.needed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect a request and answer it when it is whole."""
        self.buffer += data
        while len(self.buffer) >= self.needed:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            first, _, fields = bytes(self.buffer[:end]).partition(b"\r\n")
            lower = fields.lower()
            at = lower.find(b"content-length:")
            length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.needed = end + 4 + length
            if len(self.buffer) < self.needed:
                return
            method, path, _ = first.decode("ascii").split(" ")
            body = bytes(self.buffer[end + 4 : self.needed])
            del self.buffer[: self.needed]
            self.needed = 0
            self._answer(method, path, body)

    def _answer(self, method: str, path: str, body: bytes) -> None:
        sink = self.sink
        answer = sink.answer(method, path, body)
        if method != "POST" or not sink.rules.latency_ms:
            self._write(answer)
            return
        sink.in_flight += 1
        sink.most_in_flight = max(sink.most_in_flight, sink.in_flight)
        asyncio.get_running_loop().call_later(sink.rules.latency_ms / 1000, self._late, answer)

    def _late(self, answer: tuple[int, str, bytes] | None) -> None:
        self.sink.in_flight -= 1
        self._write(answer)

    def _write(self, answer: tuple[int, str, bytes] | None) -> None:
        if answer is None:
            self.transport.abort()
            return
        status, error, body = answer
        kind = f"x-amzn-ErrorType: {error}\r\n" if error else ""
        head = (
            f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nx-amzn-RequestId: {self.sink.next_id}\r\n{kind}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)


async def serve(rules: argparse.Namespace) -> None:
    """Answer until the process ends; the address is the first line on stdout."""
    sink = Sink(rules)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(sink), "127.0.0.1", rules.port, backlog=512
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    # Whoever started the sink holds the other end of stdin: when they are gone, so is the sink.
    if not sys.stdin.isatty() and not rules.stay:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        return
    await server.serve_forever()


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help="serve instead of measuring")
    parser.add_argument("--stay", action="store_true", help="do not end when stdin is closed")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0, help="before each answer")
    parser.add_argument("--quota", type=float, default=0, help="recipients a second; calls above it get 429")
    parser.add_argument("--burst", type=float, default=1, help="seconds of quota that may be used at once")
    parser.add_argument("--errors", type=float, default=0, help="share of calls answered 500 and not accepted")
    parser.add_argument("--lost", type=float, default=0, help="share of calls accepted and then not answered")
    parser.add_argument("--count", action="store_true", help="count copies per (tag email, address); slower")
    parser.add_argument("--seconds", type=float, default=3, help="how long to measure, without --serve")
    return parser


def main() -> None:
    """Serve, or measure what the sink alone can take."""
    chosen = options().parse_args()
    if chosen.serve:
        try:
            asyncio.run(serve(chosen))
        except KeyboardInterrupt:
            return
        return
    from bench.sink_client import running, what_it_can_do

    with running(latency_ms=chosen.latency_ms) as sink:
        calls, messages = what_it_can_do(sink, seconds=chosen.seconds)
    print(f"SendBulkEmail of 50 entries, 4 connections of bytes made beforehand: {calls:,.0f} calls/s")
    print(f"calls_per_second={calls:.0f} messages_per_second={messages:.0f}")


if __name__ == "__main__":
    main()
