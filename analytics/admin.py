"""What an operator sees of what came back: all of it, none of it to be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from analytics import services
from analytics.models import Alert, EmailEvent, HourlyFigure, SnsNotification
from campaigns.models import Contact, Message
from campaigns.paging import LargeList, latest


class ReadOnly(LargeList):
    """Facts from outside: nobody adds, changes or deletes them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(EmailEvent)
class EmailEventAdmin(ReadOnly):
    """Events, newest first."""

    list_display = ("at", "type", "subtype", "origin", "recipient", "email")
    list_filter = (latest("type", "type"), latest("origin", "origin"))
    search_fields = ("ses_id",)  # shows the field; see get_search_results
    search_help_text = "The whole address of a contact, or the message id that SES gave one of our messages."
    list_select_related = ("email__campaign__release__product",)
    raw_id_fields = ("notification", "message", "email", "contact")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[EmailEvent], search_term: str
    ) -> tuple[QuerySet[EmailEvent], bool]:
        """Exactly, by the indexes of contacts and messages: parts are not looked for among millions."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term:
            return queryset.filter(contact__in=_keys(Contact.objects.filter(email=term.lower()))), False
        return queryset.filter(message__in=_keys(Message.objects.filter(ses_id=term))), False


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


@admin.register(SnsNotification)
class SnsNotificationAdmin(ReadOnly):
    """Notifications as they came, with what could not be applied."""

    list_display = ("received_at", "message_id", "applied_at", "error")
    list_filter = (
        latest("applied_at", "applied", empty=("not yet", "applied")),
        latest("error", "error", empty=("none", "with one")),
    )  # fmt: skip
    search_fields = ("message_id",)  # shows the field; see get_search_results
    search_help_text = "The whole id that SNS gave the notification."
    actions = ("apply_again",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SnsNotification], search_term: str
    ) -> tuple[QuerySet[SnsNotification], bool]:
        """By its id alone: bodies are not read through."""
        term = search_term.strip()
        return (queryset.filter(message_id=term) if term else queryset), False

    @admin.action(description="Apply the chosen notifications again", permissions=["view"])
    def apply_again(self, request: HttpRequest, queryset: QuerySet[SnsNotification]) -> None:
        """For those that were too old or failed; one that led to events is left alone."""
        applied = services.apply_again(notifications=queryset, by=request.user, now=timezone.now())
        messages.success(request, f"{applied} of the chosen notifications led to new events.")


@admin.register(HourlyFigure)
class HourlyFigureAdmin(ReadOnly):
    """Sums per hour."""

    list_display = ("hour", "email", "type", "origin", "events", "people")
    list_filter = (latest("type", "type"), latest("origin", "origin"))
    list_select_related = ("email__campaign__release__product",)


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    """Alerts, open ones to be closed."""

    list_display = ("at", "level", "message", "closed_at", "closed_by")
    list_filter = ("level", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("message", "key")
    actions = ("close",)

    @admin.action(description="Mark the chosen alerts as dealt with")
    def close(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """Close the chosen alerts that are open."""
        closed = sum(services.close_alert(alert=alert, by=request.user, now=timezone.now()) for alert in queryset)
        messages.success(request, f"{closed} alerts are marked as dealt with.")
