"""What the further projects of a product have of its releases: their versions of the same name and the issues there.

Each project is read whole or not at all. One that cannot be read keeps the others going: what was known of it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from releases.jira import Door, JiraError, JiraNotFound, JiraRefused
from releases.jira_reading import JiraIssue, JiraVersion
from releases.models import Product, Release

Versions = Mapping[str, "list[JiraVersion] | JiraError"]


@dataclass(frozen=True)
class ProjectReading:
    """What one further project has of a release; `problems` are its open issues that the version is affected by.

    Without a `version` the project has none of that name; `nearest` is one of nearly that name. With an `error` the
    issues are not known, and without a version then neither is that.
    """

    project_key: str
    version: JiraVersion | None = None
    issues: tuple[JiraIssue, ...] = ()
    problems: tuple[JiraIssue, ...] = ()
    nearest: str = ""
    error: JiraError | None = None


def check_visible(door: Door, keys: Iterable[str]) -> None:
    """Ask Jira for each project. Raises ValidationError of the field `further_keys` that says what is wrong with which.

    A product that names a project which nobody can read would never have whole facts.
    """
    wrong = []
    for key in keys:
        try:
            found = door.project(key)
        except JiraNotFound:
            wrong.append(
                f"{key}: Jira has no project with this key that the account can see. Check the key, or give the "
                "account Browse projects there."
            )
        except JiraRefused as error:
            wrong.append(f"{key}: {error}")
        except JiraError as error:
            wrong.append(f"{key} could not be checked: {error} Nothing was saved; try again.")
        else:
            if found.key.upper() != key:
                # Jira leads the old key of a project to where it is now; its issues carry the new one.
                wrong.append(f"{key} is called {found.key} in Jira now. Write {found.key}.")
    if wrong:
        raise ValidationError({"further_keys": wrong})


def versions_of(door: Door, product: Product) -> Versions:
    """The versions of each further project, or what went wrong with it. Raises nothing."""
    found: dict[str, list[JiraVersion] | JiraError] = {}
    for key in product.further_keys:
        try:
            found[key] = door.versions(key)
        except JiraError as error:
            found[key] = error
    return found


def read(door: Door, release: Release, versions: Versions, extra: dict[str, str]) -> list[ProjectReading]:
    """The issues of a release in each further project. Raises nothing."""
    readings = []
    for key, listed in versions.items():
        if isinstance(listed, JiraError):
            readings.append(ProjectReading(key, error=listed))
            continue
        version = same_name(release.name, listed)
        if version is None:
            readings.append(ProjectReading(key, nearest=_nearest(release.name, listed)))
            continue
        try:
            issues = tuple(door.issues(key, version.id, extra))
            problems = tuple(door.open_problems(key, version.id, extra))
        except JiraError as error:
            readings.append(ProjectReading(key, version, error=error))
        else:
            readings.append(ProjectReading(key, version, issues, problems))
    return readings


def same_name(name: str, versions: list[JiraVersion]) -> JiraVersion | None:
    """The version of that name; within a project Jira takes names for the same whatever their capitals."""
    return next((version for version in versions if version.name.casefold() == name.casefold()), None)


def _nearest(name: str, versions: list[JiraVersion]) -> str:
    """The name of a version with the same numbers, such as "core-2.0" for "2.0.0": perhaps it was meant."""
    wanted = _numbers(name)
    return next((version.name for version in versions if wanted and _numbers(version.name) == wanted), "")


def _numbers(name: str) -> list[int]:
    numbers = [int(number) for number in re.findall(r"\d{1,9}", name)]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers
