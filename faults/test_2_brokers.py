"""The broker carries wake-ups only: flushed, killed, purged, doubled, and real Celery on it all the same."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from campaigns.models import Batch
from faults.servers import RabbitMQ, Redis
from faults.world import states
from relmail.simulator.faults import Fault
from tests.sqs_server import Sqs

OPERATIONS = {"bulk": "SendBulkEmail", "single": "SendEmail"}
PACE = 150.0  # recipients a second, so that there is a middle to fail in


def test_sigterm_in_mid_send(world: Any, redis: Redis) -> None:
    email = world.email(4_500, rate=PACE)
    world.timetable(every=1)
    beat = world.celery_beat(broker=redis.url, name="beat")
    worker = world.celery_worker(broker=redis.url)
    world.wait_accepted(200)
    beat.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    assert worker.wait(timeout=45) == 0
    took = time.monotonic() - asked
    assert took < 30, f"it took {took:.0f} s to stop"
    assert not Batch.objects.filter(email=email, state="sending").exists(), "it left a claim behind"
    counted = states(email)
    assert set(counted) == {"accepted", "queued"}, counted
    world.rate(100_000)
    world.go_on(email)
    world.report(email, unknown=0)


@pytest.mark.parametrize("mode", ["bulk", "single"])
def test_sigterm_in_mid_send_while_ses_is_slow(world: Any, redis: Redis, mode: str) -> None:
    email = world.email(4_500, rate=PACE)
    world.simulator.faults.add(Fault("ses", "slow", OPERATIONS[mode], times=0, seconds=2.5))
    world.timetable(every=1)
    beat = world.celery_beat(broker=redis.url, name="beat")
    worker = world.celery_worker(broker=redis.url, mode=mode)
    world.wait_accepted(50)
    beat.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    assert worker.wait(timeout=60) == 0
    took = time.monotonic() - asked
    assert took < 30, f"it took {took:.0f} s to stop"
    assert not Batch.objects.filter(email=email, state="sending").exists(), "it left a claim behind"
    assert set(states(email)) == {"accepted", "queued"}
    world.simulator.faults.clear()
    world.rate(100_000)
    world.go_on(email)
    world.report(email, unknown=0)


def test_redis_is_flushed_again_and_again(world: Any, redis: Redis) -> None:
    email = world.email(1_200, rate=PACE)
    world.timetable(every=1)
    world.celery_beat(broker=redis.url, name="beat")
    world.celery_worker(broker=redis.url)
    for accepted in (100, 300, 500, 700):
        world.wait_accepted(accepted)
        redis.flush()
    world.wait_state(email, "sent", seconds=90)
    world.report(email, unknown=0)


def test_redis_is_killed_and_started_again_empty(world: Any, redis: Redis) -> None:
    email = world.email(1_200, rate=PACE)
    world.timetable(every=1)
    world.celery_beat(broker=redis.url, name="beat")
    world.celery_worker(broker=redis.url)
    world.wait_accepted(200)
    redis.kill()
    time.sleep(3)
    redis.start()
    world.wait_state(email, "sent", seconds=90)
    world.report(email, unknown=0)


def test_rabbitmq_is_purged_again_and_again(world: Any, rabbitmq: RabbitMQ) -> None:
    email = world.email(1_200, rate=PACE)
    world.timetable(every=1)
    world.celery_beat(broker=rabbitmq.url, name="beat")
    world.celery_worker(broker=rabbitmq.url)
    purged = 0
    for accepted in (100, 300, 500, 700):
        world.wait_accepted(accepted)
        purged += rabbitmq.purge("relmail")
    assert purged, "there was nothing in the queue to lose"
    world.wait_state(email, "sent", seconds=90)
    world.report(email, unknown=0)


def test_sqs_loses_its_wake_ups_again_and_again(world: Any, sqs: Sqs) -> None:
    email = world.email(1_200, rate=PACE)
    world.timetable(every=1)
    broker = f"sqs://key:secret@{sqs.address}"
    world.celery_beat(broker=broker, name="beat")
    world.celery_worker(broker=broker)
    lost = 0
    for accepted in (100, 300, 500, 700):
        world.wait_accepted(accepted)
        lost += sqs.lose("relmail")
    assert lost, "there was nothing in the queue to lose"
    world.wait_state(email, "sent", seconds=90)
    world.report(email, unknown=0)


def test_the_whole_fleet_is_killed_and_started_again(world: Any, redis: Redis) -> None:
    """Main process and children at once, with nothing done by hand afterwards."""
    email = world.email(900, rate=PACE)
    world.timetable(every=1)
    first = world.celery_worker(broker=redis.url, app="faults.fleet")
    beat = world.celery_beat(broker=redis.url, name="beat")
    world.wait_accepted(200)
    for program in (first, beat):
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(timeout=10)
    redis.flush()
    world.celery_beat(broker=redis.url, name="beat2")
    world.celery_worker(broker=redis.url, app="faults.fleet")
    world.wait_state(email, "sent", seconds=120)
    world.report(email)


def test_two_beats_and_two_workers(world: Any, redis: Redis) -> None:
    email = world.email(1_200, rate=2 * PACE, started=False)
    world.timetable(every=1)
    for name in ("one", "two"):
        world.celery_beat(broker=redis.url, name=name)
        world.celery_worker(broker=redis.url)
    world.wait_state(email, "sent", seconds=90)
    world.report(email, unknown=0)
