"""The delivery room for operators: batches and messages to look at, the sender to stop and start."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from campaigns import states
from campaigns.audience.models import Contact
from campaigns.delivery import actions as deciding_actions
from campaigns.delivery import services
from campaigns.delivery.models import ArchivedMessage, Batch, Message, Sender, WarmUp
from campaigns.delivery.recount import FIGURES
from campaigns.paging import LargeList, latest
from campaigns.planning.admin import ReadOnly


class ReasonedActionForm(ActionForm):
    """What is to become of the chosen rows, and why."""

    why = forms.CharField(
        label="Reason:", required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


@admin.register(Batch)
class BatchAdmin(LargeList, ReadOnly):
    """One SES call each, with what became of its messages."""

    list_display = (
        "id", "email", "state", "attempt", "not_before", "claimed_at", "messages", "error",
    )  # fmt: skip
    list_filter = (latest("state", "state"), latest("error", "error", empty=("none", "with one")))
    list_select_related = ("email__campaign__release__product",)
    search_fields = ("id",)  # shows the field; see get_search_results
    search_help_text = "Number of a batch. Filter by state to find those with an error."

    @admin.display(description="messages")
    def messages(self, batch: Batch) -> str:
        """How many of its messages are in which state."""
        found = [(getattr(batch, name), name) for name in FIGURES]
        return ", ".join(f"{count} {name}" for count, name in found if count) or "none"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Batch], search_term: str
    ) -> tuple[QuerySet[Batch], bool]:
        """By its number alone: there are tens of thousands for each campaign."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return (queryset.filter(pk=int(term)) if term.isdecimal() and len(term) < 19 else queryset.none()), False


@admin.register(Message)
class MessageAdmin(LargeList, ReadOnly):
    """One recipient each. Unknown and failed ones are decided on here or on the page of the e-mail, with a reason."""

    list_display = ("id", "address", "state", "reason", "email", "attempts", "sent_at", "ses_id")
    list_filter = (latest("state", "state"),)
    list_select_related = ("email__campaign__release__product",)
    search_fields = ("ses_id",)  # shows the field; see get_search_results
    search_help_text = "A whole address, or the message id that SES gave. Parts are not looked for among millions."
    raw_id_fields = ("email", "contact", "batch")
    action_form = ReasonedActionForm
    actions = ("count_as_sent", "send_again", "write_off")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may decide on messages."""
        return request.user.has_perm("campaigns.decide_message")

    @admin.action(description="Count the chosen as sent (unknown)", permissions=["decide"])
    def count_as_sent(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """They were accepted, by what a person knows."""
        self._decide(request, queryset, "accepted")

    @admin.action(
        description="Send the chosen again (unknown, failed): who got it gets it twice",
        permissions=["decide"],
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Back into the queue."""
        self._decide(request, queryset, "queued")

    @admin.action(description="Write the chosen off (unknown, failed)", permissions=["decide"])
    def write_off(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Nobody tries these again."""
        self._decide(request, queryset, "failed")

    def _decide(self, request: HttpRequest, queryset: QuerySet[Message], verdict: str) -> None:
        why = request.POST.get("why", "")[:300]
        by_email: dict[int, list[int]] = {}
        for pk, email_id in queryset.values_list("pk", "email_id"):
            by_email.setdefault(email_id, []).append(pk)
        changed, refused = 0, False
        for ids in by_email.values():
            try:
                changed += services.decide(
                    messages=ids, verdict=verdict, reason=why, by=request.user, now=timezone.now()
                )
            except (services.DeliveryRefused, states.MoveRefused) as refusal:
                # Each e-mail is decided on by itself: what was refused keeps nothing back of the others.
                self.message_user(request, str(refusal), messages.ERROR)
                refused = True
        if changed or not refused:
            self.message_user(request, deciding_actions.told(verdict, changed), deciding_actions.level(changed))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Exactly and by an index: Django's own look-up ignores case, and so no index, over two tables at once."""
        return (queryset.filter(_named(search_term)) if search_term.strip() else queryset), False


@admin.register(ArchivedMessage)
class ArchivedMessageAdmin(LargeList, ReadOnly):
    """Messages of e-mails that ended long ago; nothing is decided on here. `manage.py archive_messages` moves them."""

    list_display = ("id", "month", "address", "state", "reason", "email", "attempts", "sent_at", "ses_id")
    list_select_related = ("email__campaign__release__product",)
    list_max_show_all = 0
    ordering = ("-id",)
    search_fields = ("id",)  # shows the field; see get_search_results
    search_help_text = "A whole address, or the number that the message had."
    raw_id_fields = ("email", "contact", "batch")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ArchivedMessage], search_term: str
    ) -> tuple[QuerySet[ArchivedMessage], bool]:
        """By an index alone."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term:
            return queryset.filter(_named(term)), False
        return (queryset.filter(pk=int(term)) if term.isdecimal() and len(term) < 19 else queryset.none()), False


def _named(term: str) -> Q:
    """Messages to the contact who has this address today, or the one with this id of SES."""
    term = term.strip()
    if "@" not in term:
        return Q(ses_id=term)
    return Q(contact__in=list(Contact.objects.filter(email=term.lower()).values_list("pk", flat=True)))


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
        "learned_mode",
        "fence_epoch",
        "fence_at",
        "fenced_at",
    )
    actions = ("stop", "start", "take_over", "bulk")

    @admin.action(description="Stop all sending")
    def stop(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        """Nothing is sent until somebody starts it again. The page of the sender takes a reason of your own."""
        services.stop_sender(reason=f"Stopped in the admin by {request.user}.", by=request.user, now=timezone.now())
        self.message_user(request, "All sending is stopped.", messages.SUCCESS)

    @admin.action(description="Start sending again")
    def start(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        """What became late meanwhile is held, not sent."""
        try:
            services.start_sender(by=request.user, now=timezone.now())
        except services.DeliveryRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, "Sending goes on.", messages.SUCCESS)

    @admin.action(description="Take the sending over from another installation")
    def take_over(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        """The other one stops; what is being sent or due here waits for a comparison."""
        reason = f"Taken over in the admin by {request.user}."
        try:
            kept_back = services.take_over(reason=reason, by=request.user, now=timezone.now())
        except services.DeliveryRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"Taken over; {kept_back:,} e-mails wait for a comparison.", messages.SUCCESS)

    @admin.action(description="Try bulk calls again")
    def bulk(self, request: HttpRequest, queryset: QuerySet[Sender]) -> None:
        """Drop what was learned about bulk calls; the answers may teach the same once more."""
        services.forget_learned_mode(by=request.user, now=timezone.now())
        self.message_user(request, "Bulk calls are tried again.", messages.SUCCESS)


@admin.register(WarmUp)
class WarmUpAdmin(admin.ModelAdmin):
    """How many recipients a day a new sender may reach: the limiter follows from the next claim on."""

    list_display = ("__str__", "starts_on", "caps", "day", "sent")
    readonly_fields = ("day", "sent")

    def get_readonly_fields(self, request: HttpRequest, obj: WarmUp | None = None) -> tuple[str, ...]:
        """Whose plan it is stays; another product gets a plan of its own."""
        return ("product", "day", "sent") if obj else ("day", "sent")

    def save_model(self, request: HttpRequest, obj: WarmUp, form: Any, change: bool) -> None:
        """By the service, which leaves a line of history."""
        obj.pk = services.set_warm_up(
            product=obj.product, starts_on=obj.starts_on, caps=obj.caps, by=request.user, now=timezone.now()
        ).pk

    def delete_model(self, request: HttpRequest, obj: WarmUp) -> None:
        """By the service."""
        services.end_warm_up(plan=obj, by=request.user, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WarmUp]) -> None:
        """By the service, each."""
        for plan in queryset:
            self.delete_model(request, plan)
