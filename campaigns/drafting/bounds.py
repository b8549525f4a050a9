"""How far something goes: at least for at most, after a version for before it, another default, all for some.

English only, by turns of phrase. Each rule accuses only where the issue says something else of the same thing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from campaigns.drafting.amounts import Amount
from campaigns.drafting.figures import quantity
from campaigns.drafting.stems import IMPERATIVES, STOP_WORDS, stem

_NUMBER = r"(?P<number>\d[\d.,]*\d|\d)"
_LEAST = re.compile(rf"\b(?:at least|no less than|no fewer than|not less than|minimum(?: of)?|min\.?) {_NUMBER}", re.I)
_MOST = re.compile(
    rf"\b(?:at most|no more than|not more than|up to|as many as|maximum(?: of)?|max\.?|within|limited to) {_NUMBER}",
    re.I,
)
_MOST_BEHIND = re.compile(
    rf"(?<![\w.]){_NUMBER}(?: [a-z]+)?,? (?:at (?:the )?most|or (?:less|fewer)|max(?:imum)?\b)", re.I
)
_LEAST_BEHIND = re.compile(rf"(?<![\w.]){_NUMBER}(?: [a-z]+)?,? (?:at (?:the )?least|or more|min(?:imum)?\b)", re.I)
_UPPER = re.compile(rf"(?<![\w.])\d+(?:\.\d+)?\s?(?:-|–|to)\s?{_NUMBER}(?![\w.])", re.I)
_BEFORE = re.compile(
    rf"\b(?:before|pre|prior to|older than|earlier than|below|up to|until)[ -](?:versions? |v)?{_NUMBER}", re.I
)
_AFTER = re.compile(rf"\b(?:after|since|newer than|later than|above|from)[ -](?:versions? |v)?{_NUMBER}(?! to\b)", re.I)
_SIDES = (
    ((_LEAST, _LEAST_BEHIND), (_MOST, _MOST_BEHIND, _UPPER)),
    ((_MOST, _MOST_BEHIND), (_LEAST, _LEAST_BEHIND)),
    ((_AFTER,), (_BEFORE,)),
    ((_BEFORE,), (_AFTER,)),
)
_VERSION = re.compile(r"\d+\.\d+")


def other_side(sentence: str, source: str) -> tuple[str, str] | None:
    """A limit of the sentence that the source has on the other side: "at least 24" for "at most 24"."""
    for mine, theirs in _SIDES:
        for pattern in mine:
            for said in pattern.finditer(sentence):
                number = said["number"].rstrip(".,")
                if pattern in (_BEFORE, _AFTER) and not _VERSION.match(number):
                    continue
                if _has(mine, source, number):
                    continue
                told = _has(theirs, source, number)
                if told and not _has(theirs, sentence, number):
                    return said[0], told
    return None


def _has(patterns: tuple[re.Pattern[str], ...], text: str, number: str) -> str:
    return next((m[0] for p in patterns for m in p.finditer(text) if m["number"].rstrip(".,") == number), "")


_UNIT = r"(?:[ -]?(?P<unit>[A-Za-z%]+))?"
_DEFAULTS = (
    re.compile(rf"(?<![\w.]){_NUMBER}{_UNIT} (?:by default|as standard|out of the box)\b", re.I),
    re.compile(rf"\bby default,?(?: [\w-]+){{0,5}}? {_NUMBER}{_UNIT}", re.I),
    re.compile(rf"\bdefaults?(?: value)?(?: is| are| to| of| stays at| remains|:)? {_NUMBER}{_UNIT}", re.I),
)
_INSTEAD = re.compile(r"\b(?:instead of|not|no longer|formerly|was|from)\s+(?:the )?(?:last |next |first )?$", re.I)


def other_default(sentence: str, source: str) -> tuple[str, str] | None:
    """A number that the sentence calls the default where the source calls another one so."""
    if "default" not in source.lower():
        return None
    told = _numbers_by_default(source)
    if not told:
        return None
    for quote, number, amount in _numbers_by_default(sentence):
        if all(number != other and (amount is None or amount != size) for _, other, size in told):
            return quote, told[0][0]
    return None


@lru_cache(maxsize=4096)
def _numbers_by_default(text: str) -> tuple[tuple[str, str, Amount | None], ...]:
    found = []
    for line in re.split(r"(?<=[.!?;])\s+|\n", text):
        for pattern in _DEFAULTS:
            for match in pattern.finditer(line):
                if not _INSTEAD.search(line[: match.start("number")]):
                    number = match["number"].rstrip(".,")
                    found.append((match[0], number, quantity(number, match["unit"] or "")))
    return tuple(found)


_ALL = re.compile(
    r"\b(?:all|every|each|any)\s+(?:of\s+)?(?:the\s+|your\s+|our\s+|its\s+)?"
    r"(?P<thing>(?!(?:of|one|other|others|time|times|second|minute|hour|day|night|week|month|year|thing)\b)[a-z][\w-]*)"
    r"(?P<next>\s[a-z][\w-]*)?",
    re.I,
)
_TAKEN_IN = re.compile(r"\bincluding\s+(?:the\s+)?(?P<thing>[a-z][\w-]+)|(?P<other>[a-z][\w-]+)s?,? included\b", re.I)
# What says that not all are meant.
_EXCEPTS = re.compile(
    r"\b(?:only|except(?:ed|ions?)?|exempt\w*|exclud\w+|other than|apart from|not (?:yet|affected|supported|touched)"
    r"|keeps (?:the|its|their)|unaffected|unchanged|out of scope|for now|(?:was|were) ok)\b"
    r"|(?:\bnot|\bcannot|n['’]t)\b[^.;\n]{1,30}\byet\b",
    re.I,
)
_RESERVES = re.compile(
    r"\b(?:only|except\w*|exempt\w*|exclud\w+|but|other than|apart from|unless|not|no|never|none|cannot|without|if|when"
    r"|until|while|whereas|although|once|still)\b|n['’]t\b",
    re.I,
)
_WHOLE = re.compile(r"\b(?:all|every|each|any|both|whole|everyone|everybody|everywhere)\b", re.I)


def widened(sentence: str, source: str) -> tuple[str, str] | None:
    """What a sentence says of all where its source excepts some and speaks of all nowhere."""
    excepts = _EXCEPTS.search(source)
    if excepts and not _RESERVES.search(sentence):
        for match in _ALL.finditer(sentence):
            if not _WHOLE.search(source):
                return match[0], _line(source, excepts)
    for match in _TAKEN_IN.finditer(sentence):
        thing = stem((match["thing"] or match["other"]).lower())
        for part in re.split(r"(?<=[.!?;])\s+|\n", source):
            mark = _EXCEPTS.search(part)
            if mark and any(stem(word.lower()) == thing for word in re.findall(r"[A-Za-z][\w-]+", part)):
                return match[0], part.strip()
    return _unqualified(sentence, source)


def _unqualified(sentence: str, source: str) -> tuple[str, str] | None:
    """ "All accounts" where each mention of accounts in the source says which: "Enterprise accounts"."""
    if _WHOLE.search(source) or _RESERVES.search(sentence):
        return None
    for match in _ALL.finditer(sentence):
        thing = stem(match["thing"].lower())
        before = [one for one, noun in _pairs(source) if stem(noun.lower()) == thing]
        if match[0][:3].lower() == "all" and before and all(map(_qualifies, before)):
            return match[0], f"{before[0]} {match['thing']}"
    return None


def _qualifies(word: str) -> bool:
    return word[:1].isupper() and word.lower() not in STOP_WORDS | IMPERATIVES


def _pairs(text: str) -> list[tuple[str, str]]:
    found = []
    for line in re.split(r"[.!?;:,()]\s*|\n", text):
        spoken = re.findall(r"[A-Za-z][\w-]*", line)
        # The first word of a line has a capital anyway.
        found += [(spoken[at - 1] if at > 1 or spoken[0].lower() != spoken[0] else "", word)
                  for at, word in enumerate(spoken) if at]  # fmt: skip
        found += [("", spoken[0])] if spoken else []
    return found


def _line(text: str, match: re.Match[str]) -> str:
    begin = max(text.rfind("\n", 0, match.start()), text.rfind(". ", 0, match.start())) + 1
    end = re.search(r"[.;](?:\s|$)|\n|$", text[match.end() :])
    return text[begin : match.end() + (end.start() if end else 0)].strip()


_CANNOT = re.compile(
    r"(?:\bcannot|\bcan not|\bcan no longer|\bcan['’]t) (?:\w+ly )?be (?P<done>\w+(?: off| on| out| in)?)", re.I
)
_CAN = re.compile(r"\bcan (?:\w+ly |now |also |still |again )*be (?P<done>\w+(?: off| on| out| in)?)", re.I)
_STOPS = re.compile(r"\b(?:stop|stops|cease|ceases) (?P<done>\w+ing)\b", re.I)
_KEEPS = re.compile(r"\b(?:keep|keeps|continue|continues|go on|goes on) (?P<done>\w+ing)\b", re.I)


def forbidden(sentence: str, wishes: str) -> tuple[str, str] | None:
    """What a sentence says cannot be done, or stops, where the issue says in the same verb that it can, or goes on."""
    for mine, theirs in ((_CANNOT, _CAN), (_STOPS, _KEEPS), (_KEEPS, _STOPS)):
        for said in mine.finditer(sentence):
            done = said["done"].lower()
            told = next((match for match in theirs.finditer(wishes) if match["done"].lower() == done), None)
            both = any(match["done"].lower() == done for match in mine.finditer(wishes))
            if told and not both and not _RESERVED.search(sentence):
                return said[0], told[0]
    return None


_RESERVED = re.compile(r"\b(?:until|unless|except|only|while|whereas|but|if|no longer stops?)\b", re.I)
_SPOKEN = re.compile(r"[A-Za-z][\w'-]*")
_LEAST_ALIKE = 3
_VERBS = frozenset(map(stem, IMPERATIVES))


def exchanged(sentence: str, wishes: str) -> tuple[str, str] | None:
    """Two things in each other's place where all other words stand as in the source: "A hands B to C" for "C ... A".

    Only what is first and what comes behind a verb is looked at, and nothing in the passive.
    """
    said = _content(sentence)
    if len(said) < _LEAST_ALIKE + 2 or _PASSIVE.search(sentence):
        return None
    for line in re.split(r"(?<=[.!?;])\s+|\n", wishes):
        told = _content(line)
        shared = set(said) & set(told)
        if len(shared) < _LEAST_ALIKE + 2 or _PASSIVE.search(line):
            continue
        mine, theirs = [one for one in said if one in shared], [one for one in told if one in shared]
        apart = [at for at, (one, other) in enumerate(zip(mine, theirs, strict=True)) if one != other]
        # The subject is what is said first on both sides.
        if len(apart) != 2 or apart[0] or apart[1] < 2 or mine[0] != theirs[apart[1]]:
            continue
        if said[0] == mine[0] and told[0] == theirs[0] and not {mine[0], theirs[0]} & _VERBS:
            return mine[0], theirs[0]
    return None


_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s(?:\w+\s)?\w+(?:ed|en|wn|pt|lt|set|put)\b|\bby\b", re.I)


def _content(text: str) -> list[str]:
    found = (stem(word.lower()) for word in _SPOKEN.findall(text) if word.lower() not in STOP_WORDS and len(word) > 1)
    return list(dict.fromkeys(found))
