"""Every change of a template: a draft is begun, saved and published; an old version is published again.

Each version says who made it, who published it and when; no published version is ever changed, so the versions
themselves are the history.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from templates import rendering, samples
from templates.models import EmailTemplate, EmailTemplateVersion, digest_of
from templates.permissions import EDIT, PUBLISH, require
from templates.rendering import RenderingError
from templates.structure import LARGEST

DRAFT = EmailTemplateVersion.State.DRAFT
PUBLISHED = EmailTemplateVersion.State.PUBLISHED


class TemplateRefused(Exception):
    """What was asked for cannot be done: why, what was kept, what to do. `problems` lists the faults in the MJML."""

    def __init__(self, message: str, problems: list[str] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


def new_template(*, name: str, step: str, description: str = "", by: Any, now: dt.datetime) -> EmailTemplateVersion:
    """A new template with a first draft, copied from the newest published template of that step.

    Raises PermissionDenied, or TemplateRefused when the name is taken or nothing is there to copy.
    """
    require(by, EDIT)
    slug = slugify(name)[:50]
    if not slug:
        raise TemplateRefused("The name needs at least one letter or digit.")
    source = EmailTemplateVersion.objects.filter(template__step=step, state=PUBLISHED).order_by("-published_at").first()
    if source is None:
        raise TemplateRefused(f"No published template is made for the step {step!r}; there is nothing to start from.")
    with transaction.atomic():
        template, created = EmailTemplate.objects.get_or_create(
            slug=slug, defaults={"name": name[:100], "step": step, "description": description[:300]}
        )
        if not created:
            raise TemplateRefused(f"There is a template named {template.name} already; choose another name.")
        return _draft(template, source.mjml, f"Begun as a copy of {source}.", by=by, now=now)


def new_draft(
    *, template: EmailTemplate, source: EmailTemplateVersion | None = None, by: Any, now: dt.datetime
) -> EmailTemplateVersion:
    """Begin the next version as a copy of `source`, or of the current one; the draft that is there if there is one.

    Raises PermissionDenied, or TemplateRefused when `source` belongs to another template.
    """
    require(by, EDIT)
    if source is not None and source.template_id != template.pk:
        raise TemplateRefused(f"{source} is no version of {template}.")
    with transaction.atomic():
        _lock(template)
        draft = template.versions.filter(state=DRAFT).first()
        if draft is not None:
            return draft
        source = source or template.versions.filter(state=PUBLISHED).order_by("-number").first()
        if source is None:
            raise TemplateRefused(f"{template} has no version to start from.")
        return _draft(template, source.mjml, "", by=by, now=now)


def save_draft(
    *, version: EmailTemplateVersion, mjml: str, note: str, expected_digest: str, by: Any, now: dt.datetime
) -> EmailTemplateVersion:
    """Keep the text of a draft, finished or not. `expected_digest` is that of the text the editor started from.

    Raises PermissionDenied, or TemplateRefused when it was published or saved by somebody else in the meantime, or is
    too large. The time and the author of the draft become those of this save.
    """
    require(by, EDIT)
    mjml = mjml.replace("\r\n", "\n")
    if len(mjml) > LARGEST:
        raise TemplateRefused(
            f"The template has {len(mjml):,} characters; at most {LARGEST:,} are kept. Nothing was saved; shorten it."
        )
    saved = EmailTemplateVersion.objects.filter(pk=version.pk, state=DRAFT, digest=expected_digest).update(
        mjml=mjml, note=note[:300], digest=digest_of(mjml), created_by=by, created_at=now
    )
    version.refresh_from_db()
    if not saved and version.state == PUBLISHED:
        raise TemplateRefused(f"{version} was published in the meantime. Your text was not saved; begin a new draft.")
    if not saved:
        raise TemplateRefused(
            f"{version.created_by or 'Somebody'} saved this draft after you had opened it. Your text was not saved and "
            "stands below; the difference to the saved one is shown."
        )
    return version


def publish(*, version: EmailTemplateVersion, by: Any, now: dt.datetime) -> EmailTemplateVersion:
    """Freeze a draft, exactly as the caller holds it. E-mails planned from now on use it; earlier ones keep theirs.

    Raises PermissionDenied, or TemplateRefused with every fault found by rendering sample mails.
    """
    require(by, PUBLISH)
    _refuse_faulty(version.mjml, version.template.step, f"{version} cannot be published yet.")
    published = EmailTemplateVersion.objects.filter(pk=version.pk, state=DRAFT, digest=version.digest).update(
        state=PUBLISHED, published_by=by, published_at=now
    )
    version.refresh_from_db()
    if not published:
        raise TemplateRefused(f"{version} was published or changed by somebody else in the meantime; look at it again.")
    return version


def publish_again(*, version: EmailTemplateVersion, by: Any, now: dt.datetime) -> EmailTemplateVersion:
    """Go back: publish the text of an old version under the next number. A draft moves one number up.

    Raises PermissionDenied, or TemplateRefused when it is a draft, the current version, or not renderable any more.
    """
    require(by, PUBLISH)
    template = version.template
    _refuse_faulty(version.mjml, template.step, f"{version} cannot be published again.")
    with transaction.atomic():
        _lock(template)
        current = template.versions.filter(state=PUBLISHED).order_by("-number").first()
        if version.state != PUBLISHED or current is None:
            raise TemplateRefused(f"{version} was never published, so there is nothing to go back to.")
        if current.digest == version.digest:
            raise TemplateRefused(f"The current version, {current}, has the text of version {version.number} already.")
        number = current.number + 1
        template.versions.filter(state=DRAFT, number=number).update(number=number + 1)
        return EmailTemplateVersion.objects.create(
            template=template, number=number, mjml=version.mjml, digest=version.digest, state=PUBLISHED,
            note=f"Version {version.number} again.", created_by=by, created_at=now, published_by=by, published_at=now,
        )  # fmt: skip


def faults(mjml: str, step: str) -> list[str]:
    """Everything that keeps this MJML from being published; empty when it is fine. Changes nothing."""
    found = rendering.check_template(mjml)
    if found:
        return found
    for content in (samples.sample(step), samples.bare_sample(step)):
        try:
            rendered = rendering.render(mjml, content)
        except RenderingError as error:
            return [str(error)]
        if rendered.clipped:
            return [f"The sample mail has {rendered.size:,} bytes; Gmail cuts off what is above 102 KB."]
    return []


def _refuse_faulty(mjml: str, step: str, message: str) -> None:
    problems = faults(mjml, step)
    if problems:
        raise TemplateRefused(f"{message} Mend what is listed and try again.", problems)


def _draft(template: EmailTemplate, mjml: str, note: str, *, by: Any, now: dt.datetime) -> EmailTemplateVersion:
    highest = template.versions.aggregate(highest=Max("number"))["highest"] or 0
    return EmailTemplateVersion.objects.create(
        template=template, number=highest + 1, mjml=mjml, note=note, digest=digest_of(mjml), state=DRAFT,
        created_by=by, created_at=now,
    )  # fmt: skip


def _lock(template: EmailTemplate) -> None:
    """Let one writer at a time number the versions of a template (SQLite's transactions are exclusive anyway)."""
    EmailTemplate.objects.select_for_update().get(pk=template.pk)
