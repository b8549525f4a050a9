"""One message per contact, cut into batches, written in sets.

Contacts are read by id in chunks and never leave the database: one INSERT ... SELECT a chunk, so memory stays flat, a
million takes seconds, and an interrupted run goes on after the last contact that has a message. Everybody on the lists
gets a row, also those who will be suppressed: who must not be mailed is asked when the batch is claimed, and the
balance shall show them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, F, Max, Q, QuerySet, Value, When
from django.utils import timezone

from campaigns import given, states
from campaigns.audience.models import Contact
from campaigns.audience.rule import Rule
from campaigns.delivery import windows
from campaigns.delivery.models import Batch, Message
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.planning.services import move
from campaigns.review.selectors import valid_approval

CHUNK = 20_000


def prepare(*, email: CampaignEmail, now: dt.datetime, until: Callable[[], bool] = lambda: False) -> int:
    """Write the messages of an e-mail that is about to be sent; safe to repeat and to run twice at once.

    Args:
        email: in state sending.
        now: the moment that the rows carry.
        until: asked after each chunk; True ends this run early, and the next one goes on from there.

    Returns:
        How many messages were written by this call.
    """
    if email.prepared_at:
        return 0
    rule = audience_rule(email)
    approval = valid_approval(email)
    if approval is None or approval.audience_digest != rule.digest():
        why = "The lists changed between the approval and the send; nothing more is prepared."
        with suppress(states.MoveRefused):  # a person was faster
            move(email=email, to="paused", by=None, why=why, now=now)
        return 0
    written = 0
    while True:
        try:
            chunk = _write_chunk(email, rule, now=now)
        except _NotNow:
            return written
        except _ListsChanged:
            chunk = 0
        if chunk is None:
            break
        written += chunk
        if until():
            return written
    if CampaignEmail.objects.filter(pk=email.pk, prepared_at__isnull=True).update(prepared_at=now):
        email.prepared_at = now
        history.record(
            what="messages", what_id=email.pk, email=email, before="", after="prepared",
            why=f"{Message.objects.filter(email=email).count()} messages prepared.", by=None, now=timezone.now(),
        )  # fmt: skip
    return written


class _NotNow(Exception):
    """Somebody else prepares this e-mail, or it was paused or cancelled meanwhile."""


class _ListsChanged(Exception):
    """Somebody came to the lists or left them while a chunk was being written; it is written anew."""


def _write_chunk(email: CampaignEmail, rule: Rule, *, now: dt.datetime) -> int | None:
    """The next chunk of contacts, in one transaction; None when there is none left.

    Raises:
        _NotNow, _ListsChanged: nothing was written.
    """
    with transaction.atomic():
        # Whoever finds the row locked leaves the work to the one who holds it, instead of standing in line with a
        # worker's slot each. A pause or cancel waits for this chunk, and no other is written after it. The lock is the
        # weak one, so batches of answers that come in meanwhile can still name the e-mail.
        mine = CampaignEmail.objects.select_for_update(no_key=True, skip_locked=True)
        if not mine.filter(pk=email.pk, state="sending").exists():
            raise _NotNow
        last = Message.objects.filter(email=email).aggregate(last=Max("contact_id"))["last"] or 0
        step = rule.people(after=last).order_by("pk")[:CHUNK].aggregate(end=Max("pk"), people=Count("pk"))
        if not step["people"]:
            return None
        people = rule.people(after=last, until=step["end"])
        written = 0
        for zones, slot in _slots(email, people):
            if zones is None:
                written += _write_batches(email, people, slot, total=step["people"], now=now)
                continue
            theirs = _in_zones(people).filter(zone__in=zones)
            written += _write_batches(email, theirs, slot, total=theirs.count(), now=now)
        if written != step["people"]:
            raise _ListsChanged
        return written


def _slots(email: CampaignEmail, people: QuerySet[Contact]) -> list[tuple[list[str] | None, windows.Slot]]:
    """When which of these contacts may be mailed: one slot for all, or one for each group of time zones."""
    start = email.send_at or email.state_since
    if not email.local_time and email.window_opens is None:
        return [(None, windows.Slot(start))]
    zone = email.campaign.release.product.time_zone
    groups: dict[tuple[Any, ...], tuple[list[str], windows.Slot]] = {}
    for name in _in_zones(people).order_by().values_list("zone", flat=True).distinct():
        theirs = _known(name) or zone
        slot = windows.first_slot(email, contact_zone=theirs, product_zone=zone)
        # Zones share batches when they open and close together for longer than any send may take.
        alike = windows.days_ahead(email, slot, zone=theirs)
        groups.setdefault(alike, ([], slot))[0].append(name)
    return [group for _, group in sorted(groups.items())]


def _in_zones(people: QuerySet[Contact]) -> QuerySet[Any]:
    """The same contacts with `zone`: their own, or their client's, or "" for the product's."""
    own = When(~Q(time_zone=""), then=F("time_zone"))
    clients = When(~Q(client__time_zone=""), then=F("client__time_zone"))
    return people.annotate(zone=Case(own, clients, default=Value("")))


def _known(name: str) -> str:
    """The zone's name if this machine knows it; an unknown one falls back to the product's."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError):
        return ""
    return name


def _write_batches(
    email: CampaignEmail, people: QuerySet[Contact], slot: windows.Slot, *, total: int, now: dt.datetime
) -> int:
    """Batches for these contacts and one INSERT ... SELECT for their messages.

    Args:
        total: how many they are, by which the batches were cut.

    Returns:
        How many messages were written.

    Raises:
        _ListsChanged: they are others by now, so somebody would fall between two batches.
    """
    size = settings.SEND_BATCH_SIZE
    sizes = [size] * (total // size) + ([total % size] if total % size else [])
    batches = Batch.objects.bulk_create(
        (Batch(email=email, queued=count, **slot.columns) for count in sizes), batch_size=1_000
    )
    inner, parameters = people.values_list(
        "pk", "email", "first_name", "last_name", "client__name"
    ).query.sql_with_params()
    columns = {"cut": int, "id": int}
    values, least = ("jsonb_build_object", "LEAST") if connection.vendor == "postgresql" else ("json_object", "MIN")
    # Who is too many for the batches comes into the last one, so that they show in the count of what was written.
    # Only names of our own columns and numbers stand in this statement; every value is a parameter.
    statement = f"""
        INSERT INTO {Message._meta.db_table}
            (email_id, contact_id, batch_id, address, "values", state, reason, detail, attempts, ses_id, changed_at)
        WITH found (id, email, first_name, last_name, client_name) AS ({inner}),
            person AS (SELECT found.*, (row_number() OVER (ORDER BY found.id) - 1) / {int(size)} AS cut FROM found)
        SELECT %s, person.id, batch.id, person.email,
            {values}('first_name', person.first_name, 'last_name', person.last_name, 'client_name', person.client_name),
            'queued', '', '', 0, '', %s
        FROM person JOIN {given.table("batch", columns)} ON batch.cut = {least}(person.cut, {len(sizes) - 1})
    """  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Foreign keys are checked by plans that a session keeps. One made while there were few batches reads all of
            # them for each message: a million then took seven minutes, with a commit of thirteen seconds a chunk.
            cursor.execute("DISCARD PLANS")
        numbered = [(number, batch.pk) for number, batch in enumerate(batches)]
        cursor.execute(statement, [*parameters, email.pk, now, *given.parameters(numbered, columns)])
        if cursor.rowcount != total:
            raise _ListsChanged
        return total
