"""Make lists, and put contacts on them and take them off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from campaigns.audience.models import Contact, ContactList, ListMembership
from campaigns.audience.refusals import AudienceRefused
from campaigns.permissions import require
from releases.models import Product


def create_list(*, name: str, by: Any, description: str = "", product: Product | None = None) -> ContactList:
    """A new, empty list. With a product, its campaigns start with this list.

    Raises AudienceRefused when the name is empty or taken.
    """
    require(by, "campaigns.add_contactlist")
    name = " ".join(name.split())
    if not name:
        raise AudienceRefused("Nothing was made: a list needs a name.")
    with transaction.atomic():
        made, new = ContactList.objects.get_or_create(
            name=name, defaults={"description": description.strip()[:300], "product": product}
        )
        if not new:
            raise AudienceRefused(f"There is a list named “{name}” already. Choose another name.")
    return made


def add_to_list(*, contact_list: ContactList, contacts: Iterable[Contact], by: Any) -> int:
    """Put contacts on a list; who is on it stays once. Erased people are left out. Returns how many are new."""
    require(by, "campaigns.change_contactlist")
    wanted = {contact.pk for contact in contacts if not contact.erased_at}
    with transaction.atomic():
        lock([contact_list.pk])
        there = set(contact_list.memberships.filter(contact__in=wanted).values_list("contact_id", flat=True))
        ListMembership.objects.bulk_create(
            (ListMembership(contact_list=contact_list, contact_id=pk) for pk in sorted(wanted - there)),
            ignore_conflicts=True,
        )
        count_more(contact_list, len(wanted - there))
    return len(wanted - there)


def remove_from_list(*, contact_list: ContactList, contacts: Iterable[Contact], by: Any) -> int:
    """Take contacts off a list. They stay contacts, and their consent stays. Returns how many were on it."""
    require(by, "campaigns.change_contactlist")
    with transaction.atomic():
        lock([contact_list.pk])
        removed, _ = contact_list.memberships.filter(contact__in=[contact.pk for contact in contacts]).delete()
        count_more(contact_list, -removed)
    return removed


def leave_all(*, contact: Contact) -> None:
    """Take a contact off every list, as a part of erasing; the lists are locked already."""
    for contact_list in ContactList.objects.filter(memberships__contact=contact):
        count_more(contact_list, -contact_list.memberships.filter(contact=contact).delete()[0])


def lock(lists: Iterable[int]) -> None:
    """Lock lists until the transaction ends, in one order, so that their figures are those of their rows.

    Whoever also locks a contact does that afterwards, as an import does, or two of them would wait for each other.
    """
    list(ContactList.objects.select_for_update(no_key=True).filter(pk__in=list(lists)).order_by("pk").values_list("pk"))


def count_more(contact_list: ContactList, more: int) -> None:
    """So many joined a list that is locked, or left it when negative."""
    if more:
        ContactList.objects.filter(pk=contact_list.pk).update(people=F("people") + more)
