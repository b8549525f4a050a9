"""What a check found in a draft, in words that a marketer understands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

BLOCKING = "blocking"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one sentence.

    `block` is the kind of the block, or "subject", "preheader" or "mail"; `index` the sentence in it, from 0.
    `key` names an issue that the finding points to, `quote` the words in question, `text` the sentence.
    """

    level: str
    rule: str
    block: str
    index: int
    message: str
    key: str = ""
    quote: str = ""
    text: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex of rule, sentence and words: the same finding again after an edit elsewhere has the same."""
        return hashlib.sha256("\x1f".join((self.rule, self.text, self.quote, self.key)).encode()).hexdigest()

    @property
    def blocks(self) -> bool:
        """Whether the e-mail may not be submitted like this."""
        return self.level == BLOCKING


class Reporter:
    """Collects the findings of one sentence."""

    def __init__(self, block: str, index: int, text: str) -> None:
        self._base = Finding(WARNING, "", block, index, "", text=text)
        self.findings: list[Finding] = []

    def __call__(self, level: str, rule: str, message: str, *, key: str = "", quote: str = "") -> None:
        self.findings.append(replace(self._base, level=level, rule=rule, message=message, key=key, quote=quote))


@dataclass(frozen=True)
class Problem:
    """A finding before it has a place: the rule, what to say and the words in question."""

    rule: str
    message: str
    quote: str


def shortened(text: str, most: int = 90) -> str:
    """A text of at most so many characters, cut between words where it has any."""
    if len(text) <= most:
        return text
    cut = text[: most - 3]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"
