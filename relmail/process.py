"""Everything in one process: web, Celery worker, beat and, in embedded mode, the simulator.

The same code as in many processes; only here the parts are threads. They start in the order in which they need one
another and stop in the reverse one, so that nothing is claimed that will not be recorded.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery.beat import Service
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.urls import reverse
from django_celery_beat.schedulers import DatabaseScheduler

from relmail.celery import app
from relmail.http_server import HttpServer
from relmail.management.commands import sync_schedule

logger = logging.getLogger(__name__)

WORKER_THREADS = 6
WEB_THREADS = 8
#: Seconds to wait for the broker before anything starts.
BROKER_TIMEOUT = 5


class CannotStart(Exception):
    """Something that relmail needs does not answer. The text is one line for the person who starts it."""


def uses_simulator() -> bool:
    """Whether any address in the settings is the simulator's."""
    simulator = f"http://127.0.0.1:{settings.SIMULATOR_PORT}"
    addresses = (settings.JIRA_URL, settings.OPENAI_BASE_URL, settings.AWS_SES_ENDPOINT_URL)
    return any(address.startswith(simulator) for address in addresses)


class Process:
    """The parts of relmail as threads of this process. `start` returns when all of them run."""

    def __init__(self, *, jira_data: Any = (), host: str = "127.0.0.1", event_pace: float = 1.0) -> None:
        self._host = host
        self._jira_data = jira_data
        self._event_pace = event_pace
        self.simulator: Any = None
        self._web: HttpServer | None = None
        self._worker: WorkController | None = None
        self._worker_thread: threading.Thread | None = None
        self._beat: Service | None = None
        self._beat_thread: threading.Thread | None = None

    def migrate(self) -> None:
        """Bring the database up to date and write the timetable.

        Raises:
            CannotStart: the database does not answer, or its file cannot be opened.
        """
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            said = " ".join(str(error).split())
            raise CannotStart(f"the database of DATABASE_URL cannot be used: {said}") from error
        call_command("migrate", verbosity=0)
        sync_schedule.sync()

    def start(self) -> None:
        """Start every part.

        Raises:
            CannotStart: the broker does not answer.
            OSError: a port is taken in spite of the check before.
        """
        self._ask_broker()
        self._start_web()
        if uses_simulator():
            self._start_simulator()
        self._start_worker()
        self._start_beat()

    def stop(self) -> None:
        """Stop beat, then the worker once its tasks are done, then web and simulator."""
        if self._beat is not None:
            self._beat.stop()
        if self._worker_thread is not None:
            worker_state.should_stop = 0  # type: ignore[assignment]
            self._worker_thread.join(timeout=30)
            worker_state.should_stop = None
        if self._beat_thread is not None:
            self._beat_thread.join(timeout=5)
        if self._web is not None:
            self._web.stop()
        if self.simulator is not None:
            self.simulator.stop()

    def _ask_broker(self) -> None:
        """A worker would ask for ever and say so in tracebacks; whoever starts it should be told once."""
        try:
            with app.connection_for_write(connect_timeout=BROKER_TIMEOUT) as broker:
                broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT)
        except Exception as error:  # each transport raises its own, and some name the password
            raise CannotStart(f"the broker of CELERY_BROKER_URL does not answer ({type(error).__name__})") from error

    def _start_web(self) -> None:
        from relmail.wsgi import application

        self._web = HttpServer(
            application,
            host=self._host,
            port=settings.PORT,
            threads=WEB_THREADS,
            name="web",
            largest_body=32 * 1024 * 1024,
        )
        self._web.start()

    def _start_simulator(self) -> None:
        from relmail.simulator.server import Simulator

        base = f"http://127.0.0.1:{settings.PORT}"
        self.simulator = Simulator(
            port=settings.SIMULATOR_PORT,
            jira_data=self._jira_data,
            jira_user=settings.JIRA_USER,
            jira_token=settings.JIRA_TOKEN,
            jira_webhook_url=base + reverse("releases:jira_webhook"),
            jira_webhook_secret=settings.JIRA_WEBHOOK_SECRET,
            openai_api_key=settings.OPENAI_API_KEY,
            aws_region=settings.AWS_REGION,
            aws_access_key_id=settings.AWS_ACCESS_KEY_ID,
            sns_topic_arn=settings.SNS_TOPIC_ARNS[0],
            sns_webhook_url=base + reverse("analytics:sns_webhook"),
            configuration_set=settings.SES_CONFIGURATION_SET,
            event_pace=self._event_pace,
        )
        self.simulator.start()

    def _start_worker(self) -> None:
        """A Celery worker with a thread pool: SES calls wait for the network, and SQLite has one writer anyway."""
        ready = threading.Event()
        app.autodiscover_tasks(force=True)
        self._worker = WorkController(
            app=app,
            hostname="relmail@localhost",
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            loglevel=logging.WARNING,
            ready_callback=lambda _: ready.set(),
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self._worker_thread = threading.Thread(target=self._worker.start, name="worker", daemon=True)
        self._worker_thread.start()
        if not ready.wait(timeout=20):
            raise CannotStart("the Celery worker did not start within 20 seconds")

    def _start_beat(self) -> None:
        self._beat = Service(app, max_interval=1, scheduler_cls=DatabaseScheduler)
        self._beat_thread = threading.Thread(
            target=self._beat.start, kwargs={"embedded_process": False}, name="beat", daemon=True
        )
        self._beat_thread.start()
