"""Numbers by their value, however they are written: 100,000 is 100.000, 100 000, 10 万, 100k and a hundred thousand.

What a separator means depends on the language of the text. Where that does not tell, each reading counts; a version
is never read as a number with separators.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from campaigns.drafting.figures import numbers
from campaigns.drafting.languages import decimal_mark
from campaigns.drafting.number_words import spoken_values
from campaigns.drafting.separators import THIN, readings
from campaigns.drafting.tokens import CJK, URL

_SCALES = {
    spelling: power
    for power, line in {
        2: "百 백",
        3: "k tsd tausend thousand mille mil 千 천 тыс",
        4: "万 萬 만",
        6: "m mio millionen million millions millones millón milione milioni 百万 млн миллиона миллионов",
        7: "千万",
        8: "亿 億 억",
        9: "mrd milliarden milliarde milliard milliards billion billions bn 十亿",
    }.items()
    for spelling in line.split()
}
# Of single letters "m" is short for metres, minutes and megabytes too; as millions it is written large.
_SCALE = "|".join(
    f"(?-i:{'M' if spelling == 'm' else '[kK]'})" if spelling in ("m", "k") else spelling
    for spelling in sorted(_SCALES, key=len, reverse=True)
)
_UNIT = (
    r"[KMGT]i?[Bb]|[KMGT]o|bytes?|octets?|[mµn]?s|sec|min|h|px|[kcm]?m|k?g|€|\$|£|EUR|USD|CHF|°C?"
    r"|(?:milli)?se[ck][uo]nd\w*|minut\w*|hours?|heures?|horas?|stunden?"
)
_FIGURE = re.compile(
    rf"(?<![^\W{CJK}])(?<!\.)(?<!\d[,{THIN}])"
    rf"(?P<digits>\d{{1,3}}(?:[{THIN} ]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?:\s?(?P<scale>{_SCALE})\.?(?![A-Za-z0-9_]))?"
    rf"(?P<mark>\s?%|(?:x|×)(?![A-Za-z0-9_]))?"
    rf"(?P<unit>\s?(?:{_UNIT})(?![A-Za-z0-9_]))?"
    rf"(?P<others>[A-Za-z]{{1,3}}(?![A-Za-z0-9_]))?"
    rf"(?![^\W{CJK}])(?![.,]?\d)",
    re.I,
)
_SIZE = re.compile(r"([km])i?b", re.I)
_VERSION_BEFORE = re.compile(r"(?:\b(?:versi[oó]n(?:e|en)?|release|ver\.|v\.?)|версия|版本|バージョン|버전)\s*$", re.I)
_PERCENT = re.compile(
    r"(?<=\d)\s*(?:prozent|per ?cent|pour cent|por ciento|per cento|pct|процент\w*|퍼센트|パーセント|％|٪)(?![^\W_])",
    re.I,
)
_PERCENT_BEFORE = re.compile(r"百分之\s?(\d+(?:\.\d+)?)")
_BEHIND_A_LETTER = re.compile(r"(?<=[A-Za-z])\d+(?:\.\d+)*\b")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Figure:
    """One number with separators or a scale: as written, and the values that it has.

    `surely` are the values in the language of its text, `perhaps` those in any language, `parts` its numbers when it is
    a list such as "1,2" or two numbers side by side.
    """

    quote: str
    surely: frozenset[str]
    perhaps: frozenset[str]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Values:
    """The values of all numbers of a source, but of those that it writes as words."""

    surely: frozenset[str]
    perhaps: frozenset[str]


def plain_digits(text: str) -> str:
    """A text with the digits of all scripts as ours, and every word for per cent as its sign."""
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
        text = _PERCENT_BEFORE.sub(r"\1%", text)
    return _PERCENT.sub("%", text)


def taken(text: str) -> tuple[str, list[Figure]]:
    """The figures of a text that want reading, and the text without them; integers and versions stay in it."""
    if not _DIGIT.search(text):
        return text, []
    figures: list[Figure] = []

    def take(match: re.Match[str]) -> str:
        # Most numbers are plain integers, and have one reading.
        if match["digits"].isdigit() and not match["scale"] and not match["unit"]:
            return match[0]
        figure = (
            None
            if _VERSION_BEFORE.search(text[max(0, match.start() - 20) : match.start()])
            else _figure(match, decimal_mark(text))
        )
        if figure is None:
            return match[0]
        figures.append(figure)
        return " "

    return _FIGURE.sub(take, text), figures


@lru_cache(maxsize=8192)
def values(text: str) -> Values:
    """The values of everything in a text, each line by its own language."""
    surely, perhaps = set[str](), set[str]()
    for line in plain_digits(URL.sub(" ", text)).splitlines():
        rest, figures = taken(line)
        # A source may write "python3" where a sentence says "Python 3".
        surely |= numbers(rest) | set(_BEHIND_A_LETTER.findall(line))
        for figure in figures:
            surely |= figure.surely | set(figure.parts)
            perhaps |= figure.perhaps
    return Values(frozenset(surely), frozenset(perhaps))


@lru_cache(maxsize=8192)
def values_in_words(text: str) -> frozenset[str]:
    """The values of all numbers that a text writes as words, each line by its own language."""
    return frozenset[str]().union(*map(spoken_values, text.splitlines()))


def _figure(match: re.Match[str], mark: str) -> Figure | None:
    digits, scale = match["digits"], (match["scale"] or "").lower()
    sign = (match["mark"] or "").strip().lower().replace("×", "x")
    size = _SIZE.fullmatch((match["unit"] or "").strip())
    found = readings(digits, mark)
    if found is None:
        typed = frozenset((digits,))
        decimal = re.fullmatch(r"\d+\.\d+", digits)
        if not (decimal or digits.isdigit()) or not (scale or size or (decimal and (sign == "%" or match["unit"]))):
            return None
        found = typed, typed, ()
    surely, perhaps, parts = found
    if scale:
        short = {f"{digits}{scale}"} if scale in ("k", "m") else set[str]()
        surely = frozenset(_scaled(value, _SCALES[scale]) for value in surely) | short
        perhaps = frozenset(_scaled(value, _SCALES[scale]) for value in perhaps) | short
        parts = ()
    elif sign == "%" or match["unit"]:
        # No version has a unit: 2.50 GB are 2.5 GB.
        surely |= {_trimmed(value) for value in surely}
        perhaps |= {_trimmed(value) for value in perhaps}
        if size:
            # "512M" may be a size as well as a count.
            surely |= {f"{digits}{size[1].lower()}"}
    # The same signs are the same number, whatever a language makes of them.
    as_written = set[str]() if scale else {f"={digits}"}
    return Figure(
        match[0].strip(),
        frozenset(value + sign for value in surely) | as_written,
        frozenset(value + sign for value in perhaps) | as_written,
        tuple(part + sign for part in parts),
    )


def _scaled(value: str, power: int) -> str:
    return _trimmed(f"{Decimal(value).scaleb(power):f}")


def _trimmed(value: str) -> str:
    return value.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", value) else value
