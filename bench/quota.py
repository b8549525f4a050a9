"""Does the fleet use SES's quota and keep it, and do calls in flight hide SES's latency?

    python bench/quota.py [--seconds 15] [--rounds 3] [--workers 4] [--messages 20000]

Three questions, each to relmail on PostgreSQL:
  a sink that allows 500 recipients a second and answers after 100 ms, and one that allows 2,000: four workers, each a
  process. The share of the quota that was used while there was work (the first two seconds and the last are left out),
  and the share of calls that SES refused with 429. The rate is not told to relmail; it asks GetAccount.
  50 ms of latency and no quota: messages a second of one worker, against a bare loop of 32 threads of boto3 in one
  process, in turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import database, machine, process, sink_client
from bench.process import Work
from bench.rounds import Figure, Side, table, take_turns

QUOTAS = (500, 2_000)
QUOTA_LATENCY_MS, FLIGHT_LATENCY_MS = 100, 50
THREADS = 32
IN_FLIGHT = "32"  # SEND_CALLS_IN_FLIGHT of the worker that is measured against 32 threads


def held(url: str, campaign: int, *, quota: int, workers: int) -> tuple[float, float]:
    """(share of the quota used, share of calls refused) of one e-mail to everybody in the database."""
    with sink_client.running(quota=quota, latency_ms=QUOTA_LATENCY_MS) as sink:
        environment = database.environment(url, AWS_SES_ENDPOINT_URL=sink.url)
        wanted = {"campaign": campaign, "prepared": True}
        email = process.call(Work("bench.campaign:email", environment, wanted))["email"]
        sink.reset()
        process.run([Work("bench.campaign:send", environment, {"email": email})] * workers)
        stats = sink.stats()
    slices = {int(number): count for number, count in stats["slices"].items()}
    size = stats["slice_seconds"]
    first, last = min(slices) + round(2 / size), max(slices) - round(1 / size)
    used = sum(count for number, count in slices.items() if first <= number < last) / ((last - first) * size)
    print(
        f"  quota {quota:,}/s: {used:,.0f} recipients/s, {stats['throttled']} of {stats['calls']} calls refused, "
        f"at most {stats['most_in_flight']} calls in flight",
        flush=True,
    )
    return used / quota, stats["throttled"] / stats["calls"]


def main() -> None:
    """Ask the three questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=12, help="how long each quota is held; at least 5")
    parser.add_argument("--messages", type=int, default=20_000, help="for the run without quota")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=4)
    chosen = parser.parse_args()
    shares: dict[int, list[tuple[float, float]]] = {quota: [] for quota in QUOTAS}
    for quota in QUOTAS:
        count = int(quota * max(chosen.seconds, 5))
        with database.postgres(f"quota{quota}") as url:
            people = Work("bench.campaign:people", database.environment(url), {"count": count})
            campaign = process.call(people)["campaign"]
            for _ in range(chosen.rounds):
                shares[quota].append(held(url, campaign, quota=quota, workers=chosen.workers))
    with (
        database.postgres("flight") as url,
        sink_client.running(latency_ms=FLIGHT_LATENCY_MS) as sink,
    ):
        sides = in_flight(sink, url, chosen.messages)
        take_turns(sides, chosen.rounds)
        machine.describe(url=url)
    print(
        f"the sink answers each call after {FLIGHT_LATENCY_MS} ms: one call after the other would be 1,000 messages/s"
    )
    print(table(sides))
    used = {quota: statistics.median(share for share, _ in shares[quota]) for quota in QUOTAS}
    refused = {quota: statistics.median(share for _, share in shares[quota]) for quota in QUOTAS}
    figures = [f"quota_{quota}={used[quota]:.2f}" for quota in QUOTAS]
    figures += [f"throttled_{quota}={refused[quota]:.3f}" for quota in QUOTAS]
    print(" ".join([*figures, f"in_flight={sides[0].rate / sides[1].rate:.2f}"]))


def in_flight(sink: sink_client.RunningSink, url: str, messages: int) -> list[Side]:
    """One worker of relmail, and 32 threads of boto3."""
    environment = database.environment(url, AWS_SES_ENDPOINT_URL=sink.url, SEND_CALLS_IN_FLIGHT=IN_FLIGHT)
    campaign = process.call(Work("bench.campaign:people", environment, {"count": messages}))["campaign"]

    def relmail() -> Figure:
        wanted = {"campaign": campaign, "prepared": True, "rate": 10_000_000.0}
        email = process.call(Work("bench.campaign:email", environment, wanted))["email"]
        sink.reset()
        work = Work("bench.campaign:send", environment, {"email": email})
        return Figure(messages, process.run([work], database=url))

    def threads() -> Figure:
        given = {"messages": messages, "threads": THREADS}
        return Figure(messages, process.run([Work("bench.peers.boto3_loop:work", environment, given)]))

    return [Side("relmail, 1 process", relmail), Side(f"boto3 bulk, {THREADS} threads", threads)]


if __name__ == "__main__":
    main()
