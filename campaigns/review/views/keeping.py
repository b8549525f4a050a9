"""What the page keeps beside the text: words not saved yet, why an issue is left out, what the links answered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.permissions import require
from campaigns.planning.models import CampaignEmail
from campaigns.review import services
from campaigns.review.models import LinkCheck
from campaigns.review.refusals import ReviewRefused
from campaigns.review.typed import Typed
from campaigns.review.views.page import VIEW, found
from campaigns.review.views.verbs import carry_out, held

# Releases have some hundred issues; more than this at once is no decision.
MOST_LEFT_OUT = 2000


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed so far; the page asks for it a moment after each change. `forget` throws it away."""
    require(request.user, VIEW)
    email = found(pk)
    if request.POST.get("forget"):
        services.forget_text(email=email, by=request.user)
        return HttpResponse(status=204)
    try:
        services.keep_text(email=email, typed=Typed.from_form(request.POST), by=request.user, now=timezone.now())
    except ReviewRefused as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    # Who types still writes, however long ago the field got the focus.
    return held(request, email)


@require_POST
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why the ticked issues are left out, or take that back."""
    keys, reason, by = request.POST.getlist("key"), request.POST.get("reason", ""), request.user
    if request.POST.get("all"):  # as the page listed them: what came since is not decided with it
        keys = request.POST.get("every", "").split()
    keys = keys[:MOST_LEFT_OUT]
    if request.POST.get("again"):
        return carry_out(
            request, pk,
            lambda email: services.mention_again(email=email, key="".join(keys[:1]), by=by, now=timezone.now()),
            f"{', '.join(keys[:1])} is undecided again.",
        )  # fmt: skip
    return carry_out(
        request, pk,
        lambda email: services.leave_out(email=email, keys=keys, reason=reason, by=by, now=timezone.now()),
        f"{len(keys)} left out; the reason is kept.", kept={"leaving_out": keys, "leave_reason": reason},
    )  # fmt: skip


@require_POST
def check_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Try every link of the mail."""
    found: list[LinkCheck] = []

    def act(email: CampaignEmail) -> None:
        found.extend(services.check_links(email=email, by=request.user, now=timezone.now()))

    return carry_out(request, pk, act, lambda: _tried(found))


def _tried(found: list[LinkCheck]) -> str:
    """What a check of the links came to."""
    if not found:
        return "There is no link to try."
    failed = sum(bool(row.problem) for row in found)
    left = sum(not row.tried for row in found)
    parts = [f"{len(found) - failed - left} open"]
    parts += [f"{failed} could not be opened"] if failed else []
    parts += [f"{left} {'was' if left == 1 else 'were'} not tried"] if left else []
    return f"Links: {', '.join(parts)}. What each answered stands among the checks."
