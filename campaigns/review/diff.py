"""Two texts word by word: what stayed, what went, what came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from campaigns.drafting.text import BLOCK_KINDS, DraftText, Sentence, to_lines
from campaigns.review.typed import LABELS

SAME, REMOVED, ADDED = "same", "removed", "added"
# Beyond this many words the comparison is made line by line, so that a pasted book cannot hold up a page.
MOST_WORDS = 4000
AS_THE_TEMPLATE = "as the template has them"
# What is one thing to a reader is never cut in two: a link, an address, a placeholder, the key of an issue,
# a version, a number, a date, an hour.
_PIECE = re.compile(
    r"\s+"
    r"|https?://[^\s<>\"”]*[^\s<>\"”.,;:!?)\]}]"
    r"|[\w.+-]+@\w[\w-]*(?:\.[\w-]+)+"
    r"|\{\{\s*\w+\s*\}\}"
    r"|[A-Z][A-Z0-9_]+-\d+\b"
    r"|v?\d+(?:[.,:/-]\d+)*(?:[.+-]?[A-Za-z]\w*(?:[.-]\d+)*)?"
    r"|\w+"
    r"|[^\w\s]"
)


@dataclass(frozen=True)
class Run:
    """A stretch of text of one kind: same, removed or added."""

    kind: str
    text: str


@dataclass(frozen=True)
class PartDiff:
    """One part of the mail (subject, preheader or a block) and how it changed."""

    part: str
    runs: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        """Whether anything in this part differs."""
        return any(run.kind != SAME for run in self.runs)


def words(before: str, after: str) -> tuple[Run, ...]:
    """The difference of two strings, word by word."""
    if before == after:
        return (Run(SAME, after),) if after else ()
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    runs: list[Run] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Run(SAME, "".join(new[c:d])))
            continue
        if a < b:
            runs.append(Run(REMOVED, "".join(old[a:b])))
        if c < d:
            runs.append(Run(ADDED, "".join(new[c:d])))
    return tuple(runs)


def excerpt(runs: tuple[Run, ...], around: int = 80) -> tuple[Run, ...]:
    """A difference with so many characters of what stayed around what changed, the rest left out."""
    found = []
    for at, run in enumerate(runs):
        if run.kind != SAME:
            found.append(run)
            continue
        head = f"{run.text[:around]} " if at else ""
        tail = f" {run.text[-around:]}" if at < len(runs) - 1 else ""
        found.append(run if len(head + tail) >= len(run.text) else Run(SAME, f"{head}…{tail}"))
    return tuple(found)


def compare(before: DraftText, after: DraftText) -> list[PartDiff]:
    """Every part that either text has, in the order of the mail."""
    parts = [
        PartDiff("subject", words(before.subject, after.subject)),
        PartDiff("preheader", words(before.preheader, after.preheader)),
    ]
    for kind in BLOCK_KINDS:
        old, new = _lines(before.block(kind)), _lines(after.block(kind))
        if old or new:
            parts.append(PartDiff(kind, words(old, new)))
    if before.order != after.order:
        # Of moved blocks alone every part above is the same.
        old, new = (", ".join(LABELS[kind] for kind in text.order) or AS_THE_TEMPLATE for text in (before, after))
        parts.append(PartDiff("order", (Run(REMOVED, old), Run(ADDED, new))))
    return parts


def _lines(sentences: tuple[Sentence, ...]) -> str:
    return to_lines(sentences)
