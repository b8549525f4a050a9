"""The mails of one campaign fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Subjects differ, and a reminder brings nothing that the announcement did not."""
    ours = _plain(mail.text.subject)
    for sibling in mail.siblings:
        if _plain(sibling.text.subject) == ours:
            yield Found(
                "subject",
                f"The {sibling.label.lower()} has the same subject; inboxes fold the two into one.",
                "Say what is different this time.",
                quote=f"{sibling.step}:{ours}",
            )
    announced = next((sibling for sibling in mail.siblings if sibling.step == "announcement"), None)
    if mail.step == "reminder" and announced:
        known = set(announced.text.keys())
        for block, index, sentence in mail.text.sentences():
            new = [key for key in sentence.keys if key not in known]
            if new:
                yield Found(
                    block,
                    f"The announcement did not mention {', '.join(new)}; a reminder only reminds.",
                    "Take it out, or say it in the announcement too.",
                    quote=sentence.text,
                    index=index,
                    key=new[0],
                )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


RULE = Rule("series", "The mails of this release", WARNING, "relmail: four mails, each with its own reason", check)
