"""Known problems: open in Jira while the release is out. Told as what they are, in their own block, never as fixed.

The summary alone says what is wrong. The note may have been written ahead, for the day on which it is mended.
"""

from __future__ import annotations

import re

from campaigns.drafting import contraries
from campaigns.drafting.findings import BLOCKING, Reporter
from campaigns.drafting.sources import Sources

BLOCK = "problems"

_MENDED = re.compile(
    r"\b(?:fixed|fixes|(?:re)?solved|(?:re)?solves|corrected|repaired|mended|addressed|cured|patched|remedied|gone)\b"
    r"|\bno longer\b|\bany ?more\b|\bworks? (?:again|now|as expected|correctly)\b|\bnow works?\b|\bis history\b"
    r"|\b(?:behoben|behebt|gelöst|korrigiert|repariert|nicht mehr|corrigée?s?|résolue?s?|ne .{1,40} plus)\b"
    r"|\b(?:corregid[oa]s?|resuelt[oa]s?)\b|修复|修復|修正|已解决|已解決|不再|수정|해결",
    re.I,
)
# What is said of the day on which it will be mended, or that it is not yet.
_NOT_YET = re.compile(
    r"(?:\b(?:not|never|until|till|before|once|when|as soon as|if|unless|be|being|yet to|without|still)\b|n['’]t\b"
    r"|\b(?:nicht|noch|bis|sobald|wird|werden|wenn)\b)[^.;:!?]{0,40}$",
    re.I,
)
_STILL_OPEN = re.compile(
    r"(?:,?\s*\b(?:and|but))?\s*\b(?:is|are|was|were|has|have|had)(?:\s+not|n['’]t)(?:\s+(?:yet|been|be))*\s+"
    r"(?:fixed|solved|resolved|corrected|repaired|mended|addressed)\b(?:\s+yet)?",
    re.I,
)
_ENOUGH = 3


def check(text: str, keys: list[str], block: str, say: Reporter, sources: Sources) -> None:
    """Known problems that a sentence tells in a place for what the release brings, or as if they were mended."""
    problems = [key for key in keys if key in sources.facts.problems_by_key]
    for key in problems:
        summary = sources.facts.problems_by_key[key].summary
        if block != BLOCK:
            say(
                BLOCKING, "not_shipped",
                f"{key} ({summary}) is open in Jira: a known problem, and nothing that this release brings. Tell it "
                "under Known problems.", key=key,
            )  # fmt: skip
        elif mended := _told_as_mended(text, summary):
            say(
                BLOCKING, "not_shipped",
                f"This reads as if {key} ({summary}) were fixed. It is open in Jira: say what does not work.",
                key=key, quote=mended,
            )  # fmt: skip
    if block != BLOCK and not problems:
        _unnamed(text, keys, say, sources)


def _unnamed(text: str, keys: list[str], say: Reporter, sources: Sources) -> None:
    """A known problem told under the key of another issue or of none: there it passes for something that shipped."""
    stems = sources.telling(text) if sources.problems else set()
    if len(stems) < _ENOUGH:
        return
    for key, words in sources.problems.items():
        shared = stems & words
        if len(shared) >= _ENOUGH and len(shared) >= 0.75 * len(stems) and sources.cover(text, keys) < 0.6:
            say(
                BLOCKING, "not_shipped",
                f"This tells of {key}, which is open in Jira and a known problem of this release. Tell it under Known "
                "problems and cite it.", key=key,
            )  # fmt: skip
            return


def _told_as_mended(text: str, summary: str) -> str:
    """The words of a sentence by which a fault seems to be mended; "" when it is told as it is."""
    for match in _MENDED.finditer(text):
        if match[0].lower() in summary.lower() or _NOT_YET.search(text[: match.start()]):
            continue
        return match[0]
    against = contraries.reversed_clause(_STILL_OPEN.sub(" ", text), [(summary, False)])
    return against[0] if against else ""
