"""The second release by hand, in Chromium: from the log-in page to the mail in the inbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from campaigns.delivery import limiter, sending, services
from campaigns.drafting import services as drafting
from campaigns.models import CampaignEmail, Sender
from campaigns.planning import services as planning
from releases import services as releases
from tests import factories
from tests.browser import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

PASSWORD = "a long enough password"


def log_in(window: Window, username: str, password: str = PASSWORD) -> None:
    window.go("/")
    window.page.fill("input[name=username]", username)
    window.page.fill("input[name=password]", password)
    window.page.press("input[name=password]", "Enter")
    window.page.wait_for_load_state("load")


@pytest.fixture
def announcement(open_window: Callable[..., Window], simulator: Any) -> CampaignEmail:
    """The announcement of a release that was read from Jira, planned and drafted by OpenAI; both simulated."""
    now = timezone.now()
    product = releases.add_product(
        jira_key="HARBOR", by=None, now=now, sender_name="Release news", sender_email="releases@harbor.example",
        postal_address="Harbor GmbH, Hafenstrasse 1, 20457 Hamburg", website="https://harbor.example/releases",
        time_zone="Europe/Berlin",
    )  # fmt: skip
    assert releases.sync(product=product, now=now).outcome == "succeeded"
    factories.make_contacts(3, product=product, contact_list=factories.make_list("Harbor clients", product=product))
    release = product.releases.get(name="4.3.0")
    campaign = planning.plan(release=release, by=None, now=now)
    for email in campaign.emails.all():
        drafting.draft(email=email, now=now)
    return campaign.emails.get(step="announcement")


def test_a_release_goes_from_a_draft_to_inboxes_by_hand(
    open_window: Callable[..., Window], announcement: CampaignEmail, simulator: Any
) -> None:
    marketer = factories.make_user("Marketer", username="marketer")
    factories.make_user("Release manager", username="manager")
    author = open_window()
    log_in(author, "marketer", "not the password")
    assert author.page.is_visible("text=do not go together")
    log_in(author, "marketer")
    # Home says what waits; the e-mail is edited in place and handed over.
    author.page.click(f"a[href='{announcement.get_absolute_url()}'] >> nth=0")
    author.page.wait_for_selector("#edit-subject")
    author.page.fill("#edit-subject", "Harbor Sync 4.3.0: what to prepare")
    author.page.click("#editor .buttons button")
    author.page.wait_for_selector(".toast:has-text('Saved as revision 2')")
    author.page.click("text=Submit for review")
    author.page.wait_for_selector(".toast:has-text('Submitted')")
    # The author may not approve: the verb is not even there.
    author.go(announcement.get_absolute_url())
    assert author.page.query_selector("[data-approve]:not([disabled])") is None
    manager = open_window()
    log_in(manager, "manager")
    manager.go(announcement.get_absolute_url())
    for box in manager.page.query_selector_all("input[name=ticked]"):
        box.check()
    manager.page.click("[data-approve]")
    manager.page.wait_for_selector("text=Approved by")
    announcement.refresh_from_db()
    assert announcement.state == "approved"
    assert announcement.revisions.order_by("-number").first().author == marketer
    # Its moment comes; the sender does the rest.
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=1000)
    assert announcement.send_at is not None
    moment = announcement.send_at + dt.timedelta(seconds=1)
    services.start_due(now=moment)
    services.prepare_due(now=moment)
    sending.send_due(email_id=announcement.pk, seconds=20, clock=lambda: moment)
    services.finish_due(now=moment)
    announcement.refresh_from_db()
    assert announcement.state == "sent"
    received = [mail.as_dict() for mail in simulator.amazon.mails]
    assert len(received) == 3
    assert {mail["subject"] for mail in received} == {"Harbor Sync 4.3.0: what to prepare"}
    # The page tells the end of it.
    author.go(announcement.campaign.get_absolute_url())
    assert author.page.is_visible("text=Adds up >> nth=0")
    assert [*author.taken(), *manager.taken()] == []
