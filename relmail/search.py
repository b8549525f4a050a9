"""One search over releases, campaigns, clients and contacts. Every look-up is a prefix by an index or a small table.

Releases and campaigns are hundreds, so each word may stand anywhere in their names. Clients and contacts may be a
million, so what is looked for is how a name or an address starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from campaigns import states
from campaigns.audience.browsing import starts_with
from campaigns.audience.models import Client, Contact
from campaigns.models import Campaign
from releases.models import Issue, Release

MOST = 10
LONGEST = 100


@dataclass(frozen=True)
class Result:
    """One thing that was found: what it is called, what it is, where it is."""

    title: str
    about: str
    link: str


@dataclass(frozen=True)
class Group:
    """The results of one kind. `all_link` leads to the page that lists the rest, "" when there is none."""

    kind: str
    label: str
    results: list[Result] = field(default_factory=list)
    more: bool = False
    all_link: str = ""


def search(text: str, user: Any) -> list[Group]:
    """What the text finds for this person, kinds without a result left out. At most eight queries."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return []
    kinds: tuple[tuple[str, Callable[[str], Group]], ...] = (
        ("releases.view_release", _releases), ("campaigns.view_campaign", _campaigns),
        ("campaigns.view_client", _clients), ("campaigns.view_contact", _contacts),
    )  # fmt: skip
    groups = [look(text) for permission, look in kinds if user.has_perm(permission)]
    return [group for group in groups if group.results]


def _named(text: str, release: str = "") -> Q:
    """Each word in the name of the release, or in the name or key of its product."""
    wanted = Q()
    for word in text.split()[:6]:
        wanted &= (
            Q(**{f"{release}name__icontains": word})
            | Q(**{f"{release}product__name__icontains": word})
            | Q(**{f"{release}product__jira_key__iexact": word})
        )
    return wanted


def _group(kind: str, label: str, rows: Iterable[Any], made: Callable[[Any], Result], all_link: str = "") -> Group:
    found = list(rows)
    return Group(kind, label, [made(row) for row in found[:MOST]], len(found) > MOST, all_link)


def _releases(text: str) -> Group:
    wanted = _named(text)
    if "-" in text:
        # A key of Jira finds the releases that its issue is in.
        wanted |= Q(pk__in=list(Issue.objects.filter(key=text.upper()).values_list("release_id", flat=True)[:MOST]))
    rows = Release.objects.filter(wanted).select_related("product").order_by("-release_date", "-pk")[: MOST + 1]
    return _group(
        "release", "Releases", rows,
        lambda row: Result(str(row), _dated(row), row.get_absolute_url()), reverse("releases:list"),
    )  # fmt: skip


def _dated(release: Release) -> str:
    date = f"dated {release.release_date:%d %b %Y}" if release.release_date else "without a date"
    return f"{release.get_state_display()}, {date}"


def _campaigns(text: str) -> Group:
    rows = (
        Campaign.objects.filter(_named(text, "release__"))
        .select_related("release__product")
        .order_by("-created_at", "-pk")[: MOST + 1]
    )
    return _group(
        "campaign", "Campaigns", rows,
        lambda row: Result(str(row), states.CAMPAIGN[row.state].label, row.get_absolute_url()),
        f"{reverse('planning:list')}?{urlencode({'text': text})}",
    )  # fmt: skip


def _starting(rows: QuerySet[Any], name: str, text: str, size: int) -> list[Any]:
    """Rows whose name starts so, as it was typed and in the two usual spellings; each is a range of an index."""
    found: dict[int, Any] = {}
    for spelling in dict.fromkeys((text, text[:1].upper() + text[1:], text.title())):
        if len(found) < size:
            found.update({row.pk: row for row in rows.filter(starts_with(name, spelling)).order_by(name)[:size]})
    return list(found.values())[:size]


def _clients(text: str) -> Group:
    return _group(
        "client", "Clients", _starting(Client.objects.all(), "name", text, MOST + 1),
        lambda row: Result(row.name, row.country or "country not known", reverse("audience:client", args=[row.pk])),
        f"{reverse('audience:clients')}?{urlencode({'q': text})}",
    )  # fmt: skip


def _contacts(text: str) -> Group:
    living = Contact.objects.filter(erased_at__isnull=True).select_related("client")
    found = {row.pk: row for row in living.filter(starts_with("email", text.lower())).order_by("email")[: MOST + 1]}
    if "@" not in text and len(found) <= MOST:
        found.update({row.pk: row for row in _starting(living, "last_name", text, MOST + 1)})
    return _group(
        "contact", "Contacts", list(found.values())[: MOST + 1],
        lambda row: Result(row.email, f"{row.full_name}, {row.client}", reverse("audience:contact", args=[row.pk])),
        f"{reverse('audience:contacts')}?{urlencode({'q': text})}",
    )  # fmt: skip
