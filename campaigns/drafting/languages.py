"""Which language a text is in, as far as its most frequent words tell."""

from __future__ import annotations

import re
from functools import lru_cache

from campaigns.drafting.tokens import CJK, WORD, words

_GERMAN = words(
    "der die das und ist nicht mit ein eine einen einem einer eines für wird werden wurde wurden auf von den dem des "
    "im zu auch bei aus nach am zum zur vom beim neue neuen neuer erscheint steht sich als kann können muss müssen "
    "sie wir jetzt behoben wenn oder über mehr keine kein nur noch ihre ihren unter zwischen ohne durch dass sind"
)
_ENGLISH = words(
    "the and is not with a for will be on of to also at from after can you we now this that are it no has have when "
    "by or into their which been does"
)


def share_of(language: str, words: list[str]) -> float:
    """The share of some words that are among the most frequent of a language ("en" or "de"), 0 to 1."""
    frequent = {"en": _ENGLISH, "de": _GERMAN}.get(language, frozenset())
    return sum(word.lower() in frequent for word in words) / len(words) if words else 0.0


@lru_cache(maxsize=8192)
def language(text: str) -> str:
    """A guess: "cjk", "de", "en", or "" when there is too little to tell."""
    if len(re.findall(rf"[{CJK}]", text)) * 3 > len(text.replace(" ", "")):
        return "cjk"
    words = [word.lower() for word in WORD.findall(text)]
    german, english = sum(word in _GERMAN for word in words), sum(word in _ENGLISH for word in words)
    # A sentence of three words may have none of the frequent ones, but an umlaut.
    if german > english or (german == english and any(letter in "äöüß" for letter in text.lower())):
        return "de"
    return "en" if english else ""


def surely(text: str) -> str:
    """The language of one sentence where there is no doubt, else ""; names and code speak for none."""
    guess = language(text)
    spoken = [word.lower() for word in WORD.findall(text)]
    if guess == "cjk":
        return guess
    frequent, other = (_GERMAN, _ENGLISH) if guess == "de" else (_ENGLISH, _GERMAN)
    sure = sum(word in frequent for word in spoken) >= 2 and not any(word in other - frequent for word in spoken)
    return guess if guess and sure and len(spoken) >= 5 else ""


_OTHERS = words(
    "les des une dans pour avec sur est sont aux du qui el los las con por una para del che della gli il sono het een "
    "voor niet van og ikke det som nie jest się na dla não uma os em"
)
_WITH_COMMA = (
    _GERMAN
    | _OTHERS
    | words(
        "bis maximal höchstens mindestens dateien zeilen neuer um je pro le la et au ce cette vous nous votre jusqu "
        "peut peuvent plus contient exporte fichiers lignes de hasta puede pueden como líneas filas archivos fino più "
        "righe regels bestanden linhas arquivos até"
    )
) - _ENGLISH


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


#: What a language writes before the decimals of a number.
POINT, COMMA = ".", ","


@lru_cache(maxsize=8192)
def decimal_mark(text: str) -> str:
    """What the language of a text writes before decimals; "" when there is too little to tell."""
    spoken = [word.lower() for word in WORD.findall(text)]
    english = sum(word in _ENGLISH - _GERMAN for word in spoken)
    others = sum(word in _WITH_COMMA for word in spoken)
    if english != others:
        return POINT if english > others else COMMA
    if re.search(f"[{CJK}]", text) and not others:
        return POINT
    return COMMA if re.search(r"[äöüßéèêàçñãõ\u0400-\u04ff]", text, re.I) and not english else ""
