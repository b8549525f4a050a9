"""How a project, a version, an issue and an error look on the wire."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

from werkzeug.wrappers import Response

from relmail.simulator.jira.data import SYSTEM_FIELDS, JiraData
from relmail.simulator.jira.richtext import as_adf, as_wiki

Json = dict[str, Any]
TEXT_AREA = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, content_type="application/json;charset=UTF-8")


def error(status: int, *messages: str, headers: dict[str, str] | None = None) -> Response:
    """An error as Jira words it: `errorMessages` and an empty `errors`."""
    return answer({"errorMessages": list(messages), "errors": {}}, status, headers)


def version(row: Json, root: str, rest: str, today: datetime.date | None = None) -> Json:
    """A version. Dates that are not set are absent, not null; `overdue` is there only with a date to pass."""
    shown = {key: value for key, value in row.items() if key not in ("self", "overdue") and value is not None}
    shown = {"self": f"{root}/rest/api/{rest}/version/{row['id']}", "archived": False, "released": False, **shown}
    if shown.get("releaseDate"):
        day = today or datetime.datetime.now(datetime.UTC).date()
        shown["userReleaseDate"] = user_date(shown["releaseDate"])
        shown["overdue"] = not shown["released"] and shown["releaseDate"] < day.isoformat()
    return shown


def user_date(iso: str) -> str:
    """`2026-11-30` as Jira shows it to an English user: `30/Nov/26`."""
    try:
        return datetime.date.fromisoformat(iso).strftime("%d/%b/%y")
    except ValueError:
        return iso


def project(row: Json, root: str, rest: str, data: JiraData, *, whole: bool = False) -> Json:
    """A project; GET project/KEY also has its versions."""
    shown = {**row, "self": f"{root}/rest/api/{rest}/project/{row['id']}", "projectTypeKey": "software"}
    if whole:
        shown["versions"] = [version(one, root, rest) for one in data.versions_of(row)]
    return shown


def fields(data: JiraData) -> list[Json]:
    """The answer of GET field: Jira's own and the custom ones."""
    system: list[Json] = [
        {"id": name, "key": name, "name": title, "custom": False, "clauseNames": [name]}
        for name, title in SYSTEM_FIELDS
    ]
    return system + [{"key": row["id"], **row} for row in data.fields.values()]


def issue(row: Json, wanted: list[str], root: str, rest: str, data: JiraData) -> Json:
    """One issue with the fields asked for (`*all`, `*navigable`, names, `-name`); without any only its id."""
    if not wanted:
        return {"id": row["id"]}
    every = "*all" in wanted or "*navigable" in wanted
    dropped = {name[1:] for name in wanted if name.startswith("-")}
    values = {name: value for name, value in row["fields"].items() if (every or name in wanted) and name not in dropped}
    values = copy.deepcopy({name: value for name, value in values.items() if not name.startswith("_")})
    for name in ("fixVersions", "versions"):
        if values.get(name) is not None:
            values[name] = _versions(values[name], root, rest, data)
    for name in values:
        if name in ("description", "environment") or _is_text_area(name, data):
            values[name] = rich_text(values[name], rest)
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": row["id"],
        "self": f"{root}/rest/api/{rest}/issue/{row['id']}",
        "key": row["key"],
        "fields": values,
    }


def rich_text(value: Any, rest: str) -> Any:
    """A text as the REST version shows it: ADF in version 3, wiki markup before."""
    if rest == "3" and isinstance(value, str):
        return as_adf(value)
    if rest != "3" and isinstance(value, dict):
        return as_wiki(value)
    return value


def _is_text_area(name: str, data: JiraData) -> bool:
    return (data.fields.get(name, {}).get("schema") or {}).get("custom") == TEXT_AREA


def _versions(rows: list[Json], root: str, rest: str, data: JiraData) -> list[Json]:
    # The version table is the truth; a copy inside an issue would keep an old date.
    shown = []
    for row in rows:
        current = data.versions.get(str(row.get("id")), row)
        names = ("id", "name", "description", "archived", "released", "releaseDate")
        value = {name: current[name] for name in names if current.get(name) is not None}
        shown.append({"self": f"{root}/rest/api/{rest}/version/{current.get('id')}", **value})
    return shown
