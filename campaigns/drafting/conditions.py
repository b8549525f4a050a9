"""A version that a source limits its statement to ("from 6.0 on"), and that a sentence leaves out. English only."""

from __future__ import annotations

import re

from campaigns.drafting.clauses import Clause, clauses
from campaigns.drafting.signs import sign
from campaigns.drafting.stems import content_stems

_CONDITION = re.compile(
    r"\b(?:in|from|since|as of|starting with|until|before|with)\s+(?:version\s+|(?-i:[A-Z])[\w-]*\s+)?"
    # "From 1.2 to 1.4" is a change and no condition.
    r"(?P<version>\d+(?:\.\w+)+)\b(?!\.\w)(?!\s+to\b)",
    re.I,
)


def dropped_version(sentence: str, source: str, version: str) -> str:
    """A version that the source limits a statement to, that is not this release and that the sentence left out.

    The source clause counts only when it is the one that the sentence repeats. Returns "" when all is well.
    """
    if not _CONDITION.search(source):
        return ""
    parts = [part for part in re.split(r"(?<=[.!?])\s|\n|[()]", source) if part.strip()]
    for clause in clauses(sentence):
        best = max(parts, key=lambda part: _likeness(clause, part), default="")
        match = _CONDITION.search(best)
        if not match or _likeness(clause, best) < 0.7:
            continue
        limit = match["version"].lower()
        if limit not in sentence.lower() and not _covers(limit, version):
            return limit
    return ""


def _likeness(clause: Clause, part: str) -> float:
    stems = frozenset(content_stems(part))
    agree = 0.05 if sign(part) == clause.sign else 0.0
    return len(clause.stems & stems) / max(1, len(clause.stems)) + agree


def _covers(pattern: str, version: str) -> bool:
    """Whether a version or a pattern such as 5.1.x takes in the version of the release."""
    wanted = re.findall(r"\d+|x", pattern)
    given = re.findall(r"\d+", version)
    return all(want in ("x", have) for want, have in zip(wanted, given, strict=False))
