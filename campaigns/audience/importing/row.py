"""One row of a file: either a person who can be kept, or what is wrong in which column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from campaigns.audience import addresses, details
from campaigns.audience.importing.file import Header, Row
from campaigns.audience.importing.report import Report


@dataclass(frozen=True, slots=True)
class Person:
    """A checked row."""

    line: int
    email: str
    client: str
    first_name: str
    last_name: str
    country: str
    time_zone: str


class Checker:
    """Checks rows one by one and remembers which address came on which line."""

    def __init__(self, header: Header, report: Report) -> None:
        self.header = header
        self.report = report
        self.rows = 0
        # Hashes and not addresses: a few bytes for each of a million rows.
        self._lines: dict[int, int] = {}

    def check(self, row: Row) -> Person | None:
        """The person of the row, or None with an entry in the report for everything that is wrong."""
        self.rows += 1
        if row.width > self.header.cells:
            problem = (
                f"The row has {row.width} cells, the line of column names {self.header.cells}: is a quote missing?"
            )
            self.report.reject(row.line, ("", "", problem))
            return None
        found: dict[str, str] = {}
        wrong: list[tuple[str, str, str]] = []
        for column, check in _CHECKS.items():
            value = row.cells.get(column, "")
            try:
                found[column] = check(value)
            except (addresses.BadAddress, details.BadDetail) as error:
                wrong.append((column, value, str(error)))
        unknown = [finding for finding in wrong if finding[0] == _MAY_BE_UNKNOWN]
        if len(wrong) > len(unknown):
            self.report.reject(row.line, *wrong)
            return None
        first = self._lines.setdefault(hash(found["email"]), row.line)
        if first != row.line:
            problem = f"The same address stands on line {first}. Only that row counts."
            self.report.reject(row.line, ("email", found["email"], problem))
            return None
        for column, value, problem in unknown:
            self.report.note(row.line, column, value, f"{problem} The row is kept without a country.")
        return Person(
            line=row.line,
            email=found["email"],
            client=found["client"],
            first_name=found["first name"],
            last_name=found["last name"],
            country=found.get("country", ""),
            time_zone=found["time zone"],
        )


def _client(value: str) -> str:
    name = details.name(value, longest=200)
    if not name:
        raise details.BadDetail("The client is missing.")
    return name


# Whoever is of no known country is mailed all the same, and counted as such before each approval.
_MAY_BE_UNKNOWN = "country"
_CHECKS: dict[str, Callable[[str], str]] = {
    "email": addresses.normalise,
    "client": _client,
    "first name": details.name,
    "last name": details.name,
    "country": details.country,
    "time zone": details.time_zone,
}
