"""How fast is a campaign from claim to recorded state on PostgreSQL, beside the ways it is usually done?

    python bench/send.py [--messages 20000] [--rounds 3] [--sides boto3_bulk,post_office,celery] [--profile]

One sink on loopback answers everybody at once. The sides take turns:
  relmail        one worker: claim, suppression and consent asked, SendBulkEmail, every message's state committed
  boto3 bulk     the bare loop of SendBulkEmail: nothing stored, nobody asked; one process
  post_office    django-post_office with django-ses, as it comes, and with two processes (a fortieth of the messages)
  celery         one task per e-mail, SendEmail, Redis, two processes (a tenth of the messages)
The last line says how many times faster relmail is, in messages a second (with two processes where the other has
two), and the CPU seconds of relmail's worker and of PostgreSQL for 10,000 messages.

Needs PostgreSQL (BENCH_DATABASE_URL; a database of its own is made and dropped), for the peers `make bench-install`
and redis-server.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import database, machine, process, sink_client
from bench.process import Work
from bench.rounds import Figure, Side, table, take_turns

SIDES = ("boto3_bulk", "post_office", "celery")
NO_LIMIT = 10_000_000.0


class Bench:
    """The sides of this bench over one sink."""

    def __init__(self, sink: sink_client.RunningSink, url: str, messages: int) -> None:
        self.sink = sink
        self.url = url
        self.messages = messages
        self.environment = database.environment(url, AWS_SES_ENDPOINT_URL=sink.url)
        people = Work("bench.campaign:people", self.environment, {"count": messages})
        self.campaign = process.call(people)["campaign"]
        self.answer: dict[str, Any] = {}

    def relmail(self, workers: int, path: str = "bench.campaign:send") -> Figure:
        """Prepare an e-mail, then time so many workers that send it."""
        wanted = {"campaign": self.campaign, "prepared": True, "rate": NO_LIMIT}
        email = process.call(Work("bench.campaign:email", self.environment, wanted))["email"]
        self.sink.reset()
        work = [Work(path, self.environment, {"email": email})] * workers
        measured = process.run(work, database=self.url)
        states = process.call(Work("bench.campaign:balance", self.environment, {"email": email}))["states"]
        accepted = self.sink.stats()["accepted"]
        if states != {"accepted": self.messages} or accepted != self.messages:
            raise SystemExit(f"Not everything was sent: {states}, and the sink accepted {accepted}.")
        self.answer = measured.answers[0]
        return Figure(self.messages, measured)

    def boto3_bulk(self) -> Figure:
        """The bare loop."""
        work = Work("bench.peers.boto3_loop:work", self.environment, {"messages": self.messages})
        return Figure(self.messages, process.run([work]))

    def post_office(self, url: str, processes: int) -> Figure:
        """Queue with post_office, then time its sending."""
        messages = max(self.messages * processes // 40, 50)
        environment = database.environment(
            url, settings="bench.peers.post_office_site", AWS_SES_ENDPOINT_URL=self.sink.url
        )
        process.call(Work("bench.peers.post_office_site:queue", environment, {"messages": messages}))
        work = Work("bench.peers.post_office_site:work", environment, {"processes": processes})
        measured = process.run([work], database=url)
        if measured.answers[0]["accepted"] != messages:
            raise SystemExit(f"post_office sent {measured.answers[0]['accepted']} of {messages}.")
        return Figure(messages, measured)


def main() -> None:
    """Run the sides and print the table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", default=",".join(SIDES), help="which to compare with, by comma; default: all")
    parser.add_argument("--profile", action="store_true", help="one run of relmail alone: where the worker's time goes")
    chosen = parser.parse_args()
    names = [name for name in chosen.sides.split(",") if name]
    if unknown := sorted(set(names) - set(SIDES)):
        parser.error(f"no such side: {', '.join(unknown)}")
    if "post_office" in names and not chosen.profile and importlib.util.find_spec("post_office") is None:
        raise SystemExit("django-post_office is not installed: run `make bench-install`, or leave it out by --sides.")
    with contextlib.ExitStack() as open_things:
        sink = open_things.enter_context(sink_client.running())
        alone = sink_client.what_it_can_do(sink)
        url = open_things.enter_context(database.postgres("send"))
        bench = Bench(sink, url, chosen.messages)
        if chosen.profile:
            profile(bench)
            return
        sides = {name: Side(name, run) for name, run in runs(bench, names, open_things).items()}
        take_turns(list(sides.values()), chosen.rounds)
        machine.describe(url=url)
    print(f"the sink alone: {alone[1]:,.0f} messages/s in calls of 50")
    print(table(list(sides.values())))
    one, two = sides["relmail"].rate, sides["relmail, 2 processes"].rate if "relmail, 2 processes" in sides else 0.0
    ratios = {"boto3_bulk": ("boto3 bulk loop", one), "post_office": ("post_office", one)}
    ratios |= {"post_office_2": ("post_office, 2 processes", two), "celery": ("celery, 2 processes", two)}
    by_cpu = [f"{side.name} {side.cpu_per_10k / sides['relmail'].cpu_per_10k:.3g}" for side in sides.values()]
    print(f"CPU seconds a message, database included, relmail = 1 (steadier on a busy machine): {', '.join(by_cpu)}")
    figures = [f"{name}={ours / sides[side].rate:.3g}" for name, (side, ours) in ratios.items() if side in sides]
    print(" ".join([*figures, f"cpu_s_per_10k={sides['relmail'].cpu_per_10k:.2f}"]))


def runs(bench: Bench, names: list[str], open_things: contextlib.ExitStack) -> dict[str, Callable[[], Figure]]:
    """The chosen sides by name; what they need is opened."""
    found: dict[str, Callable[[], Figure]] = {"relmail": lambda: bench.relmail(1)}
    if "boto3_bulk" in names:
        found["boto3 bulk loop"] = bench.boto3_bulk
    if "post_office" in names or "celery" in names:
        found["relmail, 2 processes"] = lambda: bench.relmail(2)
    if "post_office" in names:
        site = database.postgres("post_office", settings="bench.peers.post_office_site")
        url = open_things.enter_context(site)
        found["post_office"] = lambda: bench.post_office(url, 1)
        found["post_office, 2 processes"] = lambda: bench.post_office(url, 2)
    if "celery" in names:
        from bench.peers import celery_run

        environment = bench.environment | {"BENCH_REDIS_URL": open_things.enter_context(celery_run.redis())}
        messages = max(bench.messages // 10, 100)
        found["celery, 2 processes"] = lambda: celery_run.run(bench.sink, environment, messages=messages, processes=2)
    return found


def profile(bench: Bench) -> None:
    """Say which functions of the product cost how much CPU time."""
    figure = bench.relmail(1, path="bench.profiling:send")
    batches = figure.messages / 50
    print(f"{figure.rate:,.0f} messages/s while watched; CPU milliseconds of the worker per batch of 50:")
    for name, (calls, milliseconds) in bench.answer["sections"].items():
        print(f"  {name:24} {milliseconds / batches:6.2f}  ({calls:,.0f} calls)")
    print("milliseconds of waiting for the database, per batch of 50:")
    for text, (calls, milliseconds) in bench.answer["statements"].items():
        print(f"  {milliseconds / batches:6.2f}  ({calls:,.0f} x) {text}")
    print(f"cpu_s_per_10k={figure.cpu_per_10k:.2f}")


if __name__ == "__main__":
    main()
