"""The frozen facts of a release, as the snapshot keeps them, read into names.

The JSON has `product`, `release`, `issues` (client-facing only), `excluded` (what was kept out and why) and, where any
are, `known_problems` (open issues that it is affected by).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

NO_NAME = "The release"
KINDS = ("breaking", "feature", "improvement", "fix", "security", "other")


@dataclass(frozen=True)
class Issue:
    """One client-facing issue. `note` is its release note, empty for most.

    Whether it is done is said of those only that are not: a person wanted clients to hear of them all the same.
    """

    key: str
    kind: str
    summary: str
    note: str = ""
    description: str = ""
    status: str = ""
    resolution: str = ""
    components: tuple[str, ...] = ()
    url: str = ""
    updated: str = ""
    done: bool = True


@dataclass(frozen=True)
class ExcludedIssue:
    """An issue of the release that clients do not hear of, and why."""

    key: str
    summary: str
    reason: str


@dataclass(frozen=True)
class Facts:
    """All that a draft may say. `release_date` is None when Jira has none."""

    product_key: str
    product: str
    version: str
    release_date: date | None
    description: str
    released: bool
    url: str
    issues: tuple[Issue, ...]
    excluded: tuple[ExcludedIssue, ...] = field(default=())
    further_keys: tuple[str, ...] = ()
    problems: tuple[Issue, ...] = ()

    @cached_property
    def project_keys(self) -> frozenset[str]:
        """The Jira projects that its issues are in, with those that had none to tell."""
        cited = (key.rpartition("-")[0] for key in (*self.by_key, *self.problems_by_key, *self.excluded_by_key))
        return frozenset((self.product_key, *self.further_keys, *cited))

    def __hash__(self) -> int:
        # Of a few fields: facts are looked up on every save, and equality compares the rest.
        last = self.issues[-1] if self.issues else None
        return hash((self.product_key, self.version, self.release_date, len(self.issues), last))

    @cached_property
    def by_key(self) -> dict[str, Issue]:
        """The client-facing issues by their key."""
        return {issue.key: issue for issue in self.issues}

    @cached_property
    def problems_by_key(self) -> dict[str, Issue]:
        """The known problems by their key: open, and no part of what the release brings."""
        return {issue.key: issue for issue in self.problems}

    @cached_property
    def citable(self) -> dict[str, Issue]:
        """All that a sentence may rest on, by key."""
        return {**self.by_key, **self.problems_by_key}

    @cached_property
    def excluded_by_key(self) -> dict[str, ExcludedIssue]:
        """The issues that were kept out, by their key."""
        return {issue.key: issue for issue in self.excluded}

    @cached_property
    def name(self) -> str:
        """How the release is called in a text: product and version, without saying a name twice."""
        if not self.version or not self.product:
            return self.version or self.product or NO_NAME
        words = self.product.split()
        for place, word in enumerate(words):
            # "Fluid Infusion" and "Infusion 4.0" overlap: the release is "Fluid Infusion 4.0".
            if len(word) > 2 and _letters(self.version).startswith(_letters("".join(words[place:]))):
                return " ".join([*words[:place], self.version])
        if len(words[-1]) > 2 and _letters(self.version).startswith(_letters(words[-1])):
            return " ".join([*words[:-1], self.version])
        return f"{self.product} {self.version}"

    def of_kind(self, *kinds: str) -> tuple[Issue, ...]:
        """The issues of some kinds, in Jira's order."""
        return tuple(issue for issue in self.issues if issue.kind in kinds)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """Read a snapshot; fields that are missing or null become empty."""
        product, release = data.get("product") or {}, data.get("release") or {}
        return cls(
            product_key=str(product.get("key") or ""),
            product=str(product.get("name") or product.get("key") or ""),
            version=str(release.get("name") or ""),
            release_date=_date(release.get("release_date")),
            description=str(release.get("description") or ""),
            released=bool(release.get("released")),
            url=str(release.get("url") or ""),
            issues=tuple(_issue(item) for item in data.get("issues") or ()),
            problems=tuple(replace(_issue(item), done=False) for item in data.get("known_problems") or ()),
            excluded=tuple(
                ExcludedIssue(str(item.get("key")), str(item.get("summary") or ""), str(item.get("reason") or ""))
                for item in data.get("excluded") or ()
            ),
            further_keys=tuple(str(key) for key in product.get("further_keys") or ()),
        )


def spoken_date(day: date) -> str:
    """A date as an English sentence has it: 2 March 2026."""
    months = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _issue(item: Mapping[str, Any]) -> Issue:
    kind = str(item.get("kind") or "other")
    return Issue(
        key=str(item.get("key")),
        kind=kind if kind in KINDS else "other",
        summary=str(item.get("summary") or ""),
        note=str(item.get("note") or ""),
        description=str(item.get("description") or ""),
        status=str(item.get("status") or ""),
        resolution=str(item.get("resolution") or ""),
        components=tuple(str(name) for name in item.get("components") or ()),
        url=str(item.get("url") or ""),
        updated=str(item.get("updated") or ""),
        done=item.get("done") is not False,
    )


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
