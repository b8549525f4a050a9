"""A small HTTP server that plays the product's webhook towards the simulated SNS."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """Collects what SNS posts; answers with the next of `statuses`, then with 200."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.statuses: list[int] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.received.append((dict(self.headers), json.loads(body)))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hooks/sns/"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def envelopes(self, kind: str = "Notification") -> list[dict[str, Any]]:
        """What came of one type."""
        return [envelope for _, envelope in self.received if envelope["Type"] == kind]

    def events(self) -> list[dict[str, Any]]:
        """The SES events among the notifications."""
        return [json.loads(envelope["Message"]) for envelope in self.envelopes() if envelope["Message"][:1] == "{"]

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def wait_until(condition: Any, seconds: float = 8.0) -> None:
    """Wait for something that another thread does; fails when it does not happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
