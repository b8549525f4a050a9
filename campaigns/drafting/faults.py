"""The summary of a fault as what holds from now on: "Deleted folders are still shown" becomes "are no longer shown".

Only a plain clause is turned round, and only where the verb cannot be meant as the change itself: "X upgrades Y" may be
what was done. Everything else is left to be quoted as what was fixed. English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafting import phrasing, summaries
from campaigns.drafting.stems import IMPERATIVES
from campaigns.drafting.tokens import words

LONGEST_SUBJECT = 9

# Verbs of what goes wrong. None of them is what a change does, or easily a noun behind another one.
_FAULTY = words("""
accept appear apply arrive block break cause corrupt crash cut deadlock disappear discard disregard display drop
duplicate exceed exit extend fail fire flash flicker force forget freeze generate give hang hide ignore insert jump keep
lack leak leave lose loop miss mix open overflow overlap overwrite pick print produce push put read refuse reject repeat
revert send show skip split start stay stop store swallow take throw time treat trigger truncate use vanish wait write
""")
_AFTER_A_NOUN = words(
    "block break cause crash display leak loop open print read repeat show split start stop store time"
)
_ADVERB = (
    r"(?:always|sometimes|occasionally|often|randomly|intermittently|still|also|just|constantly|incorrectly|wrongly|"
    r"erroneously|silently|unexpectedly|needlessly|unnecessarily|accidentally|partially|slightly|very|too|simply)"
)
# Words that "no longer" makes idle or wrong: what happened sometimes happens no longer.
_IDLE = words("sometimes occasionally often randomly intermittently still also just always constantly simply")
_BAD = words("""
bad black blank blurred blurry broken cropped corrupt dead empty erroneous faulty garbled illegible inaccessible
inaccurate incompatible incomplete inconsistent incorrect invalid invisible late misaligned misleading missing null
obsolete outdated problematic redundant slow small stale stuck unable unavailable unreachable unreadable unresponsive
unstable unusable useless wrong
""")
_IRREGULAR = words(
    "cut found given hidden kept left lost made put read sent set shown split taken thrown written built"
)
# What a ticket may say as a wish or as the change itself, so that its contrary is not what was done.
_NO_FAULT = words("""
added allowed based called changed deprecated disabled documented enabled encrypted expected fixed improved introduced
intended known located meant moved named needed planned possible recommended removed renamed replaced required
scheduled signed supported supposed tested updated upgraded used
""")
_NEVER_NOW = words("expected intended known meant needed planned recommended required supposed used able")
_SUBORDINATE = re.compile(
    r"\b(?:when|if|that|which|because|while|after|before|since|where|unless|though|whether|who|so|but|until|due|must|"
    r"should|and|or|as|than|fix|fixes)\b|[,;:?]",
    re.I,
)
_CLAUSE_END = re.compile(
    r"\s(?:when(?:ever)?|if|while|after|before|because|since|unless|until|although|though|even)\b", re.I
)
_NEGATED = re.compile(r"\b(?:not|no|never|nothing|neither|nor|cannot|without|unable|only|but)\b|n['’]t\b", re.I)
_LEAD = re.compile(r"^(?P<lead>(?:In|On|With|During|For|At) [^,]{3,50}, )(?P<rest>\S.*)$")
_REFRAINED = re.compile(r"^(?:Do not|Don['’]t) (?P<verb>[a-z]+)\b(?P<rest>.*)$")
_PREPOSITION = re.compile(
    r"\s(?:on|of|in|with|for|from|to|at|by|using|between|during|via|into|across|under|over|inside|within)\s", re.I
)


def turned(
    issue_summary: str, tense: str, *, key: str = "", fault: bool = True, weakness: bool = False
) -> Iterator[str]:
    """Sentences that say what holds from now on; none when the grammar of a summary is not plain enough.

    Of what is no `fault` only a wish is turned: "X should keep Y". Of a `weakness` also what somebody "can" do.
    """
    summary = phrasing.clean_summary(issue_summary, key)
    if _in_capitals(summary) or re.search(r"[;?]|\s[-–—:]\s|:\s", summary):
        return
    if match := _REFRAINED.match(summary):
        if match["verb"] in IMPERATIVES and not _NEGATED.search(_main(match["rest"])):
            yield _sentence(
                f"{phrasing.RELEASE} {_no_longer(match['verb'], '', tense == phrasing.FUTURE)}{match['rest']}"
            )
        return
    lead, rest = "", summary
    if match := _LEAD.match(summary):
        lead, rest = match["lead"], match["rest"]
    future = tense == phrasing.FUTURE
    sure = fault and not summaries.turns_false(summary)
    ways = (_wished, _not_done, _is_bad, _goes_wrong, *((_reaches_too_far,) if weakness else ()))
    for way in ways if sure else (_wished,):
        told = way(rest, future)
        if told:
            yield _sentence(lead + told)
            return


def _wished(text: str, future: bool) -> str:
    """ "X should keep Y" says what X does from now on."""
    match = re.match(
        r"^(?P<who>.+?) should (?P<no>not |never |no longer )?(?P<how>also |always )?(?P<verb>[a-z]+)\b(?P<rest>.*)$",
        text,
    )
    if not match or not _is_subject(match["who"]) or re.search(r"\bshould\b|\bhave (?:been|had)\b", match["rest"]):
        return ""
    who, verb, how = match["who"], match["verb"], match["how"] or ""
    if verb in ("of", "not", "rather", "probably", "instead", "have") or re.match(r" been\b", match["rest"]):
        return ""
    if match["no"]:
        return f"{who} {_no_longer(verb, who, future)}{match['rest']}"
    if future:
        return f"{who} will {how}{verb}{match['rest']}"
    if verb == "be":
        return f"{who} {_be(who)} now {how}{match['rest'].lstrip()}"
    return f"{who} now {how}{verb if is_plural(who) else third(verb)}{match['rest']}"


def _not_done(text: str, future: bool) -> str:
    """ "X is not upgraded" becomes "X is now upgraded"."""
    match = re.match(r"^(?P<who>.+?) (?P<be>is|are) not (?P<how>[a-z]+ly )?(?P<verb>[a-z]+)\b(?P<rest>.*)$", text)
    if not match or not _is_subject(match["who"]) or not _is_participle(match["verb"]):
        return ""
    if match["verb"] in _NEVER_NOW or _NEGATED.search(_main(match["rest"])) or "anymore" in match["rest"]:
        return ""
    how = match["how"] or ""
    told = f"will be {how}" if future else f"{match['be']} now {how}"
    return f"{match['who']} {told}{match['verb']}{match['rest']}"


def _is_bad(text: str, future: bool) -> str:
    """ "X is wrong" and "X is stored twice" become "X is no longer ..."."""
    match = re.match(rf"^(?P<who>.+?) (?P<be>is|are) (?P<how>(?:{_ADVERB} )*)(?P<what>[a-z]+)\b(?P<rest>.*)$", text)
    if not match or not _is_subject(match["who"]) or _NEGATED.search(_main(match["rest"])) or ", " in match["rest"]:
        return ""
    what = match["what"]
    how = "".join(f"{adverb} " for adverb in match["how"].split() if adverb not in _IDLE)
    if not (what in _BAD or (_is_participle(what) and what not in _NO_FAULT) or how or _TOO_OFTEN.match(match["rest"])):
        return ""
    if what in ("a", "an", "the", "able"):
        return ""
    told = "will no longer be" if future else f"{match['be']} no longer"
    return f"{match['who']} {told} {how}{what}{match['rest']}"


_TOO_OFTEN = re.compile(r" (?:twice|two times|three times|several times|repeatedly|over and over)\b")


def _reaches_too_far(text: str, future: bool) -> str:
    """Of a weakness: "X can delete Y of others" becomes "X can no longer ..."."""
    match = re.match(r"^(?P<who>.+?) can (?:still )?(?P<verb>[a-z]+)\b(?P<rest>.*)$", text)
    if match and _is_subject(match["who"]) and not _NEGATED.search(_main(match["rest"])):
        can = "will no longer be able to" if future else "can no longer"
        return f"{match['who']} {can} {match['verb']}{match['rest']}"
    match = re.match(r"^(?P<who>.+?) (?P<verb>sees?|reads?|opens?|views?)\b(?P<rest> .+)$", text)
    if match and _is_subject(match["who"]) and not _NEGATED.search(_main(match["rest"])):
        verb = match["verb"].removesuffix("s")
        return f"{match['who']} {_no_longer(verb, match['who'], future)}{match['rest']}"
    return ""


def _goes_wrong(text: str, future: bool) -> str:
    """ "X shows Y twice" becomes "X no longer shows Y twice"."""
    parts = text.split()
    for place in range(1, min(len(parts) - 1, LONGEST_SUBJECT) + 1):
        if place >= len(parts):
            return ""
        word, who = parts[place], " ".join(parts[:place])
        adverbs: list[str] = []
        while adverb := re.search(rf"\s({_ADVERB})$", who):
            adverbs.insert(0, adverb[1])
            who = who[: adverb.start()]
        verb = _faulty(word, who)
        if not verb:
            continue
        rest = " ".join(parts[place + 1 :])
        following = parts[place + 1].lower() if place + 1 < len(parts) else ""
        # "The import crashes are rare": a noun after all. "Shows up, works later": more than one clause.
        if following in words("is are was were has have can will to and or") or _faulty(following, who):
            return ""
        if not _is_subject(who) or _NEGATED.search(_main(rest)) or re.search(r",\s+\w+(?:s|ing)\b", _main(rest)):
            return ""
        how = "".join(f"{adverb} " for adverb in adverbs if adverb not in _IDLE)
        return f"{who} {_no_longer(verb, who, future, how)} {rest}".strip()
    return ""


def _faulty(word: str, who: str) -> str:
    """The verb that a word is a form of, when it is one of what goes wrong and fits the number of its subject."""
    if word in _FAULTY:
        return word if is_plural(who) and word not in _AFTER_A_NOUN else ""
    return next((verb for verb in _FAULTY if third(verb) == word), "")


def _no_longer(verb: str, who: str, future: bool, how: str = "") -> str:
    if future:
        return f"will no longer {how}{verb}"
    if verb == "be":
        return f"{_be(who)} no longer"
    return f"no longer {how}{verb if is_plural(who) else third(verb)}"


def is_plural(who: str) -> bool:
    """Whether a subject is of several things, by the last word before its first preposition."""
    head = _PREPOSITION.split(f"{who} ")[0].split()[-1:]
    if not head or re.match(r"(?:[A-Z]?[a-z]+ing|the use|use)\b", who):
        return False  # "Copying shifts to another site" is one thing
    last = head[0]
    return bool(re.search(r"[a-z]s$", last)) and not re.search(r"(?:ss|us|is|ics|['’]s)$", last)


def third(verb: str) -> str:
    """The form of a verb behind "it"."""
    if verb in ("have", "be"):
        return {"have": "has", "be": "is"}[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"


def _be(who: str) -> str:
    return "are" if is_plural(who) else "is"


def _main(text: str) -> str:
    """A clause up to the one that says when."""
    return _CLAUSE_END.split(f" {text}")[0]


def _is_subject(who: str) -> bool:
    """Whether words can be the subject of a plain clause."""
    first = who.split()[0].lower()
    return not (
        _SUBORDINATE.search(who) or _NEGATED.search(who) or len(who.split()) > LONGEST_SUBJECT
        or first in words("do does can could may fix make ensure it there this these please")
        or (first in IMPERATIVES and len(who.split()) > 1 and first.islower())
        or who.split()[-1].lower() in words("the a an of in on for with to may might can could will would not")
    )  # fmt: skip


def _is_participle(word: str) -> bool:
    return word in _IRREGULAR or bool(re.search(r"[a-z]{2}ed$|[a-z]{3}en$", word))


def _in_capitals(summary: str) -> bool:
    """Whether A Summary Is Written Like This, so that its verbs cannot be told from its names."""
    long = re.findall(r"\b[A-Za-z][a-z]{3,}\b", summary)
    return len(long) > 3 and sum(word[0].isupper() for word in long) > len(long) / 2


def _sentence(text: str) -> str:
    first = text.split(" ")[0]
    text = text[0].upper() + text[1:] if first.isalpha() and first.islower() else text
    return text if text.endswith((".", "!", "…")) else f"{text}."
