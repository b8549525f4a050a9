"""What the home page shows: what awaits me and what went wrong. A fixed number of queries; agenda.py has the calendar.

Each entry says what it is about, why it is here and the one thing to do next.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from analytics.models import Alert
from campaigns.delivery import listing
from campaigns.delivery.models import Sender
from campaigns.delivery.selectors import balances
from campaigns.delivery.services import sending_emails
from campaigns.models import Campaign, CampaignEmail
from campaigns.review.selectors import Awaiting, awaiting
from releases.models import Product, SyncRun

MOST = 50
# So many of what waits stand on the desk; the list has the rest.
SHOWN = 12
HOLD = "campaigns.hold_campaign"
SEND = "campaigns.send_campaignemail"


@dataclass(frozen=True)
class Task:
    """Something that waits for this person, why, and the one thing to do next."""

    email: CampaignEmail
    why: str
    next_label: str

    @property
    def next_link(self) -> str:
        """Where it is done; made for those that are shown.

        What was held out of a review is looked at beside its text; anything else that is held wants a time or a list
        of its campaign.
        """
        if self.email.state == "held" and self.email.held_from not in ("approved", "in_review"):
            return self.email.campaign.get_absolute_url()
        return self.email.get_absolute_url()


@dataclass(frozen=True)
class Stopped:
    """A campaign that is held or a send that is paused: nothing of it goes on until a person says so."""

    kind: str
    state: str
    what: str
    why: str
    next_label: str
    next_link: str


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong, with the one thing to do about it. `tone` is danger or warning."""

    tone: str
    what: str
    why: str
    next_label: str
    next_link: str


_NEXT_LABEL = {
    "drafted": "Edit and submit", "needs_changes": "Mend and submit", "in_review": "Review", "held": "Decide",
}  # fmt: skip
_WHY = {
    "drafted": "The draft is written; read it beside its sources.",
    "needs_changes": "Changes were requested.",
    "in_review": "Waits for a yes or a no.",
    "held": "Held without a reason.",
}


def awaits(user: Any, *, now: dt.datetime) -> list[Task]:
    """What this person can do now, the earliest send time first. Whose turn it is, the review room says. One query."""
    return [_task(item) for item in awaiting(user, now)]


def _task(item: Awaiting) -> Task:
    email = item.email
    why = email.state_reason or _WHY[email.state]
    if email.campaign.state == "held":
        why = f"{why} Its campaign is held, so nothing of it goes out yet."
    return Task(email, why, _NEXT_LABEL[email.state])


def stopped(user: Any) -> list[Stopped]:
    """The held campaigns and the paused sends that this person may let go on. At most three queries."""
    return [*(_held_campaigns() if user.has_perm(HOLD) else []), *(_paused_sends() if user.has_perm(SEND) else [])]


def _held_campaigns() -> list[Stopped]:
    rows = Campaign.objects.filter(state="held").select_related("release__product")
    rows = rows.annotate(
        approved=Count("emails", filter=Q(emails__state="approved")),
        first=Min("emails__send_at", filter=Q(emails__state="approved")),
    )
    found = []
    for row in rows.order_by(F("first").asc(nulls_last=True), "pk")[:MOST]:
        many = f"{row.approved} approved e-mails of it wait" if row.approved > 1 else "An approved e-mail of it waits"
        why = f"{row.hold_reason} {many} and will be held as missed once their time has passed." if row.approved else (
            f"{row.hold_reason} Nothing of it starts."
        )  # fmt: skip
        found.append(
            Stopped(
                "campaign", "held", f"The campaign of {row}", why, "Let it go on, or cancel", row.get_absolute_url()
            )
        )
    return found


def _paused_sends() -> list[Stopped]:
    emails = CampaignEmail.objects.filter(state="paused").select_related("campaign__release__product")
    rows = list(emails.order_by("started_at", "pk")[:MOST])
    sheets = balances(rows) if rows else {}
    found = []
    for row in rows:
        sheet = sheets[row.pk]
        figures = f"{sheet.accepted:,} of {sheet.planned:,} have it, {sheet.queued:,} wait."
        page = row.get_absolute_url()
        found.append(
            Stopped(
                "email", "paused", str(row), f"{figures} {row.state_reason}".strip(), "Resume or cancel",
                f"{page}#send-stops",
            )
        )  # fmt: skip
    return found


def troubles(user: Any) -> list[Trouble]:
    """What went wrong and is not mended, the gravest first. At most ten queries, whatever happened."""
    found = [*_sender(), *_syncs(), *_unsettled(), *_held(user), *_stopped_for_others(user), *_alerts()]
    return sorted(found, key=lambda trouble: trouble.tone != "danger")


def _sender() -> list[Trouble]:
    row = Sender.objects.filter(region=settings.AWS_REGION).first()
    if row is None:
        return []
    link = reverse("delivery:sender")
    if row.stopped_at:
        return [Trouble("danger", "All sending is stopped", row.stopped_reason, "Look at the sender", link)]
    found = []
    if why := _quota_used_up(row):
        what = "The daily quota of Amazon is used up"
        found.append(Trouble("warning", what, why, "Look at the sender", link))
    if row.check_error:
        what = "Amazon could not be asked for the quota"
        found.append(Trouble("warning", what, row.check_error, "Look at the sender", link))
    return found


def _quota_used_up(row: Sender) -> str:
    """When sending goes on, if the rolling 24 hours leave no room now; empty when they do."""
    if row.throttled_why and row.throttled_until and row.throttled_until > timezone.now():
        return f"Sending waits and goes on by itself: Amazon is asked again at {row.throttled_until:%H:%M} UTC."
    full = row.max_per_day > 0 and row.sent_last_day + settings.SEND_BATCH_SIZE > row.max_per_day
    if full and sending_emails():
        return (
            f"{row.sent_last_day:,.0f} of {row.max_per_day:,.0f} in the last 24 hours. "
            "Sending waits and goes on by itself as they pass."
        )
    return ""


def _syncs() -> list[Trouble]:
    newest = SyncRun.objects.filter(product=OuterRef("pk")).order_by("-started_at", "-pk")
    failed = (
        Product.objects.filter(active=True)
        .annotate(outcome=Subquery(newest.values("outcome")[:1]), error=Subquery(newest.values("error")[:1]))
        .filter(outcome=SyncRun.Outcome.FAILED)
    )
    link = reverse("releases:list")
    return [
        Trouble(
            "danger", f"{product.name} could not be read from Jira",
            product.error or "Jira gave no reason.", "Look and read again", link,
        )
        for product in failed[:MOST]
    ]  # fmt: skip


def _unsettled() -> list[Trouble]:
    found = []
    for row in listing.unsettled(limit=MOST):
        page = reverse("delivery:messages", args=[row.email.pk])
        failed = f"{row.failed:,} failed" if row.failed else ""
        if row.unknown:
            what = f"{row.email}: {row.unknown:,} unknown{', ' + failed if failed else ''}"
            why = "The answer of Amazon was lost; nobody knows yet whether they went out."
            found.append(Trouble("danger", what, why, "Settle them", f"{page}?state=unknown"))
        elif row.failed:
            why = "Refused, or given up after the last try."
            found.append(Trouble("warning", f"{row.email}: {failed}", why, "See why", f"{page}?state=failed"))
    return found


def _held(user: Any) -> list[Trouble]:
    """Held e-mails, for those who cannot decide on them; who can finds them under what awaits them."""
    if user.has_perm(HOLD):
        return []
    rows = CampaignEmail.objects.filter(state="held", campaign__state="active").select_related(
        "campaign__release__product"
    )
    return [
        Trouble("warning", f"{email} is held", email.state_reason, "Look at it", email.get_absolute_url())
        for email in rows.order_by("send_at", "pk")[:MOST]
    ]


def _stopped_for_others(user: Any) -> list[Trouble]:
    """Held campaigns and paused sends, for those who cannot let them go on."""
    rows = [] if user.has_perm(HOLD) else _held_campaigns()
    rows += [] if user.has_perm(SEND) else _paused_sends()
    return [Trouble("warning", f"{row.what} is {row.state}", row.why, "Look at it", row.next_link) for row in rows]


def _alerts() -> list[Trouble]:
    rows = Alert.objects.filter(closed_at__isnull=True).order_by("-at")
    found = []
    for row in rows[:MOST]:
        link = reverse("delivery:messages", args=[row.email_id]) if row.email_id else reverse("analytics:overview")
        tone = "danger" if row.level == Alert.Level.CRITICAL else "warning"
        found.append(
            Trouble(
                tone,
                f"{row.get_level_display()}: {row.message}",
                f"Since {row.at:%d %b, %H:%M} UTC.",
                "Look at it",
                link,
            )
        )
    return found
