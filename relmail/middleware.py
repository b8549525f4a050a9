"""What every request passes before a page sees it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take NUL characters out of query and form values: PostgreSQL stores none, and nobody types one on purpose."""

    def handle(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _cleaned(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and any(NUL in value for _, values in request.POST.lists() for value in values):
            request.POST = _cleaned(request.POST)  # type: ignore[assignment]
        return get_response(request)

    return handle


def _cleaned(given: QueryDict) -> QueryDict:
    cleaned = given.copy()
    for name, values in given.lists():
        cleaned.setlist(name, [str(value).replace(NUL, "") for value in values])
    cleaned._mutable = False
    return cleaned
