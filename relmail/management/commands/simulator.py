"""`manage.py simulator`: Jira, OpenAI and Amazon SES + SNS on loopback, alone in one process."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from relmail.simulator.server import Simulator


class Command(BaseCommand):
    """Run the simulator until it is interrupted."""

    help = "Simulates Jira, OpenAI and Amazon SES + SNS on loopback. State is in memory."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Port, data and where the product listens."""
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
        parser.add_argument(
            "--port", type=int, default=settings.SIMULATOR_PORT, help="0 takes a free one (default SIMULATOR_PORT)"
        )
        parser.add_argument(
            "--jira-data",
            action="append",
            default=[],
            metavar="PATH",
            help="a file or folder of recorded Jira projects; may be given several times",
        )
        parser.add_argument("--sns-webhook", default="", metavar="URL", help="where SES events are posted")
        parser.add_argument("--jira-webhook", default="", metavar="URL", help="where Jira's webhooks are posted")
        parser.add_argument(
            "--signature-version", choices=("1", "2"), default="2", help="of SNS messages (default 2, SHA-256)"
        )
        parser.add_argument(
            "--event-pace",
            type=float,
            default=1.0,
            metavar="FACTOR",
            help="how long events take to follow a mail: 1 natural, 0 at once (default 1)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, say where, wait for Ctrl-C, stop."""
        try:
            simulator = Simulator(
                options["host"],
                options["port"],
                jira_data=options["jira_data"],
                jira_user=settings.JIRA_USER,
                jira_token=settings.JIRA_TOKEN,
                jira_webhook_url=options["jira_webhook"],
                jira_webhook_secret=settings.JIRA_WEBHOOK_SECRET,
                sns_webhook_url=options["sns_webhook"],
                openai_api_key=settings.OPENAI_API_KEY,
                aws_region=settings.AWS_REGION,
                aws_access_key_id=settings.AWS_ACCESS_KEY_ID,
                sns_topic_arn=settings.SNS_TOPIC_ARNS[0],
                configuration_set=settings.SES_CONFIGURATION_SET,
                signature_version=options["signature_version"],
                event_pace=options["event_pace"],
            ).start()
        except (OSError, ValueError) as error:
            raise CommandError(f"the simulator cannot start: {error}") from error
        self.stdout.write(f"simulator: {simulator.url}/control and {simulator.url}/inbox")
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()
        simulator.stop()
