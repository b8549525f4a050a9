"""Home, the answers for what went wrong, and the question whether the service is alive."""

from __future__ import annotations

import re
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.models import CampaignEmail
from campaigns.permissions import require
from relmail import agenda, desk, roles, search

_PERMISSION = re.compile(r"[a-z_]+\.[a-z_]+")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The desk: what awaits me, what goes out next, what went wrong. A person without a role sees none of it."""
    now = timezone.now()
    if not request.user.has_perm("campaigns.view_campaign"):
        return render(request, "home.html", {"now": now, "stranger": True})
    tasks = desk.awaits(request.user, now=now)
    approver = request.user.has_perm("campaigns.approve_campaignemail")
    queue = [task for task in tasks if approver and task.email.state == "in_review"]
    others = [task for task in tasks if not (approver and task.email.state == "in_review")]
    stopped, whole = desk.stopped(request.user), request.GET.get("all", "")
    context = {
        "approver": approver,
        "queue": queue,
        "awaiting": others,
        "stopped": stopped,
        "others": len(stopped) + len(others),
        # A count leads to its own list, with all that it counts.
        "most_of_queue": len(queue) if whole == "queue" else desk.SHOWN,
        "most_of_others": len(others) if whole == "awaits" else desk.SHOWN,
        "agenda": agenda.agenda(now=now, whole=whole == "coming"),
        "troubles": desk.troubles(request.user),
        "something_held": bool(stopped) or any(task.email.state == "held" for task in others),
        "now": now,
    }
    return render(request, "home.html", context)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The next 14 days with the people counted whom two e-mails of a day share; home fetches it after it is shown."""
    require(request.user, "campaigns.view_campaign")
    now = timezone.now()
    found = agenda.agenda(now=now, counted=True, whole=request.GET.get("all") == "coming")
    return render(request, "parts/agenda.html", {"agenda": found, "now": now})


@require_safe
def clashes(request: HttpRequest, pk: int) -> HttpResponse:
    """What else reaches people of an e-mail's lists on its day; its page fetches it beside the time."""
    require(request.user, "campaigns.view_campaign")
    email = get_object_or_404(CampaignEmail.objects.select_related("campaign__release__product"), pk=pk)
    return render(request, "parts/clashes.html", {"clashes": agenda.clashes_of(email, now=timezone.now())})


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """The search over releases, campaigns, clients and contacts."""
    require(request.user, "campaigns.view_campaign")
    text = request.GET.get("q", "").replace("\0", "").strip()[: search.LONGEST]
    groups = search.search(text, request.user)
    return render(request, "search.html", {"text": text, "searched": text, "groups": groups})


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok" while the database answers, 503 otherwise. For load balancers; says nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: which role would be needed. Services refuse with the permission as the only word of PermissionDenied."""
    words = str(exception or "")
    if not words or _PERMISSION.fullmatch(words):
        words = roles.refusal(words)
    return render(request, "403.html", {"refusal": words}, status=HTTPStatus.FORBIDDEN)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, without a word about what exists elsewhere."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: nothing was changed, send it again."""
    return render(request, "csrf.html", {"reason": reason}, status=HTTPStatus.FORBIDDEN)
