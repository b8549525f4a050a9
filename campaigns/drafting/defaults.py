"""What is so as long as nobody changes it: on by default, off unless somebody turns it on.

One word decides here, and tickets have both of them ("can be enabled; it is disabled by default"), so the turns of
phrase are read and not the words. English only.
"""

from __future__ import annotations

import re
from functools import lru_cache

ON, OFF = "on", "off"
_WORD_ON = r"enabled|on|active|activated|true|opt-out"
_WORD_OFF = r"disabled|off|inactive|deactivated|false|opt-in"
_STATE = rf"(?P<state>{_WORD_ON}|{_WORD_OFF})"
_NOT = r"(?P<denied>\bnot\s+|n['’]t\s+|\bno longer\s+|\bnever\s+)?"
_SAID = (
    # "is off by default", "stays disabled for old projects by default", "not enabled by default"
    re.compile(
        rf"{_NOT}(?:\bnow\s+)?\b{_STATE}\b(?:[^\S\n]+(?!(?:on|off|enabled|disabled)\b)\w+){{0,4}}?"
        r"\s+(?:by default|out of the box|from the (?:start|beginning)|as standard|unless\b"
        r"|until (?:you|somebody|someone|it|they|an? \w+|the \w+)\b)",
        re.I,
    ),
    # "by default it is off", "by default, the cache is not enabled"
    re.compile(
        # "By default it is on and can be turned off" says no more than its first part.
        r"\b(?:by default|out of the box"
        r"|(?:on|for|in) (?:all )?new (?:\w+ )?(?:install\w*|accounts?|projects?|sites?)),?"
        r"(?:(?!\s(?:and|but|or|can|may)\b)\s+[\w-]+){{0,6}}?\s+(?:is|are|stays?|remains?|turned|switched)\s+"
        rf"{_NOT}{_STATE}\b",
        re.I,
    ),
    # "the default is true", "defaults to off"
    re.compile(rf"\bdefault(?:s to|s|(?: value)?(?: is| remains|:)?)\s+{_NOT}[\"'`“]?{_STATE}\b", re.I),
    # "New installations do not have it enabled"
    re.compile(
        r"\bnew (?:\w+ )?(?:install\w*|accounts?|projects?|sites?)\s+(?:will\s+)?"
        rf"(?P<denied>do not\s+|don['’]t\s+|no longer\s+|not\s+)?have\s+(?:\w+\s+){{1,3}}?{_STATE}\b",
        re.I,
    ),
    # "an opt-in feature", "it is opt-in"
    re.compile(r"(?P<denied>\bno longer\s+)?\b(?P<state>opt-in|opt-out)\b", re.I),
)  # fmt: skip
# "Nothing is packed until you turn it on."
_ONLY_ASKED = re.compile(
    r"\b(?:nothing|none|not|no|never)\b[^.;]{0,60}?\b(?:unless|until)\b[^.;]{0,30}?"
    r"\b(?:turn(?:s|ed)?|switch(?:es|ed)?|enabl\w+|activat\w+|opt)\b",
    re.I,
)
# "Lists are now packed by default": what is done without asking is on.
_DONE = re.compile(
    r"(?P<denied>\bnot\s+|\bno longer\s+|n['’]t\s+)?(?:\bnow\s+)?\b(?!disabled|deactivated|inactive|enabled|activated)"
    r"\w{3,}ed\b(?:\s+(?:in|on|at|to|with)\s+(?:\w+\s+)?\w+)?\s+by default",
    re.I,
)
_WHOLE = re.compile(r"[^.;,]*\b(?:by default|unless|until)\b[^.;,]*|\bdefaults? (?:is|to|of)\b[^.;,]*", re.I)


@lru_cache(maxsize=8192)
def states(text: str, *, done: bool = False) -> frozenset[str]:
    """ON, OFF or both: what a text calls the default of something that is on or off; empty when it says nothing.

    Args:
        done: whether what "is done by default" counts as ON; of a ticket it may be what was wrong.
    """
    found = set()
    for pattern in _SAID:
        for match in pattern.finditer(text):
            on = bool(re.fullmatch(_WORD_ON, match["state"], re.I))
            found.add(ON if on != bool(match["denied"]) else OFF)
    if _ONLY_ASKED.search(text):
        found.add(OFF)
    by_itself = _DONE.search(text) if done and not found else None
    if by_itself:
        found.add(OFF if by_itself["denied"] else ON)
    return frozenset(found)


def exchanged(sentence: str, source: str) -> bool:
    """Whether the sentence has that on by default which the source has off, or the other way round."""
    told = states(source)
    said = states(sentence, done=True)
    return bool(said and told and not said & told)


def without(sentence: str, source: str) -> str:
    """The sentence without what it says of a default as its source does, in whatever words."""
    told = states(source)
    return _WHOLE.sub(lambda part: " " if told & states(part[0]) else part[0], sentence) if told else sentence
