"""Send a test: the mail as it will go out, to somebody of the house."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import Q

from campaigns.audience import unsubscribe
from campaigns.audience.models import Contact
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import actions, rendition
from campaigns.review.models import SeedAddress
from campaigns.review.refusals import ReviewRefused


def send_test(*, email: CampaignEmail, to: str, contact: Contact | None = None, by: Any, now: dt.datetime) -> str:
    """Send the current text to one colleague, through the production renderer and backend, marked [Test].

    Its unsubscribe link leads to the real page and changes nothing. It is no message of the campaign: it stands in no
    balance and asks no suppression list, which is why it goes to people with an account here only.

    Args:
        to: the address of an active user.
        contact: whose values fill the placeholders; a sample reader's when None.

    Returns:
        The address it went to.

    Raises:
        PermissionDenied: the person may not.
        ReviewRefused: the address belongs to no user, there is no text, or the mail service refused; it says which.
    """
    revision = _text_for_test(email, by=by, now=now)
    address = to.strip().lower()
    users = get_user_model().objects.filter(is_active=True)
    if not address or not users.filter(email__iexact=address).exists():
        raise ReviewRefused(
            f"{to.strip() or 'No address'} is not the address of a colleague with an account here. "
            "Tests go to colleagues only; nothing was sent."
        )
    _send(email, revision, [address], contact, by=by, now=now)
    return address


def send_test_to_seeds(*, email: CampaignEmail, contact: Contact | None = None, by: Any, now: dt.datetime) -> list[str]:
    """Send the test to every seed address of the product: mailboxes of the house with other providers.

    Each gets a mail of its own, as clients do. Operators keep the list in the admin.

    Returns:
        The addresses it went to.

    Raises:
        PermissionDenied: the person may not.
        ReviewRefused: there is no seed address or no text, or the mail service refused; it says how many went out.
    """
    revision = _text_for_test(email, by=by, now=now)
    product = Q(product=email.campaign.release.product_id) | Q(product__isnull=True)
    seeds = list(SeedAddress.objects.filter(product).values_list("address", flat=True))
    if not seeds:
        raise ReviewRefused("There is no seed address. An operator adds them in the admin; nothing was sent.")
    _send(email, revision, seeds, contact, by=by, now=now)
    return seeds


def _text_for_test(email: CampaignEmail, *, by: Any, now: dt.datetime) -> Revision:
    revision = current_revision(email)
    actions.insist("send_test", email=email, revision=revision, user=by, now=now)
    assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
    return revision


def _send(
    email: CampaignEmail,
    revision: Revision,
    addresses: list[str],
    contact: Contact | None,
    *,
    by: Any,
    now: dt.datetime,
) -> None:
    frozen = rendition.build(email=email, revision=revision)
    product = email.campaign.release.product
    link = unsubscribe.url(_link_owner(email, contact), product.pk, test=True)
    values = rendition.values_for(contact, product)
    values["unsubscribe_url"] = link
    filled = rendition.fill(frozen, values)
    for number, address in enumerate(addresses):
        mail = EmailMultiAlternatives(
            subject=f"[Test] {filled.subject}",
            body=filled.text,
            from_email=frozen.from_address,
            to=[address],
            reply_to=[frozen.reply_to] if frozen.reply_to else None,
            headers={**frozen.headers, **unsubscribe.list_unsubscribe_headers(link)},
            connection=get_connection(),
        )
        mail.attach_alternative(filled.html, "text/html")
        try:
            mail.send()
        except Exception as problem:
            # Whatever the backend raises, the person hears it and the page stays; nothing else was touched.
            went = f" {number} of {len(addresses)} went out before." if number else ""
            raise ReviewRefused(
                f"The mail service did not take the test: {problem}.{went} Nothing was changed; try again later."
            ) from problem
        history.record(
            what="test", what_id=revision.pk, email=email, before="", after=address, by=by, now=now,
            why=f"Test of revision {revision.number}.",
        )  # fmt: skip


def _link_owner(email: CampaignEmail, contact: Contact | None) -> int:
    """Whom the link of a test names: the page behind it wants a contact, and a test changes nothing for anybody."""
    if contact is not None:
        return contact.pk
    return audience_rule(email).people().order_by("pk").values_list("pk", flat=True).first() or unsubscribe.NOBODY
