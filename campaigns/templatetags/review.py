"""How the review page words and measures things. Load with {% load review %}."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from campaigns.drafting.selectors import Source
from campaigns.drafting.text import BLOCK_KINDS
from campaigns.review.desk import Desk, Part, SentenceLine
from campaigns.review.preflight import Finding
from campaigns.review.typed import LABELS, Typed

register = template.Library()

_WIDTH = 60  # characters of a line in the editor, roughly
_NOTE = 400  # characters of a release note that are shown
_OPEN = SafeString(' <span class="tag">open</span>')
_SILENT = SafeString('<span class="tag">not mentioned</span>')
_NO_NOTE = SafeString('<div class="small faint">No release note in Jira.</div>')


@register.filter
def label(part: str) -> str:
    """What a part of the mail is called: "fixes" -> "Improvements and fixes"."""
    return LABELS.get(part, "The whole mail" if part == "mail" else part)


@register.filter
def of(found: Mapping[str, Any], name: str) -> Any:
    """What a mapping holds under a name that is known only on the page; "" when nothing."""
    return found.get(name, "")


@register.filter
def part(value: str, kind: str) -> str:
    """The name of a part of the audience: "CA" of "country" -> "country-CA"."""
    return f"{kind}-{value}"


@register.filter
def place(finding: Finding) -> str:
    """Where in the mail a finding is: "Subject", "Improvements and fixes, line 3", "The whole mail"."""
    name = label(finding.part)
    return name if finding.part in ("subject", "preheader", "mail") else f"{name}, line {finding.index + 1}"


@register.filter
def rows(lines: str) -> int:
    """How many rows a text needs in the editor, long lines folded; from 2 to 16."""
    needed = sum(1 + len(line) // _WIDTH for line in lines.split("\n"))
    return max(2, min(16, needed + 1))


@register.filter
def changed(written: str) -> str:
    """When an issue changed last, behind its status, from a moment as Jira writes it; "" when it cannot be read."""
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return ""
    return f" · changed {moment.day} {moment:%b %Y}"


@register.filter
def web(address: str) -> str:
    """An address out of Jira that may become a link: http and https only, "" for anything else."""
    return address if address.lower().startswith(("https://", "http://")) else ""


# What a large mail shows hundreds of times is one call each, not a dozen nodes of a template.
@register.simple_tag
def words_of(line: SentenceLine, kind: str, number: int, editable: bool) -> SafeString:
    """A sentence with links to the issues that it rests on: {% words_of sentence kind number writes %}."""
    keys = format_html_join(
        "", ' <a class="issue-key" href="#issue-{}"><span class="hidden-visually">rests on </span>{}</a>',
        ((key, key) for key in line.keys),
    )  # fmt: skip
    return format_html(
        '<span class="sentence {}" id="said-{}-{}" dir="auto" data-keys="{}"><span class="words"{}>{}</span>{}</span> ',
        line.mark, kind, number, " ".join(line.keys),
        format_html(' data-line="{}"', number) if editable else "", line.text, keys,
    )  # fmt: skip


@register.simple_tag
def issue_of(source: Source, *, problem: bool = False) -> SafeString:
    """An issue with its note, status and link: {% issue_of source %}; `problem` for an open one."""
    issue, page = source.issue, web(source.issue.url)
    link = (
        format_html('<a class="issue-key" href="{}" rel="noopener noreferrer" target="_blank">{}</a>', page, issue.key)
        if page
        else format_html('<span class="issue-key">{}</span>', issue.key)
    )
    note = format_html('<div class="small">{}</div>', Truncator(issue.note).chars(_NOTE)) if issue.note else ""
    often = Counter(block for block, _ in source.cited_at)
    links = format_html_join(
        ", ", '<a href="#said-{}-{}">{}{}</a>',
        ((block, at, label(block), f", line {at + 1}" if often[block] > 1 else "") for block, at in source.cited_at),
    )  # fmt: skip
    told = format_html('<div class="small told-in">Told in {}</div>', links) if often else ""
    return format_html(
        '<li class="issue" id="issue-{}" data-key="{}" tabindex="0"><div class="row spread"><span>{}{}</span>{}</div>'
        '<div class="small strong">{}</div>{}<div class="faint small">{}{}</div>{}</li>',
        issue.key, issue.key, link, _OPEN if problem else "", "" if source.is_cited else _SILENT, issue.summary,
        note or ("" if problem else _NO_NOTE), issue.status or "no status", changed(issue.updated),
        told,
    )  # fmt: skip


@register.filter
def clock(local: dt.datetime) -> str:
    """A moment as a wall clock shows it, in the zone that it carries and in no other."""
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


@register.simple_tag
def parts_of(desk: Desk, typed: Typed | None) -> list[Part]:
    """The parts of the mail in its order, with what stands in the editor."""
    return desk.parts(typed)


@register.simple_tag
def block_kinds() -> list[tuple[str, str]]:
    """Every kind of block with its name, in the order of the mail."""
    return [(kind, LABELS[kind]) for kind in BLOCK_KINDS]
