"""Plan, move, hold and cancel: every verb leaves a line, refuses clearly, and wins or loses as a whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from campaigns import states
from campaigns.models import Cadence, Campaign, CampaignEmail, Transition
from campaigns.planning import services, ticks
from releases.models import Release
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def planned(release: Release | None = None, **arguments: object) -> Campaign:
    release = release or factories.make_release()
    if not release.snapshots.exists():
        factories.make_snapshot(release)
    arguments.setdefault("cadence", factories.make_cadence())
    return services.plan(release=release, by=None, now=NOW, **arguments)  # type: ignore[arg-type]


def test_a_release_becomes_four_emails_at_ten_local_time() -> None:
    campaign = planned()
    found = list(campaign.emails.values_list("step", "state", "send_at"))
    assert found == [
        ("announcement", "planned", dt.datetime(2026, 11, 11, 9, 0, tzinfo=dt.UTC)),
        ("reminder", "planned", dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)),
        ("release_day", "planned", dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)),
        ("follow_up", "planned", dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)),
    ]
    assert Transition.objects.filter(campaign=campaign, what="email", after="planned").count() == 4


def test_an_email_whose_moment_has_passed_is_held_not_planned() -> None:
    campaign = planned(factories.make_release(release_date=NOW.date() + dt.timedelta(days=5)))
    announcement = campaign.emails.get(step="announcement")
    assert announcement.state == "held"
    assert "had passed when it was planned" in announcement.state_reason
    assert campaign.emails.get(step="reminder").state == "planned"


def test_the_product_lists_are_the_audience_unless_others_are_chosen() -> None:
    product = factories.make_product()
    own = factories.make_list(product=product)
    other = factories.make_list()
    assert list(planned(factories.make_release(product)).lists.all()) == [own]
    chosen = planned(factories.make_release(product, name="2.5.0"), lists=[other])
    assert list(chosen.lists.all()) == [other]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"release_date": None}, "no release date"),
        ({"state": "archived"}, "is archived"),
        ({"state": "deleted"}, "deleted in jira"),
    ],
)
def test_a_release_that_cannot_be_announced_is_refused_with_the_reason(change: dict[str, object], said: str) -> None:
    release = factories.make_release(**change)
    with pytest.raises(services.PlanRefused, match=said):
        planned(release)
    assert not Campaign.objects.exists()


def test_a_release_that_was_never_read_is_refused() -> None:
    with pytest.raises(services.PlanRefused, match="Sync it first"):
        services.plan(release=factories.make_release(), cadence=factories.make_cadence(), by=None, now=NOW)


def test_a_release_has_one_campaign() -> None:
    release = factories.make_release()
    planned(release)
    with pytest.raises(services.PlanRefused, match="has a campaign already"):
        planned(release)
    assert CampaignEmail.objects.count() == 4


def test_only_who_may_plan_plans(marketer: object, operator: object) -> None:
    release = factories.make_release()
    factories.make_snapshot(release)
    cadence = factories.make_cadence()
    with pytest.raises(PermissionDenied, match=r"campaigns\.plan_campaign"):
        services.plan(release=release, cadence=cadence, by=operator, now=NOW)
    campaign = services.plan(release=release, cadence=cadence, by=marketer, now=NOW)
    assert campaign.owner == marketer


def test_a_moved_release_moves_all_its_emails_as_one() -> None:
    campaign = planned()
    before = dict(campaign.emails.values_list("step", "send_at"))
    Release.objects.update(release_date=dt.date(2026, 12, 2))
    assert ticks.follow_jira(now=NOW) == 1
    after = dict(campaign.emails.values_list("step", "send_at"))
    assert {step: after[step] - before[step] for step in before} == dict.fromkeys(before, dt.timedelta(days=7))
    assert Transition.objects.filter(campaign=campaign, what="time").count() == 4
    assert ticks.follow_jira(now=NOW) == 0


def test_a_moved_release_leaves_alone_what_a_person_timed_and_what_went_out(marketer: object) -> None:
    campaign = planned()
    chosen = campaign.emails.get(step="reminder")
    services.set_send_at(email=chosen, send_at=NOW + dt.timedelta(days=9), by=marketer, now=NOW)
    campaign.emails.filter(step="announcement").update(state="sent")
    sent_at = campaign.emails.get(step="announcement").send_at
    Release.objects.update(release_date=dt.date(2026, 12, 2))
    ticks.follow_jira(now=NOW)
    assert campaign.emails.get(step="reminder").send_at == NOW + dt.timedelta(days=9)
    assert campaign.emails.get(step="announcement").send_at == sent_at
    assert campaign.emails.get(step="release_day").send_at == dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)


def test_an_approved_email_whose_time_moves_goes_back_to_review() -> None:
    campaign = planned()
    campaign.emails.filter(step="announcement").update(state="approved")
    Release.objects.update(release_date=dt.date(2026, 12, 2))
    ticks.follow_jira(now=NOW)
    assert campaign.emails.get(step="announcement").state == "in_review"


def test_a_release_that_loses_its_date_holds_its_emails() -> None:
    campaign = planned()
    Release.objects.update(release_date=None)
    ticks.follow_jira(now=NOW)
    assert set(campaign.emails.values_list("state", flat=True)) == {"held"}


@pytest.mark.parametrize("state", ["archived", "deleted"])
def test_a_release_that_is_gone_holds_its_campaign(state: str) -> None:
    campaign = planned()
    Release.objects.update(state=state)
    ticks.follow_jira(now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == "held"
    assert campaign.hold_reason.startswith("The release is")


def test_the_tick_plans_near_releases_once_and_leaves_far_ones() -> None:
    cadence = factories.make_cadence(plan_from_days=60)
    Cadence.objects.update(is_default=False)
    Cadence.objects.filter(pk=cadence.pk).update(is_default=True)
    near = factories.make_release()
    far = factories.make_release(name="3.0.0", release_date=NOW.date() + dt.timedelta(days=90))
    past = factories.make_release(name="1.0.0", release_date=NOW.date() - dt.timedelta(days=1))
    unread = factories.make_release(name="2.6.0")
    for release in (near, far, past):
        factories.make_snapshot(release)
    assert ticks.plan_due(now=NOW) == 1
    assert ticks.plan_due(now=NOW) == 0
    assert list(Campaign.objects.values_list("release_id", flat=True)) == [near.pk]
    assert unread.snapshots.count() == 0


def test_two_who_move_the_same_email_cannot_both_win() -> None:
    email = factories.make_email(state="in_review")
    same = CampaignEmail.objects.get(pk=email.pk)
    services.move(email=email, to="approved", by=None, why="", now=NOW)
    with pytest.raises(states.MoveRefused, match="somebody else was faster"):
        services.move(email=same, to="needs_changes", by=None, why="", now=NOW)
    assert CampaignEmail.objects.get(pk=email.pk).state == "approved"
    assert Transition.objects.filter(email=email).count() == 1


@pytest.mark.parametrize("before", sorted(states.EMAIL))
@pytest.mark.parametrize("after", sorted(states.EMAIL))
def test_an_email_moves_only_as_the_table_allows(before: str, after: str) -> None:
    email = factories.make_email(state=before)
    if after in states.EMAIL[before].moves:
        services.move(email=email, to=after, by=None, why="because", now=NOW)
        assert CampaignEmail.objects.get(pk=email.pk).state == after
        assert Transition.objects.get(email=email).why == "because"
    else:
        with pytest.raises(states.MoveRefused):
            services.move(email=email, to=after, by=None, why="because", now=NOW)
        assert CampaignEmail.objects.get(pk=email.pk).state == before
        assert not Transition.objects.filter(email=email).exists()


def test_a_held_email_returns_to_where_it_was_but_never_straight_to_sending(release_manager: object) -> None:
    for before, after in (("drafted", "drafted"), ("in_review", "in_review"), ("approved", "approved")):
        email = factories.make_email(state=before)
        services.hold_email(email=email, why="look again", by=release_manager, now=NOW)
        services.resume_email(email=email, by=release_manager, now=NOW)
        assert email.state == after
    late = factories.make_email(state="approved", send_at=NOW - dt.timedelta(days=1))
    services.hold_email(email=late, why="late", by=release_manager, now=NOW)
    with pytest.raises(services.PlanRefused, match="Choose a new time first"):
        services.resume_email(email=late, by=release_manager, now=NOW)
    # What a person held is given back by a person, whatever its time.
    services.set_send_at(email=late, send_at=NOW + dt.timedelta(days=1), by=release_manager, now=NOW)
    assert (late.state, late.state_reason) == ("held", "late")
    services.resume_email(email=late, by=release_manager, now=NOW)
    assert late.state == "approved", "the tick looks whether the approval still fits, before anything is sent"
    assert "sending" not in states.EMAIL["held"].moves


def test_a_cancelled_campaign_cancels_what_has_not_started(release_manager: object) -> None:
    campaign = planned()
    campaign.emails.filter(step="announcement").update(state="sent")
    campaign.emails.filter(step="reminder").update(state="sending")
    services.cancel_campaign(campaign=campaign, why="pulled", by=release_manager, now=NOW)
    assert dict(campaign.emails.values_list("step", "state")) == {
        "announcement": "sent",
        "reminder": "sending",
        "release_day": "cancelled",
        "follow_up": "cancelled",
    }


def test_a_time_in_the_past_cannot_be_chosen(marketer: object) -> None:
    email = factories.make_email(state="drafted")
    with pytest.raises(services.PlanRefused, match="has passed"):
        services.set_send_at(email=email, send_at=NOW, by=marketer, now=NOW)


def test_other_lists_send_an_approved_email_back_to_review(marketer: object) -> None:
    campaign = planned()
    campaign.emails.filter(step="announcement").update(state="approved")
    same = list(campaign.lists.all())
    services.set_lists(campaign=campaign, lists=same, by=marketer, now=NOW)
    assert campaign.emails.get(step="announcement").state == "approved"
    services.set_lists(campaign=campaign, lists=[factories.make_list()], by=marketer, now=NOW)
    assert campaign.emails.get(step="announcement").state == "in_review"


def test_a_campaign_is_finished_when_every_email_has_ended() -> None:
    campaign = planned()
    campaign.emails.exclude(step="follow_up").update(state="sent")
    assert ticks.finish_due(now=NOW) == 0
    campaign.emails.filter(step="follow_up").update(state="cancelled")
    assert ticks.finish_due(now=NOW) == 1
    campaign.refresh_from_db()
    assert campaign.state == "finished"


@pytest.mark.parametrize("state", ["planned", "drafted", "in_review", "needs_changes"])
def test_what_nobody_approved_in_time_is_held_once_no_approval_can_send_it(state: str, release_manager: Any) -> None:
    email = factories.make_email(state=state, send_at=NOW)
    limit = NOW + email.late_after
    assert ticks.hold_missed(now=limit) == 0
    late = limit + dt.timedelta(seconds=1)
    assert [ticks.hold_missed(now=late), ticks.hold_missed(now=late)] == [1, 0]
    email.refresh_from_db()
    assert (email.state, email.held_from) == ("held", state)
    assert "late mail is not sent. Choose a new time" in email.state_reason
    with pytest.raises(services.PlanRefused, match="Choose a new time first"):
        services.resume_email(email=email, by=release_manager, now=late)
    services.set_send_at(email=email, send_at=late + dt.timedelta(hours=1), by=release_manager, now=late)
    assert ticks.hold_missed(now=late) == 0
    email.refresh_from_db()
    assert email.state == state, "the new time ends the hold"
    assert "late mail" not in email.state_reason


def test_which_changes_are_asked_for_stays_the_reason_after_a_hold(release_manager: Any) -> None:
    email = factories.make_email(state="in_review")
    services.move(email=email, to="needs_changes", by=release_manager, why="Name the date.", now=NOW)
    services.hold_email(email=email, why="Wait.", by=release_manager, now=NOW)
    services.resume_email(email=email, by=release_manager, now=NOW)
    assert (email.state, email.state_reason) == ("needs_changes", "Name the date.")


@pytest.mark.parametrize("given", [None, NOW - dt.timedelta(days=1)])
def test_a_new_time_brings_an_approved_e_mail_that_missed_its_own_to_review_only(
    given: dt.datetime | None, release_manager: Any
) -> None:
    email = factories.make_email(state="approved", send_at=given)
    services.move(email=email, to="held", by=None, why="Its moment has passed.", now=NOW)
    services.set_send_at(email=email, send_at=NOW + dt.timedelta(days=1), by=release_manager, now=NOW)
    assert email.state == "in_review"


def test_a_new_time_ends_no_hold_that_the_facts_made(release_manager: Any) -> None:
    email = factories.make_email(state="approved", send_at=NOW - dt.timedelta(days=1))
    services.move(
        email=email, to="held", by=None, why="A note changed.", now=NOW - dt.timedelta(days=2), held_by_approval=True
    )
    services.set_send_at(email=email, send_at=NOW + dt.timedelta(days=1), by=release_manager, now=NOW)
    assert (email.state, email.state_reason) == ("held", "A note changed.")


def test_a_new_time_that_is_chosen_meanwhile_is_no_missed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (factories.make_email(state="in_review", send_at=NOW) for _ in range(2))
    late, move = NOW + first.late_after + dt.timedelta(minutes=1), services.move

    def slow(**asked: Any) -> CampaignEmail:
        CampaignEmail.objects.filter(pk=second.pk).update(send_at=late + dt.timedelta(days=1))
        return move(**asked)

    monkeypatch.setattr(services, "move", slow)
    assert ticks.hold_missed(now=late) == 1
    second.refresh_from_db()
    assert second.state == "in_review"


def test_nothing_of_a_held_campaign_is_called_missed_before_it_goes_on(release_manager: Any) -> None:
    email = factories.make_email(state="in_review", send_at=NOW)
    services.hold_campaign(campaign=email.campaign, why="Wait.", by=release_manager, now=NOW)
    late = NOW + email.late_after + dt.timedelta(minutes=1)
    assert ticks.hold_missed(now=late) == 0
    services.resume_campaign(campaign=email.campaign, by=release_manager, now=late)
    assert ticks.hold_missed(now=late) == 1
