"""Words as the checks see them: stems, identifiers, numbers, dates and addresses of a text.

English is stemmed lightly and Chinese, Japanese and Korean are cut into pairs of characters, so that a
text in any language can be compared with another in the same one. Nothing here knows any release.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'\])}|]+|\bwww\.[^\s<>\"'\])}|]+", re.I)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PLACEHOLDER = re.compile(r"\{\{\s*\w+\s*\}\}")
NUMBER = re.compile(
    # Letters of scripts without spaces may stand right beside a number.
    rf"(?<![^\W{_CJK}])(?<!\.)v?(\d+(?:[.,]\d+)*(?:\.(?:x|[A-Za-z]+\d*))?)"
    rf"(\s?%|\s?percent\b|[A-Za-z]{{1,3}}(?![A-Za-z0-9_]))?(?![^\W{_CJK}])",
    re.I,
)
WORD = re.compile(rf"[^\W\d_{_CJK}]+(?:['’][^\W\d_{_CJK}]+)*")
_CJK_RUN = re.compile(rf"[{_CJK}]+")
_TOKEN = re.compile(r"[^\s,;!?\"“”‘’<>|\[\]{}]+")
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


def words(text: str) -> frozenset[str]:
    """A set written as a line of prose."""
    return frozenset(text.split())


STOP_WORDS = words("""
a about above after again all along already also am an and any are as at be because been before being below between
both but by can could did do does doing down during each either else even ever every few for from further get gets
getting given gives go goes had has have having he her here hers him his how i if in into is it its itself just let
lets like made make makes many may me might more most much must my near need needs neither new newly next no nor not
now of off often on once one only onto or other others our out over own per please rather same see several she should
since so some still such than that the their them then there these they this those though through thus to together
too toward under until up upon us use used user users uses using various very via was way we well were what when
where whether which while who whom whose why will with within without would yet you your yours
""")

# Verbs with which a summary may ask for something ("Add a filter").
IMPERATIVES = words("""
add adjust adopt align begin allow apply avoid bring build bump bundle cache change check clarify clean close
collect combine configure consolidate convert copy correct count create deprecate detect disable disallow display
document drop eliminate enable encode enforce ensure enhance expand export expose extend extract filter fix force
forbid format generate handle hide honor honour honour ignore implement import improve include increase integrate
introduce invalidate isolate keep let limit list load lock log make manage mark measure merge migrate mitigate
modernise modernize modify move notify offer open optimise optimize order parse pass permit persist prefer preserve
prevent print process prohibit propagate protect provide publish raise rationalise rationalize record redesign
reduce refine refuse reject relax release remember remove rename render reorder replace report require reset resolve
respect restore restrict retry return reuse revert rework rewrite rotate round run save secure select send separate
serve set shorten show simplify skip sort specify split start stop store stream strip support suppress switch sync
throw track translate treat trigger trim turn unbundle unify update upgrade use validate verify wait warn wrap write
""")

# Words for one thing: the checks take any of a line for any other. Plain English, no product's terms.
_SAME = """
setting parameter option property config configuration configure flag
wrong incorrect faulty erroneous inaccurate
allow permit enable possible support able
disallow forbid prohibit reject refuse
upgrade update bump
remove drop delete unbundle eliminate discontinue
fail failure error fault break broken problem exception bug
work function operate
show display appear
add introduce include contain
replace switch convert change swap
decide control determine govern
reuse pool
cache pooled
large big huge
small little tiny
start launch begin init initialise initialize
stop end halt terminate
create generate produce
faulty defect
return give yield
keep maintain retain preserve
missing absent lack
hang loop stuck
crash abort
fast quick speed
slow delay
require need depend
dependency library
query select
read load fetch
write insert store save
vulnerability cve security
bundle ship package
sign signature
address url
"""


def stem(word: str) -> str:
    """A crude stem: endings off, at most seven letters, one word for synonyms."""
    return _stem(word.lower())


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    bare = _bare(word)
    return _SYNONYM.get(bare, bare)


def _bare(word: str) -> str:
    word = word.replace("’", "'")
    for ending in ("'s", "s'"):
        if word.endswith(ending):
            word = word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 4 and word.endswith(("sses", "ches", "shes", "xes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in (
        "isation",
        "ization",
        "ation",
        "ition",
        "ingly",
        "edly",
        "ance",
        "ence",
        "ment",
        "ness",
        "able",
        "ible",
        "ably",
        "tion",
        "ally",
        "ing",
        "ied",
        "ed",
        "ly",
        "er",
        "or",
        "al",
        "ise",
        "ize",
        "ive",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    if len(word) > 4 and word[-1] in "ey":
        word = word[:-1]
    return word[:7]


_SYNONYM = {
    _bare(word): _bare(line.split()[0]) for line in reversed(_SAME.strip().splitlines()) for word in line.split()
}
_STOP_STEMS = STOP_WORDS


@dataclass(frozen=True)
class Wording:
    """What one text is made of, ready to be compared."""

    stems: frozenset[str]
    identifiers: frozenset[str]
    numbers: frozenset[str]
    urls: frozenset[str]
    letters: str


@lru_cache(maxsize=8192)
def read(text: str) -> Wording:
    """Take a text apart."""
    without_urls = URL.sub(" ", text)
    return Wording(
        stems=frozenset(content_stems(without_urls)),
        identifiers=frozenset(identifiers(without_urls)),
        # A source may write "python3" where a sentence says "Python 3".
        numbers=frozenset(numbers(without_urls) | set(re.findall(r"(?<=[A-Za-z])\d+(?:\.\d+)*\b", without_urls))),
        urls=frozenset(url.rstrip(".,;:!?)") for url in URL.findall(text)),
        letters=text.lower(),
    )


def stems_of(text: str) -> list[str]:
    """The different stems of a text, as `read` has them, and nothing else of it."""
    return sorted(set(content_stems(URL.sub(" ", text))))


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order; the parts of identifiers count as words."""
    split = _camel(text.replace("_", " "))
    stems = [_stem(word) for word in WORD.findall(split.lower()) if word not in STOP_WORDS and len(word) > 1]
    for run in _CJK_RUN.findall(text):
        stems += [run[place : place + 2] for place in range(max(1, len(run) - 1))]
    return stems


@lru_cache(maxsize=16384)
def _camel(text: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


def identifiers(text: str) -> set[str]:
    """Names out of code or configuration, in small letters: dotted, with underscores, calls, flags, log4j."""
    found = set()
    for token in _TOKEN.findall(PLACEHOLDER.sub(" ", text)):
        if re.fullmatch(r"--[a-z][\w-]+[.,:;]?", token):
            found.add(token.rstrip(".,:;").lower())
            continue
        # A word that is called is a name, whatever it looks like: round().
        found.update(name.lower() for name in re.findall(r"([A-Za-z_]\w*)\(\)", token))
        for part in re.split(r"[=()/]|-(?=[A-Za-z])|(?<=[A-Za-z])-", token):
            part = part.strip(".,:;'`*\"…-~+")
            if _is_identifier(part):
                found.add(part.lower())
    return found


_LETTER = re.compile(r"[A-Za-z]")
_NUMBER_OR_VERSION = re.compile(r"(?i:v?\d+(?:[.,]\d+)*\.?(?:x|[A-Z]{1,7}\d*)?%?)|[a-z]?\d+s?")
_ABBREVIATION = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]?")  # e.g. and i.e
_DOT_BETWEEN_WORDS = re.compile(r"[A-Za-z]{2,}\.[A-Za-z]{2,}")
_HUMP = re.compile(r"[a-z][A-Z]")
_LETTER_BESIDE_DIGIT = re.compile(r"[A-Za-z]\d|\d[A-Za-z]")


def _is_identifier(token: str) -> bool:
    # Most tokens are plain words; they are told without any pattern.
    if len(token) < 3 or not token.isascii() or (token.isalpha() and (token.islower() or token[1:].islower())):
        return False
    if not _LETTER.search(token) or _NUMBER_OR_VERSION.fullmatch(token) or _ABBREVIATION.fullmatch(token):
        return False
    camel = _HUMP.search(token) and (token[0].islower() or sum(letter.isupper() for letter in token) > 2)
    return bool(
        "_" in token
        or "#" in token[1:]
        or "::" in token
        or camel
        or _DOT_BETWEEN_WORDS.search(token)
        or _LETTER_BESIDE_DIGIT.search(token)
    )


def settings_of(text: str) -> dict[str, str]:
    """Values that a text assigns to names, such as `cache=true`, all in small letters."""
    pairs = re.findall(r"([A-Za-z_][\w.#-]*)\s?=\s?[\"'`]?([\w.-]*\w)", text)
    pairs += re.findall(
        r"([A-Z][A-Z0-9]*_[A-Z0-9_]+|\w+\.\w+(?:\.\w+)+)\s+(?:is\s+|be\s+)?(?:set\s+|now\s+)?to\s+"
        r"[\"'`]?(true|false|on|off|\d+)\b",
        text,
    )
    return {name.lower(): value.lower() for name, value in pairs}


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
        "ms millisecond milliseconds msec",
        "seconds second sec secs s 秒 sekunde sekunden",
        "minutes minute min mins 分钟 分鐘 minuten",
        "hours hour hrs h 小时 小時 stunde stunden",
        "days day 天 日 tag tage tagen",
        "weeks week 周 woche wochen",
        "months month monat monate monaten",
        "years year 年 jahr jahre jahren",
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
    rf"(?<![^\W{_CJK}])(?<![.,])(\d+(?:[.,]\d+)*)[ -]?("
    + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    + r")(?![A-Za-z0-9_])",
    re.I,
)


@lru_cache(maxsize=8192)
def measures(text: str) -> frozenset[tuple[str, str]]:
    """Numbers with their unit, one spelling of each unit: ("30", "minutes")."""
    return frozenset((match[1].replace(",", ""), _UNITS[match[2].lower()]) for match in _MEASURE.finditer(text))


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
_ONE_UNIT = re.compile(
    r"\b(?:an?|one|per|each|every) (?P<unit>second(?=[.,;!?]| (?:and|or|after|when|instead)|$)|minute|hour|day|week"
    r"|month|year)\b"
    r"(?! of the release)",
    re.I,
)


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


def lengths_of_lists(text: str) -> set[int]:
    """How many things a text names side by side: "SYSTEM.STATS and SYSTEM.LOG" are 2, and 3 with one more."""
    found = set()
    for part in re.split(r"[.;:!?]\s|\n", text):
        for match in re.finditer(r"\s(?:and|or|&)\s", part):
            found.add(2 + len(re.findall(r",\s(?!and|or)", part[: match.start()])))
        if "/" in part:
            found.add(2)
    return found


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


def initials(text: str, name: str) -> str:
    """The first letters of the humps of a name as the text spells it: npe for NullPointerException."""
    spelt = re.search(re.escape(name), text, re.I)
    return "".join(re.findall(r"[A-Z]", spelt[0])).lower() if spelt else ""


@lru_cache(maxsize=2048)
def abbreviated(text: str, source: str) -> frozenset[str]:
    """Stems of a text that the source spells in another way: "primary key" for PK, NPE in full, "bulkload" in one."""
    found: set[str] = set()
    short = {word.lower() for word in re.findall(r"\b[A-Z]{2,5}\b", source)}
    spoken = WORD.findall(text)
    lowered = [word.lower() for word in spoken]
    for word in short - set(lowered):
        if word in ("id", "or", "and", "in", "as", "of", "on", "is", "to"):
            continue
        for place in range(len(lowered) - len(word) + 1):
            run = lowered[place : place + len(word)]
            if all(part.startswith(letter) for part, letter in zip(run, word, strict=True)):
                found.update(map(_stem, run))
    for name in re.findall(r"\b(?:[A-Z][a-z]+){2,5}\b", text):
        if initials(name, name) in short:
            found.update(content_stems(name))
            found.add(name.lower())
    # "bulk load" and "bulkload", "pushed down" and "pushdown".
    joined = "".join(character for character in source.lower() if character not in " -_")
    letters = source.lower()
    for one, two in pairwise(lowered):
        if len(one) > 2 and len(two) > 2 and f"{_bare(one)}{_bare(two)[:5]}" in letters:
            found.update((_stem(one), _stem(two)))
    found.update(_stem(word) for word in lowered if len(word) > 7 and word in joined)
    own = {word for word in spoken if len(word) > 1 and word.isupper()}
    if own:
        humps = {initials(name, name) for name in re.findall(r"\b(?:[A-Z][a-z]+){2,5}\b", source)}
        plain = [word.lower() for word in WORD.findall(source)]
        for word in own:
            size = len(word)
            runs = ("".join(part[0] for part in plain[at : at + size]) for at in range(len(plain) - size + 1))
            if word.lower() in humps or word.lower() in runs:
                found.update((_stem(word.lower()), word.lower()))
    return frozenset(found)


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
    found = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _MONTH[parts["n"].lower()]
            day = int(parts["d"])
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.append(SpokenDate(int(parts["y"]) if parts.get("y") else None, month, day, match[0].strip()))
    return found


_GERMAN = words(
    "der die das und ist nicht mit ein eine für wird werden auf von den dem im zu auch bei aus nach "
    "am zum zur vom beim neue neuen erscheint steht sich als wurde kann sie wir jetzt behoben"
)
_ENGLISH = words(
    "the and is not with a an for will be on of in to also at from after was can you we now this that "
    "are it no has have when"
)


def share_of(language: str, words: list[str]) -> float:
    """The share of some words that are among the most frequent of a language ("en" or "de"), 0 to 1."""
    frequent = {"en": _ENGLISH, "de": _GERMAN}.get(language, frozenset())
    return sum(word.lower() in frequent for word in words) / len(words) if words else 0.0


def language(text: str) -> str:
    """A guess: "cjk", "de", "en", or "" when there is too little to tell."""
    if len(re.findall(rf"[{_CJK}]", text)) * 3 > len(text.replace(" ", "")):
        return "cjk"
    words = [word.lower() for word in WORD.findall(text)]
    german, english = sum(word in _GERMAN for word in words), sum(word in _ENGLISH for word in words)
    if german > english:
        return "de"
    return "en" if english else ""


_OTHERS = words(
    "les des une dans pour avec sur est sont aux du qui el los las con por una para del che della gli il sono het een "
    "voor niet van og ikke det som nie jest się na dla não uma os em"
)


@lru_cache(maxsize=4096)
def is_foreign(text: str) -> bool:
    """Whether a text is plainly in another language than English; false when there is too little to tell."""
    letters = [letter for letter in text if letter.isalpha()]
    if letters and 3 * sum(ord(letter) > 0x24F for letter in letters) > len(letters):
        return True
    spoken = [word.lower() for word in WORD.findall(text)]
    english = sum(word in _ENGLISH for word in spoken)
    german = sum(word in _GERMAN - _ENGLISH for word in spoken)
    return max(german, sum(word in _OTHERS for word in spoken)) > english
