"""The desk: what awaits each role, what goes out next, what went wrong, and how much of the database that asks."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from analytics.models import Alert
from campaigns.delivery.models import Batch
from campaigns.models import Sender
from releases.models import SyncRun
from relmail import agenda, desk
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories

pytestmark = pytest.mark.django_db


def waiting(user: Any) -> list[tuple[str, str]]:
    return [(task.email.step, task.next_label) for task in desk.awaits(user, now=timezone.now())]


def one_of_each() -> Any:
    """A campaign whose four e-mails are drafted, in review, held and to be changed."""
    campaign = factories.make_campaign()
    for step, state in (
        ("announcement", "drafted"), ("reminder", "in_review"), ("release_day", "held"), ("follow_up", "needs_changes"),
    ):  # fmt: skip
        factories.make_revision(factories.make_email(campaign, step=step, state=state))
    return campaign


def test_a_marketer_sees_what_is_to_be_edited(marketer: Any) -> None:
    one_of_each()
    assert waiting(marketer) == [("announcement", "Edit and submit"), ("follow_up", "Mend and submit")]


def test_a_release_manager_sees_reviews_and_held_e_mails_as_well(release_manager: Any) -> None:
    one_of_each()
    assert waiting(release_manager) == [
        ("announcement", "Edit and submit"),
        ("reminder", "Review"),
        ("release_day", "Decide"),
        ("follow_up", "Mend and submit"),
    ]


def test_an_operator_sees_what_is_held(operator: Any) -> None:
    one_of_each()
    assert waiting(operator) == [("release_day", "Decide")]


def test_the_last_editor_is_not_asked_to_approve_the_own_text(release_manager: Any) -> None:
    email = factories.make_email(state="in_review")
    factories.make_revision(email)
    factories.make_revision(email, author=release_manager)
    other = factories.make_user(RELEASE_MANAGER)
    assert waiting(release_manager) == []
    assert waiting(other) == [("announcement", "Review")]

    product = email.campaign.release.product
    product.self_approval = True
    product.save(update_fields=["self_approval"])
    assert waiting(release_manager) == [("announcement", "Review")]


def test_a_draft_of_the_machine_may_be_approved_by_any_release_manager(release_manager: Any) -> None:
    email = factories.make_email(state="in_review")
    factories.make_revision(email)
    assert waiting(release_manager) == [("announcement", "Review")]


def test_what_waits_in_a_held_campaign_says_that_it_is_held(release_manager: Any) -> None:
    campaign = one_of_each()
    campaign.state = "held"
    campaign.save(update_fields=["state"])
    tasks = desk.awaits(release_manager, now=timezone.now())
    assert len(tasks) == 4
    assert all("Its campaign is held" in task.why for task in tasks)


def test_the_desk_shows_exactly_what_the_review_room_says(release_manager: Any) -> None:
    from campaigns.review.selectors import awaiting

    one_of_each()
    now = timezone.now()
    shown = [task.email.pk for task in desk.awaits(release_manager, now=now)]
    assert shown == [item.email.pk for item in awaiting(release_manager, now)]


@pytest.mark.parametrize(
    ("held_from", "campaigns_page"), [("in_review", False), ("approved", False), ("drafted", True)]
)
def test_what_is_held_leads_to_where_it_is_decided(held_from: str, campaigns_page: bool, release_manager: Any) -> None:
    email = factories.make_email(state="held", state_reason="The date moved.", held_from=held_from)
    (task,) = desk.awaits(release_manager, now=timezone.now())
    assert task.next_link == (email.campaign if campaigns_page else email).get_absolute_url()


def test_a_release_manager_has_a_queue_with_the_next_one(sign_in: Any) -> None:
    now = timezone.now()
    campaign = factories.make_campaign()
    later = factories.make_email(campaign, step="reminder", state="in_review", send_at=now + dt.timedelta(days=9))
    sooner = factories.make_email(campaign, step="follow_up", state="in_review", send_at=now + dt.timedelta(days=2))
    for email in (later, sooner):
        factories.make_revision(email)
    answer = sign_in(RELEASE_MANAGER).get("/")
    assert [task.email.pk for task in answer.context["queue"]] == [sooner.pk, later.pk]
    assert f'href="{sooner.get_absolute_url()}">Next review' in answer.text
    assert "Next review" not in sign_in(MARKETER).get("/").text


def test_what_is_due_first_stands_first(marketer: Any) -> None:
    now = timezone.now()
    campaign = factories.make_campaign()
    late = factories.make_email(campaign, step="announcement", state="drafted", send_at=now + dt.timedelta(days=9))
    soon = factories.make_email(campaign, step="reminder", state="drafted", send_at=now + dt.timedelta(days=2))
    assert [task.email.pk for task in desk.awaits(marketer, now=now)] == [soon.pk, late.pk]


@pytest.mark.parametrize(
    ("state", "days", "shown"),
    [
        ("planned", 1, True), ("approved", 13, True), ("approved", 15, False), ("approved", -1, False),
        ("sending", -1, True), ("paused", -1, True), ("sent", 1, False), ("cancelled", 1, False),
    ],
)  # fmt: skip
def test_the_next_two_weeks_show_what_will_or_does_go_out(state: str, days: int, shown: bool) -> None:
    # Noon, so that the day is the same one in the product's zone and in ours.
    now = timezone.now().replace(hour=12)
    email = factories.make_email(state=state, send_at=now + dt.timedelta(days=days))
    assert [found.pk for found in agenda.coming(now=now)] == ([email.pk] if shown else [])


def wrong(user: Any) -> list[str]:
    return [f"{trouble.tone}: {trouble.what}" for trouble in desk.troubles(user)]


def test_a_quiet_day_has_no_trouble(operator: Any) -> None:
    product = factories.make_product()
    SyncRun.objects.create(product=product, started_at=factories.NOW, outcome="failed", error="401")
    SyncRun.objects.create(product=product, started_at=factories.NOW + dt.timedelta(minutes=5), outcome="succeeded")
    Sender.objects.create(region="eu-central-1")
    Alert.objects.create(key="a", level="critical", message="over", at=factories.NOW, closed_at=factories.NOW)
    Batch.objects.create(email=factories.make_email(state="sent"), not_before=factories.NOW, accepted=50)
    assert wrong(operator) == []


@pytest.mark.parametrize(
    ("fields", "state", "told"),
    [
        ({"throttled_until": 1, "throttled_why": "quota"}, "sent", True),
        ({"throttled_until": 1}, "sent", False),
        ({"throttled_until": -1, "throttled_why": "quota"}, "sent", False),
        ({"max_per_day": 1000, "sent_last_day": 1000}, "sending", True),
        ({"max_per_day": 1000, "sent_last_day": 1000}, "sent", False),
        ({"max_per_day": 1000, "sent_last_day": 900}, "sending", False),
        ({"max_per_day": -1, "sent_last_day": 900}, "sending", False),
        ({"max_per_day": 1000, "sent_last_day": 1000, "region": "us-east-1"}, "sending", False),
    ],
)
def test_a_used_up_daily_quota_is_told_while_something_waits_for_it(
    operator: Any, fields: dict[str, Any], state: str, told: bool
) -> None:
    if "throttled_until" in fields:
        fields = {**fields, "throttled_until": timezone.now() + dt.timedelta(minutes=fields["throttled_until"])}
    Sender.objects.create(**{"region": "eu-central-1", **fields})
    email = factories.make_email(state=state)
    Batch.objects.create(email=email, not_before=factories.NOW, queued=5)
    assert wrong(operator) == (["warning: The daily quota of Amazon is used up"] if told else [])


def test_a_stopped_sender_of_another_region_is_no_trouble(operator: Any) -> None:
    Sender.objects.create(region="us-east-1", stopped_at=factories.NOW, stopped_reason="Moved.")
    assert wrong(operator) == []


def test_each_kind_of_trouble_is_told_with_its_next_step(marketer: Any) -> None:
    product = factories.make_product(name="Harbor")
    SyncRun.objects.create(product=product, started_at=factories.NOW, outcome="failed", error="Jira answered 401.")
    Sender.objects.create(region="eu-central-1", stopped_at=factories.NOW, stopped_reason="Too many bounces.")
    Alert.objects.create(key="a", level="critical", message="Complaints at 0.6 %", at=factories.NOW)
    campaign = factories.make_campaign()
    email = factories.make_email(campaign, state="sent")
    Batch.objects.create(email=email, not_before=factories.NOW, unknown=3, failed=2)
    factories.make_email(campaign, step="reminder", state="held", state_reason="The date moved.")
    found = desk.troubles(marketer)
    assert [trouble.what for trouble in found] == [
        "All sending is stopped",
        "Harbor could not be read from Jira",
        "Kite 2.4.0: Announcement: 3 unknown, 2 failed",
        "Critical: Complaints at 0.6 %",
        "Kite 2.4.0: Reminder is held",
    ]
    assert all(trouble.next_label and trouble.next_link.startswith("/") for trouble in found)


def test_who_can_decide_on_held_e_mails_finds_them_once(release_manager: Any) -> None:
    factories.make_email(state="held", state_reason="The date moved.")
    assert len(desk.awaits(release_manager, now=timezone.now())) == 1
    assert wrong(release_manager) == []


def test_home_does_not_say_that_nothing_is_held_beside_what_is(sign_in: Any) -> None:
    browser = sign_in(RELEASE_MANAGER)
    assert "nothing is held, unknown or failed" in browser.get("/").text
    factories.make_email(state="held", state_reason="Its moment has passed.")
    page = browser.get("/").text
    assert "nothing is held" not in page and "What is held stands under what awaits you." in page


def test_empty_desks_help(sign_in: Any) -> None:
    shown = sign_in(MARKETER).get("/").text
    assert "Nothing waits for you" in shown
    assert "Nothing in the next 14 days" in shown
    assert "Nothing went wrong" in shown


def test_text_from_outside_is_shown_as_text(sign_in: Any) -> None:
    product = factories.make_product(name="<script>alert(1)</script>")
    SyncRun.objects.create(
        product=product, started_at=factories.NOW, outcome="failed", error="<img src=x onerror=alert(1)>"
    )
    shown = sign_in(MARKETER).get("/").text
    assert "<script>alert(1)" not in shown
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER, OPERATOR])
@pytest.mark.parametrize("rows", [3, 30])
def test_the_desk_asks_the_same_few_queries_however_much_there_is(
    role: str, rows: int, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    cadence = factories.make_cadence()
    for number in range(rows):
        release = factories.make_release(name=f"2.{number}")
        campaign = factories.make_campaign(release, cadence=cadence)
        for step, state in (("announcement", "drafted"), ("reminder", "in_review"), ("release_day", "held")):
            factories.make_revision(
                factories.make_email(campaign, step=step, state=state, send_at=now + dt.timedelta(days=1))
            )
        factories.make_email(factories.make_campaign(cadence=cadence, state="held"), state="approved")
        paused = factories.make_email(factories.make_campaign(cadence=cadence), state="paused")
        Batch.objects.create(email=paused, not_before=now, queued=1)
        sent = factories.make_email(campaign, step="follow_up", state="sent")
        Batch.objects.create(email=sent, not_before=now, unknown=1)
        Alert.objects.create(key=str(number), level="warning", message="Look", at=now, email=sent)
        SyncRun.objects.create(product=release.product, started_at=now, outcome="failed")
    browser: Browser = sign_in(role)
    # Three of them for held campaigns and paused sends, with their figures.
    with django_assert_max_num_queries(18):
        assert browser.get("/").status_code == 200


def test_a_held_campaign_and_a_paused_send_stand_on_the_desk_of_who_may_let_them_go_on(sign_in: Any) -> None:
    now = timezone.now()
    campaign = factories.make_campaign(state="held", hold_reason="The release is archived.")
    factories.make_email(campaign, state="approved", send_at=now + dt.timedelta(days=2))
    paused = factories.make_email(state="paused", state_reason="A client asked.", send_at=now)
    Batch.objects.create(email=paused, not_before=now, accepted=1200, queued=300)
    answer = sign_in(RELEASE_MANAGER).get("/")
    assert "The release is archived. An approved e-mail of it waits" in answer.text
    assert f'href="{campaign.get_absolute_url()}">Let it go on, or cancel' in answer.text
    assert "1,200 of 1,500 have it, 300 wait. A client asked." in answer.text
    assert f'{paused.get_absolute_url()}#send-stops">Resume or cancel' in answer.text
    assert answer.context["others"] == 2
    assert "nothing is held" not in answer.text
    marketers = sign_in(MARKETER).get("/").text
    assert "The campaign of" in marketers and "is held" in marketers
    assert f"{paused} is paused" in marketers
    assert "Resume or cancel" not in marketers and "Let it go on" not in marketers


def test_each_count_of_the_desk_leads_to_a_list_of_as_many(sign_in: Any) -> None:
    now = timezone.now()
    at = now + dt.timedelta(days=1)
    for number in range(desk.SHOWN + 2):
        campaign = factories.make_campaign(factories.make_release(name=f"2.{number}"))
        factories.make_revision(factories.make_email(campaign, state="in_review", send_at=at))
        factories.make_email(campaign, step="reminder", state="held", send_at=at)
    browser = sign_in(RELEASE_MANAGER)
    page = browser.get("/").text
    for part, rows in (("queue", desk.SHOWN + 2), ("awaits", desk.SHOWN + 2), ("coming", 2 * (desk.SHOWN + 2))):
        assert re.search(rf'class="count" href="/\?all={part}#\w+">{rows}<', page)
        whole = browser.get(f"/?all={part}").text
        if part == "coming":
            assert "more</a>" not in whole
            assert whole.count('<div class="at">') == rows
        else:
            listing = whole[whole.index(f'id="{part}-list"') :].partition("</ul>")[0]
            assert listing.count("<li>") == rows
