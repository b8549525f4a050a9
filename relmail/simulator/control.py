"""The control page: order faults, change what Jira says, change the Amazon account, clear the inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from relmail.simulator.amazon.pages import STYLE
from relmail.simulator.faults import KINDS, SYSTEMS, Fault

if TYPE_CHECKING:
    from relmail.simulator.server import Simulator

JIRA_ACTIONS = (
    "release_version",
    "unrelease_version",
    "move_version",
    "rename_version",
    "archive_version",
    "add_version",
    "delete_version",
    "merge_version",
    "edit_issue",
    "add_issue",
    "delete_issue",
    "remove_issue_from_version",
)

# What is empty here is filled in with what this simulator holds.
EXAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "The next SendBulkEmail is accepted, its answer is lost",
        {"action": "fault", "system": "ses", "kind": "lose_answer", "operation": "SendBulkEmail", "times": 1},
    ),
    (
        "Two entries are refused",
        {
            "action": "fault",
            "system": "ses",
            "kind": "refusal",
            "operation": "SendBulkEmail",
            "times": 2,
            "detail": "ACCOUNT_THROTTLED",
        },
    ),
    (
        "Jira throttles five requests",
        {"action": "fault", "system": "jira", "kind": "throttle", "times": 5, "seconds": 1},
    ),
    ("No more faults", {"action": "clear_faults"}),
    ("A Jira version is released", {"action": "jira", "do": "release_version", "version": ""}),
    ("A release date moves", {"action": "jira", "do": "move_version", "version": "", "date": "2031-05-20"}),
    ("Amazon pauses the account", {"action": "sending_enabled", "enabled": False}),
    ("Amazon allows 14 a second", {"action": "quota", "max_per_second": 14, "max_24h": 50000}),
    (
        "An address is on Amazon's suppression list",
        {"action": "suppress", "address": "someone@example.com", "reason": "BOUNCE"},
    ),
    ("A sender becomes verified", {"action": "identity", "name": "mail.example", "verified": True}),
    ("SNS asks a webhook to confirm", {"action": "subscribe", "endpoint": ""}),
    ("The inbox is emptied", {"action": "clear_inbox"}),
)


class Refused(Exception):
    """What was ordered cannot be done; the text says why."""


class Control:
    """GET shows what can be ordered and what is in force, POST orders it as one JSON object."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.actions: dict[str, Callable[[dict[str, Any]], Any]] = {
            "fault": self._fault,
            "clear_faults": self._clear_faults,
            "jira": self._jira,
            "clear_inbox": self._clear_inbox,
            "sending_enabled": self._sending_enabled,
            "suspended": self._suspended,
            "quota": self._quota,
            "suppress": self._suppress,
            "identity": self._identity,
            "subscribe": self._subscribe,
            "publish": self._publish,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.method == "POST":
            response = self._order(request)
        elif "text/html" in request.headers.get("Accept", ""):
            response = Response(self._page(request.host_url), mimetype="text/html")
        else:
            response = _json(self.status())
        return response(environ, start_response)

    def status(self) -> dict[str, Any]:
        """Faults in force, the account, subscriptions and how to order more."""
        amazon = self.simulator.amazon
        return {
            "faults": self.simulator.faults.as_list(),
            "amazon": {
                "max_per_second": amazon.account.max_per_second,
                "max_24h": amazon.account.max_24h,
                "sent_24h": amazon.account.sent_24h(),
                "sending_enabled": amazon.account.sending_enabled,
                "identities": amazon.account.identities,
                "suppressed": sorted(amazon.account.suppressed),
                "configuration_sets": sorted(amazon.account.configuration_sets),
                "topic": amazon.topic_arn,
                "subscriptions": amazon.sns.as_list(),
                "notifications": dict(amazon.sns.counts),
                "pending_events": amazon.sns.pending(),
            },
            "how": {
                "post": "a JSON object with an action",
                "actions": sorted(self.actions),
                "systems": list(SYSTEMS),
                "kinds": KINDS,
                "fault_fields": [one.name for one in fields(Fault)],
                "jira": list(JIRA_ACTIONS),
                "examples": [example for _, example in self._examples()],
            },
        }

    def order(self, wanted: dict[str, Any]) -> Any:
        """Do what an order says. Raises Refused with a sentence that says what is wrong with it."""
        order = dict(wanted)
        name = order.pop("action", None)
        if name not in self.actions:
            raise Refused(f"unknown action {name!r}; one of {', '.join(sorted(self.actions))}")
        try:
            return self.actions[name](order)
        except (KeyError, TypeError, ValueError, NotFound) as error:
            raise Refused(f"{name}: {error}") from error

    def _order(self, request: Request) -> Response:
        try:
            wanted = json.loads(request.get_data())
        except ValueError as error:
            return _json({"error": f"not JSON: {error}"}, 400)
        if not isinstance(wanted, dict):
            return _json({"error": "not a JSON object"}, 400)
        try:
            return _json({"done": wanted.get("action"), "result": self.order(wanted)})
        except Refused as error:
            return _json({"error": str(error)}, 400)

    def _fault(self, order: dict[str, Any]) -> Any:
        self.simulator.faults.add(Fault(**order))
        return self.simulator.faults.as_list()

    def _clear_faults(self, order: dict[str, Any]) -> Any:
        self.simulator.faults.clear(**order)
        return self.simulator.faults.as_list()

    def _jira(self, order: dict[str, Any]) -> Any:
        verb = order.pop("do")
        if verb not in JIRA_ACTIONS:
            raise ValueError(f"unknown verb {verb!r}; one of {', '.join(JIRA_ACTIONS)}")
        return getattr(self.simulator.jira, verb)(**order)

    def _clear_inbox(self, order: dict[str, Any]) -> Any:
        self.simulator.amazon.mails.clear()
        return {}

    def _sending_enabled(self, order: dict[str, Any]) -> Any:
        self.simulator.amazon.account.sending_enabled = bool(order["enabled"])
        return {}

    def _suspended(self, order: dict[str, Any]) -> Any:
        self.simulator.amazon.account.enforcement = "SHUTDOWN" if order["suspended"] else "HEALTHY"
        return {}

    def _quota(self, order: dict[str, Any]) -> Any:
        self.simulator.amazon.account.set_quota(**order)
        return {}

    def _suppress(self, order: dict[str, Any]) -> Any:
        self.simulator.amazon.account.suppress(order["address"], order.get("reason", "BOUNCE"))
        return {}

    def _identity(self, order: dict[str, Any]) -> Any:
        account = self.simulator.amazon.account
        with account.lock:
            account.identities[str(order["name"]).lower()] = bool(order.get("verified", True))
        return {}

    def _subscribe(self, order: dict[str, Any]) -> Any:
        amazon = self.simulator.amazon
        amazon.sns.subscribe(order.get("topic", amazon.topic_arn), order["endpoint"])
        return {}

    def _publish(self, order: dict[str, Any]) -> Any:
        amazon = self.simulator.amazon
        message = order["message"]
        text = message if isinstance(message, str) else json.dumps(message)
        return {"MessageId": amazon.sns.publish(order.get("topic", amazon.topic_arn), text, order.get("subject"))}

    def _examples(self) -> list[tuple[str, dict[str, Any]]]:
        """Orders that can be posted as they stand: with a version that is not released yet, and the real webhook."""
        versions = list(self.simulator.jira.data.versions.values())
        open_ones = [row for row in versions if not row.get("released") and not row.get("archived")]
        known = {
            "version": str((open_ones or versions or [{"id": "10001"}])[0]["id"]),
            "endpoint": self.simulator.amazon.webhook_url or "http://127.0.0.1:8000/hooks/sns/",
        }
        return [
            (title, {name: value if value != "" else known[name] for name, value in example.items()})
            for title, example in EXAMPLES
        ]

    def _page(self, address: str) -> str:
        now = {name: value for name, value in self.status().items() if name != "how"}
        kinds = "".join(f"<tr><th>{escape(kind)}</th><td>{escape(text)}</td></tr>" for kind, text in KINDS.items())
        orders = "".join(
            f"<tr><td>{escape(title)}</td><td><code>{escape(json.dumps(example))}</code></td></tr>"
            for title, example in self._examples()
        )
        return (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width,initial-scale=1'><link rel='icon' href='data:,'>"
            f"<title>Simulator control</title><style>{STYLE}</style></head><body><main><h1>Simulator control</h1>"
            "<p>Jira at <code>/jira</code> (Cloud) and <code>/jira-dc</code> (Data Center), OpenAI at "
            "<code>/openai/v1</code>, Amazon SES and SNS at <code>/aws</code>. What was sent is in the "
            "<a href='/inbox'>inbox</a>.</p><p>To order something, post one JSON object to this address:</p>"
            f'<pre>curl -d \'{{"action": "clear_faults"}}\' {escape(address)}control</pre>'
            f"<h2>Orders</h2><div class='scroll'><table>{orders}</table></div>"
            f"<p class='quiet'>Jira verbs: {escape(', '.join(JIRA_ACTIONS))}.</p>"
            f"<h2>Kinds of fault</h2><div class='scroll'><table>{kinds}</table></div>"
            f"<h2>Now</h2><pre>{escape(json.dumps(now, indent=2))}</pre></main></body></html>"
        )


def _json(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer, indent=2, default=str) + "\n", status=status, mimetype="application/json")
