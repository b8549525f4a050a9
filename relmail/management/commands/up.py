"""`manage.py up`: web, worker, beat and simulator in one process, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from relmail.process import CannotStart, Process


class Command(BaseCommand):
    """Migrate, start everything, say where, wait, stop."""

    help = "Runs relmail in one process: web, worker, beat and, in embedded mode, the simulator."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen and what the simulated Jira serves."""
        parser.add_argument("--host", default="127.0.0.1", help="address the pages listen on (default 127.0.0.1)")
        parser.add_argument(
            "--jira-data", action="append", default=[], metavar="PATH",
            help="a file or folder of recorded Jira projects for the simulator; may be given several times",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT or SIGTERM."""
        process = Process(jira_data=options["jira_data"], host=options["host"])
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        try:
            process.migrate()
            process.start()
        except (CannotStart, OSError, ValueError) as error:
            process.stop()
            raise CommandError(f"relmail cannot start: {error}") from error
        self.stdout.write(f"relmail: {settings.PUBLIC_URL}/")
        if process.simulator is not None:
            self.stdout.write(f"simulator: {process.simulator.url}/inbox and {process.simulator.url}/control")
        self.stdout.write("Ctrl-C stops it.")
        self.stdout.flush()
        stopped.wait()
        self.stdout.write("Stopping: waiting for what is on its way ...")
        process.stop()
        self.stdout.write("Stopped.")
