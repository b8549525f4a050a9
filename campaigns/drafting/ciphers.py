"""English behind a cipher that anybody can read: shifted alphabets such as rot13, and text from back to front."""

from __future__ import annotations

import string
from functools import lru_cache

from campaigns.drafting.tokens import WORD, words

# Frequent enough that two of them in a handful of words are no accident.
_FREQUENT = words(
    "the and not with for will from after can you we now this that are has have been our your they all is it of to in"
)
_LETTERS = string.ascii_lowercase
_SHIFTED = [str.maketrans(_LETTERS, _LETTERS[by:] + _LETTERS[:by]) for by in range(1, 26)]


@lru_cache(maxsize=8192)
def read(text: str) -> str:
    """What a text, or a part of it, says when the cipher is taken off; "" when there is none."""
    if not text.isascii():
        return ""
    runs: list[list[str]] = [[]]
    for word in WORD.findall(text.lower()):
        # Open English ends a run.
        if word in _FREQUENT:
            runs.append([])
        else:
            runs[-1].append(word)
    return next(filter(None, (_read(run) for run in runs if len(run) >= 4)), "")


def _read(run: list[str]) -> str:
    plain = " ".join(run)
    # One word in four at least, as in any English sentence; short ones come up by chance.
    least = max(2, -(-len(run) // 4))
    for version in (plain[::-1], *(plain.translate(table) for table in _SHIFTED)):
        found = [word for word in version.split() if word in _FREQUENT]
        if len(found) >= least and len(set(found)) > 1 and any(len(word) > 2 for word in found):
            return version
    return ""
