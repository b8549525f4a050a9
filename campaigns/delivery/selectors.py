"""What the pages and the timetable ask about sending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from campaigns.delivery.models import Batch, Message, Sender
from campaigns.delivery.recount import FIGURES
from campaigns.planning.models import CampaignEmail


@dataclass(frozen=True)
class Balance:
    """What became of everybody an e-mail was planned for. It adds up when nobody is still on the way."""

    planned: int = 0
    queued: int = 0
    accepted: int = 0
    suppressed: int = 0
    failed: int = 0
    cancelled: int = 0
    unknown: int = 0

    @property
    def settled(self) -> int:
        """How many have an end state."""
        return self.accepted + self.suppressed + self.failed + self.cancelled + self.unknown

    @property
    def adds_up(self) -> bool:
        """planned = accepted + suppressed + failed + cancelled + unknown."""
        return self.planned == self.settled and self.queued == 0

    @property
    def percent(self) -> int:
        """How far the send is, 0 to 100."""
        return 100 * self.settled // self.planned if self.planned else 0


def balances(emails: Iterable[CampaignEmail | int]) -> dict[int, Balance]:
    """The balance of each e-mail, in one query over batches (a fiftieth of the messages)."""
    ids = [email if isinstance(email, int) else email.pk for email in emails]
    sums = (
        Batch.objects.filter(email_id__in=ids)
        .values("email_id")
        .annotate(**{f"sum_{name}": Sum(name) for name in FIGURES})
    )
    found = dict.fromkeys(ids, Balance())
    for row in sums.order_by():
        figures = {name: row[f"sum_{name}"] or 0 for name in FIGURES}
        found[row["email_id"]] = Balance(planned=sum(figures.values()), **figures)
    return found


def balance(email: CampaignEmail | int) -> Balance:
    """The balance of one e-mail."""
    return next(iter(balances([email]).values()))


def reasons(email: CampaignEmail, state: str) -> list[tuple[str, int]]:
    """Why messages of one state are in it: (reason, how many), most first. Not meant for queued or accepted."""
    rows = Message.objects.filter(email=email, state=state).values_list("reason").annotate(Count("id"))
    return [(reason, count) for reason, count in rows.order_by("-id__count", "reason")]


def dead_letters() -> list[dict[str, object]]:
    """Failed messages grouped by e-mail and reason, for the operator's page."""
    return list(
        Message.objects.filter(state="failed")
        .values("email_id", "email__step", "email__campaign__release__name", "reason")
        .annotate(messages=Count("id"))
        .order_by("-email_id", "-messages")
    )


def unknown_emails() -> list[CampaignEmail]:
    """E-mails with messages of which nobody knows whether SES took them."""
    return list(
        CampaignEmail.objects.filter(Q(batches__unknown__gt=0)).distinct().select_related("campaign__release__product")
    )


def sender() -> Sender | None:
    """The fleet's one sender row for the configured region."""
    from django.conf import settings

    return Sender.objects.filter(region=settings.AWS_REGION).first()


def last_one_out(email: CampaignEmail, *, now: dt.datetime) -> dt.datetime | None:
    """When the last message will be out at the rate of today, or None when nothing waits or nothing is sent."""
    row = sender()
    waiting = balance(email).queued
    if row is None or row.stopped_at or not waiting or row.rate_per_second <= 0:
        return None
    return now + dt.timedelta(seconds=waiting / row.rate_per_second)
