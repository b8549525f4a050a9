"""The audience at a glance, and the search for a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.audience import browsing, services
from campaigns.audience.forms import ListForm
from campaigns.audience.models import Client, ContactImport, ContactList
from campaigns.audience.views.carry_out import asked, carry_out
from campaigns.permissions import require

# Lists on the first page; a company may have one for each release.
SHOWN = 25


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Lists with their counts, clients, the latest imports, and how many addresses are suppressed. POST: a new list."""
    require(request.user, "campaigns.view_contact")
    form = ListForm(request.POST or None)
    if request.method == "POST":
        made: list[ContactList] = []
        if carry_out(request, form, lambda typed: _made(made, services.create_list(by=request.user, **typed))):
            return redirect(made[0])
    clients = browsing.clients_with_counts(Client.objects.order_by("name")[:8])
    suppressed = browsing.suppressions_by_reason()
    context = {
        "form": form,
        "lists": browsing.lists() if request.GET.get("lists") == "all" else browsing.lists()[:SHOWN],
        "lists_total": ContactList.objects.count(),
        "clients": clients,
        "imports": ContactImport.objects.select_related("contact_list", "by").defer("report")[:5],
        "suppressed": suppressed,
        "suppressed_total": sum(count for _, count in suppressed),
    }
    return render(request, "audience/home.html", context, status=422 if form.errors else 200)


def _made(made: list[ContactList], contact_list: ContactList) -> str:
    made.append(contact_list)
    return f"The list “{contact_list}” was made. Add people, or import a file."


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """Contacts whose address, last name or client starts with what was typed."""
    require(request.user, "campaigns.view_contact")
    text = asked(request, "q")
    found = browsing.search_contacts(text)
    context = {"text": text, "contacts": found, "full": len(found) == browsing.PAGE}
    return render(request, "audience/contacts.html", context)
