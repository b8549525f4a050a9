"""Checked rows into the database, a thousand at a time and never one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.audience import addresses, selectors
from campaigns.audience.importing import rows
from campaigns.audience.importing.report import Report
from campaigns.audience.importing.row import Person
from campaigns.audience.models import (
    Client,
    ConsentChange,
    Contact,
    ContactList,
    ListMembership,
    Subscription,
    Suppression,
)
from campaigns.audience.services import lists
from releases.models import Product

AT_ONCE = 1_000


@dataclass
class Writer:
    """Writes people onto one list, and subscribes them to one product when there is one.

    A blank cell never empties what is known. Consent only ever grows here: who unsubscribed stays so.
    """

    contact_list: ContactList
    product: Product | None
    basis: str
    source: str
    proof: str
    by: Any
    now: dt.datetime
    report: Report
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    _clients: dict[str, Client] = field(default_factory=dict)
    _new: dict[str, Contact] = field(default_factory=dict)
    _noted_clients: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Clients are thousands where contacts are a million; one query finds them whatever their capitals.
        self._clients = {client.name.casefold(): client for client in Client.objects.order_by("-pk")}

    def write(self, people: Sequence[Person]) -> None:
        """Write one chunk, in a number of queries that does not depend on who is in it."""
        people = self._without_erased(people)
        self._make_clients(people)
        lists.lock([self.contact_list.pk])
        known = {contact.email: contact for contact in Contact.objects.filter(email__in=[p.email for p in people])}
        touched = self._write_contacts(people, known)
        touched |= self._write_memberships(people, known)
        if self.product is not None:
            touched |= self._write_subscriptions(self.product, people, known)
        for person in people:
            if person.line in touched:
                self.updated += 1
            elif person.email in known:
                self.unchanged += 1

    def _without_erased(self, people: Sequence[Person]) -> list[Person]:
        digests = {addresses.digest(person.email): person for person in people}
        spellings = [*digests, *(person.email for person in people)]
        open_rows = Suppression.objects.filter(until__isnull=True, email__in=spellings).order_by()
        reasons = dict(open_rows.values_list("email", "reason"))
        kept = []
        for digest, person in digests.items():
            if digest in reasons:
                # The address itself is not written into the report: that would bring it back.
                problem = "This person was erased on request and is not imported."
                self.report.reject(person.line, ("email", "(erased)", problem))
                continue
            kept.append(person)
            if reason := reasons.get(person.email):
                label = selectors.REASONS[reason].lower()
                problem = f"Imported, but will not be mailed: the address is suppressed ({label})."
                self.report.note(person.line, "email", person.email, problem)
        return kept

    def _make_clients(self, people: Sequence[Person]) -> None:
        new: dict[str, Client] = {}
        changed: dict[int, Client] = {}
        for person in people:
            key = person.client.casefold()
            client = self._clients.get(key)
            if client is None:
                client = self._clients[key] = new[key] = Client(name=person.client, country=person.country)
            elif person.country and not client.country:
                client.country = person.country
                if client.pk:
                    changed[client.pk] = client
            elif person.country and person.country != client.country and id(client) not in self._noted_clients:
                self._noted_clients.add(id(client))
                problem = (
                    f"{client.name} stays with {client.country}. Change it at the client if {person.country} is right."
                )
                self.report.note(person.line, "country", person.country, problem)
        Client.objects.bulk_create(new.values())
        Client.objects.bulk_update(changed.values(), ["country"])

    def _write_contacts(self, people: Sequence[Person], known: dict[str, Contact]) -> set[int]:
        new, changed, touched = [], [], set()
        for person in people:
            client = self._clients[person.client.casefold()]
            contact = known.get(person.email)
            if contact is None:
                contact = Contact(email=person.email, client_id=client.pk)
                new.append(contact)
                _fill(contact, person)
            elif _fill(contact, person) or contact.client_id != client.pk:
                contact.client_id = client.pk
                changed.append(contact)
                touched.add(person.line)
        Contact.objects.bulk_create(new)
        # An upsert by address: a plain bulk UPDATE is one CASE per row and column, several times slower.
        Contact.objects.bulk_create(
            [_without_pk(contact) for contact in changed],
            update_conflicts=True,
            unique_fields=["email"],
            update_fields=["client", "first_name", "last_name", "time_zone"],
        )
        self.created += len(new)
        self._new = {contact.email: contact for contact in new}
        return touched

    def _write_memberships(self, people: Sequence[Person], known: dict[str, Contact]) -> set[int]:
        ids = [contact.pk for contact in known.values()]
        there = set(self.contact_list.memberships.filter(contact__in=ids).values_list("contact_id", flat=True))
        missing = [person for person in people if self._pk(person, known) not in there]
        rows.insert(
            ListMembership,
            each="contact_id",
            values=[self._pk(person, known) for person in missing],
            contact_list_id=self.contact_list.pk,
            added_at=self.now,
        )
        lists.count_more(self.contact_list, len(missing))
        return {person.line for person in missing if person.email in known}

    def _write_subscriptions(self, product: Product, people: Sequence[Person], known: dict[str, Contact]) -> set[int]:
        ids = [contact.pk for contact in known.values()]
        found = Subscription.objects.filter(product=product, contact__in=ids)
        states = {
            contact_id: (state, at) for contact_id, state, at in found.values_list("contact_id", "state", "changed_at")
        }
        new, touched = [], set()
        for person in people:
            contact = self._pk(person, known)
            state, at = states.get(contact, ("", None))
            if state == Subscription.State.UNSUBSCRIBED:
                problem = (
                    f"Unsubscribed from {product.name} on {at:%d %B %Y} and stays so: an import brings nobody back."
                )
                self.report.note(person.line, "email", person.email, problem)
            if not state:
                new.append(contact)
                if person.email in known:
                    touched.add(person.line)
        origin = {"product_id": product.pk, "source": self.source}
        rows.insert(
            Subscription,
            each="contact_id",
            values=new,
            state=Subscription.State.SUBSCRIBED,
            basis=self.basis,
            proof=self.proof,
            changed_at=self.now,
            **origin,
        )
        rows.insert(
            ConsentChange,
            each="contact_id",
            values=new,
            before="",
            after=Subscription.State.SUBSCRIBED,
            by_id=self.by.pk if self.by else None,
            at=self.now,
            **origin,
        )
        return touched

    def _pk(self, person: Person, known: dict[str, Contact]) -> int:
        return (known.get(person.email) or self._new[person.email]).pk


def _fill(contact: Contact, person: Person) -> bool:
    """Put what the row knows into the contact; whether anything is different now."""
    changed = False
    for name in ("first_name", "last_name", "time_zone"):
        value = getattr(person, name)
        if value and value != getattr(contact, name):
            setattr(contact, name, value)
            changed = True
    return changed


def _without_pk(contact: Contact) -> Contact:
    return Contact(
        email=contact.email,
        client_id=contact.client_id,
        first_name=contact.first_name,
        last_name=contact.last_name,
        time_zone=contact.time_zone,
    )
