"""The operations of SES v2 that a sender and its operator use, with AWS's names, answers and refusals."""

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
from relmail.simulator.amazon.account import Account, ConfigurationSet
from relmail.simulator.amazon.errors import AmazonError, bad_request, not_found
from relmail.simulator.amazon.inbox import Mail
from relmail.simulator.amazon.rendering import Content, Rendered, template_data
from relmail.simulator.faults import Faults

Accept = Callable[[Mail], None]

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


class SES:
    """Answers operations by name. `accept` is called with every message that SES takes over."""

    def __init__(self, account: Account, faults: Faults, accept: Accept, validated: Callable[[str], None]) -> None:
        self.account = account
        self.faults = faults
        self.accept = accept
        self.validated = validated

    def answer(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run one operation. Raises AmazonError; UnknownOperationException for those not built."""
        method = getattr(self, f"_{operation}", None)
        if method is None:
            raise AmazonError("UnknownOperationException", f"the simulator does not have {operation}", 501)
        result: dict[str, Any] = method(given)
        return result

    # Sending ------------------------------------------------------------------------------------

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
        self, given: dict[str, Any], entry: dict[str, Any], template: dict[str, Any], content: Content,
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
            destination = {"ToAddresses": [
                address.addr_spec
                for name in ("to", "cc", "bcc")
                for header in parsed.get_all(name, [])
                for address in header.addresses
            ]}
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
        self, given: dict[str, Any], *, recipients: list[str], headers: dict[str, str], tags: dict[str, str],
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
            rendered=rendered,
        )

    def _inline_content(self, template: dict[str, Any]) -> Content:
        inline = template.get("TemplateContent")
        if template.get("TemplateName") or template.get("TemplateArn"):
            if inline is not None:
                raise bad_request("Only one of TemplateName, TemplateArn and TemplateContent may be given")
            raise not_found(f"Template {template.get('TemplateName') or template.get('TemplateArn')} does not exist.")
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
        if mail.configuration_set:
            chosen = self.account.configuration_set(mail.configuration_set)
            if not chosen.sending_enabled:
                raise AmazonError("SendingPausedException", f"Sending is disabled for configuration set {chosen.name}.")

    def _charge(self, recipients: int) -> None:
        if full := self.account.take(recipients):
            raise AmazonError("TooManyRequestsException", QUOTA_TEXT[full], 429)

    # Account ------------------------------------------------------------------------------------

    def _GetAccount(self, given: dict[str, Any]) -> dict[str, Any]:
        account = self.account
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": account.enforcement,
            "ProductionAccessEnabled": True,
            "SendQuota": {
                "Max24HourSend": account.max_24h,
                "MaxSendRate": account.max_per_second,
                "SentLast24Hours": float(account.sent_24h()),
            },
            "SendingEnabled": account.sending_enabled and account.enforcement != "SHUTDOWN",
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }

    def _PutAccountSendingAttributes(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.sending_enabled = bool(given.get("SendingEnabled", False))
        return {}

    # Identities ---------------------------------------------------------------------------------

    def _ListEmailIdentities(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            known = sorted(self.account.identities.items())
        return {"EmailIdentities": [
            {"IdentityName": name, "IdentityType": _identity_type(name), "SendingEnabled": verified,
             "VerificationStatus": "SUCCESS" if verified else "PENDING"}
            for name, verified in known
        ]}

    def _GetEmailIdentity(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["EmailIdentity"].lower()
        with self.account.lock:
            if name not in self.account.identities:
                raise not_found(f"Email identity {name} does not exist.")
            verified = self.account.identities[name]
        return {
            "IdentityType": _identity_type(name),
            "FeedbackForwardingStatus": True,
            "VerifiedForSendingStatus": verified,
            "VerificationStatus": "SUCCESS" if verified else "PENDING",
            "DkimAttributes": {"SigningEnabled": verified, "Status": "SUCCESS" if verified else "PENDING"},
        }

    def _CreateEmailIdentity(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["EmailIdentity"].lower()
        with self.account.lock:
            if name in self.account.identities:
                raise AmazonError("AlreadyExistsException", f"Email identity {name} already exist.")
            self.account.identities[name] = False
        return {
            "IdentityType": _identity_type(name),
            "VerifiedForSendingStatus": False,
            "DkimAttributes": {"SigningEnabled": True, "Status": "NOT_STARTED"},
        }

    def _DeleteEmailIdentity(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            if self.account.identities.pop(given["EmailIdentity"].lower(), None) is None:
                raise not_found(f"Email identity {given['EmailIdentity']} does not exist.")
        return {}

    # Suppression list ---------------------------------------------------------------------------

    def _PutSuppressedDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.suppress(given["EmailAddress"], given["Reason"])
        return {}

    def _GetSuppressedDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            found = self.account.suppressed.get(given["EmailAddress"].lower())
        if found is None:
            raise not_found(f"Email address {given['EmailAddress']} does not exist on your suppression list.")
        return {"SuppressedDestination": found}

    def _DeleteSuppressedDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            if self.account.suppressed.pop(given["EmailAddress"].lower(), None) is None:
                raise not_found(f"Email address {given['EmailAddress']} does not exist on your suppression list.")
        return {}

    def _ListSuppressedDestinations(self, given: dict[str, Any]) -> dict[str, Any]:
        reasons = given.get("Reasons") or ("BOUNCE", "COMPLAINT")
        size = min(int(given.get("PageSize") or 1000), 1000)
        token = str(given.get("NextToken") or "0")
        if not token.isdigit():
            raise AmazonError("InvalidNextTokenException", "The specified request includes an invalid token.")
        with self.account.lock:
            found = [one for one in self.account.suppressed.values() if one["Reason"] in reasons]
        start = int(token)
        page = {"SuppressedDestinationSummaries": found[start : start + size]}
        return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})

    # Configuration sets -------------------------------------------------------------------------

    def _CreateConfigurationSet(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["ConfigurationSetName"]
        with self.account.lock:
            if name in self.account.configuration_sets:
                raise AmazonError("AlreadyExistsException", f"Configuration set <{name}> already exists.")
            self.account.configuration_sets[name] = ConfigurationSet(name)
        return {}

    def _GetConfigurationSet(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        return {"ConfigurationSetName": found.name, "SendingOptions": {"SendingEnabled": found.sending_enabled}}

    def _ListConfigurationSets(self, given: dict[str, Any]) -> dict[str, Any]:
        with self.account.lock:
            return {"ConfigurationSets": sorted(self.account.configuration_sets)}

    def _DeleteConfigurationSet(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        with self.account.lock:
            del self.account.configuration_sets[found.name]
        return {}

    def _PutConfigurationSetSendingOptions(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        found.sending_enabled = bool(given.get("SendingEnabled", False))
        return {}

    def _CreateConfigurationSetEventDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        name = given["EventDestinationName"]
        if name in found.destinations:
            raise AmazonError("AlreadyExistsException", f"An event destination with the name {name} already exists.")
        destination = given["EventDestination"]
        if not destination.get("MatchingEventTypes"):
            raise bad_request("MatchingEventTypes is empty")
        if topic := (destination.get("SnsDestination") or {}).get("TopicArn"):
            self.validated(topic)
        found.destinations[name] = {"Name": name} | destination
        return {}

    def _GetConfigurationSetEventDestinations(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        return {"EventDestinations": list(found.destinations.values())}

    def _DeleteConfigurationSetEventDestination(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.account.configuration_set(given["ConfigurationSetName"])
        if found.destinations.pop(given["EventDestinationName"], None) is None:
            raise not_found(f"No event destination with the name {given['EventDestinationName']}.")
        return {}


def _identity_type(name: str) -> str:
    return "EMAIL_ADDRESS" if "@" in name else "DOMAIN"


def _pop(headers: dict[str, str], name: str) -> str:
    for own in list(headers):
        if own.lower() == name.lower():
            return headers.pop(own)
    return ""
