"""SQS as the broker, by setting alone: the settings that it needs, and a worker that takes its wake-ups from one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from tests.sqs_server import Sqs

ROOT = Path(__file__).parent.parent
NAMES = (
    "CELERY_BROKER_TRANSPORT_OPTIONS", "CELERY_WORKER_ENABLE_REMOTE_CONTROL", "CELERY_WORKER_SEND_TASK_EVENTS",
    "CELERY_TASK_TIME_LIMIT", "CELERY_TASK_ACKS_LATE",
)  # fmt: skip


def settings_for(broker: str, region: str = "eu-west-1") -> dict[str, Any]:
    """What the settings say about Celery in a process that was started with this broker."""
    found = f"{{name: getattr(settings, name, None) for name in {NAMES}}}"
    code = f"import json; from relmail import settings; print(json.dumps({found}))"
    environment = {**os.environ, "RELMAIL_IGNORE_DOTENV": "1", "CELERY_BROKER_URL": broker, "AWS_REGION": region}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sqs]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    # Celery takes its broker from here before anything else: the suite may run on another one.
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    server = Sqs()
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("broker", "secure"), [("sqs://", True), ("sqs://vpce-1.example:443", True), ("sqs://k:s@127.0.0.1:9", False)]
)
def test_the_region_is_that_of_amazon_and_no_task_comes_twice_while_it_runs(broker: str, secure: bool) -> None:
    found = settings_for(broker)
    options = found["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["region"] == "eu-west-1" and options["is_secure"] is secure
    assert options["visibility_timeout"] > found["CELERY_TASK_TIME_LIMIT"]
    assert found["CELERY_WORKER_ENABLE_REMOTE_CONTROL"] is False and found["CELERY_WORKER_SEND_TASK_EVENTS"] is False


def test_another_broker_keeps_remote_control() -> None:
    assert settings_for("redis://127.0.0.1:6379/0")["CELERY_WORKER_ENABLE_REMOTE_CONTROL"] is None


def test_a_worker_takes_wake_ups_from_sqs_and_leaves_nothing_there(sqs: Sqs) -> None:
    broker = f"sqs://key:secret@{sqs.address}"
    done: list[int] = []
    app = Celery("of this test", broker=broker, set_as_current=False)
    app.conf.update(
        broker_transport_options=settings_for(broker)["CELERY_BROKER_TRANSPORT_OPTIONS"],
        worker_enable_remote_control=False, worker_send_task_events=False, task_acks_late=True,
        task_ignore_result=True, task_default_queue="relmail-test", worker_prefetch_multiplier=1,
    )  # fmt: skip

    @app.task(name="wake")
    def wake(number: int) -> None:
        done.append(number)

    with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, queues=["relmail-test"]):
        for number in range(5):
            wake.apply_async(args=(number,), expires=30)
        end = time.monotonic() + 30
        while len(done) < 5 or sqs.queues["relmail-test"]:
            assert time.monotonic() < end, (done, sqs.queues)
            time.sleep(0.05)
    assert sorted(done) == [0, 1, 2, 3, 4]
    assert list(sqs.attributes) == ["relmail-test"], "one queue, however many workers"
    assert sqs.attributes["relmail-test"]["VisibilityTimeout"] == "600"
