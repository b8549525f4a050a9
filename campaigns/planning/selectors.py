"""Reads of the planning room: the list of campaigns, one campaign with what its page needs, the times of a plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Min, Q, QuerySet

from campaigns import states
from campaigns.audience.rule import Rule
from campaigns.planning import times
from campaigns.planning.models import Cadence, Campaign, CampaignEmail, Transition
from releases.models import Release


def campaigns(*, state: str = "", product: str = "", text: str = "") -> QuerySet[Campaign]:
    """Campaigns, the one whose next e-mail is due soonest first, ended ones after them.

    Args:
        state: a state of states.CAMPAIGN, or empty for all.
        product: a Jira project key, or empty for all.
        text: looked for in the names of product and release.
    """
    found = Campaign.objects.select_related("release__product", "owner").prefetch_related("emails", "lists")
    if state in states.CAMPAIGN:
        found = found.filter(state=state)
    if product:
        found = found.filter(release__product__jira_key=product)
    if text:
        found = found.filter(Q(release__name__icontains=text) | Q(release__product__name__icontains=text))
    next_at = Min("emails__send_at", filter=Q(emails__state__in=[*states.UNSENT, "sending", "paused"]))
    return found.annotate(next_at=next_at).order_by(F("next_at").asc(nulls_last=True), "-created_at", "-pk")


def audience_rule(email: CampaignEmail) -> Rule:
    """Whom an e-mail goes to: the lists of its campaign, or for a correction those who received what it corrects."""
    product_id = email.campaign.release.product_id
    if email.correction_of_id is not None:
        return Rule(product_id, received=email.correction_of_id)
    return Rule(product_id, tuple(sorted(email.campaign.lists.values_list("pk", flat=True))))


def emails(campaign: Campaign) -> list[CampaignEmail]:
    """The e-mails of a campaign in their order, each knowing the campaign that was handed in."""
    found = list(campaign.emails.select_related("template_version__template", "locked_by").order_by("position"))
    for email in found:
        email.campaign = campaign
    return found


def history(campaign: Campaign, *, limit: int = 60) -> list[Transition]:
    """The newest lines of a campaign's history, its e-mails included."""
    return list(campaign.transitions.select_related("by", "email").order_by("-at", "-pk")[:limit])


@dataclass(frozen=True)
class PlannedStep:
    """One line of the preview of a plan. `late` when its moment has passed and it would be held."""

    label: str
    template: str
    send_at: dt.datetime | None
    needs_release: bool
    late: bool


def preview(*, release: Release, cadence: Cadence, now: dt.datetime) -> list[PlannedStep]:
    """What `plan` would make of a release with this cadence, without making it."""
    anchor_at = now if cadence.anchor == Cadence.Anchor.PLANNED_AT else None
    found = []
    for step in cadence.steps.select_related("cadence", "template").order_by("position"):
        moment = times.send_at(
            step, release_date=release.release_date, anchor_at=anchor_at, zone=release.product.time_zone
        )
        late = moment is not None and moment + cadence.late_after < now
        found.append(PlannedStep(step.get_kind_display(), step.template.name, moment, step.needs_release, late))
    return found
