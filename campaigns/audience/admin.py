"""The audience room for operators: find people, suppress and lift, stop mail. Every change goes through a service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.audience import addresses, browsing, details, services
from campaigns.audience.models import (
    Client,
    ConsentChange,
    Contact,
    ContactImport,
    ContactList,
    Subscription,
    Suppression,
)
from campaigns.audience.refusals import AudienceRefused
from campaigns.paging import LargeList, latest

BY_ADMIN = "Admin"


class _LookOnly(LargeList):
    """Look and search among millions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what happened stays."""
        return False


class _ClientForm(forms.ModelForm):
    def clean_country(self) -> str:
        """An ISO 3166 code."""
        return _checked(details.country, self.cleaned_data["country"])

    def clean_time_zone(self) -> str:
        """An IANA name."""
        return _checked(details.time_zone, self.cleaned_data["time_zone"])


def _checked(check: Any, value: str) -> str:
    try:
        return check(value)
    except details.BadDetail as problem:
        raise forms.ValidationError(str(problem)) from None


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    """Organisations."""

    form = _ClientForm
    list_display = ("name", "country", "time_zone", "external_id")
    list_filter = ("country",)
    search_fields = ("name", "external_id")
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: contacts, and the mail they got, belong to it."""
        return False


@admin.register(Contact)
class ContactAdmin(_LookOnly):
    """People. Change, subscribe and erase on their page; here an operator finds them and can stop all mail to them."""

    list_display = ("email", "first_name", "last_name", "client", "erased_at", "page")
    list_select_related = ("client",)
    search_fields = ("email", "last_name")
    search_help_text = "The start of an address or of a last name."
    list_filter = (("erased_at", admin.EmptyFieldListFilter),)
    actions = ("stop_all_mail",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """By the index of address and name; `icontains` would read a million rows."""
        term = search_term.strip()
        if not term:
            return queryset, False
        start = browsing.starts_with("email", term.lower()) | browsing.starts_with("last_name", term)
        return queryset.filter(start), False

    @admin.display(description="page")
    def page(self, contact: Contact) -> SafeString:
        """The way to the contact's page."""
        return format_html('<a href="{}">Open</a>', reverse("audience:contact", args=[contact.pk]))

    @admin.action(description="Stop all mail to the chosen people", permissions=["consent"])
    def stop_all_mail(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """As if each had pressed “stop mail about every product”."""
        for contact in queryset.filter(erased_at__isnull=True):
            services.unsubscribe_from_everything(contact=contact, source=BY_ADMIN, by=request.user, now=timezone.now())
        self.message_user(request, "No more mail goes to them, about any product.", messages.SUCCESS)

    def has_consent_permission(self, request: HttpRequest) -> bool:
        """Who may change consent."""
        return request.user.has_perm("campaigns.change_consent")


@admin.register(ContactList)
class ContactListAdmin(admin.ModelAdmin):
    """Lists. Who is on them is shown and changed on their page."""

    list_display = ("name", "product", "created_at")
    list_filter = ("product",)
    list_select_related = ("product",)
    search_fields = ("name",)
    fields = ("name", "description", "product")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an approval may name it."""
        return False


@admin.register(Subscription)
class SubscriptionAdmin(_LookOnly):
    """Consent as it stands."""

    list_display = ("contact", "product", "state", "basis", "source", "changed_at")
    list_filter = (latest("state", "state"), latest("basis", "basis"))
    list_select_related = ("contact", "product")
    search_fields = ("contact__email",)
    actions = ("unsubscribe",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """By the start of the address, by its index."""
        term = search_term.strip().lower()
        return (queryset.filter(browsing.starts_with("contact__email", term)) if term else queryset), False

    @admin.action(description="Unsubscribe the chosen people from the product", permissions=["consent"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Stop mail about these products to these people."""
        for row in queryset.select_related("contact", "product"):
            services.unsubscribe(
                contact=row.contact, product=row.product, source=BY_ADMIN, by=request.user, now=timezone.now()
            )
        self.message_user(request, "They were unsubscribed.", messages.SUCCESS)

    def has_consent_permission(self, request: HttpRequest) -> bool:
        """Who may change consent."""
        return request.user.has_perm("campaigns.change_consent")


@admin.register(ConsentChange)
class ConsentChangeAdmin(_LookOnly):
    """The history of consent. Nobody writes in it."""

    list_display = ("at", "contact", "product", "before", "after", "source", "by")
    list_select_related = ("contact", "product", "by")
    search_fields = ("contact__email",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """By the start of the address, by its index."""
        term = search_term.strip().lower()
        return (queryset.filter(browsing.starts_with("contact__email", term)) if term else queryset), False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see consent may see its history."""
        return request.user.has_perm("campaigns.view_subscription")


class _LiftForm(ActionForm):
    reason = forms.CharField(required=False, label="Reason for lifting", max_length=300)


@admin.register(Suppression)
class SuppressionAdmin(_LookOnly):
    """Addresses that must not be mailed: add by the service, lift with a reason, never edit."""

    list_display = ("email", "reason", "since", "until", "source", "by", "lifted_by")
    list_filter = (latest("reason", "reason"), latest("until", "lifted", empty=("no", "lifted or ended")))
    list_select_related = ("by", "lifted_by")
    search_fields = ("email",)
    search_help_text = "The start of an address."
    actions = ("lift",)
    action_form = _LiftForm
    fields = ("email", "reason", "detail")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may suppress."""
        return request.user.has_perm("campaigns.add_suppression")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """By the start of the address, by its index."""
        term = search_term.strip().lower()
        return (queryset.filter(browsing.starts_with("email", term)) if term else queryset), False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ModelForm]:
        """The form checks the address as the service will."""
        form = super().get_form(request, obj, change, **kwargs)

        def clean_email(self: ModelForm) -> str:
            try:
                return addresses.normalise(self.cleaned_data["email"])
            except addresses.BadAddress as problem:
                raise forms.ValidationError(str(problem)) from None

        return type("SuppressionForm", (form,), {"clean_email": clean_email})

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        """By the service, which leaves one open row per address."""
        row = services.suppress(
            email=obj.email, reason=obj.reason, detail=obj.detail, source=BY_ADMIN, by=request.user, now=timezone.now()
        )
        obj.pk = row.pk

    @admin.action(description="Lift the chosen suppressions", permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        """Let these addresses be mailed again, for the reason typed beside the action."""
        reason, lifted = request.POST.get("reason", ""), 0
        for row in queryset:
            try:
                services.lift_suppression(suppression=row, reason=reason, by=request.user, now=timezone.now())
                lifted += 1
            except AudienceRefused as refused:
                self.message_user(request, f"{row}: {refused}", messages.WARNING)
        if lifted:
            self.message_user(request, f"{lifted} lifted.", messages.SUCCESS)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Who may lift."""
        return request.user.has_perm("campaigns.lift_suppression")


@admin.register(ContactImport)
class ContactImportAdmin(_LookOnly):
    """Files that were handed in, and what became of them."""

    list_display = ("file_name", "at", "state", "contact_list", "rows", "created", "updated", "rejected", "by")
    list_filter = ("state", "contact_list")
    list_select_related = ("contact_list", "by")
    search_fields = ("file_name",)
