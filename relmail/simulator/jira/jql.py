"""The part of JQL that our product and a curious person at the prompt send; the rest is refused as Jira does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from relmail.simulator.jira.data import JiraData, fix_version_ids

Json = dict[str, Any]
Test = Callable[[Json], bool]

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|!=|>=|<=|[=<>(),~]|[^\s=<>(),~!"\']+)')
_NAMES = {"issuekey": "key", "issue": "key", "id": "key", "type": "issuetype"}
_FIELDS = (
    "project", "fixversion", "affectedversion", "key", "issuetype", "status", "statuscategory", "resolution", "updated",
)  # fmt: skip
#: What JQL calls a category -> its key in an answer.
_CATEGORIES = {"to do": "new", "new": "new", "in progress": "indeterminate", "indeterminate": "indeterminate",
               "done": "done", "complete": "done"}  # fmt: skip


class JqlError(ValueError):
    """The text that Jira would put into errorMessages of a 400."""


def run(data: JiraData, jql: str) -> list[Json]:
    """The issues that the query finds, in its order (by key when it names none).

    Raises:
        JqlError: unbounded, unknown field, unknown value, or beyond our small subset.
    """
    where, order = _split_order(_tokens(jql))
    if not where:
        raise JqlError(UNBOUNDED)
    tests = _clauses(data, where)
    found = [issue for issue in data.issues.values() if all(test(issue) for test in tests)]
    for name, downwards in reversed(order or [("key", False)]):
        found.sort(key=_sort_key(name), reverse=downwards)
    return found


def projects_in(jql: str) -> set[str]:
    """The keys that a query names as projects, in capitals."""
    return {match[1].upper() for match in re.finditer(r"\bproject\s*=\s*[\"']?(\w+)", jql, re.I)}


def _tokens(jql: str) -> list[str]:
    tokens, at = [], 0
    text = jql.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise JqlError(
                f"Error in the JQL Query: The character '{text[at]}' is a reserved JQL character. "
                f"You must enclose it in a string or use the escape instead. (line 1, character {at + 1})"
            )
        tokens.append(match.group(1))
        at = match.end()
    return tokens


def _split_order(tokens: list[str]) -> tuple[list[str], list[tuple[str, bool]]]:
    lowered = [token.lower() for token in tokens]
    for at in range(len(tokens) - 1):
        if lowered[at] == "order" and lowered[at + 1] == "by":
            return tokens[:at], _order(tokens[at + 2 :])
    return tokens, []


def _order(tokens: list[str]) -> list[tuple[str, bool]]:
    order: list[tuple[str, bool]] = []
    for token in tokens:
        word = token.lower()
        if word in ("asc", "desc") and order:
            order[-1] = (order[-1][0], word == "desc")
        elif word != ",":
            order.append((_NAMES.get(word, word), False))
    return order


def _clauses(data: JiraData, tokens: list[str]) -> list[Test]:
    tests, at = [], 0
    while at < len(tokens):
        name = tokens[at].strip("\"'").lower()
        name = _NAMES.get(name, name)
        if name not in _FIELDS:
            raise JqlError(f"Field '{tokens[at]}' does not exist or you do not have permission to view it.")
        if at + 2 >= len(tokens):
            raise JqlError(
                "Error in the JQL Query: Expecting operator before the end of the query. "
                "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
            )
        operator = tokens[at + 1].lower()
        if operator == "in" and tokens[at + 2] == "(":
            if ")" not in tokens[at:]:
                raise JqlError("Error in the JQL Query: Expecting ')' before the end of the query.")
            end = tokens.index(")", at)
            values = [word for word in tokens[at + 3 : end] if word != ","]
        elif operator in ("=", "!=", ">=", "<=", ">", "<"):
            end, values = at + 2, [tokens[at + 2]]
        else:
            raise JqlError(f"Error in the JQL Query: Expecting operator but got '{tokens[at + 1]}'.")
        tests.append(_test(data, name, operator, [_unquoted(value) for value in values]))
        at = end + 1
        if at < len(tokens):
            if tokens[at].lower() != "and":
                raise JqlError(f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{tokens[at]}'.")
            at += 1
    return tests


def _unquoted(token: str) -> str:
    if token[:1] in ("'", '"'):
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token


def _test(data: JiraData, name: str, operator: str, values: list[str]) -> Test:
    if name == "updated":
        # Jira compares to the minute in the zone of the user; a text comparison of ISO dates is near enough here.
        return lambda issue: _compare(_minute(issue["fields"].get("updated")), operator, values)
    wanted = {
        "project": _projects,
        "fixversion": _versions,
        "affectedversion": _versions,
        "statuscategory": _categories,
        "key": _keys,
    }.get(name, _plain)(data, values)
    inside = operator in ("=", "in")

    def test(issue: Json) -> bool:
        return bool(wanted & _values(issue, name)) == inside

    return test


def _compare(value: str, operator: str, values: list[str]) -> bool:
    other = values[0].replace("/", "-")
    value = value[: len(other)]
    answers = {">=": value >= other, ">": value > other, "<=": value <= other, "<": value < other}
    return answers.get(operator, value == other)


def _minute(value: Any) -> str:
    return str(value or "")[:16].replace("T", " ")


def _values(issue: Json, name: str) -> set[str]:
    fields = issue["fields"]
    if name == "project":
        return {fields["project"]["key"]}
    if name == "fixversion":
        return set(fix_version_ids(issue))
    if name == "affectedversion":
        return {str(row.get("id")) for row in fields.get("versions") or []}
    if name == "statuscategory":
        status = fields.get("status") or {}
        ended = str(status.get("name") or "").lower() in ("done", "closed", "resolved")
        return {str((status.get("statusCategory") or {}).get("key") or ("done" if ended else "new"))}
    if name == "key":
        return {issue["key"]}
    return {str((fields.get(name) or {}).get("name", "")).lower()}


def _projects(data: JiraData, values: list[str]) -> set[str]:
    keys = set()
    for value in values:
        project = data.project_of(value) or next(
            (row for row in data.projects.values() if row["name"].lower() == value.lower()), None
        )
        if project is None:
            raise JqlError(f"The value '{value}' does not exist for the field 'project'.")
        keys.add(project["key"])
    return keys


def _versions(data: JiraData, values: list[str]) -> set[str]:
    ids = set()
    for value in values:
        # As in Jira a number may be an id or a name; a name finds the version of that name in every project.
        found = {row["id"] for row in data.versions.values() if value.lower() == row["name"].lower()}
        if value in data.versions:
            found.add(value)
        if not found:
            raise JqlError(
                f"A value with ID '{value}' does not exist for the field 'fixVersion'."
                if value.isdigit()
                else f"The value '{value}' does not exist for the field 'fixVersion'."
            )
        ids |= found
    return ids


def _categories(data: JiraData, values: list[str]) -> set[str]:
    unknown = next((value for value in values if value.lower() not in _CATEGORIES), None)
    if unknown is not None:
        raise JqlError(f"The value '{unknown}' does not exist for the field 'statusCategory'.")
    return {_CATEGORIES[value.lower()] for value in values}


def _keys(data: JiraData, values: list[str]) -> set[str]:
    for value in values:
        if value.upper() not in data.issues:
            raise JqlError(f"An issue with key '{value}' does not exist for field 'issuekey'.")
    return {value.upper() for value in values}


def _plain(data: JiraData, values: list[str]) -> set[str]:
    return {value.lower() for value in values}


def _sort_key(name: str) -> Callable[[Json], tuple[Any, ...]]:
    def key(issue: Json) -> tuple[Any, ...]:
        if name in ("created", "updated"):
            return (str(issue["fields"].get(name) or ""),)
        project, _, number = issue["key"].rpartition("-")
        return project, int(number) if number.isdigit() else 0

    return key
