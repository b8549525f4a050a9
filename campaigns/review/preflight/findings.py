"""A rule of the preflight and what it found, in words for the person who mends it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from campaigns.drafting.findings import BLOCKING, WARNING
from campaigns.review.models import Waiver

if TYPE_CHECKING:
    from campaigns.review.preflight.mail import Mail

__all__ = ["BLOCKING", "WARNING", "Finding", "Found", "Rule"]


@dataclass(frozen=True)
class Found:
    """What a rule's check yields: the place, the words in question, what is wrong and how to mend it.

    `part` is "subject", "preheader", a kind of block or "mail"; `index` the sentence in it, from 0.
    `quote` goes into the fingerprint and must not hold a figure that moves with every edit; of a number of people it
    holds `scale`. `people` names the part of the audience that it is about: the page leads to it.
    """

    part: str
    message: str
    mend: str
    quote: str = ""
    index: int = 0
    key: str = ""
    level: str = ""
    fingerprint: str = ""
    people: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule. `level` is that of its findings unless one says otherwise; `source` is where the rule comes from."""

    name: str
    title: str
    level: str
    source: str
    check: Callable[[Mail], Iterable[Found]]
    # A blocking finding that a release manager may let pass with a reason. Warnings always can be.
    can_be_waived: bool = False


@dataclass(frozen=True)
class Finding:
    """One finding as the page shows it."""

    rule: str
    title: str
    level: str
    part: str
    index: int
    key: str
    message: str
    mend: str
    source: str
    fingerprint: str
    can_be_waived: bool
    waiver: Waiver | None = None
    people: str = ""

    @property
    def blocking(self) -> bool:
        """Whether it is of the kind that stops the e-mail."""
        return self.level == BLOCKING

    @property
    def stops(self) -> bool:
        """Whether it stops the e-mail now: blocking and not waived."""
        return self.blocking and self.waiver is None

    @property
    def where(self) -> str:
        """The place in words: "subject", "highlights, line 2"."""
        if self.part in ("subject", "preheader"):
            return self.part
        if self.part == "mail":
            return "the whole mail"
        return f"{self.part}, line {self.index + 1}"


def scale(people: int) -> str:
    """A number of people for a quote: another one only from 2, 4, 8, 16 ... on.

    So what was waived for a few opens again once it concerns about twice as many, and not with each one who joins.
    """
    return f"from {1 << (people.bit_length() - 1)}" if people > 0 else "none"


def up_to(sample: int, most: int) -> str:
    """A length in words: for the sample reader, and for the one with the longest name if that is more."""
    return str(sample) if most <= sample else f"{sample} and, with the longest name of the audience, {most}"


def finding(rule: Rule, found: Found, waivers: dict[str, Waiver]) -> Finding:
    """The finding of a rule, marked with its waiver. A waived one keeps its level: the page shows what was let pass."""
    level = found.level or rule.level
    fingerprint = (
        found.fingerprint
        or hashlib.sha256("\x1f".join((rule.name, found.part, found.quote, found.key)).encode()).hexdigest()
    )
    return Finding(
        rule=rule.name, title=rule.title, level=level, part=found.part, index=found.index, key=found.key,
        message=found.message, mend=found.mend, source=rule.source, fingerprint=fingerprint,
        can_be_waived=level != BLOCKING or rule.can_be_waived, waiver=waivers.get(fingerprint),
        people=found.people,
    )  # fmt: skip
