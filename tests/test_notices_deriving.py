"""Who is told of what: each change of state, each time that comes near, each mention; once, never the doer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail as outbox

from campaigns.models import Comment, Notice, NoticeChoice, Transition
from campaigns.notices import deriving, mailing
from campaigns.planning import services as planning
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Any]:
    """One of each role, and one without."""
    return {
        name: factories.make_user(role, username=name)
        for name, role in (("mara", MARKETER), ("rolf", RELEASE_MANAGER), ("olga", OPERATOR), ("nils", ""))
    }


@pytest.fixture
def email(people: dict[str, Any], now: dt.datetime) -> Any:
    """A drafted e-mail whose text Mara wrote, due in ten days."""
    found = factories.make_email(state="drafted", send_at=now + dt.timedelta(days=10), state_since=now)
    factories.make_revision(found, author=people["mara"])
    return found


def told(kind: str = "") -> dict[str, str]:
    """Who was told what: user name -> title."""
    rows = Notice.objects.filter(**({"kind": kind} if kind else {}))
    return dict(rows.order_by("pk").values_list("user__username", "title"))


def kinds_of(name: str) -> list[str]:
    return list(Notice.objects.filter(user__username=name).order_by("pk").values_list("kind", flat=True))


def go(email: Any, *states: str, by: Any, now: dt.datetime, why: str = "Because.") -> None:
    for state in states:
        planning.move(email=email, to=state, by=by, why=why, now=now)


def test_a_submission_asks_those_who_may_approve(email: Any, people: dict[str, Any], now: dt.datetime) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    assert deriving.derive(now=now) == 1
    assert told() == {"rolf": "Kite 2.4.0: Announcement waits for your yes or no"}


def test_the_last_editor_is_not_asked_unless_the_product_allows_it(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    factories.make_revision(email, author=people["rolf"])
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now)
    assert told() == {}

    product = email.campaign.release.product
    product.self_approval = True
    product.save(update_fields=["self_approval"])
    deriving.derive(now=now)
    assert list(told()) == ["rolf"]


def test_a_request_for_changes_reaches_the_writer_with_the_words(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    go(email, "needs_changes", by=people["rolf"], now=now, why="Too long.\nShorten it.")
    deriving.derive(now=now)
    notice = Notice.objects.get(kind="changes")
    assert (notice.user.username, notice.words) == ("mara", "rolf: Too long. Shorten it.")


def test_a_yes_reaches_the_writer_and_not_the_one_who_said_it(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    factories.make_revision(email, author=people["rolf"])
    go(email, "in_review", by=people["mara"], now=now)
    go(email, "approved", by=people["rolf"], now=now)
    deriving.derive(now=now)
    assert told("approved") == {"mara": "Kite 2.4.0: Announcement is approved"}


def test_an_emergency_approval_is_told_to_everybody_in_the_role_whatever_they_chose(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    NoticeChoice.objects.create(user=people["rolf"], kind="emergency", how="off")
    approval = factories.make_approved_email().approvals.get()
    Transition.objects.all().delete()
    Notice.objects.all().delete()
    approval.break_glass, approval.comment, approval.at, approval.by = True, "On fire.", now, people["olga"]
    approval.save()
    planning.history.record(
        what="email", email=approval.email, before="in_review", after="approved", why="On fire.", by=people["olga"],
        now=now,
    )  # fmt: skip
    deriving.derive(now=now)
    assert "Emergency" in told("emergency")["rolf"]
    assert "olga" not in told("emergency")


def test_a_void_approval_that_asks_for_another_is_one_notice_a_person(people: dict[str, Any], now: dt.datetime) -> None:
    email = factories.make_approved_email()
    Notice.objects.all().delete()
    planning.move(email=email, to="in_review", by=people["mara"], why="The lists changed.", now=now)
    deriving.derive(now=now)
    rolf = Notice.objects.filter(user=people["rolf"], thing__startswith="change:", kind__in=["voided", "asked"])
    assert [notice.kind for notice in rolf.filter(words__contains="lists changed")] == ["voided"]
    assert "it needs another" in told("voided")["rolf"]


def test_who_was_asked_is_told_when_the_text_is_taken_back(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now)
    go(email, "drafted", by=people["mara"], now=now)
    deriving.derive(now=now)
    assert told("voided") == {"rolf": "Kite 2.4.0: Announcement was taken back from review"}


def test_held_and_missed_are_told_apart_by_the_clock(email: Any, people: dict[str, Any], now: dt.datetime) -> None:
    go(email, "held", by=None, now=now)
    late = factories.make_email(email.campaign, step="reminder", state="approved", send_at=now - dt.timedelta(days=1))
    factories.make_revision(late, author=people["mara"])
    go(late, "held", by=None, now=now, why="Its moment has passed; late mail is not sent.")
    deriving.derive(now=now)
    assert sorted(told("held")) == ["mara", "olga", "rolf"]
    assert told("missed")["olga"] == "Kite 2.4.0: Reminder missed its time"


def test_a_held_campaign_is_told_to_those_who_can_let_it_go_on(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    planning.hold_campaign(campaign=email.campaign, why="The release is archived.", by=None, now=now)
    deriving.derive(now=now)
    assert told("held") == dict.fromkeys(["rolf", "olga"], "The campaign of Kite 2.4.0 is held")


@pytest.mark.parametrize(
    ("hours", "state", "thing"),
    [
        (25, "in_review", ""), (23, "in_review", ":24"), (1.5, "in_review", ":2"), (1.5, "drafted", ":2"),
        (1.5, "approved", ""), (1.5, "cancelled", ""),
    ],
)  # fmt: skip
def test_a_time_that_comes_near_without_an_approval_is_told(
    hours: float, state: str, thing: str, people: dict[str, Any], now: dt.datetime
) -> None:
    email = factories.make_email(
        state=state, send_at=now + dt.timedelta(hours=hours), state_since=now - dt.timedelta(days=9)
    )
    factories.make_revision(email, author=people["mara"])
    deriving.derive(now=now)
    things = set(Notice.objects.values_list("thing", flat=True))
    assert len(things) == bool(thing)
    assert all(found.startswith("slot:") and found.endswith(thing) for found in things)


@pytest.mark.parametrize(("hours", "window"), [(20, "24"), (1.5, "2")])
@pytest.mark.parametrize("before", ["planned", "in_review", "held"])
def test_what_becomes_a_draft_when_its_time_is_near_is_told_of_at_once(
    hours: float, window: str, before: str, people: dict[str, Any], now: dt.datetime
) -> None:
    due = now + dt.timedelta(hours=hours)
    email = factories.make_email(state=before, send_at=due, state_since=now - dt.timedelta(days=9))
    factories.make_revision(email, author=people["mara"])
    deriving.derive(now=now - dt.timedelta(days=1))
    Notice.objects.all().delete()
    go(email, "drafted", by=None, now=now)
    deriving.derive(now=now + dt.timedelta(minutes=1))
    slots = Notice.objects.filter(kind="slot").values_list("user__username", "thing")
    assert [(name, thing.rpartition(":")[2]) for name, thing in slots] == [("mara", window)]


def test_who_hears_that_an_approval_is_void_is_not_told_of_the_window_too(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", "approved", by=people["rolf"], now=now)
    type(email).objects.filter(pk=email.pk).update(send_at=now + dt.timedelta(hours=1.5))
    go(email, "drafted", by=people["rolf"], now=now)
    deriving.derive(now=now + dt.timedelta(minutes=1))
    assert "slot" not in kinds_of("mara")
    assert "voided" in kinds_of("mara")


def test_who_is_asked_within_the_window_is_not_told_of_the_window_too(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    email.send_at = now + dt.timedelta(hours=1)
    email.save(update_fields=["send_at"])
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now + dt.timedelta(minutes=1))
    assert kinds_of("rolf") == ["asked"]


def test_an_e_mail_that_nobody_approved_is_missed_once_it_is_too_late_to(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    email.send_at, email.late_after = now - dt.timedelta(hours=1), dt.timedelta(hours=2)
    email.save(update_fields=["send_at", "late_after"])
    deriving.derive(now=now)
    assert told("missed") == {}
    deriving.derive(now=now + dt.timedelta(hours=2))
    assert sorted(told("missed")) == ["mara", "olga", "rolf"]


def test_a_missed_time_stays_one_notice_when_the_mail_is_held_for_it_afterwards(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    email.send_at, email.late_after = now - dt.timedelta(hours=3), dt.timedelta(hours=2)
    email.save(update_fields=["send_at", "late_after"])
    deriving.derive(now=now)
    go(email, "held", by=None, now=now)
    deriving.derive(now=now)
    assert kinds_of("mara") == ["missed"]


@pytest.mark.parametrize(
    ("said", "reached"),
    [
        ("@rolf look", ["rolf"]), ("See here, @Rolf.", ["rolf"]), ("(@rolf)", ["rolf"]), ("@rolf @mara", ["rolf"]),
        ("mail rolf@company.example", []), ("@nils cannot open it", []), ("@nobody", []), ("rolf", []),
    ],
)  # fmt: skip
def test_a_mention_reaches_a_colleague_who_can_open_the_page(
    said: str, reached: list[str], email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    Comment.objects.create(email=email, body=said, author=people["mara"], at=now)
    deriving.derive(now=now)
    assert sorted(told("mention")) == reached


def test_a_mention_inside_a_decision_is_not_a_second_notice(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    later = now + dt.timedelta(minutes=1)
    go(email, "needs_changes", by=people["rolf"], now=later, why="@mara shorten it")
    Comment.objects.create(email=email, body="@mara shorten it", author=people["rolf"], at=later)
    deriving.derive(now=later)
    assert kinds_of("mara") == ["changes"]


def test_ten_ticks_tell_it_once(email: Any, people: dict[str, Any], now: dt.datetime) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    Comment.objects.create(email=email, body="@rolf now", author=people["mara"], at=now + dt.timedelta(seconds=1))
    written = [deriving.derive(now=now + dt.timedelta(minutes=minute)) for minute in range(10)]
    assert written == [2] + [0] * 9


def test_a_row_that_was_committed_after_a_newer_one_is_told_all_the_same(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    late = Transition.objects.get(after="in_review")
    number = late.pk
    late.delete()
    for _ in range(3):
        planning.history.record(what="email", email=email, before="x", after="y", why="", by=None, now=now)
    deriving.derive(now=now)
    assert told() == {}
    Transition.objects.create(
        pk=number, what="email", email=email, before="drafted", after="in_review", by=people["mara"], at=now
    )
    deriving.derive(now=now)
    assert list(told()) == ["rolf"]


def test_what_an_installation_lived_through_before_is_not_told(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", by=people["mara"], now=now - dt.timedelta(days=2))
    deriving.derive(now=now)
    assert told() == {}


def test_a_long_silence_of_the_timetable_loses_nothing(email: Any, people: dict[str, Any], now: dt.datetime) -> None:
    planning.history.record(what="email", email=email, before="", after="planned", why="", by=None, now=now)
    deriving.derive(now=now)
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now + dt.timedelta(days=9))
    assert "asked" in kinds_of("rolf")


@pytest.mark.parametrize(("how", "mail"), [("now", "waiting"), ("daily", "waiting"), ("page", "none"), ("off", None)])
def test_each_person_chooses_how(
    how: str, mail: str | None, email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    NoticeChoice.objects.create(user=people["rolf"], kind="asked", how=how)
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now)
    assert [notice.mail for notice in Notice.objects.filter(user=people["rolf"])] == ([mail] if mail else [])


@pytest.mark.parametrize("rows", [2, 12])
def test_a_tick_asks_the_same_few_queries_however_much_happened(
    rows: int, people: dict[str, Any], now: dt.datetime, django_assert_max_num_queries: Any
) -> None:
    cadence = factories.make_cadence()
    for number in range(rows):
        campaign = factories.make_campaign(factories.make_release(name=f"2.{number}"), cadence=cadence)
        email = factories.make_email(campaign, state="drafted", send_at=now + dt.timedelta(hours=3), state_since=now)
        factories.make_revision(email, author=people["mara"])
        go(email, "in_review", "needs_changes", "held", by=people["mara"], now=now)
        Comment.objects.create(email=email, body="@rolf", author=people["mara"], at=now + dt.timedelta(seconds=1))
    with django_assert_max_num_queries(28):
        assert deriving.derive(now=now + dt.timedelta(minutes=1)) >= rows


def unread(name: str) -> list[str]:
    rows = Notice.objects.filter(user__username=name, seen_at__isnull=True)
    return list(rows.order_by("pk").values_list("kind", flat=True))


def test_what_was_asked_and_is_done_is_not_unread_any_more_and_stays_in_the_list(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    other = factories.make_user(RELEASE_MANAGER, username="rita")
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now)
    assert unread("rolf") == unread("rita") == ["asked"]
    go(email, "needs_changes", by=other, now=now)
    deriving.derive(now=now)
    assert (unread("rolf"), unread("rita"), unread("mara")) == ([], [], ["changes"])
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now)
    assert (unread("rolf"), unread("mara")) == (["asked"], [])
    go(email, "approved", by=other, now=now)
    deriving.derive(now=now)
    assert (unread("rolf"), unread("mara")) == ([], ["approved"])
    assert kinds_of("rolf") == ["asked", "asked"]


def test_a_warning_of_the_time_is_settled_by_an_approval_alone(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    later = email.send_at - dt.timedelta(hours=3)
    deriving.derive(now=later)
    assert unread("mara") == ["slot"]
    go(email, "in_review", by=people["mara"], now=later)
    deriving.derive(now=later)
    assert unread("mara") == ["slot"]
    go(email, "approved", by=people["rolf"], now=later)
    deriving.derive(now=later)
    assert unread("mara") == ["approved"]


def test_no_daily_mail_asks_for_what_is_done(email: Any, people: dict[str, Any], now: dt.datetime) -> None:
    NoticeChoice.objects.create(user=people["rolf"], kind="asked", how="daily")
    go(email, "in_review", by=people["mara"], now=now)
    deriving.derive(now=now)
    go(email, "approved", by=factories.make_user(RELEASE_MANAGER), now=now)
    deriving.derive(now=now)
    mailing.mail_due(now=now + dt.timedelta(days=2))
    assert [mail.to for mail in outbox.outbox] == [["mara@company.example"]]


def test_a_pause_by_a_person_is_told_to_everybody_who_may_resume_but_that_person(
    people: dict[str, Any], now: dt.datetime
) -> None:
    email = factories.make_email(state="sending", send_at=now)
    factories.make_revision(email, author=people["mara"])
    go(email, "paused", by=people["rolf"], now=now, why="A client asked.")
    deriving.derive(now=now)
    assert told("held").keys() == {"mara", "olga"}
    go(email, "sending", by=people["rolf"], now=now)
    deriving.derive(now=now)
    assert not Notice.objects.filter(seen_at__isnull=True).exists(), "it goes on, so nobody has to look"


def test_still_true_is_told_to_whom_the_hold_was_told_and_both_say_one_thing(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", by=people["mara"], now=now)
    go(email, "approved", by=people["rolf"], now=now)
    deriving.derive(now=now)
    go(email, "held", by=None, now=now, why="A note changed.")
    deriving.derive(now=now)
    unread = Notice.objects.filter(seen_at__isnull=True, user=people["mara"])
    assert [notice.kind for notice in unread] == ["held"], "what is held is not called approved beside it"
    go(email, "approved", by=people["rolf"], now=now, why="Still true: the same in other words.")
    deriving.derive(now=now)
    assert [notice.title for notice in unread.all()] == ["Kite 2.4.0: Announcement is approved again: still true"]
    assert "olga" in told("approved")


def test_the_end_of_an_approved_mail_is_told_to_its_writer_and_its_approver(
    people: dict[str, Any], now: dt.datetime
) -> None:
    email = factories.make_approved_email(send_at=now + dt.timedelta(days=10))
    email.approvals.update(by=people["rolf"])
    factories.make_revision(email, author=people["mara"])
    go(email, "cancelled", by=people["olga"], now=now, why="The announcement needs a correction.")
    deriving.derive(now=now)
    title = "Kite 2.4.0: Announcement was approved and is cancelled"
    assert told("voided") == {"mara": title, "rolf": title}
    assert Notice.objects.filter(seen_at__isnull=True).count() == 2


def test_what_became_of_a_void_approval_is_settled_by_the_next_one(
    email: Any, people: dict[str, Any], now: dt.datetime
) -> None:
    go(email, "in_review", "approved", "drafted", by=people["rolf"], now=now)
    deriving.derive(now=now)
    assert Notice.objects.filter(kind="voided", seen_at__isnull=True).exists()
    go(email, "in_review", "approved", by=people["rolf"], now=now)
    deriving.derive(now=now)
    assert not Notice.objects.filter(kind="voided", seen_at__isnull=True).exists()


def test_a_time_that_comes_near_in_a_held_campaign_is_told_and_settled_when_it_goes_on(
    people: dict[str, Any], now: dt.datetime
) -> None:
    email = factories.make_approved_email(send_at=now + dt.timedelta(hours=20))
    planning.hold_campaign(campaign=email.campaign, why="The release is archived.", by=people["rolf"], now=now)
    deriving.derive(now=now)
    near = "Kite 2.4.0: Announcement is to go out in less than 24 hours and its campaign is held"
    assert told("slot")["rolf"] == near
    later = now + dt.timedelta(hours=19)
    deriving.derive(now=later)
    assert Notice.objects.filter(kind="slot", user=people["rolf"]).count() == 2
    planning.resume_campaign(campaign=email.campaign, by=people["rolf"], now=later)
    deriving.derive(now=later)
    assert not Notice.objects.filter(seen_at__isnull=True, kind__in=["slot", "held"]).exists()


def test_an_approval_that_is_taken_back_from_what_is_held_is_told(people: dict[str, Any], now: dt.datetime) -> None:
    from campaigns.review import services

    email = factories.make_approved_email(send_at=now + dt.timedelta(days=10))
    factories.make_revision(email, author=people["mara"])
    planning.hold_email(email=email, why="Wait.", by=people["olga"], now=now)
    services.withdraw(email=email, by=people["rolf"], now=now)
    deriving.derive(now=now)
    assert told("voided")["mara"] == "The approval of Kite 2.4.0: Announcement is void; it stays held"
