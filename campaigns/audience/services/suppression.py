"""Put an address on the list of those that must not be mailed, and take it off again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from campaigns.audience import addresses
from campaigns.audience.models import Suppression
from campaigns.audience.refusals import AudienceRefused
from campaigns.permissions import require

# Which of two reasons is shown when an address has both. A complaint is never hidden behind an older manual entry.
_WEIGHT = {
    Suppression.Reason.ERASED: 5,
    Suppression.Reason.COMPLAINT: 4,
    Suppression.Reason.HARD_BOUNCE: 3,
    Suppression.Reason.UNSUBSCRIBED: 2,
    Suppression.Reason.MANUAL: 1,
    Suppression.Reason.PROVIDER: 0,
}


def suppress(*, email: str, reason: str, by: Any, now: dt.datetime, detail: str = "", source: str = "") -> Suppression:
    """Mail this address no more. Asking twice, or by ten workers at once, leaves one open row.

    A graver reason closes the row of a lighter one and opens its own, so that both stay readable. An address whose
    person was erased is not written down again; the row with its digest is returned.

    Args:
        email: any spelling of the address.
        reason: a value of Suppression.Reason.
        detail: what the provider or the person said.
        source: where it comes from, such as "SES bounce event".
        by: the person (needs campaigns.add_suppression), or None for the machine.

    Raises:
        BadAddress: a person typed something that is not an address. From the machine any text is taken as it is, for
            a bounce must never be lost over its spelling.
    """
    require(by, "campaigns.add_suppression")
    return put(email=email, reason=reason, detail=detail, source=source, by=by, now=now)


def put(*, email: str, reason: str, detail: str, source: str, by: Any, now: dt.datetime) -> Suppression:
    """`suppress` without its question for the right; for verbs of this room that asked for theirs."""
    address = _spelling(email, by)
    spellings = (address, addresses.digest(address))
    kept = addresses.digest(address) if reason == Suppression.Reason.ERASED else address
    with transaction.atomic():
        open_row = Suppression.objects.filter(email__in=spellings, until__isnull=True).first()
        if open_row is not None:
            if _weight(reason) <= _weight(open_row.reason):
                return open_row
            label = Suppression.Reason(reason).label.lower()
            Suppression.objects.filter(pk=open_row.pk, until__isnull=True).update(
                until=now, lifted_reason=f"Replaced by a graver reason: {label}."
            )
        # Of two workers that come this far at once, one writes; the constraint stops the other without an error.
        row = Suppression(email=kept, reason=reason, detail=detail[:500], source=source[:200], since=now, by=by)
        Suppression.objects.bulk_create([row], ignore_conflicts=True)
        return Suppression.objects.get(email=kept, until__isnull=True)


def lift_suppression(*, suppression: Suppression, reason: str, by: Any, now: dt.datetime) -> Suppression:
    """Let an address be mailed again. The row stays, with who lifted it, when and why.

    Consent is another question: who unsubscribed from a product stays so. An address that SES itself suppresses is
    still refused by SES until it is taken off there.

    Raises AudienceRefused without a reason, or when somebody lifted it before.
    """
    require(by, "campaigns.lift_suppression")
    if not reason.strip():
        raise AudienceRefused("Nothing was lifted: say why this address may be mailed again.")
    lift(suppression=suppression, reason=reason, by=by, now=now)
    suppression.refresh_from_db()
    return suppression


def lift(*, suppression: Suppression, reason: str, by: Any, now: dt.datetime) -> None:
    """Close the row once. Raises AudienceRefused when it is closed already."""
    lifted = Suppression.objects.filter(pk=suppression.pk, until__isnull=True).update(
        until=now, lifted_by=by, lifted_reason=reason.strip()[:300]
    )
    if not lifted:
        raise AudienceRefused("This suppression was lifted before. Nothing was changed.")


def _weight(reason: str) -> int:
    return _WEIGHT[Suppression.Reason(reason)]


def _spelling(email: str, by: Any) -> str:
    try:
        return addresses.normalise(email)
    except addresses.BadAddress:
        if by is not None:
            raise
        return email.strip().lower()[: addresses.LONGEST]
