"""Does a sentence say the contrary of its source? Clauses about the same thing with signs that differ. English only."""

from __future__ import annotations

import re

from campaigns.drafting import opposites
from campaigns.drafting.clauses import VERB, Clause, clauses, stated
from campaigns.drafting.relations import may_be_verb
from campaigns.drafting.signs import (
    DENIAL,
    ending_words,
    has_fault,
    scopes_of_denial,
    sign,
    turning_words,
    unknown_verb,
)
from campaigns.drafting.stems import STOP_WORDS, content_stems, stem

# "Shows rows without a name" says which rows.
_WITHOUT = re.compile(r"\bwithout\b|\bohne\b", re.I)


def reversed_clause(
    sentence: str, sources: list[tuple[str, bool]], *, idle: frozenset[str] = frozenset(), open_ended: str = ""
) -> tuple[str, str] | None:
    """A clause of the sentence and the source clause that says the opposite; None when nothing speaks against it.

    `sources` are texts with whether each one describes a fault that is now mended (the summary of a bug): such a
    text speaks against a sentence that states the fault as a fact. A clause is accused only when no source clause
    that is about the same thing agrees with it. `idle` are stems that speak for no likeness (the name of the product);
    `open_ended` is a source text that may tell what was as well as what is to be, so that it agrees with either sign.
    """
    told = [
        (clause, -clause.sign if mended and clause.sign < 0 and not clause.definite else clause.sign, mended)
        for text, mended in sources
        for clause in clauses(text)
    ]
    known = frozenset(number for source, _, _ in told for number in source.numbers)
    parts = clauses(sentence)
    may_end = any(_MAY_END.search(text) for text, _ in sources)
    for clause in parts:
        if not clause.plain:
            continue
        # "It can be turned off" speaks of the thing before it.
        optional = may_end and bool(_MAY_END.search(clause.text)) and not DENIAL.search(clause.text)
        against, weight, agreed = "", 0, 0
        for source, meant, mended in told:
            # A part of the source speaks of that part of the sentence which has most of it.
            if not source.states or any(_in_common(other, source) > _in_common(clause, source) for other in parts):
                continue
            stems = len((clause.stems & source.stems) - idle)
            alike = clause.numbers & source.numbers
            shared = stems + len(alike)
            if (
                not stems
                or shared < 2
                or stems < 0.5 * min(len(clause.stems), len(source.stems)) - len(alike)
                or shared < 0.4 * len(clause.stems)
            ):
                continue
            in_its_word = not mended and bool(turning_words(stated(clause.text)) & turning_words(stated(source.text)))
            if not clause.numbers & known <= source.numbers and not in_its_word:
                continue  # it speaks of another number
            beside = _sign_beside(clause, source)
            if not mended:
                meant, beside = _signs_apart(clause, source, meant, beside)
            agrees = (
                meant == beside
                or optional
                # A bug summary without a word of fault names it in some other way: it can agree with either sign.
                or (mended and not source.definite and (source.sign > 0 or sign(_WITHOUT.sub(" ", source.text)) > 0))
                or (bool(open_ended) and source.text in open_ended)
                or (clause.sign < 0 and opposites.takes_the_place(source.text, of=clause.text))
            )
            if in_its_word and meant == beside and clause.sign < 0:
                break  # the issue says it in the same word
            if agrees:
                # A word such as "failed" on both sides is a mark of the thing and speaks for no agreement.
                marks = 0 if mended else len(turning_words(clause.text) & turning_words(source.text) & clause.stems)
                agreed = max(agreed, shared - marks)
            elif shared > weight and _speaks_against(clause, source, mended=mended):
                against, weight = source.text, shared
        else:
            # The clause that is most about the same thing decides.
            if weight > agreed:
                return clause.text, against
    return None


_MAY_END = re.compile(
    r"\b(?:can|may|lets?|allows?)\b[^.;\n]{0,30}?"
    r"\b(?:(?:turn|switch)(?:ed)?(?: \w+)? off|disabled?|hidden|hide|removed?)\b",
    re.I,
)
_STATED = re.compile(
    r"(?:^|\b(?:is|are|be|been|being|now|gets?)\s(?:\w+ly\s|now\s|also\s|no longer\s|not\s)*)(?P<verb>\w+)", re.I
)


def _signs_apart(clause: Clause, source: Clause, meant: int, said: int) -> tuple[int, int]:
    """The signs of a source and of a clause without the words that turn both: "disabled users" are that on either side.

    Where such a word is what the source states ("Remove X", "X is removed"), only what is denied can part the two.
    """
    both = turning_words(source.text) & turning_words(stated(clause.text))
    if not both:
        return meant, said
    if any(stem(match["verb"].lower()) in both for match in _STATED.finditer(stated(source.text))):
        told, spoken = (scopes_of_denial(stated(part.text)) for part in (source, clause))
        return -1 if len(told) % 2 else 1, -1 if len(spoken) % 2 else 1
    return tuple(  # type: ignore[return-value]
        sign(" ".join(word for word in stated(text).split() if stem(word.strip(".,;:!?")) not in both))
        for text in (source.text, clause.text)
    )


def _in_common(clause: Clause, source: Clause) -> int:
    return len(clause.stems & source.stems) + len(clause.numbers & source.numbers)


def _speaks_against(clause: Clause, source: Clause, *, mended: bool) -> bool:
    """Whether two clauses whose signs differ differ in something that can be named.

    A sign is counted from words, and an honest paraphrase may turn a thing with a word that nobody counts. So a denial
    has to deny what the other side says, and a word that ends something has to be on both sides or meet a verb that is
    known.
    """
    said, told = stated(clause.text), stated(source.text)
    if not frozenset(content_stems(said)) & source.stems:
        return False  # what they share is not what is stated
    ends, ended = turning_words(said), turning_words(told if mended else source.text)
    denied, denies = scopes_of_denial(said), scopes_of_denial(told)
    if mended and (_is_past(said) or unknown_verb(said, source.stems) or (denied and _hinders(said, source.stems))):
        return False
    # "No longer accepted" denies what the fault "are rejected" is the contrary of.
    if not (mended and ended) and not all(not scope - _GENERAL or scope & source.stems for scope in denied):
        return False
    if mended:
        # "Is refused when it is locked" is the mending of a fault, unless the fault itself is that it is refused.
        only = ending_words(said) and not has_fault(said) and not denied
        return not (only and not ending_words(told))
    if ends & ended:
        # What both have says nothing against either.
        ends, ended = ends - ended, ended - ends
        return (len(denied) + bool(ends)) % 2 != (len(denies) + bool(ended)) % 2
    if ends and ended and len(denied) % 2 == len(denies) % 2:
        return False  # both end something
    if len(denied) % 2 and len(denies) % 2 and not ending_words(said) ^ ending_words(source.text):
        return False  # both deny; "no longer twice" only has a fault as well
    if ends or denied:
        return bool(ended or denies) or not unknown_verb(told, clause.stems)
    return not DENIAL.search(clause.text) and _affirms(clause.text, said, denies, ended, source, told)


_DENIED_VERB = re.compile(
    r"\bno longer\s+(?P<third>[a-z]+[^\Ws]s)\b|\b(?:do|does)(?: not|n['’]t)\s+(?:\w+ly\s+)?(?P<plain>[a-z]+)",
    re.I,
)
_IN_THE_WAY = re.compile(
    r"\bin (?:the|your|their|its) way\b|\bfrom (?:being\b|\w+ing\b)|\baway\b|\b(?:out|off)\b", re.I
)


def _hinders(text: str, held: frozenset[str]) -> bool:
    """Whether what a text denies may be a hindrance itself: "no longer stands in the way", "does not stall"."""
    if _IN_THE_WAY.search(text):
        return True
    verbs = [(match["third"] or match["plain"]).lower() for match in _DENIED_VERB.finditer(text)]
    return bool(verbs) and not any(may_be_verb(verb) or stem(verb) in held or verb in STOP_WORDS for verb in verbs)


def _affirms(
    text: str, said: str, denies: list[frozenset[str]], ended: frozenset[str], source: Clause, told: str
) -> bool:
    """Whether a text without any word of denial affirms what a source denies or ends.

    It has to say the same verb, or one that is known to say that something is there; "stays away", "is free of" and a
    verb that nobody knows may be a denial in other words.
    """
    reserved = _RESERVED.search(text)
    if reserved and frozenset(content_stems(text[reserved.end() :])) & source.stems:
        return False
    if _AWAY.search(said) or unknown_verb(said, source.stems):
        return False
    stems = frozenset(content_stems(said))
    if any(scope and not scope & stems for scope in denies):
        return False
    # "No longer locks the chain": "is checked in the chain" says nothing of locks.
    denied = _DENIED_VERB.search(told)
    verb = (denied["third"] or "").lower() if denied else ""
    if verb and verb not in STOP_WORDS and stem(verb) not in stems:
        return False
    # What is deprecated still works.
    return ended != {_DEPRECATION} or bool(re.search(r"\b(?:supported|recommended)\b", said, re.I))


# To deny these is to deny the thing itself.
_GENERAL = frozenset(map(stem, ("supported", "available", "possible", "works", "exists", "longer", "offered")))
_RESERVED = re.compile(r"\b(?:until|unless|except|other than|only|nobody but|none but)\b", re.I)
_AWAY = re.compile(
    r"\b(?:away|aside|alone|against|free (?:of|from)|\w+ed of|out of|rid of|clear of|instead of|apart from"
    r"|(?:\w+(?:ed|en|pt)|safe) from|closed|(?:held|hold|kept|keeps?|turn\w*|stay\w*|cut|push\w*) (?:\w+ )?"
    r"(?:back|out|off|down)"
    r"|(?:leaves?|left|leaving|stays?|rul\w+|lock\w*|shut\w*|fad\w+|phas\w+|tak\w+|strip\w*) (?:\w+ ){0,4}(?:out|off)"
    r"|made way|(?:is|are) (?:history|over|past|out)|thing of the past)\b",
    re.I,
)
_DEPRECATION = stem("deprecate")
_PAST_ALONE = re.compile(r"\b(?:was|were|had|did|didn['’]t|wasn['’]t|weren['’]t)\b", re.I)
_PRESENT = re.compile(
    r"\b(?:is|are|has|have|can|cannot|will|does|do|must|may|now|no longer|again)\b"
    r"|\b(?:is|are|has|have|does|do|ca|wo)n['’]t\b",
    re.I,
)


def _is_past(text: str) -> bool:
    """Whether a text tells only how it was."""
    return bool(_PAST_ALONE.search(text)) and not _PRESENT.search(text)


# What went wrong, as the note of a mended fault tells it; "was added" may be what was done about it.
_WENT_WRONG = re.compile(
    r"\b(?:could|couldn['’]t|did not|didn['’]t|ran|went|got|lost|kept|broke|threw|took|came|hung|crashed|failed|stopped"
    r"|stayed|remained|showed|appeared|waited|ignored|sent)\b",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def went_wrong(note: str) -> list[str]:
    """The sentences of a fault's note that tell how it was before: both "ran twice" and "no longer run twice" fit."""
    return [part for part in _SENTENCE.split(note) if _WENT_WRONG.search(part) and not _PRESENT.search(part)]


_WITHOUT_WHAT = re.compile(r"\s(?:without|ohne)\s(?P<what>.*)$", re.I | re.S)


def _sign_beside(clause: Clause, source: Clause) -> int:
    """The sign of a clause as to what another one says: "checks files without a server" denies no files there."""
    found = _WITHOUT_WHAT.search(clause.text)
    if not found or VERB.search(found["what"]) or source.stems & set(content_stems(found["what"])):
        return clause.sign
    head = clause.text[: found.start()]
    return sign(stated(head)) if len(set(content_stems(head))) > 1 else clause.sign
