"""What a source excepts ("annual plans cannot be paused", "other roles are not affected") and a sentence takes in.

English only. A sentence that says the exception itself, in whatever words of denial, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from campaigns.drafting import clauses
from campaigns.drafting.figures import numbers
from campaigns.drafting.stems import EMPTY_STEMS, content_stems, stem

_PART = re.compile(r"[.;!?](?:\s|$)|\n|,\s|\s(?:but|while|whereas|although|and)\s", re.I)
# What parts the excepted thing from what is said of it: a denial, or that all stays as it was.
_MARK = re.compile(
    r"\b(?:cannot|can not|(?:is|are|do|does|will|may|must|can|have|has|be) not|\w+n['’]t|never|no longer"
    r"|(?:can |will |must |may )?still|remains?|stays?|continues?|keeps (?=(?:the|its|their)\b)"
    r"|(?:is|are) (?:unaffected|unchanged|excluded|excepted"
    r"|exempt(?:ed)?))(?!\w)",
    re.I,
)
_SAID = re.compile(
    r"\b(?:not|no|without|except\w*|only|other|others|exclud\w+|exempt\w*|cannot|never|still|unless|remain\w*|stays?"
    r"|continu\w+|unaffected|unchanged|apart)\b|n['’]t\b",
    re.I,
)
_OTHERS = re.compile(
    r"\b(?:other|remaining) (?P<thing>[a-z-]+)\b[^.;\n]{0,200}"
    r"\b(?:not|unaffected|unchanged|as before|remain|stay|keep|still)\b",
    re.I,
)
_WHOLE = re.compile(r"\b(?:all|every|each|any|both)\b(?P<behind>(?: [\w-]+){1,3})", re.I)
# "Of the same owner" is not "of any owner".
_SAME = re.compile(r"\b(?:the same|a single|one and the same) (?P<thing>[a-z]{3,})\b", re.I)
_ANY = re.compile(r"\b(?:any|every|another|other|different) (?P<thing>[a-z]{3,})\b", re.I)
_MOST = 3


def overrun(sentence: str, statements: Iterable[str], *, idle: frozenset[str]) -> tuple[str, str] | None:
    """What of a sentence the source excepts, and how it says so; None when nothing is. `idle` stems tell nothing."""
    told = [part for text in statements for part in _PART.split(text) if part and part.strip()]
    main = _stems(" ".join(part for part in told if not _MARK.search(part))) - idle
    for part in told:
        mark = _MARK.search(part)
        excepted = _stems(part[: mark.start()]) - idle if mark else frozenset()
        if not mark or not 0 < len(excepted) <= _MOST or excepted <= main:
            continue
        own = _stems(part[mark.end() :]) - main - idle
        figures = numbers(part[mark.end() :])
        denied = mark[0].lower().endswith(("not", "n't", "n’t", "never", "longer"))
        for clause in clauses.clauses(sentence):
            said = clause.stems - excepted - idle
            if not excepted <= clause.stems or _SAID.search(clause.text) or clause.sign < 0:
                continue
            repeats = bool(said & own) or bool(figures & clause.numbers)
            if said & main and (denied or not repeats):
                # The exception may stand in another clause: "..., as these are not corrected".
                if own and own <= _stems(sentence) and _SAID.search(sentence):
                    continue
                return clause.text, part.strip()
            if denied and said & _stems(part[mark.end() :]):
                return clause.text, part.strip()
    return _taken_in(sentence, told)


def _taken_in(sentence: str, told: list[str]) -> tuple[str, str] | None:
    """ "All roles" where the source says that the others stay as they are."""
    for part in told:
        others = _OTHERS.search(part)
        for whole in _WHOLE.finditer(sentence) if others else ():
            if others and stem(others["thing"].lower()) in map(stem, whole["behind"].lower().split()):
                return whole[0], part.strip()
    return None


def widened(sentence: str, source: str) -> tuple[str, str] | None:
    """Any thing of a kind where the source says the same one: "of any owner" for "of the same owner"."""
    told = {stem(same["thing"].lower()): same[0] for same in _SAME.finditer(source)}
    for wide in _ANY.finditer(sentence):
        thing = stem(wide["thing"].lower())
        if thing in told and not re.search(rf"\b{re.escape(wide[0])}", source, re.I):
            return wide[0], told[thing]
    return None


def _stems(text: str) -> frozenset[str]:
    return frozenset(content_stems(text)) - EMPTY_STEMS
