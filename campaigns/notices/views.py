"""Pages about the own notices: the list, one opened, which ones and how. Nobody sees another person's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import get_default_timezone_name
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.audience.browsing import page
from campaigns.notices import selectors, services
from campaigns.notices.kinds import ALWAYS, KINDS
from campaigns.notices.models import How, Notice


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """What the person was told, the newest first."""
    unread = request.GET.get("show") == "unread"
    shown = page(
        selectors.notices(request.user, unread=unread), key="-id",
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    newest = max((notice.pk for notice in shown.rows), default=0)
    return render(request, "notices/list.html", {"page": shown, "unread_only": unread, "newest": newest})


@never_cache
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The link in the header with how many are unread; every page asks once a minute and tells when there are more."""
    return render(request, "notices/link.html", {"had": request.GET.get("had", "")})


@never_cache
@require_safe
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of the person's notices as read and go to what it is about. Asking again changes nothing."""
    notice = get_object_or_404(Notice.objects.select_related("email", "campaign"), pk=pk, user=request.user)
    services.read(notice=notice, by=request.user, now=timezone.now())
    return redirect(notice)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what stood on the page and everything older."""
    up_to = request.POST.get("up_to", "")
    if up_to.isascii() and up_to.isdigit() and len(up_to) < 19:
        read = services.read_all(by=request.user, up_to=int(up_to), now=timezone.now())
        messages.success(request, f"{read:,} {'notice is' if read == 1 else 'notices are'} marked as read.")
    return redirect("notices:list")


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Which kinds of notices the person gets, and whether at once, once a day or here only."""
    if request.method == "POST":
        given = {kind: request.POST.get(kind, "") for kind in KINDS}
        services.choose(choices=given, by=request.user, now=timezone.now())
        messages.success(request, "Your choice is kept. It holds for everything that happens from now on.")
        return redirect("notices:settings")
    chosen = selectors.choices(request.user)
    rows = [(kind, chosen[kind.name]) for kind in KINDS.values() if kind.name not in ALWAYS]
    return render(
        request, "notices/settings.html", {"rows": rows, "ways": How.choices, "zone": get_default_timezone_name()}
    )
