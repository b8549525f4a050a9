"""A server that begins to answer and never ends: a byte now and then breaks no time-out between two bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#: What stands before the drops, by where they fall.
BEGINNINGS = {
    "head": HEAD + b"X-Long: ",
    "body": HEAD + b"Content-Length: 100000\r\n\r\n",
    "endless body": HEAD + b"Connection: close\r\n\r\n",
}


@contextlib.contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """Serve on a free port of loopback; gives its address."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(beginning)
            while not over.wait(0.05):
                connection.sendall(b" ")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()
