"""One mail from a template and its content: the only renderer, for preview, test and sending alike.

MJML is compiled first, with its placeholders still in it; the texts are escaped and put into the finished HTML
afterwards. So nothing that people or models write is ever read as MJML, HTML or a template. The placeholders of the
recipient stay in for Amazon SES. The same template and content give the same bytes each time.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

from mjml import mjml2html

from templates import arrangement, colours, placeholders, safety, structure
from templates.content import OPTIONAL, SECTION_KINDS, MailContent, Section, written_date
from templates.placeholders import HTML_SUFFIX, IN_TEXTS, PlaceholderError
from templates.plain_text import plain_text

# Gmail cuts the HTML part of a mail here and hides the rest, the unsubscribe link with it, behind a link.
GMAIL_CLIPS_AT = 102 * 1024
# What each template must have a place for, whatever a mail says: law asks for the first two, no text may be lost.
REQUIRED = (
    "unsubscribe_url", "postal_address", "preheader", *(kind for kind in SECTION_KINDS if kind not in OPTIONAL),
    "action_label", "action_url",
)  # fmt: skip
_NEVER_EMPTY = ("subject", "product_name", "version", "sender_name", "postal_address")
# Behind the preheader, so that mail clients do not fill its line with the first words of the mail.
_FILLER = "&#847;&zwnj;&nbsp;" * 60
_PARAGRAPH = '<p dir="auto" style="margin:0 0 14px;">{}</p>'
_LIST = '<ul style="margin:0 0 14px;padding:0 0 0 22px;">{}</ul>'
# The span, not the point, takes the text's own direction: so the bullets stay in one line below each other.
_POINT = '<li style="margin:0 0 8px;padding:0;"><span dir="auto">{}</span></li>'
_MEDIA = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


class RenderingError(ValueError):
    """A mail that cannot be made. The message says what is wrong and where; `line` is that of the MJML, 0 elsewhere."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True)
class Rendered:
    """A finished mail in which only the recipient's placeholders are left.

    `placeholders` are the names that SES must get a value for, as `placeholders.recipient_values` makes them.
    """

    subject: str
    html: str
    text: str
    placeholders: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of the HTML part in UTF-8."""
        return len(self.html.encode())

    @property
    def clipped(self) -> bool:
        """Whether Gmail would cut it off (above 102 KB)."""
        return self.size > GMAIL_CLIPS_AT


# A page shows one mail many times between two edits, and an edit changes the words and not the frame.
@lru_cache(maxsize=64)
def render(mjml: str, content: MailContent) -> Rendered:
    """Make the mail. Raises RenderingError, with the line for a fault in the MJML, or naming the text at fault.

    The same two make the same mail, so the last ones are remembered; of a refusal nothing is.
    """
    sections = _placed({kind: _section(content.section(kind)) for kind in SECTION_KINDS}, mjml)
    texts = _texts(content)
    values = sections | {name: _in_html(text) for name, text in texts.items()} | _colours(content)
    if values["preheader"]:
        values["preheader"] += _FILLER
    compiled = _compiled(mjml, frozenset(name for name, value in values.items() if value), content.order)
    used = {use.name for use in placeholders.find(compiled)}
    _nothing_is_lost(values, used)
    kept = {name: f"{{{{{_sent_name(name)}}}}}" for name in placeholders.RECIPIENT}
    filled = placeholders.fill(compiled, values | kept)
    body = plain_text(filled)
    for name in IN_TEXTS:
        body = body.replace(f"{{{{{name}{HTML_SUFFIX}}}}}", f"{{{{{name}}}}}")
    subject = texts["subject"]
    names = {use.name for part in (subject, filled, body) for use in placeholders.find(part)}
    return Rendered(subject=subject, html=filled, text=body, placeholders=tuple(sorted(names)))


def check_template(mjml: str) -> list[str]:
    """Everything that keeps this MJML from being published, in words for its author; empty when it is fine."""
    try:
        compiled = _compiled(mjml, frozenset(placeholders.CONTENT))
    except RenderingError as error:
        return [str(error)]
    used = {use.name for use in placeholders.find(compiled)}
    found = [
        f"{{{{ {name} }}}} ({placeholders.ALL[name].label.lower()}) has no place in the template."
        for name in REQUIRED
        if name not in used
    ]
    if '<html lang="{{language}}"' not in compiled:
        found.append('<mjml> needs lang="{{ language }}", which screen readers go by.')
    if not _MEDIA.search(compiled) or 'name="color-scheme"' not in compiled:
        found.append('Dark mode needs a <meta name="color-scheme"> and rules in @media (prefers-color-scheme: dark).')
    if not re.search(r'<a [^>]*href="\{\{unsubscribe_url\}\}"', compiled):
        found.append("{{ unsubscribe_url }} must be the target of a link.")
    return found


def in_scheme(page: str, *, dark: bool) -> str:
    """The HTML part as a mail client in dark or in light mode shows it, whatever the reader's own device prefers."""
    page = _MEDIA.sub("@media all" if dark else "@media not all", page)
    return page.replace('content="light dark"', f'content="{"dark" if dark else "light"}"')


@lru_cache(maxsize=64)
def _compiled(mjml: str, filled: frozenset[str], order: tuple[str, ...] = ()) -> str:
    """The HTML with its placeholders, written `{{name}}`, safe to be filled."""
    try:
        placeholders.check(mjml)
        needed = structure.only_needed(arrangement.arranged(mjml, order), filled)
    except (PlaceholderError, structure.StructureError) as error:
        raise RenderingError(str(error), error.line) from error
    values = {name: f"{{{{{name}}}}}" for name in placeholders.ALL}
    try:
        compiled = mjml2html(placeholders.fill(needed, values), disable_comments=True, fonts={})
    except ValueError as error:
        raise RenderingError(f"This is not valid MJML: {error}.") from error
    for problem in safety.problems(compiled):
        raise RenderingError(problem)
    return str(compiled)


def _texts(content: MailContent) -> dict[str, str]:
    """Every one-line value as plain text, recipient placeholders written as SES reads them."""
    if bool(content.action_label) != bool(content.action_url):
        raise RenderingError("The button needs both its words and an address to lead to.")
    if content.action_url and not re.fullmatch(r"https?://[^\s<>\"'{}\\]+", content.action_url):
        raise RenderingError(f"The button leads to {content.action_url!r}, which is not an http or https address.")
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", content.language):
        raise RenderingError(f"{content.language!r} is not the tag of a language, such as en or pt-BR.")
    texts = {
        "subject": _kept(content.subject, "subject"),
        "preheader": _kept(content.preheader, "preheader"),
        "action_label": _kept(content.action_label, "button"),
        "action_url": content.action_url,
        "product_name": _plain(content.product_name, "product's name"),
        "version": _plain(content.version, "version"),
        "release_date": written_date(content.release_date),
        "sender_name": _plain(content.sender_name, "sender's name"),
        "postal_address": _plain(content.postal_address, "postal address"),
        "language": content.language,
    }
    for name in _NEVER_EMPTY:
        if not texts[name]:
            raise RenderingError(f"The {placeholders.CONTENT[name].label.lower()} is empty.")
    return texts


def _colours(content: MailContent) -> dict[str, str]:
    brand = content.brand_colour.lower()
    if not colours.is_colour(brand):
        raise RenderingError(f"The brand colour {content.brand_colour!r} is not a colour such as #1f5fbf.")
    return {
        "brand_colour": brand,
        "brand_text_colour": colours.text_on(brand),
        "brand_link_colour": colours.readable(brand, colours.LIGHT_PAPER),
        "brand_dark_link_colour": colours.readable(brand, colours.DARK_PAPER),
    }


def _section(section: Section) -> str:
    items = [_kept(item, f"{section.kind}, item {number}") for number, item in enumerate(section.items, start=1)]
    escaped = [_in_html(item) for item in items if item]
    if section.as_list:
        return _LIST.format("".join(_POINT.format(item) for item in escaped)) if escaped else ""
    return "".join(_PARAGRAPH.format(item) for item in escaped)


def _placed(sections: dict[str, str], mjml: str) -> dict[str, str]:
    """The sections, an optional one that the template has no place for at the head of the closing, under its name."""
    places = {use.name for use in placeholders.find(mjml)}
    for kind in OPTIONAL:
        if sections[kind] and kind not in places:
            name = html.escape(placeholders.CONTENT[kind].label)
            headed = _PARAGRAPH.format(f"<strong>{name}</strong>") + sections[kind]
            sections = sections | {kind: "", "closing": headed + sections["closing"]}
    return sections


def _nothing_is_lost(values: dict[str, str], used: set[str]) -> None:
    for name in (*SECTION_KINDS, "action_label", "action_url", "preheader"):
        if values[name] and name not in used:
            label = placeholders.CONTENT[name].label.lower()
            raise RenderingError(
                f"The template has no place for the {label} ({{{{ {name} }}}}); the text would be lost."
            )
    for name in ("unsubscribe_url", "postal_address"):
        if name not in used:
            raise RenderingError(f"The template has no {{{{ {name} }}}}, which every mail must carry.")


def _kept(text: str, where: str) -> str:
    """A text by a person or a model: one clean line in which only the reader's placeholders stand."""
    try:
        return placeholders.fill(placeholders.clean(text), {name: f"{{{{{name}}}}}" for name in IN_TEXTS})
    except PlaceholderError as error:
        raise RenderingError(f"In the {where}, character {error.position + 1}: {error}") from error


def _plain(text: str, where: str) -> str:
    """A fact: one clean line without any placeholder."""
    try:
        return placeholders.fill(placeholders.clean(text), {})
    except PlaceholderError as error:
        raise RenderingError(f"In the {where}, character {error.position + 1}: {error}") from error


def _in_html(text: str) -> str:
    """Escaped for HTML, with the placeholders whose values SES gets escaped."""
    escaped = html.escape(text)
    for name in IN_TEXTS:
        escaped = escaped.replace(f"{{{{{name}}}}}", f"{{{{{name}{HTML_SUFFIX}}}}}")
    return escaped


def _sent_name(name: str) -> str:
    return name + HTML_SUFFIX if name in IN_TEXTS else name
