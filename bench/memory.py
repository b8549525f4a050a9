"""Does a worker need more memory for more messages?

    python bench/memory.py [--messages 100000] [--rounds 3]

One worker sends 10,000 messages and then --messages (give 1000000 for the whole answer) to the sink; PostgreSQL. The
figure is the peak resident size of the worker's process (VmHWM of proc(5)), from before the first claim to the end.
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

SMALL = 10_000


def main() -> None:
    """Send a few and many, in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    small = min(SMALL, chosen.messages // 2)
    with (
        sink_client.running() as sink,
        database.postgres("memory_small") as few,
        database.postgres("memory_large") as many,
    ):
        sides = [side(sink, few, small), side(sink, many, chosen.messages)]
        take_turns(sides, chosen.rounds)
        machine.describe(url=many)
    print(table(sides))
    peaks = [statistics.median(figure.measured.peak_mb for figure in one.figures) for one in sides]
    print(f"ratio={peaks[1] / peaks[0]:.2f} peak_mb={peaks[1]:.0f}")


def side(sink: sink_client.RunningSink, url: str, messages: int) -> Side:
    """One worker that sends so many."""
    environment = database.environment(url, AWS_SES_ENDPOINT_URL=sink.url)
    campaign = process.call(Work("bench.campaign:people", environment, {"count": messages}))["campaign"]

    def run() -> Figure:
        wanted = {"campaign": campaign, "prepared": True, "rate": 10_000_000.0}
        email = process.call(Work("bench.campaign:email", environment, wanted))["email"]
        return Figure(messages, process.run([Work("bench.campaign:send", environment, {"email": email})], database=url))

    return Side(f"{messages:,} messages", run)


if __name__ == "__main__":
    main()
