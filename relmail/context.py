"""What every page knows: where the person is, where they can go, which roles they have."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from campaigns.notices.selectors import MOST_COUNTED, unread_count

# Label, named page, the key after "g", the first parts of a path that belong to it, and the right that shows it: ""
# shows it to everybody.
NAVIGATION = (
    ("Home", "home", "h", ("",), ""),
    ("Releases", "releases:list", "r", ("releases",), ""),
    ("Campaigns", "planning:list", "c", ("campaigns",), ""),
    ("Review", "review:waiting", "w", ("emails",), "campaigns.view_campaignemail"),
    ("Audience", "audience:home", "a", ("audience",), ""),
    ("Templates", "templates:list", "t", ("templates",), ""),
    ("Sending", "delivery:sender", "s", ("sending",), "campaigns.view_sender"),
    ("Overview", "analytics:overview", "o", ("overview",), ""),
)


def desk(request: HttpRequest) -> dict[str, Any]:
    """The navigation with the place where the person is, and the names of their roles (read only when shown)."""
    return {
        "navigation": SimpleLazyObject(lambda: _navigation(request)),
        "roles": SimpleLazyObject(lambda: _roles(request)),
        "unread_notices": SimpleLazyObject(lambda: _unread(request)),
    }


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    section = request.path.strip("/").split("/", 1)[0]
    entries = [
        {"label": label, "url": reverse(name), "key": key, "current": section in sections}
        for label, name, key, sections, permission in NAVIGATION
        if not permission or request.user.has_perm(permission)
    ]
    if request.user.is_staff:
        entries.append({"label": "Admin", "url": reverse("admin:index"), "current": False})
    return entries


def _unread(request: HttpRequest) -> str:
    """How many notices the person has not read, in words for the header: "" for none, "99+" for many."""
    if not request.user.is_authenticated:
        return ""
    count = unread_count(request.user)
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count or "")


def _roles(request: HttpRequest) -> list[str]:
    user = request.user
    if not user.is_authenticated:
        return []
    names = list(user.groups.order_by("name").values_list("name", flat=True))
    return ["Superuser", *names] if user.is_superuser else names
