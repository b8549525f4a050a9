"""The delivery room in the admin: found by an index, however many rows there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from campaigns.delivery import limiter, listing, recording
from campaigns.models import Batch, Contact, Message, Transition, WarmUp
from relmail.roles import MARKETER, OPERATOR
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    email = factories.make_email(state="sent")
    contact = factories.make_contacts(2)[0]
    batch = Batch.objects.create(email=email, not_before=NOW, state="done", accepted=1)
    return Message.objects.create(
        email=email, batch=batch, contact=contact, address=contact.email, state="accepted", ses_id="0107-a",
        changed_at=NOW,
    )  # fmt: skip


@pytest.fixture
def admin(sign_in: Callable[[str], Browser]) -> Browser:
    browser = sign_in(OPERATOR)
    get_user_model().objects.update(is_staff=True)
    return browser


@pytest.mark.parametrize(
    ("term", "rows"), [("", 1), ("{address}", 1), ("{ADDRESS}", 1), ("0107-a", 1), ("0107", 0), ("nobody@x.example", 0)]
)
def test_a_message_is_found_by_a_whole_address_or_the_id_of_ses(
    admin: Browser, message: Message, term: str, rows: int
) -> None:
    term = term.format(address=message.address, ADDRESS=message.address.upper())
    page = admin.get(reverse("admin:campaigns_message_changelist"), {"q": term})
    assert page.context["cl"].result_count == rows


@pytest.mark.parametrize(("term", "rows"), [("", 1), ("{pk}", 1), ("0", 0), ("x", 0)])
def test_a_batch_is_found_by_its_number(admin: Browser, message: Message, term: str, rows: int) -> None:
    page = admin.get(reverse("admin:campaigns_batch_changelist"), {"q": term.format(pk=message.batch_id)})
    assert page.context["cl"].result_count == rows


def test_an_event_is_found_by_contact_or_message_and_a_notification_by_its_id(admin: Browser, message: Message) -> None:
    from analytics.models import EmailEvent, SnsNotification

    note = SnsNotification.objects.create(message_id="sns-1", topic_arn="t", body="{}", received_at=NOW)
    EmailEvent.objects.create(
        type="delivery", at=NOW, notification=note, recipient=message.address, message=message,
        contact=message.contact, email=message.email,
    )  # fmt: skip
    for model, term, rows in (
        ("emailevent", message.address, 1), ("emailevent", "0107-a", 1), ("emailevent", "x", 0),
        ("snsnotification", "sns-1", 1), ("snsnotification", "sns", 0),
    ):  # fmt: skip
        page = admin.get(reverse(f"admin:analytics_{model}_changelist"), {"q": term})
        assert page.context["cl"].result_count == rows, (model, term)


def test_the_admin_counts_no_further_than_anybody_turns_pages(
    admin: Browser, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.paging.MOST_ROWS", 3)
    for _ in range(5):
        Batch.objects.create(email=message.email, not_before=NOW)
    page = admin.get(reverse("admin:campaigns_batch_changelist"))
    assert page.context["cl"].result_count == 3
    assert "3 or more batches" in page.text
    assert "1 accepted" in admin.get(reverse("admin:campaigns_batch_changelist"), {"q": message.batch_id}).text


def test_large_lists_are_filtered_among_their_newest_rows_and_ordered_by_nothing_else(
    admin: Browser, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.paging.LATEST", 2)
    batches = [
        Batch.objects.create(email=message.email, not_before=NOW, state=state, error="x" if state == "unknown" else "")
        for state in ("unknown", "queued", "unknown")
    ]
    url = reverse("admin:campaigns_batch_changelist")
    page = admin.get(url, {"latest_state": "unknown"})
    assert [row.pk for row in page.context["cl"].result_list] == [batches[2].pk]
    assert "state (of the latest" in page.text
    for value, rows in (("filled", [batches[2]]), ("empty", [batches[1]])):
        found = admin.get(url, {"latest_error": value}).context["cl"].result_list
        assert [row.pk for row in found] == [row.pk for row in rows]
    for name in (
        "campaigns_batch", "campaigns_message", "campaigns_contact", "campaigns_subscription", "campaigns_suppression",
        "campaigns_consentchange", "analytics_emailevent", "analytics_snsnotification", "analytics_hourlyfigure",
    ):  # fmt: skip
        page = admin.get(reverse(f"admin:{name}_changelist"))
        assert page.status_code == 200
        assert "sortoptions" not in page.text and "_facets" not in page.text, name


def test_a_recipient_is_found_by_the_address_of_today_and_by_the_one_it_was_sent_to(message: Message) -> None:
    sent_to = message.address
    Contact.objects.filter(pk=message.contact_id).update(email="new@client.example")
    for address in (sent_to, "new@client.example", "NEW@client.example "):
        assert [found.pk for found in listing.of_address(message.email, address).messages] == [message.pk]
    assert listing.of_address(message.email, "nobody@client.example").messages == []


def test_a_page_reads_no_other_message_of_the_campaign_for_one_address(
    message: Message, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2) as queries:
        assert listing.of_address(message.email, message.address).messages
    assert not any('"address" =' in query["sql"] for query in queries.captured_queries)


def unknown(message: Message) -> Message:
    Message.objects.filter(pk=message.pk).update(state="unknown", reason="no_record")
    Batch.objects.filter(pk=message.batch_id).update(state="unknown", accepted=0, unknown=1)
    return message


@pytest.mark.parametrize(
    ("verb", "why", "state"),
    [("count_as_sent", "They have it.", "accepted"), ("write_off", "Gone.", "failed"), ("write_off", " ", "unknown")],
)
def test_the_admin_decides_on_an_unknown_message_with_a_reason(
    admin: Browser, message: Message, verb: str, why: str, state: str
) -> None:
    unknown(message)
    url = reverse("admin:campaigns_message_changelist")
    page = admin.post(url, {"action": verb, "why": why, "_selected_action": [message.pk]}, follow=True)
    message.refresh_from_db()
    assert message.state == state
    assert ("Say why" in page.text) == (state == "unknown")
    assert message.email.transitions.filter(what="message", why=why).exists() == (state != "unknown")


def test_who_may_only_look_is_offered_no_decision(message: Message, sign_in: Callable[[str], Browser]) -> None:
    unknown(message)
    browser = sign_in(MARKETER)
    get_user_model().objects.update(is_staff=True)
    url = reverse("admin:campaigns_message_changelist")
    assert "count_as_sent" not in browser.get(url).text
    browser.post(url, {"action": "count_as_sent", "why": "x", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.state == "unknown"


def test_a_plan_of_warm_up_leaves_a_line_whenever_it_is_made_changed_or_dropped(admin: Browser) -> None:
    values = {"product": "", "starts_on": "2026-11-24", "caps": "[50, 100]"}
    admin.post(reverse("admin:campaigns_warmup_add"), values)
    plan = WarmUp.objects.get()
    WarmUp.objects.update(day=NOW.date(), sent=7)
    admin.post(reverse("admin:campaigns_warmup_change", args=[plan.pk]), values | {"caps": "[50, 200]"})
    admin.post(reverse("admin:campaigns_warmup_change", args=[plan.pk]), values | {"caps": "[50, 200]"})
    plan.refresh_from_db()
    assert (plan.caps, plan.sent) == ([50, 200], 7)
    admin.post(reverse("admin:campaigns_warmup_delete", args=[plan.pk]), {"post": "yes"})
    assert not WarmUp.objects.exists()
    lines = Transition.objects.filter(what="warm_up").order_by("pk").values_list("before", "after")
    first, second = "from 2026-11-24: 50, 100", "from 2026-11-24: 50, 200"
    assert list(lines) == [("", first), (first, second), (second, "")]


def test_the_calls_in_flight_are_set_on_the_page_of_the_sender_with_a_reason(sign_in: Callable[[str], Browser]) -> None:
    limiter.row()
    url, page = reverse("delivery:change_sender", args=["in_flight"]), reverse("delivery:sender")
    WarmUp.objects.create(starts_on=timezone.now().date(), caps=[500])
    for most, why in (("8", ""), ("x", "why"), ("-1", "why"), ("10001", "why")):
        sign_in(OPERATOR).post(url, {"most": most, "why": why})
        assert limiter.row().most_in_flight == 0
    assert sign_in(MARKETER).post(url, {"most": "8", "why": "why"}).status_code == 403
    assert "Set the calls in flight" not in sign_in(MARKETER).get(page).text
    sign_in(OPERATOR).post(url, {"most": "8", "why": "The proxy takes eight."})
    shown = sign_in(OPERATOR).get(page).text
    assert "At most 8 of the whole fleet" in shown and "0 of 500 today" in shown
    line = Transition.objects.get(what="sender")
    assert (line.before, line.after) == ("any number of calls in flight", "8 calls in flight")


def test_what_was_claimed_and_never_recorded_leaves_a_line_for_each_email(message: Message) -> None:
    batch = message.batch
    Batch.objects.filter(pk=batch.pk).update(state="sending", claimed_at=NOW)
    Message.objects.filter(pk=message.pk).update(state="queued")
    assert recording.reap(now=NOW + dt.timedelta(seconds=46), seconds=45) == 1
    line = message.email.transitions.get(what="batch")
    assert line.after == "unknown" and str(batch.pk) in line.why and line.by is None
    assert recording.reap(now=NOW + dt.timedelta(seconds=90), seconds=45) == 0
    assert message.email.transitions.filter(what="batch").count() == 1
