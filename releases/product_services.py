"""The verbs of setting a product up: its words and hosts, and what the fields of its Jira project mean."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction

from releases import product_words
from releases.further_projects import check_visible
from releases.jira import JiraError, open_door
from releases.kinds import meaning_of_component, meaning_of_label, meaning_of_type
from releases.mapping import TABLES, FieldMapping, Row, Survey
from releases.models import Issue, Product
from releases.permissions import require
from releases.services import field_id, no_such_field

logger = logging.getLogger(__name__)

CHANGE_PRODUCT = "releases.change_product"
#: What a person may set on the page of a product; the Jira key stays, and the mapping has a page of its own.
FIELDS = (
    "name", "sender_name", "sender_email", "reply_to", "postal_address", "website", "brand_colour", "time_zone",
    "audience", "tone", "language", "preferred_words", "forbidden_words", "customer_names", "allowed_hosts",
    "further_keys",
)  # fmt: skip
#: What an operator sets beside them, in the admin.
OPERATOR_FIELDS = ("internal_labels", "configuration_set", "tenant", "self_approval", "active")
_NOTE_LIKE = re.compile(r"release.?note|change.?log|what.?s.?new|(?:customer|client|external|public).{0,20}note", re.I)


def change_product(*, product: Product, by: Any, now: dt.datetime, **fields: Any) -> Product:
    """Set some of FIELDS and OPERATOR_FIELDS. Asks Jira for further projects that are new to the product.

    Raises:
        PermissionDenied: without the right to change a product.
        ValidationError: a value that cannot be, another field, or a further project that Jira does not show us.
    """
    require(by, CHANGE_PRODUCT)
    if unknown := sorted(set(fields) - {*FIELDS, *OPERATOR_FIELDS}):
        raise ValidationError(f"“{unknown[0]}” cannot be set here.")
    if "further_keys" in fields:
        fields["further_keys"] = _further_keys(product, fields["further_keys"])
    with transaction.atomic():
        row = Product.objects.select_for_update().get(pk=product.pk)
        changed = [name for name, value in fields.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, fields[name])
        row.full_clean()
        if changed:
            row.save(update_fields=changed)
            _log(row, by, f"Changed {', '.join(name.replace('_', ' ') for name in changed)}.")
    return row


def _further_keys(product: Product, typed: Any) -> list[str]:
    """The keys in capitals, the new ones known to Jira. Those that were there before are not asked for again."""
    row = Product.objects.get(pk=product.pk)
    try:
        keys = product_words.project_keys(typed, "further keys")
    except ValidationError as error:
        raise ValidationError({"further_keys": error}) from None
    if set(keys) <= set(row.further_keys):
        return keys
    row.further_keys = keys
    row.clean()  # what is wrong without Jira is said without asking it
    try:
        with open_door() as door:
            check_visible(door, [key for key in keys if key not in product.further_keys])
    except JiraError as error:
        message = f"The projects could not be checked: {error} Nothing was saved."
        raise ValidationError({"further_keys": message}) from None
    return keys


def confirm_mapping(*, product: Product, mapping: Any, release_note_field: str, by: Any, now: dt.datetime) -> Product:
    """A person says what the fields of the project mean; the next reading goes by it.

    Args:
        mapping: as JSON, the shape of FieldMapping.
        release_note_field: name or id of Jira's field with the note for clients; "" lets the reading find it by name.

    Raises:
        PermissionDenied: without the right to change a product.
        ValidationError: a meaning or a field that does not exist, or nobody who confirms it. While Jira cannot be asked
            for its fields any name is taken; the next reading says so if there is none such.
    """
    require(by, CHANGE_PRODUCT)
    if by is None:
        raise ValidationError("Only a person can confirm what the fields mean.")
    read = FieldMapping.read(mapping)
    if len(release_note_field) > 100:
        raise ValidationError("The name of the release-note field is longer than 100 characters.")
    note_field = release_note_field.strip()
    if note_field and not _perhaps_a_field(note_field):
        raise ValidationError(no_such_field(note_field))
    with transaction.atomic():
        row = Product.objects.select_for_update().get(pk=product.pk)
        row.field_mapping, row.release_note_field = read.to_json(), note_field
        row.mapping_confirmed_at, row.mapping_confirmed_by = now, by
        row.save(update_fields=["field_mapping", "release_note_field", "mapping_confirmed_at", "mapping_confirmed_by"])
        _log(row, by, "Confirmed the field mapping.")
    logger.info("field mapping of %s confirmed", row.jira_key)
    return row


def _perhaps_a_field(name: str) -> bool:
    """Whether Jira has such a field, or cannot be asked now."""
    try:
        with open_door() as door:
            return bool(field_id(door, name))
    except JiraError as error:
        logger.info("the field of the notes was not checked: %s", error)
        return True


def survey(product: Product) -> Survey:
    """What its Jira projects have: a sample of the newest issues of each, and all that were read for its releases.

    Asks Jira once, and once more for each project. Raises JiraError.
    """
    with open_door() as door:
        names = {field.id: field.name for field in door.fields() if field.custom and _NOTE_LIKE.search(field.name)}
        sample = [fields for key in product.project_keys for fields in door.newest_issues(key, list(names))]
    found = Survey(read=len(sample))
    for fields in sample:
        found.labels.update(_named(fields.get("labels")))
        found.components.update(_named(fields.get("components")))
        found.types.update(_named([fields.get("issuetype")]))
        found.levels.update(_named([fields.get("security")]))
    filled = Counter(field for fields in sample for field in names if fields.get(field))
    notes = sorted(((names[field], filled[field]) for field in names), key=lambda pair: (-pair[1], pair[0]))
    return Survey(
        read=found.read, note_fields=tuple(notes),
        **{table: _with_stored(getattr(found, table), product, table) for table in (*TABLES, "levels")},
    )  # fmt: skip


def _with_stored(sampled: Counter[str], product: Product, table: str) -> Counter[str]:
    """The sample, and what only occurs in issues of the releases that we keep."""
    column = {"types": "issue_type", "levels": "security_level"}.get(table, table)
    stored: Counter[str] = Counter()
    rows = Issue.objects.filter(release__product=product, removed_at__isnull=True).values_list(column, flat=True)
    for value in rows:
        stored.update(_named(value if isinstance(value, list) else [value]))
    return sampled | stored


def _named(values: Any) -> list[str]:
    names = []
    for value in values if isinstance(values, list) else []:
        name = value.get("name") if isinstance(value, dict) else value
        if isinstance(name, str) and name.strip():
            names.append(name.strip()[:100])
    return names


def proposal(product: Product, found: Survey, typed: Any = None) -> dict[str, list[Row]]:
    """The rows of the page: per table each name with its meaning, as confirmed or else as proposed.

    `typed` is a mapping that a person chose and that was refused; it stands in the place of the confirmed one.
    """
    confirmed = FieldMapping.of(product.field_mapping if typed is None else typed)
    why = "As confirmed." if typed is None else "As you chose it; not saved."
    guesses: dict[str, Callable[[str], tuple[str, str]]] = {
        "labels": meaning_of_label, "components": meaning_of_component, "types": meaning_of_type,
    }  # fmt: skip
    rows: dict[str, list[Row]] = {}
    for table, guess in guesses.items():
        held = dict(getattr(confirmed, table))
        names: Iterable[str] = dict.fromkeys([*getattr(found, table), *held])
        rows[table] = sorted(
            (_row(name, getattr(found, table)[name], held, guess, why) for name in names),
            key=lambda row: (not row.meaning, -row.count, row.name.lower()),
        )[:300]
    rows["levels"] = [
        Row(
            name, found.levels[name], "open" if confirmed.is_open(name) else "", "Kept inside unless you open it.",
            confirmed.is_open(name),
        )
        for name in sorted({*found.levels, *confirmed.open_levels})
    ]  # fmt: skip
    return rows


def _row(name: str, count: int, held: dict[str, str], guess: Callable[[str], tuple[str, str]], why: str) -> Row:
    # What a person has once left to the rules is not proposed again as something else.
    if name in held:
        return Row(name, count, held[name], why, confirmed=True)
    return Row(name, count, *guess(name))


def note_field(product: Product, found: Survey) -> str:
    """The field that is proposed for the note: the confirmed one, else the one that most issues have text in."""
    if product.release_note_field:
        return product.release_note_field
    return next((name for name, filled in found.note_fields if filled), "")


def _log(product: Product, by: Any, message: str) -> None:
    """A line in the product's history in the admin; the machine changes no product."""
    if by is not None:
        LogEntry.objects.log_actions(by.pk, [product], CHANGE, change_message=message, single_object=True)
