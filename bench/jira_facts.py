"""Read a release as Jira answers it (serverInfo, project, fields, versions, search) into the facts of a snapshot."""

from __future__ import annotations

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relmail.settings")
django.setup()

from campaigns.drafting.facts import Facts  # noqa: E402 - the product's readers need Django first
from releases.jira_reading import read_issue  # noqa: E402
from releases.kinds import kind_of, visibility_of  # noqa: E402


def facts_of(data: dict[str, Any], *, everything: bool = False) -> Facts:
    """The facts of the first version in the file, by the product's own rules; `everything` keeps no issue out."""
    version, project = data["versions"][0], data["project"]
    project = project[0] if isinstance(project, list) else project
    ids = {field["name"].lower(): field["id"] for field in data.get("fields", ())}
    extra = {"note": ids.get("release note", ""), "flags": ids.get("hadoop flags", ids.get("flags", ""))}
    shown: list[dict[str, Any]] = []
    excluded: list[dict[str, Any]] = []
    for row in data["search"]["issues"]:
        issue = read_issue(row, "https://jira.example", extra)
        kind = kind_of(issue)
        _, reason = visibility_of(issue, kind, project_key=project["key"])
        if reason and not everything:
            excluded.append({"key": issue.key, "summary": issue.summary, "reason": reason})
            continue
        shown.append(
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
            "excluded": excluded,
        }
    )
