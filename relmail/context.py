"""What every page knows: which product this is and what the person may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, Any]:
    """The first part of the path, so that the navigation can mark where the person is."""
    return {"section": request.path.strip("/").split("/", 1)[0]}
