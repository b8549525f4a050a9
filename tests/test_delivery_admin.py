"""The delivery room in the admin: found by an index, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.urls import reverse

from campaigns.delivery import listing
from campaigns.models import Batch, Contact, Message
from relmail.roles import OPERATOR
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
    monkeypatch.setattr("campaigns.planning.paging.MOST_ROWS", 3)
    for _ in range(5):
        Batch.objects.create(email=message.email, not_before=NOW)
    assert admin.get(reverse("admin:campaigns_batch_changelist")).context["cl"].result_count == 3


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
