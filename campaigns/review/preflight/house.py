"""The words, names and language that a product's owners agreed on."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting.house import House
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Words that the product does not use, another language than agreed, and, blocking, names of customers."""
    for found in House.of(mail.product, mail.email.campaign.release.people).check(mail.text, mail.step):
        yield Found(
            part=found.block,
            index=found.index,
            message=found.message,
            mend="Take the name out, or let a release manager waive this with the reason."
            if found.blocks
            else "Say it in the words of the product, or waive this with the reason.",
            level=found.level,
            fingerprint=found.fingerprint,
        )


RULE = Rule("house", "Words of the product", WARNING, "the product's settings", check, can_be_waived=True)
