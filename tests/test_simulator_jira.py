"""The simulated Jira, asked by the real `jira` library."""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from jira import JIRA
from jira.exceptions import JIRAError

from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraDataError, JiraSimulator, WebhookTarget, load, load_demo, move_ahead
from relmail.simulator.jira.webhooks import signature
from tests.jira_server import NOTE, TOKEN, USER, issue, jira_data, jira_server, serving

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "jira"
BIG = [issue(f"DOCK-{number}") for number in range(1, 251)]
EVERY = "project = DOCK ORDER BY key ASC"


@pytest.fixture(scope="module")
def big_jira() -> Iterator[JiraSimulator]:
    with jira_server(jira_data(BIG)) as simulator:
        yield simulator


@pytest.fixture
def small_jira() -> Iterator[JiraSimulator]:
    with jira_server(jira_data()) as simulator:
        yield simulator


def cloud(simulator: JiraSimulator, token: str = TOKEN, rest: str = "2") -> JIRA:
    options = {"server": simulator.root, "rest_api_version": rest}
    return JIRA(options=options, basic_auth=(USER, token), max_retries=0, timeout=5)


def get(simulator: JiraSimulator, path: str, **parameters: Any) -> requests.Response:
    return requests.get(f"{simulator.root}/rest/api/{path}", params=parameters, auth=(USER, TOKEN), timeout=5)


def test_the_real_client_finds_a_cloud_and_its_project(small_jira: JiraSimulator) -> None:
    client = cloud(small_jira)
    assert client.deploymentType == "Cloud"
    assert client.project("DOCK").name == "Dock"
    assert [project.key for project in client.projects()] == ["DOCK"]
    assert client.myself()["emailAddress"] == USER
    assert "Release Note" in {field["name"] for field in client.fields()}
    version = client.project_versions("DOCK")[0]
    assert client.version(version.id).name == "2.0.0"
    assert client.issue("DOCK-1").fields.summary == "Summary of DOCK-1"


def test_a_page_is_cut_at_100_without_a_word_and_the_library_can_read_on(big_jira: JiraSimulator) -> None:
    client = cloud(big_jira)
    assert len(client.enhanced_search_issues(EVERY, maxResults=200)) == 100
    everything = client.enhanced_search_issues(EVERY, maxResults=0, fields=["summary", "Release Note"])
    assert [found.key for found in everything] == [row["key"] for row in BIG]
    assert everything[249].raw["fields"]["Release Note"] == "Note of DOCK-250."
    assert client.approximate_issue_count("fixVersion = 10001") == 250
    assert len(client.enhanced_search_issues(EVERY, maxResults=0, use_post=True)) == 250


def test_without_fields_only_ids_come_back(small_jira: JiraSimulator) -> None:
    answer = get(small_jira, "3/search/jql", jql=EVERY).json()
    assert [set(row) for row in answer["issues"]] == [{"id"}, {"id"}]
    assert answer["isLast"] is True and "nextPageToken" not in answer and "total" not in answer


def test_the_old_search_is_gone_on_cloud(small_jira: JiraSimulator) -> None:
    answer = get(small_jira, "2/search", jql=EVERY)
    assert answer.status_code == 410
    assert "CHANGE-2046" in answer.json()["errorMessages"][0]


@pytest.mark.parametrize(
    ("jql", "text"),
    [
        ("", "Unbounded JQL"),
        ("order by key", "Unbounded JQL"),
        ("project = NOPE", "does not exist for the field 'project'"),
        ("fixVersion = 999", "A value with ID '999' does not exist"),
        ('fixVersion = "9.9"', "The value '9.9' does not exist"),
        ("colour = red", "Field 'colour' does not exist"),
        ("project = DOCK fixVersion = 10001", "Expecting either 'OR' or 'AND'"),
        ("project", "Expecting operator"),
        ("project = DOCK AND summary ~ !", "reserved JQL character"),
    ],
)
def test_a_query_that_jira_would_refuse_is_refused_in_its_words(small_jira: JiraSimulator, jql: str, text: str) -> None:
    answer = get(small_jira, "3/search/jql", jql=jql)
    assert answer.status_code == 400
    assert text in answer.json()["errorMessages"][0]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project in (DOCK, 10000) AND fixVersion = 10001 ORDER BY key DESC", ["DOCK-2", "DOCK-1"]),
        ('project = "dock" and fixVersion in ("2.0.0")', ["DOCK-1", "DOCK-2"]),
        ("key = DOCK-2", ["DOCK-2"]),
        ("project = DOCK AND key != DOCK-2", ["DOCK-1"]),
        ('project = DOCK AND updated >= "2026-11-02"', []),
    ],
)
def test_a_query_of_ours_is_understood(small_jira: JiraSimulator, jql: str, keys: list[str]) -> None:
    assert [found.key for found in cloud(small_jira).enhanced_search_issues(jql, maxResults=0)] == keys


def test_wrong_or_no_credentials_are_turned_away(small_jira: JiraSimulator) -> None:
    with pytest.raises(JIRAError) as refused:
        cloud(small_jira, token="wrong")
    assert refused.value.status_code == 401
    anonymous = JIRA(options={"server": small_jira.root}, max_retries=0, timeout=5)
    with pytest.raises(JIRAError) as refused:
        anonymous.project("DOCK")
    assert refused.value.status_code == 401


@pytest.mark.parametrize("path", ["project/NOPE", "project/NOPE/versions", "version/1", "issue/DOCK-99"])
def test_what_is_not_there_is_a_404_with_jiras_errors(small_jira: JiraSimulator, path: str) -> None:
    answer = get(small_jira, "3/" + path)
    assert answer.status_code == 404
    assert answer.json()["errorMessages"]


def test_a_data_center_pages_by_number_and_knows_no_tokens(big_jira: JiraSimulator) -> None:
    center = big_jira.as_data_center()
    with serving(center) as url:
        client = JIRA(options={"server": url}, token_auth=TOKEN, max_retries=0, timeout=5)
        assert client.deploymentType == "Server"
        found = client.search_issues(EVERY, maxResults=0)
        assert len(found) == found.total == 250
        page = client.search_issues(EVERY, startAt=240, maxResults=50, json_result=True)
        assert (page["startAt"], page["total"], len(page["issues"])) == (240, 250, 10)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        for path in ("2/search/jql?jql=project=DOCK", "3/serverInfo"):
            assert requests.get(f"{url}/rest/api/{path}", headers=headers, timeout=5).status_code == 404


def test_version_2_shows_wiki_markup_and_version_3_shows_adf() -> None:
    with jira_server(load_demo()) as simulator:
        adf = cloud(simulator, rest="3").issue("HARBOR-1202").raw["fields"]
        wiki = cloud(simulator, rest="2").issue("HARBOR-1202").raw["fields"]
        assert adf["description"]["type"] == "doc"
        assert adf[NOTE]["type"] == "doc", "a text area is rich text too"
        assert "||Format||Limit||" in wiki["description"]
        assert "[format guide|https://docs.harbor.example/audit/export]" in wiki["description"]
        assert wiki[NOTE].startswith("Administrators can export")


def test_the_demo_never_ages() -> None:
    for today in (datetime.date(2026, 11, 23), datetime.date(2028, 2, 29)):
        dates = {row["name"]: row.get("releaseDate") for row in load_demo(today).versions.values()}
        assert dates["4.2.0"] == (today + datetime.timedelta(days=14)).isoformat()
        assert dates["4.1.0"] == (today - datetime.timedelta(days=31)).isoformat()
        assert dates["4.2.1"] is None


def test_the_demo_holds_what_a_release_can_hold() -> None:
    data = load_demo()
    by_version = {row["name"]: data.issues_of_version(row["id"]) for row in data.versions.values()}
    assert 25 <= len(by_version["4.2.0"]) <= 30
    assert len(by_version["5.0.0"]) > 100, "more than a page"
    fields = [found["fields"] for found in by_version["4.2.0"]]
    assert any(row["security"] for row in fields)
    assert any(row["issuetype"]["subtask"] for row in fields)
    assert any("internal" in row["labels"] for row in fields)
    assert {"Done", "Duplicate", "Cannot Reproduce", None} <= {(row["resolution"] or {}).get("name") for row in fields}


def test_faults_are_as_the_protocol_has_them(small_jira: JiraSimulator) -> None:
    small_jira.faults.add(Fault("jira", "throttle", "project", seconds=7))
    small_jira.faults.add(Fault("jira", "refuse", "project", status=503))
    small_jira.faults.add(Fault("jira", "malformed", "project"))
    small_jira.faults.add(Fault("jira", "lose_answer", "project"))
    small_jira.faults.add(Fault("jira", "slow", "project", seconds=0.2))
    throttled = get(small_jira, "3/project/DOCK")
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
    assert get(small_jira, "3/project/DOCK").status_code == 503
    assert "html" in get(small_jira, "3/project/DOCK").headers["Content-Type"]
    with pytest.raises(requests.ConnectionError):
        get(small_jira, "3/project/DOCK")
    begun = time.monotonic()
    assert get(small_jira, "3/project/DOCK").status_code == 200
    assert time.monotonic() - begun >= 0.2


class Receiver:
    """A webhook receiver that answers what it was told, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.enough = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
        self.received.append((headers, environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.enough.set()
        start_response(f"{status} X", [("Content-Length", "0")])
        return []


def test_a_change_sends_a_signed_webhook_and_tries_again_under_the_same_identifier() -> None:
    simulator = JiraSimulator(data=jira_data())
    receiver = Receiver(503, 429)
    with serving(receiver) as url:
        simulator.sender.target = WebhookTarget(url + "/hooks/jira/", "s3cret", pause=0.01)
        simulator.release_version("10001")
        assert receiver.enough.wait(5)
    assert len(receiver.received) == 3
    assert len({headers["X_ATLASSIAN_WEBHOOK_IDENTIFIER"] for headers, _ in receiver.received}) == 1
    headers, body = receiver.received[-1]
    assert headers["X_HUB_SIGNATURE"] == signature("s3cret", body)
    payload = json.loads(body)
    assert payload["webhookEvent"] == "jira:version_released"
    assert payload["version"]["released"] is True
    assert "releaseDate" not in payload["version"], "as captured: only the localised date"
    assert payload["version"]["userReleaseDate"]


def test_a_refused_webhook_is_not_sent_again() -> None:
    simulator = JiraSimulator(data=jira_data())
    receiver = Receiver(401, 200)
    with serving(receiver) as url:
        simulator.sender.target = WebhookTarget(url, "wrong", pause=0.01)
        simulator.move_version("10001", "2027-01-15")
        deadline = time.monotonic() + 5
        while not simulator.sender.deliveries[0].statuses and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
    assert simulator.sender.deliveries[0].statuses == [401]


def test_each_change_shows_in_the_answers_and_names_its_event() -> None:
    simulator = JiraSimulator(data=jira_data())
    sent: list[dict[str, Any]] = []
    simulator.sender.send = sent.append  # type: ignore[assignment,method-assign]
    other = simulator.add_version("DOCK", "2.1.0", "2027-02-01")["id"]
    simulator.move_version("10001", "2027-01-15")
    simulator.archive_version("10001")
    simulator.edit_issue("DOCK-1", {"summary": "Another summary"})
    simulator.add_issue("DOCK-9", {"summary": "Late"}, version="10001")
    simulator.remove_issue_from_version("DOCK-9", "10001")
    simulator.merge_version("10001", other)
    simulator.delete_issue("DOCK-9")
    assert [payload["webhookEvent"] for payload in sent] == [
        "jira:version_created", "jira:version_updated", "jira:version_archived", "jira:issue_updated",
        "jira:issue_created", "jira:issue_updated", "jira:version_deleted", "jira:issue_deleted",
    ]  # fmt: skip
    assert sent[1]["version"]["releaseDate"] == "2027-01-15"
    assert sent[2]["version"]["archived"] is False, "JRASERVER-71000"
    assert sent[6]["mergedTo"] == int(other)
    assert [found["key"] for found in simulator.data.issues_of_version(other)] == ["DOCK-1", "DOCK-2"]
    assert "10001" not in simulator.data.versions


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[]", "expected an object"),
        (b"{", "not JSON"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"{}", 'no "project"'),
        (b'{"project": {"key": "A"}}', 'no "versions"'),
        (b'{"project": {"key": "A"}, "versions": []}', 'no "search"'),
        (b'{"project": {"key": "A"}, "versions": [{}], "search": {"issues": []}}', "a version without"),
        (b'{"project": {"key": "A"}, "versions": [], "search": {"issues": [1]}}', "an issue without"),
    ],
)
def test_a_bad_file_is_named_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    with pytest.raises(JiraDataError) as refused:
        load([file])
    assert says in str(refused.value)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(JiraDataError, match=str(path)):
            load([path])


def test_two_files_with_the_same_numbers_stay_two_projects(tmp_path: Path) -> None:
    for key in ("ONE", "TWO"):
        document = {
            "project": {"key": key, "name": key},
            "versions": [{"id": "10001", "name": "1.0", "projectId": 10000}],
            "search": {"issues": [{**issue(f"{key}-1"), "id": "5"}]},
        }
        (tmp_path / f"{key}.json").write_text(json.dumps(document))
    data = load([tmp_path])
    assert len(data.versions) == 2
    assert len({project["id"] for project in data.projects.values()}) == 2
    for key in ("ONE", "TWO"):
        version = data.versions_of(data.projects[key])[0]
        assert [found["key"] for found in data.issues_of_version(version["id"])] == [f"{key}-1"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded releases are not here")
def test_recorded_releases_are_served_whole() -> None:
    with jira_server(load([SHARED])) as simulator:
        client = cloud(simulator, rest="3")
        expected = {"PHOENIX": ("5.1.3", 123), "HBASE": ("hbase-connectors-1.0.1", 71), "FLUID": ("4.0", 64)}
        for key, (name, count) in expected.items():
            found = client.enhanced_search_issues(f'project = {key} AND fixVersion = "{name}"', maxResults=0)
            assert len(found) == count


# --- recorded releases that come again ---

TODAY = datetime.date(2026, 11, 26)


def recorded(*versions: tuple[str, str, str | None, bool]) -> Any:
    """A project with these versions (id, name, date, released), the first two of them with issues."""
    rows = [
        {"id": number, "name": name, "archived": False, "released": released} | ({"releaseDate": day} if day else {})
        for number, name, day, released in versions
    ]
    fix = [{"id": number, "released": out, "releaseDate": day} for number, _, day, out in versions]
    issues = [issue(f"DOCK-{place}", fixVersions=[row]) for place, row in enumerate(fix[:2])]
    return jira_data(issues, versions=rows)


def test_a_recorded_release_comes_again_in_two_weeks_and_all_dates_move_alike() -> None:
    data = recorded(("1", "5.1.3", "2022-12-20", True), ("2", "5.1.2", "2021-05-30", True), ("3", "6", None, False))
    assert move_ahead(data, TODAY) == {"DOCK 5.1.3": datetime.date(2026, 12, 10)}
    moved = {row["name"]: (row.get("releaseDate"), row["released"]) for row in data.versions.values()}
    assert moved == {"5.1.3": ("2026-12-10", False), "5.1.2": ("2025-05-20", True), "6": (None, False)}
    named = data.issues["DOCK-0"]["fields"]["fixVersions"][0]
    assert (named["releaseDate"], named["released"]) == ("2026-12-10", False)


def test_a_release_that_is_still_to_come_stays_as_recorded() -> None:
    data = recorded(("1", "5.1.3", "2026-12-01", False), ("2", "5.1.2", "2021-05-30", True))
    assert move_ahead(data, TODAY) == {}
    assert data.versions["1"]["releaseDate"] == "2026-12-01"


def test_a_recorded_release_without_a_date_gets_one_and_a_project_without_issues_stays() -> None:
    assert move_ahead(recorded(("1", "5", None, True)), TODAY) == {"DOCK 5": datetime.date(2026, 12, 10)}
    assert move_ahead(jira_data([]), TODAY) == {}
