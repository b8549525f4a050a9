"""The delivery room for operators: batches and messages to look at, the sender to stop and start."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from campaigns.delivery import services
from campaigns.delivery.models import Batch, Message, Sender
from campaigns.planning.admin import ReadOnly


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    """One SES call each, with what became of its messages."""

    list_display = (
        "id", "email", "state", "attempt", "not_before", "claimed_at",
        "queued", "accepted", "suppressed", "failed", "cancelled", "unknown", "error",
    )  # fmt: skip
    list_filter = ("state", "attempt")
    list_select_related = ("email__campaign__release__product",)
    search_fields = ("id", "error", "claim")
    search_help_text = "Number of a batch, its claim, or words of its error."


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """One recipient each. Decisions about unknown and failed ones are made on the page of the e-mail, with a reason."""

    list_display = ("id", "address", "state", "reason", "email", "attempts", "sent_at", "ses_id")
    list_filter = ("state",)
    list_select_related = ("email__campaign__release__product",)
    list_max_show_all = 0
    search_fields = ("=contact__email", "=ses_id")
    search_help_text = "A whole address, or the message id that SES gave. Parts are not looked for among millions."
    raw_id_fields = ("email", "contact", "batch")


@admin.register(Sender)
class SenderAdmin(ReadOnly):
    """The one row that says whether and how fast the fleet sends."""

    list_display = (
        "region",
        "stopped_at",
        "stopped_reason",
        "rate_per_second",
        "sent_last_day",
        "max_per_day",
        "checked_at",
    )
    actions = ("stop", "start")

    @admin.action(description="Stop all sending")
    def stop(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        """Nothing is sent until somebody starts it again. The page of the sender takes a reason of your own."""
        services.stop_sender(reason=f"Stopped in the admin by {request.user}.", by=request.user, now=timezone.now())
        self.message_user(request, "All sending is stopped.", messages.SUCCESS)

    @admin.action(description="Start sending again")
    def start(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        """What became late meanwhile is held, not sent."""
        services.start_sender(by=request.user, now=timezone.now())
        self.message_user(request, "Sending goes on.", messages.SUCCESS)
