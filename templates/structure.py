"""MJML before it is compiled: is it whole, and which of its parts does this mail need?

mrml says little about where a fault lies, and a very deep nesting overflows its stack and takes the process down
with it. So size, number of elements and nesting are looked at here first, and faults are told by their line.

Any element may carry `when="breaking"`: it is shown only in mails in which that placeholder has a value. It is the
one condition that templates know.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from templates import placeholders

LARGEST = 100_000
MOST_ELEMENTS = 1_500
_VOID = frozenset(
    ("br", "hr", "img", "meta", "link", "wbr", "input", "col", "area", "base", "embed", "source", "track")
)
_ELEMENTS = frozenset(
    (
        "mjml",
        "mj-head",
        "mj-body",
        "mj-title",
        "mj-preview",
        "mj-attributes",
        "mj-all",
        "mj-class",
        "mj-style",
        "mj-breakpoint",
        "mj-raw",
        "mj-wrapper",
        "mj-section",
        "mj-group",
        "mj-column",
        "mj-text",
        "mj-button",
        "mj-divider",
        "mj-spacer",
        "mj-table",
    )
)
_REFUSED = {
    "mj-include": "Other files cannot be included; paste their content.",
    "mj-font": "Fonts from elsewhere are not loaded; name fonts that every mail client has.",
    "mj-image": "Pictures are not used: many mail clients block them, and each one tells a server who opened the mail.",
}
_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9-]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(/?)>""")
_RAW_STYLE = re.compile(r"<!--.*?-->|(<mj-style\b[^>]*>)(.*?)(?=</mj-style>)", re.DOTALL)
_WHEN = re.compile(r"""\swhen\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class StructureError(ValueError):
    """The MJML is not whole; `line` counts from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class _Element:
    name: str
    start: int
    tag_end: int
    when: str


def check(mjml: str) -> None:
    """Raise StructureError at the first fault: too large, not closed, unknown or refused elements, a wrong `when`."""
    _spans(mjml)


@dataclass(frozen=True)
class Child:
    """An element directly in the body: where it starts and ends, and the placeholder that it is shown for."""

    start: int
    end: int
    when: str


def children_of_body(mjml: str) -> list[Child]:
    """The elements directly in <mj-body>, in their order. Raises StructureError."""
    spans = sorted(_spans(mjml), key=lambda span: span[0].start)
    body = next(((element.tag_end, end) for element, end in spans if element.name == "mj-body"), (0, 0))
    found: list[Child] = []
    position, last = body
    for element, end in spans:
        if position <= element.start and end < last:
            found.append(Child(element.start, end, element.when))
            position = end
    return found


def only_needed(mjml: str, filled: Container[str]) -> str:
    """The MJML without the elements whose `when` names a placeholder that is not `filled`. Raises StructureError."""
    dropped: list[tuple[int, int]] = []
    kept: list[tuple[int, int]] = []
    for element, end in _spans(mjml):
        if not element.when:
            continue
        if element.when in filled:
            kept.append((element.start, element.tag_end))
        else:
            dropped.append((element.start, end))
    cuts = list(dropped)
    for start, tag_end in kept:
        attribute = _WHEN.search(mjml, start, tag_end)
        if attribute:
            cuts.append(attribute.span())
    pieces, position = [], 0
    for start, end in sorted(cuts):
        if start >= position:
            pieces.append(mjml[position:start])
        position = max(position, end)
    return "".join(pieces) + mjml[position:]


def _spans(mjml: str) -> list[tuple[_Element, int]]:
    """Every element with the offset behind its end."""
    if len(mjml) > LARGEST:
        raise StructureError(f"The template has {len(mjml):,} characters; at most {LARGEST:,} are read.")
    if len(re.findall(r"<[A-Za-z]", mjml)) > MOST_ELEMENTS:
        raise StructureError(f"The template has more than {MOST_ELEMENTS:,} elements.")
    if not re.match(r"\s*(?:<!--.*?-->\s*)*<mjml[\s>]", mjml, re.DOTALL):
        raise StructureError("A template starts with <mjml> and ends with </mjml>.")
    # Comments and style sheets are blanked, not cut, so that every offset stays true.
    readable = _RAW_STYLE.sub(lambda match: (match[1] or "") + " " * (len(match[0]) - len(match[1] or "")), mjml)
    opened: list[_Element] = []
    spans: list[tuple[_Element, int]] = []
    for match in _TAG.finditer(readable):
        closing, name, attributes, empty = match[1], match[2].lower(), match[3], match[4]
        line = mjml.count("\n", 0, match.start()) + 1
        if closing:
            if not opened:
                raise StructureError(f"</{name}> closes nothing.", line)
            element = opened.pop()
            if element.name != name:
                started = mjml.count("\n", 0, element.start) + 1
                raise StructureError(f"</{name}> comes before <{element.name}> of line {started} is closed.", line)
            spans.append((element, match.end()))
            continue
        _check_name(name, line)
        element = _Element(name, match.start(), match.end(), _when(attributes, line))
        if empty or name in _VOID:
            spans.append((element, match.end()))
        else:
            opened.append(element)
    if opened:
        element = opened[-1]
        raise StructureError(f"<{element.name}> is never closed.", mjml.count("\n", 0, element.start) + 1)
    return spans


def _check_name(name: str, line: int) -> None:
    if name in _REFUSED:
        raise StructureError(f"<{name}>: {_REFUSED[name]}", line)
    if name.startswith("mj") and name not in _ELEMENTS:
        raise StructureError(f"<{name}> is no element of MJML that templates may use.", line)


def _when(attributes: str, line: int) -> str:
    match = _WHEN.search(attributes)
    if not match:
        return ""
    name = (match[1] or match[2] or "").strip()
    placeholder = placeholders.CONTENT.get(name)
    if placeholder is None or not placeholder.may_be_empty:
        can = ", ".join(sorted(n for n, it in placeholders.CONTENT.items() if it.may_be_empty))
        raise StructureError(f"when={name!r} names nothing that can be empty; it can be one of {can}.", line)
    return name
