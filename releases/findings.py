"""What is wrong or worth knowing about a release before anything is written about it.

`blocking` means that no honest mail can be drafted; `warning` that a person should look; `info` that something was
decided by rule and can be seen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from releases.kinds import may_break, shipped
from releases.models import FurtherVersion, Issue, Release

BLOCKING = "blocking"
WARNING = "warning"
INFO = "info"
_ORDER = {BLOCKING: 0, WARNING: 1, INFO: 2}

#: A version number, but not "1.5 seconds" or "2.5 GB".
_VERSION = re.compile(
    r"(?<![\w./-])v?(\d{1,4}(?:\.\d{1,5}){1,4}(?:\.x)?|\d{1,4}\.x)(?![\w-]|\.\d)"
    r"(?! ?(?:%|percent|times|million|billion|m?s\b|seconds?|minutes?|hours?|days?|[kKMGT]i?B|px|points?))"
)


@dataclass(frozen=True)
class Finding:
    """One finding: `what` in a sentence, `where` as issue keys, `mend` says how to get rid of it."""

    level: str
    code: str
    what: str
    mend: str
    where: tuple[str, ...] = ()


def find(
    release: Release, issues: Iterable[Issue], further: Iterable[FurtherVersion] = (), *, now: dt.datetime
) -> list[Finding]:
    """All findings, the blocking ones first.

    `issues` are the release's, removed ones left out; `further` what the further projects of the product have of it.
    """
    rows = list(issues)
    found = [*_about_release(release, now), *_about_date(release, now), *_about_projects(release, list(further))]
    shipped_rows = [issue for issue in rows if not issue.known_problem]
    for rule in _RULES:
        found += rule(release, shipped_rows)
    for rule in _RULES_OF_ALL:
        found += rule(release, rows)
    return sorted(found, key=lambda finding: _ORDER[finding.level])


def _about_release(release: Release, now: dt.datetime) -> Iterator[Finding]:
    if release.state in (Release.State.DELETED, Release.State.ARCHIVED):
        yield Finding(
            BLOCKING, "gone", f"The version is {release.get_state_display().lower()}.",
            "Restore it in Jira, or cancel its campaign.",
        )  # fmt: skip
    if release.sync_error:
        yield Finding(
            WARNING, "not_read", f"The last reading had a problem: {release.sync_error}",
            "What you see is the last good state. Mend the cause, then press Sync now.",
        )  # fmt: skip


def _about_date(release: Release, now: dt.datetime) -> Iterator[Finding]:
    if release.date_problem:
        yield Finding(
            BLOCKING, "date_wrong", release.date_problem,
            "Correct the release date of the version in Jira; until then nothing is planned for it.",
        )  # fmt: skip
    elif release.release_date is None:
        yield Finding(
            BLOCKING, "no_date", "The version has no release date: no times are proposed, and mails name no day.",
            "Set the release date of the version in Jira.",
        )  # fmt: skip
    elif release.release_date < now.date() and release.state == Release.State.UNRELEASED:
        yield Finding(
            BLOCKING, "date_past", f"The release date {release.release_date} has passed, but Jira says unreleased.",
            "Move the date in Jira, or release the version there.",
        )  # fmt: skip
    elif release.release_date < now.date():
        yield Finding(
            INFO, "released_before", f"The version came out on {release.release_date}.",
            "Nothing to do; mails that should have gone before are late.",
        )  # fmt: skip


def _about_projects(release: Release, further: list[FurtherVersion]) -> Iterator[Finding]:
    """What the product's further projects have of the release; before the first reading there is nothing to say."""
    own, name = release.product.jira_key, release.name
    rows = {row.project_key: row for row in further}
    for key in release.product.further_keys if release.synced_at else ():
        row = rows.get(key)
        if row is None or row.read_at is None:
            why = f": {row.problem}" if row and row.problem else "."
            yield Finding(
                BLOCKING, "project_never_read", f"The project {key} has not been read for this version yet{why}",
                f"Press Sync now, or take {key} off the product. Until then the facts are half of the release.",
            )  # fmt: skip
        elif not row.jira_id:
            perhaps = f" It has “{row.nearest}”, which may be meant." if row.nearest else ""
            yield Finding(
                WARNING, "project_without_version", f"The project {key} has no version “{name}”.{perhaps}",
                f"If {key} ships in this release, give its version in Jira exactly this name.",
            )  # fmt: skip
        elif differences := _differences(release, row):
            yield Finding(
                WARNING, "versions_differ",
                f"The version in {key} differs from that in {own}: {'; '.join(differences)}.",
                f"The date and state in {own} count. Set them alike in Jira, or find out which one is right.",
            )  # fmt: skip


def _differences(release: Release, row: FurtherVersion) -> list[str]:
    found = []
    if row.release_date != release.release_date or row.date_problem:
        days = [day.isoformat() if day else "no date" for day in (row.release_date, release.release_date)]
        found.append(f"{row.date_problem.rstrip('.') or days[0]} instead of {days[1]}")
    if row.state != release.state and release.state != Release.State.DELETED:
        found.append(f"{row.get_state_display().lower()} instead of {release.get_state_display().lower()}")
    return found


def _no_issues(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    if release.synced_at is None:
        yield Finding(
            BLOCKING, "never_read", "The issues of this version have not been read yet.",
            "Press Sync now. The timetable reads versions to come and those of the last 60 days.",
        )  # fmt: skip
    elif not issues:
        yield Finding(
            BLOCKING, "no_issues", "No issue names this version as its fix version.",
            "Set the fix version of the issues in Jira.",
        )  # fmt: skip
    elif not any(_client(issue) for issue in issues):
        yield Finding(
            BLOCKING, "nothing_for_clients", f"None of the {len(issues)} issues may be shown to clients.",
            "Show at least one of them, or send no mail about this version.",
        )  # fmt: skip


def _not_done(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: not issue.done and not issue.resolution)
    if keys:
        yield Finding(
            WARNING, "not_done", f"{_issues(keys)} under this version {_are(keys)} not done; left out of the mails.",
            "Finish them, or move them to another version in Jira.", keys,
        )  # fmt: skip


def _open_but_resolved(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: not issue.done and bool(issue.resolution))
    if keys:
        yield Finding(
            WARNING, "open_but_resolved", f"{_issues(keys)} {_have(keys)} a resolution but an open status.",
            "Close them or clear the resolution in Jira; until then they are left out.", keys,
        )  # fmt: skip


def _nothing_shipped(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: not shipped(issue.resolution))
    if keys:
        yield Finding(
            INFO, "nothing_shipped", f"{_issues(keys)} ended without a change (duplicate, cannot reproduce, ...).",
            "Left out. Take the fix version off them in Jira if it stands there by mistake.", keys,
        )  # fmt: skip


def _secret(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    shown = _keys(issues, lambda issue: bool(issue.security_level) and _client(issue))
    if shown:
        yield Finding(
            WARNING, "secret_shown", f"{_issues(shown)} with a security level {_are(shown)} shown to clients.",
            "A person decided so. Check that this is still right.", shown,
        )  # fmt: skip
    kept = _keys(issues, lambda issue: bool(issue.security_level) and not _client(issue))
    if kept:
        yield Finding(
            INFO, "secret_kept", f"{_issues(kept)} with a security level {_are(kept)} kept out.",
            "Nothing to do, unless clients should know.", kept,
        )  # fmt: skip


def _internal(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(
        issues,
        lambda issue: (
            not _client(issue) and issue.done and not issue.security_level
            and shipped(issue.resolution)
        ),
    )  # fmt: skip
    if keys:
        yield Finding(
            INFO, "internal_kept", f"{_issues(keys)} {_are(keys)} kept out as internal; each says why.",
            "Look through the list of what is left out, and show what clients should read.", keys,
        )  # fmt: skip


def _foreign_projects(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    own = release.product.project_keys
    keys = _keys(issues, lambda issue: issue.project_key not in own)
    if keys:
        named = " or ".join(own)
        yield Finding(
            WARNING, "foreign_project", f"{_issues(keys)} {_have(keys)} a key of another project than {named}.",
            "Check the fix version in Jira; the issue may have been moved.", keys,
        )  # fmt: skip


def _foreign_versions(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    """Version numbers in a text that are not this release: right or wrong, a reader may mix them up."""
    own = _own_versions(release.name)
    where, numbers = [], set()
    for issue in issues:
        if not _client(issue):
            continue
        others = {number.group(1) for number in _VERSION.finditer(f"{issue.summary}\n{issue.note}")} - own
        if others:
            where.append(issue.key)
            numbers |= others
    if where:
        shown = ", ".join(sorted(numbers)[:8]) + (", ..." if len(numbers) > 8 else "")
        yield Finding(
            WARNING, "foreign_versions", f"{_issues(where)} {_name(where)} other version numbers ({shown}).",
            "Check in the draft that nobody takes them for this release.", tuple(where),
        )  # fmt: skip


def _own_versions(name: str) -> set[str]:
    """The numbers that mean this release: of "kite-2.4.1" these are 2.4.1, 2.4 and 2.4.x."""
    own = {name}
    for number in re.findall(r"\d+(?:\.\d+)+", name):
        parts = number.split(".")
        for length in range(2, len(parts) + 1):
            own |= {".".join(parts[:length]), ".".join(parts[:length]) + ".x"}
    return own


def _empty_notes(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: _client(issue) and not issue.note)
    if keys:
        count = sum(1 for issue in issues if _client(issue))
        yield Finding(
            WARNING, "empty_notes", f"{len(keys)} of {count} issues for clients have no release note.",
            "Write the note in Jira. Until then drafts rest on the summary, which for a bug names the fault.", keys,
        )  # fmt: skip


def _breaking_without_note(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: _client(issue) and issue.kind == Issue.Kind.BREAKING and not issue.note)
    if keys:
        yield Finding(
            WARNING, "breaking_without_note", f"{_issues(keys)} break something but do not say what clients must do.",
            "Write into the release note in Jira what has to be done before updating.", keys,
        )  # fmt: skip


def _may_break(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: _client(issue) and bool(may_break(issue, issue.kind)))
    if keys:
        yield Finding(
            WARNING, "may_break", f"{_issues(keys)} may break something and {_are(keys)} not marked.",
            "If so, label it breaking-change in Jira: then announcement and release day must tell it.", keys,
        )  # fmt: skip


def _twins(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    by_summary: dict[str, list[str]] = {}
    for issue in issues:
        if _client(issue):
            by_summary.setdefault(" ".join(issue.summary.lower().split()), []).append(issue.key)
    keys = tuple(key for group in by_summary.values() if len(group) > 1 for key in group)
    if keys:
        yield Finding(
            WARNING, "same_summary", f"{_issues(keys)} share their summaries with another one.",
            "Check that the same change is not told twice; hide one of each.", keys,
        )  # fmt: skip


def _known_problems(release: Release, issues: list[Issue]) -> Iterator[Finding]:
    keys = _keys(issues, lambda issue: issue.known_problem)
    shown = _keys(issues, lambda issue: issue.known_problem and _client(issue))
    if keys:
        yield Finding(
            INFO, "known_problems",
            f"{_issues(keys)} {_are(keys)} open with this version as affected; clients may hear of {len(shown)} as "
            "known problems.",
            "The follow-up may name them. Hide what clients should not read.", keys,
        )  # fmt: skip


_RULES: tuple[Callable[[Release, list[Issue]], Iterator[Finding]], ...] = (
    _no_issues, _not_done, _open_but_resolved, _breaking_without_note, _may_break, _empty_notes,
    _foreign_versions, _twins, _nothing_shipped, _internal,
)  # fmt: skip
#: Of what shipped and of known problems alike.
_RULES_OF_ALL: tuple[Callable[[Release, list[Issue]], Iterator[Finding]], ...] = (
    _secret, _foreign_projects, _known_problems,
)  # fmt: skip


def _client(issue: Issue) -> bool:
    return issue.visibility == Issue.Visibility.CLIENT


def _keys(issues: list[Issue], test: Callable[[Issue], bool]) -> tuple[str, ...]:
    return tuple(issue.key for issue in issues if test(issue))


def _issues(keys: Iterable[str]) -> str:
    count = len(list(keys))
    return "1 issue" if count == 1 else f"{count} issues"


def _are(keys: Iterable[str]) -> str:
    return "is" if len(list(keys)) == 1 else "are"


def _have(keys: Iterable[str]) -> str:
    return "has" if len(list(keys)) == 1 else "have"


def _name(keys: Iterable[str]) -> str:
    return "names" if len(list(keys)) == 1 else "name"
