"""What SES does wrong: silence, slowness, refusals, cut wires, half answers, and a stop in the middle."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.delivery import sending, services
from campaigns.models import Batch, CampaignEmail, Message, Sender
from faults.wire import Wire
from relmail.simulator.faults import Fault
from tests import factories

PEOPLE = 300
LATE_AFTER = dt.timedelta(seconds=4)


@pytest.fixture
def wire(world: Any) -> Iterator[Wire]:
    """A wire to SES that can be cut."""
    made = Wire(settings.AWS_SES_ENDPOINT_URL)
    yield made
    made.close()


def test_answers_are_lost_after_ses_accepted(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=5))
    for worker in world.at_once(email, 2):
        worker.join()
    world.go_on(email)
    world.report(email, unknown=50)


def test_answers_come_later_than_anybody_waits(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "late_answer", "SendBulkEmail", times=4, seconds=12))
    for worker in world.at_once(email, 2):
        worker.join(120)
    world.go_on(email)
    world.report(email, unknown=40)


def test_ses_is_slow(world: Any) -> None:
    """Seven seconds a call: a claim of eight, one call after the other, would outlive the patience of the reaper."""
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "slow", "SendBulkEmail", times=0, seconds=7))
    (worker,) = world.at_once(email, 1)
    reaped = 0
    while worker.process.is_alive():
        # The real reaper with its real patience, while it works.
        reaped += sending.reap(now=timezone.now())
        worker.process.join(1)
    assert reaped == 0, "a batch was given up while its worker was still at it"
    world.go_on(email)
    world.report(email, unknown=0)


def test_a_storm_of_429(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "throttle", "SendBulkEmail", times=40))
    for worker in world.at_once(email, 3):
        worker.join(120)
    world.go_on(email)
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}, "throttling burnt a try"
    world.report(email, unknown=0)


def test_single_entries_are_throttled(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=100, detail="ACCOUNT_THROTTLED"))
    for worker in world.at_once(email, 2):
        worker.join(120)
    world.go_on(email)
    world.report(email, unknown=0)


def test_5xx_that_accepted_nothing(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "refuse", "SendBulkEmail", times=4, status=503))
    for worker in world.at_once(email, 2):
        worker.join()
    world.go_on(email)
    world.report(email, unknown=40)


@pytest.mark.parametrize("kind", ["reset before", "reset after", "half an answer"])
def test_the_wire_is_cut(world: Any, wire: Wire, kind: str) -> None:
    email = world.email(PEOPLE)
    wire.cut(kind, 4)
    for worker in world.at_once(email, 2, endpoint=wire.url):
        worker.join()
    assert wire.done == 4
    world.go_on(email)
    world.report(email, unknown=40)


def test_half_a_json_document(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "malformed", "SendBulkEmail", times=3))
    for worker in world.at_once(email, 2):
        worker.join()
    world.go_on(email)
    world.report(email, unknown=30)


def test_half_of_the_results(world: Any) -> None:
    email = world.email(PEOPLE)
    detail = '{"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "0107"}]}'
    world.simulator.faults.add(Fault("ses", "malformed", "SendBulkEmail", times=3, detail=detail))
    for worker in world.at_once(email, 2):
        worker.join()
    world.go_on(email)
    world.report(email, unknown=30)


def test_nobody_answers_at_the_address_of_ses(world: Any) -> None:
    email = world.email(PEOPLE)
    (worker,) = world.at_once(email, 1, endpoint="http://127.0.0.1:9", seconds=2)
    worker.join()
    assert world.accepted() == 0
    # Nothing was sent; what was tried waits for its next try, and that comes.
    Batch.objects.filter(email=email, state="queued").update(not_before=timezone.now())
    world.go_on(email)
    world.report(email, unknown=0)


@pytest.mark.parametrize("what", ["the account is paused", "the credentials have expired"])
def test_amazon_refuses_everybody_in_mid_send(world: Any, what: str) -> None:
    email = world.email(1_500, rate=600)
    workers = world.at_once(email, 2, seconds=4)
    world.wait_accepted(300)
    if what == "the account is paused":
        world.simulator.amazon.account.sending_enabled = False
    else:
        expired = "ExpiredTokenException: The security token included in the request is expired"
        world.simulator.faults.add(Fault("ses", "refuse", "SendBulkEmail", times=0, status=403, detail=expired))
    out = world.accepted()
    for worker in workers:
        worker.join()
    assert Sender.objects.get().stopped_at
    assert world.accepted() - out <= 160, "it went on against a paused account"
    assert not Message.objects.filter(email=email, state="failed").exists()
    world.simulator.amazon.account.sending_enabled = True
    world.simulator.faults.clear()
    services.start_sender(by=factories.make_user("Operator"), now=timezone.now())
    world.go_on(email)
    world.report(email, unknown=0)


@pytest.mark.parametrize("fleet", ["asks on", "is dead meanwhile"])
def test_the_daily_quota_is_used_up_for_longer_than_mail_may_be_late(world: Any, fleet: str) -> None:
    """What the quota holds back while somebody asks is not late and goes on by itself; after a dead fleet a person
    says why the rest shall still go out. Nobody is lost either way."""
    email = world.email(600)
    CampaignEmail.objects.filter(pk=email.pk).update(late_after=LATE_AFTER)
    world.simulator.amazon.account.set_quota(max_24h=200)
    for worker in world.at_once(email, 2, seconds=2):
        worker.join()
    assert world.accepted() == 200
    waits = Sender.objects.get()
    assert waits.stopped_at is None and "daily quota" in waits.throttled_why
    end = time.monotonic() + LATE_AFTER.total_seconds() + 1
    while time.monotonic() < end:
        if fleet == "asks on":
            world.at_once(email, 1, verb="task")[0].join()
            assert services.pause_stale(now=timezone.now()) == 0
        time.sleep(0.5)
    # Ten minutes have passed and a day has freed the quota.
    world.simulator.amazon.account.set_quota(max_24h=10_000_000)
    Sender.objects.update(throttled_until=timezone.now())
    if fleet == "is dead meanwhile":
        world.at_once(email, 1, verb="tick")[0].join()
        world.at_once(email, 1, verb="task")[0].join()
        email.refresh_from_db()
        assert email.state == "paused" and "late mail does not go out" in email.state_reason
        assert world.accepted() == 200
        person = factories.make_user("Release manager")
        with pytest.raises(services.DeliveryRefused, match="Say why"):
            services.resume(email=email, by=person, now=timezone.now())
        services.resume(email=email, by=person, why="Still worth reading.", now=timezone.now())
    world.go_on(email)
    verdict = world.report(email, unknown=0)
    assert verdict.accepted == 600
