"""What of a release note may stand in a mail by itself, and what only behind the sentence that it leans on.

"The limit is off until somebody sets it", "They are now rejected" and "Annual plans cannot be paused" tell a reader
nothing, or the wrong thing, without the sentence before; what was wrong until now is no news without its mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from campaigns.drafting.tokens import words

_JOINT = "; "
_JOINTS = re.compile(r"(; |(?<=[a-z)]\.) (?=[A-Z]))")

_POINTS_BACK = re.compile(
    r"^(?:(?:They|It|Its|Their|This|That|These|Those|Both|Such|Each|Neither|Otherwise|Then|So far)\b"
    r"(?! (?:change|release|version|update)\b))"
    r"|\b(?:still|otherwise|likewise|do so|does so|did so|also|the (?:former|latter|same|other))\b"
    r"|\bones\b|\b(?:the|an)(?: \w+)? one\b(?! of\b)",
    re.I,
)
# "The limit is off", "The new limit then applies": a thing that the sentence before has named. "The default of x" and
# "The webhook roster.published" say themselves which.
_THE_THING = re.compile(
    r"^The (?:[a-z]+ ){1,2}(?:(?:now|then|no longer|only|always|never) )?"
    r"(?:is|are|was|were|has|have|had|can|cannot|will|must|may|does|do|stays?|remains?|becomes?|contains?|keeps?|[a-z]+s)"
    r"\b(?! of\b)"
)
_LIMIT = re.compile(
    r"\bnot (?:yet )?(?:available|supported|possible|included|covered)\b"
    r"|\bonly (?:available|supported|works?|possible)\b"
    r"|\b(?:is|are) only\b.{0,40}\bso far\b|\bdo(?:es)? not (?:yet )?(?:work|support|apply|cover|include)\b|\bcannot\b"
    r"|\bcan(?:not| not)\b|\blimitations?\b",
    re.I,
)
# What was wrong until now. What "was removed" is the change itself.
_PAST = re.compile(
    r"\b(?:could|would|used to|did(?: not|n['’]t))\b|\b(?:was|were)\b(?! (?:\w+ly )?(?:added|removed|changed|improved"
    r"|raised|reduced|renamed|replaced|updated|upgraded|introduced|extended|moved|made|set|simplified|adjusted)\b)"
    r"|\b(?:had|lost|threw|hung|broke|froze|sent|showed|kept|ran|went|came|wrote|overwrote|took|left|began|forgot)\b",
    re.I,
)
_FAULTY_ED = words("""
appeared arrived blocked caused corrupted counted crashed disappeared displayed doubled dropped duplicated ended failed
ignored jumped lacked leaked looped missed opened overlapped printed rejected repeated reported returned skipped started
stayed stopped swallowed truncated vanished
""")
_MENDED = re.compile(
    r"(?<!until )(?<!up to )(?<!till )\bnow\b|\b(?:no longer|not any ?more|from now on|fixed|fixes|corrected|solved"
    r"|resolved|works? again|has been|have been|will)\b",
    re.I,
)
_OF_THE_RELEASE = re.compile(r"^This (?:release|change|update|version)\b")
_CLAUSE = re.compile(
    r"\b(?:when(?:ever)?|if|that|which|because|while|after|before|since|where|who|whose|as soon as)\b", re.I
)
_AFTERTHOUGHT = re.compile(
    r"^(?:However|Therefore|Note|See|Please|For example|At the time|Also|Affected|Affects|Related|Credits?)\b"
)
_SMALL = re.compile(
    r"^(?:The|An?|They|It|Its|Their|This|That|These|Those|Both|Such|You|Your|We|Each|Neither|Otherwise|Then|So|All|Any"
    r"|No|Only|Who|What|When|If|In|On|For|With|At|By|To|After|Before|Until|From"
    r"|Without|Since|[A-Z][a-z]+ing)\b"
)


def leans(text: str) -> bool:
    """Whether a later sentence of a note needs the one before it to be understood."""
    return bool(_POINTS_BACK.search(text) or _THE_THING.match(text) or _LIMIT.search(text))


def is_past_fault(text: str) -> bool:
    """Whether a sentence of the note of a fix says what was wrong and not that it is mended."""
    if _MENDED.search(text) or _OF_THE_RELEASE.match(text):
        return False
    # "When two people saved at once, one change was lost": the clause behind the comma is the main one.
    rest = text.split(", ", 1)[1] if ", " in text and _CLAUSE.match(text) else text
    main = _CLAUSE.split(rest)[0]
    return bool(_PAST.search(main)) or any(word in _FAULTY_ED for word in main.lower().rstrip(".").split()[1:])


def is_limit(text: str) -> bool:
    """Whether a sentence says what does not work, so that it is no news by itself."""
    return bool(_LIMIT.search(text))


def units(lines: list[str], *, kind: str) -> Iterator[str]:
    """The sentences of a note as they may stand, in order: alone, or behind the one that they need."""
    is_fix, ends = kind in ("fix", "security"), kind == "breaking"
    before = ""
    for place, line in enumerate(lines):
        if _AFTERTHOUGHT.match(line):
            before = ""
            continue
        if is_fix and is_past_fault(line):
            before = ""
            following = lines[place + 1] if place + 1 < len(lines) else ""
            if following and not _AFTERTHOUGHT.match(following) and _mends(following):
                yield joined(line, following)
            continue
        if place and leans(line) and not (ends and not _POINTS_BACK.search(line)):
            if before:
                yield joined(before, line)
            continue
        points = _POINTS_BACK.match(line)
        if points or (is_limit(line) and not is_fix and not ends):
            before = ""
            continue
        before = line
        yield line


def joined(first: str, second: str) -> str:
    """Two sentences as one; what may begin with a name stays a sentence of its own."""
    if _SMALL.match(second):
        return f"{first.rstrip('.')}{_JOINT}{second[0].lower()}{second[1:]}"
    return f"{first} {second}"


def by_clause(text: str, change: Callable[[str], str]) -> str:
    """A text with each of the clauses that `joined` put together changed as a sentence of its own."""
    parts = _JOINTS.split(text)
    for place in range(0, len(parts), 2):
        part = parts[place]
        small = place > 0 and part[:1].islower()
        told = change(f"{part[0].upper()}{part[1:]}" if small else part)
        parts[place] = f"{told[0].lower()}{told[1:]}" if small and told else told
    return "".join(parts)


def _mends(text: str) -> bool:
    return bool(_MENDED.search(text))
