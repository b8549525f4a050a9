"""Pages that change a template: a form comes in, one verb of services is called, a page goes out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from templates import frames, placeholders, selectors, services
from templates.models import EmailTemplate, EmailTemplateVersion
from templates.permissions import EDIT, PUBLISH, require
from templates.rendering import RenderingError
from templates.services import TemplateRefused
from templates.views import find_version, rendered_sample


@require_POST
def new_template(request: HttpRequest) -> HttpResponse:
    """Make a template with a first draft and go to its editor."""
    form = request.POST
    try:
        draft = services.new_template(
            name=form.get("name", "").strip(), step=form.get("step", ""), by=request.user, now=timezone.now()
        )
    except TemplateRefused as refused:
        messages.error(request, str(refused))
        return redirect("templates:list")
    return redirect("templates:draft", slug=draft.template.slug)


@require_POST
def begin_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the next version, as a copy of the one whose number the form names, and go to the editor."""
    template = get_object_or_404(EmailTemplate, slug=slug)
    source = template.versions.filter(number=_number(request.POST.get("number"))).first()
    try:
        services.new_draft(template=template, source=source, by=request.user, now=timezone.now())
    except TemplateRefused as refused:
        messages.error(request, str(refused))
        return redirect(template)
    return redirect("templates:draft", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor of the draft. POST saves; with `publish` in the form it saves and publishes."""
    require(request.user, EDIT)
    template = get_object_or_404(EmailTemplate, slug=slug)
    version = template.versions.filter(state=EmailTemplateVersion.State.DRAFT).first()
    if version is None and request.method == "POST":
        # Published in the meantime: save_draft refuses it in words, and the text in the form is shown again.
        version = selectors.current_version(template)
    if version is None:
        messages.info(request, "There is no draft. Begin one from the current version.")
        return redirect(template)
    if request.method != "POST":
        return _editor(request, version, version.mjml, version.note)
    mjml, note = request.POST.get("mjml", "").replace("\r\n", "\n"), request.POST.get("note", "").strip()
    try:
        version = services.save_draft(
            version=version, mjml=mjml, note=note, expected_digest=request.POST.get("digest", ""),
            by=request.user, now=timezone.now(),
        )  # fmt: skip
        if "publish" not in request.POST:
            messages.success(request, f"Draft {version.number} is saved.")
            return redirect("templates:draft", slug=slug)
        services.publish(version=version, by=request.user, now=timezone.now())
    except TemplateRefused as refused:
        return _editor(request, version, mjml, note, refused=refused)
    messages.success(request, f"Version {version.number} is published. E-mails planned from now on use it.")
    return redirect(template)


@require_POST
@frames.mail_frame
def try_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The sample mail of the MJML in the form, for the frame beside the editor. Saves nothing."""
    require(request.user, EDIT)
    template = get_object_or_404(EmailTemplate, slug=slug)
    mjml = request.POST.get("mjml", "").replace("\r\n", "\n")
    look = request.POST.get("look", "desktop")
    try:
        rendered = rendered_sample(mjml, template.step, bare=look == "bare")
    except RenderingError as error:
        return frames.problems("The mail cannot be shown yet", [str(error)])
    return frames.mail(placeholders.fill(rendered.html, placeholders.sample_values()), dark=look == "dark")


@require_POST
def publish_again(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Go back to an old version: its text under a new number."""
    require(request.user, PUBLISH)
    old = find_version(slug, number)
    try:
        new = services.publish_again(version=old, by=request.user, now=timezone.now())
    except TemplateRefused as refused:
        messages.error(request, " ".join([str(refused), *refused.problems]))
    else:
        messages.success(request, f"Version {number} is published again as version {new.number}.")
    return redirect(old.template)


def _editor(
    request: HttpRequest, version: EmailTemplateVersion, mjml: str, note: str, *, refused: TemplateRefused | None = None
) -> HttpResponse:
    """The editor with that text in it; after a refusal with the reason, and with what somebody else saved."""
    conflict = refused is not None and version.mjml != mjml
    context: dict[str, Any] = {
        "template": version.template,
        "version": version,
        "mjml": mjml,
        "note": note,
        "problems": refused.problems if refused else services.faults(mjml, version.template.step),
        "refusal": str(refused) if refused else "",
        "lines": selectors.difference(version.mjml, mjml) if conflict else [],
        "content_placeholders": placeholders.CONTENT.values(),
        "recipient_placeholders": placeholders.RECIPIENT.values(),
        "may_publish": request.user.has_perm(PUBLISH),
    }
    return render(request, "templates/editor.html", context, status=422 if refused else 200)


def _number(text: str | None) -> int:
    """The number in a form field. Raises Http404 for anything else; an empty field is 0, which no version has."""
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404("No such version.")
    return int(text or 0)
