"""Hang up on a client in the middle of a request, as a network that fails after the server accepted does."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from werkzeug.wrappers import Response


def hang_up(environ: dict[str, Any]) -> Response:
    """Close the connection of this request without an answer and return a response that nobody will see.

    Werkzeug's own server hands out its socket in the environment. Waitress does not, but the callable
    that it gives for "is the client still there" is a method of the channel that holds it. Under any
    other server the client gets the 502 that is returned here.
    """
    connection = environ.get("werkzeug.socket")
    if connection is None:
        still_there = environ.get("waitress.client_disconnected")
        connection = getattr(getattr(still_there, "__self__", None), "socket", None)
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response("the connection was to be lost", status=502)
