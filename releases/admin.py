"""The operator's view of what was read from Jira. Facts are read-only; actions call the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from releases import product_services, services
from releases.jira import JiraError
from releases.models import (
    FurtherVersion,
    Issue,
    Product,
    Release,
    ReleaseChange,
    Snapshot,
    SyncRun,
    WebhookDelivery,
    WebhookRegistration,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only a service or Jira may change."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


class LongListAdmin(ReadOnlyAdmin):
    """Rows that come every few minutes for years: one order, and nothing that reads them all beside it."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-id",)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """Products can be changed and switched off here, by the same service as on their page, and not deleted.

    Taking one in asks Jira, so do further projects, and what its fields mean is confirmed beside samples: all have
    pages of their own.
    """

    list_display = ("name", "jira_key", "sender_email", "time_zone", "active", "synced_at")
    list_filter = ("active",)
    search_fields = ("name", "jira_key", "sender_email")
    readonly_fields = (
        "jira_key", "further_keys", "field_mapping", "release_note_field", "mapping_confirmed_at",
        "mapping_confirmed_by", "synced_at",
    )  # fmt: skip
    actions = ("sync_now",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switch it off instead."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The page that asks Jira."""
        return redirect("releases:add_product")

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """What was changed, and nothing else."""
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        product_services.change_product(product=obj, by=request.user, now=timezone.now(), **changed)

    def log_change(self, request: HttpRequest, obj: Product, message: Any) -> Any:
        """Nothing: the service has written the line of the history."""

    @admin.action(description="Read the chosen products from Jira now", permissions=["sync"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Read each chosen product."""
        for product in queryset:
            run = services.sync(product=product, by=request.user, now=timezone.now())
            if run.outcome == SyncRun.Outcome.FAILED:
                self.message_user(request, f"{product}: {run.error} What was read before is kept.", messages.ERROR)
            else:
                self.message_user(request, f"{product}: {run.releases_seen} versions, {run.issues_seen} issues.")

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Who may read from Jira."""
        return request.user.has_perm("releases.sync_release")


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """Versions as read from Jira."""

    list_display = (
        "name", "product", "state", "release_date", "issue_count", "synced_at", "has_problem", "date_problem",
    )  # fmt: skip
    list_filter = ("state", "product")
    list_select_related = ("product",)
    search_fields = ("name", "jira_id", "product__name", "product__jira_key")
    date_hierarchy = "release_date"
    actions = ("sync_now",)

    @admin.display(boolean=True, description="problem")
    def has_problem(self, release: Release) -> bool:
        """Whether the last reading had one."""
        return bool(release.sync_error)

    @admin.action(description="Read the chosen releases from Jira now", permissions=["sync"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Release]) -> None:
        """Read each chosen release, however old."""
        for release in queryset.select_related("product"):
            try:
                done = services.sync_release(release=release, by=request.user, now=timezone.now())
            except JiraError as error:
                self.message_user(request, f"{release}: {error} What was read before is kept.", messages.ERROR)
            else:
                missing = f" Not read: {done.problems}" if done.problems else ""
                level = messages.WARNING if missing else messages.SUCCESS
                self.message_user(request, f"{release}: {done.issues} issues, {done.changes} changes.{missing}", level)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Who may read from Jira."""
        return request.user.has_perm("releases.sync_release")


@admin.register(FurtherVersion)
class FurtherVersionAdmin(ReadOnlyAdmin):
    """What further projects have of releases, and why one could not be read."""

    list_display = ("release", "project_key", "jira_id", "state", "release_date", "read_at", "problem")
    list_filter = ("state",)
    list_select_related = ("release__product",)
    search_fields = ("release__name", "project_key", "jira_id")


@admin.register(Issue)
class IssueAdmin(ReadOnlyAdmin):
    """Issues; whether clients may see one is decided on the page of its release, with a reason."""

    list_display = ("key", "summary", "release", "kind", "status", "visibility", "visibility_reason", "removed_at")
    list_filter = ("kind", "visibility", "done", "release__product")
    list_select_related = ("release__product",)
    search_fields = ("key", "summary", "note")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    """Frozen facts."""

    list_display = ("release", "number", "digest", "taken_at")
    list_select_related = ("release__product",)
    search_fields = ("release__name", "digest")


@admin.register(ReleaseChange)
class ReleaseChangeAdmin(ReadOnlyAdmin):
    """What Jira or a person changed."""

    list_display = ("at", "release", "what", "before", "after", "by")
    list_filter = ("what",)
    list_select_related = ("release__product", "by")
    search_fields = ("release__name", "before", "after")
    date_hierarchy = "at"


@admin.register(SyncRun)
class SyncRunAdmin(LongListAdmin):
    """Readings and how they ended."""

    list_display = ("started_at", "product", "outcome", "releases_seen", "issues_seen", "changes", "can_retry", "error")
    list_filter = ("outcome", "product")
    list_select_related = ("product",)
    search_fields = ("error",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LongListAdmin):
    """Webhooks as they came, refused ones included."""

    list_display = ("received_at", "event", "project_key", "version_id", "state", "detail")
    list_filter = ("state", "event")
    search_fields = ("identifier", "project_key", "version_id", "detail")


@admin.register(WebhookRegistration)
class WebhookRegistrationAdmin(ReadOnlyAdmin):
    """Webhooks that an app registered over REST: until when they live, and what went wrong with renewing them."""

    list_display = ("jira_id", "state", "expires_at", "renewed_at", "checked_at", "error")
    list_filter = ("state",)
    search_fields = ("jira_id", "jql", "error")
