"""What SES takes, checked before a call, so that one bad entry does not spoil fifty.

AWS: API reference v2 (MessageHeader, MessageTag, EmailTemplateContent) and "Service quotas in Amazon SES".
SES has no SMTPUTF8: the part of an address before the @ is ASCII (API reference, Destination).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from campaigns.delivery.ses_errors import SESError

if TYPE_CHECKING:
    from campaigns.delivery.ses import BulkRequest, Entry

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"[!#-'*+\-./-9=?A-Z^-~]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z0-9-]{{2,63}}")
HEADER_NAME = re.compile(r"[!-9;-~]{1,126}")
LONGEST_HEADER = 995
TAG_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
LONGEST_TAG = 255
TAG_VALUE = re.compile(r"[A-Za-z0-9_.@-]{1,255}")
PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST_HEADERS = 15
LARGEST_CONTENT = 1024 * 1024
LARGEST_VALUES = 262_144


def check_content(request: BulkRequest) -> frozenset[str]:
    """The placeholders of a rendition. Raises SESError ("failed") when SES would not take it for anybody."""
    return _check_content(request.subject, request.html, request.text, request.from_address, request.reply_to)


@functools.lru_cache(maxsize=32)  # the same rendition comes with every batch
def _check_content(subject: str, html: str, text: str, from_address: str, reply_to: str) -> frozenset[str]:
    if not subject.strip() or re.search(r"[\r\n\0]", subject):
        raise _wrong("invalid_subject", "The subject is empty or has a line break.")
    if not html and not text:
        raise _wrong("no_content", "The rendition has neither HTML nor text.")
    size = sum(len(part.encode()) for part in (subject, html, text))
    if size > LARGEST_CONTENT:
        raise _wrong("too_large", f"The rendition has {size:,} bytes; SES takes {LARGEST_CONTENT:,}.")
    if re.search(r"[\r\n\0]", from_address + reply_to) or "@" not in from_address:
        raise _wrong("invalid_sender", "The sender or reply-to address is not valid.")
    names = frozenset(PLACEHOLDER.findall(f"{subject}\n{html}\n{text}"))
    for name in names:
        if not NAME.fullmatch(name):
            raise _wrong("invalid_placeholder", f"The rendition has a placeholder that is no plain name: {name[:60]}")
    return names


@functools.lru_cache(maxsize=256)
def _is_header_name(name: str) -> bool:
    return HEADER_NAME.fullmatch(name) is not None


@functools.lru_cache(maxsize=256)
def _is_tag_name(name: str) -> bool:
    return TAG_NAME.fullmatch(name) is not None


def entry_problem(request: BulkRequest, entry: Entry, names: frozenset[str]) -> str:
    """Why SES would refuse or silently drop this entry; empty when it would not. Never quotes a value."""
    if not ADDRESS.fullmatch(entry.to_address) or len(entry.to_address) > 254:
        return "The address is not one that SES can deliver to."
    values = entry.values
    if missing := sorted([name for name in names if not isinstance(values.get(name), str)]):
        return f"No value for {', '.join(missing)}; SES would drop the message silently."
    # A character has at most four bytes, so only long values have to be counted exactly.
    long = sum(map(len, values.values())) * 4 > LARGEST_VALUES
    if long and sum(len(value.encode()) for value in values.values()) > LARGEST_VALUES:
        return "The values of the placeholders are too large."
    headers = request.headers | entry.headers
    if len(headers) > MOST_HEADERS:
        return f"More than {MOST_HEADERS} headers."
    for name, value in headers.items():
        # Printable ASCII; asked of every recipient, and these two are quicker than a pattern.
        good = value.isascii() and value.isprintable() and 0 < len(value) <= LONGEST_HEADER
        if not good or not _is_header_name(name):
            return f"The header {name[:60]!r} has characters or a length that SES does not take."
    for name, value in entry.tags.items():
        plain = value.isascii() and value.isalnum() and len(value) <= LONGEST_TAG
        if not (plain or TAG_VALUE.fullmatch(value)) or not _is_tag_name(name):
            return f"The tag {name[:60]!r} has characters or a length that SES does not take."
    return ""


def _wrong(code: str, detail: str) -> SESError:
    return SESError("failed", code, detail)
