"""Drafting as the timetable and the pages ask for it: which drafter, what is saved, and what happens when two ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns.drafting import checks, prompting, selectors, services, tasks
from campaigns.drafting.models import DraftRun, Revision
from campaigns.drafting.text import Sentence
from campaigns.models import CampaignEmail
from campaigns.planning.models import Transition
from relmail.simulator.faults import Fault, Faults
from relmail.simulator.openai import OpenAISimulator
from tests import factories
from tests.factories import NOW
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
        settings.OPENAI_API_KEY = KEY
        settings.OPENAI_BASE_URL = f"{address}/v1"
        settings.OPENAI_MODEL = "gpt-5.5"
        settings.OPENAI_TRANSPORT = "responses"
        settings.OPENAI_TIMEOUT = 5
        yield simulator


@pytest.fixture
def no_key(settings: Any) -> None:
    settings.OPENAI_API_KEY = ""


def test_without_a_key_the_rules_write_and_the_revision_says_so(no_key: None) -> None:
    email = factories.make_email()
    revision = services.draft(email=email, now=NOW)
    assert revision is not None
    assert (revision.number, revision.drafter, revision.author) == (1, "extractive", None)
    assert "No OpenAI key" in revision.why
    email.refresh_from_db()
    assert (email.state, email.locked_until) == ("drafted", None)
    assert Transition.objects.get(email=email).after == "drafted"


def test_with_a_key_the_model_writes_and_the_run_keeps_what_it_cost(model: OpenAISimulator) -> None:
    email = factories.make_email()
    revision = services.draft(email=email, now=NOW)
    assert revision is not None
    assert revision.drafter == "openai:gpt-5.5"
    run = DraftRun.objects.get(email=email)
    assert (run.outcome, run.transport, run.revision) == ("succeeded", "responses", revision)
    assert run.prompt_version == prompting.VERSION
    assert run.input_tokens
    assert run.output_tokens
    assert run.request_id.startswith("req_")
    assert run.snapshot_digest == revision.snapshot.digest


@pytest.mark.parametrize("step", ["announcement", "reminder", "release_day", "follow_up"])
def test_what_the_model_wrote_arrives_without_a_blocking_finding(model: OpenAISimulator, step: str) -> None:
    email = factories.make_email(step=step)
    revision = services.draft(email=email, now=NOW)
    assert revision is not None
    text = selectors.text_of(revision)
    assert [f for f in checks.check(text, revision.snapshot.facts, step=step) if f.blocks] == []


def test_when_the_model_fails_the_rules_step_in_and_both_runs_are_kept(model: OpenAISimulator, faults: Faults) -> None:
    faults.add(Fault("openai", "refusal"))
    email = factories.make_email()
    revision = services.draft(email=email, now=NOW)
    assert revision is not None
    assert revision.drafter == "extractive"
    assert "declined" in revision.why
    runs = list(DraftRun.objects.filter(email=email).order_by("id").values_list("drafter", "outcome", "error_kind"))
    assert runs == [("openai:gpt-5.5", "failed", "refused"), ("extractive", "succeeded", "")]


@pytest.mark.parametrize(
    ("step", "days", "changes", "says"),
    [
        ("announcement", 1, {"released": True}, "Kite 2.4.0 is available."),
        ("announcement", 22, {"release_date": "2026-11-25"}, "Kite 2.4.0 has been available since 25 November 2026."),
        ("reminder", 22, {"release_date": "2026-11-25"}, "Kite 2.4.0 has been available since 25 November 2026."),
    ],
)
def test_a_mail_that_comes_when_the_release_is_out_is_not_asked_of_a_model_and_says_so(
    model: OpenAISimulator, marketer: Any, step: str, days: int, changes: dict[str, Any], says: str
) -> None:
    email = factories.make_email(step=step, send_at=NOW + dt.timedelta(days=days))
    facts = {**factories.FACTS, "release": {**factories.FACTS["release"], **changes}}
    factories.make_snapshot(email.campaign.release, facts)
    revision = services.draft(email=email, now=NOW)
    assert revision is not None
    assert selectors.text_of(revision).block("intro")[0].text == says
    assert "is out when this mail goes" in revision.why and model.calls == []
    proposal = services.redraft_block(email=email, block="intro", by=marketer, now=NOW)
    assert proposal.sentences[0].text == says and model.calls == []


def test_a_mail_of_the_day_that_goes_out_a_day_later_does_not_say_today(no_key: None) -> None:
    email = factories.make_email(step="release_day", send_at=NOW + dt.timedelta(days=22))
    dated = {**factories.FACTS["release"], "release_date": "2026-11-25"}
    factories.make_snapshot(email.campaign.release, {**factories.FACTS, "release": dated})
    revision = services.draft(email=email, now=NOW)
    assert revision is not None
    assert "today" not in f"{revision.subject} {selectors.text_of(revision).block('intro')[0].text}"


def test_a_second_tick_drafts_nothing(no_key: None) -> None:
    email = factories.make_email()
    services.draft(email=email, now=NOW)
    email.refresh_from_db()
    assert services.draft(email=email, now=NOW) is None
    assert Revision.objects.filter(email=email).count() == 1


def test_of_two_at_once_only_the_one_with_the_claim_asks_the_model(model: OpenAISimulator) -> None:
    email = factories.make_email()
    stale = CampaignEmail.objects.get(pk=email.pk)
    CampaignEmail.objects.filter(pk=email.pk).update(locked_until=NOW + dt.timedelta(minutes=2))
    assert services.draft(email=stale, now=NOW) is None
    assert model.calls == []
    later = NOW + dt.timedelta(minutes=3)
    assert services.draft(email=stale, now=later) is not None, "whoever died over it loses the claim by the clock"


def test_an_email_that_was_held_keeps_its_text(no_key: None) -> None:
    email = factories.make_email()
    kept = factories.make_revision(email)
    assert services.draft(email=email, now=NOW) == kept
    email.refresh_from_db()
    assert email.state == "drafted"


def test_the_model_is_asked_outside_any_transaction(model: OpenAISimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from campaigns.drafting.openai_drafter import OpenAIDrafter

    depths = []
    ask = OpenAIDrafter.draft

    def watched(self: OpenAIDrafter, *arguments: Any) -> Any:
        depths.append(len(connection.savepoint_ids))
        return ask(self, *arguments)

    monkeypatch.setattr(OpenAIDrafter, "draft", watched)
    outside = len(connection.savepoint_ids)
    services.draft(email=factories.make_email(), now=NOW)
    assert depths == [outside]


def test_a_release_without_facts_is_refused_in_words() -> None:
    email = factories.make_email()
    email.campaign.release.snapshots.all().delete()
    with pytest.raises(services.DraftRefused, match="not been read from Jira"):
        services.draft(email=email, now=NOW)


def test_the_tick_drafts_every_planned_email_and_survives_one_that_cannot_be(no_key: None) -> None:
    campaign = factories.make_campaign()
    emails = [factories.make_email(campaign, step=step) for step in ("announcement", "reminder", "follow_up")]
    bare = factories.make_email()
    bare.campaign.release.snapshots.all().delete()
    assert tasks.draft_due() == 3
    assert {CampaignEmail.objects.get(pk=email.pk).state for email in emails} == {"drafted"}
    assert CampaignEmail.objects.get(pk=bare.pk).state == "planned"


def test_a_held_campaign_is_not_drafted(no_key: None) -> None:
    email = factories.make_email(factories.make_campaign(state="held"))
    assert tasks.draft_due() == 0
    assert services.draft(email=email, now=NOW) is None


def test_a_person_saves_the_next_revision(marketer: Any) -> None:
    email = factories.make_email(state="drafted")
    factories.make_revision(email)
    text = factories.make_draft(subject="Kite 2.4.0 comes on 25 November")
    revision = services.revise(email=email, text=text, by=marketer, now=NOW)
    assert (revision.number, revision.author, revision.drafter) == (2, marketer, "")
    assert revision.digest == text.digest()


def test_saving_the_same_text_again_makes_no_revision(marketer: Any) -> None:
    email = factories.make_email(state="drafted")
    first = factories.make_revision(email)
    assert services.revise(email=email, text=factories.make_draft(), by=marketer, now=NOW) == first
    assert email.revisions.count() == 1


def test_nobody_edits_what_is_being_sent(marketer: Any) -> None:
    email = factories.make_email(state="sending")
    factories.make_revision(email)
    with pytest.raises(services.DraftRefused, match="sending"):
        services.revise(email=email, text=factories.make_draft(subject="Another subject for it"), by=marketer, now=NOW)


def test_editing_needs_the_right(operator: Any) -> None:
    email = factories.make_email(state="drafted")
    factories.make_revision(email)
    with pytest.raises(PermissionDenied):
        services.revise(email=email, text=factories.make_draft(), by=operator, now=NOW)


def test_one_block_can_be_proposed_anew_and_nothing_is_saved(model: OpenAISimulator, marketer: Any) -> None:
    email = factories.make_email(state="drafted")
    factories.make_revision(email)
    proposal = services.redraft_block(email=email, block="highlights", by=marketer, now=NOW)
    assert proposal.drafter == "openai:gpt-5.5"
    assert proposal.sentences == (Sentence("Calendars can now be exported as iCalendar files.", ("KITE-1",)),)
    assert email.revisions.count() == 1


def test_a_block_proposed_when_the_model_is_away_comes_from_the_rules(
    model: OpenAISimulator, faults: Faults, marketer: Any
) -> None:
    faults.add(Fault("openai", "refuse", status=400, times=0))
    email = factories.make_email(state="drafted")
    factories.make_revision(email)
    proposal = services.redraft_block(email=email, block="fixes", by=marketer, now=NOW)
    assert proposal.drafter == "extractive"
    assert proposal.sentences[0].keys == ("KITE-2",)


def test_sources_show_which_sentences_cite_an_issue_and_what_none_mentions() -> None:
    text = factories.make_draft().with_block("fixes", ())
    shown = selectors.sources(text, factories.FACTS)
    feature = shown.by_kind["feature"][0]
    assert (feature.issue.key, feature.cited_at) == ("KITE-1", (("highlights", 0),))
    assert [issue.key for issue in shown.unmentioned] == ["KITE-2"]
    assert [issue.key for issue in shown.excluded] == ["KITE-9"]


def test_the_edit_distance_is_nought_for_the_same_and_one_for_another_text() -> None:
    text = factories.make_draft()
    assert selectors.edit_distance(text, text) == 0
    other = text.with_block("highlights", [Sentence("Something entirely different was written instead.")])
    assert 0 < selectors.edit_distance(text, other) < 1


@pytest.mark.parametrize(("key", "said"), [(KEY, "kept to the schema"), ("", "No OpenAI key is set")])
def test_an_operator_tests_the_connection_before_anything_was_drafted(
    key: str, said: str, model: OpenAISimulator, settings: Any, sign_in: Any
) -> None:
    settings.OPENAI_API_KEY = key
    operator = sign_in("Operator")
    get_user_model().objects.update(is_staff=True)
    listed = reverse("admin:campaigns_draftrun_changelist")
    assert "Test the connection to the model" in operator.get(listed).text
    address = reverse("admin:campaigns_draftrun_test_connection")
    assert said in operator.post(address, follow=True).text
    assert operator.get(address).status_code == 405


def test_who_may_not_look_at_runs_may_not_test_the_connection(db: None, sign_in: Any) -> None:
    nobody = sign_in("")
    get_user_model().objects.update(is_staff=True)
    assert nobody.post(reverse("admin:campaigns_draftrun_test_connection")).status_code == 403
