"""Home, the answers for what went wrong, and the question whether the service is alive."""

from __future__ import annotations

import re
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from relmail import desk, roles

_PERMISSION = re.compile(r"[a-z_]+\.[a-z_]+")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The desk: what awaits me, what goes out next, what went wrong. A person without a role sees none of it."""
    now = timezone.now()
    if not request.user.has_perm("campaigns.view_campaign"):
        return render(request, "home.html", {"now": now, "stranger": True})
    context = {
        "awaiting": desk.awaits(request.user),
        "coming": desk.coming(now=now),
        "troubles": desk.troubles(request.user),
        "now": now,
    }
    return render(request, "home.html", context)


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
