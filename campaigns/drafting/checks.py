"""All checks of a draft in one call: its sources, what must never go out, and the job of the mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.drafting import grounding, hostile, jobs
from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import Finding
from campaigns.drafting.house import NO_HOUSE, House
from campaigns.drafting.text import DraftText, Sentence


def check(
    text: DraftText,
    facts: Facts | Mapping[str, Any],
    *,
    step: str = "",
    allowed_hosts: Collection[str] = (),
    house: House = NO_HOUSE,
) -> list[Finding]:
    """What is wrong with a draft: blocking findings first, then warnings, each in the order of the text.

    Args:
        text: the draft.
        facts: of the release, as read or as the JSON of the snapshot.
        step: "announcement", "reminder", "release_day" or "follow_up"; without it the job of the mail is not checked.
        allowed_hosts: hosts that links may lead to, beside those of the house.
        house: the settings of the product.
    """
    known = facts if isinstance(facts, Facts) else Facts.from_json(facts)
    findings = [
        *grounding.check(text, known),
        *beside_sources(text, known, step=step, allowed_hosts=allowed_hosts, house=house),
    ]
    return sorted(findings, key=lambda finding: not finding.blocks)


def beside_sources(
    text: DraftText, facts: Facts, *, step: str = "", allowed_hosts: Collection[str] = (), house: House = NO_HOUSE
) -> list[Finding]:
    """The checks of everything but the sources: what must never go out, words of the house, the job of the mail."""
    return [
        *hostile.check(text, facts, allowed_hosts=(*allowed_hosts, *house.hosts)),
        *house.check(text, step),
        *jobs.check(text, facts, step),
    ]


def passes(sentence: Sentence, facts: Facts, *, block: str, house: House = NO_HOUSE) -> bool:
    """Whether nothing blocks one sentence."""
    found = [
        *hostile.check_sentence(sentence, facts, block=block, allowed_hosts=house.hosts),
        *grounding.checker(facts).check_sentence(sentence, block=block),
        *house.check_sentence(sentence, block=block),
    ]
    return not any(finding.blocks for finding in found)


@dataclass(frozen=True)
class Support:
    """How well a draft is supported: its sentences, those that something blocks, others with a doubt about sources."""

    sentences: int
    unsupported: int
    doubtful: int


def support(text: DraftText, facts: Facts, *, house: House = NO_HOUSE) -> Support:
    """Count the sentences of the body that nothing bears out, and those that a person should compare."""
    blocked: set[tuple[str, int]] = set()
    doubted: set[tuple[str, int]] = set()
    judge = grounding.checker(facts)
    count = 0
    for block, index, sentence in text.sentences():
        count += 1
        if not passes(sentence, facts, block=block, house=house):
            blocked.add((block, index))
        elif judge.check_sentence(sentence, block=block):
            doubted.add((block, index))
    return Support(count, len(blocked), len(doubted))
