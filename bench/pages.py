"""How many queries and milliseconds does a page cost on the server, in a database as large as a company's?

    python bench/pages.py [--messages 200000] [--releases 200] [--rounds 15] [--postgres]

Makes releases with four e-mails each, one e-mail with 300 issues, 50 comments and 20 texts, and another that goes to so
many people; then asks for each page as a release manager and prints queries, the median and the slowest time by the
clock, the CPU time of this process (without PostgreSQL's; the honest figure on a machine that others use too) and the
size. The first answer of each page is not counted. The last line says whether every page kept under 100 ms.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import database, machine

LIMIT_MS = 100.0
STATES = ("drafted", "in_review", "approved", "sent", "held", "needs_changes")


def main() -> None:
    """Make the database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--releases", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL at BENCH_DATABASE_URL instead of SQLite")
    chosen = parser.parse_args()
    machine.describe()
    with database.postgres("pages") if chosen.postgres else database.sqlite() as url:
        os.environ.update(database.environment(url))
        import django

        django.setup()
        pages = fill(messages=chosen.messages, releases=chosen.releases)
        measure(pages, rounds=chosen.rounds)
        from django.db import connections

        connections.close_all()


def fill(*, messages: int, releases: int) -> dict[str, str]:
    """Everything that the pages show. Returns the pages by name."""
    from django.urls import reverse
    from django.utils import timezone

    from bench import campaign as benches
    from campaigns.delivery.preparing import prepare
    from campaigns.drafting.text import Sentence
    from campaigns.models import Campaign, CampaignEmail, Comment
    from tests import factories

    now = timezone.now()
    large = Campaign.objects.get(pk=benches.people(lambda: None, count=messages)["campaign"])
    sending = factories.make_approved_email(large, state="sending", step="release_day")
    prepare(email=sending, now=now)
    product = large.release.product
    for number in range(releases - 1):
        release = factories.make_release(product, name=f"{number // 10}.{number % 10}")
        small = factories.make_campaign(release, cadence=large.cadence)
        for place, step in enumerate(("announcement", "reminder", "release_day", "follow_up")):
            email = factories.make_email(
                small, step=step, state=STATES[(number + place) % len(STATES)], send_at=now + dt.timedelta(hours=number)
            )
            factories.make_revision(email)
    email = factories.make_email(large, state="in_review", send_at=now + dt.timedelta(days=1))
    facts = copy.deepcopy(factories.FACTS)
    facts["issues"] += [{**facts["issues"][1], "key": f"KITE-{number}"} for number in range(20, 317)]
    factories.make_snapshot(large.release, facts)
    author = factories.make_user("Marketer")
    Comment.objects.bulk_create(
        Comment(email=email, body=f"Comment {number}", author=author, at=now) for number in range(50)
    )
    for number in range(20):
        factories.make_revision(email, factories.make_draft(subject=f"Kite 2.4.0, text {number}"), author=author)
    fixes = [Sentence("Files over 2 GB can be uploaded again.", (f"KITE-{number}",)) for number in range(20, 60)]
    factories.make_revision(email, factories.make_draft().with_block("fixes", fixes), author=author)
    print(f"{CampaignEmail.objects.count():,} e-mails, {sending.messages.count():,} messages")
    return {
        "home": reverse("home"),
        "review: what waits": reverse("review:waiting"),
        "review: an e-mail": reverse("review:email", args=[email.pk]),
        "review: the preview": reverse("review:preview", args=[email.pk]),
        "review: people of the audience": reverse("review:people", args=[email.pk, "will_be_sent"]),
        "campaigns": reverse("planning:list"),
        "a campaign": reverse("planning:campaign", args=[large.pk]),
        "releases": reverse("releases:list"),
        "messages": reverse("delivery:messages", args=[sending.pk]),
        "contacts": reverse("audience:contacts"),
        "overview": reverse("analytics:overview"),
        "notices": reverse("notices:list"),
        "search: a product": f"{reverse('search')}?q=kite",
        "search: an address": f"{reverse('search')}?q=reader5",
        "search: nothing": f"{reverse('search')}?q=zzzz",
        # Asked for by the page once it is there, because it may take longer.
        "(beside the page) the calendar counted": reverse("agenda"),
        "(beside the page) the audience counted": reverse("review:audience", args=[email.pk]) + "?again=1",
    }


def measure(pages: dict[str, str], *, rounds: int) -> None:
    """Ask for each page and print what it cost."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from tests import factories

    settings.ALLOWED_HOSTS = ["*"]
    browser = Client()
    browser.force_login(factories.make_user("Release manager", first_name="Rolf"))
    slow = []
    print(f"\n{'page':42}{'queries':>9}{'median ms':>11}{'slowest':>9}{'CPU ms':>8}{'kB':>7}")
    for name, address in pages.items():
        answer: Any = browser.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{name} ({address}) answered {answer.status_code}.")
        queries = 0

        def count(execute: Any, *statement: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*statement)

        with connection.execute_wrapper(count):
            browser.get(address)
        times, cpu = [], []
        for _ in range(rounds if not name.startswith("(") else 2):
            started, worked = time.perf_counter(), time.thread_time()
            browser.get(address)
            times.append((time.perf_counter() - started) * 1000)
            cpu.append((time.thread_time() - worked) * 1000)
        median = statistics.median(times)
        if median > LIMIT_MS and not name.startswith("("):
            slow.append(f"{name} {median:.0f} ms")
        worked, size = statistics.median(cpu), len(answer.content) / 1000
        print(f"{name:42}{queries:>9}{median:>11.1f}{max(times):>9.1f}{worked:>8.1f}{size:>7.0f}")
    verdict = f"over {LIMIT_MS:.0f} ms: {', '.join(slow)}" if slow else f"every page kept under {LIMIT_MS:.0f} ms"
    print(f"\n{verdict}")


if __name__ == "__main__":
    main()
