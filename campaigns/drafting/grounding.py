"""Does each sentence rest on the issues that it cites? Runs on every save, on human text as on model text.

Blocking: an unknown or excluded key, a number, version, date, identifier or address that the cited issues and the
release record lack, a statement without a source. Warning: promises, the opposite, few shared words, a better source.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from campaigns.drafting import meaning, opposites, uncited, wording
from campaigns.drafting.facts import Facts, Issue
from campaigns.drafting.findings import BLOCKING, WARNING, Finding
from campaigns.drafting.text import DraftText, Sentence

LEAST_COVER = 0.45
BETTER_BY = 0.15
MOST_SOURCES = 3
UNCITED_BLOCKS = ("intro", "action", "closing")

# What a sentence without a source may be made of, beside the words of the release record itself.
_STOCK = wording.words("""
hello hi dear team regards thank thanks welcome sincerely best kind hear release released releasing version update
updating updates upgrade install installation available availability coming planned plan planning expected date day
days week weeks month today tomorrow soon shortly ready schedule time change changes feature features improvement
improvements fix fixed fixes fault faults bug bugs issue issues brings bring brought send sent sending since shortly
contain contains include includes list below above following overview summary short look back read e-mail mail
message write wrote reply answer question questions feedback tell know think learn hear help contact support reach
note notes check take step steps prepare action required nothing system systems test before running suit suits
convenient convenience choose free happy glad hope remind reminder last look works work went go experience person
people colleague colleagues team interest attention patience page calendar set fixed moment share later first last
next already since once more full open place way part way far useful matter matters see saw start begin
beginning end ends year morning afternoon evening receive get client clients customer customers product your
""")
_STOCK_STEMS = frozenset(wording.stem(word) for word in _STOCK)
_COUNTED = re.compile(
    r"\b(\d+)\s+(?:other\s+|more\s+|new\s+|further\s+)?"
    r"(features?|improvements?|fixes|fix|changes?|security fixes|breaking changes?)\b",
    re.I,
)
_POLITE = re.compile(
    r"\bat your convenience|\bwhen(?:ever)? convenient|\bfeel free|\b(?:best|kind) regards|\ball the best", re.I
)
#: Sentences of the drafter by rules that say no more than that their issues are breaking changes.
_SAYS_ONLY_THAT = re.compile(
    r"(?:Something changes that you may rely on(?:: [^.]{1,60})?"
    r"|Before you update, check whether you use what changes here"
    r"|(?P<list>Further changes that you may rely on: [^!?]{1,600}))\."
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Sources(Mapping[str, wording.Wording]):
    """The issues as the checks see them, each taken apart when it is first asked for: a mail cites few of them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._read: dict[str, wording.Wording] = {}

    def __getitem__(self, key: str) -> wording.Wording:
        if key not in self._read:
            self._read[key] = wording.read(self._texts[key])
        return self._read[key]

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def stems_of(facts: Facts) -> dict[str, list[str]]:
    """The stems of each issue: the costly part of preparing a release, which can be done once and kept."""
    return {issue.key: wording.stems_of(source_text(issue)) for issue in facts.issues}


class Checker:
    """The facts of one release, prepared once, against which any number of sentences can be held.

    `stems` are those of `stems_of`, when somebody kept them.
    """

    def __init__(self, facts: Facts, stems: Mapping[str, Iterable[str]] | None = None) -> None:
        self.facts = facts
        self._source = {issue.key: source_text(issue) for issue in facts.issues}
        self._wording = _Sources(self._source)
        self._families: dict[str, set[str]] = {}
        self._excluded = {issue.key: wording.read(issue.summary) for issue in facts.excluded}
        self._holders: dict[str, list[str]] = {}
        for key, found in (stems_of(facts) if stems is None else stems).items():
            for stem in found:
                self._holders.setdefault(stem, []).append(key)
        self._most = math.log(1 + len(self._wording)) + 1
        record = f"{facts.product} {facts.product_key} {facts.version} {facts.name} {facts.description}"
        self._record = wording.read(record)
        day = facts.release_date
        self._record_numbers = self._record.numbers | ({str(day.year)} if day else set())

    def check(self, text: DraftText) -> list[Finding]:
        """Everything that is wrong with a mail, in the order of the text."""
        findings = self._head("subject", text.subject, text.keys()) + self._head(
            "preheader", text.preheader, text.keys()
        )
        for block, index, sentence in text.sentences():
            findings += self.check_sentence(sentence, block=block, index=index)
        return findings

    def check_sentence(self, sentence: Sentence, *, block: str = "highlights", index: int = 0) -> list[Finding]:
        """Everything that is wrong with one sentence."""
        say = _Reporter(block, index, sentence.text)
        known = self._keys(sentence, say)
        if sentence.keys:
            if known:
                self._facts_of(sentence.text, known, say)
                plain = _SAYS_ONLY_THAT.fullmatch(sentence.text)
                if not plain or (plain["list"] and self.cover(sentence.text, known) < 2 * LEAST_COVER - 0.2):
                    self._sense_of(sentence.text, known, say)
                    self._idle(sentence.text, known, say)
            self._leaks(sentence.text, known, say)
        else:
            self._uncited(sentence.text, block, say)
        return say.findings

    def _head(self, block: str, text: str, keys: Iterable[str]) -> list[Finding]:
        """Subject and preheader cite nothing themselves: they may say what the mail's own sources say."""
        say = _Reporter(block, 0, text)
        known = [key for key in keys if key in self._wording]
        self._facts_of(text, known, say, exactly=False)
        self._leaks(text, known, say)
        stems = wording.content_stems(text)
        foreign = [
            stem
            for stem in stems
            if stem not in _STOCK_STEMS | self._record.stems
            and not any(stem in self._wording[key].stems for key in known)
        ]
        if wording.language(text) != "cjk" and len(foreign) > max(2, len(stems) // 2):
            say(
                WARNING,
                "cover",
                "Most of these words are in no issue that the mail cites. Please check that it is true.",
            )
        promises = self._promises(text, known)
        if promises:
            say(WARNING, "claim", f"“{promises}” is a promise that no cited issue makes.", quote=promises)
        return say.findings

    def _keys(self, sentence: Sentence, say: _Reporter) -> list[str]:
        for key in sentence.keys:
            if key in self.facts.excluded_by_key:
                reason = self.facts.excluded_by_key[key].reason or "not for clients"
                say(
                    BLOCKING,
                    "excluded_key",
                    f"{key} is kept out of client mail ({reason}). Take the sentence out or cite another issue.",
                    key=key,
                )
            elif key not in self._wording:
                say(BLOCKING, "unknown_key", f"{key} is no issue of {self.facts.name}. Check the key.", key=key)
        return [key for key in sentence.keys if key in self._wording]

    def _facts_of(self, text: str, known: list[str], say: _Reporter, *, exactly: bool = True) -> None:
        """Numbers, dates, identifiers and addresses must be in the sources, letter by letter.

        `exactly` is for sentences with sources of their own: numbers in words count there too.
        """
        named = " and ".join(known) or "the release record"
        sources = [self._wording[key] for key in known]
        letters = " ".join(source.letters for source in sources)
        whole = " ".join(self._source[key] for key in known)
        said = wording.read(text)
        without_dates = self._dates(text, letters, named, say)
        self._version(text, letters, say)
        reported = {finding.quote for finding in say.findings}
        counted = self._counts(without_dates, say)
        for number in sorted(wording.numbers(wording.URL.sub(" ", without_dates))):
            if (
                number in self._record_numbers
                or number in counted
                or any(number in source.numbers for source in sources)
            ):
                continue
            if number in reported:
                continue
            say(BLOCKING, "number", f"The number {number} is not in {named}.", quote=number)
        self._units(without_dates, known, named, say)
        if known and exactly:
            self._in_words(without_dates, known, named, say)
        for name in sorted(said.identifiers):
            if name in letters or name in self._record.letters or name in reported:
                continue
            if wording.initials(text, name) in {word.lower() for word in re.findall(r"\b[A-Z]{2,6}\b", whole)}:
                continue
            say(BLOCKING, "identifier", f"“{name}” is not in {named}. Check the spelling or the source.", quote=name)
        for name, value in wording.settings_of(text).items():
            told = {wording.settings_of(self._source[key]).get(name) for key in known} - {None}
            if told and value not in told:
                say(
                    BLOCKING,
                    "value",
                    f"The sentence gives {name} the value {value}, {named} gives it "
                    f"{' or '.join(sorted(map(str, told)))}.",
                    quote=f"{name}={value}",
                )
        for url in sorted(said.urls):
            if url != self.facts.url and url.lower() not in letters:
                say(BLOCKING, "url", f"The address {url} is not in {named}.", quote=url)

    def _units(self, text: str, known: list[str], named: str, say: _Reporter) -> None:
        """A number of the source with another unit: 30 minutes for 30 seconds."""
        told: dict[str, set[str]] = {}
        for key in known:
            for number, unit in wording.measures(self._source[key]):
                told.setdefault(number, set()).add(unit)
        for number, unit in sorted(wording.measures(text)):
            others = told.get(number)
            if others and unit not in others:
                say(
                    BLOCKING,
                    "number",
                    f"{number} {unit} is not in {named}, which says {number} {' or '.join(sorted(others))}.",
                    quote=number,
                )

    def _in_words(self, text: str, known: list[str], named: str, say: _Reporter) -> None:
        """Numbers in words ("twice", "ten languages") that no source has, in words or digits."""
        sources = [self._source[key] for key in known]
        told = {value for source in sources for value, _ in wording.numbers_in_words(source)}
        plain = set(re.findall(r"[a-z]+", " ".join(sources).lower()))
        digits = {number.rstrip("%x") for key in known for number in self._wording[key].numbers} | self._record_numbers
        counted = {str(len(known))} | {
            str(size) for part in (text, *sources) for size in wording.lengths_of_lists(part)
        }
        letters = " ".join(sources).lower()
        if "duplicat" in letters:
            told.add("x2")
        for quote, unit in wording.single_units(text):
            if not re.search(rf"\b{unit}|\b{unit[0]}\b" if unit != "day" else r"\bda(?:y|il)", letters):
                say(WARNING, "number", f"“{quote}” is not in {named}.", quote=quote)
        for value, word in wording.numbers_in_words(text):
            if word.lower() not in plain and value not in told | digits | counted:
                say(WARNING, "number", f"“{word}” is a number that is not in {named}.", quote=word)

    def _dates(self, text: str, letters: str, named: str, say: _Reporter) -> str:
        """Check the dates and return the text without them."""
        told = wording.dates(letters)
        day = self.facts.release_date
        for spoken in wording.dates(text):
            text = text.replace(spoken.quote, " ")
            if day and spoken.fits(day):
                continue
            if any(
                (spoken.month, spoken.day) == (other.month, other.day) and spoken.year in (None, other.year)
                for other in told
            ):
                continue
            instead = f" (it is {day.isoformat()})" if day else " (Jira has none)"
            say(
                BLOCKING,
                "date",
                f"The date {spoken.quote} is neither the release date{instead} nor in {named}.",
                quote=spoken.quote,
            )
        self._months(text, letters, named, say)
        lowered = text.lower()
        for place, weekday in enumerate(_WEEKDAYS):
            if re.search(rf"\b{weekday}\b", lowered) and weekday not in letters and (not day or day.weekday() != place):
                say(BLOCKING, "date", f"{weekday.capitalize()} is not the weekday of the release date.", quote=weekday)
        return text

    def _months(self, text: str, letters: str, named: str, say: _Reporter) -> None:
        """Months, quarters and years from now, named without a day."""
        day = self.facts.release_date
        for quote, months in wording.periods(text):
            if quote.lower() in letters or (day and day.month in months):
                continue
            instead = f"; the release date is {day.isoformat()}" if day else ""
            say(BLOCKING, "date", f"“{quote}” is not in {named}{instead}.", quote=quote)
        near = wording.RELATIVE_DAY.search(text)
        if near and near[0].lower() not in letters:
            say(
                WARNING,
                "date",
                f"“{near[0]}” means another day to everyone who reads this later. Please write the date.",
                quote=near[0],
            )

    def _version(self, text: str, letters: str, say: _Reporter) -> None:
        """Another version of our own product, which no source names."""
        product = re.escape(self.facts.product)
        if not product:
            return
        for match in re.finditer(rf"\b{product}\s+(?:version\s+)?v?(\d+(?:\.\w+)*)", text, re.I):
            version = match[1]
            if self.facts.version.lower().lstrip("v").startswith(version.lower()) or version.lower() in letters:
                continue
            say(
                BLOCKING,
                "version",
                f"This mail is about {self.facts.name}; the sentence says {match[0]}.",
                quote=version.lower(),
            )

    def _counts(self, text: str, say: _Reporter) -> set[str]:
        """Counts of changes may be told: they are the release record's own. Returns the ones that are right."""
        right = set()
        for match in _COUNTED.finditer(text):
            number, what = int(match[1]), match[2].lower()
            if number in self.counts(what):
                right.add(match[1])
        return right

    def counts(self, what: str) -> set[int]:
        """How many issues a word such as "fixes" may stand for."""
        many = {
            kind: len(self.facts.of_kind(kind)) for kind in ("feature", "improvement", "fix", "security", "breaking")
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
        return {len(self.facts.issues)}

    def _sense_of(self, text: str, known: list[str], say: _Reporter) -> None:
        """What cannot be proved letter by letter: cover, better source, promises, the opposite."""
        if say.findings:
            return  # one clear fault says more than several guesses
        named = " and ".join(known)
        source_texts = [self._source[key] for key in known]
        said, told = wording.language(text), wording.language(" ".join(source_texts))
        if said and told and said != told:
            say(
                WARNING,
                "language",
                f"The sentence and {named} are in different languages; only names and numbers "
                "were compared. Please read both.",
            )
            return
        cover = self.cover(text, known)
        other, best = self._best_other(text, known)
        if other and best >= 0.5 and best - cover >= BETTER_BY:
            say(
                WARNING,
                "better_source",
                f"{other} ({self.facts.by_key[other].summary}) fits this sentence better than {named}.",
                key=other,
            )
        elif cover < LEAST_COVER:
            say(WARNING, "cover", f"Little of this is in {named}. Say it closer to the issue, or cite the right one.")
        else:
            added = self._added(text, known)
            if added:
                say(WARNING, "cover", f"Nothing of “{_short(added)}” is in {named}.", quote=added)
        promise = self._promises(text, known)
        if promise:
            say(WARNING, "claim", f"“{promise}” is a promise that {named} does not make.", quote=promise)
        name = self._strange_name(text, known)
        if name:
            say(WARNING, "name", f"“{name}” is not mentioned in {named}.", quote=name)
        told_against = meaning.reversed_clause(text, [part for key in known for part in self._statements(key)])
        if told_against:
            say(
                WARNING,
                "polarity",
                f"This seems to say the opposite of {named}: “{_short(told_against[1])}”.",
                quote=told_against[0],
            )
        else:
            self._turned_round(text, known, say)
        version = next(
            filter(None, (meaning.dropped_version(text, source, self.facts.version) for source in source_texts)), ""
        )
        if version:
            say(
                WARNING,
                "condition",
                f"{named} says this of {version} only, not of {self.facts.version}.",
                quote=version,
            )

    def _turned_round(self, text: str, known: list[str], say: _Reporter) -> None:
        """Further ways to say the opposite: a fault told as a fact, a word for its counterpart, new for old."""
        for key in known:
            issue = self.facts.by_key[key]
            fault = meaning.tells_fault(issue.summary, kind=issue.kind)
            if fault and meaning.repeats_fault(text, issue.summary):
                say(WARNING, "polarity", f"{key} reports this as a fault. Say that it is fixed.", key=key)
                return
        source = "\n".join(self._source[key] for key in known)
        told = [part for key in known for part in self._statements(key)]
        wishes = "\n".join(statement for statement, fault in told if not fault)
        faults = "\n".join(statement for statement, fault in told if fault)
        pair = opposites.mixed_up(text, source) or opposites.changed_over(text, wishes, source)
        if pair:
            say(
                WARNING,
                "mixed_up",
                f"The sentence says “{pair[0]}”, {' and '.join(known)} says “{pair[1]}”.",
                quote=pair[0],
            )
        elif opposites.exchanged(text, wishes, fault=faults):
            say(
                WARNING, "polarity", f"What is old and what is new seems to be exchanged against {' and '.join(known)}."
            )

    def _idle(self, text: str, known: list[str], say: _Reporter) -> None:
        """Issues that are cited and bear nothing: with enough of them every sentence would seem to rest on some."""
        if len(known) < 2 or say.findings:
            return
        if len(known) > MOST_SOURCES:
            say(
                WARNING,
                "sources",
                f"This sentence rests on {len(known)} issues at once, which nobody can compare. Please split it.",
            )
            return
        telling = self._telling(text)
        for key in known:
            if telling and not telling & self._wording[key].stems:
                say(WARNING, "sources", f"{key} adds nothing to this sentence. Take the key out.", key=key)

    def _added(self, text: str, known: list[str]) -> str:
        """A part of a sentence, or one of two things named together, of which the sources have nothing."""
        held = frozenset().union(*(self._wording[key].stems for key in known)) | self._abbreviated(text, known)
        for place, part in enumerate(meaning.pieces(text)):
            telling = self._telling(part)
            strange = telling - held
            if len(strange) >= 2 and (strange == telling or (place and len(strange) > len(telling) - len(strange))):
                return part.strip()
        for first, second in meaning.pairs(text):
            one, other = self._telling(first), self._telling(second)
            if one and other and one <= held and not other & held:
                return second
        return ""

    def _abbreviated(self, text: str, known: list[str]) -> frozenset[str]:
        """The stems of words that a source has as their initials, and of initials whose words a source has."""
        found: set[str] = set()
        for key in known:
            found |= wording.abbreviated(text, self._source[key])
        return frozenset(found)

    def cover(self, text: str, keys: Iterable[str]) -> float:
        """The share of the sentence's words, rare ones weighing more, that the issues have; 0 to 1."""
        keys = list(keys)
        total = shared = 0.0
        known = self._abbreviated(text, keys)
        for stem in self._telling(text):
            weight = self._weight(stem)
            total += weight
            if stem in known or any(stem in self._wording[key].stems for key in keys):
                shared += weight
        return shared / total if total else 1.0

    def _best_other(self, text: str, known: list[str]) -> tuple[str, float]:
        stems = self._telling(text)
        if len(stems) < 2:
            return "", 0.0
        scores: dict[str, float] = {}
        total = 0.0
        for stem in stems:
            weight = self._weight(stem)
            total += weight
            for key in self._holders.get(stem, ()):
                scores[key] = scores.get(key, 0.0) + weight
        said = wording.read(text)
        exact = (said.numbers - self._record_numbers) | said.identifiers
        ranked = sorted(((score, key) for key, score in scores.items() if key not in known), reverse=True)
        # An issue that lacks a number or name of the sentence cannot be its better source.
        for score, key in ranked:
            if not exact or all(name in self._source[key].lower() for name in exact):
                return key, score / total
        return "", 0.0

    def _telling(self, text: str) -> set[str]:
        """The stems that say something of this sentence and not of every sentence about the release."""
        plain = wording.PLACEHOLDER.sub(" ", text)
        return {
            stem for stem in wording.read(plain).stems if stem not in self._record.stems and stem not in _EMPTY_STEMS
        }

    def _weight(self, stem: str) -> float:
        return self._most - math.log(1 + len(self._holders.get(stem, ())))

    def _promises(self, text: str, known: list[str]) -> str:
        told = self._promised("").union(*(self._promised(key) for key in known))
        return next((claim.word for claim in meaning.claims(_COUNTED.sub(" ", text)) if claim.family not in told), "")

    def _promised(self, key: str) -> set[str]:
        """The families of promises that an issue bears out, looked for once; "" is the description of the release."""
        if key not in self._families:
            self._families[key] = meaning.families(self._source[key] if key else self.facts.description)
        return self._families[key]

    def _strange_name(self, text: str, known: list[str]) -> str:
        """A name in mid-sentence that no source mentions. German writes every noun like a name, so not there."""
        if wording.language(text) == "de":
            return ""
        letters = " ".join(self._wording[key].letters for key in known) + " " + self._record.letters
        stems = {stem for key in known for stem in self._wording[key].stems}
        short = self._abbreviated(text, known)
        for match in re.finditer(r"(?<=[a-z0-9,)] )[A-Z][\w+#]{2,}", wording.PLACEHOLDER.sub(" ", text)):
            word = match[0].lower()
            if word in letters or wording.stem(word) in stems or word in _CALENDAR or word in wording.STOP_WORDS:
                continue
            if word in short:
                continue
            return match[0]
        return ""

    def _statements(self, key: str) -> list[tuple[str, bool]]:
        issue = self.facts.by_key[key]
        return [(issue.summary, meaning.tells_fault(issue.summary, kind=issue.kind)), (issue.note, False)]

    def _leaks(self, text: str, known: list[str], say: _Reporter) -> None:
        """Text about an issue that was kept out, under the key of another one or of none."""
        stems = self._telling(text)
        if len(stems) < 3:
            return
        for key, words in self._excluded.items():
            shared = stems & words.stems
            if len(shared) >= 3 and len(shared) >= 0.75 * len(stems) and self.cover(text, known) < 0.6:
                say(
                    BLOCKING,
                    "leak",
                    f"This tells of {key}, which is kept out of client mail "
                    f"({self.facts.excluded_by_key[key].reason or 'not for clients'}).",
                    key=key,
                )
                return

    def _uncited(self, text: str, block: str, say: _Reporter) -> None:
        """Without a source a sentence may greet, name the release and its date, ask one thing or say good-bye."""
        self._leaks(text, [], say)
        if block not in UNCITED_BLOCKS:
            say(BLOCKING, "uncited", "This sentence names no issue. Add the key of the issue that it rests on.")
            return
        self._facts_of(text, [], say)
        if any(finding.blocks for finding in say.findings):
            return
        if wording.language(text) not in ("en", ""):
            say(
                WARNING,
                "uncited",
                "This sentence names no issue and is not in English; please check that it states "
                "nothing but the release and its date.",
            )
            return
        promise = self._promises(_POLITE.sub(" ", text), [])
        if promise:
            say(
                BLOCKING,
                "uncited",
                f"“{promise}” is a promise without a source. Name an issue or take it out.",
                quote=promise,
            )
            return
        stems = wording.content_stems(wording.PLACEHOLDER.sub(" ", text))
        foreign = [
            stem
            for stem in stems
            if stem not in _STOCK_STEMS
            and stem not in self._record.stems
            and stem not in _EMPTY_STEMS
            and stem not in _CALENDAR_STEMS
        ]
        kind = uncited.kind_of(text, release=self.facts.name, product=self.facts.product)
        if len(foreign) > len(stems) // 5 or not kind:
            say(
                BLOCKING,
                "uncited",
                "This sentence says more than the release and its date and names no issue. Add "
                "the key of the issue that it rests on.",
            )


class _Reporter:
    """Collects the findings of one sentence."""

    def __init__(self, block: str, index: int, text: str) -> None:
        self._base = Finding(WARNING, "", block, index, "", text=text)
        self.findings: list[Finding] = []

    def __call__(self, level: str, rule: str, message: str, *, key: str = "", quote: str = "") -> None:
        self.findings.append(replace(self._base, level=level, rule=rule, message=message, key=key, quote=quote))


_EMPTY_STEMS = frozenset(
    map(
        wording.stem,
        wording.words(
            "release released version available fixed fix new change changed coming now longer thing things case cases "
            "work come go fall lie stay run take put become happen occur seem want treat elsewhere today"
        ),
    )
)
_CALENDAR = wording.words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december"
)
_CALENDAR_STEMS = frozenset(map(wording.stem, _CALENDAR))


def source_text(issue: Issue) -> str:
    """All of an issue that a sentence may rest on."""
    return "\n".join(
        part for part in (issue.summary, issue.note, issue.description, " ".join(issue.components)) if part
    )


_kept: dict[Facts, Checker] = {}


def keep(judge: Checker) -> None:
    """Let `checker` give this one for its facts: somebody made it from words that were kept."""
    while len(_kept) >= 16:
        _kept.pop(next(iter(_kept)), None)
    _kept[judge.facts] = judge


@lru_cache(maxsize=16)
def checker(facts: Facts) -> Checker:
    """The checker of some facts, kept: a page is saved many times against one snapshot."""
    return _kept.get(facts) or Checker(facts)


def check(text: DraftText, facts: Facts | Mapping[str, Any]) -> list[Finding]:
    """What is wrong with the sources of a mail. `facts` as read, or as the snapshot's JSON."""
    return checker(facts if isinstance(facts, Facts) else Facts.from_json(facts)).check(text)


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:87].rsplit(" ", 1)[0] + "…"
