"""The door to Jira against servers that answer without end, say too much or ask for odd things."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest

from releases import jira
from tests.dripping import BEGINNINGS, dripping
from tests.jira_server import TOKEN, USER, issue, serving

Answer = tuple[int, Any, dict[str, str]]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between tries, taken down instead of waited."""
    taken: list[float] = []
    monkeypatch.setattr("releases.jira.pause", taken.append)
    return taken


class Server:
    """A Jira that knows who is asking; searches and `myself` answer as a test says."""

    def __init__(self) -> None:
        self.address = ""
        self.deployment = "Cloud"
        self.asked = 0
        self.myself: Callable[[dict[str, Any]], Answer] = lambda environ: (200, {"displayName": "Robot"}, {})
        self.search: Callable[[dict[str, str]], Any] = lambda query: {"issues": [], "isLast": True}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        status, headers = 200, dict[str, str]()
        body: Any
        if path.endswith("/serverInfo"):
            body = {"deploymentType": self.deployment, "versionNumbers": [9, 4, 0]}
        elif path.endswith("/myself"):
            self.asked += 1
            status, body, headers = self.myself(environ)
        elif path.endswith("approximate-count"):
            body = {"count": 10}
        elif "search" in path:
            self.asked += 1
            body = self.search(query)
        else:
            body = []
        start_response(f"{status} Said", [("Content-Type", "application/json"), *headers.items()])
        return [body if isinstance(body, bytes) else json.dumps(body).encode()]


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    with serving(found) as found.address:
        yield found


def door(server: Server, **access: Any) -> jira.Door:
    return jira.Door(jira.Access(**{"url": server.address, "user": USER, "token": TOKEN, "timeout": 5.0, **access}))


TEN = [issue(f"DOCK-{number}") for number in range(10)]


def test_cloud_pages_with_ever_new_tokens_and_the_same_issues_end(server: Server) -> None:
    tokens = count()
    server.search = lambda query: {"issues": TEN, "nextPageToken": f"t{next(tokens)}", "isLast": False}
    with pytest.raises(jira.JiraIncomplete, match="repeat") as incomplete:
        door(server).issues("DOCK", "10001")
    assert incomplete.value.can_retry
    assert server.asked == 2


def test_data_center_pages_that_repeat_under_a_huge_total_end(server: Server) -> None:
    server.deployment = "Server"
    server.search = lambda query: {"startAt": 0, "maxResults": 100, "total": 10**9, "issues": TEN}
    with pytest.raises(jira.JiraIncomplete, match="repeat"):
        door(server).issues("DOCK", "10001")
    assert server.asked == 2


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_pages_of_one_issue_end_at_a_limit(server: Server, monkeypatch: pytest.MonkeyPatch, deployment: str) -> None:
    monkeypatch.setattr(jira, "MOST_PAGES", 5)
    numbers, server.deployment = count(), deployment
    server.search = lambda query: {
        "issues": [issue(f"DOCK-{next(numbers)}")], "total": 10**9, "nextPageToken": f"t{next(numbers)}",
    }  # fmt: skip
    with pytest.raises(jira.JiraIncomplete, match="5 pages"):
        door(server).issues("DOCK", "10001")
    assert server.asked == 5


@pytest.mark.parametrize("where", sorted(BEGINNINGS))
def test_a_jira_that_sends_a_byte_now_and_then_is_given_up_in_time(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira, "PATIENCE", 0.0)
    with dripping(BEGINNINGS[where]) as address, pytest.raises(jira.JiraUnreachable, match="not ended its answer"):
        jira.Door(jira.Access(address, USER, TOKEN, 0.2))


def test_a_connection_that_is_used_again_is_given_up_in_time_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[Any] = []
    monkeypatch.setattr(jira.Door, "_watch", lambda self, connection: watched.append(connection))
    opened = door(server)
    before = len(watched)
    opened.myself()
    opened.myself()
    assert len(watched) == before + 2


@pytest.mark.parametrize("body", [b"<html>TOP-SECRET-NOTE</html>", b'["TOP-SECRET-NOTE"]', b'{"a": "TOP-SECRET-NOTE"'])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_no_body_reaches_the_log(server: Server, caplog: pytest.LogCaptureFixture, body: bytes, status: int) -> None:
    server.myself = lambda environ: (status, body, {})
    with caplog.at_level(logging.DEBUG):
        opened = door(server)
        with contextlib.suppress(jira.JiraError):
            opened.myself()
    assert "TOP-SECRET" not in caplog.text
    assert logging.getLogger("jira").getEffectiveLevel() == logging.CRITICAL


@pytest.mark.parametrize("user", [USER, ""])
def test_an_error_that_echoes_our_headers_is_shown_without_them(server: Server, user: str) -> None:
    encoded = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    server.myself = lambda environ: (
        400, {"errorMessages": [f"bad header: {environ['HTTP_AUTHORIZATION']}; or {encoded} and {TOKEN}"]}, {},
    )  # fmt: skip
    with pytest.raises(jira.JiraError) as refused:
        door(server, user=user).myself()
    said = str(refused.value)
    assert "bad header" in said
    assert TOKEN not in said
    if user:
        assert encoded not in said


def test_another_scheme_of_a_header_is_not_shown_either(server: Server) -> None:
    server.myself = lambda environ: (400, {"errorMessages": ["sent: basic Zm9vOmJhcg== and Bearer abc.def"]}, {})
    with pytest.raises(jira.JiraError) as refused:
        door(server).myself()
    assert "Zm9v" not in str(refused.value)
    assert "abc.def" not in str(refused.value)


def test_a_request_that_timed_out_at_jira_is_asked_again(server: Server, pauses: list[float]) -> None:
    answers = iter([(408, {}, {}), (200, {"displayName": "Robot"}, {})])
    server.myself = lambda environ: next(answers)
    assert door(server).myself() == "Robot"
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("90", "wait 90 seconds"), ("600", "wait 10 minutes"), ("36000", "wait 10 hours"),
        ("99999999999999999999", "wait for days"), ("Fri, 31 Dec 9999 23:59:59 GMT", "wait for days"),
    ],
)  # fmt: skip
def test_a_long_wait_is_said_as_people_say_it(server: Server, value: str, says: str) -> None:
    server.myself = lambda environ: (429, {}, {"Retry-After": value})
    with pytest.raises(jira.JiraThrottled, match=says):
        door(server).myself()
