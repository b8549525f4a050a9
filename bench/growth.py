"""Does a claim cost the same at the first and at the last row?

    python bench/growth.py [--messages 100000] [--rounds 3]

One worker sends e-mails of 10,000, 100,000 ... up to --messages rows on PostgreSQL (give 1000000 for the whole
answer). The door to SES is replaced by one in the process that accepts at once, so that only the claim, the questions
asked in it and the record are measured. The largest is done again while another connection holds an old transaction
open, which keeps PostgreSQL from cleaning up dead rows. Given is the rate of the last tenth over that of the first;
1.0 is flat. The first and last tenth are those of the batches in the order in which they were sent.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import campaign, database, machine, process
from bench.process import Start, Work
from bench.rounds import Figure, Side, table

SMALLEST = 10_000


def send(start: Start, *, email: int) -> dict[str, Any]:
    """bench.campaign.send with a door that accepts everything at once and notes when it was asked."""
    from campaigns.delivery import ses

    moments: list[float] = []

    def accept(_: Any, request: Any) -> list[Any]:
        moments.append(time.monotonic())
        return [ses.EntryResult("accepted", f"{len(moments):016x}-{number}") for number in range(len(request.entries))]

    ses.SESDoor.send_bulk = accept  # type: ignore[method-assign]
    campaign.send(start, email=email)
    tenth = max(len(moments) // 10, 2)
    first, last = moments[tenth - 1] - moments[0], moments[-1] - moments[-tenth]
    return {"last_by_first": first / last, "calls": len(moments)}


@contextlib.contextmanager
def old_transaction(url: str) -> Iterator[None]:
    """A transaction that took its snapshot before anything was claimed, and stays open."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM campaigns_batch")
        yield
        connection.rollback()


def main() -> None:
    """Send e-mails of growing size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000, help="the largest e-mail")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sizes = [min(SMALLEST, chosen.messages)]
    while sizes[-1] * 10 <= chosen.messages:
        sizes.append(sizes[-1] * 10)
    if sizes[-1] < chosen.messages:
        sizes.append(chosen.messages)
    cases = [(size, False) for size in sizes] + [(sizes[-1], True)]
    sides = [Side(f"{size:,}{', old transaction' if old else ''}", run=lambda: None) for size, old in cases]  # type: ignore
    flat: list[list[float]] = [[] for _ in cases]
    with contextlib.ExitStack() as open_things:
        places = {}
        for size in sizes:
            url = open_things.enter_context(database.postgres(f"growth{size}"))
            people = Work("bench.campaign:people", database.environment(url), {"count": size})
            places[size] = (url, process.call(people)["campaign"])
        for number in range(chosen.rounds):
            for case, (size, old) in enumerate(cases):
                url, found = places[size]
                figure = run(url, found, size=size, old=old)
                sides[case].figures.append(figure)
                flat[case].append(figure.measured.answers[0]["last_by_first"])
                print(f"  round {number + 1}: {sides[case].name}: {figure.rate:,.0f} messages/s, last tenth over first "
                      f"{flat[case][-1]:.2f}", flush=True)  # fmt: skip
        machine.describe(url=url)
    print("claim and record; SES is a function in the process, so these are no sending rates")
    print(table(sides))
    names = [f"last_by_first_{size}{'_old_transaction' if old else ''}" for size, old in cases]
    print(" ".join(f"{name}={statistics.median(found):.2f}" for name, found in zip(names, flat, strict=True)))


def run(url: str, found: int, *, size: int, old: bool) -> Figure:
    """One e-mail of so many rows."""
    environment = database.environment(url)
    wanted = {"campaign": found, "prepared": True, "rate": 10_000_000.0}
    email = process.call(Work("bench.campaign:email", environment, wanted))["email"]
    with old_transaction(url) if old else contextlib.nullcontext():
        measured = process.run([Work("bench.growth:send", environment, {"email": email})], database=url)
    return Figure(size, measured)


if __name__ == "__main__":
    main()
