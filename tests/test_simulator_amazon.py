"""The simulated SES and SNS, spoken to by the real boto3."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from relmail.simulator.server import Simulator
from tests.sns_listener import Listener, wait_until

SENDER = "Kite releases <releases@harbor.example>"


def client(simulator: Any, service: str = "sesv2", *, key: str = "AKIASIMULATED0000000", read: float = 10) -> Any:
    return boto3.session.Session(aws_access_key_id=key, aws_secret_access_key="secret").client(
        service,
        region_name="eu-central-1",
        endpoint_url=f"{simulator.url}/aws",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=read, parameter_validation=False),
    )


def entry(address: str = "ada@client.example", *, values: Any = None, headers: Any = None, tags: Any = None) -> Any:
    return {
        "Destination": {"ToAddresses": [address]},
        "ReplacementTags": [{"Name": n, "Value": v} for n, v in (tags or {"email": "7"}).items()],
        "ReplacementHeaders": [{"Name": n, "Value": v} for n, v in (headers or {}).items()],
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(values or {"first_name": "Ada"})}
        },
    }


def bulk(ses: Any, *entries: Any, **changes: Any) -> list[dict[str, Any]]:
    html = '<p>Hi {{first_name}} <a href="https://kite.example/notes">Notes</a></p>'
    template = {"Subject": "Hello {{first_name}}", "Html": html, "Text": "Hi {{first_name}}"}
    given = {
        "FromEmailAddress": SENDER,
        "ConfigurationSetName": "relmail",
        "DefaultContent": {"Template": {"TemplateContent": template, "TemplateData": "{}"}},
        "BulkEmailEntries": list(entries) or [entry()],
    }
    found: list[dict[str, Any]] = ses.send_bulk_email(**(given | changes))["BulkEmailEntryResults"]
    return found


def single(ses: Any, to: str = "ada@client.example", **changes: Any) -> Any:
    content = {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi"}}}}
    given = {"FromEmailAddress": SENDER, "Destination": {"ToAddresses": [to]}, "Content": content}
    return ses.send_email(**(given | changes))


def inbox(simulator: Any, **query: Any) -> Any:
    return requests.get(f"{simulator.url}/inbox.json", params=query, timeout=5).json()


def refusal(call: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], error.value.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def ses(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(simulator.amazon, "event_pace", 0.0)
    return client(simulator)


@pytest.fixture
def listener(simulator: Any, ses: Any) -> Iterator[Listener]:
    """A webhook that has confirmed its subscription."""
    hook = Listener()
    sns = simulator.amazon.sns
    subscription = sns.subscribe(simulator.amazon.topic_arn, hook.url)
    wait_until(lambda: hook.envelopes("SubscriptionConfirmation"))
    token = hook.envelopes("SubscriptionConfirmation")[0]["Token"]
    client(simulator, "sns").confirm_subscription(TopicArn=simulator.amazon.topic_arn, Token=token)
    yield hook
    sns.unsubscribe(subscription.arn)
    hook.stop()


def settled(simulator: Any) -> None:
    wait_until(lambda: simulator.amazon.sns.pending() == 0)


def test_each_entry_becomes_a_message_with_its_own_values_headers_and_tags(ses: Any, simulator: Any) -> None:
    results = bulk(
        ses,
        entry(
            "ada@client.example", values={"first_name": "Ada"}, headers={"List-Unsubscribe": "<https://u.example/1>"}
        ),
        entry("bob@client.example", values={"first_name": "Bob <b>"}, tags={"email": "7", "message": "12"}),
    )
    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    second, first = inbox(simulator)["messages"]
    assert first["recipients"] == ["ada@client.example"]
    assert first["subject"] == "Hello Ada"
    assert first["headers"] == {"List-Unsubscribe": "<https://u.example/1>"}
    assert second["tags"] == {"email": "7", "message": "12"}
    assert second["message_id"] == results[1]["MessageId"]
    assert "Hi Bob <b> <a" in second["html"], "SES does not escape what it puts into HTML"


@pytest.mark.parametrize("number", [0, 51])
def test_a_bulk_call_takes_one_to_fifty_entries(ses: Any, simulator: Any, number: int) -> None:
    entries = [entry(f"reader{n}@client.example") for n in range(number)]
    assert refusal(lambda: bulk(ses, BulkEmailEntries=entries)) == ("BadRequestException", 400)
    assert inbox(simulator)["accepted"] == 0
    assert len(bulk(ses, *[entry(f"reader{n}@client.example") for n in range(50)])) == 50


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"tags": {"email": "seven and a half"}}, "INVALID_PARAMETER"),
        ({"tags": {"e mail": "7"}}, "INVALID_PARAMETER"),
        ({"tags": {"email": "x" * 256}}, "INVALID_PARAMETER"),
        ({"tags": {"email": "a.b@c_d-e"}}, "SUCCESS"),
        ({"headers": {"Subject": "another"}}, "INVALID_PARAMETER"),
        ({"address": "a@client.example, b@client.example"}, "INVALID_PARAMETER"),
        ({"address": "jörg@client.example"}, "INVALID_PARAMETER"),
    ],
)
def test_one_bad_entry_is_refused_alone(ses: Any, change: dict[str, Any], status: str) -> None:
    assert [result["Status"] for result in bulk(ses, entry(**change), entry())] == [status, "SUCCESS"]


@pytest.mark.parametrize(
    ("name", "value"), [("X-Näme", "v"), ("X-Name", "line\nbreak"), ("X-Name", "é"), ("X-Name", "x" * 996)]
)
def test_a_header_outside_printable_ascii_refuses_the_call(ses: Any, name: str, value: str) -> None:
    assert refusal(lambda: bulk(ses, entry(headers={name: value}))) == ("BadRequestException", 400)


def _post(simulator: Any, body: Any, *, authorization: str | None = None, region: str = "eu-central-1") -> Any:
    scope = f"AKIASIMULATED0000000/20261104/{region}/ses/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    headers = {"Authorization": signed if authorization is None else authorization, "X-Amz-Date": "20261104T090000Z"}
    url = f"{simulator.url}/aws/v2/email/outbound-emails"
    return requests.post(url, data=body if isinstance(body, bytes) else json.dumps(body), headers=headers, timeout=5)


def test_what_aws_does_not_know_is_refused(simulator: Any) -> None:
    good = {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": ["ada@client.example"]},
        "Content": {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi"}}}},
    }
    assert _post(simulator, good).status_code == 200
    for bad in (good | {"Idempotency": "1"}, good | {"EmailTags": "x"}, [], {"Content": {"Simple": {"Subject": {}}}}):
        answer = _post(simulator, bad)
        assert answer.status_code == 400
        assert answer.headers["x-amzn-ErrorType"] in ("BadRequestException", "SerializationException")
    assert _post(simulator, b"{").status_code == 400
    assert _post(simulator, b"[" * 200_000).status_code == 400
    assert inbox(simulator)["accepted"] == 1


def test_only_a_signed_request_with_the_known_key_is_answered(simulator: Any) -> None:
    assert _post(simulator, {}, authorization="").status_code == 403
    assert _post(simulator, {}, region="us-east-1").status_code == 403
    code = refusal(lambda: client(simulator, key="AKIASOMEBODYELSE0000").get_account())
    assert code == ("UnrecognizedClientException", 403)
    assert client(simulator).get_account()["SendingEnabled"] is True


def test_only_a_verified_sender_may_send(ses: Any, simulator: Any) -> None:
    stranger = "news@stranger.test"
    assert refusal(lambda: single(ses, FromEmailAddress=stranger)) == ("MessageRejected", 400)
    assert bulk(ses, FromEmailAddress=stranger)[0]["Status"] == "MESSAGE_REJECTED"
    ses.create_email_identity(EmailIdentity="stranger.test")
    assert ses.get_email_identity(EmailIdentity="stranger.test")["VerifiedForSendingStatus"] is False
    assert refusal(lambda: single(ses, FromEmailAddress=stranger)) == ("MessageRejected", 400)
    requests.post(f"{simulator.url}/control", json={"action": "identity", "name": "stranger.test"}, timeout=5)
    assert single(ses, FromEmailAddress=stranger)["MessageId"]
    ses.delete_email_identity(EmailIdentity="stranger.test")


def test_an_unknown_configuration_set_is_not_found(ses: Any) -> None:
    assert refusal(lambda: single(ses, ConfigurationSetName="other")) == ("NotFoundException", 404)
    assert bulk(ses, ConfigurationSetName="other")[0]["Status"] == "CONFIGURATION_SET_NOT_FOUND"
    ses.create_configuration_set(ConfigurationSetName="other")
    assert bulk(ses, ConfigurationSetName="other")[0]["Status"] == "SUCCESS"
    ses.put_configuration_set_sending_options(ConfigurationSetName="other", SendingEnabled=False)
    assert bulk(ses, ConfigurationSetName="other")[0]["Status"] == "CONFIGURATION_SET_SENDING_PAUSED"


def test_the_rate_counts_recipients(ses: Any, simulator: Any) -> None:
    simulator.amazon.account.set_quota(max_per_second=1)
    results = [*bulk(ses, *[entry()] * 40), *bulk(ses, *[entry()] * 40)]
    accepted = [result for result in results if result["Status"] == "SUCCESS"]
    assert {result["Status"] for result in results} == {"SUCCESS", "ACCOUNT_THROTTLED"}
    assert 50 <= len(accepted) <= 52
    assert refusal(lambda: single(ses)) == ("TooManyRequestsException", 429)


def test_the_daily_quota_ends(ses: Any, simulator: Any) -> None:
    simulator.amazon.account.set_quota(max_24h=simulator.amazon.account.sent_24h() + 1)
    results = bulk(ses, entry(), entry())
    assert [result["Status"] for result in results] == ["SUCCESS", "ACCOUNT_DAILY_QUOTA_EXCEEDED"]
    with pytest.raises(ClientError, match="Daily message quota exceeded"):
        single(ses)
    quota = ses.get_account()["SendQuota"]
    assert quota["SentLast24Hours"] == quota["Max24HourSend"]


def test_a_paused_account_sends_nothing(ses: Any, simulator: Any) -> None:
    ses.put_account_sending_attributes(SendingEnabled=False)
    assert refusal(lambda: bulk(ses)) == ("SendingPausedException", 400)
    assert ses.get_account()["SendingEnabled"] is False
    ses.put_account_sending_attributes(SendingEnabled=True)
    requests.post(f"{simulator.url}/control", json={"action": "suspended", "suspended": True}, timeout=5)
    assert refusal(lambda: bulk(ses)) == ("AccountSuspendedException", 400)


def test_a_mail_of_more_than_ten_megabytes_is_refused(ses: Any) -> None:
    large = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "x" * (10 * 1024 * 1024 + 1)}}}}
    assert refusal(lambda: single(ses, Content=large)) == ("BadRequestException", 400)


def test_a_finished_mail_is_taken_apart(ses: Any, simulator: Any) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, "Ada <ada@client.example>", "Grüße"
    mail["X-SES-CONFIGURATION-SET"], mail["X-SES-MESSAGE-TAGS"], mail["X-Own"] = "relmail", "email=9, step=test", "kept"
    mail.set_content("Hi {{first_name}}")
    mail.add_alternative("<p>Hi</p>", subtype="html")
    ses.send_email(Content={"Raw": {"Data": mail.as_bytes()}})
    found = inbox(simulator)["messages"][0]
    assert (found["subject"], found["html"].strip()) == ("Grüße", "<p>Hi</p>")
    assert found["text"].strip() == "Hi {{first_name}}", "a finished mail is no template"
    assert found["recipients"] == ["ada@client.example"]
    assert found["tags"] == {"email": "9", "step": "test"}
    assert found["headers"] == {"X-Own": "kept"}
    body = {"Content": {"Raw": {"Data": base64.b64encode(b"x").decode()[:-1]}}}
    assert _post(simulator, body).status_code == 400


@pytest.mark.parametrize(
    ("local", "types", "fate"),
    [
        ("success", ["Send", "Delivery"], "delivered"),
        ("bounce", ["Send", "Bounce"], "bounced"),
        ("bounce+label", ["Send", "Bounce"], "bounced"),
        ("complaint", ["Send", "Delivery", "Complaint"], "delivered"),
        ("ooto", ["Send", "Delivery", "Bounce"], "delivered"),
        ("suppressionlist", ["Send", "Bounce"], "suppressed"),
    ],
)
def test_the_documented_addresses_behave_as_documented(
    ses: Any, simulator: Any, listener: Listener, local: str, types: list[str], fate: str
) -> None:
    address = f"{local}@simulator.amazonses.com"
    bulk(ses, entry(address, tags={"email": "7", "message": "3"}))
    settled(simulator)
    events = listener.events()
    assert sorted(event["eventType"] for event in events) == sorted(types)
    assert inbox(simulator)["messages"][0]["fate"] == fate
    for event in events:
        assert event["mail"]["destination"] == [address]
        assert event["mail"]["tags"]["message"] == ["3"]
        assert event["mail"]["tags"]["ses:configuration-set"] == ["relmail"]
    bounce = next((event["bounce"] for event in events if event["eventType"] == "Bounce"), None)
    if bounce is not None:
        kind = {"bounce": "General", "bounce+label": "General", "suppressionlist": "Suppressed", "ooto": "General"}
        assert bounce["bounceSubType"] == kind[local]
        assert bounce["bounceType"] == ("Transient" if local == "ooto" else "Permanent")
        assert bounce["bouncedRecipients"][0]["emailAddress"] == address


def test_an_address_on_the_suppression_list_is_counted_as_sent_and_bounces(
    ses: Any, simulator: Any, listener: Listener
) -> None:
    ses.put_suppressed_destination(EmailAddress="Ada@Client.example", Reason="BOUNCE")
    found = ses.get_suppressed_destination(EmailAddress="ada@client.example")["SuppressedDestination"]
    assert found["Reason"] == "BOUNCE"
    bulk(ses, entry("ada@client.example"))
    settled(simulator)
    kinds = {event["eventType"]: event for event in listener.events()}
    assert set(kinds) == {"Send", "Bounce"}
    assert kinds["Bounce"]["bounce"]["bounceSubType"] == "OnAccountSuppressionList"
    ses.delete_suppressed_destination(EmailAddress="ada@client.example")
    assert refusal(lambda: ses.get_suppressed_destination(EmailAddress="ada@client.example"))[0] == "NotFoundException"


def test_a_missing_value_is_accepted_and_dropped_later(ses: Any, simulator: Any, listener: Listener) -> None:
    assert bulk(ses, entry(values={"last_name": "L"}))[0]["Status"] == "SUCCESS"
    settled(simulator)
    (event,) = listener.events()
    assert event["eventType"] == "Rendering Failure"
    assert event["failure"]["errorMessage"] == "Attribute 'first_name' is not present in the rendering data."
    figures = inbox(simulator, limit=0)
    assert (figures["accepted"], figures["delivered"], figures["fates"]) == (1, 0, {"dropped": 1})


def test_bad_content_is_rejected_after_it_was_accepted(ses: Any, simulator: Any, listener: Listener) -> None:
    bulk(ses, entry(values={"first_name": "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"}))
    single(ses, Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {
        "Data": "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"}}}}, ConfigurationSetName="relmail")  # fmt: skip
    settled(simulator)
    assert "Reject" in {event["eventType"] for event in listener.events()}


def test_people_open_and_click_and_each_message_always_fares_the_same(
    ses: Any, simulator: Any, listener: Listener
) -> None:
    for _ in range(6):
        bulk(ses, *[entry(f"reader{n}@client.example") for n in range(50)])
    settled(simulator)
    events = listener.events()
    openers = {event["mail"]["messageId"] for event in events if event["eventType"] == "Open"}
    clicks = [event for event in events if event["eventType"] == "Click"]
    assert 0.4 < len(openers) / 300 < 0.7
    assert 0.1 < len({event["mail"]["messageId"] for event in clicks}) / 300 < 0.4
    assert {event["click"]["link"] for event in clicks} == {"https://kite.example/notes"}
    figures = inbox(simulator, limit=0)
    assert figures["events"]["Delivery"] == figures["delivered"] == 300
    assert figures["by_email"]["7"]["accepted"] == 300


def test_copies_are_judged_by_email_tag_and_recipient(ses: Any, simulator: Any) -> None:
    bulk(ses, entry("Ada@client.example"), entry("bob@client.example"))
    bulk(ses, entry("ada@client.example"), entry("ada@client.example", tags={"email": "8"}))
    single(ses)
    single(ses)
    figures = inbox(simulator)
    assert figures["duplicates"] == 1
    assert figures["inbox"] == 6
    assert figures["by_email"]["7"]["duplicates"] == 1
    assert figures["by_email"]["8"]["duplicates"] == 0


def order(simulator: Any, **wanted: Any) -> requests.Response:
    return requests.post(f"{simulator.url}/control", json=wanted, timeout=5)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200), ({"times": 2, "seconds": 0.5, "status": 503}, 200), ({"times": 0, "seconds": 1}, 200),
        ({"times": "2"}, 400), ({"times": None}, 400), ({"times": 1.5}, 400), ({"times": True}, 400),
        ({"times": -1}, 400), ({"seconds": "soon"}, 400), ({"status": "503"}, 400),
    ],
)  # fmt: skip
def test_a_fault_whose_numbers_are_none_is_refused_and_not_in_force(
    simulator: Any, fields: dict[str, Any], status: int
) -> None:
    answer = order(simulator, action="fault", system="ses", kind="throttle", **fields)
    assert answer.status_code == status, answer.text
    assert len(simulator.faults.as_list()) == (status == 200)


def test_faults_do_what_they_say_once(ses: Any, simulator: Any) -> None:
    def fault(kind: str, **fields: Any) -> None:
        answer = order(simulator, action="fault", system="ses", kind=kind, operation="SendBulkEmail", **fields)
        assert answer.status_code == 200

    fault("throttle")
    assert refusal(lambda: bulk(ses)) == ("TooManyRequestsException", 429)
    fault("refuse", status=503)
    assert refusal(lambda: bulk(ses))[1] == 503
    fault("refusal", detail="TRANSIENT_FAILURE")
    assert [result["Status"] for result in bulk(ses, entry(), entry())] == ["TRANSIENT_FAILURE", "SUCCESS"]
    assert inbox(simulator)["accepted"] == 1
    fault("lose_answer")
    with pytest.raises(ConnectionClosedError):
        bulk(ses)
    assert inbox(simulator)["accepted"] == 2
    fault("late_answer", seconds=0.6)
    with pytest.raises(ReadTimeoutError):
        bulk(client(simulator, read=0.2))
    assert inbox(simulator)["accepted"] == 3
    fault("slow", seconds=0.2)
    begun = time.monotonic()
    assert bulk(ses)[0]["Status"] == "SUCCESS"
    assert time.monotonic() - begun >= 0.2


def test_nothing_is_delivered_before_the_handshake(ses: Any, simulator: Any) -> None:
    hook = Listener()
    sns = simulator.amazon.sns
    subscription = sns.subscribe(simulator.amazon.topic_arn, hook.url)
    bulk(ses)
    settled(simulator)
    wait_until(lambda: hook.envelopes("SubscriptionConfirmation"))
    assert hook.envelopes() == []
    wrong = lambda: client(simulator, "sns").confirm_subscription(TopicArn=subscription.topic, Token="no")  # noqa: E731
    assert refusal(wrong) == ("InvalidParameter", 400)
    arn = client(simulator, "sns").confirm_subscription(TopicArn=subscription.topic, Token=subscription.token)
    assert arn["SubscriptionArn"].startswith(subscription.topic)
    bulk(ses)
    wait_until(lambda: hook.envelopes())
    headers = next(headers for headers, envelope in hook.received if envelope["Type"] == "Notification")
    assert headers["x-amz-sns-message-type"] == "Notification"
    assert headers["x-amz-sns-topic-arn"] == subscription.topic
    assert headers["Content-Type"].startswith("text/plain")
    sns.unsubscribe(subscription.arn)
    hook.stop()


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1), ("2", hashes.SHA256)])
def test_notifications_are_signed_as_sns_signs(
    simulator: Any, listener: Listener, monkeypatch: pytest.MonkeyPatch, version: str, algorithm: Any
) -> None:
    monkeypatch.setattr(simulator.amazon.sns, "signature_version", version)
    simulator.amazon.sns.publish(simulator.amazon.topic_arn, "Hello\nworld", "A subject")
    wait_until(listener.envelopes)
    envelope = listener.envelopes()[0]
    assert envelope["SignatureVersion"] == version
    assert envelope["SigningCertURL"].startswith(f"{simulator.url}/aws/SimpleNotificationService-")
    certificate = x509.load_pem_x509_certificate(requests.get(envelope["SigningCertURL"], timeout=5).content)
    fields = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{envelope[name]}\n" for name in fields).encode()
    key: Any = certificate.public_key()
    key.verify(base64.b64decode(envelope["Signature"]), text, padding.PKCS1v15(), algorithm())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(envelope["Signature"]), text + b"x", padding.PKCS1v15(), algorithm())


def test_sns_tries_again_after_5xx_and_never_after_4xx(simulator: Any, listener: Listener) -> None:
    listener.statuses = [503]
    message_id = simulator.amazon.sns.publish(simulator.amazon.topic_arn, "again")
    wait_until(lambda: len(listener.envelopes()) == 2)
    assert [envelope["MessageId"] for envelope in listener.envelopes()] == [message_id, message_id]
    listener.statuses = [403]
    simulator.amazon.sns.publish(simulator.amazon.topic_arn, "never")
    settled(simulator)
    assert len(listener.envelopes()) == 3


def test_events_arrive_after_the_webhook_was_down(ses: Any, simulator: Any, listener: Listener) -> None:
    listener.stop()
    bulk(ses, entry("success@simulator.amazonses.com"))
    wait_until(lambda: simulator.amazon.sns.counts["tried again"] >= 2)
    back = Listener(listener.port)
    settled(simulator)
    assert sorted(event["eventType"] for event in back.events()) == ["Delivery", "Send"]
    back.stop()


def test_an_event_destination_is_announced_in_plain_text(ses: Any, simulator: Any, listener: Listener) -> None:
    ses.create_configuration_set(ConfigurationSetName="second")
    destination = {
        "Enabled": True, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": simulator.amazon.topic_arn}
    }  # fmt: skip
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="second", EventDestinationName="sns", EventDestination=destination
    )
    wait_until(listener.envelopes)
    assert listener.envelopes()[0]["Message"].startswith("Successfully validated SNS topic")
    bulk(ses, ConfigurationSetName="second")
    settled(simulator)
    assert {event["eventType"] for event in listener.events()} == {"Send"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])  # noqa: S104
def test_the_simulator_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Simulator(host)


def test_a_stopped_simulator_gives_its_port_back() -> None:
    first = Simulator().start()
    port = int(first.url.rpartition(":")[2])
    assert requests.get(f"{first.url}/control", timeout=5).status_code == 200
    first.stop()
    second = Simulator(port=port).start()
    assert second.url == f"http://127.0.0.1:{port}"
    second.stop()


def test_an_order_that_cannot_be_carried_out_says_why(simulator: Any) -> None:
    for wanted in (
        {"action": "explode"},
        {"action": "fault", "system": "ses", "kind": "unknown"},
        {"action": "fault", "system": "ses", "kind": "slow", "colour": "red"},
        {"action": "jira", "do": "__init__"},
        {"action": "sending_enabled"},
    ):
        answer = order(simulator, **wanted)
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert requests.post(f"{simulator.url}/control", data=b"{", timeout=5).status_code == 400
    assert simulator.faults.as_list() == []


def test_the_inbox_page_shows_mail_without_running_it(ses: Any, simulator: Any) -> None:
    bulk(ses, entry(values={"first_name": "<script>alert(1)</script>"}))
    page = requests.get(f"{simulator.url}/inbox", timeout=5).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    message_id = inbox(simulator)["messages"][0]["message_id"]
    shown = requests.get(f"{simulator.url}/inbox/{message_id}", timeout=5).text
    assert "<iframe sandbox" in shown
    assert "<script>" not in shown
    frame = requests.get(f"{simulator.url}/inbox/{message_id}/html", timeout=5)
    assert frame.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "allow-scripts" not in frame.headers["Content-Security-Policy"] + shown
    assert "<base target='_blank'>" in frame.text, "links open beside the frame, where they are not refused"
    assert "<base" not in inbox(simulator)["messages"][0]["html"], "what was received stays as it was"
    assert requests.get(f"{simulator.url}/inbox/nothing", timeout=5).status_code == 404


def test_the_examples_of_the_control_page_can_be_posted_as_they_stand(simulator: Any) -> None:
    page = requests.get(f"{simulator.url}/control", headers={"Accept": "text/html"}, timeout=5).text
    assert f"{simulator.url}/control</pre>" in page
    assert "PORT" not in page
    versions = simulator.jira.data.versions
    examples = requests.get(f"{simulator.url}/control", timeout=5).json()["how"]["examples"]
    named = [example["version"] for example in examples if "version" in example]
    assert len(named) == 2
    assert all(not versions[version]["released"] for version in named)
    endpoint = next(example["endpoint"] for example in examples if "endpoint" in example)
    assert endpoint == (simulator.amazon.webhook_url or "http://127.0.0.1:8000/hooks/sns/")


def test_no_page_of_the_simulator_lets_a_browser_ask_in_vain(simulator: Any) -> None:
    assert requests.get(f"{simulator.url}/favicon.ico", timeout=5).status_code == 204
