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


_SIGN = re.compile(rf"[{CJK}]")


def _mostly_signs(text: str, signs: int) -> bool:
    """Whether signs outweigh the words of our letters; names, numbers and versions among them speak for nothing."""
    spoken = [word for word in WORD.findall(text) if word.islower()]
    return 2 * len(spoken) < signs and not any(word in _ENGLISH or word in _GERMAN for word in spoken)


def share_of(language: str, words: list[str]) -> float:
    """The share of some words that are among the most frequent of a language ("en" or "de"), 0 to 1."""
    frequent = {"en": _ENGLISH, "de": _GERMAN}.get(language, frozenset())
    return sum(word.lower() in frequent for word in words) / len(words) if words else 0.0


@lru_cache(maxsize=8192)
def language(text: str) -> str:
    """A guess: "cjk", "de", "en", or "" when there is too little to tell."""
    signs = len(_SIGN.findall(text))
    if signs * 3 > len(text.replace(" ", "")) or (signs > 3 and _mostly_signs(text, signs)):
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


_GREETINGS = words(
    "hallo guten liebe lieber grüße danke vielen bonjour bonsoir merci cordialement chers chères salutations hola "
    "gracias saludos estimado estimada estimados buenos buenas queridos ciao buongiorno grazie saluti olá obrigado "
    "obrigada bom prezados geachte beste bedankt groeten hej dzień dobry dziękujemy"
)
_LETTER_OF_OTHERS = re.compile(r"[^\W\d_a-z]")


def reads_foreign(text: str) -> bool:
    """Whether a sentence is in another language than English, as far as its words tell, however short it is.

    Unlike `is_foreign` it goes by greetings and letters too, where no word of English speaks against them.
    """
    if language(text) not in ("en", "") or is_foreign(text):
        return True
    spoken = [word.lower() for word in WORD.findall(text)]
    if any(word in _ENGLISH - _WITH_COMMA for word in spoken):
        others = sum(word in _FRENCH_OR_SPANISH for word in spoken)
        return others > sum(word in _ENGLISH for word in spoken)
    if any(word in _GREETINGS or word in _FRENCH_OR_SPANISH for word in spoken):
        return True
    return bool(spoken) and 3 * sum(bool(_LETTER_OF_OTHERS.search(word)) for word in spoken) >= len(spoken)


_FRENCH_OR_SPANISH = words(
    "le la les des une du au aux et est sont dans pour avec sur vous nous votre notre vos ce cette qui que sera par "
    "el los las una del para por con su sus esta este será usted nosotros sobre llega disponible el y"
)

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
