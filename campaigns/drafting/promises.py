"""What a text promises, or says that is hard: faster, secure, every, deleted. A promise needs a source of its family.

English only, by word lists: no list has a word of any product in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# One line is one promise; a word of a line is a claim unless the source has a word of the same line.
_CLAIMS = {
    "speed": "fast* speed* quick* rapid* perform* efficien* optimi* accelerat* throughput latenc* snapp* responsive*",
    "security": "secur* safe* protect* encrypt* hardened hardening vulnerab* cve* privacy trust*",
    "improvement": "improv* enhanc* better boost* streamlin* refin* elevat* strength*",
    "reliability": "reliab* stabil* stable robust* resilien* dependab*",
    "ease": "easier easily easy simpl* seamless* smooth* intuitiv* convenien* friendl* effortless* hassle* painless* "
    "straightforward",
    "prevention": "prevent* eliminat* ensur* guarantee* avoid* safeguard*",
    "less": "reduc* minimi* fewer lower* decreas* shrink* shorten* smaller lighter leaner slimmer",
    "more": "increas* maximi* extend* expand* broader wider richer double* triple*",
    "completeness": "completel* fully entire* total* every* always never guaranteed end-to-end comprehensive* absolut*",
    "praise": "powerful* modern* major significant* exciting best leading advanced innovative delight* great* huge* "
    "state-of-the-art cutting-edge world-class award* popular favourite favorite",
    "cost": "cheap* affordab*",
    "compatibility": "compatib* interoperab*",
    "automation": "automatic* instant* immediate* real-time",
    "amends": "refund* reimburs* compensat*",
    # What nobody promises, and what weighs as much when no source says it.
    "removal": "delet* discard* purg* erase* erasing wipe* wiping destroy*",
    "duty": "must mandatory obligatory compulsory",
}


@dataclass(frozen=True)
class Claim:
    """A promise in a text: its family and the word."""

    family: str
    word: str


#: Families that say something hard and promise nothing.
HARD = frozenset(("removal", "duty"))
# Words that promise nothing themselves and bear out a claim of their family in a source.
_BEARS_OUT = {
    "completeness": re.compile(r"\b(?:all|each|any|whole|should|must|make sure|ensure)\b", re.I),
    "demand": re.compile(r"\b(?:request|ask|demand|wish|want|many|most|some|several)\b", re.I),
    "more": re.compile(r"\b(?:long|rais|prolong|more)", re.I),
    "future": re.compile(r"\b(?:spring|summer|autumn|fall|winter|quarter|year|later|planned)\b", re.I),
    # A fault of that name which is mended.
    "compatibility": re.compile(r"\bincompatib", re.I),
    "removal": re.compile(
        r"\b(?:remov|drop|unbundl|clea[nr]|gone|uninstall|strip|eliminat|replac|unused|prun|evict|expir|trim|los[est]"
        r"|disappear|empt|rid of|retention|deprecat|overwrit|truncat|unlink|cancel)",
        re.I,
    ),
    "duty": re.compile(
        r"\b(?:need|requir|ha(?:ve|s) to|should|forc|enforc|please|only|depend|cannot|no longer|at least|minimum|drop"
        r"|remov|before|instead|oblig|ought|expect|necessar)",
        re.I,
    ),
    "automation": re.compile(r"\b(?:auto-?[a-z]+|at once|right away|straight away|by itself|by themselves)\b", re.I),
}


def families(source: str) -> set[str]:
    """The families of promises that a source bears out."""
    plain = _without_compounds(source).lower()
    # Word by word: a source is long, and thirteen patterns over it take longer than all the rest of a check.
    found = {family for word in set(_TOKEN.findall(plain)) if (family := _family_of(word))}
    found |= {family for phrase, family in _JOINED.items() if phrase in plain}
    return found | {family for family, pattern in _BEARS_OUT.items() if pattern.search(source)}


def _family_of(word: str) -> str:
    return _WHOLE.get(word) or next(
        (_BEGINNINGS[word[:end]] for end in range(3, len(word) + 1) if word[:end] in _BEGINNINGS), ""
    )


# Of two places or sizes that are named together neither is promised: "upper and lower case", "lower left".
_NO_PROMISE = re.compile(
    r"\b(?=\w*[A-Z0-9])\w+-[a-z]+"
    # A state that something is in.
    r"|\b(?:fully|completely|entirely) (?:booked|occupied|used|loaded|charged|paid|sold)\b"
    r"|\b(?:upper|higher) (?:and|or) lower\b|\blower (?:and|or) (?:upper|higher)\b"
    r"|\blower[ -]?(?:cased?|left|right|half|part|edge|corner|bounds?|limits?|end)\b"
)


def _without_compounds(text: str) -> str:
    return _NO_PROMISE.sub(" ", text)


def claims(text: str) -> list[Claim]:
    """The promises that a text makes, the first word of each family.

    A word inside a compound that starts with a name ("S3-compatible") says what a thing is and promises nothing.
    """
    plain = _without_compounds(text)
    found = []
    for family, pattern in _CLAIM_PATTERNS.items():
        match = pattern.search(plain)
        if match:
            found.append(Claim(family, match[0]))
    for family, phrase in (("cost", _COSTS_LESS), ("more", _LONGER), ("demand", _ASKED_FOR), ("future", _COMING)):
        match = phrase.search(text)
        if match and not any(claim.family == family for claim in found):
            found.append(Claim(family, match[0]))
    return found


_CLAIM_PATTERNS = {
    family: re.compile(
        r"\b(?:" + "|".join(re.escape(word).replace(r"\*", r"\w*") for word in line.split()) + r")\b", re.I
    )
    for family, line in _CLAIMS.items()
}
# Money and time that somebody keeps: "free slots", "free of ads" and "saving a draft" promise neither.
_COSTS_LESS = re.compile(
    r"\b(?:for free|free of (?:charge|cost)|at no (?:extra |additional )?(?:cost|charge)"
    r"|(?:is|are|be|comes?|now|completely|entirely) free(?= (?:for|to)\b|\W*$)"
    r"|free (?:upgrades?|updates?|trials?|plans?|tiers?|use|support|versions?|accounts?)|savings"
    r"|(?<!light )(?<!light-)sav(?:e|es|ed|ing) (?:\w+ ){0,2}"
    r"(?:time|money|costs?|effort|work|memory|space|battery|power|energy|bandwidth|traffic|paper|hours|minutes|days"
    r"|clicks|steps)"
    r"|(?:low|lower|less|fewer|reduc\w+|cut\w*) (?:\w+ )?costs?|costs? less)\b",
    re.I,
)
# "No longer" and "as long as" promise nothing.
_LONGER = re.compile(r"\bfor longer\b|(?<!no )(?<!any )\blonger(?= than\b|\W*$)", re.I)
# What many want or do: no ticket counts them.
_ASKED_FOR = re.compile(
    r"\b(?:as|often|much|frequently|most|highly|long)[- ](?:requested|awaited|wished)\b|\bby popular demand\b"
    r"|\b(?:many|most|some|several) (?:of (?:you|our)\b|customers|users|clients|companies|teams)"
    r"|\byou(?: have|['’]ve)? (?:asked|wished) for\b",
    re.I,
)
# What is told for a season: the release has a day.
_COMING = re.compile(
    r"\b(?:coming|comes?|arriv\w+|follow\w*|planned|scheduled|due|available) (?:\w+ )?(?:this|next|in|later this) "
    r"(?:spring|summer|autumn|fall|winter|quarter|year)\b",
    re.I,
)
_TOKEN = re.compile(r"\w+")
_WRITTEN = [(word, family) for family, line in _CLAIMS.items() for word in line.split()]
_JOINED = {word.rstrip("*"): family for word, family in _WRITTEN if "-" in word}
_WHOLE = {word: family for word, family in _WRITTEN if "-" not in word and not word.endswith("*")}
_BEGINNINGS = {word[:-1]: family for word, family in _WRITTEN if "-" not in word and word.endswith("*")}
