"""Does a sentence say the same as its source? Promises that are not in it, its opposite, a dropped condition.

English only, by word lists and counting: no list has a word of any product in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from campaigns.drafting.wording import STOP_WORDS, WORD, content_stems, numbers, words

# One line is one promise; a word of a line is a claim unless the source has a word of the same line.
_CLAIMS = {
    "speed": "fast* speed* quick* rapid* perform* efficien* optimi* accelerat* throughput latenc* snapp* responsive*",
    "security": "secur* safe* protect* encrypt* hardened hardening vulnerab* cve* privacy trust*",
    "improvement": "improv* enhanc* better boost* streamlin* refin* elevat* strength*",
    "reliability": "reliab* stabil* stable robust* resilien* dependab*",
    "ease": "easier easily easy simpl* seamless* smooth* intuitiv* convenien* friendl* effortless* hassle* painless* "
    "straightforward",
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


# Words that promise nothing themselves and bear out a claim of their family in a source.
_BEARS_OUT = {
    "completeness": re.compile(r"\b(?:all|each|any|whole)\b", re.I),
    "automation": re.compile(r"\b(?:at once|right away|straight away|by itself|by themselves)\b", re.I),
}


def families(source: str) -> set[str]:
    """The families of promises that a source bears out."""
    return {claim.family for claim in claims(source)} | {
        family for family, pattern in _BEARS_OUT.items() if pattern.search(source)
    }


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
_MAYBE = re.compile(r"\b(?:unless|may|might|can be|could|should|depending|whether|instead of|rather than)\b", re.I)
# An error that is shown, logged or counted is what the sentence is about and no fault.
_FAULT_AS_TOPIC = re.compile(
    r"\b(?:error|exception|crash|bug|problem)s?[ -]"
    r"(?:messages?|codes?|pages?|logs?|reports?|notices?|handling|texts?)\b"
    r"|\b(?:in|of|from|about)\s+(?:the|an?)\s+(?:\w+\s+)?(?:error|exception)s?\b"
    # So is a thing with such a mark: "the refused field", "a deprecated call".
    r"|\b(?:the|an?|this|that|each|every|any|all)\s+\w+ed\b(?=\s+(?!(?:in|on|at|by|to|for|with|from|as|and|or|when)\b)\w)",
    re.I,
)
_SWITCHED_OFF = re.compile(r"\b(?:switch|turn)(?:ed|s|es)? off\b|\bshut down\b|\bphased out\b|\bgo(?:es)? away\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_MENDED_HEAD = re.compile(r"\s*(?:fixed|fixes|resolved|resolves|behoben)\b", re.I)
_WHEN = re.compile(r"(?:^|\s)(?:even\s+)?(?:when|if|that|which|who|whose|where)\s", re.I)
_SHOULD = re.compile(r"\bshould\b", re.I)
_CLAUSE = re.compile(r"[.;:!?](?:\s|$)|,\s|\n|[()]|\s(?:and|but|because|so that|while|whereas|although)\s", re.I)


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
        for part in _CLAUSE.split(sentence):
            stems = frozenset(content_stems(part)) if part else frozenset()
            if len(stems) < 2:
                continue
            main = _WHEN.split(part)[0].strip()
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


def sign(text: str) -> int:
    """+1 when a statement says that something is or works, -1 when it says that it is not or fails."""
    text = _FAULT_AS_TOPIC.sub(" ", text)
    if _PAST.search(text):
        return -_sign(_PAST.sub(" ", text))
    return _sign(text)


def _sign(text: str) -> int:
    lowered = [word.replace("’", "'") for word in WORD.findall(text.lower())]
    turns = sum(word in _NEGATIONS or word.endswith("n't") for word in lowered)
    turns += any(word.startswith(_ENDED) for word in lowered)
    turns += bool(re.search(r"\b(?:drop(?:s|ped)?|end(?:s|ed)?|stop(?:s|ped)?)\s+(?:\w+\s+)?support", text, re.I))
    turns += bool(_SWITCHED_OFF.search(text))
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
        (clause, -clause.sign if mended and clause.sign < 0 and not clause.definite else clause.sign, mended)
        for text, mended in sources
        for clause in clauses(text)
    ]
    known = frozenset(number for source, _, _ in told for number in source.numbers)
    for clause in clauses(sentence):
        if not clause.plain:
            continue
        against = None
        for source, meant, mended in told:
            if not source.states:
                continue
            shared = len(clause.stems & source.stems)
            if (
                shared < 2
                or shared < 0.5 * min(len(clause.stems), len(source.stems))
                or shared < 0.34 * len(clause.stems)
            ):
                continue
            # A bug summary without a word of fault names it in some other way: it can agree with either sign.
            if not clause.numbers & known <= source.numbers:
                continue  # it speaks of another number
            if meant == clause.sign or (mended and source.sign > 0 and not source.definite):
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


# Two things that are easily taken for each other. Pairs of degree (small, large) are left out: a mended fault turns
# them.
_OPPOSITES = [
    tuple(pair.split("/"))
    for pair in words(
        "upper/lower import/export upload/download read/write minimum/maximum min/max ascending/descending left/right "
        "horizontal/vertical encrypt/decrypt internal/external public/private client/server light/dark input/output "
        "sender/recipient source/target online/offline synchronous/asynchronous incoming/outgoing"
    )
]


def mixed_up(sentence: str, source: str) -> tuple[str, str] | None:
    """A word of the sentence whose opposite, and not itself, is in the source, and that opposite."""
    said, told = (
        " ".join(word.lower() for word in WORD.findall(text.replace("_", " "))) for text in (sentence, source)
    )

    def has(text: str, word: str) -> bool:
        return bool(re.search(rf"\b{word}", text))

    for first, second in _OPPOSITES:
        for one, other in ((first, second), (second, first)):
            if has(said, one) and not has(said, other) and has(told, other) and not has(told, one):
                return one, other
    return None


_EXCHANGES = (
    (re.compile(r"\b(?:replac\w+|exchang\w+|swap\w*)\s+(?P<old>.+?)\s+(?:with|by|for)\s+(?P<new>.+)", re.I)),
    (
        re.compile(
            r"\b(?P<new>[^,.;]+?)\s+(?:(?:is|are)\s+)?(?:now\s+)?(?:used\s+)?(?:again\s+)?"
            r"(?:instead of|in place of|rather than"
            r"|replaces?)\s+(?P<old>[^,.;]+)",
            re.I,
        )
    ),
    (
        re.compile(
            r"\b(?P<old>[^,.;]+?)\s+(?:is|are|was|were|has been|have been)\s+replaced\s+(?:with|by)\s+(?P<new>[^,.;]+)",
            re.I,
        )
    ),
)


def exchanged(sentence: str, source: str) -> bool:
    """Whether the source says that one thing takes the place of another and the sentence the other way round."""
    said = _exchanges(sentence)
    return bool(said) and any(
        said_new & told_old and said_old & told_new and not (said_new & told_new or said_old & told_old)
        for told_new, told_old in _exchanges(source)
        for said_new, said_old in said
    )


def _exchanges(text: str) -> list[tuple[set[str], set[str]]]:
    found = []
    for line in text.splitlines():
        for pattern in _EXCHANGES:
            match = pattern.search(line)
            if match:
                old = _names(match["old"])[:3]
                before = match.start("new") < match.start("old")
                new = _names(match["new"])[-2:] if before else _names(match["new"])[:2]
                found.append((set(new) - set(old), set(old) - set(new)))
                break
    return found


def _names(text: str) -> list[str]:
    return [word for word in re.findall(r"\w[\w.-]*\w", text.lower()) if word not in STOP_WORDS]


_REPAIRED = re.compile(
    r"\b(?:fix\w*|no longer|now|again|not|resolved|mended|solved|can|will|any ?more)\b|n['’]t\b", re.I
)


def repeats_fault(sentence: str, summary: str) -> bool:
    """Whether a sentence is the summary of a bug nearly word for word, without a word that it is mended."""
    said, told = (set(WORD.findall(text.lower())) - STOP_WORDS for text in (sentence, summary))
    if len(told) < 3 or _REPAIRED.search(sentence) or sign(sentence) != sign(summary):
        return False
    return len(said & told) >= 0.8 * len(said | told)
