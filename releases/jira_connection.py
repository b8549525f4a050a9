"""The way over which `requests` talks to Jira: its own, but for showing each connection to whoever limits its time."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter


class WatchedAdapter(HTTPAdapter):
    """Calls `watch` with the connection of each request before its answer is read."""

    def __init__(self, watch: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._watch = watch
        self._kinds: dict[Any, Any] = {}

    def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
        """The pool of the library, also of a proxy, whose connections are watched."""
        pool: Any = super().get_connection_with_tls_context(*args, **named)
        kind = pool.ConnectionCls
        if kind not in self._kinds.values():
            pool.ConnectionCls = self._kinds.setdefault(kind, _watched(kind, self._watch))
        return pool


def _watched(kind: Any, watch: Callable[[socket.socket], None]) -> Any:
    class Watched(kind):
        def request(self, *args: Any, **named: Any) -> None:
            super().request(*args, **named)
            if isinstance(self.sock, socket.socket):
                watch(self.sock)

    return Watched
