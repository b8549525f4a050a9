"""The subject fits the line of an inbox and says what it is about."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule, up_to
from campaigns.review.preflight.mail import Mail

SHORTEST, LONGEST = 20, 50


def check(mail: Mail) -> Iterator[Found]:
    """Its length, and whether product and version stand in it."""
    subject = mail.text.subject
    length, most = mail.lengths(subject)
    if length < SHORTEST:
        yield Found(
            "subject",
            f"The subject has {length} characters; {SHORTEST} to {LONGEST} are read whole and say enough.",
            "Say what changes.",
            quote=subject,
        )
    elif most > LONGEST:
        yield Found(
            "subject",
            f"The subject has {up_to(length, most)} characters; many inboxes cut after {LONGEST}.",
            "Put the facts first and shorten the rest.",
            quote=subject,
        )
    version = mail.facts.version
    if version and version.casefold() not in subject.casefold():
        yield Found(
            "subject",
            f"The subject does not name the version {version}.",
            "Name it, so that readers find the mail again.",
            quote="version:" + subject,
        )


RULE = Rule(
    "subject", "Subject", WARNING, "inboxes show 27 to 73 characters; Return Path: up to 49 are clicked most", check
)
