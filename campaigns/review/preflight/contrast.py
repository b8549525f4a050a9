"""Text can be read on its ground, in light and in dark. The page is taken apart as a mail client paints it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail
from templates import colours

# WCAG 2.2, 1.4.3: 4.5 to 1; large text (24 px, or 18.66 px and bold) 3 to 1.
LEAST, LEAST_LARGE = 4.5, 3.0
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;]+)", re.I)
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;]+)", re.I)
# These leave the colour of what lies above in force.
_INHERITS = frozenset(["inherit", "currentcolor", "transparent", "none", "initial", "unset"])
_WORD = re.compile(r"[^\s(]+(?:\([^)]*\))?")
_SIZE = re.compile(r"(?:^|;)\s*font-size\s*:\s*(\d+(?:\.\d+)?)px")
_BOLD = re.compile(r"(?:^|;)\s*font-weight\s*:\s*(?:bold|[6-9]00)")
_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_VOID = frozenset(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])


@dataclass
class _Box:
    """An open element: its tag and classes, and what it paints with; "" is a colour that is not known."""

    tag: str
    classes: frozenset[str]
    ink: str
    ground: str
    size: float
    bold: bool


@dataclass(frozen=True)
class Dim:
    """Words that are hard to read."""

    words: str
    ink: str
    ground: str
    ratio: float


def check(mail: Mail) -> Iterator[Found]:
    """Each pair of colours that is too close, in either scheme, once."""
    if mail.frozen is None:
        return
    for scheme, found in (("light", dim(mail.frozen.html)), ("dark", dim(mail.frozen.html, dark=True))):
        for pair in {(each.ink, each.ground): each for each in reversed(found)}.values():
            yield Found(
                "mail",
                f"In {scheme} mode “{pair.words[:60]}” has a contrast of {pair.ratio:.1f} to 1 "
                f"({pair.ink} on {pair.ground}); 4.5 can be read by all.",
                "Choose another brand colour at the product, or mend the template.",
                quote=f"{scheme}:{pair.ink}:{pair.ground}",
            )


def dim(html: str, *, dark: bool = False) -> list[Dim]:
    """The words of a mail whose contrast is too low, in their order."""
    painter = _Painter(_dark_rules(html) if dark else [])
    painter.feed(html)
    painter.close()
    return painter.found


def _set(pattern: re.Pattern[str], style: str) -> str | None:
    """The colour that a style sets last; "" when this program cannot read it, None when it sets none."""
    found = pattern.findall(style)
    if not found:
        return None
    words = [word.lower() for word in _WORD.findall(found[-1].replace("!important", ""))]
    if any(word.startswith(("url(", "linear-gradient(", "radial-gradient(")) for word in words):
        return ""  # a picture lies over the colour, if there is one
    for word in words:
        if colour := colours.read(word):
            return colour
    return None if words and all(word in _INHERITS for word in words) else ""


Rules = list[tuple[list[str], dict[str, str]]]


def _dark_rules(html: str) -> Rules:
    """The rules for dark mode: (selector as steps from the outside, what it sets). Written by our own templates."""
    rules: Rules = []
    for block in _DARK.findall(html):
        for selectors, body in _RULE.findall(block):
            sets = {name: colour for name, pattern in (("ink", _COLOUR), ("ground", _GROUND))
                    if (colour := _set(pattern, body)) is not None}  # fmt: skip
            for selector in selectors.split(","):
                rules.append((selector.replace(">", " > ").split(), sets))
    return rules


class _Painter(HTMLParser):
    """Walks through a mail and knows at each word the colours that are in force."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(convert_charrefs=True)
        self.rules = rules
        self.found: list[Dim] = []
        self.open: list[_Box] = [_Box("", frozenset(), "#000000", "#ffffff", 16, False)]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag in ("style", "script", "title"):
            self._hidden += 1
        if tag in _VOID:
            return
        above, style = self.open[-1], named.get("style", "")
        ink, ground, size = _set(_COLOUR, style), _set(_GROUND, style), _SIZE.search(style)
        if ground is None and named.get("bgcolor"):
            ground = colours.read(named["bgcolor"])
        box = _Box(
            tag,
            frozenset(named.get("class", "").split()),
            above.ink if ink is None else ink,
            above.ground if ground is None else ground,
            float(size[1]) if size else above.size,
            bool(_BOLD.search(style)) or above.bold or tag in ("b", "strong", "h1", "h2", "h3"),
        )
        self.open.append(box)
        for steps, sets in self.rules:
            if steps and self._fits(steps):
                box.ink, box.ground = sets.get("ink", box.ink), sets.get("ground", box.ground)
        if "display:none" in style.replace(" ", ""):
            box.size = 0

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title") and self._hidden:
            self._hidden -= 1
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        box = self.open[-1]
        if not words or self._hidden or any(each.size == 0 for each in self.open):
            return
        if not (colours.is_colour(box.ink) and colours.is_colour(box.ground)):
            return
        ratio = colours.contrast(box.ink, box.ground)
        large = box.size >= 24 or (box.bold and box.size >= 18.66)
        if ratio < (LEAST_LARGE if large else LEAST):
            self.found.append(Dim(words, box.ink, box.ground, ratio))

    def _fits(self, steps: list[str]) -> bool:
        """Whether a selector of classes and tags, with blanks and `>`, names the innermost open element."""
        place = len(self.open) - 1
        if not self._is(self.open[place], steps[-1]):
            return False
        left = len(steps) - 2
        while left >= 0:
            if steps[left] == ">":
                left, place = left - 1, place - 1
                if place < 0 or not self._is(self.open[place], steps[left]):
                    return False
            else:
                place -= 1
                while place >= 0 and not self._is(self.open[place], steps[left]):
                    place -= 1
                if place < 0:
                    return False
            left -= 1
        return True

    @staticmethod
    def _is(box: _Box, step: str) -> bool:
        tag, *classes = step.split(".")
        return (not tag or box.tag == tag) and set(classes) <= box.classes


RULE = Rule("contrast", "Contrast in light and dark", WARNING, "WCAG 2.2, 1.4.3 and 1.4.11", check)
