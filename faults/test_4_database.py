"""PostgreSQL goes away in mid-send, a connection is cut after SES accepted, and a disk is full under SQLite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from analytics import services as analytics
from campaigns.models import Message
from faults.judge import Verdict
from faults.letters import tell
from faults.servers import Redis
from faults.world import ROOT
from relmail.simulator.faults import Fault


def test_postgresql_restarts_in_mid_send(world: Any) -> None:
    email = world.email(1_500, rate=600)
    world.at_once(email, 2)
    world.wait_accepted(300)
    connections.close_all()
    world.postgres.restart()
    world.go_on(email)
    world.report(email)


def test_postgresql_restarts_twice_under_celery(world: Any, redis: Redis) -> None:
    """Nothing is done by hand: the same workers and the same beat go on when the database is back."""
    email = world.email(1_500, rate=150)
    world.timetable(every=1)
    world.celery_beat(broker=redis.url, name="beat")
    world.celery_worker(broker=redis.url, app="faults.fleet")
    for accepted in (150, 500):
        world.wait_accepted(accepted)
        connections.close_all()
        world.postgres.restart()
    world.wait_state(email, "sent", seconds=120)
    world.report(email)


def test_the_connection_is_cut_after_ses_accepted(world: Any) -> None:
    email = world.email(300)
    world.simulator.faults.add(Fault("ses", "late_answer", "SendBulkEmail", seconds=2))
    worker = world.worker(email).wait_ready().go()
    world.wait_accepted(10)
    with psycopg.connect(world.postgres.url("postgres"), autocommit=True) as server:
        cut = server.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
            [world.database, connections["default"].connection.info.backend_pid],
        ).fetchone()
    assert cut and cut[0] == 1
    assert worker.join() == 0
    world.go_on(email)
    # The worker still knew what SES had said, and wrote it down over a new connection.
    world.report(email, unknown=0)


def test_the_event_comes_before_the_reaper(world: Any) -> None:
    """A worker dies after SES accepted; SES says so at once, long before anybody knows that there is a doubt."""
    email = world.email(100)
    worker = world.worker(email, point="after the answer, before the record").wait_ready().go()
    worker.join()
    mails = list(world.simulator.amazon.mails)
    for mail in mails:
        analytics.receive(**tell(world.simulator, mail, "Send"))
        analytics.receive(**tell(world.simulator, mail, "Delivery"))
    world.go_on(email)
    analytics.apply_pending(now=timezone.now())
    verdict = world.report(email)
    told = {mail.recipients[0] for mail in mails}
    assert verdict.accepted >= len(told) > 0
    assert not Message.objects.filter(email=email, state="unknown", address__in=told).exists()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with every table, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "relmail.sqlite3"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{path}"},
    )  # fmt: skip
    return path


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes; skips where one cannot be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="relmail-disk-"))
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    )
    try:
        if not mounted:
            pytest.skip("a small file system can only be mounted by root")
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


@pytest.mark.parametrize(
    "moment", ["before the claim", "after the claim is committed", "before the record is committed"]
)
def test_the_disk_is_full_under_sqlite(world: Any, migrated: Path, moment: str) -> None:
    with small_disk(24) as folder:
        shutil.copy(migrated, folder)
        done = subprocess.run(
            [sys.executable, "-m", "faults.full_disk", str(folder), moment], cwd=ROOT, capture_output=True, text=True,
            env=os.environ | {"DATABASE_URL": f"sqlite:///{folder}/relmail.sqlite3"}, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    refused, broken = said.pop("refused"), tuple(said.pop("broken"))
    if not refused:
        broken = (*broken, "the disk was never full")
    world.verdict = Verdict(**said, broken=broken)
    assert not broken, "; ".join(broken)
