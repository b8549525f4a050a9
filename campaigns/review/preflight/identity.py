"""Who writes, from where, and how to stop it: what most mail laws ask for."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import BLOCKING, Found, Rule
from campaigns.review.preflight.mail import Mail

_ADMIN = "An operator mends it at the product in the admin."
_TEMPLATE = "Put it into the template and publish a new version."


def check(mail: Mail) -> Iterator[Found]:
    """Sender and postal address of the product, and both with the unsubscribe link in both parts."""
    product = mail.product
    if not product.sender_email or not product.sender_name:
        yield Found("mail", f"{product} has no sender name or address.", _ADMIN, quote="sender")
    address = product.postal_address.strip()
    if not address:
        yield Found("mail", f"{product} has no postal address.", _ADMIN, quote="postal address")
    if mail.frozen is None:
        return
    if address:
        wanted = _plain(address)
        if wanted not in _plain(mail.page.words):
            yield Found("mail", "The HTML part does not show the postal address.", _TEMPLATE, quote="html address")
        if wanted not in _plain(mail.frozen.text):
            yield Found("mail", "The text part does not show the postal address.", _TEMPLATE, quote="text address")
    if not any("unsubscribe_url" in link for link in mail.page.links):
        yield Found("mail", "The HTML part has no unsubscribe link.", _TEMPLATE, quote="html unsubscribe")
    if "unsubscribe_url" not in mail.frozen.text:
        yield Found("mail", "The text part has no unsubscribe link.", _TEMPLATE, quote="text unsubscribe")


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


RULE = Rule(
    "identity", "Sender, postal address, unsubscribe", BLOCKING,
    "CAN-SPAM 15 U.S.C. 7704(a)(5); CASL section 6(2); Spam Act 2003 sections 17 and 18; RFC 8058", check,
)  # fmt: skip
