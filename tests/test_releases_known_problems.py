"""Open issues that a version is affected by: read whole, kept apart from what shipped, and told as nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.drafting.text import Block, Sentence
from campaigns.review import drift
from releases import facts, selectors, services
from releases.models import Issue, Product, Release, ReleaseChange, Snapshot, SyncRun
from relmail.roles import MARKETER
from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraSimulator, jql, load_demo
from tests.factories import make_draft, make_product, make_user
from tests.jira_server import NOTE, TOKEN, USER, issue, jira_data, jira_server

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
LATER = NOW + dt.timedelta(minutes=5)
OPEN = {"status": {"name": "To Do", "statusCategory": {"key": "new"}}, "resolution": None}
BUG = {"issuetype": {"name": "Bug", "subtask": False}}

pytestmark = pytest.mark.django_db


def open_bug(key: str = "DOCK-50", **changes: Any) -> dict[str, Any]:
    """An open bug that 2.0.0 is affected by, to be fixed in no version yet."""
    given = {"summary": f"Import of {key} fails", "fixVersions": [], "versions": [{"id": "10001"}], NOTE: None}
    return issue(key, **{**given, **OPEN, **BUG, **changes})


def with_problems(*problems: dict[str, Any]) -> list[dict[str, Any]]:
    return [issue("DOCK-1"), issue("DOCK-2"), *problems]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("releases.jira.pause", lambda seconds: None)
    settings.JIRA_TIMEOUT = 5


def point_at(settings: Any, simulator: JiraSimulator) -> None:
    settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN = simulator.root, USER, TOKEN


@pytest.fixture
def jira(settings: Any) -> Iterator[JiraSimulator]:
    with jira_server(jira_data(with_problems(open_bug()))) as running:
        point_at(settings, running)
        yield running


@pytest.fixture
def product() -> Product:
    return make_product(jira_key="DOCK", name="Dock")


def read(product: Product, now: dt.datetime = NOW) -> SyncRun:
    product.refresh_from_db()
    run = services.sync(product=product, by=None, now=now)
    assert run.outcome == "succeeded", run.error
    return run


def newest() -> dict[str, Any]:
    snapshot = Snapshot.objects.order_by("-number").first()
    assert snapshot is not None
    return dict(snapshot.facts)


def problems() -> list[str]:
    return [row["key"] for row in newest().get("known_problems", [])]


def shipped() -> list[str]:
    return [row["key"] for row in newest()["issues"]]


def kept_out() -> dict[str, str]:
    return {row["key"]: row["reason"] for row in newest()["excluded"]}


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_open_bugs_of_the_version_are_facts_apart_from_what_shipped(
    settings: Any, product: Product, deployment: str
) -> None:
    with jira_server(jira_data(with_problems(open_bug())), deployment=deployment) as running:
        point_at(settings, running)
        run = read(product)
    assert (run.issues_seen, Release.objects.get().issue_count) == (2, 2), "a problem is no issue of the release"
    assert (shipped(), problems(), kept_out()) == (["DOCK-1", "DOCK-2"], ["DOCK-50"], {})
    assert newest()["known_problems"][0]["done"] is False
    assert Snapshot.objects.get().digest == facts.digest_of(newest())


def test_without_open_bugs_the_facts_are_what_they_always_were(settings: Any, product: Product) -> None:
    done = {"status": {"name": "Done", "statusCategory": {"key": "done"}}, "resolution": {"name": "Done"}}
    elsewhere = open_bug("DOCK-51", versions=[])
    with jira_server(jira_data(with_problems(open_bug(**done), elsewhere))) as running:
        point_at(settings, running)
        read(product)
    assert "known_problems" not in newest()
    assert not Issue.objects.filter(known_problem=True).exists()


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_known_problems_are_read_over_all_their_pages(settings: Any, product: Product, deployment: str) -> None:
    rows = [open_bug(f"DOCK-{number}") for number in range(100, 330)]
    with jira_server(jira_data(with_problems(*rows)), deployment=deployment) as running:
        point_at(settings, running)
        read(product)
    assert len(problems()) == 230


@pytest.mark.parametrize("detail", ["short_page", "repeated_token"])
def test_pages_of_known_problems_that_do_not_add_up_change_nothing(
    jira: JiraSimulator, product: Product, detail: str
) -> None:
    read(product)
    jira.edit_issue("DOCK-1", {NOTE: "Another note."})
    jira.requests.clear()

    def spoil_the_second_search(operation: str) -> None:
        if operation == "search" and sum("search" in request for request in jira.requests) == 2:
            jira.faults.add(Fault("jira", "malformed", "search", detail=detail, times=0))

    jira.before = spoil_the_second_search
    run = services.sync(product=product, by=None, now=LATER)
    assert run.outcome == "failed"
    assert Snapshot.objects.count() == 1


def test_a_jira_without_the_field_of_affected_versions_has_no_known_problems(
    jira: JiraSimulator, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jql, "_FIELDS", tuple(name for name in jql._FIELDS if name != "affectedversion"))
    read(product)
    assert (shipped(), problems()) == (["DOCK-1", "DOCK-2"], [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"status": {"name": "In Review", "statusCategory": {"key": "indeterminate"}}}, ""),
        ({NOTE: "Imports of empty files fail."}, ""),
        ({"security": {"name": "Staff"}}, "Security level “Staff” in Jira."),
        ({"labels": ["embargo"]}, "“embargo” in Jira: under embargo or confidential."),
        ({"labels": ["internal"]}, "Label “internal”."),
        ({"components": [{"name": "Build"}]}, "Component “Build” without a release note."),
        ({NOTE: "none"}, "The release note says “none”."),
        ({"resolution": {"name": "Duplicate"}}, "Resolution “Duplicate”: no problem of its own."),
        ({"resolution": {"name": "Fixed"}}, "Open, but with the resolution “Fixed”: whether it is a problem still, "
                                            "Jira does not say."),
        ({"labels": ["security"], NOTE: "Log in twice."}, "An open weakness: telling of it before it is closed helps "
                                                          "whoever wants to use it."),
        ({"issuetype": {"name": "Story"}}, "Issue type “Story” without a release note: a person has to say whether "
                                           "it is a problem."),
        ({"issuetype": {"name": "Task"}, NOTE: "Imports of empty files fail."}, ""),
        ({"description": "Only occurs on the development branch."}, "No client had this fault: “Only occurs on the "
                                                                    "development”."),
    ],
)  # fmt: skip
def test_what_clients_may_not_hear_of_is_no_known_problem(
    settings: Any, product: Product, changes: dict[str, Any], reason: str
) -> None:
    with jira_server(jira_data(with_problems(open_bug(**changes)))) as running:
        point_at(settings, running)
        read(product)
    assert (problems(), kept_out()) == ((["DOCK-50"], {}) if not reason else ([], {"DOCK-50": reason}))
    if "security" in changes:
        assert "Import of DOCK-50" not in str(newest())


def test_what_is_to_be_fixed_in_the_version_itself_is_not_done_and_no_known_problem(
    settings: Any, product: Product
) -> None:
    both = open_bug(fixVersions=[{"id": "10001"}])
    with jira_server(jira_data(with_problems(both))) as running:
        point_at(settings, running)
        read(product)
    assert (problems(), kept_out()) == ([], {"DOCK-50": "Not done: status “To Do”."})


def test_known_problems_of_a_further_project_are_read_too(settings: Any) -> None:
    data = jira_data()
    core = {"id": "20001", "name": "2.0.0", "releaseDate": None}
    bug = open_bug("CORE-9", versions=[{"id": "20001"}])
    data.add_document({"project": {"key": "CORE"}, "versions": [core], "search": {"issues": [bug]}})
    with jira_server(data) as running:
        point_at(settings, running)
        read(make_product(jira_key="DOCK", name="Dock", further_keys=["CORE"]))
        assert problems() == ["CORE-9"]
        running.refused["CORE"] = 403
        services.sync(product=Product.objects.get(), by=None, now=LATER)
    assert problems() == ["CORE-9"], "what was known of the project stays"
    assert Release.objects.get().issue_count == 2


def test_a_problem_that_is_fixed_in_the_version_after_all_becomes_a_part_of_it(
    jira: JiraSimulator, product: Product
) -> None:
    read(product)
    before = newest()
    done = {"status": {"name": "Done", "statusCategory": {"key": "done"}}, "resolution": {"name": "Done"}}
    jira.edit_issue("DOCK-50", {**done, "fixVersions": [{"id": "10001"}]})
    read(product, LATER)
    assert (problems(), shipped()) == ([], ["DOCK-1", "DOCK-2", "DOCK-50"])
    assert sorted(ReleaseChange.objects.values_list("what", flat=True)) == ["issue_added", "problem_removed"]
    text = make_draft(blocks=(Block("problems", (Sentence("The import fails.", ("DOCK-50",)),)),))
    assert [found.message for found in drift.between(text, before, newest())] == [
        "DOCK-50 was a known problem and is part of the release now."
    ]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"status": {"name": "Closed", "statusCategory": {"key": "done"}}, "resolution": {"name": "Fixed"}},
         "DOCK-50 is a known problem no longer: it was closed, or does not name this version any more."),
        ({"versions": []},
         "DOCK-50 is a known problem no longer: it was closed, or does not name this version any more."),
        ({"security": {"name": "Staff"}}, "DOCK-50 is kept out now: Security level “Staff” in Jira."),
        ({"summary": "Import fails for all"}, "The summary of DOCK-50 changed."),
        ({"status": {"name": "In Review", "statusCategory": {"key": "indeterminate"}}}, ""),
    ],
)  # fmt: skip
def test_a_text_that_tells_a_problem_notices_when_it_is_none_any_more(
    jira: JiraSimulator, product: Product, edit: dict[str, Any], says: str
) -> None:
    read(product)
    before = newest()
    jira.edit_issue("DOCK-50", edit)
    read(product, LATER)
    text = make_draft(blocks=(Block("problems", (Sentence("The import fails.", ("DOCK-50",)),)),))
    assert [found.message for found in drift.between(text, before, newest())] == ([says] if says else [])


def test_a_fix_that_is_opened_again_is_a_known_problem_and_drift(jira: JiraSimulator, product: Product) -> None:
    read(product)
    before = newest()
    jira.edit_issue("DOCK-1", {**OPEN, **BUG, "fixVersions": [], "versions": [{"id": "10001"}]})
    read(product, LATER)
    assert (shipped(), problems()) == (["DOCK-2"], ["DOCK-1", "DOCK-50"])
    text = make_draft(blocks=(Block("fixes", (Sentence("Mended.", ("DOCK-1",)),)),))
    assert [found.message for found in drift.between(text, before, newest())] == [
        "DOCK-1 is open and a known problem now, no longer part of what the release brings."
    ]


def test_a_person_may_show_and_hide_a_known_problem(settings: Any, product: Product) -> None:
    story = open_bug(issuetype={"name": "Story"})
    with jira_server(jira_data(with_problems(story))) as running:
        point_at(settings, running)
        read(product)
        row = Issue.objects.get(key="DOCK-50")
        person = make_user(MARKETER)
        services.set_visibility(issue=row, visibility="client", reason="They asked.", by=person, now=NOW)
        assert problems() == ["DOCK-50"]
        read(product, LATER)
        assert problems() == ["DOCK-50"], "the decision is kept"
        running.edit_issue("DOCK-50", {"security": {"name": "Staff"}})
        read(product, LATER + dt.timedelta(minutes=5))
    assert problems() == [], "until Jira asks for silence"


def test_the_page_shows_known_problems_under_their_own_heading(
    jira: JiraSimulator, product: Product, sign_in: Callable[[str], Browser]
) -> None:
    read(product)
    row = Release.objects.get()
    text = sign_in(MARKETER).get(row.get_absolute_url()).text
    assert text.index('id="kind-improvement"') < text.index('id="problems"') < text.index("Import of DOCK-50 fails")
    assert "2, of which 2 for clients" in text
    found = {one.code: one for one in selectors.findings_of(row, now=NOW)}
    assert found["known_problems"].where == ("DOCK-50",)
    assert "not_done" not in found, "that it is open is no fault of the release's"
    assert [group.kind for group in selectors.by_kind(selectors.current_issues(row))] == ["improvement"]
    assert selectors.listed_releases().get().shown == 2  # type: ignore[attr-defined]


def test_the_demo_has_a_known_problem_and_no_fixed_one_among_them(settings: Any) -> None:
    with jira_server(load_demo()) as running:
        point_at(settings, running)
        read(make_product(jira_key="HARBOR", name="Harbor Sync"))
    snapshot = Snapshot.objects.get(release__name="4.2.0")
    assert [row["summary"] for row in snapshot.facts["known_problems"]] == ["Schedule list is not sorted by next run"]
