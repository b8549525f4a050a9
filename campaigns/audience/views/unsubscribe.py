"""The page behind the link in every mail, and the door for mail programs' own unsubscribe button (RFC 8058)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.audience import services
from campaigns.audience.models import Contact, Subscription, Suppression
from campaigns.audience.refusals import AudienceRefused
from campaigns.audience.unsubscribe import NOBODY, BadToken, Link, read
from releases.models import Product
from templates import placeholders

PAGE = "audience/unsubscribe.html"
BY_PAGE = "Unsubscribe page"
BY_BUTTON = "One-click unsubscribe of the mail program (RFC 8058)"


class _FormCheck(CsrfViewMiddleware):
    """Django's CSRF check as a question: the reason for a refusal instead of its page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show the page and change nothing, because link scanners and mail programs open every link.

    A POST of `List-Unsubscribe=One-Click` unsubscribes at once, without login, cookie, CSRF or redirect. Any other
    POST comes from the page's own form and is CSRF-checked. Both may be repeated. A token that is not ours is a 404
    which looks the same whatever was wrong with it.
    """
    try:
        link = read(token)
        contact = _nobody() if link.contact_id == NOBODY else Contact.objects.get(pk=link.contact_id)
        product = Product.objects.get(pk=link.product_id)
    except (BadToken, Contact.DoesNotExist, Product.DoesNotExist):
        return render(request, "audience/unsubscribe_unknown.html", status=404)
    if request.method != "POST":
        return _page(request, link, contact, product)
    if request.POST.get("List-Unsubscribe", "").strip().lower() == "one-click":
        return _one_click(request, link, contact, product)
    check = _FormCheck(lambda _: HttpResponse())
    if check.process_view(request, _unprotected, (), {}):
        # A browser that keeps cookies back must not keep anybody subscribed: the page offers a form without them.
        return _page(request, link, contact, product, no_cookie=True, status=403)
    return _form(request, link, contact, product)


def _nobody() -> Contact:
    """The sample reader, whom a test names while its mail goes to nobody. Never saved; a test changes nothing."""
    return Contact(email=placeholders.sample_values()["email"])


def _unprotected(request: HttpRequest) -> HttpResponse:
    """Stands for a view that is not exempt, as the CSRF check asks for one."""
    return HttpResponse()


def _one_click(request: HttpRequest, link: Link, contact: Contact, product: Product) -> HttpResponse:
    if not link.test:
        services.unsubscribe(contact=contact, product=product, source=BY_BUTTON, by=None, now=timezone.now())
    if request.POST.get("page"):  # the form of the page without cookies: its reader is a person
        return _page(request, link, contact, product, done="product")
    return HttpResponse(f"You will get no more mail about {product.name}.\n", content_type="text/plain; charset=utf-8")


def _form(request: HttpRequest, link: Link, contact: Contact, product: Product) -> HttpResponse:
    wish, now = request.POST.get("wish", ""), timezone.now()
    if wish not in ("product", "everything", "again"):
        return _page(request, link, contact, product)
    if link.test:
        return _page(request, link, contact, product, done=wish)
    problem = ""
    if wish == "product":
        services.unsubscribe(contact=contact, product=product, source=BY_PAGE, by=None, now=now)
    elif wish == "everything":
        services.unsubscribe_from_everything(contact=contact, source=BY_PAGE, by=None, now=now)
    else:
        try:
            services.subscribe_again(contact=contact, product=product, source=BY_PAGE, now=now)
        except AudienceRefused as refused:
            problem = str(refused)
    return _page(request, link, contact, product, done="" if problem else wish, problem=problem)


def _page(
    request: HttpRequest, link: Link, contact: Contact, product: Product, *, status: int = 200, **more: Any
) -> HttpResponse:
    suppression = Suppression.objects.filter(email=contact.email, until__isnull=True).first()
    from_everything = suppression is not None and suppression.reason == Suppression.Reason.UNSUBSCRIBED
    decided = Subscription.objects.filter(contact=contact.pk, product=product, state=Subscription.State.UNSUBSCRIBED)
    context = {
        "link": link,
        "product": product,
        "address": _masked(contact.email),
        "erased": contact.erased_at is not None,
        "suppressed": suppression is not None,
        "unsubscribed": from_everything or decided.exists(),
        **more,
    }
    return render(request, PAGE, context, status=status)


def _masked(address: str) -> str:
    """Enough for the owner to know the address, too little for whoever a mail was forwarded to."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"
