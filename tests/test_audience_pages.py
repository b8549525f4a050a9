"""The audience pages: who sees what, what they do, and how many queries they cost."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from campaigns.audience import services
from campaigns.audience.importing import keeping
from campaigns.models import Client, Contact, ContactImport, ContactList, KeptFile, Subscription, Suppression
from releases.models import Product
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Browser]


@pytest.fixture
def product() -> Product:
    return factories.make_product(name="Kite")


@pytest.fixture
def contact_list(product: Product) -> ContactList:
    return factories.make_list("EU clients", product=product)


@pytest.fixture
def contact(product: Product, contact_list: ContactList) -> Contact:
    return factories.make_contacts(1, product=product, contact_list=contact_list)[0]


def _paths(contact: Contact, contact_list: ContactList) -> list[str]:
    found = ContactImport.objects.create(
        contact_list=contact_list, file_name="a.csv", digest="0", state="imported", at=factories.NOW
    )
    return [
        reverse("audience:home"),
        reverse("audience:contacts") + "?q=reader",
        reverse("audience:contact", args=[contact.pk]),
        reverse("audience:clients"),
        reverse("audience:client", args=[contact.client_id]),
        reverse("audience:list", args=[contact_list.pk]),
        reverse("audience:import", args=[found.pk]),
        reverse("audience:import_report", args=[found.pk]),
        reverse("audience:suppressions"),
        reverse("audience:imports"),
    ]


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER, OPERATOR])
def test_each_role_sees_each_page(sign_in: SignIn, role: str, contact: Contact, contact_list: ContactList) -> None:
    browser = sign_in(role)
    for path in _paths(contact, contact_list):
        assert browser.get(path).status_code == 200, path


def test_without_a_role_a_page_says_which_one_is_needed(
    sign_in: SignIn, contact: Contact, contact_list: ContactList
) -> None:
    browser = sign_in("")
    for path in _paths(contact, contact_list):
        answer = browser.get(path)
        assert answer.status_code == 403, path
        assert "needs the role Marketer" in answer.text


def test_without_login_a_page_asks_for_it(contact: Contact, contact_list: ContactList) -> None:
    for path in _paths(contact, contact_list):
        answer = Browser().get(path)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]


@pytest.mark.parametrize("path", ["contacts/9999/", "lists/9999/", "imports/9999/", "clients/9999/"])
def test_what_does_not_exist_is_a_404(sign_in: SignIn, path: str) -> None:
    assert sign_in(MARKETER).get(f"/audience/{path}").status_code == 404


@pytest.mark.parametrize("name", ["home", "list", "client", "contacts", "suppressions"])
def test_a_page_costs_the_same_for_many_people(
    sign_in: SignIn, name: str, contact: Contact, contact_list: ContactList, product: Product, now: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for person in factories.make_contacts(60, product=product, contact_list=contact_list):
        services.suppress(email=person.email, reason="manual", by=None, now=now)
    keys = {"list": [contact_list.pk], "client": [contact.client_id]}
    browser = sign_in(OPERATOR)
    with django_assert_max_num_queries(14):
        answer = browser.get(
            reverse(f"audience:{name}", args=keys.get(name)), {"q": "reader"} if name == "contacts" else {}
        )
    assert answer.status_code == 200


def test_a_list_is_read_page_by_page(sign_in: SignIn, contact_list: ContactList) -> None:
    people = factories.make_contacts(60, contact_list=contact_list)
    browser, path = sign_in(MARKETER), contact_list.get_absolute_url()
    first = browser.get(path).text
    second = browser.get(path, {"after": people[49].pk}).text
    assert people[0].email in first
    assert people[59].email not in first
    assert f"?after={people[49].pk}" in first
    assert people[50].email in second
    assert people[59].email in second
    assert f"?before={people[50].pk}" in second


@pytest.mark.parametrize(
    "path", ["contacts/?q=", "clients/?q=", "clients/?after=", "suppressions/?q=", "lists/{}/?after="]
)
@pytest.mark.parametrize("text", ["%00", "a%00b", "%27--", "%25", "x" * 3000, "%F0%9F%A6%86"])
def test_odd_words_in_the_address_find_nothing_and_break_nothing(
    sign_in: SignIn, path: str, text: str, contact_list: ContactList
) -> None:
    assert sign_in(MARKETER).get(f"/audience/{path.format(contact_list.pk)}{text}").status_code == 200


# --- lists and people ----------------------------------------------------------------------------------------------
def test_a_marketer_makes_a_list_and_adds_a_person(sign_in: SignIn) -> None:
    browser = sign_in(MARKETER)
    answer = browser.post("/audience/", {"name": "Pilot clients"}, follow=True)
    assert "Pilot clients" in answer.text
    contact_list = ContactList.objects.get()
    typed = {"email": "Anna@Client.example", "client": "Nordwind", "first_name": "Anna"}
    answer = browser.post(contact_list.get_absolute_url(), typed, follow=True)
    assert "anna@client.example was added" in answer.text
    assert contact_list.contacts.get().first_name == "Anna"


def test_a_refused_form_keeps_what_was_typed(sign_in: SignIn, contact_list: ContactList) -> None:
    typed = {"email": "anna@client.example", "client": "Nordwind", "first_name": "=Anna"}
    answer = sign_in(MARKETER).post(contact_list.get_absolute_url(), typed)
    assert answer.status_code == 422
    assert "formula" in answer.text
    assert 'value="anna@client.example"' in answer.text
    assert not Contact.objects.exists()


def test_taking_a_person_off_a_list_keeps_the_person(
    sign_in: SignIn, contact: Contact, contact_list: ContactList
) -> None:
    sign_in(MARKETER).post(reverse("audience:remove_from_list", args=[contact_list.pk, contact.pk]))
    assert not contact_list.contacts.exists()
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_a_contact_shows_consent_suppression_and_history(
    sign_in: SignIn, contact: Contact, product: Product, now: Any
) -> None:
    services.unsubscribe(contact=contact, product=product, source="The link in a mail", by=None, now=now)
    services.suppress(email=contact.email, reason="hard_bounce", detail="550 5.1.1", by=None, now=now)
    page = sign_in(MARKETER).get(reverse("audience:contact", args=[contact.pk])).text
    for words in ("Not mailed: hard bounce", "550 5.1.1", "Unsubscribed", "The link in a mail", "EU clients"):
        assert words in page


def test_a_marketer_changes_a_person_and_the_consent(sign_in: SignIn, contact: Contact, product: Product) -> None:
    browser, page = sign_in(MARKETER), reverse("audience:contact", args=[contact.pk])
    browser.post(
        page + "change/", {"email": contact.email, "first_name": "Zoë", "last_name": "", "time_zone": "Europe/Rome"}
    )
    contact.refresh_from_db()
    assert (contact.first_name, contact.time_zone) == ("Zoë", "Europe/Rome")
    browser.post(f"{page}unsubscribe/{product.pk}/")
    assert Subscription.objects.get().state == "unsubscribed"
    refused = browser.post(page + "subscribe/", {"product": product.pk, "basis": "contract"})
    assert refused.status_code == 422
    assert "under “proof”" in refused.text
    browser.post(page + "subscribe/", {"product": product.pk, "basis": "contract", "proof": "Mail of 3 May"})
    assert Subscription.objects.get().state == "subscribed"


def test_only_an_operator_erases(sign_in: SignIn, contact: Contact) -> None:
    path = reverse("audience:erase_contact", args=[contact.pk])
    refused = sign_in(MARKETER).post(path)
    assert refused.status_code == 403
    assert "needs the role Operator" in refused.text
    assert sign_in(OPERATOR).get(path).status_code == 405
    page = sign_in(OPERATOR).post(path, follow=True).text
    assert "Erased person" in page
    assert contact.email not in page


def test_names_are_shown_and_never_run(sign_in: SignIn, contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(first_name="<script>alert(1)</script>")
    Client.objects.update(name='"><img src=x onerror=alert(1)>')
    for path in (f"/audience/contacts/{contact.pk}/", "/audience/", "/audience/clients/"):
        page = sign_in(MARKETER).get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


# --- suppression ---------------------------------------------------------------------------------------------------
def test_an_operator_suppresses_and_lifts(sign_in: SignIn) -> None:
    browser = sign_in(OPERATOR)
    typed = {"email": "Stop@Client.example", "reason": "manual", "detail": "Asked by phone"}
    assert "stop@client.example" in browser.post("/audience/suppressions/", typed, follow=True).text
    row = Suppression.objects.get()
    refused = browser.post(f"/audience/suppressions/{row.pk}/lift/", {"why": ""})
    assert refused.status_code == 422
    browser.post(f"/audience/suppressions/{row.pk}/lift/", {"why": "Asked to come back"})
    assert "Asked to come back" in browser.get("/audience/suppressions/?state=lifted").text
    assert "stop@client.example" not in browser.get("/audience/suppressions/").text


def test_a_marketer_sees_suppressions_and_changes_none(sign_in: SignIn, now: Any) -> None:
    row = services.suppress(email="stop@client.example", reason="complaint", by=None, now=now)
    browser = sign_in(MARKETER)
    page = browser.get("/audience/suppressions/?q=stop").text
    assert "stop@client.example" in page
    assert "Lift the suppression" not in page
    assert browser.post(f"/audience/suppressions/{row.pk}/lift/", {"why": "x"}).status_code == 403
    assert browser.post("/audience/suppressions/", {"email": "a@b.example", "reason": "manual"}).status_code == 403


def test_an_erased_person_is_found_by_the_whole_address(
    sign_in: SignIn, contact: Contact, operator: Any, now: Any
) -> None:
    address = contact.email
    services.erase(contact=contact, by=operator, now=now)
    browser = sign_in(OPERATOR)
    assert ">an erased person<" in browser.get("/audience/suppressions/", {"q": address.upper()}).text
    assert ">an erased person<" not in browser.get("/audience/suppressions/", {"q": address[:-1]}).text


# --- import --------------------------------------------------------------------------------------------------------
CSV = b"email,client,first name\nanna@client.example,Nordwind,Anna\nnonsense,X,\n"


def _hand_in(browser: Browser, file: Any, **typed: Any) -> Any:
    typed = {"file": file, "basis": "contract", "new_list": "Imported", **typed}
    return browser.post("/audience/imports/", typed, follow=True)


def _check(browser: Browser, product: Product, content: bytes = CSV) -> tuple[str, str]:
    """Have a file checked: the page that says so, and where its button imports it."""
    answer = _hand_in(browser, SimpleUploadedFile("people.csv", content), product=product.pk, check="1")
    return answer.text, f"/audience/imports/{ContactImport.objects.latest('pk').pk}/confirm/"


@pytest.mark.parametrize(
    ("basis", "named"),
    [("contract", "contract"), ("consent", "consent"), ("legitimate_interest", "legitimate interest")],
)
def test_an_import_names_the_basis_that_was_chosen(basis: str, named: str, sign_in: SignIn, product: Product) -> None:
    browser = sign_in(MARKETER)
    assert "None: nobody is subscribed by this import" in browser.get("/audience/imports/").text
    for content, says in ((CSV, "subscribed to"), (b"no columns", "to be subscribed to")):
        typed = {"product": product.pk, "basis": basis, "proof": "Form of 1 March"}
        page = _hand_in(browser, SimpleUploadedFile("people.csv", content), **typed).text
        assert f"· {says} {product}, basis: {named}" in page
        assert "consent for" not in page
    without = _hand_in(browser, SimpleUploadedFile("people.csv", CSV), basis=basis, proof="Form of 1 March").text
    assert "basis:" not in without


def test_a_file_is_checked_and_then_imported_without_choosing_it_again(sign_in: SignIn, product: Product) -> None:
    browser = sign_in(MARKETER)
    page, confirm = _check(browser, product)
    assert "This was a check: nothing was imported yet." in page
    assert "The file is kept for you until" in page
    assert "nonsense" in page
    assert "new list “Imported”, made by the import" in page
    assert not Contact.objects.exists()
    assert not ContactList.objects.exists()
    assert f'action="{confirm}"' in page
    page = browser.post(confirm, follow=True).text
    assert "“people.csv” was imported." in page
    assert ContactList.objects.get().contacts.get().email == "anna@client.example"
    assert not KeptFile.objects.exists()
    assert "not kept any more" in browser.post(confirm, follow=True).text
    assert ContactImport.objects.filter(state="imported").count() == 1
    report = browser.get(f"/audience/imports/{ContactImport.objects.latest('at').pk}/report.csv")
    assert report["Content-Type"].startswith("text/csv")
    assert "people-report.csv" in report["Content-Disposition"]
    assert b"nonsense" in report.getvalue()


def test_a_kept_file_is_for_the_one_who_handed_it_in(sign_in: SignIn, product: Product) -> None:
    _, confirm = _check(sign_in(MARKETER), product)
    other = sign_in(MARKETER)
    shown = other.get(confirm.replace("confirm/", "")).text
    assert confirm not in shown
    assert "Hand in the file again to import it" in shown
    assert "not kept any more" in other.post(confirm, follow=True).text
    assert not Contact.objects.exists()


def test_one_file_a_person_is_kept_and_for_an_hour(sign_in: SignIn, product: Product) -> None:
    browser = sign_in(MARKETER)
    _, first = _check(browser, product)
    _, second = _check(browser, product)
    assert KeptFile.objects.count() == 1
    assert "not kept any more" in browser.post(first, follow=True).text
    assert keeping.forget(now=timezone.now() + dt.timedelta(minutes=59)) == 0
    KeptFile.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    again = browser.get(second.replace("confirm/", "")).text
    link = again.split('class="button primary" href="')[1].split('"')[0].replace("&amp;", "&")
    assert 'name="new_list" value="Imported"' in browser.get(link).text
    assert "not kept any more" in browser.post(second, follow=True).text
    assert keeping.forget(now=timezone.now()) == 1
    assert not Contact.objects.exists()


def test_no_file_is_kept_of_a_refused_check_an_import_or_one_that_is_too_large(
    sign_in: SignIn, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(MARKETER)
    _check(browser, product, b"name\nAnna\n")
    _hand_in(browser, SimpleUploadedFile("people.csv", CSV))
    assert not KeptFile.objects.exists()
    monkeypatch.setattr(keeping, "MAX_BYTES", 10)
    page, _ = _check(browser, product)
    assert "Hand in the file again to import it" in page


def test_a_kept_file_goes_when_a_person_is_erased_or_its_list_is(sign_in: SignIn, product: Product) -> None:
    browser, contact_list = sign_in(MARKETER), factories.make_list()
    file = SimpleUploadedFile("people.csv", CSV)
    _hand_in(browser, file, check="1", contact_list=contact_list.pk, new_list="")
    checked = ContactImport.objects.get()
    contact_list.delete()
    assert "Its list was removed" in browser.post(f"/audience/imports/{checked.pk}/confirm/", follow=True).text
    services.erase(contact=factories.make_contacts(1)[0], by=factories.make_user(OPERATOR), now=timezone.now())
    assert not KeptFile.objects.exists()


def test_the_figure_beside_a_list_is_that_of_its_rows(sign_in: SignIn) -> None:
    marketer, now = factories.make_user(MARKETER), timezone.now()
    first, second = factories.make_list(), factories.make_list()
    people = factories.make_contacts(5)
    services.add_to_list(contact_list=first, contacts=people, by=marketer)
    services.add_to_list(contact_list=first, contacts=people[:2], by=marketer)
    services.add_to_list(contact_list=second, contacts=people[3:], by=marketer)
    services.remove_from_list(contact_list=first, contacts=[people[0], *factories.make_contacts(1)], by=marketer)
    services.erase(contact=people[4], by=factories.make_user(OPERATOR), now=now)
    browser = sign_in(MARKETER)
    _hand_in(browser, SimpleUploadedFile("people.csv", CSV), contact_list=first.pk, new_list="")
    _hand_in(browser, SimpleUploadedFile("people.csv", CSV), contact_list=first.pk, new_list="")
    _hand_in(browser, SimpleUploadedFile("people.csv", CSV), contact_list=second.pk, new_list="", check="1")
    for contact_list, count in ((first, 4), (second, 1)):
        contact_list.refresh_from_db()
        assert (contact_list.people, contact_list.memberships.count()) == (count, count)
    assert "4 contacts" in browser.get(first.get_absolute_url()).text


def test_the_first_lists_are_shown_and_all_of_them_when_asked(sign_in: SignIn) -> None:
    for number in range(27):
        factories.make_list(f"List {number:02}")
    browser = sign_in(MARKETER)
    first = browser.get("/audience/")
    assert len(first.context["lists"]) == 25
    assert "Show all 27" in first.text
    assert len(browser.get("/audience/?lists=all").context["lists"]) == 27


def test_a_large_upload_is_read_from_its_temporary_file(sign_in: SignIn) -> None:
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=10):
        page = _hand_in(sign_in(MARKETER), SimpleUploadedFile("large.csv", CSV)).text
    assert "“large.csv” was imported." in page
    assert Contact.objects.get().email == "anna@client.example"


def test_a_refused_file_says_why(sign_in: SignIn) -> None:
    page = _hand_in(sign_in(MARKETER), SimpleUploadedFile("people.csv", b"name\nAnna\n")).text
    assert "The file was refused." in page
    assert "Missing column: email and client" in page
    assert not ContactList.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"new_list": ""}, "Choose a list, or name a new one."),
        ({"basis": "consent", "proof": "", "with_product": "1"}, "under “proof”"),
        ({"file": io.BytesIO(b"")}, "empty"),
        ({"file": ""}, "required"),
    ],
)
def test_an_import_form_that_is_not_complete_is_refused(
    sign_in: SignIn, product: Product, typed: dict[str, Any], words: str
) -> None:
    if typed.pop("with_product", ""):
        typed["product"] = product.pk
    answer = _hand_in(sign_in(MARKETER), **{"file": SimpleUploadedFile("people.csv", CSV), **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert not ContactImport.objects.exists()


# --- admin ---------------------------------------------------------------------------------------------------------
def _admin(role: str) -> Browser:
    browser = Browser()
    browser.force_login(factories.make_user(role, is_staff=True))
    return browser


def test_the_import_form_says_what_is_needed_when_and_that_the_file_must_be_chosen_again(sign_in: SignIn) -> None:
    browser = sign_in(MARKETER)
    empty = browser.get("/audience/imports/").text
    for label in ("List", "Name of the new list", "Proof"):
        assert f'{label} <span class="optional">(optional)' not in empty, label
    assert "this or a new one" in empty
    assert "needed for consent" in empty
    assert "choose it again" not in empty
    file = SimpleUploadedFile("people.csv", b"email,client\n")
    assert "choose it again" in browser.post("/audience/imports/", {"file": file, "basis": "contract"}).text


@pytest.mark.parametrize(
    "model", ["client", "contact", "contactlist", "subscription", "consentchange", "suppression", "contactimport"]
)
def test_an_operator_finds_every_model_in_the_admin(model: str, contact: Contact) -> None:
    assert _admin(OPERATOR).get(f"/admin/campaigns/{model}/", {"q": "read"}).status_code == 200


def test_history_cannot_be_written_in_the_admin(contact: Contact, product: Product, now: Any) -> None:
    services.unsubscribe(contact=contact, product=product, source="x", by=None, now=now)
    browser = Browser()
    browser.force_login(factories.make_user(is_staff=True, is_superuser=True))
    for model in ("consentchange", "subscription", "contact", "contactimport"):
        assert browser.get(f"/admin/campaigns/{model}/add/").status_code == 403, model
    row = contact.consent_changes.get()
    assert browser.post(f"/admin/campaigns/consentchange/{row.pk}/change/", {"source": "y"}).status_code == 403
    assert browser.post(f"/admin/campaigns/consentchange/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_admin_suppresses_and_lifts_by_the_services(contact: Contact) -> None:
    browser = _admin(OPERATOR)
    typed = {"email": contact.email.upper(), "reason": "manual", "detail": "Asked"}
    assert browser.post("/admin/campaigns/suppression/add/", typed).status_code == 302
    row = Suppression.objects.get()
    assert (row.email, row.source) == (contact.email, "Admin")
    chosen = {"action": "lift", "_selected_action": [row.pk], "reason": ""}
    browser.post("/admin/campaigns/suppression/", chosen)
    row.refresh_from_db()
    assert row.until is None
    browser.post("/admin/campaigns/suppression/", {**chosen, "reason": "Asked to come back"})
    row.refresh_from_db()
    assert row.lifted_reason == "Asked to come back"


def test_the_admin_refuses_an_address_that_is_none() -> None:
    answer = _admin(OPERATOR).post("/admin/campaigns/suppression/add/", {"email": "a@b, c@d", "reason": "manual"})
    assert answer.status_code == 200
    assert "more than one address" in answer.text
    assert not Suppression.objects.exists()


def test_the_admin_stops_all_mail_to_a_person(contact: Contact) -> None:
    _admin(OPERATOR).post("/admin/campaigns/contact/", {"action": "stop_all_mail", "_selected_action": [contact.pk]})
    assert Suppression.objects.get().reason == "unsubscribed"
