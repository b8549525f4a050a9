"""The HTML part is short enough to be shown whole."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import BLOCKING, Found, Rule
from campaigns.review.preflight.mail import Mail

LARGEST = 102 * 1024


def check(mail: Mail) -> Iterator[Found]:
    """Bytes of the HTML part; the unsubscribe link stands at its end and would be cut off first."""
    if mail.frozen is None:
        return
    size = len(mail.frozen.html.encode())
    if size > LARGEST:
        yield Found(
            "mail",
            f"The HTML part has {size // 1024} KB; Gmail cuts at 102 KB, and with it the unsubscribe link.",
            "Shorten the mail.",
            quote="size",
        )


RULE = Rule("size", "Size", BLOCKING, "Gmail clips messages over 102 KB", check)
