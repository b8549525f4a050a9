"""Messages of an e-mail by state, in pages that cost the same at the start and at the end of a million.

The rare states have an index of their own and are paged by message id. Queued and accepted messages are read by
batch, because an index on them would have to be rewritten with every message that is sent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from campaigns.audience.models import Contact
from campaigns.delivery.models import ArchivedMessage, Batch, Message
from campaigns.planning.models import CampaignEmail

PAGE = 50
BY_BATCH = ("queued", "accepted")
_COLUMNS = ("address", "state", "reason", "detail", "attempts", "ses_id", "sent_at", "changed_at")


@dataclass(frozen=True)
class Page:
    """Some messages and the cursor of the next page; 0 when there is none."""

    messages: list[Message] | list[ArchivedMessage]
    after: int = 0


def page(email: CampaignEmail, state: str, *, reason: str = "", after: int = 0) -> Page:
    """The messages of a state after a cursor (the id of a message, or of a batch for queued and accepted)."""
    if state in BY_BATCH:
        return _page_of_batches(email, state, after)
    rows = Message.objects.filter(email=email, state=state, pk__gt=after)
    if reason:
        rows = rows.filter(reason=reason)
    found = list(rows.select_related("contact__client").order_by("pk")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0)


def _page_of_batches(email: CampaignEmail, state: str, after: int) -> Page:
    rows = Batch.objects.filter(email=email, pk__gt=after, **{f"{state}__gt": 0}).order_by("pk")
    chosen: list[int] = []
    people = 0
    more = False
    for pk, count in rows.annotate(people=F(state)).values_list("pk", "people")[: PAGE + 1]:
        if people >= PAGE:
            more = True
            break
        chosen.append(pk)
        people += count
    messages = Message.objects.filter(batch__in=chosen, state=state).select_related("contact__client").order_by("pk")
    return Page(list(messages), chosen[-1] if more else 0)


def of_address(email: CampaignEmail, address: str, *, past: bool = True) -> Page:
    """The message of one recipient, by address, also in the archive.

    Args:
        past: also when the contact has another address today; that reads every message of the e-mail.
    """
    address = address.strip().lower()
    contacts = list(Contact.objects.filter(email=address).values_list("pk", flat=True))
    tables = (Message, ArchivedMessage) if email.archive_begun_at else (Message,)
    for table in tables:
        rows: QuerySet[Any] = table._default_manager.filter(email=email).select_related("contact__client")
        # By the contact indexes lead to it; only an address of the past is looked for in the whole e-mail.
        found = list(rows.filter(contact__in=contacts)) or (list(rows.filter(address=address)[:5]) if past else [])
        if found:
            return Page(found)
    return Page([])


def csv_lines(email: CampaignEmail, state: str, *, reason: str = "") -> Iterator[str]:
    """The messages of a state as lines of CSV with a heading, read in chunks and never held in memory as a whole."""
    yield _line(_COLUMNS)
    for table in (Message, ArchivedMessage) if email.archive_begun_at else (Message,):
        rows: QuerySet[Any] = table._default_manager.filter(email=email, state=state)
        if reason:
            rows = rows.filter(reason=reason)
        for values in rows.order_by().values_list(*_COLUMNS).iterator(chunk_size=2000):
            yield _line([value.isoformat() if hasattr(value, "isoformat") else value for value in values])


def _line(values: object) -> str:
    cells = [_harmless(value) for value in values]  # type: ignore[attr-defined]
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _harmless(value: object) -> object:
    """A cell that a spreadsheet does not run as a formula (OWASP, "CSV Injection")."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


@dataclass(frozen=True)
class Unsettled:
    """An e-mail with messages that only a person can settle; those that were written off are settled."""

    email: CampaignEmail
    unknown: int
    failed: int


def unsettled(*, limit: int = 100) -> list[Unsettled]:
    """E-mails with unknown or failed messages, the newest first. Two queries, whatever was sent."""
    to_settle = Q(unknown__gt=0) | Q(failed__gt=F("written_off"))
    open_batches = Batch.objects.filter(to_settle, archived_at__isnull=True).order_by()
    dead = Sum(F("failed") - F("written_off"))
    sums = open_batches.values("email_id").annotate(lost=Sum("unknown"), dead=dead).order_by("-email_id")
    figures = {row["email_id"]: (row["lost"], row["dead"]) for row in sums[:limit]}
    emails = CampaignEmail.objects.select_related("campaign__release__product").in_bulk(figures)
    return [Unsettled(emails[pk], lost, dead) for pk, (lost, dead) in figures.items()]
