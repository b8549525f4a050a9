"""The page of one campaign: its four e-mails, findings, lists, balances, what came back, history.

It shows figures of every room of campaigns and of analytics, so it lies here, where everything may be imported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from analytics.selectors import Figures, figures_by_email
from campaigns import states
from campaigns.delivery import actions as delivery_actions
from campaigns.delivery.selectors import Balance, balances
from campaigns.models import Approval, Campaign, CampaignEmail, Revision
from campaigns.permissions import require
from campaigns.planning import actions, kept, selectors
from campaigns.planning.forms import TimeForm
from releases.selectors import findings_of


@dataclass
class EmailCard:
    """One of the four e-mails with all that its card shows."""

    email: CampaignEmail
    tone: str
    balance: Balance
    figures: Figures | None = None
    revision: Revision | None = None
    approval: Approval | None = None
    voided: Approval | None = None
    actions: list[actions.Action] = field(default_factory=list)
    sending: list[delivery_actions.Action] = field(default_factory=list)
    time_form: TimeForm | None = None

    @property
    def short_of(self) -> int:
        """How many fewer were mailed than the approval counted on; 0 until everybody has an end state."""
        if self.approval is None or not self.balance.adds_up or self.email.state != "sent":
            return 0
        return self.approval.audience_size - (self.balance.planned - self.balance.suppressed)

    @property
    def wrong(self) -> bool:
        """An e-mail that has ended although its balance does not add up: law 2 is broken and a person must know."""
        return states.EMAIL[self.email.state].final and bool(self.balance.planned) and not self.balance.adds_up


@require_GET
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Everything about one campaign, with the verbs that this person has."""
    require(request.user, "campaigns.view_campaign")
    found = get_object_or_404(
        Campaign.objects.select_related("release__product", "cadence", "owner").prefetch_related("lists"),
        pk=campaign_id,
    )
    now = timezone.now()
    verbs = actions.campaign_actions(found, request.user)
    shown = cards(found, user=request.user, now=now)
    return render(
        request,
        "planning/campaign.html",
        {
            "campaign": found,
            "product": found.release.product,
            "cards": shown,
            "anything_made": any(card.balance.planned for card in shown),
            "findings": findings_of(found.release, now=now),
            "actions": verbs,
            "stops": [verb for verb in verbs if verb.allowed and verb.needs_reason],
            "history": selectors.history(found),
            "kept": kept.take(request),
            "now": now,
        },
    )


def cards(campaign: Campaign, *, user: Any, now: dt.datetime) -> list[EmailCard]:
    """The e-mails of a campaign with balance, figures, newest text and approval, in a fixed number of queries."""
    emails = selectors.emails(campaign)
    ids = [email.pk for email in emails]
    sheets = balances(ids)
    came_back = figures_by_email(ids)
    revisions = _newest_revisions(ids)
    approvals = _newest_approvals(ids)
    found = []
    for email in emails:
        verbs = actions.email_actions(email, user, now=now)
        approval = approvals.get(email.pk)
        may_change_time = any(verb.name == "time" and verb.allowed for verb in verbs)
        found.append(
            EmailCard(
                email=email,
                tone=states.EMAIL[email.state].tone,
                balance=sheets[email.pk],
                figures=came_back.get(email.pk),
                revision=revisions.get(email.pk),
                approval=approval if approval and not approval.voided_at else None,
                voided=approval if approval and approval.voided_at else None,
                actions=verbs,
                sending=delivery_actions.email_actions(email, user),
                time_form=TimeForm(email=email) if may_change_time else None,
            )
        )
    return found


def _newest_revisions(email_ids: Iterable[int]) -> dict[int, Revision]:
    rows = Revision.objects.filter(email__in=list(email_ids)).select_related("author").defer("blocks")
    newest: dict[int, Revision] = {}
    for revision in rows.order_by("number"):
        newest[revision.email_id] = revision
    return newest


def _newest_approvals(email_ids: Iterable[int]) -> dict[int, Approval]:
    """By e-mail. Of one that ended in mid-send it is void, but it is what sent the part that went out."""
    rows = Approval.objects.filter(email__in=list(email_ids), decision=Approval.Decision.APPROVED)
    return {approval.email_id: approval for approval in rows.select_related("by").order_by("pk")}
