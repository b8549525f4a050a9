"""Read a release as Jira answers it (serverInfo, project, fields, versions, search) into the facts of a snapshot."""

from __future__ import annotations

import re
from typing import Any

from campaigns.drafting.facts import Facts

_KINDS = {
    "bug": "fix",
    "new feature": "feature",
    "story": "feature",
    "feature": "feature",
    "epic": "feature",
    "improvement": "improvement",
    "enhancement": "improvement",
    "remove feature": "breaking",
    "deprecation": "breaking",
}
_NOT_DONE = {
    "duplicate",
    "cannot reproduce",
    "won't fix",
    "won't do",
    "invalid",
    "not a bug",
    "incomplete",
    "not a problem",
    "abandoned",
    "implemented elsewhere",
}
_CHORE = re.compile(
    r"\b(tests?|flak\w+|checkstyle|spotbugs|spotless|sonar\w*|jenkins|yetus|precommit|pre commit|ci|junit|codecov|pom|"
    r"maven|mvn|javadoc|refactor\w*|license|readme|changelog|release notes|docker image|github|unit|reindent|"
    r"eclipse|warnings?|tarball|nexus|scalatest|version numbers|tag, package)\b|IT\b",
    re.I,
)


def facts_of(data: dict[str, Any], *, everything: bool = False) -> Facts:
    """The facts of the first version in the file; `everything` keeps no issue out.

    This is a stand-in for the product's own field mapping and is meant for benchmarks alone.
    """
    version = data["versions"][0]
    note_fields = [field["id"] for field in data["fields"] if field["name"].lower() == "release note"]
    issues, excluded = [], []
    for item in data["search"]["issues"]:
        fields = item["fields"]
        summary = str(fields.get("summary") or "")
        reason = "" if everything else _kept_out(fields, summary)
        if reason:
            excluded.append({"key": item["key"], "summary": summary, "reason": reason})
            continue
        kind = _KINDS.get(str((fields.get("issuetype") or {}).get("name")).lower(), "other")
        note = next((fields[name] for name in note_fields if fields.get(name)), "") or ""
        issues.append(
            {
                "key": item["key"],
                "kind": kind,
                "summary": summary,
                "note": note,
                "description": fields.get("description") or "",
                "status": (fields.get("status") or {}).get("name"),
                "resolution": (fields.get("resolution") or {}).get("name"),
                "components": [component["name"] for component in fields.get("components") or ()],
            }
        )
    project = data["project"]
    project = project[0] if isinstance(project, list) else project
    return Facts.from_json(
        {
            "product": {"key": project["key"], "name": project.get("name") or project["key"]},
            "release": {
                "name": version["name"],
                "release_date": version.get("releaseDate"),
                "description": version.get("description") or "",
                "released": version.get("released"),
            },
            "issues": issues,
            "excluded": excluded,
        }
    )


def _kept_out(fields: dict[str, Any], summary: str) -> str:
    resolution = str((fields.get("resolution") or {}).get("name") or "").lower()
    done = ((fields.get("status") or {}).get("statusCategory") or {}).get("key") == "done"
    if resolution in _NOT_DONE:
        return f"resolved as {resolution}"
    if not done:
        return "not done"
    if fields.get("security"):
        return "has a security level"
    if _CHORE.search(summary) or str((fields.get("issuetype") or {}).get("name")).lower() == "test":
        return "internal work"
    return ""
