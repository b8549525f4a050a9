"""A follow-up names what is known not to work, before readers find it out."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting import jobs
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Known problems of the release of which the follow-up tells none. A correction only corrects."""
    if mail.email.correction_of_id is not None:
        return
    for found in jobs.check(mail.text, mail.facts, mail.step):
        if found.rule == "problems_untold":
            yield Found(
                found.block, found.message, "Name the ones that clients meet, or waive this with the reason.",
                key=found.key,
            )  # fmt: skip


RULE = Rule("known_problems", "Known problems", WARNING, "relmail: the follow-up says what does not work yet", check)
