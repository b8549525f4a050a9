"""What may break something for clients and is not called breaking: somebody decides it before the mail goes out."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting.jobs import JOBS
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail
from releases.kinds import may_break


def check(mail: Mail) -> Iterator[Found]:
    """Issues whose words say that something ends, in the mails that have to tell breaking changes."""
    if mail.email.correction_of_id is not None or mail.step not in JOBS or not JOBS[mail.step].names_breaking:
        return
    for issue in mail.facts.issues:
        words = may_break(issue, issue.kind)
        if words:
            yield Found(
                "mail",
                f"{issue.key} ({issue.summary}) may break something (“{words}”), and nobody has decided it.",
                "If clients rely on it, label it breaking-change in Jira; else waive this with the reason.",
                quote=words, key=issue.key,
            )  # fmt: skip


RULE = Rule(
    "may_break", "May break, not decided", WARNING, "GitLab's deprecation guidelines: what, when, what to do", check
)
