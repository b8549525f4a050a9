"""One text taken apart: its stems, names, numbers and addresses, ready to be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting.figures import numbers
from campaigns.drafting.names import identifiers
from campaigns.drafting.stems import content_stems
from campaigns.drafting.tokens import URL


@dataclass(frozen=True)
class Wording:
    """What one text is made of, ready to be compared."""

    stems: frozenset[str]
    identifiers: frozenset[str]
    numbers: frozenset[str]
    urls: frozenset[str]
    letters: str


@lru_cache(maxsize=8192)
def read(text: str) -> Wording:
    """Take a text apart."""
    without_urls = URL.sub(" ", text)
    return Wording(
        stems=frozenset(content_stems(without_urls)),
        identifiers=frozenset(identifiers(without_urls)),
        # A source may write "python3" where a sentence says "Python 3".
        numbers=frozenset(numbers(without_urls) | set(re.findall(r"(?<=[A-Za-z])\d+(?:\.\d+)*\b", without_urls))),
        urls=frozenset(url.rstrip(".,;:!?)") for url in URL.findall(text)),
        letters=text.lower(),
    )
