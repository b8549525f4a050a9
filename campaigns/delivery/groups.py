"""The page of dead letters: what failed or is unknown by e-mail and reason, an example, and a verdict on all of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns import states
from campaigns.delivery import actions, deciding, services
from campaigns.delivery.forms import GroupForm
from campaigns.delivery.reasons import labelled
from campaigns.permissions import require
from campaigns.planning.models import CampaignEmail

STATES = ("failed", "unknown")


@require_GET
def group_list(request: HttpRequest) -> HttpResponse:
    """Messages that wait for a person, by e-mail and reason."""
    require(request.user, "campaigns.view_message")
    return _page(request, request.GET.get("state", ""))


def _page(request: HttpRequest, state: str, refused: GroupForm | None = None) -> HttpResponse:
    state = state if state in STATES else STATES[0]
    verbs = [verb for verb in actions.message_actions(state, request.user) if verb.allowed]
    wrong = refused.data.get("group", "") if refused else ""
    rows = []
    for number, group in enumerate(deciding.groups(state), start=1):
        key = f"{group.email.pk}-{group.reason}"
        form = None
        if verbs:
            form = refused if key == wrong else GroupForm(actions=verbs, prefix=None, auto_id=f"id_{number}_%s")
        rows.append({"group": group, "label": labelled(group.reason), "form": form, "key": key, "open": key == wrong})
    return render(
        request,
        "delivery/groups.html",
        {"rows": rows, "state": state, "states": [states.MESSAGE[name] for name in STATES], "may_decide": bool(verbs)},
        status=422 if refused else 200,
    )


@require_POST
def decide(request: HttpRequest, email_id: int) -> HttpResponse:
    """A person's verdict on all messages of an e-mail that are in one state for one reason."""
    require(request.user, actions.DECIDE)
    email = get_object_or_404(CampaignEmail.objects.select_related("campaign__release__product"), pk=email_id)
    state = request.POST.get("state", "")
    form = GroupForm(request.POST, actions=actions.message_actions(state, request.user))
    if not form.is_valid():
        return _page(request, state, form)
    verdict = form.cleaned_data["verdict"]
    try:
        changed = services.decide_group(
            email=email,
            state=state,
            reason=form.cleaned_data["reason"],
            verdict=verdict,
            why=form.cleaned_data["why"],
            by=request.user,
            now=timezone.now(),
            until=actions.patience(),
        )
    except (services.DeliveryRefused, states.MoveRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        left = deciding.left(email, state, form.cleaned_data["reason"])
        messages.add_message(request, actions.level(changed), actions.told(verdict, changed, left))
    return redirect(f"{reverse('delivery:groups')}?state={state}")
