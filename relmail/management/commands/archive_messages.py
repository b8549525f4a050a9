"""Move the messages of e-mails that ended long ago into the archive, or drop a month of it."""

from __future__ import annotations

import argparse
import datetime as dt
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.delivery import archiving, services
from campaigns.models import CampaignEmail


def month(text: str) -> dt.date:
    """The first day of a month that is written YYYY-MM."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a month such as 2026-08") from None


class Command(BaseCommand):
    """`manage.py archive_messages --before YYYY-MM`; interrupted at any moment, the next run goes on."""

    help = (
        "Moves the messages of e-mails that ended before a month out of the live table, in small sets. Figures stay, "
        "erasing a person reaches the archive, and nothing of these e-mails is ever sent again. "
        "Without an argument it says what the archive holds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to move or drop."""
        parser.add_argument("--before", type=month, metavar="YYYY-MM", help="archive what ended before this month")
        parser.add_argument(
            "--undecided", action="store_true",
            help="also e-mails with unknown or failed messages on which nobody has decided; nobody can afterwards",
        )  # fmt: skip
        parser.add_argument("--minutes", type=float, default=0, help="end after so many minutes; the next run goes on")
        parser.add_argument("--drop", type=month, metavar="YYYY-MM", help="drop this month of the archive for good")
        parser.add_argument("--why", default="", help="with --drop: the reason, which is kept in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        """Archive or drop, and say what was done."""
        now = timezone.now()
        try:
            if options["drop"]:
                dropped = services.drop_month(month=options["drop"], why=options["why"], by=None, now=now)
                self.stdout.write(f"{dropped:,} messages of {options['drop']:%Y-%m} were dropped.")
            if options["before"]:
                self._archive(options, now)
        except services.DeliveryRefused as refusal:
            raise CommandError(str(refusal)) from None
        if not options["drop"] and not options["before"]:
            self._show(now)

    def _archive(self, options: dict[str, Any], now: dt.datetime) -> None:
        end = time.monotonic() + options["minutes"] * 60 if options["minutes"] else float("inf")
        done = services.archive_messages(
            before=options["before"], undecided=options["undecided"], by=None, now=now,
            until=lambda: time.monotonic() > end, tell=self._tell,
        )  # fmt: skip
        for email, why in done.left:
            self.stdout.write(f"left: e-mail {email.pk}, {email}: {why}")
        self.stdout.write(
            f"{done.messages:,} messages were moved; {len(done.emails)} e-mails are archived, {len(done.left)} left."
        )

    def _tell(self, email: CampaignEmail, moved: int) -> None:
        self.stdout.write(f"e-mail {email.pk}, {email}: {moved:,} moved")

    def _show(self, now: dt.datetime) -> None:
        for held, messages in archiving.months():
            self.stdout.write(f"{held:%Y-%m}  {messages:>12,} messages")
        latest = archiving.latest_month(now)
        waiting = archiving.archivable(latest).count()
        self.stdout.write(f"{waiting} e-mails ended before {latest:%Y-%m}: archive_messages --before {latest:%Y-%m}")
