"""What a check found in a draft, in words that a marketer understands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

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
