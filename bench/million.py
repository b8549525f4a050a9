"""A whole campaign from approved to sent: started, prepared and sent at the same time, as ticks and workers do it.

    python bench/million.py [--messages 1000000] [--workers 2]

One process is the tick: it starts the e-mail, prepares it for at most eight seconds at a time and ends it. The others
are workers. Every hundredth address is suppressed. A line each few seconds says how far it is and how much memory each
process holds; PostgreSQL. At the end the balance and what the sink counted have to agree: everybody once, and nobody
who is suppressed. The last line holds the seconds, the messages a second, and the most memory that a process held at
a tenth of the way and at the end, in MB.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import database, machine, process, sink_client
from bench.process import Start, Work

EVERY = 100  # one address in so many is suppressed


def email(start: Start, *, campaign: int) -> dict[str, Any]:
    """An approved e-mail whose moment has come, and the suppressions."""
    from django.db import connection
    from django.utils import timezone

    from bench import campaign as campaigns
    from campaigns.models import CampaignEmail, Contact, Suppression

    made = campaigns.email(start, campaign=campaign, prepared=False, rate=10_000_000.0)["email"]
    CampaignEmail.objects.filter(pk=made).update(state="approved", started_at=None)
    addresses = Contact.objects.filter(pk__in=range(EVERY, Contact.objects.count() + 1, EVERY)).values_list("email")
    Suppression.objects.bulk_create(
        Suppression(email=address, reason="hard_bounce", source="bench", since=timezone.now())
        for (address,) in addresses
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"email": made}


def tick(start: Start, *, email: int) -> dict[str, Any]:
    """What the tick does about one campaign, until it is sent."""
    from django.utils import timezone

    from campaigns.delivery import sending, services, tasks
    from campaigns.models import CampaignEmail

    start()
    prepared = 0.0
    began = time.monotonic()
    while CampaignEmail.objects.filter(pk=email, finished_at=None).exists():
        sending.reap(now=timezone.now())
        services.start_due(now=timezone.now())
        services.prepare_due(now=timezone.now(), until=tasks._after(tasks.PATIENCE))
        if not prepared and CampaignEmail.objects.filter(pk=email, prepared_at__isnull=False).exists():
            prepared = time.monotonic() - began
        services.finish_due(now=timezone.now())
        time.sleep(0.5)
    return {"prepared": prepared}


def work(start: Start, *, email: int, number: int) -> dict[str, Any]:
    """One worker: a task of ten seconds, and the next, until everything is sent."""
    from campaigns.delivery import tasks, turns
    from campaigns.models import CampaignEmail

    start()
    settled = 0
    while CampaignEmail.objects.filter(pk=email, finished_at=None).exists():
        done = turns.send_all(start=number, seconds=tasks.SECONDS_PER_TASK)
        settled += done
        if not done:
            time.sleep(0.2)
    return {"batches": settled}


def watch(
    url: str, email: int, sink: int, ended: threading.Event, every: float
) -> Iterator[tuple[float, int, int, list[float]]]:
    """Seconds, messages written, messages settled and the peak memory of each process, until the work has ended."""
    import psycopg

    began = time.monotonic()
    asked = (
        "SELECT coalesce(sum(queued + accepted + suppressed + failed + cancelled + unknown), 0)::int, "
        "coalesce(sum(accepted + suppressed + failed), 0)::int FROM campaigns_batch WHERE email_id = %s"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        while not ended.wait(every):
            row = connection.execute(asked, [email]).fetchone()
            assert row
            memory = sorted(process.peak_of(pid) for pid in process.children_of(os.getpid()) if pid != sink)
            yield time.monotonic() - began, row[0], row[1], memory


def main() -> None:
    """Walk the campaign and check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two lines")
    chosen = parser.parse_args()
    with sink_client.running(count=True) as sink, database.postgres("million") as url:
        environment = database.environment(url, AWS_SES_ENDPOINT_URL=sink.url)
        made = process.call(Work("bench.campaign:people", environment, {"count": chosen.messages}))["campaign"]
        found = process.call(Work("bench.million:email", environment, {"campaign": made}))["email"]
        jobs = [Work("bench.million:tick", environment, {"email": found})]
        jobs += [Work("bench.million:work", environment, {"email": found, "number": n}) for n in range(chosen.workers)]
        ended = threading.Event()
        results: list[process.Measured] = []

        def run() -> None:
            try:
                results.append(process.run(jobs, database=url))
            finally:
                ended.set()

        thread = threading.Thread(target=run)
        thread.start()
        early = late = 0.0
        print(f"{'seconds':>8} {'prepared':>10} {'settled':>10} {'a second':>9}  memory of each process, MB")
        before, settled_before = 0.0, 0
        for seconds, written, settled, memory in watch(url, found, sink.pid, ended, chosen.every):
            rate = (settled - settled_before) / (seconds - before)
            held = " ".join(f"{size:.0f}" for size in memory)
            print(f"{seconds:8.0f} {written:10,} {settled:10,} {rate:9,.0f}  {held}", flush=True)
            before, settled_before = seconds, settled
            late = max(memory, default=late)
            early = early or (late if settled >= chosen.messages / 10 else 0.0)
        thread.join()
        if not results:
            raise SystemExit("A process ended early; its error is above.")
        states = process.call(Work("bench.campaign:balance", environment, {"email": found}))["states"]
        counted = sink.stats()
        machine.describe(url=url)
    measured = results[0]
    print(
        f"balance: {states}; the sink accepted {counted['accepted']:,} for {counted['recipients']:,} people, "
        f"{counted['duplicates']} twice; everybody was prepared after {measured.answers[0]['prepared']:.0f} s"
    )
    suppressed = chosen.messages // EVERY
    sent = chosen.messages - suppressed
    if states != {"accepted": sent, "suppressed": suppressed} or counted["recipients"] != sent or counted["duplicates"]:
        raise SystemExit("The balance does not add up.")
    print(
        f"seconds={measured.seconds:.0f} messages_per_second={chosen.messages / measured.seconds:.0f} "
        f"memory_early_mb={early:.0f} memory_late_mb={max(late, measured.peak_mb):.0f} duplicates=0 missing=0"
    )


if __name__ == "__main__":
    main()
