"""Clients: all of them by name, and one with its contacts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from campaigns.audience import browsing
from campaigns.audience.models import Client, Contact
from campaigns.audience.views.carry_out import asked
from campaigns.permissions import require


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Clients by name, or those with what was typed in their name."""
    require(request.user, "campaigns.view_client")
    text = asked(request, "q").strip()
    clients = Client.objects.filter(name__icontains=text) if text else Client.objects.all()
    page = browsing.page(clients, key="name", after=asked(request, "after"), before=asked(request, "before"))
    browsing.clients_with_counts(page.rows)
    return render(request, "audience/clients.html", {"text": text, "page": page})


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A client and its contacts."""
    require(request.user, "campaigns.view_client")
    client = get_object_or_404(Client, pk=pk)
    contacts = Contact.objects.filter(client=client, erased_at__isnull=True)
    page = browsing.page(contacts, key="id", after=asked(request, "after"), before=asked(request, "before"))
    return render(request, "audience/client.html", {"client": client, "page": page})
