"""Words that fit one of the four e-mails and no other: nothing is there before its day, nothing is coming after it.

English only. Of a sentence with a source only its tense is told, and only where the source speaks in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.drafting import signs
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence

#: Per step, the phrases that it must not have; `*` is any ending. They are shown in the guide as they stand here.
PHRASES = {
    "announcement": (
        "now available", "is available", "are available", "available now", "available today", "out now", "now live",
        "is live", "is out", "has been released", "have released", "was released", "has arrived", "just released",
        "download now", "update now", "upgrade now", "install now", "from today", "as of today", "since the release",
    ),
    "reminder": (
        "now available", "is available", "are available", "available now", "available today", "out now", "now live",
        "is live", "is out", "has been released", "have released", "was released", "has arrived", "just released",
        "download now", "update now", "upgrade now", "install now", "since the release", "introducing", "also new",
        "in addition", "additionally", "new in this mail", "what is more", "we have added",
    ),
    "release_day": (
        "coming soon", "soon", "will be released", "will be available", "will be launched", "will be published",
        "will be rolled out", "will arrive", "upcoming", "is coming", "is planned", "is scheduled", "is expected",
        "planned for", "scheduled for", "get ready", "in the coming days", "in the coming weeks", "next week",
        "next month", "stay tuned",
    ),
    "follow_up": (
        "coming soon", "will be released", "will be available", "will be launched", "will be published",
        "will be rolled out", "upcoming", "is coming", "is planned", "is scheduled", "planned for", "scheduled for",
        "get ready", "out now", "launch*", "introducing", "now available", "available today", "just released",
        "brand new", "brand-new", "from today", "as of today", "is here", "has arrived", "we announce", "announcing",
        "we are excited", "we are proud", "stay tuned",
    ),
}  # fmt: skip
_PATTERNS = {
    step: re.compile(
        rf"\b(?:{'|'.join(map(re.escape, phrases))})\b".replace(r"\*", r"\w*").replace(r"\ ", r"\s+"), re.I
    )
    for step, phrases in PHRASES.items()
}
# "Plan your update now" names a thing; "update now" alone asks for it.
_A_THING = re.compile(
    r"\b(?:an?|the|this|that|your|our|their|its|each|every|any|next|own)\s+(?=(?:download|update|upgrade)\s+now\b)",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
_TO_COME = re.compile(r"\b(?:will|shall|(?:is|are) going to)\b", re.I)
# What may still be done until then is asked for in vain when the release is there.
_UNTIL_IT_IS_OUT = re.compile(
    r"\b(?:before (?:this|the|our) (?:release|version)|before the (?:day of the release|release day))\b"
    r"(?! (?:is|was|can|goes|reaches)\b)",
    re.I,
)
_COMES = re.compile(r"^(?:this (?:release|update|version)|it|the (?:new )?(?:release|update|version))\s+(will)\b", re.I)

# Before the day nothing of the release is done: "Fixed: …" is said of what is out, and so is "is now shown".
_DONE = re.compile(
    r"^(?:Fixed|Changed)(?=:)|^Fixed\b(?! (?:\w+ ){1,4}(?:will|is|are|can|has|have|may|must)\b)"
    r"|\b(?:is|are|has|have|can|may|must|does|do|works?|no longer)\s+now\b"
    r"|\bnow\s+(?:works?|supports?|shows?|allows?|includes?|lets|has|have|can|may|must|needs?|requires?|uses?|runs?"
    r"|starts?|sends?|returns?|accepts?|keeps?)\b",
    re.I,
)


@dataclass(frozen=True)
class Misplaced:
    """Words that do not suit the e-mail, and why."""

    quote: str
    because: str


# Of the reminder that comes when the release is out, what speaks of news stays forbidden.
_NEWS = re.compile(
    r"\b(?:introducing|also new|in addition|additionally|new in this mail|what is more|we have added)\b", re.I
)
_BECAUSE = {
    "announcement": "it is not out yet",
    "reminder": "it is not out yet",
    "release_day": "it is out today",
    "follow_up": "it has been out for days",
}


def find(sentence: Sentence, facts: Facts, step: str, *, out: bool = False) -> Iterator[Misplaced]:
    """The words of a sentence that belong to another moment; one at most.

    `out` says of a mail of before the day that it goes out when the release is there already.
    """
    if step not in PHRASES:
        return
    late = out and step in ("announcement", "reminder")
    before_the_day = step in ("announcement", "reminder") and not late
    source = "\n".join(
        f"{issue.summary}\n{issue.note}" for key in sentence.keys if (issue := facts.by_key.get(key)) is not None
    )
    named = [thing.end() for thing in _A_THING.finditer(sentence.text)]
    phrases = _PATTERNS["release_day" if late else step].finditer(sentence.text)
    match = next((phrase for phrase in phrases if phrase.start() not in named), None)
    if late and step == "reminder":
        match = match or _NEWS.search(sentence.text)
    # What a ticket itself says is available, planned or out is told of something else than this release.
    if match and not (sentence.keys and match[0].lower() in source.lower()):
        yield Misplaced(match[0], "it is out already" if late else _BECAUSE[step])
        return
    if before_the_day and sentence.keys:
        done = _DONE.search(sentence.text)
        if done:
            yield Misplaced(done[0], _BECAUSE[step])
            return
    over = None if before_the_day else asked_too_late(sentence.text)
    if over:
        yield Misplaced(over, "it is out already" if late else _BECAUSE[step])
        return
    if not before_the_day and not _TO_COME.search(source):
        wrong = _TO_COME.search(sentence.text) if sentence.keys else _COMES.search(sentence.text)
        if wrong:
            yield Misplaced(wrong[wrong.lastindex or 0], _BECAUSE[step])


def asked_too_late(text: str) -> str:
    """The words by which a text asks for something until the release is there, or ""; "formerly" asks for nothing."""
    for part in _SENTENCE.split(text):
        over = _UNTIL_IT_IS_OUT.search(part)
        if over and signs.asks(_UNTIL_IT_IS_OUT.sub(" ", part)):
            return over[0]
    return ""


def in_time(text: str) -> str:
    """What a text asks for until the release is there, asked for until the reader has it."""
    return _UNTIL_IT_IS_OUT.sub("before you move to this release", text) if asked_too_late(text) else text


def as_list() -> str:
    """The phrases as the guide has them, a line of Markdown for each e-mail."""
    return "\n".join(f"- **{step.replace('_', ' ')}**: {', '.join(phrases)}" for step, phrases in PHRASES.items())
