"""When the last one is out: by pace, neighbours, the day's quota, warm-up and send windows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from campaigns.delivery import limiter
from campaigns.delivery.selectors import last_one_out
from campaigns.models import Batch, CampaignEmail, Sender, WarmUp
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def sending(queued: int, *, opens: dt.datetime = NOW, **fields: Any) -> CampaignEmail:
    email = factories.make_email(state="sending", **fields)
    for start in range(0, queued, 10_000):
        Batch.objects.create(email=email, not_before=opens, queued=min(10_000, queued - start))
    return email


def rate(recipients: float, **fields: Any) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(
        **{"rate_per_second": recipients / limiter.HEADROOM, "max_per_day": -1} | fields
    )


def seconds(email: CampaignEmail) -> float:
    out = last_one_out(email, now=NOW)
    assert out is not None
    return (out - NOW).total_seconds()


def test_by_the_pace_that_is_used_and_not_the_one_that_is_allowed() -> None:
    email = sending(1_000)
    rate(10)
    assert seconds(email) == pytest.approx(100)
    rate(10, pace=0.5)
    assert seconds(email) == pytest.approx(200)


def test_others_that_are_sent_take_their_share_until_this_one_ends() -> None:
    small, large = sending(100), sending(900)
    sending(500).batches.update(state="done")
    factories.make_email(state="paused").batches.create(not_before=NOW, queued=10_000)
    rate(10)
    assert seconds(small) == pytest.approx(20)
    assert seconds(large) == pytest.approx(100)


def test_the_rest_of_the_day_and_the_days_after_it() -> None:
    email = sending(2_500)
    rate(100, max_per_day=1_000, sent_last_day=400)
    # 600 today, then 1,000 a day: the last 900 on the second day after.
    assert seconds(email) == pytest.approx(2 * 86_400 + 9)
    rate(100, max_per_day=10_000, sent_last_day=400)
    assert seconds(email) == pytest.approx(25)


def test_a_plan_of_warm_up_counts_days_of_the_calendar() -> None:
    email = sending(1_000)
    rate(100)
    WarmUp.objects.create(
        product=email.campaign.release.product, starts_on=NOW.date(), caps=[100, 200, 10_000], day=NOW.date(), sent=50
    )
    WarmUp.objects.create(product=factories.make_product(), starts_on=NOW.date(), caps=[1] * 100)
    midnight = dt.datetime.combine(NOW.date() + dt.timedelta(days=2), dt.time(), tzinfo=dt.UTC)
    assert last_one_out(email, now=NOW) == midnight + dt.timedelta(seconds=7.5)


def test_a_window_that_opens_later_is_waited_for() -> None:
    email = sending(10, opens=NOW + dt.timedelta(hours=5))
    rate(100)
    assert seconds(email) == 5 * 3600


def test_no_estimate_without_work_or_while_all_is_stopped() -> None:
    rate(10)
    assert last_one_out(sending(0), now=NOW) is None
    email = sending(10)
    Sender.objects.update(stopped_at=NOW)
    assert last_one_out(email, now=NOW) is None


def test_the_same_two_or_three_queries_for_any_number_of_emails(django_assert_num_queries: Any) -> None:
    emails = [sending(10) for _ in range(5)]
    rate(10)
    email = CampaignEmail.objects.select_related("campaign__release").get(pk=emails[0].pk)
    with django_assert_num_queries(3):
        last_one_out(email, now=NOW)
