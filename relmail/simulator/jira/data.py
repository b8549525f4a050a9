"""What the simulated Jira holds: projects, versions, issues and fields, loaded from files.

A file has the shape in which Jira itself answers: `project`, `versions` (GET project/KEY/versions),
`search` (GET search/jql) and optionally `fields` (GET field) and `serverInfo`. Several files may hold
several projects, or several releases of one project.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relmail.simulator.jira import product

Json = dict[str, Any]

#: The fields that every Jira has; the names are what a `fields=` parameter may ask for.
SYSTEM_FIELDS = (
    ("summary", "Summary"), ("issuetype", "Issue Type"), ("status", "Status"), ("resolution", "Resolution"),
    ("priority", "Priority"), ("components", "Components"), ("labels", "Labels"), ("fixVersions", "Fix versions"),
    ("versions", "Affects versions"), ("project", "Project"), ("security", "Security Level"),
    ("description", "Description"), ("created", "Created"), ("updated", "Updated"), ("assignee", "Assignee"),
    ("issuelinks", "Linked Issues"), ("parent", "Parent"),
)  # fmt: skip

#: How many days ahead a recorded release is served: where the default cadence has its first e-mail due.
DAYS_AHEAD = 14


class JiraDataError(ValueError):
    """A data file cannot be used; the text is one line that names the file and the reason."""


@dataclass
class JiraData:
    """The state of the simulated Jira. Take `lock` to change it; readers copy what they answer."""

    projects: dict[str, Json] = field(default_factory=dict)
    versions: dict[str, Json] = field(default_factory=dict)
    issues: dict[str, Json] = field(default_factory=dict)
    fields: dict[str, Json] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def add_document(self, document: Json, *, name: str = "data") -> None:
        """Merge one document of Jira's shape; ids that another project already uses get a new number.

        Its `project` may be a list: then each version says by `projectId` (an id, or a key) whose it is, and each
        issue belongs to the project of its key. Without such a mark it is the first one's. A project without a
        version gets those of the first that its issues name, as versions of its own.

        Raises:
            JiraDataError: something that a Jira answer always has is missing or of the wrong kind.
        """
        for part in _parts(document, name):
            self._add_project(part, name)

    def _add_project(self, document: Json, name: str) -> None:
        project, versions, issues = _checked(document, name)
        with self.lock:
            known = self.projects.get(project["key"])
            if known is None:
                known = {**project, "id": self._free_project_id(project, versions)}
                self.projects[project["key"]] = known
            renamed = self._add_versions(versions, int(known["id"]))
            for row in document.get("fields") or []:
                self.fields.setdefault(row["id"], row)
            self._add_issues(issues, renamed, known)

    def project_of(self, id_or_key: str) -> Json | None:
        """A project by its key (in any case, as Jira takes it) or its id."""
        for project in self.projects.values():
            if id_or_key.upper() == project["key"].upper() or id_or_key == project["id"]:
                return project
        return None

    def versions_of(self, project: Json) -> list[Json]:
        """The versions of one project in the order in which they were made."""
        return [row for row in self.versions.values() if str(row["projectId"]) == project["id"]]

    def issues_of_version(self, version_id: str) -> list[Json]:
        """The issues that name this version as their fix version."""
        return [issue for issue in self.issues.values() if version_id in fix_version_ids(issue)]

    def new_id(self) -> str:
        """A number that no project, version or issue has yet."""
        taken = {row["id"] for table in (self.projects, self.versions, self.issues) for row in table.values()}
        number = 10000
        while str(number) in taken:
            number += 1
        return str(number)

    def _free_project_id(self, project: Json, versions: list[Json]) -> str:
        wanted = str(project.get("id") or next((row["projectId"] for row in versions if "projectId" in row), 10000))
        taken = {row["id"] for row in self.projects.values()}
        while wanted in taken:
            wanted = str(int(wanted) + 1) if wanted.isdigit() else self.new_id()
        return wanted if wanted.isdigit() else self.new_id()

    def _add_versions(self, versions: list[Json], project_id: int) -> dict[str, str]:
        renamed = {}
        for row in versions:
            version_id = str(row["id"])
            other = self.versions.get(version_id)
            if other is not None and other["projectId"] != project_id:
                renamed[version_id] = version_id = self.new_id()
            self.versions[version_id] = {**row, "id": version_id, "projectId": project_id}
        return renamed

    def _add_issues(self, issues: list[Json], renamed: dict[str, str], project: Json) -> None:
        taken = {issue["id"] for issue in self.issues.values()}
        for issue in issues:
            key, issue_id = issue["key"], str(issue.get("id") or "")
            if not issue_id or (issue_id in taken and key not in self.issues):
                issue_id = self.new_id()
            taken.add(issue_id)
            fields = dict(issue["fields"])
            for name in ("fixVersions", "versions"):
                fields[name] = [
                    {**row, "id": renamed.get(str(row.get("id")), str(row.get("id")))} for row in fields.get(name) or []
                ]
            fields["project"] = {"key": project["key"], "name": project["name"], **(fields.get("project") or {})}
            self.issues[key] = {"id": issue_id, "key": key, "fields": fields}


def fix_version_ids(issue: Json) -> list[str]:
    """The ids of an issue's fix versions."""
    return [str(row.get("id")) for row in issue["fields"].get("fixVersions") or []]


def load(paths: Iterable[str | Path]) -> JiraData:
    """Read files, or folders of `*.json` files, into one Jira.

    Raises:
        JiraDataError: a path is missing, empty, not JSON or not of Jira's shape.
    """
    data = JiraData()
    for path in paths:
        for file in _files(Path(path)):
            data.add_document(_read(file), name=str(file))
    return data


def move_ahead(data: JiraData, today: datetime.date, *, days: int = DAYS_AHEAD) -> dict[str, datetime.date]:
    """Serve recorded releases as if each project's last one were still to come, `days` after `today`.

    Every date of the project's versions moves by the same number of days; issues and their texts stay as recorded. A
    project whose last release with issues is still to come stays as it is.

    Returns:
        The new release date of each version that is to come again, by project key and name ("DOCK 2.0.0").
    """
    moved = {}
    for key, project in data.projects.items():
        last = _last_release(data, project)
        recorded = _day(last) if last else None
        if last is None or (recorded is not None and recorded > today and not last.get("released")):
            continue
        day = today + datetime.timedelta(days=days)
        if recorded is not None:
            for version in data.versions_of(project):
                _move(version, day - recorded)
        last.update(released=False, releaseDate=day.isoformat())
        last.pop("overdue", None)
        moved[f"{key} {last['name']}"] = day
    if moved:
        _name_in_issues(data)
    return moved


def load_demo(today: datetime.date | None = None) -> JiraData:
    """The product that comes with us, with dates counted from `today` (UTC) so that it never ages."""
    data = JiraData()
    day = today or datetime.datetime.now(datetime.UTC).date()
    for file in sorted((Path(__file__).parent / "demo").glob("*.json")):
        data.add_document(product.expand(json.loads(file.read_text("utf-8")), day), name=file.name)
    return data


def _last_release(data: JiraData, project: Json) -> Json | None:
    """The version with issues that has the last date; without any date the one with most issues."""
    counted = [(len(data.issues_of_version(row["id"])), row) for row in data.versions_of(project)]
    told = [(count, row) for count, row in counted if count and not row.get("archived")]
    return max(told, key=lambda pair: (_day(pair[1]) or datetime.date.min, pair[0]))[1] if told else None


def _day(version: Json) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(str(version.get("releaseDate")))
    except ValueError:
        return None


def _move(version: Json, by: datetime.timedelta) -> None:
    for name in ("startDate", "releaseDate"):
        with contextlib.suppress(ValueError):
            version[name] = (datetime.date.fromisoformat(str(version.get(name))) + by).isoformat()
    for name in ("userStartDate", "userReleaseDate"):  # the same dates in words
        version.pop(name, None)


def _name_in_issues(data: JiraData) -> None:
    """Let issues say of their versions what the versions say."""
    for issue in data.issues.values():
        for row in issue["fields"]["fixVersions"]:
            known = data.versions.get(row["id"], {})
            row.update({name: known[name] for name in ("released", "releaseDate") if name in row and name in known})


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.json"))
        if not files:
            raise JiraDataError(f"{path}: no .json file in this folder")
        return files
    if not path.is_file():
        raise JiraDataError(f"{path}: no such file or folder")
    return [path]


def _read(file: Path) -> Json:
    try:
        document = json.loads(file.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise JiraDataError(f"{file}: not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise JiraDataError(f"{file}: not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except (OSError, RecursionError) as error:
        raise JiraDataError(f"{file}: cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise JiraDataError(f"{file}: expected an object with project, versions and search")
    return document


def _parts(document: Json, name: str) -> list[Json]:
    """One document for each project of a document with several."""
    projects = document.get("project")
    if not isinstance(projects, list):
        return [document]
    if not projects or not all(isinstance(row, dict) and isinstance(row.get("key"), str) for row in projects):
        raise JiraDataError(f'{name}: "project" is a list without a project, or one of them has no "key"')
    _, versions, issues = _checked({**document, "project": projects[0]}, name)
    own: dict[str, str] = {}
    for row in projects:
        own |= {str(row[mark]): row["key"] for mark in ("id", "key") if row.get(mark)}
    first = projects[0]["key"]

    def of(row: Json) -> str:
        return own.get(str(row.get("projectId")), first)

    parts = []
    for row in projects:
        mine = [issue for issue in issues if own.get(issue["key"].rpartition("-")[0], first) == row["key"]]
        named = {number for issue in mine for number in fix_version_ids(issue)}
        listed = [version for version in versions if of(version) == row["key"]]
        listed = listed or [version for version in versions if str(version["id"]) in named]
        parts.append({**document, "project": row, "versions": listed, "search": {"issues": mine}})
    return parts


def _checked(document: Json, name: str) -> tuple[Json, list[Json], list[Json]]:
    """The three parts every file must have, or one line that says what is missing."""
    project = document.get("project")
    if not isinstance(project, dict) or not isinstance(project.get("key"), str) or not project["key"]:
        raise JiraDataError(f'{name}: no "project" with a "key"')
    versions = document.get("versions")
    if not isinstance(versions, list):
        raise JiraDataError(f'{name}: no "versions" (the list that GET project/{project["key"]}/versions answers)')
    for row in versions:
        if not isinstance(row, dict) or not row.get("id") or not isinstance(row.get("name"), str):
            raise JiraDataError(f'{name}: a version without "id" or "name"')
    search = document.get("search")
    issues = search.get("issues") if isinstance(search, dict) else None
    if not isinstance(issues, list):
        raise JiraDataError(f'{name}: no "search" with "issues" (the object that GET search/jql answers)')
    for row in issues:
        if not isinstance(row, dict) or not isinstance(row.get("key"), str) or not isinstance(row.get("fields"), dict):
            raise JiraDataError(f'{name}: an issue without "key" or "fields"')
    fields = document.get("fields") or []
    if not isinstance(fields, list) or any(not isinstance(row, dict) or "id" not in row for row in fields):
        raise JiraDataError(f'{name}: "fields" must be the list that GET field answers')
    return {"name": project["key"], **project}, versions, issues
