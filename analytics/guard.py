"""Stop in time: an e-mail that bounces or is complained about too much is paused before SES pauses the account.

AWS, "Reputation metrics": keep bounces under 5 % and complaints under 0.1 %; from 10 % and 0.5 % on the
account may be paused. Each rate is looked at over the whole e-mail and over its last ten minutes, so that
neither a slow rise nor a sudden one goes unseen. A few cases among a few mails prove nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.db.models.functions import Lower

from analytics.models import Alert, EmailEvent
from analytics.services import alert
from analytics.shapes import HARD, NOT_SPAM
from campaigns import states
from campaigns.delivery.services import pause
from campaigns.models import CampaignEmail

WINDOW = dt.timedelta(minutes=10)
WATCHED_FOR = dt.timedelta(days=3)
ORPHANS_AN_HOUR = 20


@dataclass(frozen=True)
class Limit:
    """Rates of one kind of trouble, as parts of the mails with a known outcome, and the least number that counts."""

    name: str
    warn: float
    pause: float
    least: int


BOUNCES = Limit("bounces", 0.05, 0.10, 10)
COMPLAINTS = Limit("complaints", 0.001, 0.005, 5)
LEAST_OUTCOMES = 100


@dataclass(frozen=True)
class Rate:
    """How often one kind of trouble happened among mails with a known outcome."""

    limit: Limit
    cases: int
    outcomes: int
    window: str

    @property
    def value(self) -> float:
        """Cases per outcome."""
        return self.cases / self.outcomes if self.outcomes else 0.0

    def is_over(self, threshold: float) -> bool:
        """Is the rate over a threshold, with enough cases to mean something?"""
        return self.cases >= self.limit.least and self.outcomes >= LEAST_OUTCOMES and self.value >= threshold

    def __str__(self) -> str:
        return f"{self.value:.1%} {self.limit.name} ({self.cases} of {self.outcomes} mails, {self.window})"


def guard(*, now: dt.datetime) -> int:
    """Look at every e-mail that is sending or was lately; alert, and pause those over the limit. Returns how many."""
    paused = 0
    watched = CampaignEmail.objects.filter(
        Q(state__in=["sending", "paused"]) | Q(state="sent", finished_at__gte=now - WATCHED_FOR)
    ).select_related("campaign__release__product")
    for email in watched:
        rates = [*_rates(email, None, "since its start"), *_rates(email, now - WINDOW, "in the last ten minutes")]
        paused += _judge(email, rates, now=now)
    _watch_orphans(now)
    return paused


def _rates(email: CampaignEmail, since: dt.datetime | None, window: str) -> list[Rate]:
    events = EmailEvent.objects.filter(email=email, **({"at__gte": since} if since else {}))
    hard = Q(type="bounce", subtype__startswith=HARD)
    counts = events.aggregate(
        delivered=Count("id", filter=Q(type="delivery")),
        bounced=Count("id", filter=hard),
        complained=Count("id", filter=Q(type="complaint") & ~Q(subtype=NOT_SPAM)),
    )
    outcomes = counts["delivered"] + counts["bounced"]
    return [
        Rate(BOUNCES, counts["bounced"], outcomes, window),
        Rate(COMPLAINTS, counts["complained"], outcomes, window),
    ]


def _judge(email: CampaignEmail, rates: list[Rate], *, now: dt.datetime) -> int:
    over = next((rate for rate in rates if rate.is_over(rate.limit.pause)), None)
    if over is not None and email.state == "sending":
        try:
            pause(email=email, why=f"Paused by the guard: {over}.", by=None, now=now)
        except states.MoveRefused:
            return 0  # it ended in the meantime
        alert(
            key=f"guard:{email.pk}:{over.limit.name}:paused", level=Alert.Level.CRITICAL, email_id=email.pk, now=now,
            message=f"{email} was paused: {over}. Look at who is on its lists before it goes on.",
        )  # fmt: skip
        return 1
    worst = next((rate for rate in rates if rate.is_over(rate.limit.warn)), None)
    if worst is not None:
        alert(
            key=f"guard:{email.pk}:{worst.limit.name}", level=Alert.Level.WARNING, email_id=email.pk, now=now,
            message=f"{email}: {worst}. Amazon SES asks for less than {worst.limit.warn:.1%}.",
        )  # fmt: skip
    return 0


def _watch_orphans(now: dt.datetime) -> None:
    """Events that name no message of ours: many mean that something is wired wrongly.

    Tests and notices go to colleagues through the same configuration set, and are no messages; those do not count.
    """
    colleagues = get_user_model().objects.exclude(email="").values(address=Lower("email"))
    lost = EmailEvent.objects.filter(message__isnull=True, at__gte=now - dt.timedelta(hours=1))
    orphans = lost.exclude(recipient__in=colleagues).count()
    if orphans > ORPHANS_AN_HOUR:
        alert(
            key="events:orphans", level=Alert.Level.WARNING, now=now,
            message=f"{orphans} events of the last hour name no message of ours. "
            "Does another system send through this configuration set?",
        )  # fmt: skip
