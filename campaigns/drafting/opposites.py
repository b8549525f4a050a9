"""Words and turns of phrase that say the contrary of a source: a pair such as upper and lower, new for old.

English only, no word of any product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting.stems import IMPERATIVES, STOP_WORDS, stem
from campaigns.drafting.tokens import WORD, words

# Two things that are easily taken for each other, whatever a ticket says of them.
_THINGS = [
    tuple(pair.split("/"))
    for pair in words(
        "upper/lower import/export upload/download read/write minimum/maximum min/max ascending/descending left/right "
        "horizontal/vertical encrypt/decrypt internal/external public/private client/server light/dark input/output "
        "sender/recipient source/target online/offline synchronous/asynchronous incoming/outgoing eager/lazy "
        "eager/lazily newest/oldest latest/oldest recent/oldest newest/earliest inside/outside inclusive/exclusive "
        "manual/automatic local/global"
    )
]
# Of these the mending of a fault puts the one in the place of the other: "the oldest first" becomes "the newest first".
_PLACES = words(
    "ascending descending left right horizontal vertical newest oldest latest recent earliest inside outside inclusive "
    "exclusive light dark minimum maximum"
)
# Pairs of degree and of change: a mended fault turns them, so they count only where a ticket says what is to be.
_CHANGES = (
    (r"add(?:s|ed|ing)?", r"(?:remov|delet)(?:e|es|ed|ing)|drop(?:s|ped|ping)?"),
    (r"before", r"after"),
    (r"(?:rais|increas)(?:e|es|ed|ing)|higher", r"(?:lower|reduc|decreas)(?:e|es|ed|ing)?"),
    (r"split(?:s|ting)?|separated?", r"(?:merg|combin|unit|unif)\w+"),
    (r"show(?:s|n|ed|ing)?", r"hid(?:e|es|den|ing)"),
    (r"larger|bigger", r"smaller"),
    (r"longer(?<!no longer)(?<!any longer)", r"shorter"),
    (r"older", r"newer"),
    (r"first", r"last"),
    (r"optional(?:ly)?", r"requir(?:e|es|ed|ing)|mandatory|obligatory|must"),
    (r"accept(?:s|ed)?", r"(?:reject|refus)(?:e?s|e?d)?"),
    (r"enabl\w+|(?:turn|switch)\w* (?:back )?on|turn on back|(?:is|are|be) on",
     r"disabl\w+|(?:turn|switch)\w* off|(?:is|are|be) off"),
    (r"includ(?:e|es|ed|ing)", r"exclud(?:e|es|ed|ing)"),
    (r"expand(?:s|ed)?", r"collaps(?:e|es|ed)"),
    (r"above|more than|at least", r"below|less than|at most"),
    (r"more", r"fewer|less"),
    (r"creat(?:e|es|ed|ing)", r"(?:delet|remov)(?:e|es|ed|ing)|drop(?:s|ped|ping)?"),
    (r"deprecat(?:es?|ed|ing)", r"remov(?:e|es|ed|ing)|gone"),
    (r"open(?:s|ed|ing)?", r"clos(?:e|es|ed|ing)"),
    (r"once", r"many times|several times|repeatedly|any number of times|as often as"),
    (r"all|every", r"only some|none of"),
    (r"keep(?:s|ing)?|kept|preserv(?:e|es|ed|ing)|retain(?:s|ed|ing)?",
     r"(?:remov|delet)(?:e|es|ed|ing)|drop(?:s|ped)?"),
)  # fmt: skip
_CHANGE_PAIRS = [
    (re.compile(rf"\b(?:{one})\b", re.I), re.compile(rf"\b(?:{other})\b", re.I))
    for first, second in _CHANGES
    for one, other in ((first, second), (second, first))
]
_NOT = re.compile(
    r"\b(?:not|no|never|cannot|without|unless|until|none|nothing|nobody|nor|neither|unable|instead|rather than"
    r"|except)\b|n['’]t\b",
    re.I,
)
_MENDED = re.compile(r"\b(?:fix(?:e[sd])?|no longer|solved|corrected|repaired|any ?more)\b", re.I)
_OCCASION = re.compile(r"(?:^|\b(?:when|while|on|after|before|by|of)\s)(?P<doing>\w+ing)\b", re.I)
_PARTS = re.compile(r"[.;:!?](?:\s|$)|,\s|\n|[()]|\s(?:but|because|while|whereas|although)\s", re.I)
_PREFIXED = re.compile(r"\b(?:un|non-?|in|im|dis|de|ir)(?P<rest>[a-z]{4,})\b", re.I)


def mixed_up(sentence: str, source: str, *, fault: str = "") -> tuple[str, str] | None:
    """A word of the sentence whose opposite, and not itself, is in the source, and that opposite.

    `fault` is what the source tells as mended: of a place or an order that only stands there the contrary holds now.
    """
    said, told = (" " + " ".join(WORD.findall(text.replace("_", " ").lower())) for text in (sentence, source))

    def has(text: str, word: str) -> bool:
        return f" {word}" in text

    for first, second in _THINGS:
        for one, other in ((first, second), (second, first)):
            if other in _PLACES and other in fault.lower() and told.count(f" {other}") == fault.lower().count(other):
                continue
            if has(said, one) and not has(said, other) and has(told, other) and not has(told, one):
                return one, other
    return None


def other_occasion(sentence: str, fault: str, source: str) -> tuple[str, str] | None:
    """What somebody does when the fault shows, told by its counterpart: "when deleting" for "when adding".

    Mending a fault turns what happens, never the occasion on which it happened.
    """
    for one, other in _CHANGE_PAIRS:
        said = _OCCASION.search(sentence)
        if said and one.fullmatch(said["doing"]) and not other.search(sentence) and not one.search(source):
            told = next((match for match in other.finditer(_apart(fault)) if match[0].endswith("ing")), None)
            if told or (other.search(_apart(fault)) and not other.search(fault)):
                return said["doing"], told[0] if told else "the contrary"
    return None


def _apart(text: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


def changed_over(sentence: str, wish: str, source: str) -> tuple[str, str] | None:
    """A word of the sentence whose counterpart the wish has, with as many denials around the one as the other.

    `wish` is what a ticket says is to be (a note, a summary that asks for something); `source` is all of the ticket.
    """
    for one, other in _CHANGE_PAIRS:
        said = one.search(sentence)
        if not said or other.search(sentence) or one.search(source):
            continue
        told = other.search(wish)
        if told and _denied(sentence, said) == _denied(wish, told):
            return said[0], told[0]
    return _without_prefix(sentence, wish, source)


def _without_prefix(sentence: str, wish: str, source: str) -> tuple[str, str] | None:
    """ "mutable" for "immutable", "empty" for "non-empty", and the other way round."""
    if re.search(r"\b(?:unless|except|other than|only)\b", sentence, re.I):
        return None
    for text, other, whole in ((sentence, wish, source), (wish, sentence, sentence)):
        seen: set[str] = set()
        for match in _PREFIXED.finditer(text):
            if match[0] in seen:
                continue
            seen.add(match[0])
            bare = re.escape(match["rest"][:5]) if len(match["rest"]) > 6 else re.escape(match["rest"])
            ending = r"\w*" if len(match["rest"]) > 6 else r"\b"
            plain = re.search(rf"(?<![\w-]){bare}{ending}", other, re.I)
            prefixed = re.search(rf"\b(?:un|non-?|in|im|dis|de|ir){bare}", whole, re.I)
            if not plain or prefixed or re.search(rf"(?<![\w-]){bare}{ending}", text, re.I):
                continue
            if _denied(text, match) == _denied(other, plain):
                pair = match[0], plain[0]
                return pair if text is sentence else (pair[1], pair[0])
    return None


def _denied(text: str, match: re.Match[str]) -> bool:
    """Whether the part of a text that holds a match has an odd number of denials."""
    begin, end = 0, len(text)
    for cut in _PARTS.finditer(text):
        if cut.end() <= match.start():
            begin = cut.end()
        elif cut.start() >= match.end():
            end = cut.start()
            break
    return len(_NOT.findall(text[begin : match.start()] + " " + text[match.end() : end])) % 2 == 1


_THING = r"(?:[^,.;\n]|[.](?=\w))+"
_EXCHANGES = (
    re.compile(rf"\b(?:replac\w+|exchang\w+|swap\w*)\s+(?P<old>{_THING}?)\s+(?:with|by|for)\s+(?P<new>{_THING})", re.I),
    re.compile(
        rf"\b(?P<old>{_THING}?)\s+(?:(?:is|are|was|were|has been|have been|will be|gets?)\s+)?(?:now\s+)?"
        rf"(?:replaced|superseded|exchanged)\s+(?:with|by|for)\s+(?P<new>{_THING})",
        re.I,
    ),
    re.compile(
        rf"\b(?P<new>{_THING}?)\s+(?:(?:is|are)\s+)?(?:now\s+)?(?:used\s+)?(?:again\s+)?"
        rf"(?:instead of|in place of|rather than|(?:now\s+)?(?:replaces|replace|supersedes))\s+(?P<old>{_THING})",
        re.I,
    ),
    # Figures need no verb: "falls from 20,000 to 5,000 rows".
    re.compile(r"\bfrom\s+(?P<old>\d[\w.,]*)(?:\s\w+)?\s+to\s+(?P<new>\d[\w.,]*)", re.I),
    re.compile(
        rf"\b(?:switch|mov|migrat|chang|rais|lower|increas|reduc|renam|convert|decreas|extend|shorten|upgrad|updat|bump)"
        rf"(?!\w*\s+back)\w*\b{_THING}?\bfrom\s+(?P<old>{_THING}?)\s+to\s+(?P<new>{_THING})",
        re.I,
    ),
)
# "X first and Y afterwards", "first X, then Y".
_ORDERS = (
    re.compile(
        rf"\b(?P<new>{_THING}?)\s+first,?\s+(?:and|then|and then|followed by)\s+(?P<old>{_THING}?)"
        r"(?:\s+(?:afterwards?|later|last|next|then|second))?[.!]?$",
        re.I,
    ),
    re.compile(
        rf"\bfirst\s+(?P<new>{_THING}?),?\s+(?:and\s+)?(?:then|afterwards|after that)\s+(?P<old>{_THING})", re.I
    ),
)
_PREPOSITION = re.compile(
    r"\s(?:for|in|on|at|when|if|where|as|because|due|while|during|since|via|through|within|under|which|that|and"
    r"|to|from|with|by|of|after|before|everywhere)\s",
    re.I,
)
_WAS_REPLACED = re.compile(r"\b(?:was|were|had been|got)\s+(?:\w+\s+)?(?:replaced|exchanged|converted|swapped)\b", re.I)
_EXCHANGE_WORD = re.compile(
    r"\b(?:replac|exchang|instead|rather|remov|switch|mov|migrat|chang|former|previous|from|no longer|drop|gone|old\b"
    r"|not\b"
    r"|supersed|until|successor|swap|convert|renam|rais|lower|increas|reduc)",
    re.I,
)


_STATEMENT = re.compile(r"\n|(?<=[.;])\s")
_MAY_EXCHANGE = re.compile(
    r"replac|exchang|swap|supersed|instead of|in place of|rather than|\bfrom\b.{1,200}?\bto\b|\bfirst\b", re.I
)
_AROUND = 300


@dataclass(frozen=True)
class Exchange:
    """One thing that takes the place of another, or with `order` comes before it: the words that tell them apart.

    `near` is the word right before the turn of phrase.
    """

    new: frozenset[str]
    old: frozenset[str]
    order: bool = False
    near: str = ""


def exchanged(sentence: str, source: str, *, fault: str = "") -> bool:
    """Whether the source says that one thing takes the place of another and the sentence the other way round.

    `fault` is the summary of a mended fault: "A instead of B" there means that it is B from now on.
    """
    told = list(_exchanges(source))
    # "Fixed: A instead of B" and "no longer A instead of B" tell the fault as the ticket does.
    if not _MENDED.search(sentence):
        told += [Exchange(found.old, found.new, found.order) for found in _exchanges(fault)]
    if not told:
        return False
    said = _exchanges(sentence)
    if any(_crossed(one, other) for other in told for one in said):
        return True
    # The old thing told as what holds, without a word of the new one.
    spoken = frozenset(_names(sentence))
    return (
        not _EXCHANGE_WORD.search(sentence)
        and not _NOT.search(sentence)
        and any(found.old <= spoken and not found.new & spoken for found in told if not found.order)
    )


def _crossed(one: Exchange, other: Exchange) -> bool:
    """Whether more words changed sides than stayed: "from A to B" for "from B to A"."""
    over, back = one.new & other.old, one.old & other.new
    stayed = len(one.new & other.new) + len(one.old & other.old)
    telling = any(re.search(r"\w[._]\w", name) for name in over | back)
    crossed = bool(over and back) or (telling and bool(over or back))
    return one.order == other.order and crossed and len(over) + len(back) >= stayed


_PREFERS = re.compile(
    rf"(?P<first>{_THING}?)\s+(?:(?:should|will|must|now|always|then)\s+)*"
    r"(?:(?:takes?|taking|has|have|gets?|given)\s+(?:precedence|priority)|wins?|prevails?|overrides?|beats?"
    r"|(?:is|are|be)\s+preferred)\b"
    rf"(?:\s+(?:over|against|to|before))?(?:\s+(?P<second>{_THING}))?",
    re.I,
)
_MAY_PREFER = re.compile(r"\b(?:precedence|priority|wins?|prevails?|overrides?|beats?|preferred)\b", re.I)
_NEAR = 3


def preferred(sentence: str, wish: str) -> tuple[str, str] | None:
    """What a sentence lets go first, and the other thing that the wish does: "A wins over B" for "B takes precedence".

    Only the words next to the turn of phrase tell the one from the other.
    """
    if not _MAY_PREFER.search(sentence) or not _MAY_PREFER.search(wish):
        return None
    for line in _STATEMENT.split(wish):
        may = _MAY_PREFER.search(line)
        told = _PREFERS.search(_near(line, may)) if may else None
        for said in _PREFERS.finditer(sentence) if told else ():
            if not told or _denied(sentence, said):
                continue
            first, second = _names(said["first"])[-_NEAR:], _names(_PREPOSITION.split(said["second"] or "")[0])[:_NEAR]
            winner = _names(told["first"])[-_NEAR:]
            behind = _names(said["second"] or "")[: 2 * _NEAR]
            if first and winner and first[-1] not in winner and winner[-1] in (*second, *behind):
                return first[-1], winner[-1]
    return None


def left_behind(sentence: str, summaries: Iterable[str]) -> bool:
    """Whether a sentence leaves behind what a summary asks for: "X instead of Y" where it wants Y and knows no X."""
    for summary in summaries:
        first = summary.split(" ", 1)[0].lower()
        if first not in IMPERATIVES or _EXCHANGE_WORD.search(summary) or _NOT.search(summary):
            continue
        wanted = frozenset(_names(summary))
        left = (found for found in _exchanges(sentence) if not found.order and found.near in found.new)
        if any(found.old <= wanted and found.near not in wanted for found in left):
            return True
    return False


def takes_the_place(source: str, *, of: str) -> bool:
    """Whether the source says that something takes the place of what a clause ("no longer ...") denies."""
    denied = frozenset(map(stem, _names(of)))
    return any(
        denied.intersection(map(stem, found.old)) and denied.isdisjoint(map(stem, found.new))
        for found in _exchanges(source)
    )


@lru_cache(maxsize=8192)
def _exchanges(text: str) -> tuple[Exchange, ...]:
    found = []
    for line in _STATEMENT.split(text):
        # One look at all of a long text is quicker than seven patterns over it.
        may = _MAY_EXCHANGE.search(line)
        if not may:
            continue
        line = _near(line, may)
        if _WAS_REPLACED.search(line):
            continue  # it tells how it was
        for pattern in (*_EXCHANGES, *_ORDERS):
            match = pattern.search(line)
            if match:
                old, new = match["old"], match["new"]
                # What stands before the turn of phrase ends next to it, what stands behind begins there.
                first, second = (old, new) if match.start("old") < match.start("new") else (new, old)
                head = (
                    _names(" ".join(_PREPOSITION.split(f"{first} ")[-2:]))[-4:]
                    if pattern is not _EXCHANGES[0]
                    else _names(first)
                )
                tail = _names(_PREPOSITION.split(second)[0])[:3]
                pair = (tail, head) if first is old else (head, tail)
                new, old = frozenset(pair[0]), frozenset(pair[1])
                names = Exchange(new - old, old - new, pattern in _ORDERS, (head or [""])[-1])
                if names.new and names.old:
                    found.append(names)
                break
    return tuple(found)


def _near(line: str, match: re.Match[str]) -> str:
    """Of a line without an end only what stands near a match: patterns with open ends go over it again and again."""
    return line[max(0, match.start() - _AROUND) : match.end() + _AROUND]


def _names(text: str) -> list[str]:
    return [word for word in re.findall(r"[\w/](?:[\w./-]*\w)?", text.lower()) if word not in STOP_WORDS]
