"""May this e-mail go out right now? Asked before each batch.

Law 1: the bytes that are sent are the bytes a person approved. The digest is computed again from the rendition that
will be sent and compared with the one the approval names.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from campaigns.delivery import calling, fencing, lateness, limiter
from campaigns.delivery.models import Sender
from campaigns.review import rendition as renditions
from campaigns.review.models import Approval, Rendition


class NotCleared(Exception):
    """Nothing may be sent; the text says why.

    hold: a person has to look at the e-mail itself. wait: seconds after which asking again is worth it; 0 is never.
    """

    def __init__(self, why: str, *, hold: bool = False, wait: float = 0.0) -> None:
        super().__init__(why)
        self.hold = hold
        self.wait = wait


@dataclass(frozen=True)
class Clearance:
    """What a batch needs to go out."""

    rendition: Rendition
    email_id: int
    campaign_id: int
    step: str
    product_id: int
    product_key: str
    configuration_set: str
    tenant: str
    mode: str
    is_correction: bool


def clearance(email_id: int, *, now: dt.datetime, claimed_at: dt.datetime | None = None) -> Clearance:
    """The approved rendition of an e-mail that is sending. May call SES: never inside a transaction.

    Args:
        claimed_at: when the caller last claimed a batch of it, if it did: then it need not be asked whether it stood
            still.

    Raises:
        NotCleared: paused, cancelled, campaign held, sender stopped, the approval does not fit, or this database may be
            a copy of the one that sends.
    """
    approval = (
        Approval.objects.filter(email_id=email_id, decision=Approval.Decision.APPROVED, voided_at__isnull=True)
        .select_related("rendition", "email__campaign__release__product")
        .first()
    )
    if approval is None or approval.rendition is None:
        raise NotCleared("There is no valid approval.", hold=True)
    email = approval.email
    if email.state != "sending":
        raise NotCleared(f"The e-mail is {email.get_state_display().lower()}.")
    # A finished campaign sends again what a person asked for; a held or cancelled one sends nothing.
    if email.campaign.state not in ("active", "finished"):
        raise NotCleared(f"The campaign is {email.campaign.get_state_display().lower()}.")
    if (claimed_at is None or claimed_at < now - email.late_after) and (why := lateness.stood_still(email, now=now)):
        raise NotCleared(why, hold=True)
    rendition = approval.rendition
    if renditions.digest_of(rendition) != rendition.digest:
        raise NotCleared("The stored bytes are not the ones that were approved.", hold=True)
    sender = Sender.objects.filter(region=settings.AWS_REGION).first()
    if sender is not None and sender.stopped_at is not None:
        raise NotCleared(f"All sending is stopped: {sender.stopped_reason}")
    try:
        fencing.fence.check(sender or limiter.row(), now=now)
    except fencing.NotYet as reason:
        raise NotCleared(str(reason), wait=reason.wait) from reason
    product = email.campaign.release.product
    return Clearance(
        rendition=rendition,
        email_id=email.pk,
        campaign_id=email.campaign_id,
        step=email.step,
        product_id=product.pk,
        product_key=product.jira_key,
        configuration_set=product.configuration_set or settings.SES_CONFIGURATION_SET,
        tenant=product.tenant or settings.SES_TENANT,
        mode=calling.mode_of(sender),
        is_correction=email.correction_of_id is not None,
    )
