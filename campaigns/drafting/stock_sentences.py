"""What may be said without a source, clause by clause: each is of one kind from its beginning to its end.

Statements about the release have slots for its name, its date and its counts and nothing else; what is asked, offered
or hoped may have more words, but none that states something. English only.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from campaigns.drafting.dates import dates
from campaigns.drafting.tokens import PLACEHOLDER

_MAIL = r"(?:e-?mails?|mails?|messages?|reminders?|notes?|letters?|summary|notices?|newsletters?)"
_R = (
    r"(?:RELEASE|PRODUCT|it|(?:this|the|our|your)(?: new| coming| planned| next| upcoming)? "
    r"(?:release|update|version|upgrade)(?:,? (?:of )?(?:RELEASE|PRODUCT),?)?)"
)
_SPAN = (
    r"(?:an?|some|a few|several|one|two|three|four|five|six|seven|ten|fourteen|\d+) (?:days?|weeks?|hours?|minutes?)"
)
_MOMENT = (
    rf"(?:DATE|today|now|tomorrow|soon|shortly|then|later|again|once more|already|in time|as planned|at last"
    rf"|the same day"
    rf"|(?:the|that) (?:day|date)(?: itself)?(?: of {_R})?|{_SPAN}(?: (?:before|after|from now|earlier|later))?"
    rf"|(?:the )?morning|(?:the )?afternoon|(?:the )?evening|{_R}|you (?:update|start|begin|are ready)|(?:next"
    rf"|this) (?:week|month))"
)
_SUITS = (
    r"(?:when(?:ever)? (?:it|that) suits you(?: best)?|at your convenience|when(?:ever)? convenient"
    r"|at a time that suits you)"
)
# When something is: any number of such phrases.
_AT = "(?:(?:on|for|since|from|by|in|before|after|around|until|with|at|shortly before|shortly after) )?"
_T = rf"(?:(?:,| or| and)* {_AT}{_MOMENT}|,? {_SUITS})*"
_BEFORE = rf"(?:(?:(?:on|for|since|from|in|before|after|until|shortly before|shortly after) )?{_MOMENT}{_T},? )?"
_THING = (
    r"(?:COUNT |several |some |many |a number of |a few |further |more )*(?:new |other |known |small |breaking "
    r"|security )*"
    r"(?:features?|improvements?|fix(?:es)?|changes?|problems?|bug ?fixes)"
)
_THINGS = rf"{_THING}(?:(?:,| and|, and) {_THING})*"
_MONTHS = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_DAYS = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
# What turns something asked or offered into a statement, a threat or a promise.
_STATES = re.compile(
    r"\bthat (?!suits?\b|way\b|day\b|date\b)(?!you (?:are ready|have time)\b)(?!\S+(?: \S+)? (?:works|goes|went"
    r"|helps)\b)|\bbecause\b|\bwithout\b|\b(?:clients?|customers?)\b"
    r"|\bend of\b|\bor (?:your?|the|it|else)\b|\b(?:last|previous|old|former) (?:release|version|update)s?\b"
    r"|\bby itself\b|\b(?:all|every|never|always|must|free)\b(?! else| the best)|\byears?\b|\bcontracts?\b"
    r"|\bfaults?\b|\bnot ready\b",
    re.I,
)
_SOFT = r"[^:;.!?]*"
_ASKS = (
    r"(?:tell|let|reply|write|contact|get in touch|feel free|have a look|take a look|ask|plan|read|update|upgrade"
    r"|take|check"
    r"|see|choose|look|answer|give|remember|set aside|reserve|prepare|install|test|schedule|start|get ready|help"
    r"|review|do"
    r"|make sure|keep|share|forward|pass|find|go through|visit|mind|note)"
)
_KINDS: dict[str, str] = {
    "greeting": r"(?:hello|hi|dear|welcome|greetings|good (?:morning|afternoon|evening|day))\b[^,.!:]{0,60}[,.!:]?",
    "release": rf"{_BEFORE}{_R}(?:(?: will be| is| was| has been| had been| should be)(?: now| also| already"
    r"| just| then)?"
    r" (?:released|available|published|out|here|ready(?: for you)?(?: to install)?|there|planned|scheduled"
    r"|expected|due|coming"
    r"|live|on its way|near|installed)|(?: will)?(?: come| comes| came| arrives?| arrived| ships?| follows?))"
    rf"(?: for you)?{_T}(?: and (?:its|the) (?:release )?date will follow| and came{_T})?",
    "counts": rf"{_BEFORE}{_R}(?: will| has been available| is available)?(?: brings?| brought| contains?| contained"
    rf"| includes?| included| has| have| comes with| with| adds?)(?: you)? {_THINGS}{_T}",
    "date": rf"(?:the|its|our|your)(?: planned| expected| new)?(?: release| update)? (?:date|day)(?: of {_R})?"
    rf"(?: is| will be| was| stays| remains)(?: still)?{_T}|DATE is (?:the|our) (?:release )?(?:date|day)(?: of {_R})?"
    rf"|(?:its|the) (?:release )?date will follow|this release is RELEASE",
    "we release": rf"{_BEFORE}we (?:will |are going to |plan to )?(?:release|publish|ship) {_R}{_T}",
    "request": rf"(?:please |kindly |also |now |then |and )*{_ASKS}\b{_SOFT}|please {_SOFT}",
    "offer": r"you (?:can|may|could|are welcome to)(?: also| still| now| then| always)? (?:update|upgrade|install"
    r"|reply|answer"
    rf"|write|read|find|choose|plan|contact|reach|see|do|get|ask|wait|start)\b{_SOFT}|you will (?:find|receive"
    rf"|get|hear)\b{_SOFT}",
    "help": rf"(?:an? |our |the )?(?:person|people|team|colleagues?|somebody|someone)(?: from our team)? (?:will"
    r"|is|are|can)\b"
    rf" (?:answer|help|happy|glad|ready|there|write back){_SOFT}|we (?:are|will be)(?: always)? (?:happy|glad"
    rf"|ready|there)\b{_SOFT}"
    rf"|(?:a|your) reply (?:to this {_MAIL} )?(?:is enough|reaches (?:a person|us|our team){_SOFT})",
    "series": rf"{_BEFORE}we(?: will|'ll| shall| would like to| are going to| want to| should)(?: also| then"
    r"| once more| again"
    rf"| gladly)* (?:write|remind|ask|answer|come back|be in touch|contact|keep you|tell you|hear"
    rf"|let you know|send(?: you)? (?:an?|another|one more|our|this|the|further)(?: \w+)? {_MAIL})\b{_SOFT}"
    rf"|(?:our|the|this)(?: first| last| next| final| short)? {_MAIL}(?: about {_R})? (?:will follow|follows"
    rf"|names|has|contains"
    rf"|is|tells|was|brings){_SOFT}|(?:an?|another|one more)(?: short)? {_MAIL} (?:will follow|follows){_T}"
    rf"|this is (?:our|the|an?)(?: first| last| next| final| short)? {_MAIL}(?: about {_R})?"
    rf"|(?:the|all) changes are (?:in|listed in|below)\b{_SOFT}|(?:below|here|the following)\b(?: you (?:will "
    rf")?find| is| are)\b{_SOFT}"
    rf"|(?:one thing|some things|something) in our last {_MAIL}(?: about {_R})? (?:has|have) changed"
    rf"|all else (?:in our last {_MAIL} )?is as we wrote it",
    "hope": rf"we (?:hope|look forward|wish|would like to (?:know|hear)|value|appreciate)\b(?: that {_R} (?:works"
    r"|goes|went|helps)"
    rf"(?: well| fine)?(?: for you)?| to {_SOFT}|{_SOFT})|your (?:answer|reply|feedback|view|opinion"
    rf"|experience)s? (?:helps?|is|are) {_SOFT}",
    "thanks": r"(?:many |kind |warm )?(?:thanks|thank you)(?: (?:very much|again|a lot))?(?:,? for (?:your|the"
    r"|reading|taking)\b"
    rf"{_SOFT})?(?:,? and all the best)?|(?:with )?(?:best|kind|warm)? ?(?:regards|wishes)\b{_SOFT}"
    rf"|(?:yours )?sincerely\b{_SOFT}"
    rf"|all the best\b{_SOFT}|see you\b{_SOFT}|(?:best |kind )?(?:regards|wishes),? your .{{0,40}}\bteam"
    rf"|your .{{0,40}}\bteam",
    "heading": r"(?:what|how|when|why|where)\b(?:\W+[\w'-]+){0,8}|reminder\b(?:\W+[\w'-]+){0,8}",
    "question": r"[^.!?]*\?",
}  # fmt: skip
_PATTERNS = {kind: re.compile(rf"(?:{pattern})[.!?:]?", re.I) for kind, pattern in _KINDS.items()}
_FREE = ("request", "offer", "help", "series", "hope", "thanks", "heading")
_NEEDED = r"(?:required|needed|necessary|to (?:do|prepare)|expected|has to be \w+|to be done)"
_NOTHING = re.compile(
    rf"\b(?:nothing|no (?:further |other )?(?:actions?|steps?|changes?|preparations?|work"
    rf"|measures?))\b[^.!?;:]*\b{_NEEDED}"
    r"|\b(?:needs?|requires?|takes?) no (?:further |other )?(?:actions?|steps?|changes?|preparations?|work)\b"
    r"|\byou (?:do not|don't|need not|needn't)(?: (?:need|have) to)? (?:do|prepare|change|act|worry)\b"
    r"|\bno need to (?:do|prepare|change|act)\b"
    r"|\b(?:there (?:is|are)|with) no breaking changes?\b|\bnothing (?:changes|will change|breaks)\b",
    re.I,
)
_NOTHING_WHOLE = re.compile(
    rf"{_BEFORE}(?:there is )?(?:nothing|no (?:further |other )?(?:actions?|steps?|preparations?))(?: more| else)?"
    rf"(?: (?:is|are))? ?(?:{_NEEDED})(?: (?:from|for|by) you| on your side)?{_T}"
    rf"|{_R} (?:needs|requires) no (?:further |other )?(?:actions?|steps?|preparations?)(?: from you)?{_T}"
    rf"|you (?:do not|don't|need not)(?: (?:need|have) to)? (?:do|prepare|change) anything{_T}",
    re.I,
)
_READY = re.compile(r"^(?:if|when|once|as soon as) you (?:are ready|have (?:done|taken|finished)\b)", re.I)
_GREETED = re.compile(
    r"^(?:hello|hi|dear|welcome|greetings|good (?:morning|afternoon|evening|day))\b[^,.!:]{0,60}[,.!:]\s*(?=\S)", re.I
)
_LEAD = re.compile(
    r"^(?:if|when|once|before|as soon as|until|to|for|after|since|in|on|with|from|please note|here)\b[^,]{0,80},\s*",
    re.I,
)
_CLAUSES = re.compile(
    r"(?<=[.!?])\s+|[;:]\s+|,? and (?=(?:please|we|you|it|RELEASE|PRODUCT|the update|the release|an? (?:person"
    r"|colleague)|somebody"
    r"|someone|tell us|let us|the system)\b)|, (?=(?:we|please|then|tell us|reply)\b)",
    re.I,
)
# Before the clause that says it: that the date has changed, or on what condition.
_LEADS = re.compile(
    r"the (?:release )?(?:date|day|version)(?: of RELEASE)? has (?:changed|moved)|(?:if|when|once|before"
    r"|as soon as|until"
    r"|after|since|for|to|in|on)\b[^,]{0,80}",
    re.I,
)
_NUMBER = {
    **{word: number for number, word in enumerate((
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ))},
    "a": 1, "an": 1, "zero": 0, "a dozen": 12,
}  # fmt: skip
_COUNTED = re.compile(
    rf"\b(?P<count>\d+|{'|'.join(sorted(_NUMBER, key=len, reverse=True))})(?: new| other| further| more| known| small)*"
    r" (?P<what>(?:breaking |security )?(?:features?|improvements?|fix(?:es)?|bug ?fixes|changes?|problems?))\b",
    re.I,
)
_COUNT = re.compile(
    rf"\b(?:\d+|{'|'.join(sorted(_NUMBER, key=len, reverse=True))})"
    r"(?= (?:new |other |further |more |known |small |breaking |security )*"
    r"(?:features?|improvements?|fix(?:es)?|changes?|problems?|bug ?fixes)\b)",
    re.I,
)


def says_nothing_to_do(text: str) -> bool:
    """Whether a text tells its readers that they have nothing to do, to all of them and not to who has done it."""
    plain = _plain(text, "", "")
    return bool(_NOTHING.search(plain)) and not _READY.search(plain)


_LIMITED = re.compile(
    r"\b(?:if|unless|until|while|when|as long as)\b"
    r"|\bfor (?:those|anyone|whoever|existing)\b",
    re.I,
)


def is_limited(text: str) -> bool:
    """Whether a text says of some readers, things or times only what it says: "Nothing changes if you print"."""
    return bool(_LIMITED.search(text))


def wrong_count(text: str, right: Callable[[str], set[int]]) -> str:
    """What is counted wrongly, in words or digits; `right` has the numbers that a word such as "fixes" may have."""
    for match in _COUNTED.finditer(_plain(text, "", "")):
        said = match["count"].lower()
        number = int(said) if said.isdigit() else _NUMBER[said]
        if number not in right(match["what"].lower().replace("bug ", "").replace("bugfix", "fix")):
            return match[0]
    return ""


def kinds_of(text: str, *, release: str, product: str) -> list[str]:
    """The kind of each clause; "" for one that is of none."""
    plain = _plain(text, release, product)
    clauses = [clause.strip(" ,") for clause in _CLAUSES.split(plain) if clause.strip(" ,")]
    return [
        "lead" if place + 1 < len(clauses) and _LEADS.fullmatch(clause) else _kind(clause)
        for place, clause in enumerate(clauses)
    ]


def _kind(clause: str) -> str:
    clause = clause.strip()
    for part in (clause, _LEAD.sub("", clause)):
        for kind, pattern in _PATTERNS.items():
            if pattern.fullmatch(part) and not (kind in _FREE and _STATES.search(part)):
                return kind
        if _NOTHING_WHOLE.fullmatch(part.rstrip(".!")):
            return "nothing"
    return ""


def _plain(text: str, release: str, product: str) -> str:
    """Slots for the names, the dates and the counts; no greeting before the sentence."""
    plain = PLACEHOLDER.sub("", text)
    for name, word in ((release, "RELEASE"), (product, "PRODUCT")):
        if name:
            plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", word, plain, flags=re.I)
    # A version of a long name is called by its number.
    plain = re.sub(
        r"\bPRODUCT (v?\d[\w.+-]*\w|v?\d)(?![\w.]*\w)",
        lambda match: "RELEASE" if match[1] in release.split() else match[0], plain, flags=re.I,
    )  # fmt: skip
    for spoken in dates(plain):
        plain = plain.replace(spoken.quote, "DATE")
    if release:
        plain = re.sub(rf"\b(?:(?i:{_DAYS}),? )?(?:the )?DATE\b", "DATE", plain)
        plain = re.sub(
            rf"\b(?:(?:mid|early|late)[- ])?(?:{_MONTHS}(?: \d{{4}})?|{_DAYS})(?!\w)(?<!\bmay)",
            "DATE",
            plain,
            flags=re.I,
        )
        plain = _COUNT.sub("COUNT", plain)
    return " ".join(_GREETED.sub("", plain.strip()).replace("’", "'").split())
