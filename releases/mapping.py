"""What the fields of one Jira project mean: proposed from what it has, confirmed by a person, kept per product.

A label, a component or an issue type may mean one of the kinds of `Issue.Kind`, or that an issue stays inside. What has
no meaning of its own goes by the rules of kinds.py. Security levels keep an issue inside unless they are named as open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

INTERNAL = "internal"
KINDS = ("breaking", "feature", "improvement", "security", "fix", "other")
MEANINGS = (*KINDS, INTERNAL)
TABLES = ("labels", "components", "types")
MOST_NAMES = 300
LONGEST_NAME = 100


@dataclass(frozen=True)
class FieldMapping:
    """The confirmed meanings, by name; "" is one that a person left to the rules. Capitals do not matter in names."""

    labels: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    open_levels: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: Any) -> FieldMapping:
        """Out of a product's JSON or a form. Raises ValidationError, naming what is wrong; {} is an empty mapping."""
        if not isinstance(data, Mapping):
            raise ValidationError("The field mapping is not an object with named fields.")
        unknown = sorted(set(data) - {*TABLES, "open_levels"})
        if unknown:
            raise ValidationError(f"The field mapping has no part “{unknown[0]}”.")
        levels = data.get("open_levels") or []
        if not isinstance(levels, list) or not all(isinstance(name, str) for name in levels):
            raise ValidationError("The open security levels are not a list of names.")
        tables = {name: _table(data.get(name) or {}, name) for name in TABLES}
        return cls(**tables, open_levels=tuple(dict.fromkeys(name.strip() for name in levels if name.strip())))

    @classmethod
    def of(cls, data: Any) -> FieldMapping:
        """Out of a row: what cannot be read counts as no mapping, so that a reading of Jira never fails over it."""
        try:
            return cls.read(data)
        except ValidationError:
            return cls()

    def to_json(self) -> dict[str, Any]:
        """The form in which a product keeps it."""
        return {**{name: dict(getattr(self, name)) for name in TABLES}, "open_levels": list(self.open_levels)}

    def label(self, names: Iterable[str]) -> tuple[str, str]:
        """The first label with a meaning and that meaning; ("", "") when none has one."""
        return _found(self.labels, names)

    def component(self, names: Iterable[str]) -> tuple[str, str]:
        """The same for components."""
        return _found(self.components, names)

    def type(self, name: str) -> tuple[str, str]:
        """The same for the issue type."""
        return _found(self.types, [name])

    def is_open(self, level: str) -> bool:
        """Whether clients may hear of issues with this security level."""
        return level.lower() in {name.lower() for name in self.open_levels}


def _table(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > MOST_NAMES:
        raise ValidationError(f"The {name} are not a table of at most {MOST_NAMES} names and meanings.")
    table = {}
    for key, meaning in value.items():
        shown = str(key).strip()
        if not shown or len(shown) > LONGEST_NAME:
            raise ValidationError(f"“{shown[:60]}” is not a name among the {name}: 1 to {LONGEST_NAME} characters.")
        if meaning not in ("", *MEANINGS):
            known = ", ".join(MEANINGS)
            raise ValidationError(f"“{str(meaning)[:60]}” is no meaning of “{shown}”; it is one of {known}.")
        table[shown] = str(meaning)
    return table


def _found(table: Mapping[str, str], names: Iterable[str]) -> tuple[str, str]:
    if not table:
        return "", ""
    lowered = {key.lower(): meaning for key, meaning in table.items() if meaning}
    # Internal first: one label that says so is enough, whatever the others mean.
    given = [(name, lowered[name.lower()]) for name in names if name.lower() in lowered]
    return next((pair for pair in given if pair[1] == INTERNAL), given[0] if given else ("", ""))


@dataclass(frozen=True)
class Survey:
    """What was found in a project: names with the number of issues that have them, and fields that may hold notes.

    `note_fields` are (name of the field, issues that have text in it); `read` is how many issues were looked at.
    """

    read: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    components: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    note_fields: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Row:
    """One name on the page: how often it occurs, the meaning that is proposed and why, and the one that holds now."""

    name: str
    count: int
    meaning: str
    why: str
    confirmed: bool = False
