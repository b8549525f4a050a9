"""A release that spans several Jira projects: read whole, shown whole, and never silently less."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from campaigns.drafting import hostile
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Block, Sentence
from campaigns.review import drift
from releases import facts, product_services, selectors, services, webhooks
from releases.models import FurtherVersion, Issue, Product, Release, ReleaseChange, Snapshot, SyncRun, WebhookDelivery
from relmail import doctor
from relmail.roles import MARKETER, OPERATOR
from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraData, JiraSimulator, load
from tests.factories import make_draft, make_product, make_release, make_user
from tests.jira_server import NOTE, TOKEN, USER, issue, jira_data, jira_server

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
LATER = NOW + dt.timedelta(minutes=5)
DAY = (NOW.date() + dt.timedelta(days=14)).isoformat()
FIELDS = {"sender_name": "Dock", "sender_email": "news@dock.example", "postal_address": "Dock Ltd, 1 Quay"}

pytestmark = pytest.mark.django_db


def version(jira_id: str, name: str = "2.0.0", **changes: Any) -> dict[str, Any]:
    return {"id": jira_id, "name": name, "archived": False, "released": False, "releaseDate": DAY, **changes}


def dock_and_core(core: list[dict[str, Any]] | None = None, **changes: Any) -> JiraData:
    """DOCK with the version 10001 "2.0.0", and CORE with 20001 of the same name, `changes` made to it."""
    data = jira_data()
    issues = [issue("CORE-7", "20001"), issue("CORE-8", "20001")] if core is None else core
    document = {
        "project": {"key": "CORE", "name": "Core"},
        "versions": [version("20001", **changes), version("20002", "1.9.0")],
        "search": {"issues": issues},
    }
    data.add_document(document)
    return data


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("releases.jira.pause", lambda seconds: None)
    monkeypatch.setattr("releases.tasks.process_webhooks.apply_async", lambda **options: None)
    settings.JIRA_TIMEOUT = 5


def point_at(settings: Any, simulator: JiraSimulator) -> None:
    settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN = simulator.root, USER, TOKEN


@pytest.fixture
def jira(settings: Any) -> Iterator[JiraSimulator]:
    with jira_server(dock_and_core()) as running:
        point_at(settings, running)
        yield running


@pytest.fixture
def product() -> Product:
    return make_product(jira_key="DOCK", name="Dock", further_keys=["CORE"])


def read(product: Product, now: dt.datetime = NOW) -> SyncRun:
    product.refresh_from_db()
    return services.sync(product=product, by=None, now=now)


def release(name: str = "2.0.0") -> Release:
    return Release.objects.select_related("product").get(name=name)


def keys_of(row: Release) -> list[str]:
    snapshot = selectors.latest_snapshot(row)
    assert snapshot is not None
    return [one["key"] for one in snapshot.facts["issues"]]


def codes(row: Release) -> dict[str, Any]:
    return {finding.code: finding for finding in selectors.findings_of(row, now=NOW)}


def changes(what: str) -> list[str]:
    return sorted(change.before or change.after for change in ReleaseChange.objects.filter(what=what))


# --- reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_the_issues_of_every_project_are_in_one_release_and_one_snapshot(
    settings: Any, product: Product, deployment: str
) -> None:
    with jira_server(dock_and_core(), deployment=deployment) as running:
        point_at(settings, running)
        run = read(product)
    assert (run.outcome, run.issues_seen, run.error) == ("succeeded", 4, "")
    assert list(Release.objects.values_list("name", "jira_id")) == [("2.0.0", "10001")], "of CORE no release is made"
    assert keys_of(release()) == ["CORE-7", "CORE-8", "DOCK-1", "DOCK-2"]
    assert release().issue_count == 4
    snapshot = Snapshot.objects.get()
    assert snapshot.facts["product"] == {"key": "DOCK", "name": "Dock", "further_keys": ["CORE"]}
    assert snapshot.digest == facts.digest_of(snapshot.facts)
    further = FurtherVersion.objects.get()
    assert (further.project_key, further.jira_id, further.read_at, further.problem) == ("CORE", "20001", NOW, "")
    assert not set(codes(release())) & {"foreign_project", "versions_differ", "project_without_version"}


def test_a_product_of_one_project_has_the_facts_that_it_always_had(jira: JiraSimulator) -> None:
    read(make_product(jira_key="DOCK", name="Dock"))
    assert Snapshot.objects.get().facts["product"] == {"key": "DOCK", "name": "Dock"}
    assert keys_of(release()) == ["DOCK-1", "DOCK-2"]
    assert not FurtherVersion.objects.exists()


def test_reading_several_projects_again_changes_nothing(jira: JiraSimulator, product: Product) -> None:
    read(product)
    kept = list(Issue.objects.values())
    assert read(product, LATER).changes == 0
    assert list(Issue.objects.values()) == kept
    assert (Snapshot.objects.count(), ReleaseChange.objects.count(), FurtherVersion.objects.count()) == (1, 0, 1)


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_a_further_project_is_read_over_all_its_pages(settings: Any, product: Product, deployment: str) -> None:
    rows = [issue(f"CORE-{number}", "20001") for number in range(1, 251)]
    with jira_server(dock_and_core(rows), deployment=deployment) as running:
        point_at(settings, running)
        read(product)
    assert len(keys_of(release())) == 252


def test_the_name_of_a_version_is_the_same_in_other_capitals(settings: Any, product: Product) -> None:
    with jira_server(dock_and_core(name="2.0.0")) as running:
        point_at(settings, running)
        running.rename_version("10001", "2.0.0-RC")
        running.rename_version("20001", "2.0.0-rc")
        read(product)
    assert len(keys_of(release("2.0.0-RC"))) == 4


def test_a_project_without_the_version_is_a_finding_and_no_error(settings: Any, product: Product) -> None:
    with jira_server(dock_and_core(name="core-2.0")) as running:
        point_at(settings, running)
        run = read(product)
    assert (run.outcome, run.error) == ("succeeded", "")
    assert keys_of(release()) == ["DOCK-1", "DOCK-2"]
    found = codes(release())["project_without_version"]
    assert (found.level, found.what) == (
        "warning", "The project CORE has no version “2.0.0”. It has “core-2.0”, which may be meant."
    )  # fmt: skip


def test_where_versions_differ_the_own_project_counts_and_a_finding_shows_it(settings: Any, product: Product) -> None:
    other = (NOW.date() + dt.timedelta(days=30)).isoformat()
    with jira_server(dock_and_core(releaseDate=other, released=True)) as running:
        point_at(settings, running)
        read(product)
        row = release()
        assert (str(row.release_date), row.state) == (DAY, "unreleased")
        assert codes(row)["versions_differ"].what == (
            f"The version in CORE differs from that in DOCK: {other} instead of {DAY}; released instead of unreleased."
        )
        running.move_version("20001", DAY)
        running.unrelease_version("20001")
        read(product, LATER)
    assert "versions_differ" not in codes(release())


@pytest.mark.parametrize(("date", "shown"), [(None, "no date instead of"), ("0024-01-01", "its year is 24")])
def test_a_date_that_is_missing_or_cannot_be_is_a_difference(
    settings: Any, product: Product, date: str | None, shown: str
) -> None:
    with jira_server(dock_and_core(releaseDate=date)) as running:
        point_at(settings, running)
        read(product)
    assert shown in codes(release())["versions_differ"].what


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_project_that_cannot_be_read_keeps_what_was_known_and_is_named(
    jira: JiraSimulator, product: Product, status: int
) -> None:
    jira.edit_issue("CORE-7", {"assignee": {"displayName": "Ada Lovelace"}})
    read(product)
    jira.refused["CORE"] = status
    jira.edit_issue("DOCK-1", {NOTE: "Another note."})
    jira.remove_issue_from_version("DOCK-2", "10001")
    run = read(product, LATER)
    assert run.outcome == "failed"
    assert run.error.startswith("CORE: ") and str(status) in run.error
    assert run.can_retry is (status != 403)
    assert keys_of(release()) == ["CORE-7", "CORE-8", "DOCK-1"], "the own project goes on"
    assert changes("issue_removed") == ["DOCK-2 Summary of DOCK-2"]
    row = release()
    assert row.sync_error.startswith("CORE: ")
    assert (row.issue_count, row.people) == (3, ["Ada Lovelace"])
    assert "CORE" in codes(row)["not_read"].what
    further = FurtherVersion.objects.get()
    assert (further.jira_id, further.read_at) == ("20001", NOW)
    jira.refused.clear()
    assert read(product, LATER + dt.timedelta(minutes=1)).outcome == "succeeded"
    assert (release().sync_error, FurtherVersion.objects.get().problem) == ("", "")


def test_pages_that_do_not_add_up_are_told_of_their_project_alone(
    settings: Any, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jira_server(dock_and_core()) as running:
        point_at(settings, running)
        read(product)
        running.add_issue("CORE-9", {"summary": "New"}, version="20001")

        def spoil_the_second_search(operation: str) -> None:
            if running.requests.count("POST search") + running.requests.count("GET search") == 2:
                running.faults.add(Fault("jira", "malformed", "search", detail="short_page", times=0))

        running.requests.clear()
        running.before = spoil_the_second_search
        run = read(product, LATER)
    assert run.error.startswith("2.0.0 in CORE: Jira counts 3 issues under this version but gave 2")
    assert keys_of(release()) == ["CORE-7", "CORE-8", "DOCK-1", "DOCK-2"]


def test_no_draft_begins_from_half_a_release(jira: JiraSimulator, product: Product) -> None:
    jira.refused["CORE"] = 404
    read(product)
    assert not Snapshot.objects.exists()
    found = codes(release())["project_never_read"]
    assert found.level == "blocking" and "404" in found.what
    services.set_visibility(
        issue=Issue.objects.get(key="DOCK-1"), visibility="internal", reason="Not yet", by=make_user(MARKETER), now=NOW
    )
    assert not Snapshot.objects.exists(), "nor when a person decides something"
    jira.refused.clear()
    read(product, LATER)
    assert keys_of(release()) == ["CORE-7", "CORE-8", "DOCK-2"]
    assert "project_never_read" not in codes(release())


def test_facts_that_are_there_go_on_while_a_new_project_cannot_be_read(jira: JiraSimulator, product: Product) -> None:
    Product.objects.update(further_keys=[])
    read(product)
    Product.objects.update(further_keys=["CORE"])
    jira.refused["CORE"] = 403
    jira.edit_issue("DOCK-1", {NOTE: "Another note."})
    read(product, LATER)
    newest = selectors.latest_snapshot(release())
    assert newest is not None and selectors.issues_by_key(newest)["DOCK-1"]["note"] == "Another note."
    assert codes(release())["project_never_read"].level == "blocking"


def test_a_project_taken_off_the_product_shows_as_drift(jira: JiraSimulator, product: Product, operator: Any) -> None:
    read(product)
    before = Snapshot.objects.get().facts
    product_services.change_product(product=product, by=operator, now=NOW, further_keys=[])
    read(product, LATER)
    assert changes("issue_removed") == ["CORE-7 Summary of CORE-7", "CORE-8 Summary of CORE-8"]
    assert keys_of(release()) == ["DOCK-1", "DOCK-2"]
    assert not FurtherVersion.objects.exists()
    newest = selectors.latest_snapshot(release())
    assert newest is not None
    text = make_draft(blocks=(Block("highlights", (Sentence("Told.", ("CORE-7",)), Sentence("Told.", ("DOCK-1",)))),))
    assert [(found.key, found.message) for found in drift.between(text, before, newest.facts)] == [
        ("CORE-7", "CORE-7 is no longer part of the release.")
    ]


def test_a_version_that_goes_in_a_further_project_takes_its_issues_along(jira: JiraSimulator, product: Product) -> None:
    read(product)
    jira.delete_version("20001")
    assert read(product, LATER).outcome == "succeeded"
    assert len(changes("issue_removed")) == 2
    assert "project_without_version" in codes(release())
    assert FurtherVersion.objects.get().jira_id == ""


# --- keys ------------------------------------------------------------------------------------------------------------


def test_keys_of_further_projects_are_keys_and_no_words(jira: JiraSimulator, product: Product) -> None:
    read(product)
    known = Facts.from_json(Snapshot.objects.get().facts)
    assert known.project_keys == {"DOCK", "CORE"}
    for text, rules in (("Uploads work, see CORE-99.", ["issue_key"]), ("Uploads work, see UTF-8.", [])):
        found = hostile.check_sentence(Sentence(text, ("DOCK-1",)), known)
        assert [finding.rule for finding in found] == rules


def test_an_issue_of_a_third_project_is_kept_inside_and_told(settings: Any, product: Product) -> None:
    stray = issue("CORE-9", "20001", project={"key": "LAMP"})
    with jira_server(dock_and_core([stray])) as running:
        running.data.issues["CORE-9"]["fields"]["project"] = {"key": "CORE", "name": "Core"}
        running.data.issues["LAMP-1"] = {
            "id": "9", "key": "LAMP-1", "fields": {**issue("LAMP-1", "20001")["fields"], "project": {"key": "CORE"}},
        }  # fmt: skip
        point_at(settings, running)
        read(product)
    assert "DOCK or CORE" in codes(release())["foreign_project"].what


# --- webhooks --------------------------------------------------------------------------------------------------------


def waiting(**fields: str) -> WebhookDelivery:
    number = WebhookDelivery.objects.count()
    return WebhookDelivery.objects.create(identifier=str(number), body="{}", received_at=NOW, **fields)


@pytest.mark.parametrize("hint", [{"project_key": "CORE"}, {"version_id": "20001"}])
def test_webhooks_of_a_further_project_find_its_product(
    jira: JiraSimulator, product: Product, hint: dict[str, str]
) -> None:
    read(product)
    make_product(jira_key="OTHER")
    row = waiting(**hint)
    assert webhooks.process_webhooks(now=LATER) == 1
    row.refresh_from_db()
    assert (row.state, row.detail) == ("processed", "Read DOCK.")
    assert SyncRun.objects.filter(product__jira_key="OTHER").count() == 0


def test_a_project_that_two_products_share_makes_both_read(jira: JiraSimulator, product: Product) -> None:
    lamp = make_product(jira_key="LAMP", name="Lamp", further_keys=["CORE"])
    jira.data.add_document({"project": {"key": "LAMP"}, "versions": [version("30001")], "search": {"issues": []}})
    row = waiting(project_key="CORE")
    webhooks.process_webhooks(now=NOW)
    row.refresh_from_db()
    assert row.detail == "Read DOCK, LAMP."
    assert keys_of(Release.objects.get(product=lamp)) == ["CORE-7", "CORE-8"]


def test_webhooks_of_a_project_that_was_taken_off_are_ignored(jira: JiraSimulator, product: Product) -> None:
    Product.objects.update(further_keys=[])
    row = waiting(project_key="CORE")
    webhooks.process_webhooks(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.detail) == ("ignored", "The project CORE is no product here.")


# --- the product's page ----------------------------------------------------------------------------------------------


def typed(**changes: str) -> dict[str, str]:
    return {
        "name": "Dock", "sender_name": "Dock", "sender_email": "dock@harbor.example", "reply_to": "",
        "postal_address": "Kai 1, Hamburg", "website": "", "brand_colour": "#123456", "time_zone": "UTC",
        "language": "en", **changes,
    }  # fmt: skip


def test_an_operator_names_further_projects_on_the_page(jira: JiraSimulator, sign_in: Callable[[str], Browser]) -> None:
    product = make_product(jira_key="DOCK", name="Dock")
    answer = sign_in(OPERATOR).post(product.get_absolute_url(), typed(further_keys=" core \n\nCORE"))
    assert answer.status_code == 302
    product.refresh_from_db()
    assert product.further_keys == ["CORE"]
    page = sign_in(MARKETER).get(product.get_absolute_url()).text
    assert ">CORE</span>" in page


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("NOPE", "NOPE: Jira has no project with this key that the account can see."),
        ("SECRET", "SECRET: The account may not read the project SECRET in Jira (403)."),
        ("LAMP", "LAMP is the own project of the product Lamp. Switch that product off first."),
        ("DOCK", "DOCK is the product&#x27;s own project and is read anyway."),
        ("not a key", "“NOT A KEY” among the further keys is not a Jira project key, such as HARBOR."),
        ("\n".join(f"P{number}" for number in range(30)), "20 are the most"),
    ],
)
def test_a_project_that_cannot_be_taken_is_refused_with_the_reason(
    jira: JiraSimulator, sign_in: Callable[[str], Browser], keys: str, says: str
) -> None:
    product = make_product(jira_key="DOCK", name="Dock", further_keys=["CORE"])
    make_product(jira_key="LAMP", name="Lamp")
    jira.data.add_document({"project": {"key": "LAMP"}, "versions": [], "search": {"issues": []}})
    jira.refused["SECRET"] = 403
    answer = sign_in(OPERATOR).post(product.get_absolute_url(), typed(further_keys=f"CORE\n{keys}"))
    assert answer.status_code == 422
    assert says in answer.text
    assert keys.split()[0] in answer.text, "what was typed is still there"
    product.refresh_from_db()
    assert product.further_keys == ["CORE"]


def test_while_jira_is_away_other_settings_are_saved_and_no_project_is_added(
    settings: Any, sign_in: Callable[[str], Browser]
) -> None:
    settings.JIRA_URL = "http://127.0.0.1:9"
    product = make_product(jira_key="DOCK", further_keys=["CORE"])
    browser = sign_in(OPERATOR)
    assert browser.post(product.get_absolute_url(), typed(name="Docks", further_keys="CORE")).status_code == 302
    answer = browser.post(product.get_absolute_url(), typed(further_keys="CORE\nLAMP"))
    assert answer.status_code == 422
    assert "could not be checked" in answer.text
    product.refresh_from_db()
    assert (product.name, product.further_keys) == ("Docks", ["CORE"])


def test_a_project_that_was_renamed_in_jira_is_taken_under_its_new_key_only(
    jira: JiraSimulator, product: Product, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    jira.data.projects["CORE"]["key"] = "CORES"
    monkeypatch.setattr(jira.data, "project_of", lambda key: jira.data.projects["CORE"])
    Product.objects.update(further_keys=[])
    product.refresh_from_db()
    with pytest.raises(ValidationError, match="CORE is called CORES in Jira now"):
        product_services.change_product(product=product, by=operator, now=NOW, further_keys=["CORE"])


def test_a_product_is_taken_in_with_its_further_projects(jira: JiraSimulator, operator: Any) -> None:
    with pytest.raises(ValidationError, match="NOPE"):
        services.add_product(jira_key="DOCK", further_keys=["NOPE"], by=operator, now=NOW, **FIELDS)
    assert not Product.objects.exists()
    made = services.add_product(jira_key="DOCK", further_keys=["core"], by=operator, now=NOW, **FIELDS)
    assert made.further_keys == ["CORE"]
    with pytest.raises(ValidationError, match="CORE is a further project of the product Dock"):
        services.add_product(jira_key="CORE", by=operator, now=NOW, **FIELDS)


def test_a_product_switched_off_leaves_its_project_free_and_cannot_come_back_for_it(
    jira: JiraSimulator, operator: Any, sign_in: Callable[[str], Browser]
) -> None:
    core = make_product(jira_key="CORE", name="Core", active=False)
    dock = make_product(jira_key="DOCK", name="Dock")
    product_services.change_product(product=dock, by=operator, now=NOW, further_keys=["CORE"])
    with pytest.raises(ValidationError, match="CORE is a further project of the product Dock"):
        product_services.change_product(product=core, by=operator, now=NOW, active=True)


def test_the_fields_of_further_projects_are_proposed_too(jira: JiraSimulator, product: Product) -> None:
    jira.edit_issue("CORE-7", {"labels": ["core-only"]})
    found = product_services.survey(product)
    assert found.read == 4
    assert found.labels["core-only"] == 1


def test_the_doctor_names_a_further_project_that_the_account_cannot_see(jira: JiraSimulator, product: Product) -> None:
    jira.refused["CORE"] = 404
    said = [finding.says for finding in doctor._jira(NOW)]
    assert any("cannot see the project CORE of Dock" in line for line in said)
    assert not any("cannot see the project DOCK" in line for line in said)


# --- the release's page ----------------------------------------------------------------------------------------------


def test_the_page_says_which_project_each_issue_is_from(
    jira: JiraSimulator, product: Product, sign_in: Callable[[str], Browser]
) -> None:
    read(product)
    page = sign_in(MARKETER).get(release().get_absolute_url()).text
    assert page.count("Project CORE</span>") == 2
    assert page.count("Project DOCK</span>") == 2
    assert f"{jira.root}/projects/CORE/versions/20001" in page
    assert "its dates count" in page


def test_the_page_of_one_project_says_nothing_of_projects(
    jira: JiraSimulator, sign_in: Callable[[str], Browser]
) -> None:
    read(make_product(jira_key="DOCK", name="Dock"))
    page = sign_in(MARKETER).get(release().get_absolute_url()).text
    assert "Project DOCK" not in page and "its dates count" not in page


def test_sync_now_names_the_project_that_failed(
    jira: JiraSimulator, product: Product, sign_in: Callable[[str], Browser]
) -> None:
    read(product)
    jira.refused["CORE"] = 403
    answer = sign_in(MARKETER).post(reverse("releases:sync", args=[release().pk]), follow=True)
    assert "Not everything could be read: CORE: The account may not read the versions of CORE" in answer.text
    assert keys_of(release()) == ["CORE-7", "CORE-8", "DOCK-1", "DOCK-2"]


def test_the_page_of_a_release_costs_the_same_for_one_project_and_for_many(
    sign_in: Callable[[str], Browser], django_assert_max_num_queries: Any
) -> None:
    browser = sign_in(MARKETER)
    counts = []
    for projects in (1, 12):
        keys = [f"CORE{number}" for number in range(projects)]
        row = make_release(make_product(further_keys=keys), synced_at=NOW)
        FurtherVersion.objects.bulk_create(
            FurtherVersion(release=row, project_key=key, jira_id=key, read_at=NOW) for key in keys
        )
        Issue.objects.bulk_create(Issue(release=row, key=f"{key}-1", summary="Done", done=True) for key in keys)
        with django_assert_max_num_queries(16) as queries:
            assert browser.get(row.get_absolute_url()).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- the simulator's files -------------------------------------------------------------------------------------------


SEVERAL: dict[str, Any] = {
    "project": [{"key": "DOCK", "name": "Dock", "id": "500"}, {"key": "CORE", "name": "Core", "id": "600"}],
    "versions": [version("1", projectId=500), version("2", projectId=600)],
    "search": {"issues": [issue("DOCK-1", "1"), issue("CORE-1", "2")]},
}


def test_one_file_may_hold_several_projects(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text(json.dumps(SEVERAL))
    data = load([tmp_path / "release.json"])
    assert {key: [row["name"] for row in data.versions_of(data.projects[key])] for key in data.projects} == {
        "DOCK": ["2.0.0"], "CORE": ["2.0.0"],
    }  # fmt: skip
    assert [data.issues[key]["fields"]["project"]["key"] for key in ("DOCK-1", "CORE-1")] == ["DOCK", "CORE"]


def test_a_version_that_issues_of_two_projects_name_becomes_one_of_each(settings: Any, tmp_path: Path) -> None:
    document = copy.deepcopy(SEVERAL)
    document["versions"] = [version("1")]
    document["search"]["issues"][1] = issue("CORE-1", "1")
    (tmp_path / "release.json").write_text(json.dumps(document))
    with jira_server(load([tmp_path])) as running:
        point_at(settings, running)
        read(make_product(jira_key="DOCK", name="Dock", further_keys=["CORE"]))
    assert keys_of(release()) == ["CORE-1", "DOCK-1"]


@pytest.mark.parametrize("projects", [[], ["DOCK"], [{"name": "no key"}]])
def test_a_list_of_projects_that_is_none_is_named(tmp_path: Path, projects: Any) -> None:
    (tmp_path / "bad.json").write_text(json.dumps({**SEVERAL, "project": projects}))
    with pytest.raises(ValueError, match=r"bad\.json"):
        load([tmp_path])
