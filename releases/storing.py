"""Write what was read from Jira: in sets, in one transaction, and never an older reading over a newer one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from releases.facts import digest_of, facts_of
from releases.jira_reading import JiraIssue, JiraVersion
from releases.kinds import hard_reason, kind_of, visibility_of
from releases.mapping import FieldMapping
from releases.models import Issue, Product, Release, ReleaseChange, Snapshot

#: The columns that Jira owns; a sync writes them all.
_ISSUE_COLUMNS = (
    "kind", "summary", "note", "description", "issue_type", "status", "done", "resolution", "priority",
    "security_level", "components", "labels", "url", "jira_updated_at", "visibility", "visibility_reason", "removed_at",
)  # fmt: skip


#: Each is looked for in every text; more have not been seen under one version.
_MOST_PEOPLE = 300


@dataclass(frozen=True)
class Stored:
    """What a write did."""

    issues: int = 0
    changes: int = 0
    snapshot: bool = False


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
    state = Release.State.RELEASED if version.released else Release.State.UNRELEASED
    return {
        "name": version.name,
        "description": version.description,
        "url": version.url,
        "start_date": version.start_date,
        "release_date": version.release_date,
        "state": Release.State.ARCHIVED if version.archived else state,
        "date_problem": version.date_problem[:300],
    }


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


def store_issues(release: Release, found: list[JiraIssue], *, read_at: dt.datetime, now: dt.datetime) -> Stored:
    """Upsert the issues of one release, mark those that left, freeze the facts if they changed.

    `read_at` is when the reading began. When a newer one is already stored nothing is written.
    """
    with transaction.atomic():
        older = Q(synced_at__isnull=True) | Q(synced_at__lte=read_at)
        first = Release.objects.filter(pk=release.pk, synced_at__isnull=True).exists()
        if not Release.objects.filter(older, pk=release.pk).update(synced_at=read_at, sync_error=""):
            return Stored()
        # Locked, so that a person's decision about an issue comes before this write or after it, never under it.
        known = {issue.key: issue for issue in release.issues.select_for_update()}
        mapping = FieldMapping.of(release.product.field_mapping)
        rows = [_row(release, issue, known.get(issue.key), mapping) for issue in found]
        Issue.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["release", "key"], update_fields=_ISSUE_COLUMNS, batch_size=500
        )
        here = {issue.key for issue in found}
        left = [issue for issue in known.values() if issue.removed_at is None and issue.key not in here]
        Issue.objects.filter(pk__in=[issue.pk for issue in left]).update(removed_at=now)
        came = [row for row in rows if row.key not in known or known[row.key].removed_at]
        changes = [change(release, "issue_removed", issue, "", now) for issue in left]
        overruled = [row for row in rows if row.key in known and _overruled(known[row.key], row, mapping)]
        Issue.objects.filter(release=release, key__in=[row.key for row in overruled]).update(
            visibility_decided=False, visibility_by=None
        )
        changes += [
            change(release, "visibility", f"{row.key} client", f"{row.key} internal: {row.visibility_reason}", now)
            for row in overruled
        ]
        changes += [] if first else [change(release, "issue_added", "", row, now) for row in came]
        ReleaseChange.objects.bulk_create(changes, batch_size=500)
        people = sorted({name for issue in found for name in issue.people})[:_MOST_PEOPLE]
        Release.objects.filter(pk=release.pk).update(issue_count=len(here), people=people)
        frozen = freeze(release, now)
    return Stored(issues=len(rows), changes=len(changes), snapshot=frozen)


def _row(release: Release, issue: JiraIssue, known: Issue | None, mapping: FieldMapping) -> Issue:
    product = release.product
    kind = kind_of(issue, mapping)
    visibility, reason = visibility_of(
        issue, kind, project_key=product.jira_key, internal_labels=product.internal_labels, mapping=mapping
    )
    row = Issue(
        release=release, key=issue.key, kind=kind, summary=issue.summary, note=issue.note,
        description=issue.description, issue_type=issue.issue_type, status=issue.status, done=issue.done,
        resolution=issue.resolution, priority=issue.priority, security_level=issue.security_level,
        components=list(issue.components), labels=list(issue.labels), url=issue.url,
        jira_updated_at=issue.updated, visibility=visibility,
        visibility_reason=reason[:300], removed_at=None,
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
    """A new Snapshot if the facts differ from the last one. Call inside a transaction; returns whether it was made."""
    current = Release.objects.select_related("product").get(pk=release.pk)
    facts = facts_of(current, current.issues.filter(removed_at__isnull=True))
    digest = digest_of(facts)
    newest = current.snapshots.order_by("-number").values_list("digest", flat=True).first()
    if newest == digest:
        return False
    number = (current.snapshots.aggregate(last=Max("number"))["last"] or 0) + 1
    Snapshot.objects.create(release=current, number=number, facts=facts, digest=digest, taken_at=now)
    return True
