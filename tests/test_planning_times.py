"""When an e-mail goes out: offsets in local days, daylight saving right."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.planning import times
from campaigns.planning.models import Cadence, CadenceStep


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "utc"),
    [
        # Plain days, winter and summer.
        ("2026-01-15", "10:00", "Europe/Berlin", "2026-01-15T09:00"),
        ("2026-07-15", "10:00", "Europe/Berlin", "2026-07-15T08:00"),
        ("2026-07-15", "10:00", "UTC", "2026-07-15T10:00"),
        ("2026-07-15", "10:00", "Asia/Kolkata", "2026-07-15T04:30"),
        ("2026-07-15", "10:00", "America/St_Johns", "2026-07-15T12:30"),
        # The two switches of Europe and of the United States.
        ("2027-03-28", "10:00", "Europe/Berlin", "2027-03-28T08:00"),
        ("2027-10-31", "10:00", "Europe/Berlin", "2027-10-31T09:00"),
        ("2027-03-14", "10:00", "America/New_York", "2027-03-14T14:00"),
        ("2027-11-07", "10:00", "America/New_York", "2027-11-07T15:00"),
        # A time that does not exist moves on by the gap; one that comes twice is the first.
        ("2027-03-28", "02:30", "Europe/Berlin", "2027-03-28T01:30"),
        ("2027-10-31", "02:30", "Europe/Berlin", "2027-10-31T00:30"),
        # Leap day, and a zone whose gap is half an hour.
        ("2028-02-29", "10:00", "Europe/London", "2028-02-29T10:00"),
        ("2027-10-03", "02:15", "Australia/Lord_Howe", "2027-10-02T15:45"),
    ],
)
def test_a_wall_time_becomes_the_right_moment(day: str, clock: str, zone: str, utc: str) -> None:
    found = times.local_to_utc(dt.date.fromisoformat(day), dt.time.fromisoformat(clock), zone)
    assert found == moment(utc)


def test_a_time_in_the_gap_is_known_not_to_exist() -> None:
    gap = dt.date(2027, 3, 28)
    assert not times.exists(gap, dt.time(2, 30), "Europe/Berlin")
    assert times.exists(gap, dt.time(3, 30), "Europe/Berlin")
    assert times.exists(gap, dt.time(2, 30), "UTC")


@pytest.mark.parametrize(
    ("anchor", "days", "clock", "utc"),
    [
        # Fourteen days before 2 November crosses the autumn switch: ten o'clock stays ten o'clock.
        ("release_date", -14, "10:00", "2026-10-19T08:00"),
        ("release_date", 0, "10:00", "2026-11-02T09:00"),
        ("release_date", 7, "10:00", "2026-11-09T09:00"),
        ("release_date", 0, "", "2026-11-01T23:00"),
        # 22:30 UTC on 1 October is already 2 October in Berlin; a day later is the third.
        ("planned_at", 1, "10:00", "2026-10-03T08:00"),
        ("planned_at", 1, "", "2026-10-02T22:30"),
    ],
)
def test_a_step_counts_local_days_from_its_anchor(anchor: str, days: int, clock: str, utc: str) -> None:
    step = CadenceStep(
        cadence=Cadence(anchor=anchor),
        offset=dt.timedelta(days=days),
        time_of_day=dt.time.fromisoformat(clock) if clock else None,
    )
    found = times.send_at(
        step, release_date=dt.date(2026, 11, 2), anchor_at=moment("2026-10-01T22:30"), zone="Europe/Berlin"
    )
    assert found == moment(utc)


def test_a_release_without_a_date_has_no_times() -> None:
    step = CadenceStep(cadence=Cadence(anchor="release_date"), offset=dt.timedelta(0), time_of_day=dt.time(10))
    assert times.send_at(step, release_date=None, anchor_at=None, zone="UTC") is None
