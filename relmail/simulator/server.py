"""The simulator as one HTTP server on loopback: Jira, OpenAI, Amazon, an inbox to look at and a control page."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from relmail.simulator.amazon import AmazonSimulator
from relmail.simulator.control import Control
from relmail.simulator.faults import Faults

if TYPE_CHECKING:
    from relmail.simulator.jira import JiraData, JiraSimulator
    from relmail.simulator.openai import OpenAISimulator

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]

# Requests that wait on purpose (slow, late answers) each hold a thread.
THREADS = 24


class Simulator:
    """All simulated systems behind one port. State is in memory and ends with the process.

    `port` 0 takes a free one. `jira_data` names files or folders of recorded Jira projects; empty means
    the simulator's own product. `sns_webhook_url` and `jira_webhook_url` are where the product listens.
    Credentials are what clients must present; events of sent mail follow at `event_pace` times their
    natural delay (1 = seconds as a quick reader takes them, 0 = at once).
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        jira_data: JiraData | Sequence[str | Path] = (),
        jira_user: str = "relmail@demo.example",
        jira_token: str = "simulated-jira-token",  # noqa: S107
        jira_webhook_url: str = "",
        jira_webhook_secret: str = "simulated-webhook-secret",  # noqa: S107
        openai_api_key: str = "simulated-openai-key",
        aws_region: str = "eu-central-1",
        aws_access_key_id: str = "AKIASIMULATED0000000",
        sns_topic_arn: str = "arn:aws:sns:eu-central-1:000000000000:relmail",
        sns_webhook_url: str = "",
        configuration_set: str = "relmail",
        identities: Sequence[str] | None = None,
        signature_version: str = "2",
        event_pace: float = 1.0,
    ) -> None:
        if not _is_loopback(host):
            raise ValueError(f"the simulator listens on loopback only, not on {host!r}")
        self.host = host
        self.faults = Faults()
        self._wanted_port = port
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.amazon = AmazonSimulator(
            self.faults,
            region=aws_region,
            access_key_id=aws_access_key_id,
            topic_arn=sns_topic_arn,
            webhook_url=sns_webhook_url,
            configuration_set=configuration_set,
            identities=identities,
            signature_version=signature_version,
            event_pace=event_pace,
        )
        self._jira_arguments: dict[str, Any] = {
            "data": jira_data,
            "user": jira_user,
            "token": jira_token,
            "webhook_url": jira_webhook_url,
            "webhook_secret": jira_webhook_secret,
        }
        self._openai_api_key = openai_api_key
        self._jira: JiraSimulator | None = None
        self._jira_dc: JiraSimulator | None = None
        self._openai: OpenAISimulator | None = None
        self._load = threading.RLock()
        self.control = Control(self)

    @property
    def jira(self) -> JiraSimulator:
        """Jira Cloud, made at first use: reading recorded projects takes a moment."""
        with self._load:
            if self._jira is None:
                from relmail.simulator.jira import JiraSimulator

                self._jira = JiraSimulator(self.faults, **self._jira_arguments)
                self._tell_url("jira")
            return self._jira

    @property
    def jira_dc(self) -> JiraSimulator:
        """Jira Data Center over the same projects."""
        with self._load:
            if self._jira_dc is None:
                self._jira_dc = self.jira.as_data_center()
                self._tell_url("jira_dc")
            return self._jira_dc

    @property
    def openai(self) -> OpenAISimulator:
        """The OpenAI API."""
        with self._load:
            if self._openai is None:
                from relmail.simulator.openai import OpenAISimulator

                self._openai = OpenAISimulator(faults=self.faults, api_key=self._openai_api_key)
            return self._openai

    @property
    def url(self) -> str:
        """Where the simulator listens, without a slash at the end. Raises RuntimeError before start()."""
        if self._server is None:
            raise RuntimeError("the simulator has not been started")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self._server.effective_port}"

    def start(self) -> Simulator:
        """Listen and answer in a thread of its own. Raises OSError when the port is taken."""
        if self._server is not None:
            return self
        self._server = create_server(
            self.application(),
            host=self.host,
            port=self._wanted_port,
            threads=THREADS,
            ident="relmail-simulator",
            max_request_body_size=64 * 1024 * 1024,
        )
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, args=(self._server,), name="simulator", daemon=True)
        self._thread.start()
        self.amazon.start(f"{self.url}/aws")
        if self._jira_arguments["data"]:
            _ = self.jira  # a path that cannot be read is told at the start
        for part in ("jira", "jira_dc"):
            self._tell_url(part)
        return self

    def stop(self) -> None:
        """Stop answering, close every connection and wait for the threads."""
        if self._server is None:
            return
        self.amazon.stop()
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

    def application(self) -> WSGI:
        """The WSGI application with every system at its path."""
        mounts: dict[str, WSGI] = {
            "/jira": lambda environ, start: self.jira(environ, start),
            "/jira-dc": lambda environ, start: self.jira_dc(environ, start),
            "/openai": lambda environ, start: self.openai(environ, start),
            "/aws": self.amazon,
            "/inbox": self.amazon.inbox,
            "/inbox.json": self.amazon.inbox_json,
            "/control": self.control,
        }
        return DispatcherMiddleware(_front_door, mounts)

    def _tell_url(self, part: str) -> None:
        """A Jira says its own address in its answers; it learns it when both it and the port are there."""
        system = self._jira if part == "jira" else self._jira_dc
        if system is not None and self._server is not None:
            system.started(f"{self.url}/{part.replace('_', '-')}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@Request.application
def _front_door(request: Request) -> Response:
    if request.path in ("", "/"):
        return redirect("/control")
    if request.path == "/favicon.ico":  # browsers ask for it at what is no page, too
        return Response(status=204)
    return Response(
        "Nothing here. The simulator has /jira, /jira-dc, /openai, /aws, /inbox, /inbox.json and /control.\n",
        status=404,
    )
