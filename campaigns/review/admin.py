"""The review room for operators: what was approved, by whom and what became of it; and the seed list."""

from __future__ import annotations

from django.contrib import admin

from campaigns.drafting.admin import ReadOnlyAdmin
from campaigns.review.models import Approval, Comment, Rendition, SeedAddress, Waiver


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """Decisions, with when and why they were voided."""

    list_display = (
        "email",
        "decision",
        "by",
        "at",
        "voided_at",
        "void_reason",
        "send_at",
        "audience_size",
        "break_glass",
    )
    list_filter = ("decision", "break_glass", "at", "voided_at")
    search_fields = ("email__campaign__release__name", "by__username", "comment", "rendition__digest")
    list_select_related = ("email__campaign__release__product", "by")
    date_hierarchy = "at"


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    """The frozen bytes."""

    list_display = ("email", "short_digest", "subject", "template_version", "created_at")
    search_fields = ("digest", "subject", "email__campaign__release__name")
    list_select_related = ("email__campaign__release__product", "template_version__template")
    date_hierarchy = "created_at"

    @admin.display(description="digest", ordering="digest")
    def short_digest(self, rendition: Rendition) -> str:
        """Enough of it to compare by eye."""
        return rendition.digest[:12]


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin):
    """Findings that were let pass, and why."""

    list_display = ("email", "rule", "message", "words", "revision_number", "reason", "by", "at")
    list_filter = ("rule", "at")
    search_fields = ("message", "reason", "by__username")
    list_select_related = ("email__campaign__release__product", "by")


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """The discussion."""

    list_display = ("email", "block", "body", "author", "at", "resolved_at")
    list_filter = ("resolved_at", "at")
    search_fields = ("body", "author__username")
    list_select_related = ("email__campaign__release__product", "author")


@admin.register(SeedAddress)
class SeedAddressAdmin(admin.ModelAdmin):
    """Mailboxes of the house with other providers, which get tests."""

    list_display = ("address", "product", "note")
    list_filter = ("product",)
    search_fields = ("address", "note")
    list_select_related = ("product",)
