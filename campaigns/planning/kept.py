"""A reason that was typed into a form which was refused: kept for the next page, so that nobody types it twice.

The page that follows a refusal is another request, so the words wait in the session and are taken from it once.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

_KEY = "kept-reason"
_LONGEST = 2000


@dataclass(frozen=True)
class Kept:
    """The words and the form they belong to, such as "email-12-hold". Both are empty when nothing was refused."""

    form: str = ""
    why: str = ""


def keep(request: HttpRequest, form: str) -> None:
    """Put away what stands in the field `why` of a refused form."""
    why = request.POST.get("why", "").strip()[:_LONGEST]
    if why:
        request.session[_KEY] = [form, why]


def take(request: HttpRequest) -> Kept:
    """What was put away by the request before; the second question finds nothing."""
    found = request.session.pop(_KEY, None) if _KEY in request.session else None
    return Kept(*found) if found else Kept()
