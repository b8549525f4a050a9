"""The HTTP side of the simulated Jira: which address answers what, for Cloud and for Data Center."""

from __future__ import annotations

import base64
import binascii
import datetime
import hmac
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from relmail.simulator.connection import hang_up
from relmail.simulator.faults import Fault, Faults
from relmail.simulator.jira import answers, jql
from relmail.simulator.jira.changes import Changes
from relmail.simulator.jira.data import JiraData, load, load_demo
from relmail.simulator.jira.webhooks import WebhookSender, WebhookTarget

#: search/jql gives at most this many issues a page, whatever maxResults asks for, and does not say so.
CLOUD_PAGE = 100
#: jira.search.views.default.max of a Data Center.
DATA_CENTER_PAGE = 1000

REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)

_RULES = Map(
    [
        Rule("/rest/api/<rest>/serverInfo", endpoint="serverInfo", methods=["GET"]),
        Rule("/rest/api/<rest>/field", endpoint="field", methods=["GET"]),
        Rule("/rest/api/<rest>/myself", endpoint="myself", methods=["GET"]),
        Rule("/rest/api/<rest>/project", endpoint="projects", methods=["GET"]),
        Rule("/rest/api/<rest>/project/<key>", endpoint="project", methods=["GET"]),
        Rule("/rest/api/<rest>/project/<key>/versions", endpoint="versions", methods=["GET"]),
        Rule("/rest/api/<rest>/version/<key>", endpoint="version", methods=["GET"]),
        Rule("/rest/api/<rest>/version/<key>/relatedIssueCounts", endpoint="related", methods=["GET"]),
        Rule("/rest/api/<rest>/search/jql", endpoint="search", methods=["GET", "POST"]),
        Rule("/rest/api/<rest>/search/approximate-count", endpoint="count", methods=["POST"]),
        Rule("/rest/api/<rest>/search", endpoint="old_search", methods=["GET", "POST"]),
        Rule("/rest/api/<rest>/issue/<key>", endpoint="issue", methods=["GET"]),
        Rule("/rest/api/<rest>/webhook", endpoint="webhooks", methods=["GET"]),
        Rule("/rest/api/<rest>/webhook/refresh", endpoint="refresh", methods=["PUT"]),
    ],
    strict_slashes=False,
)


class JiraSimulator(Changes):
    """A WSGI application. `deployment` is "Cloud" or "Server" (what Data Center calls itself).

    `data` is a JiraData, or paths of files and folders to load; empty means our own demo product. A client
    must present `user` and `token` as basic authentication, or `token` alone as Bearer (a personal access
    token). Raises JiraDataError for a file that cannot be used.
    """

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        data: JiraData | Sequence[str | Path] = (),
        deployment: str = "Cloud",
        user: str = "robot@relmail.example",
        token: str = "simulator-jira-token",  # noqa: S107 - a password of nothing but this simulator
        webhook_url: str = "",
        webhook_secret: str = "",
    ) -> None:
        if deployment not in ("Cloud", "Server"):
            raise ValueError(f'deployment is "Cloud" or "Server", not {deployment!r}')
        if not isinstance(data, JiraData):
            data = load(data) if data else load_demo()
        target = WebhookTarget(webhook_url, webhook_secret) if webhook_url else None
        super().__init__(data, WebhookSender(target), "http://127.0.0.1/jira")
        self.faults = faults or Faults()
        self.deployment = deployment
        self.user = user
        self.token = token
        #: Called with the operation before each answer; tests change the data in the middle of a sync with it.
        self.before: Callable[[str], None] | None = None
        #: Webhooks registered over REST, as Jira lists them; None: the account is a person's and may not ask.
        self.registered: list[dict[str, Any]] | None = None
        #: Project key -> status with which everything about it is refused: 404 as where the account may not browse it.
        self.refused: dict[str, int] = {}
        #: Every request as "METHOD operation".
        self.requests: list[str] = []

    def as_data_center(self) -> JiraSimulator:
        """A Data Center over the same projects, users and webhooks."""
        other = JiraSimulator(self.faults, data=self.data, deployment="Server", user=self.user, token=self.token)
        other.sender = self.sender
        return other

    def started(self, url: str) -> None:
        """Learn the address under which clients see this Jira; webhooks name it."""
        self.root = url.rstrip("/")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            operation, found = _RULES.bind_to_environ(request.environ).match()
        except HTTPException as wrong:
            return answers.error(wrong.code or 404, "null for uri: " + request.url)
        values = dict(found)
        rest = values.pop("rest")
        if rest not in ("2", "latest", *(["3"] if self.deployment == "Cloud" else [])):
            return answers.error(404, "null for uri: " + request.url)
        self.requests.append(f"{request.method} {operation}")
        if self.before is not None:
            self.before(operation)
        fault = self.faults.take("jira", "search" if operation == "old_search" else operation)
        if fault is not None and fault.kind in ("slow", "late_answer"):
            time.sleep(fault.seconds)
        elif fault is not None and not fault.detail:
            return self._faulty(fault, request)
        denied = self._denied(request, operation)
        if denied is not None:
            return denied
        try:
            refused = self._refused(request, operation, values)
            if refused is not None:
                return refused
            with self.data.lock:
                response = getattr(self, "_on_" + operation)(request, "2" if rest == "latest" else rest, **values)
        except jql.JqlError as wrong:
            response = answers.error(400, str(wrong))
        if fault is not None and fault.detail:
            response = self._bent(fault, request, response)
        return response

    def _faulty(self, fault: Fault, request: Request) -> Response:
        if fault.kind == "throttle":
            after = f"{fault.seconds:g}"
            return answers.error(429, "Rate limit exceeded.", headers={"Retry-After": after})
        if fault.kind == "refuse":
            return answers.error(fault.status, f"The simulator was told to answer {fault.status}.")
        if fault.kind == "lose_answer":
            return hang_up(request.environ)
        return Response("<html><body>An upstream proxy had something to say</body></html>", content_type="text/html")

    def _bent(self, fault: Fault, request: Request, response: Response) -> Response:
        """Faults that need the right answer to spoil it; `detail` says how."""
        if fault.kind == "throttle":
            return answers.error(429, "Rate limit exceeded.", headers={"Retry-After": fault.detail})
        body = json.loads(response.get_data())
        if fault.detail == "repeated_token":
            body["nextPageToken"] = base64.urlsafe_b64encode(b"after:1").decode()
            body["isLast"] = False
        elif fault.detail == "short_page":
            body["issues"] = body["issues"][:-1]
        elif fault.detail == "no_token":
            body.pop("nextPageToken", None)
            body["isLast"] = False
        elif fault.detail == "not_a_list":
            body = {"issues": "none"} if "issues" in body else {"values": body}
        else:
            return answers.error(fault.status, fault.detail)
        return answers.answer(body)

    def _denied(self, request: Request, operation: str) -> Response | None:
        """None for a caller who may; serverInfo is open to all, but never to wrong credentials."""
        header = request.headers.get("Authorization", "")
        if not header and operation == "serverInfo":
            return None
        kind, _, value = header.partition(" ")
        given = value.strip()
        if kind.lower() == "basic":
            try:
                given = base64.b64decode(given).decode()
            except (binascii.Error, UnicodeDecodeError):
                given = ""
            wanted = f"{self.user}:{self.token}"
        else:
            wanted = self.token if kind.lower() == "bearer" and self.deployment == "Server" else ""
        if wanted and hmac.compare_digest(given.encode(), wanted.encode()):
            return None
        headers = {"WWW-Authenticate": 'OAuth realm="jira"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        if self.deployment == "Cloud":
            text = "Client must be authenticated to access this resource."
            return answers.answer({"message": text, "status-code": 401}, 401, headers)
        return answers.error(401, "You are not authenticated. Authentication required to perform this operation.")

    def _refused(self, request: Request, operation: str, values: dict[str, Any]) -> Response | None:
        """None unless the request is about a project that is refused."""
        if operation in ("project", "versions"):
            status = self.refused.get(values["key"].upper(), 0)
            return answers.error(status, f"No project could be found with key '{values['key']}'.") if status else None
        asked = str(_parameters(request).get("jql") or "") if operation in ("search", "count", "old_search") else ""
        for key in jql.projects_in(asked) & set(self.refused):
            if self.refused[key] == 404:  # a query gives no hint whether it exists
                raise jql.JqlError(f"The value '{key}' does not exist for the field 'project'.")
            return answers.error(self.refused[key], f"The project {key} is refused.")
        return None

    def _on_serverInfo(self, request: Request, rest: str) -> Response:
        cloud = self.deployment == "Cloud"
        numbers = [1001, 0, 0] if cloud else [9, 12, 2]
        return answers.answer({
            "baseUrl": _root(request), "version": "1001.0.0-SNAPSHOT" if cloud else "9.12.2", "versionNumbers": numbers,
            "deploymentType": self.deployment, "buildNumber": 100275, "serverTitle": "Jira",
        })  # fmt: skip

    def _on_field(self, request: Request, rest: str) -> Response:
        return answers.answer(answers.fields(self.data))

    def _on_myself(self, request: Request, rest: str) -> Response:
        who = {"displayName": "Relmail Robot", "emailAddress": self.user, "active": True, "timeZone": "UTC"}
        name = {"accountId": "712020:relmail"} if self.deployment == "Cloud" else {"name": "relmail"}
        return answers.answer({**name, **who})

    def _on_projects(self, request: Request, rest: str) -> Response:
        root = _root(request)
        return answers.answer([answers.project(row, root, rest, self.data) for row in self.data.projects.values()])

    def _on_project(self, request: Request, rest: str, key: str) -> Response:
        row = self.data.project_of(key)
        if row is None:
            return answers.error(404, f"No project could be found with key '{key}'.")
        return answers.answer(answers.project(row, _root(request), rest, self.data, whole=True))

    def _on_versions(self, request: Request, rest: str, key: str) -> Response:
        row = self.data.project_of(key)
        if row is None:
            return answers.error(404, f"No project could be found with key '{key}'.")
        return answers.answer([answers.version(one, _root(request), rest) for one in self.data.versions_of(row)])

    def _on_version(self, request: Request, rest: str, key: str) -> Response:
        row = self.data.versions.get(key)
        if row is None:
            return answers.error(404, f"Could not find version for id '{key}'")
        return answers.answer(answers.version(row, _root(request), rest))

    def _on_related(self, request: Request, rest: str, key: str) -> Response:
        if key not in self.data.versions:
            return answers.error(404, f"Could not find version for id '{key}'")
        count = len(self.data.issues_of_version(key))
        affected = sum(
            any(str(row.get("id")) == key for row in issue["fields"].get("versions") or [])
            for issue in self.data.issues.values()
        )
        root = f"{_root(request)}/rest/api/{rest}/version/{key}"
        return answers.answer({"self": root, "issuesFixedCount": count, "issuesAffectedCount": affected})

    def _on_issue(self, request: Request, rest: str, key: str) -> Response:
        found = [row for row in self.data.issues.values() if key.upper() == row["key"].upper() or key == row["id"]]
        if not found:
            return answers.error(404, "Issue does not exist or you do not have permission to see it.")
        wanted = _names(request.args.getlist("fields")) or ["*all"]
        return answers.answer(answers.issue(found[0], wanted, _root(request), rest, self.data))

    def _on_webhooks(self, request: Request, rest: str) -> Response:
        denied = self._no_app()
        if denied is not None:
            return denied
        start, size = _whole(request.args.get("startAt"), 0), min(_whole(request.args.get("maxResults"), 100), 100)
        rows = self.registered or []
        page = rows[start : start + size]
        last = start + len(page) >= len(rows)
        body = {"maxResults": size, "startAt": start, "total": len(rows), "isLast": last, "values": page}
        return answers.answer(body)

    def _on_refresh(self, request: Request, rest: str) -> Response:
        denied = self._no_app()
        if denied is not None:
            return denied
        ids = _parameters(request, bodies=("PUT",)).get("webhookIds") or []
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
        shown = until.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        for row in self.registered or []:
            if row["id"] in ids:
                row["expirationDate"] = shown
        return answers.answer({"expirationDate": shown})

    def _no_app(self) -> Response | None:
        """None for an app; webhooks over REST are for Connect and OAuth 2.0 apps on Cloud alone."""
        if self.deployment != "Cloud":
            return answers.error(404, "null for uri: webhook")
        if self.registered is None:
            return answers.error(403, "The caller isn't an app, so it cannot use dynamic webhooks.")
        return None

    def _on_search(self, request: Request, rest: str) -> Response:
        if self.deployment != "Cloud":
            return answers.error(404, "null for uri: " + request.url)
        asked = _parameters(request)
        found = jql.run(self.data, str(asked.get("jql") or ""))
        size = min(_whole(asked.get("maxResults"), 50), CLOUD_PAGE)
        token = str(asked.get("nextPageToken") or "")
        start = _start_of(token)
        if start is None:
            return answers.error(400, "The provided next page token is invalid or expired.")
        page = found[start : start + size]
        rows = [answers.issue(row, _names(asked.get("fields")), _root(request), rest, self.data) for row in page]
        body: dict[str, Any] = {"issues": rows, "isLast": start + size >= len(found)}
        if not body["isLast"]:
            body["nextPageToken"] = base64.urlsafe_b64encode(f"after:{start + size}".encode()).decode()
        return answers.answer(body)

    def _on_count(self, request: Request, rest: str) -> Response:
        if self.deployment != "Cloud":
            return answers.error(404, "null for uri: " + request.url)
        return answers.answer({"count": len(jql.run(self.data, str(_parameters(request).get("jql") or "")))})

    def _on_old_search(self, request: Request, rest: str) -> Response:
        if self.deployment == "Cloud":
            return answers.error(410, REMOVED)
        asked = _parameters(request)
        text = str(asked.get("jql") or "")
        # A Data Center answers an unbounded query; it finds everything.
        found = jql.run(self.data, text) if text.strip() else list(self.data.issues.values())
        start, size = _whole(asked.get("startAt"), 0), min(_whole(asked.get("maxResults"), 50), DATA_CENTER_PAGE)
        wanted = _names(asked.get("fields")) or ["*navigable"]
        rows = [answers.issue(row, wanted, _root(request), rest, self.data) for row in found[start : start + size]]
        return answers.answer({"startAt": start, "maxResults": size, "total": len(found), "issues": rows})


def _root(request: Request) -> str:
    return request.root_url.rstrip("/")


def _parameters(request: Request, bodies: tuple[str, ...] = ("POST",)) -> dict[str, Any]:
    if request.method in bodies:
        body = request.get_json(force=True, silent=True)
        return body if isinstance(body, dict) else {}
    return {**request.args.to_dict(), "fields": request.args.getlist("fields")}


def _names(value: Any) -> list[str]:
    """Field names from a list, or from text with commas."""
    parts = value if isinstance(value, list) else [value or ""]
    return [name.strip() for part in parts for name in str(part).split(",") if name.strip()]


def _whole(value: Any, default: int) -> int:
    try:
        return max(int(value), 0)
    except (TypeError, ValueError):
        return default


def _start_of(token: str) -> int | None:
    """Where a page token points to; 0 for none, None for one that we did not make."""
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        return int(number) if word == "after" else None
    except (ValueError, binascii.Error):
        return None
