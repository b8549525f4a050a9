"""Unfold a demo product, written briefly and with dates as day offsets, into the shape of Jira's answers.

`"+14"` is fourteen days after today, `"-30"` thirty days before. One issue is one line; `each` makes an issue
per value (`{}` in the summary), which is how a release of more than a hundred issues stays readable.
"""

from __future__ import annotations

import datetime
from typing import Any

Json = dict[str, Any]
NOTE_FIELD = "customfield_10210"
FLAG_FIELD = "customfield_10211"
_TEXT = "com.atlassian.jira.plugin.system.customfieldtypes:"


def expand(document: Json, today: datetime.date) -> Json:
    """The document as Jira would answer it on `today`."""
    project = document["project"]
    versions = [_version(row, int(project["id"]), today) for row in document["versions"]]
    by_name = {row["name"]: row for row in versions}
    issues: list[Json] = []
    keys: dict[str, str] = {}
    for row in document["issues"]:
        for value in row.get("each", [""]):
            issue = _issue(row, row["summary"].replace("{}", value), len(issues), project, by_name, today)
            if "id" in row:
                keys[row["id"]] = issue["key"]
            if "parent" in row:
                issue["fields"]["parent"] = {"key": keys[row["parent"]]}
            issues.append(issue)
    return {"project": project, "fields": _fields(), "versions": versions, "search": {"issues": issues, "isLast": True}}


def _date(offset: str, today: datetime.date) -> datetime.date:
    return today + datetime.timedelta(days=int(offset))


def _version(row: Json, project_id: int, today: datetime.date) -> Json:
    shown = {"archived": False, "released": False, "description": "", **row, "projectId": project_id}
    for name in ("startDate", "releaseDate"):
        if name in shown:
            shown[name] = _date(shown[name], today).isoformat()
    return shown


def _issue(
    row: Json, summary: str, number: int, project: Json, versions: dict[str, Json], today: datetime.date
) -> Json:
    kind = row.get("type", "Task")
    done = row.get("status", "Done") in ("Done", "Closed", "Resolved")
    resolution = row.get("resolution", "Done" if done else None)
    updated = _date(row.get("updated", str(-3 - number % 17)), today)
    created = updated - datetime.timedelta(days=20 + number % 40)
    return {
        "id": str(int(project["id"]) * 10 + 1 + number),
        "key": row.get("key") or f"{project['key']}-{project.get('first', 101) + number}",
        "fields": {
            "summary": summary,
            "issuetype": {"name": kind, "subtask": kind == "Sub-task"},
            "priority": {"name": row.get("priority", "Medium")},
            "status": {
                "name": row.get("status", "Done"),
                "statusCategory": {"key": "done", "name": "Done"}
                if done
                else {"key": "indeterminate", "name": "In Progress"},
            },
            "resolution": {"name": resolution} if resolution else None,
            "components": [{"name": name} for name in row.get("components", [])],
            "labels": row.get("labels", []),
            "fixVersions": [
                {"id": versions[name]["id"], "name": name} for name in row.get("versions", [row.get("version", "")])
                if name in versions
            ],
            "versions": [{"id": versions[name]["id"], "name": name} for name in row.get("affects", [])],
            "project": {"key": row.get("project", project["key"])},
            "security": {"id": "10100", "name": row["security"]} if "security" in row else None,
            "description": row.get("description"),
            "issuelinks": [],
            "assignee": None,
            "created": f"{created.isoformat()}T09:{number % 60:02d}:00.000+0000",
            "updated": f"{updated.isoformat()}T14:{number % 60:02d}:00.000+0000",
            NOTE_FIELD: row.get("note"),
            FLAG_FIELD: [{"value": name} for name in row["flags"]] if "flags" in row else None,
        },
    }  # fmt: skip


def _fields() -> list[Json]:
    return [
        {
            "id": NOTE_FIELD, "name": "Release Note", "custom": True, "clauseNames": ["cf[10210]", "Release Note"],
            "schema": {"type": "string", "custom": _TEXT + "textarea", "customId": 10210},
        },
        {
            "id": FLAG_FIELD, "name": "Change Flags", "custom": True, "clauseNames": ["cf[10211]", "Change Flags"],
            "schema": {"type": "array", "items": "option", "custom": _TEXT + "multicheckboxes", "customId": 10211},
        },
    ]  # fmt: skip
