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
from campaigns.review import selectors
from campaigns.review.services.watching import void_unfit
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
    author.page.wait_for_url(f"**{announcement.get_absolute_url()}", wait_until="load")
    author.page.click("#block-subject .words")
    author.page.fill("#edit-subject", "Harbor Sync 4.3.0: what to prepare")
    author.page.keyboard.press("Enter")
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


def told(window: Window, words: str) -> None:
    window.page.wait_for_selector(f".toast:has-text('{words}')")


def at(person: Any, email: CampaignEmail, open_window: Callable[..., Window]) -> Window:
    """A window of a person on the page of an e-mail, with its audience counted."""
    window = open_window(person)
    window.go(email.get_absolute_url())
    window.until("document.querySelector('#sections dl.sum') && !document.querySelector('.htmx-request')")
    return window


def save(window: Window, email: CampaignEmail, subject: str) -> None:
    window.go(email.get_absolute_url())
    window.page.click("#block-subject .words")
    window.page.fill("#edit-subject", subject)
    window.page.click(".edit-foot .button.primary")
    told(window, "Saved as revision")


def submit(window: Window, email: CampaignEmail) -> None:
    window.go(email.get_absolute_url())
    window.page.click("text=Submit for review")
    told(window, "Submitted")


def approve(window: Window, email: CampaignEmail) -> None:
    window.go(email.get_absolute_url())
    window.until("document.querySelector('#sections dl.sum') && !document.querySelector('.htmx-request')")
    for box in window.page.query_selector_all("input[name=ticked]"):
        box.check()
    window.page.click("[data-approve]")
    told(window, "Approved")


def state(email: CampaignEmail) -> str:
    email.refresh_from_db()
    return email.state


def test_the_whole_way_with_every_turn_ends_in_inboxes_by_an_approval_that_is_still_true(
    open_window: Callable[..., Window], announcement: CampaignEmail, simulator: Any
) -> None:
    email = announcement
    author = open_window(factories.make_user("Marketer"))
    manager = open_window(factories.make_user("Release manager"))
    save(author, email, "Harbor Sync 4.3.0: soon for you")
    submit(author, email)
    manager.go(email.get_absolute_url())
    manager.page.fill("#decision-comment", "Please say what to prepare.")
    manager.page.click("button:has-text('Request changes')")
    told(manager, "Changes requested")
    assert state(email) == "needs_changes"
    save(author, email, "Harbor Sync 4.3.0: what to prepare")
    submit(author, email)
    approve(manager, email)
    assert state(email) == "approved"
    save(author, email, "Harbor Sync 4.3.0: prepare for it")
    assert state(email) == "drafted"
    assert selectors.valid_approval(email) is None
    submit(author, email)
    approve(manager, email)
    first = selectors.valid_approval(email)
    assert first is not None and first.rendition is not None
    # Jira changes under the approved text; the next reading and the timetable notice it.
    key = next(key for block in first.revision.blocks for each in block["sentences"] for key in each["keys"])
    before = simulator.jira.data.issues[key]["fields"]["summary"]
    simulator.jira.edit_issue(key, {"summary": f"{before}, reworded"})
    try:
        product = email.campaign.release.product
        assert releases.sync(product=product, now=timezone.now()).outcome == "succeeded"
    finally:
        simulator.jira.edit_issue(key, {"summary": before})
    assert void_unfit(now=timezone.now()) == 1
    assert state(email) == "held"
    manager.go(email.get_absolute_url())
    assert manager.page.is_visible(f".message:has-text('Jira changed since the approval'):has-text('{key}')")
    manager.page.fill("#still-reason", "Only the words of the title changed.")
    manager.page.click("button:has-text('Still true')")
    told(manager, "Still true")
    assert state(email) == "approved"
    last = selectors.valid_approval(email)
    assert last is not None and last.pk != first.pk
    assert last.rendition == first.rendition
    # Its moment comes, and exactly what was approved arrives, once at each address.
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=1000)
    assert email.send_at is not None
    moment = email.send_at + dt.timedelta(seconds=1)
    services.start_due(now=moment)
    services.prepare_due(now=moment)
    sending.send_due(email_id=email.pk, seconds=20, clock=lambda: moment)
    services.finish_due(now=moment)
    assert state(email) == "sent"
    received = [mail.as_dict() for mail in simulator.amazon.mails]
    assert len(received) == 3
    assert {mail["subject"] for mail in received} == {"Harbor Sync 4.3.0: prepare for it"}
    manager.go(email.get_absolute_url())
    assert manager.page.is_visible(".standing >> text=Sent >> nth=0")
    assert [*author.taken(), *manager.taken()] == []


def test_two_managers_press_approve_and_one_approval_stands(
    open_window: Callable[..., Window], announcement: CampaignEmail
) -> None:
    submit(open_window(factories.make_user("Marketer")), announcement)
    windows = [
        at(factories.make_user("Release manager", username=name), announcement, open_window)
        for name in ("rolf", "rita")
    ]
    for window in windows:
        for box in window.page.query_selector_all("input[name=ticked]"):
            box.check()
    for window in windows:
        window.page.click("[data-approve]", no_wait_after=True)
    for window in windows:
        window.page.wait_for_selector(".toast")
    approval = announcement.approvals.get()
    assert approval.voided_at is None
    # Whoever came first: both are told who that was.
    for window in windows:
        window.page.wait_for_selector(f"text=Approved by {approval.by.get_username()} >> nth=0")
    assert [*windows[0].taken(), *windows[1].taken()] == []


def test_who_lost_the_role_while_the_page_was_open_approves_nothing_and_keeps_the_words(
    open_window: Callable[..., Window], announcement: CampaignEmail
) -> None:
    submit(open_window(factories.make_user("Marketer")), announcement)
    person = factories.make_user("Release manager")
    window = at(person, announcement, open_window)
    for box in window.page.query_selector_all("input[name=ticked]"):
        box.check()
    window.page.fill("#decision-comment", "I looked at it closely.")
    person.groups.clear()
    window.page.click("[data-approve]")
    told(window, "your role does not allow it")
    assert window.page.input_value("#decision-comment") == "I looked at it closely."
    assert state(announcement) == "in_review"
    assert not announcement.approvals.exists()


@pytest.mark.parametrize("role", ["Marketer", "Operator"])
def test_a_role_that_does_not_approve_is_refused_even_when_the_button_is_forced(
    open_window: Callable[..., Window], announcement: CampaignEmail, role: str
) -> None:
    submit(open_window(factories.make_user("Marketer")), announcement)
    window = at(factories.make_user(role), announcement, open_window)
    manager = at(factories.make_user("Release manager"), announcement, open_window)
    assert window.page.query_selector("[data-approve]:not([disabled])") is None
    form = manager.page.evaluate("Object.fromEntries(new FormData(document.getElementById('decide')))")
    status = window.page.evaluate(
        """form => {
            const body = new FormData();
            Object.entries(form).forEach(([name, value]) => body.set(name, value));
            ["content", "audience", "time", "compliance"].forEach((name) => body.append("ticked", name));
            body.set("csrfmiddlewaretoken", window.relmail.token());
            return fetch(location.pathname + "approve/", { method: "POST", body }).then((answer) => answer.status);
        }""",
        form,
    )
    assert status == 403
    assert state(announcement) == "in_review"
