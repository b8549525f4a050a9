"""How fast the whole fleet may send: one row per region, changed under its lock by a generic cell rate.

Recipients count, not calls (AWS, "Managing your Amazon SES sending limits"). `next_free_at` is the theoretical arrival
time of the next recipient; granting n of them pushes it n/rate further. It may run ahead of the clock by BURST_SECONDS,
which is also how late a worker may come without losing capacity. Rate, rolling 24 hours, calls in flight and warm-up
are asked in the same place, so no number of workers, campaigns or products can exceed any of them.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Case, DateTimeField, F, Q, Sum, Value, When
from django.db.models.functions import Greatest, Least

from campaigns.delivery.models import Batch, Sender, WarmUp

logger = logging.getLogger(__name__)

BURST_SECONDS = 0.2
# SES measures where the calls arrive, after a jitter of the network that we do not see.
HEADROOM = 0.98
SLOWEST_PACE = 0.2
# What lies further ahead than these was written by a clock that went wrong, and nobody waits an hour for it.
LONGEST_REST = dt.timedelta(minutes=11)  # the longest that SES's answers let us rest is ten
CLOCK_SECONDS, CLOCK_BATCH = 60.0, 100  # two full batches, and a minute of mail that went first


@dataclass(frozen=True)
class Grant:
    """What may be sent now: the number of batches taken, or 0 and the seconds until asking again is worth it.

    part: of the one batch that was taken only so many recipients fit; the rest has to stay behind. 0: all of it.
    for_everybody: every e-mail waits for the same thing.
    """

    batches: int = 0
    recipients: int = 0
    part: int = 0
    wait: float = 0.0
    why: str = ""
    for_everybody: bool = False


@dataclass
class Room:
    """What the other limits leave, and the rows that have to be told."""

    recipients: float = math.inf
    why: str = ""
    by: Sender | WarmUp | None = None
    warm_ups: list[WarmUp] = field(default_factory=list)

    def at_most(self, recipients: float, why: str, by: Sender | WarmUp) -> None:
        """Narrow the room."""
        if recipients < self.recipients:
            self.recipients, self.why, self.by = recipients, why, by


def row() -> Sender:
    """The sender's row of the configured region, made on first use with SES's sandbox rate of one a second."""
    found, _ = Sender.objects.get_or_create(
        region=settings.AWS_REGION, defaults={"rate_per_second": settings.SEND_RATE_PER_SECOND or 1}
    )
    return found


def effective_rate(sender: Sender) -> float:
    """Recipients a second that are used now."""
    return max(sender.rate_per_second * sender.pace * HEADROOM, 0.01)


def grant(look: Callable[[], list[int]], *, product_id: int, now: dt.datetime, one_by_one: bool = False) -> Grant:
    """Take room for as many of these batches as fit now, in their order. Inside the caller's transaction.

    The row stays locked until that transaction ends, so what is granted and what is claimed are one fact.

    Args:
        look: called once the row is locked: the recipients of each batch that could go out.
        product_id: whose warm-up plan counts beside the one for everything.
        one_by_one: each recipient is a call, so no more go out together than the rate allows in a second.
    """
    sender = Sender.objects.select_for_update().filter(region=settings.AWS_REGION).first()
    if sender is None:
        row()
        sender = Sender.objects.select_for_update().get(region=settings.AWS_REGION)
    sizes = look()
    if not sizes:
        return Grant()
    if sender.stopped_at:
        return Grant(wait=math.inf, why=f"All sending is stopped: {sender.stopped_reason}", for_everybody=True)
    if sender.throttled_until and now < sender.throttled_until <= now + LONGEST_REST:
        if sender.throttled_why:  # the quota of 24 hours, as SES says it: who asks all the while does not stand still
            sender.held_at = now
            sender.save(update_fields=["held_at"])
        why = sender.throttled_why or "SES asked us to slow down."
        return Grant(wait=(sender.throttled_until - now).total_seconds(), why=why, for_everybody=True)
    in_flight: int | None = None
    if sender.most_in_flight:
        held = Batch.objects.filter(state="sending")
        calls = held.aggregate(people=Sum("queued", default=0))["people"] if one_by_one else held.count()
        in_flight = sender.most_in_flight - calls
        if in_flight <= 0:
            return Grant(wait=0.05, why="As many calls as allowed are in flight.", for_everybody=True)
    moment = now.timestamp()
    rate = effective_rate(sender)
    if sender.next_free_at > moment + CLOCK_SECONDS + CLOCK_BATCH / rate:
        sender.next_free_at = moment  # no grant reaches so far ahead: a clock was wrong when it was written
    if sender.next_free_at > moment + BURST_SECONDS:
        wait = sender.next_free_at - moment - BURST_SECONDS
        return Grant(wait=wait, why="The rate of SES is used up.", for_everybody=True)
    room = _room(sender, product_id, now)
    fits = room.recipients
    if one_by_one:
        fits = min(fits, max(math.floor(rate), 1), in_flight if in_flight is not None else math.inf)
        in_flight = None  # each recipient is a call, and was counted as one
    free = max(sender.next_free_at, moment)
    taken = recipients = 0
    for size in sizes[:in_flight]:
        # The first batch passes once the clock has come, however large it is for the rate.
        if taken and free + size / rate > moment + BURST_SECONDS:
            break
        if recipients + size > fits:
            break
        free += size / rate
        recipients += size
        taken += 1
    part = 0
    if not taken:
        part = math.floor(fits)
        if part < 1:
            assert room.by is not None  # noqa: S101 - only the room can leave nothing
            # Remembered, so that a send which the quota held back for a day is not taken for one that stood still.
            room.by.held_at = now
            room.by.save(update_fields=["held_at"])
            return Grant(wait=60.0, why=room.why)
        taken, recipients = 1, part
        free += part / rate
    sender.next_free_at = free
    sender.sent_last_day += recipients
    sender.save(update_fields=["next_free_at", "sent_last_day"])
    for plan in room.warm_ups:
        plan.sent += recipients
        plan.save(update_fields=["day", "sent"])
    return Grant(batches=taken, recipients=recipients, part=part)


def _room(sender: Sender, product_id: int, now: dt.datetime) -> Room:
    """How many recipients the day still allows: the rolling 24 hours of SES and the plans of warm-up."""
    room = Room()
    if sender.max_per_day > 0:
        room.at_most(sender.max_per_day - sender.sent_last_day, "The 24-hour quota of SES is used up.", sender)
    today = now.astimezone(dt.UTC).date()
    for plan in WarmUp.objects.select_for_update().filter(Q(product=product_id) | Q(product__isnull=True)):
        if plan.day != today:
            plan.day, plan.sent = today, 0
        cap = plan.cap_on(today)
        if cap is not None:
            room.at_most(cap - plan.sent, f"The warm-up of {plan.product or 'everything'} allows {cap:,} today.", plan)
            room.warm_ups.append(plan)
    return room


def put_back(recipients: int, *, product_id: int, now: dt.datetime, in_time: bool = True) -> None:
    """Give back what was granted and not used: people who must not be mailed, calls that were not made or refused.

    Args:
        product_id: whose warm-up plan it was counted in.
        in_time: the moment for it has not passed, so the rate gets it back too.
    """
    if recipients <= 0:
        return
    sender = row()
    used: dict[str, Any] = {"sent_last_day": Greatest(F("sent_last_day") - recipients, Value(0.0))}
    if in_time:
        used["next_free_at"] = F("next_free_at") - recipients / effective_rate(sender)
    Sender.objects.filter(pk=sender.pk).update(**used)
    plans = WarmUp.objects.filter(Q(product=product_id) | Q(product__isnull=True), day=now.astimezone(dt.UTC).date())
    plans.update(sent=Greatest(F("sent") - recipients, Value(0)))


def held_at(product_id: int) -> dt.datetime | None:
    """When the 24-hour quota or a warm-up last held back the mail of a product; None when neither ever did."""
    plans = WarmUp.objects.filter(Q(product=product_id) | Q(product__isnull=True), held_at__isnull=False)
    sender = Sender.objects.filter(region=settings.AWS_REGION, held_at__isnull=False)
    moments = [*plans.values_list("held_at", flat=True), *sender.values_list("held_at", flat=True)]
    return max((moment for moment in moments if moment is not None), default=None)


def pass_first(recipients: int, *, now: dt.datetime) -> None:
    """Count mail that does not wait, such as tests and notices: it goes at once, and campaigns make room for it."""
    sender = row()
    Sender.objects.filter(pk=sender.pk).update(
        next_free_at=Greatest(F("next_free_at"), Value(now.timestamp())) + recipients / effective_rate(sender),
        sent_last_day=F("sent_last_day") + recipients,
    )


def slow_down(*, now: dt.datetime, seconds: float, shrink: float = 0.9, why: str = "") -> bool:
    """SES throttled all the same: nobody sends for a moment, and then at a smaller pace. A longer rest stays as it is.

    Args:
        why: of a long rest, for people; a throttled second has none.

    Returns:
        Whether a rest with this reason begins; not for one that goes on, as every try that is refused says it again.
    """
    until = now + dt.timedelta(seconds=seconds)
    sender = Sender.objects.filter(pk=row().pk)
    sender.update(pace=Greatest(F("pace") * shrink, Value(SLOWEST_PACE)))
    longer = Q(throttled_until__gt=until, throttled_until__lte=now + LONGEST_REST)
    if why:
        goes_on = Q(throttled_why=why, throttled_until__gt=now - dt.timedelta(minutes=1))
        end = Case(When(longer, then=F("throttled_until")), default=Value(until, DateTimeField()))
        if sender.exclude(goes_on).update(throttled_why=why, throttled_until=end):
            return True
    sender.exclude(longer).update(throttled_why=why, throttled_until=until)
    return False


def learn(*, now: dt.datetime) -> Sender:
    """Read rate, daily quota and whether sending is enabled from SES GetAccount into the row; let the pace grow back.

    A network call: never inside a transaction. An error leaves the last good figures and is shown on the sender's page.
    """
    from campaigns.delivery import ses

    sender = row()
    try:
        account = ses.door().account()
    except ses.SESError as error:
        Sender.objects.filter(pk=sender.pk).update(check_error=str(error)[:500])
        logger.warning("SES GetAccount: %s", error)
    else:
        Sender.objects.filter(pk=sender.pk).update(
            rate_per_second=min(settings.SEND_RATE_PER_SECOND or account.max_per_second, account.max_per_second),
            max_per_day=account.max_24h,
            sent_last_day=account.sent_24h,
            checked_at=now,
            check_error="" if account.sending_enabled else "SES says that sending is paused for this account.",
            pace=Least(F("pace") + 0.1, Value(1.0)),
        )
    sender.refresh_from_db()
    return sender
