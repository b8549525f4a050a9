"""The JSON of a bulk call, written straight from our own dataclasses, and how it gets through boto3.

Botocore walks its model of the request for every entry; that cost more than signing, sending and reading together. So
the body is made here and handed over by two of botocore's documented events; the SDK still signs and sends it. The
members are those of the reference of SendBulkEmail (API version 2019-09-27).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quote
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from campaigns.delivery.ses import BulkRequest, Entry

# The name under which a finished body goes through boto3; no operation has a parameter like it.
BODY = "RelmailBody"
_encode = json.JSONEncoder(ensure_ascii=False).encode


def bulk(request: BulkRequest, entries: Sequence[Entry]) -> bytes:
    """The body of a SendBulkEmail request for these entries."""
    frame = _frame(
        request.from_address, request.reply_to, request.configuration_set, request.tenant,
        request.subject, request.html, request.text,
    )  # fmt: skip
    return (frame + ",".join([_entry(request.headers, entry) for entry in entries]) + "]}").encode()


def install(client: Any) -> None:
    """Make a boto3 sesv2 client take bodies under the name BODY."""
    client.meta.events.register("before-parameter-build.sesv2.SendBulkEmail", _take)
    client.meta.events.register("before-call.sesv2.SendBulkEmail", _put)


@functools.lru_cache(maxsize=8)  # the same for all batches of an e-mail
def _frame(
    from_address: str, reply_to: str, configuration_set: str, tenant: str, subject: str, html: str, text: str
) -> str:
    given: dict[str, Any] = {"FromEmailAddress": from_address}
    if reply_to:
        given["ReplyToAddresses"] = [reply_to]
    if configuration_set:
        given["ConfigurationSetName"] = configuration_set
    if tenant:
        given["TenantName"] = tenant
    parts = {name: part for name, part in (("Subject", subject), ("Html", html), ("Text", text)) if part}
    given["DefaultContent"] = {"Template": {"TemplateContent": parts, "TemplateData": "{}"}}
    return json.dumps(given)[:-1] + ', "BulkEmailEntries": ['


def _entry(headers: dict[str, str], entry: Entry) -> str:
    return (
        f'{{"Destination": {{"ToAddresses": [{quote(entry.to_address)}]}}, "ReplacementTags": [{_pairs(entry.tags)}], '
        f'"ReplacementHeaders": [{_pairs(headers | entry.headers)}], "ReplacementEmailContent": '
        f'{{"ReplacementTemplate": {{"ReplacementTemplateData": {quote(_encode(entry.values))}}}}}}}'
    )


def _pairs(given: dict[str, str]) -> str:
    return ",".join([f'{{"Name": {quote(name)}, "Value": {quote(value)}}}' for name, value in given.items()])


def _take(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[BODY] = params.pop(BODY, None)


def _put(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    body = context.get(BODY)
    if body is not None:
        params["body"] = body
        params["headers"]["Content-Type"] = "application/json"
