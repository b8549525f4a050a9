"""What the pages and the timetable ask about sending."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Max, Q, Sum

from campaigns.delivery import limiter
from campaigns.delivery.models import Batch, Message, Sender, WarmUp
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


def sender() -> Sender | None:
    """The fleet's one sender row for the configured region."""
    return Sender.objects.filter(region=settings.AWS_REGION).first()


def waits_for(email: CampaignEmail, row: Sender | None, *, now: dt.datetime) -> str:
    """What holds back an e-mail that is being sent and passes by itself, in a sentence; empty when nothing does.

    A stopped sender is not meant: that waits for a person.
    """
    if row is None or row.stopped_at:
        return ""
    if settings.SEND_FENCE_SECONDS and row.fence_error:
        return f"Amazon SES did not say whether another installation sends: {row.fence_error} It goes on by itself."
    if row.throttled_why and row.throttled_until and row.throttled_until > now:
        asked = row.throttled_until.astimezone(dt.UTC)
        return f"{row.throttled_why}. Amazon is asked again at {asked:%H:%M} UTC, and it goes on by itself."
    if 0 < row.max_per_day <= row.sent_last_day:
        return "The 24-hour quota of Amazon SES is used up. It goes on by itself as some of it comes back."
    today = now.astimezone(dt.UTC).date()
    for plan in WarmUp.objects.filter(Q(product=email.campaign.release.product_id) | Q(product__isnull=True)):
        cap = plan.cap_on(today)
        if cap is not None and (plan.sent if plan.day == today else 0) >= cap:
            return f"{plan} allows {cap:,} today, and they are out. It goes on by itself tomorrow (UTC)."
    return ""


def last_one_out(email: CampaignEmail, *, now: dt.datetime) -> dt.datetime | None:
    """About when the last message of an e-mail will be out, or None when nothing waits or nothing is sent.

    By the pace of now, shared evenly with the other e-mails that are being sent; by what the rolling 24 hours and the
    plans of warm-up leave; and not before the last send window opens. Quota that is used up is taken to come back when
    a whole day has passed, which is the latest that it can.
    """
    row = sender()
    if row is None or row.stopped_at:
        return None
    sums = Batch.objects.filter(state="queued", email__state="sending", email__campaign__state="active")
    waiting = {
        entry["email_id"]: (entry["people"], entry["opens"])
        for entry in sums.values("email_id").annotate(people=Sum("queued"), opens=Max("not_before")).order_by()
    }
    mine, opens = waiting.get(email.pk, (0, now))
    if not mine:
        return None
    # Whoever has more than this one is still sending when it ends, and has got just as much by then.
    together = sum(min(people, mine) for people, _ in waiting.values())
    rate = limiter.effective_rate(row)
    ends = [opens, now + dt.timedelta(seconds=together / rate)]
    if row.max_per_day > 0:
        over = together - max(row.max_per_day - row.sent_last_day, 0)
        if over > 0:
            days = math.ceil(over / row.max_per_day)
            rest = over - (days - 1) * row.max_per_day
            ends.append(now + dt.timedelta(days=days, seconds=rest / rate))
    for plan in WarmUp.objects.filter(Q(product=email.campaign.release.product_id) | Q(product__isnull=True)):
        ends.append(_warmed_up(plan, mine if plan.product_id else together, rate=rate, now=now))
    return max(ends)


def _warmed_up(plan: WarmUp, recipients: int, *, rate: float, now: dt.datetime) -> dt.datetime:
    """When a plan of warm-up has let so many recipients through."""
    today = now.astimezone(dt.UTC).date()
    start, day, left = now, today, recipients
    used = plan.sent if plan.day == today else 0
    while (cap := plan.cap_on(day)) is not None and left > cap - used:
        left -= max(cap - used, 0)
        used = 0
        day += dt.timedelta(days=1)
        start = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    return start + dt.timedelta(seconds=left / rate)
