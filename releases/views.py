"""Pages of this room: what Jira says is coming, one release with its findings, and the door for webhooks."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from releases import selectors, services, tasks, webhooks
from releases.jira import JiraError
from releases.models import Issue, Product, Release, Snapshot, SyncRun
from releases.permissions import require

PAGE = 50
#: Tab, its words, and the states behind it.
TABS = (
    ("coming", "Coming", (Release.State.UNRELEASED,)),
    ("released", "Released", (Release.State.RELEASED,)),
    ("gone", "Archived or deleted", (Release.State.ARCHIVED, Release.State.DELETED)),
)
LEVEL_TONES = {"blocking": "danger", "warning": "warning", "info": "info"}
STATE_TONES = {"unreleased": "info", "released": "success", "archived": "muted", "deleted": "danger"}


@require_safe
def release_list(request: HttpRequest) -> HttpResponse:
    """The releases of every product, in tabs by state."""
    require(request.user, "releases.view_release")
    tab = next((tab for tab in TABS if tab[0] == request.GET.get("tab")), TABS[0])
    search = request.GET.get("q", "")[:100].replace("\x00", "")
    chosen = request.GET.get("product", "")[:50].replace("\x00", "")
    rows = selectors.listed_releases(product=chosen, search=search).filter(state__in=tab[2])
    day = F("release_date")
    order = day.asc(nulls_last=True) if tab[0] == "coming" else day.desc(nulls_last=True)
    page = Paginator(rows.order_by(order, "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "tab": tab[0], "tabs": TABS, "search": search, "chosen": chosen,
        "products": selectors.products_with_runs(), "lost_webhooks": selectors.lost_webhooks(),
        "may_sync": request.user.has_perm("releases.sync_release"), "today": timezone.now().date(),
    }  # fmt: skip
    return render(request, "releases/list.html", context)


@require_safe
def release_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One release: findings, issues by kind, what is left out and why, what changed."""
    require(request.user, "releases.view_release")
    release = get_object_or_404(Release.objects.select_related("product"), pk=pk)
    issues = selectors.current_issues(release)
    further = list(release.further_versions.all())
    found = selectors.findings_of(release, issues=issues, further=further, now=timezone.now())
    numbers = Snapshot.objects.filter(release=release).order_by("-number").values("number", "taken_at", "digest")
    context = {
        "release": release, "product": release.product,
        "findings": [(finding, LEVEL_TONES[finding.level]) for finding in found],
        "blocking": sum(1 for finding in found if finding.level == "blocking"),
        "groups": selectors.by_kind(issues), "parts": selectors.parts_of(release, issues, further),
        "excluded": [issue for issue in issues if issue.visibility == Issue.Visibility.INTERNAL],
        "problems": [issue for issue in issues if issue.known_problem and issue.visibility == "client"],
        "shown": sum(1 for issue in issues if issue.visibility == "client" and not issue.known_problem),
        "changes": selectors.changes_of(release), "snapshot": numbers.first(),
        "state_tone": STATE_TONES.get(release.state, "muted"),
        "may_sync": request.user.has_perm("releases.sync_release"),
        "may_decide": request.user.has_perm("releases.change_issue"),
    }  # fmt: skip
    return render(request, "releases/release.html", context)


@require_POST
def sync_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one release from Jira now."""
    release = get_object_or_404(Release.objects.select_related("product"), pk=pk)
    try:
        done = services.sync_release(release=release, by=request.user, now=timezone.now())
    except JiraError as error:
        again = " It may help to try again." if error.can_retry else ""
        messages.error(request, f"Not read: {error} What was read before is kept.{again}")
    else:
        facts = "The facts changed." if done.snapshot else "The facts are the same as before."
        said = f"Read {done.issues} issues from Jira; {done.changes} changes. {facts}"
        if done.problems:
            kept = "Their issues are as they were read before."
            messages.warning(request, f"{said} Not everything could be read: {done.problems} {kept}")
        else:
            messages.success(request, said)
    return redirect(release)


@require_POST
def sync_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a whole product from Jira now."""
    product = get_object_or_404(Product, pk=pk)
    run = services.sync(product=product, by=request.user, now=timezone.now())
    if run.outcome == SyncRun.Outcome.FAILED:
        messages.error(request, f"{product} was not read completely: {run.error} What was read before is kept.")
    else:
        what = f"{run.releases_seen} versions and {run.issues_seen} issues"
        messages.success(request, f"Read {what} of {product}; {run.changes} changes.")
    return redirect("releases:list")


@require_POST
def set_visibility(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an issue to clients, or keep it inside."""
    issue = get_object_or_404(Issue.objects.select_related("release"), pk=pk)
    visibility, reason = request.POST.get("visibility", ""), request.POST.get("reason", "")
    try:
        services.set_visibility(issue=issue, visibility=visibility, reason=reason, by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        what = "will be shown to clients" if visibility == Issue.Visibility.CLIENT else "stays inside"
        messages.success(request, f"{issue.key} {what}. Drafts made before rest on the older facts.")
    return redirect(issue.release)


@csrf_exempt
@login_not_required
@require_POST
def jira_webhook(request: HttpRequest) -> JsonResponse:
    """Jira's webhooks: store the hint, wake a worker, answer at once."""
    try:
        body: bytes = request.body
    except RequestDataTooBig:
        return JsonResponse({"detail": "The body is too large."}, status=413)
    received = webhooks.receive_webhook(body=body, headers=_headers(request), now=timezone.now())
    if received.status == 202:
        # Only a hint to hurry: the row is stored, and the next tick finds it without this message.
        with contextlib.suppress(OperationalError, OSError):
            tasks.process_webhooks.apply_async(expires=60, retry=False)
    return JsonResponse({"detail": received.detail}, status=received.status)


def _headers(request: HttpRequest) -> dict[str, Any]:
    return dict(request.headers.items())
