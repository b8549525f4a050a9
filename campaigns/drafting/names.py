"""Names out of code and configuration in a text, and the values that it gives them."""

from __future__ import annotations

import re

from campaigns.drafting.tokens import PLACEHOLDER

_TOKEN = re.compile(r"[^\s,;!?\"“”‘’<>|\[\]{}]+")


def identifiers(text: str) -> set[str]:
    """Names out of code or configuration, in small letters: dotted, with underscores, calls, flags, log4j."""
    found = set()
    for token in _TOKEN.findall(PLACEHOLDER.sub(" ", text)):
        if re.fullmatch(r"--[a-z][\w-]+[.,:;]?", token):
            found.add(token.rstrip(".,:;").lower())
            continue
        # A word that is called is a name, whatever it looks like: round().
        if "()" in token:
            found.update(name.lower() for name in re.findall(r"(?<!\w)([A-Za-z_]\w*)\(\)", token))
        for part in re.split(r"[=()/]|-(?=[A-Za-z])|(?<=[A-Za-z])-", token):
            part = part.strip(".,:;'`*\"…-~+")
            if _is_identifier(part):
                found.add(part.lower())
    return found


_LETTER = re.compile(r"[A-Za-z]")
_NUMBER_OR_VERSION = re.compile(r"(?i:v?\d+(?:[.,]\d+)*\.?(?:x|[A-Z]{1,7}\d*)?%?)|[a-z]?\d+s?")
_ABBREVIATION = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]?")  # e.g. and i.e
_DOT_BETWEEN_WORDS = re.compile(r"[A-Za-z]{2}\.[A-Za-z]{2}")
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
    # Each begins where no other name goes on: a text of one long word is looked through once.
    pairs = re.findall(r"(?<![\w.#-])([A-Za-z_][\w.#-]*)\s?=\s?[\"'`]?([\w.-]*\w)", text)
    pairs += re.findall(
        r"(?<![\w.])([A-Z][A-Z0-9]*_[A-Z0-9_]+|\w+\.\w+(?:\.\w+)+)\s+(?:is\s+|be\s+)?(?:set\s+|now\s+)?to\s+"
        r"[\"'`]?(true|false|on|off|\d+)\b",
        text,
    )
    return {name.lower(): value.lower() for name, value in pairs}


def initials(text: str, name: str) -> str:
    """The first letters of the humps of a name as the text spells it: npe for NullPointerException."""
    spelt = re.search(re.escape(name), text, re.I)
    return "".join(re.findall(r"[A-Z]", spelt[0])).lower() if spelt else ""
