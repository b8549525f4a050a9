"""The steps around a decision: hold, give back, choose a time, still true, in an emergency, correct what went out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.permissions import require
from campaigns.planning import services as planning
from campaigns.planning.forms import TimeForm
from campaigns.planning.models import CampaignEmail
from campaigns.review import services, times
from campaigns.review.refusals import ReviewRefused
from campaigns.review.seen import Seen
from campaigns.review.views.page import VIEW, found
from campaigns.review.views.verbs import carry_out, refused


@require_POST
def break_glass(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve in an emergency."""
    reason = request.POST.get("reason", "")
    return carry_out(
        request, pk,
        lambda email: services.approve_break_glass(
            email=email, seen=Seen.from_form(request.POST), ticked=request.POST.getlist("ticked"),
            reason=reason, by=request.user, now=timezone.now(),
        ),
        "Approved in an emergency. Everybody who works on it sees the reason.", kept={"emergency_reason": reason},
    )  # fmt: skip


@require_POST
def still_true(request: HttpRequest, pk: int) -> HttpResponse:
    """The facts changed and the text is true all the same."""
    reason = request.POST.get("reason", "")
    return carry_out(
        request, pk,
        lambda email: services.still_true(
            email=email, seen=Seen.from_form(request.POST), reason=reason, by=request.user, now=timezone.now()
        ),
        "Still true: approved on the new facts.", kept={"still_reason": reason},
    )  # fmt: skip


@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep it back."""
    why = request.POST.get("why", "").strip()

    def act(email: CampaignEmail) -> None:
        require(request.user, "campaigns.hold_campaign")
        planning.hold_email(email=email, why=_said(why, "held"), by=request.user, now=timezone.now())

    return carry_out(request, pk, act, "Held. It goes nowhere until somebody gives it back.")


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it back to the work."""
    return carry_out(
        request, pk, lambda email: planning.resume_email(email=email, by=request.user, now=timezone.now()),
        "Given back to the work.",
    )  # fmt: skip


@require_POST
def back_to_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a held e-mail a draft again."""
    why = request.POST.get("why", "")
    return carry_out(
        request, pk,
        lambda email: services.back_to_draft(email=email, why=why, by=request.user, now=timezone.now()),
        "It is a draft again.",
    )  # fmt: skip


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel what has not started."""
    why = request.POST.get("why", "").strip()

    def act(email: CampaignEmail) -> None:
        require(request.user, "campaigns.hold_campaign")
        planning.cancel_email(email=email, why=_said(why, "cancelled"), by=request.user, now=timezone.now())

    return carry_out(request, pk, act, "Cancelled.")


@require_POST
def set_time(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a time: one of those that one click chooses, or a day and an hour."""
    now = timezone.now()
    said = ["The new time is set."]

    def act(email: CampaignEmail) -> None:
        require(request.user, "campaigns.plan_campaign")
        before = email.state
        zone = email.campaign.release.product.time_zone
        chosen = {moment.name: moment.at for moment in times.moments(now, zone)}.get(request.POST.get("moment", ""))
        if chosen is None:
            form = TimeForm(request.POST, email=email)
            if not form.is_valid():
                raise ReviewRefused(str(next(iter(form.errors.values()))[0]))
            chosen = form.moment()
        planning.set_send_at(email=email, send_at=chosen, by=request.user, now=now)
        if before == "held" and email.state != "held":
            said.append(f"It is no longer held: {email.get_state_display().lower()}.")
        elif before == "held":
            said.append("It stays held.")

    return carry_out(request, pk, act, lambda: " ".join(said))


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft a correction, stop the rest of the series, and go to the correction."""
    require(request.user, VIEW)
    try:
        correction = services.correct(email=found(pk), by=request.user, now=timezone.now())
    except ReviewRefused as refusal:
        return refused(request, pk, refusal, {})
    messages.success(
        request, "The correction is drafted and the rest of the series is stopped. Say what is right, then submit it."
    )
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = correction.get_absolute_url()
        return answer
    return redirect(correction)


def _said(why: str, done: str) -> str:
    if not why:
        raise ReviewRefused(f"Say why it is {done}: the reason is shown beside the state. Nothing was changed.")
    return why[:300]
