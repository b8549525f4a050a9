"""What the summary of a ticket tells: what is to be, or what was wrong until now. By the grammar of English."""

from __future__ import annotations

import re
from functools import lru_cache

from campaigns.drafting.clauses import THIRD, VERB, WHEN, clauses
from campaigns.drafting.languages import language
from campaigns.drafting.relations import may_be_verb
from campaigns.drafting.signs import sign, unknown_verb
from campaigns.drafting.stems import DETERMINERS, EMPTY_STEMS, IMPERATIVES, NOUN_TOO, content_stems, stem
from campaigns.drafting.tokens import WORD, words

_OUGHT = re.compile(r"\b(?:should|must|needs? to|ought to)\b|^make sure\b", re.I)
_GOES_WRONG = re.compile(
    r"\s(?:fails|breaks|throws|crashes|hangs|freezes|loses|leaks|corrupts|leads to|results in|does not|doesn['’]t)\b",
    re.I,
)


_OF_DOING = words("allow avoid force prevent stop support")


@lru_cache(maxsize=8192)
def is_wish(summary: str) -> bool:
    """Whether the summary of a ticket says what is to be ("Add X", "X should") and not what is wrong."""
    if _OUGHT.search(summary) or re.match(r"(?:don['’]t|do not|no longer)\b", summary, re.I):
        return True
    if language(summary) not in ("en", ""):
        return bool(re.search(r"\bsoll(?:en|te|ten)?\b|应该|應該|支持|允许|改为", summary, re.I))
    first, _, rest = summary.partition(" ")
    verb = first.lower()
    if verb in IMPERATIVES and not (first.isupper() and len(first) > 1):
        following = rest.split(" ", 1)[0].lower()
        # "Return of a book", "Retry of a payment": a noun. "Export users fails", "Hide menu breaks it": what is done.
        if following == "of" or _GOES_WRONG.search(WHEN.split(f" {rest}")[0]):
            return False
        # "Force weaving by hand when it is dark": what is forced is no subject of a verb.
        if verb in _OF_DOING and following.endswith("ing"):
            return True
        # "Import hangs", "Cache of rooms is stale": a noun with its verb.
        if verb not in NOUN_TOO or following in DETERMINERS:
            return True
        # "Log tailer keeps all lines", "Return of a book": so is one with its verb a word further on.
        told = THIRD.isdisjoint(rest.lower().split()[1:4])
        return told and sign(summary) > 0 and not VERB.search(summary)
    states = re.search(r"\b(?:is|are|puts|gets|runs|sets|cuts|\w{3,}[^s\W]s)\b", rest)
    return verb.endswith("ing") and sign(summary) > 0 and not states


_READS_AS_FAULT = re.compile(
    r"\b(?:fails?|cannot|can['’]t|can not|doesn['’]t|does not|unable|broken|crash(?:es)?|wrong|incorrect\w*|hangs)\b"
    # What nobody would ask for: "lookups are slow", "the banner is too large".
    r"|\b(?:is|are|was|were|looks?|feels?|gets?|becomes?|runs?|seems?)\s+(?:(?:\w+ly|very|quite|so|often|still)\s+)*"
    r"(?:slow(?:er)?|sluggish|stale|outdated|confusing|misleading|unreadable|illegible|unclear|ambiguous|noisy|unstable"
    r"|inaccurate|unresponsive|unusable|inefficient|ugly|cumbersome|impossible|hard to|difficult to|too \w+)\b",
    re.I,
)


def tells_fault(summary: str, *, kind: str) -> bool:
    """Whether a summary says what was wrong until now, so that its contrary holds from this release on."""
    return (kind in ("fix", "security") or bool(_READS_AS_FAULT.search(summary))) and not is_wish(summary)


def turns_false(summary: str) -> bool:
    """Whether the contrary of the summary of a fault would say what nobody meant.

    "X is not updated until it is saved" is mended when X is updated at once, and not when it is updated until then;
    "X fails unless Y" does not say that X works now without Y alone.
    """
    return bool(_HELD_BY.search(summary) or (_UNTIL.search(summary) and _DENIED.search(summary)))


_HELD_BY = re.compile(r"\b(?:unless|except|only|other than|apart from|nothing but|rather than)\b", re.I)
_UNTIL = re.compile(r"\b(?:until|till|before|as long as|by the time)\b", re.I)
_DENIED = re.compile(
    r"\b(?:not|no|never|nothing|cannot|unable|impossible|fails? to)\b|n['’]t\b",
    re.I,
)


def may_be_fault(summary: str, *, kind: str) -> bool:
    """Whether a summary that asks for nothing tells how things are, without saying whether that is good.

    "The tailer keeps the whole log in memory" is a complaint under an improvement as well as under a bug.
    """
    return (
        kind not in ("fix", "security")
        and not is_wish(summary)
        and not re.search(r"\b(?:now|no longer|from now on|support(?:ed|s)?|instead)\b", summary, re.I)
        and any(may_be_verb(word) for word in WORD.findall(summary)[1:] if word.endswith("s") and word.islower())
        and sign(summary) > 0
    )


_REPAIRED = re.compile(
    r"\b(?:fix\w*|no longer|not|never|without|resolved|mended|solved|corrected|repaired|any ?more|again|works?|working|"
    r"as expected|(?<!have )(?<!has )only|"
    r"(?:in)?correctly|rightly|properly|possible|instead)\b|n['’]t\b",
    re.I,
)


def repeats_fault(sentence: str, summary: str) -> bool:
    """Whether a sentence is the summary of a fault nearly word for word, without a word that it is mended."""
    said, told = (frozenset(content_stems(text)) - _WITHOUT_WEIGHT for text in (sentence, summary))
    told = frozenset(_without_syllable(one, said) for one in told)
    if len(told) < 3:
        return False
    if any(
        not re.search(rf"(?<![^\W_]){re.escape(repaired[0])}", summary, re.I)
        for repaired in _REPAIRED.finditer(sentence)
    ):
        return False
    if sign(sentence) != sign(summary) or unknown_verb(sentence, told):
        return False
    if sign(summary) < 0 < min((part.sign for part in clauses(sentence)), default=1):
        return False
    instead = re.search(r"\b(?:instead of|rather than)\s", summary, re.I)
    if instead:
        # "After tax" where the fault is "before tax instead of after tax".
        right = set(WORD.findall(summary[instead.end() :].lower())) - set(
            WORD.findall(summary[: instead.start()].lower())
        )
        if right & set(WORD.findall(sentence.lower())) and not re.search(
            r"\b(?:instead of|rather than)\b", sentence, re.I
        ):
            return False
    missing, further = told - said, said - told
    if len(said & told) < 0.75 * len(said | told):
        return False
    # One word in the place of another may be what is right now: "sharp" for "blurred".
    return not (missing and further)


# Verbs that say little; a week or a year is a thing here.
_WITHOUT_WEIGHT = EMPTY_STEMS & frozenset(map(stem, words("put take run lie stay go come get seem")))


def _without_syllable(one: str, said: frozenset[str]) -> str:
    """ "stock" for "restock", where the other text has it."""
    return next((other for other in said if len(other) > 4 and one in (f"re{other}"[:7], f"un{other}"[:7])), one)
