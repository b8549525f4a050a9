"""Campaigns on the pages: the list, planning one, one campaign with its verbs, and its buttons."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from campaigns import states
from campaigns.delivery.models import Batch
from campaigns.models import Campaign, CampaignEmail, Transition
from campaigns.planning import actions, services
from campaigns.review.services.watching import void_unfit
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories
from tests.world import messages

pytestmark = pytest.mark.django_db


def soon(days: float = 5) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def change(browser: Browser, campaign: Campaign, verb: str, **data: Any) -> str:
    """Press a button of a campaign and read the page that follows."""
    answer = browser.post(reverse("planning:change_campaign", args=[campaign.pk, verb]), data, follow=True)
    assert answer.status_code == 200
    return answer.text


def change_email(browser: Browser, email: CampaignEmail, verb: str, **data: Any) -> str:
    answer = browser.post(reverse("planning:change_email", args=[email.pk, verb]), data, follow=True)
    assert answer.status_code == 200
    return answer.text


# --- the list -------------------------------------------------------------------------------------------------------


def test_the_campaign_that_sends_next_comes_first(sign_in: Any) -> None:
    late, early, done = (factories.make_campaign(factories.make_release(name=name)) for name in ("7.1", "7.2", "7.3"))
    factories.make_email(late, state="drafted", send_at=soon(9))
    factories.make_email(early, state="approved", send_at=soon(2))
    factories.make_email(done, state="sent", send_at=soon(-9))
    shown = sign_in(MARKETER).get(reverse("planning:list")).text
    assert shown.index("Kite 7.2") < shown.index("Kite 7.1") < shown.index("Kite 7.3")


def test_the_list_is_searched_by_words_state_and_product(sign_in: Any) -> None:
    kite = factories.make_campaign(factories.make_release(name="7.1"), state="held", hold_reason="The date is gone.")
    harbor = factories.make_campaign(factories.make_release(factories.make_product(name="Harbor"), name="9"))
    browser = sign_in(MARKETER)

    def found(**query: str) -> set[int]:
        return {campaign.pk for campaign in browser.get(reverse("planning:list"), query).context["page"]}

    assert found() == {kite.pk, harbor.pk}
    assert found(text="harb") == {harbor.pk}
    assert found(state="held") == {kite.pk}
    assert found(product=kite.release.product.jira_key) == {kite.pk}
    assert found(text="nothing like it") == set()
    assert "No campaign fits" in browser.get(reverse("planning:list"), {"text": "nothing"}).text


def test_without_campaigns_the_page_says_how_one_comes_about(sign_in: Any) -> None:
    assert "planned by itself" in sign_in(MARKETER).get(reverse("planning:list")).text


@pytest.mark.parametrize("rows", [3, 30])
def test_the_list_asks_the_same_few_queries_for_any_length(
    rows: int, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    cadence = factories.make_cadence()
    for number in range(rows):
        campaign = factories.make_campaign(factories.make_release(name=f"3.{number}"), cadence=cadence)
        for step in states.STEPS:
            factories.make_email(campaign, step=step)
    browser = sign_in(MARKETER)
    with django_assert_max_num_queries(11):
        assert browser.get(reverse("planning:list")).status_code == 200


# --- planning one ---------------------------------------------------------------------------------------------------


@pytest.fixture
def release() -> Any:
    """A release six weeks ahead that was read and has no campaign."""
    release = factories.make_release(release_date=soon(42).date())
    factories.make_snapshot(release)
    return release


def test_planning_shows_the_times_before_anything_is_made(release: Any, sign_in: Any) -> None:
    cadence = factories.make_cadence(product=release.product, name="Ours")
    shown = sign_in(MARKETER).get(reverse("planning:plan", args=[release.pk]))
    assert [step.label for step in shown.context["steps"]] == list(states.STEPS.values())
    assert shown.context["cadence"] == cadence
    assert "only once Jira says released" in shown.text
    assert not Campaign.objects.exists()


def test_another_cadence_shows_its_own_times_in_place(release: Any, sign_in: Any) -> None:
    factories.make_cadence(product=release.product)
    other = factories.make_cadence(name="Short")
    other.steps.exclude(kind="reminder").delete()
    address = reverse("planning:plan", args=[release.pk])
    part = sign_in(MARKETER).get(address, {"cadence": other.pk}, headers={"HX-Request": "true"})
    assert "Reminder" in part.text
    assert "Announcement" not in part.text
    assert "<html" not in part.text


def test_a_planned_campaign_has_the_chosen_cadence_and_lists(release: Any, sign_in: Any) -> None:
    cadence = factories.make_cadence()
    chosen, _other = factories.make_list("Chosen"), factories.make_list("Other", product=release.product)
    answer = sign_in(MARKETER).post(
        reverse("planning:plan", args=[release.pk]), {"cadence": cadence.pk, "lists": [chosen.pk]}
    )
    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == campaign.get_absolute_url()
    assert (campaign.cadence, [*campaign.lists.all()], campaign.emails.count()) == (cadence, [chosen], 4)


def test_a_plan_that_cannot_be_is_refused_in_words(sign_in: Any) -> None:
    release = factories.make_release(release_date=None)
    factories.make_snapshot(release)
    answer = sign_in(MARKETER).post(
        reverse("planning:plan", args=[release.pk]), {"cadence": factories.make_cadence().pk}
    )
    assert answer.status_code == 422
    assert "has no release date in Jira" in answer.text
    assert not Campaign.objects.exists()


def test_planning_twice_leads_to_the_campaign_that_is_there(release: Any, sign_in: Any) -> None:
    campaign = factories.make_campaign(release)
    answer = sign_in(MARKETER).get(reverse("planning:plan", args=[release.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == campaign.get_absolute_url()
    assert "has a campaign already" in answer.text


# --- one campaign ---------------------------------------------------------------------------------------------------


def test_the_campaign_shows_time_in_both_zones_writer_and_approval(sign_in: Any) -> None:
    email = factories.make_approved_email(send_at=dt.datetime(2027, 7, 1, 8, 0, tzinfo=dt.UTC))
    shown = sign_in(MARKETER).get(email.campaign.get_absolute_url()).text
    assert "Thu 1 Jul 2027, 10:00" in shown
    assert "(08:00 UTC)" in shown
    assert "Drafted by the rule-based drafter, revision 1" in shown
    assert email.approvals.get().by.username in shown


def test_a_time_that_nobody_chose_yet_is_not_called_chosen(sign_in: Any) -> None:
    email = factories.make_email(state="drafted", send_at=None, send_at_by_person=True)
    browser = sign_in(MARKETER)
    assert "chosen by hand" not in browser.get(email.campaign.get_absolute_url()).text
    CampaignEmail.objects.update(send_at=soon())
    assert "chosen by hand" in browser.get(email.campaign.get_absolute_url()).text


def test_a_mail_cancelled_in_mid_send_still_says_who_approved_it(sign_in: Any) -> None:
    email = factories.make_approved_email(contacts=1, state="cancelled")
    by = email.approvals.get().by
    void_unfit(now=timezone.now())
    assert email.approvals.get().voided_at is not None
    shown = sign_in(MARKETER).get(email.campaign.get_absolute_url()).text
    approval = shown.partition("<dt>Approval</dt><dd>")[2].partition("</dd>")[0]
    assert str(by) in approval
    assert "; void since " in approval


@pytest.mark.parametrize(("state", "said"), [("drafted", "None yet"), ("cancelled", "None")])
def test_what_was_never_approved_says_whether_it_still_can_be(state: str, said: str, sign_in: Any) -> None:
    email = factories.make_email(state=state)
    shown = sign_in(MARKETER).get(email.campaign.get_absolute_url()).text
    assert f"<dt>Approval</dt><dd>{said}</dd>" in shown


def test_the_balance_sheet_says_when_it_does_not_add_up(sign_in: Any) -> None:
    email = factories.make_email(state="sending")
    batch = Batch.objects.create(email=email, not_before=factories.NOW, accepted=40, queued=10)
    browser = sign_in(MARKETER)
    address = email.campaign.get_absolute_url()
    assert "On the way" in browser.get(address).text

    CampaignEmail.objects.filter(pk=email.pk).update(state="sent")
    shown = browser.get(address).text
    assert "Does not add up" in shown
    assert "50 planned, 40 with an end state" in shown

    batch.accepted, batch.queued, batch.failed = 40, 0, 10
    batch.save()
    shown = browser.get(address).text
    assert "Adds up" in shown
    assert "Does not add up" not in shown


def test_the_audience_is_a_sum_that_comes_after_the_page(sign_in: Any) -> None:
    campaign = factories.make_campaign(contacts=5)
    factories.make_contacts(2, contact_list=campaign.lists.get())  # on the list, without consent
    browser = sign_in(MARKETER)
    assert "Counting the people" in browser.get(campaign.get_absolute_url()).text
    part = browser.get(reverse("planning:audience", args=[campaign.pk]))
    assert part.context["total"].planned == 7
    assert part.context["total"].will_be_sent == 5
    assert "No consent" in part.text


def test_the_history_tells_states_by_their_labels(sign_in: Any, release_manager: Any) -> None:
    email = factories.make_email(state="in_review")
    services.hold_email(email=email, why="Legal is asking.", by=release_manager, now=timezone.now())
    services.set_send_at(email=email, send_at=soon(), by=release_manager, now=timezone.now())
    shown = sign_in(MARKETER).get(email.campaign.get_absolute_url()).text
    assert "In review → Held" in shown
    assert "Legal is asking." in shown
    assert release_manager.username in shown


@pytest.mark.parametrize("rows", [3, 30])
def test_a_campaign_asks_the_same_queries_however_much_happened(
    rows: int, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    campaign = factories.make_campaign()
    for step in states.STEPS:
        email = factories.make_email(campaign, step=step, state="sent")
        for _ in range(rows):
            factories.make_revision(email)
            Batch.objects.create(email=email, not_before=factories.NOW, accepted=50)
            Transition.objects.create(
                what="email", email=email, campaign=campaign, before="a", after="b", at=factories.NOW
            )
        campaign.lists.add(factories.make_list())
    browser = sign_in(RELEASE_MANAGER)
    with django_assert_max_num_queries(20):
        assert browser.get(campaign.get_absolute_url()).status_code == 200


# --- its verbs ------------------------------------------------------------------------------------------------------


def test_a_campaign_is_held_with_a_reason_let_go_and_cancelled(sign_in: Any) -> None:
    email = factories.make_email(state="drafted")
    campaign, browser = email.campaign, sign_in(RELEASE_MANAGER)

    assert "Say why" in change(browser, campaign, "hold")
    campaign.refresh_from_db()
    assert campaign.state == "active"

    assert "nothing of it starts" in change(browser, campaign, "hold", why="Wait for legal.")
    campaign.refresh_from_db()
    assert (campaign.state, campaign.hold_reason) == ("held", "Wait for legal.")

    assert "goes on" in change(browser, campaign, "resume")
    assert "cancelled" in change(browser, campaign, "cancel", why="The release is off.")
    campaign.refresh_from_db()
    email.refresh_from_db()
    assert (campaign.state, email.state) == ("cancelled", "cancelled")

    assert "cannot become held" in change(browser, campaign, "hold", why="Too late")


def test_other_lists_void_what_was_approved(sign_in: Any) -> None:
    email = factories.make_approved_email(send_at=soon())
    other = factories.make_list("Others")
    change(sign_in(MARKETER), email.campaign, "lists", lists=[other.pk])
    email.refresh_from_db()
    assert [*email.campaign.lists.all()] == [other]
    assert email.state == "in_review"


def test_a_time_is_read_in_the_products_zone(sign_in: Any) -> None:
    email = factories.make_email(state="drafted", send_at=soon())
    day = soon(200).date().replace(month=7, day=1)
    change_email(sign_in(MARKETER), email, "time", **{f"email-{email.pk}-day": day, f"email-{email.pk}-time": "10:00"})
    email.refresh_from_db()
    assert email.send_at == dt.datetime(day.year, 7, 1, 8, 0, tzinfo=dt.UTC)
    assert email.send_at_by_person


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("2001-01-01", "10:00", "has passed"),
        ("", "10:00", "required"),
        ("2031-03-30", "02:30", "skip 02:30"),
        ("not a day", "10:00", "valid date"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_the_old_one_stays(day: str, time: str, said: str, sign_in: Any) -> None:
    before = soon()
    email = factories.make_email(state="drafted", send_at=before)
    shown = change_email(
        sign_in(MARKETER), email, "time", **{f"email-{email.pk}-day": day, f"email-{email.pk}-time": time}
    )
    assert said in shown
    email.refresh_from_db()
    assert email.send_at == before


def test_an_e_mail_is_held_given_back_and_cancelled(sign_in: Any) -> None:
    email = factories.make_email(state="in_review", send_at=soon())
    browser = sign_in(RELEASE_MANAGER)
    change_email(browser, email, "hold", why="A client asked.")
    email.refresh_from_db()
    assert (email.state, email.state_reason) == ("held", "A client asked.")
    assert "back in the work: in review" in change_email(browser, email, "resume")
    change_email(browser, email, "cancel", why="Not needed.")
    email.refresh_from_db()
    assert email.state == "cancelled"


def test_an_unknown_verb_is_no_page(sign_in: Any) -> None:
    campaign = factories.make_campaign()
    assert sign_in(RELEASE_MANAGER).post(f"/campaigns/{campaign.pk}/explode/").status_code == 404


def test_a_verb_is_never_done_by_looking(sign_in: Any) -> None:
    campaign = factories.make_campaign()
    assert sign_in(RELEASE_MANAGER).get(f"/campaigns/{campaign.pk}/hold/").status_code == 405


def _do_campaign(verb: str, campaign: Campaign, user: Any) -> None:
    now = timezone.now()
    {
        "hold": lambda: services.hold_campaign(campaign=campaign, why="w", by=user, now=now),
        "resume": lambda: services.resume_campaign(campaign=campaign, by=user, now=now),
        "cancel": lambda: services.cancel_campaign(campaign=campaign, why="w", by=user, now=now),
    }[verb]()


def _do_email(verb: str, email: CampaignEmail, user: Any) -> None:
    now = timezone.now()
    {
        "hold": lambda: services.hold_email(email=email, why="w", by=user, now=now),
        "resume": lambda: services.resume_email(email=email, by=user, now=now),
        "cancel": lambda: services.cancel_email(email=email, why="w", by=user, now=now),
        "time": lambda: services.set_send_at(email=email, send_at=soon(30), by=user, now=now),
    }[verb]()


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER, OPERATOR])
def test_a_campaigns_buttons_are_the_verbs_that_its_service_does(role: str) -> None:
    user, cadence = factories.make_user(role), factories.make_cadence()
    for state in states.CAMPAIGN:
        for verb in ("hold", "resume", "cancel"):
            campaign = factories.make_campaign(state=state, cadence=cadence)
            offered = {action.name for action in actions.campaign_actions(campaign, user) if action.allowed}
            try:
                _do_campaign(verb, campaign, user)
                done = True
            except (services.PlanRefused, states.MoveRefused, PermissionDenied):
                done = False
            assert (verb in offered) == done, f"{verb} of a campaign that is {state} as {role}"


@pytest.mark.parametrize("role", [MARKETER, RELEASE_MANAGER, OPERATOR])
def test_an_e_mails_buttons_are_the_verbs_that_its_service_does(role: str) -> None:
    user, cadence = factories.make_user(role), factories.make_cadence()
    for state in states.EMAIL:
        for verb in ("hold", "resume", "cancel", "time"):
            email = factories.make_email(factories.make_campaign(cadence=cadence), state=state, send_at=soon())
            now = timezone.now()
            offered = {action.name for action in actions.email_actions(email, user, now=now) if action.allowed}
            try:
                _do_email(verb, email, user)
                done = True
            except (services.PlanRefused, states.MoveRefused, PermissionDenied):
                done = False
            assert (verb in offered) == done, f"{verb} of an e-mail that is {state} as {role}"


def test_the_page_shows_only_the_buttons_of_the_role(sign_in: Any) -> None:
    email = factories.make_email(state="drafted", send_at=soon())
    address = email.campaign.get_absolute_url()
    shown = sign_in(MARKETER).get(address).text
    assert "Change the time" in shown
    assert "Cancel the campaign" not in shown
    shown = sign_in(OPERATOR).get(address).text
    assert "Change the time" not in shown
    assert "Cancel the campaign" in shown


def test_a_send_that_reached_fewer_than_its_approval_counted_on_says_so(sign_in: Any) -> None:
    email = factories.make_approved_email(contacts=3, state="sending")
    email.approvals.update(audience_size=5)
    messages(email, list(email.campaign.lists.get().contacts.all()), now=timezone.now())
    email.batches.update(accepted=3, suppressed=0, failed=0, cancelled=0, unknown=0)
    look = sign_in(MARKETER).get
    assert "fewer than the approval counted on" not in look(email.campaign.get_absolute_url()).text
    type(email).objects.update(state="sent")
    assert "2 fewer than the approval counted on" in look(email.campaign.get_absolute_url()).text
