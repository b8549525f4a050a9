"""The page of how good drafts are: what is counted, and that it costs the same few queries for one campaign or many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.drafting.models import DraftRun
from campaigns.drafting.text import Sentence
from campaigns.models import Approval, CampaignEmail, Waiver
from campaigns.review import quality
from relmail.roles import MARKETER
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def drafted(email: CampaignEmail, *, drafter: str = "openai:m", prompt: str = "v2", **run: Any) -> None:
    """Let the first text of an e-mail be a draft, made an hour before it was approved."""
    revision = email.revisions.order_by("number")[0]
    email.revisions.filter(pk=revision.pk).update(drafter=drafter, created_at=NOW - dt.timedelta(hours=1))
    numbers = {"sentences": 10, "unsupported": 1, "doubtful": 2, "cost": Decimal("0.5"), **run}
    DraftRun.objects.create(
        email=email, revision=revision, drafter=drafter, model="m", prompt_version=prompt, snapshot_digest="d",
        outcome="succeeded", at=NOW, **numbers,
    )  # fmt: skip


def test_an_e_mail_that_was_approved_as_drafted_did_not_change() -> None:
    email = factories.make_approved_email()
    drafted(email)
    found = quality.quality(days=30, now=NOW)
    assert found.total is not None
    assert (found.total.mails, found.total.distance, found.total.duration) == (1, 0.0, "60 min")
    assert found.total.unsupported == pytest.approx(0.1)
    assert found.total.doubtful == pytest.approx(0.2)
    assert [line.label for line in found.by_writer] == ["the model m, prompts v2"]
    assert [line.campaign for line in found.by_campaign] == [email.campaign]


def test_the_distance_is_that_of_the_first_draft_to_the_first_approval() -> None:
    email = factories.make_approved_email()
    drafted(email)
    edited = factories.make_draft().with_block("highlights", [Sentence("Export whole calendars.", ("KITE-1",))])
    revision = factories.make_revision(email, edited, author=factories.make_user(MARKETER))
    first = Approval.objects.get()
    Approval.objects.filter(pk=first.pk).update(revision=revision, voided_at=NOW)
    other = factories.make_draft(subject="Something else")
    later = factories.make_revision(email, other, author=factories.make_user(MARKETER))
    Approval.objects.create(
        email=email, revision=later, rendition=first.rendition, decision="approved", by=first.by,
        at=NOW + dt.timedelta(days=1),
    )  # fmt: skip
    found = quality.quality(days=30, now=NOW + dt.timedelta(days=2))
    assert found.total is not None
    assert (found.total.mails, found.total.duration) == (1, "60 min")
    assert 0 < found.total.distance < 0.3


def test_waivers_are_counted_and_prompts_kept_apart() -> None:
    old, new = factories.make_approved_email(), factories.make_approved_email()
    drafted(old, prompt="v1", unsupported=5)
    drafted(new, prompt="v2", unsupported=0)
    for number in range(3):
        Waiver.objects.create(email=old, rule="sources", fingerprint=str(number), message="m", reason="r", at=NOW)
    lines = {line.label: line for line in quality.quality(days=30, now=NOW).by_writer}
    assert (lines["the model m, prompts v1"].waived, lines["the model m, prompts v1"].unsupported) == (3, 0.5)
    assert (lines["the model m, prompts v2"].waived, lines["the model m, prompts v2"].unsupported) == (0, 0)


def test_what_no_machine_drafted_and_what_is_older_is_left_out() -> None:
    person = factories.make_approved_email()
    person.revisions.update(drafter="", author=factories.make_user(MARKETER))
    assert quality.quality(days=30, now=NOW).total is None
    drafted(factories.make_approved_email())
    assert quality.quality(days=30, now=NOW).total is not None
    assert quality.quality(days=30, now=NOW + dt.timedelta(days=31)).total is None


def test_one_campaign_can_be_looked_at_alone(sign_in: Callable[[str], Browser]) -> None:
    one, other = factories.make_approved_email(), factories.make_approved_email()
    drafted(one)
    drafted(other, prompt="v1")
    Approval.objects.update(at=dt.datetime.now(dt.UTC))
    browser = sign_in(MARKETER)
    everything = browser.get(reverse("review:quality")).text
    alone = browser.get(reverse("review:quality"), {"campaign": one.campaign_id, "days": "30"}).text
    assert "prompts v1" in everything
    assert "prompts v1" not in alone
    assert "prompts v2" in alone
    for odd in ("0", "-1", "x", "9" * 30):
        assert browser.get(reverse("review:quality"), {"campaign": odd}).status_code == 404
    assert browser.get(reverse("review:quality"), {"days": "²"}).status_code == 200


def test_the_page_asks_as_often_for_ten_campaigns_as_for_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            quality.quality(days=30, now=NOW)
        return len(seen)

    drafted(factories.make_approved_email())
    few = queries()
    for _ in range(9):
        drafted(factories.make_approved_email())
    assert queries() == few == 4


@pytest.mark.parametrize(("budget", "said"), [(0, "1.50 EUR"), (20, "1.50 of 20.00 EUR")])
def test_what_the_model_cost_names_its_currency(
    sign_in: Callable[[str], Browser], settings: Any, budget: int, said: str
) -> None:
    settings.OPENAI_CURRENCY, settings.OPENAI_MONTHLY_BUDGET = "EUR", budget
    DraftRun.objects.create(
        email=factories.make_email(), drafter="openai", outcome="succeeded", cost=Decimal("1.5"), at=timezone.now()
    )
    assert f"<dd>{said}</dd>" in sign_in(MARKETER).get(reverse("review:quality")).text


def test_it_is_linked_from_the_overview_and_the_campaign(sign_in: Callable[[str], Browser]) -> None:
    email = factories.make_approved_email()
    browser = sign_in(MARKETER)
    address = reverse("review:quality")
    assert address in browser.get(reverse("analytics:overview")).text
    assert f"{address}?campaign={email.campaign_id}" in browser.get(email.campaign.get_absolute_url()).text
    assert Browser().get(address).status_code == 302
    assert sign_in("").get(address).status_code == 403
