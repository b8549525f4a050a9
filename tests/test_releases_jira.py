"""The door to Jira: the real `jira` library against the simulator, on good days and bad ones."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from releases import jira
from releases.jira_reading import read_date
from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraSimulator
from tests.jira_server import NOTE, TOKEN, USER, issue, jira_data, jira_server, serving

MANY = [issue(f"DOCK-{number}") for number in range(1, 231)]
EXTRA = {"note": NOTE}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between tries, taken down instead of waited."""
    taken: list[float] = []
    monkeypatch.setattr("releases.jira.pause", taken.append)
    return taken


@pytest.fixture
def simulator() -> Iterator[JiraSimulator]:
    with jira_server(jira_data(MANY)) as running:
        yield running


def door(simulator: JiraSimulator, **access: Any) -> jira.Door:
    return jira.Door(jira.Access(**{"url": simulator.root, "user": USER, "token": TOKEN, "timeout": 5.0, **access}))


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_every_issue_is_read_on_both_kinds_of_jira(deployment: str) -> None:
    with jira_server(jira_data(MANY), deployment=deployment) as simulator:
        opened = door(simulator) if deployment == "Cloud" else door(simulator, user="")
        found = opened.issues("DOCK", "10001", EXTRA)
        assert opened.server.cloud is (deployment == "Cloud")
    assert [one.key for one in found] == [row["key"] for row in MANY]
    assert found[-1].note == "Note of DOCK-230."
    assert found[-1].done
    assert found[-1].updated == dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    assert found[-1].url == f"{simulator.root}/browse/DOCK-230"


def test_versions_projects_fields_and_the_account_are_read(simulator: JiraSimulator) -> None:
    with door(simulator) as opened:
        [version] = opened.versions("DOCK")
        assert (version.id, version.name, version.released, version.archived) == ("10001", "2.0.0", False, False)
        assert version.release_date == dt.datetime.now(dt.UTC).date() + dt.timedelta(days=14)
        assert opened.version("10001", "DOCK") == version
        assert opened.project("DOCK").name == "Dock"
        assert opened.myself() == "Relmail Robot"
        assert [field.id for field in opened.fields() if field.name == "Release Note"] == [NOTE]


def test_a_version_without_a_date_has_none() -> None:
    with jira_server(jira_data(days=None)) as simulator:
        [version] = door(simulator).versions("DOCK")
    assert version.release_date is None
    assert version.date_problem == ""


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("09/Sep/20", "not a date"),
        ("0024-11-30", "year is 24"),
        ("2026-02-30", "not a date"),
        ("2026-11-30T00:00", "not a date"),
    ],
)
def test_a_date_that_cannot_be_is_named_and_never_guessed(value: str, problem: str) -> None:
    date, said = read_date(value)
    assert date is None
    assert problem in said
    assert read_date("2026-11-30") == (dt.date(2026, 11, 30), "")


def test_adf_and_wiki_markup_read_the_same() -> None:
    rows = [issue("DOCK-1", **{NOTE: "*Bold* words\n\n* one\n* two", "description": "{code}\na = 1\n{code}"})]
    texts = []
    for deployment in ("Cloud", "Server"):
        with jira_server(jira_data(rows), deployment=deployment) as simulator:
            opened = door(simulator) if deployment == "Cloud" else door(simulator, user="")
            [found] = opened.issues("DOCK", "10001", EXTRA)
            texts.append((found.note.replace("*", ""), found.description))
    assert texts[0] == texts[1] == ("Bold words\n\n- one\n- two", "a = 1")


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_wrong_credentials_are_refused_without_a_second_try(simulator: JiraSimulator, pauses: list[float]) -> None:
    with pytest.raises(jira.JiraRefused) as refused:
        door(simulator, token="a-secret-that-is-wrong")
    assert not refused.value.can_retry
    assert "JIRA_TOKEN" in str(refused.value)
    assert "a-secret" not in str(refused.value)
    assert pauses == []


def test_no_error_carries_the_token_or_a_header(simulator: JiraSimulator) -> None:
    simulator.faults.add(Fault("jira", "refuse", "project", status=403, detail=f"Bearer {TOKEN} may not"))
    with pytest.raises(jira.JiraRefused) as refused:
        door(simulator).project("DOCK")
    assert TOKEN not in str(refused.value)
    assert "Authorization" not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


def test_nobody_listening_is_unreachable(pauses: list[float]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(jira.JiraUnreachable) as refused:
        jira.Door(jira.Access(address, USER, TOKEN, 1.0))
    assert refused.value.can_retry
    assert len(pauses) == jira.TRIES - 1


def test_a_slow_jira_is_given_up(simulator: JiraSimulator) -> None:
    opened = door(simulator, timeout=0.2)
    simulator.faults.add(Fault("jira", "slow", "project", seconds=0.5, times=3))
    with pytest.raises(jira.JiraUnreachable, match=r"within 0\.2 seconds"):
        opened.project("DOCK")


@pytest.mark.parametrize("kind", ["lose_answer", "malformed", "refuse"])
def test_one_bad_answer_is_asked_again(simulator: JiraSimulator, kind: str, pauses: list[float]) -> None:
    opened = door(simulator)
    simulator.faults.add(Fault("jira", kind, "project", status=503))
    assert opened.project("DOCK").key == "DOCK"
    assert len(pauses) == 1


def test_what_is_not_there_is_not_found(simulator: JiraSimulator) -> None:
    opened = door(simulator)
    for question in (
        lambda: opened.project("NOPE"),
        lambda: opened.versions("NOPE"),
        lambda: opened.version("4711", "DOCK"),
        lambda: opened.issues("DOCK", "4711"),
        lambda: opened.issues("NOPE", "10001"),
    ):
        with pytest.raises(jira.JiraNotFound) as missing:
            question()
        assert not missing.value.can_retry


@pytest.mark.parametrize("key", ['DOCK" OR project = X', "../field", "", "A B"])
def test_a_key_that_is_no_key_never_reaches_jira(simulator: JiraSimulator, key: str) -> None:
    opened = door(simulator)
    asked = len(simulator.requests)
    with pytest.raises(jira.JiraNotFound):
        opened.issues(key, "10001")
    assert len(simulator.requests) == asked


def test_a_short_wait_is_waited_and_a_long_one_is_left_to_the_next_tick(
    simulator: JiraSimulator, pauses: list[float]
) -> None:
    opened = door(simulator)
    simulator.faults.add(Fault("jira", "throttle", "project", seconds=2.5))
    assert opened.project("DOCK").key == "DOCK"
    assert 2.5 <= pauses[0] <= 3.1
    simulator.faults.add(Fault("jira", "throttle", "project", seconds=600))
    with pytest.raises(jira.JiraThrottled) as throttled:
        opened.project("DOCK")
    assert throttled.value.retry_after == 600
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0), ("1.5", 1.5), ("0", 0.0), ("-3", 0.0), ("Wed, 04 Nov 2026 09:01:00 GMT", 60.0),
        ("Wed, 04 Nov 2026 08:00:00 GMT", 0.0), ("soon", None), ("", None), (None, None), ("inf", None), ("nan", None),
        ("Wednesday, 04-Nov-26 09:01:00 GMT", 60.0), ("Wed Nov  4 09:01:00 2026", 60.0),
        ("Wed, 04 Nov 2026 09:01:00 +99999999999999999999", None),
        ("Wed, 99999999999999999999 Nov 2026 09:01:00", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_every_form(value: str | None, seconds: float | None) -> None:
    assert jira.retry_after(value, dt.datetime(2026, 11, 4, 9, 0, tzinfo=dt.UTC)) == seconds


def test_a_throttle_with_a_date_does_not_break_the_library(simulator: JiraSimulator) -> None:
    opened = door(simulator)
    simulator.faults.add(Fault("jira", "throttle", "project", detail="Wed, 04 Nov 2099 09:00:00 GMT"))
    with pytest.raises(jira.JiraThrottled) as throttled:
        opened.project("DOCK")
    assert throttled.value.retry_after is not None and throttled.value.retry_after > 1_000_000


@pytest.mark.parametrize(
    ("detail", "says"),
    [("repeated_token", "repeat"), ("no_token", "break off"), ("short_page", "counts 230 issues")],
)
def test_half_a_release_is_never_taken_for_the_whole(simulator: JiraSimulator, detail: str, says: str) -> None:
    opened = door(simulator)
    simulator.faults.add(Fault("jira", "malformed", "search", detail=detail, times=20))
    with pytest.raises(jira.JiraIncomplete, match=says) as incomplete:
        opened.issues("DOCK", "10001")
    assert incomplete.value.can_retry


def test_a_data_center_that_gives_less_than_its_total_is_incomplete() -> None:
    with jira_server(jira_data(MANY), deployment="Server") as simulator:
        opened = door(simulator, user="")
        simulator.faults.add(Fault("jira", "malformed", "search", detail="short_page", times=20))
        with pytest.raises(jira.JiraIncomplete):
            opened.issues("DOCK", "10001")


def test_an_issue_that_moves_while_we_count_is_settled_by_reading_once_more(simulator: JiraSimulator) -> None:
    opened = door(simulator)
    simulator.faults.add(Fault("jira", "malformed", "search", detail="short_page", times=1))
    assert len(opened.issues("DOCK", "10001")) == 230


@pytest.mark.parametrize("operation", ["serverInfo", "field", "versions", "search"])
def test_an_answer_of_the_wrong_shape_is_malformed(simulator: JiraSimulator, operation: str) -> None:
    detail = "not_a_list" if operation != "serverInfo" else ""
    simulator.faults.add(Fault("jira", "malformed", operation, detail=detail, times=0))
    with pytest.raises(jira.JiraMalformed):
        opened = door(simulator)
        opened.fields()
        opened.versions("DOCK")
        opened.issues("DOCK", "10001")


def test_the_removed_search_is_said_plainly(simulator: JiraSimulator) -> None:
    opened = door(simulator)
    simulator.faults.add(Fault("jira", "refuse", "search", status=410, detail="The requested API has been removed."))
    with pytest.raises(jira.JiraError, match=r"410.*removed") as gone:
        opened.issues("DOCK", "10001")
    assert not gone.value.can_retry


def test_an_html_log_in_page_is_not_taken_for_an_answer() -> None:
    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<html>Log in</html>"]

    with serving(page) as url, pytest.raises(jira.JiraMalformed, match="not with JSON"):
        jira.Door(jira.Access(url, USER, TOKEN, 2.0))


def test_without_an_address_the_door_says_what_to_set(settings: Any) -> None:
    settings.JIRA_URL = ""
    with pytest.raises(jira.JiraError, match="JIRA_URL"):
        jira.open_door()
