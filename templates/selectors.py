"""Reads: which version is current, the list of templates, what differs between two versions."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from templates.models import EmailTemplate, EmailTemplateVersion

PUBLISHED = EmailTemplateVersion.State.PUBLISHED


@dataclass(frozen=True)
class Line:
    """One line of a difference: "same", "added", "removed" or "skipped" (the text then says how many)."""

    kind: str
    text: str


def current_version(template: EmailTemplate) -> EmailTemplateVersion | None:
    """The published version with the highest number; None before the first."""
    return template.versions.filter(state=PUBLISHED).order_by("-number").first()


def current_version_for_step(step: str) -> EmailTemplateVersion | None:
    """The current version of the oldest template made for that step."""
    template = EmailTemplate.objects.filter(step=step, versions__state=PUBLISHED).order_by("id").first()
    return current_version(template) if template else None


def templates() -> QuerySet[EmailTemplate]:
    """Every template with its versions, newest first; two queries."""
    versions = EmailTemplateVersion.objects.select_related("created_by", "published_by").order_by("-number")
    return EmailTemplate.objects.prefetch_related(Prefetch("versions", queryset=versions))


def difference(old: str, new: str, *, around: int = 3) -> list[Line]:
    """What was removed and added, line by line, with `around` equal lines about each change. Empty when equal."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    shown = 0
    for group in matcher.get_grouped_opcodes(around):
        if group[0][1] > shown:
            lines.append(Line("skipped", f"{group[0][1] - shown} equal lines"))
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                lines += [Line("same", line) for line in before[start:end]]
            else:
                lines += [Line("removed", line) for line in before[start:end]]
                lines += [Line("added", line) for line in after[new_start:new_end]]
        shown = group[-1][2]
    if lines and shown < len(before):
        lines.append(Line("skipped", f"{len(before) - shown} equal lines"))
    return lines
