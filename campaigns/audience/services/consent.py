"""Who agreed to hear about which product. Each change leaves a line of history; asking twice leaves one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from campaigns.audience.models import ConsentChange, Contact, Subscription, Suppression
from campaigns.audience.refusals import AudienceRefused
from campaigns.audience.services import suppression as suppressions
from campaigns.permissions import require
from releases.models import Product

SUBSCRIBED = Subscription.State.SUBSCRIBED
UNSUBSCRIBED = Subscription.State.UNSUBSCRIBED


def subscribe(
    *,
    contact: Contact,
    product: Product,
    basis: str,
    source: str,
    by: Any,
    now: dt.datetime,
    proof: str = "",
) -> bool:
    """Note that the contact may be mailed about the product. Returns whether anything changed.

    Args:
        basis: a value of Subscription.Basis: why the law allows it.
        source: where it comes from, such as an import or a call.
        proof: what shows it, such as the number of a contract. Needed to bring back somebody who unsubscribed.
        by: the person (needs campaigns.change_consent), or None for the machine.

    Raises AudienceRefused for an erased person, and for somebody who unsubscribed when there is no proof.
    """
    require(by, "campaigns.change_consent")
    if contact.erased_at:
        raise AudienceRefused("This person was erased on request and cannot be subscribed. Nothing was changed.")
    with transaction.atomic():
        found = _locked(contact, product)
        if found and found.state == UNSUBSCRIBED and not proof.strip():
            raise AudienceRefused(
                f"{contact.email} unsubscribed from {product.name} on {found.changed_at:%d %B %Y}. To bring "
                "somebody back, write under “proof” how and when they asked for it. Nothing was changed."
            )
        if found and (found.state, found.basis) == (SUBSCRIBED, basis):
            return False
        wanted = {"state": SUBSCRIBED, "basis": basis, "source": source[:200], "proof": proof[:500], "changed_at": now}
        Subscription.objects.update_or_create(contact=contact, product=product, defaults=wanted)
        _record(contact, product, before=found.state if found else "", after=SUBSCRIBED, source=source, by=by, now=now)
    return True


def unsubscribe(*, contact: Contact, product: Product, source: str, by: Any, now: dt.datetime) -> bool:
    """Mail the contact no more about the product. Returns whether anything changed.

    `by` is None when the person did it by the link in a mail. Also kept for somebody who never subscribed, so that no
    later import can.
    """
    require(by, "campaigns.change_consent")
    with transaction.atomic():
        found = _locked(contact, product)
        if found and found.state == UNSUBSCRIBED:
            return False
        wanted = {"state": UNSUBSCRIBED, "source": source[:200], "changed_at": now}
        Subscription.objects.update_or_create(contact=contact, product=product, defaults=wanted)
        _record(
            contact, product, before=found.state if found else "", after=UNSUBSCRIBED, source=source, by=by, now=now
        )
    return True


def unsubscribe_from_everything(*, contact: Contact, source: str, by: Any, now: dt.datetime) -> Suppression:
    """Mail the contact's address no more about anything. Once, however often it is asked."""
    require(by, "campaigns.change_consent")
    return suppressions.put(
        email=contact.email, reason=Suppression.Reason.UNSUBSCRIBED, detail="", source=source, by=by, now=now
    )


def subscribe_again(*, contact: Contact, product: Product, source: str, now: dt.datetime) -> str:
    """The person asks, by the link in a mail, to hear about the product again.

    It undoes what that link did: the unsubscription, and an unsubscription from everything. Returns the reason for
    which the address is suppressed all the same (a bounce, a complaint), or "".
    """
    with transaction.atomic():
        row = Suppression.objects.filter(email=contact.email, until__isnull=True).first()
        if row and row.reason == Suppression.Reason.UNSUBSCRIBED:
            suppressions.lift(
                suppression=row, reason="The person subscribed again by the link in a mail.", by=None, now=now
            )
            row = None
        subscribe(
            contact=contact,
            product=product,
            basis=Subscription.Basis.CONSENT,
            source=source,
            proof=f"“Subscribe again” on the unsubscribe page, {now:%Y-%m-%d %H:%M} UTC",
            by=None,
            now=now,
        )
    return row.reason if row else ""


def _locked(contact: Contact, product: Product) -> Subscription | None:
    """The subscription, while nobody else changes this contact's; so that two clicks at once leave one line."""
    Contact.objects.select_for_update().get(pk=contact.pk)
    return Subscription.objects.filter(contact=contact, product=product).first()


def _record(
    contact: Contact, product: Product, *, before: str, after: str, source: str, by: Any, now: dt.datetime
) -> None:
    ConsentChange.objects.create(
        contact=contact, product=product, before=before, after=after, source=source[:200], by=by, at=now
    )
