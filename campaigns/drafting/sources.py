"""The issues of one release as the checks see them, prepared once: their words, how rare these are, who has which."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from campaigns.drafting import kinship, promises, summaries, wording
from campaigns.drafting.facts import Facts, Issue
from campaigns.drafting.stems import EMPTY_STEMS, abbreviated, stem
from campaigns.drafting.stems import stems_of as stems_of_text
from campaigns.drafting.tokens import PLACEHOLDER, words

CALENDAR = words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december"
)
CALENDAR_STEMS = frozenset(map(stem, CALENDAR))


def source_text(issue: Issue) -> str:
    """All of an issue that a sentence may rest on."""
    return "\n".join(
        part for part in (issue.summary, issue.note, issue.description, " ".join(issue.components)) if part
    )


def stems_of(facts: Facts) -> dict[str, list[str]]:
    """The stems of each issue: the costly part of preparing a release, which can be done once and kept."""
    return {key: stems_of_text(source_text(issue)) for key, issue in facts.citable.items()}


class _Wordings(Mapping[str, wording.Wording]):
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


class Sources:
    """What sentences about one release may rest on. `stems` are those of `stems_of`, when somebody kept them."""

    def __init__(self, facts: Facts, stems: Mapping[str, Iterable[str]] | None = None) -> None:
        self.facts = facts
        self.texts = {key: source_text(issue) for key, issue in facts.citable.items()}
        self.wording = _Wordings(self.texts)
        self._families: dict[str, set[str]] = {}
        self.excluded = {issue.key: frozenset(stems_of_text(issue.summary)) for issue in facts.excluded}
        self.problems = {issue.key: frozenset(stems_of_text(issue.summary)) for issue in facts.problems}
        self._letters: dict[str, str] = {}
        self._holders: dict[str, list[str]] = {}
        for key, found in (stems_of(facts) if stems is None else stems).items():
            for one in found:
                self._holders.setdefault(one, []).append(key)
        self._most = math.log(1 + len(self.wording)) + 1
        record = f"{facts.product} {facts.product_key} {facts.version} {facts.name} {facts.description}"
        self.record = wording.read(record)
        day = facts.release_date
        self.record_numbers = self.record.numbers | ({str(day.year)} if day else set())

    def cover(self, text: str, keys: Iterable[str]) -> float:
        """The share of the sentence's words, rare ones weighing more, that the issues have; 0 to 1."""
        keys = list(keys)
        total = shared = 0.0
        known = self.abbreviated(text, keys)
        for one in self.telling(text):
            weight = self._weight(one)
            total += weight
            if one in known or any(one in self.wording[key].stems for key in keys):
                shared += weight
        return shared / total if total else 1.0

    def covered(self, text: str, keys: Iterable[str]) -> float:
        """The same when words that may stand for one another are taken for the same."""
        telling = self.telling(text)
        total = sum(map(self._weight, telling))
        return sum(map(self._weight, telling & self.held(text, keys))) / total if total else 1.0

    def held(self, text: str, keys: Iterable[str]) -> frozenset[str]:
        """The stems of some issues, with those of a text that are spelt or said in another way there."""
        keys = list(keys)
        stems = frozenset[str]().union(*(self.wording[key].stems for key in keys))
        return stems | self.abbreviated(text, keys) | kinship.related(frozenset(self.telling(text)), stems)

    def best_other(self, text: str, known: list[str], *, least: float = 0.0) -> tuple[str, float]:
        """The issue beside the cited ones that has most of the sentence, and how much; "" when none can be meant.

        One that has less than `least` of it is not looked for.
        """
        stems = self.telling(text)
        if len(stems) < 2:
            return "", 0.0
        scores: dict[str, float] = {}
        total = 0.0
        for one in stems:
            weight = self._weight(one)
            total += weight
            for key in self._holders.get(one, ()):
                scores[key] = scores.get(key, 0.0) + weight
        said = wording.read(text)
        exact = (said.numbers - self.record_numbers) | said.identifiers
        enough = least * total
        ranked = sorted(
            ((score, key) for key, score in scores.items() if score >= enough and key not in known), reverse=True
        )
        # An issue that lacks a number or name of the sentence cannot be its better source.
        for score, key in ranked:
            if not exact or all(name in self._in_small_letters(key) for name in exact):
                return key, score / total
        return "", 0.0

    def held_by_one(self, stems: Iterable[str]) -> bool:
        """Whether one issue of the release has all of some stems."""
        holders = [frozenset(self._holders.get(one, ())) for one in stems]
        return bool(holders and frozenset(self.facts.by_key).intersection(*holders))

    def _in_small_letters(self, key: str) -> str:
        if key not in self._letters:
            self._letters[key] = self.texts[key].lower()
        return self._letters[key]

    def telling(self, text: str) -> set[str]:
        """The stems that say something of this sentence and not of every sentence about the release."""
        plain = PLACEHOLDER.sub(" ", text)
        return set(wording.read(plain).stems - self.record.stems - EMPTY_STEMS)

    def _weight(self, one: str) -> float:
        return self._most - math.log(1 + len(self._holders.get(one, ())))

    def abbreviated(self, text: str, known: list[str]) -> frozenset[str]:
        """The stems of words that a source has as their initials, and of initials whose words a source has."""
        found: set[str] = set()
        for key in known:
            found |= abbreviated(text, self.texts[key])
        return frozenset(found)

    def promised(self, key: str) -> set[str]:
        """The families of promises that an issue bears out, looked for once; "" is the description of the release."""
        if key not in self._families:
            self._families[key] = promises.families(self.texts[key] if key else self.facts.description)
        return self._families[key]

    def statements(self, key: str) -> list[tuple[str, bool]]:
        """What the issue says, each with whether it tells a fault that is mended now."""
        issue = self.facts.citable[key]
        if key in self.facts.problems_by_key:
            return [(issue.summary, False), (issue.note, False)]
        return [(issue.summary, summaries.tells_fault(issue.summary, kind=issue.kind)), (issue.note, False)]
