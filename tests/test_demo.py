"""The end of `manage.py demo`: what it says is left for a person."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from relmail.demo import report, story
from tests import factories
from tests.test_analytics_figures import happened, messages

pytestmark = pytest.mark.django_db


def test_every_campaign_that_waits_is_named_the_soonest_first_and_the_told_one_is_not() -> None:
    product = factories.make_product()
    told, later, sooner = (
        factories.make_campaign(factories.make_release(product, name=name, release_date=date))
        for name, date in (
            ("4.2.0", dt.date(2026, 11, 25)),
            ("5.0.0", dt.date(2027, 1, 20)),
            ("4.3.0", dt.date(2026, 12, 20)),
        )
    )
    factories.make_email(told, state="drafted")
    factories.make_email(later, state="drafted")
    factories.make_email(later, step="reminder", state="planned")
    factories.make_email(sooner, state="drafted")
    assert story.waiting(told) == [(sooner, True), (later, False)]


def test_a_campaign_that_is_over_does_not_wait() -> None:
    told, over = factories.make_campaign(), factories.make_campaign()
    factories.make_email(over, state="sent")
    assert story.waiting(told) == []


def test_a_report_that_cannot_be_written_is_told_before_anything_starts() -> None:
    with pytest.raises(CommandError, match=r"--report: there is no folder for /nowhere/r\.json\."):
        call_command("demo", "--exit", report="/nowhere/r.json")


def test_what_came_back_is_told_with_hard_bounces_apart_from_soft_ones() -> None:
    email = factories.make_email(state="sending")
    people = messages(email, 5)
    happened("send", people)
    happened("bounce", people[:2], subtype="Permanent/General")
    happened("bounce", people[2:3], subtype="Transient/General")
    other = factories.make_email(factories.make_campaign(), state="sending")
    happened("complaint", messages(other, 1))
    told = report.events_in_words(email.campaign)
    assert told == ["2 hard bounced", "5 sent by SES", "1 soft bounced"]
