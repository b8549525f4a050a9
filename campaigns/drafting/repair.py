"""Bring a model's draft into a state in which a person can start to work: take out what would be stopped anyway."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from campaigns.drafting import checks, extractive, jobs, known_problems
from campaigns.drafting.facts import Facts
from campaigns.drafting.house import NO_HOUSE, House
from campaigns.drafting.jobs import JOBS
from campaigns.drafting.text import DraftText, Sentence
from campaigns.drafting.timing import Timing


@dataclass(frozen=True)
class Mended:
    """The text after the repair, a sentence about it for the record, and whether enough is left."""

    text: DraftText
    note: str
    usable: bool


def mend(text: DraftText, facts: Facts, step: str, house: House = NO_HOUSE, *, timing: Timing | None = None) -> Mended:
    """Drop sentences with a blocking finding, add breaking changes that are missing, replace a bad subject.

    What was dropped is counted in the note. A draft that lost its opening, its call to action or more than half of its
    sentences is not usable. `timing` says what is true when the mail goes out, for what the rules add.
    """
    own = extractive.draft(facts, step, house, timing=timing)
    before = sum(1 for _ in text.sentences())
    dropped = 0
    for block in text.blocks:
        good = kept(block.sentences, facts, block.kind, house)
        dropped += len(block.sentences) - len(good)
        text = text.with_block(block.kind, good)
    notes = [f" {dropped} of its sentences could not be traced and were left out."] if dropped else []
    for part in ("subject", "preheader"):
        if any(finding.blocks for finding in checks.check(text, facts, house=house) if finding.block == part):
            text = replace(text, **{part: getattr(own, part)})
            notes.append(f" Its {part} was replaced.")
    if JOBS[step].names_breaking:
        unnamed = {issue.key for issue in jobs.unnamed(text, facts)}
        missing = [line for line in own.block("breaking") if unnamed.intersection(line.keys)]
        if missing:
            text = text.with_block("breaking", (*text.block("breaking"), *missing))
            notes.append(f" {len(missing)} breaking changes were added.")
        stepless = [issue for issue, _ in jobs.without_step(text, facts)]
        own_lines = (*own.block("breaking"), *own.block("action"))
        steps = [line for line in own_lines if any(jobs.names_step(line, issue) for issue in stepless)]
        text = text.with_block("action", (*steps, *text.block("action"))) if steps else text
    if own.block(known_problems.BLOCK) and not facts.problems_by_key.keys() & set(text.keys()):
        text = text.with_block(known_problems.BLOCK, own.block(known_problems.BLOCK))
        notes.append(" Known problems were added.")
    for part in ("intro", "action"):
        if not text.block(part):
            text = text.with_block(part, own.block(part))
    left = before - dropped
    return Mended(text, "".join(notes), usable=left > 0 and 2 * left >= before)


def kept(sentences: Iterable[Sentence], facts: Facts, block: str, house: House = NO_HOUSE) -> tuple[Sentence, ...]:
    """The sentences of a block that nothing stops."""
    return tuple(sentence for sentence in sentences if checks.passes(sentence, facts, block=block, house=house))
