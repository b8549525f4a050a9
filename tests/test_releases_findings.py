"""What is said about a release before anything is written: kinds, visibility, findings."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from releases import findings, selectors
from releases.jira_reading import JiraIssue
from releases.kinds import kind_of, visibility_of
from releases.models import Issue, Release
from tests.factories import NOW, make_product, make_release

PLAIN = JiraIssue(
    key="KITE-1", project_key="KITE", summary="Add calendar export", issue_type="Improvement", subtask=False,
    parent_key="", status="Done", done=True, resolution="Done", priority="Medium", components=(), labels=(), flags=(),
    security_level="", note="Calendars can be exported.", description="", updated=None, url="",
)  # fmt: skip


def jira_issue(**fields: Any) -> JiraIssue:
    return dataclasses.replace(PLAIN, **fields)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"issue_type": "Bug"}, "fix"),
        ({"issue_type": "New Feature"}, "feature"),
        ({"issue_type": "Story"}, "feature"),
        ({"issue_type": "Improvement"}, "improvement"),
        ({"issue_type": "Task"}, "other"),
        ({"issue_type": "Something of ours"}, "other"),
        ({"labels": ("breaking-change",)}, "breaking"),
        ({"labels": ("Backward-Incompatible",)}, "breaking"),
        ({"flags": ("Incompatible change", "Reviewed")}, "breaking"),
        ({"note": "BREAKING: version 1 is gone."}, "breaking"),
        ({"summary": "[Breaking change] Remove v1"}, "breaking"),
        ({"summary": "Fix line breaking in tables", "issue_type": "Bug"}, "fix"),
        ({"note": "This is not a breaking change."}, "improvement"),
        ({"labels": ("security",), "issue_type": "Bug"}, "security"),
        ({"summary": "Upgrade parser (CVE-2026-12345)", "issue_type": "Task"}, "security"),
        ({"labels": ("security", "breaking")}, "breaking"),
        ({"issue_type": "Remove Feature"}, "breaking"),
        ({"issue_type": "Deprecation"}, "breaking"),
        ({"summary": "SQL injection in the filter of reports", "issue_type": "Bug"}, "security"),
        ({"summary": "Path traversal when unpacking archives", "issue_type": "Bug"}, "security"),
        ({"summary": "Remote code execution through a template", "issue_type": "Bug"}, "security"),
        ({"summary": "Sensitive data exposed in logs", "issue_type": "Bug"}, "security"),
        ({"summary": "Passwords are written to the debug log in plain text", "issue_type": "Bug"}, "security"),
        ({"summary": "Authentication bypass in the REST API", "issue_type": "Bug"}, "security"),
        ({"summary": "Parser loops for ever (GHSA-abcd-12ef-34gh)", "issue_type": "Bug"}, "security"),
        ({"summary": "Dependency injection fails for plugins", "issue_type": "Bug"}, "fix"),
        ({"summary": "Permission dialog skips the second step", "issue_type": "Bug"}, "fix"),
        ({"summary": "Tokens of the parser are coloured wrong", "issue_type": "Bug"}, "fix"),
    ],
)
def test_an_issue_has_the_kind_a_client_would_give_it(fields: dict[str, Any], kind: str) -> None:
    assert kind_of(jira_issue(**fields)) == kind


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, ""),
        ({"issue_type": "Task", "summary": "Bump parser to 2.0"}, ""),
        ({"security_level": "Staff"}, "Security level “Staff”"),
        ({"labels": ("Internal",)}, "Label “Internal”"),
        ({"labels": ("Do_Not Disclose",)}, "“Do_Not Disclose” in Jira: under embargo"),
        ({"labels": ("Security-Embargo",)}, "“Security-Embargo” in Jira: under embargo"),
        ({"components": ("Confidential work",)}, "“Confidential work” in Jira: under embargo"),
        ({"flags": ("Under embargo",)}, "“Under embargo” in Jira: under embargo"),
        ({"labels": ("private",)}, "Label “private”"),
        ({"description": "Embargoed until 1 March."}, "The issue says “Embargoed until”"),
        ({"summary": "Check trade embargoes of orders"}, ""),
        ({"labels": ("pilot",)}, "Label “pilot”"),
        ({"done": False, "status": "In Progress"}, "Not done"),
        ({"resolution": "Duplicate"}, "nothing shipped"),
        ({"resolution": "Won't Fix"}, "nothing shipped"),
        ({"resolution": "Information Provided"}, "nothing shipped"),
        ({"resolution": "Implemented By Another"}, "nothing shipped"),
        ({"resolution": "Superseded"}, "nothing shipped"),
        ({"resolution": "Implemented"}, ""),
        ({"resolution": "Fixed / Completed"}, ""),
        ({"resolution": "Erledigt"}, ""),
        ({"resolution": ""}, ""),
        ({"note": "", "summary": "NPE in UploadServiceTest", "issue_type": "Bug"}, "behind the scenes"),
        ({"note": "", "summary": "Remove unused code in the upload"}, "behind the scenes"),
        ({"note": "", "summary": "Bump the JSON library, the parser and the logger"}, "behind the scenes"),
        ({"note": "", "summary": "Run mvn install before the check"}, "behind the scenes"),
        ({"note": "", "summary": "CI dashboard shows wrong numbers", "issue_type": "Bug"}, ""),
        ({"note": "", "summary": "Gradle plugin: support incremental builds"}, ""),
        ({"note": "", "summary": "Maven repository browser"}, ""),
        ({"note": "", "summary": "Support README rendering for projects"}, ""),
        ({"note": "", "summary": "Bump allocator for faster queries"}, ""),
        ({"note": "", "issue_type": "Bug", "description": "Only affects the in-progress branch."}, "No client had"),
        ({"note": "", "issue_type": "Bug", "description": "A regression in this branch."}, "No client had"),
        ({"note": "", "issue_type": "Bug", "description": "Only affects the web client."}, ""),
        ({"project_key": "OTHER"}, "project OTHER"),
        ({"note": "n/a"}, "The release note says"),
        ({"note": "None."}, "The release note says"),
        ({"note": "", "summary": "Flaky upload test"}, "behind the scenes"),
        ({"note": "", "summary": "Upgrade the JSON library to 3.4.1"}, "behind the scenes"),
        ({"note": "", "components": ("Build",)}, "Component “Build”"),
        ({"note": "", "issue_type": "Sub-task", "subtask": True}, "Issue type “Sub-task”"),
        ({"note": "", "summary": "Fix XXE vulnerability"}, "security issue without a release note"),
        ({"note": "", "summary": "Upload fails on slow networks", "issue_type": "Bug"}, ""),
        ({"note": "", "summary": "Contest results are shown twice", "issue_type": "Bug"}, ""),
    ],
)
def test_clients_see_what_shipped_for_them_and_each_exclusion_has_a_reason(fields: dict[str, Any], reason: str) -> None:
    found = jira_issue(**fields)
    visibility, said = visibility_of(found, kind_of(found), project_key="KITE", internal_labels=["pilot"])
    assert (visibility == "internal") == bool(reason)
    assert reason in said
    assert bool(said) == bool(reason)


@pytest.fixture
def release(db: None) -> Release:
    return make_release(make_product(jira_key="KITE"), synced_at=NOW)


def add(release: Release, key: str, **fields: Any) -> Issue:
    base = {
        "summary": f"Summary of {key}", "note": "A note.", "issue_type": "Improvement", "status": "Done", "done": True,
        "resolution": "Done", "kind": "improvement",
    }  # fmt: skip
    return Issue.objects.create(release=release, key=key, **{**base, **fields})


def codes(release: Release) -> dict[str, findings.Finding]:
    return {finding.code: finding for finding in selectors.findings_of(release, now=NOW)}


def test_a_good_release_has_no_findings(release: Release) -> None:
    add(release, "KITE-1")
    assert codes(release) == {}


@pytest.mark.parametrize(
    ("changes", "code", "level"),
    [
        ({"release_date": None}, "no_date", "blocking"),
        ({"release_date": dt.date(2026, 11, 1)}, "date_past", "blocking"),
        ({"release_date": dt.date(2026, 11, 1), "state": "released"}, "released_before", "info"),
        ({"state": "archived"}, "gone", "blocking"),
        ({"state": "deleted"}, "gone", "blocking"),
        ({"sync_error": "Jira at x answered 503."}, "not_read", "warning"),
    ],
)
def test_a_release_that_cannot_be_planned_says_why(
    release: Release, changes: dict[str, Any], code: str, level: str
) -> None:
    add(release, "KITE-1")
    for name, value in changes.items():
        setattr(release, name, value)
    [found] = selectors.findings_of(release, now=NOW)
    assert (found.code, found.level) == (code, level)
    assert found.what and found.mend


def test_a_release_for_today_is_not_in_the_past(release: Release) -> None:
    add(release, "KITE-1")
    release.release_date = NOW.date()
    assert codes(release) == {}


def test_no_issue_blocks_and_so_does_nothing_for_clients(release: Release) -> None:
    assert codes(release)["no_issues"].level == "blocking"
    add(release, "KITE-1", visibility="internal")
    assert codes(release)["nothing_for_clients"].level == "blocking"
    assert "no_issues" not in codes(release)


def test_a_version_whose_issues_were_never_read_is_not_called_empty(release: Release) -> None:
    release.synced_at = None
    assert codes(release)["never_read"].level == "blocking"
    assert "no_issues" not in codes(release)


@pytest.mark.parametrize(
    ("fields", "code", "level"),
    [
        ({"done": False, "resolution": "", "status": "Open", "visibility": "internal"}, "not_done", "warning"),
        (
            {"done": False, "resolution": "Fixed", "status": "Open", "visibility": "internal"},
            "open_but_resolved",
            "warning",
        ),
        ({"resolution": "Duplicate", "visibility": "internal"}, "nothing_shipped", "info"),
        ({"security_level": "Staff", "visibility": "internal"}, "secret_kept", "info"),
        ({"security_level": "Staff"}, "secret_shown", "warning"),
        ({"visibility": "internal"}, "internal_kept", "info"),
        ({"note": ""}, "empty_notes", "warning"),
        ({"note": "", "kind": "breaking"}, "breaking_without_note", "warning"),
        ({"note": "Agents below 3.9 cannot connect."}, "foreign_versions", "warning"),
        ({"summary": "Summary of KITE-1"}, "same_summary", "warning"),
    ],
)
def test_an_issue_that_needs_a_look_is_found_with_its_key(
    release: Release, fields: dict[str, Any], code: str, level: str
) -> None:
    add(release, "KITE-1")
    add(release, "KITE-2", **fields)
    found = codes(release)
    assert found[code].level == level
    assert "KITE-2" in found[code].where
    assert found[code].mend


def test_an_issue_of_another_project_is_found(release: Release) -> None:
    add(release, "KITE-1")
    add(release, "LAMP-7", visibility="internal")
    assert codes(release)["foreign_project"].where == ("LAMP-7",)


@pytest.mark.parametrize(
    ("note", "foreign"),
    [
        ("New in 2.4.0.", False),
        ("In the 2.4.x line.", False),
        ("Takes 1.5 seconds and 2.5 GB.", False),
        ("Needs agent 3.9.", True),
        ("Removed in 2.5.x.", True),
        ("Java v1.8 is gone.", True),
    ],
)
def test_only_other_versions_are_foreign(release: Release, note: str, foreign: bool) -> None:
    add(release, "KITE-1", note=note)
    assert ("foreign_versions" in codes(release)) == foreign


def test_what_left_the_version_is_not_counted(release: Release) -> None:
    add(release, "KITE-1")
    add(release, "KITE-2", note="", removed_at=NOW)
    assert codes(release) == {}


def test_the_blocking_findings_come_first(release: Release) -> None:
    release.release_date = None
    add(release, "KITE-1", note="")
    levels = [finding.level for finding in selectors.findings_of(release, now=NOW)]
    assert levels == ["blocking", "warning"]
    assert [finding.code for finding in selectors.blocking_findings(release, now=NOW)] == ["no_date"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "summary", "note", "may"),
    [
        ("improvement", "Drop support for Java 8", "", True),
        ("improvement", "Require TLS 1.2", "", True),
        ("other", "Rename the key of the search", "", True),
        ("feature", "Change the default value of the limit", "", True),
        ("improvement", "New reader", "It is time to break compatibility with the old one.", True),
        ("improvement", "New reader", "Clients must migrate their files.", True),
        ("improvement", "New reader", "This does not break compatibility.", False),
        ("improvement", "[loom] Drop the old spool", "", True),
        ("improvement", "Disable guests by default", "", True),
        ("improvement", "Disable the button while weaving", "", False),
        ("improvement", "Raise the minimum version of the thread", "", True),
        ("improvement", "Support for round spools ended", "", True),
        ("improvement", "New loom", "The loom now needs two weavers.", True),
        ("fix", "Remove rows twice", "", False),
        ("feature", "Add a reader", "", False),
        ("breaking", "Drop support for Java 8", "Move on.", False),
    ],
)
def test_what_may_break_something_is_asked_about(kind: str, summary: str, note: str, may: bool) -> None:
    release = make_release(make_product(jira_key="KITE"), synced_at=NOW)
    row = Issue(release=release, key="KITE-1", kind=kind, summary=summary, note=note, done=True)
    found = findings.find(release, [row], now=NOW)
    assert ("may_break" in {one.code for one in found}) is may
