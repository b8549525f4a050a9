"""Setting a product up: taking it in, wording its mails, and confirming what the fields of its Jira project mean."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client as Browser
from django.urls import reverse

from releases import product_services, services
from releases.kinds import kind_of, visibility_of
from releases.mapping import FieldMapping, Survey
from releases.models import Issue, Product
from relmail.roles import MARKETER, OPERATOR
from relmail.simulator.jira import JiraSimulator
from tests.factories import make_product, make_user
from tests.jira_server import NOTE, TOKEN, USER, issue, jira_data, jira_server
from tests.test_releases_findings import jira_issue

pytestmark = pytest.mark.django_db

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("releases.jira.pause", lambda seconds: None)


@pytest.fixture(params=["Cloud", "Server"])
def jira(request: Any, settings: Any) -> Iterator[JiraSimulator]:
    issues = [
        issue("DOCK-1", labels=["api-break", "internal"], components=[{"name": "Build"}, {"name": "Gate"}]),
        issue("DOCK-2", labels=["api-break"], components=[{"name": "Gate"}], issuetype={"name": "Wunsch"}),
        issue("DOCK-3", security={"name": "Partners"}, labels=["breaking"]),
    ]
    with jira_server(jira_data(issues), deployment=request.param) as running:
        settings.JIRA_URL, settings.JIRA_TOKEN = running.root, TOKEN
        settings.JIRA_USER = USER
        yield running


@pytest.fixture
def product() -> Product:
    return make_product(jira_key="DOCK", name="Dock")


def test_the_proposal_rests_on_what_the_project_has(jira: JiraSimulator, product: Product) -> None:
    found = product_services.survey(product)
    assert found.read == 3
    assert found.note_fields == (("Release Note", 3),)
    rows = product_services.proposal(product, found)
    meanings = {table: {row.name: (row.count, row.meaning) for row in rows[table]} for table in rows}
    assert meanings["labels"] == {"api-break": (2, ""), "internal": (1, "internal"), "breaking": (1, "breaking")}
    assert meanings["components"] == {"Build": (1, "internal"), "Gate": (2, "")}
    assert meanings["types"] == {"Improvement": (2, "improvement"), "Wunsch": (1, "")}
    assert meanings["levels"] == {"Partners": (1, "")}
    assert product_services.note_field(product, found) == "Release Note"


def test_nothing_of_a_proposal_counts_before_a_person_confirms_it(jira: JiraSimulator, product: Product) -> None:
    services.sync(product=product, now=NOW)
    assert Issue.objects.get(key="DOCK-2").kind == "other"
    mapping = {"labels": {"API-Break": "breaking"}, "types": {"wunsch": "feature"}, "open_levels": ["partners"]}
    operator = make_user(OPERATOR)
    product_services.confirm_mapping(product=product, mapping=mapping, release_note_field="", by=operator, now=NOW)
    product.refresh_from_db()
    assert (product.mapping_confirmed_at, product.mapping_confirmed_by) == (NOW, operator)
    services.sync(product=product, now=LATER)
    kinds = dict(Issue.objects.values_list("key", "kind"))
    assert kinds == {"DOCK-1": "breaking", "DOCK-2": "breaking", "DOCK-3": "breaking"}
    assert Issue.objects.get(key="DOCK-3").visibility == "client", "its level was opened"


def test_what_a_person_left_to_the_rules_is_not_proposed_again(product: Product) -> None:
    found = Survey(labels=Counter({"breaking": 2, "internal": 1}))
    by = make_user(OPERATOR)
    product_services.confirm_mapping(
        product=product, mapping={"labels": {"breaking": ""}}, release_note_field="", by=by, now=NOW
    )
    product.refresh_from_db()
    rows = {row.name: row for row in product_services.proposal(product, found)["labels"]}
    assert (rows["breaking"].meaning, rows["breaking"].confirmed) == ("", True)
    assert (rows["internal"].meaning, rows["internal"].confirmed) == ("internal", False)


@pytest.mark.parametrize(
    ("mapping", "fields", "kind", "visibility"),
    [
        ({"labels": {"ui": "feature"}}, {"labels": ("UI",)}, "feature", "client"),
        ({"labels": {"ui": "internal"}}, {"labels": ("ui",), "note": "A note."}, "fix", "internal"),
        ({"components": {"Gate": "improvement"}}, {"components": ("Gate",)}, "improvement", "client"),
        ({"components": {"Build": "improvement"}}, {"components": ("Build",)}, "improvement", "client"),
        ({}, {"components": ("Build",)}, "fix", "internal"),
        ({"types": {"Bug": "improvement"}}, {}, "improvement", "client"),
        ({"types": {"Task": "feature"}}, {"issue_type": "Task", "subtask": True}, "feature", "client"),
        ({"types": {"Task": "internal"}}, {"issue_type": "Task", "note": "A note."}, "other", "internal"),
        ({"labels": {"ui": "feature"}}, {"labels": ("ui", "breaking")}, "breaking", "client"),
        ({"labels": {"a": "feature", "b": "internal"}}, {"labels": ("a", "b")}, "fix", "internal"),
        ({"open_levels": ["Partners"]}, {"security_level": "partners"}, "fix", "client"),
        ({"open_levels": ["Partners"]}, {"security_level": "Staff"}, "fix", "internal"),
        ({"labels": {"ui": "improvement"}}, {"labels": ("ui",), "summary": "XSS in the menu"}, "security", "internal"),
    ],
)
def test_a_mapping_says_kind_and_visibility(
    mapping: dict[str, Any], fields: dict[str, Any], kind: str, visibility: str
) -> None:
    read = FieldMapping.read(mapping)
    found = jira_issue(**{"issue_type": "Bug", "summary": "Menu opens twice", "note": "", **fields})
    assert kind_of(found, read) == kind
    assert visibility_of(found, kind, project_key="KITE", mapping=read)[0] == visibility


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ([], "not an object"), ({"colours": {}}, "no part “colours”"), ({"labels": ["a"]}, "not a table"),
        ({"labels": {"a": "wonderful"}}, "no meaning of “a”"), ({"types": {"": "fix"}}, "not a name"),
        ({"labels": {"x" * 101: "fix"}}, "not a name"), ({"open_levels": "Partners"}, "not a list"),
        ({"labels": {str(n): "fix" for n in range(301)}}, "at most 300"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_refused_and_a_stored_one_never_stops_a_reading(mapping: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FieldMapping.read(mapping)
    assert FieldMapping.of(mapping) == FieldMapping()


def test_a_decision_outlives_the_account_of_the_person_who_took_it(jira: JiraSimulator, product: Product) -> None:
    services.sync(product=product, now=NOW)
    person = make_user(OPERATOR)
    row = Issue.objects.get(key="DOCK-2")
    services.set_visibility(issue=row, visibility="internal", reason="Not for clients", by=person, now=NOW)
    person.delete()
    services.sync(product=product, now=LATER)
    row.refresh_from_db()
    assert (row.visibility, row.visibility_reason, row.visibility_by) == ("internal", "Not for clients", None)


def test_an_operator_takes_a_product_in_on_a_page(jira: JiraSimulator, sign_in: Callable[[str], Browser]) -> None:
    browser = sign_in(OPERATOR)
    typed = {
        "jira_key": "dock", "name": "", "sender_name": "Dock", "sender_email": "dock@harbor.example", "reply_to": "",
        "postal_address": "Kai 1, Hamburg", "website": "dock.example", "brand_colour": "#123456", "time_zone": "UTC",
    }  # fmt: skip
    answer = browser.post(reverse("releases:add_product"), typed)
    made = Product.objects.get()
    assert answer.headers["Location"] == reverse("releases:mapping", args=[made.pk])
    assert (made.jira_key, made.name, made.website) == ("DOCK", "Dock", "https://dock.example")
    answer = browser.post(reverse("releases:add_product"), {**typed, "jira_key": "NOPE"})
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text
    assert "dock@harbor.example" in answer.text, "what was typed is still there"
    answer = browser.post(reverse("releases:add_product"), typed)
    assert answer.status_code == 422
    assert Product.objects.count() == 1
    assert sign_in(MARKETER).post(reverse("releases:add_product"), typed).status_code == 403


def test_the_mapping_is_confirmed_on_a_page(
    jira: JiraSimulator, product: Product, sign_in: Callable[[str], Browser]
) -> None:
    browser = sign_in(OPERATOR)
    address = reverse("releases:mapping", args=[product.pk])
    shown = browser.get(address).text
    assert "api-break" in shown
    assert "Partners" in shown
    typed = {
        "release_note_field": "Release Note", "open_level": ["Partners"], "labels_name": ["api-break", "internal"],
        "labels_meaning": ["breaking", "internal"],
        "components_more": "Old gate", "components_more_meaning": "internal",
    }  # fmt: skip
    assert browser.post(address, typed).status_code == 302
    product.refresh_from_db()
    mapping = FieldMapping.read(product.field_mapping)
    assert mapping.labels == {"api-break": "breaking", "internal": "internal"}
    assert (mapping.components, mapping.open_levels) == ({"Old gate": "internal"}, ("Partners",))
    assert product.release_note_field == "Release Note"
    answer = browser.post(address, {**typed, "labels_meaning": ["breaking"]})
    assert answer.status_code == 422
    assert "did not arrive whole" in answer.text
    product.refresh_from_db()
    assert FieldMapping.read(product.field_mapping) == mapping
    assert sign_in(MARKETER).post(address, typed).status_code == 403


def test_a_field_that_jira_does_not_have_is_refused_and_what_was_chosen_stays_on_the_page(
    jira: JiraSimulator, product: Product, sign_in: Callable[[str], Browser]
) -> None:
    typed = {"release_note_field": "Release Nodes", "labels_name": ["api-break"], "labels_meaning": ["security"]}
    answer = sign_in(OPERATOR).post(reverse("releases:mapping", args=[product.pk]), typed)
    assert answer.status_code == 422
    assert "Jira shows no field “Release Nodes”" in answer.text
    assert 'value="Release Nodes"' in answer.text
    assert '<option value="security" selected>' in answer.text
    assert "As you chose it; not saved." in answer.text
    product.refresh_from_db()
    assert (product.release_note_field, product.field_mapping, product.mapping_confirmed_at) == ("", {}, None)


def test_a_field_is_taken_by_its_id_and_unseen_while_jira_is_away(
    jira: JiraSimulator, product: Product, settings: Any
) -> None:
    operator = make_user(OPERATOR)
    for url, name in ((jira.root, NOTE), ("http://127.0.0.1:9", "Anything")):
        settings.JIRA_URL = url
        product_services.confirm_mapping(product=product, mapping={}, release_note_field=name, by=operator, now=NOW)
        product.refresh_from_db()
        assert product.release_note_field == name


def test_a_product_is_not_taken_in_with_a_field_that_jira_does_not_have(jira: JiraSimulator) -> None:
    with pytest.raises(ValidationError, match="Release Nodes"):
        services.add_product(jira_key="DOCK", now=NOW, release_note_field="Release Nodes")
    assert not Product.objects.exists()


def test_the_words_of_a_product_are_set_on_its_page(product: Product, sign_in: Callable[[str], Browser]) -> None:
    browser = sign_in(OPERATOR)
    address = reverse("releases:product", args=[product.pk])
    typed = {
        "name": "Dock", "sender_name": "Dock", "sender_email": "dock@harbor.example", "reply_to": "",
        "postal_address": "Kai 1, Hamburg", "website": "", "brand_colour": "#123456", "time_zone": "Europe/Berlin",
        "audience": "Dispatchers", "tone": "short", "language": "de",
        "preferred_words": "login = sign-in\n\napp = tool",
        "forbidden_words": "revolutionary\nrevolutionary", "customer_names": "Nordwind Logistik",
        "allowed_hosts": "Docs.Dock.example",
    }  # fmt: skip
    assert browser.post(address, typed).status_code == 302
    product.refresh_from_db()
    assert product.preferred_words == {"login": "sign-in", "app": "tool"}
    assert (product.forbidden_words, product.allowed_hosts) == (["revolutionary"], ["docs.dock.example"])
    assert "written in German" in browser.get(address).text
    for field, value in (
        ("preferred_words", "login"), ("allowed_hosts", "https://dock.example/x"), ("allowed_hosts", "com"),
        ("time_zone", "Mars/Base"), ("language", "tlh"), ("preferred_words", "a = b\nb = c"),
        ("customer_names", "x" * 101),
    ):  # fmt: skip
        answer = browser.post(address, {**typed, field: value})
        assert (answer.status_code, field) == (422, field)
    product.refresh_from_db()
    assert product.allowed_hosts == ["docs.dock.example"]
    marketer = sign_in(MARKETER)
    assert marketer.post(address, typed).status_code == 403
    assert "Nordwind" not in marketer.get(address).text


@pytest.fixture
def admin(product: Product, sign_in: Callable[[str], Browser]) -> tuple[Browser, str, dict[str, Any]]:
    """The admin's page of a product, and what its form holds."""
    from django.contrib.auth import get_user_model

    browser = sign_in(OPERATOR)
    get_user_model().objects.update(is_staff=True)
    path = reverse("admin:releases_product_change", args=[product.pk])
    form = browser.get(path).context["adminform"].form
    values = {name: bound.value() for name, bound in ((name, form[name]) for name in form.fields)}
    return browser, path, {name: "" if value is None else value for name, value in values.items() if value is not False}


def test_the_admin_changes_a_product_by_the_service_and_leaves_one_line(
    product: Product, admin: tuple[Browser, str, dict[str, Any]]
) -> None:
    from django.contrib.admin.models import LogEntry

    browser, path, values = admin
    assert {"sender_email", "active"} <= set(values)
    assert browser.post(path, {**values, "sender_email": "new@dock.example"}).status_code == 302
    product.refresh_from_db()
    assert product.sender_email == "new@dock.example" and product.active
    assert [line.get_change_message() for line in LogEntry.objects.all()] == ["Changed sender email."]
    assert browser.post(path, {**values, "sender_email": "nobody"}).status_code == 200
    product.refresh_from_db()
    assert product.sender_email == "new@dock.example"


def test_the_admin_confirms_no_mapping_and_takes_no_product_in(
    product: Product, admin: tuple[Browser, str, dict[str, Any]]
) -> None:
    browser, path, values = admin
    mapping = {"field_mapping": '{"labels": {"x": "internal"}}', "release_note_field": "cf", "jira_key": "OTHER"}
    browser.post(path, {**values, **mapping})
    product.refresh_from_db()
    assert (product.jira_key, product.release_note_field, product.mapping_confirmed_by) == ("DOCK", "", None)
    assert not product.field_mapping
    assert browser.get(reverse("admin:releases_product_add"))["Location"] == reverse("releases:add_product")


def test_setting_a_product_up_needs_the_right_and_known_fields(product: Product) -> None:
    with pytest.raises(PermissionDenied):
        product_services.change_product(product=product, by=make_user(MARKETER), now=NOW, tone="loud")
    with pytest.raises(ValidationError, match="cannot be set here"):
        product_services.change_product(product=product, by=make_user(OPERATOR), now=NOW, jira_key="OTHER")
