"""How a mail is shown on our pages: in a frame that runs nothing, loads nothing and shares nothing with the page.

The frame's address answers with a Content-Security-Policy of its own: inline styles, which every mail has, and
nothing else; `sandbox` takes away scripts, forms and our origin even when the address is opened by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpResponse, HttpResponseBase
from django.utils.html import format_html, format_html_join
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from templates import rendering

_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [],
}


def mail_frame(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Decorator of a view whose answer is a mail: the headers that make the frame harmless."""
    return never_cache(xframe_options_sameorigin(csp(_POLICY)(view)))


def mail(page: str, *, dark: bool = False) -> HttpResponse:
    """The HTML part, filled with a reader's values, as a mail client in light or in dark mode shows it."""
    return HttpResponse(rendering.in_scheme(page, dark=dark))


def problems(title: str, found: Iterable[str]) -> HttpResponse:
    """What is shown in the frame when the mail cannot be made. Status 200: a frame shows no other."""
    return HttpResponse(
        format_html(
            '<!doctype html><html lang="en"><title>{0}</title><body style="margin:0;padding:24px;background:#fff;'
            "color:#1a2027;font:16px/24px -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif\">"
            '<h1 style="font-size:18px;margin:0 0 12px">{0}</h1><ul>{1}</ul></body></html>',
            title,
            format_html_join("", '<li style="margin:0 0 8px;overflow-wrap:anywhere">{}</li>', ((it,) for it in found)),
        )
    )
