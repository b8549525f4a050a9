"""Suppression, consent and erasure: asked once or ten times, they leave one line and never lose a refusal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.audience import addresses, selectors, services
from campaigns.audience.details import BadDetail
from campaigns.audience.refusals import AudienceRefused
from campaigns.models import Client, ConsentChange, Contact, ListMembership, Subscription, Suppression
from releases.models import Product
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return factories.make_product(name="Kite")


@pytest.fixture
def contact(product: Product) -> Contact:
    return factories.make_contacts(1, product=product, contact_list=factories.make_list("Clients"))[0]


def _refusal(contact: Contact, product: Product, now: dt.datetime) -> str:
    return selectors.refusals(product_id=product.pk, contacts=[(contact.pk, contact.email)], now=now).get(
        contact.pk, ""
    )


# --- suppression ---------------------------------------------------------------------------------------------------
def test_suppressing_twice_leaves_one_open_row(contact: Contact, now: dt.datetime) -> None:
    first = services.suppress(email=contact.email, reason="hard_bounce", detail="550", by=None, now=now)
    second = services.suppress(email=f" {contact.email.upper()} ", reason="hard_bounce", detail="551", by=None, now=now)
    assert first.pk == second.pk
    assert Suppression.objects.get().detail == "550"


def test_a_graver_reason_takes_the_place_of_a_lighter_one(contact: Contact, now: dt.datetime) -> None:
    services.suppress(email=contact.email, reason="manual", by=None, now=now)
    services.suppress(email=contact.email, reason="complaint", by=None, now=now)
    services.suppress(email=contact.email, reason="hard_bounce", by=None, now=now)
    open_row = Suppression.objects.get(until__isnull=True)
    closed = Suppression.objects.get(until__isnull=False)
    assert (open_row.reason, closed.reason) == ("complaint", "manual")
    assert "complaint" in closed.lifted_reason


def test_a_person_cannot_suppress_what_is_no_address_but_a_bounce_is_never_lost(
    operator: Any, now: dt.datetime
) -> None:
    with pytest.raises(addresses.BadAddress):
        services.suppress(email="not an address", reason="manual", by=operator, now=now)
    assert services.suppress(email="Odd Spelling@x", reason="hard_bounce", by=None, now=now).email == "odd spelling@x"


def test_lifting_needs_a_reason_and_keeps_the_row(contact: Contact, operator: Any, now: dt.datetime) -> None:
    row = services.suppress(email=contact.email, reason="hard_bounce", by=None, now=now)
    with pytest.raises(AudienceRefused, match="say why"):
        services.lift_suppression(suppression=row, reason="  ", by=operator, now=now)
    assert Suppression.objects.get().until is None
    services.lift_suppression(suppression=row, reason="Mailbox repaired", by=operator, now=now)
    kept = Suppression.objects.get()
    assert (kept.until, kept.lifted_by, kept.lifted_reason) == (now, operator, "Mailbox repaired")
    with pytest.raises(AudienceRefused, match="lifted before"):
        services.lift_suppression(suppression=row, reason="Again", by=operator, now=now)


def test_a_lifted_address_can_be_suppressed_again(contact: Contact, operator: Any, now: dt.datetime) -> None:
    row = services.suppress(email=contact.email, reason="hard_bounce", by=None, now=now)
    services.lift_suppression(suppression=row, reason="Mailbox repaired", by=operator, now=now)
    again = services.suppress(email=contact.email, reason="hard_bounce", by=None, now=now)
    assert again.pk != row.pk
    assert Suppression.objects.filter(until__isnull=True).count() == 1


# --- consent -------------------------------------------------------------------------------------------------------
def test_subscribing_leaves_its_basis_its_proof_and_a_line(product: Product, marketer: Any, now: dt.datetime) -> None:
    person = factories.make_contacts(1)[0]
    assert _refusal(person, product, now) == "no_consent"
    asked: dict[str, Any] = {
        "contact": person,
        "product": product,
        "basis": "consent",
        "source": "Call",
        "by": marketer,
    }
    assert services.subscribe(proof="Form of 3 May", now=now, **asked)
    assert not services.subscribe(proof="Form of 3 May", now=now, **asked)
    assert _refusal(person, product, now) == ""
    line = ConsentChange.objects.get()
    assert (line.before, line.after, line.source, line.by) == ("", "subscribed", "Call", marketer)
    assert Subscription.objects.get().proof == "Form of 3 May"


def test_another_basis_is_a_change(contact: Contact, product: Product, marketer: Any, now: dt.datetime) -> None:
    asked: dict[str, Any] = {"contact": contact, "product": product, "source": "Call", "by": marketer, "now": now}
    assert services.subscribe(basis="legitimate_interest", **asked)
    assert Subscription.objects.get().basis == "legitimate_interest"
    assert ConsentChange.objects.count() == 1


def test_unsubscribing_twice_leaves_one_line(contact: Contact, product: Product, now: dt.datetime) -> None:
    asked: dict[str, Any] = {"contact": contact, "product": product, "source": "Link", "by": None, "now": now}
    assert services.unsubscribe(**asked)
    assert not services.unsubscribe(**asked)
    assert ConsentChange.objects.count() == 1
    assert _refusal(contact, product, now) == "unsubscribed"


def test_who_unsubscribed_comes_back_only_with_proof(
    contact: Contact, product: Product, marketer: Any, now: dt.datetime
) -> None:
    services.unsubscribe(contact=contact, product=product, source="Link", by=None, now=now)
    asked: dict[str, Any] = {
        "contact": contact,
        "product": product,
        "basis": "contract",
        "source": "Call",
        "by": marketer,
    }
    with pytest.raises(AudienceRefused, match="unsubscribed from Kite on 04 November 2026"):
        services.subscribe(now=now, **asked)
    assert _refusal(contact, product, now) == "unsubscribed"
    assert services.subscribe(proof="Mail of 3 November", now=now, **asked)
    assert _refusal(contact, product, now) == ""


# --- people --------------------------------------------------------------------------------------------------------
def test_adding_a_person_finds_the_client_and_the_list(marketer: Any) -> None:
    Client.objects.create(name="Nordwind Logistik")
    contact_list = factories.make_list()
    asked: dict[str, Any] = {"client": "nordwind  logistik", "contact_list": contact_list, "by": marketer}
    added, new = services.add_contact(email="Anna@Client.example", first_name="Anna", **asked)
    same, again = services.add_contact(email="anna@client.example", first_name="Other", **asked)
    assert (new, again) == (True, False)
    assert added == same
    assert (Client.objects.count(), ListMembership.objects.count()) == (1, 1)
    assert Contact.objects.get().first_name == "Anna"


def test_adding_a_wrong_detail_keeps_nothing(marketer: Any) -> None:
    with pytest.raises(BadDetail):
        services.add_contact(email="a@client.example", client="New", time_zone="Mars", by=marketer)
    with pytest.raises(AudienceRefused, match="which client"):
        services.add_contact(email="a@client.example", client=" ", by=marketer)
    assert not Client.objects.exists()


def test_changing_to_an_address_of_somebody_else_is_refused(contact: Contact, marketer: Any) -> None:
    other = factories.make_contacts(1)[0]
    details = {"first_name": "A", "last_name": "B", "time_zone": "", "by": marketer}
    with pytest.raises(AudienceRefused, match="another contact"):
        services.change_contact(contact=contact, email=other.email, **details)
    changed = services.change_contact(contact=contact, email="NEW@client.example", **details)
    assert (changed.email, changed.first_name) == ("new@client.example", "A")


def test_erasing_leaves_a_digest_and_nothing_else(
    contact: Contact, product: Product, operator: Any, now: dt.datetime
) -> None:
    address = contact.email
    services.suppress(email=address, reason="hard_bounce", detail=f"550 {address} unknown", by=None, now=now)
    Subscription.objects.update(proof=f"Mail from {address}")
    for _ in range(2):
        services.erase(contact=contact, by=operator, now=now)
    contact.refresh_from_db()
    assert (contact.email, contact.first_name, contact.last_name) == (f"erased-{contact.pk}@erased.invalid", "", "")
    assert contact.erased_at == now
    for model in (Contact, Subscription, ConsentChange, Suppression, ListMembership):
        assert address not in str(list(model.objects.values()))
    open_row = Suppression.objects.get(until__isnull=True)
    assert (open_row.email, open_row.reason, open_row.by) == (addresses.digest(address), "erased", operator)


def test_an_erased_person_stays_away(
    contact: Contact, product: Product, operator: Any, marketer: Any, now: Any
) -> None:
    address = contact.email
    services.erase(contact=contact, by=operator, now=now)
    contact.refresh_from_db()
    with pytest.raises(AudienceRefused, match="erased"):
        services.add_contact(email=address, client="Nordwind Logistik", by=marketer)
    with pytest.raises(AudienceRefused, match="erased"):
        services.subscribe(
            contact=contact, product=product, basis="consent", source="x", proof="y", by=marketer, now=now
        )
    with pytest.raises(AudienceRefused, match="erased"):
        services.change_contact(
            contact=contact, email="n@x.example", first_name="", last_name="", time_zone="", by=marketer
        )
    row = services.suppress(email=address, reason="complaint", by=None, now=now)
    assert row.reason == "erased"
    assert not Suppression.objects.filter(email=address).exists()


def test_lists_take_people_once_and_let_them_go(contact: Contact, marketer: Any) -> None:
    contact_list = services.create_list(name="  Second   list ", by=marketer)
    assert contact_list.name == "Second list"
    assert services.add_to_list(contact_list=contact_list, contacts=[contact], by=marketer) == 1
    assert services.add_to_list(contact_list=contact_list, contacts=[contact], by=marketer) == 0
    assert services.remove_from_list(contact_list=contact_list, contacts=[contact], by=marketer) == 1
    with pytest.raises(AudienceRefused, match="already"):
        services.create_list(name="Second list", by=marketer)


@pytest.mark.parametrize(
    ("permission", "verb", "may"),
    [
        ("campaigns.add_suppression", "suppress", "operator"),
        ("campaigns.lift_suppression", "lift", "operator"),
        ("campaigns.change_consent", "unsubscribe", "marketer"),
        ("campaigns.change_consent", "everything", "marketer"),
        ("campaigns.add_contact", "add", "marketer"),
        ("campaigns.erase_contact", "erase", "operator"),
        ("campaigns.add_contactlist", "list", "marketer"),
    ],
)
def test_each_verb_asks_for_its_right(
    permission: str, verb: str, may: str, contact: Contact, product: Product, request: pytest.FixtureRequest, now: Any
) -> None:
    row = services.suppress(email="x@client.example", reason="manual", by=None, now=now)
    verbs: dict[str, Any] = {
        "suppress": lambda by: services.suppress(email="y@client.example", reason="manual", by=by, now=now),
        "lift": lambda by: services.lift_suppression(suppression=row, reason="x", by=by, now=now),
        "unsubscribe": lambda by: services.unsubscribe(contact=contact, product=product, source="x", by=by, now=now),
        "everything": lambda by: services.unsubscribe_from_everything(contact=contact, source="x", by=by, now=now),
        "add": lambda by: services.add_contact(email="z@client.example", client="X", by=by),
        "erase": lambda by: services.erase(contact=contact, by=by, now=now),
        "list": lambda by: services.create_list(name="New", by=by),
    }
    with pytest.raises(PermissionDenied, match=permission):
        verbs[verb](factories.make_user())
    verbs[verb](request.getfixturevalue(may))
