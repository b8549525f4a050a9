"""Pictures say what they show, and do not call home."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Addresses that can be loaded, alternative texts, and enough words beside the pictures."""
    for image in mail.page.images:
        source = image.get("src", "")
        if not source.startswith(("https://", "http://", "cid:", "data:", "{{")):
            where = f"the address {source[:80]}, which" if source else "no address and"
            yield Found(
                "mail",
                f"A picture has {where} shows nothing in a mail.",
                "Give it a full https address in the template, or take it out.",
                quote=f"broken:{source}",
            )
        if "alt" not in image:
            yield Found(
                "mail",
                f"The picture {image.get('src', '')[:80]} has no alternative text.",
                "Give it one in the template; an empty one if it is decoration.",
                quote=image.get("src", ""),
            )
    if mail.page.images and len(mail.page.words) < 200 * len(mail.page.images):
        yield Found(
            "mail", "The mail is mostly pictures; many clients do not load them.", "Say it in words.", quote="ratio"
        )


RULE = Rule(
    "images", "Pictures", WARNING, "WCAG 2.2 criterion 1.1.1; SpamAssassin 4: 7 points for a mail of one picture", check
)
