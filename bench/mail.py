"""The mail that every side of a bench sends: about 18 KB of HTML and 1.4 KB of text, with placeholders and headers."""

from __future__ import annotations

from typing import Any

SUBJECT = "Kite 2.4.0 is coming on 25 November"
SENDER = "Kite releases <releases@harbor.example>"
_ROW = (
    '<tr><td style="padding:8px 16px;font-family:Arial,sans-serif;font-size:14px;line-height:20px;color:#1b1f24">'
    "Calendars can now be exported as iCalendar files, and files over 2 GB can be uploaded again.</td></tr>\n"
)
_LINE = "- Calendars can now be exported as iCalendar files; files over 2 GB can be uploaded again.\n"
HTML = (
    "<!doctype html><html><body><p>Hello {{first_name_html}},</p><table>\n"
    + _ROW * 86
    + '</table><a href="{{unsubscribe_url}}">Unsubscribe</a></body></html>\n'
)
TEXT = "Hello {{first_name}},\n\n" + _LINE * 14 + "\nUnsubscribe: {{unsubscribe_url}}\n"
PLACEHOLDERS = ["first_name", "first_name_html", "unsubscribe_url"]
HEADERS = {"List-Id": "Kite releases <kite.harbor.example>"}


def link(number: int) -> str:
    """An unsubscribe address as long as a real one."""
    return f"http://127.0.0.1:8025/u/{number}-1.{'k' * 43}/"


def values(number: int) -> dict[str, str]:
    """What fills the placeholders for one reader."""
    return {
        "first_name": f"Reader{number}", "first_name_html": f"Reader{number}", "unsubscribe_url": link(number),
    }  # fmt: skip


def headers(number: int) -> dict[str, str]:
    """The headers of one mail (RFC 2369, RFC 8058)."""
    return HEADERS | {
        "List-Unsubscribe": f"<{link(number)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }  # fmt: skip


def tags(number: int) -> dict[str, str]:
    """The tags by which events find their message."""
    return {
        "message": str(number), "attempt": "1", "email": "1", "campaign": "1", "step": "announcement",
        "product": "KITE",
    }  # fmt: skip


def address(number: int) -> str:
    """The address of one reader."""
    return f"reader{number}@client.example"


def pairs(given: dict[str, str]) -> list[dict[str, str]]:
    """As SES wants headers and tags."""
    return [{"Name": name, "Value": value} for name, value in given.items()]


def bulk_request(entries: int, first: int = 0) -> dict[str, Any]:
    """A SendBulkEmail request as somebody writes it who follows the boto3 reference."""
    import json

    content = {"Subject": SUBJECT, "Html": HTML, "Text": TEXT}
    return {
        "FromEmailAddress": SENDER,
        "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": "{}"}},
        "BulkEmailEntries": [
            {
                "Destination": {"ToAddresses": [address(number)]},
                "ReplacementTags": pairs(tags(number)),
                "ReplacementHeaders": pairs(headers(number)),
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(values(number))}
                },
            }
            for number in range(first, first + entries)
        ],
    }


def filled(text: str, number: int) -> str:
    """A part of the mail for one reader, where SES is not to fill it."""
    for name, value in values(number).items():
        text = text.replace("{{" + name + "}}", value)
    return text
