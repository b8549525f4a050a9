"""The planning room for operators: cadences to change, campaigns and their e-mails to hold and give back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from campaigns import states
from campaigns.paging import BoundedPaginator, LargeList
from campaigns.planning import services
from campaigns.planning.models import Cadence, CadenceStep, Campaign, CampaignEmail, Transition


class ReadOnly(admin.ModelAdmin):
    """Look, search, filter. Rows are written by services alone, which leave a line of history for each change."""

    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def apply(self, request: HttpRequest, rows: QuerySet[Any], verb: Callable[[Any], None], done: str) -> None:
        """Call a service for each chosen row; say how many it changed and what was refused."""
        changed = 0
        for row in rows:
            try:
                verb(row)
                changed += 1
            except (services.PlanRefused, states.MoveRefused) as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.WARNING)
        if changed:
            self.message_user(request, f"{changed} {done}.", messages.SUCCESS)


class StepInline(admin.TabularInline):
    """The steps of a cadence."""

    model = CadenceStep
    extra = 0
    ordering = ("position",)


@admin.register(Cadence)
class CadenceAdmin(admin.ModelAdmin):
    """Plans. A change holds for campaigns planned after it; those that exist keep their times until Jira moves them."""

    list_display = ("name", "product", "anchor", "is_default", "plan_from_days", "late_after")
    list_filter = ("anchor", "is_default")
    list_select_related = ("product",)
    search_fields = ("name", "product__name")
    inlines = (StepInline,)


@admin.register(Campaign)
class CampaignAdmin(ReadOnly):
    """Campaigns with their state; the page of each has the rest."""

    list_display = ("release", "state", "hold_reason", "cadence", "planned_for", "owner", "created_at")
    list_filter = ("state", "cadence", "release__product")
    list_select_related = ("release__product", "cadence", "owner")
    search_fields = ("release__name", "release__product__name", "hold_reason")
    date_hierarchy = "created_at"
    actions = ("hold", "resume")

    @admin.action(description="Hold the chosen campaigns")
    def hold(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        """Nothing of them starts until they are given back."""
        why = f"Held in the admin by {request.user}."
        self.apply(
            request,
            queryset,
            lambda row: services.hold_campaign(campaign=row, why=why, by=request.user, now=timezone.now()),
            "held",
        )

    @admin.action(description="Let the chosen campaigns go on")
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        """What became late meanwhile is held by the next tick."""
        self.apply(
            request,
            queryset,
            lambda row: services.resume_campaign(campaign=row, by=request.user, now=timezone.now()),
            "go on",
        )


@admin.register(CampaignEmail)
class CampaignEmailAdmin(ReadOnly):
    """The e-mails of all campaigns, by state and time."""

    list_display = ("campaign", "step", "state", "state_reason", "send_at", "state_since", "template_version")
    list_filter = ("state", "step", "campaign__release__product")
    list_select_related = ("campaign__release__product", "template_version__template")
    search_fields = ("campaign__release__name", "campaign__release__product__name", "state_reason")
    date_hierarchy = "send_at"
    ordering = ("-send_at",)
    actions = ("hold", "resume")

    @admin.action(description="Hold the chosen e-mails")
    def hold(self, request: HttpRequest, queryset: QuerySet[CampaignEmail]) -> None:
        """They wait until a person gives them back."""
        why = f"Held in the admin by {request.user}."
        self.apply(
            request,
            queryset,
            lambda row: services.hold_email(email=row, why=why, by=request.user, now=timezone.now()),
            "held",
        )

    @admin.action(description="Give the chosen e-mails back to the work")
    def resume(self, request: HttpRequest, queryset: QuerySet[CampaignEmail]) -> None:
        """They return to where they were, never straight to the sender."""
        self.apply(
            request,
            queryset,
            lambda row: services.resume_email(email=row, by=request.user, now=timezone.now()),
            "given back",
        )


@admin.register(Transition)
class TransitionAdmin(LargeList, ReadOnly):
    """Every change of state: who, when, from, to, why."""

    list_display = ("at", "what", "email", "campaign", "before", "after", "by", "why")
    list_filter = ("what",)
    list_select_related = ("email__campaign__release__product", "campaign__release__product", "by")
    search_fields = ("why", "by__username", "campaign__release__name")
