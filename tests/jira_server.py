"""A simulated Jira on a port of its own, for tests that need its data, faults and hooks in hand."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from relmail.simulator.faults import Faults
from relmail.simulator.jira import JiraData, JiraSimulator

USER = "robot@relmail.example"
TOKEN = "simulator-jira-token"
NOTE = "customfield_10210"


class _Quiet(WSGIRequestHandler):
    def log_request(self, *args: Any) -> None:
        """No line for each request."""


@contextlib.contextmanager
def serving(application: Callable[..., Any]) -> Iterator[str]:
    """Serve a WSGI application on a free port of loopback; gives its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


@contextlib.contextmanager
def jira_server(data: JiraData | None = None, *, deployment: str = "Cloud") -> Iterator[JiraSimulator]:
    """A Jira over `data` (empty: the demo product), started; its address is `.root`."""
    simulator = JiraSimulator(Faults(), data=data or JiraData(), deployment=deployment)
    with serving(simulator) as url:
        simulator.started(url)
        yield simulator


def issue(key: str, version: str = "10001", **fields: Any) -> dict[str, Any]:
    """One done issue in the shape of Jira's answer; `fields` override."""
    base = {
        "summary": f"Summary of {key}", "issuetype": {"name": "Improvement", "subtask": False},
        "status": {"name": "Done", "statusCategory": {"key": "done"}}, "resolution": {"name": "Done"},
        "priority": {"name": "Medium"}, "components": [], "labels": [], "security": None, "description": None,
        "fixVersions": [{"id": version}], "created": "2026-10-01T09:00:00.000+0000",
        "updated": "2026-11-01T09:00:00.000+0000", NOTE: f"Note of {key}.",
    }  # fmt: skip
    return {"id": "", "key": key, "fields": {**base, **fields}}


def jira_data(
    issues: list[dict[str, Any]] | None = None,
    *,
    key: str = "DOCK",
    days: int | None = 14,
    versions: list[dict[str, Any]] | None = None,
) -> JiraData:
    """One project with version 10001 "2.0.0" due in `days` days and the given issues."""
    row: dict[str, Any] = {"id": "10001", "name": "2.0.0", "archived": False, "released": False, "projectId": 10000}
    if days is not None:
        today = datetime.datetime.now(datetime.UTC).date()
        row["releaseDate"] = (today + datetime.timedelta(days=days)).isoformat()
    data = JiraData()
    note = {
        "id": NOTE, "name": "Release Note", "custom": True, "clauseNames": ["cf[10210]", "Release Note"],
        "schema": {"type": "string", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:textarea"},
    }  # fmt: skip
    data.add_document({
        "project": {"key": key, "name": "Dock"},
        "fields": [note],
        "versions": [row] if versions is None else versions,
        "search": {"issues": [issue(f"{key}-1"), issue(f"{key}-2")] if issues is None else issues},
    })  # fmt: skip
    return data
