"""No capitals and exclamation marks that shout."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

_CAPITALS = re.compile(r"\b[A-Z]{5,}\b")


def check(mail: Mail) -> Iterator[Found]:
    """Words in capitals that no issue writes like that, and exclamation marks."""
    known = set(_CAPITALS.findall(" ".join(f"{issue.summary} {issue.note}" for issue in mail.facts.issues)))
    known |= set(_CAPITALS.findall(f"{mail.facts.product} {mail.facts.version} {mail.facts.product_key}"))
    places = [("subject", 0, mail.text.subject), ("preheader", 0, mail.text.preheader)]
    places += [(block, index, sentence.text) for block, index, sentence in mail.text.sentences()]
    for part, index, words in places:
        for capitals in sorted(set(_CAPITALS.findall(words)) - known):
            yield Found(
                part,
                f"“{capitals}” is all capitals.",
                "Write it in small letters.",
                quote=f"{capitals}:{words}",
                index=index,
            )
    if "!" in mail.text.subject:
        yield Found(
            "subject", "The subject has an exclamation mark.", "A fact needs none.", quote="!:" + mail.text.subject
        )
    marks = mail.body.count("!")
    if marks > 1:
        yield Found("mail", f"The body has {marks} exclamation marks.", "Keep one at most.", quote="body!")


RULE = Rule(
    "shouting",
    "Capitals and exclamation marks",
    WARNING,
    "SpamAssassin 4: +0.5 for a subject in capitals, +0.1 for !!!",
    check,
)
