"""What the HTML of a mail may hold, looked at after MJML is compiled and before any text is put in.

A placeholder may only stand where its kind of value is harmless: colours in styles, addresses in links, paragraphs
in the body. So no text, whoever wrote it, can become a rule of a style sheet or the target of a link.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from templates import placeholders

_REFUSED_TAGS = frozenset(
    (
        "script",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "form",
        "input",
        "textarea",
        "select",
        "button",
        "base",
        "link",
        "svg",
        "math",
        "video",
        "audio",
        "img",
        "picture",
        "source",
    )
)
_LINKED = frozenset(
    ("href", "src", "background", "action", "srcset", "poster", "xlink:href", "formaction", "ping", "data")
)
_IN_ATTRIBUTES = frozenset(("text", "colour", "language", "recipient"))
_OUTSIDE_IN_STYLES = re.compile(r"url\s*\(|@import|expression\s*\(|behavior\s*:|-moz-binding|\\", re.IGNORECASE)
_CODED_BRACES = re.compile(r"&(?:#0*123|#x0*7b|lcub|lbrace);?", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'{}]+")


def problems(html: str) -> list[str]:
    """Everything in the compiled HTML that no mail may hold, in words for the author; empty when it is fine."""
    looker = _Looker()
    looker.feed(html)
    looker.close()
    found = list(dict.fromkeys(looker.found))
    if _CODED_BRACES.search(html):
        found.append("A brace is written as a character code; braces are for placeholders alone.")
    return found


class _Looker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("style", "title") else ""
        if tag in _REFUSED_TAGS:
            self.found.append(f"<{tag}> may not stand in a mail.")
        names = dict(attrs)
        if tag == "meta" and (names.get("http-equiv") or "").lower() not in ("", "content-type", "x-ua-compatible"):
            self.found.append(f"<meta http-equiv={names['http-equiv']!r}> may not stand in a mail.")
        for name, value in attrs:
            self._look_at_attribute(tag, name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self._look_at_style(data)
        elif self._inside == "title":
            self._allow(data, ("text", "recipient"), "in the title")
        else:
            self._allow(data, ("section", "text", "recipient", "url", "recipient_url"), "in the text")

    def handle_comment(self, data: str) -> None:
        # What MJML writes for Outlook; it repeats colours of the elements around it.
        self._allow(data, ("colour", "language"), "in a part for Outlook alone")

    def _look_at_attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self.found.append(f"{name}= on <{tag}>: a mail runs no scripts.")
        elif name == "style":
            self._look_at_style(value)
        elif name in _LINKED:
            uses = placeholders.find(value)
            one = placeholders.ALL.get(uses[0].name) if uses else None
            whole = one is not None and one.kind in ("url", "recipient_url") and value == f"{{{{{one.name}}}}}"
            if name != "href" or tag != "a":
                self.found.append(f"{name}= on <{tag}>: nothing is loaded from elsewhere.")
            elif not whole and not _LINK.fullmatch(value):
                self.found.append(
                    f"The link {value!r} must be an http, https or mailto address, {{{{ action_url }}}} or "
                    "{{ unsubscribe_url }}."
                )
        else:
            self._allow(value, _IN_ATTRIBUTES, f"in {name}= of <{tag}>")

    def _look_at_style(self, style: str) -> None:
        if _OUTSIDE_IN_STYLES.search(style):
            self.found.append("A style loads something (url, @import) or hides a character behind a backslash.")
        self._allow(style, ("colour",), "in a style")

    def _allow(self, text: str, kinds: frozenset[str] | tuple[str, ...], where: str) -> None:
        for use in placeholders.find(text):
            placeholder = placeholders.ALL.get(use.name)
            if placeholder and placeholder.kind not in kinds:
                self.found.append(f"{{{{ {use.name} }}}} may not stand {where}.")
