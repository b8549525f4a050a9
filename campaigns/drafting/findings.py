"""What a check found in a draft, in words that a marketer understands."""

from __future__ import annotations

from dataclasses import dataclass

BLOCKING = "blocking"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one sentence.

    `block` is the kind of the block, or "subject", "preheader" or "mail"; `index` the sentence in it, from 0.
    `key` names an issue that the finding points to, `quote` the words in question; both may be empty.
    """

    level: str
    rule: str
    block: str
    index: int
    message: str
    key: str = ""
    quote: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the e-mail may not be submitted like this."""
        return self.level == BLOCKING
