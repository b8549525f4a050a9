"""The links open, as far as somebody had them tried. Nothing is called from here."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """What each address of the mail answered when it was tried last."""
    tried = {row.address: row for row in mail.link_checks}
    for address in dict.fromkeys(mail.page.links):
        row = tried.get(address)
        if row is not None and row.problem:
            yield Found(
                "mail",
                f"{address[:100]} could not be opened: {row.problem}",
                "Mend the page or the address, then check the links again.",
                quote=address,
            )


RULE = Rule("reachable", "Links open", WARNING, "Litmus checklist: every link is tried before the send", check)
