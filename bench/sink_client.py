"""Start the sink in its own process, ask it what it counted, and find out what it can do."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.mail import bulk_request

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class RunningSink:
    """A sink that runs: its address and process id."""

    url: str
    pid: int

    def stats(self) -> dict[str, Any]:
        """What it counted since the last reset."""
        return dict(json.loads(self._ask("GET", "/stats")))

    def reset(self) -> None:
        """Start counting at zero."""
        self._ask("POST", "/reset")

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        connection.request(method, path, body=b"")
        answer = connection.getresponse().read()
        connection.close()
        return answer


@contextlib.contextmanager
def running(**rules: float | bool) -> Iterator[RunningSink]:
    """A sink with these rules (options of bench/sink.py with underscores) for as long as the block lasts."""
    arguments = [
        f"--{name.replace('_', '-')}" if value is True else f"--{name.replace('_', '-')}={value}"
        for name, value in rules.items()
        if value is not False
    ]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "sink.py"), "--serve", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout and process.stdin
    try:
        yield RunningSink(url=process.stdout.readline().strip(), pid=process.pid)
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def what_it_can_do(sink: RunningSink, *, seconds: float = 2.0, connections: int = 4) -> tuple[float, float]:
    """(calls, messages) a second that the sink answers to clients that only send bytes made beforehand."""
    body = json.dumps(bulk_request(50)).encode()
    head = f"POST /v2/email/outbound-bulk-emails HTTP/1.1\r\nHost: sink\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body
    address = urlsplit(sink.url)
    end = time.monotonic() + seconds
    done = [0] * connections

    def ask(number: int) -> None:
        with socket.create_connection((str(address.hostname), int(address.port or 0))) as connection:
            answer = connection.makefile("rb")
            while time.monotonic() < end:
                connection.sendall(request)
                length = 0
                while (line := answer.readline()) != b"\r\n":
                    if line.startswith(b"Content-Length:"):
                        length = int(line[15:])
                answer.read(length)
                done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(done) / (time.monotonic() - started)
    sink.reset()
    return rate, rate * 50
