"""The limits that people set: a plan of warm-up, and how many calls of the fleet may be in flight. services.py is
the door to these verbs; how they are kept is in limiter.py."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from campaigns.delivery import limiter
from campaigns.delivery.models import Sender, WarmUp
from campaigns.delivery.refusals import DeliveryRefused
from campaigns.permissions import require
from campaigns.planning import history
from releases.models import Product

MOST_CALLS = 10_000


def set_warm_up(
    *, product: Product | None, starts_on: dt.date, caps: list[int], by: Any, now: dt.datetime, why: str = ""
) -> WarmUp:
    """Plan how many recipients a day may be reached, for a product or for everything; the next claim follows it.

    Raises:
        ValidationError: caps that are not a list of whole numbers.
    """
    require(by, "campaigns.change_warmup")
    with transaction.atomic():
        old = WarmUp.objects.select_for_update().filter(product=product).first()
        before = _told(old) if old else ""
        plan = old or WarmUp(product=product)
        plan.starts_on, plan.caps = starts_on, caps
        plan.clean()
        plan.save(update_fields=["starts_on", "caps"] if old else None)
        if before != _told(plan):
            history.record(
                what="warm_up", what_id=plan.pk, before=before, after=_told(plan), why=why or str(plan), by=by, now=now
            )
    return plan


def end_warm_up(*, plan: WarmUp, by: Any, now: dt.datetime, why: str = "") -> None:
    """Drop a plan: from the next claim on only the other limits count."""
    require(by, "campaigns.delete_warmup")
    with transaction.atomic():
        name, before, number = str(plan), _told(plan), plan.pk
        if WarmUp.objects.filter(pk=number).delete()[0]:
            history.record(what="warm_up", what_id=number, before=before, after="", why=why or name, by=by, now=now)


def _told(plan: WarmUp) -> str:
    return f"from {plan.starts_on}: {', '.join(f'{cap:,}' for cap in plan.caps)}"


@transaction.atomic
def set_calls_in_flight(*, most: int, why: str, by: Any, now: dt.datetime) -> None:
    """How many SES calls of the whole fleet may be in flight at the same moment; 0 sets no limit.

    Raises:
        DeliveryRefused: no reason, or a number that makes no sense.
    """
    require(by, "campaigns.stop_sender")
    if not why.strip():
        raise DeliveryRefused("Say why: the reason is kept in the history.")
    if not 0 <= most <= MOST_CALLS:
        raise DeliveryRefused(f"A whole number up to {MOST_CALLS:,}; 0 sets no limit.")
    row = limiter.row()
    if Sender.objects.filter(pk=row.pk).exclude(most_in_flight=most).update(most_in_flight=most):
        before, after = (f"{number or 'any number of'} calls in flight" for number in (row.most_in_flight, most))
        history.record(what="sender", what_id=row.pk, before=before, after=after, why=why, by=by, now=now)


@dataclass(frozen=True)
class WarmUpToday:
    """A plan of warm-up with what it allows on a day (UTC), None once it has ended."""

    plan: WarmUp
    cap: int | None
    sent: int


def warm_ups(*, now: dt.datetime) -> list[WarmUpToday]:
    """The plans with what they allow today, the one for everything first."""
    today = now.astimezone(dt.UTC).date()
    plans = WarmUp.objects.select_related("product").order_by("product__name")
    return sorted(
        (WarmUpToday(plan, plan.cap_on(today), plan.sent if plan.day == today else 0) for plan in plans),
        key=lambda one: one.plan.product_id is not None,
    )
