"""Reading a product from Jira: complete, repeatable, and never half."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.drafting.text import Block, Sentence
from campaigns.review import drift
from releases import facts, findings, selectors, services, storing, tasks
from releases.jira import JiraError, JiraNotFound
from releases.models import Issue, Product, Release, ReleaseChange, Snapshot, SyncRun
from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraSimulator, load, load_demo
from tests.factories import make_draft, make_product
from tests.jira_server import NOTE, TOKEN, USER, issue, jira_data, jira_server

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "jira"
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
LATER = NOW + dt.timedelta(minutes=5)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("releases.jira.pause", lambda seconds: None)


@pytest.fixture
def jira(settings: Any) -> Iterator[JiraSimulator]:
    with jira_server(jira_data()) as running:
        point_at(settings, running)
        yield running


def point_at(settings: Any, simulator: JiraSimulator) -> None:
    settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN = simulator.root, USER, TOKEN
    settings.JIRA_TIMEOUT = 5


@pytest.fixture
def product() -> Product:
    return make_product(jira_key="DOCK", name="Dock")


def read(product: Product, now: dt.datetime = NOW) -> SyncRun:
    product.refresh_from_db()
    return services.sync(product=product, by=None, now=now)


def changes() -> list[tuple[str, str, str]]:
    return list(ReleaseChange.objects.order_by("pk").values_list("what", "before", "after"))


def test_a_product_is_read_with_its_versions_issues_and_facts(jira: JiraSimulator, product: Product) -> None:
    run = read(product)
    assert (run.outcome, run.releases_seen, run.issues_seen, run.error) == ("succeeded", 1, 2, "")
    release = Release.objects.get()
    assert (release.name, release.state, release.issue_count) == ("2.0.0", "unreleased", 2)
    assert release.url == f"{jira.root}/projects/DOCK/versions/10001"
    snapshot = selectors.latest_snapshot(release)
    assert snapshot is not None and snapshot.number == 1
    assert snapshot.digest == facts.digest_of(snapshot.facts)
    assert snapshot.facts["release"]["release_date"] == str(release.release_date)
    assert snapshot.facts["product"] == {"key": "DOCK", "name": "Dock"}
    first = selectors.issues_by_key(snapshot)["DOCK-1"]
    assert first == {
        "key": "DOCK-1", "kind": "improvement", "summary": "Summary of DOCK-1", "note": "Note of DOCK-1.",
        "description": "", "status": "Done", "resolution": "Done", "components": [],
        "url": f"{jira.root}/browse/DOCK-1", "updated": "2026-11-01T09:00:00+00:00",
    }  # fmt: skip
    product.refresh_from_db()
    assert product.release_note_field == "Release Note"
    assert product.synced_at == NOW


def test_reading_again_changes_nothing(jira: JiraSimulator, product: Product) -> None:
    read(product)
    before = list(Issue.objects.values())
    run = read(product, LATER)
    assert run.changes == 0
    assert list(Issue.objects.values()) == before
    assert Snapshot.objects.count() == 1
    assert changes() == []


def test_a_comment_in_jira_makes_no_new_facts_but_another_note_does(jira: JiraSimulator, product: Product) -> None:
    read(product)
    jira.edit_issue("DOCK-1", {"status": {"name": "Closed", "statusCategory": {"key": "done"}}})
    read(product, LATER)
    assert Snapshot.objects.count() == 1
    assert Issue.objects.get(key="DOCK-1").status == "Closed"
    jira.edit_issue("DOCK-1", {NOTE: "Another note."})
    read(product, LATER + dt.timedelta(minutes=5))
    assert list(Snapshot.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    newest = Snapshot.objects.get(number=2)
    assert selectors.issues_by_key(newest)["DOCK-1"]["note"] == "Another note."


def test_what_happens_to_a_version_is_written_down(jira: JiraSimulator, product: Product) -> None:
    read(product)
    date = Release.objects.get().release_date
    assert date is not None
    later = (date + dt.timedelta(days=3)).isoformat()
    steps = [
        (lambda: jira.move_version("10001", later), ("release_date", str(date), later)),
        (lambda: jira.rename_version("10001", "2.0"), ("name", "2.0.0", "2.0")),
        (lambda: jira.release_version("10001"), ("state", "unreleased", "released")),
        (lambda: jira.unrelease_version("10001"), ("state", "released", "unreleased")),
        (lambda: jira.move_version("10001", None), ("release_date", str(NOW.date()), "")),
        (lambda: jira.archive_version("10001"), ("state", "unreleased", "archived")),
        (lambda: jira.delete_version("10001"), ("state", "archived", "deleted")),
    ]
    for minutes, (act, expected) in enumerate(steps, 1):
        act()
        assert read(product, NOW + dt.timedelta(minutes=minutes)).outcome == "succeeded"
        assert expected in changes()
    assert Release.objects.get().state == "deleted"
    assert Issue.objects.count() == 2, "nothing is thrown away"


def test_issues_that_come_and_go_are_marked(jira: JiraSimulator, product: Product) -> None:
    read(product)
    jira.add_issue("DOCK-3", {"summary": "Late"}, version="10001")
    jira.remove_issue_from_version("DOCK-1", "10001")
    read(product, LATER)
    gone = Issue.objects.get(key="DOCK-1")
    assert gone.removed_at == LATER
    assert changes() == [
        ("issue_removed", "DOCK-1 Summary of DOCK-1", ""),
        ("issue_added", "", "DOCK-3 Late"),
    ]
    assert Release.objects.get().issue_count == 2
    newest = selectors.latest_snapshot(Release.objects.get())
    assert newest is not None and [row["key"] for row in newest.facts["issues"]] == ["DOCK-2"]
    assert selectors.excluded_keys(newest) == {"DOCK-3"}
    jira.edit_issue("DOCK-1", {"fixVersions": [{"id": "10001"}]})
    read(product, LATER + dt.timedelta(minutes=1))
    assert Issue.objects.get(key="DOCK-1").removed_at is None


def test_a_merged_version_takes_its_issues_along(jira: JiraSimulator, product: Product) -> None:
    other = jira.add_version("DOCK", "2.1.0", (NOW.date() + dt.timedelta(days=30)).isoformat())["id"]
    read(product)
    jira.merge_version("10001", other)
    read(product, LATER)
    states = dict(Release.objects.values_list("name", "state"))
    assert states == {"2.0.0": "deleted", "2.1.0": "unreleased"}
    assert Release.objects.get(name="2.1.0").issue_count == 2


def test_a_short_list_of_versions_deletes_nothing_that_jira_still_has(
    jira: JiraSimulator, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(product)
    monkeypatch.setattr("releases.jira.Door.versions", lambda door, key: [])
    run = read(product, LATER)
    assert run.outcome == "succeeded"
    assert Release.objects.get().state == "unreleased"


def test_a_release_is_read_whole_over_several_pages_without_a_query_per_issue(settings: Any, product: Product) -> None:
    rows = [issue(f"DOCK-{number}") for number in range(1, 251)]
    with jira_server(jira_data(rows)) as running:
        point_at(settings, running)
        read(product)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(product, LATER)
    assert Issue.objects.count() == 250
    assert len(queries) < 45


# --- faults ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "can_retry", "says"),
    [
        (Fault("jira", "refuse", "versions", status=401, times=0), False, "JIRA_TOKEN"),
        (Fault("jira", "refuse", "versions", status=403, times=0), False, "403"),
        (Fault("jira", "refuse", "versions", status=404, times=0), True, "404"),
        (Fault("jira", "refuse", "search", status=503, times=0), True, "2.0.0: Jira at 127.0.0.1 answered 503"),
        (Fault("jira", "throttle", "search", seconds=900, times=0), True, "wait 15 minutes"),
        (Fault("jira", "malformed", "search", times=0), True, "not with JSON"),
        (Fault("jira", "malformed", "search", detail="short_page", times=0), True, "gave"),
        (Fault("jira", "malformed", "search", detail="repeated_token", times=0), True, "repeat"),
        (Fault("jira", "lose_answer", "search", times=0), True, "could not be reached"),
    ],
    ids=lambda value: f"{value.kind}-{value.operation}-{value.status}" if isinstance(value, Fault) else "",
)
def test_a_failed_reading_keeps_the_last_good_state_and_says_why(
    jira: JiraSimulator, product: Product, fault: Fault, can_retry: bool, says: str
) -> None:
    read(product)
    kept = (list(Issue.objects.values()), list(Snapshot.objects.values()))
    jira.edit_issue("DOCK-1", {"summary": "Changed meanwhile"})
    jira.faults.add(fault)
    run = read(product, LATER)
    assert run.outcome == SyncRun.Outcome.FAILED
    assert says in run.error
    assert run.can_retry is can_retry
    assert TOKEN not in run.error
    assert (list(Issue.objects.values()), list(Snapshot.objects.values())) == kept
    jira.faults.clear()
    assert read(product, LATER + dt.timedelta(minutes=1)).outcome == "succeeded"
    assert Issue.objects.get(key="DOCK-1").summary == "Changed meanwhile"
    assert Release.objects.get().sync_error == ""


def test_when_the_field_of_the_notes_goes_the_notes_stay_and_the_release_says_so(
    jira: JiraSimulator, product: Product
) -> None:
    read(product)
    kept = list(Snapshot.objects.values())
    Product.objects.update(release_note_field="Gone")
    product.refresh_from_db()
    jira.add_issue("DOCK-3", {"summary": "Came later"}, version="10001")
    run = read(product, LATER)
    assert (run.outcome, run.can_retry) == ("failed", False)
    assert "Jira shows no field “Gone”" in run.error
    notes = dict(Issue.objects.values_list("key", "note"))
    assert notes == {"DOCK-1": "Note of DOCK-1.", "DOCK-2": "Note of DOCK-2.", "DOCK-3": ""}
    release = Release.objects.get()
    [finding] = [one for one in findings.find(release, release.issues.all(), now=LATER) if one.code == "not_read"]
    assert "“Gone”" in finding.what
    assert Snapshot.objects.count() == len(kept) + 1, "the issue that came is stored all the same"
    Product.objects.update(release_note_field="Release Note")
    product.refresh_from_db()
    assert "“Gone”" not in read(product, LATER + dt.timedelta(minutes=1)).error
    assert Release.objects.get().sync_error == ""


def test_one_release_read_by_a_person_says_that_its_notes_stay(jira: JiraSimulator, product: Product) -> None:
    read(product)
    Product.objects.update(release_note_field="Gone")
    stored = services.sync_release(release=Release.objects.get(), by=None, now=LATER)
    assert "“Gone”" in stored.problems
    assert Issue.objects.get(key="DOCK-1").note == "Note of DOCK-1."


def test_nobody_listening_fails_with_a_clear_word(settings: Any, product: Product) -> None:
    settings.JIRA_URL = "http://127.0.0.1:9"
    run = read(product)
    assert (run.outcome, run.can_retry) == ("failed", True)
    assert "could not be reached" in run.error


def test_a_version_deleted_in_between_does_not_disturb_the_others(jira: JiraSimulator, product: Product) -> None:
    other = str(jira.add_version("DOCK", "2.1.0")["id"])
    jira.add_issue("DOCK-3", {"summary": "In the other"}, version=other)

    def delete_first(operation: str) -> None:
        if operation == "search" and "10001" in jira.data.versions:
            jira.delete_version("10001")

    jira.before = delete_first
    run = read(product)
    assert run.outcome == "failed"
    assert run.can_retry
    assert "2.0.0: Jira has no issues of version 10001" in run.error
    assert Release.objects.get(name="2.1.0").issue_count == 1
    jira.before = None
    assert read(product, LATER).outcome == "succeeded"
    assert Release.objects.get(name="2.0.0").state == "deleted"


def test_a_date_that_cannot_be_is_told_and_not_taken(jira: JiraSimulator, product: Product) -> None:
    jira.data.versions["10001"]["releaseDate"] = "0024-11-30"
    read(product)
    release = Release.objects.get()
    assert release.release_date is None
    assert "its year is 24" in release.date_problem
    assert release.sync_error == "", "the reading itself went well"
    assert [one.code for one in selectors.findings_of(release, now=NOW) if one.level == "blocking"] == ["date_wrong"]
    jira.data.versions["10001"]["releaseDate"] = "2026-12-24"
    read(product, LATER)
    release.refresh_from_db()
    assert (release.date_problem, release.release_date) == ("", dt.date(2026, 12, 24))


def test_an_older_reading_never_lands_on_a_newer_one(jira: JiraSimulator, product: Product) -> None:
    read(product, LATER)
    release = Release.objects.select_related("product").get()
    stored = storing.store_issues(release, [], read_at=NOW, now=NOW)
    assert stored == storing.Stored()
    assert storing.store_versions(product, [], {"10001"}, NOW) == 0
    release.refresh_from_db()
    assert (release.state, release.issue_count) == ("unreleased", 2)
    assert not Issue.objects.filter(removed_at__isnull=False).exists()


def test_a_run_that_was_killed_is_closed_by_the_next(jira: JiraSimulator, product: Product) -> None:
    lost = SyncRun.objects.create(product=product, started_at=NOW - dt.timedelta(hours=1))
    read(product)
    lost.refresh_from_db()
    assert (lost.outcome, lost.finished_at) == ("failed", NOW)


def test_the_timetable_reads_every_active_product_though_one_fails(jira: JiraSimulator, product: Product) -> None:
    make_product(jira_key="NOPE")
    make_product(jira_key="ASLEEP", active=False)
    tasks.sync_all()
    outcomes = dict(SyncRun.objects.values_list("product__jira_key", "outcome"))
    assert outcomes == {"DOCK": "succeeded", "NOPE": "failed"}


def test_runs_are_forgotten_after_a_month(jira: JiraSimulator, product: Product) -> None:
    read(product)
    read(product, NOW + dt.timedelta(days=31))
    assert SyncRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_readings_at_once_do_no_harm(jira: JiraSimulator, product: Product) -> None:
    outcomes: list[str] = []

    def one() -> None:
        try:
            outcomes.append(services.sync(product=Product.objects.get(pk=product.pk), by=None, now=NOW).outcome)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["succeeded"] * 4
    assert (Release.objects.count(), Issue.objects.count(), Snapshot.objects.count()) == (1, 2, 1)


# --- one release, people's decisions, products -----------------------------------------------------------


def test_an_old_release_is_read_when_a_person_asks(jira: JiraSimulator, product: Product, marketer: Any) -> None:
    jira.data.versions["10001"].update(released=True, releaseDate="2020-01-15")
    newer = str(jira.add_version("DOCK", "3.0.0", "2026-01-15")["id"])
    jira.data.versions[newer]["released"] = True
    read(product)
    release = Release.objects.get(name="2.0.0")
    assert release.synced_at is None
    services.sync_release(release=release, by=marketer, now=LATER)
    release.refresh_from_db()
    assert (release.synced_at, release.issue_count) == (LATER, 2)


def test_reading_a_deleted_release_marks_it(jira: JiraSimulator, product: Product, marketer: Any) -> None:
    read(product)
    jira.delete_version("10001")
    services.sync_release(release=Release.objects.get(), by=marketer, now=LATER)
    assert Release.objects.get().state == "deleted"


def test_a_failed_reading_of_a_release_raises_and_is_noted(
    jira: JiraSimulator, product: Product, marketer: Any
) -> None:
    read(product)
    jira.faults.add(Fault("jira", "refuse", "search", status=500, times=0))
    with pytest.raises(JiraError):
        services.sync_release(release=Release.objects.get(), by=marketer, now=LATER)
    release = Release.objects.get()
    assert "answered 500" in release.sync_error
    assert release.synced_at == NOW


def test_a_person_without_the_right_is_refused(jira: JiraSimulator, product: Product, django_user_model: Any) -> None:
    stranger = django_user_model.objects.create_user("stranger")
    with pytest.raises(PermissionDenied, match=r"releases\.sync_release"):
        services.sync(product=product, by=stranger, now=NOW)
    assert not SyncRun.objects.exists()


def test_a_persons_decision_survives_the_next_reading(jira: JiraSimulator, product: Product, marketer: Any) -> None:
    read(product)
    chosen = Issue.objects.get(key="DOCK-1")
    services.set_visibility(issue=chosen, visibility="internal", reason=" Only for the pilot ", by=marketer, now=LATER)
    assert Snapshot.objects.count() == 2
    assert selectors.excluded_keys(Snapshot.objects.get(number=2)) == {"DOCK-1"}
    jira.edit_issue("DOCK-1", {"summary": "New summary"})
    read(product, LATER + dt.timedelta(minutes=1))
    chosen.refresh_from_db()
    assert (chosen.visibility, chosen.visibility_reason) == ("internal", "Only for the pilot")
    assert chosen.summary == "New summary"
    row = ReleaseChange.objects.get(what="visibility")
    assert row.by == marketer
    assert row.after == "DOCK-1 internal: Only for the pilot"


def test_an_issue_that_a_person_shows_to_clients_is_another_fact_once_it_is_reopened(
    jira: JiraSimulator, product: Product, marketer: Any
) -> None:
    read(product)
    chosen = Issue.objects.get(key="DOCK-1")
    services.set_visibility(issue=chosen, visibility="client", reason="They asked for it.", by=marketer, now=LATER)
    before = Snapshot.objects.latest("number")
    jira.edit_issue("DOCK-1", {"status": {"name": "Reopened", "statusCategory": {"key": "indeterminate"}}})
    read(product, LATER + dt.timedelta(minutes=1))
    after = Snapshot.objects.latest("number")
    assert after.number == before.number + 1
    text = make_draft(blocks=(Block("fixes", (Sentence("It works.", ("DOCK-1",)),)),))
    assert [each.message for each in drift.between(text, before.facts, after.facts)] == [
        "DOCK-1 is kept out now: Not done: status “Reopened”. It was open to clients before (“They asked for it.”): "
        "decide again."
    ]


@pytest.mark.parametrize(("visibility", "reason"), [("internal", "  "), ("secret", "why")])
def test_a_decision_needs_a_known_word_and_a_reason(
    jira: JiraSimulator, product: Product, marketer: Any, visibility: str, reason: str
) -> None:
    read(product)
    chosen = Issue.objects.get(key="DOCK-1")
    with pytest.raises(ValidationError):
        services.set_visibility(issue=chosen, visibility=visibility, reason=reason, by=marketer, now=LATER)
    chosen.refresh_from_db()
    assert chosen.visibility == "client"


def test_the_summary_of_a_secret_issue_is_not_in_the_facts(jira: JiraSimulator, product: Product) -> None:
    jira.edit_issue("DOCK-1", {"security": {"name": "Staff"}, "summary": "How to break in"})
    read(product)
    snapshot = Snapshot.objects.get()
    assert "How to break in" not in str(snapshot.facts)
    assert selectors.excluded_keys(snapshot) == {"DOCK-1"}


def test_the_digest_does_not_depend_on_the_order_of_issues(jira: JiraSimulator, product: Product) -> None:
    read(product)
    release = Release.objects.get()
    rows = list(release.issues.all())
    one, other = facts.facts_of(release, rows), facts.facts_of(release, rows[::-1])
    assert one == other
    assert facts.digest_of(one) == facts.digest_of(other)


FIELDS = {"sender_name": "Dock", "sender_email": "news@dock.example", "postal_address": "Dock Ltd, 1 Quay"}


def test_a_product_is_added_with_what_jira_knows(jira: JiraSimulator, operator: Any) -> None:
    product = services.add_product(jira_key="dock", by=operator, now=NOW, **FIELDS)
    assert (product.jira_key, product.name, product.release_note_field) == ("DOCK", "Dock", "Release Note")


def test_a_product_that_jira_does_not_know_is_not_added(jira: JiraSimulator, operator: Any) -> None:
    with pytest.raises(JiraNotFound):
        services.add_product(jira_key="NOPE", by=operator, now=NOW, **FIELDS)
    with pytest.raises(ValidationError):
        services.add_product(jira_key="no key", by=operator, now=NOW, **FIELDS)
    with pytest.raises(ValidationError):
        services.add_product(jira_key="DOCK", by=operator, now=NOW, **{**FIELDS, "sender_email": "nobody"})
    assert not Product.objects.exists()


# --- whole releases --------------------------------------------------------------------------------------


def test_the_demo_product_is_read_on_cloud_and_data_center_alike(settings: Any) -> None:
    digests = []
    for deployment in ("Cloud", "Server"):
        product = make_product(jira_key="HARBOR", name="Harbor Sync")
        with jira_server(load_demo(), deployment=deployment) as running:
            point_at(settings, running)
            settings.JIRA_USER = USER if deployment == "Cloud" else ""
            run = read(product)
        assert (run.outcome, run.releases_seen) == ("succeeded", 5)
        snapshot = Snapshot.objects.get(release__name="4.2.0", release__product=product)
        digests.append([(row["key"], row["note"], row["kind"]) for row in snapshot.facts["issues"]])
        assert not selectors.blocking_findings(snapshot.release, now=NOW)
        Snapshot.objects.all().delete()
        product.releases.all().delete()
        SyncRun.objects.all().delete()
        product.delete()
    assert digests[0] == digests[1]
    assert {kind for _, _, kind in digests[0]} == {"breaking", "security", "feature", "improvement", "fix", "other"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded releases are not here")
def test_recorded_releases_are_read_whole(settings: Any) -> None:
    data = load([SHARED])
    with jira_server(data) as running:
        point_at(settings, running)
        for key in data.projects:
            run = read(make_product(jira_key=key))
            assert run.outcome == "succeeded", run.error
    counts = {release.name: release.issue_count for release in Release.objects.filter(issue_count__gt=0)}
    assert counts == {"5.1.3": 123, "hbase-connectors-1.0.1": 71, "4.0": 64}
    for release in Release.objects.filter(issue_count__gt=0):
        snapshot = selectors.latest_snapshot(release)
        assert snapshot is not None
        assert len(snapshot.facts["issues"]) >= 30
        assert all(row["reason"] for row in snapshot.facts["excluded"])


def test_people_of_a_release_are_kept_by_their_full_names(settings: Any, product: Product) -> None:
    who = {
        "assignee": {"displayName": "Ada  Lovelace"},
        "reporter": {"displayName": "Hudson"},
        "creator": {"displayName": "王小明"},
    }
    with jira_server(jira_data([issue("DOCK-1", **who)])) as running:
        point_at(settings, running)
        assert read(product).outcome == SyncRun.Outcome.SUCCEEDED
    assert Release.objects.filter(people=["Ada Lovelace", "王小明"]).count() == 1
    assert "Lovelace" not in str(list(Snapshot.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"summary": "Another wording"}, True),
        ({"security": {"name": "Staff"}}, False),
        ({"labels": ["embargo"]}, False),
        ({"resolution": {"name": "Duplicate"}}, False),
        ({"status": {"name": "Reopened", "statusCategory": {"key": "new"}}, "resolution": None}, False),
    ],
)
def test_a_decision_for_clients_holds_until_jira_has_a_new_reason_for_silence(
    settings: Any, product: Product, marketer: Any, fields: dict[str, Any], kept: bool
) -> None:
    with jira_server(jira_data([issue("DOCK-1", components=[{"name": "Build"}], **{NOTE: None})])) as running:
        point_at(settings, running)
        read(product)
        row = Issue.objects.get(key="DOCK-1")
        services.set_visibility(issue=row, visibility="client", reason="They asked for it.", by=marketer, now=NOW)
    with jira_server(jira_data([issue("DOCK-1", **fields)])) as running:
        point_at(settings, running)
        read(product, LATER)
    row.refresh_from_db()
    assert (row.visibility == Issue.Visibility.CLIENT) is kept
    assert row.visibility_decided is kept
    assert ("They asked for it." in row.visibility_reason and "decide again" in row.visibility_reason) is not kept
    assert (("visibility", "DOCK-1 client") in [change[:2] for change in changes()]) is not kept
    # The next reading finds the same reason and says nothing more.
    before = changes()
    with jira_server(jira_data([issue("DOCK-1", **fields)])) as running:
        point_at(settings, running)
        read(product, LATER + dt.timedelta(minutes=5))
    assert changes() == before
