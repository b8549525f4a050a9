"""SendEmail and SendBulkEmail: what is taken over, what is refused, and with which words."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from relmail.simulator.amazon import limits
from relmail.simulator.amazon.account import Account
from relmail.simulator.amazon.errors import AmazonError, bad_request
from relmail.simulator.amazon.inbox import Mail
from relmail.simulator.amazon.rendering import Content, Rendered, template_data
from relmail.simulator.amazon.templates import Templates
from relmail.simulator.amazon.tenants import Tenants
from relmail.simulator.faults import Faults

# What a whole call is refused with, and the status of one entry of a bulk call that means the same.
ENTRY_STATUS = {
    "MessageRejected": "MESSAGE_REJECTED",
    "MailFromDomainNotVerifiedException": "MAIL_FROM_DOMAIN_NOT_VERIFIED",
    "NotFoundException": "CONFIGURATION_SET_NOT_FOUND",
    "AccountSuspendedException": "ACCOUNT_SUSPENDED",
    "SendingPausedException": "CONFIGURATION_SET_SENDING_PAUSED",
    "BadRequestException": "INVALID_PARAMETER",
}
QUOTA_TEXT = {
    "ACCOUNT_THROTTLED": "Maximum sending rate exceeded.",
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": "Daily message quota exceeded.",
}


class Sending(Templates, Tenants):
    """The two operations that send. `accept` is called with every message that SES takes over."""

    def __init__(self, account: Account, faults: Faults, accept: Callable[[Mail], None]) -> None:
        self.account = account
        self.faults = faults
        self.accept = accept

    def _SendEmail(self, given: dict[str, Any]) -> dict[str, Any]:
        if fault := self.faults.take("ses", "SendEmail", ["refusal"]):
            raise AmazonError(fault.detail or "MessageRejected", "Refused as the simulator was told.")
        content = given["Content"]
        kinds = [kind for kind in ("Simple", "Raw", "Template") if content.get(kind) is not None]
        if len(kinds) != 1:
            raise bad_request("Content must have exactly one of Simple, Raw and Template")
        self.account.require_sending()
        mail = getattr(self, f"_{kinds[0].lower()}")(given, content[kinds[0]])
        self._check_route(mail)
        self._charge(len(mail.recipients))
        self.accept(mail)
        return {"MessageId": mail.message_id}

    def _SendBulkEmail(self, given: dict[str, Any]) -> dict[str, Any]:
        entries = given["BulkEmailEntries"]
        if not 1 <= len(entries) <= limits.MOST_ENTRIES:
            raise bad_request(f"BulkEmailEntries must have 1 to {limits.MOST_ENTRIES} entries, not {len(entries)}")
        template = given["DefaultContent"].get("Template")
        if template is None:
            raise bad_request("DefaultContent has no Template")
        content = self._inline_content(template)
        defaults = template_data(template.get("TemplateData"), "TemplateData")
        if not given.get("FromEmailAddress"):
            raise bad_request("Missing required field: FromEmailAddress")
        self.account.require_sending()
        results = []
        for entry in entries:
            try:
                mail = self._bulk_mail(given, entry, template, content, defaults)
                results.append(self._accept_entry(mail))
            except AmazonError as error:
                status = ENTRY_STATUS.get(error.code, "FAILED")
                results.append({"Status": status, "Error": error.message})
        return {"BulkEmailEntryResults": results}

    def _accept_entry(self, mail: Mail) -> dict[str, Any]:
        if fault := self.faults.take("ses", "SendBulkEmail", ["refusal"]):
            return {"Status": fault.detail or "MESSAGE_REJECTED", "Error": "Refused as the simulator was told."}
        self._check_route(mail)
        if full := self.account.take(len(mail.recipients)):
            return {"Status": full, "Error": QUOTA_TEXT[full]}
        self.accept(mail)
        return {"Status": "SUCCESS", "MessageId": mail.message_id}

    def _bulk_mail(
        self,
        given: dict[str, Any],
        entry: dict[str, Any],
        template: dict[str, Any],
        content: Content,
        defaults: dict[str, Any],
    ) -> Mail:
        replacement = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
        values = defaults | template_data(replacement.get("ReplacementTemplateData"), "ReplacementTemplateData")
        return self._mail(
            given,
            recipients=limits.recipients(entry["Destination"]),
            headers=limits.headers(template.get("Headers"), entry.get("ReplacementHeaders")),
            tags=limits.tags(given.get("DefaultEmailTags"), entry.get("ReplacementTags")),
            rendered=Rendered(content, values),
        )

    def _simple(self, given: dict[str, Any], simple: dict[str, Any]) -> Mail:
        body = simple["Body"]
        html, text = (body.get("Html") or {}).get("Data", ""), (body.get("Text") or {}).get("Data", "")
        if not html and not text:
            raise bad_request("Body has neither Html nor Text")
        subject = simple["Subject"]["Data"]
        if "\n" in subject or "\r" in subject:
            raise bad_request("Control characters are not allowed in the subject")
        return self._mail(
            given,
            recipients=limits.recipients(given.get("Destination") or {}),
            headers=limits.headers(simple.get("Headers")),
            tags=limits.tags(given.get("EmailTags")),
            rendered=Rendered(Content(subject, html, text, template=False)),
        )

    def _template(self, given: dict[str, Any], template: dict[str, Any]) -> Mail:
        return self._mail(
            given,
            recipients=limits.recipients(given.get("Destination") or {}),
            headers=limits.headers(template.get("Headers")),
            tags=limits.tags(given.get("EmailTags")),
            rendered=Rendered(
                self._inline_content(template), template_data(template.get("TemplateData"), "TemplateData")
            ),
        )

    def _raw(self, given: dict[str, Any], raw: dict[str, Any]) -> Mail:
        try:
            data = base64.b64decode(raw["Data"], validate=True)
        except (binascii.Error, ValueError):
            raise AmazonError("SerializationException", "Raw.Data is not base64") from None
        parsed = message_from_bytes(data, policy=policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - what this policy makes
        html, text = parsed.get_body(("html",)), parsed.get_body(("plain",))
        own = {name: str(value) for name, value in parsed.items() if name.lower() not in limits.WRITTEN_BY_SES}
        # SES takes these two as instructions and does not send them on.
        configuration_set = _pop(own, "X-SES-CONFIGURATION-SET")
        tagged = [part.partition("=") for part in _pop(own, "X-SES-MESSAGE-TAGS").split(",") if "=" in part]
        destination = given.get("Destination") or {}
        if not any(destination.values()):
            destination = {
                "ToAddresses": [
                    address.addr_spec
                    for name in ("to", "cc", "bcc")
                    for header in parsed.get_all(name, [])
                    for address in header.addresses
                ]
            }
        mail = self._mail(
            given | {"FromEmailAddress": given.get("FromEmailAddress") or str(parsed["from"] or "")},
            recipients=limits.recipients(destination),
            headers=own,
            tags=limits.tags(
                given.get("EmailTags"), [{"Name": name.strip(), "Value": value.strip()} for name, _, value in tagged]
            ),
            rendered=Rendered(
                Content(
                    str(parsed["subject"] or ""),
                    html.get_content() if html else "",
                    text.get_content() if text else "",
                    template=False,
                )
            ),
        )
        limits.message_size(len(data))
        if configuration_set and not mail.configuration_set:
            mail.configuration_set = configuration_set
        if not mail.reply_to and parsed["reply-to"]:
            mail.reply_to = [str(parsed["reply-to"])]
        return mail

    def _mail(
        self,
        given: dict[str, Any],
        *,
        recipients: list[str],
        headers: dict[str, str],
        tags: dict[str, str],
        rendered: Rendered,
    ) -> Mail:
        sender = given.get("FromEmailAddress") or ""
        if not sender:
            raise bad_request("Missing required field: FromEmailAddress")
        limits.one_address(sender)
        for address in given.get("ReplyToAddresses") or ():
            limits.one_address(address)
        content = rendered.content
        limits.message_size(len(content.subject) + len(content.html.encode()) + len(content.text.encode()))
        return Mail(
            message_id=f"01070199{uuid.uuid4().hex[:8]}-{uuid.uuid4()}-000000",
            time=datetime.now(UTC),
            sender=sender,
            recipients=recipients,
            reply_to=list(given.get("ReplyToAddresses") or ()),
            headers=headers,
            tags=tags,
            configuration_set=given.get("ConfigurationSetName") or "",
            tenant=given.get("TenantName") or "",
            rendered=rendered,
        )

    def _inline_content(self, template: dict[str, Any]) -> Content:
        inline = template.get("TemplateContent")
        if named := template.get("TemplateName") or str(template.get("TemplateArn") or "").rpartition("/")[2]:
            if inline is not None:
                raise bad_request("Only one of TemplateName, TemplateArn and TemplateContent may be given")
            inline = self.stored(named)
        if inline is None:
            raise bad_request("Template has neither a name nor TemplateContent")
        subject, html, text = (inline.get(part) or "" for part in ("Subject", "Html", "Text"))
        if not subject:
            raise bad_request("The subject of the template is empty")
        if not html and not text:
            raise bad_request("The template has neither Html nor Text")
        if len(subject.encode()) + len(html.encode()) + len(text.encode()) > limits.LARGEST_TEMPLATE:
            raise bad_request(f"The inline template is larger than {limits.LARGEST_TEMPLATE} bytes")
        return Content(subject, html, text, template=True)

    def _check_route(self, mail: Mail) -> None:
        self.account.require_sender(limits.one_address(mail.sender))
        if mail.tenant:
            self.check_tenant(mail.tenant, limits.one_address(mail.sender), mail.configuration_set)
        if mail.configuration_set:
            chosen = self.account.configuration_set(mail.configuration_set)
            if not chosen.sending_enabled:
                raise AmazonError("SendingPausedException", f"Sending is disabled for configuration set {chosen.name}.")

    def _charge(self, recipients: int) -> None:
        if full := self.account.take(recipients):
            raise AmazonError("TooManyRequestsException", QUOTA_TEXT[full], 429)


def _pop(headers: dict[str, str], name: str) -> str:
    for own in list(headers):
        if own.lower() == name.lower():
            return headers.pop(own)
    return ""
