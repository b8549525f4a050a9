"""What is true of a release at the moment at which a mail about it goes out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from campaigns.drafting.facts import Facts
from campaigns.drafting.jobs import JOBS


@dataclass(frozen=True)
class Timing:
    """`out`: readers have the release already. `day` is when it came, or comes; None where it may not be named.

    `today` says that the mail goes out on that very day, or on the day of a release without one.
    """

    out: bool
    day: dt.date | None
    today: bool


def usual(facts: Facts, step: str) -> Timing:
    """A mail that goes out when its step wants it."""
    return Timing(out=not JOBS[step].before_the_day, day=facts.release_date, today=step == "release_day")


def of(facts: Facts, step: str, sent: dt.date | None) -> Timing:
    """A mail that goes out on a day, by the calendar of the product; None when that is not known yet.

    A mail of after the day waits for Jira to say that the release is out. One of before it may be late, because a
    person moved it, or the release came early.
    """
    as_usual, day = usual(facts, step), facts.release_date
    past = day is not None and sent is not None and day < sent
    if not as_usual.out:
        out = facts.released or past
        # Jira's date of a release that came early says when it was to come.
        named = day if not out or past else None
        return Timing(out=out, day=named, today=False)
    ahead = day is not None and sent is not None and sent < day
    today = as_usual.today and (day is None or sent is None or sent == day)
    return Timing(out=True, day=None if ahead else day, today=today)


def is_late(timing: Timing, step: str) -> bool:
    """Whether a mail that should tell of what is coming goes out when it is there."""
    return timing.out and JOBS[step].before_the_day
