"""Where a sentence may say more than its source: what comes of it, a further verb, one of two things. English only."""

from __future__ import annotations

import re

from campaigns.drafting.clauses import VERB
from campaigns.drafting.signs import sign
from campaigns.drafting.stems import STOP_WORDS

_PIECE = re.compile(
    r"[.;:!?](?:\s|$)|,\s|\n|[()–—]|\s(?:and|but|because|so|while|whereas|although|which|that|as well as|or|with|to|for"
    r"|by|as|than|thanks to|following|making|helping|allowing|giving|letting|saving|including|even|without"
    r"|who|whose|can|will|now|no longer|is|are|was|were|has|have|must|may|does|do)\s",
    re.I,
)
_PAIR = re.compile(
    # "At start and refuse to start": what has an object of its own is a further verb.
    r"(?<![\w-])([\w-]{4,})(?= (?:and|or) ([\w-]{4,})\b(?! (?:to|it|them)\b)"
    # With a word between it is a pair of things only where no verb can follow: "the number and the branch".
    r"|(?: (?:and|or|as well as|and also))(?: (?:in|on|by|for|to|from|of|with|as|at))?"
    r"(?: (?:an?|the|its|their|your|any|all))? (?![\w-]+(?:ed|ing|ly)\b)([\w-]{4,})"
    r"(?:[.,;:!?)]|$| (?:in|on|by|for|to|from|of|with|as|at|when|if)\b))",
    re.I,
)
# What points back to something that was said: "in that period", and what says that all is left as it comes.
_POINTING_BACK = re.compile(
    r"\b(?:in|during|for|over|within|throughout|at|until|by|from) (?:that|this|these|those|the same)"
    r" (?:times?|periods?|moments?|cases?|situations?|ways?|points?|phases?|spans?|respects?|contexts?)\b"
    r"|\b(?:in the meantime|meanwhile)\b|\bwith this (?:release|version|update)\b"
    r"|\b(?:say|saying) (?:goodbye|farewell)\b"
    r"|\bwithout (?:changing|touching|any change of) (?:an?y?|the|your|any) (?:settings?|configuration|options?)\b"
    r"|\b(?:until|at|before|by|to|from|in|towards|since) the (?:very )?(?:end|beginning|start|course|middle)(?: of)?\b"
    r"|\b(?:if|when|where|as long as|while|unless) (?:nothing(?: else)?|none|you"
    r"|no (?:other )?(?:value|time|number|setting|limit))"
    r" (?:is|are|has been|have|do|does|did)? ?(?:not |nothing |otherwise )?"
    r"(?:set|configured?|given|defined?|specif(?:y|ied)|change[ds]?|chose|chosen|choose|said|entered|selected)"
    r"(?: (?:otherwise|anything|it|one|else))*\b"
    # What only hands on what is told, and turns of phrase that are more words than they say.
    r"|\b(?:please )?(?:note|remember|be aware|bear in mind|keep in mind)(?: that\b|:| ,)"
    r"|\bout of the box\b|\bfrom (?:today|now|the start)(?: on)?\b|\bas standard\b"
    r"|\b(?:make|makes|made|making) up (?:your|their|its|his|her|my|our) minds?\b"
    r"|\b(?:make|makes|set) (?:this|it|that) (?:to )?anything\b|\banything (?=(?:from|between)\b)"
    r"|\b(?:unless|until) you (?:change|decide|say|set|adjust|alter) (?:it|this|that|otherwise)\b"
    r"|\b(?:if|where|when|should) [^,.;]{0,30}\b(?:(?:do(?:es)? not|do(?:es)?n['’]t) suit you|suits you(?: better)?"
    r"|you (?:like|wish|prefer|want to|need to|need it|want it))(?=,)"
    r"|\bas (?:long|many|much|often|far|few|little|late|early) as\b",
    re.I,
)
# What somebody gains from it: the part of a sentence that inventions are made of.
_BENEFIT = re.compile(
    r"(?:,\s|\s)(?:(?:which|that|and)\s(?:now\s|also\s|thus\s|therefore\s)?"
    r"(?:lets|allows|helps|makes|means|gives|saves|keeps|brings|leads|results|enables|cuts|ensures|leaves|frees|turns)"
    r"|(?P<purpose>so)(?:\sthat)?(?=\s(?:you|your|we|they|it|the|no|all|every|users?|customers?|admins?|administrators?)\s)"
    r"|(?:letting|allowing|helping|making|giving|enabling|saving|ensuring|meaning|bringing|cutting|resulting|thereby"
    r"|freeing|leaving|thus))\s(?P<gain>[^.;]+)",
    re.I,
)


def benefits(text: str) -> list[tuple[str, bool]]:
    """The parts of a text that tell what comes of it ("which lets you ..."), and whether as a purpose ("so that")."""
    return [(match["gain"].strip(), bool(match["purpose"])) for match in _BENEFIT.finditer(text)]


_PREDICATE = re.compile(
    r",?\s(?:and|which|while)\s(?P<who>[^,.;:]{0,60}?)\b(?:now|is|are|can|will|has|have|gets?)\s(?P<what>[^,.;:]+)",
    re.I,
)


def further_predicates(text: str) -> list[str]:
    """What is said in a further part of a sentence of its subject: "..., and the tests now run in parallel".

    What denies ("and the others are excluded") often is the source's own denial in another word.
    """
    return [
        match["what"].strip()
        for match in _PREDICATE.finditer(text)
        # "Exports and imports now show it": both are the subject.
        if _STATES.search(text[: match.start()]) and sign(f"is {match['what']}") > 0
    ]


_STATES = re.compile(VERB.pattern + r"|\b\w{3,}(?:s|ed)\b", re.I)
_OVER = re.compile(
    r"\b(?P<what>[\w-]+(?: [\w-]+)?) (?:is|are|will be|become|becomes) (?:now )?(?:a thing of the past|history)\b", re.I
)


def said_to_be_over(text: str) -> list[str]:
    """What a text calls a thing of the past: it has to be what the source tells of."""
    return [match["what"] for match in _OVER.finditer(text)]


# "Two libraries were brought up to date: ...": a heading counts what follows, and the sentence shows what that is.
_HEADING = re.compile(
    r"^\s*(?:we|one|two|three|four|five|six|some|several|a few|a couple of|another|both|\d+)\b[^:.;!?]{3,60}:\s", re.I
)


def without_pointers(text: str) -> str:
    """A text without what only points to what is said elsewhere: "in that period", "if nothing is set", a heading."""
    return _POINTING_BACK.sub(" ", _HEADING.sub("", text))


def pieces(text: str) -> list[str]:
    """A text cut at every place where something may have been added to what the source says."""
    return [part for part in _PIECE.split(text) if part and part.strip()]


def pairs(text: str) -> list[tuple[str, str]]:
    """Two words that are joined by "and" or "or"."""
    found = [(match[1], match[2] or match[3]) for match in _PAIR.finditer(text)]
    return [(one, two) for one, two in found if not VERB.search(two) and two.lower() not in STOP_WORDS]
