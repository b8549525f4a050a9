"""What AWS asks beyond field types: entries, recipients, sizes, tags, addresses.

Rules from the SES developer guide: "Service quotas in Amazon SES" (50 recipients a message, 50
destinations a templated call, 10 MB without an extension), the MessageTag type of the API reference
(ASCII letters, numbers, underscores, dashes; AWS answers 255 as the limit of a value) and the
description of EmailAddress (ASCII local part; IDN domains in Punycode).
"""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Any

from relmail.simulator.amazon.errors import bad_request

MOST_ENTRIES = 50
MOST_RECIPIENTS = 50
LARGEST_MESSAGE = 10 * 1024 * 1024
LARGEST_TEMPLATE = 1024 * 1024

TAG_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
TAG_VALUE = re.compile(r"[A-Za-z0-9_.@-]{1,255}")
ADDRESS = re.compile(r"[!-?A-~]{1,64}@(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")


def one_address(text: str) -> str:
    """The bare address of `Name <address>`. Raises AmazonError (400) when it is not exactly one."""
    found = getaddresses([text])
    if len(found) != 1 or not ADDRESS.fullmatch(found[0][1]) or len(found[0][1]) > 320:
        raise bad_request("Invalid address: " + (text if len(text) <= 80 else text[:77] + "..."))
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise bad_request("Control characters are not allowed in an address")
    return found[0][1]


def recipients(destination: dict[str, Any]) -> list[str]:
    """Every recipient of one message. Raises AmazonError (400) when there is none or more than 50."""
    given = [
        address for kind in ("ToAddresses", "CcAddresses", "BccAddresses") for address in destination.get(kind) or ()
    ]
    if not given:
        raise bad_request("Missing required field: Destination has no address")
    if len(given) > MOST_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {MOST_RECIPIENTS}.")
    return [one_address(address) for address in given]


def tags(*lists: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags by name, later lists winning. Raises AmazonError (400) for a bad character or a name given twice."""
    result: dict[str, str] = {}
    for one in lists:
        seen: set[str] = set()
        for tag in one or ():
            name, value = tag["Name"], tag["Value"]
            if not TAG_NAME.fullmatch(name) or name.startswith("ses:"):
                raise bad_request(f"Invalid tag name <{name[:60]}>: only alphanumeric ASCII characters, '_', and '-'")
            if not TAG_VALUE.fullmatch(value):
                raise bad_request(
                    f"Invalid tag value <{value[:60]}>: only alphanumeric ASCII characters, '_', '-', '.' and '@'"
                )
            if name in seen:
                raise bad_request(f"Duplicate tag name <{name}>")
            seen.add(name)
            result[name] = value
    return result


def headers(*lists: list[dict[str, str]] | None) -> dict[str, str]:
    """Custom headers, later lists winning. Raises AmazonError (400) for those that SES writes itself."""
    result: dict[str, str] = {}
    for one in lists:
        for header in one or ():
            name = header["Name"]
            if name.lower() in WRITTEN_BY_SES:
                raise bad_request(f"Header <{name}> is not allowed as a custom header")
            for other in [known for known in result if known.lower() == name.lower()]:
                del result[other]
            result[name] = header["Value"]
    if len(result) > 15:
        raise bad_request("More than 15 custom headers")
    return result


WRITTEN_BY_SES = frozenset(
    {
        "bcc",
        "cc",
        "content-disposition",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "reply-to",
        "return-path",
        "sender",
        "subject",
        "to",
    }
)


def message_size(size: int) -> None:
    """Raises AmazonError (400) above 10 MB."""
    if size > LARGEST_MESSAGE:
        raise bad_request(f"Message length is more than {LARGEST_MESSAGE} bytes long: '{size}'.")
