"""The webhook: what is SNS speaking about a topic of ours, and what is not. Each refusal fetches nothing."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client as Browser

from analytics import services, sns
from analytics.models import Alert, EmailEvent, SnsNotification
from relmail.simulator.amazon.signing import canonical
from relmail.simulator.faults import Fault
from tests.sns_letters import TOPIC, letter, ses_event
from tests.sns_listener import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_certificates() -> None:
    sns.forget_certificates()


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that is fetched."""
    found: list[str] = []
    really = requests.get

    def noted(url: str, **options: Any) -> Any:
        found.append(url)
        return really(url, **options)

    monkeypatch.setattr(requests, "get", noted)
    return found


def post(body: Any, **headers: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    browser = Browser(enforce_csrf_checks=True)
    return browser.generic("POST", "/hooks/sns/", raw, content_type="text/plain; charset=UTF-8", **headers)


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_signature_versions_are_taken(simulator: Any, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(simulator.amazon.sns, "signature_version", version)
    assert post(letter(simulator, ses_event("Delivery"))).status_code == 200
    assert SnsNotification.objects.get().applied_at is not None
    assert EmailEvent.objects.get().type == "delivery"


def test_a_subject_is_part_of_what_is_signed(simulator: Any) -> None:
    assert post(letter(simulator, Subject="Amazon SES Email Event Notification")).status_code == 200
    assert post(letter(simulator) | {"Subject": "added later"}).status_code == 403


@pytest.mark.parametrize("version", ["3", "", None, 2, ["2"]])
def test_another_signature_version_is_not(simulator: Any, fetched: list[str], version: Any) -> None:
    assert post(letter(simulator) | {"SignatureVersion": version}).status_code == 400
    assert fetched == []


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b'"text"', b"null", b"7", b"[" * 200_000, b"\xff\xfe", b'{"Type":', b"{}", b"[[[{}]]]"],
)
def test_what_is_no_json_object_is_refused(simulator: Any, fetched: list[str], body: bytes) -> None:
    assert post(body).status_code in (400, 403)
    assert fetched == []
    assert SnsNotification.objects.count() == 0


def test_a_body_larger_than_sns_makes_is_refused(simulator: Any) -> None:
    assert post(letter(simulator, "x" * 600_000)).status_code == 413
    assert post(b"[" * 10_000_000).status_code == 413


def test_only_a_post_is_answered(simulator: Any) -> None:
    assert Browser().get("/hooks/sns/").status_code == 405


@pytest.mark.parametrize(
    "field", ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "Signature", "SigningCertURL"]
)
@pytest.mark.parametrize("value", [None, 7, ["x"], {"x": "y"}])
def test_a_field_that_is_missing_or_no_text_is_refused(simulator: Any, field: str, value: Any) -> None:
    changed = letter(simulator) | {field: value}
    assert post(changed).status_code in (400, 403)
    del changed[field]
    assert post(changed).status_code in (400, 403)
    assert SnsNotification.objects.count() == 0


def test_a_foreign_topic_is_refused_whatever_its_signature(simulator: Any, fetched: list[str]) -> None:
    foreign = "arn:aws:sns:eu-central-1:999999999999:relmail"
    for kind in ("Notification", "SubscriptionConfirmation"):
        message = letter(simulator, TopicArn=foreign, Type=kind, Token="t", SubscribeURL="http://169.254.169.254/")
        assert post(message).status_code == 403
    assert fetched == []


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.test/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil.test/sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://user@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem\n",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem?x=1",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem#x",
        "https://sns.eu-central-1.amazonaws.com/other/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem",
        "https://bucket.s3.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://snsXeu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com.cn/SimpleNotificationService-0123456789abcdef.pem",
        "file:///etc/passwd",
        "http://169.254.169.254/SimpleNotificationService-0123456789abcdef.pem",
        "PREFIX/../SimpleNotificationService-0123456789abcdef.pem",
        "PREFIX/SimpleNotificationService-0123456789abcdef.pem/x",
        "PREFIX/other.pem",
        7,
        None,
    ],
)
def test_a_certificate_from_anywhere_else_is_never_fetched(simulator: Any, fetched: list[str], url: Any) -> None:
    if isinstance(url, str):
        url = url.replace("PREFIX/", f"{simulator.url}/aws/")
    assert post(letter(simulator) | {"SigningCertURL": url}).status_code == 400
    assert fetched == []


def test_amazons_own_certificate_address_is_trusted_for_the_topics_region(settings: Any) -> None:
    settings.SNS_CERTIFICATE_URL_PREFIX = ""
    url = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
    assert sns.certificate_url({"TopicArn": TOPIC, "SigningCertURL": url}) == url
    china = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
    topic = "arn:aws-cn:sns:cn-north-1:000000000000:relmail"
    assert sns.certificate_url({"TopicArn": topic, "SigningCertURL": china}) == china


def test_a_changed_message_and_a_strangers_signature_are_refused(simulator: Any) -> None:
    good = letter(simulator, ses_event("Delivery"))
    assert post(good | {"Message": good["Message"] + " "}).status_code == 403
    assert post(good | {"Timestamp": "2031-01-01T00:00:00.000Z"}).status_code == 403
    assert post(good | {"Signature": "not base64!"}).status_code == 400
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signature = stranger.sign(canonical(good), padding.PKCS1v15(), hashes.SHA256())
    assert post(good | {"Signature": base64.b64encode(signature).decode()}).status_code == 403
    assert SnsNotification.objects.count() == 0
    assert post(good).status_code == 200


def test_a_certificate_that_cannot_be_fetched_is_asked_for_again(simulator: Any) -> None:
    message = letter(simulator, ses_event("Delivery"))
    for fault in (Fault("ses", "refuse", "Certificate", status=500), Fault("ses", "refuse", "Certificate", status=404),
                  Fault("ses", "lose_answer", "Certificate")):  # fmt: skip
        simulator.faults.add(fault)
        assert post(message).status_code == 503
    assert post(message).status_code == 200


def test_a_redirect_to_a_certificate_is_not_followed(simulator: Any, settings: Any) -> None:
    message = letter(simulator)
    good = message["SigningCertURL"]

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", good)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.SNS_CERTIFICATE_URL_PREFIX = f"http://127.0.0.1:{server.server_port}/"
    moved = settings.SNS_CERTIFICATE_URL_PREFIX + good.rpartition("/")[2]
    assert post(message | {"SigningCertURL": moved}).status_code == 503
    server.shutdown()
    server.server_close()


def test_a_certificate_is_fetched_once(simulator: Any, fetched: list[str]) -> None:
    for _ in range(3):
        assert post(letter(simulator)).status_code == 200
    assert len(fetched) == 1


def test_the_same_message_many_times_has_one_effect(simulator: Any) -> None:
    message = letter(simulator, ses_event("Bounce"))
    assert {post(message).status_code for _ in range(20)} == {200}
    assert SnsNotification.objects.count() == EmailEvent.objects.count() == 1


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_message_out_of_its_time_is_kept_and_not_applied(simulator: Any, hours: int) -> None:
    when = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    message = letter(simulator, ses_event("Bounce"), Timestamp=when.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    assert post(message).status_code == 200
    assert services.apply_pending(now=when) == set(), "the tick leaves it to a person"
    assert SnsNotification.objects.get().error.startswith("Not applied")
    assert EmailEvent.objects.count() == 0


@pytest.mark.parametrize(
    "message",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "[]",
        "null",
        "[" * 100_000,
        {"Records": [{"eventSource": "aws:ses"}]},
        {"notificationType": "Received", "mail": {}},
        {"eventType": "Bounce"},
        {"eventType": ["Bounce"], "mail": {}},
    ],
)
def test_what_is_not_about_a_mail_is_kept_and_nothing_more(simulator: Any, message: Any) -> None:
    assert post(letter(simulator, message)).status_code == 200
    kept = SnsNotification.objects.get()
    assert (kept.error, EmailEvent.objects.count()) == ("", 0)
    assert kept.applied_at is not None


def test_a_type_of_tomorrow_is_kept_as_an_event(simulator: Any) -> None:
    assert post(letter(simulator, ses_event("Teleported"))).status_code == 200
    event = EmailEvent.objects.get()
    assert (event.type, event.subtype) == ("other", "Teleported")


def test_the_handshake_confirms_by_the_api_and_events_arrive(
    simulator: Any, live_server: Any, transactional_db: None
) -> None:
    sns_side = simulator.amazon.sns
    subscription = sns_side.subscribe(simulator.amazon.topic_arn, f"{live_server.url}/hooks/sns/")
    wait_until(lambda: subscription.arn)
    sns_side.publish(TOPIC, json.dumps(ses_event("Delivery")))
    wait_until(lambda: EmailEvent.objects.count() == 1)
    sns_side.unsubscribe(subscription.arn)


def test_the_address_in_a_confirmation_is_never_fetched(simulator: Any, fetched: list[str]) -> None:
    subscription = simulator.amazon.sns.subscribe(TOPIC, "http://127.0.0.1:9/hooks/sns/")
    message = letter(
        simulator, Type="SubscriptionConfirmation", Token=subscription.token,
        SubscribeURL="http://169.254.169.254/latest/meta-data",
    )  # fmt: skip
    assert post(message).status_code == 200
    assert subscription.arn
    assert [url for url in fetched if "169.254" in url] == []
    simulator.amazon.sns.unsubscribe(subscription.arn)


def test_a_confirmation_that_fails_is_asked_for_again(simulator: Any) -> None:
    message = letter(simulator, Type="SubscriptionConfirmation", Token="none", SubscribeURL="http://x.test/")
    simulator.faults.add(Fault("ses", "refuse", "ConfirmSubscription", status=500))
    assert post(message).status_code == 503


def test_a_removed_subscription_raises_an_alert(simulator: Any) -> None:
    message = letter(simulator, Type="UnsubscribeConfirmation", Token="t", SubscribeURL="http://x.test/")
    assert post(message).status_code == 200
    assert post(message).status_code == 200
    assert Alert.objects.get().level == "critical"


def test_no_address_is_written_to_the_log(simulator: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    bounce = letter(simulator, ses_event("Bounce", to="ada.lovelace@client.example"))
    post(bounce)
    post(bounce | {"Message": bounce["Message"] + "x"})
    assert "lovelace" not in caplog.text
