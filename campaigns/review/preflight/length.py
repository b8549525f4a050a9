"""The body is as long as its step needs."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting.jobs import JOBS
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

# A release of three fixes is told in three sentences; only with more to say is a short mail a poor one.
MANY_ISSUES = 8


def check(mail: Mail) -> Iterator[Found]:
    """Words of the body against the range of the step."""
    least, most = JOBS[mail.step].shortest, JOBS[mail.step].longest
    count = mail.text.word_count()
    label = mail.email.get_step_display().lower()
    if count == 0:
        yield Found("mail", "The mail has no body.", "Write at least one sentence.", quote="empty", level="blocking")
    elif count > most:
        yield Found(
            "mail",
            f"The body has {count} words; {least} to {most} suit the {label}.",
            "Keep what clients must know and leave the rest to the release notes.",
            quote="long",
        )
    elif count < least and len(mail.facts.issues) >= MANY_ISSUES:
        yield Found(
            "mail",
            f"The body has {count} words; {least} to {most} suit the {label}.",
            "Say more of what changes, or leave it short and waive this.",
            quote="short",
        )


RULE = Rule(
    "length",
    "Length of the body",
    WARNING,
    "Litmus: 11 seconds a mail; Constant Contact: best clicks at about 200 words",
    check,
)
