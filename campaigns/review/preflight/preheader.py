"""The preheader, the grey line beside the subject, adds to it."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting.stems import content_stems
from campaigns.review.preflight.findings import WARNING, Found, Rule, up_to
from campaigns.review.preflight.mail import Mail

SHORTEST, LONGEST = 40, 90


def check(mail: Mail) -> Iterator[Found]:
    """Its length, and how much of it the subject has said already."""
    preheader = mail.text.preheader
    length, most = mail.lengths(preheader)
    if length < SHORTEST:
        yield Found(
            "preheader",
            f"The preheader has {length} characters; below {SHORTEST} inboxes fill up with other text.",
            "Add what the subject leaves open.",
            quote=preheader,
        )
    elif most > LONGEST:
        yield Found(
            "preheader",
            f"The preheader has {up_to(length, most)} characters; Gmail cuts after about {LONGEST}.",
            "Shorten it.",
            quote=preheader,
        )
    ours, subject = content_stems(preheader), set(content_stems(mail.text.subject))
    if len(ours) >= 3 and sum(stem in subject for stem in ours) * 2 > len(ours):
        yield Found(
            "preheader",
            "The preheader repeats the subject.",
            "Say the next most useful thing instead.",
            quote="repeats:" + preheader,
        )


RULE = Rule("preheader", "Preheader", WARNING, "Litmus: 40 to 90 characters that add to the subject", check)
