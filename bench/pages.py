"""How many queries and milliseconds does every page cost on the server, in a database as large as a company's?

    python bench/pages.py [--messages 1000000] [--releases 200] [--rounds 7] [--database postgres|sqlite]
    python bench/pages.py --keep                 # leaves the filled database there and prints its address
    python bench/pages.py --on postgresql://...  # measures one that was left

First a small company answers for each page: those are the queries. Then the company grows (bench/company.py) and
answers again; a page that asks many more queries than before is named, for with the next million it would ask more
still.

The pages are those of tests/pages.py, which a test holds against the addresses of the product, so that none is
forgotten; with them their searches, filters and parts that htmx fetches, everything that a form on the page of an
e-mail posts (each rolled back), and of the admin every list with each of its filters, orders and searches, and one
row of each. The first answer is not counted. "counted" are those that read a million rows on purpose, beside a page
that is there already, and files to download.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import database, machine

LIMIT_MS = 100.0
# Beside a page that is there already: clashes of two weeks, a campaign's audience; a file; and a page that asks Jira.
COUNTED = ("agenda", "planning:audience", "delivery:export", "releases:mapping")
# The first row of something asks for what belongs to it; a query for each row would be many more.
FIRST_ROWS = 6


@dataclass(frozen=True)
class Asked:
    """One request: what it is called, its address, who asks, and what htmx or a form sends along."""

    name: str
    address: str
    role: str
    part: bool = False
    counted: bool = False
    form: dict[str, Any] | None = None
    target: str = ""


@dataclass
class Cost:
    """What one request cost."""

    asked: Asked
    status: int = 0
    queries: int = 0
    before: int | None = None  # in the small company
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def median_ms(self) -> float:
        """The median by the clock."""
        return statistics.median(self.seconds) * 1000


def main() -> None:
    """Make the company, or take one that was left, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000, help="of each of two e-mails")
    parser.add_argument("--releases", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--keep", action="store_true", help="leave the filled database (PostgreSQL) and end")
    parser.add_argument("--on", default="", help="the address of a database that --keep left")
    parser.add_argument("--only", default="", help="pages whose name matches this expression")
    chosen = parser.parse_args()
    if chosen.on:
        machine.describe(url=chosen.on)
        _start(chosen.on)
        from bench import company

        report(measure(company.found(), rounds=chosen.rounds, only=chosen.only))
        return
    made = database.sqlite() if chosen.database == "sqlite" else database.postgres("pages", keep=chosen.keep)
    with made as url:
        machine.describe(url=url)
        _start(url)
        from django.utils import timezone

        from bench import company
        from tests.world import make_world

        world = make_world(timezone.now())
        before = {} if chosen.keep else queries_of(world, only=chosen.only)
        began = time.perf_counter()
        company.grow(world, messages=chosen.messages, releases=chosen.releases)
        _told(time.perf_counter() - began)
        if chosen.keep:
            print(url)
        else:
            report(measure(company.found(), rounds=chosen.rounds, only=chosen.only, before=before))
        from django.db import connections

        connections.close_all()


def _start(url: str) -> None:
    os.environ.update(database.environment(url))
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # two hundred people in no time


def _told(seconds: float) -> None:
    from campaigns.models import CampaignEmail, Contact, Message
    from releases.models import Release

    print(
        f"{Release.objects.count():,} releases, {CampaignEmail.objects.count():,} e-mails, "
        f"{Contact.objects.count():,} contacts, {Message.objects.count():,} messages, in {seconds:.0f} s"
    )


def asked(world: Any) -> Iterator[Asked]:
    """Every request, the pages of the admin apart."""
    from django.urls import reverse

    from campaigns.audience import unsubscribe
    from campaigns.drafting import selectors
    from campaigns.review.typed import Typed
    from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
    from tests.pages import PAGES, PARTS

    for page in PAGES:
        role = RELEASE_MANAGER if RELEASE_MANAGER in page.roles else OPERATOR
        counted = page.name.startswith(COUNTED)
        yield Asked(page.name, page.address(world), role, part=page.name.startswith(PARTS), counted=counted)
    yield Asked("login", reverse("login"), "")
    yield Asked("healthz", reverse("healthz"), "")
    token = unsubscribe.token(world.contact.pk, world.product.pk)
    yield Asked("audience:unsubscribe", reverse("audience:unsubscribe", args=[token]), "")
    email = world.emails["reminder"]
    sent, sending = (reverse("delivery:messages", args=[world.emails[key].pk]) for key in ("announcement", "sending"))
    review = email.get_absolute_url()
    for name, address in (
        ("search?q=an address", f"{reverse('search')}?q=person777"),
        ("search?q=zzzz", f"{reverse('search')}?q=zzzz"),
        ("releases:list?state", f"{reverse('releases:list')}?state=released"),
        ("planning:list?text=3", f"{reverse('planning:list')}?text=3"),
        ("planning:list?state", f"{reverse('planning:list')}?state=active"),
        ("audience:contacts?q=an address", f"{reverse('audience:contacts')}?q=person777"),
        ("audience:contacts?q=a name", f"{reverse('audience:contacts')}?q=Example4"),
        ("audience:contacts?q=nobody", f"{reverse('audience:contacts')}?q=zzzz"),
        ("audience:clients?q", f"{reverse('audience:clients')}?q=client+0001"),
        ("audience:suppressions?q", f"{reverse('audience:suppressions')}?q=person50"),
        ("delivery:messages?failed", f"{sent}?state=failed"),
        ("delivery:messages?suppressed", f"{sent}?state=suppressed"),
        ("delivery:messages?address", f"{sent}?address=person777@client1.example"),
        ("delivery:messages?address of nobody", f"{sent}?address=nobody@x.example"),
        ("delivery:messages?queued", f"{sending}?state=queued"),
        ("review:people?will_be_sent", reverse("review:people", args=[email.pk, "will_be_sent"])),
        ("review:people?suppressed", reverse("review:people", args=[email.pk, "hard_bounce"])),
    ):  # fmt: skip
        yield Asked(name, address, OPERATOR if "delivery:" in name else RELEASE_MANAGER)
    for name, query, target in (
        ("compared with a revision", "?against=3", "changes"), ("every issue", "?issues=all", "sources"),
        ("the mail in dark", "?look=dark", "mail"), ("the desk", "", "desk"),
    ):  # fmt: skip
        yield Asked(f"review:email, {name}", review + query, RELEASE_MANAGER, part=True, target=target)
    again = reverse("review:audience", args=[email.pk]) + "?again=1"
    yield Asked(
        "review:audience, a million counted again", again, RELEASE_MANAGER, part=True, counted=True, target="sections"
    )
    steps = reverse("planning:plan", args=[world.bare_release.pk])
    yield Asked("planning:plan, the steps", steps, RELEASE_MANAGER, part=True, target="steps")
    lists = reverse("planning:choose_lists", args=[world.campaign.pk])
    yield Asked("planning:choose_lists, the form", lists, RELEASE_MANAGER, part=True, target="form")
    text = Typed.of(selectors.text_of(selectors.current_revision(email)), 21)
    typed = {**text.to_json(), "based_on": "21", "subject": "Kite 2.4.0 is there", "take_over": "1"}
    for verb, role, form, args in (
        ("lock", MARKETER, {}, ()),
        ("keep", MARKETER, typed, ()),
        ("edit", MARKETER, typed, ()),
        ("comment", MARKETER, {"body": "Is the date right?"}, ()),
        ("answer", MARKETER, {"body": "It is."}, (email.comments.filter(parent=None)[0].pk,)),
        ("resolve_comment", MARKETER, {}, (email.comments.filter(parent=None)[0].pk,)),
        ("leave_out", MARKETER, {"key": ["KITE-100", "KITE-101"], "reason": "Too small."}, ()),
        ("put_back", MARKETER, {"based_on": "21", "take_over": "1"}, (1,)),
        ("request_changes", RELEASE_MANAGER, {"based_on": "21", "comment": "Say it in fewer words."}, ()),
        ("withdraw", MARKETER, {"based_on": "21"}, ()),
        ("hold", RELEASE_MANAGER, {"why": "The date is not sure."}, ()),
        ("cancel", RELEASE_MANAGER, {"why": "No release."}, ()),
    ):  # fmt: skip
        address = reverse(f"review:{verb}", args=[email.pk, *args])
        yield Asked(f"review:{verb} (posted)", address, role, part=True, form=form, target="desk")


def in_admin(ask: Callable[[str], Any]) -> Iterator[Asked]:
    """Every list of the admin with its filters, orders and searches, as its links say, and one row of each."""
    from django.contrib import admin
    from django.urls import reverse

    yield Asked("admin", reverse("admin:index"), "superuser")
    for model, options in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        yield Asked(f"admin {meta.model_name}", address, "superuser")
        found = ask(address).content.decode()
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(\?[^"]+)"', found)}
        links |= (
            {f"?q={word}" for word in ("zzzz", "person777@client1.example", "77")} if options.search_fields else set()
        )
        for link in sorted(links):
            yield Asked(f"admin {meta.model_name}{link}", address + link, "superuser")
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            change = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
            yield Asked(f"admin {meta.model_name}, a row", change, "superuser")


class Browsers:
    """A signed-in test client for each role."""

    def __init__(self, world: Any) -> None:
        from django.contrib.auth import get_user_model
        from django.test import Client

        root, _ = get_user_model().objects.get_or_create(username="root", is_superuser=True, is_staff=True)
        self.clients = {"": Client(), "superuser": Client()}
        self.clients["superuser"].force_login(root)
        for role, person in world.people.items():
            if role:
                self.clients[role] = Client()
                self.clients[role].force_login(person)

    def ask(self, what: Asked) -> Any:
        """Send the request. What a form changes is rolled back."""
        from django.db import transaction

        headers = {"HX-Request": "true", "HX-Target": what.target} if what.target else {}
        client = self.clients[what.role]
        if what.form is None:
            return client.get(what.address, headers=headers)
        with transaction.atomic():
            answer = client.post(what.address, what.form, headers=headers)
            transaction.set_rollback(True)
        return answer


def _all(world: Any, browsers: Browsers, only: str) -> list[Asked]:
    admin = in_admin(browsers.clients["superuser"].get) if "admin" in (only or "admin") else ()
    return [each for each in (*asked(world), *admin) if re.search(only, each.name)]


def _count(browsers: Browsers, what: Asked) -> Cost:
    """Ask once and count the queries. Ends the bench when the answer is none of those a person would get."""
    from django.db import connection

    cost = Cost(what)

    def count(execute: Any, statement: str, *rest: Any) -> Any:
        if "SAVEPOINT" not in statement:
            cost.queries += 1
        return execute(statement, *rest)

    with connection.execute_wrapper(count):
        answer = browsers.ask(what)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    cost.status, cost.size = answer.status_code, len(body)
    if answer.status_code not in (200, 204):
        raise SystemExit(f"{what.name} ({what.address}) answered {answer.status_code}: {body[:300]!r}")
    return cost


def queries_of(world: Any, *, only: str = "") -> dict[str, int]:
    """How many queries each request takes, by name."""
    browsers = Browsers(world)
    return {each.name: _count(browsers, each).queries for each in _all(world, browsers, only) if each.form is None}


def measure(world: Any, *, rounds: int, only: str = "", before: dict[str, int] | None = None) -> list[Cost]:
    """Ask for everything several times."""
    browsers = Browsers(world)
    costs = []
    for each in _all(world, browsers, only):
        browsers.ask(each)  # the first answer fills caches of templates and plans
        cost = _count(browsers, each)
        cost.before = (before or {}).get(each.name)
        for _ in range(2 if each.counted else rounds):
            started, worked = time.perf_counter(), time.thread_time()
            browsers.ask(each)
            cost.seconds.append(time.perf_counter() - started)
            cost.cpu.append(time.thread_time() - worked)
        costs.append(cost)
    return costs


def report(costs: list[Cost]) -> None:
    """Print a line for each request, of lists in the admin only the slow ones; the verdict in the last line."""
    print(f"\n{'request':58}{'queries':>8}{'before':>8}{'median ms':>11}{'slowest':>9}{'CPU ms':>8}{'kB':>7}")
    for cost in costs:
        if cost.asked.name.startswith("admin ") and "?" in cost.asked.name and cost.median_ms < LIMIT_MS / 2:
            continue
        name = cost.asked.name + (" (counted)" if cost.asked.counted else "")
        before = "" if cost.before is None else str(cost.before)
        print(
            f"{name:58}{cost.queries:>8}{before:>8}{cost.median_ms:>11.1f}{max(cost.seconds) * 1000:>9.1f}"
            f"{statistics.median(cost.cpu) * 1000:>8.1f}{cost.size / 1000:>7.0f}"
        )
    judged = [cost for cost in costs if not cost.asked.counted]
    slow = [cost for cost in judged if cost.median_ms > LIMIT_MS]
    more = [cost for cost in judged if cost.before is not None and cost.queries > cost.before + FIRST_ROWS]
    for title, found in ((f"over {LIMIT_MS:.0f} ms", slow), ("more queries than in the small company", more)):
        names = ", ".join(cost.asked.name for cost in found)
        print(f"{title}: {names or 'none'}")
    most = max(judged, key=lambda cost: cost.queries)
    slowest = max(judged, key=lambda cost: cost.median_ms)
    print(f"the most queries: {most.asked.name}; the slowest: {slowest.asked.name}")
    parts = sum(cost.asked.part for cost in judged)
    admin = sum(cost.asked.name.startswith("admin") for cost in judged)
    print(
        f"slowest_ms={slowest.median_ms:.1f} most_queries={most.queries} pages={len(judged) - parts - admin} "
        f"partials={parts} admin={admin} over_limit={len(slow)} growing={len(more)}"
    )


if __name__ == "__main__":
    main()
