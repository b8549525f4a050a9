"""Pages of the planning room: the list of campaigns, planning one, and the verbs of a campaign and its e-mails.

The page of one campaign shows figures of every room and of analytics, so relmail/campaign_page.py puts it together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import states
from campaigns.audience.selectors import audience_sum
from campaigns.permissions import require
from campaigns.planning import kept, selectors, services
from campaigns.planning.forms import ListsForm, PlanForm, ReasonForm, TimeForm
from campaigns.planning.models import Cadence, Campaign, CampaignEmail
from releases.models import Product, Release

PAGE = 25


@require_GET
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Every campaign with the states of its e-mails, the one that sends next first."""
    require(request.user, "campaigns.view_campaign")
    chosen = {name: request.GET.get(name, "").strip()[:100] for name in ("state", "product", "text")}
    page = Paginator(selectors.campaigns(**chosen), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "planning/list.html",
        {
            "page": page,
            "chosen": chosen,
            "states": states.CAMPAIGN.values(),
            "products": Product.objects.values_list("jira_key", "name"),
        },
    )


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, release_id: int) -> HttpResponse:
    """Choose cadence and lists for a release; shows the four times before anything is made."""
    require(request.user, "campaigns.plan_campaign")
    release = get_object_or_404(Release.objects.select_related("product"), pk=release_id)
    existing = Campaign.objects.filter(release=release).first()
    if existing is not None:
        messages.info(request, f"{release} has a campaign already; this is it.")
        return redirect(existing)
    now = timezone.now()
    form = PlanForm(request.POST if request.method == "POST" else None, release=release)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = services.plan(
                release=release,
                cadence=form.cleaned_data["cadence"],
                lists=form.cleaned_data["lists"],
                by=request.user,
                now=now,
            )
        except services.PlanRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The campaign of {release} is planned. The drafts are written next.")
            return redirect(campaign)
    wanted = request.GET.get("cadence") or request.POST.get("cadence") or ""
    cadence = Cadence.objects.filter(pk=wanted).first() if wanted.isdigit() else services.cadence_for(release)
    steps = selectors.preview(release=release, cadence=cadence, now=now) if cadence else []
    template = "planning/plan.html#steps" if request.htmx else "planning/plan.html"  # type: ignore[attr-defined]
    status = 422 if form.errors else 200
    return render(
        request, template, {"release": release, "form": form, "steps": steps, "cadence": cadence}, status=status
    )


@require_GET
def audience(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The sum of a campaign's audience, fetched by its page after it is shown: counting a million takes a moment."""
    require(request.user, "campaigns.view_contact")
    campaign = get_object_or_404(Campaign.objects.select_related("release"), pk=campaign_id)
    total = audience_sum(
        list_ids=list(campaign.lists.values_list("pk", flat=True)),
        product_id=campaign.release.product_id,
        now=timezone.now(),
    )
    return render(request, "planning/audience.html", {"campaign": campaign, "total": total})


@require_GET
def choose_lists(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The form that chooses the lists, with how many people are on each; the campaign's page fetches it when opened."""
    require(request.user, "campaigns.plan_campaign")
    campaign = get_object_or_404(Campaign.objects.select_related("release__product"), pk=campaign_id)
    form = ListsForm(initial={"lists": list(campaign.lists.values_list("pk", flat=True))})
    template = "planning/lists.html#form" if request.htmx else "planning/lists.html"  # type: ignore[attr-defined]
    return render(request, template, {"campaign": campaign, "form": form})


@require_POST
def change_campaign(request: HttpRequest, campaign_id: int, verb: str) -> HttpResponse:
    """Hold, resume or cancel a campaign, or choose its lists."""
    campaign = get_object_or_404(Campaign.objects.select_related("release__product"), pk=campaign_id)
    return _answer(request, campaign, f"campaign-{verb}", lambda: _change_campaign(request, campaign, verb))


def _change_campaign(request: HttpRequest, campaign: Campaign, verb: str) -> str:
    by, now = request.user, timezone.now()
    if verb == "lists":
        lists = _read(ListsForm(request.POST))["lists"]
        services.set_lists(campaign=campaign, lists=lists, by=by, now=now)
        return "The lists are changed."
    if verb == "resume":
        services.resume_campaign(campaign=campaign, by=by, now=now)
        return "The campaign goes on."
    why = _read(ReasonForm(request.POST))["why"]
    if verb == "hold":
        services.hold_campaign(campaign=campaign, why=why, by=by, now=now)
        return "The campaign is held. Nothing of it starts until somebody lets it go on."
    services.cancel_campaign(campaign=campaign, why=why, by=by, now=now)
    return "The campaign is cancelled."


@require_POST
def change_email(request: HttpRequest, email_id: int, verb: str) -> HttpResponse:
    """Hold, give back or cancel one e-mail, or change its time."""
    email = get_object_or_404(CampaignEmail.objects.select_related("campaign__release__product"), pk=email_id)
    return _answer(request, email.campaign, f"email-{email.pk}-{verb}", lambda: _change_email(request, email, verb))


def _change_email(request: HttpRequest, email: CampaignEmail, verb: str) -> str:
    by, now, name = request.user, timezone.now(), email.get_step_display()
    if verb == "time":
        form = TimeForm(request.POST, email=email)
        _read(form)
        services.set_send_at(email=email, send_at=form.moment(), by=by, now=now)
        return f"{name} has its new time."
    if verb == "resume":
        services.resume_email(email=email, by=by, now=now)
        return f"{name} is back in the work: {email.get_state_display().lower()}."
    why = _read(ReasonForm(request.POST))["why"]
    if verb == "hold":
        services.hold_email(email=email, why=why, by=by, now=now)
        return f"{name} is held."
    services.cancel_email(email=email, why=why, by=by, now=now)
    return f"{name} is cancelled."


def _read(form: Form) -> dict[str, Any]:
    """What was typed; a mistake is refused in the words of the form."""
    if not form.is_valid():
        raise services.PlanRefused(str(next(iter(form.errors.values()))[0]))
    return form.cleaned_data


def _answer(request: HttpRequest, campaign: Campaign, form: str, change: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, change())
    except (services.PlanRefused, states.MoveRefused) as refusal:
        messages.error(request, str(refusal))
        kept.keep(request, form)
    # Asked from the page of one of its e-mails, it goes on there.
    asked = request.POST.get("email", "")
    email = campaign.emails.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 10 else None
    return redirect(email or campaign)
