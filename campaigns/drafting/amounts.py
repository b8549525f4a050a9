"""Amounts that a text tells, also where another number has the unit, and what each is in other units.

"From 48 hours (max 96)" tells 96 hours, "1-24 hours" an hour, "365 days" a year.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import permutations

from campaigns.drafting.figures import measures, quantity, spoken_measures

Amount = tuple[str, float]

_PART = re.compile(r"(?<=[.!?;])\s+|\n+")
# A number that says how far another one may go, and that leaves the unit to it.
_BARE = re.compile(
    r"\b(?:max(?:imum)?\.?|min(?:imum)?\.?|at most|at least|up to|default(?:s to| is)?|configurable|adjustable|was|were"
    r"|formerly|previously|before|instead of|not|from|between|to|of)[:,]?\s+"
    r"(?P<first>\d+(?:\.\d+)?)(?:\s?(?:-|–|to|and|or)\s?(?P<second>\d+(?:\.\d+)?))?(?=\s*(?:[),;:.]|$|\s(?:to|and|or)\s))"
)
_RANGE = re.compile(
    r"(?<![\w.])(?P<first>\d+(?:\.\d+)?)\s?(?:-|–|to|and|or|/)\s?(?P<second>\d+(?:\.\d+)?)[ -]?(?P<unit>[A-Za-z]+)"
)
_DAY = 86_400_000.0
_MONTHS_OF_DAYS = dict.fromkeys((28, 30, 31), 1) | {
    days: months for months, line in enumerate(
        ("", "60 61", "90 91 92", "120", "150", "180 182 183", "210", "240", "270", "300", "330", "360 365 366"), 1
    ) for days in map(int, line.split())
} | {365 * years: 12 * years for years in range(2, 11)}  # fmt: skip
_SIZES = (1024.0, 1024.0**2, 1024.0**3, 1024.0**4)


@lru_cache(maxsize=4096)
def told(text: str) -> frozenset[Amount]:
    """Every amount of a text, in each of the units that people say it in."""
    return frozenset(same for part in _PART.split(text) for amount in _of(part) for same in _alike(amount))


@lru_cache(maxsize=4096)
def ratios(text: str) -> frozenset[float]:
    """How many times as much one amount of a part is as another one there: 3 and 1/3 of "80 KB instead of 240 KB"."""
    return frozenset(
        one[1] / other[1]
        for part in _PART.split(text)
        for one, other in permutations(_of(part), 2)
        if one[0] == other[0] and other[1]
    )


@lru_cache(maxsize=8192)
def _of(part: str) -> frozenset[Amount]:
    known = [(number, unit) for number, unit in measures(part)]
    known += [(number, unit) for _, number, unit in spoken_measures(part)]
    if not known:
        return frozenset()
    units = {unit for _, unit in known}
    for match in _RANGE.finditer(part):
        known.append((match["first"], match["unit"].lower()))
    if len(units) == 1:
        (unit,) = units
        known += [(number, unit) for match in _BARE.finditer(part) for number in match.groups() if number]
    return frozenset(filter(None, (quantity(*measure) for measure in known)))


def _alike(amount: Amount) -> set[Amount]:
    kind, size = amount
    found = {amount}
    if kind == "time" and size % _DAY == 0 and (months := _MONTHS_OF_DAYS.get(int(size // _DAY))):
        found.add(("calendar", float(months)))
    if kind == "calendar":
        found |= {("time", days * _DAY) for days, months in _MONTHS_OF_DAYS.items() if months == size}
    for unit in _SIZES if kind == "size" else ():
        # Many count a thousand of them.
        if size % (unit * 1000) == 0:
            found.add((kind, size / 1000 * 1024))
    return found
