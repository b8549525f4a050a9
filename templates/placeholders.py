"""The closed list of placeholders, and the only code that fills them in.

A placeholder is `{{ name }}` and nothing more: no dots, filters, blocks or calls. Filling is one pass of flat
substitution, so a value that looks like a placeholder stays text. Amazon SES fills the recipient placeholders of a
frozen mail in the same way; it reads a literal `{{` as the start of one, drops a mail whose value is missing without
a word, and escapes nothing (AWS, "Using templates to send personalized email"). So each of these is refused here,
before anything is sent.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Placeholder:
    """One name of the list.

    `kind` says what a value is: "section" (paragraphs or a list), "text", "url", "colour", "language" or
    "recipient" (a text that SES fills, one for each person) and "recipient_url". An empty value is an error unless
    `may_be_empty`; the `fallback` then takes its place.
    """

    name: str
    kind: str
    label: str
    sample: str
    may_be_empty: bool = False
    fallback: str = ""


_CONTENT = (
    Placeholder("subject", "text", "Subject", "Harbor Sync 4.2.0 is coming"),
    Placeholder("preheader", "text", "Preheader", "Schedules, audit export and one change", may_be_empty=True),
    Placeholder("intro", "section", "Introduction", "Version 4.2.0 brings schedules.", may_be_empty=True),
    Placeholder("highlights", "section", "Highlights", "Run a sync on a schedule.", may_be_empty=True),
    Placeholder("breaking", "section", "Changes that need action", "Webhooks use version 2.", may_be_empty=True),
    Placeholder("fixes", "section", "Improvements and fixes", "The filter keeps its page.", may_be_empty=True),
    Placeholder("problems", "section", "Known problems", "The run history is not sorted.", may_be_empty=True),
    Placeholder("action", "section", "What to do", "Read the notes before you update.", may_be_empty=True),
    Placeholder("closing", "section", "Closing", "Answer this mail with your questions.", may_be_empty=True),
    Placeholder("action_label", "text", "Words on the button", "Read the release notes", may_be_empty=True),
    Placeholder("action_url", "url", "Where the button leads", "https://harbor.example/4.2.0", may_be_empty=True),
    Placeholder("product_name", "text", "Product", "Harbor Sync"),
    Placeholder("version", "text", "Version", "4.2.0"),
    Placeholder("release_date", "text", "Release date", "25 November 2026", may_be_empty=True),
    Placeholder("sender_name", "text", "Sender", "Harbor Sync releases"),
    Placeholder("postal_address", "text", "Postal address", "Harbor GmbH, Hafenstrasse 1, 20457 Hamburg"),
    Placeholder("brand_colour", "colour", "Brand colour", "#1f5fbf"),
    Placeholder("brand_text_colour", "colour", "Readable text on the brand colour", "#ffffff"),
    Placeholder("brand_link_colour", "colour", "Brand colour, readable on white", "#1f5fbf"),
    Placeholder("brand_dark_link_colour", "colour", "Brand colour, readable on black", "#7fa8e0"),
    Placeholder("language", "language", "Language of the mail", "en"),
)

_RECIPIENT = (
    Placeholder("first_name", "recipient", "First name", "Ada", True, "there"),
    Placeholder("last_name", "recipient", "Last name", "Lindqvist", may_be_empty=True),
    Placeholder("client_name", "recipient", "Client", "Nordwind Logistik", True, "your organisation"),
    Placeholder("email", "recipient", "Address", "ada@client.example"),
    Placeholder("unsubscribe_url", "recipient_url", "Link that stops these mails", "https://relmail.example/u/sample/"),
)

CONTENT: dict[str, Placeholder] = {placeholder.name: placeholder for placeholder in _CONTENT}
RECIPIENT: dict[str, Placeholder] = {placeholder.name: placeholder for placeholder in _RECIPIENT}
ALL: dict[str, Placeholder] = CONTENT | RECIPIENT

# What people and models may write into a text; the address of the unsubscribe page belongs to the footer alone.
IN_TEXTS: frozenset[str] = frozenset(name for name, it in RECIPIENT.items() if it.kind == "recipient")

# The HTML part asks SES for these instead: the same values, escaped by us.
HTML_SUFFIX = "_html"
# Every name that a frozen mail may ask SES for.
SENT: frozenset[str] = frozenset(RECIPIENT) | {name + HTML_SUFFIX for name in IN_TEXTS}
LONGEST_VALUE = 200

# Handlebars, which SES uses, reads a backslash, a third brace before and a third brace after as something else.
_EXACT = re.compile(r"(?<![\\{])\{\{ *([a-z][a-z0-9_]*) *\}\}(?!\})")
_ANY = re.compile(r"\{\{")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Use:
    """A place in a text: the placeholder's name (or what stands there instead), its offset and its line, from 1."""

    name: str
    position: int
    line: int


class PlaceholderError(ValueError):
    """A text cannot be filled in. `position` is the offset of the fault from 0, `line` its line from 1; or -1 and 0."""

    def __init__(self, message: str, *, position: int = -1, line: int = 0) -> None:
        super().__init__(message)
        self.position = position
        self.line = line


def find(text: str) -> list[Use]:
    """Every well-formed `{{ name }}`, known or not, in order."""
    return [Use(match[1], match.start(), _line(text, match.start())) for match in _EXACT.finditer(text)]


def unknown(text: str, allowed: Collection[str] = ALL) -> list[Use]:
    """Whatever starts with `{{` and is not one of the `allowed` placeholders, half-typed ones included."""
    uses = []
    end = 0
    for opening in _ANY.finditer(text):
        if opening.start() < end:
            continue
        match = _EXACT.match(text, opening.start())
        if match and match[1] in allowed:
            end = match.end()
            continue
        written = match[0] if match else text[opening.start() : opening.start() + 40].split("\n")[0]
        uses.append(Use(match[1] if match else written, opening.start(), _line(text, opening.start())))
        end = match.end() if match else opening.end()
    return uses


def check(text: str, allowed: Collection[str] = ALL) -> None:
    """Raise PlaceholderError for the first thing that `unknown` finds."""
    for use in unknown(text, allowed):
        raise PlaceholderError(
            f"{use.name!r} is no placeholder that may stand here. {_allowed(allowed)}",
            position=use.position,
            line=use.line,
        )


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, in one pass; what a value contains is never looked at again.

    Raises PlaceholderError for a name without a value and for any other `{{`.
    """
    check(text, values)
    return _EXACT.sub(lambda match: values[match[1]], text)


def recipient_values(
    *, first_name: str = "", last_name: str = "", client_name: str = "", email: str = "", unsubscribe_url: str = ""
) -> dict[str, str]:
    """What SES needs for one person: each value as text, and again escaped for the HTML part as `<name>_html`.

    An empty name gets its fall-back. Raises PlaceholderError when the address or the unsubscribe link is missing or
    the link is not a plain http(s) address.
    """
    given = {
        "first_name": first_name, "last_name": last_name, "client_name": client_name, "email": email,
        "unsubscribe_url": unsubscribe_url,
    }  # fmt: skip
    values = {}
    for name, placeholder in RECIPIENT.items():
        value = clean(given[name])[:LONGEST_VALUE] if placeholder.kind == "recipient" else given[name]
        value = value or placeholder.fallback
        if not value and not placeholder.may_be_empty:
            raise PlaceholderError(f"The value of {{{{ {name} }}}} ({placeholder.label.lower()}) is missing.")
        if placeholder.kind == "recipient_url":
            if not re.fullmatch(r"https?://[A-Za-z0-9._~:/?#\[\]@!$()*+,;=%-]+", value):
                raise PlaceholderError(f"{{{{ {name} }}}} is not a plain http or https address.")
            values[name] = value
        else:
            values[name] = value
            values[name + HTML_SUFFIX] = html.escape(value)
    return values


def sample_values() -> dict[str, str]:
    """The values of the sample reader that previews show."""
    return recipient_values(**{name: placeholder.sample for name, placeholder in RECIPIENT.items()})


def sample_empty_values() -> dict[str, str]:
    """The values of a reader of whom nothing but the address is known: every fall-back at work."""
    return recipient_values(email=RECIPIENT["email"].sample, unsubscribe_url=RECIPIENT["unsubscribe_url"].sample)


def clean(text: str) -> str:
    """One line of plain text: white space made single, control characters and direction overrides taken out.

    Line breaks would let a name write mail headers; an override would let it turn the words around it.
    """
    spaced = " ".join(text.split())
    if spaced.isascii() and spaced.isprintable():
        return spaced  # nothing to take out; this is asked for every recipient
    kept = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(_BIDI_CONTROLS.sub("", kept).split())


def _allowed(allowed: Collection[str]) -> str:
    names = sorted(name for name in allowed if not name.endswith(HTML_SUFFIX))
    if not names:
        return "No placeholders may stand here; write the text without {{."
    return "Write it as {{ name }}; the names are " + ", ".join(names) + "."


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
