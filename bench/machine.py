"""What a bench ran on, for the reader of its figures."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe(*, url: str = "") -> None:
    """Print processor, load and versions. A load above the number of processors makes every wall-clock figure worse."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
    memory = Path("/proc/meminfo").read_text().split()[1]
    load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
    print(
        f"{os.cpu_count()} x {model}, {int(memory) / 1024 / 1024:.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}{_postgres(url)}; load {load}"
    )


def _postgres(url: str) -> str:
    if not url.startswith("postgres"):
        return ""
    import psycopg

    with psycopg.connect(url) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("server_version", "synchronous_commit")]  # type: ignore[arg-type]
    version, commit = (str(row[0]) if row else "?" for row in shown)
    return f", PostgreSQL {version} with synchronous_commit {commit}"
