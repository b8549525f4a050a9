"""Run the worker of celery_site.py with a Redis of its own, and time it by what arrives at the sink."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import process
from bench.rounds import Figure
from bench.sink_client import RunningSink

ROOT = Path(__file__).resolve().parent.parent.parent


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The address of BENCH_REDIS_URL, or of a Redis that keeps nothing and ends with the block."""
    if os.environ.get("BENCH_REDIS_URL"):
        yield os.environ["BENCH_REDIS_URL"]
        return
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("Celery needs Redis: install redis-server or set BENCH_REDIS_URL; --sides leaves it out.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"],  # noqa: S108
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def run(sink: RunningSink, environment: dict[str, str], *, messages: int, processes: int) -> Figure:
    """Queue the tasks, start the worker, and count from the first mail that arrives to the last.

    So neither queueing nor the start of the worker is in the figure.
    """
    process.call(process.Work("bench.peers.celery_site:queue", environment, {"messages": messages}))
    sink.reset()
    worker = subprocess.Popen(
        [
            sys.executable, "-m", "celery", "-A", "bench.peers.celery_site", "worker", "--pool=prefork",
            f"--concurrency={processes}", "--loglevel=ERROR",
        ],
        env=environment | {"PYTHONWARNINGS": "ignore"}, cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        before = None
        patience = time.monotonic() + 60 + messages / 20
        while (stats := sink.stats())["accepted"] < messages:
            if stats["accepted"] and before is None:
                before = (stats["accepted"], process.tree_cpu(worker.pid))
            if worker.poll() is not None or time.monotonic() > patience:
                raise SystemExit("Celery's worker did not send everything.")
            time.sleep(0.05)
        early, cpu = before or (0, 0.0)
        counted = (process.tree_cpu(worker.pid) - cpu) * messages / max(messages - early, 1)
        peak = process.peak_of(worker.pid)
    finally:
        worker.terminate()
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
    seconds = stats["last"] - stats["first"]
    return Figure(messages, process.Measured(seconds, counted, 0.0, peak))
