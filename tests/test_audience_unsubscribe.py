"""The link in every mail: reading it changes nothing, the button always works, a forged one says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import Client as Browser
from django.test import override_settings

from campaigns.audience import selectors, services, unsubscribe
from campaigns.models import ConsentChange, Contact, Subscription, Suppression
from releases.models import Product
from tests import factories

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return factories.make_product(name="Kite")


@pytest.fixture
def contact(product: Product) -> Contact:
    return factories.make_contacts(1, product=product)[0]


@pytest.fixture
def path(contact: Contact, product: Product) -> str:
    return _path(unsubscribe.token(contact.pk, product.pk))


@pytest.fixture
def reader() -> Browser:
    """A browser without login that is asked for the CSRF token, as real ones are."""
    return Browser(enforce_csrf_checks=True)


@pytest.fixture
def press(reader: Browser) -> Callable[[str, str], Any]:
    """Load the page and press one of its buttons."""

    def pressed(path: str, wish: str) -> Any:
        reader.get(path)
        return reader.post(path, {"wish": wish, "csrfmiddlewaretoken": reader.cookies["csrftoken"].value})

    return pressed


def _path(token: str) -> str:
    return f"/u/{token}/"


def _refusal(contact: Contact, product: Product) -> str:
    asked = [(contact.pk, contact.email)]
    return selectors.refusals(product_id=product.pk, contacts=asked, now=factories.NOW).get(contact.pk, "")


def test_the_headers_are_those_of_rfc_8058(contact: Contact, product: Product) -> None:
    with override_settings(PUBLIC_URL="https://mail.kite.example"):
        url = unsubscribe.url(contact.pk, product.pk)
    assert url.startswith("https://mail.kite.example/u/")
    assert unsubscribe.list_unsubscribe_headers(url) == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_a_token_says_who_and_what(contact: Contact, product: Product) -> None:
    link = unsubscribe.read(unsubscribe.token(contact.pk, product.pk))
    assert (link.contact_id, link.product_id, link.test) == (contact.pk, product.pk, False)
    assert unsubscribe.read(unsubscribe.token(contact.pk, product.pk, test=True)).test


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_the_page_never_unsubscribes(
    reader: Browser, path: str, contact: Contact, product: Product, method: str
) -> None:
    for _ in range(50):
        answer = getattr(reader, method)(path, headers={"Sec-Purpose": "prefetch"})
        assert answer.status_code == 200
    assert _refusal(contact, product) == ""
    assert not ConsentChange.objects.exists()
    assert reader.get(path + "?List-Unsubscribe=One-Click&wish=product").status_code == 200
    assert _refusal(contact, product) == ""


@pytest.mark.parametrize("multipart", [True, False])
def test_one_click_unsubscribes_without_login_cookie_csrf_or_redirect(
    reader: Browser, path: str, contact: Contact, product: Product, multipart: bool
) -> None:
    if multipart:
        answer = reader.post(path, ONE_CLICK)
    else:
        answer = reader.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert not answer.cookies
    assert _refusal(contact, product) == "unsubscribed"


def test_one_click_twice_leaves_one_line(reader: Browser, path: str, contact: Contact, product: Product) -> None:
    answers = [reader.post(path, ONE_CLICK) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    change = ConsentChange.objects.get()
    assert (change.before, change.after, change.by) == ("subscribed", "unsubscribed", None)
    assert "RFC 8058" in change.source


def test_one_click_works_for_somebody_who_never_subscribed(reader: Browser, product: Product) -> None:
    stranger = factories.make_contacts(1)[0]
    assert reader.post(_path(unsubscribe.token(stranger.pk, product.pk)), ONE_CLICK).status_code == 200
    assert Subscription.objects.get(contact=stranger).state == "unsubscribed"


def test_one_click_concerns_one_product_only(reader: Browser, path: str, contact: Contact, product: Product) -> None:
    other = factories.make_product(name="Harbor")
    Subscription.objects.create(contact=contact, product=other, source="test", changed_at=factories.NOW)
    reader.post(path, ONE_CLICK)
    assert _refusal(contact, product) == "unsubscribed"
    assert _refusal(contact, other) == ""


def test_a_link_in_old_mail_works_after_the_address_changed(
    reader: Browser, path: str, contact: Contact, product: Product
) -> None:
    Contact.objects.filter(pk=contact.pk).update(email="new@client.example")
    assert reader.post(path, ONE_CLICK).status_code == 200
    contact.refresh_from_db()
    assert _refusal(contact, product) == "unsubscribed"


def test_a_link_signed_with_an_older_key_works(contact: Contact, product: Product, reader: Browser) -> None:
    with override_settings(SECRET_KEY="o" * 60):
        old = _path(unsubscribe.token(contact.pk, product.pk))
    assert reader.get(old).status_code == 404
    with override_settings(SECRET_KEY_FALLBACKS=["o" * 60]):
        assert reader.get(old).status_code == 200


def test_every_forged_link_gets_the_same_answer(reader: Browser, contact: Contact, product: Product) -> None:
    good = unsubscribe.token(contact.pk, product.pk)
    value, signature = good.split(".")
    forged = [
        "nonsense",
        value,
        f"{contact.pk + 1}-{product.pk}.{signature}",
        f"{value}-t.{signature}",
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good[:-5],
        good + "x",
        signing.Signer(sep=".", salt="another purpose").sign(value),
        signing.Signer(sep=".", salt="relmail.audience.unsubscribe").sign("1-1; drop table"),
        unsubscribe.token(contact.pk + 1000, product.pk),
        unsubscribe.token(unsubscribe.NOBODY, product.pk),
        unsubscribe.token(contact.pk, product.pk + 1000),
    ]
    answers = {(reader.get(_path(token)).status_code, reader.get(_path(token)).content) for token in forged}
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1
    assert {reader.post(_path(token), ONE_CLICK).status_code for token in forged} == {404}
    assert _refusal(contact, product) == ""


def test_the_form_of_the_page_stops_one_product(
    press: Callable[[str, str], Any], path: str, contact: Contact, product: Product
) -> None:
    answer = press(path, "product")
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert _refusal(contact, product) == "unsubscribed"
    assert ConsentChange.objects.get().source == "Unsubscribe page"


def test_the_form_of_the_page_stops_everything_once(
    press: Callable[[str, str], Any], path: str, contact: Contact, product: Product
) -> None:
    other = factories.make_product(name="Harbor")
    Subscription.objects.create(contact=contact, product=other, source="test", changed_at=factories.NOW)
    press(path, "everything")
    press(path, "everything")
    assert _refusal(contact, other) == "unsubscribed"
    assert Suppression.objects.get().reason == "unsubscribed"


def test_subscribing_again_undoes_what_the_link_did(
    press: Callable[[str, str], Any], path: str, contact: Contact, product: Product
) -> None:
    press(path, "product")
    press(path, "everything")
    answer = press(path, "again")
    assert "You are subscribed again" in answer.text
    assert _refusal(contact, product) == ""
    assert "Subscribe again" in Subscription.objects.get().proof
    assert Suppression.objects.get().until is not None


def test_subscribing_again_does_not_lift_a_complaint(
    press: Callable[[str, str], Any], path: str, contact: Contact, product: Product, now: Any
) -> None:
    press(path, "product")
    services.suppress(email=contact.email, reason="complaint", by=None, now=now)
    answer = press(path, "again")
    assert "One more thing stops it" in answer.text
    assert _refusal(contact, product) == "complaint"


def test_the_form_without_its_cookie_changes_nothing_and_offers_a_way(
    reader: Browser, path: str, contact: Contact, product: Product
) -> None:
    answer = reader.post(path, {"wish": "everything"})
    assert answer.status_code == 403
    assert _refusal(contact, product) == ""
    assert 'name="List-Unsubscribe" value="One-Click"' in answer.text
    assert "You are unsubscribed" in reader.post(path, {**ONE_CLICK, "page": "1"}).text
    assert _refusal(contact, product) == "unsubscribed"


def test_the_page_says_that_it_was_done_before(
    press: Callable[[str, str], Any], reader: Browser, path: str, contact: Contact, now: Any
) -> None:
    assert "Nothing changes until you press a button" in reader.get(path).text
    services.suppress(email=contact.email, reason="hard_bounce", by=None, now=now)
    press(path, "product")
    assert "You are unsubscribed" in reader.get(path).text


def test_an_unknown_wish_changes_nothing(
    press: Callable[[str, str], Any], path: str, contact: Contact, product: Product
) -> None:
    assert press(path, "party").status_code == 200
    assert _refusal(contact, product) == ""


def test_a_link_in_a_test_mail_works_and_changes_nothing(
    press: Callable[[str, str], Any], reader: Browser, contact: Contact, product: Product
) -> None:
    path = _path(unsubscribe.token(contact.pk, product.pk, test=True))
    assert "test e-mail" in reader.get(path).text
    assert reader.post(path, ONE_CLICK).status_code == 200
    for wish in ("product", "everything", "again"):
        assert press(path, wish).status_code == 200
    assert _refusal(contact, product) == ""
    assert not ConsentChange.objects.exists()


def test_an_erased_person_sees_that_no_mail_comes(
    reader: Browser, path: str, contact: Contact, operator: Any, now: Any
) -> None:
    services.erase(contact=contact, by=operator, now=now)
    assert "Your data was erased" in reader.get(path).text
    assert reader.post(path, ONE_CLICK).status_code == 200


def test_the_page_hides_the_address_and_wears_the_products_colour(
    reader: Browser, path: str, contact: Contact, product: Product
) -> None:
    page = reader.get(path).text
    assert contact.email not in page
    assert product.brand_colour in page
    assert product.postal_address in page
    assert "relmail" not in page.split("<body>")[1]


def test_other_methods_are_refused(reader: Browser, path: str) -> None:
    assert reader.put(path).status_code == 405
    assert reader.delete(path).status_code == 405
