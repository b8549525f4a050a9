"""Who gets a mail: the lists, minus everybody with a reason, the same sum however it is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from campaigns.audience import browsing, selectors, services
from campaigns.audience.selectors import AudienceSum
from campaigns.models import Contact, ContactList, ListMembership, Subscription
from releases.models import Product
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return factories.make_product(name="Kite")


@pytest.fixture
def contact_list() -> ContactList:
    return factories.make_list("Clients")


@pytest.fixture
def crowd(product: Product, contact_list: ContactList, operator: Any, now: dt.datetime) -> dict[str, Contact]:
    """One contact on the list for each way to be left out, and two who may be mailed."""
    people = factories.make_contacts(9, product=product, contact_list=contact_list)
    names = ("fine", "other", "hard_bounce", "complaint", "manual", "provider", "unsubscribed", "no_consent", "erased")
    crowd = dict(zip(names, people, strict=True))
    for reason in ("hard_bounce", "complaint", "manual", "provider"):
        services.suppress(email=crowd[reason].email, reason=reason, by=None, now=now)
    lifted = services.suppress(email=crowd["other"].email, reason="manual", by=None, now=now)
    services.lift_suppression(suppression=lifted, reason="A mistake", by=operator, now=now)
    services.unsubscribe(contact=crowd["unsubscribed"], product=product, source="test", by=None, now=now)
    Subscription.objects.filter(contact=crowd["no_consent"]).delete()
    return crowd


def _pairs(crowd: dict[str, Contact]) -> list[tuple[int, str]]:
    return [(contact.pk, contact.email) for contact in crowd.values()]


def test_everybody_on_any_of_the_lists_comes_once(product: Product, contact_list: ContactList) -> None:
    people = factories.make_contacts(3, contact_list=contact_list)
    second = factories.make_list()
    ListMembership.objects.create(contact_list=second, contact=people[0])
    stranger = factories.make_contacts(1)[0]
    found = selectors.recipients([contact_list.pk, second.pk, second.pk])
    assert sorted(contact.pk for contact in found) == [contact.pk for contact in people]
    assert stranger not in found
    assert not selectors.recipients([]).exists()


def test_each_reason_is_named(crowd: dict[str, Contact], product: Product, operator: Any, now: dt.datetime) -> None:
    pairs = _pairs(crowd)  # the addresses as messages keep them, from before the erasure
    services.erase(contact=crowd["erased"], by=operator, now=now)
    found = selectors.refusals(product_id=product.pk, contacts=pairs, now=now)
    assert found == {contact.pk: name for name, contact in crowd.items() if name not in ("fine", "other")}
    assert set(found.values()) <= set(selectors.REASONS)


def test_consent_is_asked_for_this_product_only(crowd: dict[str, Contact], now: dt.datetime) -> None:
    other = factories.make_product(name="Harbor")
    found = selectors.refusals(product_id=other.pk, contacts=_pairs(crowd), now=now)
    assert found[crowd["fine"].pk] == "no_consent"


def test_an_address_in_other_capitals_is_still_suppressed(
    crowd: dict[str, Contact], product: Product, now: dt.datetime
) -> None:
    contact = crowd["complaint"]
    found = selectors.refusals(product_id=product.pk, contacts=[(contact.pk, contact.email.upper())], now=now)
    assert found == {contact.pk: "complaint"}


@pytest.mark.parametrize("count", [1, 50, 2_000])
def test_one_query_answers_for_any_number(
    product: Product, now: dt.datetime, count: int, django_assert_num_queries: Any
) -> None:
    people = factories.make_contacts(count, product=product)
    with django_assert_num_queries(1):
        assert selectors.refusals(product_id=product.pk, contacts=[(c.pk, c.email) for c in people], now=now) == {}


def test_nobody_asked_nobody_refused(product: Product, now: dt.datetime) -> None:
    assert selectors.refusals(product_id=product.pk, contacts=[], now=now) == {}


def test_the_sum_adds_up_and_agrees_with_the_claim(
    crowd: dict[str, Contact], product: Product, contact_list: ContactList, operator: Any, now: dt.datetime,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    services.erase(contact=crowd["erased"], by=operator, now=now)
    with django_assert_num_queries(1):
        found = selectors.audience_sum(list_ids=[contact_list.pk], product_id=product.pk, now=now)
    assert found.planned == 8
    assert found.suppressed == dict.fromkeys(
        ("hard_bounce", "complaint", "manual", "provider", "unsubscribed", "no_consent"), 1
    )
    assert found.will_be_sent == 2
    recipients = selectors.recipients([contact_list.pk])
    refused = selectors.refusals(product_id=product.pk, contacts=[(c.pk, c.email) for c in recipients], now=now)
    assert found.will_be_sent == recipients.count() - len(refused)


def test_an_empty_audience_is_a_sum_too(product: Product, now: dt.datetime) -> None:
    assert selectors.audience_sum(list_ids=[], product_id=product.pk, now=now) == AudienceSum(0, {})


def test_the_lines_of_a_sum_are_words() -> None:
    found = AudienceSum(10, {"no_consent": 1, "hard_bounce": 3})
    assert found.lines == [("Hard bounce", 3), ("No consent", 1)]


def test_the_digest_names_the_rule_and_not_the_people(product: Product, contact_list: ContactList) -> None:
    other = factories.make_list()
    before = selectors.audience_digest(list_ids=[contact_list.pk, other.pk], product_id=product.pk)
    factories.make_contacts(3, contact_list=contact_list)
    assert before == selectors.audience_digest(list_ids=[other.pk, contact_list.pk, other.pk], product_id=product.pk)
    assert before != selectors.audience_digest(list_ids=[other.pk], product_id=product.pk)
    assert before != selectors.audience_digest(list_ids=[contact_list.pk, other.pk], product_id=product.pk + 1)


def test_pages_by_key_show_everybody_once_in_both_directions(contact_list: ContactList) -> None:
    people = factories.make_contacts(7, contact_list=contact_list)
    rows = Contact.objects.all()
    for key, expected in (("id", people), ("-id", people[::-1])):
        first = browsing.page(rows, key=key, size=3)
        second = browsing.page(rows, key=key, size=3, after=first.after)
        third = browsing.page(rows, key=key, size=3, after=second.after)
        assert [*first.rows, *second.rows, *third.rows] == expected
        assert (first.before, third.after) == ("", "")
        back = browsing.page(rows, key=key, size=3, before=third.before)
        assert back.rows == second.rows
        assert browsing.page(rows, key=key, size=3, before=back.before).before == ""


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "1; drop", "٣"])
def test_a_page_key_that_is_no_number_shows_the_start(nonsense: str, contact_list: ContactList) -> None:
    people = factories.make_contacts(2)
    assert browsing.page(Contact.objects.all(), key="id", after=nonsense).rows == people


def test_a_person_is_found_by_address_last_name_or_client() -> None:
    people = factories.make_contacts(2)
    Contact.objects.filter(pk=people[0].pk).update(last_name="Özdemir")
    assert browsing.search_contacts(people[0].email[:12].upper()) == [people[0], people[1]]
    assert browsing.search_contacts("Özd") == [people[0]]
    assert browsing.search_contacts("exam") == [people[1]]
    assert browsing.search_contacts("nordwind") == people
    assert browsing.search_contacts("  ") == browsing.search_contacts("nobody") == []
    assert browsing.search_contacts("%") == browsing.search_contacts("_") == []
