"""The smallest pieces of a text: words of any script, addresses, place holders."""

from __future__ import annotations

import re
from collections.abc import Iterable

CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'\])}|]+|\bwww\.[^\s<>\"'\])}|]+", re.I)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PLACEHOLDER = re.compile(r"\{\{\s*\w+\s*\}\}")
# Letters of any script that are no small ones begin a sentence: Ü and П as well as A, and what has no capitals.
_SMALL = "".join(letter for letter in map(chr, range(0x61, 0x2000)) if letter.islower())
SENTENCE_END = re.compile(rf"(?<=[.!?])\s+(?=(?![{_SMALL}])[^\W\d_]|[(\"“`])|(?<=[。！？])|\n+")
WORD = re.compile(rf"[^\W\d_{CJK}]+(?:['’][^\W\d_{CJK}]+)*")


def words(text: str) -> frozenset[str]:
    """A set written as a line of prose."""
    return frozenset(text.split())


#: No letter or digit before it, behind it; a script without spaces has no ends of words and stands beside anything.
NO_LETTER_BEFORE, NO_LETTER_BEHIND = rf"(?<![^\W{CJK}])", rf"(?![^\W{CJK}])"


def standing(names: Iterable[str]) -> str:
    """A pattern for any of some names where it stands alone; "" for none."""
    spaced, unspaced = list[str](), list[str]()
    for name in names:
        if name:
            (unspaced if re.search(f"[{CJK}]", name) else spaced).append(re.escape(name))
    parts = [rf"{NO_LETTER_BEFORE}(?:{'|'.join(spaced)}){NO_LETTER_BEHIND}"] if spaced else []
    return "|".join([*parts, *unspaced])
