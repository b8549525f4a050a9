"""Deprecated, removed or still there; affected or fine: where a thing stands in a source and in a sentence.

English only, by turns of phrase. What is said of "both" or "all" is held against each issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from campaigns.drafting.stems import content_stems

_GONE = re.compile(
    r"\b(?:is|are|was|were|has been|have been|been)\s+(?:now\s+|both\s+|all\s+|also\s+|finally\s+)*"
    r"(?:removed|gone|discontinued|withdrawn|retired|deleted|dropped)\b|\bno longer (?:available|supported|exists?)\b",
    re.I,
)
_ASKED_TO_GO = re.compile(r"^\W*(?:remove|drop|delete|retire|discontinue|withdraw)\b", re.I | re.M)
_DEPRECATED = re.compile(r"\bdeprecat(?:ed|es?|ing|ion)\b", re.I)
_LATER = re.compile(
    r"\b(?:will|to) be (?:\w+ )?(?:removed|taken out|dropped|discontinued|deleted|withdrawn|retired)\b"
    r"|\bgoes away (?:in|with)\b",
    re.I,
)
_BOTH = re.compile(r"\b(?:both|all|each)\b", re.I)
_NOT = re.compile(r"\b(?:not|never|without)\b|n['’]t\b", re.I)


def exchanged(sentence: str, sources: Iterable[str]) -> bool:
    """Whether a sentence calls removed what its source only deprecates, or deprecated what is removed now."""
    told = list(sources)
    if not _BOTH.search(sentence):
        told = ["\n".join(told)]
    if _NOT.search(sentence):
        return False
    gone = bool(_GONE.search(sentence))
    deprecated = bool(_DEPRECATED.search(sentence))
    for source in told:
        is_gone = bool(_GONE.search(source) or _ASKED_TO_GO.search(source))
        if gone and not deprecated and _DEPRECATED.search(source) and not is_gone:
            return True
        if deprecated and _LATER.search(sentence) and not gone and is_gone and not _LATER.search(source):
            return True
    return False


_FINE = re.compile(
    r"\b(?:was|were|is|are)\s+(?:ok|okay|fine|all right|correct|right|not affected|unaffected|not touched|untouched)\b",
    re.I,
)
_HIT = re.compile(
    r"\b(?:was|were|is|are)\s+(?:\w+\s+){0,2}?(?:affected|wrong|wrongly|broken|incorrect\w*|garbled|reversed|faulty)\b"
    r"|\b(?:wrong|wrongly|incorrectly)\b|\bstop(?:s|ped)? \w+ing\b",
    re.I,
)
_ONLY_HIT = re.compile(r"\bonly (?P<thing>[^.,;\n]{2,60}?) (?:was|were|is|are) (?:affected|concerned)\b", re.I)
_AGAIN = re.compile(r"\b(?:again|now|is|are)\b", re.I)
_PARTS = re.compile(r"(?<=[.;!?])\s+|\n|,\s|\s(?:but|whereas|while|although)\s", re.I)


def other_one_hit(sentence: str, source: str) -> tuple[str, str] | None:
    """What a sentence calls faulty, or ends, and its source calls fine; or fine what alone was affected."""
    if not _FINE.search(source) and not _ONLY_HIT.search(source):
        return None
    fine = [(_things(part, mark), part) for part in _PARTS.split(source) if (mark := _FINE.search(part))]
    hit = [(frozenset(content_stems(match["thing"])), match[0]) for match in _ONLY_HIT.finditer(source)]
    for part in _PARTS.split(sentence):
        stems = frozenset(content_stems(part))
        if _HIT.search(part) and not _FINE.search(part) and "no longer" not in part and not _NOT.search(part):
            for things, told in fine:
                if things and things <= stems:
                    return part.strip(), told.strip()
        # "Is right again" tells what was mended.
        mark = None if _AGAIN.search(part) else _FINE.search(part)
        for things, told in hit if mark else ():
            if mark and things and things & _things(part, mark):
                return part.strip(), told.strip()
    return None


def _things(part: str, mark: re.Match[str]) -> frozenset[str]:
    return frozenset(content_stems(part[: mark.start()]))


_QUALIFIERS = {
    word: (set(line.split()) - {word})
    for line in ("partial full complete", "open closed completed finished", "single multiple", "active inactive",
                 "empty full", "existing new", "paid unpaid free", "read unread", "public private", "manual automatic")
    for word in line.split()
}  # fmt: skip
_QUALIFIED = re.compile(r"\b(?P<how>" + "|".join(_QUALIFIERS) + r")\s+(?P<what>[a-z]{3,}(?:\s[a-z]{3,})?)", re.I)


def other_kind(sentence: str, source: str) -> tuple[str, str] | None:
    """Another kind of the same thing: "a full return" for "a partial return"."""
    told = [
        (match["how"].lower(), set(content_stems(match["what"])), match[0]) for match in _QUALIFIED.finditer(source)
    ]
    for match in _QUALIFIED.finditer(sentence) if told else ():
        how, what = match["how"].lower(), set(content_stems(match["what"]))
        if any(how == other for other, _, _ in told):
            continue
        for other, things, quote in told:
            same = other in _QUALIFIERS[how] and len(what & things) >= min(len(what), len(things), 2) > 0
            if same and not re.search(rf"\b{other}\b", sentence, re.I):
                return match[0], quote
    return None


_WITHOUT = re.compile(r"\bwithout (?:an? |any |the )?(?P<what>[a-z][\w-]+(?:\s[a-z][\w-]+)?)", re.I)
_SHOULD = re.compile(
    r"\b(?P<was>[\w./+-]+),? (?:where|when|although|but|while) (?:it|they|there) should(?: have)? (?:\w+ ){0,2}"
    r"(?P<right>[\w./+-]+)",
    re.I,
)
_WRONG_FOR = re.compile(r"\b(?P<was>[\w./+-]+) (?:instead of|rather than) (?:the )?(?P<right>[\w./+-]+)", re.I)


def other_fault(sentence: str, fault: str) -> tuple[str, str] | None:
    """What a sentence says was there and should have been, where the fault has the two the other way round."""
    for told in _WRONG_FOR.finditer(fault):
        for said in _SHOULD.finditer(sentence):
            if (said["was"].lower(), said["right"].lower()) == (told["right"].lower(), told["was"].lower()):
                return said[0], told[0]
    for match in _WITHOUT.finditer(sentence):
        if re.search(rf"\bwith (?:an? |any |the )?{re.escape(match['what'])}", fault, re.I):
            return match[0], f"with {match['what']}"
    return None
