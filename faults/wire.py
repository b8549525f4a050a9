"""A wire between worker and SES that can be cut: a small TCP proxy on loopback."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from urllib.parse import urlsplit

# Linger on, for zero seconds: closing sends a reset instead of a goodbye (socket(7), SO_LINGER).
RESET = struct.pack("ii", 1, 0)


class Wire:
    """Listens on a port and hands on to an address. What happens to the next requests is set by `cut`.

    Kinds: "reset before" drops the connection before the request is handed on; "reset after" once SES has answered;
    "half an answer" hands half of the answer's bytes on and closes.
    """

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._cuts: list[str] = []
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, name="wire", daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}{self._target.path}"
        self.done = 0

    def cut(self, kind: str, times: int) -> None:
        """Let the next requests meet this."""
        with self._lock:
            self._cuts += [kind] * times

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), self._far() as far:
            while request := _message(near):
                with self._lock:
                    kind = self._cuts.pop(0) if self._cuts else ""
                    self.done += bool(kind)
                if kind == "reset before":
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return
                far.sendall(request)
                answer = _message(far)
                if kind == "reset after":
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return
                if kind == "half an answer":
                    near.sendall(answer[: len(answer) // 2])
                    return
                near.sendall(answer)

    def _far(self) -> socket.socket:
        return socket.create_connection((self._target.hostname or "", self._target.port or 80), timeout=30)


def _message(side: socket.socket) -> bytes:
    """One HTTP message with a Content-Length; empty when the other side has closed."""
    found = b""
    while b"\r\n\r\n" not in found:
        more = side.recv(65536)
        if not more:
            return b""
        found += more
    head, _, _ = found.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    if b"100-continue" in head.lower():
        side.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(found) < len(head) + 4 + length:
        more = side.recv(65536)
        if not more:
            break
        found += more
    return found
