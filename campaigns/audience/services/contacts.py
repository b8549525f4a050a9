"""Add, change and erase one person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from campaigns.audience import addresses, details
from campaigns.audience.models import (
    Client,
    ConsentChange,
    Contact,
    ContactImport,
    ContactList,
    KeptFile,
    Subscription,
    Suppression,
)
from campaigns.audience.refusals import AudienceRefused
from campaigns.audience.services import lists
from campaigns.audience.services import suppression as suppressions
from campaigns.audience.services.lists import add_to_list
from campaigns.permissions import require

ERASED_HERE = "This address belongs to a person who was erased on request. It was not written down again."


def add_contact(
    *,
    email: str,
    client: Client | str,
    by: Any,
    first_name: str = "",
    last_name: str = "",
    time_zone: str = "",
    contact_list: ContactList | None = None,
) -> tuple[Contact, bool]:
    """A contact of a client, on a list if one is given. Returns the contact and whether it is new.

    An address that is a contact already is put on the list and otherwise left as it is. A client named by text is
    found by its name, whatever its capitals, or made.

    Raises BadAddress, BadDetail, and AudienceRefused for an address of an erased person.
    """
    require(by, "campaigns.add_contact")
    address = addresses.normalise(email)
    fields = _details(first_name, last_name, time_zone)
    with transaction.atomic():
        _refuse_erased(address)
        contact = Contact.objects.filter(email=address).first()
        made = contact is None
        if contact is None:
            found = client if isinstance(client, Client) else _client_named(client)
            contact = Contact.objects.create(client=found, email=address, **fields)
        if contact_list is not None:
            add_to_list(contact_list=contact_list, contacts=[contact], by=by)
    return contact, made


def change_contact(
    *, contact: Contact, email: str, first_name: str, last_name: str, time_zone: str, by: Any
) -> Contact:
    """Mend a contact's address, names or time zone. Consent and lists stay; links in sent mail go on working.

    Raises BadAddress, BadDetail, and AudienceRefused for an erased person or an address that is somebody else's.
    """
    require(by, "campaigns.change_contact")
    address = addresses.normalise(email)
    fields = _details(first_name, last_name, time_zone)
    try:
        with transaction.atomic():
            _refuse_erased(address)
            changed = Contact.objects.filter(pk=contact.pk, erased_at__isnull=True).update(email=address, **fields)
    except IntegrityError:
        raise AudienceRefused(f"{address} is another contact already. Nothing was changed.") from None
    if not changed:
        raise AudienceRefused("This person was erased on request; there is nothing to change.")
    contact.refresh_from_db()
    return contact


def erase(*, contact: Contact, by: Any, now: dt.datetime) -> None:
    """Forget a person: names, address, lists and proofs go; the row stays so that counts of sent mail stay true.

    All that is left of the address is its SHA-256 as a suppression, so that an import or a colleague cannot bring the
    person back. Once, however often it is asked. Addresses kept by later steps (messages, events) are cleared by
    those, which look for `erased_at`.
    """
    require(by, "campaigns.erase_contact")
    with transaction.atomic():
        lists.lock(contact.memberships.values_list("contact_list", flat=True))
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        if contact.erased_at:
            return
        address = contact.email
        suppressions.put(email=address, reason=Suppression.Reason.ERASED, detail="", source="Erasure", by=by, now=now)
        # Older rows of the address, lifted or replaced, keep their reason and their dates but not the address.
        Suppression.objects.filter(email=address).update(email=addresses.digest(address), detail="")
        Subscription.objects.filter(contact=contact).update(
            state=Subscription.State.UNSUBSCRIBED, source="Erasure", proof="", changed_at=now
        )
        ConsentChange.objects.filter(contact=contact).update(source="")
        lists.leave_all(contact=contact)
        _clear_reports(address)
        # Files between check and import are not searched through: whoever handed one in does so again.
        KeptFile.objects.all().delete()
        contact.email = f"erased-{contact.pk}@erased.invalid"
        contact.first_name = contact.last_name = contact.time_zone = ""
        contact.erased_at = now
        contact.save(update_fields=["email", "first_name", "last_name", "time_zone", "erased_at"])


def _details(first_name: str, last_name: str, time_zone: str) -> dict[str, str]:
    return {
        "first_name": details.name(first_name),
        "last_name": details.name(last_name),
        "time_zone": details.time_zone(time_zone),
    }


def _refuse_erased(address: str) -> None:
    if Suppression.objects.filter(email=addresses.digest(address), until__isnull=True).exists():
        raise AudienceRefused(ERASED_HERE)


def _client_named(text: str) -> Client:
    name = details.name(text, longest=200)
    if not name:
        raise AudienceRefused("Nothing was added: say which client the person belongs to.")
    return Client.objects.filter(name__iexact=name).first() or Client.objects.get_or_create(name=name)[0]


def _clear_reports(address: str) -> None:
    """Take the address out of the reports of imports, which quote the cells that had a problem."""
    for found in ContactImport.objects.filter(report__icontains=address).select_for_update():
        for row in found.report:
            if address in str(row.get("value", "")).lower():
                row["value"] = "(erased)"
        found.save(update_fields=["report"])
