"""The day of the release as the reader sees it when the mail arrives: what is over is not told as still to come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from campaigns.drafting import dates
from campaigns.drafting.facts import spoken_date
from campaigns.drafting.text import Sentence
from campaigns.planning.times import day_of_sending
from campaigns.review.preflight.findings import BLOCKING, WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

_OUT = r"(?:released|available|launched|published|rolled out|shipped|delivered|out|live|there)"
_PLANNED = r"(?<!was )(?<!were )(?<!been )(?:planned|scheduled|expected|due)"
# A release that is still to come, whether or not a date stands beside it.
_COMING = re.compile(
    rf"\b(?:will|shall|(?:is|are) (?:going|about|due) to)\s+(?:soon\s+)?"
    rf"(?:be\s+{_OUT}|arrive|come|ship|launch|go live)\b"
    rf"|\b(?:is|are) (?:coming|upcoming|near|{_PLANNED})\b|\b{_PLANNED} (?:for|on)\b"
    r"|^coming\b|\bcoming (?:soon|on|in)\b|\bupcoming (?:release|version|update)\b"
    r"|\b(?:wird|werden)\b.{0,80}\b(?:veröffentlicht|erscheinen|verfügbar|ausgeliefert|freigegeben|kommen)\b"
    r"|\b(?:erscheint|kommt)\s+(?:am|im|in|bald|demnächst)\b|\b(?:ist|sind)\b.{0,60}\bgeplant\b|\bgeplant (?:für|am)\b",
    re.I,
)
# Beside the date of the release any word of the future speaks of it.
_FUTURE = re.compile(
    rf"\b(?:will|shall|going to|coming|upcoming|{_PLANNED}|wird|werden|soll|sollen|erscheint|kommt|geplant)\b", re.I
)
_OF_ANOTHER = re.compile(r"\b(?:next|following|nächste\w*|folgende\w*) (?:version|release|update)\b", re.I)
_VERSION = re.compile(r"\b\d+(?:\.\d+)+\b")
_TODAY = re.compile(r"\b(?:today|from today|as of today|just released|heute|ab heute)\b", re.I)
BEFORE_THE_DAY = ("announcement", "reminder")


def check(mail: Mail) -> Iterator[Found]:
    """Compare what the mail says of the release's date with the moment at which it goes out."""
    day, sent = mail.facts.release_date, day_of_sending(mail.email, mail.product.time_zone)
    past = day is not None and sent is not None and day < sent
    if past or (mail.facts.released and mail.step in BEFORE_THE_DAY):
        yield from _over(mail, day, sent, past=past)
    elif day is None and mail.step in BEFORE_THE_DAY:
        yield _without_date(mail)
    elif day is not None and sent is not None and sent < day and mail.step not in BEFORE_THE_DAY:
        yield Found(
            "mail",
            f"The {_label(mail)} goes out on {spoken_date(sent)}, before the date of the release in Jira, "
            f"{spoken_date(day)}.",
            "Move the mail, or have the date in Jira put right if the release comes earlier.",
            quote=f"before {day}",
            level=WARNING,
        )


def _without_date(mail: Mail) -> Found:
    return Found(
        "mail",
        f"The {_label(mail)} names no day: the release has no date in Jira.",
        "Have the date set in Jira and draft again, or let readers know that it will follow.",
        quote="no date",
        level=WARNING,
    )


def _over(mail: Mail, day: dt.date | None, sent: dt.date | None, *, past: bool) -> Iterator[Found]:
    because = (
        f"the release date in Jira, {spoken_date(day)}, lies before {spoken_date(sent)}, when the mail goes out"
        if past and day and sent
        else "Jira says that the release is out"
    )
    found = False
    for part, index, sentence in _places(mail):
        quote = _as_coming(sentence, mail, day, sent)
        if quote:
            found = True
            yield Found(
                part,
                f"“{quote}” tells readers of the release as still to come, but {because}.",
                "Say it as past, move the mail, or have the date in Jira put right.",
                quote=f"{quote}:{sentence.text}",
                index=index,
            )
        elif past and mail.step == "release_day" and (said := _TODAY.search(sentence.text)) and not sentence.keys:
            yield Found(
                part,
                f"“{said[0]}” is not the day of the release: {because}.",
                "Name the day, or have the date in Jira put right.",
                quote=f"{said[0]}:{sentence.text}",
                index=index,
                level=WARNING,
            )
    # A correction mends what was said before, so it may well come after the day.
    if not found and mail.step in BEFORE_THE_DAY and mail.email.correction_of_id is None:
        yield Found(
            "mail",
            f"The {_label(mail)} comes too late: {because}.",
            "Cancel it, or have Jira put right if the release is still to come.",
            quote=f"too late {day}",
        )


def _as_coming(sentence: Sentence, mail: Mail, day: dt.date | None, sent: dt.date | None) -> str:
    """The words by which a sentence tells of this release as still to come."""
    text = sentence.text
    named = dates.dates(text)
    if day is not None and any(date.fits(day) for date in named):
        match = _FUTURE.search(text)
        return match[0] if match else ""
    # A sentence with a source, of another version or of another day tells of something else than this release.
    if sentence.keys or _OF_ANOTHER.search(text) or any(_ahead(date, sent) for date in named):
        return ""
    if any(number not in mail.facts.version for number in _VERSION.findall(text)):
        return ""
    match = _COMING.search(text)
    return match[0] if match else ""


def _ahead(date: dates.SpokenDate, sent: dt.date | None) -> bool:
    return sent is None or (date.year or sent.year, date.month, date.day) >= (sent.year, sent.month, sent.day)


def _places(mail: Mail) -> list[tuple[str, int, Sentence]]:
    lines = [("subject", 0, Sentence(mail.text.subject)), ("preheader", 0, Sentence(mail.text.preheader))]
    return [*lines, *mail.text.sentences()]


def _label(mail: Mail) -> str:
    return mail.email.get_step_display().lower()


RULE = Rule(
    "release_date", "Date of the release", BLOCKING, "relmail: what is true when the mail arrives", check,
    can_be_waived=True,
)  # fmt: skip
