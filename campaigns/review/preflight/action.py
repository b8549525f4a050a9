"""The mail asks for one thing."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Count the places that its links lead to, the unsubscribe link apart."""
    if mail.frozen is None:
        return
    targets = {link for link in mail.page.links if "unsubscribe" not in link and not link.startswith(("mailto:", "#"))}
    if not targets:
        yield Found(
            "mail",
            "The mail has no button or link: a reader who wants more finds nothing.",
            "Set the product's website.",
            quote="none",
        )
    elif len(targets) > 1:
        yield Found(
            "mail",
            f"The mail leads to {len(targets)} places; one is clicked more than several.",
            "Keep the one that matters.",
            quote="several",
        )


RULE = Rule("action", "One call to action", WARNING, "Emplifi and Litmus: one button a mail", check)
