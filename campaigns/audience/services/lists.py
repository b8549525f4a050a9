"""Make lists, and put contacts on them and take them off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

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
        there = set(contact_list.memberships.filter(contact__in=wanted).values_list("contact_id", flat=True))
        ListMembership.objects.bulk_create(
            (ListMembership(contact_list=contact_list, contact_id=pk) for pk in sorted(wanted - there)),
            ignore_conflicts=True,
        )
    return len(wanted - there)


def remove_from_list(*, contact_list: ContactList, contacts: Iterable[Contact], by: Any) -> int:
    """Take contacts off a list. They stay contacts, and their consent stays. Returns how many were on it."""
    require(by, "campaigns.change_contactlist")
    removed, _ = contact_list.memberships.filter(contact__in=[contact.pk for contact in contacts]).delete()
    return removed
