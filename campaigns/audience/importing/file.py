"""From bytes to rows: which encoding, which delimiter, which column is which. What is wrong here refuses the file."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from campaigns.audience import details

MAX_BYTES = 25 * 1024 * 1024
_PIECE = 64 * 1024

REQUIRED = ("email", "client")
COLUMNS: dict[str, tuple[str, ...]] = {
    "email": ("email", "e mail", "mail", "address", "email address", "e mail address", "mail address"),
    "first name": ("first name", "firstname", "given name", "forename"),
    "last name": ("last name", "lastname", "surname", "family name"),
    "client": ("client", "company", "customer", "organisation", "organization", "client name", "company name"),
    "country": ("country", "country code"),
    "time zone": ("time zone", "timezone", "tz"),
}
_COLUMN_OF = {alias: column for column, aliases in COLUMNS.items() for alias in aliases}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
ENCODING_NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32": "UTF-32", "cp1252": "Windows-1252",
}  # fmt: skip


class FileRefused(Exception):
    """The file as a whole cannot be read; nothing was imported. The message says why and what to do."""


@dataclass(frozen=True)
class Header:
    """Where the columns are. `unread` are headings that mean nothing to us."""

    delimiter: str
    places: dict[str, int]
    cells: int
    unread: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row: the line of the file it starts on, its cells by column, and how many cells it really has."""

    line: int
    cells: dict[str, str]
    width: int


def inspect(file: BinaryIO) -> tuple[str, str]:
    """(encoding, SHA-256) of a file, read once in pieces. Raises FileRefused for what is not CSV text.

    A byte order mark is believed; without one, UTF-8 is believed when the whole file is valid UTF-8, for other texts
    hardly ever are; the rest is taken for Windows-1252, which is what Excel writes in Western Europe.
    """
    file.seek(0)
    start = file.read(_PIECE)
    if not start.strip():
        raise FileRefused("The file is empty. Nothing was imported.")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused(
            "This is an Excel workbook or an archive, not a CSV file. In Excel choose “Save as” and “CSV UTF-8 "
            "(comma delimited)”, then hand in that file. Nothing was imported."
        )
    digest = hashlib.sha256()
    candidates = {name: codecs.getincrementaldecoder(name)("strict") for name in _candidates(start)}
    problem, lines, size, piece = "", 0, 0, start
    while piece:
        size += len(piece)
        if size > MAX_BYTES:
            raise _too_large()
        digest.update(piece)
        following = file.read(_PIECE)
        for name, decoder in list(candidates.items()):
            try:
                decoder.decode(piece, final=not following)
            except UnicodeDecodeError as error:
                del candidates[name]
                problem = f"near line {lines + piece[: error.start].count(10) + 1}"
        if not candidates:
            raise FileRefused(
                f"The file is neither UTF-8, UTF-16 nor Windows-1252 ({problem}). Save it again as “CSV UTF-8”. "
                "Nothing was imported."
            )
        lines += piece.count(b"\n")
        piece = following
    return next(iter(candidates)), digest.hexdigest()


def _too_large() -> FileRefused:
    return FileRefused(
        f"The file is too large: {MAX_BYTES // 1024 // 1024} MB is the most for one import. Split it into several "
        "files, each with the line of column names. Nothing was imported."
    )


def _candidates(start: bytes) -> tuple[str, ...]:
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ("utf-32",)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if start.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if start.count(0) > len(start) // 4:
        # ASCII letters in UTF-16 leave every other byte empty; which one tells the byte order.
        return ("utf-16-be",) if start[::2].count(0) > start[1::2].count(0) else ("utf-16-le",)
    return ("utf-8", "cp1252")


def rows(file: BinaryIO, encoding: str) -> tuple[Header, Iterator[Row]]:
    """The header, and the rows as they are read. Only one row is in memory at a time.

    Raises FileRefused at once for a missing or doubled column, and while reading for a quote that is never closed.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    first = text.readline()
    line = 1
    while first and not first.strip(" \r\n"):
        first, line = text.readline(), line + 1
    told = re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE)  # Excel's own hint
    if told:
        first, line = text.readline(), line + 1
    header = _header(first)
    return header, _rows(text, header, line)


def _header(first: str) -> Header:
    readings = []
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader([first], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        readings.append((sum(_column(name) is not None for name in names), len(names), delimiter, names))
    if not readings:
        raise FileRefused("Line 1: a quotation mark is never closed. Nothing was imported.")
    known, _, delimiter, names = max(readings, key=lambda reading: reading[:2])
    if not known and "@" in first:
        raise FileRefused(
            "The first line is a person, not the names of the columns. Put a line such as "
            "“email,first name,last name,client” at the top. Nothing was imported."
        )
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        column = _column(name)
        if column and column in places:
            both = f"“{details.shown(names[places[column]].strip())}” and “{details.shown(name.strip())}”"
            raise FileRefused(f"Two columns hold the {column}: {both}. Remove one of them. Nothing was imported.")
        if column:
            places[column] = place
    missing = [column for column in REQUIRED if column not in places]
    if missing:
        found = details.shown(", ".join(name.strip() for name in names if name.strip())) or "none"
        raise FileRefused(
            f"Missing column: {' and '.join(missing)}. Found (delimiter: {_DELIMITERS[delimiter]}): {found}. "
            "Nothing was imported."
        )
    unread = tuple(name.strip() for name in names if name.strip() and _column(name) is None)
    return Header(delimiter=delimiter, places=places, cells=len(names), unread=unread)


def _column(name: str) -> str | None:
    return _COLUMN_OF.get(re.sub(r"[\s_.\-]+", " ", name.casefold()).strip())


def _rows(text: io.TextIOWrapper, header: Header, line: int) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=header.delimiter, strict=True)
    while True:
        begins = line + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = "has text after a closing quotation mark" if "expected after" in str(error) else (
                "opens a quotation mark that is never closed"
            )  # fmt: skip
            raise FileRefused(
                f"Line {begins} {what}. Mend it in the file and hand it in again. Nothing was imported."
            ) from None
        if any(cell.strip() for cell in cells):
            found = {column: cells[place] for column, place in header.places.items() if place < len(cells)}
            yield Row(line=begins, cells=found, width=len(cells))
