"""How the review page words and measures things. Load with {% load review %}."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template

from campaigns.drafting.text import BLOCK_KINDS
from campaigns.review.desk import Desk, Part
from campaigns.review.typed import LABELS, Typed

register = template.Library()

_WIDTH = 60  # characters of a line in the editor, roughly


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
def rows(lines: str) -> int:
    """How many rows a text needs in the editor, long lines folded; from 2 to 16."""
    needed = sum(1 + len(line) // _WIDTH for line in lines.split("\n"))
    return max(2, min(16, needed + 1))


@register.filter
def moment(written: str) -> dt.datetime | None:
    """A moment as Jira writes it; None when it cannot be read."""
    try:
        return dt.datetime.fromisoformat(written)
    except ValueError:
        return None


@register.filter
def web(address: str) -> str:
    """An address out of Jira that may become a link: http and https only, "" for anything else."""
    return address if address.lower().startswith(("https://", "http://")) else ""


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
