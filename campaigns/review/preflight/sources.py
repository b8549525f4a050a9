"""Every sentence rests on the Jira issues that it cites."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting import indexing
from campaigns.review.preflight.findings import BLOCKING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """The findings of the grounding check, against the newest facts."""
    for found in indexing.checker(mail.facts).check(mail.text):
        if (found.block, found.index) in mail.mistyped:
            continue  # its words are not whole yet
        yield Found(
            part=found.block,
            index=found.index,
            message=found.message,
            mend="Correct the sentence or its issue keys."
            if found.blocks
            else "Check it against the issue; if it is right, waive this with the reason.",
            key=found.key,
            level=found.level,
            fingerprint=found.fingerprint,
        )


RULE = Rule(
    "sources", "Traced to Jira", BLOCKING, "relmail: a sentence that states a fact says which issue it rests on", check,
    can_be_waived=True,
)  # fmt: skip
