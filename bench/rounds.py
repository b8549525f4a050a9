"""Rounds of several sides that take turns, and the table and the last line that come of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.process import Measured


@dataclass(frozen=True)
class Figure:
    """One run: how many messages, and what they cost."""

    messages: int
    measured: Measured

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.measured.seconds

    @property
    def cpu_per_10k(self) -> float:
        """CPU seconds of the processes and the database for 10,000 messages."""
        return (self.measured.cpu_seconds + self.measured.database_cpu_seconds) * 10_000 / self.messages

    @property
    def database_per_10k(self) -> float:
        """CPU seconds of the database alone for 10,000 messages."""
        return self.measured.database_cpu_seconds * 10_000 / self.messages


@dataclass
class Side:
    """One side of a comparison and its runs."""

    name: str
    run: Callable[[], Figure]
    figures: list[Figure] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median of messages a second."""
        return statistics.median(figure.rate for figure in self.figures)

    @property
    def cpu_per_10k(self) -> float:
        """The median of CPU seconds for 10,000 messages."""
        return statistics.median(figure.cpu_per_10k for figure in self.figures)


def take_turns(sides: Sequence[Side], rounds: int) -> None:
    """Run every side once a round; the order turns, so that nobody is always first."""
    for number in range(rounds):
        for side in (*sides[number % len(sides) :], *sides[: number % len(sides)]):
            side.figures.append(side.run())
            print(f"  round {number + 1}: {side.name}: {side.figures[-1].rate:,.0f} messages/s", flush=True)


def table(sides: Sequence[Side]) -> str:
    """Medians with the smallest and the largest figure."""
    lines = [f"{'side':34} {'messages':>12} {'messages/s (min..max)':>34} {'CPU-s/10k':>10} {'of it db':>9} {'MB':>6}"]
    for side in sides:
        rates = [figure.rate for figure in side.figures]
        spread = f"{side.rate:,.0f} ({min(rates):,.0f}..{max(rates):,.0f})"
        size = f"{len(rates)} x {side.figures[0].messages:,}"
        database = statistics.median(figure.database_per_10k for figure in side.figures)
        peak = max(figure.measured.peak_mb for figure in side.figures)
        lines.append(f"{side.name:34} {size:>12} {spread:>34} {side.cpu_per_10k:>10.2f} {database:>9.2f} {peak:>6.0f}")
    return "\n".join(lines)
