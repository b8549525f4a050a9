"""A WSGI application served by waitress in a thread of this process, started and stopped cleanly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.server import create_server


class HttpServer:
    """One listening port. `start` returns when it listens; `stop` closes every connection and waits."""

    def __init__(
        self,
        application: Callable[..., Any],
        *,
        host: str,
        port: int,
        threads: int,
        name: str,
        largest_body: int = 64 * 1024 * 1024,
    ) -> None:
        self._application = application
        self._host = host
        self._port = port
        self._threads = threads
        self._name = name
        self._largest_body = largest_body
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def port(self) -> int:
        """The port it listens on; the one that was free when 0 was asked for."""
        if self._server is None:
            raise RuntimeError(f"{self._name} has not been started")
        return int(self._server.effective_port)

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = create_server(
            self._application,
            host=self._host,
            port=self._port,
            threads=self._threads,
            ident=None,
            max_request_body_size=self._largest_body,
            clear_untrusted_proxy_headers=True,
        )
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, args=(self._server,), name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer nothing more and wait for the thread."""
        if self._server is None:
            return
        server, self._server = self._server, None
        self._stopping = True
        server.pull_trigger()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _serve(self, server: Any) -> None:
        """Waitress's loop, one turn at a time, so that the thread that uses its sockets also closes them."""
        sockets = server._map
        while not self._stopping:
            wasyncore.loop(timeout=1, map=sockets, count=1)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        wasyncore.close_all(sockets)
