"""Every page that a person can open, with who may. One table for the tests of access, of looks and of accessibility."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests.world import World

NOBODY = ""
ALL = frozenset({MARKETER, RELEASE_MANAGER, OPERATOR})


@dataclass(frozen=True)
class Page:
    """A page: its name, its address in a world, and the roles that may open it. `NOBODY` is a person without a role."""

    name: str
    address: Callable[[World], str]
    roles: frozenset[str] = ALL


def _plain(name: str, roles: frozenset[str] = ALL, **query: str) -> Page:
    suffix = "?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else ""
    return Page(name + suffix, lambda world: reverse(name) + suffix, roles)


def _email(name: str, key: str, suffix: str = "") -> Page:
    return Page(f"{name} ({key}{suffix})", lambda world: reverse(name, args=[world.emails[key].pk]) + suffix)


PAGES = (
    _plain("home", ALL | {NOBODY}),
    _plain("password_change", ALL | {NOBODY}),
    _plain("agenda"),
    _email("clashes", "reminder"),
    _plain("search"),
    _plain("search", q="kite"),
    _plain("search", q="nothing"),
    _plain("notices:list", ALL | {NOBODY}),
    _plain("notices:list", ALL | {NOBODY}, show="unread"),
    _plain("notices:settings", ALL | {NOBODY}),
    _plain("notices:count", ALL | {NOBODY}),
    _plain("releases:list"),
    Page("releases:release", lambda world: reverse("releases:release", args=[world.release.pk])),  # type: ignore[union-attr]
    _plain("releases:add_product", frozenset({OPERATOR})),
    Page("releases:product", lambda world: reverse("releases:product", args=[world.release.product_id])),  # type: ignore[union-attr]
    Page(
        "releases:mapping",
        lambda world: reverse("releases:mapping", args=[world.release.product_id]),  # type: ignore[union-attr]
        frozenset({OPERATOR}),
    ),
    _plain("planning:list"),
    _plain("planning:list", text="nothing like it"),
    Page("planning:campaign", lambda world: reverse("planning:campaign", args=[world.campaign.pk])),  # type: ignore[union-attr]
    Page(
        "planning:choose_lists",
        lambda world: reverse("planning:choose_lists", args=[world.campaign.pk]),  # type: ignore[union-attr]
        frozenset({MARKETER, RELEASE_MANAGER}),
    ),
    Page("planning:audience", lambda world: reverse("planning:audience", args=[world.campaign.pk])),  # type: ignore[union-attr]
    Page(
        "planning:plan",
        lambda world: reverse("planning:plan", args=[world.bare_release.pk]),  # type: ignore[union-attr]
        frozenset({MARKETER, RELEASE_MANAGER}),
    ),
    _plain("review:waiting"),
    _email("review:email", "reminder"),
    _email("review:email", "release_day"),
    _email("review:preview", "reminder"),
    _email("review:audience", "reminder"),
    Page("review:people", lambda world: reverse("review:people", args=[world.emails["reminder"].pk, "planned"])),
    _email("delivery:estimate", "reminder"),
    _email("delivery:balance", "sending"),
    _email("delivery:messages", "announcement", "?state=unknown"),
    _email("delivery:messages", "announcement", "?state=accepted"),
    _email("delivery:messages", "sending"),
    _email("delivery:messages", "reminder"),
    _email("delivery:progress", "sending"),
    _email("delivery:export", "announcement", "?state=failed"),
    _plain("delivery:unsettled"),
    _plain("delivery:groups"),
    _plain("delivery:groups", state="unknown"),
    _plain("delivery:sender"),
    _plain("audience:home"),
    _plain("audience:contacts"),
    _plain("audience:clients"),
    Page("audience:client", lambda world: reverse("audience:client", args=[world.contact.client_id])),  # type: ignore[union-attr]
    Page("audience:contact", lambda world: reverse("audience:contact", args=[world.contact.pk])),  # type: ignore[union-attr]
    _plain("audience:imports"),
    Page("audience:import", lambda world: reverse("audience:import", args=[world.contact_import.pk])),  # type: ignore[union-attr]
    Page("audience:import_report", lambda world: reverse("audience:import_report", args=[world.contact_import.pk])),  # type: ignore[union-attr]
    _plain("audience:suppressions"),
    Page("audience:list", lambda world: reverse("audience:list", args=[world.contact_list.pk])),  # type: ignore[union-attr]
    _plain("templates:list"),
    Page("templates:template", lambda world: reverse("templates:template", args=["announcement"])),
    Page("templates:version", lambda world: reverse("templates:version", args=["announcement", 1])),
    Page("templates:frame", lambda world: reverse("templates:frame", args=["announcement", 1])),
    Page("templates:difference", lambda world: reverse("templates:difference", args=["announcement", 1, 1])),
    Page(
        "templates:draft",
        lambda world: reverse("templates:draft", args=["reminder"]),
        frozenset({MARKETER, RELEASE_MANAGER}),
    ),
    _plain("analytics:overview"),
    _plain("review:quality"),
    Page("review:quality?campaign", lambda world: reverse("review:quality") + f"?campaign={world.campaign.pk}"),  # type: ignore[union-attr]
)

# Pieces of pages and files: part of the table of access, nothing to look at on their own.
PARTS = (
    "agenda", "clashes", "notices:count", "planning:audience", "delivery:progress", "delivery:export",
    "delivery:estimate",
    "delivery:balance", "review:preview", "audience:import_report", "templates:frame",
)  # fmt: skip

# Addresses that answer to GET and are in no row above, each with the reason.
BESIDE = {
    "healthz": "for machines",
    "login": "for strangers; looked at with the refusals in tests/test_browser_pages.py",
    "audience:unsubscribe": "for readers, without an account; looked at in tests/test_browser_pages.py",
    "notices:open": "shows nothing: it marks a notice as read and goes on to the e-mail",
}


def whole_pages() -> list[Page]:
    """The pages that stand on their own."""
    return [page for page in PAGES if not page.name.startswith(PARTS)]
