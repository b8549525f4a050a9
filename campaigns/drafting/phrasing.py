"""One issue as one sentence, by rules: from its release note where there is one, else from its summary.

A summary of a bug names the fault ("Import fails on empty lines"), so it is turned round where that is safe
("Import no longer fails on empty lines") and quoted after "Fixed:" where it is not,
before the day after "Will be fixed:".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafting import addressed, disguises, signs, standing, summaries
from campaigns.drafting.facts import Issue
from campaigns.drafting.stems import DETERMINERS, IMPERATIVES, NOUN_TOO
from campaigns.drafting.tokens import SENTENCE_END, words

FUTURE, PRESENT = "future", "present"
RELEASE, ALSO = "This release", "It also"
LONGEST = 30
_SHORTEST_NOTE = 3

_FAILING = words(
    "fails fail throws throw crashes crash hangs hang loses lose breaks break corrupts corrupt leaks leak "
    "overwrites overwrite loops loop returns return causes cause drops drop duplicates produces produce gives "
    "generates ignores ignore disregards blocks freezes"
)
# These verbs are faults only with such a word after them.
_HARMLESS = words(
    "returns return causes cause drops drop produces produce gives generates blocks loops loop break leak "
    "crash leaks hang fail cause"
)
_BAD_THING = re.compile(
    r"\b(?:wrong|incorrect\w*|errors?|exceptions?|null|nothing|corrupt\w*|failures?|duplicate|NPE|"
    r"\w+(?:Exception|Error)|eternally|forever|endless\w*|invalid|all|race|deadlock|loss)\b",
    re.I,
)
_SUBORDINATE = re.compile(
    r"\b(?:when|if|that|which|because|while|after|before|since|where|unless|though|whether|who|so|"
    r"due|should|must|and)\b|[,;:]",
    re.I,
)
_NOT_THIRD = {"has": "have", "does": "do"}

_PREFIX = re.compile(
    r"^\s*(?:\[[^\]]*\]\s*|(?i:CLONE)\s*[-–:]\s*|[A-Z][A-Z0-9_]+-\d+\s*[:–-]\s+|[A-Za-z][\w .]{0,25}:\s+(?=[A-Z])"
    r"|(?i:(?:back|forward)[- ]?port(?:ed)?(?:\s+of)?)[:\s]+(?:[A-Z][A-Z0-9_]+-\d+[:\s]+)?)+"
)
# Written like the key of an issue, and names of what is told: "AES-256", "SHA-512", "ISO-8601".
_KEY = re.compile(r"\s*[(\[]?\b(?P<project>[A-Z][A-Z0-9_]+)-\d+\b[)\]]?(?=$|[\s,.;:])")
_MARKUP = re.compile(
    r"<!--(?:(?!<!--).)*?-->|\{(?:code|noformat|quote|panel|color)[^{}]*\}|\{\{|\}\}|^#+ .*$", re.M | re.S
)


def sentences(issue: Issue, *, tense: str, subject: str) -> Iterator[str]:
    """Sentences about an issue, the best first. `subject` is RELEASE, or ALSO behind a sentence with it."""
    yield from told_units(issue, tense=tense)
    yield from of_summary(issue, tense=tense, subject=subject)


def told_units(issue: Issue, *, tense: str) -> list[str]:
    """What of a note may stand in a mail by itself, in its tense; some sentences only behind the one they lean on."""
    return [_in_time(text, tense) for text in standing_notes(issue)]


def standing_notes(issue: Issue) -> list[str]:
    """The same in the words of the note."""
    return list(standing.units(_note_lines(issue), kind=issue.kind))


def told_notes(issue: Issue, *, tense: str) -> list[str]:
    """Each of `note_sentences` in the tense of a mail."""
    return [_in_time(text, tense) for text in note_sentences(issue)]


def of_summary(issue: Issue, *, tense: str, subject: str) -> Iterator[str]:
    """Sentences that the summary gives, the best first."""
    summary = clean_summary(issue.summary, issue.key)
    if not summary:
        return
    is_fix = issue.kind in ("fix", "security")
    turned = _turned(summary, tense) if is_fix and not summaries.turns_false(summary) else ""
    if turned:
        yield _capital(turned)
    acted = _acted(summary, tense, subject, fix=issue.kind in ("fix", "security"))
    if acted:
        yield acted
    elif issue.kind in ("feature", "improvement", "other") and (
        able := addressed.as_ability(summary, future=tense == FUTURE)
    ):
        yield able
    yield labelled(issue, tense=tense)


def labelled(issue: Issue, *, tense: str = PRESENT) -> str:
    """The summary behind a label that says what it is; right whatever the summary's grammar."""
    summary = clean_summary(issue.summary, issue.key)
    is_fix = issue.kind in ("fix", "security")
    # "Force a scan", though reported as a bug, names no fault that could be fixed.
    asks = (
        (summaries.is_wish(summary) or bool(_acted(summary, tense, RELEASE, fix=True)))
        and not re.match(r"(?:Fix|Do not|Don['’]t)", summary)
        and " should " not in summary
    )
    names_fault = (is_fix and not asks) or _reads_as_fault(summary)
    summary = re.sub(r"^Fix(?:es|ed|ing)?\s+(?:for\s+|of\s+|the\s+)?", "", summary) if names_fault else summary
    fixed, changed = ("Will be fixed", "Will change") if tense == FUTURE else ("Fixed", "Changed")
    label = fixed if names_fault else "New" if issue.kind == "feature" else changed
    return f"{label}: {_ended(_capital(summary))}"


def note_sentences(issue: Issue) -> list[str]:
    """The sentences of a release note that point to no other by their first word, in order."""
    return [
        text
        for text in _note_lines(issue)
        if not _POINTS.match(text) or text.startswith(("This change ", "This release "))
    ]


_POINTS = re.compile(r"(?:This|These|That|It|Also|However|Therefore|Note|They|At the time|See|Please|For example)\b")


def _note_lines(issue: Issue) -> list[str]:
    """All sentences of a release note, in order, without markup and issue keys."""
    note = _MARKUP.sub(" ", disguises.without_invisible(issue.note))
    found = []
    for part in SENTENCE_END.split(note):
        text = " ".join(part.split()).strip("-*• ")
        text = re.sub(rf"^(?:In )?{re.escape(issue.key)}[:,]?\s*", "This change ", text)
        if text.startswith("(") or len(text.split()) < _SHORTEST_NOTE or text.endswith(":"):
            continue
        if re.match(
            r"(?:Adds|Removes|Allows|Fixes|Changes|Introduces|Provides|Enables|Supports|Replaces|Updates)\b", text
        ):
            text = f"This release {text[0].lower()}{text[1:]}"
        elif re.match(r"(?:Added|Removed|Changed|Introduced|Updated|Upgraded|Bumped|Replaced)\s", text):
            text = f"This release has {text[0].lower()}{text[1:]}"
        found.append(_ended(text[0].upper() + text[1:]))
    return found


_USAGE = re.compile(
    r"^(?:To|Use|Set|With|Choose|Call|Run|Select|Open|Pass|Add|Configure)\b|\byou can\b|\bcan (?:now )?be (?:set"
    r"|used|given|turned|switched|enabled|configured|chosen|changed|defined)\b"
    r"|\b(?:is|are) (?:set|configured|controlled|turned on) (?:with|by|in)\b"
    r"|\bwhich controls\b|\bis called with\b",
    re.I,
)
_KNOWN_PROBLEM = re.compile(
    r"\bknown (?:problem|issue|limitation|bug)s?\b|\blimitations?\b|\bwork ?around\b"
    r"|\bnot (?:yet )?(?:available|supported|possible)\b"
    r"|\bonly (?:available|supported|works?)\b|\bdoes not (?:yet )?(?:work|support)\b|\bcannot\b",
    re.I,
)


def usage(issue: Issue) -> list[str]:
    """The sentences of a note that tell how to use what is new."""
    return [text for text in standing_notes(issue) if _USAGE.search(text)] if issue.kind != "breaking" else []


def known_problems(issue: Issue) -> list[str]:
    """What of a note tells what does not work, with the feature that it limits."""
    return [text for text in standing_notes(issue) if _KNOWN_PROBLEM.search(text)]


def open_problem(issue: Issue) -> Iterator[str]:
    """Sentences about a known problem, the best first: what its note says does not work, then its summary as it stands.

    A note may have been written ahead, for the day on which it is mended. A summary that asks for something says
    nothing of what is wrong.
    """
    for text in note_sentences(issue):
        if _KNOWN_PROBLEM.search(text) or signs.sign(text) < 0:
            yield text
    summary = clean_summary(issue.summary, issue.key)
    if summary and not summaries.is_wish(summary):
        yield _ended(_capital(summary))


def required_steps(issue: Issue) -> list[str]:
    """The sentences of a note that tell the reader what to do; empty when the note names none."""
    note = _MARKUP.sub(" ", disguises.without_invisible(issue.note))
    asked = re.compile(
        r"\b(?:must|need to|needs to|have to|has to|should|please|before you|make sure)\b"
        r"|^(?:Set|Use|Replace|Move|Change|Update|Upgrade|Remove|Rename|Add|Run|Switch|Migrate|Configure|Install|Create"
        r"|Convert|Request|Schedule|Ask|Check|Choose|Enable|Disable|Delete|Export|Adjust|Adapt|Rewrite|Rebuild|Restart"
        r"|Reinstall|Regenerate|Recreate|Grant|Assign|Copy|Save|Test|Tell)\b",
        re.I,
    )
    parts = (" ".join(part.split()).strip("-*• ") for part in SENTENCE_END.split(note))
    return [_ended(part[0].upper() + part[1:]) for part in parts if len(part.split()) >= 3 and asked.search(part)]


def clean_summary(summary: str, key: str = "") -> str:
    """A summary without component prefixes, issue keys, markup and the full stop.

    Args:
        key: of the issue. Of what is written like a key, those of its project go wherever they stand; others
            only in front, before a colon or behind "Revert", for "AES-256" is written like one too.
    """
    text = " ".join(_MARKUP.sub(" ", disguises.without_invisible(summary)).split())
    text = _PREFIX.sub("", text)
    text = re.sub(r"^Revert\s+[A-Z][A-Z0-9_]+-\d+\s+", "Revert: ", text)
    own = key.rpartition("-")[0]
    text = _KEY.sub(lambda found: "" if found["project"] == own else found[0], text)
    return text.strip().rstrip(".;: ")


def _capital(text: str) -> str:
    """A sentence begins with a capital, unless with a name out of code."""
    first = text.split(" ")[0].rstrip(",.")
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


def _turned(summary: str, tense: str) -> str:
    """A fault turned into what holds from now on; empty when the grammar is not plain enough to be sure."""
    match = re.match(
        r"^(?P<who>.+?)\s+(?P<not>does not|doesn['’]?t|do not|don['’]t|can ?not|can['’]t|is not able to|are not able "
        r"to|fails to|fail to)\s+(?P<rest>\w+\b.*)$",
        summary,
        re.I,
    )
    if match and not _SUBORDINATE.search(match["who"]) and len(match["who"].split()) <= 9:
        return _positive(match["who"], match["not"].lower().replace("’", "'"), match["rest"], tense)
    match = re.match(
        r"^(?:Unable to|Not possible to|Impossible to|Cannot|Can't|Can not)\s+(?P<rest>[a-z].*)$", summary, re.I
    )
    if match and not re.search(r"\b(?:not|n't)\b", match["rest"]):
        return _ended(("It will be possible to " if tense == FUTURE else "It is now possible to ") + match["rest"])
    parts = summary.split()
    for place, word in enumerate(parts):
        if word.lower() not in _FAILING or not 1 <= place <= 9:
            continue
        who, rest = " ".join(parts[:place]), " ".join(parts[place + 1 :])
        if _SUBORDINATE.search(who) or re.search(r"\b(?:not|no|never)\b|n't\b", f"{who} {rest}", re.I):
            return ""
        if word.lower() in _HARMLESS and not _BAD_THING.search(rest):
            return ""
        if who.split()[-1].lower() in words("the a an of in on for with and or to may might can could possible"):
            return ""
        verb = _base(word.lower()) if tense == FUTURE else word.lower()
        return _ended(f"{who} {'will no longer' if tense == FUTURE else 'no longer'} {verb} {rest}".strip())
    return ""


def _positive(who: str, negation: str, rest: str, tense: str) -> str:
    verb, _, after = rest.partition(" ")
    if (
        not verb.islower()
        or re.search(r"\b(?:not|never)\b|n't\b", rest, re.I)
        or verb in words("seem appear have be get")
    ):
        return ""
    if negation.startswith("can") or "able" in negation:
        return _ended(f"{who} {'will be able to' if tense == FUTURE else 'can now'} {rest}")
    if tense == FUTURE:
        return _ended(f"{who} will {rest}")
    if negation in ("do not", "don't", "fail to"):
        return _ended(f"{who} now {rest}")
    return _ended(f"{who} now {_third(verb)} {after}".strip())


def _acted(summary: str, tense: str, subject: str, *, fix: bool) -> str:
    """A summary in the imperative, told of the release: "Add X" becomes "This release adds X"."""
    first, _, rest = summary.partition(" ")
    verb = first.lower()
    if not rest or verb not in IMPERATIVES or (first.isupper() and len(first) > 1):
        return ""
    following = rest.split()[0].lower()
    if verb in NOUN_TOO and following not in DETERMINERS and verb not in ("use", "support", "show", "handle", "force"):
        return ""
    if verb == "fix":
        return ""
    if following in ("is", "are", "was", "to", "of", "should", "does", "fails", "not"):
        return ""
    if verb in ("let", "make", "ensure") and following in ("sure",):
        return ""
    if subject == ALSO:
        start = f"It will also {verb}" if tense == FUTURE else f"It also {_third(verb)}"
    else:
        start = f"{subject} will {verb}" if tense == FUTURE else f"{subject} {_third(verb)}"
    return _ended(f"{start} {rest}")


def _in_time(text: str, tense: str) -> str:
    return standing.by_clause(text, lambda clause: _in_tense(clause, tense))


def _in_tense(text: str, tense: str) -> str:
    """A note says what holds "now"; before the day that is still to come."""
    if tense != FUTURE:
        # A "now" at the end belongs to the verb, where the sentence has none already.
        return re.sub(r"^(.*\b(?:is|are)\b.*) now\.$", r"\1.", text)
    if re.match(r"Fixed:\s", text):
        return f"Will be fixed{text.removeprefix('Fixed')}"
    done = re.match(r"(?:This release has )?(?P<verb>[A-Za-z]+) (?P<rest>\S.*)$", text)
    if done and (verb := _DONE.get(done["verb"].lower())) and (done["verb"].islower() or _is_done(done["rest"])):
        return f"This release will {verb} {done['rest']}"
    text = re.sub(
        r"^This release (add|remove|allow|fixe?|change|introduce|provide|enable|support|replace|update)s\b",
        lambda match: f"This release will {str(match[1]).replace('fixe', 'fix')}",
        text,
    )
    return " and ".join(_clause_in_future(part) for part in _COORDINATED.split(text))


# What a note says was done, and what is to be done before the day.
_DONE = {
    done: verb
    for verb in words(
        "add bump change correct deprecate disable enable extend fix improve introduce move raise reduce remove rename "
        "replace resolve simplify solve update upgrade"
    )
    for done in [verb + "d" if verb.endswith("e") else verb[:-1] + "ied" if verb.endswith("fy") else verb + "ed"]
}
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|can|will|must|may|does|do|now|no longer)\b")


def _is_done(rest: str) -> bool:
    """Whether "Fixed ..." says what was done: "Fixed costs are shown" has a verb of its own."""
    return not _FINITE.search(_SUBORDINATE.split(rest)[0])


# "X is removed, and Y is set to 1": each part has its own verb.
_COORDINATED = re.compile(r"(?<=,) and (?=(?:the|a|an)\b.{2,60}\b(?:is|are|was|were)\b)", re.I)
_WHO = r"^(?P<who>[\w #().'’\"/-]{2,80}?)"
_PASSIVE = re.compile(
    rf"{_WHO} (?:is|are|was|were|has been|have been) (?P<how>(?:no longer|now|again|automatically) )?"
    r"(?P<verb>[a-z]+(?:ed|wn|lt|pt)|set|made|shown|given|taken|put|written|split|run|bundled|gone)\b(?P<rest>.*)$"
)
_NO_LONGER = re.compile(rf"{_WHO} no longer (?P<verb>[a-z]+)\b(?P<rest>.*)$")
_IS_NOW = re.compile(rf"{_WHO} (?:is|are) now (?P<rest>.*)$")
_TWO_THINGS = re.compile(r"^[A-Z]\w+ and \w+$")
_MODAL_NOW = re.compile(rf"{_WHO} (?P<modal>may|must) now (?P<rest>.*)$")
_MODALS = {"may": "may then", "must": "will have to"}
_CAN_NO_LONGER = re.compile(rf"{_WHO} can no longer (?P<verb>[a-z]+)\b(?P<rest>.*)$")
#: Verbs that no summary asks with, and that a note says of what is so.
MEANS_A_STATE = words(
    "become cost decide end find get give go have hold lead learn make need receive see stay take work"
)
_DOES_NOW = re.compile(rf"{_WHO} now (?P<how>[a-z]+ly )?(?P<verb>[a-z]+)\b(?P<rest>.*)$")


def _clause_in_future(text: str) -> str:
    match = _PASSIVE.match(text)
    if match and not _SUBORDINATE.search(match["who"]) and match["verb"] not in ("supposed", "limited", "needed"):
        how = (match["how"] or "").strip()
        verb = "away" if match["verb"] == "gone" else match["verb"]
        rest = re.sub(r" now(?=[.!,]*$)", "", match["rest"])
        will = "will no longer be" if how == "no longer" else "will be"
        extra = f"{how} " if how in ("again", "automatically") else ""
        return f"{match['who']} {will if verb != 'away' else 'will go'} {extra}{verb}{rest}"
    match = _NO_LONGER.match(text)
    if (
        match
        and not _SUBORDINATE.search(match["who"])
        and not re.search(r"\b(?:is|are|was|were|can|will)$", match["who"])
    ):
        return f"{match['who']} will no longer {_base(match['verb'])}{match['rest']}"
    match = _IS_NOW.match(text)
    if match and not _SUBORDINATE.search(match["who"]):
        return f"{match['who']} will be {match['rest']}"
    match = _MODAL_NOW.match(text)
    if match and not _SUBORDINATE.search(match["who"]):
        return f"{match['who']} {_MODALS[match['modal']]} {match['rest']}"
    match = _CAN_NO_LONGER.match(text)
    if match and not _SUBORDINATE.search(match["who"]):
        told = "can then no longer be" if match["verb"] == "be" else f"will no longer be able to {match['verb']}"
        return f"{match['who']} {told}{match['rest']}"
    match = _DOES_NOW.match(text)
    # "Brokers and tools" are one subject.
    if (
        match
        and not _SUBORDINATE.search(_TWO_THINGS.sub("", match["who"]))
        and _base(match["verb"]) in IMPERATIVES | MEANS_A_STATE
    ):
        who = match["who"].removesuffix(" can")
        will = "will be able to" if who != match["who"] else "will"
        return f"{who} {will} {match['how'] or ''}{_base(match['verb'])}{match['rest']}"
    return text


def _reads_as_fault(summary: str) -> bool:
    return bool(
        re.search(
            r"\b(?:fails?|cannot|can't|doesn't|does not|don't|broken|crash(?:es)?|wrong|incorrect\w*|exception)\b",
            summary,
            re.I,
        )
    )


def _third(verb: str) -> str:
    if verb in ("have", "do", "go"):
        return {"have": "has", "do": "does", "go": "goes"}[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def _base(verb: str) -> str:
    if verb in _NOT_THIRD:
        return _NOT_THIRD[verb]
    if verb in ("loses", "causes", "produces", "freezes", "uses", "releases", "closes", "raises", "caches", "reduces"):
        return verb[:-1]
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if verb.endswith(("sses", "xes", "zes", "ches", "shes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else text + "."
