"""Pages to look at templates: the list, one version as its mail and as its text, the difference of two versions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from templates import frames, placeholders, rendering, samples, selectors
from templates.models import EmailTemplate, EmailTemplateVersion
from templates.permissions import EDIT, PUBLISH, VIEW, require
from templates.rendering import Rendered, RenderingError

LOOKS = (
    ("desktop", "Desktop"), ("mobile", "Phone"), ("dark", "Dark"), ("bare", "Shortest mail"), ("text", "Plain text"),
)  # fmt: skip


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every template with a small picture of its current version."""
    require(request.user, VIEW)
    templates = list(selectors.templates())
    rows = [
        {"template": template, "current": _newest(template, draft=False), "draft": _newest(template, draft=True)}
        for template in templates
    ]
    context = {"rows": rows, "steps": sorted({template.step for template in templates}), "may": _may(request)}
    return render(request, "templates/list.html", context)


@require_safe
def template(request: HttpRequest, slug: str) -> HttpResponse:
    """The current version of a template; its draft as long as nothing was published."""
    require(request.user, VIEW)
    found = get_object_or_404(EmailTemplate, slug=slug)
    shown = selectors.current_version(found) or found.versions.first()
    if shown is None:
        raise Http404("The template has no version.")
    return _page(request, found, shown)


@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version of a template."""
    require(request.user, VIEW)
    shown = find_version(slug, number)
    return _page(request, shown.template, shown)


@frames.mail_frame
@require_safe
def frame(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The sample mail of a version, for the frame on the pages. `look` is one of LOOKS."""
    require(request.user, VIEW)
    shown = find_version(slug, number)
    look = request.GET.get("look", "desktop")
    try:
        rendered = rendered_sample(shown.mjml, shown.template.step, bare=look == "bare")
    except RenderingError as error:
        return frames.problems(f"{shown} cannot be shown", [str(error)])
    return frames.mail(placeholders.fill(rendered.html, placeholders.sample_values()), dark=look == "dark")


@require_safe
def difference(request: HttpRequest, slug: str, before: int, after: int) -> HttpResponse:
    """What changed between two versions, line by line."""
    require(request.user, VIEW)
    old, new = find_version(slug, before), find_version(slug, after)
    context = {"template": old.template, "old": old, "new": new, "lines": selectors.difference(old.mjml, new.mjml)}
    return render(request, "templates/difference.html", context)


def find_version(slug: str, number: int) -> EmailTemplateVersion:
    """The version with that number, or Http404."""
    versions = EmailTemplateVersion.objects.select_related("template", "created_by", "published_by")
    return get_object_or_404(versions, template__slug=slug, number=number)


def rendered_sample(mjml: str, step: str, *, bare: bool = False) -> Rendered:
    """The sample mail of the step in that MJML. Raises RenderingError."""
    return rendering.render(mjml, samples.bare_sample(step) if bare else samples.sample(step))


def _page(request: HttpRequest, found: EmailTemplate, shown: EmailTemplateVersion) -> HttpResponse:
    look = request.GET.get("look", "desktop")
    look = look if look in dict(LOOKS) else "desktop"
    values = placeholders.sample_values()
    context: dict[str, Any] = {
        "template": found,
        "shown": shown,
        "versions": list(found.versions.select_related("created_by", "published_by").order_by("-number")),
        "current": selectors.current_version(found),
        "draft": found.versions.filter(state=EmailTemplateVersion.State.DRAFT).first(),
        "look": look,
        "looks": LOOKS,
        "may": _may(request),
    }
    try:
        rendered = rendered_sample(shown.mjml, found.step, bare=look == "bare")
    except RenderingError as error:
        context["problem"] = str(error)
    else:
        content = samples.sample(found.step)
        context |= {
            "subject": placeholders.fill(rendered.subject, values),
            "preheader": content.preheader,
            "sender": content.sender_name,
            "text": placeholders.fill(rendered.text, values),
            "kilobytes": f"{rendered.size / 1024:.0f}",
        }
    return render(request, "templates/template.html", context)


def _newest(found: EmailTemplate, *, draft: bool) -> EmailTemplateVersion | None:
    """Of the versions that were fetched with the template, newest first."""
    return next((version for version in found.versions.all() if version.is_draft == draft), None)


def _may(request: HttpRequest) -> dict[str, bool]:
    return {"edit": request.user.has_perm(EDIT), "publish": request.user.has_perm(PUBLISH)}
