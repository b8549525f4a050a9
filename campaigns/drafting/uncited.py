"""The closed list of sentences that need no source: each is of a kind, and says nothing but the release record.

A pattern tells the kind; `grounding` also looks at the words, numbers and dates. English only.
"""

from __future__ import annotations

import re

from campaigns.drafting.wording import PLACEHOLDER

_MAIL = r"(?:e-?mails?|mails?|messages?|reminders?|notes?|letters?|summary)"
_RELEASE = (
    r"(?:RELEASE|PRODUCT|it|(?:this|the|our|your)(?: new| coming| planned| next)? (?:release|update|version|upgrade))"
)
_WHEN = r"(?:(?:on|in|from|with|since|as|after|before|until|today|soon|now|here|please note|by)\b[^,]{0,60},?\s+)?"
_KINDS = {
    "greeting": r"^(?:hello|hi|dear|welcome|greetings|good (?:morning|afternoon|evening|day))\b[^,.!:]{0,60}[,.!:]?$",
    "release": rf"^{_WHEN}{_RELEASE} (?:\w+ )?(?:will|is|has|was|have|had|comes?|came|arrives?|arrived|ships?|follows?|"
    r"brings?|brought|contains?|includes?|starts?|changes?|can|needs)\b",
    "date": rf"^(?:the|its|our|your)\s(?:planned |expected |new )?(?:release |update )?(?:date|day|time)s?\b"
    r"|\bis the (?:release )?(?:date|day)\b"
    rf"|\b(?:date|day) of (?:{_RELEASE})",
    "request": r"\b(?:please|tell us|let us know|reply|write to us|contact us|get in touch|feel free|have a look|ask us"
    r"|read (?:more|on|about))\b"
    r"|^(?:(?:if|when|once|before|as soon as|until|to|for)\b[^,]{0,80},\s*)?(?:plan|read|update|upgrade|take|check"
    r"|see|choose|look|answer|give|remember|set aside|prepare|install|test|schedule|start|get ready|write|help"
    r"|ask|review|do)\b",
    "offer": r"\byou (?:can|may|could|will|need not|do not have to|do not need to|are welcome)\b.*"
    r"\b(?:update|reply|answer|write|read|find|receive|hear|choose|plan|wait|contact|reach|see|do|get)\b",
    "help": r"\b(?:questions?|help|person|people|team|colleagues?)\b.*\b(?:answers?|helps?|happy|glad|ready|reach)\b"
    r"|\bwe (?:are|will be) (?:happy|glad|ready|there)\b",
    "series": rf"\bwe (?:will|shall|would|'ll|are going to|want to|should) (?:also |then |once more |again )?"
    r"(?:like to |be )?"
    rf"(?:write|remind|ask|answer|come back|in touch|contact|keep you|look|help|tell you|hear|know|send(?: you)? "
    rf"(?:an?|another|one more|our|this|the|further) (?:\w+ )?{_MAIL})\b"
    rf"|\b(?:this|our)(?: \w+)? {_MAIL}\b|^(?:below|the following|here)\b|^this is (?:our|the|a|an)(?: \w+)? {_MAIL}\b",
    "hope": r"^we (?:hope|look forward|wish|would like to (?:know|hear)|value|appreciate)\b"
    r"|^your (?:answer|reply|feedback|view|opinion|experience)s?\b",
    "nothing": r"\b(?:nothing|no (?:action|steps?|change|preparation))\b.*"
    r"\b(?:required|needed|necessary|to do|expected)\b",
    "thanks": r"^(?:many )?(?:thanks?|thank you)\b|\b(?:regards|sincerely|best wishes|all the best|yours|see you)\b"
    r"|^your .{0,40}\bteam\b",
    "heading": r"^(?:what|how|when|why|where)\b|^reminder\b|\?$",
}
_PATTERNS = {kind: re.compile(pattern, re.I) for kind, pattern in _KINDS.items()}
_GREETED = re.compile(
    r"^(?:hello|hi|dear|welcome|greetings|good (?:morning|afternoon|evening|day))\b[^,.!:]{0,60}[,.!:]\s*(?=\S)", re.I
)


def kind_of(text: str, *, release: str, product: str) -> str:
    """The kind of a sentence that may stand without a source, or "" when it is of none."""
    plain = PLACEHOLDER.sub("", text)
    for name, word in ((release, "RELEASE"), (product, "PRODUCT")):
        if name:
            plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", word, plain, flags=re.I)
    plain = " ".join(_GREETED.sub("", plain.strip()).replace("’", "'").split())
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)), "")
