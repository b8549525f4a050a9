"""What must stand in the sources letter by letter: numbers, dates, versions, names out of code, addresses."""

from __future__ import annotations

import math
import re

from campaigns.drafting import amounts, number_words
from campaigns.drafting.dates import RELATIVE_DAY, dates, periods, weekdays
from campaigns.drafting.figures import (
    lengths_of_lists,
    measures,
    multiples,
    numbers,
    numbers_in_words,
    quantity,
    ratios,
    single_units,
    spans_of_one,
    spoken_measures,
)
from campaigns.drafting.findings import BLOCKING, WARNING, Reporter
from campaigns.drafting.languages import POINT, decimal_mark
from campaigns.drafting.names import initials, settings_of
from campaigns.drafting.sources import Sources
from campaigns.drafting.stems import content_stems
from campaigns.drafting.tokens import NO_LETTER_BEFORE, URL
from campaigns.drafting.values import Figure, plain_digits, taken, values, values_in_words
from campaigns.drafting.wording import read

COUNTED = re.compile(
    r"\b(\d+)\s+(?:other\s+|more\s+|new\s+|further\s+)?"
    r"(features?|improvements?|fixes|fix|changes?|security fixes|breaking changes?|known problems?|open problems?)\b",
    re.I,
)
_HUMPS = re.compile(r"\b[A-Za-z][a-z]+(?:[A-Z][a-z]+)+\b")
_SHARES = {"/2": 1 / 2, "/3": 1 / 3, "/4": 1 / 4}
_SAME_DAY = re.compile(r"^(?:next|coming)\b")


def check(text: str, known: list[str], say: Reporter, sources: Sources, *, exactly: bool = True) -> None:
    """Numbers, dates, identifiers and addresses must be in the sources, letter by letter.

    `exactly` is for sentences with sources of their own: numbers in words count there too.
    """
    named = " and ".join(known) or "the release record"
    letters = " ".join(sources.wording[key].letters for key in known)
    without_dates = _dates(text, letters, named, say, sources)
    _version(text, letters, say, sources)
    reported = {finding.quote for finding in say.findings}
    _numbers(without_dates, known, named, reported, say, sources)
    _units(without_dates, known, named, say, sources)
    if known and exactly:
        _in_words(without_dates, known, named, say, sources)
    _identifiers(text, known, named, reported, say, sources)
    _settings(text, known, named, say, sources)
    for url in sorted(read(text).urls):
        if url != sources.facts.url and url.lower() not in letters:
            say(BLOCKING, "url", f"The address {url} is not in {named}.", quote=url)


def _numbers(text: str, known: list[str], named: str, reported: set[str], say: Reporter, sources: Sources) -> None:
    """Numbers and versions that neither a source nor the release record has, and that count no issues."""
    text = plain_digits(text)
    rest, figures = taken(URL.sub(" ", text))
    written = numbers(rest)
    if not written and not figures:
        return
    measured = {number for number, _ in measures(text)}
    texts = [sources.record.letters, *(sources.texts[key] for key in known)]
    right = sources.record_numbers | _counts(text, sources) | _converted(text, known, sources) | reported
    surely = right.union(*(values(each).surely for each in texts))
    perhaps = right.union(*(values(each).perhaps for each in texts))
    for number in sorted(written):
        figures.append(Figure(number, frozenset((number,)), frozenset((number,))))
    for figure in figures:
        if figure.surely & surely or (figure.parts and surely.issuperset(figure.parts)):
            continue
        if any(figure.surely & _in_letters(each, figure, text, measured) for each in texts):
            continue
        if figure.perhaps & perhaps:
            say(
                WARNING,
                "number",
                f"{figure.quote} can be read as more than one number; please write it as in {named}.",
                quote=figure.quote,
            )
        else:
            say(BLOCKING, "number", f"The number {figure.quote} is not in {named}.", quote=figure.quote)


def _in_letters(source: str, figure: Figure, text: str, measured: set[str]) -> frozenset[str]:
    """The numbers that a source writes as words, where they can be meant: "three ways" make nothing 3 times faster."""
    if re.search(rf"(?<!\w){re.escape(figure.quote)}(?:{number_words.MULTIPLE.pattern})", text, re.I):
        return frozenset()
    found = values_in_words(source)
    if figure.surely.isdisjoint(measured) or decimal_mark(source) != POINT:
        return found
    return found - measured


def _converted(text: str, known: list[str], sources: Sources) -> set[str]:
    """Numbers of measures that a source has in another unit: 2 years for 24 months."""
    spoken_of = measures(text)
    if not spoken_of:
        return set()
    told = frozenset[amounts.Amount]().union(*(amounts.told(sources.texts[key]) for key in known))
    return {number for number, unit in spoken_of if quantity(number, unit) in told}


def _identifiers(text: str, known: list[str], named: str, reported: set[str], say: Reporter, sources: Sources) -> None:
    """Names out of code that no source spells so, in full or by their initials."""
    short = {word.lower() for key in known for word in re.findall(r"\b[A-Z]{2,6}\b", sources.texts[key])}
    letters = [sources.record.letters, *(sources.wording[key].letters for key in known)]
    for name in sorted(read(text).identifiers - reported):
        if any(name in part for part in letters) or initials(text, name) in short:
            continue
        if not any(_inflected(name, text, sources.texts[key]) for key in known):
            say(BLOCKING, "identifier", f"“{name}” is not in {named}. Check the spelling or the source.", quote=name)


def _inflected(name: str, text: str, source: str) -> bool:
    """Whether a name of humps alone is one of the source with another ending: "startsWith" for "startWith"."""
    spelt = re.search(rf"\b{re.escape(name)}\b", text, re.I)
    if not spelt or not _HUMPS.fullmatch(spelt[0]):
        return False
    return any(content_stems(spelt[0]) == content_stems(word) for word in _HUMPS.findall(source))


def _settings(text: str, known: list[str], named: str, say: Reporter, sources: Sources) -> None:
    """Another value for a setting than the source gives it."""
    for name, value in settings_of(text).items():
        told = {settings_of(sources.texts[key]).get(name) for key in known} - {None}
        if told and value not in told:
            say(
                BLOCKING,
                "value",
                f"The sentence gives {name} the value {value}, {named} gives it {' or '.join(sorted(map(str, told)))}.",
                quote=f"{name}={value}",
            )


def _units(text: str, known: list[str], named: str, say: Reporter, sources: Sources) -> None:
    """A number of the source with another unit: 30 minutes for 30 seconds."""
    told: dict[str, set[str]] = {}
    for key in known:
        for number, unit in measures(sources.texts[key]):
            told.setdefault(number, set()).add(unit)
    for number, unit in sorted(measures(text)):
        others = told.get(number)
        if others and unit not in others:
            say(
                BLOCKING,
                "number",
                f"{number} {unit} is not in {named}, which says {number} {' or '.join(sorted(others))}.",
                quote=number,
            )


def _in_words(text: str, known: list[str], named: str, say: Reporter, sources: Sources) -> None:
    """Numbers in words ("twice", "ten languages") that no source has, in words or digits."""
    texts = [sources.texts[key] for key in known]
    told = {value for source in texts for value, _ in numbers_in_words(source)}
    plain = set(re.findall(r"[a-z]+", " ".join(texts).lower()))
    digits = {number.rstrip("%x") for key in known for number in sources.wording[key].numbers} | sources.record_numbers
    counted = {str(len(known))} | {str(size) for part in (text, *texts) for size in lengths_of_lists(part)}
    letters = " ".join(texts).lower()
    if "duplicat" in letters:
        told.add("x2")
    quantities = frozenset[amounts.Amount]().union(*map(amounts.told, texts))
    spans = {word for word, measure in spans_of_one(text) if measure in quantities}
    for quote, unit in single_units(text):
        # "Every minute" is every 60 seconds.
        if (
            unit not in spans
            and quantity("1", f"{unit}s") not in quantities
            and not re.search(rf"\b{unit}|\b{unit[0]}\b" if unit != "day" else r"\bda(?:y|il)", letters)
        ):
            say(WARNING, "number", f"“{quote}” is not in {named}.", quote=quote)
    spoken = {pair for part in texts for pair in measures(part)}
    converted = spans | {word for word, value, unit in spoken_measures(text) if quantity(value, unit) in quantities}
    # Of several words that are one number each is as right as all of them: "a hundred thousand".
    compounds = [(str(value), several) for value, several in number_words.spoken(text, "en") if len(several) > 1]
    if compounds:
        exact = digits.union(*(values(part).surely | values_in_words(part) for part in texts))
        converted |= {word for value, several in compounds if value in exact for word in several}
    # A number beside another noun bears out no multiple: "three ways" is not "three times faster".
    compared = {factor for part in texts for _, factor in multiples(part)} | set().union(*map(ratios, texts))
    compared = compared.union(*map(amounts.ratios, texts))
    compared |= {1 / factor for factor in compared if factor}
    # "A third of its size" of 240 and 80 KB.
    told |= {
        value for value, share in _SHARES.items() if any(math.isclose(share, other, rel_tol=0.06) for other in compared)
    }
    for quote, factor in multiples(text):
        converted.update(re.findall(r"[a-z]+", quote.lower()))
        blocked = any(finding.quote and finding.quote in quote for finding in say.findings)
        if not blocked and not any(math.isclose(factor, other, rel_tol=0.01) for other in compared):
            say(WARNING, "number", f"“{quote}” says how many times as much, and {named} does not.", quote=quote)
    for word, value, unit in spoken_measures(text):
        # The word may be there for another thing: "in two steps" bears out no two seconds.
        if word not in converted and (value, unit.lower()) not in spoken:
            say(WARNING, "number", f"“{word} {unit}” is not in {named}.", quote=f"{word} {unit}")
            converted.add(word)
    for value, word in numbers_in_words(taken(text)[0]):
        if word.lower() not in plain and word.lower() not in converted and value not in told | digits | counted:
            say(WARNING, "number", f"“{word}” is a number that is not in {named}.", quote=word)


def _dates(text: str, letters: str, named: str, say: Reporter, sources: Sources) -> str:
    """Check the dates and return the text without them."""
    day = sources.facts.release_date
    spoken_of = dates(text)
    told = dates(letters) if spoken_of else []
    for spoken in spoken_of:
        text = text.replace(spoken.quote, " ")
        if day and spoken.fits(day):
            continue
        if any(spoken.same(other) for other in told):
            continue
        instead = f" (it is {day.isoformat()})" if day else " (Jira has none)"
        say(
            BLOCKING,
            "date",
            f"The date {spoken.quote} is neither the release date{instead} nor in {named}.",
            quote=spoken.quote,
        )
    text = _months(text, letters, named, say, sources)
    named_days = weekdays(text)
    right = {place for _, place in weekdays(letters)} if named_days else set()
    for quote, place in named_days:
        if place not in right and (not day or day.weekday() != place):
            say(BLOCKING, "date", f"{quote[0].upper()}{quote[1:]} is not the weekday of the release date.", quote=quote)
    return text


def _months(text: str, letters: str, named: str, say: Reporter, sources: Sources) -> str:
    """Months, quarters and years from now, named without a day. Returns the text without months in figures."""
    day = sources.facts.release_date
    spoken_of = periods(text)
    told = {months for _, months in periods(letters.title())} if spoken_of else set()
    for quote, months in spoken_of:
        if quote[:1].isdigit():
            text = text.replace(quote, " ")
        if quote.lower() in letters or months in told or (day and day.month in months):
            continue
        instead = f"; the release date is {day.isoformat()}" if day else ""
        say(BLOCKING, "date", f"“{quote}” is not in {named}{instead}.", quote=quote)
    near = RELATIVE_DAY.search(text)
    if near and not re.search(_SAME_DAY.sub(r"(?:next|coming|following)", near[0].lower()), letters):
        say(
            WARNING,
            "date",
            f"“{near[0]}” means another day to everyone who reads this later. Please write the date.",
            quote=near[0],
        )
    return text


def _version(text: str, letters: str, say: Reporter, sources: Sources) -> None:
    """Another version of our own product, which no source names."""
    product = re.escape(sources.facts.product)
    if not product:
        return
    for match in re.finditer(rf"{NO_LETTER_BEFORE}{product}\s+(?:version\s+)?v?(\d+(?:\.[a-z0-9]+)*)", text, re.I):
        version = match[1]
        if sources.facts.version.lower().lstrip("v").startswith(version.lower()) or version.lower() in letters:
            continue
        say(
            BLOCKING,
            "version",
            f"This mail is about {sources.facts.name}; the sentence says {match[0]}.",
            quote=version.lower(),
        )


def _counts(text: str, sources: Sources) -> set[str]:
    """Counts of changes may be told: they are the release record's own. Returns the ones that are right."""
    right = set()
    for match in COUNTED.finditer(text):
        number, what = int(match[1]), match[2].lower()
        if number in counts(what, sources):
            right.add(match[1])
    return right


def counts(what: str, sources: Sources) -> set[int]:
    """How many issues a word such as "fixes" may stand for."""
    many = {
        kind: len(sources.facts.of_kind(kind)) for kind in ("feature", "improvement", "fix", "security", "breaking")
    }
    if what.startswith("feature"):
        return {many["feature"]}
    if what.startswith("improvement"):
        return {many["improvement"]}
    if what.startswith("security"):
        return {many["security"]}
    if what.startswith("breaking"):
        return {many["breaking"]}
    if what.startswith("fix"):
        return {many["fix"], many["fix"] + many["security"]}
    if what.endswith(("problem", "problems")):
        return {len(sources.facts.problems)}
    return {len(sources.facts.issues)}
