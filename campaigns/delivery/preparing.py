"""One message per contact, cut into batches.

Recipients are read by id in chunks, so memory stays flat and an interrupted run goes on after the last contact that
has a message. Everybody on the lists gets a row, also those who will be suppressed: who must not be mailed is asked
when the batch is claimed, and the balance shall show them.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from campaigns.audience import selectors as audience
from campaigns.delivery.models import Batch, Message
from campaigns.delivery.recount import recount
from campaigns.delivery.values import problem, values_of
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.planning.services import move
from campaigns.review.selectors import valid_approval

CHUNK = 2_000


def prepare(*, email: CampaignEmail, now: dt.datetime) -> int:
    """Write the messages of an e-mail that is about to be sent; safe to repeat and to run twice at once.

    Returns:
        How many messages were written by this call.
    """
    if email.prepared_at:
        return 0
    list_ids = list(email.campaign.lists.values_list("id", flat=True))
    product_id = email.campaign.release.product_id
    approval = valid_approval(email)
    rule = audience.audience_digest(list_ids=list_ids, product_id=product_id)
    if approval is None or approval.audience_digest != rule:
        why = "The lists changed between the approval and the send; nothing more is prepared."
        move(email=email, to="paused", by=None, why=why, now=now)
        return 0
    written = 0
    while True:
        chunk = _write_chunk(email, list_ids, now=now)
        if chunk is None:
            break
        written += chunk
    if CampaignEmail.objects.filter(pk=email.pk, prepared_at__isnull=True).update(prepared_at=now):
        email.prepared_at = now
        history.record(
            what="prepared", what_id=email.pk, email=email, before="", after="",
            why=f"{Message.objects.filter(email=email).count()} messages prepared.", by=None, now=now,
        )  # fmt: skip
    return written


def _write_chunk(email: CampaignEmail, list_ids: list[int], *, now: dt.datetime) -> int | None:
    """The next chunk of contacts, in one transaction; None when there is none left."""
    with transaction.atomic():
        # The row lock makes two runs take turns; on SQLite the transaction itself does.
        CampaignEmail.objects.select_for_update().get(pk=email.pk)
        last = Message.objects.filter(email=email).aggregate(last=Max("contact_id"))["last"] or 0
        contacts = list(
            audience.recipients(list_ids).filter(pk__gt=last).select_related("client").order_by("pk")[:CHUNK]
        )
        if not contacts:
            return None
        size = settings.SEND_BATCH_SIZE
        cuts = [contacts[start : start + size] for start in range(0, len(contacts), size)]
        batches = Batch.objects.bulk_create(
            Batch(email=email, not_before=email.send_at or now, queued=len(cut)) for cut in cuts
        )
        messages = []
        refused: set[int] = set()
        for batch, cut in zip(batches, cuts, strict=True):
            for contact in cut:
                values = values_of(contact)
                why = problem(values, contact.email)
                if why:
                    refused.add(batch.pk)
                messages.append(
                    Message(
                        email=email,
                        contact=contact,
                        batch=batch,
                        address=contact.email,
                        values=values,
                        state="failed" if why else "queued",
                        reason="value" if why else "",
                        detail=why,
                        changed_at=now,
                    )
                )
        Message.objects.bulk_create(messages, batch_size=1_000)
        if refused:
            recount(refused, now=now)
    return len(messages)
