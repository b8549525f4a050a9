"""`manage.py doctor` says what is wrong and what to do, ends with 1, and gives no secret away."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from campaigns.delivery import services as delivery
from campaigns.models import Sender
from relmail import roles
from relmail.management.commands import sync_schedule
from relmail.simulator.faults import Fault
from tests import factories

SECRETS = ("simulated-jira-token", "simulated-openai-key", "simulated-secret-access-key", "simulated-webhook-secret")


@pytest.fixture
def installation(db: None, simulator: Any, settings: Any) -> Any:
    """A well installation: people in every role, a product of the simulated Jira, a timetable that runs."""
    settings.CELERY_BROKER_URL = "memory://localhost//"
    for role in roles.GROUPS:
        factories.make_user(role)
    sync_schedule.sync()
    PeriodicTask.objects.update(last_run_at=timezone.now())
    return factories.make_product(jira_key=next(iter(simulator.jira.data.projects)), sender_email="news@harbor.example")


def ask() -> tuple[int, str]:
    """The exit code and what was printed."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out, no_color=True)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def problems() -> list[str]:
    """The lines that say something is wrong; the exit code must agree with them."""
    code, said = ask()
    lines = [" ".join(line.split()[1:]) for line in said.splitlines() if line.startswith("PROBLEM")]
    assert code == (1 if lines else 0), said
    assert not [secret for secret in SECRETS if secret in said]
    return lines


def test_a_well_installation_has_no_problem(installation: Any) -> None:
    code, said = ask()
    assert code == 0, said
    for what in ("settings", "database", "migrations", "people", "broker", "timetable", "Jira", "OpenAI", "SES", "SNS"):
        assert f"ok       {what}" in said
    assert said.endswith("All well.\n")


def test_a_refused_log_in_to_jira_is_told_without_the_token(installation: Any, settings: Any) -> None:
    settings.JIRA_TOKEN = "not-the-right-token"
    (line,) = problems()
    assert line.startswith("Jira")
    assert "401" in line
    assert "not-the-right-token" not in line


def test_a_project_that_jira_does_not_show_is_named(installation: Any) -> None:
    factories.make_product(jira_key="NOSUCH", name="Lost")
    assert any("NOSUCH" in line and "Browse projects" in line for line in problems())


def test_a_missing_jira_is_told(installation: Any, settings: Any) -> None:
    settings.JIRA_URL = ""
    (line,) = problems()
    assert "set JIRA_URL" in line


def test_without_a_key_the_rules_write_and_nothing_is_wrong(installation: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    assert problems() == []


def test_a_model_that_does_not_answer_is_told(installation: Any, simulator: Any) -> None:
    simulator.faults.add(Fault("openai", "refuse", status=503, times=0))
    assert [line.split()[0] for line in problems()] == ["OpenAI"]


def test_a_sender_that_amazon_does_not_know_is_named(installation: Any) -> None:
    factories.make_product(jira_key=installation.jira_key + "X", active=False)
    installation.sender_email = "news@stranger.test"
    installation.save(update_fields=["sender_email"])
    (line,) = problems()
    assert "stranger.test" in line
    assert "verified identity" in line


def test_a_configuration_set_that_is_missing_is_named(installation: Any, settings: Any) -> None:
    settings.SES_CONFIGURATION_SET = "nowhere"
    assert any("nowhere" in line for line in problems())


def test_the_configuration_set_of_a_product_goes_before_that_of_the_settings(installation: Any) -> None:
    installation.configuration_set = "of-the-product"
    installation.save(update_fields=["configuration_set"])
    assert any("of-the-product" in line for line in problems())


def test_a_paused_account_is_told(installation: Any, simulator: Any) -> None:
    simulator.amazon.account.sending_enabled = False
    assert any("paused sending" in line for line in problems())


def test_an_account_in_the_sandbox_is_told(installation: Any, simulator: Any) -> None:
    simulator.amazon.account.set_quota(max_per_second=1, max_24h=200)
    assert any("sandbox" in line for line in problems())


def test_an_ses_that_cannot_be_reached_is_told(installation: Any, settings: Any) -> None:
    settings.AWS_SES_ENDPOINT_URL = "http://127.0.0.1:9/aws"
    assert any(line.startswith("SES") and "could not be reached" in line for line in problems())


@pytest.mark.parametrize("topics", [[], ["relmail-events"]])
def test_topics_that_are_missing_or_no_arn_are_told(installation: Any, settings: Any, topics: list[str]) -> None:
    settings.SNS_TOPIC_ARNS = topics
    assert any("SNS_TOPIC_ARNS" in line for line in problems())


def test_mail_without_any_event_is_told(installation: Any) -> None:
    email = factories.make_email(factories.make_campaign(contacts=1))
    contact = email.campaign.lists.get().contacts.get()
    batch = email.batches.create(not_before=factories.NOW)
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    email.messages.create(
        contact=contact, batch=batch, address=contact.email, state="accepted", sent_at=hour_ago, changed_at=hour_ago
    )
    assert any("no event has ever come back" in line for line in problems())


def test_a_beat_that_stopped_is_told(installation: Any) -> None:
    PeriodicTask.objects.update(last_run_at=timezone.now() - dt.timedelta(hours=2))
    (line,) = problems()
    assert line.startswith("timetable")
    assert "celery -A relmail beat" in line


def test_a_row_that_was_switched_off_or_is_missing_is_named(installation: Any) -> None:
    PeriodicTask.objects.filter(task="analytics.guard").update(enabled=False)
    assert any("guard" in line and "Switch it on" in line for line in problems())
    PeriodicTask.objects.filter(task="analytics.guard").delete()
    assert any("sync_schedule" in line for line in problems())


def test_a_role_that_nobody_holds_is_told(installation: Any) -> None:
    Group.objects.get(name=roles.RELEASE_MANAGER).user_set.clear()
    (line,) = problems()
    assert "Release manager" in line


def test_a_stopped_sender_is_told_with_the_reason(installation: Any, operator: Any) -> None:
    delivery.stop_sender(reason="The list was wrong.", by=operator, now=timezone.now())
    assert Sender.objects.filter(stopped_at__isnull=False).exists()
    assert any("The list was wrong." in line for line in problems())


def test_a_fence_that_cannot_be_compared_is_told(installation: Any, settings: Any) -> None:
    Sender.objects.update_or_create(region=settings.AWS_REGION, defaults={"fence_error": "AccessDeniedException"})
    (line,) = problems()
    assert "AccessDeniedException" in line
    assert "policy" in line


def test_memory_as_broker_is_a_problem_in_production_only(installation: Any, settings: Any) -> None:
    assert problems() == []
    settings.PRODUCTION = True
    assert any("CELERY_BROKER_URL" in line for line in problems())


def test_a_broker_that_does_not_answer_is_told_without_its_password(installation: Any, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://:broker-password@127.0.0.1:9/0"
    (line,) = problems()
    assert "redis at 127.0.0.1 does not answer" in line
    assert "broker-password" not in line


def test_links_to_this_machine_in_mail_by_amazon_are_told(installation: Any, settings: Any) -> None:
    settings.AWS_SES_ENDPOINT_URL = ""
    settings.PUBLIC_URL = "http://127.0.0.1:8025"
    # The rest of the report would ask Amazon itself; the settings come first and need nobody.
    from relmail import doctor

    assert any("Set PUBLIC_URL" in finding.mend for finding in doctor._settings(timezone.now()))


def test_without_a_database_the_rest_is_not_looked_at(installation: Any) -> None:
    def gone() -> None:
        raise OperationalError("password authentication failed for user relmail, password hunter2")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "ensure_connection", gone)
        first, second = problems()
    assert "DATABASE_URL" in first
    assert "hunter2" not in first
    assert "not looked at" in second


def test_a_check_that_breaks_is_a_problem_and_the_others_go_on(
    installation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> str:
        raise RuntimeError("key sk-secret")

    monkeypatch.setattr("campaigns.drafting.services.test_connection", broken)
    code, said = ask()
    assert code == 1
    assert "could not be looked at (RuntimeError)" in said
    assert "sk-secret" not in said
    assert "ok       SES" in said
