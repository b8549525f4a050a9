"""Stop in time: an e-mail that bounces or is complained about too much is paused before SES pauses the account.

AWS, "Reputation metrics": keep bounces under 5 % and complaints under 0.1 %; from 10 % and 0.5 % on the
account may be paused. Each rate is looked at over the whole e-mail and over its last ten minutes, so that
neither a slow rise nor a sudden one goes unseen. A few cases among a few mails prove nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, Sum
from django.db.models.functions import Lower

from analytics.models import Alert, EmailEvent, HourlyFigure
from analytics.services import alert
from analytics.shapes import HARD, NOT_SPAM
from campaigns import states
from campaigns.delivery.apart import apart
from campaigns.delivery.services import pause
from campaigns.models import CampaignEmail

Type = EmailEvent.Type

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

    @property
    def is_over_the_limit(self) -> bool:
        """Whether it is warned about."""
        return self.is_over(self.limit.warn)

    @property
    def is_too_few(self) -> bool:
        """Above the limit, of too few mails or with too few cases to be warned about."""
        return self.value >= self.limit.warn and not self.is_over_the_limit

    def __str__(self) -> str:
        return f"{self.value:.1%} {self.limit.name} ({self.cases} of {self.outcomes} mails, {self.window})"


def guard(*, now: dt.datetime) -> int:
    """Look at every e-mail that is sending or was lately; alert, and pause those over the limit. Returns how many."""
    paused = 0
    watched = CampaignEmail.objects.filter(
        Q(state__in=["sending", "paused"]) | Q(state="sent", finished_at__gte=now - WATCHED_FOR)
    ).select_related("campaign__release__product")
    for email in watched:
        with apart(f"e-mail {email.pk}: watching its bounces and complaints"):
            paused += _judge(email, [*_since_start(email), *_lately(email, now)], now=now)
    _watch_orphans(now)
    return paused


def _since_start(email: CampaignEmail) -> list[Rate]:
    """From the hourly figures: a few rows, where the events of a million would be read anew each minute."""
    wanted = (str(Type.DELIVERY), str(Type.BOUNCE), str(Type.COMPLAINT))
    summed = HourlyFigure.objects.filter(email=email, type__in=wanted).values_list("type").order_by()
    people = dict(summed.annotate(number=Sum("people")))
    return both(people.get("delivery", 0), people.get("bounce", 0), people.get("complaint", 0), "since its start")


def _lately(email: CampaignEmail, now: dt.datetime) -> list[Rate]:
    events = EmailEvent.objects.filter(
        email=email, at__gte=now - WINDOW, type__in=(Type.DELIVERY, Type.BOUNCE, Type.COMPLAINT)
    )
    people = Count("message", distinct=True)
    counts = {
        "delivered": events.filter(type=Type.DELIVERY),
        "bounced": events.filter(type=Type.BOUNCE, subtype__startswith=HARD),
        "complained": events.filter(type=Type.COMPLAINT).exclude(subtype=NOT_SPAM),
    }
    found = {name: chosen.aggregate(people=people)["people"] for name, chosen in counts.items()}
    return both(found["delivered"], found["bounced"], found["complained"], "in the last ten minutes")


def both(delivered: int, bounced: int, complained: int, window: str) -> list[Rate]:
    """The rates of bounces and of complaints, to be judged by one rule wherever they are shown."""
    outcomes = delivered + bounced
    return [Rate(BOUNCES, bounced, outcomes, window), Rate(COMPLAINTS, complained, outcomes, window)]


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
