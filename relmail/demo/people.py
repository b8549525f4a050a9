"""Who is in the demo: three colleagues to log in as, and recipients of whom some cannot or must not be mailed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from campaigns.audience import services as audience
from campaigns.audience.importing import import_contacts
from campaigns.models import Contact, ContactList
from releases.models import Product
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER

_CLIENTS = (
    ("Nordwind Logistik", "DE", "Europe/Berlin"),
    ("Atelier Lumen", "FR", "Europe/Paris"),
    ("Pinecrest Foods", "US", "America/Chicago"),
    ("Kōyō Systems", "JP", "Asia/Tokyo"),
    ("Taverna Data", "IT", "Europe/Rome"),
    ("Southern Cross Freight", "AU", "Australia/Sydney"),
)
_FIRST = ("Ada", "Bruno", "Chiara", "Deniz", "Élodie", "Farid", "Greta", "Hana", "Ines", "Jonas", "Kaori", "Lars")
_LAST = ("Almeida", "Brandt", "Costa", "D'Amico", "Eriksen", "Fischer", "Grünwald", "Haddad", "Ito", "Jensen")

# Shares of the recipients, in percent. The first four are Amazon's documented mailbox simulator addresses.
BOUNCING = 2
COMPLAINING = 1
OUT_OF_OFFICE = 1
ON_AMAZONS_LIST = 1
UNSUBSCRIBED = 3
SUPPRESSED = 2


@dataclass(frozen=True)
class Colleague:
    """Somebody to log in as."""

    user: Any
    username: str
    password: str
    role: str


def make_colleagues() -> list[Colleague]:
    """A marketer, a release manager and an operator, each with a password of this run alone."""
    found = []
    for username, role in (("marketer", MARKETER), ("manager", RELEASE_MANAGER), ("operator", OPERATOR)):
        password = secrets.token_urlsafe(9)
        user = get_user_model().objects.create_user(
            username=username, email=f"{username}@company.example", password=password, is_staff=role == OPERATOR
        )
        user.groups.add(Group.objects.get(name=role))
        found.append(Colleague(user, username, password, role))
    return found


def recipients_csv(count: int) -> bytes:
    """A CSV file as a CRM would export it, with so many people."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["email", "first name", "last name", "company", "country", "time zone"])
    names = itertools.cycle(itertools.product(_FIRST, _LAST))
    for number, (first, last) in zip(range(count), names, strict=False):
        client, country, zone = _CLIENTS[number % len(_CLIENTS)]
        writer.writerow([_address(number, count), first, last, client, country, zone])
    return file.getvalue().encode()


def _address(number: int, count: int) -> str:
    at = number * 100 // max(count, 1)
    edge = 0
    for kind, share in (
        ("bounce", BOUNCING), ("complaint", COMPLAINING), ("ooto", OUT_OF_OFFICE), ("suppressionlist", ON_AMAZONS_LIST)
    ):  # fmt: skip
        edge += share
        if at < edge:
            return f"{kind}+{number}@simulator.amazonses.com"
    return f"reader{number}@client{number % len(_CLIENTS) + 1}.example"


def import_recipients(*, product: Product, count: int, by: Any, operator: Any, now: dt.datetime) -> ContactList:
    """Hand in the CSV file, then let some of its people unsubscribe and suppress some addresses."""
    contact_list = ContactList.objects.filter(name=f"{product.name} clients").first() or audience.create_list(
        name=f"{product.name} clients", by=by, product=product
    )
    done = import_contacts(
        file=io.BytesIO(recipients_csv(count)), file_name="clients.csv", contact_list=contact_list, product=product,
        by=by, now=now, proof="Clients of the product, from the CRM",
    )  # fmt: skip
    if done.state != "imported":
        raise RuntimeError(f"The contacts could not be imported: {done.problem}")
    people = Contact.objects.filter(lists=contact_list, email__startswith="reader").order_by("-pk")
    leaving = max(count * UNSUBSCRIBED // 100, 1) if count > 1 else 0
    suppressed = max(count * SUPPRESSED // 100, 1) if count > 2 else 0
    for contact in people[:leaving]:
        audience.unsubscribe(contact=contact, product=product, source="unsubscribe link", by=None, now=now)
    for contact in people[leaving : leaving + suppressed]:
        audience.suppress(
            email=contact.email, reason="manual", detail="Asked by phone not to be mailed", by=operator, now=now
        )
    return contact_list
