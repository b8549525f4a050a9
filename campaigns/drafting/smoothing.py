"""The last touch on a sentence of the rules: names as they are written, words in their place, one tense.

Nothing is added but "will", "then", the ending of a verb and, where the release is out, until when a step may be taken,
so that what a sentence rests on stays what it was.
"""

from __future__ import annotations

import re

from campaigns.drafting import faults, moments, phrasing, standing
from campaigns.drafting.stems import IMPERATIVES
from campaigns.drafting.tokens import words

_DANGLING = words("a an and as at because but by for from if in into of on or that the to when which with")
_HEADING = re.compile(r"\b(?:release notes?|change ?log|upgrade notes?|summary|overview)\W*$", re.I)
_TWO_CLAUSES = re.compile(r"\b(?:no longer|will|now)\b.*?, (?P<verb>\w+s)\b", re.I)
_MISPLACED = re.compile(r"\bwill be (?P<how>only|always|never|also) (?P<verb>\w+(?:ed|en|wn|nt|lt|pt)|set|made|read)\b")
_ALWAYS = re.compile(r"\b(?P<how>always|sometimes|often|still) (?P<no>will no longer|no longer) (?P<verb>\w+)")
# "removes the profile and always build the client": the second verb goes with the first.
_SECOND_VERB = re.compile(r"(?P<and>,? and (?:always |never |also |only |instead )?)(?P<verb>[a-z]+)(?= (?P<next>\w+))")
_SURE = re.compile(r"always |never |also |only |instead ")
_OBJECT = words("a all an any both each every it its the their them this those")
_READERS = words(
    "administrators admins authors clients customers editors employees managers members owners people users"
)
_WHO = r"(?P<who>[A-Z][\w.'’()/#-]*(?: [\w.'’()/#-]+){0,7}?)"
_CAN = re.compile(rf"^{_WHO} can (?P<no>no longer )?(?P<how>now |also )?(?P<verb>[a-z]+)\b(?P<rest>.*)$")
_IS = re.compile(rf"^{_WHO} (?:is|are) (?P<what>the|off|on|required|needed|possible|optional|mandatory)\b(?P<rest>.*)$")
_DOES = re.compile(rf"^{_WHO} (?P<verb>[a-z]+)\b(?P<rest>.*)$")


_QUESTION = re.compile(r"^(?:How|What|Which|Whether|Where|Who)\b")
_IS_NOW = re.compile(r"\b(?:is|are) now\b")


def smoothed(text: str, source: str, tense: str) -> str:
    """The sentence as it is mailed; `source` is all that its issue says."""
    text = _as_written(text, source)
    if "will be" not in source:
        text = _MISPLACED.sub(r"will \g<how> be \g<verb>", text)
    text = _ALWAYS.sub(r"\g<no> \g<how> \g<verb>", text)
    if tense == phrasing.FUTURE:
        text = _asked(text, source)
        return text if text.startswith(_LABELS) else standing.by_clause(text, _to_come)
    text = moments.in_time(text)
    if text.startswith((phrasing.RELEASE, phrasing.ALSO)):
        text = _SECOND_VERB.sub(_conjugated, text)
    return text


def _to_come(text: str) -> str:
    return text if re.search(r"\bwill\b", text) else _later(text)


def joined(before: str, step: str) -> str:
    """A step behind what makes it necessary, as one sentence."""
    first = step.split(" ")[0].rstrip(",")
    if first.isalpha() and first[1:].islower():
        step = step[0].lower() + step[1:]
    # A step that has a colon of its own makes the second one.
    mark = ";" if ": " in step else ":"
    return f"{before.rstrip('.')}{mark} {step}"


_LABELS = ("Fixed", "Changed", "New", "Will be fixed:", "Will change:")


def is_whole(text: str) -> bool:
    """Whether a sentence is one: no heading, not cut off, and no second clause that the first one's turn made wrong."""
    last = re.findall(r"[\w'’-]+", text)[-1:]
    if not last or last[0].lower() in _DANGLING or _HEADING.search(text):
        return False
    if re.search(r"\S but (?:now|no longer|will)\b", text):
        return False
    two = _TWO_CLAUSES.search(text) if not text.startswith(_LABELS) else None
    return not (two and any(faults.third(verb) == two["verb"].lower() for verb in IMPERATIVES | phrasing.MEANS_A_STATE))


def _as_written(text: str, source: str) -> str:
    """A name out of code begins as it does in its issue, also at the head of a sentence."""
    first = text.split(" ")[0].rstrip(",.:;")
    inner = first[:1].lower() + first[1:]
    in_code = re.search(r"[._#()\d/]|[a-z][A-Z]", first[1:]) is not None
    if in_code and first != inner and not _stands(first, source) and _stands(inner, source):
        return inner + text[len(first) :]
    return text


def _stands(word: str, source: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", source) is not None


def _conjugated(match: re.Match[str]) -> str:
    verb = match["verb"]
    sure = _SURE.search(match["and"]) or match["next"].lower() in _OBJECT
    return f"{match['and']}{faults.third(verb)}" if verb in IMPERATIVES and sure else match[0]


def _asked(text: str, source: str) -> str:
    """ "How long files are kept can be set": the first verb belongs to the question and stays as it was."""
    if _QUESTION.match(text) and " will be " in text:
        for verb in (" are ", " is "):
            if (as_noted := text.replace(" will be ", verb, 1)).rstrip(".") in source:
                return as_noted
    return text


def _later(text: str) -> str:
    """What a note says as if it were so already, before the day on which it is."""
    if len(_IS_NOW.findall(text)) == 1:
        return _MISPLACED.sub(r"will \g<how> be \g<verb>", _IS_NOW.sub("will be", text))
    question = _QUESTION.match(text)
    if question:
        return re.sub(r" can (?:now )?be ", " can then be ", text, count=1)
    text = re.sub(r" now (?=[a-z]+s\b)", " ", text, count=1)
    match = _CAN.match(text)
    if match and _is_who(match["who"]):
        if match["verb"] == "be":
            return text if match["no"] else f"{match['who']} can then be{match['rest']}"
        no = "no longer " if match["no"] else ""
        return f"{match['who']} will {no}be able to {match['verb']}{match['rest']}"
    match = _IS.match(text)
    if match and _is_who(match["who"]):
        return f"{match['who']} will be {match['what']}{match['rest']}"
    match = _DOES.match(text)
    while match:
        who, verb = match["who"], match["verb"]
        if _is_who(who):
            base = _base(verb, who)
            following = match["rest"].split()[:1]
            if base and following and following[0] not in words("is are was were has have can will to and or of in on"):
                return f"{who} will {base}{match['rest']}"
        longer = re.match(rf"^{re.escape(who)} (?P<more>\S+)(?= )", text)
        if not longer or len(who.split()) > 6 or not re.fullmatch(r"[\w.'’()/#-]+", longer["more"]):
            return text
        match = re.match(
            rf"^(?P<who>{re.escape(who)} {re.escape(longer['more'])}) (?P<verb>[a-z]+)\b(?P<rest>.*)$", text
        )
    return text


def _base(verb: str, who: str) -> str:
    """The verb that a word is a form of, where it fits the number of its subject."""
    known = IMPERATIVES | phrasing.MEANS_A_STATE
    if who.split()[-1].lower() in _READERS:
        return verb if verb in known else ""
    return next((one for one in known if faults.third(one) == verb), "") if not faults.is_plural(who) else ""


def _is_who(who: str) -> bool:
    first = who.split()[0].lower()
    return not re.search(
        r"\b(?:when|if|that|which|because|while|who|what|where|and|or|to|you|we)\b|[,;:]", who, re.I
    ) and (first not in IMPERATIVES and first not in words("in on with there it this these now to for from as at by"))
