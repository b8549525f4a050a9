"""Contacts from CSV: every file a spreadsheet writes, every row that is wrong, and nothing by half."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from campaigns.audience import importing, services
from campaigns.audience.importing import file as files
from campaigns.audience.importing import report as reports
from campaigns.audience.refusals import AudienceRefused
from campaigns.models import Client, ConsentChange, Contact, ContactImport, ContactList, ListMembership, Subscription
from tests import factories

pytestmark = pytest.mark.django_db

HEAD = "email,first name,last name,client,country,time zone\n"
ANNA = "anna@client.example,Anna,Berg,Nordwind,DE,Europe/Berlin\n"
BOB = "bob@other.example,Bob,Reed,Südwind,GB,Europe/London\n"

Import = Callable[..., ContactImport]


@pytest.fixture
def hand_in(marketer: Any, now: Any) -> Import:
    """Hand in a text or bytes as a CSV file, by default for one list and product."""
    contact_list, product = factories.make_list("Clients"), factories.make_product()

    def handed_in(content: str | bytes, **more: Any) -> ContactImport:
        data = content.encode() if isinstance(content, str) else content
        given = {"contact_list": contact_list, "product": product, "by": marketer, "now": now, **more}
        return importing.import_contacts(file=io.BytesIO(data), file_name="people.csv", **given)

    return handed_in


def _entry(found: ContactImport) -> dict[str, Any]:
    assert len(found.report) == 1, found.report
    return found.report[0]


def test_a_good_file_makes_contacts_clients_memberships_and_consent(hand_in: Import, marketer: Any) -> None:
    found = hand_in(HEAD + ANNA + BOB, basis="contract", proof="Master agreement 17")
    assert (found.state, found.rows, found.created, found.rejected, found.report) == ("imported", 2, 2, 0, [])
    anna = Contact.objects.select_related("client").get(email="anna@client.example")
    assert (anna.first_name, anna.last_name, anna.time_zone) == ("Anna", "Berg", "Europe/Berlin")
    assert (anna.client.name, anna.client.country) == ("Nordwind", "DE")
    assert ContactList.objects.get(name="Clients").contacts.count() == 2
    consent = anna.subscriptions.get()
    assert (consent.state, consent.basis, consent.proof) == ("subscribed", "contract", "Master agreement 17")
    assert consent.source == "Import of people.csv"
    change = ConsentChange.objects.get(contact=anna)
    assert (change.before, change.after, change.by) == ("", "subscribed", marketer)


def test_a_check_says_the_same_and_keeps_nothing(hand_in: Import) -> None:
    text = HEAD + ANNA + BOB + "nonsense,,,X,,\n"
    checked = hand_in(text, check_only=True)
    assert checked.state == "checked"
    assert not Contact.objects.exists()
    assert not Client.objects.exists()
    imported = hand_in(text)
    assert (checked.rows, checked.created, checked.rejected) == (imported.rows, imported.created, imported.rejected)
    assert checked.report == imported.report


def test_the_same_file_twice_changes_nothing(hand_in: Import) -> None:
    hand_in(HEAD + ANNA + BOB)
    before = _rows()
    again = hand_in(HEAD + ANNA + BOB)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 2, 0)
    assert _rows() == before


def _rows() -> list[list[Any]]:
    models = (Client, Contact, ListMembership, Subscription, ConsentChange)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_changed_cell_updates_and_a_blank_one_keeps(hand_in: Import) -> None:
    hand_in(HEAD + ANNA + BOB)
    found = hand_in(HEAD + "ANNA@client.example,Annika,,Nordwind,,\nbob@other.example,,,Nordwind,,\n")
    assert (found.created, found.updated, found.unchanged) == (0, 2, 0)
    anna = Contact.objects.get(email="anna@client.example")
    assert (anna.first_name, anna.last_name, anna.time_zone) == ("Annika", "Berg", "Europe/Berlin")
    assert Contact.objects.get(email="bob@other.example").client.name == "Nordwind"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_delimiter_that_spreadsheets_write(
    hand_in: Import, delimiter: str, encoding: str, newline: str
) -> None:
    text = (HEAD + BOB).replace(",", delimiter).replace("\n", newline)
    found = hand_in(text.encode(encoding))
    assert (found.state, found.created) == ("imported", 1), found.problem
    assert Client.objects.get().name == "Südwind"


def test_a_guessed_encoding_shows_its_accents(hand_in: Import) -> None:
    entry = _entry(hand_in((HEAD + BOB).encode("cp1252")))
    assert entry["value"] == "Südwind"
    assert "Windows-1252" in entry["problem"]
    assert not entry["rejected"]


@pytest.mark.parametrize(
    "header",
    [
        "E-Mail;Company",
        "EMAIL_ADDRESS;client name",
        "mail;Organisation",
        '"Address";"customer"',
        "sep=;\nemail;company",
    ],
)
def test_column_names_may_vary(hand_in: Import, header: str) -> None:
    assert hand_in(header + "\nanna@client.example;Nordwind\n").created == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n \n", "empty"),
        (HEAD.encode(), "no rows"),
        (b"first name,client\nAnna,Nordwind\n", "Missing column: email"),
        (b"name;vorname\nAnna;Berg\n", "Missing column: email and client"),
        (b"anna@client.example,Nordwind\n", "not the names of the columns"),
        (b"email,mail,client\na@x.example,b@x.example,X\n", "Two columns hold the email"),
        (b"PK\x03\x04 and the rest of a workbook", "Excel workbook"),
        ((HEAD + "a@x.example,\x81\n").encode("latin-1"), "neither UTF-8"),
        ((HEAD + ANNA + '"bob@x.example,Bob,Reed,X,,\n' + ANNA).encode(), "Line 3 opens a quotation mark"),
        ((HEAD + '"anna"@client.example,A,B,C,,\n').encode(), "Line 2 has text after a closing quotation mark"),
        ("\x00\x01\x02\x03".encode("utf-16-le") * 50, "Missing column"),
    ],
)
def test_a_structural_error_refuses_the_file_and_imports_nothing(hand_in: Import, content: bytes, words: str) -> None:
    found = hand_in(content)
    assert found.state == "refused"
    assert words in found.problem
    assert "Nothing was imported" in found.problem or "Nothing" in found.problem
    assert not Contact.objects.exists()
    assert ContactImport.objects.get().problem == found.problem


def test_a_late_structural_error_undoes_the_rows_before_it(hand_in: Import) -> None:
    people = "".join(f"p{n}@client.example,,,Nordwind,,\n" for n in range(2_500))
    found = hand_in(HEAD + people + '"open@client.example,,,Nordwind,,\n')
    assert (found.state, found.created) == ("refused", 0)
    assert "Line 2502" in found.problem
    assert not Contact.objects.exists()
    assert not Client.objects.exists()


def test_a_file_over_the_cap_is_refused(hand_in: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1024 * 1024)
    found = hand_in(HEAD + ANNA * 20_000)
    assert "too large: 1 MB" in found.problem


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("nonsense,,,X,,", "email", "@"),
        (",Anna,,X,,", "email", "missing"),
        ("jörg@x.example,,,X,,", "email", "not supported"),
        ("a@b,,,X,,", "email", "period"),
        ("Anna <a@x.example>,,,X,,", "email", "without a name"),
        ('"a@x.example,b@x.example",,,X,,', "email", "more than one"),
        ('"a@x.example\nBcc: b@x.example",,,X,,', "email", "line break"),
        ("a@x.example,=1+1,,X,,", "first name", "formula"),
        ("a@x.example,,@SUM(A1),X,,", "last name", "formula"),
        ("a@x.example,,,+cmd|' /C calc'!A0,,", "client", "formula"),
        ("a@x.example,{{name}},,X,,", "first name", "placeholder"),
        ("a@x.example,A\u202eB,,X,,", "first name", "invisible"),
        ("a@x.example," + "x" * 101 + ",,X,,", "first name", "100 is the most"),
        ("a@x.example,,,,,", "client", "missing"),
        ("a@x.example,,,X,,Berlin", "time zone", "Europe/Berlin"),
        ("a@x.example,,,X,,,one,two", "", "8 cells"),
    ],
)
def test_a_wrong_row_is_reported_and_the_others_come_in(hand_in: Import, row: str, column: str, words: str) -> None:
    found = hand_in(HEAD + ANNA + row + "\n" + BOB)
    entry = _entry(found)
    assert (found.rows, found.created, found.rejected) == (3, 2, 1)
    assert (entry["line"], entry["column"], entry["rejected"]) == (3, column, True)
    assert words in entry["problem"]
    assert Contact.objects.count() == 2


def test_a_country_is_known_by_its_name_and_one_that_is_not_leaves_nobody_out(hand_in: Import) -> None:
    found = hand_in("email,client,country\na@x.example,X,Germany\nb@y.example,Y,Österreich\nc@z.example,Z,Atlantis\n")
    assert (found.created, found.rejected) == (3, 0)
    assert dict(Client.objects.values_list("name", "country")) == {"X": "DE", "Y": "AT", "Z": ""}
    entry = _entry(found)
    assert (entry["line"], entry["column"], entry["value"], entry["rejected"]) == (4, "country", "Atlantis", False)
    assert "kept without a country" in entry["problem"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("anna@client.example", "ANNA@Client.Example"), ("info@müller.example", "info@xn--mller-kva.example")],
)
def test_one_person_in_two_spellings_counts_once(hand_in: Import, first: str, second: str) -> None:
    found = hand_in(f"email,client\n{first},X\n{second},X\n")
    entry = _entry(found)
    assert (found.created, found.rejected, entry["line"]) == (1, 1, 3)
    assert "line 2" in entry["problem"]


def test_plus_addresses_are_different_people(hand_in: Import) -> None:
    assert hand_in("email,client\na+x@x.example,X\na+y@x.example,X\n").created == 2


def test_clients_are_found_whatever_their_capitals(hand_in: Import) -> None:
    Client.objects.create(name="Müller AG", country="DE")
    found = hand_in(
        "email,client,country\na@x.example,MÜLLER ag,\nb@x.example,Müller  AG,AT\nc@x.example,müller ag,AT\n"
    )
    assert Client.objects.count() == 1
    assert found.created == 3
    assert "stays with DE" in _entry(found)["problem"]


def test_an_erased_person_does_not_come_back_and_is_not_written_down(hand_in: Import, operator: Any, now: Any) -> None:
    hand_in(HEAD + ANNA)
    services.erase(contact=Contact.objects.get(), by=operator, now=now)
    found = hand_in(HEAD + "Anna@CLIENT.example,Anna,Berg,Nordwind,DE,\n")
    assert (found.created, found.rejected) == (0, 1)
    assert "erased" in _entry(found)["problem"]
    assert "anna" not in str(found.report).lower()
    assert not Contact.objects.filter(email__startswith="anna").exists()


def test_erasing_takes_the_address_out_of_older_reports(hand_in: Import, operator: Any, now: Any) -> None:
    hand_in(HEAD + ANNA + ANNA)
    services.erase(contact=Contact.objects.get(), by=operator, now=now)
    assert _entry(ContactImport.objects.get())["value"] == "(erased)"


def test_a_suppressed_address_is_imported_and_noted(hand_in: Import, now: Any) -> None:
    services.suppress(email="anna@client.example", reason="hard_bounce", by=None, now=now)
    found = hand_in(HEAD + ANNA)
    assert (found.created, found.rejected) == (1, 0)
    assert "suppressed (hard bounce)" in _entry(found)["problem"]


def test_an_import_never_brings_back_who_unsubscribed(hand_in: Import, now: Any) -> None:
    hand_in(HEAD + ANNA)
    consent = Subscription.objects.get()
    services.unsubscribe(contact=consent.contact, product=consent.product, source="link", by=None, now=now)
    found = hand_in(HEAD + ANNA)
    consent.refresh_from_db()
    assert consent.state == "unsubscribed"
    assert (found.unchanged, found.rejected) == (1, 0)
    assert "stays so" in _entry(found)["problem"]


def test_consent_without_proof_is_refused(hand_in: Import) -> None:
    with pytest.raises(AudienceRefused, match="proof"):
        hand_in(HEAD + ANNA, basis="consent")
    assert not ContactImport.objects.exists()


def test_columns_that_are_not_read_are_named(hand_in: Import) -> None:
    entry = _entry(hand_in("email,client,shoe size\na@x.example,X,43\n"))
    assert (entry["column"], entry["problem"]) == ("shoe size", "This column is not read.")


def test_a_report_as_csv_runs_no_formula(hand_in: Import) -> None:
    found = hand_in('email,client,first name\n=cmd|x,X,\na@x.example,X,"\t=1"\nb@x.example,X,-2+3\n')
    text = "".join(reports.as_csv(found)).removeprefix("\ufeff")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["line", "column", "value", "problem", "imported"]
    assert [line[2] for line in lines[1:]] == ["'=cmd|x", "\ufffd=1", "'-2+3"]
    assert {line[4] for line in lines[1:]} == {"no"}


def test_what_no_database_keeps_is_shown_as_a_mark(hand_in: Import) -> None:
    assert _entry(hand_in("email,client\na\0@x.example,X\n"))["value"] == "a\ufffd@x.example"
    assert _entry(hand_in("email,client,a\0b\nx@x.example,X,\n"))["column"] == "a\ufffdb"


def test_a_report_is_cut_and_says_so(hand_in: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "KEPT", 3)
    found = hand_in("email,client\n" + "bad,X\n" * 10)
    assert (found.rejected, len(found.report)) == (10, 4)
    assert found.report[-1]["problem"].startswith("7 more entries")


def test_fifty_thousand_rows_are_written_in_sets(hand_in: Import) -> None:
    text = "email,first name,client\n" + "".join(
        f"reader{n}@client{n % 300}.example,Reader,Client {n % 300}\n" for n in range(50_000)
    )
    statements = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        found = hand_in(text)
    assert (found.created, found.rejected, found.problem) == (50_000, 0, "")
    assert ContactList.objects.get(name="Clients").memberships.count() == 50_000
    assert Subscription.objects.count() == ConsentChange.objects.count() == 50_000
    assert statements < 1_000


def test_a_file_is_read_as_it_is_written_and_not_at_once() -> None:
    file = io.BytesIO(b"email,client\n" + b"a@client.example,Nordwind\n" * 200_000)
    _, rows = files.rows(file, "utf-8")
    next(rows)
    assert file.tell() < 200_000


def test_the_number_of_queries_does_not_follow_the_rows(hand_in: Import, django_assert_max_num_queries: Any) -> None:
    text = "email,client\n" + "".join(f"reader{n}@client.example,Client {n}\n" for n in range(1_000))
    with django_assert_max_num_queries(70):
        hand_in(text)
    with django_assert_max_num_queries(15):
        assert hand_in(text).unchanged == 1_000


def test_only_who_may_import_imports(hand_in: Import) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied, match=r"campaigns\.import_contact"):
        hand_in(HEAD + ANNA, by=factories.make_user())
    assert not Contact.objects.exists()


def test_a_row_tells_everything_that_is_wrong_with_it_and_counts_once(hand_in: Import) -> None:
    found = hand_in(HEAD + "anna@client.example,Anna,Berg,Nordwind,Atlantis,Mars/Phobos\n" + BOB)
    assert [(entry["column"], entry["value"]) for entry in found.report] == [
        ("country", "Atlantis"),
        ("time zone", "Mars/Phobos"),
    ]
    assert (found.rows, found.created, found.rejected) == (2, 1, 1)
