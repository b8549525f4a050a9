"""One search: what it finds, what it says that it is, and that a million people do not make it slow."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from campaigns.models import Client, Contact
from releases.models import Issue
from relmail import search
from relmail.roles import MARKETER
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor() -> Any:
    """A release with a campaign, an issue, a client and a contact."""
    release = factories.make_release(factories.make_product(name="Harbor", jira_key="HARB"), name="11.2")
    factories.make_campaign(release)
    Issue.objects.create(release=release, key="HARB-12", kind="fix", summary="x", url="https://jira.example/HARB-12")
    client = Client.objects.create(name="Nordwind Logistik", country="DE")
    Contact.objects.create(client=client, email="ada@nordwind.example", first_name="Ada", last_name="Quist")
    return release


def found(text: str, user: Any) -> dict[str, list[str]]:
    return {group.kind: [result.title for result in group.results] for group in search.search(text, user)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("harbor", {"release": ["Harbor 11.2"], "campaign": ["Harbor 11.2"]}),
        ("11.2 HARB", {"release": ["Harbor 11.2"], "campaign": ["Harbor 11.2"]}),
        ("harbor 12", {}),
        ("harb-12", {"release": ["Harbor 11.2"]}),
        ("nord", {"client": ["Nordwind Logistik"]}),
        ("nordwind logistik", {"client": ["Nordwind Logistik"]}),
        ("ADA@nord", {"contact": ["ada@nordwind.example"]}),
        ("quist", {"contact": ["ada@nordwind.example"]}),
        ("%", {}),
        ("_", {}),
        ("   ", {}),
    ],
)
def test_each_kind_is_found_by_what_people_type(
    text: str, expected: dict[str, list[str]], harbor: Any, marketer: Any
) -> None:
    assert found(text, marketer) == expected


def test_an_erased_person_is_not_found(harbor: Any, marketer: Any) -> None:
    Contact.objects.update(erased_at=factories.NOW)
    assert found("ada@", marketer) == {}


def test_only_kinds_that_the_person_may_see_are_looked_through(harbor: Any) -> None:
    assert found("harbor", factories.make_user()) == {}


def test_many_results_are_cut_and_lead_to_the_list(marketer: Any) -> None:
    for number in range(12):
        Client.objects.create(name=f"Nord {number:02}")
    (group,) = search.search("nord", marketer)
    assert (len(group.results), group.more) == (10, True)
    assert group.all_link == "/audience/clients/?q=nord"


@pytest.mark.parametrize("rows", [3, 40])
def test_the_page_asks_the_same_few_queries(rows: int, sign_in: Any, django_assert_max_num_queries: Any) -> None:
    cadence = factories.make_cadence()
    for number in range(rows):
        factories.make_campaign(factories.make_release(name=f"kite-{number}"), cadence=cadence)
        Client.objects.create(name=f"kite {number}")
    factories.make_contacts(rows)
    browser = sign_in(MARKETER)
    with django_assert_max_num_queries(18):
        assert browser.get("/search/", {"q": "kite-"}).status_code == 200


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan; PostgreSQL scans a table this small")
def test_clients_and_contacts_are_found_by_an_index(
    harbor: Any, marketer: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        search.search("nordwind", marketer)
    looked = [
        entry["sql"] for entry in asked if "campaigns_client" in entry["sql"] or "campaigns_contact" in entry["sql"]
    ]
    looked = [sql for sql in looked if "ORDER BY" in sql and "auth_" not in sql]
    assert looked
    with connection.cursor() as cursor:
        for sql in looked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall()]
            assert not any(line.startswith("SCAN") for line in plan), (sql, plan)


def test_the_page_says_what_each_thing_is(harbor: Any, sign_in: Any) -> None:
    browser = sign_in(MARKETER)
    shown = browser.get("/search/", {"q": "harbor"}).text
    assert "Release · Unreleased" in shown
    assert "Campaign · Active" in shown
    assert 'value="harbor"' in shown
    assert "What are you looking for?" in browser.get("/search/").text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "x" * 5000, "a\0b", "' OR 1=1 --", "💥", "ملف"])
def test_anything_may_be_typed(text: str, sign_in: Any) -> None:
    answer = sign_in(MARKETER).get("/search/", {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "Nothing is found" in answer.text
