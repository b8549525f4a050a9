"""Jira's webhooks: signed, kept once, taken as a hint and never believed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from releases import webhook_lives, webhooks
from releases.models import Product, Release, ReleaseChange, SyncRun, WebhookDelivery, WebhookRegistration
from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraSimulator, WebhookTarget
from tests.factories import make_product
from tests.jira_server import TOKEN, USER, jira_data, jira_server

PAYLOADS = Path(__file__).resolve().parents[2] / "shared" / "data" / "payloads"
SECRET = "a webhook secret"
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
MOVED = {
    "webhookEvent": "jira:version_updated",
    "version": {"id": "10001", "name": "2.0.0", "releaseDate": "2031-01-01"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def secret(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JIRA_WEBHOOK_SECRET = SECRET
    monkeypatch.setattr("releases.jira.pause", lambda seconds: None)
    # The wake-up is only a hurry; here the tick is called by hand.
    monkeypatch.setattr("releases.tasks.process_webhooks.apply_async", lambda **options: None)


@pytest.fixture
def jira(settings: Any) -> Iterator[JiraSimulator]:
    with jira_server(jira_data()) as running:
        settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN = running.root, USER, TOKEN
        yield running


@pytest.fixture
def product() -> Product:
    return make_product(jira_key="DOCK", name="Dock")


def sign(body: bytes, method: str = "sha256", key: str = SECRET) -> str:
    return f"{method}=" + hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()


def receive(body: Any, identifier: str = "one", **headers: str) -> webhooks.Received:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"X-Hub-Signature": sign(raw), "X-Atlassian-Webhook-Identifier": identifier, **headers}
    return webhooks.receive_webhook(body=raw, headers=given, now=NOW)


def test_a_signed_webhook_is_kept_and_makes_us_read_again(jira: JiraSimulator, product: Product) -> None:
    assert receive(MOVED).status == 202
    row = WebhookDelivery.objects.get()
    assert (row.state, row.event, row.version_id) == ("waiting", "jira:version_updated", "10001")
    assert webhooks.process_webhooks(now=NOW) == 1
    row.refresh_from_db()
    assert (row.state, row.processed_at) == ("processed", NOW)
    assert Release.objects.get().release_date == NOW.date() + dt.timedelta(days=14), "Jira's date, not the payload's"


def test_the_same_webhook_twice_is_one(jira: JiraSimulator, product: Product) -> None:
    assert receive(MOVED).status == 202
    assert receive(MOVED).status == 200
    assert WebhookDelivery.objects.count() == 1
    webhooks.process_webhooks(now=NOW)
    assert receive(MOVED).status == 200
    assert webhooks.process_webhooks(now=NOW) == 0
    assert SyncRun.objects.count() == 1


def test_without_an_identifier_the_body_tells_twins(jira: JiraSimulator) -> None:
    assert receive(MOVED, identifier="").status == 202
    assert receive(MOVED, identifier="").status == 200
    assert receive({**MOVED, "timestamp": 2}, identifier="").status == 202


def test_many_webhooks_are_one_reading(jira: JiraSimulator, product: Product) -> None:
    issue = {"webhookEvent": "jira:issue_updated", "issue": {"key": "DOCK-1"}}
    for number in range(5):
        receive(issue, identifier=str(number))
    assert webhooks.process_webhooks(now=NOW) == 5
    assert SyncRun.objects.count() == 1


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=00", sign(b"another body"), sign(json.dumps(MOVED).encode(), key="wrong"),
     sign(json.dumps(MOVED).encode(), method="sha1"), "Bearer x", "sha256=" + "é" * 64],
)  # fmt: skip
def test_an_unsigned_or_forged_webhook_is_401_and_kept_without_effect(
    jira: JiraSimulator, product: Product, signature: str
) -> None:
    answer = receive(MOVED, **{"X-Hub-Signature": signature})
    assert answer.status == 401
    assert SECRET not in answer.detail
    row = WebhookDelivery.objects.get()
    assert (row.state, row.detail) == ("failed", answer.detail)
    assert webhooks.process_webhooks(now=NOW) == 0
    assert not SyncRun.objects.exists()
    assert receive(MOVED).status == 202, "a forged one does not take the place of the real one"


def test_stronger_methods_are_accepted() -> None:
    body = json.dumps(MOVED).encode()
    assert receive(body, **{"X-Hub-Signature": sign(body, "sha512")}).status == 202


def test_without_a_secret_nothing_is_accepted(settings: Any) -> None:
    settings.JIRA_WEBHOOK_SECRET = ""
    answer = receive(MOVED, **{"X-Hub-Signature": sign(json.dumps(MOVED).encode(), key="")})
    assert answer.status == 401
    assert "JIRA_WEBHOOK_SECRET" in answer.detail


def test_strangers_cannot_fill_the_database() -> None:
    for number in range(webhooks.KEPT_REFUSED_AN_HOUR + 20):
        receive({"n": number}, **{"X-Hub-Signature": "sha256=00"})
    assert WebhookDelivery.objects.count() == webhooks.KEPT_REFUSED_AN_HOUR


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "line 1, column 2"),
        (b'{"a": "line one\nline two"}', "line 1"),
        (b"[]", "Not a JSON object"),
        (b"null", "Not a JSON object"),
        (b'"text"', "Not a JSON object"),
        (b"\xff\xfe\x00", "Not JSON"),
        (b"[" * 200_000, "Not JSON"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "Not JSON"),
        (b"", "Not JSON"),
    ],
)
def test_what_is_not_a_json_object_is_a_clear_400_and_kept(body: bytes, says: str) -> None:
    answer = receive(body)
    assert answer.status == 400
    assert says in answer.detail
    assert WebhookDelivery.objects.get().state == "failed"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"webhookEvent": None},
        {"webhookEvent": "user_created"},
        {"webhookEvent": ["x"]},
        {"event_type": "milestone"},
    ],
)
def test_an_event_that_is_not_ours_is_kept_and_ignored(body: dict[str, Any]) -> None:
    assert receive(body).status == 200
    assert WebhookDelivery.objects.get().state == "ignored"


@pytest.mark.parametrize(
    "body",
    [
        {"webhookEvent": "jira:version_released"},
        {"webhookEvent": "jira:version_released", "version": "10001"},
        {"webhookEvent": "jira:version_released", "version": {"id": {"a": 1}}},
        {"webhookEvent": "jira:issue_updated", "issue": []},
        {"webhookEvent": "jira:issue_updated", "issue": {"key": 5}},
    ],
)
def test_a_payload_with_holes_is_a_hint_all_the_same(
    jira: JiraSimulator, product: Product, body: dict[str, Any]
) -> None:
    assert receive(body).status == 202
    assert webhooks.process_webhooks(now=NOW) == 1
    assert SyncRun.objects.get().product == product


def test_another_project_is_ignored(jira: JiraSimulator, product: Product) -> None:
    receive({"webhookEvent": "jira:issue_updated", "issue": {"key": "LAMP-7"}})
    assert webhooks.process_webhooks(now=NOW) == 1
    assert WebhookDelivery.objects.get().state == "ignored"
    assert not SyncRun.objects.exists()


def test_while_jira_is_away_the_hint_waits_and_is_given_up_after_an_hour(settings: Any, product: Product) -> None:
    settings.JIRA_URL = "http://127.0.0.1:9"
    receive(MOVED)
    assert webhooks.process_webhooks(now=NOW) == 0
    assert WebhookDelivery.objects.get().state == "waiting"
    assert webhooks.process_webhooks(now=NOW + dt.timedelta(minutes=61)) == 1
    row = WebhookDelivery.objects.get()
    assert row.state == "failed"
    assert "could not be reached" in row.detail


def test_a_merge_is_noted_only_when_jira_says_that_the_version_is_gone(jira: JiraSimulator, product: Product) -> None:
    other = jira.add_version("DOCK", "2.1.0")["id"]
    payload = {"webhookEvent": "jira:version_deleted", "version": {"id": "10001"}, "mergedTo": int(other)}
    receive(payload, identifier="early")
    webhooks.process_webhooks(now=NOW)
    assert not ReleaseChange.objects.filter(what="merged_into").exists()
    jira.merge_version("10001", other)
    receive(payload, identifier="true")
    webhooks.process_webhooks(now=NOW + dt.timedelta(minutes=1))
    assert ReleaseChange.objects.get(what="merged_into").after == "2.1.0"


def test_settled_webhooks_are_forgotten_after_a_month_and_waiting_ones_never() -> None:
    receive(MOVED, identifier="waiting")
    receive({"webhookEvent": "user_created"}, identifier="ignored")
    assert webhooks.forget_old(now=NOW + dt.timedelta(days=29)) == 0
    assert webhooks.forget_old(now=NOW + dt.timedelta(days=31)) == 1
    assert WebhookDelivery.objects.get().identifier == "waiting"


# --- over HTTP -------------------------------------------------------------------------------------------------------


def post(body: bytes, **headers: str) -> Any:
    browser = Browser(enforce_csrf_checks=True)
    return browser.post("/hooks/jira/", body, content_type="application/json", headers=headers)


def test_the_address_answers_without_log_in_or_csrf_token() -> None:
    body = json.dumps(MOVED).encode()
    assert post(body, **{"X-Hub-Signature": sign(body)}).status_code == 202
    assert post(body).status_code == 401
    assert Browser().get("/hooks/jira/").status_code == 405


def test_a_body_that_is_too_large_is_413_and_not_kept(settings: Any) -> None:
    body = b" " * (webhooks.LARGEST + 1)
    assert post(body, **{"X-Hub-Signature": sign(body)}).status_code == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert post(b" " * 2000).status_code == 413
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_made_in_jira_arrives_here(jira: JiraSimulator, product: Product, live_server: Any) -> None:
    jira.sender.target = WebhookTarget(live_server.url + "/hooks/jira/", SECRET, pause=0.05)
    jira.release_version("10001")
    delivery = jira.sender.deliveries[0]
    deadline = time.monotonic() + 10
    while not delivery.statuses and time.monotonic() < deadline:
        time.sleep(0.02)
    assert delivery.statuses == [202]
    webhooks.process_webhooks(now=NOW)
    assert Release.objects.get().state == "released"
    assert Release.objects.get().release_date == dt.datetime.now(dt.UTC).date()


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded payloads are not here")
def test_recorded_webhooks_are_understood() -> None:
    files = [*PAYLOADS.glob("jira-webhook-*.json"), *PAYLOADS.glob("jira-version-*.json")]
    files.append(PAYLOADS / "jira-issue-updated-docs-example.json")
    assert len(files) > 8
    for file in files:
        assert receive(file.read_bytes(), identifier=file.name).status == 202, file.name
        row = WebhookDelivery.objects.get(identifier=file.name)
        assert row.project_key or row.version_id
    broken = (PAYLOADS / "jira-automation-release-broken.txt").read_bytes()
    assert receive(broken, identifier="broken").status == 400
    assert receive((PAYLOADS / "jira-automation-release-rendered.json").read_bytes(), identifier="auto").status == 200


AUTOMATION = "an automation secret"
MILESTONE = {"event_type": "create_milestone", "client_payload": {"milestone": "v1", "due_on": "2024-11-30"}}


def send(body: Any, now: dt.datetime = NOW, **headers: str) -> webhooks.Received:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return webhooks.receive_webhook(body=raw, headers={"X-Relmail-Secret": AUTOMATION, **headers}, now=now)


@pytest.fixture
def automation(settings: Any) -> None:
    settings.JIRA_AUTOMATION_SECRET = AUTOMATION


def test_a_rule_of_jira_automation_is_a_hint_whatever_its_body(
    automation: None, jira: JiraSimulator, product: Product
) -> None:
    assert send(MILESTONE).status == 202
    assert WebhookDelivery.objects.get().event == "automation"
    assert webhooks.process_webhooks(now=NOW) == 1
    assert Release.objects.get().name == "2.0.0", "every product was read, and nothing of the body was believed"


def test_a_rule_that_names_an_event_is_read_like_a_webhook(
    automation: None, jira: JiraSimulator, product: Product
) -> None:
    send({"webhookEvent": "jira:version_released", "version": {"id": "10001"}})
    assert WebhookDelivery.objects.get().version_id == "10001"
    send({"issue": {"key": "DOCK-1"}})
    assert WebhookDelivery.objects.get(event="automation").project_key == "DOCK"


def test_the_same_words_of_a_rule_count_again_a_minute_later(automation: None) -> None:
    assert [send(MILESTONE).status, send(MILESTONE).status] == [202, 200]
    assert send(MILESTONE, now=NOW + dt.timedelta(minutes=1)).status == 202


@pytest.mark.parametrize("given", ["", "wrong", AUTOMATION + "x", "ä"])
def test_a_wrong_secret_is_refused_and_told_without_the_right_one(automation: None, given: str) -> None:
    answer = send(MILESTONE, **{"X-Relmail-Secret": given})
    assert answer.status == 401
    assert AUTOMATION not in answer.detail
    assert WebhookDelivery.objects.get().state == "failed"


def test_without_a_configured_secret_no_header_opens_the_door(settings: Any) -> None:
    settings.JIRA_AUTOMATION_SECRET = ""
    assert send(MILESTONE, **{"X-Relmail-Secret": ""}).status == 401
    assert send(MILESTONE).status == 401


def test_a_signature_that_is_there_must_fit_even_beside_the_right_secret(automation: None) -> None:
    assert send(MILESTONE, **{"X-Hub-Signature": "sha256=00"}).status == 401


def test_a_broken_body_of_a_rule_is_kept_and_told_by_line_and_column(automation: None) -> None:
    answer = send(b'{\n  "milestone": "v1 "beta""\n}')
    assert answer.status == 400
    assert "line 2, column" in answer.detail
    assert "beta" in WebhookDelivery.objects.get().body


def envelope(detail: dict[str, Any], identifier: str = "6a7e8feb") -> dict[str, Any]:
    return {
        "version": "0", "id": identifier, "detail-type": "jira:version_released", "source": "jira", "account": "1",
        "time": "2026-11-23T09:00:00Z", "region": "eu-central-1", "resources": [], "detail": detail,
    }  # fmt: skip


def test_an_event_in_an_envelope_of_eventbridge_is_unwrapped_and_kept_once(
    automation: None, jira: JiraSimulator, product: Product
) -> None:
    assert send(envelope({"version": {"id": "10001"}})).status == 202
    row = WebhookDelivery.objects.get()
    assert (row.identifier, row.event, row.version_id) == ("eventbridge:6a7e8feb", "jira:version_released", "10001")
    assert send(envelope({"version": {"id": "10001"}}), now=NOW + dt.timedelta(hours=3)).status == 200
    assert send(envelope({**MOVED}, "another")).status == 202
    assert WebhookDelivery.objects.get(identifier="eventbridge:another").event == "jira:version_updated"
    assert send(envelope({}, "third")).status == 202
    body = json.dumps(envelope({"version": {"id": "10001"}}, "unsigned")).encode()
    assert webhooks.receive_webhook(body=body, headers={}, now=NOW).status == 401


# --- webhooks that end ------------------------------------------------------------------------------------------------


def hook(number: int, days: float | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": number, "jqlFilter": "project = DOCK", "events": ["jira:issue_updated"]}
    if days is not None:
        row["expirationDate"] = (NOW + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return row


def test_webhooks_that_end_soon_are_renewed_and_the_others_left_alone(jira: JiraSimulator) -> None:
    jira.registered = [hook(1, 3), hook(2, 29), hook(3, None)]
    assert webhook_lives.renew_webhooks(now=NOW) == 2
    rows = {row.jira_id: row for row in WebhookRegistration.objects.all()}
    assert {number: row.state for number, row in rows.items()} == dict.fromkeys("123", "active")
    assert rows["1"].expires_at is not None
    assert rows["1"].expires_at - NOW > dt.timedelta(days=29)
    assert [rows[number].renewed_at for number in "123"] == [NOW, None, NOW]
    assert webhook_lives.renew_webhooks(now=NOW) == 0


def test_every_page_of_webhooks_is_read(jira: JiraSimulator) -> None:
    jira.registered = [hook(number, 20) for number in range(1, 231)]
    webhook_lives.renew_webhooks(now=NOW)
    assert WebhookRegistration.objects.count() == 230


def test_a_webhook_that_jira_lists_no_more_is_said_to_be_gone(jira: JiraSimulator, sign_in: Any) -> None:
    jira.registered = [hook(1, 20)]
    webhook_lives.renew_webhooks(now=NOW)
    jira.registered = []
    webhook_lives.renew_webhooks(now=NOW)
    row = WebhookRegistration.objects.get()
    assert row.state == "gone"
    assert "Register it again" in row.error
    assert "A webhook of Jira is gone" in sign_in("Marketer").get("/releases/").text
    jira.registered = [hook(2, 20)]
    webhook_lives.renew_webhooks(now=NOW)
    assert "A webhook of Jira is gone" not in sign_in("Marketer").get("/releases/").text


def test_a_renewal_that_fails_is_told_and_tried_again(jira: JiraSimulator) -> None:
    jira.registered = [hook(1, 3)]
    jira.faults.add(Fault("jira", "refuse", operation="refresh", status=500, times=0))
    assert webhook_lives.renew_webhooks(now=NOW) == 0
    row = WebhookRegistration.objects.get()
    assert (row.state, "500" in row.error) == ("failed", True)
    jira.faults.clear()
    assert webhook_lives.renew_webhooks(now=NOW) == 1
    row.refresh_from_db()
    assert (row.state, row.error) == ("active", "")


def test_a_person_s_account_has_no_such_webhooks_and_that_is_no_fault(jira: JiraSimulator) -> None:
    assert webhook_lives.renew_webhooks(now=NOW) == 0
    assert not WebhookRegistration.objects.exists()


def test_a_jira_that_is_away_says_so_only_when_a_webhook_has_ended(jira: JiraSimulator, settings: Any) -> None:
    jira.registered = [hook(1, 20)]
    webhook_lives.renew_webhooks(now=NOW)
    settings.JIRA_URL = "http://127.0.0.1:9"
    webhook_lives.renew_webhooks(now=NOW)
    row = WebhookRegistration.objects.get()
    assert (row.state, "could not be reached" in row.error) == ("active", True)
    webhook_lives.renew_webhooks(now=NOW + dt.timedelta(days=21))
    row.refresh_from_db()
    assert row.state == "failed"


def test_data_center_is_not_asked_for_webhooks(settings: Any) -> None:
    with jira_server(jira_data(), deployment="Server") as center:
        settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN = center.root, USER, TOKEN
        assert webhook_lives.renew_webhooks(now=NOW) == 0
        assert "GET webhooks" not in center.requests


@pytest.mark.parametrize(
    ("kind", "detail", "kept"),
    [
        ("version:released", {"version": {"id": 10001}}, ("10001", "")),
        ("jira:version:released", {"version": {"id": "10001"}}, ("10001", "")),
        ("avi:jira:released:version", {"version": {"id": "10001"}}, ("10001", "")),
        ("avi:jira:updated:issue", {"issue": {"key": "DOCK-1"}}, ("", "DOCK")),
        ("issue:updated", {"issue": {"key": "DOCK-1"}}, ("", "DOCK")),
    ],
)
def test_events_of_eventbridge_and_forge_are_read_by_whatever_name(
    automation: None, kind: str, detail: dict[str, Any], kept: tuple[str, str]
) -> None:
    assert send({**envelope(detail), "detail-type": kind}).status == 202
    assert send({**envelope({**detail, "eventType": kind}, "forge"), "detail-type": kind}).status == 202
    assert send({**detail, "eventType": kind}).status == 202
    for row in WebhookDelivery.objects.all():
        assert (row.event, row.state, row.version_id, row.project_key) == (kind, "waiting", *kept)


def test_a_merge_told_by_an_app_is_noted_too(automation: None, jira: JiraSimulator, product: Product) -> None:
    assert send({"eventType": "avi:jira:deleted:version", "version": {"id": "10001"}}).status == 202
    assert webhooks.process_webhooks(now=NOW) == 1


@pytest.mark.parametrize(
    "kind", ["EC2 Instance State-change Notification", "avi:confluence:updated:page", "user_created"]
)
def test_an_event_of_another_system_is_ignored_with_its_name(automation: None, kind: str) -> None:
    assert send({**envelope({"state": "running"}), "detail-type": kind}).status == 200
    row = WebhookDelivery.objects.get()
    assert row.state == "ignored"
    assert kind in row.detail


@pytest.mark.parametrize("body", [{}, {"a": ""}, {"a": {"b": [None, True]}}])
def test_a_body_that_says_nothing_is_no_hint(automation: None, body: dict[str, Any]) -> None:
    assert send(body).status == 200
    row = WebhookDelivery.objects.get()
    assert (row.state, row.detail) == ("ignored", "Names no version, no issue and nothing else.")
