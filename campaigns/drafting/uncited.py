"""The closed list of sentences that need no source: each is of a kind, and says nothing but the release record.

A pattern tells the kind; then the words, numbers and dates are looked at. The words are English only.
"""

from __future__ import annotations

import re

from campaigns.drafting import languages, literal, sense
from campaigns.drafting.dates import dates
from campaigns.drafting.findings import BLOCKING, Reporter
from campaigns.drafting.sources import CALENDAR_STEMS, Sources
from campaigns.drafting.stems import EMPTY_STEMS, content_stems, stem
from campaigns.drafting.tokens import PLACEHOLDER, standing, words

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
# That we write again by ourselves. What we do once the reader has asked for it is no promise of the series.
_FURTHER_MAIL = re.compile(
    rf"\bwe(?: will|'ll| shall| are going to)\b(?: \w+){{0,3}}? (?:write(?! back)|remind|ask|come back|be in touch"
    rf"|contact|keep you|tell you|inform|let you know|send(?: you)? .{{0,40}}?\b{_MAIL})\b"
    rf"|\b(?:you will|you'll) (?:\w+ )?(?:hear (?:\w+ )?from us|(?:receive|get) .{{0,40}}?\b{_MAIL})\b"
    rf"|\b(?:an?|another|one more|our next|the next|further)(?: \w+)? {_MAIL}\b (?:\w+ )?(?:follows?|comes?)\b",
    re.I,
)
_PLACE = re.compile(rf"^this is our (?:first|last|next|final) {_MAIL}\b|^this reminder\b", re.I)
_LAST_MAIL = re.compile(rf"^this is (?:our|the) (?:last|final) {_MAIL}\b", re.I)
_ONCE_ASKED = re.compile(
    r"\b(?:tell us|let us know|reply|write to us|contact us|ask us|get in touch|answer)\b.{0,80}"
    r"\b(?:and|so that|then) we\b",
    re.I,
)
BLOCKS = ("intro", "action", "closing")
_NUMBERED = re.compile(r"\bPRODUCT (v?\d[\w.+-]*\w|v?\d)(?![\w.]*\w)", re.I)

# What a sentence without a source may be made of, beside the words of the release record itself.
_STOCK = words("""
hello hi dear team regards thank thanks welcome sincerely best kind hear release released releasing version update
updating updates upgrade install installation available availability coming planned plan planning expected date day
days week weeks month today tomorrow soon shortly ready schedule time change changes feature features improvement
improvements fix fixed fixes fault faults bug bugs issue issues brings bring brought send sent sending since shortly
contain contains include includes list below above following overview summary short look back read e-mail mail
message write wrote reply answer question questions feedback tell know think learn hear help contact support reach
note notes check take step steps prepare action required nothing system systems test before running suit suits
convenient convenience choose free happy glad hope remind reminder last look works work went go experience person
people colleague colleagues team interest attention patience mid page calendar set fixed moment share later first last
next already since once more full open place way part way far useful matter matters see saw start begin
beginning end ends year morning afternoon evening receive get client clients customer customers product your
""")
STOCK_STEMS = frozenset(stem(word) for word in _STOCK)
_POLITE = re.compile(
    r"\bat your convenience|\bwhen(?:ever)? convenient|\bfeel free|\b(?:best|kind) regards|\ball the best", re.I
)


def kind_of(text: str, *, release: str, product: str) -> str:
    """The kind of a sentence that may stand without a source, or "" when it is of none."""
    plain = PLACEHOLDER.sub("", text)
    for name, word in ((release, "RELEASE"), (product, "PRODUCT")):
        if name:
            plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", word, plain, flags=re.I)
    # A version of a long name is called by its number.
    plain = _NUMBERED.sub(lambda match: "RELEASE" if match[1] in release.split() else match[0], plain)
    plain = " ".join(_GREETED.sub("", plain.strip()).replace("’", "'").split())
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)), "")


def of_the_series(text: str) -> bool:
    """Whether a sentence promises further mail, or gives this one its place among others: untrue once the rest is off.

    By its pattern alone, for such a promise may stand in a sentence of any kind: "Plan time; we will remind you".
    """
    plain = _spoken(text)
    return bool(_FURTHER_MAIL.search(plain) or _PLACE.search(plain)) and not _ONCE_ASKED.search(plain)


def promises_another_mail(text: str) -> bool:
    """Whether a sentence says that we write again without being asked to."""
    plain = _spoken(text)
    return bool(_FURTHER_MAIL.search(plain)) and not _ONCE_ASKED.search(plain)


def says_it_is_the_last(text: str) -> bool:
    """Whether a sentence says that no further mail comes."""
    return bool(_LAST_MAIL.search(_spoken(text)))


def _spoken(text: str) -> str:
    return " ".join(PLACEHOLDER.sub("", text).replace("’", "'").split())


def is_foreign(text: str, *names: str) -> bool:
    """Whether a sentence is in a language whose words are not known here; these names are of no language."""
    plain = PLACEHOLDER.sub(" ", text)
    for name in filter(None, names):
        plain = re.sub(standing([name]), " ", plain, flags=re.I)
    return languages.reads_foreign(plain)


def check(text: str, block: str, say: Reporter, sources: Sources) -> None:
    """Without a source a sentence may greet, name the release and its date, ask one thing or say good-bye."""
    if block not in BLOCKS:
        say(BLOCKING, "uncited", "This sentence names no issue. Add the key of the issue that it rests on.")
        return
    literal.check(text, [], say, sources)
    if any(finding.blocks for finding in say.findings):
        return
    if is_foreign(text, sources.facts.name, sources.facts.product):
        return  # told once for the whole mail
    promise = sense.promises(_POLITE.sub(" ", text), [], sources)
    if promise:
        say(
            BLOCKING,
            "uncited",
            f"“{promise}” is a promise without a source. Name an issue or take it out.",
            quote=promise,
        )
        return
    stems = content_stems(PLACEHOLDER.sub(" ", text))
    told = STOCK_STEMS | sources.record.stems | EMPTY_STEMS | CALENDAR_STEMS
    # Days have been looked at, however they are written.
    days = {one for spoken in dates(text) for one in content_stems(spoken.quote)}
    foreign = [stem for stem in stems if stem not in told and stem not in days]
    kind = kind_of(text, release=sources.facts.name, product=sources.facts.product)
    if len(foreign) > len(stems) // 5 or not kind:
        say(
            BLOCKING,
            "uncited",
            "This sentence says more than the release and its date and names no issue. Add "
            "the key of the issue that it rests on.",
        )
