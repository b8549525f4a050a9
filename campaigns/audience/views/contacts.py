"""One person: lists, consent with its history, suppression, messages; change, subscribe, unsubscribe, erase."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.audience import browsing, services
from campaigns.audience.forms import ConsentForm, ContactForm
from campaigns.audience.models import Contact
from campaigns.audience.views.carry_out import carry_out, refuse
from campaigns.permissions import require
from releases.models import Product

BY_PERSON = "Contact page"


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known about a contact."""
    return _page(request, _contact(request, pk))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend names, address or time zone."""
    contact = _contact(request, pk)
    form = ContactForm(request.POST)

    def verb(typed: dict[str, Any]) -> str:
        services.change_contact(contact=contact, by=request.user, **typed)
        return "The contact was changed."

    return redirect("audience:contact", pk) if carry_out(request, form, verb) else _page(request, contact, form=form)


@require_POST
def subscribe(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the consent for a product, with its basis and proof."""
    contact = _contact(request, pk)
    form = ConsentForm(request.POST)

    def verb(typed: dict[str, Any]) -> str:
        changed = services.subscribe(contact=contact, source=BY_PERSON, by=request.user, now=timezone.now(), **typed)
        product = typed["product"].name
        return f"Subscribed to {product}." if changed else f"This was so before: subscribed to {product}."

    return redirect("audience:contact", pk) if carry_out(request, form, verb) else _page(request, contact, consent=form)


@require_POST
def unsubscribe(request: HttpRequest, pk: int, product_pk: int) -> HttpResponse:
    """Stop mail about a product."""
    contact, product = _contact(request, pk), get_object_or_404(Product, pk=product_pk)

    def verb() -> str:
        services.unsubscribe(contact=contact, product=product, source=BY_PERSON, by=request.user, now=timezone.now())
        return f"Unsubscribed from {product.name}. Mail that was queued and not yet sent is left out too."

    refuse(request, verb)
    return redirect("audience:contact", pk)


@require_POST
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the person, for good."""
    contact = _contact(request, pk)

    def verb() -> str:
        services.erase(contact=contact, by=request.user, now=timezone.now())
        return "The person was erased. Only a digest of the address is kept, so that no import brings them back."

    refuse(request, verb)
    return redirect("audience:contact", pk)


def _contact(request: HttpRequest, pk: int) -> Contact:
    require(request.user, "campaigns.view_contact")
    return get_object_or_404(Contact.objects.select_related("client"), pk=pk)


def _page(
    request: HttpRequest, contact: Contact, *, form: ContactForm | None = None, consent: ConsentForm | None = None
) -> HttpResponse:
    initial = {name: getattr(contact, name) for name in ("email", "first_name", "last_name", "time_zone")}
    context = {
        "contact": contact,
        "form": form or ContactForm(initial=initial),
        "consent_form": consent,
        "consents": browsing.consents(contact),
        "basis_choices": ConsentForm.base_fields["basis"].choices,  # type: ignore[attr-defined]
        "history": contact.consent_changes.select_related("product", "by")[:50],
        "memberships": contact.memberships.select_related("contact_list").order_by("contact_list__name"),
        "suppressions": browsing.suppressions_of(contact)[:20],
        "received": browsing.received(contact),
    }
    return render(request, "audience/contact.html", context, status=422 if form or consent else 200)
