"""Texts and runs for operators: to look at, never to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns.drafting import services
from campaigns.drafting.models import DraftRun, Revision
from campaigns.drafting.openai_drafter import DraftFailed


class ReadOnlyAdmin(admin.ModelAdmin):
    """A page of rows that only the product itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are never edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are kept: approvals and figures name them."""
        return False


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Every text that an e-mail ever had."""

    list_display = ("email", "number", "subject", "drafter", "author", "created_at")
    list_filter = ("drafter", "created_at")
    list_select_related = ("email__campaign__release__product", "author")
    search_fields = ("subject", "why", "digest", "email__campaign__release__name")
    date_hierarchy = "created_at"


@admin.register(DraftRun)
class DraftRunAdmin(ReadOnlyAdmin):
    """Every run of a drafter, with its cost and its end."""

    list_display = (
        "at", "email", "drafter", "outcome", "error_kind", "input_tokens", "output_tokens", "seconds", "prompt_version",
    )  # fmt: skip
    list_filter = ("outcome", "drafter", "error_kind", "prompt_version", "at")
    list_select_related = ("email__campaign__release__product",)
    search_fields = ("error", "request_id", "model", "snapshot_digest", "email__campaign__release__name")
    date_hierarchy = "at"
    actions = ("test_the_connection",)

    @admin.action(description="Test the connection to the model", permissions=["view"])
    def test_the_connection(self, request: HttpRequest, queryset: QuerySet[DraftRun]) -> None:
        """Ask the model for two fields and show how it went."""
        try:
            self.message_user(request, services.test_connection(by=request.user), messages.SUCCESS)
        except DraftFailed as problem:
            self.message_user(request, problem.text, messages.ERROR)
