"""Templates for operators: to read, to publish and to go back. Texts are written on the pages, which try them out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from templates import services
from templates.models import EmailTemplate, EmailTemplateVersion
from templates.permissions import PUBLISH
from templates.services import TemplateRefused


@admin.register(EmailTemplate)
class EmailTemplateAdmin(admin.ModelAdmin):
    """Name, step and description; templates are made on the pages and never deleted, as sent mails rest on them."""

    list_display = ("name", "step", "slug", "created_at")
    list_filter = ("step",)
    search_fields = ("name", "slug", "description")
    readonly_fields = ("slug", "step", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A template begins with a draft, on the pages."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(EmailTemplateVersion)
class EmailTemplateVersionAdmin(admin.ModelAdmin):
    """Every version, to read; the actions call the services."""

    list_display = ("template", "number", "state", "published_at", "published_by", "note")
    list_filter = ("state", "template")
    search_fields = ("template__name", "note", "digest")
    list_select_related = ("template", "published_by")
    date_hierarchy = "created_at"
    actions = ("publish", "publish_again")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A version begins on the pages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Read-only: a published version never changes, a draft has its editor."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether the actions are offered; the services ask again."""
        return bool(request.user.has_perm(PUBLISH))

    @admin.action(description="Publish the chosen draft", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[EmailTemplateVersion]) -> None:
        """Freeze the chosen drafts."""
        self._each(request, queryset, services.publish, "is published")

    @admin.action(description="Go back: publish the chosen version again", permissions=["publish"])
    def publish_again(self, request: HttpRequest, queryset: QuerySet[EmailTemplateVersion]) -> None:
        """The chosen versions' texts under new numbers."""
        self._each(request, queryset, services.publish_again, "is published as the current version")

    def _each(self, request: HttpRequest, queryset: QuerySet[EmailTemplateVersion], verb: Any, done: str) -> None:
        for version in queryset.select_related("template"):
            try:
                result = verb(version=version, by=request.user, now=timezone.now())
            except TemplateRefused as refused:
                self.message_user(request, " ".join([str(refused), *refused.problems]), messages.ERROR)
            else:
                self.message_user(request, f"{result} {done}.", messages.SUCCESS)
