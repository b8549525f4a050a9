"""`manage.py demo`: walk a release from Jira to inboxes, print the story, leave what else ships for a person."""

from __future__ import annotations

import datetime as dt
import json
import logging
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from campaigns.drafting.facts import spoken_date
from campaigns.models import Campaign
from releases.jira_errors import JiraError
from relmail.demo import people, report, story
from relmail.process import CannotStart, Process
from relmail.simulator.jira import JiraData, JiraDataError, load, load_demo, move_ahead


class Command(BaseCommand):
    """The whole way once, on a database of its own, against the simulator alone."""

    help = "Walks a release from Jira to inboxes with no account and no service, and leaves the pages up."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """How many people, which Jira, and whether to stay."""
        parser.add_argument("--exit", action="store_true", help="stop at the end instead of leaving the pages up")
        parser.add_argument("--recipients", type=int, default=250, metavar="N", help="how many contacts (default 250)")
        parser.add_argument(
            "--jira-data", action="append", default=[], metavar="PATH",
            help="a recorded Jira project, or a folder of them; may be given several times",
        )  # fmt: skip
        parser.add_argument("--report", metavar="FILE", help="write what was found as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the story; raise CommandError with the step and the reason when it stops."""
        if not 1 <= options["recipients"] <= 1_000_000:
            raise CommandError("--recipients must be between 1 and 1,000,000.")
        if options["report"] and not Path(options["report"]).absolute().parent.is_dir():
            raise CommandError(f"--report: there is no folder for {options['report']}.")
        started = time.monotonic()
        # A pipe has no width; the table needs eighty columns.
        width = None if sys.stdout.isatty() else 100
        self.console = Console(highlight=False, width=width)
        try:
            data, keys, moved = _jira(options["jira_data"])
        except JiraDataError as error:
            raise CommandError(f"The Jira data cannot be used: {error}") from error
        for name, day in moved.items():
            self._step("0 Recorded", f"{name} is out; it comes again on {spoken_date(day)}")
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: _interrupt(stopped))
        _new_database()
        process = Process(jira_data=data, event_pace=0.2)
        # The terminal is for the story and the log-ins; what a page refused stands on the page.
        logging.getLogger("django.request").setLevel(logging.ERROR)
        self._say("A new database is being made ...")
        process.migrate()
        story.hurry()
        try:
            process.start()
            found = self._tell(process, keys, options, started=started)
            if options["report"]:
                Path(options["report"]).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
                self._say(f"Report: {options['report']}")
            wrong = report.problems(found)
            for problem in wrong:
                self.console.print(f"[bold red]{problem}")
            if not options["exit"] and not wrong:
                self._say("\nCtrl-C stops it. The next demo starts with a new database.")
                stopped.wait()
        except (story.StoryStopped, JiraError) as error:
            raise CommandError(f"The demo stopped: {str(error).rstrip('.')}.") from error
        except (CannotStart, OSError) as error:
            raise CommandError(f"The demo cannot start: {error}") from error
        except KeyboardInterrupt:
            self._say("Interrupted.")
            wrong = []
        finally:
            if not options["exit"]:
                self._say("Stopping: waiting for what is on its way ...")
            process.stop()
        if wrong:
            sys.exit(1)

    def _tell(self, process: Process, keys: list[str], options: dict[str, Any], *, started: float) -> dict[str, Any]:
        url, recipients = process.simulator.url, options["recipients"]
        colleagues = people.make_colleagues()
        who = story.by_role(colleagues)
        products = [story.take_in(key, operator=who["operator"]) for key in keys]
        release, second = story.choose(products)
        self._step("1 What shipped", f"{release} read from Jira: {_facts(release)}")
        now = story.timezone.now()
        for product in products:
            people.import_recipients(
                product=product, count=recipients, by=who["marketer"], operator=who["operator"], now=now
            )
        campaign = story.plan(release, by=who["marketer"])
        times = ", ".join(f"{email.get_step_display()} {email.send_at:%H:%M:%S}" for email in campaign.emails.all())
        self._step("2 Plan", f"four e-mails to {recipients} contacts: {times} UTC")
        story.wait_for_drafts(campaign)
        self._step("3 Draft", _drafts(campaign))
        digests = [
            story.review_and_approve(email, marketer=who["marketer"], manager=who["manager"])[:8]
            for email in campaign.emails.order_by("position")
        ]
        self._step("4 Review", "each draft checked sentence by sentence against its issues and submitted by marketer")
        self._step("5 Approve", f"by manager, byte for byte: {', '.join(digests)}")
        self._send(campaign, release, url)
        story.wait_for_events(simulator_url=url)
        found = report.report(campaign, simulator_url=url, seconds=time.monotonic() - started)
        self._step("8 Hear back", ", ".join(report.events_in_words(campaign)))
        self._balance(found)
        if not options["exit"]:  # nothing waits, and no address answers, in a process that is about to end
            if second is not None:
                story.prepare_second(second, by=who["marketer"])
            self._waiting(campaign)
            self._addresses(colleagues, url)
        found["seconds"] = round(time.monotonic() - started, 1)
        return found

    def _send(self, campaign: Campaign, release: Any, url: str) -> None:
        self._step("6 Prepare", "one message per contact as each e-mail's moment comes")
        columns = (TextColumn("  [bold]7 Send"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[now]}"))
        with Progress(*columns, console=self.console, transient=False) as bar:
            task = bar.add_task("send", total=None, now="waiting for the first moment")

            def ended(done: Any) -> bool:
                settled, planned = story.progress(campaign)
                states = [email.state for email in campaign.emails.all()]
                now = f"{states.count('sent')} of {len(states)} e-mails sent"
                bar.update(task, completed=settled, total=planned or None, now=now)
                return bool(done())

            if release.state != "released":
                story.wait_until(
                    lambda: ended(lambda: story.has_left(campaign, "reminder")), what="the reminder to go out"
                )
                story.say_released(release, simulator_url=url)
                bar.console.print("  Jira says released; its webhook arrived and the version was read again.")
            story.wait_until(
                lambda: ended(lambda: story.all_ended(campaign)), what="the four e-mails to go out", seconds=1800
            )

    def _balance(self, found: dict[str, Any]) -> None:
        table = Table(title="9 Sum up: what became of everybody", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column("E-mail")
        table.add_column("State")
        for name in ("planned", *report.STATES):
            table.add_column(name, justify="right")
        for email in found["emails"]:
            figures = [str(email[name]) for name in ("planned", *report.STATES)]
            table.add_row(email["step"].replace("_", " "), email["state"], *figures)
        self.console.print(table)
        self._say(
            f"  The simulator received {found['inbox']} messages, {found['duplicates']} of them twice. "
            f"{found['seconds']} seconds."
        )

    def _waiting(self, told: Campaign) -> None:
        """Every campaign that is left for a person: the timetable plans whatever ships within sixty days."""
        name = "Your turn"
        for campaign, drafted in story.waiting(told):
            what = "is drafted and waits" if drafted else "is planned, its drafts follow"
            self._step(name, f"{campaign.release} {what}: {settings.PUBLIC_URL}{campaign.get_absolute_url()}")
            name = ""

    def _addresses(self, colleagues: list[people.Colleague], url: str) -> None:
        self._say(f"\nPages      {settings.PUBLIC_URL}/\nInbox      {url}/inbox\nFaults     {url}/control")
        for colleague in colleagues:
            self._say(f"Log in as  {colleague.username:<10} {colleague.password:<14} ({colleague.role})")

    def _step(self, name: str, text: str) -> None:
        self.console.print(f"  [bold]{name:<15}[/bold]", end=" ")
        self._say(text)

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)


def _jira(paths: list[str]) -> tuple[JiraData, list[str], dict[str, dt.date]]:
    """What Jira holds, and the project keys in the order of the story: recorded projects first, then our own.

    A recorded release is mostly out, and nobody announces what is out: its dates are moved ahead, and named last.
    """
    if not paths:
        data = load_demo()
        return data, list(data.projects), {}
    data = load(paths)
    moved = move_ahead(data, timezone.now().date())
    keys = list(data.projects)
    own = load_demo()
    for key, project in own.projects.items():
        if key in data.projects:
            continue
        versions = own.versions_of(project)
        issues = [issue for issue in own.issues.values() if issue["fields"]["project"]["key"] == key]
        data.add_document(
            {
                "project": project,
                "versions": versions,
                "fields": list(own.fields.values()),
                "search": {"issues": issues, "isLast": True},
            }
        )
        keys.append(key)
    return data, keys, moved


def _new_database() -> None:
    """Begin with an empty database: the demo's own file, never another."""
    path = Path(str(settings.DATABASES["default"]["NAME"]))
    if not path.name.startswith("demo-"):
        raise CommandError("The demo works on its own database only; start it as `manage.py demo`.")
    connections.close_all()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _facts(release: Any) -> str:
    facts = release.snapshots.first().facts
    return f"{len(facts['issues'])} issues for clients, {len(facts['excluded'])} kept out"


def _drafts(campaign: Campaign) -> str:
    lines = []
    for email in campaign.emails.order_by("position"):
        revision = email.revisions.order_by("-number").first()
        if revision is not None:
            lines.append(f"\n                  “{revision.subject}” ({revision.drafter})")
    return "".join(lines).lstrip()


def _interrupt(stopped: threading.Event) -> None:
    if stopped.is_set():
        return
    stopped.set()
    raise KeyboardInterrupt
