"""Days, months and quarters as a text names them, in English, German or Chinese order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_GERMAN_MONTHS = (
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
)
_MONTH = {
    name[:length]: place
    for names in (_MONTHS, _GERMAN_MONTHS)
    for place, name in enumerate(names, 1)
    for length in (3, len(name))
} | {"sept": 9}
_MONTH_WORD = "|".join(sorted(_MONTH, key=len, reverse=True))
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>20\d{2})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<n>{_MONTH_WORD})\b\.?,?(?:\s+(?P<y>\d{{4}}))?", re.I
    ),
    re.compile(
        rf"\b(?P<n>{_MONTH_WORD})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.\d)(?:,?\s+(?P<y>\d{{4}}))?", re.I
    ),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]"),
)
_DIGIT = re.compile(r"\d")
RELATIVE_DAY = re.compile(
    r"\b(?:tomorrow|yesterday|tonight|(?:this|next|last|coming) (?:week|month|quarter|weekend)|next year|last year"
    r"|in (?:two|three|four) (?:days|weeks|months))\b",
    re.I,
)
_PERIOD = re.compile(
    r"\b(?P<month>January|February|March|April|June|July|August|September|October|November|December"
    r"|(?:(?<=in )|(?<=by )|(?<=of )|(?<=until )|(?<=since )|(?<=from )|(?<=early )|(?<=late )|(?<=mid-))May)\b"
    r"|\bQ(?P<quarter>[1-4])\b|\b(?P<nth>first|second|third|fourth|last) quarter\b"
)


def periods(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Months and quarters that a text names, each with the months that it takes in."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for match in _PERIOD.finditer(text):
        if match["month"]:
            found.append((match[0], (_MONTH[match["month"].lower()],)))
        else:
            place = int(match["quarter"] or {"first": 1, "second": 2, "third": 3}.get(match["nth"], 4))
            found.append((match[0], tuple(range(3 * place - 2, 3 * place + 1))))
    return found


@dataclass(frozen=True)
class SpokenDate:
    """A date as a text names it; `year` is None when it does not say."""

    year: int | None
    month: int
    day: int
    quote: str

    def fits(self, other: date) -> bool:
        """Whether it can be that day."""
        return (self.month, self.day) == (other.month, other.day) and self.year in (None, other.year)


def dates(text: str) -> list[SpokenDate]:
    """Every full date in a text, in English, German or Chinese order."""
    found: list[SpokenDate] = []
    # Every date has a day in figures.
    for pattern in _DATES if _DIGIT.search(text) else ():
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _MONTH[parts["n"].lower()]
            day = int(parts["d"])
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.append(SpokenDate(int(parts["y"]) if parts.get("y") else None, month, day, match[0].strip()))
    return found
