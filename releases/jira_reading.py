"""Jira's answers as our own frozen records. A row that lacks what every Jira gives is malformed, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from releases.jira_errors import JiraMalformed
from releases.text import one_line, plain_text


@dataclass(frozen=True)
class ServerInfo:
    """Which Jira this is: "Cloud" or "Data Center"."""

    deployment: str
    url: str

    @property
    def cloud(self) -> bool:
        """Whether this is Jira Cloud."""
        return self.deployment == "Cloud"


@dataclass(frozen=True)
class JiraProject:
    """A project."""

    key: str
    name: str


@dataclass(frozen=True)
class JiraField:
    """A field; `id` is what answers are keyed by, `name` what people see."""

    id: str
    name: str
    custom: bool


@dataclass(frozen=True)
class JiraVersion:
    """A version. Dates that are missing or cannot be dates of a release are None; `date_problem` says why."""

    id: str
    name: str
    description: str
    released: bool
    archived: bool
    start_date: dt.date | None
    release_date: dt.date | None
    date_problem: str
    url: str


@dataclass(frozen=True)
class JiraIssue:
    """An issue, all texts plain."""

    key: str
    project_key: str
    summary: str
    issue_type: str
    subtask: bool
    parent_key: str
    status: str
    done: bool
    resolution: str
    priority: str
    components: tuple[str, ...]
    labels: tuple[str, ...]
    flags: tuple[str, ...]
    security_level: str
    note: str
    description: str
    updated: dt.datetime | None
    url: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class JiraWebhook:
    """A webhook that was registered over REST; `expires` is None when Jira gives no moment."""

    id: str
    events: tuple[str, ...]
    jql: str
    expires: dt.datetime | None


def read_webhook(row: dict[str, Any]) -> JiraWebhook:
    """One row of GET webhook ("Get dynamic webhooks for app")."""
    if not re.fullmatch(r"\d{1,20}", str(row.get("id") or "")):
        raise JiraMalformed("Jira answered a webhook without an id.")
    events = row.get("events") if isinstance(row.get("events"), list) else []
    return JiraWebhook(
        id=str(row["id"]),
        events=tuple(one_line(event, 100) for event in events or ()),
        jql=one_line(row.get("jqlFilter"), 1000),
        expires=read_moment(row.get("expirationDate")),
    )


def read_project(row: Any) -> JiraProject:
    """GET project/KEY."""
    if not isinstance(row, dict) or not isinstance(row.get("key"), str):
        raise JiraMalformed("Jira answered a project without a key.")
    return JiraProject(row["key"], one_line(row.get("name"), 200) or row["key"])


def read_field(row: dict[str, Any]) -> JiraField:
    """One row of GET field."""
    return JiraField(str(row.get("id") or ""), one_line(row.get("name"), 200), bool(row.get("custom")))


def read_version(row: Any, url: str, project_key: str) -> JiraVersion:
    """One row of GET project/KEY/versions."""
    if not isinstance(row, dict) or not row.get("id") or not isinstance(row.get("name"), str):
        raise JiraMalformed("Jira answered a version without id or name.")
    start, _ = read_date(row.get("startDate"))
    release, problem = read_date(row.get("releaseDate"))
    return JiraVersion(
        id=str(row["id"])[:50],
        name=one_line(row["name"], 255) or f"({row['id']})",
        description=plain_text(row.get("description"), 2_000),
        released=row.get("released") is True,
        archived=row.get("archived") is True,
        start_date=start,
        release_date=release,
        date_problem=problem,
        url=f"{url}/projects/{project_key}/versions/{row['id']}",
    )


def read_date(value: Any) -> tuple[dt.date | None, str]:
    """An ISO date, and what is wrong with it. Localised dates ("09/Sep/20") are never guessed at."""
    if value in (None, ""):
        return None, ""
    shown = one_line(str(value), 40)
    try:
        date = dt.date.fromisoformat(str(value)) if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)) else None
    except ValueError:
        date = None
    if date is None:
        return None, f"Jira's release date “{shown}” is not a date of the form 2026-11-30."
    if not 2000 <= date.year <= 2099:
        return None, f"Jira's release date “{shown}” cannot be meant: its year is {date.year}."
    return date, ""


def read_issue(row: dict[str, Any], url: str, extra: dict[str, str]) -> JiraIssue:
    """One issue of a search; `extra` maps "note" and "flags" to custom field ids."""
    fields = row["fields"]
    key = one_line(row["key"], 50)
    status = fields.get("status") if isinstance(fields.get("status"), dict) else {}
    project = fields.get("project") if isinstance(fields.get("project"), dict) else {}
    return JiraIssue(
        key=key,
        project_key=_text(project.get("key")) or key.rpartition("-")[0],
        summary=one_line(fields.get("summary"), 500) or "(no summary)",
        issue_type=_name(fields.get("issuetype")),
        subtask=isinstance(fields.get("issuetype"), dict) and fields["issuetype"].get("subtask") is True,
        parent_key=_text(fields["parent"].get("key")) if isinstance(fields.get("parent"), dict) else "",
        status=_name(status),
        done=_done(status),
        resolution=_name(fields.get("resolution")),
        priority=_name(fields.get("priority"), 50),
        components=_names(fields.get("components")),
        labels=_names(fields.get("labels")),
        flags=_names(fields.get(extra.get("flags", ""))),
        security_level=_name(fields.get("security")),
        note=plain_text(fields.get(extra.get("note", ""))),
        description=plain_text(fields.get("description")),
        updated=read_moment(fields.get("updated")),
        url=f"{url}/browse/{key}",
        people=_people(fields),
    )


_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}")


def _people(fields: dict[str, Any]) -> tuple[str, ...]:
    """The full names of those who made, hold or reported an issue; one word could be any word of a text.

    Chinese, Japanese and Korean names are often written without a space.
    """
    rows = (fields.get(name) for name in ("assignee", "reporter", "creator"))
    names = (one_line(row.get("displayName"), 100) for row in rows if isinstance(row, dict))
    return tuple(dict.fromkeys(name for name in names if len(name.split()) > 1 or _UNSPACED.fullmatch(name)))


def _done(status: dict[str, Any]) -> bool:
    category = status.get("statusCategory")
    if isinstance(category, dict) and category.get("key"):
        return category["key"] == "done"
    return _name(status).lower() in ("done", "closed", "resolved")


def _name(value: Any, limit: int = 100) -> str:
    """The name of a status, type, priority; Jira's webhooks and old servers give some as bare text."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("value")
    return one_line(value, limit)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name for name in map(_name, value if isinstance(value, list) else []) if name)


def _text(value: Any) -> str:
    return one_line(value, 50)


def read_moment(value: Any) -> dt.datetime | None:
    """A moment as Jira writes it: 2026-11-01T09:00:00.000+0000, or in milliseconds since 1970."""
    if isinstance(value, int) and not isinstance(value, bool):
        return dt.datetime.fromtimestamp(value / 1000, dt.UTC) if 0 < value < 4_102_444_800_000 else None
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.astimezone(dt.UTC) if moment.tzinfo else None
