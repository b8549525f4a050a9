"""An end to a conversation over the network, however slowly it goes on.

The time-outs of libraries count from one byte to the next, so that a server, or a proxy before it, that sends one byte
a second holds a worker for ever. Here a clock runs beside the conversation and hangs up when its time is over.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Deadline:
    """The time that one question may take in all. After it every connection that was handed to `watch` is cut.

    Use it as a context; an error that comes out of it while `passed` is true is a time-out, whatever it says.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._connections.clear()

    def watch(self, connection: socket.socket) -> None:
        """Hang up on this connection when the time is over, or now if it is."""
        with self._lock:
            self._connections.append(connection)
            if self.passed:
                _hang_up(connection)

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._connections:
                _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    # The plain method: that of a TLS socket first forgets its keys, under the hands of whoever reads from it.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
