"""How fast are the messages of an e-mail written, and in how much memory?

    python bench/prepare.py [--messages 200000] [--peer-messages 50000] [--rounds 3] [--databases postgres,sqlite]

relmail's prepare() against Django's bulk_create of the same rows by 1,000, with contacts read by an iterator; on
PostgreSQL and on SQLite, in turns, each in a process of its own. Every row of every index is in the time. The other
side may write fewer rows, for the comparison is of rows a second. The last line says how many times faster relmail is,
and the peak memory of its process.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import database, machine, process
from bench.process import Start, Work
from bench.rounds import Figure, Side, table, take_turns

DATABASES = ("postgres", "sqlite")


def relmail(start: Start, *, email: int) -> dict[str, Any]:
    """The product's own way."""
    from django.utils import timezone

    from campaigns.delivery import preparing
    from campaigns.models import CampaignEmail

    found = CampaignEmail.objects.get(pk=email)
    start()
    return {"written": preparing.prepare(email=found, now=timezone.now())}


def bulk_create(start: Start, *, email: int, limit: int) -> dict[str, Any]:
    """The same rows by Django's objects: batches of 50 and their messages, 1,000 at a time."""
    from django.utils import timezone

    from campaigns.models import Batch, CampaignEmail, Contact, Message

    found = CampaignEmail.objects.get(pk=email)
    lists = list(found.campaign.lists.values_list("pk", flat=True))
    now = timezone.now()
    start()
    people = Contact.objects.filter(lists__in=lists, erased_at=None).distinct().select_related("client").order_by("pk")
    written = 0
    chunk: list[Contact] = []

    def write() -> int:
        cuts = [chunk[first : first + 50] for first in range(0, len(chunk), 50)]
        batches = Batch.objects.bulk_create(Batch(email=found, not_before=now, queued=len(cut)) for cut in cuts)
        Message.objects.bulk_create(
            Message(
                email=found, contact=contact, batch=batch, address=contact.email, changed_at=now,
                values={
                    "first_name": contact.first_name, "last_name": contact.last_name,
                    "client_name": contact.client.name,
                },
            )
            for batch, cut in zip(batches, cuts, strict=True)
            for contact in cut
        )  # fmt: skip
        return len(chunk)

    for contact in people[:limit].iterator(chunk_size=1_000):
        chunk.append(contact)
        if len(chunk) == 1_000:
            written += write()
            chunk = []
    return {"written": written + (write() if chunk else 0)}


def sides_on(url: str, *, messages: int, peer_messages: int) -> list[Side]:
    """Both sides on one database."""
    environment = database.environment(url)
    campaign = process.call(Work("bench.campaign:people", environment, {"count": messages}))["campaign"]
    kind = "PostgreSQL" if url.startswith("postgres") else "SQLite"

    def run(path: str, wanted: int, **arguments: int) -> Figure:
        email = process.call(
            Work("bench.campaign:email", environment, {"campaign": campaign, "prepared": False, "rate": 1.0})
        )["email"]
        measured = process.run([Work(path, environment, {"email": email, **arguments})], database=url)
        if measured.answers[0]["written"] != wanted:
            raise SystemExit(f"{path} wrote {measured.answers[0]['written']} of {wanted} messages.")
        return Figure(wanted, measured)

    return [
        Side(f"{kind}, relmail", lambda: run("bench.prepare:relmail", messages)),
        Side(f"{kind}, bulk_create", lambda: run("bench.prepare:bulk_create", peer_messages, limit=peer_messages)),
    ]


def main() -> None:
    """Run both sides on both databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--peer-messages", type=int, default=50_000, help="rows that bulk_create writes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", default=",".join(DATABASES))
    chosen = parser.parse_args()
    names = chosen.databases.split(",")
    if unknown := sorted(set(names) - set(DATABASES)):
        parser.error(f"no such database: {', '.join(unknown)}")
    with contextlib.ExitStack() as open_things:
        by_name: dict[str, list[Side]] = {}
        for name in names:
            opened = database.postgres("prepare") if name == "postgres" else database.sqlite()
            url = open_things.enter_context(opened)
            by_name[name] = sides_on(
                url, messages=chosen.messages, peer_messages=min(chosen.peer_messages, chosen.messages)
            )
        sides = [side for pair in by_name.values() for side in pair]
        take_turns(sides, chosen.rounds)
        machine.describe(url=url if names[-1] == "postgres" else "")
    print(table(sides))
    peak = max(figure.measured.peak_mb for pair in by_name.values() for figure in pair[0].figures)
    ratios = [f"{name}={pair[0].rate / pair[1].rate:.1f}" for name, pair in by_name.items()]
    print(" ".join([*ratios, f"memory_mb={peak:.0f}"]))


if __name__ == "__main__":
    main()
