"""Does a sentence say the same as its source? Promises that are not in it, its opposite, a dropped condition.

English only, by word lists and counting: no list has a word of any product in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting.wording import WORD, content_stems, words

# One line is one promise; a word of a line is a claim unless the source has a word of the same line.
_CLAIMS = {
    "speed": "fast* speed* quick* rapid* perform* efficien* optimi* accelerat* throughput latenc* snapp* responsive*",
    "security": "secur* safe* protect* encrypt* hardened hardening vulnerab* cve* privacy trust*",
    "improvement": "improv* enhanc* better boost* streamlin* refin* upgraded elevat* strength*",
    "reliability": "reliab* stabil* stable robust* resilien* dependab*",
    "ease": "easier easily easy simpl* seamless* smooth* intuitiv* convenien* friendl* effortless* hassle*",
    "prevention": "prevent* eliminat* ensur* guarantee* avoid* safeguard*",
    "less": "reduc* minimi* fewer lower* decreas* shrink*",
    "more": "increas* maximi* extend* expand* broader wider richer double* triple*",
    "completeness": "completel* fully entire* total* every* always never guaranteed end-to-end comprehensive* absolut*",
    "praise": "powerful* modern* major significant* exciting best leading advanced innovative delight* great* huge* "
    "state-of-the-art cutting-edge world-class award* popular favourite favorite",
    "cost": "cheap* free saving* saves cost* affordab*",
    "compatibility": "compatib* interoperab*",
    "automation": "automatic* instant* immediate* real-time",
}


@dataclass(frozen=True)
class Claim:
    """A promise in a text: its family and the word."""

    family: str
    word: str


def claims(text: str) -> list[Claim]:
    """The promises that a text makes, the first word of each family.

    A word inside a compound that starts with a name ("S3-compatible") says what a thing is and promises nothing.
    """
    plain = re.sub(r"\b\w*[A-Z0-9]\w*-[a-z]+", " ", text)
    found = []
    for family, pattern in _CLAIM_PATTERNS.items():
        match = pattern.search(plain)
        if match:
            found.append(Claim(family, match[0]))
    return found


_CLAIM_PATTERNS = {
    family: re.compile(
        r"\b(?:" + "|".join(re.escape(word).replace(r"\*", r"\w*") for word in line.split()) + r")\b", re.I
    )
    for family, line in _CLAIMS.items()
}

_NEGATIONS = words("not no never without cannot neither nor unable none nothing hardly")
_ENDED = tuple(
    words(
        "disallow forbid forbidden prohibit reject refus disabl remov discontinu deprecat unsupport unavailabl "
        "prevent avoid impossibl eliminat retire"
    )
)
_FAULT = tuple(
    words(
        "fail error broke wrong incorrect crash missing loses lost corrupt leak exception throw faulty invalid bug "
        "problem hang hung stuck freez flak inconsisten duplicate overwrit ignor truncat"
    )
)
_MENDED = re.compile(
    r"\b(?:fix(?:e[sd]|ing)?|resolv\w+|correct(?:s|ed)|solv\w+|repair\w*|mend(?:s|ed)|"
    r"address(?:es|ed)|behoben|behebt)\b",
    re.I,
)
_PAST = re.compile(
    r"\b(?:previously|formerly|before this|used to|in earlier|in the past|until now|so far|had been|"
    r"would have|could have)\b",
    re.I,
)
_MAYBE = re.compile(
    r"\b(?:if|unless|may|might|can be|could|should|depending|whether|when|instead of|rather than)\b", re.I
)
_CLAUSE = re.compile(r"[.;:!?](?:\s|$)|,\s|\n|[()]|\s(?:and|but|which|because|so that|while|whereas|although)\s", re.I)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence: its words, its sign (+1 says it is so, -1 says it is not) and how sure that is."""

    text: str
    stems: frozenset[str]
    sign: int
    plain: bool
    fault: bool


@lru_cache(maxsize=16384)
def clauses(text: str) -> tuple[Clause, ...]:
    """A text cut where a new statement may begin; parts of one content word are dropped."""
    found = []
    for part in _CLAUSE.split(text):
        stems = frozenset(content_stems(part)) if part else frozenset()
        if len(stems) >= 2:
            found.append(Clause(part.strip(), stems, sign(part), plain=not _MAYBE.search(part), fault=_has_fault(part)))
    return tuple(found)


def sign(text: str) -> int:
    """+1 when a statement says that something is or works, -1 when it says that it is not or fails."""
    if _PAST.search(text):
        return -_sign(_PAST.sub(" ", text))
    return _sign(text)


def _sign(text: str) -> int:
    lowered = [word.replace("’", "'") for word in WORD.findall(text.lower())]
    turns = sum(word in _NEGATIONS or word.endswith("n't") for word in lowered)
    turns += any(word.startswith(_ENDED) for word in lowered)
    turns += bool(re.search(r"\b(?:drop(?:s|ped)?|end(?:s|ed)?|stop(?:s|ped)?)\s+(?:\w+\s+)?support", text, re.I))
    faulty = _has_fault(text)
    if _MENDED.search(text) and (faulty or turns):
        return 1
    return -1 if (turns + faulty) % 2 else 1


def _has_fault(text: str) -> bool:
    return any(word.startswith(_FAULT) for word in WORD.findall(text.lower()))


def reversed_clause(sentence: str, sources: list[tuple[str, bool]]) -> tuple[str, str] | None:
    """A clause of the sentence and the source clause that says the opposite; None when nothing speaks against it.

    `sources` are texts with whether each one describes a fault that is now mended (the summary of a bug): such a
    text speaks against a sentence that states the fault as a fact. A clause is accused only when no source clause
    that is about the same thing agrees with it.
    """
    told = [
        (clause, -clause.sign if mended and clause.sign < 0 else clause.sign, mended)
        for text, mended in sources
        for clause in clauses(text)
    ]
    whole = re.match(r"\s*(?:fixed|resolved|behoben)\b", sentence, re.I)
    for clause in clauses(sentence):
        if not clause.plain:
            continue
        said = 1 if whole else clause.sign
        against = None
        for source, meant, mended in told:
            shared = len(clause.stems & source.stems)
            if (
                shared < 2
                or shared < 0.5 * min(len(clause.stems), len(source.stems))
                or shared < 0.34 * len(clause.stems)
            ):
                continue
            # A bug summary without a word of fault names it in some other way: it can agree with either sign.
            if meant == said or (mended and source.sign > 0):
                against = None
                break
            against = against or source.text
        if against:
            return clause.text, against
    return None


_CONDITION = re.compile(
    r"\b(?:in|from|since|as of|starting with|until|before)\s+(?:version\s+)?(?P<version>\d+(?:\.\w+)+)", re.I
)


def dropped_version(sentence: str, source: str, version: str) -> str:
    """A version that the source limits a statement to, that is not this release and that the sentence left out.

    The source clause counts only when it is the one that the sentence repeats. Returns "" when all is well.
    """
    parts = [part for part in re.split(r"(?<=[.!?])\s|\n|[()]", source) if part.strip()]
    for clause in clauses(sentence):
        best = max(parts, key=lambda part: _likeness(clause, part), default="")
        match = _CONDITION.search(best)
        if not match or _likeness(clause, best) < 0.7:
            continue
        limit = match["version"].lower()
        if limit not in sentence.lower() and not _covers(limit, version):
            return limit
    return ""


def _likeness(clause: Clause, part: str) -> float:
    stems = frozenset(content_stems(part))
    agree = 0.05 if sign(part) == clause.sign else 0.0
    return len(clause.stems & stems) / max(1, len(clause.stems)) + agree


def _covers(pattern: str, version: str) -> bool:
    """Whether a version or a pattern such as 5.1.x takes in the version of the release."""
    wanted = re.findall(r"\d+|x", pattern)
    given = re.findall(r"\d+", version)
    return all(want in ("x", have) for want, have in zip(wanted, given, strict=False))
