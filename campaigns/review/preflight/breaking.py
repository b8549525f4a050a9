"""What breaks is said, in the mails whose job that is."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting import jobs
from campaigns.review.preflight.findings import BLOCKING, WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Breaking changes of the release that announcement and release day do not tell, or without the step.

    A correction only corrects.
    """
    if mail.email.correction_of_id is not None:
        return
    for found in jobs.check(mail.text, mail.facts, mail.step):
        if found.rule == "breaking_missing":
            yield Found(
                found.block, found.message, "Say what changes and what to do, and cite the issue.", key=found.key
            )
        elif found.rule == "breaking_step":
            yield Found(
                found.block, found.message, "Say what clients have to do, and cite the issue.", key=found.key,
                level=WARNING,
            )  # fmt: skip


RULE = Rule(
    "breaking", "Breaking changes", BLOCKING, "GitLab's deprecation guidelines: what, when, what to do", check, True
)
