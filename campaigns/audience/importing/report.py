"""What a person must know about single rows, kept with the import and given out as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from campaigns.audience import details
from campaigns.audience.models import ContactImport

# Entries that are kept. A file in which more rows are wrong has one thing wrong with all of them.
KEPT = 5_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class Report:
    """Entries in the order of the file, and how many rows were left out."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    rejected: int = 0
    unlisted: int = 0

    def reject(self, line: int, *findings: tuple[str, str, str]) -> None:
        """A row that is not imported, with each column, its value and what is wrong with it."""
        self.rejected += 1
        for column, value, problem in findings:
            self._add(line, column, value, problem, rejected=True)

    def note(self, line: int, column: str, value: str, problem: str) -> None:
        """Something to know about a row that is imported all the same."""
        self._add(line, column, value, problem, rejected=False)

    def _add(self, line: int, column: str, value: str, problem: str, *, rejected: bool) -> None:
        if len(self.entries) >= KEPT:
            self.unlisted += 1
            return
        shown, column = details.shown(value), details.shown(column)
        entry = {"line": line, "column": column, "value": shown, "problem": problem, "rejected": rejected}
        self.entries.append(entry)

    def listed(self) -> list[dict[str, Any]]:
        """The entries by line, with a last one that says how many more there are."""
        entries = sorted(self.entries, key=lambda entry: entry["line"])
        if self.unlisted:
            problem = f"{self.unlisted:,} more entries are not listed. Mend these first and check the file again."
            entries.append({"line": 0, "column": "", "value": "", "problem": problem, "rejected": False})
        return entries


class _Echo:
    def write(self, value: str) -> str:
        """Give the line back to whoever writes it on."""
        return value


def as_csv(found: ContactImport) -> Iterator[str]:
    """The report line by line. No cell can act as a formula when a spreadsheet opens it (OWASP, CSV injection)."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff"  # Excel takes the file for UTF-8 only with it
    yield writer.writerow(["line", "column", "value", "problem", "imported"])
    for entry in found.report:
        imported = "no" if entry.get("rejected") else "yes"
        cells = (entry["line"] or "", entry["column"], entry["value"], entry["problem"], imported)
        yield writer.writerow([harmless(str(cell)) for cell in cells])


def harmless(cell: str) -> str:
    """The cell with an apostrophe before anything that a spreadsheet would run."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) or cell.startswith(_FORMULA_STARTS) else cell
