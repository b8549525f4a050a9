"""One fault's world: a database of its own, an approved e-mail, worker processes, and the fleet that goes on after."""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connections
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from campaigns.audience import selectors as audience
from campaigns.delivery import limiter, sending, services
from campaigns.models import Batch, CampaignEmail, Message, Sender
from faults.judge import Received, Verdict, judge
from faults.servers import PostgreSQL, wait_until
from faults.worker import Job, run
from relmail.management.commands import sync_schedule
from tests import factories

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["faults.worker"])
_numbers = itertools.count(1_000, 1_000)
FAST = 100_000.0  # recipients a second, when the rate is not what is looked at


class Worker:
    """A process that runs one job, and can be killed."""

    def __init__(self, job: Job) -> None:
        self._ready, self._go = PROCESSES.Event(), PROCESSES.Event()
        self.process = PROCESSES.Process(target=run, args=(job, self._ready, self._go), daemon=True)
        self.process.start()

    def wait_ready(self) -> Worker:
        """Until it is connected and only waits for the word to go."""
        assert self._ready.wait(60), "the worker did not start"
        return self

    def go(self) -> Worker:
        """Let it begin."""
        self._go.set()
        return self

    def signal(self, number: int) -> None:
        """Send a signal to it."""
        assert self.process.pid
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.join(10)

    def join(self, seconds: float = 60) -> int | None:
        """Wait for its end; the exit code, negative for a signal."""
        self.process.join(seconds)
        return self.process.exitcode


class World:
    """What a test of a fault has. `report` must be called once at the end of it."""

    def __init__(self, postgres: PostgreSQL, simulator: Any, database: str) -> None:
        self.postgres = postgres
        self.simulator = simulator
        self.database = database
        self.verdict: Verdict | None = None
        self._workers: list[Worker] = []
        self._programs: list[subprocess.Popen[str]] = []
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the world

    # --- what there is -----------------------------------------------------------------------------------------

    def email(self, people: int, *, rate: float = FAST, started: bool = True, **fields: Any) -> CampaignEmail:
        """An approved e-mail that is due now; by default prepared and sending."""
        email = factories.make_approved_email(contacts=people, send_at=timezone.now(), **fields)
        self.rate(rate)
        if started:
            services.start_due(now=timezone.now())
            services.prepare_due(now=timezone.now())
            email.refresh_from_db()
            assert email.state == "sending", email.state_reason
        return email

    def people(self, email: CampaignEmail) -> list[str]:
        """Everybody the e-mail is planned for, from its lists."""
        lists = list(email.campaign.lists.values_list("pk", flat=True))
        return list(audience.recipients(lists).values_list("email", flat=True))

    def rate(self, rate: float) -> None:
        """How many recipients a second the fleet may send."""
        Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=rate, next_free_at=0)

    def accepted(self) -> int:
        """How many recipients the simulated SES accepted."""
        return len(self.simulator.amazon.mails)

    def wait_accepted(self, count: int, *, seconds: float = 60) -> None:
        """Until SES accepted so many."""
        wait_until(lambda: self.accepted() >= count, seconds=seconds, what=f"{count} accepted of {self.accepted()}")

    def backup(self) -> str:
        """A copy of the database as it is this moment, in mid-work, on the same server; its name."""
        name = f"{self.database}_backup"
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        self.postgres.copy(self.database, name)
        return name

    # --- workers -----------------------------------------------------------------------------------------------

    def worker(self, email: CampaignEmail, **job: Any) -> Worker:
        """A worker process on this database, ready and waiting for `go`."""
        job = {"endpoint": settings.AWS_SES_ENDPOINT_URL, "database": self.database} | job
        found = Worker(Job(email_id=email.pk, **job))
        self._workers.append(found)
        return found

    def at_once(self, email: CampaignEmail, count: int, **job: Any) -> list[Worker]:
        """So many workers that begin at the same instant."""
        workers = [self.worker(email, **job) for _ in range(count)]
        for worker in workers:
            worker.wait_ready()
        for worker in workers:
            worker.go()
        return workers

    def celery(self, *words: str, broker: str, app: str = "relmail", mode: str = "auto") -> subprocess.Popen[str]:
        """A real `celery -A relmail ...` on this database and a broker."""
        changed = {"CELERY_BROKER_URL": broker, "DATABASE_URL": self.postgres.url(self.database), "SEND_MODE": mode}
        program = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", app, *words],
            cwd=ROOT, stdout=self._log, stderr=self._log, text=True, start_new_session=True,
            env=os.environ | changed,
        )  # fmt: skip
        self._programs.append(program)
        return program

    def celery_worker(self, *, broker: str, app: str = "relmail", mode: str = "auto") -> subprocess.Popen[str]:
        """A Celery worker as it is run for real: prefork, no extras."""
        words = ("worker", "--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle")
        return self.celery(*words, broker=broker, app=app, mode=mode)

    def celery_beat(self, *, broker: str, name: str) -> subprocess.Popen[str]:
        """A beat with the timetable of the database."""
        return self.celery("beat", "--loglevel=WARNING", f"--pidfile={self.postgres.folder}/{name}.pid", broker=broker)

    def timetable(self, *, every: int) -> None:
        """Only the tick of delivery, every so many seconds, as an operator would set it."""
        sync_schedule.sync()
        interval, _ = IntervalSchedule.objects.get_or_create(every=every, period=IntervalSchedule.SECONDS)
        PeriodicTask.objects.exclude(task="campaigns.delivery.tick").update(enabled=False)
        PeriodicTask.objects.filter(task="campaigns.delivery.tick").update(interval=interval)
        PeriodicTasks.update_changed()

    # --- afterwards --------------------------------------------------------------------------------------------

    def go_on(self, email: CampaignEmail, *, seconds: float = 60) -> None:
        """What the fleet does by itself after a fault: park what was never recorded, send the rest, finish.

        The reaper's clock is a minute ahead, so that nobody waits for it.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sending.reap(now=timezone.now() + dt.timedelta(seconds=60))
            services.sweep_cancelled(now=timezone.now())
            services.start_due(now=timezone.now())
            services.prepare_due(now=timezone.now())
            for email_id in services.sending_emails():
                sending.send_due(email_id=email_id, seconds=5)
            services.finish_due(now=timezone.now())
            email.refresh_from_db()
            if email.state != "sending" and not Batch.objects.filter(email=email, state="sending").exists():
                return
            time.sleep(0.05)
        raise TimeoutError(f"the e-mail is still {email.state} after {seconds:g} s")

    def wait_state(self, email: CampaignEmail, state: str, *, seconds: float) -> None:
        """Until somebody else has brought the e-mail to a state."""

        def reached() -> bool:
            try:
                email.refresh_from_db()
            except OperationalError:
                connections.close_all()
                return False
            return email.state == state

        wait_until(reached, seconds=seconds, what=f"{state} (it is {email.state})", every=0.1)

    def report(
        self, email: CampaignEmail, people: Sequence[str] = (), *, unknown: range | int | None = None, **more: Any
    ) -> Verdict:
        """Judge the e-mail and keep the line for the table; fails when a law is broken.

        Args:
            people: who was planned, if the lists have changed since.
            unknown: how many may be unknown; None for any number.
        """
        received = Received.read(self.simulator.url, email.pk)
        verdict = judge(email, people or self.people(email), received, **more)
        if isinstance(unknown, int):
            unknown = range(unknown, unknown + 1)
        if unknown is not None and verdict.unknown not in unknown:
            verdict = replace(verdict, broken=(*verdict.broken, f"{verdict.unknown} unknown, expected {unknown}"))
        self.verdict = verdict
        assert not verdict.broken, "; ".join(verdict.broken)
        return verdict

    def report_all(self, emails: Sequence[CampaignEmail]) -> Verdict:
        """Judge several e-mails and keep one line for all of them."""
        found = [self.report(email, unknown=0) for email in emails]
        names = [field.name for field in fields(Verdict) if field.name != "broken"]
        self.verdict = Verdict(**{name: sum(getattr(one, name) for one in found) for name in names}, broken=())
        return self.verdict

    def close(self) -> None:
        """End every process that this world started."""
        for worker in self._workers:
            worker.kill()
        for program in self._programs:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
            program.wait(timeout=10)
        self._log.close()

    def said(self) -> str:
        """The last of what the programs of this world wrote."""
        self._log.seek(0)
        return self._log.read()[-6_000:]


@contextmanager
def database(postgres: PostgreSQL, name: str) -> Iterator[str]:
    """A copy of the migrated database, which Django's connections of this process use meanwhile."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE relmail')
    with psycopg.connect(postgres.url(name), autocommit=True) as connection:
        # A request of an earlier fault may still be on its way: no two faults share the number of an e-mail.
        connection.execute(
            "SELECT setval(pg_get_serial_sequence('campaigns_campaignemail', 'id'), %s)", [next(_numbers)]
        )
    connections.databases["default"]["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def states(email: CampaignEmail) -> dict[str, int]:
    """How many messages are in which state."""
    counted: dict[str, int] = {}
    for state in Message.objects.filter(email=email).values_list("state", flat=True):
        counted[state] = counted.get(state, 0) + 1
    return counted
