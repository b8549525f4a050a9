"""Write what was read from Jira: in sets, in one transaction, and never an older reading over a newer one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from releases.facts import digest_of, facts_of
from releases.further_projects import ProjectReading
from releases.jira_reading import JiraIssue, JiraVersion
from releases.kinds import hard_reason, kind_of, visibility_of, visibility_of_problem
from releases.mapping import FieldMapping
from releases.models import FurtherVersion, Issue, Product, Release, ReleaseChange, Snapshot

#: The columns that Jira owns; a sync writes them all.
_ISSUE_COLUMNS = (
    "kind", "summary", "note", "description", "issue_type", "status", "done", "resolution", "priority",
    "security_level", "components", "labels", "url", "jira_updated_at", "visibility", "visibility_reason", "removed_at",
    "known_problem",
)  # fmt: skip
_VERSION_COLUMNS = (
    "jira_id", "state", "release_date", "date_problem", "url", "nearest", "read_at", "problem",
)  # fmt: skip

#: Each is looked for in every text; more have not been seen under one version.
_MOST_PEOPLE = 300


@dataclass(frozen=True)
class Stored:
    """What a write did."""

    issues: int = 0
    changes: int = 0
    snapshot: bool = False
    #: A line for notes and for each further project that could not be read.
    problems: str = ""


def store_versions(product: Product, versions: Iterable[JiraVersion], gone: set[str], now: dt.datetime) -> int:
    """Make, update and mark as deleted; returns the number of changes. `gone` are ids that Jira said 404 to.

    `now` is when the reading began. When a newer one is already stored nothing is written.
    """
    changes: list[ReleaseChange] = []
    with transaction.atomic():
        older = Q(synced_at__isnull=True) | Q(synced_at__lte=now)
        if not Product.objects.filter(older, pk=product.pk).update(synced_at=now):
            return 0
        known = {row.jira_id: row for row in product.releases.select_for_update()}
        made, touched = [], []
        for version in versions:
            release = known.get(version.id)
            if release is None:
                made.append(Release(product=product, jira_id=version.id, **_version_columns(version)))
            elif differences := _apply(release, _version_columns(version), now):
                changes += differences
                touched.append(release)
        for jira_id in gone & known.keys():
            differences = _apply(known[jira_id], {"state": Release.State.DELETED}, now)
            changes += differences
            touched += [known[jira_id]] if differences else []
        Release.objects.bulk_create(made)
        columns = ["name", "description", "url", "start_date", "release_date", "state", "date_problem"]
        Release.objects.bulk_update(touched, columns)
        ReleaseChange.objects.bulk_create(change for change in changes if change.what != "url")
    return len(changes)


def _version_columns(version: JiraVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "description": version.description,
        "url": version.url,
        "start_date": version.start_date,
        "release_date": version.release_date,
        "state": _state(version),
        "date_problem": version.date_problem[:300],
    }


def _state(version: JiraVersion) -> str:
    if version.archived:
        return Release.State.ARCHIVED
    return Release.State.RELEASED if version.released else Release.State.UNRELEASED


def _apply(release: Release, columns: dict[str, Any], now: dt.datetime) -> list[ReleaseChange]:
    changes = []
    for name, after in columns.items():
        before = getattr(release, name)
        if before != after:
            setattr(release, name, after)
            changes.append(change(release, name, before, after, now))
    return changes


def change(release: Release, what: str, before: Any, after: Any, now: dt.datetime, by: Any = None) -> ReleaseChange:
    """A row of a release's history, not saved yet."""
    return ReleaseChange(release=release, what=what, before=_shown(before), after=_shown(after), by=by, at=now)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)[:500]


def store_issues(
    release: Release,
    found: Iterable[JiraIssue],
    *,
    problems: Iterable[JiraIssue] = (),
    further: Iterable[ProjectReading] = (),
    no_notes: str = "",
    read_at: dt.datetime,
    now: dt.datetime,
) -> Stored:
    """Upsert the issues of one release, mark those that left, freeze the facts if they changed.

    Args:
        found: the issues of the product's own project.
        problems: its open issues that the version is affected by. What is also under the version to be fixed there
            goes by that: Jira says that this version has it, or has not got it yet.
        further: what its further projects have. Issues of one that could not be read stay as they are.
        no_notes: why the notes for clients could not be read; those that are here stay then.
        read_at: when the reading began. When a newer one is already stored nothing is written.
    """
    readings = list(further)
    shipped = {issue.key: issue for issue in (*found, *(issue for each in readings for issue in each.issues))}
    affected = {issue.key: issue for issue in (*problems, *(issue for each in readings for issue in each.problems))}
    whole = {**affected, **shipped}
    unread = {each.project_key for each in readings if each.error}
    with transaction.atomic():
        older = Q(synced_at__isnull=True) | Q(synced_at__lte=read_at)
        first = Release.objects.filter(pk=release.pk, synced_at__isnull=True).exists()
        missed = [f"{each.project_key}: {each.error}" for each in readings if each.error]
        not_read = "\n".join([no_notes, *missed] if no_notes else missed)
        if not Release.objects.filter(older, pk=release.pk).update(synced_at=read_at, sync_error=not_read):
            return Stored()
        # Locked, so that a person's decision about an issue comes before this write or after it, never under it.
        known = {issue.key: issue for issue in release.issues.select_for_update()}
        mapping = FieldMapping.of(release.product.field_mapping)
        rows = [
            _row(release, issue, known.get(issue.key), mapping, known_problem=issue.key not in shipped)
            for issue in (whole.values() if not no_notes else _with_notes(whole.values(), known))
        ]
        Issue.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["release", "key"], update_fields=_ISSUE_COLUMNS, batch_size=500
        )
        here = {issue.key: issue for issue in known.values() if issue.removed_at is None}
        gone = [issue for issue in here.values() if issue.key not in whole]
        left = [issue for issue in gone if issue.project_key not in unread]
        kept = [issue for issue in gone if issue.project_key in unread and not issue.known_problem]
        Issue.objects.filter(pk__in=[issue.pk for issue in left]).update(removed_at=now)
        turned = {row.key for row in rows if row.key in here and here[row.key].known_problem != row.known_problem}
        came = [row for row in rows if row.key not in here or row.key in turned]
        changes = [_moved(release, issue, "removed", now) for issue in (*left, *(here[key] for key in sorted(turned)))]
        overruled = [row for row in rows if row.key in known and _overruled(known[row.key], row, mapping)]
        Issue.objects.filter(release=release, key__in=[row.key for row in overruled]).update(
            visibility_decided=False, visibility_by=None
        )
        changes += [
            change(release, "visibility", f"{row.key} client", f"{row.key} internal: {row.visibility_reason}", now)
            for row in overruled
        ]
        changes += [] if first else [_moved(release, row, "added", now) for row in came]
        ReleaseChange.objects.bulk_create(changes, batch_size=500)
        people = {name for issue in whole.values() for name in issue.people}
        if unread:  # who works on its issues is not known now, and stays unsaid all the same
            people |= set(Release.objects.values_list("people", flat=True).get(pk=release.pk))
        Release.objects.filter(pk=release.pk).update(
            issue_count=len(shipped) + len(kept), people=sorted(people)[:_MOST_PEOPLE]
        )
        _store_further(release, readings, read_at)
        frozen = freeze(release, now)
    return Stored(issues=len(shipped), changes=len(changes), snapshot=frozen, problems=not_read)


def _moved(release: Release, issue: Issue, how: str, now: dt.datetime) -> ReleaseChange:
    """An issue came or left, as a part of the release or as a known problem of it. `how` is "added" or "removed"."""
    what = f"{'problem' if issue.known_problem else 'issue'}_{how}"
    return change(release, what, issue if how == "removed" else "", issue if how == "added" else "", now)


def _store_further(release: Release, readings: list[ProjectReading], read_at: dt.datetime) -> None:
    """Keep what further projects have of a release."""
    known = {row.project_key: row for row in release.further_versions.all()}
    rows = []
    for reading in readings:
        row = known.pop(reading.project_key, None) or FurtherVersion(release=release, project_key=reading.project_key)
        row.problem = str(reading.error or "")
        if reading.version:
            version = reading.version
            row.jira_id, row.state, row.url, row.nearest = version.id, _state(version), version.url, ""
            row.release_date, row.date_problem = version.release_date, version.date_problem[:300]
        elif not reading.error:
            row.jira_id, row.state, row.url, row.nearest = "", Release.State.UNRELEASED, "", reading.nearest
            row.release_date, row.date_problem = None, ""
        if not reading.error:
            row.read_at = read_at
        row.pk = None  # written by its project, whether it was there or not
        rows.append(row)
    FurtherVersion.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    FurtherVersion.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["release", "project_key"], update_fields=_VERSION_COLUMNS
    )


def _with_notes(issues: Iterable[JiraIssue], known: dict[str, Issue]) -> Iterator[JiraIssue]:
    """The issues with the notes that were read for them before."""
    for issue in issues:
        yield replace(issue, note=known[issue.key].note) if issue.key in known else issue


def _row(
    release: Release, issue: JiraIssue, known: Issue | None, mapping: FieldMapping, *, known_problem: bool
) -> Issue:
    product = release.product
    kind = kind_of(issue, mapping)
    judge = visibility_of_problem if known_problem else visibility_of
    visibility, reason = judge(
        issue, kind, project_key=product.jira_key, other_projects=product.further_keys,
        internal_labels=product.internal_labels, mapping=mapping,
    )  # fmt: skip
    row = Issue(
        release=release, key=issue.key, kind=kind, summary=issue.summary, note=issue.note,
        description=issue.description, issue_type=issue.issue_type, status=issue.status, done=issue.done,
        resolution=issue.resolution, priority=issue.priority, security_level=issue.security_level,
        components=list(issue.components), labels=list(issue.labels), url=issue.url,
        jira_updated_at=issue.updated, visibility=visibility,
        visibility_reason=reason[:300], removed_at=None, known_problem=known_problem,
    )  # fmt: skip
    if known is not None and known.visibility_decided:
        if _overruled(known, row, mapping):
            row.visibility = Issue.Visibility.INTERNAL
            _, hard = hard_reason(row, mapping)
            row.visibility_reason = (
                f"{hard} It was open to clients before (“{known.visibility_reason}”): decide again."[:300]
            )
        else:
            row.visibility, row.visibility_reason = known.visibility, known.visibility_reason
    return row


def _overruled(known: Issue, row: Issue, mapping: FieldMapping) -> bool:
    """Whether Jira gives a reason for silence that was not there when a person opened the issue to clients."""
    if not known.visibility_decided or known.visibility != Issue.Visibility.CLIENT:
        return False
    before, after = hard_reason(known, mapping)[0], hard_reason(row, mapping)[0]
    return bool(after) and after != before


def freeze(release: Release, now: dt.datetime) -> bool:
    """A new Snapshot if the facts differ from the last one. Call inside a transaction; returns whether it was made.

    The first one waits until every further project has been read: no draft begins from half a release. Once there is
    one, each change of what is known counts, or texts would rest on facts that are no longer so.
    """
    current = Release.objects.select_related("product").get(pk=release.pk)
    facts = facts_of(current, current.issues.filter(removed_at__isnull=True))
    digest = digest_of(facts)
    newest = current.snapshots.order_by("-number").values_list("digest", flat=True).first()
    if newest == digest:
        return False
    if newest is None and current.further_versions.filter(read_at__isnull=True).exists():
        return False
    number = (current.snapshots.aggregate(last=Max("number"))["last"] or 0) + 1
    Snapshot.objects.create(release=current, number=number, facts=facts, digest=digest, taken_at=now)
    return True
