"""The one door to Amazon SES, API v2. Nobody else imports boto3 to send.

It takes and returns our own dataclasses and raises our own errors, which say whether trying again can
help. The SDK's own retries are off: boto3 by itself made three copies of one mail when answers came
late, and SES has no idempotency key (reference of SendEmail and SendBulkEmail).
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import boto3
import django_ses
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.db import DatabaseError
from django.utils import timezone

from campaigns.delivery import ses_body, ses_errors, ses_limits
from campaigns.delivery.ses_errors import Outcome, SESError

__all__ = [
    "CONNECT_SECONDS", "READ_SECONDS", "Account", "BulkRequest", "Entry", "EntryResult", "SESBackend", "SESDoor",
    "SESError", "door",
]  # fmt: skip

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3
READ_SECONDS = 10
MOST_ENTRIES = 50  # "Service quotas in Amazon SES": destinations in one templated call


@dataclass(frozen=True)
class Entry:
    """One recipient of a bulk call: a bare address, what fills the placeholders, own headers and tags."""

    to_address: str
    values: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BulkRequest:
    """One rendition for up to 50 recipients; subject, HTML and text hold SES placeholders (`{{first_name}}`).

    `headers` are for everybody; those of an entry win. SES fills no placeholders in headers.
    """

    from_address: str
    reply_to: str
    subject: str
    html: str
    text: str
    configuration_set: str
    tenant: str = ""
    entries: Sequence[Entry] = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryResult:
    """What became of one entry. `code` is SES's (or ours, in lower case), `detail` a sentence for people."""

    outcome: Outcome
    ses_id: str = ""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Account:
    """What GetAccount says: recipients a second, recipients in 24 rolling hours (-1: no limit), sent in them."""

    max_per_second: float
    max_24h: float
    sent_24h: float
    sending_enabled: bool


class SESDoor:
    """Sends and asks. Safe from many threads; a client given to it is used instead of the shared one."""

    def __init__(self, client: Any = None) -> None:
        self._client = client

    def send_bulk(self, request: BulkRequest) -> list[EntryResult]:
        """Send one rendition to up to 50 recipients by SendBulkEmail; one result per entry, in order.

        Entries that SES would not take (address, header, tag, missing value) come back as failed and are
        not sent. Raises SESError when the call as a whole failed: `kind` "retry" and "hold" mean that
        nothing was accepted, "failed" that the request itself is wrong, "unclear" that some or all of
        the entries may have been accepted.
        """
        if not 1 <= len(request.entries) <= MOST_ENTRIES:
            raise ValueError(f"a bulk call has 1 to {MOST_ENTRIES} entries, not {len(request.entries)}")
        names = ses_limits.check_content(request)
        problems = [ses_limits.entry_problem(request, entry, names) for entry in request.entries]
        good = [entry for entry, problem in zip(request.entries, problems, strict=True) if not problem]
        answered = iter(self._send_good(request, good) if good else [])
        return [
            EntryResult("failed", "", "invalid_entry", problem) if problem else next(answered) for problem in problems
        ]

    def send_single(self, request: BulkRequest, entry: Entry) -> EntryResult:
        """Send the same rendition to one recipient by SendEmail, where bulk calls are throttled or refused.

        Returns what `send_bulk` would say of that entry. Raises SESError only for kind "hold" and for a
        request that is wrong as a whole; a lost answer is an `unknown` result.
        """
        names = ses_limits.check_content(request)
        if problem := ses_limits.entry_problem(request, entry, names):
            return EntryResult("failed", "", "invalid_entry", problem)
        given = _common(request) | {
            "Destination": {"ToAddresses": [entry.to_address]},
            "Content": {
                "Template": _template(request)
                | {
                    "TemplateData": _data(entry.values),
                    "Headers": _pairs(request.headers | entry.headers),
                }
            },
            "EmailTags": _pairs(entry.tags),
        }
        try:
            answer = self._call("send_email", given)
        except SESError as error:
            if error.kind == "hold":
                raise
            return EntryResult(error.outcome, "", error.code, error.detail)
        ses_id = answer.get("MessageId")
        if not isinstance(ses_id, str) or not ses_id:
            return EntryResult("unknown", "", "malformed_answer", "SES answered without a message id.")
        return EntryResult("accepted", ses_id)

    def account(self) -> Account:
        """Quota and whether sending is enabled. Raises SESError."""
        answer = self._call("get_account", {})
        quota = answer.get("SendQuota")
        if not isinstance(quota, dict):
            raise SESError("unclear", "malformed_answer", "SES answered GetAccount without a quota.")
        enabled = bool(answer.get("SendingEnabled")) and answer.get("EnforcementStatus") != "SHUTDOWN"
        return Account(
            float(quota.get("MaxSendRate") or 0),
            float(quota.get("Max24HourSend") or 0),
            float(quota.get("SentLast24Hours") or 0),
            enabled,
        )

    def sender_problem(self, from_address: str, configuration_set: str) -> str:
        """Why SES would refuse this sender or configuration set, empty when it would not. Raises SESError."""
        domain = from_address.rpartition("@")[2].rstrip(">").lower()
        labels = domain.split(".")
        names = [from_address.rpartition("<")[2].rstrip("> ").lower()]
        names += [".".join(labels[start:]) for start in range(len(labels))]
        if not any(self._identity_is_verified(name) for name in names):
            return f"Neither the address nor the domain {domain} is a verified identity in SES."
        if configuration_set and not self._exists("get_configuration_set", ConfigurationSetName=configuration_set):
            return f"SES has no configuration set {configuration_set}; without it no events come back."
        return ""

    def kept_text(self, name: str) -> str | None:
        """The text of a stored e-mail template; None when SES has none of this name. Raises SESError.

        Nothing is sent with it: it is the one place that every sender of the account can read and write.
        """
        try:
            answer = self._call("get_email_template", {"TemplateName": name})
        except SESError as error:
            if error.code == "NotFoundException":
                return None
            raise
        content = answer.get("TemplateContent")
        return str(content.get("Text") or "") if isinstance(content, dict) else ""

    def keep_text(self, name: str, text: str, *, new: bool) -> bool:
        """Store a text as an e-mail template. Raises SESError.

        Returns:
            False when `new` and there is one already, or not `new` and there is none; nothing was stored then.
        """
        content = {"Subject": "Not a mail: see the text", "Text": text}
        try:
            self._call(
                "create_email_template" if new else "update_email_template",
                {"TemplateName": name, "TemplateContent": content},
            )
        except SESError as error:
            if error.code == ("AlreadyExistsException" if new else "NotFoundException"):
                return False
            raise
        return True

    def put_suppressed(self, address: str, reason: Literal["BOUNCE", "COMPLAINT"]) -> None:
        """Put an address on the account's suppression list. Raises SESError."""
        self._call("put_suppressed_destination", {"EmailAddress": address, "Reason": reason})

    def delete_suppressed(self, address: str) -> None:
        """Take an address from the account's suppression list; it need not be there. Raises SESError."""
        self._exists("delete_suppressed_destination", EmailAddress=address)

    def is_suppressed(self, address: str) -> bool:
        """Is an address on the account's suppression list? Raises SESError."""
        return self._exists("get_suppressed_destination", EmailAddress=address)

    def suppressed(self) -> Iterator[tuple[str, str]]:
        """Every address on the account's suppression list with its reason. Raises SESError.

        AWS allows one such call a second for the whole account ("Service quotas in Amazon SES").
        """
        given: dict[str, Any] = {"PageSize": 1000}
        seen: set[str] = set()
        while True:
            answer = self._call("list_suppressed_destinations", given)
            for found in answer.get("SuppressedDestinationSummaries") or ():
                yield found["EmailAddress"], found["Reason"]
            token = answer.get("NextToken")
            if not token or token in seen:
                return
            seen.add(token)
            given["NextToken"] = token

    def _send_good(self, request: BulkRequest, entries: list[Entry]) -> list[EntryResult]:
        given = {ses_body.BODY: ses_body.bulk(request, entries)}
        answer = self._call("send_bulk_email", given).get("BulkEmailEntryResults")
        if not isinstance(answer, list) or len(answer) != len(entries):
            got = len(answer) if isinstance(answer, list) else "no"
            raise SESError("unclear", "malformed_answer", f"SES answered {got} results for {len(entries)} entries.")
        return [_entry_result(one) for one in answer]

    def _call(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """One request, one attempt. Raises SESError."""
        try:
            answer = getattr(self._client or client(), method)(**given)
        except Exception as error:
            raise ses_errors.sort(error) from error
        if not isinstance(answer, dict):
            raise SESError("unclear", "malformed_answer", "SES answered with something that is not an object.")
        return answer

    def _exists(self, method: str, **given: str) -> bool:
        try:
            self._call(method, given)
        except SESError as error:
            if error.code == "NotFoundException":
                return False
            raise
        return True

    def _identity_is_verified(self, name: str) -> bool:
        try:
            return bool(self._call("get_email_identity", {"EmailIdentity": name}).get("VerifiedForSendingStatus"))
        except SESError as error:
            if error.code == "NotFoundException":
                return False
            raise


class SESBackend(django_ses.SESBackend):
    """Ordinary Django mail (test sends, staff notices) through SES v2 with the same client and errors.

    What django-ses 4.8.2 leaves open is closed here: its throttle assumes that it is the only sender, an
    error passes through unsorted and ignores `fail_silently`, and after a send the message object carries
    SES's answer as headers that a second send would put into the mail.
    """

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(
            fail_silently=fail_silently,
            **(
                {
                    "aws_region_name": settings.AWS_REGION,
                    "aws_region_endpoint": settings.AWS_SES_ENDPOINT_URL or None,
                    "use_ses_v2": True,
                }
                | kwargs
            ),
        )
        self._throttle = None

    def open(self) -> bool:
        """Use the shared client. Raises SESError unless mail may fail silently."""
        if self.connection:
            return False
        try:
            self.connection: Any = client()
        except Exception as error:
            if not self.fail_silently:
                raise ses_errors.sort(error) from error
            return False
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage] | None) -> int:
        """Send each message and return how many SES accepted.

        Raises SESError at the first that failed, with the number accepted before it in `sent`; with
        `fail_silently` the rest is still tried. Raises BadHeaderError for a header that is not one.
        """
        sent = 0
        for message in email_messages or ():
            headers = dict(message.extra_headers)
            try:
                _check_headers(headers)
                _make_room(message)
                sent += super().send_messages([message]) or 0
            except (BotoCoreError, ClientError, SESError, OSError) as error:
                sorted_error = ses_errors.sort(error)
                sorted_error.sent = sent
                if not self.fail_silently:
                    raise sorted_error from error
                log.warning("a mail was not sent: %s (%s)", sorted_error.code, sorted_error.kind)
            finally:
                message.extra_headers = headers
        return sent


_clients: dict[tuple[Any, ...], Any] = {}
_clients_lock = threading.Lock()


def client() -> Any:
    """The boto3 client of this process, made once; boto3 clients may be shared by threads, sessions may not."""
    key = (
        os.getpid(), settings.AWS_REGION, settings.AWS_SES_ENDPOINT_URL, settings.AWS_ACCESS_KEY_ID,
        settings.AWS_SECRET_ACCESS_KEY,
    )  # fmt: skip
    with _clients_lock:
        if key not in _clients:
            _clients[key] = new_client("sesv2", settings.AWS_SES_ENDPOINT_URL)
        return _clients[key]


def new_client(service: str, endpoint_url: str, region: str = "") -> Any:
    """A boto3 client with one attempt per call and short time-outs; empty credentials mean the SDK's own chain."""
    made = boto3.session.Session(
        aws_access_key_id=settings.AWS_ACCESS_KEY_ID or None,
        aws_secret_access_key=settings.AWS_SECRET_ACCESS_KEY or None,
    ).client(
        service,
        region_name=region or settings.AWS_REGION,
        endpoint_url=endpoint_url or None,
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=64,
            # Requests are checked in ses_limits; botocore's own check costs a third of a bulk call.
            parameter_validation=False,
        ),
    )
    if service == "sesv2":
        ses_body.install(made)
    return made


def door() -> SESDoor:
    """The door with the client of this process."""
    return SESDoor()


def _common(request: BulkRequest) -> dict[str, Any]:
    given: dict[str, Any] = {"FromEmailAddress": request.from_address}
    if request.reply_to:
        given["ReplyToAddresses"] = [request.reply_to]
    if request.configuration_set:
        given["ConfigurationSetName"] = request.configuration_set
    if request.tenant:
        given["TenantName"] = request.tenant
    return given


def _template(request: BulkRequest) -> dict[str, Any]:
    parts = {"Subject": request.subject, "Html": request.html, "Text": request.text}
    return {"TemplateContent": {name: part for name, part in parts.items() if part}}


def _pairs(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given.items()]


def _data(values: dict[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _entry_result(answer: Any) -> EntryResult:
    if not isinstance(answer, dict):
        return EntryResult("unknown", "", "malformed_answer", "SES answered this entry with no status.")
    status, ses_id = str(answer.get("Status") or ""), str(answer.get("MessageId") or "")
    text = str(answer.get("Error") or "")
    if status == "SUCCESS":
        return EntryResult("accepted", ses_id)
    return EntryResult(ses_errors.entry_outcome(status, text), ses_id, status or "malformed_answer", text[:500])


def _make_room(message: EmailMessage) -> None:
    """Such mail does not wait for the quota: it goes first, and campaigns wait for it."""
    from campaigns.delivery import limiter

    try:
        limiter.pass_first(len(message.recipients()), now=timezone.now())
    except DatabaseError as error:
        # A notice that the database is down has to get out all the same.
        log.warning("mail goes out uncounted: %s", error)


def _check_headers(headers: dict[str, Any]) -> None:
    """Django refuses line breaks in the value of a header, not in its name, which would let one smuggle a Bcc."""
    for name in headers:
        if not ses_limits.HEADER_NAME.fullmatch(str(name)):
            raise BadHeaderError("The name of a header has characters that are not allowed there.")
