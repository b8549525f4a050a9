"""Is this installation able to work? Each check asks one thing and says what to do when it is not well.

Nothing is changed. No line holds a secret: addresses are shown without user names and passwords, and of an error that
is not ours only its type. Calls go through the same doors as the work itself, so what is proved is what runs.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django_celery_beat.models import PeriodicTask

from analytics.models import SnsNotification
from campaigns.delivery import ses
from campaigns.drafting import services as drafting
from campaigns.drafting.openai_drafter import DraftFailed
from campaigns.models import Message, Sender
from releases import jira
from releases.models import Product
from relmail import roles
from relmail.celery import app
from relmail.schedule import TIMETABLE

logger = logging.getLogger(__name__)

#: Seconds to wait for the broker, and for workers to answer.
BROKER_TIMEOUT = 5
WORKER_TIMEOUT = 2
#: A row of the timetable that has missed so many of its turns has stopped. Beat writes down when it ran each row every
#: three minutes (django-celery-beat, `sync_every`), so what is read here may be older than what happened.
MISSED_TURNS = 3
WRITTEN_DOWN_WITHIN = dt.timedelta(minutes=4)
#: Events follow a send within seconds; after so long without any, nothing comes back.
EVENTS_WITHIN = dt.timedelta(minutes=15)
#: The daily quota of an account that AWS has not let out of the sandbox ("Service quotas in Amazon SES").
SANDBOX_QUOTA = 200


@dataclass(frozen=True)
class Finding:
    """One line of the report. `mend` says what to do and is empty when it is well."""

    what: str
    says: str
    mend: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return not self.mend


Check = Callable[[dt.datetime], Iterator[Finding]]


def examine(*, now: dt.datetime) -> Iterator[Finding]:
    """Every finding, as soon as it is known. What needs the database is left out when the database is not well."""
    for check in (_settings, _database):
        findings = list(_guarded(check, now))
        yield from findings
    if not all(finding.ok for finding in findings):
        yield Finding(
            "everything else", "not looked at, because it needs the database.",
            "Mend the database first, then ask again.",
        )  # fmt: skip
        return
    for check in (_people, _broker, _timetable, _jira, _openai, _ses, _sns, _sender):
        yield from _guarded(check, now)


def _guarded(check: Check, now: dt.datetime) -> Iterator[Finding]:
    """A check that breaks is a finding itself; its error may hold anything, so only its type is told."""
    try:
        yield from check(now)
    except Exception as error:
        logger.debug("the check failed", exc_info=True)
        name = check.__name__.strip("_")
        yield Finding(name, f"could not be looked at ({type(error).__name__}).", "Ask again with LOG_LEVEL=DEBUG.")


def _settings(now: dt.datetime) -> Iterator[Finding]:
    found = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    problems = [message for message in found if message.level >= checks.WARNING and not message.is_silenced()]
    for message in problems:
        text = " ".join(str(message.msg).split())
        yield Finding("settings", f"{message.id}: {text}", str(message.hint or "See `manage.py check --deploy`."))
    own = urlsplit(settings.PUBLIC_URL)
    if not settings.AWS_SES_ENDPOINT_URL and own.hostname in ("127.0.0.1", "localhost"):
        yield Finding(
            "settings", "mail goes out by Amazon, but its links would lead to this machine alone.",
            "Set PUBLIC_URL to the address that recipients can reach.",
        )  # fmt: skip
    if not problems:
        yield Finding("settings", f"{settings.MODE} mode; links in mail start with {settings.PUBLIC_URL}.")


def _database(now: dt.datetime) -> Iterator[Finding]:
    try:
        connection.ensure_connection()
        waiting = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    except DatabaseError as error:
        where = settings.DATABASES["default"].get("HOST") or "this machine"
        yield Finding(
            "database", f"{connection.display_name} on {where} does not answer ({type(error).__name__}).",
            "Start it, or mend DATABASE_URL.",
        )  # fmt: skip
        return
    version = ".".join(str(part) for part in connection.get_database_version())
    yield Finding("database", f"{connection.display_name} {version} answers.")
    if waiting:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in waiting[:3])
        yield Finding("migrations", f"{len(waiting)} are not applied ({names} ...).", "Run `manage.py migrate`.")
    else:
        yield Finding("migrations", "all applied.")


def _people(now: dt.datetime) -> Iterator[Finding]:
    people = get_user_model().objects.filter(is_active=True)
    missing = [role for role in roles.GROUPS if not people.filter(groups__name=role).exists()]
    if missing:
        yield Finding("people", f"nobody has the role {' or '.join(missing)}.", "Put somebody into it in the admin.")
    else:
        yield Finding("people", f"{people.count()} accounts; every role is held by somebody.")


def _broker(now: dt.datetime) -> Iterator[Finding]:
    address = urlsplit(settings.CELERY_BROKER_URL)
    if address.scheme == "memory":
        alone = "wake-ups stay within one process."
        mend = "Set CELERY_BROKER_URL; memory:// works with `manage.py up` alone." if settings.PRODUCTION else ""
        yield Finding("broker", alone, mend)
        return
    where = f"{address.scheme} at {address.hostname or 'AWS'}"
    try:
        with app.connection_for_write(settings.CELERY_BROKER_URL, connect_timeout=BROKER_TIMEOUT) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT)
    except Exception as error:  # each transport raises its own
        yield Finding(
            "broker", f"{where} does not answer ({type(error).__name__}).", "Start it, or mend CELERY_BROKER_URL."
        )
        return
    yield Finding("broker", f"{where} answers.")
    if address.scheme == "sqs":
        return  # it cannot carry the question to workers
    workers = app.control.ping(timeout=WORKER_TIMEOUT)
    if workers:
        yield Finding("workers", f"{len(workers)} answer.")
    else:
        yield Finding("workers", "none answers.", "Start one: celery -A relmail worker")


def _timetable(now: dt.datetime) -> Iterator[Finding]:
    rows = {row.name: row for row in PeriodicTask.objects.select_related("interval", "crontab")}
    missing = [row.name for row in TIMETABLE if row.name not in rows]
    if missing:
        yield Finding(
            "timetable", f"{len(missing)} rows are missing ({missing[0]} ...).", "Run `manage.py sync_schedule`."
        )
        return
    off = [row.name for row in TIMETABLE if not rows[row.name].enabled]
    if off:
        yield Finding(
            "timetable", f"switched off: {', '.join(off)}.", "Switch it on in the admin under Periodic tasks."
        )
    still = []
    for name in (row.name for row in TIMETABLE):
        row = rows[name]
        if not row.enabled or row.interval is None:
            continue
        patience = MISSED_TURNS * row.interval.schedule.run_every + WRITTEN_DOWN_WITHIN
        if now - (row.last_run_at or row.date_changed) > patience:
            still.append(name)
    if still:
        last = max((rows[name].last_run_at for name in still if rows[name].last_run_at), default=None)
        when = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "at all"
        more = " ..." if len(still) > 3 else ""
        yield Finding(
            "timetable", f"{len(still)} rows did not run {when}: {', '.join(still[:3])}{more}.",
            "Start beat: celery -A relmail beat",
        )  # fmt: skip
    elif not off:
        yield Finding("timetable", f"{len(TIMETABLE)} rows, none overdue.")


def _jira(now: dt.datetime) -> Iterator[Finding]:
    products = list(Product.objects.filter(active=True))
    try:
        with jira.open_door() as door:
            yield Finding(
                "Jira", f"{door.server.deployment} at {_host(settings.JIRA_URL)} lets us in as {door.myself()}."
            )
            for product in products:
                for key in product.project_keys:
                    try:
                        door.project(key)
                    except jira.JiraNotFound:
                        yield Finding(
                            "Jira", f"the account cannot see the project {key} of {product}.",
                            "Give it Browse projects there, or switch the product off in the admin."
                            if key == product.jira_key
                            else f"Give it Browse projects there, or take {key} off the product.",
                        )  # fmt: skip
    except jira.JiraError as error:
        yield Finding("Jira", str(error), "Check JIRA_URL, JIRA_USER and JIRA_TOKEN.")
        return
    if not products:
        yield Finding("Jira", "no product is set up.", "Add one in the admin under Products.")
    if not settings.JIRA_WEBHOOK_SECRET:
        yield Finding("Jira", "webhooks are switched off; changes are seen by the poll alone.")


def _openai(now: dt.datetime) -> Iterator[Finding]:
    if not settings.OPENAI_API_KEY:
        yield Finding("OpenAI", "no key is set; drafts are written from the facts by rules.")
        return
    try:
        yield Finding("OpenAI", drafting.test_connection(by=None))
    except DraftFailed as problem:
        yield Finding(
            "OpenAI", problem.text, "Check OPENAI_API_KEY, OPENAI_MODEL and OPENAI_BASE_URL; until then rules write.",
        )  # fmt: skip


def _ses(now: dt.datetime) -> Iterator[Finding]:
    wanted = settings.SES_CONFIGURATION_SET
    try:
        account = ses.door().account()
        if not account.sending_enabled:
            yield Finding("SES", "Amazon has paused sending for this account.", "See the SES console, Account health.")
        elif 0 <= account.max_24h <= SANDBOX_QUOTA:
            yield Finding(
                "SES", f"{account.max_24h:.0f} mails a day are allowed: the account is in the sandbox.",
                "Ask for production access in the SES console.",
            )  # fmt: skip
        else:
            day = "without limit" if account.max_24h < 0 else f"{account.max_24h:,.0f}"
            yield Finding("SES", f"{account.max_per_second:g} recipients a second, {day} a day.")
        for product in Product.objects.filter(active=True):
            problem = ses.door().sender_problem(product.sender_email, product.configuration_set or wanted)
            if problem:
                yield Finding("SES", f"{product}: {problem}", "Make or verify it in the SES console, in AWS_REGION.")
            else:
                yield Finding("SES", f"{product.sender_email} may send.")
    except ses.SESError as error:
        said = "something answered that is not Amazon" if "<" in error.detail else error.detail
        yield Finding(
            "SES", f"{error.code}: {said}",
            "Check AWS_REGION, the keys and the policy (docs/operator.md, Amazon SES).",
        )  # fmt: skip
    if not wanted:
        yield Finding(
            "SES", "no configuration set is named, so no events come back and unknown messages stay unknown.",
            "Set SES_CONFIGURATION_SET.",
        )  # fmt: skip


def _sns(now: dt.datetime) -> Iterator[Finding]:
    topics = settings.SNS_TOPIC_ARNS
    strange = [topic for topic in topics if not topic.startswith("arn:aws") or len(topic.split(":")) != 6]
    if not topics or strange:
        says = "no topic is named, so every event is refused." if not topics else "a topic is not an ARN of SNS."
        yield Finding("SNS", says, "Set SNS_TOPIC_ARNS to the topics of the configuration set's event destination.")
        return
    newest = SnsNotification.objects.order_by("-id").values_list("received_at", flat=True).first()
    if newest is None and Message.objects.filter(state="accepted", sent_at__lt=now - EVENTS_WITHIN).exists():
        yield Finding(
            "SNS", "mail went out, but no event has ever come back.",
            f"Subscribe {settings.PUBLIC_URL}/hooks/sns/ to the topic; see docs/operator.md.",
        )  # fmt: skip
        return
    heard = f"the last event came {newest:%Y-%m-%d %H:%M} UTC." if newest else "no event has come yet."
    yield Finding("SNS", f"{len(topics)} topic{'s' if len(topics) > 1 else ''}; {heard}")


def _sender(now: dt.datetime) -> Iterator[Finding]:
    row = Sender.objects.filter(region=settings.AWS_REGION).first()
    if row is not None and row.stopped_at:
        yield Finding(
            "sending", f"stopped since {row.stopped_at:%Y-%m-%d %H:%M} UTC: {row.stopped_reason}",
            "Mend the reason, then press Start on the page of the sender.",
        )  # fmt: skip
    elif row is not None and row.fence_error:
        yield Finding(
            "sending", f"the token in SES that tells this database from its copies is out of reach: {row.fence_error}",
            "Check the template actions of the policy (docs/operator.md, Amazon SES).",
        )  # fmt: skip
    else:
        yield Finding("sending", "not stopped.")


def _host(address: str) -> str:
    return urlsplit(address).hostname or "an unknown host"
