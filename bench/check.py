"""How long the checks take when somebody saves a mail of a release with three hundred issues.

    python bench/check.py [--issues 300] [--rounds 20]

The same as on a save: facts read from the snapshot's JSON, then sources, dangers, words of the house and the job of the
mail. "first" is the first check of a snapshot in a fresh process, with the words of its issues kept by the timetable
(campaigns/drafting/indexing.py); "unprepared" is without them. The release is made up of plain sentences, no two alike.
Times are of the processor, so that a busy machine does not count; the wall clock of "first" stands beside them.
The last line is: first=N ms again=N ms limit=50 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import jira_facts  # noqa: F401 - sets Django up
from campaigns.drafting import (
    checks,
    clauses,
    dates,
    extractive,
    figures,
    grounding,
    languages,
    names,
    opposites,
    phrasing,
    sources,
    stems,
    summaries,
    values,
    wording,
)
from campaigns.drafting.facts import Facts

LIMIT = 50
_WHO = ("import", "export", "search", "index", "calendar", "invoice", "report", "backup", "upload", "filter", "printer")
_WHAT = ("fails", "loses", "shows", "keeps", "stores", "sorts", "hides", "sends", "reads", "merges", "splits", "limits")
_HOW = ("empty lines", "large files", "old browsers", "long names", "two time zones", "a slow network", "many users")


def release(count: int) -> dict[str, Any]:
    """Facts with so many issues, each with a description of about 700 characters."""
    chance = random.Random(4)

    def sentence(number: int) -> str:
        who, what, how = chance.choice(_WHO), chance.choice(_WHAT), chance.choice(_HOW)
        return f"The {who} of module{number % 40} {what} {how} when option {number} is set to {chance.randint(2, 900)}."

    kinds = ("feature", "improvement", "fix", "fix", "other")
    issues = [
        {
            "key": f"KITE-{number}", "kind": kinds[number % 5] if number > 3 else "breaking",
            "summary": sentence(number).rstrip("."), "note": sentence(number) if number % 10 == 0 else "",
            "description": " ".join(sentence(number) for _ in range(9)), "components": [f"module{number % 40}"],
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    excluded = [
        {"key": f"KITE-{number}", "summary": sentence(number), "reason": "internal"}
        for number in range(count + 1, count + 31)
    ]
    head = {"name": "2.4.0", "release_date": "2026-11-25", "description": "", "released": False, "url": ""}
    return {"product": {"key": "KITE", "name": "Kite"}, "release": head, "issues": issues, "excluded": excluded}


def forget() -> None:
    """As in a fresh process: no text has been taken apart, no word stemmed."""
    for module in (
        clauses,
        dates,
        figures,
        grounding,
        languages,
        names,
        opposites,
        phrasing,
        stems,
        summaries,
        values,
        wording,
    ):
        for cached in vars(module).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()
    grounding._kept.clear()


def one_save(data: str, text: Any, kept: str | None) -> float:
    """Milliseconds of processor time of one check, from the JSON as the database gives it."""
    began = time.process_time()
    facts = Facts.from_json(json.loads(data))
    if kept is not None:
        judge = grounding.Checker(facts, json.loads(kept))
        grounding.keep(judge)
        judge.check(text)
        checks.beside_sources(text, facts, step="announcement")
    else:
        checks.check(text, facts, step="announcement")
    return (time.process_time() - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issues", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    made = release(options.issues)
    facts = Facts.from_json(made)
    text, data = extractive.draft(facts, "announcement"), json.dumps(made)
    kept = json.dumps(sources.stems_of(facts))
    first, unprepared, again, wall = [], [], [], []
    for _ in range(options.rounds):
        forget()
        began = time.perf_counter()
        first.append(one_save(data, text, kept))
        wall.append((time.perf_counter() - began) * 1000)
        forget()
        unprepared.append(one_save(data, text, None))
        again.append(one_save(data, text, None))
    print(f"{options.issues} issues, {len(data):,} bytes of facts, {sum(1 for _ in text.sentences())} sentences, "
          f"{options.rounds} rounds; median and slowest, in ms")  # fmt: skip
    for name, times in (("first", first), ("again", again), ("unprepared", unprepared), ("first, wall", wall)):
        print(f"{name:<12}{statistics.median(times):7.1f}{max(times):7.1f}")
    print(f"first={statistics.median(first):.0f} ms again={statistics.median(again):.0f} ms limit={LIMIT} ms")


if __name__ == "__main__":
    main()
