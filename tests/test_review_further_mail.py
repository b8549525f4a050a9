"""What a mail promises of further mails is held against those that are planned."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from campaigns.drafting import extractive
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence
from campaigns.planning.models import CampaignEmail
from campaigns.review import preflight
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
STEPS = ("announcement", "reminder", "release_day", "follow_up")


def series(step: str, line: str, to_come: tuple[str, ...]) -> CampaignEmail:
    """A drafted e-mail of this step that closes with a line; of the others those that are named are planned."""
    email = factories.make_email(step=step, state="drafted")
    factories.make_revision(email, factories.make_draft().with_block("closing", [Sentence(line)]))
    for other in STEPS:
        if other != step:
            state = "planned" if other in to_come else "cancelled"
            factories.make_email(email.campaign, step=other, state=state, send_at=NOW + dt.timedelta(days=9))
    return email


def found(email: CampaignEmail) -> list[str]:
    email = CampaignEmail.objects.get(pk=email.pk)
    revision: Any = email.revisions.first()
    return [each.message for each in preflight.run(email, revision, NOW) if each.rule == "further_mail"]


@pytest.mark.parametrize(
    ("step", "line", "to_come", "said"),
    [
        ("announcement", "We will send a reminder shortly before the release.", ("reminder", "follow_up"), ""),
        ("announcement", "We will send a reminder shortly before the release.", ("release_day",), "no reminder"),
        ("announcement", "We will remind you.", (), "no further e-mail"),
        ("reminder", "We will write again on the day of the release.", ("release_day",), ""),
        ("reminder", "We will write again on the day of the release.", ("follow_up",), "for the day of the release"),
        ("release_day", "In some days we will write once more and ask how the update went.", ("follow_up",), ""),
        ("release_day", "In some days we will write once more and ask how the update went.", (), "no further e-mail"),
        ("announcement", "We will write again after the release.", ("reminder", "release_day"), "after the release"),
        ("follow_up", "We will write again.", ("announcement", "reminder"), "no further e-mail"),
        ("release_day", "This is our last message about this release.", (), ""),
        ("release_day", "This is our last message about this release.", ("follow_up",), "one more is planned"),
        ("announcement", "This is the last mail.", ("reminder", "release_day"), "2 more are planned"),
        ("release_day", "Tell us, and we will write back.", (), ""),
    ],
)
def test_a_promise_of_a_further_mail_needs_one_that_is_planned(
    step: str, line: str, to_come: tuple[str, ...], said: str
) -> None:
    messages = found(series(step, line, to_come))
    assert len(messages) == bool(said) and said in "".join(messages)


def test_a_mail_that_is_cancelled_later_makes_the_promise_of_the_one_before_it_empty() -> None:
    email = series("announcement", "We will send a reminder shortly before the release.", ("reminder",))
    assert not found(email)
    email.campaign.emails.filter(step="reminder").update(state="cancelled")
    assert found(email)


@pytest.mark.parametrize("step", STEPS)
def test_a_draft_by_rules_promises_what_a_whole_series_keeps(step: str) -> None:
    email = series(step, "Thank you.", tuple(other for other in STEPS if STEPS.index(other) > STEPS.index(step)))
    facts = Facts.from_json(email.campaign.release.snapshots.get().facts)
    factories.make_revision(email, extractive.draft(facts, step))
    assert not found(email)
