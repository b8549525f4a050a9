"""A text cut into what it states: each clause with its words, its sign and how sure it is. English only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting.figures import numbers
from campaigns.drafting.signs import NO_DENIAL, is_denied, sign
from campaigns.drafting.stems import IMPERATIVES, NOUN_TOO, content_stems
from campaigns.drafting.tokens import words

# "Can be different" leaves it open; "can be changed" says what is possible.
_MAYBE = re.compile(
    r"\b(?:may|might|can be(?! (?:\w+ly )?(?:\w+(?:ed|en|wn|lt)|set|put|run|made|read|told|kept|found)\b)|could"
    r"|should|depending|whether|instead of|rather than)\b",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_MENDED_HEAD = re.compile(r"\s*(?:(?:will|to) be (?=fixed:))?(?:fixed|fixes|resolved|resolves|behoben)\b", re.I)
WHEN = re.compile(r"(?:^|\s)(?:even\s+)?(?:when|if|while|as long as|unless|that|which|who|whose|where)\s", re.I)
_SHOULD = re.compile(r"\bshould(?:n['’]t)?\b", re.I)
_ANNOUNCED = re.compile(r"^\s*(?:please )?(?:note|be aware|remember|keep in mind)(?: that|:)\s+", re.I)
THIRD = frozenset(verb + "s" for verb in IMPERATIVES - NOUN_TOO) | words(
    "works needs gets brings requires becomes takes"
)
# "While it is open, nobody can edit it" is "nobody can edit it while it is open".
_FIRST_WHEN = re.compile(
    r"^\s*(?P<when>(?:when|while|if|as long as|once|after|as soon as)\s[^,.;:]{3,80}),\s"
    r"(?P<what>[^,.;:]+)(?=[.;]?\s*$)",
    re.I,
)
_CLAUSE = re.compile(
    r"[.;:!?](?:\s|$)|,\s|\n|[()，。；：！？]|\s(?:but|because|so that|whereas|although|aber|weil|sondern"
    r"|(?:as|since)(?=\s(?:it|they|there|nothing|nobody|none|no one)\s))\s",
    re.I,
)
_AND = re.compile(r"\s(?:and|und)\s", re.I)
# Signs of a verb: only where both sides of an "and" have one it parts two statements.
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|could|will|would|may|must|should|do|does|did|cannot|now|no longer"
    r"|becomes?|remains?|stays?|ist|sind|war|wurde|wird|werden|hat|haben|kann|können|muss|müssen)\b|n['’]t\b",
    re.I,
)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence: its words, its sign (+1 says it is so, -1 says it is not) and how sure that is.

    `plain` is false for what only may be so; `definite` is true for "should", which in a ticket says what is to be.
    """

    text: str
    stems: frozenset[str]
    sign: int
    plain: bool
    definite: bool
    numbers: frozenset[str]
    states: bool


@lru_cache(maxsize=16384)
def clauses(text: str) -> tuple[Clause, ...]:
    """A text cut where a new statement may begin; parts of one content word are dropped.

    What stands behind "when" or "if" counts as words of the clause and not for its sign. "Fixed ..." at the head of a
    sentence holds for all of it.
    """
    found = []
    for sentence in _SENTENCE.split(text):
        mended = bool(_MENDED_HEAD.match(sentence))
        for part in _parts(sentence):
            stems = frozenset(content_stems(part)) if part else frozenset()
            if len(stems) < 2:
                continue
            main = stated(part)
            found.append(
                Clause(
                    part.strip(),
                    stems,
                    1 if mended else sign(main),
                    plain=bool(main) and not _MAYBE.search(main),
                    definite=bool(_SHOULD.search(main)),
                    numbers=frozenset(numbers(part)),
                    # "When a sync fails" on its own states nothing.
                    states=bool(main),
                )
            )
    return tuple(found)


_RELATIVE = re.compile(r"\b(?:that|which|who|whose|where)\s", re.I)
# ", with which you can filter" goes on with the statement.
# "The field it was missing" and "the field it lacked" tell how it was.
_CONTACT = re.compile(r"(?<=[a-z])\s(?:it|they)\s(?:(?:was|were|had)\b|(?:lack|miss|need|fail|want)ed\b)[^,;]*$", re.I)
_HEAD_RELATIVE = re.compile(r"^\s*(?:with|by|through|in|on|for|from|of|to)\s(?:which|whom)\s", re.I)
_LAST_VERB = re.compile(
    r".*\s(?P<rest>(?:is|are|was|were|has|have|had|can|cannot|could|will|would|must|do|does|did|no longer|now)\s.*)$",
    re.I | re.S,
)


def stated(part: str) -> str:
    """What a clause states: without "when ..." behind it and without "that ..." between its subject and its verb."""
    part = _CONTACT.sub("", _HEAD_RELATIVE.sub("", part))
    found = WHEN.search(part)
    if not found:
        return part.strip()
    before = part[: found.start()].strip()
    if before and not _states(before) and _RELATIVE.match(part[found.start() :].strip()):
        # "Devices that only know X can no longer connect": the verb stands behind.
        last = _LAST_VERB.match(part[found.start() :])
        if last:
            # "Who cannot X will not Y" says that X is needed: both denials count.
            denied = is_denied(part[found.start() : len(part) - len(last["rest"])]) and is_denied(last["rest"])
            return part.strip() if denied else f"{before} {last['rest']}"
    return before


def _parts(sentence: str) -> list[str]:
    found: list[str] = []
    turned = _FIRST_WHEN.match(sentence)
    if turned and len(set(content_stems(turned["what"]))) < 2:
        sentence = f"{turned['what']} {turned['when']}"
    for part in _CLAUSE.split(_ANNOUNCED.sub("", NO_DENIAL.sub(" only ", sentence))):
        joined: list[list[str]] = []
        states = False
        for piece in _AND.split(part or ""):
            if joined and not (states and _states(piece)):
                joined[-1].append(piece)
                # Behind another word an imperative is a noun.
                states = states or _states(f"- {piece}")
            else:
                joined.append([piece])
                states = _states(piece)
        found += [" and ".join(pieces) for pieces in joined]
    return found


def _states(part: str) -> bool:
    """Whether a part of a sentence has a verb, as far as that can be told from its words."""
    lowered = part.lower().split()
    return bool(VERB.search(part)) or bool(lowered and lowered[0] in IMPERATIVES) or not THIRD.isdisjoint(lowered)
