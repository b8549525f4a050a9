"""Read a release as Jira answers it (serverInfo, project, fields, versions, search) into the facts of a snapshot."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relmail.settings")
django.setup()

from campaigns.drafting.facts import Facts  # noqa: E402 - the product's readers need Django first
from releases.jira_reading import read_issue  # noqa: E402
from releases.kinds import kind_of, visibility_of, visibility_of_problem  # noqa: E402
from releases.services import FLAG_NAMES, NOTE_NAMES  # noqa: E402


def facts_of(data: dict[str, Any], *, everything: bool = False) -> Facts:
    """The facts of the version that the file is about, by the product's own rules; `everything` keeps no issue out."""
    given = data["project"]
    projects: list[dict[str, Any]] = given if isinstance(given, list) else [given]
    project, version = projects[0], _version(data)
    fields = [field for field in data.get("fields", ()) if field.get("name")]
    extra = {
        what: next((field["id"] for field in fields if like.match(field["name"])), "")
        for what, like in (("note", NOTE_NAMES), ("flags", FLAG_NAMES))
    }
    keys = [one["key"] for one in projects]
    shown: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    excluded: list[dict[str, Any]] = []
    for row in data["search"]["issues"]:
        issue = read_issue(row, "https://jira.example", extra)
        kind = kind_of(issue)
        open_problem = not issue.done and not _names(row, "fixVersions", version) and _names(row, "versions", version)
        judge = visibility_of_problem if open_problem else visibility_of
        _, reason = judge(issue, kind, project_key=project["key"], other_projects=keys)
        if reason and not everything:
            excluded.append({"key": issue.key, "summary": issue.summary, "reason": reason})
            continue
        (problems if open_problem else shown).append(
            {
                "key": issue.key,
                "kind": str(kind),
                "summary": issue.summary,
                "note": issue.note,
                "description": issue.description,
                "status": issue.status,
                "resolution": issue.resolution,
                "components": list(issue.components),
            }
        )
    return Facts.from_json(
        {
            "product": {"key": project["key"], "name": project.get("name") or project["key"]},
            "release": {
                "name": version["name"],
                "release_date": version.get("releaseDate"),
                "description": version.get("description") or "",
                "released": version.get("released"),
            },
            "issues": shown,
            "known_problems": problems,
            "excluded": excluded,
        }
    )


def _names(row: dict[str, Any], field: str, version: dict[str, Any]) -> bool:
    """Whether an issue names the version, or one of its name in another project, in a field of versions."""
    return any(other.get("name") == version["name"] for other in row["fields"].get(field) or ())


def _version(data: dict[str, Any]) -> dict[str, Any]:
    """The version that most of the issues carry; a file may hold all versions of a project, the oldest first."""
    carried = Counter(
        str(version.get("id") or version.get("name"))
        for row in data["search"]["issues"]
        for version in row["fields"].get("fixVersions") or ()
    )
    versions: list[dict[str, Any]] = data["versions"]
    return max(versions, key=lambda version: max(carried[str(version.get("id"))], carried[str(version.get("name"))]))
