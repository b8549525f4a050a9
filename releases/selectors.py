"""What other rooms and the pages ask this one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from releases import findings
from releases.findings import Finding
from releases.models import (
    FurtherVersion,
    Issue,
    Product,
    Release,
    ReleaseChange,
    Snapshot,
    SyncRun,
    WebhookRegistration,
)

#: In the order in which a client wants to read them.
KIND_ORDER = ("breaking", "security", "feature", "improvement", "fix", "other")
_HEADINGS = {
    "breaking": "Breaking changes", "security": "Security", "feature": "Features", "improvement": "Improvements",
    "fix": "Fixes", "other": "Other changes",
}  # fmt: skip


def latest_snapshot(release: Release) -> Snapshot | None:
    """The facts as they are now; None before the first complete reading."""
    return release.snapshots.order_by("-number").first()


def client_facing_issues(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The issues that a mail may speak of: breaking ones first, then by kind."""
    rank = {kind: place for place, kind in enumerate(KIND_ORDER)}
    return sorted(snapshot.facts["issues"], key=lambda issue: rank.get(issue["kind"], len(rank)))


def issues_by_key(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """The citable issues of a snapshot by key."""
    return {issue["key"]: issue for issue in snapshot.facts["issues"]}


def excluded_keys(snapshot: Snapshot) -> set[str]:
    """Keys that no mail may cite."""
    return {row["key"] for row in snapshot.facts["excluded"]}


def findings_of(
    release: Release,
    *,
    issues: list[Issue] | None = None,
    further: list[FurtherVersion] | None = None,
    now: dt.datetime,
) -> list[Finding]:
    """The findings of a release as it stands; `issues` and `further` save reading them when the caller has them."""
    rows = current_issues(release) if issues is None else issues
    return findings.find(release, rows, release.further_versions.all() if further is None else further, now=now)


def blocking_findings(release: Release, *, now: dt.datetime) -> list[Finding]:
    """Those to mend before a campaign is planned."""
    return [finding for finding in findings_of(release, now=now) if finding.level == findings.BLOCKING]


def current_issues(release: Release) -> list[Issue]:
    """The issues under the version now, by key number."""
    rows = release.issues.filter(removed_at__isnull=True).select_related("visibility_by")
    return sorted(rows, key=lambda issue: (len(issue.key), issue.key))


def listed_releases(*, state: str = "", product: str = "", search: str = "") -> QuerySet[Release]:
    """Releases for the list page, with `shown` and `hidden` counts; the next ones first is the page's business."""
    shown = Q(issues__removed_at__isnull=True, issues__visibility=Issue.Visibility.CLIENT, issues__known_problem=False)
    rows = Release.objects.select_related("product").annotate(shown=Count("issues", filter=shown))
    if state in Release.State.values:
        rows = rows.filter(state=state)
    if product:
        rows = rows.filter(product__jira_key=product)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(description__icontains=search))
    return rows


def products_with_runs() -> list[Product]:
    """Every product with its latest sync run as `latest_runs[0]`."""
    newest = SyncRun.objects.order_by("product_id", "-started_at", "-pk")
    # One query for all: the newest run of each product is the one that no other run of it is newer than.
    ids: dict[int, int] = {}
    for pk, product_id in newest.values_list("pk", "product_id")[:2000]:
        ids.setdefault(product_id, pk)
    runs = SyncRun.objects.filter(pk__in=ids.values())
    return list(Product.objects.prefetch_related(Prefetch("sync_runs", queryset=runs, to_attr="latest_runs")))


def lost_webhooks() -> list[WebhookRegistration]:
    """Webhooks registered over REST that Jira does not send any more or will soon not; a newer active one heals all."""
    rows = list(WebhookRegistration.objects.order_by("-checked_at")[:50])
    lost = [row for row in rows if row.state != WebhookRegistration.State.ACTIVE]
    return [] if any(row.state == WebhookRegistration.State.ACTIVE for row in rows) else lost[:1]


_CHANGE_WORDS = {
    "release_date": "Date moved", "start_date": "Start moved", "state": "State", "name": "Renamed",
    "description": "Description", "issue_added": "Issue added", "issue_removed": "Issue removed",
    "problem_added": "Known problem", "problem_removed": "Problem gone",
    "visibility": "Visibility", "date_problem": "Date in Jira", "merged_into": "Merged into",
}  # fmt: skip


def changes_of(release: Release, limit: int = 50) -> list[tuple[str, ReleaseChange]]:
    """The newest lines of a release's history, each with its words."""
    rows = release.changes.select_related("by").order_by("-at", "-pk")[:limit]
    return [(_CHANGE_WORDS.get(row.what, row.what), row) for row in rows]


@dataclass(frozen=True)
class ProjectPart:
    """What one Jira project has of a release. `version` is None for the product's own project."""

    key: str
    issues: int
    version: FurtherVersion | None = None

    @property
    def state(self) -> str:
        """What is to be said of the version there, in a few words; "" for the product's own."""
        if self.version is None:
            return ""
        if self.version.problem:
            return "not read"
        return self.version.get_state_display().lower() if self.version.jira_id else "no such version"


def parts_of(release: Release, issues: list[Issue], further: list[FurtherVersion]) -> list[ProjectPart]:
    """The Jira projects of a release, its product's own first; empty when there is only that one."""
    if not release.product.further_keys and not further:
        return []
    counts = Counter(issue.project_key for issue in issues if not issue.known_problem)
    own = ProjectPart(release.product.jira_key, counts[release.product.jira_key])
    return [own, *(ProjectPart(row.project_key, counts[row.project_key], row) for row in further)]


@dataclass(frozen=True)
class KindGroup:
    """The issues of one kind that clients may see."""

    kind: str
    label: str
    issues: list[Issue]


def by_kind(issues: list[Issue]) -> list[KindGroup]:
    """Client-facing issues in groups, in reading order; empty groups and known problems are left out."""
    shown = [row for row in issues if row.visibility == "client" and not row.known_problem]
    groups = [KindGroup(kind, _HEADINGS[kind], [row for row in shown if row.kind == kind]) for kind in KIND_ORDER]
    return [group for group in groups if group.issues]
