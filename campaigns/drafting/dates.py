"""Days, months and quarters as a text names them, in the order of its language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from campaigns.drafting.languages import COMMA, decimal_mark
from campaigns.drafting.tokens import NO_LETTER_BEHIND, standing

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
_MONTH = {
    spelling: place
    for language, line in _MONTHS.items()
    for place, name in enumerate(line.split(), 1)
    for spelling in ((name[:3], name) if language in ("en", "de") else (name,))
} | {"sept": 9, "janv": 1, "févr": 2, "fév": 2, "avr": 4, "juil": 7, "déc": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12}
_MONTH_WORD = "|".join(sorted(_MONTH, key=len, reverse=True))
# Other languages do not write the month before the day, and "Mars 2" is no date.
_MONTH_FIRST = "sept|" + "|".join(
    sorted({short for one in ("en", "de") for name in _MONTHS[one].split() for short in (name[:3], name)}, key=len)[
        ::-1
    ]
)
_WEEKDAYS = {
    name: place
    for line in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "montag dienstag mittwoch donnerstag freitag samstag sonntag",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "lunes martes miércoles jueves viernes sábado domingo",
        "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
        "周一 周二 周三 周四 周五 周六 周日",
        "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
        "понедельник вторник среду четверг пятницу субботу воскресенье",
    )
    for place, name in enumerate(line.split())
} | {"sonnabend": 5, "星期天": 6, "周天": 6}
_WEEKDAY = re.compile(standing(_WEEKDAYS).replace(NO_LETTER_BEHIND, rf"(?:s|en)?{NO_LETTER_BEHIND}"), re.I)
_DATES = (
    re.compile(r"(?<![A-Za-z\d-])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<![A-Za-z\d/])(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/])"),
    # Which of the two is the day is asked later.
    re.compile(
        r"(?<![A-Za-z\d/.-])(?P<d>\d{1,2})(?P<by>[/-])(?P<m>\d{1,2})(?P=by)(?P<y>20\d{2}|(?<=/)\d{2})(?![A-Za-z\d/-])"
    ),
    re.compile(r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>20\d{2})\b"),
    re.compile(
        r"\b(?:am|vom|zum|den|dem)\s(?P<d>\d{1,2})\.\s?(?P<m>0\d|1[0-2]|[1-9])\.(?:(?P<y>\d{2})(?![\w.]))?(?=\s|$|[,;)!?])",
        re.I,
    ),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s\u00a0]+(?:of\s+|de\s+)?(?P<n>{_MONTH_WORD})\b\.?,?"
        r"(?:\s+(?:de\s+|del\s+)?(?P<y>\d{4}))?",
        re.I,
    ),
    re.compile(
        rf"\b(?=[^\W\d_]{{3,9}}\.?\s+\d)(?P<n>{_MONTH_FIRST})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.\d)(?:,?\s+(?P<y>\d{{4}}))?",
        re.I,
    ),
    re.compile(r"(?:(?P<y>\d{4})\s?年\s?)?(?<!\d)(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号號]"),
    re.compile(r"(?:(?P<y>\d{4})\s?년\s?)?(?<!\d)(?P<m>\d{1,2})\s?월\s?(?P<d>\d{1,2})\s?일"),
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
    # "Feb 2024" is a month as well, and "Mar" or "Dec" alone may be anything.
    r"|\b(?P<short>Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?(?=\s\d{4}\b)"
    r"|\b(?P<german>Januar|Februar|März|Juni|Juli|Oktober|Dezember"
    r"|(?:(?<=im )|(?<=Ende )|(?<=Anfang )|(?<=Mitte ))Mai)\b"
    rf"|\b(?:en|d[eu]|début|fin|mi|courant|depuis|dès|principios de|finales de)[ -]"
    rf"(?P<romance>{'|'.join((_MONTHS['fr'] + ' ' + _MONTHS['es']).split())})\b"
    r"|(?:\d{4}\s?[年년]\s?)?(?<!\d)(?P<number>1[0-2]|[1-9])\s?(?:月份?|월)(?!\s?\d)"
    r"|\bQ(?P<quarter>[1-4])\b|\b(?P<nth>first|second|third|fourth|last) quarter\b"
)


def periods(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Months and quarters that a text names, each with the months that it takes in."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for match in _PERIOD.finditer(text):
        month = match["month"] or match["short"] or match["german"] or match["romance"]
        if month:
            found.append((match[0], (_MONTH[month.lower()],)))
        elif match["number"]:
            found.append((match[0], (int(match["number"]),)))
        else:
            place = int(match["quarter"] or {"first": 1, "second": 2, "third": 3}.get(match["nth"], 4))
            found.append((match[0], tuple(range(3 * place - 2, 3 * place + 1))))
    return found


@dataclass(frozen=True)
class SpokenDate:
    """A date as a text names it; `year` is None when it does not say.

    `turned` is month and day the other way round where "3/4/2027" may be either.
    """

    year: int | None
    month: int
    day: int
    quote: str
    turned: tuple[int, int] | None = None

    def fits(self, other: date) -> bool:
        """Whether it can be that day."""
        return (other.month, other.day) in self._days() and self.year in (None, other.year)

    def same(self, other: SpokenDate) -> bool:
        """Whether it can be the day that another text names."""
        return not self._days().isdisjoint(other._days()) and self.year in (None, other.year)

    def _days(self) -> set[tuple[int, int]]:
        return {(self.month, self.day), self.turned or (self.month, self.day)}


def dates(text: str) -> list[SpokenDate]:
    """Every full date in a text, in whatever order its language has."""
    # Every date has a day in figures.
    return list(_dates(text)) if _DIGIT.search(text) else []


@lru_cache(maxsize=8192)
def _dates(text: str) -> tuple[SpokenDate, ...]:
    found: list[SpokenDate] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _MONTH[parts["n"].lower()]
            day, turned = int(parts["d"]), None
            if parts.get("by"):
                month, day, turned = _in_order(day, month, text)
            year = int(parts["y"]) if parts.get("y") else None
            if year is not None and year < 100:
                year += 2000
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.append(SpokenDate(year, month, day, match[0].strip(), turned))
    return tuple(found)


def _in_order(first: int, second: int, text: str) -> tuple[int, int, tuple[int, int] | None]:
    """Month and day of "16/2" and "2/16". English has both orders, so either may be meant where both can be."""
    if first > 12 or second > 12:
        return (second, first, None) if first > 12 else (first, second, None)
    return second, first, None if decimal_mark(text) == COMMA else (first, second)


def weekdays(text: str) -> list[tuple[str, int]]:
    """The weekdays that a text names, each with its place in the week from 0 for Monday."""
    found = []
    for match in _WEEKDAY.finditer(text):
        name = match[0].lower()
        # "Mondays" and "sábados" are as many of the same.
        while name not in _WEEKDAYS:
            name = name[:-1]
        found.append((match[0], _WEEKDAYS[name]))
    return found
