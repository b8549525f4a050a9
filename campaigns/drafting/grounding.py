"""Does each sentence rest on the issues that it cites? Runs on every save, on human text as on model text.

Blocking: an unknown or excluded key, a known problem told as if it had shipped or were fixed, a number, version, date,
identifier or address that the cited issues and the release record lack, a statement without a source. Warning:
promises, the opposite, few shared words, a better source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from campaigns.drafting import known_problems, literal, sense, slots, stock_sentences, uncited
from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import BLOCKING, WARNING, Finding, Reporter, shortened
from campaigns.drafting.languages import language
from campaigns.drafting.sources import CALENDAR_STEMS, Sources
from campaigns.drafting.stems import EMPTY_STEMS, content_stems
from campaigns.drafting.text import DraftText, Sentence
from campaigns.drafting.tokens import PLACEHOLDER, WORD

#: Sentences of the drafter by rules that say no more than that their issues are breaking changes.
_SAYS_ONLY_THAT = re.compile(
    r"(?:Something changes that you may rely on(?:: [^.]{1,60})?"
    r"|Before you update, check whether you use what changes here"
    r"|(?P<list>Further changes that you may rely on: [^!?]{1,600}))\."
)


_PARTS = re.compile(r"[,:;.!?]\s|\s(?:and|with|or)\s")


class Checker:
    """The facts of one release, prepared once, against which any number of sentences can be held.

    `stems` are those of `sources.stems_of`, when somebody kept them.
    """

    def __init__(self, facts: Facts, stems: Mapping[str, Iterable[str]] | None = None) -> None:
        self.facts = facts
        self.sources = Sources(facts, stems)

    def cover(self, text: str, keys: Iterable[str]) -> float:
        """The share of the sentence's words, rare ones weighing more, that the issues have; 0 to 1."""
        return self.sources.cover(text, keys)

    def check(self, text: DraftText) -> list[Finding]:
        """Everything that is wrong with a mail, in the order of the text."""
        findings = self._head("subject", text.subject, text.keys()) + self._head(
            "preheader", text.preheader, text.keys()
        )
        for block, index, sentence in text.sentences():
            findings += self.check_sentence(sentence, block=block, index=index)
        return findings + self._in_other_languages(text)

    def check_sentence(self, sentence: Sentence, *, block: str = "highlights", index: int = 0) -> list[Finding]:
        """Everything that is wrong with one sentence."""
        say = Reporter(block, index, sentence.text)
        known = self._keys(sentence, say)
        if sentence.keys:
            if known:
                literal.check(sentence.text, known, say, self.sources)
                known_problems.check(sentence.text, known, block, say, self.sources)
                plain = _SAYS_ONLY_THAT.fullmatch(sentence.text)
                if not plain or (plain["list"] and self.cover(sentence.text, known) < 2 * sense.LEAST_COVER - 0.2):
                    sense.check(sentence.text, known, say, self.sources)
                    sense.idle(sentence.text, known, say, self.sources)
                if (
                    stock_sentences.says_nothing_to_do(sentence.text)
                    and not stock_sentences.is_limited(sentence.text)
                    and not any(stock_sentences.says_nothing_to_do(self.sources.texts[key]) for key in known)
                ):
                    uncited.nothing_to_do(say, self.sources)
            self._leaks(sentence.text, known, say)
        else:
            self._leaks(sentence.text, [], say)
            known_problems.check(sentence.text, [], block, say, self.sources)
            uncited.check(sentence.text, block, say, self.sources)
        return say.findings

    def _in_other_languages(self, text: DraftText) -> list[Finding]:
        """What could not be compared for its language: told once for the mail, for all of its sentences."""
        across, unsourced = [], []
        names = self.facts.name, self.facts.product
        for block, _, sentence in text.sentences():
            known = [key for key in sentence.keys if key in self.sources.wording]
            if known and sense.crosses(sentence.text, known, self.sources):
                across.append(f"“{shortened(sentence.text, 50)}” ({', '.join(known)})")
            elif not sentence.keys and block in uncited.BLOCKS and uncited.is_foreign(sentence.text, *names):
                unsourced.append(f"“{shortened(sentence.text, 50)}”")
        found = []
        if across:
            message = (
                f"{_so_many(across)} in another language than the cited issues; only names, numbers and dates were "
                f"compared. Please read both: {'; '.join(across)}."
            )
            found.append(Finding(WARNING, "language", "mail", 0, message, quote="; ".join(across)))
        if unsourced:
            message = (
                f"{_so_many(unsourced)} in a language whose words are not known here, and without an issue. Please "
                f"check that no more is said than the release and its date: {'; '.join(unsourced)}."
            )
            found.append(Finding(WARNING, "uncited_language", "mail", 0, message, quote="; ".join(unsourced)))
        return found

    def _head(self, block: str, text: str, keys: Iterable[str]) -> list[Finding]:
        """Subject and preheader cite nothing themselves: they may say what the mail's own sources say.

        Known problems are none of these: what stands there reads as what the release brings.
        """
        say = Reporter(block, 0, text)
        known = [key for key in keys if key in self.facts.by_key]
        known_problems.check(text, known, block, say, self.sources)
        literal.check(text, known, say, self.sources, exactly=False)
        self._leaks(text, known, say)
        unknown = self._unknown_in_head(text, known)
        if unknown:
            say(
                WARNING,
                "cover",
                f"“{' '.join(unknown)}” is in no issue that the mail cites. Please check that it is true.",
                quote=" ".join(unknown),
            )
        if stock_sentences.says_nothing_to_do(text):
            uncited.nothing_to_do(say, self.sources)
        promises = sense.promises(text, known, self.sources)
        if promises:
            say(WARNING, "claim", f"“{promises}” is a promise that no cited issue makes.", quote=promises)
        return say.findings

    def _unknown_in_head(self, text: str, known: list[str]) -> list[str]:
        """Words of a subject or preheader that no cited issue and no record has, nor one issue for a whole part."""
        plain = PLACEHOLDER.sub(" ", text)
        if language(plain) not in ("en", "") or uncited.is_foreign(text, self.facts.name, self.facts.product):
            return []
        stock = uncited.STOCK_STEMS | self.sources.record.stems | EMPTY_STEMS | CALENDAR_STEMS | slots.PLAIN_STEMS
        cited = stock.union(self.sources.abbreviated(plain, known), *(self.sources.wording[key].stems for key in known))
        unknown = []
        for part in _PARTS.split(plain):
            words = [word for word in WORD.findall(part) if any(one not in cited for one in content_stems(word))]
            missing = {one for word in words for one in content_stems(word)} - stock
            # What the body leaves out may be named, when it is one issue's own.
            if words and not self.sources.held_by_one(missing):
                unknown += words
        return unknown

    def _keys(self, sentence: Sentence, say: Reporter) -> list[str]:
        for key in sentence.keys:
            if key in self.facts.excluded_by_key:
                reason = self.facts.excluded_by_key[key].reason or "not for clients"
                say(
                    BLOCKING,
                    "excluded_key",
                    f"{key} is kept out of client mail ({reason}). Take the sentence out or cite another issue.",
                    key=key,
                )
            elif key not in self.sources.wording:
                say(BLOCKING, "unknown_key", f"{key} is no issue of {self.facts.name}. Check the key.", key=key)
        return [key for key in sentence.keys if key in self.sources.wording]

    def _leaks(self, text: str, known: list[str], say: Reporter) -> None:
        """Text about an issue that was kept out, under the key of another one or of none."""
        stems = self.sources.telling(text)
        if len(stems) < 3:
            return
        for key, words in self.sources.excluded.items():
            shared = stems & words
            if len(shared) >= 3 and len(shared) >= 0.75 * len(stems) and self.cover(text, known) < 0.6:
                say(
                    BLOCKING,
                    "leak",
                    f"This tells of {key}, which is kept out of client mail "
                    f"({self.facts.excluded_by_key[key].reason or 'not for clients'}).",
                    key=key,
                )
                return


def _so_many(sentences: list[str]) -> str:
    return "One sentence is" if len(sentences) == 1 else f"{len(sentences)} sentences are"


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
