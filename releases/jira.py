"""The one door to Jira. Nobody else imports the `jira` library; it reads, it never writes.

Cloud and Data Center are told apart by serverInfo. The library's own retries are off (they wait a minute and fail on
a Retry-After that is a date); ours are few and bounded. Every page is read and the sum compared with Jira's count.
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import json
import logging
import random
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from django.conf import settings
from jira import JIRA, JIRAError

from releases.deadline import Deadline
from releases.jira_connection import WatchedAdapter
from releases.jira_errors import (
    JiraError,
    JiraIncomplete,
    JiraMalformed,
    JiraNotFound,
    JiraRefused,
    JiraThrottled,
    JiraUnreachable,
)
from releases.jira_reading import (
    JiraField,
    JiraIssue,
    JiraProject,
    JiraVersion,
    JiraWebhook,
    ServerInfo,
    read_field,
    read_issue,
    read_moment,
    read_project,
    read_version,
    read_webhook,
)

__all__ = [
    "Door", "JiraError", "JiraField", "JiraIncomplete", "JiraIssue", "JiraMalformed", "JiraNotFound", "JiraProject",
    "JiraRefused", "JiraThrottled", "JiraUnreachable", "JiraVersion", "JiraWebhook", "ServerInfo", "open_door",
]  # fmt: skip

# The library logs whole bodies and headers when an answer surprises it. Our errors say what is worth saying.
# `_connect` says so once more, for the library sets the level anew each time.
logging.getLogger("jira").setLevel(logging.CRITICAL)

TRIES = 3
#: Seconds that one question may take in waiting for better times; after that the next tick asks again.
PATIENCE = 30.0
CONNECT_TIMEOUT = 5.0
#: How many time-outs one question may take in all; a server that dribbles breaks no time-out between two bytes.
WHOLE = 3.0
PAGE = 100
#: Pages of one search. A Jira may give fewer than PAGE issues a page, but not a handful of 20,000.
MOST_PAGES = 1_000
MOST_ISSUES = 20_000
#: Jira lets an app have 100 webhooks a tenant, and 250 by OAuth 2.0; more than this is a list that never ends.
MOST_WEBHOOKS = 1_000
FIELDS = (
    "summary", "issuetype", "status", "resolution", "priority", "components", "labels", "fixVersions", "project",
    "security", "description", "parent", "updated", "assignee", "reporter", "creator",
)  # fmt: skip

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Access:
    """Where Jira is and who we are there. `user` empty means a personal access token.

    `timeout` is in seconds from one piece of an answer to the next; a whole one may take WHOLE times that.
    """

    url: str
    user: str
    token: str
    timeout: float = 20.0


def pause(seconds: float) -> None:
    """Wait between two tries."""
    time.sleep(seconds)


def open_door() -> Door:
    """The Jira of the settings JIRA_URL, JIRA_USER, JIRA_TOKEN and JIRA_TIMEOUT.

    Raises:
        JiraError: nothing is configured, or Jira cannot be reached or does not let us in.
    """
    if not settings.JIRA_URL:
        raise JiraError("No Jira is configured: set JIRA_URL, JIRA_USER and JIRA_TOKEN.")
    access = Access(settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN, settings.JIRA_TIMEOUT)
    return Door(access)


class Door:
    """An open connection. Every method raises one of our JiraErrors and nothing else."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._deadline: Deadline | None = None
        self._client = self._ask("Jira", lambda: self._connect("2"))
        self.server = ServerInfo(
            deployment="Cloud" if self._client.deploymentType == "Cloud" else "Data Center",
            url=access.url.rstrip("/"),
        )
        if self.server.cloud:
            # Version 3 gives the stored document (ADF); version 2 a translation of it into wiki markup.
            self._client.close()
            self._client = self._ask("Jira", lambda: self._connect("3"))
        self._fields: list[JiraField] | None = None

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def myself(self) -> str:
        """The name of the account, which proves that the credentials are good."""
        who = self._ask("the account", self._client.myself)
        return str(who.get("displayName") or who.get("name") or "") if isinstance(who, dict) else ""

    def fields(self) -> list[JiraField]:
        """All fields, Jira's own and custom ones; asked once per door."""
        if self._fields is None:
            rows = self._ask("the fields", self._client.fields)
            self._fields = [read_field(row) for row in _rows(rows, "fields")]
        return self._fields

    def project(self, key: str) -> JiraProject:
        """The project with this key."""
        safe = _safe(key)
        return read_project(self._ask(f"the project {key}", lambda: self._client.project(safe).raw))

    def versions(self, project_key: str) -> list[JiraVersion]:
        """All versions of a project, archived ones included."""
        safe = _safe(project_key)
        what = f"the versions of {project_key}"
        rows = self._ask(what, lambda: [version.raw for version in self._client.project_versions(safe)])
        return [read_version(row, self.server.url, project_key) for row in _rows(rows, "versions")]

    def version(self, version_id: str, project_key: str) -> JiraVersion:
        """One version. Raises JiraNotFound when it was deleted or merged into another."""
        safe = _safe(version_id)
        row = self._ask(f"the version {version_id}", lambda: self._client.version(safe).raw)
        return read_version(row, self.server.url, project_key)

    def issues(self, project_key: str, version_id: str, extra_fields: dict[str, str] | None = None) -> list[JiraIssue]:
        """Every issue under a version, ordered by key.

        `extra_fields` maps "note" and "flags" to the ids of custom fields. A sum that does not agree with Jira's count
        is read once more, because an issue may have moved meanwhile.

        Raises:
            JiraIncomplete: the sum still does not agree, or the pages repeat or break off.
        """
        where = f'project = "{_safe(project_key)}" AND fixVersion = {_number(version_id)}'
        return self._every(f"the issues of version {version_id}", where, extra_fields or {})

    def open_problems(
        self, project_key: str, version_id: str, extra_fields: dict[str, str] | None = None
    ) -> list[JiraIssue]:
        """Every issue that is not done and names a version as affected, as complete as `issues`.

        A Jira whose administrator hid the field of affected versions has none.
        """
        number = _number(version_id)
        where = f'project = "{_safe(project_key)}" AND affectedVersion = {number} AND statusCategory != Done'
        try:
            return self._every(f"the open issues of version {version_id}", where, extra_fields or {})
        except JiraNotFound as error:
            if "field 'affectedversion' does not exist" in str(error).lower():
                return []
            raise

    def _every(self, what: str, where: str, extra: dict[str, str]) -> list[JiraIssue]:
        jql = f"{where} ORDER BY key ASC"
        wanted = [*FIELDS, *extra.values()]
        read = self._cloud_issues if self.server.cloud else self._center_issues
        for last in (False, True):
            rows, count = read(what, jql, wanted)
            if len(rows) >= count:
                break
            if last:
                raise JiraIncomplete(f"Jira counts {count} issues under this version but gave {len(rows)}.")
        return [read_issue(row, self.server.url, extra) for row in rows.values()]

    def newest_issues(self, project_key: str, extra_fields: list[str]) -> list[dict[str, Any]]:
        """The `fields` of up to 100 issues of a project, last changed first: a sample of how it uses them, one page."""
        jql = f'project = "{_safe(project_key)}" ORDER BY updated DESC'
        wanted = ["labels", "components", "issuetype", "security", *extra_fields]
        what = f"the issues of {project_key}"
        if self.server.cloud:
            page = self._ask(what, partial(self._cloud_page, jql, None, wanted))
        else:
            page = self._ask(what, partial(self._center_page, jql, 0, wanted))
        rows: dict[str, dict[str, Any]] = {}
        _take(rows, page)
        return [row["fields"] for row in rows.values()]

    def webhooks(self) -> list[JiraWebhook]:
        """The webhooks that this app registered over REST (Cloud only), every page.

        Raises:
            JiraRefused: the account is a person's and no app's; Jira keeps this list for apps (OAuth 2.0, Connect).
        """
        rows: list[JiraWebhook] = []
        while True:
            page = self._ask("the webhooks", partial(self._get, "webhook", {"startAt": len(rows), "maxResults": PAGE}))
            if not isinstance(page, dict):
                raise JiraMalformed("Jira answered something that is not a list of webhooks.")
            values = _rows(page.get("values"), "webhooks")
            rows += [read_webhook(row) for row in values]
            if page.get("isLast") is not False or not values or len(rows) > MOST_WEBHOOKS:
                return rows

    def refresh_webhooks(self, ids: list[str]) -> dt.datetime | None:
        """Let webhooks live for another 30 days ("Extend webhook life"); returns until when, if Jira says."""
        numbers = [int(_number(one)) for one in ids]
        answer = self._ask("the webhooks", partial(self._put, "webhook/refresh", {"webhookIds": numbers}))
        return read_moment(answer.get("expirationDate")) if isinstance(answer, dict) else None

    def _get(self, path: str, parameters: dict[str, Any]) -> Any:
        return self._client._get_json(path, parameters)

    def _put(self, path: str, body: dict[str, Any]) -> Any:
        # The library has no method for this address; its session signs the request and raises its own errors.
        return self._client._session.put(self._client._get_url(path), data=json.dumps(body)).json()

    def _cloud_issues(self, what: str, jql: str, fields: list[str]) -> tuple[dict[str, dict[str, Any]], int]:
        rows: dict[str, dict[str, Any]] = {}
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = self._ask(what, partial(self._cloud_page, jql, token, fields))
            _, new = _take(rows, page)
            token = page.get("nextPageToken")
            if not token:
                break
            _check_new(new)
        else:
            raise _too_many_pages()
        if page.get("isLast") is False:
            raise JiraIncomplete("Jira's pages break off: more were promised, but there is no nextPageToken.")
        count = self._ask(what, lambda: self._client.approximate_issue_count(jql))
        return rows, _whole(count)

    def _cloud_page(self, jql: str, token: str | None, fields: list[str]) -> Any:
        return self._client.enhanced_search_issues(
            jql, nextPageToken=token, maxResults=PAGE, fields=list(fields), json_result=True
        )

    def _center_issues(self, what: str, jql: str, fields: list[str]) -> tuple[dict[str, dict[str, Any]], int]:
        rows: dict[str, dict[str, Any]] = {}
        start = 0
        for _ in range(MOST_PAGES):
            page = self._ask(what, partial(self._center_page, jql, start, fields))
            got, new = _take(rows, page)
            total = _whole(page.get("total"))
            start += got
            if not got or start >= total:
                return rows, total
            _check_new(new)
        raise _too_many_pages()

    def _center_page(self, jql: str, start: int, fields: list[str]) -> Any:
        return self._client.search_issues(jql, startAt=start, maxResults=PAGE, fields=list(fields), json_result=True)

    def _connect(self, rest: str) -> JIRA:
        access = self._access
        options = {"server": access.url, "rest_api_version": rest, "check_update": False}
        who: dict[str, Any] = {}
        if access.user:
            who["basic_auth"] = (access.user, access.token)
        elif access.token:
            who["token_auth"] = access.token
        client = JIRA(
            options=options, timeout=(CONNECT_TIMEOUT, access.timeout), max_retries=0, logging=False,
            get_server_info=False, **who,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            client._session.mount(scheme, WatchedAdapter(self._watch))
        # As the library would have asked itself, but for the deadline.
        told = client.server_info()
        client._version, client.deploymentType = tuple(told["versionNumbers"]), told.get("deploymentType")
        return client

    def _watch(self, connection: socket.socket) -> None:
        if self._deadline:
            self._deadline.watch(connection)

    def _ask(self, what: str, question: Callable[[], Answer]) -> Answer:
        """Ask up to three times where that can help, within PATIENCE seconds."""
        begun = time.monotonic()
        for attempt in range(1, TRIES + 1):
            self._deadline = Deadline(WHOLE * self._access.timeout)
            try:
                with self._deadline:
                    return question()
            except Exception as wrong:
                # `from None`: the library's error carries the request with its Authorization header.
                error = _translated(wrong, what, self._access)
                if self._deadline.passed:
                    error = _too_slow(what, self._access, self._deadline)
            wait = error.retry_after if isinstance(error, JiraThrottled) and error.retry_after else 0.5 * 2**attempt
            late = time.monotonic() - begun + wait > PATIENCE
            if not error.can_retry or attempt == TRIES or late:
                raise error from None
            pause(wait * random.uniform(1.0, 1.2))  # noqa: S311 - spreads retries, keeps no secret
        raise AssertionError("unreachable")


def _take(rows: dict[str, dict[str, Any]], page: Any) -> tuple[int, int]:
    """Add a page's issues by key; an issue that moved between two pages counts once.

    Returns how many came, and how many of them had not come before.
    """
    if not isinstance(page, dict):
        raise JiraMalformed("Jira's search answered something that is not an object.")
    issues = _rows(page.get("issues"), "issues")
    before = len(rows)
    for row in issues:
        if not isinstance(row.get("key"), str) or not isinstance(row.get("fields"), dict):
            raise JiraMalformed("Jira's search answered an issue without key or fields.")
        rows[row["key"]] = row
    if len(rows) > MOST_ISSUES:
        raise JiraError(f"More than {MOST_ISSUES} issues under one version; this cannot be one release.")
    return len(issues), len(rows) - before


def _check_new(new: int) -> None:
    """A page that is not the last has to bring something, or the pages would never end."""
    if not new:
        raise JiraIncomplete("Jira's pages repeat: it promises more issues, but gave only such as came before.")


def _too_many_pages() -> JiraIncomplete:
    return JiraIncomplete(f"Jira gave {MOST_PAGES} pages of issues and promises more; this cannot be one release.")


def _rows(value: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise JiraMalformed(f"Jira answered something that is not a list of {what}.")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise JiraMalformed("Jira answered something that is not a count.")
    return value


def _safe(part: str) -> str:
    if not re.fullmatch(r"\w{1,50}", part):
        raise JiraNotFound(f"“{part[:60]}” cannot be a key or id of Jira.")
    return part


def _number(part: str) -> str:
    if not re.fullmatch(r"\d{1,20}", part):
        raise JiraNotFound(f"“{part[:60]}” cannot be the id of a version.")
    return part


def _translated(error: Exception, what: str, access: Access) -> JiraError:
    """Our error for anything that the library or requests raises."""
    host = urlsplit(access.url).hostname or "Jira"
    if isinstance(error, JiraError):
        return error
    if isinstance(error, JIRAError):
        return _refusal(error, what, host, access)
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return JiraMalformed(f"Jira at {host} answered for {what}, but not with JSON (a proxy or a log-in page?).")
    if isinstance(error, requests.Timeout):
        return JiraUnreachable(f"Jira at {host} did not answer for {what} within {access.timeout:g} seconds.")
    if isinstance(error, requests.exceptions.SSLError):
        return JiraUnreachable(f"Jira at {host} could not be reached: its TLS certificate was not accepted.")
    if isinstance(error, requests.RequestException):
        return JiraUnreachable(f"Jira at {host} could not be reached for {what}: the connection failed.")
    if isinstance(error, (ValueError, TypeError, KeyError, AttributeError)):
        return JiraMalformed(f"Jira at {host} answered for {what} with something that is not its API.")
    raise error


def _too_slow(what: str, access: Access, deadline: Deadline) -> JiraUnreachable:
    host = urlsplit(access.url).hostname or "Jira"
    return JiraUnreachable(f"Jira at {host} had not ended its answer for {what} after {deadline.seconds:g} seconds.")


def _refusal(error: JIRAError, what: str, host: str, access: Access) -> JiraError:
    status = error.status_code or 0
    said = _said(error, access)
    headers = getattr(error.response, "headers", None) or {}
    if status == 401:
        return JiraRefused(f"Jira at {host} refused the log-in (401). Check JIRA_USER and JIRA_TOKEN.{said}")
    if status == 403:
        return JiraRefused(f"The account may not read {what} in Jira (403).{said}")
    if status == 404 or (status == 400 and "does not exist" in said):
        return JiraNotFound(f"Jira has no {what.removeprefix('the ')} that this account can see ({status}).{said}")
    if status == 429 or (status == 503 and "Retry-After" in headers):
        after = retry_after(headers.get("Retry-After"), dt.datetime.now(dt.UTC))
        when = f" It asks to wait {_spoken(after)}." if after else ""
        return JiraThrottled(f"Jira was asked too often ({status}).{when}", after)
    if status >= 500 or status == 408:
        return JiraUnreachable(f"Jira at {host} answered {status} for {what}.{said}")
    return JiraError(f"Jira refused {what} ({status}).{said}")


def _said(error: JIRAError, access: Access) -> str:
    """Jira's own words, one line, without markup and without our secret."""
    text = str(error.text or "")
    if not text or text.lstrip().startswith("<"):
        return ""
    text = re.sub(r"\b(Basic|Bearer)\s+\S+", r"\1 …", text, flags=re.I)
    log_in = base64.b64encode(f"{access.user}:{access.token}".encode()).decode()
    for secret in (log_in, access.token, access.user):
        text = text.replace(secret, "…") if secret else text
    return f" Jira says: {' '.join(text.split())[:300]}"


def _spoken(seconds: float) -> str:
    """A wait as a person says it. A header may name any number."""
    if seconds < 120:
        return f"{max(seconds, 1):.0f} second{'' if round(max(seconds, 1)) == 1 else 's'}"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else "for days"


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds of a Retry-After header: a number, with decimals if need be, or an HTTP date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        return max(float(value), 0.0) if float(value) < float("inf") else None
    except ValueError:
        pass
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):  # a number too large for any calendar
        return None
    return max((at.replace(tzinfo=at.tzinfo or dt.UTC) - now).total_seconds(), 0.0)
