"""The closed list of sentences that need no source: each is of a kind, and says nothing but the release record.

Patterns of `stock_sentences` tell the kind; beside it the words, numbers and dates are looked at. The words are English
only.
"""

from __future__ import annotations

import re

from campaigns.drafting import languages, literal, sense, stock_sentences
from campaigns.drafting.dates import dates
from campaigns.drafting.findings import BLOCKING, WARNING, Reporter
from campaigns.drafting.sources import CALENDAR_STEMS, Sources
from campaigns.drafting.stems import EMPTY_STEMS, content_stems, stem
from campaigns.drafting.tokens import PLACEHOLDER, standing, words
from releases.kinds import may_break

_MAIL = r"(?:e-?mails?|mails?|messages?|reminders?|notes?|letters?|summary)"
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
forward people
colleague colleagues team interest attention patience mid page calendar set fixed moment share later first last
next already since once more full open place way part way far useful matter matters see saw start begin
beginning end ends year morning afternoon evening receive get client clients customer customers product your
""")
STOCK_STEMS = frozenset(stem(word) for word in _STOCK)
_POLITE = re.compile(
    r"\bat your convenience|\bwhen(?:ever)? convenient|\bfeel free|\b(?:best|kind) regards|\ball the best", re.I
)


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
    counted = stock_sentences.wrong_count(text, lambda what: literal.counts(what, sources))
    if counted:
        say(BLOCKING, "uncited", f"“{counted}” is not what the release record counts.", quote=counted)
        return
    if stock_sentences.says_nothing_to_do(text):
        nothing_to_do(say, sources)
    stems = content_stems(PLACEHOLDER.sub(" ", text))
    told = STOCK_STEMS | sources.record.stems | EMPTY_STEMS | CALENDAR_STEMS
    # Days have been looked at, however they are written.
    days = {one for spoken in dates(text) for one in content_stems(spoken.quote)}
    foreign = [stem for stem in stems if stem not in told and stem not in days]
    kinds = stock_sentences.kinds_of(text, release=sources.facts.name, product=sources.facts.product)
    if (len(foreign) > len(stems) // 5 or not all(kinds)) and not any(one.blocks for one in say.findings):
        say(
            BLOCKING,
            "uncited",
            "This sentence says more than the release and its date and names no issue. Add "
            "the key of the issue that it rests on.",
        )


def nothing_to_do(say: Reporter, sources: Sources) -> None:
    """That readers have nothing to do, where a change asks something of them, or may do so."""
    breaking = next(iter(sources.facts.of_kind("breaking")), None)
    doubtful = next((issue for issue in sources.facts.issues if may_break(issue, issue.kind)), None)
    if breaking:
        message = f"{breaking.key} ({breaking.summary}) changes what clients rely on: there is something to do."
        say(BLOCKING, "nothing_to_do", message, key=breaking.key)
    elif doubtful:
        message = f"{doubtful.key} ({doubtful.summary}) may break something. Please check that nothing has to be done."
        say(WARNING, "nothing_to_do", message, key=doubtful.key)
