"""Test mails: the production renderer and backend, colleagues only, and a link that changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from campaigns.audience.models import Subscription, Suppression
from campaigns.models import CampaignEmail, Contact, Message, Transition
from campaigns.review import rendition, services
from campaigns.review.refusals import ReviewRefused
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def email() -> CampaignEmail:
    """A drafted e-mail that goes to one contact."""
    email = factories.make_email(factories.make_campaign(contacts=1), state="drafted")
    factories.make_revision(email)
    return email


def test_a_test_is_the_mail_itself_marked_as_a_test(email: CampaignEmail, marketer: Any) -> None:
    contact = Contact.objects.select_related("client").get()
    services.send_test(email=email, to=marketer.email, contact=contact, by=marketer, now=NOW)
    sent = mail.outbox[0]
    shown = rendition.preview(email=email, revision=email.revisions.get(), contact=contact)
    assert sent.subject == f"[Test] {shown.subject}"
    assert sent.body == shown.text
    assert sent.alternatives[0].content == shown.html  # type: ignore[attr-defined]
    assert sent.to == [marketer.email]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Id" in sent.extra_headers


def test_the_link_of_a_test_works_and_changes_nothing(email: CampaignEmail, marketer: Any) -> None:
    services.send_test(email=email, to=marketer.email, by=marketer, now=NOW)
    link = re.search(r"/u/[^\s>]+/", mail.outbox[0].body)
    assert link is not None
    browser = Browser()
    assert browser.get(link[0]).status_code == 200
    assert browser.post(link[0], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Subscription.objects.get().state == "subscribed"


@pytest.mark.parametrize("strangers", [False, True])
def test_the_link_of_a_test_greets_the_sample_reader_while_the_mail_goes_to_nobody(
    email: CampaignEmail, marketer: Any, strangers: bool
) -> None:
    email.campaign.lists.clear()
    if not strangers:
        Contact.objects.all().delete()
    services.send_test(email=email, to=marketer.email, by=marketer, now=NOW)
    link = re.search(r"/u/[^\s>]+/", mail.outbox[0].body)
    assert link is not None
    browser = Browser()
    page = browser.get(link[0])
    assert page.status_code == 200
    assert "a…@client.example" in page.text
    for answer in ({"List-Unsubscribe": "One-Click"}, {"wish": "everything"}):
        assert browser.post(link[0], answer).status_code == 200
    assert not Suppression.objects.exists()


def test_a_test_stands_in_no_balance_but_in_the_history(email: CampaignEmail, marketer: Any) -> None:
    services.send_test(email=email, to=marketer.email, by=marketer, now=NOW)
    assert not Message.objects.exists()
    line = Transition.objects.get(email=email, what="test")
    assert (line.after, line.by) == (marketer.email, marketer)


@pytest.mark.parametrize("to", ["reader@client.example", "", "not an address", "a@b.example\nBcc: c@d.example"])
def test_tests_go_to_colleagues_only(email: CampaignEmail, marketer: Any, to: str) -> None:
    with pytest.raises(ReviewRefused, match="colleague"):
        services.send_test(email=email, to=to, by=marketer, now=NOW)
    assert mail.outbox == []


def test_a_contact_of_the_list_is_no_colleague(email: CampaignEmail, marketer: Any) -> None:
    with pytest.raises(ReviewRefused):
        services.send_test(email=email, to=Contact.objects.get().email, by=marketer, now=NOW)


def test_a_colleague_who_left_gets_none(email: CampaignEmail, marketer: Any) -> None:
    gone = factories.make_user("Marketer", is_active=False)
    with pytest.raises(ReviewRefused):
        services.send_test(email=email, to=gone.email, by=marketer, now=NOW)


def test_an_operator_may_not_send_tests(email: CampaignEmail, operator: Any) -> None:
    with pytest.raises(PermissionDenied):
        services.send_test(email=email, to=operator.email, by=operator, now=NOW)


def test_a_failing_mail_service_is_said_and_changes_nothing(email: CampaignEmail, marketer: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.test_review_send_test.Broken"
    with pytest.raises(ReviewRefused, match=r"did not take the test: no route"):
        services.send_test(email=email, to=marketer.email, by=marketer, now=NOW)
    assert not Transition.objects.filter(what="test").exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nothing_is_sent_inside_a_transaction(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.test_review_send_test.Watching"
    email = factories.make_email(factories.make_campaign(contacts=1), state="drafted")
    factories.make_revision(email)
    person = factories.make_user("Marketer")
    services.send_test(email=email, to=person.email, by=person, now=NOW)
    assert Watching.in_transaction == [False]


class Watching:
    """A mail backend that notes whether a transaction was open when it was called."""

    in_transaction: list[bool] = []

    def __init__(self, **_: Any) -> None:
        """Takes what Django gives."""

    def send_messages(self, messages: Any) -> int:
        """Note and take."""
        self.in_transaction.append(connection.in_atomic_block)
        return len(messages)


class Broken:
    """A mail backend that cannot reach anything."""

    def __init__(self, **_: Any) -> None:
        """Takes what Django gives."""

    def send_messages(self, _: Any) -> int:
        """Fail as a network does."""
        raise OSError("no route")


def test_a_test_reaches_ses_as_one_plain_message(
    email: CampaignEmail, marketer: Any, simulator: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "campaigns.delivery.ses.SESBackend"
    services.send_test(email=email, to=marketer.email, by=marketer, now=NOW)
    inbox = requests.get(f"{simulator.url}/inbox.json", timeout=10).json()
    received = [item for item in inbox["messages"] if item["recipient"] == marketer.email]
    assert len(received) == 1
    assert received[0]["subject"].startswith("[Test] Kite 2.4.0")


def test_the_page_sends_a_test_to_oneself(email: CampaignEmail) -> None:
    person = factories.make_user("Marketer")
    browser = Browser()
    browser.force_login(person)
    answer = browser.post(reverse("review:send_test", args=[email.pk]), {"to": person.email}, follow=True)
    assert "on its way" in answer.content.decode()
    assert len(mail.outbox) == 1
