"""Numbers of a text as they can be compared: digits, versions, units, numbers in words, lengths of lists."""

from __future__ import annotations

import re
from functools import lru_cache

from campaigns.drafting.languages import decimal_mark
from campaigns.drafting.separators import THIN, read
from campaigns.drafting.tokens import CJK

NUMBER = re.compile(
    # Letters of scripts without spaces may stand right beside a number.
    rf"(?<![^\W{CJK}])(?<!\.)v?(\d+(?:[.,]\d+)*(?:\.(?:x|[A-Za-z]+\d*))?)"
    rf"(\s?%|\s?percent\b|[A-Za-z]{{1,3}}(?![A-Za-z0-9_]))?(?![^\W{CJK}])",
    re.I,
)


def numbers(text: str) -> set[str]:
    """Numbers and versions as they are compared: 1,000 is 1000, `40 percent` is `40%`, 2.x stays 2.x."""
    found: set[str] = set()
    for match in NUMBER.finditer(text):
        digits = match[1].lower()
        if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
            digits = digits.replace(",", "")
        unit = (match[2] or "").strip().lower()
        mark = "%" if unit in ("%", "percent") else "x" if unit == "x" else ""
        found.update(part + mark for part in digits.split(","))
    return found


_UNITS = {
    spelling: line.split()[0]
    for line in (
        "ms millisecond milliseconds msec msecs",
        "seconds second sec secs s 秒 sekunde sekunden",
        "minutes minute min mins 分钟 分鐘 minuten",
        "hours hour hrs hr h 小时 小時 stunde stunden",
        "days day 天 日 tag tage tagen",
        "weeks week wk wks 周 woche wochen",
        "months month mth mths monat monate monaten",
        "years year yr yrs 年 jahr jahre jahren",
        "bytes byte",
        "KB kib kilobytes kilobyte",
        "MB mib megabytes megabyte",
        "GB gib gigabytes gigabyte",
        "TB tib terabytes terabyte",
        "% percent prozent",
        "pixels px pixel",
        "euros euro eur €",
        "dollars dollar usd",
        "files file 个文件 dateien datei",
        "users user",
    )
    for spelling in line.lower().split()
}
_UNITS |= {line.lower(): line for line in ("KB", "MB", "GB", "TB", "%")}
_MEASURE = re.compile(
    rf"(?<![^\W{CJK}])(?<![.,])(\d{{1,3}}(?:[{THIN} ]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)[ \u00a0\u202f-]?("
    + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    + r")(?![A-Za-z0-9_])",
    re.I,
)


@lru_cache(maxsize=8192)
def measures(text: str) -> frozenset[tuple[str, str]]:
    """Numbers with their unit, one spelling of each unit: ("30", "minutes")."""
    found = [(match[1], _UNITS[match[2].lower()]) for match in _MEASURE.finditer(text)]
    # Most texts have no separators, and their language need not be asked.
    mark = decimal_mark(text) if any("," in digits or "." in digits for digits, _ in found) else ""
    return frozenset((value, unit) for digits, unit in found for value in read(digits, mark))


#: Units of one quantity, as multiples of its smallest.
_IN_SMALLEST = {
    "ms": ("time", 1), "seconds": ("time", 1000), "minutes": ("time", 60_000), "hours": ("time", 3_600_000),
    "days": ("time", 86_400_000), "weeks": ("time", 604_800_000),
    "months": ("calendar", 1), "years": ("calendar", 12),
    "bytes": ("size", 1), "KB": ("size", 1024), "MB": ("size", 1024**2), "GB": ("size", 1024**3),
    "TB": ("size", 1024**4),
}  # fmt: skip


def quantity(number: str, unit: str) -> tuple[str, float] | None:
    """A measure as it can be compared with others: "2 years" and "24 months" are the same."""
    known = _IN_SMALLEST.get(_UNITS.get(unit.lower(), unit))
    try:
        return (known[0], float(number) * known[1]) if known else None
    except ValueError:
        return None


_NUMBER_WORDS = {
    word: value
    for value, line in {
        "2": "two both",
        "x2": "twice double doubles doubled doubling twofold",
        "x3": "triple triples tripled threefold",
        "/2": "half halves halved halving",
        "/3": "third thirds",
        "/4": "quarter quarters",
        "3": "three",
        "4": "four",
        "5": "five",
        "6": "six",
        "7": "seven",
        "8": "eight",
        "9": "nine",
        "10": "ten tenfold",
        "11": "eleven",
        "12": "twelve dozen dozens",
        "15": "fifteen",
        "20": "twenty",
        "30": "thirty",
        "50": "fifty",
        "100": "hundred hundreds",
        "1000": "thousand thousands",
        "1000000": "million millions",
    }.items()
    for word in line.split()
}
_NUMBER_WORD = re.compile(
    r"\b(?:" + "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True)) + r")\b"
    r"(?!-?\s?(?:part(?:y|ies)|click\w*|tap\w*|quot\w*|check\w*|way|factor|phase))",
    re.I,
)
_SPOKEN_MEASURE = re.compile(
    r"\b(" + "|".join(word for word, value in _NUMBER_WORDS.items() if value.isdigit()) + r")\s+"
    r"(milliseconds|seconds|minutes|hours|days|weeks|months|years)\b",
    re.I,
)
_ONE_UNIT = re.compile(
    r"\b(?:an?|one|per|each|every) (?P<unit>second(?=[.,;!?]| (?:and|or|after|when|instead)|$)|minute|hour|day|week"
    r"|month|year)\b"
    # "A day early" says that it was the wrong day, and counts none.
    r"(?! of the release| (?:(?:too )?(?:early|late)|earlier|later|ago|off|ahead)\b)",
    re.I,
)


_ONE_OR_HALF = re.compile(
    r"\b(?:(?P<part>half|quarter of) )?(?:an?|one) (?:full |whole |entire |single )?(?:(?P<inner>half)[ -])?"
    r"(?P<unit>second|minute|hour|day|week|month|year)\b",
    re.I,
)
_SHARES = {"half": "0.5", "quarter of": "0.25"}


def spans_of_one(text: str) -> list[tuple[str, tuple[str, float] | None]]:
    """Words of spans such as "an hour" or "half a minute", with a measure that "60 minutes" or "30 s" has too."""
    found = []
    for match in _ONE_OR_HALF.finditer(text):
        share = (match["part"] or match["inner"] or "").lower()
        measure = quantity(_SHARES.get(share, "1"), match["unit"].lower() + "s")
        found += [(word, measure) for word in (match["unit"].lower(), *share.split()[:1])]
    return found


def single_units(text: str) -> list[tuple[str, str]]:
    """Spans of one unit ("a minute", "every night"): the quote and the unit."""
    return [(match[0], match["unit"].lower()) for match in _ONE_UNIT.finditer(text)]


_NOT_A_NUMBER = re.compile(
    r"\b(?:double[- ](?:\w+)|third[- ]part(?:y|ies)|both|more than once|the third|a third party)\b", re.I
)


@lru_cache(maxsize=8192)
def numbers_in_words(text: str) -> tuple[tuple[str, str], ...]:
    """Numbers from two on that are written as words, with the word: ("10", "ten"), ("/2", "halves")."""
    plain = _NOT_A_NUMBER.sub(" ", text)
    return tuple((_NUMBER_WORDS[match[0].lower()], match[0]) for match in _NUMBER_WORD.finditer(plain))


@lru_cache(maxsize=8192)
def spoken_measures(text: str) -> tuple[tuple[str, str, str], ...]:
    """Numbers in words with their unit: ("two", "2", "years")."""
    return tuple((match[1], _NUMBER_WORDS[match[1].lower()], match[2]) for match in _SPOKEN_MEASURE.finditer(text))


_TIMES = "|".join([r"\d+(?:\.\d+)?", *(word for word, value in _NUMBER_WORDS.items() if value.isdigit())])
_COMPARED = r"(?:as\s+\w+|(?:\w+er|more|less|fewer)\b|the\s+\w+)"
_MULTIPLE = re.compile(
    rf"\b(?:(?P<times>{_TIMES})\s+times|(?P<twice>twice))\s+{_COMPARED}"
    rf"|(?<!first )(?<!second )(?<!other )\b(?P<half>half)\s+(?:of\b|{_COMPARED})"
    rf"|\b(?P<sign>\d+(?:\.\d+)?)\s?[x×](?!\w|\s?\d)|\b(?:by\s+)?(?:a\s+)?factor\s+of\s+(?P<factor>{_TIMES})\b"
    rf"|\b(?P<fold>{_TIMES})[- ]?fold\b"
    # As a verb, or with what is more: "double the limit", "the limit is doubled"; a double quote multiplies nothing.
    r"|\b(?P<double>doubl(?:es|ed|ing)|double\s+the)\b|\b(?P<triple>tripl(?:es|ed|ing)|triple\s+the)\b"
    r"|\b(?P<halve>halv(?:e|es|ed|ing))\b",
    re.I,
)
_MAY_MULTIPLY = re.compile(r"times|twice|half|fold|factor|doubl|tripl|halv|\d\s?[x×]", re.I)
_FROM_TO = re.compile(
    r"\bfrom\s+(?P<old>\d[\d.,]*)\s?\w{0,12}\s+to\s+(?P<new>\d[\d.,]*)"
    r"|(?<![\w.])(?P<was>\d[\d,]*(?:\.\d+)?)\s?(?:->|→|=>)\s?(?P<becomes>\d[\d,]*(?:\.\d+)?)(?![\w.]\d)"
    r"|(?<![\w.])(?P<now>\d[\d,]*(?:\.\d+)?)(?![\w.]\d)[^.;\n\d]{1,50}?"
    r"\b(?:up from|down from|from|instead of|was|were|formerly|previously)\s+(?P<before>\d[\d,]*(?:\.\d+)?)(?![\w.]\d)",
    re.I,
)


@lru_cache(maxsize=8192)
def multiples(text: str) -> tuple[tuple[str, float], ...]:
    """How many times as much a text says that something is: ("three times faster", 3.0), ("halved", 0.5).

    Of two figures of one change it is their ratio: "from 20 to 40 MB" is twice as much.
    """
    found = []
    for match in _MULTIPLE.finditer(text) if _MAY_MULTIPLY.search(text) else ():
        told = match["times"] or match["sign"] or match["factor"] or match["fold"] or ""
        fixed = {"twice": 2.0, "double": 2.0, "triple": 3.0, "half": 0.5, "halve": 0.5}
        factor = next((value for name, value in fixed.items() if match[name]), 0.0)
        found.append((match[0], factor or float(_NUMBER_WORDS.get(told.lower(), told))))
    return tuple(found)


def ratios(text: str) -> set[float]:
    """The ratios of figures that a text lets follow one another: 2 and 1/2 of "from 20 to 40 MB"."""
    found = set()
    for match in _FROM_TO.finditer(text):
        try:
            old, new = (
                float((match[one] or match[two] or match[three]).rstrip(".,").replace(",", ""))
                for one, two, three in (("old", "was", "before"), ("new", "becomes", "now"))
            )
        except ValueError:
            continue
        if old and new:
            found |= {new / old, old / new}
    return found


def lengths_of_lists(text: str) -> set[int]:
    """How many things a text names side by side: "SYSTEM.STATS and SYSTEM.LOG" are 2, and 3 with one more."""
    found = set()
    for part in re.split(r"[.;:!?]\s|\n", text):
        for match in re.finditer(r"\s(?:and|or|&)\s", part):
            found.add(2 + len(re.findall(r",\s(?!and|or)", part[: match.start()])))
        if "/" in part:
            found.add(2)
    return found
