"""Wake-ups over the configured broker (in memory, Redis, RabbitMQ, SQS): they carry ids; losing them loses nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings as django_settings

from campaigns.delivery import limiter, selectors
from campaigns.delivery.tasks import tick
from campaigns.models import Sender
from relmail.celery import app
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def queue() -> Iterator[str]:
    """A queue of this test alone on the real broker, emptied at the end."""
    name = f"relmail-test-{uuid.uuid4().hex[:8]}"
    before = app.conf.task_default_queue
    app.conf.task_default_queue = name
    app.amqp.__dict__.pop("queues", None)
    app.amqp.__dict__.pop("router", None)
    yield name
    purge(name)
    app.conf.task_default_queue = before
    app.amqp.__dict__.pop("queues", None)
    app.amqp.__dict__.pop("router", None)


def purge(name: str) -> int:
    """Throw away what waits in a queue, as a flushed broker does. Returns how many messages that were."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        channel.queue_declare(name, durable=True, auto_delete=False)
        return int(channel.queue_purge(name) or 0)


@pytest.fixture
def worker(queue: str) -> Iterator[Any]:
    """A real worker with threads on that queue."""
    with running_worker(queue, threads=4) as started:
        yield started


@contextlib.contextmanager
def running_worker(queue: str, *, threads: int) -> Iterator[WorkController]:
    """A worker in this process. Unlike celery.contrib.testing's it says why it did not start instead of waiting on."""
    app.autodiscover_tasks(force=True)
    worker_state.should_stop = worker_state.should_terminate = None
    ready, ended = threading.Event(), []
    worker = WorkController(
        app=app, hostname=f"{queue}@localhost", pool_cls="threads", concurrency=threads, loglevel=logging.WARNING,
        ready_callback=lambda _: ready.set(), without_heartbeat=True, without_mingle=True, without_gossip=True,
        queues=[queue],
    )  # fmt: skip

    def run() -> None:
        try:
            worker.start()
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=run, name="worker", daemon=True)
    thread.start()
    try:
        assert ready.wait(timeout=30), f"the worker did not start: {ended!r}, exit code {worker.exitcode}"
        yield worker
    finally:
        worker_state.should_stop = 0  # type: ignore[assignment]
        thread.join(timeout=30)
        worker_state.should_stop = None
        assert not thread.is_alive(), "the worker did not stop"


def wait_for(done: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "the wake-ups did not lead to a sent e-mail"
        time.sleep(0.1)


def due_email(contacts: int) -> Any:
    email = factories.make_approved_email(contacts=contacts, send_at=dt.datetime.now(dt.UTC))
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=100_000)
    return email


def is_sent(email: Any) -> bool:
    email.refresh_from_db()
    return bool(email.state == "sent")


def test_the_tests_use_the_broker_that_the_environment_names() -> None:
    assert app.conf.broker_url == django_settings.CELERY_BROKER_URL
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1)
        assert connection.transport.driver_type in ("memory", "redis", "amqp", "sqs")


def test_a_tick_wakes_workers_that_send_everything(simulator: Any, worker: Any) -> None:
    email = due_email(120)
    tick.delay()
    wait_for(lambda: is_sent(email))
    assert selectors.balance(email).accepted == 120
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_ten_ticks_at_once_mail_nobody_twice(simulator: Any, worker: Any) -> None:
    email = due_email(200)
    for _ in range(10):
        tick.delay()
    wait_for(lambda: is_sent(email))
    assert selectors.balance(email).accepted == 200
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_a_flushed_broker_loses_nothing_because_the_next_tick_finds_what_is_due(simulator: Any, queue: str) -> None:
    email = due_email(60)
    tick.delay()
    time.sleep(0.2)
    assert purge(queue) >= 1
    assert not is_sent(email)
    with running_worker(queue, threads=2):
        tick.delay()
        wait_for(lambda: is_sent(email))
    assert selectors.balance(email).accepted == 60
    assert simulator.amazon.mails.figures()["duplicates"] == 0
