"""The verb: one file in, one ContactImport with its report out; everything of the file or nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from campaigns.audience import details
from campaigns.audience.importing import file as files
from campaigns.audience.importing.report import Report
from campaigns.audience.importing.row import Checker, Person
from campaigns.audience.importing.writing import AT_ONCE, Writer
from campaigns.audience.models import ContactImport, ContactList, Subscription
from campaigns.audience.refusals import AudienceRefused
from campaigns.audience.services.lists import create_list
from campaigns.permissions import require
from releases.models import Product


def import_contacts(
    *,
    file: BinaryIO,
    file_name: str,
    contact_list: ContactList | None = None,
    new_list: str = "",
    by: Any,
    now: dt.datetime,
    product: Product | None = None,
    basis: str = Subscription.Basis.CONTRACT,
    proof: str = "",
    check_only: bool = False,
) -> ContactImport:
    """Import the contacts of a CSV file, or only say what an import would do.

    Rows with a problem are left out and reported; the others are written in one transaction. A structural error
    (encoding, missing column, open quote, size) imports nothing and leaves a refused ContactImport that says why. The
    same file a second time changes nothing. The check is the import itself, rolled back, so both say the same.

    Args:
        file: an open binary file that can seek, such as an upload.
        contact_list: the list that everybody in the file joins.
        new_list: without one, the name of the list that is made with the import; one of that name is used if it is
            there, as when a mended file is handed in again. A check and a refused file make none.
        product: if given, everybody is subscribed to it who never decided about it.
        basis: a value of Subscription.Basis.
        proof: what shows the basis; needed for consent (GDPR, article 7(1)).

    Raises AudienceRefused when consent is claimed without proof.
    """
    require(by, "campaigns.import_contact")
    if product is not None and basis == Subscription.Basis.CONSENT and not proof.strip():
        raise AudienceRefused(
            "Nothing was imported: write under “proof” where these people agreed, for consent must be shown when asked "
            "(GDPR, article 7)."
        )
    name = " ".join(new_list.split())
    there = contact_list or ContactList.objects.filter(name=name).first()
    outcome = ContactImport(
        contact_list=there,
        product=product,
        basis=basis if product else "",
        file_name=details.shown(file_name[-255:], longest=255),
        state=ContactImport.State.REFUSED,
        by=by,
        at=now,
    )
    try:
        outcome.encoding, outcome.digest = files.inspect(file)
        with transaction.atomic():
            if there is None:
                outcome.contact_list = create_list(name=name, by=by)
            _import(outcome, file, basis=basis, proof=proof)
            transaction.set_rollback(check_only)
        outcome.state = ContactImport.State.CHECKED if check_only else ContactImport.State.IMPORTED
    except files.FileRefused as refused:
        outcome.problem = str(refused)
    except IntegrityError:
        outcome.problem = (
            "Somebody else wrote one of these people at the same moment. Nothing was imported; hand the file in again."
        )
    if outcome.problem:
        outcome.created = outcome.updated = outcome.unchanged = 0
    if there is None and outcome.state != ContactImport.State.IMPORTED:
        outcome.contact_list, outcome.new_list = None, name  # it went with the transaction that made it
    outcome.save()
    return outcome


def _import(outcome: ContactImport, file: BinaryIO, *, basis: str, proof: str) -> None:
    assert outcome.contact_list is not None  # noqa: S101 - the caller found or made it
    report = Report()
    header, rows = files.rows(file, outcome.encoding)
    for name in header.unread:
        report.note(1, name, "", "This column is not read.")
    checker = Checker(header, report)
    writer = Writer(
        contact_list=outcome.contact_list,
        product=outcome.product,
        basis=basis,
        source=f"Import of {outcome.file_name}"[:200],
        proof=proof[:500],
        by=outcome.by,
        now=outcome.at,
        report=report,
    )
    people: Iterator[Person] = (person for row in rows if (person := checker.check(row)) is not None)
    if outcome.encoding == "cp1252":
        people = _show_accents(people, report)
    for chunk in _chunks(people):
        writer.write(chunk)
    if not checker.rows:
        raise files.FileRefused("The file has column names but no rows. Nothing was imported.")
    outcome.rows, outcome.rejected = checker.rows, report.rejected
    outcome.created, outcome.updated, outcome.unchanged = writer.created, writer.updated, writer.unchanged
    outcome.report = report.listed()


def _show_accents(people: Iterable[Person], report: Report) -> Iterator[Person]:
    """Note the first names with accents, because the encoding was guessed and only a person sees a wrong guess."""
    shown = 0
    for person in people:
        text = " ".join(part for part in (person.first_name, person.last_name, person.client) if not part.isascii())
        if text and shown < 3:
            shown += 1
            report.note(
                person.line, "", text, "The file is not UTF-8 and was read as Windows-1252. Does this look right?"
            )
        yield person


def _chunks(people: Iterable[Person]) -> Iterator[list[Person]]:
    iterator = iter(people)
    while chunk := list(itertools.islice(iterator, AT_ONCE)):
        yield chunk
