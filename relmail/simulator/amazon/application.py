"""The WSGI application: who is asking, which service, which fault, and the answer in AWS's form."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from relmail.simulator.amazon import description
from relmail.simulator.amazon.account import DEFAULT_IDENTITIES, Account, ConfigurationSet
from relmail.simulator.amazon.errors import AmazonError
from relmail.simulator.amazon.events import event
from relmail.simulator.amazon.inbox import Inbox, Mail
from relmail.simulator.amazon.mailbox import Happening, foresee
from relmail.simulator.amazon.pages import inbox_json, inbox_page
from relmail.simulator.amazon.ses import SES
from relmail.simulator.amazon.signing import signer
from relmail.simulator.amazon.sns import SNS
from relmail.simulator.connection import hang_up
from relmail.simulator.faults import Fault, Faults

CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
EVENT_TYPES = [
    "SEND",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "DELIVERY",
    "OPEN",
    "CLICK",
    "RENDERING_FAILURE",
    "DELIVERY_DELAY",
]
EVENT_SUBJECT = "Amazon SES Email Event Notification"
VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing."
REFUSALS = {
    400: "BadRequestException",
    403: "AccessDeniedException",
    404: "NotFoundException",
    429: "TooManyRequestsException",
    503: "ServiceUnavailableException",
}


class AmazonSimulator:
    """SES v2 and SNS behind one address, as boto3 reaches them with `endpoint_url`."""

    def __init__(
        self,
        faults: Faults,
        *,
        region: str = "eu-central-1",
        access_key_id: str = "AKIASIMULATED0000000",
        topic_arn: str = "arn:aws:sns:eu-central-1:000000000000:relmail",
        webhook_url: str = "",
        configuration_set: str = "relmail",
        identities: Sequence[str] | None = None,
        signature_version: str = "2",
        event_pace: float = 1.0,
    ) -> None:
        self.faults = faults
        self.access_key_id = access_key_id
        self.webhook_url = webhook_url
        self.event_pace = event_pace
        self.account = Account(region, DEFAULT_IDENTITIES if identities is None else identities)
        self.sns = SNS(region, signature_version)
        self.topic_arn = self.sns.create_topic(topic_arn.rpartition(":")[2], arn=topic_arn)
        self.mails = Inbox()
        self.ses = SES(self.account, faults, self._accept, self._validated)
        self._first_configuration_set = configuration_set
        self.reset()

    def reset(self) -> None:
        """Back to the first state: nothing received, default quota and lists; subscriptions stay."""
        account = self.account
        with account.lock:
            account.suppressed.clear()
            account.sending_enabled, account.enforcement = True, "HEALTHY"
            account.set_quota(max_per_second=500, max_24h=1_000_000)
            account.forget()
            if self._first_configuration_set:
                chosen = ConfigurationSet(self._first_configuration_set)
                chosen.destinations["sns"] = {
                    "Name": "sns",
                    "Enabled": True,
                    "MatchingEventTypes": list(EVENT_TYPES),
                    "SnsDestination": {"TopicArn": self.topic_arn},
                }
                account.configuration_sets[chosen.name] = chosen
        self.sns.clear()
        self.mails.clear()

    def start(self, url: str) -> None:
        """Begin to deliver events; `url` is where this application is mounted."""
        signer()
        self.sns.start(url)
        if self.webhook_url:
            self.sns.subscribe(self.topic_arn, self.webhook_url)

    def stop(self) -> None:
        """Stop delivering events."""
        self.sns.stop()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._route(request)
        except AmazonError as error:
            response = _xml_error(error) if _is_sns(request) else _json_error(error)
        return response(environ, start_response)

    def inbox(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The inbox for people."""
        return inbox_page(self.mails, Request(environ))(environ, start_response)

    def inbox_json(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The inbox for programs."""
        return inbox_json(self.mails, Request(environ), pending=self.sns.pending())(environ, start_response)

    def _route(self, request: Request) -> Response:
        if request.path.startswith("/SimpleNotificationService-"):
            return self._certificate(request)
        if _is_sns(request):
            return self._sns(request)
        self._require_key(request, "ses")
        return self._ses(request)

    def _ses(self, request: Request) -> Response:
        route, in_path = description.find(request.method, request.path)
        if fault := self.faults.take("ses", route.operation, ["slow"]):
            time.sleep(fault.seconds)
        if fault := self.faults.take("ses", route.operation, ["throttle"]):
            raise AmazonError("TooManyRequestsException", "Maximum sending rate exceeded.", 429)
        if fault := self.faults.take("ses", route.operation, ["refuse"]):
            raise _refusal(fault)
        raw = request.get_data()
        try:
            body = json.loads(raw) if raw.strip() else {}
        except (ValueError, RecursionError):
            raise AmazonError("SerializationException", "the body is not JSON") from None
        query = {name: request.args.getlist(name) for name in request.args}
        answer = self.ses.answer(route.operation, description.parameters(route, in_path, query, body))
        return self._answered(request, route.operation, answer)

    def _answered(self, request: Request, operation: str, answer: dict[str, Any]) -> Response:
        """Give the answer, unless a fault was ordered for after the request has taken effect."""
        if fault := self.faults.take("ses", operation, ["lose_answer", "late_answer", "malformed"]):
            if fault.kind == "lose_answer":
                return hang_up(request.environ)
            if fault.kind == "malformed":
                return Response(fault.detail or '{"MessageId', mimetype="application/json")
            time.sleep(fault.seconds)
        return Response(
            json.dumps(answer), mimetype="application/json", headers={"x-amzn-RequestId": str(uuid.uuid4())}
        )

    def _certificate(self, request: Request) -> Response:
        if fault := self.faults.take("ses", "Certificate", ["refuse", "lose_answer", "slow"]):
            if fault.kind == "lose_answer":
                return hang_up(request.environ)
            if fault.kind == "refuse":
                return Response("no certificate now", status=fault.status)
            time.sleep(fault.seconds)
        if request.path.lstrip("/") != signer().file_name:
            return Response("no such certificate", status=404)
        return Response(signer().certificate, mimetype="application/x-pem-file")

    def _sns(self, request: Request) -> Response:
        action = request.values.get("Action", "")
        if action != "ConfirmSubscription" or request.method == "POST":
            self._require_key(request, "sns")
        if fault := self.faults.take("ses", action, ["refuse"]):
            raise _refusal(fault)
        topic = request.values.get("TopicArn", "")
        if action == "ConfirmSubscription":
            arn = self.sns.confirm(topic, request.values.get("Token", ""))
            return _xml(action, f"<SubscriptionArn>{escape(arn)}</SubscriptionArn>")
        if action == "CreateTopic":
            arn = self.sns.create_topic(request.values.get("Name", ""))
            return _xml(action, f"<TopicArn>{escape(arn)}</TopicArn>")
        if action == "Subscribe":
            subscription = self.sns.subscribe(topic, request.values.get("Endpoint", ""))
            arn = subscription.arn or "pending confirmation"
            return _xml(action, f"<SubscriptionArn>{escape(arn)}</SubscriptionArn>")
        if action == "Unsubscribe":
            self.sns.unsubscribe(request.values.get("SubscriptionArn", ""))
            return _xml(action, "")
        if action == "Publish":
            message_id = self.sns.publish(topic, request.values.get("Message", ""), request.values.get("Subject"))
            return _xml(action, f"<MessageId>{message_id}</MessageId>")
        raise AmazonError("InvalidAction", f"the simulator does not have the SNS action {action!r}")

    def _require_key(self, request: Request, service: str) -> None:
        """Raises AmazonError (403) unless the request is signed (SigV4) with the known key for this service."""
        header = request.headers.get("Authorization", "")
        found = CREDENTIAL.match(header)
        if found is None or "Signature=" not in header or "X-Amz-Date" not in request.headers:
            raise AmazonError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        if found[1] != self.access_key_id:
            message = "The security token included in the request is invalid."
            raise AmazonError("UnrecognizedClientException", message, 403)
        if found[3] != self.account.region or found[4] != service:
            message = f"Credential should be scoped to {self.account.region}/{service}, not {found[3]}/{found[4]}."
            raise AmazonError("InvalidSignatureException", message, 403)

    def _accept(self, mail: Mail) -> None:
        """Take a message over: keep it and put everything that will happen to it on the timetable."""
        self.mails.add(mail)
        suppressed = {address.lower() for address in mail.recipients if self.account.is_suppressed(address)}
        now = time.time()
        for happening in foresee(mail, suppressed):
            self.sns.at(now + happening.after * self.event_pace, _Job(self, mail, happening))

    def happen(self, mail: Mail, happening: Happening) -> None:
        """Let one thing happen to a message and publish it where its configuration set says."""
        if happening.fate:
            self.mails.settle(mail, happening.fate)
        chosen = self.account.configuration_sets.get(mail.configuration_set)
        if chosen is None:
            return
        published = event(mail, happening, self.account.region)
        self.mails.note(mail, happening.type, happening.recipient, mail.time + timedelta(seconds=happening.after))
        for topic in chosen.topics_for(happening.type):
            self.sns.publish(topic, json.dumps(published), EVENT_SUBJECT)

    def _validated(self, topic: str) -> None:
        """What SES does when a topic becomes an event destination. Raises AmazonError for an unknown one."""
        self.sns.publish(topic, VALIDATED)


class _Job:
    """One happening on the timetable; a class because it is made ten times a message."""

    __slots__ = ("happening", "mail", "simulator")

    def __init__(self, simulator: AmazonSimulator, mail: Mail, happening: Happening) -> None:
        self.simulator, self.mail, self.happening = simulator, mail, happening

    def __call__(self) -> None:
        self.simulator.happen(self.mail, self.happening)


def _is_sns(request: Request) -> bool:
    return request.path in ("", "/")


def _refusal(fault: Fault) -> AmazonError:
    code, _, message = fault.detail.partition(":")
    code = code or REFUSALS.get(fault.status, "InternalServiceErrorException")
    return AmazonError(code, message.strip() or "Refused as the simulator was told.", fault.status)


def _json_error(error: AmazonError) -> Response:
    return Response(
        json.dumps({"message": error.message}),
        status=error.status,
        mimetype="application/json",
        headers={"x-amzn-ErrorType": error.code, "x-amzn-RequestId": str(uuid.uuid4())},
    )


def _xml(action: str, result: str) -> Response:
    return Response(
        f'<{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{action}Response>",
        mimetype="text/xml",
    )


def _xml_error(error: AmazonError) -> Response:
    kind = "Sender" if error.status < 500 else "Receiver"
    return Response(
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error>'
        f"<Type>{kind}</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>",
        status=error.status,
        mimetype="text/xml",
    )
