"""Which language a text is in, as far as its most frequent words tell."""

from __future__ import annotations

import re
from functools import lru_cache

from campaigns.drafting.tokens import CJK, WORD, words

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
    if len(re.findall(rf"[{CJK}]", text)) * 3 > len(text.replace(" ", "")):
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
