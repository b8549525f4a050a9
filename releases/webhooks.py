"""Jira's webhooks: checked, kept, and taken as a hint to read again. Nothing in a payload is ever believed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from releases import services
from releases.models import FurtherVersion, Product, Release, SyncRun, WebhookDelivery
from releases.text import clean

logger = logging.getLogger(__name__)

#: Bytes that are read; Jira's largest issues stay below.
LARGEST = 5 * 1024 * 1024
#: Characters of a body that are kept for the operator.
KEPT = 20_000
#: Requests without a valid signature that are kept an hour; a stranger must not fill the database.
KEPT_REFUSED_AN_HOUR = 100
#: A hint that could not be followed for so long is given up: the poll has read the product many times since.
GIVE_UP = dt.timedelta(hours=1)
#: Settled webhooks are forgotten after this; what they changed stays in the history of releases.
KEEP = dt.timedelta(days=30)

#: Of requests that cannot be signed: a rule of Jira Automation ("Send web request"), an API destination of EventBridge.
SECRET_HEADER = "x-relmail-secret"  # noqa: S105 - the name of a header

_METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_EVENT = re.compile(
    r"(?:jira:)?(?P<what>version|issue)[_:]\w+"
    r"|avi:jira:\w+:(?P<forge>version|issue)"  # Forge
)
_DELETED = re.compile(r"(?:jira:)?version[_:]deleted|avi:jira:deleted:version")


@dataclass(frozen=True)
class Received:
    """The answer to a webhook: HTTP status and one line for the sender."""

    status: int
    detail: str


def receive_webhook(*, body: bytes, headers: Mapping[str, str], now: dt.datetime) -> Received:
    """Check and store one webhook. Headers by their HTTP names in any case.

    401 without a valid X-Hub-Signature (Jira's own webhooks) or X-Relmail-Secret (Jira Automation, which can only send
    a fixed header, and EventBridge), 400 for what is not JSON; both are kept for the operator. A repeated
    X-Atlassian-Webhook-Identifier or EventBridge id is 200 and nothing more: both send again what they think was lost.
    """
    names = {name.lower(): value for name, value in headers.items()}
    if len(body) > LARGEST:
        return Received(413, f"Larger than {LARGEST} bytes.")
    by_secret = "x-hub-signature" not in names and SECRET_HEADER in names
    if by_secret:
        problem = _secret_problem(names[SECRET_HEADER])
    else:
        problem = _signature_problem(body, names.get("x-hub-signature", ""))
    if problem:
        _keep_refused(body, problem, now)
        return Received(401, problem)
    row = WebhookDelivery(body=_text(body), received_at=now)
    row.identifier = clean(names.get("x-atlassian-webhook-identifier", ""))[:200]
    answer = _sort(row, body, any_event=by_secret)
    if not row.identifier:
        # A rule may send the same words each time; within a minute they are the same event sent twice.
        minute = f":{now:%Y%m%d%H%M}" if by_secret else ""
        row.identifier = f"body:{hashlib.sha256(body).hexdigest()}{minute}"
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Received(200, "Received before.")
    return answer


def process_webhooks(*, now: dt.datetime) -> int:
    """Read again what waiting webhooks point at. Safe to run twice at once; returns how many were settled."""
    waiting = list(WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING).order_by("received_at")[:500])
    if not waiting:
        return 0
    products = {product.jira_key: product for product in Product.objects.filter(active=True)}
    of_project: dict[str, list[str]] = {}
    for product in products.values():
        for project_key in product.project_keys:
            of_project.setdefault(project_key, []).append(product.jira_key)
    of_version = _products_of_versions({row.version_id for row in waiting if row.version_id})
    runs: dict[str, SyncRun] = {}
    settled = 0
    for row in waiting:
        if row.project_key:
            keys = of_project.get(row.project_key, [])
        else:
            # A version that nobody knows may be a new one of any product.
            keys = of_version.get(row.version_id) or list(products)
        keys = [key for key in keys if key in products]
        if (row.project_key or row.version_id in of_version) and not keys:
            named = row.project_key or ", ".join(of_version[row.version_id])
            settled += _settle(row, WebhookDelivery.State.IGNORED, f"The project {named} is no product here.", now)
            continue
        for one in keys:
            if one not in runs:
                runs[one] = services.sync(product=products[one], by=None, now=now)
        failed = [runs[one].error for one in keys if runs[one].outcome == SyncRun.Outcome.FAILED]
        if not failed:
            settled += _settle(row, WebhookDelivery.State.PROCESSED, "Read " + ", ".join(keys) + ".", now)
            _note_merge(row, now)
        elif now - row.received_at > GIVE_UP or not all(runs[one].can_retry for one in keys):
            settled += _settle(row, WebhookDelivery.State.FAILED, "\n".join(failed), now)
    return settled


def _products_of_versions(ids: set[str]) -> dict[str, list[str]]:
    """Version id -> the keys of the products that have it, as their own or in a further project."""
    found: dict[str, list[str]] = {}
    for rows, column in (
        (Release.objects.filter(jira_id__in=ids), "product__jira_key"),
        (FurtherVersion.objects.filter(jira_id__in=ids), "release__product__jira_key"),
    ):
        for version_id, key in rows.order_by("pk").values_list("jira_id", column):
            if key not in found.setdefault(version_id, []):
                found[version_id].append(key)
    return found


def forget_old(*, now: dt.datetime) -> int:
    """Delete webhooks that were settled long ago; returns how many."""
    settled = WebhookDelivery.objects.exclude(state=WebhookDelivery.State.WAITING)
    return settled.filter(received_at__lt=now - KEEP).delete()[0]


def _settle(row: WebhookDelivery, state: str, detail: str, now: dt.datetime) -> int:
    waiting = WebhookDelivery.objects.filter(pk=row.pk, state=WebhookDelivery.State.WAITING)
    return waiting.update(state=state, detail=detail, processed_at=now)


def _note_merge(row: WebhookDelivery, now: dt.datetime) -> None:
    """A merge arrives as version_deleted with mergedTo; it is noted only if Jira itself says the version is gone."""
    if not _DELETED.fullmatch(row.event):
        return
    found = re.search(r'"mergedTo"\s*:\s*"?(\d{1,20})', row.body)
    deleted = Release.objects.filter(jira_id=row.version_id, state=Release.State.DELETED).first()
    if found and deleted:
        into = Release.objects.filter(product=deleted.product_id, jira_id=found.group(1)).first()
        if into:
            services.note_merge(release=deleted, into=into, now=now)


def _signature_problem(body: bytes, header: str) -> str:
    """ "" for a valid signature, else what is wrong. Compared in constant time over the raw bytes."""
    secret = settings.JIRA_WEBHOOK_SECRET
    if not secret:
        return "Webhooks are switched off: JIRA_WEBHOOK_SECRET is not set."
    if not header:
        return "No X-Hub-Signature. Give the webhook in Jira the secret of JIRA_WEBHOOK_SECRET."
    method, _, given = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return "X-Hub-Signature has an unknown method; sha256 is expected."
    right = hmac.new(secret.encode(), body, _METHODS[method.lower()]).hexdigest()
    if not hmac.compare_digest(right.encode(), given.strip().lower().encode()):
        return "X-Hub-Signature does not fit. Is the secret in Jira the one of JIRA_WEBHOOK_SECRET?"
    return ""


def _secret_problem(given: str) -> str:
    """ "" for the secret of JIRA_AUTOMATION_SECRET, else what is wrong. Compared in constant time."""
    secret = settings.JIRA_AUTOMATION_SECRET
    if not secret:
        return "X-Relmail-Secret is switched off: JIRA_AUTOMATION_SECRET is not set."
    if not hmac.compare_digest(secret.encode(), given.strip().encode()):
        return "X-Relmail-Secret does not fit. Is the header of the rule in Jira the one of JIRA_AUTOMATION_SECRET?"
    return ""


def _unwrapped(payload: dict[str, Any], row: WebhookDelivery) -> dict[str, Any]:
    """The event inside an envelope of Amazon EventBridge ("Events and event patterns"), whose id names the delivery."""
    detail = payload.get("detail")
    if not (isinstance(detail, dict) and isinstance(payload.get("detail-type"), str) and "source" in payload):
        return payload
    if isinstance(payload.get("id"), str) and not row.identifier:
        row.identifier = "eventbridge:" + clean(payload["id"])[:180]
    return detail if detail.get("webhookEvent") else {**detail, "webhookEvent": payload["detail-type"]}


def _sort(row: WebhookDelivery, body: bytes, *, any_event: bool) -> Received:
    """Fill the row from the payload and say what becomes of it.

    `any_event`: the administrator of Jira wrote the body, so that it may have any shape; it is a hint all the same.
    """
    try:
        payload = json.loads(body)
    except json.JSONDecodeError as error:
        return _refuse(row, f"Not JSON: {error.msg} in line {error.lineno}, column {error.colno}.")
    except (ValueError, RecursionError):
        return _refuse(row, "Not JSON in UTF-8, or nested too deep, or with an endless number.")
    if not isinstance(payload, dict):
        return _refuse(row, "Not a JSON object.")
    payload = _unwrapped(payload, row)
    named = payload.get("webhookEvent") or _forge_event(payload.get("eventType"))
    row.event = clean(str(named or ("automation" if any_event else "")))[:100]
    found = _EVENT.fullmatch(row.event)
    if row.event == "automation":
        if not _says_something(payload):
            row.state, row.detail = WebhookDelivery.State.IGNORED, "Names no version, no issue and nothing else."
            return Received(200, row.detail)
        row.project_key = _project_key(payload.get("issue"))
        return Received(202, "Kept; Jira will be read again.")
    if not found:
        row.state = WebhookDelivery.State.IGNORED
        row.detail = f"“{row.event}” is not an event about a version or an issue." if row.event else "Names no event."
        return Received(200, row.detail)
    if "version" in (found["what"], found["forge"]):
        version = payload.get("version")
        row.version_id = clean(str(version.get("id") or ""))[:50] if isinstance(version, dict) else ""
    else:
        row.project_key = _project_key(payload.get("issue"))
    return Received(202, "Kept; Jira will be read again.")


def _forge_event(value: Any) -> str:
    """The event of a Forge app, which names it elsewhere; a rule may use the same field for anything."""
    return value if isinstance(value, str) and _EVENT.fullmatch(value) else ""


def _says_something(payload: dict[str, Any]) -> bool:
    """Whether a body holds any word or number at all. Rules have no fixed shape, so that no more can be asked."""
    left: list[Any] = [payload]
    while left:
        value = left.pop()
        if isinstance(value, dict | list):
            left += value.values() if isinstance(value, dict) else value
        elif not isinstance(value, bool) and value not in (None, ""):
            return True
    return False


def _project_key(issue: Any) -> str:
    key = issue.get("key") if isinstance(issue, dict) else None
    return clean(key).rpartition("-")[0].upper()[:50] if isinstance(key, str) else ""


def _refuse(row: WebhookDelivery, detail: str) -> Received:
    row.state, row.detail = WebhookDelivery.State.FAILED, detail
    return Received(400, detail)


def _keep_refused(body: bytes, problem: str, now: dt.datetime) -> None:
    since = now - dt.timedelta(hours=1)
    recent = WebhookDelivery.objects.filter(identifier__startswith="refused:", received_at__gt=since)
    if recent.count() >= KEPT_REFUSED_AN_HOUR:
        return
    WebhookDelivery.objects.get_or_create(
        identifier="refused:" + hashlib.sha256(body).hexdigest(),
        defaults={
            "body": _text(body), "state": WebhookDelivery.State.FAILED, "detail": problem, "received_at": now,
        },
    )  # fmt: skip


def _text(body: bytes) -> str:
    return clean(body.decode("utf-8", "replace"))[:KEPT]
