"""What the audience pages show. Every read costs the same for a hundred contacts and for a million."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, F, Model, Q, QuerySet

from campaigns.audience import addresses
from campaigns.audience.models import Client, Contact, ContactList, Subscription, Suppression
from releases.models import Product

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some rows in a row, and the keys from which the rows before and after them are found."""

    rows: Sequence[Any]
    before: str
    after: str


def page(rows: QuerySet[Any], *, key: str, after: str = "", before: str = "", size: int = PAGE) -> Page:
    """The rows after (or before) a key, found by an index and not by counting off those in front (no OFFSET).

    Args:
        rows: any order; they are ordered by the key here.
        key: a unique, indexed field; with a minus the largest comes first.
        after: the key of the last row of the page before; "" means from the start.
        before: the key of the first row of the page after; goes before `after`.
    """
    field, falls = key.removeprefix("-"), key.startswith("-")
    onward, backward = ("lt", "gt") if falls else ("gt", "lt")
    if before:
        found = list(
            rows.filter(_beyond(rows, field, backward, before)).order_by(field if falls else f"-{field}")[: size + 1]
        )
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        start = rows.filter(_beyond(rows, field, onward, after)) if after else rows
        found = list(start.order_by(key)[: size + 1])
        more_before, more_after = bool(after), len(found) > size
        found = found[:size]
    if not found:
        return Page(rows=[], before="", after="")
    first, last = (str(getattr(row, field)) for row in (found[0], found[-1]))
    return Page(rows=found, before=first if more_before else "", after=last if more_after else "")


def _beyond(rows: QuerySet[Any], name: str, side: str, value: str) -> Q:
    """The condition, or none when somebody wrote letters into the address where a number belongs."""
    text = isinstance(rows.model._meta.get_field(name), CharField)
    if not text and not (value.isascii() and value.isdigit() and len(value) < 19):
        return Q()
    return Q(**{f"{name}__{side}": value})


def starts_with(field: str, text: str) -> Q:
    """Rows whose field starts with the text, by an index in both databases.

    PostgreSQL has a pattern index beside a unique one; SQLite uses its index for a range but not for LIKE with ESCAPE.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\U0010ffff"})
    return Q(**{f"{field}__startswith": text})


def search_contacts(text: str, *, size: int = PAGE) -> list[Contact]:
    """Contacts whose address or last name starts with the text, or whose client is named so. The first `size`.

    Each is a look-up of its own in an index; one query with OR would read the whole table.
    """
    text = text.strip()
    if not text:
        return []
    contacts = Contact.objects.filter(erased_at__isnull=True).select_related("client")
    found = {
        contact.pk: contact
        for contact in contacts.filter(starts_with("email", _address(text))).order_by("email")[:size]
    }
    if "@" not in text:
        for spelling in dict.fromkeys((text, text.capitalize())):
            _add(found, contacts.filter(starts_with("last_name", spelling)).order_by("last_name"), size)
        clients = list(Client.objects.filter(name__icontains=text).values_list("pk", flat=True)[:20])
        if clients:
            _add(found, contacts.filter(client__in=clients).order_by("client_id", "id"), size)
    return list(found.values())


def _add(found: dict[int, Contact], more: QuerySet[Contact], size: int) -> None:
    if len(found) < size:
        for contact in more[:size]:
            if len(found) < size:
                found.setdefault(contact.pk, contact)


def _address(text: str) -> str:
    try:
        return addresses.normalise(text)
    except addresses.BadAddress:
        return text.lower()


def lists() -> QuerySet[ContactList]:
    """All lists with their products, by name."""
    return ContactList.objects.select_related("product")


def clients_with_counts(clients: Iterable[Client]) -> list[Client]:
    """These clients with `people`, in two queries."""
    rows = list(clients)
    counted = Contact.objects.filter(client__in=rows, erased_at__isnull=True).order_by().values("client")
    people = {row["client"]: row["people"] for row in counted.annotate(people=Count("pk"))}
    for client in rows:
        client.people = people.get(client.pk, 0)  # type: ignore[attr-defined]
    return rows


def consents(contact: Contact) -> list[dict[str, Any]]:
    """Every product with what the contact decided about it: active products, and others once decided upon."""
    found = {row.product_id: row for row in Subscription.objects.filter(contact=contact)}
    products = Product.objects.filter(Q(active=True) | Q(pk__in=found))
    return [{"product": product, "subscription": found.get(product.pk)} for product in products]


def suppressions(text: str, *, state: str) -> QuerySet[Suppression]:
    """Suppressions whose address starts with the text; `state` is "open" or "lifted".

    An erased person is found by the whole address, for only its digest is kept.
    """
    rows = Suppression.objects.select_related("by", "lifted_by").filter(until__isnull=state != "lifted")
    text = text.strip()
    if text:
        address = _address(text)
        rows = rows.filter(starts_with("email", address) | Q(email=addresses.digest(address)))
    return rows


def suppressions_by_reason() -> list[tuple[str, int]]:
    """How many addresses are suppressed now, by reason, the most first."""
    counted = Suppression.objects.filter(until__isnull=True).order_by().values("reason").annotate(rows=Count("pk"))
    labels = dict(Suppression.Reason.choices)
    return sorted(((labels[row["reason"]], row["rows"]) for row in counted), key=lambda pair: -pair[1])


def suppressions_of(contact: Contact) -> QuerySet[Suppression]:
    """All suppressions, open and lifted, of the contact's address; the newest first."""
    return (
        Suppression.objects.filter(email=contact.email)
        .select_related("by", "lifted_by")
        .order_by(F("until").desc(nulls_first=True), "-since")
    )


def received(contact: Contact, *, size: int = 20) -> Sequence[Model]:
    """The latest messages to the contact, read through the contact so that this room imports no later one.

    Those in the archive are older, and come when there is room for them.
    """
    found: list[Model] = []
    for rows in (contact.messages, contact.archived_messages):
        latest = rows.select_related("email__campaign__release__product").order_by("-pk")
        found += latest[: size - len(found)] if len(found) < size else []
    return found
