"""A plot of the days as SVG, made on the server: no script, readable in light and dark, coloured by class."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.selectors import Day

WIDTH, HEIGHT = 1000, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 12, 30
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """A bar: delivered mails of one day. `title` is what a pointer over it shows."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Mark:
    """A point of a line, or a place on an axis with its words."""

    x: float
    y: float
    text: str = ""


@dataclass(frozen=True)
class Plot:
    """Everything that the template needs to draw."""

    width: int
    height: int
    bars: list[Bar]
    opened: str
    clicked: str
    opened_marks: list[Mark]
    clicked_marks: list[Mark]
    guides: list[Mark]
    dates: list[Mark]
    right: int
    bottom: int
    summary: str


def draw(days: list[Day]) -> Plot:
    """Delivered as bars, opened and clicked as lines, over a scale that starts at zero."""
    top_value = _scale_top(max([1, *(max(day.delivered, day.opened, day.clicked) for day in days)]))
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(days))

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top_value), 1)

    def x(number: int) -> float:
        return round(LEFT + slot * (number + 0.5), 1)

    bars = [
        Bar(round(x(n) - slot * 0.36, 1), y(day.delivered), round(slot * 0.72, 1), round(y(0) - y(day.delivered), 1),
            f"{day.date:%d %b}: {day.delivered:,} delivered, {day.opened:,} opened, {day.clicked:,} clicked")
        for n, day in enumerate(days)
    ]  # fmt: skip
    every = max(1, len(days) // 6)
    return Plot(
        width=WIDTH,
        height=HEIGHT,
        bars=bars,
        opened=" ".join(f"{x(n)},{y(day.opened)}" for n, day in enumerate(days)),
        clicked=" ".join(f"{x(n)},{y(day.clicked)}" for n, day in enumerate(days)),
        opened_marks=[Mark(x(n), y(day.opened)) for n, day in enumerate(days) if day.opened],
        clicked_marks=[Mark(x(n), y(day.clicked)) for n, day in enumerate(days) if day.clicked],
        guides=[Mark(LEFT, y(value), f"{value:,}") for value in _ticks(top_value)],
        dates=[
            Mark(x(n), HEIGHT - 8, f"{day.date:%d %b}")
            for n, day in enumerate(days) if (len(days) - 1 - n) % every == 0
        ],
        right=WIDTH - RIGHT,
        bottom=int(y(0)),
        summary=_summary(days),
    )  # fmt: skip


def _scale_top(largest: int) -> int:
    """The smallest of 1, 2, 5, 10, 20 ... that holds the largest value."""
    power = 1
    while True:
        for step in STEPS:
            if step * power >= largest:
                return step * power
        power *= 10


def _ticks(top: int) -> list[int]:
    parts = 4 if top % 4 == 0 else 5 if top % 5 == 0 else min(top, 2)
    return [top * n // parts for n in range(parts + 1)]


def _summary(days: list[Day]) -> str:
    delivered, opened = sum(day.delivered for day in days), sum(day.opened for day in days)
    clicked = sum(day.clicked for day in days)
    return (
        f"Per day over {len(days)} days: {delivered:,} mails delivered, {opened:,} opened and {clicked:,} clicked "
        "by people. The table below has each day."
    )
