"""The verbs of this room: read Jira, decide what clients may see, take in a product.

A reading is complete or it is not taken: on any error the last good state stays and the run says what happened.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from releases import further_projects
from releases.jira import Door, JiraError, JiraNotFound, open_door
from releases.models import Issue, Product, Release, ReleaseChange, SyncRun
from releases.permissions import require
from releases.product_words import PROJECT_KEY
from releases.storing import Stored, change, freeze, store_issues, store_versions

logger = logging.getLogger(__name__)

#: Releases that came out longer ago than this are read only when a person asks.
RECENT = dt.timedelta(days=60)
#: A run that is still "running" after this was killed.
STALE = dt.timedelta(minutes=15)
#: Runs are forgotten after this; what they changed stays in the history of releases.
KEEP_RUNS = dt.timedelta(days=30)

NOTE_NAMES = re.compile(r"^(?:external |public |client |customer )?release[ _-]?notes?(?: text)?$", re.I)
FLAG_NAMES = re.compile(r"^(?:\w+ )?flags$", re.I)


def sync(*, product: Product, by: Any = None, now: dt.datetime) -> SyncRun:
    """Read a product: its versions, and the issues of those that matter. Safe to repeat and to run twice at once.

    A further project that cannot be read makes the run a failed one, and the rest is stored all the same.

    Never raises a JiraError: the run that is returned says how it ended. Raises PermissionDenied for a person
    without releases.sync_release.
    """
    require(by, "releases.sync_release")
    run = _begin(product, by, now)
    seen = Stored()
    releases = 0
    errors: list[tuple[str, JiraError]] = []
    changes = 0
    try:
        with open_door() as door:
            releases, changes = _sync_versions(door, product, now)
            extra, no_notes = _extra_fields(door, product)
            errors += [("", no_notes)] if no_notes else []
            further = further_projects.versions_of(door, product)
            errors += [(key, found) for key, found in further.items() if isinstance(found, JiraError)]
            for release in _releases_that_matter(product, now):
                try:
                    stored, missed = _sync_issues(door, release, further, extra, no_notes, now)
                except JiraError as error:
                    errors.append((release.name, error))
                    Release.objects.filter(pk=release.pk).update(sync_error=str(error))
                else:
                    seen = Stored(seen.issues + stored.issues, seen.changes + stored.changes)
                    errors += missed
    except JiraError as error:
        errors.append(("", error))
    return _end(run, releases=releases, issues=seen.issues, changes=changes + seen.changes, errors=errors, now=now)


def sync_release(*, release: Release, by: Any, now: dt.datetime) -> Stored:
    """Read one release again, whatever its age. Raises JiraError, having kept what was there.

    A further project that cannot be read raises nothing: the rest is stored, and `problems` of the result names it.
    """
    require(by, "releases.sync_release")
    product = release.product
    try:
        with open_door() as door:
            gone: set[str] = set()
            try:
                versions = [door.version(release.jira_id, product.jira_key)]
            except JiraNotFound:
                versions, gone = [], {release.jira_id}
                door.project(product.jira_key)  # raises if it is the project that we cannot see
            changes = store_versions(product, versions, gone, now)
            if gone:
                return Stored(changes=changes)
            release.refresh_from_db()
            further = further_projects.versions_of(door, product)
            stored, _ = _sync_issues(door, release, further, *_extra_fields(door, product), now)
    except JiraError as error:
        Release.objects.filter(pk=release.pk).update(sync_error=str(error))
        raise
    return replace(stored, changes=changes + stored.changes)


def set_visibility(*, issue: Issue, visibility: str, reason: str, by: Any, now: dt.datetime) -> Issue:
    """A person decides whether clients may see an issue; the next sync keeps that.

    Raises ValidationError for an unknown visibility or without a reason.
    """
    require(by, "releases.change_issue")
    if by is None:
        raise ValidationError("Only a person can decide what clients may see.")
    reason = " ".join(reason.split())[:300]
    if visibility not in Issue.Visibility.values:
        raise ValidationError(f"“{visibility}” is no visibility; it is “client” or “internal”.")
    if not reason:
        raise ValidationError("Please give a reason; it stays with the issue.")
    with transaction.atomic():
        Release.objects.select_for_update().get(pk=issue.release_id)
        current = Issue.objects.select_for_update().select_related("release").get(pk=issue.pk)
        before = current.visibility
        current.visibility, current.visibility_reason = visibility, reason
        current.visibility_decided, current.visibility_by = True, by
        current.save(update_fields=["visibility", "visibility_reason", "visibility_decided", "visibility_by"])
        after = f"{current.key} {visibility}: {reason}"
        change(current.release, "visibility", f"{current.key} {before}", after, now, by).save(force_insert=True)
        freeze(current.release, now)
    return current


def add_product(*, jira_key: str, by: Any = None, now: dt.datetime, name: str = "", **fields: Any) -> Product:
    """Take in a Jira project; `fields` are Product's (sender_name, sender_email, postal_address and so on).

    Its name and release-note field are read from Jira. Raises ValidationError for bad values, a project that is
    already here or a further project that cannot be read, JiraError when Jira does not know its own.
    """
    require(by, "releases.add_product")
    key = jira_key.strip().upper()
    if not PROJECT_KEY.fullmatch(key):
        raise ValidationError(f"“{jira_key[:60]}” is not a Jira project key, such as HARBOR.")
    with open_door() as door:
        project = door.project(key)
        product = Product(jira_key=key, name=name or project.name, **fields)
        wanted = product.release_note_field
        if wanted and not field_id(door, wanted):
            raise ValidationError({"release_note_field": no_such_field(wanted)})
        product.release_note_field = wanted or _note_field(door)
        product.full_clean()
        further_projects.check_visible(door, product.further_keys)
    product.save()
    logger.info("product %s added", key)
    return product


def _begin(product: Product, by: Any, now: dt.datetime) -> SyncRun:
    lost = SyncRun.objects.filter(product=product, outcome=SyncRun.Outcome.RUNNING, started_at__lt=now - STALE)
    lost.update(outcome=SyncRun.Outcome.FAILED, finished_at=now, error="The process was stopped in the middle.")
    SyncRun.objects.filter(product=product, started_at__lt=now - KEEP_RUNS).delete()
    return SyncRun.objects.create(product=product, started_at=now, by=by)


def _end(
    run: SyncRun, *, releases: int, issues: int, changes: int, errors: list[tuple[str, JiraError]], now: dt.datetime
) -> SyncRun:
    run.releases_seen, run.issues_seen, run.changes = releases, issues, changes
    run.finished_at = now
    run.outcome = SyncRun.Outcome.FAILED if errors else SyncRun.Outcome.SUCCEEDED
    run.error = "\n".join(f"{name}: {error}" if name else str(error) for name, error in errors)
    run.can_retry = all(error.can_retry or isinstance(error, JiraNotFound) for _, error in errors)
    run.save()
    if errors:
        logger.warning("%s not read from Jira: %s", run.product, run.error)
    return run


def _sync_versions(door: Door, product: Product, now: dt.datetime) -> tuple[int, int]:
    """Store the list of versions; returns how many there are and how many changes."""
    versions = door.versions(product.jira_key)
    listed = {version.id for version in versions}
    here = product.releases.exclude(state=Release.State.DELETED).values_list("jira_id", flat=True)
    gone = set()
    for jira_id in set(here) - listed:
        # A list can be short for many reasons; only a 404 for the version itself says that it was deleted or merged.
        try:
            versions.append(door.version(jira_id, product.jira_key))
        except JiraNotFound:
            gone.add(jira_id)
    changes = store_versions(product, versions, gone, now)
    return len(versions), changes


def _releases_that_matter(product: Product, now: dt.datetime) -> list[Release]:
    """Those to come, those that came out lately, and the last one before, for comparison."""
    rows = list(
        product.releases.filter(state__in=[Release.State.UNRELEASED, Release.State.RELEASED]).select_related("product")
    )
    out = [row for row in rows if row.state == Release.State.RELEASED]
    dated = [row for row in out if row.release_date]
    last = max(dated, key=lambda row: (row.release_date, row.pk), default=out[-1] if out else None)
    since = (now - RECENT).date()
    return [
        row for row in rows
        if row.state == Release.State.UNRELEASED or row == last or (row.release_date and row.release_date >= since)
    ]  # fmt: skip


def _sync_issues(
    door: Door,
    release: Release,
    further: further_projects.Versions,
    extra: dict[str, str],
    no_notes: JiraError | None,
    now: dt.datetime,
) -> tuple[Stored, list[tuple[str, JiraError]]]:
    """Read and store the issues of a release; returns what was stored and the further projects that failed only here.

    Raises JiraError when the product's own project cannot be read.
    """
    own = release.product.jira_key
    found = door.issues(own, release.jira_id, extra)
    problems = door.open_problems(own, release.jira_id, extra)
    readings = further_projects.read(door, release, further, extra)
    missed = [(f"{release.name} in {each.project_key}", each.error) for each in readings if each.error and each.version]
    stored = store_issues(
        release, found, problems=problems, further=readings, no_notes=str(no_notes or ""), read_at=now, now=now
    )
    return stored, missed


def _extra_fields(door: Door, product: Product) -> tuple[dict[str, str], JiraError | None]:
    """The custom fields to read: the note for clients (kept on the product once found) and change flags.

    Beside them, what is wrong when Jira does not have the field of the notes any more, or hides it from the account.
    """
    names = {field.name: field.id for field in door.fields()}
    wanted = product.release_note_field
    note = field_id(door, wanted)
    no_notes = None
    if wanted and not note:
        no_notes = JiraError(
            f"Jira shows no field “{wanted}” to this account, which held the notes for clients: those read before "
            "stay, new issues have none. Name the right field under Jira fields of the product."
        )
    if not note and not wanted and (name := _note_field(door)):
        note = names[name]
        Product.objects.filter(pk=product.pk, release_note_field="").update(release_note_field=name)
        product.release_note_field = name
    flags = next((names[name] for name in sorted(names) if FLAG_NAMES.match(name)), "")
    return {kind: field for kind, field in (("note", note), ("flags", flags)) if field}, no_notes


def field_id(door: Door, wanted: str) -> str:
    """The id of a field by its name or id, "" when Jira has none."""
    fields = door.fields()
    return next((field.id for field in fields if field.id == wanted), "") or next(
        (field.id for field in fields if wanted and field.name == wanted), ""
    )


def no_such_field(name: str) -> str:
    """What a person is told who names a field for the notes that Jira does not have."""
    return f"Jira shows no field “{name[:60]}” to this account; take the name as it stands in Jira. Nothing was saved."


def _note_field(door: Door) -> str:
    """The name of the first custom field that is called after release notes, "" when there is none."""
    return next((field.name for field in door.fields() if field.custom and NOTE_NAMES.match(field.name)), "")


def note_merge(*, release: Release, into: Release, now: dt.datetime) -> None:
    """Say in a deleted release's history where its issues went."""
    if not ReleaseChange.objects.filter(release=release, what="merged_into").exists():
        change(release, "merged_into", release.name, into.name, now).save()
