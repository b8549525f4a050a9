"""A checked file stays until its import, so that nobody has to choose it again: for one person and one hour."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.db import transaction

from campaigns.audience.importing.file import MAX_BYTES
from campaigns.audience.importing.run import import_contacts
from campaigns.audience.models import ContactImport, KeptFile
from campaigns.audience.refusals import AudienceRefused
from campaigns.permissions import require

# People are in it who were never mailed before, so it is kept no longer than a person needs to read the check.
KEPT_FOR = dt.timedelta(hours=1)


def keep(
    *, checked: ContactImport, content: bytes, basis: str, proof: str, by: Any, now: dt.datetime
) -> KeptFile | None:
    """Keep a file that was checked, instead of the one before of this person. None: there is nothing to keep."""
    require(by, "campaigns.import_contact")
    if checked.state != ContactImport.State.CHECKED or len(content) > MAX_BYTES:
        return None
    with transaction.atomic():
        KeptFile.objects.filter(by=by).delete()
        return KeptFile.objects.create(
            by=by, contact_import=checked, content=content, basis=basis, proof=proof[:500], until=now + KEPT_FOR
        )


def kept(*, checked: ContactImport, by: Any, now: dt.datetime) -> KeptFile | None:
    """The file of a check, for the person who handed it in; without its content."""
    return KeptFile.objects.defer("content").filter(contact_import=checked, by=by, until__gt=now).first()


def import_kept(*, checked: ContactImport, by: Any, now: dt.datetime) -> ContactImport:
    """Import the file of a check as it was handed in, by the same choices. It is kept no longer.

    Raises:
        AudienceRefused: it is not there any more, it is somebody else's, or its list is gone.
    """
    require(by, "campaigns.import_contact")
    found = KeptFile.objects.filter(contact_import=checked, by=by, until__gt=now).first()
    if found is None:
        raise AudienceRefused("The file is not kept any more, so nothing was imported. Hand it in again.")
    if checked.contact_list is None and not checked.new_list:
        raise AudienceRefused(
            "Its list was removed meanwhile, so nothing was imported. Hand the file in for another list."
        )
    done = import_contacts(
        file=io.BytesIO(found.content), file_name=checked.file_name, contact_list=checked.contact_list,
        new_list=checked.new_list, product=checked.product, basis=found.basis, proof=found.proof, by=by, now=now,
    )  # fmt: skip
    found.delete()
    return done


def forget(*, now: dt.datetime) -> int:
    """Drop files whose hour is over. Returns how many."""
    return KeptFile.objects.filter(until__lte=now).delete()[0]
