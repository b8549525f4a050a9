"""kill -9 of a worker, at each point between claim and record and at random."""

from __future__ import annotations

import random
import signal
import time
from typing import Any

import pytest
from django.utils import timezone

from campaigns.audience import services as audience
from campaigns.models import ArchivedMessage, Batch, Message
from faults.servers import wait_until
from relmail.simulator.faults import Fault

PEOPLE = 500
SEND_POINTS = (
    "before the claim",
    "before the claim is committed",
    "after the claim is committed",
    "before the first call of a claim",
    "between two calls of a claim",
    "after the answer, before the record",
    "in the middle of the record",
    "before the record is committed",
    "after the record is committed",
)
# A claim takes eight batches of ten, and up to sixteen when SES is slow to answer.
ONE_CLAIM = range(1, 161)


@pytest.mark.parametrize("point", SEND_POINTS)
def test_a_worker_dies(world: Any, point: str) -> None:
    email = world.email(PEOPLE)
    # The first claim goes well; the worker dies in the second one, or in its fourth call.
    times = {"between two calls of a claim": 12}.get(point, 2)
    worker = world.worker(email, point=point, times=times).wait_ready().go()
    assert worker.join() == -signal.SIGKILL
    assert 0 < world.accepted() < PEOPLE
    world.go_on(email)
    in_doubt = point not in ("before the claim", "before the claim is committed", "after the record is committed")
    world.report(email, unknown=ONE_CLAIM if in_doubt else 0)


def test_a_worker_dies_between_two_calls_for_one_recipient_each(world: Any) -> None:
    email = world.email(PEOPLE)
    point = "between two calls for one recipient each"
    worker = world.worker(email, point=point, times=60, mode="single").wait_ready().go()
    assert worker.join() == -signal.SIGKILL
    assert 0 < world.accepted() < PEOPLE
    world.go_on(email)
    world.report(email, unknown=ONE_CLAIM)


def test_a_worker_dies_after_ses_accepted_and_before_it_answered(world: Any) -> None:
    email = world.email(PEOPLE)
    world.simulator.faults.add(Fault("ses", "late_answer", "SendBulkEmail", seconds=3))
    worker = world.worker(email).wait_ready().go()
    world.wait_accepted(1)
    worker.kill()
    world.go_on(email)
    world.report(email, unknown=ONE_CLAIM)


def test_a_worker_dies_while_the_suppressed_are_written_off(world: Any) -> None:
    email = world.email(PEOPLE)
    for address in world.people(email)[::7]:
        audience.suppress(email=address, reason="hard_bounce", source="test", by=None, now=timezone.now())
    worker = world.worker(email, point="while the suppressed are written off", times=2).wait_ready().go()
    assert worker.join() == -signal.SIGKILL
    world.go_on(email)
    verdict = world.report(email, unknown=ONE_CLAIM)
    assert verdict.other > 0


def test_a_worker_dies_before_the_email_is_called_sent(world: Any) -> None:
    email = world.email(PEOPLE)
    worker = world.worker(email, point="before the e-mail is called sent").wait_ready().go()
    assert worker.join() == -signal.SIGKILL
    email.refresh_from_db()
    assert email.state == "sending"
    world.go_on(email)
    world.report(email, unknown=0)


@pytest.mark.parametrize("point", ["before a set of messages is committed", "after a set of messages is committed"])
def test_a_worker_dies_in_mid_prepare(world: Any, point: str) -> None:
    email = world.email(PEOPLE, started=False)
    worker = world.worker(email, verb="prepare", point=point, times=3).wait_ready().go()
    assert worker.join() == -signal.SIGKILL
    written = Message.objects.filter(email=email).count()
    assert written == (100 if point.startswith("before") else 150)
    world.go_on(email)
    world.report(email, unknown=0)


def test_two_workers_prepare_at_once_and_one_dies(world: Any) -> None:
    email = world.email(PEOPLE, started=False)
    point = "before a set of messages is committed"
    first = world.worker(email, verb="prepare", point=point, times=2).wait_ready()
    second = world.worker(email, verb="prepare").wait_ready()
    first.go(), second.go()
    first.join(), second.join()
    world.go_on(email)
    world.report(email, unknown=0)


@pytest.mark.parametrize("point", ["before a set is archived", "after a set is archived"])
def test_a_worker_dies_while_it_archives(world: Any, point: str) -> None:
    """Beside a second one that archives the same e-mail; afterwards a third goes on."""
    email = world.email(PEOPLE)
    world.go_on(email)
    first = world.worker(email, verb="archive", point=point, times=3).wait_ready()
    second = world.worker(email, verb="archive", point=point, times=4).wait_ready()
    for worker in (first, second):
        worker.go()
    for worker in (first, second):
        assert worker.join() == -signal.SIGKILL
    moved = ArchivedMessage.objects.filter(email=email).count()
    assert 0 < moved < PEOPLE and Message.objects.filter(email=email).count() == PEOPLE - moved
    assert world.worker(email, verb="archive").wait_ready().go().join() == 0
    assert ArchivedMessage.objects.filter(email=email).count() == PEOPLE
    assert not Message.objects.filter(email=email).exists()
    world.report(email, unknown=0)


def test_fifty_kills_at_random(world: Any) -> None:
    chance = random.Random(20_270_101)
    # Enough for fifty claims of a hundred and sixty and what goes out in between.
    email = world.email(20_000, rate=2_000)
    in_doubt, in_mid_send = 0, 0
    waiting = [world.worker(email).wait_ready() for _ in range(2)]
    for number in range(50):
        victim, waiting = waiting[0], [*waiting[1:], world.worker(email)]
        before = world.accepted()
        victim.go()
        if number % 2:  # half of them not before they have sent something, however busy the machine is
            world.wait_accepted(before + 1)
        time.sleep(chance.uniform(0.0, 0.12))
        assert victim.process.is_alive(), "everything was sent before fifty kills"
        victim.kill()
        claimed = Batch.objects.filter(email=email, state="sending").count()
        in_mid_send += claimed > in_doubt
        in_doubt = claimed
        waiting[0].wait_ready()
    assert in_mid_send >= 10
    world.rate(100_000)
    world.go_on(email)
    world.report(email)


def test_a_worker_is_frozen_before_its_call_and_wakes_after_it_was_given_up(world: Any) -> None:
    """A stopped machine or a long pause of the process: its claim is parked, a person sends again, then it wakes."""
    from campaigns.delivery import services
    from tests import factories

    email = world.email(200)
    world.simulator.faults.add(Fault("ses", "slow", "SendBulkEmail", seconds=1.5))
    worker = world.worker(email).wait_ready().go()
    wait_until(lambda: not world.simulator.faults.as_list(), seconds=20, what="the first call of a claim of sixteen")
    worker.signal(signal.SIGSTOP)
    time.sleep(5)  # longer than what was asked at the claim may be trusted
    world.go_on(email)
    unknown = list(Message.objects.filter(email=email, state="unknown").values_list("pk", "address"))
    got = {mail.recipients[0] for mail in world.simulator.amazon.mails}
    assert len(unknown) == 160 and len(got) == 50, (len(unknown), len(got))
    # A person looks at SES's events and sends again what SES does not have.
    operator = factories.make_user("Operator")
    again = [pk for pk, address in unknown if address not in got]
    services.decide(messages=again, verdict="queued", reason="no event after a day", by=operator, now=timezone.now())
    world.go_on(email)
    worker.signal(signal.SIGCONT)
    time.sleep(2)
    world.go_on(email)
    world.report(email, unknown=range(11))
