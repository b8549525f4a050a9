"""The door to SES: what it sends, what it refuses to send, and what each error means. Real boto3 over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import exceptions
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection

from campaigns.delivery import ses, ses_errors
from campaigns.delivery.ses import BulkRequest, Entry, SESError
from relmail.simulator.faults import Fault


def entry(address: str = "ada@client.example", **changes: Any) -> Entry:
    given: dict[str, Any] = {
        "values": {"first_name": "Ada", "unsubscribe_url": "https://u.example/1"},
        "headers": {"List-Unsubscribe": "<https://u.example/1>"},
        "tags": {"message": "12", "email": "7"},
    }
    return Entry(address, **(given | changes))


def request(*entries: Entry, **changes: Any) -> BulkRequest:
    given: dict[str, Any] = {
        "from_address": "Kite releases <releases@harbor.example>",
        "reply_to": "help@harbor.example",
        "subject": "Kite 2.4 for {{first_name}}",
        "html": '<p>Hi {{first_name}}</p><a href="{{unsubscribe_url}}">Stop</a>',
        "text": "Hi {{first_name}}\n{{unsubscribe_url}}",
        "configuration_set": "relmail",
        "headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "entries": entries or (entry(),),
    }
    return BulkRequest(**(given | changes))


@pytest.fixture
def door(simulator: Any) -> ses.SESDoor:
    return ses.door()


def fault(simulator: Any, kind: str, operation: str = "SendBulkEmail", **fields: Any) -> None:
    simulator.faults.add(Fault("ses", kind, operation, **fields))


def received(simulator: Any) -> list[Any]:
    return list(simulator.amazon.mails)


def test_a_bulk_call_sends_each_recipient_their_own_mail(door: ses.SESDoor, simulator: Any) -> None:
    people = [f"reader{n}@client.example" for n in range(50)]
    sent = door.send_bulk(request(*[entry(address, values={"first_name": address[:8], "unsubscribe_url": "u"})
                                    for address in people]))  # fmt: skip
    assert [result.outcome for result in sent] == ["accepted"] * 50
    mails = received(simulator)
    assert [mail.recipients for mail in mails] == [[address] for address in people]
    assert [mail.message_id for mail in mails] == [result.ses_id for result in sent]
    assert mails[3].rendered.subject == "Kite 2.4 for reader3@"
    assert mails[3].reply_to == ["help@harbor.example"]
    assert mails[3].tags == {"message": "12", "email": "7"}
    assert mails[3].configuration_set == "relmail"
    assert mails[3].headers == {
        "List-Unsubscribe": "<https://u.example/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_a_single_call_sends_the_same_mail(door: ses.SESDoor, simulator: Any) -> None:
    door.send_bulk(request())
    result = door.send_single(request(), entry())
    assert result.outcome == "accepted"
    by_bulk, alone = received(simulator)
    for what in ("sender", "recipients", "reply_to", "headers", "tags", "configuration_set", "rendered"):
        assert getattr(alone, what) == getattr(by_bulk, what), what


@pytest.mark.parametrize(
    "bad",
    [
        entry("a@client.example, b@client.example"),
        entry("ada@client.example\r\nBcc: eve@client.example"),
        entry("jörg@client.example"),
        entry("no-address"),
        entry("x" * 65 + "@client.example"),
        entry(headers={"X-A: b\r\nBcc": "eve@client.example"}),
        entry(headers={"X-A": "line\r\nbreak"}),
        entry(headers={"X-A": "x" * 996}),
        entry(headers={f"X-{n}": "v" for n in range(15)}),
        entry(tags={"email": "seven and a half"}),
        entry(tags={"email": ""}),
        entry(values={"first_name": "Ada"}),
        entry(values={"first_name": "Ada", "unsubscribe_url": None}),
    ],
)
def test_an_entry_that_ses_would_refuse_or_drop_fails_alone_and_is_not_sent(
    door: ses.SESDoor, simulator: Any, bad: Entry
) -> None:
    first, second = door.send_bulk(request(bad, entry("bob@client.example")))
    assert (first.outcome, first.code, second.outcome) == ("failed", "invalid_entry", "accepted")
    assert first.detail
    assert bad.to_address not in first.detail
    assert door.send_single(request(), bad).outcome == "failed"
    assert [mail.recipients for mail in received(simulator)] == [["bob@client.example"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": "two\nlines"}, "invalid_subject"),
        ({"subject": " "}, "invalid_subject"),
        ({"html": "", "text": ""}, "no_content"),
        ({"html": "x" * 1_100_000}, "too_large"),
        ({"text": "{{#if x}}"}, "invalid_placeholder"),
        ({"from_address": "nobody"}, "invalid_sender"),
        ({"from_address": "a@harbor.example\r\nBcc: b@c.example"}, "invalid_sender"),
    ],
)
def test_a_rendition_that_ses_would_not_take_is_not_sent(
    door: ses.SESDoor, simulator: Any, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(SESError) as error:
        door.send_bulk(request(**changes))
    assert (error.value.kind, error.value.code) == ("failed", code)
    assert received(simulator) == []


@pytest.mark.parametrize("number", [0, 51])
def test_a_bulk_call_has_one_to_fifty_entries(door: ses.SESDoor, number: int) -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        door.send_bulk(request(entries=[entry()] * number))


ANSWERS = [
    # (code, status, message, kind)
    ("TooManyRequestsException", 429, "Maximum sending rate exceeded.", "retry"),
    ("ThrottlingException", 400, "Rate exceeded", "retry"),
    ("Whatever", 429, "", "retry"),
    ("TooManyRequestsException", 429, "Daily message quota exceeded.", "hold"),
    ("ThrottlingException", 400, "Daily message quota exceeded", "hold"),
    ("LimitExceededException", 400, "", "hold"),
    ("AccountSuspendedException", 400, "", "hold"),
    ("SendingPausedException", 400, "", "hold"),
    ("MailFromDomainNotVerifiedException", 400, "", "hold"),
    ("NotFoundException", 404, "", "hold"),
    ("InvalidSignatureException", 403, "", "hold"),
    ("ExpiredTokenException", 403, "", "hold"),
    ("AccessDeniedException", 403, "", "hold"),
    ("UnrecognizedClientException", 403, "", "hold"),
    ("SomethingNew", 400, "", "hold"),
    ("MessageRejected", 400, "Email address is not verified. The following ...", "hold"),
    ("MessageRejected", 400, "Invalid content", "failed"),
    ("BadRequestException", 400, "", "failed"),
    ("InternalServiceErrorException", 500, "", "unclear"),
    ("ServiceUnavailableException", 503, "", "unclear"),
    ("RequestTimeout", 408, "", "unclear"),
    ("RequestAbortedException", 400, "", "unclear"),
    ("RequestTimeoutException", 400, "", "unclear"),
    ("InternalFailure", 500, "", "unclear"),
    ("MalformedHttpRequestException", 400, "", "hold"),
    ("NotAuthorized", 400, "", "hold"),
    ("OptInRequired", 403, "", "hold"),
    ("RequestExpired", 400, "", "hold"),
    ("IncompleteSignature", 400, "", "hold"),
    ("ValidationError", 400, "", "failed"),
    ("RequestEntityTooLargeException", 413, "", "failed"),
]


@pytest.mark.parametrize(("code", "status", "message", "kind"), ANSWERS)
def test_each_answer_of_ses_is_sorted(
    door: ses.SESDoor, simulator: Any, code: str, status: int, message: str, kind: str
) -> None:
    fault(simulator, "refuse", status=status, detail=f"{code}: {message}")
    with pytest.raises(SESError) as error:
        door.send_bulk(request())
    # "Too fast" has one code, whatever SES calls it; its name stays in the detail.
    assert (error.value.kind, error.value.code) == (kind, ses_errors.TOO_FAST if kind == "retry" else code)
    assert error.value.throttled == (kind == "retry")
    assert code in str(error.value)
    assert door.send_bulk(request())[0].outcome == "accepted"


STATUSES = {
    "MESSAGE_REJECTED": "failed", "INVALID_PARAMETER": "failed", "INVALID_PARAMETER_VALUE": "failed",
    "ACCOUNT_THROTTLED": "retry", "TRANSIENT_FAILURE": "retry", "MAIL_FROM_DOMAIN_NOT_VERIFIED": "hold",
    "CONFIGURATION_SET_NOT_FOUND": "hold", "CONFIGURATION_SET_DOES_NOT_EXIST": "hold", "TEMPLATE_NOT_FOUND": "hold",
    "TEMPLATE_DOES_NOT_EXIST": "hold", "INVALID_SENDING_POOL_NAME": "hold", "ACCOUNT_SUSPENDED": "hold",
    "ACCOUNT_SENDING_PAUSED": "hold", "CONFIGURATION_SET_SENDING_PAUSED": "hold",
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": "hold", "FAILED": "unknown", "A_STATUS_OF_TOMORROW": "unknown",
}  # fmt: skip


def test_each_status_of_an_entry_is_sorted(door: ses.SESDoor, simulator: Any) -> None:
    for status in STATUSES:
        fault(simulator, "refusal", detail=status)
    results = door.send_bulk(request(*[entry(f"reader{n}@client.example") for n in range(len(STATUSES) + 1)]))
    assert {result.code: result.outcome for result in results[:-1]} == STATUSES
    assert results[-1].outcome == "accepted"
    assert set(ses_errors.ENTRY_OUTCOMES) - {"SUCCESS"} <= set(STATUSES)


def test_every_status_and_every_error_that_the_sdk_knows_is_in_the_table() -> None:
    """Read from botocore's own description of the service, so a new SDK with a new name fails here."""
    service = botocore.session.get_session().get_service_model("sesv2")
    known = service.shape_for("BulkEmailStatus").enum
    assert len(known) == 14 and set(known) <= set(ses_errors.ENTRY_OUTCOMES)
    told = {code: (status, kind) for code, status, _, kind in ANSWERS}
    for operation in ("SendBulkEmail", "SendEmail"):
        for shape in service.operation_model(operation).error_shapes:
            assert shape.name in told, shape.name
            assert shape.name in ses_errors.THROTTLING | ses_errors.HOLDING | ses_errors.FAILING, shape.name
            assert told[shape.name][0] in (shape.metadata["error"]["httpStatusCode"], 429)


def test_an_unverified_sender_holds_everything_instead_of_failing_everybody(door: ses.SESDoor) -> None:
    assert door.send_bulk(request(from_address="news@stranger.test"))[0].outcome == "hold"
    with pytest.raises(SESError) as error:
        door.send_single(request(from_address="news@stranger.test"), entry())
    assert error.value.kind == "hold"


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "{}", '{"BulkEmailEntryResults": []}',
                                  '{"BulkEmailEntryResults": "SUCCESS"}', "<html>"])  # fmt: skip
def test_an_answer_that_is_not_what_was_promised_is_unclear(door: ses.SESDoor, simulator: Any, body: str) -> None:
    fault(simulator, "malformed", detail=body or " ")
    with pytest.raises(SESError) as error:
        door.send_bulk(request())
    assert error.value.kind == "unclear"
    assert error.value.outcome == "unknown"
    fault(simulator, "malformed", "SendEmail", detail="{}")
    assert door.send_single(request(), entry()).outcome == "unknown"


def test_an_entry_without_a_status_is_unknown_and_the_others_are_not(door: ses.SESDoor, simulator: Any) -> None:
    answer = '{"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "a"}, null]}'
    fault(simulator, "malformed", detail=answer)
    first, second = door.send_bulk(request(entry(), entry("bob@client.example")))
    assert (first.outcome, second.outcome) == ("accepted", "unknown")


def test_a_lost_answer_is_unclear_and_the_mail_went_out_once(door: ses.SESDoor, simulator: Any) -> None:
    fault(simulator, "lose_answer")
    with pytest.raises(SESError) as error:
        door.send_bulk(request())
    assert error.value.kind == "unclear"
    fault(simulator, "lose_answer", "SendEmail")
    assert door.send_single(request(), entry()).outcome == "unknown"
    assert len(received(simulator)) == 2, "the SDK tried again"


def test_an_answer_that_comes_too_late_is_unclear_and_the_mail_went_out_once(
    simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ses, "READ_SECONDS", 0.3)
    fault(simulator, "late_answer", seconds=0.8)
    with pytest.raises(SESError) as error:
        ses.SESDoor(ses.new_client("sesv2", f"{simulator.url}/aws")).send_bulk(request())
    assert (error.value.kind, error.value.code) == ("unclear", "ReadTimeoutError")
    assert len(received(simulator)) == 1, "the SDK tried again"


@pytest.fixture
def half_an_answer() -> Iterator[str]:
    """A server that takes a request and hangs up in the middle of its answer."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
        connection.close()

    threading.Thread(target=answer, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    server.close()


def test_half_an_answer_is_unclear(half_an_answer: str) -> None:
    with pytest.raises(SESError) as error:
        ses.SESDoor(ses.new_client("sesv2", half_an_answer)).send_bulk(request())
    assert error.value.kind == "unclear"


def test_a_refused_connection_and_an_unknown_host_are_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SESError) as refused:
        ses.SESDoor(ses.new_client("sesv2", f"http://127.0.0.1:{port}")).send_bulk(request())
    assert refused.value.kind == "retry"

    def no_name(*arguments: Any, **options: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    with pytest.raises(SESError) as unknown:
        ses.SESDoor(ses.new_client("sesv2", "http://email.nowhere.test")).send_bulk(request())
    assert unknown.value.kind == "retry"
    assert not unknown.value.throttled


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.ConnectTimeoutError(endpoint_url="x"), "retry"),
        (exceptions.EndpointConnectionError(endpoint_url="x"), "retry"),
        (exceptions.ProxyConnectionError(proxy_url="x"), "retry"),
        (exceptions.NoCredentialsError(), "hold"),
        (exceptions.NoRegionError(), "hold"),
        (exceptions.SSLError(endpoint_url="x", error="CERTIFICATE_VERIFY_FAILED"), "hold"),
        (exceptions.SSLError(endpoint_url="x", error="EOF occurred"), "unclear"),
        (exceptions.ParamValidationError(report="x"), "failed"),
        (exceptions.ReadTimeoutError(endpoint_url="x"), "unclear"),
        (exceptions.ConnectionClosedError(endpoint_url="x"), "unclear"),
        (exceptions.HTTPClientError(error="x"), "unclear"),
        (ConnectionResetError(), "unclear"),
        (RuntimeError("anything"), "unclear"),
        (exceptions.ClientError({}, "SendEmail"), "unclear"),
    ],
)
def test_each_error_of_the_sdk_is_sorted(error: Exception, kind: str) -> None:
    class Broken:
        def send_bulk_email(self, **given: Any) -> Any:
            raise error

    with pytest.raises(SESError) as found:
        ses.SESDoor(Broken()).send_bulk(request())
    assert found.value.kind == kind


def test_the_account_is_read(door: ses.SESDoor, simulator: Any) -> None:
    simulator.amazon.account.set_quota(max_per_second=14, max_24h=50_000)
    assert door.account() == ses.Account(14, 50_000, simulator.amazon.account.sent_24h(), True)
    simulator.amazon.account.sending_enabled = False
    assert door.account().sending_enabled is False
    fault(simulator, "refuse", "GetAccount", status=403)
    with pytest.raises(SESError) as error:
        door.account()
    assert error.value.kind == "hold"


def test_a_sender_that_cannot_send_is_found_before_it_does(door: ses.SESDoor) -> None:
    assert door.sender_problem("Kite <releases@mail.harbor.example>", "relmail") == ""
    assert "stranger.test" in door.sender_problem("Kite <releases@stranger.test>", "relmail")
    assert "configuration set nothing" in door.sender_problem("releases@harbor.example", "nothing")


def test_the_suppression_list_of_the_account_is_read_and_written(door: ses.SESDoor) -> None:
    door.put_suppressed("ada@client.example", "BOUNCE")
    door.put_suppressed("bob@client.example", "COMPLAINT")
    assert sorted(door.suppressed()) == [("ada@client.example", "BOUNCE"), ("bob@client.example", "COMPLAINT")]
    assert door.is_suppressed("ada@client.example")
    door.delete_suppressed("ada@client.example")
    door.delete_suppressed("ada@client.example")
    assert not door.is_suppressed("ada@client.example")


def test_one_client_serves_all_threads(simulator: Any) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(ses.client())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1
    config = found[0].meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (3, 10)


def mail(to: str = "ada@company.example", **changes: Any) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("A test", "Hi", "relmail@harbor.example", [to], **changes)
    message.attach_alternative("<p>Hi</p>", "text/html")
    return message


@pytest.fixture
def backend(simulator: Any, db: None) -> Any:
    return get_connection("campaigns.delivery.ses.SESBackend")


def test_ordinary_mail_goes_through_the_same_client(backend: Any, simulator: Any) -> None:
    message = mail(headers={"X-Own": "1"})
    assert backend.send_messages([message, mail("bob@company.example")]) == 2
    first, _ = received(simulator)
    assert (first.recipients, first.configuration_set) == (["ada@company.example"], "relmail")
    assert first.rendered.html == "<p>Hi</p>"
    assert message.extra_headers == {"X-Own": "1"}, "SES's answer stays out of the message"
    assert backend.send_messages([message]) == 1
    assert set(received(simulator)[-1].headers) == {"X-Own"}
    assert backend.send_messages([]) == 0


def test_a_failure_of_ordinary_mail_is_ours_and_says_how_many_went_out(backend: Any, simulator: Any) -> None:
    fault(simulator, "slow", "SendEmail")
    bad = mail()
    bad.from_email = "news@stranger.test"
    with pytest.raises(SESError) as error:
        backend.send_messages([mail(), bad, mail()])
    assert (error.value.kind, error.value.sent) == ("hold", 1)
    assert len(received(simulator)) == 1


def test_mail_that_may_fail_silently_does_and_the_rest_is_sent(simulator: Any, db: None) -> None:
    backend = get_connection("campaigns.delivery.ses.SESBackend", fail_silently=True)
    bad = mail()
    bad.from_email = "news@stranger.test"
    assert backend.send_messages([mail(), bad, mail()]) == 2


def test_a_line_break_in_the_name_of_a_header_is_refused(backend: Any, simulator: Any) -> None:
    with pytest.raises(BadHeaderError):
        backend.send_messages([mail(headers={"X-A: b\r\nBcc": "eve@stranger.test"})])
    assert received(simulator) == []
