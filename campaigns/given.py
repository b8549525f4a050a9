"""Rows from Python as a table in SQL: one parameter list instead of a placeholder per value.

PostgreSQL reads arrays with unnest, SQLite reads JSON with json_each. Building and parsing thousands of placeholders
costs more than what the statement does; this costs the same for one row and for a thousand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

_POSTGRES_TYPES = {int: "bigint", str: "text"}


def table(name: str, columns: Mapping[str, type]) -> str:
    """The FROM item: a table of this name with these columns, int or str. Names must be our own words."""
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{_POSTGRES_TYPES[kind]}[]" for kind in columns.values())
        return f"unnest({arrays}) AS {name} ({', '.join(columns)})"
    picked = ", ".join(f"value ->> {number} AS {column}" for number, column in enumerate(columns))
    # LIMIT -1 limits nothing: it makes SQLite write the rows down once and index them; otherwise it would read the
    # JSON again for every row of the other side of a join.
    return f"(SELECT {picked} FROM json_each(%s) LIMIT -1) AS {name}"  # noqa: S608 - our own words and numbers


def parameters(rows: Sequence[Sequence[Any]], columns: Mapping[str, type]) -> list[Any]:
    """What fills the table's place in the statement."""
    if connection.vendor == "postgresql":
        return [[row[number] for row in rows] for number in range(len(columns))]
    return [json.dumps(rows)]
