"""Texts, runs and evaluations for operators: to look at; a version of the prompts that passed can be put live."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.drafting import prompt_services, prompt_versions, services, spending
from campaigns.drafting.models import DraftRun, PromptEvaluation, Revision
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
        "at", "email", "drafter", "outcome", "error_kind", "input_tokens", "output_tokens", "cost_shown", "seconds",
        "prompt_version",
    )  # fmt: skip
    list_filter = ("outcome", "drafter", "error_kind", "prompt_version", "at")
    list_select_related = ("email__campaign__release__product",)
    search_fields = ("error", "request_id", "model", "snapshot_digest", "email__campaign__release__name")
    date_hierarchy = "at"

    def get_urls(self) -> list[URLPattern]:
        """The list's own and that of its button: an action would need a run to tick, which a new system lacks."""
        ask = self.admin_site.admin_view(require_POST(self.test_connection))
        return [path("test-connection/", ask, name="campaigns_draftrun_test_connection"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with the month's spending and the live prompts above it."""
        if request.method == "GET":
            spent = spending.spending(timezone.now())
            of = "" if spent.budget else ", without a limit"
            unknown = f"; the cost of {spent.unknown_runs} runs is unknown" if spent.unknown_runs else ""
            live = prompt_versions.live()
            self.message_user(request, f"Spent in {spent.month:%B} (UTC): {spent.said}{of}{unknown}. "
                              f"Prompts {live.version} are live ({live.by}).")  # fmt: skip
            for problem in filter(None, (live.problem, spending.budget_problem(timezone.now()))):
                self.message_user(request, problem, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.display(description="cost", ordering="cost")
    def cost_shown(self, run: DraftRun) -> str:
        """What it cost, or that nobody knows; a run without a model costs nothing."""
        return spending.money(run.cost, 4) if run.cost is not None else "unknown" if run.request_id else "–"

    def test_connection(self, request: HttpRequest) -> HttpResponse:
        """Ask the model for two fields and show how it went."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            self.message_user(request, services.test_connection(by=request.user), messages.SUCCESS)
        except DraftFailed as problem:
            self.message_user(request, problem.text, messages.ERROR)
        return redirect("admin:campaigns_draftrun_changelist")


@admin.register(PromptEvaluation)
class PromptEvaluationAdmin(ReadOnlyAdmin):
    """Runs of the regression set; `manage.py evaluate_drafts` makes them."""

    list_display = (
        "at",
        "version",
        "model",
        "passed",
        "live",
        "mails",
        "cost_shown",
        "uncounted",
        "stopped",
        "live_since",
    )
    list_filter = ("passed", "live", "version", "model")
    search_fields = ("version", "digest", "model")
    date_hierarchy = "at"
    actions = ("put_live",)

    @admin.display(description="cost", ordering="cost")
    def cost_shown(self, row: PromptEvaluation) -> str:
        """The sum of what is known of its cost."""
        return spending.money(row.cost, 4) if row.cost is not None else "unknown"

    @admin.action(description="Put the chosen version live", permissions=["put_live"])
    def put_live(self, request: HttpRequest, queryset: QuerySet[PromptEvaluation]) -> None:
        """Let drafts be asked with the version of the one chosen row, if it passed as its files are now."""
        versions = set(queryset.values_list("version", flat=True))
        if len(versions) != 1:
            self.message_user(request, "Choose rows of one version. Nothing was changed.", messages.ERROR)
            return
        try:
            row = prompt_services.make_prompt_live(version=versions.pop(), by=request.user, now=timezone.now())
        except services.DraftRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"The prompts {row.version} are live.", messages.SUCCESS)

    def has_put_live_permission(self, request: HttpRequest) -> bool:
        """Who may decide which prompts are live."""
        return request.user.has_perm(prompt_services.PUT_LIVE)
