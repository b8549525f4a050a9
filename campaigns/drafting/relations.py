"""Who does what to whom: the verbs of a text with what stands before and behind them, and where two texts disagree.

English only, by a list of verbs and the order of words. It accuses only what it can name, and stays silent on a
sentence whose verbs the source does not have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from campaigns.drafting.stems import DETERMINERS, IMPERATIVES, IRREGULAR, NOUN_TOO, STOP_WORDS, stem
from campaigns.drafting.tokens import words

_MORE_VERBS = words("""
affect approve arrive assign ask attach become block call cause confirm connect contain control count decide decline
delay depend detach determine duplicate edit encrypt fetch fire follow grant hang honor ignore inform inherit invite
leak lose notify overwrite own pay publish push query read receive refresh request respect restart see select share
sign sync trust undo unlock view work
""")
# What holds of both sides alike: "A works with B" is "B works with A".
_EITHER_WAY = words("work match join merge combine integrate sync align share equal differ conflict list show include")
_BE = words("is are was were be been being gets get got")
_BEFORE_VERB = words(
    "can will to not longer now does do must may should cannot could would don't doesn't didn't can't won't also again"
)
_PLURAL = words("i you we they who that which and or people children staff men women data all both which please")
_ENDS = re.compile(
    r"[.;:!?](?:\s|$)|\n|,\s|[()–—]|\s(?:but|because|while|whereas|although|so that|when|if|which|after|before"
    r"|until|once|during)\s",
    re.I,
)
_WORD = re.compile(r"[A-Za-z0-9_][\w.'#/-]*[\w#]|[A-Za-z0-9_]")
# Nouns as often as verbs, beside those of NOUN_TOO.
_NOUNS = NOUN_TOO | words(
    "request view query share sign trust call control delay edit block cause push respect work fire lead result select"
)
# Words that take no part in what is done.
_IDLE = words("let allow permit enable make help") | {stem("longer")}


def _forms() -> dict[str, str]:
    found: dict[str, str] = {}
    for verb in IMPERATIVES | _MORE_VERBS:
        bare = verb[:-1] if verb.endswith("e") else verb
        doubled = verb + verb[-1] if re.search(r"[^aeiou][aeiou][bdglmnprt]$", verb) else bare
        third = (
            verb[:-1] + "ies"
            if re.search(r"[^aeiou]y$", verb)
            else verb + ("es" if re.search(r"(?:[sxz]|[cs]h)$", verb) else "s")
        )
        past = verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else bare + "ed"
        for form in (verb, third, past, bare + "ing", doubled + "ed", doubled + "ing"):
            found.setdefault(form, verb)
    return found | IRREGULAR


_FORMS = _forms()


def may_be_verb(word: str) -> bool:
    """Whether a word in small letters is a form of a verb that the list has, a noun as well or not."""
    return word in _FORMS


@dataclass(frozen=True)
class Relation:
    """One verb of a text: its stem, who does it and to what, as far as the order of words tells."""

    verb: str
    actor: frozenset[str]
    target: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Everything that takes part."""
        return self.actor | self.target


@lru_cache(maxsize=4096)
def relations(text: str) -> tuple[Relation, ...]:
    """The verbs of a text with their sides."""
    found = []
    for clause in _ENDS.split(text):
        spoken = _WORD.findall(clause or "")
        lowered = [word.lower() for word in spoken]
        places = [place for place in range(len(lowered)) if _is_verb(lowered, place)]
        for turn, place in enumerate(places):
            begin = places[turn - 1] + 1 if turn else 0
            end = places[turn + 1] if turn + 1 < len(places) else len(lowered)
            found.append(_relation(lowered, begin, place, end))
            if turn and begin == place - 1 and lowered[begin] in ("and", "or"):
                # "approve or decline requests": both have the subject of the first and the object of the second.
                first, second = found[-2], found[-1]
                found[-2:] = [replace(first, target=first.target | second.target), replace(second, actor=first.actor)]
    return tuple(found)


def _is_verb(lowered: list[str], place: int) -> bool:
    word = lowered[place]
    verb = _FORMS.get(word)
    if not verb:
        return False
    before = lowered[place - 1] if place else ""
    if word == verb and place == 0:
        # "Filter by size shows": a noun that begins a summary has its verb behind it.
        following = lowered[1] if len(lowered) > 1 else ""
        return verb not in _NOUNS or following in DETERMINERS or (verb == "use" and following != "of")
    if verb in _NOUNS and not word.endswith(("ed", "ing")):
        return before in _BEFORE_VERB
    if word == verb and before not in _BEFORE_VERB and not _is_plural(lowered, place - 1):
        return False  # "queue wait time": of one thing the verb would end in -s
    if word.endswith("ing") and word != verb and place and before not in _BE:
        return False
    # "the deleted rows" says which rows.
    return not (word.endswith("ed") and (before in STOP_WORDS - _BE - _BEFORE_VERB or not place) and before not in _BE)


def _is_plural(lowered: list[str], place: int) -> bool:
    """Whether a word may be the subject of a verb in its plain form, or join it to another verb."""
    word = lowered[place]
    return word in _PLURAL or word.endswith("ly") or (word.endswith("s") and not word.endswith(("ss", "us", "is")))


def _relation(lowered: list[str], begin: int, place: int, end: int) -> Relation:
    left, right = lowered[begin:place], lowered[place + 1 : end]
    passive = lowered[place].endswith(("ed", "en", "wn", "lt", "pt", "de", "nt", "id", "ld")) and any(
        word in _BE for word in lowered[max(0, place - 3) : place]
    )
    # "Key not invalidated": a headline leaves the verb out.
    passive = passive or (lowered[max(0, place - 1) : place] == ["not"] and lowered[place].endswith("ed"))
    verb = stem(_FORMS[lowered[place]])
    if passive or (right[:1] == ["by"] and lowered[place].endswith("ed")):
        if "by" in right:
            at = right.index("by")
            return Relation(verb, _stems(right[at + 1 :]), _stems(left + right[:at]))
        return Relation(verb, frozenset(), _stems(left))
    return Relation(verb, _stems(left), _stems(right))


def _stems(spoken: list[str]) -> frozenset[str]:
    telling = (word for word in spoken if word not in STOP_WORDS and len(word) > 1)
    return frozenset(stem(word) for word in telling if not word.replace(".", "").isdigit()) - _IDLE


def exchanged(sentence: str, source: str) -> tuple[str, str] | None:
    """Two things of the source that changed places in the sentence; None when none did."""
    said, told = relations(sentence), relations(source)
    held = frozenset[str]().union(*(other.all for other in told))
    for one in said:
        others = [other for other in told if other.verb == one.verb]
        if not others or one.verb in _EITHER:
            continue
        if not any(_agree(one, other) for other in others):
            for other in others:
                strange = one.actor and not one.actor & held
                if one.target & other.actor and (one.actor & other.target or strange):
                    return _shown(one.actor), _shown(other.actor)
        for two in said:
            crossed = [_crossed(one, two, other, last) for other in others for last in told if last.verb == two.verb]
            if two.verb != one.verb and crossed and all(crossed):
                return crossed[0]
    return None


def _crossed(one: Relation, two: Relation, other: Relation, last: Relation) -> tuple[str, str] | None:
    """What of two verbs of a sentence belongs to the other one in the source, both ways."""
    over = (one.all - other.all) & (last.all - two.all)
    back = (two.all - last.all) & (other.all - one.all)
    return (_shown(over), _shown(back)) if over and back else None


def other_thing(sentence: str, source: str, held: frozenset[str]) -> tuple[str, str] | None:
    """What a verb is about in the sentence and in the source, when it is another thing; None when it is the same.

    `held` are all stems of the source: only a thing that it does not have at all is another one.
    """
    spoken = frozenset(stem(word.lower()) for word in _WORD.findall(sentence))
    # Names out of code are looked at letter by letter.
    held |= {stem(word.lower()) for word in _WORD.findall(sentence) if re.search(r"[a-z][A-Z]|\w[._#]\w", word)}
    told = relations(source)
    for one in relations(sentence):
        others = [other for other in told if other.verb == one.verb]
        if not others or any(_agree(one, other) for other in others):
            continue
        for side, across in (("actor", "target"), ("target", "actor")):
            mine = getattr(one, side)
            like = [other for other in others if getattr(one, across) & getattr(other, across)]
            theirs = [getattr(other, side) for other in like or others]
            if mine and not mine & held and all(their and not their & spoken for their in theirs):
                return _shown(mine), _shown(theirs[0])
    return None


def _agree(one: Relation, other: Relation) -> bool:
    """Whether nothing in two uses of a verb speaks against their meaning the same."""
    return _fit(one.actor, other.actor) and _fit(one.target, other.target)


def _fit(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or bool(one & other)


def _shown(stems: frozenset[str]) -> str:
    return " ".join(sorted(stems)[:2])


_EITHER = frozenset(map(stem, _EITHER_WAY))
