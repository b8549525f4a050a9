"""Sums, rates, the plot, the guard and the overview."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from analytics import plot, selectors, services
from analytics.guard import guard
from analytics.models import Alert, EmailEvent, HourlyFigure, SnsNotification
from analytics.rollup import rollup
from campaigns.models import Batch, CampaignEmail, Message
from relmail.roles import MARKETER, OPERATOR
from tests import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOW
_numbers = itertools.count()


@pytest.fixture
def email() -> CampaignEmail:
    return factories.make_email(state="sending", started_at=NOW)


def messages(email: CampaignEmail, number: int) -> list[Message]:
    batch = Batch.objects.create(email=email, state="done", not_before=NOW, accepted=number)
    return Message.objects.bulk_create(
        Message(email=email, batch=batch, address=f"r{next(_numbers)}@client.example", state="accepted", changed_at=NOW)
        for _ in range(number)
    )


def happened(kind: str, to: list[Message], at: dt.datetime = NOW, origin: str = "unknown", **fields: Any) -> None:
    notifications = SnsNotification.objects.bulk_create(
        SnsNotification(message_id=str(uuid.uuid4()), topic_arn="t", body="{}", received_at=NOW, applied_at=NOW)
        for _ in to
    )
    EmailEvent.objects.bulk_create(
        EmailEvent(
            type=kind, at=at, notification=notification, recipient=message.address, message=message,
            email_id=message.email_id, origin=origin, **fields,
        )
        for notification, message in zip(notifications, to, strict=True)
    )  # fmt: skip


def hour(number: int) -> dt.datetime:
    return NOW.replace(minute=0) + dt.timedelta(hours=number)


def test_figures_count_events_by_hour_and_people_at_their_first(email: CampaignEmail) -> None:
    people = messages(email, 3)
    happened("open", people, hour(0), "human")
    happened("open", people[:2], hour(0) + dt.timedelta(minutes=20), "human")
    happened("open", people[:1], hour(5), "human")
    happened("open", people[:1], hour(0), "machine")
    rollup(now=NOW)
    found = HourlyFigure.objects.values_list("hour", "type", "origin", "events", "people").order_by("hour", "origin")
    assert list(found) == [
        (hour(0), "open", "human", 5, 3),
        (hour(0), "open", "machine", 1, 1),
        (hour(5), "open", "human", 1, 0),
    ]


def test_summing_up_twice_or_after_a_new_judgement_is_right(email: CampaignEmail) -> None:
    people = messages(email, 2)
    happened("click", people, hour(0))
    rollup(now=NOW)
    rollup(now=NOW)
    EmailEvent.objects.update(origin="machine")
    rollup(now=NOW)
    assert list(HourlyFigure.objects.values_list("origin", "events", "people")) == [("machine", 2, 2)]


def test_only_emails_with_new_events_are_summed_up(email: CampaignEmail) -> None:
    happened("delivery", messages(email, 1))
    other = factories.make_email(email.campaign, step="reminder")
    happened("delivery", messages(other, 1))
    SnsNotification.objects.filter(events__email=email).update(received_at=NOW - dt.timedelta(hours=9))
    assert rollup(now=NOW) == 2, "the first time all are"
    assert rollup(now=NOW) == 1


def test_only_the_types_that_got_new_events_are_counted_anew(email: CampaignEmail) -> None:
    people = messages(email, 3)
    happened("delivery", people)
    happened("open", people[:1], origin="human")
    SnsNotification.objects.update(received_at=NOW - dt.timedelta(hours=9))
    rollup(now=NOW)
    HourlyFigure.objects.filter(type="delivery").update(events=77)  # to see whether it is counted again
    happened("open", people[1:2], origin="human")
    assert rollup(now=NOW) == 1
    assert dict(HourlyFigure.objects.values_list("type", "events")) == {"delivery": 77, "open": 2}
    assert rollup(now=NOW, emails=[email.pk]) == 1
    assert dict(HourlyFigure.objects.values_list("type", "events")) == {"delivery": 3, "open": 2}


def test_an_email_that_takes_long_rests_and_forgets_nothing_meanwhile(
    email: CampaignEmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = messages(email, 3)
    happened("delivery", people[:1])
    seconds = itertools.count(step=30)
    monkeypatch.setattr("analytics.rollup.time.monotonic", lambda: float(next(seconds)))
    assert rollup(now=NOW) == 1
    happened("delivery", people[1:])
    assert rollup(now=NOW + dt.timedelta(minutes=2)) == 0
    SnsNotification.objects.update(received_at=NOW - dt.timedelta(hours=9))
    assert rollup(now=NOW + dt.timedelta(minutes=11)) == 1
    assert HourlyFigure.objects.get(type="delivery").events == 3


def test_two_that_sum_up_at_once_do_it_once(email: CampaignEmail, monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics import rollup as module

    happened("delivery", messages(email, 1))
    real, counted = module._sum_up, []

    def meanwhile(email_id: int, kinds: list[str]) -> None:
        counted.append(email_id)
        if len(counted) == 1:
            rollup(now=NOW + dt.timedelta(seconds=1))
        real(email_id, kinds)

    monkeypatch.setattr(module, "_sum_up", meanwhile)
    assert rollup(now=NOW) == 1
    assert counted == [email.pk]


def test_one_email_that_cannot_be_summed_up_keeps_no_other_from_it(
    email: CampaignEmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analytics import rollup as module

    other = factories.make_email(email.campaign, step="reminder")
    happened("delivery", messages(email, 1))
    happened("delivery", messages(other, 1))
    real = module._sum_up
    monkeypatch.setattr(module, "_sum_up", lambda pk, kinds: 1 / 0 if pk == email.pk else real(pk, kinds))
    assert rollup(now=NOW) == 1
    monkeypatch.setattr(module, "_sum_up", real)
    assert not HourlyFigure.objects.filter(email=email).exists()
    SnsNotification.objects.update(received_at=NOW - dt.timedelta(hours=9))
    assert rollup(now=NOW + module.LEASE) == 1
    assert HourlyFigure.objects.filter(email=email).exists()


def test_one_person_who_complains_twice_counts_once_for_the_guard(email: CampaignEmail) -> None:
    people = messages(email, 200)
    happened("delivery", people)
    for _ in range(6):
        happened("complaint", people[:1])
    rollup(now=NOW)
    assert guard(now=NOW) == 0
    assert Alert.objects.count() == 0


def test_events_that_came_while_the_timetable_stood_still_are_summed_up(email: CampaignEmail) -> None:
    happened("delivery", messages(email, 1), NOW - dt.timedelta(hours=6))
    SnsNotification.objects.update(received_at=NOW - dt.timedelta(hours=6))
    rollup(now=NOW - dt.timedelta(hours=6))
    happened("delivery", messages(email, 1), NOW - dt.timedelta(hours=5))
    SnsNotification.objects.filter(received_at=NOW).update(received_at=NOW - dt.timedelta(hours=5))
    rollup(now=NOW)
    assert sum(HourlyFigure.objects.values_list("events", flat=True)) == 2


def test_rates_count_people_and_leave_machines_out(email: CampaignEmail) -> None:
    people = messages(email, 10)
    happened("send", people)
    happened("delivery", people[:8])
    happened("bounce", people[8:9], subtype="Permanent/General")
    happened("bounce", people[:3], subtype="Transient/General")
    happened("complaint", people[:1])
    for _ in range(3):
        happened("open", people[:4], origin="human")
    happened("open", people[4:7], origin="machine")
    happened("click", people[:2], origin="human")
    happened("click", people[7:8], origin="machine")
    rollup(now=NOW)
    figures = selectors.email_figures(email.pk)
    assert (figures.accepted, figures.delivered, figures.waiting) == (10, 8, 1)
    assert (figures.delivery_rate, figures.bounce_rate, figures.complaint_rate) == (0.8, 0.1, 0.125)
    assert (figures.open_rate, figures.click_rate) == (0.5, 0.25)
    assert (figures.opened_by_machine, figures.clicked_by_machine, figures.soft_bounced) == (3, 1, 3)
    together = selectors.total([figures, figures])
    assert (together.accepted, together.open_rate) == (20, 0.5)


def test_an_email_without_events_has_no_rates(email: CampaignEmail) -> None:
    figures = selectors.email_figures(email.pk)
    assert (figures.accepted, figures.delivery_rate, figures.open_rate) == (0, None, None)


def test_figures_of_many_emails_need_two_queries(email: CampaignEmail, django_assert_num_queries: Any) -> None:
    others = [factories.make_email(email.campaign, step=step) for step in ("reminder", "release_day", "follow_up")]
    with django_assert_num_queries(2):
        selectors.figures_by_email([email.pk, *[other.pk for other in others]])


def test_accepted_is_read_from_batches_and_no_message_is_counted(
    email: CampaignEmail, django_assert_num_queries: Any
) -> None:
    messages(email, 7)
    Batch.objects.create(email=email, state="done", not_before=NOW, accepted=50, failed=3)
    with django_assert_num_queries(2) as asked:
        assert selectors.email_figures(email.pk).accepted == 57
    assert not any(Message._meta.db_table in query["sql"] for query in asked)


def test_every_day_is_there_also_without_events(email: CampaignEmail) -> None:
    happened("delivery", messages(email, 3), NOW - dt.timedelta(days=2))
    happened("open", messages(email, 2), NOW, "human")
    rollup(now=NOW)
    days = selectors.days(until=NOW.date(), number=4)
    assert [day.date.day for day in days] == [1, 2, 3, 4]
    assert [day.delivered for day in days] == [0, 3, 0, 0]
    assert [day.opened for day in days] == [0, 0, 0, 2]
    assert selectors.days(until=NOW.date(), number=4, email_ids=[]) == [selectors.Day(day.date) for day in days]


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (1, 1), (3, 5), (10, 10), (11, 20), (201, 500), (999_999, 1_000_000)]
)
def test_the_scale_of_the_plot_starts_at_zero_and_holds_everything(largest: int, top: int) -> None:
    drawn = plot.draw([selectors.Day(dt.date(2026, 11, day), delivered=largest) for day in (1, 2)])
    assert drawn.guides[0].text == "0"
    assert drawn.guides[-1].text == f"{top:,}"
    assert all(bar.y >= plot.TOP and bar.height >= 0 for bar in drawn.bars)


def over(email: CampaignEmail, *, delivered: int, bounced: int = 0, complained: int = 0, ago: int = 0) -> None:
    at = NOW - dt.timedelta(minutes=ago)
    people = messages(email, delivered + bounced)
    happened("delivery", people[:delivered], at)
    happened("bounce", people[delivered:], at, subtype="Permanent/General")
    happened("complaint", people[:complained], at)
    rollup(now=NOW)


@pytest.mark.parametrize(
    ("counts", "state", "level"),
    [
        ({"delivered": 200, "bounced": 4}, "sending", None),
        ({"delivered": 180, "bounced": 11}, "sending", "warning"),
        ({"delivered": 180, "bounced": 20}, "paused", "critical"),
        ({"delivered": 50, "bounced": 20}, "sending", None),
        ({"delivered": 500, "complained": 5}, "paused", "critical"),
        ({"delivered": 500, "complained": 4}, "sending", None),
        ({"delivered": 3000, "complained": 5}, "sending", "warning"),
    ],
)
def test_the_guard_pauses_before_amazon_does(
    email: CampaignEmail, counts: dict[str, int], state: str, level: str | None
) -> None:
    over(email, **counts)
    assert guard(now=NOW) == (state == "paused")
    guard(now=NOW)
    email.refresh_from_db()
    assert email.state == state
    levels = set(Alert.objects.values_list("level", flat=True))
    assert (level in levels) if level else not levels
    if state == "paused":
        assert "guard" in email.state_reason
        assert email.transitions.filter(after="paused", by=None).exists()


def test_a_sudden_rise_is_seen_behind_many_good_deliveries(email: CampaignEmail) -> None:
    over(email, delivered=3000, ago=60)
    over(email, delivered=150, bounced=20)
    assert guard(now=NOW) == 1
    assert "in the last ten minutes" in Alert.objects.get(level="critical").message


def test_soft_bounces_and_not_spam_do_not_count(email: CampaignEmail) -> None:
    people = messages(email, 200)
    happened("delivery", people)
    happened("bounce", people[:50], subtype="Transient/MailboxFull")
    happened("complaint", people[:50], subtype="not-spam")
    rollup(now=NOW)
    assert guard(now=NOW) == 0
    assert Alert.objects.count() == 0


def test_an_email_that_has_ended_is_reported_and_not_paused(email: CampaignEmail) -> None:
    CampaignEmail.objects.update(state="sent", finished_at=NOW)
    over(email, delivered=100, bounced=50)
    assert guard(now=NOW) == 0
    assert Alert.objects.get().level == "warning"


@pytest.mark.parametrize(("recipient", "alerts"), [("a@b.example", 1), ("ada@company.example", 0)])
def test_many_orphans_raise_one_alert_and_mail_to_colleagues_none(recipient: str, alerts: int) -> None:
    factories.make_user(email="Ada@company.example")
    for number in range(21):
        notification = SnsNotification.objects.create(message_id=str(number), topic_arn="t", body="", received_at=NOW)
        EmailEvent.objects.create(type="delivery", at=NOW, notification=notification, recipient=recipient)
    guard(now=NOW)
    guard(now=NOW)
    assert [alert.key for alert in Alert.objects.all()] == ["events:orphans"] * alerts


def test_an_alert_is_open_once_and_again_after_it_was_dealt_with(operator: Any) -> None:
    def raise_it() -> bool:
        return services.alert(key="k", level="warning", message="m", now=NOW)

    assert (raise_it(), raise_it()) == (True, False)
    found = Alert.objects.get()
    assert services.close_alert(alert=found, by=operator, now=NOW)
    assert not services.close_alert(alert=found, by=operator, now=NOW)
    assert raise_it()


def test_the_overview_shows_totals_plot_table_and_alerts(
    email: CampaignEmail, sign_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = messages(email, 4)
    happened("send", people, dt.datetime.now(dt.UTC))
    happened("delivery", people[:3], dt.datetime.now(dt.UTC))
    rollup(now=NOW)
    services.alert(key="k", level="critical", message="Look <here>", now=NOW)
    page = sign_in(MARKETER).get(reverse("analytics:overview")).content.decode()
    assert "75.0 %" in page
    assert "<svg" in page
    assert "<table" in page
    assert re.search(r'aria-label="Per day over 30 days: 3 mails delivered', page)
    assert "Look &lt;here&gt;" in page
    assert "style=" not in page, "the Content-Security-Policy forbids inline styles"
    assert "Dealt with</button>" not in page
    assert "90 days" in sign_in(MARKETER).get(reverse("analytics:overview"), {"days": "90"}).content.decode()
    assert sign_in(MARKETER).get(reverse("analytics:overview"), {"days": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("mails", "complaints", "says"),
    [(4, 0, ""), (4, 1, "Too few to act on"), (120, 4, "Too few to act on"), (120, 5, "Above the limit")],
)
def test_the_overview_marks_a_rate_by_the_rule_of_the_guard_and_says_when_the_guard_acts(
    email: CampaignEmail, mails: int, complaints: int, says: str, sign_in: Callable[[str], Browser]
) -> None:
    people = messages(email, mails)
    happened("delivery", people, dt.datetime.now(dt.UTC))
    happened("complaint", people[:complaints], dt.datetime.now(dt.UTC))
    rollup(now=NOW)
    page = sign_in(MARKETER).get(reverse("analytics:overview")).text
    assert [words for words in ("Above the limit", "Too few to act on") if words in page] == ([says] if says else [])
    assert ("no alert is open for one of them" in page) == (says == "Above the limit")
    guard(now=dt.datetime.now(dt.UTC))
    page = sign_in(MARKETER).get(reverse("analytics:overview")).text
    assert "no alert is open for one of them" not in page, "the guard warned, and the overview shows that"
    assert "only once 100 of its messages were delivered or bounced and at least 10 bounced or 5 were" in page


def test_an_empty_overview_says_so(sign_in: Callable[[str], Browser]) -> None:
    page = sign_in(MARKETER).get(reverse("analytics:overview")).content.decode()
    assert "Nothing to count yet" in page
    assert '<svg class="plot"' not in page


def test_only_an_operator_deals_with_alerts(sign_in: Callable[[str], Browser]) -> None:
    services.alert(key="k", level="warning", message="m", now=NOW)
    path = reverse("analytics:close_alert", args=[Alert.objects.get().pk])
    assert sign_in(MARKETER).post(path).status_code == 403
    assert Alert.objects.get().closed_at is None
    assert sign_in(OPERATOR).get(path).status_code == 405
    assert sign_in(OPERATOR).post(path).status_code == 302
    assert Alert.objects.get().closed_at is not None


def test_the_overview_asks_for_a_log_in(client: Browser) -> None:
    assert client.get(reverse("analytics:overview")).status_code == 302


@pytest.mark.parametrize("model", ["emailevent", "snsnotification", "hourlyfigure", "alert"])
def test_an_operator_sees_what_came_back_and_changes_none_of_it(
    email: CampaignEmail, model: str, sign_in: Callable[[str], Browser]
) -> None:
    happened("delivery", messages(email, 2))
    rollup(now=NOW)
    services.alert(key="k", level="warning", message="m", now=NOW)
    from django.contrib.auth import get_user_model

    browser = sign_in(OPERATOR)
    get_user_model().objects.update(is_staff=True)
    assert browser.get(reverse(f"admin:analytics_{model}_changelist")).status_code == 200
    assert browser.get(reverse(f"admin:analytics_{model}_add")).status_code == 403
    found = {"emailevent": EmailEvent, "snsnotification": SnsNotification, "hourlyfigure": HourlyFigure, "alert": Alert}
    row = found[model].objects.first()
    assert row is not None
    page = browser.get(reverse(f"admin:analytics_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
