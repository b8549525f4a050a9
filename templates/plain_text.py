"""The text part of a mail, read from its HTML part, so that the two cannot say different things.

Every visible word is taken, also those that stand in the template itself. Made for the HTML that MJML and
`rendering` write; it is no converter for the HTML of the world.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    ("body", "p", "div", "h1", "h2", "h3", "h4", "ul", "ol", "li", "table", "tbody", "tr", "td", "th", "blockquote")
)
_SILENT = frozenset(("head", "style", "title", "script"))
_VOID = frozenset(("br", "hr", "meta", "img", "wbr", "link", "input", "col"))
_UNDERLINES = {"h1": "=", "h2": "-"}


def plain_text(html: str) -> str:
    """The visible words in order: headings underlined, points of a list behind a dash, links behind their words."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, bool]] = []
        self._parts: list[tuple[str, str]] = []
        self._words = ""
        self._kind = ""
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        hidden = tag in _SILENT or "display:none" in (values.get("style") or "").replace(" ", "")
        if tag == "br":
            self._words += "\n"
        elif tag in _BLOCKS:
            self._end_block()
            if tag in ("li", *_UNDERLINES):
                self._kind = tag
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self._words)))
        if tag not in _VOID:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _ in self._open]:
            return
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "a" and self._links:
            address, start = self._links.pop()
            words = self._words[start:].strip()
            if address and words and address.removeprefix("mailto:") != words:
                self._words = f"{self._words.rstrip()}: {address.removeprefix('mailto:')}"
        elif tag in _BLOCKS:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self._open):
            self._words += re.sub(r"\s+", " ", data)

    def _end_block(self) -> None:
        lines = [" ".join(line.split()) for line in self._words.split("\n")]
        words = "\n".join(line for line in lines if line)
        if words:
            self._parts.append((self._kind, words))
            self._kind = ""
        self._words = ""
        self._links = []

    def text(self) -> str:
        """What was read so far."""
        self._end_block()
        pieces: list[str] = []
        before = ""
        for kind, words in self._parts:
            if kind in _UNDERLINES:
                words = f"{words}\n{_UNDERLINES[kind] * min(len(words), 60)}"
            elif kind == "li":
                words = f"- {words}"
            pieces.append(("\n" if kind == before == "li" else "\n\n") + words)
            before = kind
        return "".join(pieces).strip() + "\n"
