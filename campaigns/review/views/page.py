"""What is looked at: the list of what waits, the review page, the preview in its frame."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from campaigns.audience import browsing
from campaigns.audience.selectors import REASONS
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision
from campaigns.drafting.text import TextProblem
from campaigns.permissions import require
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import counts, laws, rendition, selectors, services
from campaigns.review import desk as desks
from campaigns.review.desk import Desk
from campaigns.review.models import KeptText
from campaigns.review.refusals import NotRendered
from campaigns.review.typed import typed_on
from templates.rendering import in_scheme

VIEW = "campaigns.view_campaignemail"
# Of what waits for a person, and of a page of everything under way.
SHOWN, PAGE = 25, 50
# What htmx may ask for alone, by the id that it replaces.
PARTS = ("mail", "changes", "sources", "history")
LOOKS = {"desktop": "Desktop", "mobile": "Mobile", "dark": "Dark", "text": "Plain text"}


def found(pk: int) -> CampaignEmail:
    """The e-mail, or 404."""
    try:
        return desks.open_email(pk)
    except CampaignEmail.DoesNotExist:
        raise Http404 from None


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this person, those that go out first or all; and the e-mails of every running campaign."""
    require(request.user, VIEW)
    now = timezone.now()
    under_way = (
        selectors.queue().filter(campaign__state__in=["active", "held"]).exclude(state__in=["sent", "cancelled"])
    )
    waits = selectors.awaiting(request.user, now)
    return render(
        request,
        "review/waiting.html",
        {
            "waiting": waits,
            "shown": waits if request.GET.get("waiting") == "all" else waits[:SHOWN],
            "emergencies": selectors.emergencies(now)[:20],
            "page": Paginator(under_way.order_by("send_at", "pk"), PAGE).get_page(request.GET.get("page")),
            "now": now,
        },
    )


@never_cache
@require_safe
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """The review page; to htmx the part that it asks for."""
    require(request.user, VIEW)
    desk = Desk(
        found(pk), request.user, timezone.now(),
        reader=request.GET.get("as", ""), against=request.GET.get("against", ""),
        all_issues=request.GET.get("issues") == "all", whole_history=request.GET.get("history") == "all",
    )  # fmt: skip
    look = request.GET.get("look", "desktop")
    if desk.revision is not None:
        services.looked_at(email=desk.email, revision=desk.revision, by=request.user, now=desk.now)
    return show(request, desk, look=look if look in LOOKS else "desktop")


def show(request: HttpRequest, desk: Desk, *, look: str = "desktop", status: int = 200, **more: Any) -> HttpResponse:
    """The page for a desk, whole or the part that htmx targets."""
    context = {"desk": desk, "email": desk.email, "look": look, "looks": LOOKS, "typed": desk.typed, **more}
    part = ""
    if getattr(request, "htmx", False):
        target = str(request.htmx.target)  # type: ignore[attr-defined]
        part = f"#{target}" if target in PARTS else "#desk"
    # Beside the desk itself an answer brings what stands above it and depends on it.
    context["partly"] = part == "#desk"
    return render(request, f"review/email.html{part}", context, status=status)


# The frame runs nothing, loads nothing and reaches nothing; our own pages alone may show it.
@csp_replace(  # type: ignore[arg-type]
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "script-src": [NONE],
        "connect-src": [NONE],
        "frame-src": [NONE],
        "form-action": [NONE],
        "base-uri": [NONE],
        "font-src": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": [""],
    }
)
@never_cache
@xframe_options_sameorigin
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part as one reader gets it, alone, for a sandboxed frame.

    `digest` is what the page showed: when the mail became another since, the frame says so instead of showing
    something that the approval would not name. `typed` asks for the words that this person typed and did not save.
    """
    require(request.user, VIEW)
    row = found(pk)
    revision = current_revision(row)
    if revision is None:
        return _note("There is no text yet.")
    try:
        if request.GET.get("typed"):
            revision = _typed(row, revision, request.user)
        frozen = rendition.build(email=row, revision=revision)
    except (NotRendered, TextProblem) as problem:
        return _note(str(problem))
    seen = request.GET.get("digest", "")
    if seen and seen != frozen.digest:
        return _note("This e-mail changed since the page was opened. Load the page again to see it.", status=409)
    contact = desks.reader_of(row, request.GET.get("as", ""))
    filled = rendition.fill(frozen, rendition.values_for(contact, row.campaign.release.product))
    return HttpResponse(in_scheme(filled.html, dark=request.GET.get("scheme") == "dark"))


def _typed(email: CampaignEmail, revision: Revision, user: Any) -> Revision:
    """What a person typed and did not save, as the revision it would be; nothing is written. Raises TextProblem."""
    kept = KeptText.objects.filter(email=email, user=user).first()
    if kept is None:
        return revision
    typed = {**kept.fields, "based_on": str(kept.based_on)}
    data = rendition.in_places(email, typed_on(email, typed).text()).to_json()
    return Revision(
        email=email, subject=data["subject"], preheader=data["preheader"], blocks=data["blocks"],
        order=data.get("order", []), snapshot=revision.snapshot,
    )  # fmt: skip


def _note(words: str, status: int = 200) -> HttpResponse:
    return HttpResponse(words, content_type="text/plain; charset=utf-8", status=status)


@require_safe
def audience_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The audience counted now, apart from the page because a million people take seconds.

    To htmx it gives the sections of the approval anew, and the checks, because some of them look at the counting.
    """
    require(request.user, VIEW)
    row, now = found(pk), timezone.now()
    before = counts.row_of(row)
    if before is None or before.at < now - counts.FRESH or request.GET.get("again"):
        counts.count_now(email=row, now=now)
    desk = Desk(row, request.user, now)
    # Read what a counting turned up before saying yes; checks that say the same stay, with what is typed in them.
    context = {"desk": desk, "email": row, "checks": request.GET.get("warnings") != desk.seen.marks}
    if getattr(request, "htmx", False):
        return render(request, "review/counted.html", context)
    return render(request, "review/audience.html", context)


@require_safe
def people(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """The people behind one figure of the audience: all, those who will be sent it, or one reason to leave out."""
    require(request.user, VIEW)
    require(request.user, "campaigns.view_contact")
    row = found(pk)
    rule = audience_rule(row)
    try:
        if part == "unproven-europe":  # which countries those are, the audience does not know
            chosen = rule.part("unproven").filter(client__country__in=[*laws.EUROPE, "GB"])
        else:
            chosen = rule.part(part)
    except KeyError:
        raise Http404 from None
    page = browsing.page(
        chosen.select_related("client"), key="id", after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )  # fmt: skip
    return render(request, "review/people.html", {"email": row, "page": page, "part": part, "label": _named(part)})


def _named(part: str) -> str:
    """What a part of the audience is called."""
    kind, _, value = part.partition("-")
    if kind == "country":
        return "No country known" if value == "none" else f"Will be sent, country {value}"
    named = {
        "planned": "Planned", "will_be_sent": "Will be sent", "unproven": "Consent without proof",
        "without": f"Without a {value.replace('_', ' ')}", "interest": f"On legitimate interest, country {value}",
    }  # fmt: skip
    return named.get(kind) or REASONS[part]
