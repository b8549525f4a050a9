"""Addresses that must not be mailed: search, add, lift."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.audience import browsing, services
from campaigns.audience.forms import SuppressionForm, WhyForm
from campaigns.audience.models import Suppression
from campaigns.audience.views.carry_out import asked, carry_out
from campaigns.permissions import require


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Open or lifted suppressions, by address. POST: add one."""
    form = SuppressionForm(request.POST or None)
    if request.method == "POST" and carry_out(request, form, lambda typed: _add(request, typed)):
        return redirect("audience:suppressions")
    return _page(request, form=form)


def _add(request: HttpRequest, typed: dict[str, Any]) -> str:
    row = services.suppress(source="Suppression page", by=request.user, now=timezone.now(), **typed)
    return f"{typed['email'].strip()} is not mailed any more ({row.get_reason_display().lower()})."


@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an address be mailed again, with a reason."""
    suppression = get_object_or_404(Suppression, pk=pk)
    form = WhyForm(request.POST)

    def verb(typed: dict[str, Any]) -> str:
        services.lift_suppression(suppression=suppression, reason=typed["why"], by=request.user, now=timezone.now())
        return "The suppression was lifted. Consent is needed as before."

    if carry_out(request, form, verb):
        return redirect("audience:suppressions")
    return _page(request, form=SuppressionForm(), why=form, refused=pk)


def _page(request: HttpRequest, *, form: SuppressionForm, why: WhyForm | None = None, refused: int = 0) -> HttpResponse:
    require(request.user, "campaigns.view_suppression")
    text, state = asked(request, "q"), "lifted" if request.GET.get("state") == "lifted" else "open"
    page = browsing.page(
        browsing.suppressions(text, state=state),
        key="-id",
        after=asked(request, "after"),
        before=asked(request, "before"),
    )
    context = {"text": text, "state": state, "page": page, "form": form, "why": why or WhyForm(), "refused": refused}
    return render(request, "audience/suppressions.html", context, status=422 if form.errors or refused else 200)
