"""Stop a send that says something wrong and correct it for those who have it: one verb, one transaction."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.delivery import actions, selectors, services
from campaigns.delivery.models import Batch, Message
from campaigns.models import CampaignEmail, Transition
from campaigns.planning.selectors import audience_rule
from campaigns.review.refusals import ReviewRefused
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories
from tests.factories import NOW
from tests.world import messages

pytestmark = pytest.mark.django_db


def make_send(*, people: int = 12, queued: int = 4, state: str = "sending") -> CampaignEmail:
    """An e-mail in mid-send: two suppressed, one failed, one unknown, the rest accepted or still queued."""
    email = factories.make_approved_email(contacts=people, state=state)
    messages(email, list(email.campaign.lists.get().contacts.order_by("pk")), now=timezone.now(), queued=queued)
    return email


def stop(email: CampaignEmail, by: Any, **options: Any) -> CampaignEmail:
    return services.stop_and_correct(email=email, why="The date is wrong.", by=by, now=NOW, **options)


def audience(correction: CampaignEmail) -> set[int]:
    fresh = CampaignEmail.objects.select_related("campaign__release__product").get(pk=correction.pk)
    return set(audience_rule(fresh).people().values_list("pk", flat=True))


@pytest.mark.parametrize("state", ["sending", "paused"])
def test_the_rest_is_cancelled_and_exactly_those_who_have_it_get_the_correction(
    state: str, release_manager: Any
) -> None:
    email = make_send(state=state)
    other = factories.make_approved_email(email.campaign, step="reminder")
    have_it = set(email.messages.filter(state="accepted").values_list("contact", flat=True))
    correction = stop(email, release_manager)
    assert (correction.correction_of_id, correction.state) == (email.pk, "drafted")
    assert audience(correction) == have_it and len(have_it) == 4
    email.refresh_from_db()
    other.refresh_from_db()
    assert (email.state, email.state_reason, other.state) == ("cancelled", "The date is wrong.", "cancelled")
    sheet = selectors.balance(email)
    assert (sheet.accepted, sheet.cancelled, sheet.queued, sheet.adds_up) == (4, 4, 0, True)
    lines = Transition.objects.filter(email=email, by=release_manager).order_by("pk").values_list("what", "after")
    assert list(lines) == [("email", "cancelled"), ("balance", "")]


def test_asking_twice_gives_the_same_correction(release_manager: Any) -> None:
    email = make_send()
    stale = CampaignEmail.objects.get(pk=email.pk)
    correction = stop(email, release_manager)
    assert stop(stale, release_manager) == correction
    assert CampaignEmail.objects.filter(correction_of=email).count() == 1
    assert Transition.objects.filter(email=email, what="balance").count() == 1


def test_who_gets_it_in_a_call_that_is_under_way_gets_the_correction_too(release_manager: Any) -> None:
    email = make_send()
    waits = email.messages.filter(state="queued").order_by("pk")[0]
    called = Batch.objects.create(email=email, state="sending", not_before=NOW, claimed_at=NOW, queued=1)
    Message.objects.filter(pk=waits.pk).update(batch=called)
    correction = stop(email, release_manager)
    called.refresh_from_db()
    assert (called.state, called.queued) == ("sending", 1), "what is in a call is recorded by its worker"
    assert waits.contact_id not in audience(correction)
    Message.objects.filter(pk=waits.pk).update(state="accepted")
    assert waits.contact_id in audience(correction)


@pytest.mark.parametrize("lacks", ["somebody who has it", "rights to edit", "a send"])
def test_without_a_correction_nothing_is_cancelled(lacks: str, release_manager: Any, operator: Any) -> None:
    email = make_send(state="approved" if lacks == "a send" else "sending")
    other = factories.make_approved_email(email.campaign, step="reminder")
    if lacks == "somebody who has it":
        email.messages.filter(state="accepted").update(state="failed")
    refusals = (ReviewRefused, services.DeliveryRefused)
    with pytest.raises(refusals, match=r"Nobody received it|right to edit|no send to stop"):
        stop(email, operator if lacks == "rights to edit" else release_manager)
    before = email.state
    email.refresh_from_db()
    other.refresh_from_db()
    assert (email.state, other.state) == (before, "approved")
    assert email.messages.filter(state="queued").count() == 4
    assert not Transition.objects.filter(email=email).exists()


def test_a_marketer_stops_nothing(marketer: Any) -> None:
    with pytest.raises(PermissionDenied):
        stop(make_send(), marketer)


def test_what_time_does_not_allow_is_left_to_the_tick(release_manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    email = make_send(people=120, queued=100)
    monkeypatch.setattr(services, "BATCHES_A_SET", 1)
    stop(email, release_manager, until=lambda: True)
    assert email.messages.filter(state="queued").exists()
    assert not Batch.objects.filter(email=email, state="queued").exists(), "none of it can be claimed any more"
    services.sweep_cancelled(now=NOW)
    assert not email.messages.filter(state="queued").exists()


def test_the_page_says_in_figures_what_it_does_and_leads_to_the_correction(sign_in: Any) -> None:
    email, browser = make_send(), sign_in(RELEASE_MANAGER)
    called = Batch.objects.create(email=email, state="sending", not_before=NOW, claimed_at=NOW, queued=1)
    waits = email.messages.filter(state="queued").order_by("pk")[0]
    Message.objects.filter(pk=waits.pk).update(batch=called)
    Batch.objects.filter(email=email).exclude(pk=called.pk).update(queued=3)
    factories.make_approved_email(email.campaign, step="reminder")
    factories.make_email(email.campaign, step="follow_up", state="sending")
    page = browser.get(reverse("delivery:messages", args=[email.pk])).text
    for said in (
        "4 people have it. The correction goes to exactly them, once it is approved.",
        "3 people who still wait do not get it, for good.",
        "1 person is in a call this moment: who gets it by that gets the correction too.",
        "Of 1 person nobody knows whether they have it.",
        "Of the series, cancelled as well: reminder (approved).",
        "Of the series, paused in mid-send for you to decide on: follow-up (sending).",
    ):
        assert said in page
    address = reverse("delivery:change", args=[email.pk, "stop_and_correct"])
    assert f'action="{address}"' in page and 'data-confirm-about="about-stop_and_correct"' in page
    assert "Say why" in browser.post(address, follow=True).text
    answer = browser.post(address, {"why": "The date is wrong."}, follow=True)
    correction = CampaignEmail.objects.get(correction_of=email)
    assert answer.redirect_chain == [(correction.get_absolute_url(), 302)]
    assert "The send is stopped: 4 have it, 3 do not get it, 1 is in a call that is under way." in answer.text


@pytest.mark.parametrize(("role", "offered"), [(RELEASE_MANAGER, True), (OPERATOR, False), (MARKETER, False)])
def test_it_is_offered_to_who_may_do_all_of_it(role: str, offered: bool, sign_in: Any) -> None:
    email, browser = make_send(), sign_in(role)
    page = browser.get(reverse("delivery:messages", args=[email.pk])).text
    assert ("stop_and_correct" in page) == offered
    # The page of the e-mail leads to where these verbs stand on it, beside the figures.
    assert ('href="#send"' in browser.get(email.get_absolute_url()).text) == (role != MARKETER)
    assert ("stop_and_correct" in browser.get(reverse("delivery:balance", args=[email.pk])).text) == offered


def test_it_is_not_offered_while_nobody_has_it(release_manager: Any) -> None:
    email = make_send()
    Batch.objects.filter(email=email).update(accepted=0, queued=8)
    offered = [action.name for action in actions.email_actions(email, release_manager, selectors.balance(email))]
    assert offered == ["pause", "cancel"]


def test_the_figures_cost_the_same_queries_for_any_number(sign_in: Any) -> None:
    def asked(email: CampaignEmail) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert browser.get(reverse("delivery:progress", args=[email.pk])).status_code == 200
        return len(found)

    browser = sign_in(RELEASE_MANAGER)
    few, many = make_send(), make_send(people=130, queued=60)
    for step in ("reminder", "release_day", "follow_up"):
        factories.make_approved_email(many.campaign, step=step)
    asked(few)
    assert asked(few) == asked(many)
