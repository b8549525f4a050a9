"""What every page shows in the same way: states, times, balances, form fields. Load with {% load pages %}."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns import states
from campaigns.delivery.reasons import labelled
from campaigns.planning.times import in_words
from campaigns.review.typed import LABELS

register = template.Library()

_TABLES = {"campaign": states.CAMPAIGN, "email": states.EMAIL, "batch": states.BATCH, "message": states.MESSAGE}
# In the order in which a person reads a balance: what went well, what did not, what is still to come.
_PARTS = (
    ("accepted", "success"), ("suppressed", "muted"), ("cancelled", "muted"), ("failed", "danger"),
    ("unknown", "warning"), ("queued", "info"),
)  # fmt: skip


@register.simple_tag
def state(table: str, name: str) -> SafeString:
    """A badge with the label and tone of a state: {% state "email" email.state %}."""
    found = _TABLES[table][name]
    return badge(found.label, found.tone)


@register.simple_tag
def badge(label: str, tone: str = "muted") -> SafeString:
    """A badge with words and a tone of our own: {% badge "Internal" "muted" %}."""
    return format_html('<span class="badge tone-{}">{}</span>', tone, label)


@register.simple_tag
def when(moment: dt.datetime | None, zone: str = "UTC", *, empty: str = "no time yet") -> SafeString:
    """A moment in a time zone, with UTC beside it when they differ: {% when email.send_at product.time_zone %}."""
    if moment is None:
        return format_html('<span class="faint">{}</span>', empty)
    try:
        local = moment.astimezone(zoneinfo.ZoneInfo(zone or "UTC"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        local = moment.astimezone(dt.UTC)
    universal = moment.astimezone(dt.UTC)
    shown = f"{local:%a} {local.day} {local:%b %Y, %H:%M}"
    if local.utcoffset() == dt.timedelta(0):
        return format_html('<time datetime="{}">{} <span class="zone">UTC</span></time>', universal.isoformat(), shown)
    other_day = f"{universal.day} {universal:%b} " if universal.date() != local.date() else ""
    return format_html(
        '<time datetime="{}">{} <span class="zone">{}</span> <span class="utc">({}{} UTC)</span></time>',
        universal.isoformat(), shown, local.tzname() or "", other_day, f"{universal:%H:%M}",
    )  # fmt: skip


@register.inclusion_tag("parts/balance.html")
def balance(figures: Any, email: Any = None) -> dict[str, Any]:
    """A bar and a legend of a delivery.selectors.Balance: {% balance figures email %}.

    With the e-mail, each figure leads to exactly those messages.
    """
    planned = int(figures.planned)
    parts: list[dict[str, Any]] = []
    at = 0.0
    for name, tone in _PARTS:
        count = int(getattr(figures, name, 0))
        width = 100 * count / planned if planned else 0.0
        parts.append({"name": name, "tone": tone, "count": count, "x": f"{at:.3f}", "width": f"{width:.3f}"})
        at += width
    return {
        "planned": planned, "parts": parts, "adds_up": figures.adds_up, "missing": planned - _total(parts),
        "email": email,
    }  # fmt: skip


def _total(parts: Iterable[dict[str, Any]]) -> int:
    return sum(part["count"] for part in parts)


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, autofocus: bool = False, note: str = "optional") -> dict[str, Any]:
    """A form field with label, help and errors, tied together for screen readers: {% field form.name %}.

    `note` stands behind the label of a field that may be left empty, where "optional" would be half the truth.
    """
    return {"field": bound, "kind": bound.widget_type, "autofocus": autofocus, "note": note}


@register.filter
def percent(rate: float | None, places: int = 1) -> str:
    """A rate between 0 and 1 as per cent; a dash when there is nothing to divide by."""
    return "–" if rate is None else f"{100 * rate:.{places}f} %"


@register.filter
def thousands(number: float | None) -> str:
    """1234567 as 1,234,567; parts of one are left out."""
    return "–" if number is None else f"{number:,.0f}"


@register.filter
def reason(code: str) -> str:
    """Why a message is in its state, in words: {{ message.reason|reason }}."""
    return labelled(code)


@register.filter
def breakable(address: str) -> SafeString:
    """An address that is broken before its @ and nowhere else, where its column is too narrow for it."""
    name, at, host = str(address or "").partition("@")
    return format_html("{}<wbr>{}{}", name, at, host) if at else format_html("{}", name)


@register.filter
def until(moment: dt.datetime | None, now: dt.datetime) -> str:
    """How far away a moment is, in its largest unit: "in 6 days", "in 40 minutes", "2 hours ago"."""
    if moment is None:
        return ""
    seconds = (moment - now).total_seconds()
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = round(abs(seconds) / length)
        if abs(seconds) >= length:
            words = f"{count} {name}{'' if count == 1 else 's'}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"


@register.filter
def concat(text: str, more: object) -> str:
    """Two pieces of a name put together: {{ "email-"|concat:email.pk }}."""
    return f"{text}{more}"


@register.filter
def initials(person: Any) -> str:
    """Two letters for a person: of the first and the last word of the name, or of the user name and its number."""
    names = f"{getattr(person, 'first_name', '')} {getattr(person, 'last_name', '')}".split()
    written = str(getattr(person, "username", "") or "?")
    words = names or re.findall(r"[^\W_]+", written.partition("@")[0]) or [written]
    if len(words) == 1:
        return words[0][:1] + words[0][-1] if words[0][-1:].isdigit() and len(words[0]) > 1 else words[0][:2]
    return words[0][:1] + words[-1][:1]


# So many colours stand beside those letters, which several people may share.
PEOPLE = 8


@register.simple_tag
def avatar(person: Any) -> SafeString:
    """The letters of a person in a colour of their own, for beside the name: {% avatar user %}."""
    tone = f"person-{person.pk % PEOPLE}" if getattr(person, "pk", None) else ""
    return format_html('<span class="initials {}" aria-hidden="true">{}</span>', tone, initials(person))


@register.filter
def person(user: Any, nobody: str = "the timetable") -> str:
    """How a person is named on a page; a row without one was written by the timetable."""
    return str(user.get_full_name() or user.get_username()) if user else nobody


@register.simple_tag
def said(comment: Any, zone: str) -> SafeString:
    """Who said what, when and about which part of a mail: {% said comment product.time_zone %}."""
    about = comment.block and format_html(' <span class="tag">{}</span>', LABELS.get(comment.block, comment.block))
    ended = comment.resolved_at and format_html(
        ' <span class="tag">resolved by {}</span>', person(comment.resolved_by, "somebody")
    )
    return format_html(
        '{}<div class="by"><strong>{}</strong> {}{}{}</div>'
        '<div class="said" dir="auto">{}</div>',
        avatar(comment.author), person(comment.author, "somebody"), when(comment.at, zone), about or "", ended or "",
        comment.body,
    )  # fmt: skip


@register.filter
def tone_of_message(level: str) -> str:
    """The tone of one of Django's messages."""
    return {"error": "danger", "warning": "warning", "success": "success"}.get(level, "info")


@register.filter
def transition(line: Any, zone: str = "UTC") -> SafeString:
    """What a line of history says: states by their labels, times by the clock of a zone, anything else as it stands."""
    table = _TABLES.get(line.what)
    if table is None:
        before, after = (in_words(value, zone) or "none" for value in (line.before, line.after))
        return format_html("{} {} → {}", line.what, before, after)
    before, after = (table[name].label if name in table else name for name in (line.before, line.after))
    return format_html("{} → {}", before, after) if before else format_html("{}", after)
