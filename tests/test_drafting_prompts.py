"""Prompts go live only when they passed; a month's budget stops the model; what a draft cost is kept."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from campaigns.drafting import (
    evaluating,
    indexing,
    prompt_services,
    prompt_versions,
    prompting,
    repair,
    services,
    spending,
)
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import DraftRun, PromptEvaluation, SourceIndex
from campaigns.drafting.openai_drafter import CallRecord
from relmail.roles import MARKETER, OPERATOR
from relmail.simulator.faults import Fault, Faults
from relmail.simulator.openai import OpenAISimulator
from tests import factories
from tests.factories import FACTS, NOW
from tests.jira_server import serving

pytestmark = pytest.mark.django_db

KEY = "sk-simulated"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def model(settings: Any, faults: Faults) -> Iterator[OpenAISimulator]:
    simulator = OpenAISimulator(api_key=KEY, faults=faults)
    with serving(simulator) as address:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = KEY, f"{address}/v1"
        settings.OPENAI_MODEL, settings.OPENAI_TRANSPORT, settings.OPENAI_TIMEOUT = "gpt-5.5", "responses", 5
        settings.OPENAI_PRICES, settings.OPENAI_MONTHLY_BUDGET = {"gpt-5.5": (1.25, 10.0)}, 0
        yield simulator


@pytest.fixture
def prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The prompts in a folder of the test's own, to be changed."""
    folder = tmp_path / "prompts"
    shutil.copytree(prompting.PROMPTS, folder)
    for module in (prompting, prompt_versions, evaluating):
        monkeypatch.setattr(module, "PROMPTS", folder)
    forget()
    yield folder
    forget()


def forget() -> None:
    """As after a restart: prompts are read once per process."""
    for cached in (prompting._file, prompt_versions.digest_of, prompt_versions.shipped):
        cached.cache_clear()


def one_case(prompts: Path) -> None:
    for path in (prompts / "cases").glob("*.json"):
        if path.stem != "06_no_date":
            path.unlink()


# --- cost and budget --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model_name", "given", "made", "cost"),
    [
        ("gpt-5.5", 1_000_000, 0, Decimal("1.25")), ("gpt-5.5", 2_000, 500, Decimal("0.0075")),
        ("gpt-5.5", 0, 0, Decimal(0)), ("other", 10, 10, None), ("gpt-5.5", None, 10, None),
        ("gpt-5.5", 10, None, None),
    ],
)  # fmt: skip
def test_a_try_costs_what_the_prices_say_or_nobody_knows(
    settings: Any, model_name: str, given: int | None, made: int | None, cost: Decimal | None
) -> None:
    settings.OPENAI_PRICES = {"gpt-5.5": (1.25, 10.0)}
    assert spending.cost_of(CallRecord(model=model_name, input_tokens=given, output_tokens=made)) == cost


def test_a_draft_keeps_its_cost_and_how_well_it_was_supported(model: OpenAISimulator) -> None:
    services.draft(email=factories.make_email(), now=NOW)
    run = DraftRun.objects.get()
    assert run.cost
    assert run.sentences
    assert (run.unsupported, run.doubtful) == (0, 0)
    assert spending.spending(NOW).known == run.cost


def test_a_failed_try_that_used_tokens_is_counted_too(model: OpenAISimulator, faults: Faults) -> None:
    faults.add(Fault("openai", "refusal"))
    services.draft(email=factories.make_email(), now=NOW)
    assert DraftRun.objects.get(outcome="failed").cost


def test_a_spent_budget_stops_the_model_in_clear_words_until_the_month_ends(
    model: OpenAISimulator, settings: Any
) -> None:
    settings.OPENAI_MONTHLY_BUDGET = 0.0001
    services.draft(email=factories.make_email(), now=NOW)
    assert len(model.calls) == 1, "nothing was spent before"
    revision = services.draft(email=factories.make_email(), now=NOW)
    assert revision is not None
    assert revision.drafter == "extractive"
    assert "The OpenAI budget of November is used up" in revision.why
    assert "Written from the facts by rules" in revision.why
    assert len(model.calls) == 1
    assert DraftRun.objects.filter(error_kind="budget").count() == 1
    proposal_of = factories.make_email(state="drafted")
    factories.make_revision(proposal_of)
    proposal = services.redraft_block(email=proposal_of, block="fixes", by=factories.make_user(MARKETER), now=NOW)
    assert (proposal.drafter, "budget" in proposal.why) == ("extractive", True)
    first_of_next = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    services.draft(email=factories.make_email(), now=first_of_next)
    assert len(model.calls) == 2


def test_the_month_is_that_of_utc(settings: Any) -> None:
    settings.OPENAI_PRICES, settings.OPENAI_MONTHLY_BUDGET = {"m": (1.0, 1.0)}, 1
    settings.OPENAI_MODEL = "m"
    edge = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)
    DraftRun.objects.create(
        email=factories.make_email(), drafter="openai:m", snapshot_digest="", outcome="succeeded", cost=5, at=edge
    )
    elsewhere = dt.timezone(dt.timedelta(hours=9))
    assert spending.budget_problem(edge.astimezone(elsewhere)) != ""
    assert spending.budget_problem((edge + dt.timedelta(minutes=1)).astimezone(elsewhere)) == ""


def test_a_budget_without_a_price_lets_nobody_ask(model: OpenAISimulator, settings: Any) -> None:
    settings.OPENAI_MONTHLY_BUDGET, settings.OPENAI_PRICES = 100, {}
    revision = services.draft(email=factories.make_email(), now=NOW)
    assert revision is not None
    assert "OPENAI_PRICES has no price for gpt-5.5" in revision.why
    assert model.calls == []


def test_the_admin_shows_cost_budget_and_live_prompts(model: OpenAISimulator, settings: Any) -> None:
    settings.OPENAI_MONTHLY_BUDGET = 0.0001
    services.draft(email=factories.make_email(), now=NOW)
    DraftRun.objects.update(at=dt.datetime.now(dt.UTC))
    browser = Browser()
    browser.force_login(factories.make_user(OPERATOR, is_staff=True))
    shown = browser.get(reverse("admin:campaigns_draftrun_changelist")).text
    assert f"{DraftRun.objects.get().cost:.4f} USD" in shown
    assert "of 0.00 USD" in shown and "of 0.00 USD were spent" in shown
    assert f"Prompts {prompting.VERSION} are live" in shown
    assert "is used up" in shown


# --- prompts ----------------------------------------------------------------------------------------------------------


def test_the_shipped_prompts_are_the_ones_that_passed() -> None:
    version, digest = prompt_versions.shipped()
    assert digest == prompt_versions.digest_of(version), "run manage.py evaluate_drafts and write the new digest down"
    assert prompt_versions.live().problem == ""


def test_the_shipped_prompts_pass_with_the_simulated_model(model: OpenAISimulator, prompts: Path) -> None:
    for path in (prompts / "cases").glob("*.json"):
        if path.stem[:2] not in ("03", "04", "06"):
            path.unlink()  # the whole set takes longer than a test may
    row = prompt_services.evaluate_prompt(version=prompting.VERSION, now=NOW)
    assert [line for line in row.report if line["problems"]] == []
    assert row.passed
    assert row.mails == len(model.calls) == 10
    assert row.cost
    assert spending.spending(NOW).known == row.cost


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "wrong_keys"}, "no draft"), ({"kind": "refusal"}, "declined"), ({"kind": "truncate"}, "cut off"),
    ],
)  # fmt: skip
def test_a_model_that_fails_a_case_fails_the_version(
    model: OpenAISimulator, prompts: Path, faults: Faults, fault: dict[str, Any], said: str
) -> None:
    one_case(prompts)
    faults.add(Fault("openai", **fault, times=0))
    row = prompt_services.evaluate_prompt(version="v2", now=NOW)
    assert not row.passed
    assert said in str(row.report)
    with pytest.raises(services.DraftRefused, match="did not pass"):
        prompt_services.make_prompt_live(version="v2", now=NOW)
    assert not PromptEvaluation.objects.filter(live=True).exists()


def test_a_model_that_cannot_be_asked_is_no_verdict(model: OpenAISimulator, faults: Faults) -> None:
    faults.add(Fault("openai", "refuse", status=401, times=0))
    with pytest.raises(CommandError, match="API key"):
        call_command("evaluate_drafts", stdout=StringIO())
    assert len(model.calls) <= 1
    row = PromptEvaluation.objects.get()
    assert (row.passed, row.mails, "API key" in row.stopped) == (False, 0, True)


def test_the_budget_is_asked_before_every_mail_of_an_evaluation(
    model: OpenAISimulator, prompts: Path, settings: Any
) -> None:
    settings.OPENAI_MONTHLY_BUDGET = 0.0001
    with pytest.raises(services.DraftRefused, match=r"is used up.*ended after 1 mails and is no verdict"):
        prompt_services.evaluate_prompt(version="v2", now=NOW)
    assert len(model.calls) == 1
    row = PromptEvaluation.objects.get()
    assert row.cost
    assert (row.passed, row.mails, row.uncounted) == (False, 1, 0)
    assert row.input_tokens and row.output_tokens
    assert spending.spending(NOW).known == row.cost
    with pytest.raises(services.DraftRefused, match="is used up"):
        prompt_services.evaluate_prompt(version="v2", now=NOW)
    assert len(model.calls) == 1


def test_a_mail_whose_cost_nobody_knows_takes_nothing_from_the_sum_of_the_others(
    model: OpenAISimulator, prompts: Path, faults: Faults
) -> None:
    one_case(prompts)
    faults.add(Fault("openai", "refuse", status=500, times=3))
    row = prompt_services.evaluate_prompt(version="v2", now=NOW)
    assert row.cost
    assert (row.passed, row.uncounted, row.mails) == (False, 1, 2)
    assert (spending.spending(NOW).known, spending.spending(NOW).unknown_runs) == (row.cost, 1)


def test_an_evaluation_that_ended_early_does_not_undo_one_that_passed(
    model: OpenAISimulator, prompts: Path, faults: Faults
) -> None:
    one_case(prompts)
    assert prompt_services.evaluate_prompt(version="v2", now=NOW).passed
    faults.add(Fault("openai", "refuse", status=401, times=0))
    with pytest.raises(services.DraftRefused, match="API key"):
        prompt_services.evaluate_prompt(version="v2", now=NOW + dt.timedelta(hours=1))
    assert prompt_services.make_prompt_live(version="v2", now=NOW + dt.timedelta(hours=2)).live


def test_a_draft_is_counted_even_when_nothing_can_be_made_of_it(
    model: OpenAISimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **options: Any) -> None:
        raise SystemExit("the worker died here")

    monkeypatch.setattr(repair, "mend", broken)
    with pytest.raises(SystemExit):
        services.draft(email=factories.make_email(), now=NOW)
    assert DraftRun.objects.get().cost == spending.spending(NOW).known > 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_evaluation_says_which_languages_it_left_out(
    model: OpenAISimulator, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    factories.make_product(language=language)
    monkeypatch.setattr(evaluating, "cases", lambda languages: [])
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("evaluate_drafts", stdout=told)
    line = "08_german: not asked for, because no active product is in German."
    assert (line in told.getvalue()) is (language == "en")


def test_a_version_goes_live_by_passing_and_drafts_are_asked_with_it(model: OpenAISimulator, prompts: Path) -> None:
    one_case(prompts)
    shutil.copytree(prompts / "v3", prompts / "v4")
    (prompts / "v4" / "rules.md").write_text((prompts / "v3" / "rules.md").read_text() + "\n- Be kind.\n")
    forget()
    with pytest.raises(services.DraftRefused, match=r"have not been evaluated\. Run manage\.py evaluate_drafts v4"):
        prompt_services.make_prompt_live(version="v4", now=NOW)
    told = StringIO()
    call_command("evaluate_drafts", "v4", "--live", stdout=told)
    assert "passed=yes" in told.getvalue()
    assert " currency=USD " in told.getvalue()
    assert "The prompts v4 are live." in told.getvalue()
    services.draft(email=factories.make_email(), now=NOW)
    assert DraftRun.objects.get().prompt_version == "v4"
    assert "Be kind." in model.calls[-1]["instructions"]
    (prompts / "v4" / "rules.md").write_text("Write anything.")
    forget()
    asked = len(model.calls)
    revision = services.draft(email=factories.make_email(), now=NOW)
    assert revision is not None
    assert "changed since they passed" in revision.why
    assert (revision.drafter, len(model.calls)) == ("extractive", asked)
    with pytest.raises(services.DraftRefused, match="since its files were changed"):
        prompt_services.make_prompt_live(version="v4", now=NOW)


def test_the_newest_evaluation_decides(model: OpenAISimulator, prompts: Path, faults: Faults) -> None:
    one_case(prompts)
    prompt_services.evaluate_prompt(version="v2", now=NOW)
    faults.add(Fault("openai", "refusal", times=0))
    prompt_services.evaluate_prompt(version="v2", now=NOW + dt.timedelta(hours=1))
    with pytest.raises(services.DraftRefused, match="did not pass"):
        prompt_services.make_prompt_live(version="v2", now=NOW)


def test_the_database_lets_only_one_version_live_and_only_one_that_passed() -> None:
    base = {"version": "v2", "digest": "d", "model": "m", "transport": "chat", "mails": 1, "at": NOW}
    PromptEvaluation.objects.create(**base, passed=True, live=True)
    for wrong in ({"passed": True}, {"passed": False}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PromptEvaluation.objects.create(**base, **wrong, live=True)


def test_prompts_are_put_live_in_the_admin_by_who_may(model: OpenAISimulator, prompts: Path) -> None:
    one_case(prompts)
    row = prompt_services.evaluate_prompt(version="v2", now=NOW)
    browser = Browser()
    browser.force_login(factories.make_user(OPERATOR, is_staff=True))
    address = reverse("admin:campaigns_promptevaluation_changelist")
    chosen = {"action": "put_live", "_selected_action": [row.pk]}
    assert "are live" in browser.post(address, chosen, follow=True).text
    row.refresh_from_db()
    assert row.live
    with pytest.raises(PermissionDenied):
        prompt_services.make_prompt_live(version="v2", by=factories.make_user(MARKETER), now=NOW)
    with pytest.raises(services.DraftRefused, match="there are v1, v2"):
        prompt_services.make_prompt_live(version="../v2", now=NOW)


def test_cases_in_a_language_nobody_writes_are_left_out() -> None:
    assert {case.house.language for case in evaluating.cases()} == {"en"}
    assert {case.house.language for case in evaluating.cases(["de"])} == {"en", "de"}
    assert len({case.name for case in evaluating.cases(["de"])}) >= 8
    assert all(case.why for case in evaluating.cases(["de"]))


# --- the words of a snapshot, kept ------------------------------------------------------------------------------------


def test_the_tick_keeps_the_words_of_the_newest_facts_once() -> None:
    campaign = factories.make_campaign()
    assert indexing.prepare_due(NOW) == 1
    assert indexing.prepare_due(NOW) == 0
    newer = factories.make_snapshot(campaign.release)
    assert indexing.prepare_due(NOW) == 1
    assert SourceIndex.objects.get().snapshot == newer
    factories.make_campaign(state="held")
    assert indexing.prepare_due(NOW) == 0


def test_kept_words_and_fresh_ones_give_the_same_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = factories.make_snapshot(factories.make_release())
    email_text = factories.make_draft(subject="Kite 2.5.0 is faster than ever")
    indexing._checker.cache_clear()
    fresh = indexing.checker(Facts.from_json(FACTS)).check(email_text)
    indexing.prepare(snapshot, NOW)
    indexing.prepare(snapshot, NOW)
    indexing._checker.cache_clear()

    def never(facts: Facts) -> Any:
        raise AssertionError("the kept words are used")

    monkeypatch.setattr("campaigns.drafting.sources.stems_of", never)
    kept = indexing.checker(Facts.from_json(FACTS)).check(email_text)
    assert kept == fresh != []
