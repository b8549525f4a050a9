"""Measured work in processes of its own: started together, told to go together, asked for time, CPU and memory.

The work is a function `work(start, **arguments) -> dict`; it prepares, calls `start()`, which waits for the word to
go, and from then on everything counts. This file is also what the child runs.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
Start = Callable[[], None]


@dataclass(frozen=True)
class Measured:
    """What one run of one or more processes cost. `seconds` is wall clock from "go" to the last answer."""

    seconds: float
    cpu_seconds: float
    database_cpu_seconds: float
    peak_mb: float
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Work:
    """One process: a function by its path ("bench.x:function"), its arguments, and the environment it runs in."""

    path: str
    environment: dict[str, str]
    arguments: dict[str, Any] = field(default_factory=dict)


def run(work: Sequence[Work], *, database: str = "") -> Measured:
    """Run these at the same time and wait for all. With the URL of a PostgreSQL database its CPU time is counted too:
    that of the whole server, so nobody else should use it meanwhile."""
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.process", one.path, json.dumps(one.arguments)],
            env=one.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for one in work
    ]  # fmt: skip
    try:
        for child in children:
            _line(child, "ready")
        server = _postmaster(database)
        before = _server_cpu(server)
        started = time.monotonic()
        for child in children:
            assert child.stdin
            child.stdin.write("go\n")
            child.stdin.flush()
        answers = [json.loads(_line(child, "done ")) for child in children]
        seconds = time.monotonic() - started
        database_cpu = _server_cpu(server) - before
    finally:
        for child in children:
            if child.stdin:
                child.stdin.close()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout:
                child.stdout.close()
    return Measured(
        seconds=seconds,
        cpu_seconds=sum(answer.pop("cpu_seconds") for answer in answers),
        database_cpu_seconds=database_cpu,
        peak_mb=max(answer.pop("peak_mb") for answer in answers),
        answers=answers,
    )


def call(work: Work) -> dict[str, Any]:
    """Run one function in a process of its own, for what it does and not for how long it takes."""
    return run([work]).answers[0]


def _line(child: subprocess.Popen[str], wanted: str) -> str:
    assert child.stdout
    for line in child.stdout:
        if line.startswith(wanted):
            return line[len(wanted) :].strip()
    raise SystemExit(f"A measured process ended before it said {wanted.strip()!r}; its error is above.")


def cpu_of(pid: int | str) -> float:
    """CPU seconds of a process and of its children that have ended (proc(5): utime, stime, cutime, cstime)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def tree_cpu(pid: int) -> float:
    """CPU seconds of a process and of everything below it."""
    return cpu_of(pid) + sum(tree_cpu(child) for child in children_of(pid))


def peak_of(pid: int) -> float:
    """The largest resident size of a process and of those below it, added, in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)
    return own + sum(peak_of(child) for child in children_of(pid))


def _postmaster(database: str) -> int:
    if not database.startswith("postgres"):
        return 0
    import psycopg

    with psycopg.connect(database) as connection:
        backend = connection.info.backend_pid
        try:
            return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
        except FileNotFoundError:
            return 0  # on another machine: its CPU time cannot be read from here


def _server_cpu(postmaster: int) -> float:
    return tree_cpu(postmaster) if postmaster else 0.0


def main() -> None:
    """The child: set Django up, import the function, run it, say what it cost."""
    import django

    django.setup()
    module, _, name = sys.argv[1].partition(":")
    work = getattr(importlib.import_module(module), name)
    before = 0.0

    def start() -> None:
        nonlocal before
        print("ready", flush=True)
        sys.stdin.readline()
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        before = tree_cpu(os.getpid())

    answer = work(start, **json.loads(sys.argv[2])) or {}
    cost = {"cpu_seconds": tree_cpu(os.getpid()) - before, "peak_mb": peak_of(os.getpid())}
    print("done " + json.dumps(cost | answer), flush=True)


if __name__ == "__main__":
    main()
