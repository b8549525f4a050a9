"""Real processes: everything in one, stopped cleanly; and a sender that is killed in the middle."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from campaigns.delivery import limiter, selectors, sending, services
from campaigns.models import Message, Sender
from relmail.environment import sqlite_url
from tests import factories

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, *, seconds: float = 120) -> str:
    """The body of a page, once the server is up."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as page:  # noqa: S310 - loopback
                return str(page.read().decode())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Any]:
    """`manage.py up` on ports and a database of its own."""
    port, simulator = free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=kept
        | {
            "RELMAIL_IGNORE_DOTENV": "1",
            "DATABASE_URL": sqlite_url(tmp_path / "up.sqlite3"),
            "PORT": str(port),
            "SIMULATOR_PORT": str(simulator),
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.addresses = (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{simulator}")  # type: ignore[attr-defined]
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(timeout=10)


def test_one_process_runs_everything_and_stops_cleanly_on_ctrl_c(up: Any) -> None:
    pages, simulator = up.addresses
    assert answer(f"{pages}/healthz")
    assert "Log in" in answer(f"{pages}/login/")
    assert '"inbox": 0' in answer(f"{simulator}/inbox.json?limit=0")
    up.send_signal(signal.SIGINT)
    said, _ = up.communicate(timeout=60)
    assert up.returncode == 0, said
    assert "Stopped." in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DATABASE_URL": "postgresql://relmail:secret@127.0.0.1:1/relmail"}, "the database of DATABASE_URL cannot be"),
        ({"DATABASE_URL": "sqlite:////tmp"}, "the database of DATABASE_URL cannot be used"),
        ({"CELERY_BROKER_URL": "redis://:secret@127.0.0.1:1/0"}, "the broker of CELERY_BROKER_URL does not answer"),
        ({"CELERY_BROKER_URL": "amqp://me:secret@127.0.0.1:1//"}, "the broker of CELERY_BROKER_URL does not answer"),
    ],
)
def test_what_does_not_answer_is_named_in_one_line_and_nothing_starts(
    settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    own = {"RELMAIL_IGNORE_DOTENV": "1", "DATABASE_URL": sqlite_url(tmp_path / "up.sqlite3")}
    ports = {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    ended = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=kept | own | ports | settings, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert said in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr and "secret" not in ended.stderr


# A worker as another process would be: it claims and sends one e-mail until it is done or killed.
WORKER = """
import os, sys
import django
django.setup()
from django.conf import settings
from django.utils import timezone
from campaigns.delivery import sending
settings.AWS_SES_ENDPOINT_URL = sys.argv[2]
print("ready", flush=True)
while sending.send_due(email_id=int(sys.argv[1]), seconds=30):
    pass
"""


def worker(email_id: int, endpoint: str) -> subprocess.Popen[str]:
    """Start a worker on the test's database."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        url = sqlite_url(settings["NAME"])
    else:
        user = f"{settings['USER']}:{settings['PASSWORD']}" if settings["PASSWORD"] else settings["USER"]
        url = f"postgresql://{user}@{settings['HOST']}:{settings['PORT'] or 5432}/{settings['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(email_id), endpoint],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "relmail.settings", "RELMAIL_IGNORE_DOTENV": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_killed_sender_loses_nobody_and_mails_nobody_twice(simulator: Any, settings: Any) -> None:
    now = dt.datetime.now(dt.UTC)
    email = factories.make_approved_email(contacts=1_000, send_at=now)
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=100_000)
    simulator.amazon.account.set_quota(max_per_second=100_000)
    services.start_due(now=now)
    services.prepare_due(now=now)
    assert selectors.balance(email).queued == 1_000
    endpoint = settings.AWS_SES_ENDPOINT_URL
    for round_number in range(4):
        process = worker(email.pk, endpoint)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.05 + 0.07 * round_number)
        process.kill()
        process.wait(timeout=10)
    # Started again: what was claimed and never recorded is parked, the rest goes out.
    sending.reap(now=dt.datetime.now(dt.UTC), seconds=0)
    sending.send_due(email_id=email.pk, seconds=60)
    services.finish_due(now=dt.datetime.now(dt.UTC))
    email.refresh_from_db()
    sheet = selectors.balance(email)
    assert email.state == "sent"
    assert sheet.planned == 1_000 and sheet.adds_up and sheet.queued == 0
    figures = simulator.amazon.mails.figures()
    assert figures["duplicates"] == 0
    # Whoever got it is accepted or unknown; nobody is called accepted who did not get it.
    got = {int(mail.tags["message"]) for mail in simulator.amazon.mails if mail.tags.get("email") == str(email.pk)}
    accepted = set(Message.objects.filter(email=email, state="accepted").values_list("pk", flat=True))
    unknown = set(Message.objects.filter(email=email, state="unknown").values_list("pk", flat=True))
    assert accepted <= got <= accepted | unknown
    # The events of those that went out settle them; the others wait for a person.
    for mail in list(simulator.amazon.mails):
        services.settle(message_id=int(mail.tags["message"]), ses_id=mail.message_id, why="Send event", now=now)
    left = set(Message.objects.filter(email=email, state="unknown").values_list("pk", flat=True))
    assert left == unknown - got
