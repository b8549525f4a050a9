"""One word in the place of another: "letter spacing" where the source says "line spacing", "per user" for "per site".

Only a word that the source lacks altogether can stand in the place of one, and only when that one is missing from the
sentence. English only.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from campaigns.drafting.relations import may_be_verb
from campaigns.drafting.stems import STOP_WORDS, stem
from campaigns.drafting.tokens import words

_CUT = re.compile(r"[.;!?](?:\s|$)|:(?:\s(?!\d)|$)|,\s|\n|[()]|\s(?:and|or)\s", re.I)
_WORD_OR_NUMBER = re.compile(
    r"\d+(?:\.\w+)*|\b(?!(?i:to|of|the|a|an|is|are|now|at|with|within|for|from|in|by|per|up)\b)[A-Za-z][\w'-]*"
)
_WORD = re.compile(r"[A-Za-z][\w.'#]*\w|[A-Za-z]|[.,;:!?()\n]")
# Words that say how, which or when without changing what is meant, so that one stands for another in paraphrases.
_PLAIN = words("""
new old own whole full first last next former current right wrong correct proper properly certain different single
separate several many few large big small long short high low very real actual simple plain possible available used
given longer always never again user users customer customers client clients person people thing things part parts kind
sort type way place time moment end start beginning number amount set list group version release update method function
instead existing third rd second minute hour day week month year seconds minutes hours days weeks months years two three
four five six seven eight nine ten cannot
""")

PLAIN_STEMS = frozenset(map(stem, _PLAIN))


def taken(sentence: str, source: str, held: frozenset[str]) -> tuple[str, str] | None:
    """A word of the sentence in the place of another of the source, and that one; `held` are the source's stems."""
    spoken = frozenset(stem(word.lower()) for word in _WORD.findall(sentence))
    for pairs in (_compounds, _behind):
        for place, said in pairs(sentence):
            if not _may_differ(said) or stem(said) in held:
                continue
            # Where the source also has the thing by itself, a word before it only says more.
            there = _by_place(pairs(source)).get(place, [])
            if not there or len(there) < _times(source)[place]:
                continue
            for told in there:
                if _may_differ(told) and stem(told) not in spoken:
                    return said, told
    return None


@lru_cache(maxsize=1024)
def _times(text: str) -> Counter[str]:
    return Counter(stem(word.lower()) for word in _WORD.findall(text.replace("-", " ")))


@lru_cache(maxsize=1024)
def _by_place(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place, word in pairs:
        found.setdefault(place, []).append(word)
    return found


def number_of_another(sentence: str, source: str) -> tuple[str, str] | None:
    """A number beside a thing that has another number in the source: "a 5.1 client" for a client of 4.16."""
    said, told = _beside(sentence), _beside(source)
    for number, things in said.items():
        if number not in told or not things or things & told[number]:
            continue
        others = [other for other, theirs in told.items() if other != number and things <= theirs - told[number]]
        if others:
            return number, others[0]
    return None


@lru_cache(maxsize=4096)
def _beside(text: str) -> dict[str, frozenset[str]]:
    """Each number with the stems of the words that carry meaning right before and right behind it."""
    found: dict[str, frozenset[str]] = {}
    for clause in _CUT.split(text):
        spoken = [word.lower() for word in _WORD_OR_NUMBER.findall(clause)]
        for place, word in enumerate(spoken):
            if word[0].isdigit():
                near = spoken[max(0, place - 1) : place] + spoken[place + 1 : place + 2]
                # "5 to 10": the next number is no thing.
                things = {
                    stem(other)
                    for other in near
                    if other[0].isalpha() and stem(other) not in PLAIN_STEMS and other not in STOP_WORDS
                }
                if place and spoken[place - 1][0].isdigit():
                    # "A reader from 2.1 to 2.2": both are the reader's.
                    things |= found.get(spoken[place - 1], frozenset())
                found[word] = found.get(word, frozenset()) | things
    return found


def _may_differ(word: str) -> bool:
    """Whether a word names a thing, so that another in its place means something else."""
    endings = ("ing", "ed", "ly", "est")
    return word.isalpha() and word not in _PLAIN and not may_be_verb(word) and not word.endswith(endings)


@lru_cache(maxsize=4096)
def _compounds(text: str) -> tuple[tuple[str, str], ...]:
    """Each stem with the word right before it, where both carry meaning."""
    spoken = _WORD.findall(text.replace("-", " "))
    return tuple(
        (stem(behind.lower()), word.lower())
        for word, behind in pairwise(spoken)
        # Names out of code are looked at letter by letter.
        if (word[1:].islower() or word.isupper()) and behind[0].isalpha()
        and not {word.lower(), behind.lower()} & STOP_WORDS and not may_be_verb(behind.lower())
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _behind(text: str) -> tuple[tuple[str, str], ...]:
    """Prepositions that count by something, with the word right behind them."""
    lowered = text.lower()
    found = re.findall(r"\b(per)\s+([a-z][\w-]*)", lowered)
    # "Marked in red", "checked on logout": the same verb with the same preposition.
    found += [
        (f"{stem(match['verb'])} {match['how']}", match["what"])
        for match in _AFTER_VERB.finditer(text)
        if match["verb"] not in STOP_WORDS
    ]
    return tuple((before, word) for before, word in found if word not in STOP_WORDS)


_AFTER_VERB = re.compile(
    r"\b(?P<verb>[a-z]{3,}) (?P<how>in|on|to|from|by|as|at|into|onto|with|for)"
    r"(?= (?:(?:the|an?|your|their|its|all|any) )?(?P<what>[a-z]+)(?!\w|[.-]\w))"
)
