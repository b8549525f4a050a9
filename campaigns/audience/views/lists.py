"""One list: who is on it, add a person, take one off."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.audience import browsing, services
from campaigns.audience.forms import NewContactForm
from campaigns.audience.models import Contact, ContactList
from campaigns.audience.views.carry_out import asked, carry_out, refuse
from campaigns.permissions import require


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The contacts of a list in steps of fifty. POST: add one."""
    require(request.user, "campaigns.view_contact")
    contact_list = get_object_or_404(browsing.lists(), pk=pk)
    form = NewContactForm(request.POST or None)
    if request.method == "POST" and carry_out(request, form, lambda typed: _add(request, contact_list, typed)):
        return redirect(contact_list)
    members = contact_list.memberships.select_related("contact__client")
    page = browsing.page(members, key="contact_id", after=asked(request, "after"), before=asked(request, "before"))
    context = {
        "contact_list": contact_list,
        "page": page,
        "form": form,
        "imports": contact_list.imports.select_related("by").defer("report")[:5],
    }
    return render(request, "audience/list.html", context, status=422 if form.errors else 200)


def _add(request: HttpRequest, contact_list: ContactList, typed: dict[str, Any]) -> str:
    contact, made = services.add_contact(by=request.user, contact_list=contact_list, **typed)
    if made:
        return f"{contact.email} was added. Nothing is sent before there is consent for a product."
    return f"{contact.email} was a contact already and is now on this list; names were left as they were."


@require_POST
def remove(request: HttpRequest, pk: int, contact_pk: int) -> HttpResponse:
    """Take a contact off a list."""
    contact_list = get_object_or_404(ContactList, pk=pk)
    contact = get_object_or_404(Contact, pk=contact_pk)

    def verb() -> str:
        removed = services.remove_from_list(contact_list=contact_list, contacts=[contact], by=request.user)
        name = contact.email
        return f"{name} was taken off “{contact_list}”." if removed else f"{name} was not on “{contact_list}” any more."

    refuse(request, verb)
    return redirect("audience:contact", contact.pk) if request.POST.get("back") == "contact" else redirect(contact_list)
