"""From an approved e-mail to SES and back into the ledger, with the real boto3 against the simulator."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from campaigns.audience import services as audience
from campaigns.audience.models import ListMembership
from campaigns.delivery import deciding, limiter, recording, selectors, sending, services
from campaigns.models import (
    Approval,
    Batch,
    CampaignEmail,
    Contact,
    ContactList,
    Message,
    Rendition,
    Sender,
    Transition,
    WarmUp,
)
from campaigns.planning import services as planning
from relmail.simulator.faults import Fault
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that a test sets; reading it does not move it."""

    def __init__(self, start: dt.datetime = NOW) -> None:
        self.moment = start

    def __call__(self) -> dt.datetime:
        return self.moment

    def tick(self, **parts: float) -> dt.datetime:
        self.moment += dt.timedelta(**parts)
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fast(simulator: Any, settings: Any) -> None:
    """A quota that slows no test down, here and at SES, and one call at a time so that a fault hits a known batch."""
    simulator.amazon.account.set_quota(max_per_second=100_000)
    settings.SEND_RATE_PER_SECOND = 100_000
    settings.SEND_CALLS_IN_FLIGHT = 1
    limiter.row()


def work(clock: Clock, *, rounds: int = 1) -> None:
    """What the tick and one worker do, `rounds` times."""
    for _ in range(rounds):
        sending.reap(now=clock())
        services.sweep_cancelled(now=clock())
        services.start_due(now=clock())
        services.prepare_due(now=clock())
        for email_id in services.sending_emails():
            sending.send_due(email_id=email_id, seconds=20, clock=clock)
        services.finish_due(now=clock())


def inbox(simulator: Any, email: CampaignEmail) -> list[Any]:
    return [mail for mail in simulator.amazon.mails if mail.tags.get("email") == str(email.pk)]


def sheet(email: CampaignEmail) -> dict[str, int]:
    balance = selectors.balance(email)
    assert balance.planned == Message.objects.filter(email=email).count()
    names = ("planned", "queued", "accepted", "suppressed", "failed", "cancelled", "unknown")
    counted = {name: getattr(balance, name) for name in names if getattr(balance, name)}
    for state in names[1:]:
        assert getattr(balance, state) == Message.objects.filter(email=email, state=state).count(), state
    return counted


def test_an_approved_email_reaches_every_contact_once_and_the_balance_adds_up(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = factories.make_approved_email(contacts=120)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 120, "accepted": 120}
    mails = inbox(simulator, email)
    assert len(mails) == 120
    assert len({mail.recipients[0] for mail in mails}) == 120
    assert simulator.amazon.mails.figures()["duplicates"] == 0
    assert set(Message.objects.values_list("ses_id", flat=True)) == {mail.message_id for mail in mails}
    # Asked again, by any number of ticks, nothing more goes out.
    work(clock, rounds=3)
    assert len(inbox(simulator, email)) == 120


def test_what_is_received_is_what_was_approved_filled_for_each_reader(simulator: Any, fast: None, clock: Clock) -> None:
    campaign = factories.make_campaign()
    hostile = "<b>Ann</b> & Co"
    contact = factories.make_contacts(1, product=campaign.release.product, contact_list=campaign.lists.get())[0]
    Contact.objects.filter(pk=contact.pk).update(first_name=hostile)
    email = factories.make_approved_email(campaign)
    rendition = Approval.objects.get(email=email).rendition
    assert rendition is not None
    work(clock)
    (mail,) = (received.as_dict() for received in inbox(simulator, email))
    assert mail["subject"] == rendition.subject
    assert f"Hello {hostile}," in mail["text"]
    assert "&lt;b&gt;Ann&lt;/b&gt; &amp; Co" in mail["html"] and hostile not in mail["html"]
    assert "{{" not in mail["html"] + mail["text"] + mail["subject"]
    headers = {name.lower(): value for name, value in mail["headers"].items()}
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    link = headers["list-unsubscribe"].strip("<>")
    assert link in mail["text"] and "/u/" in link
    message = Message.objects.get()
    assert mail["tags"]["message"] == str(message.pk) and mail["tags"]["attempt"] == "1"
    assert mail["tags"]["email"] == str(email.pk) and mail["tags"]["step"] == "announcement"


def test_each_recipient_gets_a_message_without_another_address_in_it(simulator: Any, fast: None, clock: Clock) -> None:
    email = factories.make_approved_email(contacts=3)
    work(clock)
    addresses = list(Message.objects.values_list("address", flat=True))
    for mail in inbox(simulator, email):
        assert len(mail.recipients) == 1
        everything = str(mail.as_dict())
        assert not [other for other in addresses if other != mail.recipients[0] and other in everything]


def test_who_must_not_be_mailed_is_asked_at_the_last_moment(
    simulator: Any, fast: None, clock: Clock, marketer: Any
) -> None:
    email = factories.make_approved_email(contacts=10)
    product = email.campaign.release.product
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    assert sheet(email) == {"planned": 10, "queued": 10}
    people = list(Contact.objects.filter(messages__email=email).order_by("pk"))
    # After everything was prepared: one bounced, one unsubscribed, one was erased.
    audience.suppress(email=people[0].email, reason="hard_bounce", source="test", by=None, now=NOW)
    audience.unsubscribe(contact=people[1], product=product, source="test", by=None, now=NOW)
    people[2].subscriptions.all().delete()
    work(clock)
    email.refresh_from_db()
    assert sheet(email) == {"planned": 10, "accepted": 7, "suppressed": 3}
    assert dict(selectors.reasons(email, "suppressed")) == {"hard_bounce": 1, "unsubscribed": 1, "no_consent": 1}
    got = {mail.recipients[0] for mail in inbox(simulator, email)}
    assert got == {person.email for person in people[3:]}


def test_a_batch_of_which_nobody_may_be_mailed_makes_no_call(simulator: Any, fast: None, clock: Clock) -> None:
    campaign = factories.make_campaign()
    factories.make_contacts(5, contact_list=campaign.lists.get())
    email = factories.make_approved_email(campaign)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 5, "suppressed": 5}
    assert inbox(simulator, email) == []


def test_a_contact_on_five_lists_gets_one_message(simulator: Any, fast: None, clock: Clock) -> None:
    campaign = factories.make_campaign()
    people = factories.make_contacts(4, product=campaign.release.product)
    for _ in range(5):
        extra = factories.make_list()
        extra.contacts.set(people)
        campaign.lists.add(extra)
    email = factories.make_approved_email(campaign)
    work(clock)
    assert sheet(email) == {"planned": 4, "accepted": 4}
    assert len(inbox(simulator, email)) == 4


# --- law 1: nothing leaves that was not approved, byte for byte --------------------------------------------------


def change_bytes(email: CampaignEmail) -> None:
    Rendition.objects.filter(email=email).update(subject="Something else")


def edit(email: CampaignEmail) -> None:
    factories.make_revision(email, factories.make_draft(subject="Kite 2.4.0 has another subject now"))


def void(email: CampaignEmail) -> None:
    Approval.objects.filter(email=email).update(voided_at=NOW)


def other_lists(email: CampaignEmail) -> None:
    email.campaign.lists.add(factories.make_list())


def other_time(email: CampaignEmail) -> None:
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=NOW - dt.timedelta(minutes=1))


def nothing(email: CampaignEmail) -> None:
    return None


@pytest.mark.parametrize("change", [change_bytes, edit, void, other_lists, other_time])
def test_an_approval_that_no_longer_fits_sends_nothing_and_holds_the_email(
    simulator: Any, fast: None, clock: Clock, change: Callable[[CampaignEmail], None]
) -> None:
    email = factories.make_approved_email(contacts=3)
    change(email)
    work(clock)
    email.refresh_from_db()
    assert email.state == "held"
    assert email.state_reason.startswith("The approval does not fit")
    assert inbox(simulator, email) == []


def test_the_same_email_without_a_change_goes_out(simulator: Any, fast: None, clock: Clock) -> None:
    email = factories.make_approved_email(contacts=3)
    nothing(email)
    work(clock)
    assert len(inbox(simulator, email)) == 3


@pytest.mark.parametrize("change", [change_bytes, void])
def test_bytes_that_change_in_mid_send_stop_the_rest(
    simulator: Any, fast: None, clock: Clock, change: Callable[[CampaignEmail], None]
) -> None:
    email = factories.make_approved_email(contacts=120)
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    sent = len(inbox(simulator, email))
    change(email)
    work(clock)
    email.refresh_from_db()
    assert email.state == "paused"
    assert len(inbox(simulator, email)) == sent < 120
    assert sheet(email)["queued"] == 120 - sent


# --- time: early, late, waiting for Jira --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(-1, "approved"), (0, "sent"), (119, "sent"), (121, "held"), (60 * 24, "held")],
)
def test_a_mail_goes_out_at_its_time_and_late_is_not_sent(
    simulator: Any, fast: None, clock: Clock, minutes: int, state: str
) -> None:
    email = factories.make_approved_email(contacts=2)
    clock.tick(minutes=minutes)
    work(clock)
    email.refresh_from_db()
    assert email.state == state
    assert len(inbox(simulator, email)) == (2 if state == "sent" else 0)
    if state == "held":
        assert "late mail is not sent" in email.state_reason


def test_release_day_waits_until_jira_says_released(simulator: Any, fast: None, clock: Clock) -> None:
    email = factories.make_approved_email(contacts=2, step="release_day", needs_release=True)
    work(clock)
    email.refresh_from_db()
    assert email.state == "approved"
    release = email.campaign.release
    release.state = "released"
    release.save(update_fields=["state"])
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"


def test_release_day_is_held_when_jira_says_it_too_late(simulator: Any, fast: None, clock: Clock) -> None:
    email = factories.make_approved_email(contacts=2, step="release_day", needs_release=True)
    clock.tick(hours=3)
    work(clock)
    email.refresh_from_db()
    assert email.state == "held"
    assert "Jira did not say released" in email.state_reason


def test_a_held_campaign_starts_nothing(simulator: Any, fast: None, clock: Clock, release_manager: Any) -> None:
    email = factories.make_approved_email(contacts=2)
    planning.hold_campaign(campaign=email.campaign, why="wait", by=release_manager, now=NOW)
    work(clock)
    email.refresh_from_db()
    assert email.state == "approved"
    assert inbox(simulator, email) == []


# --- pause, resume, cancel ----------------------------------------------------------------------------------------


def started(contacts: int) -> CampaignEmail:
    email = factories.make_approved_email(contacts=contacts)
    services.start_due(now=NOW)
    services.prepare_due(now=NOW)
    email.refresh_from_db()
    return email


def test_pause_and_resume_send_the_rest_and_nobody_twice(
    simulator: Any, fast: None, clock: Clock, release_manager: Any
) -> None:
    email = started(260)
    for _ in range(3):
        sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
        services.pause(email=email, why="look", by=release_manager, now=NOW)
        before = len(inbox(simulator, email))
        work(clock)
        assert len(inbox(simulator, email)) == before
        services.resume(email=email, by=release_manager, now=NOW)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 260, "accepted": 260}
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_cancel_keeps_what_is_out_and_says_how_many(
    simulator: Any, fast: None, clock: Clock, release_manager: Any
) -> None:
    email = started(150)
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    services.cancel(email=email, why="pulled", by=release_manager, now=NOW)
    work(clock, rounds=2)
    email.refresh_from_db()
    assert email.state == "cancelled"
    assert sheet(email) == {"planned": 150, "accepted": 50, "cancelled": 100}
    assert len(inbox(simulator, email)) == 50
    assert email.transitions.filter(what="balance", why__contains="50 accepted").exists()


def test_what_a_worker_puts_back_after_a_cancel_is_cancelled_too(
    simulator: Any, fast: None, clock: Clock, release_manager: Any
) -> None:
    email = started(3)
    simulator.faults.add(Fault("ses", "throttle", "SendBulkEmail"))
    sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    assert sheet(email) == {"planned": 3, "queued": 3}
    CampaignEmail.objects.filter(pk=email.pk).update(state="cancelled")
    services.sweep_cancelled(now=NOW)
    assert sheet(email) == {"planned": 3, "cancelled": 3}


# --- what SES answers ---------------------------------------------------------------------------------------------


def test_a_lost_answer_is_unknown_and_never_repeated_by_a_machine(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(60)
    simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=1))
    work(clock, rounds=3)
    clock.tick(hours=1)
    work(clock, rounds=3)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 60, "accepted": 10, "unknown": 50}
    assert len(inbox(simulator, email)) == 60
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_an_event_settles_what_was_unknown(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(4)
    simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=1))
    work(clock)
    assert sheet(email) == {"planned": 4, "unknown": 4}
    for mail in inbox(simulator, email):
        pk = int(mail.tags["message"])
        assert services.settle(message_id=pk, ses_id=mail.message_id, why="Send event", now=NOW)
        assert not services.settle(message_id=pk, ses_id="other", why="Delivery event", now=NOW)
    assert sheet(email) == {"planned": 4, "accepted": 4}
    assert set(Batch.objects.values_list("state", flat=True)) == {"done"}
    assert not Message.objects.filter(ses_id="other").exists()


def test_throttling_burns_no_attempt_and_loses_nobody(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(5)
    simulator.faults.add(Fault("ses", "throttle", "SendBulkEmail", times=12))
    for _ in range(12):
        work(clock)
        assert set(Message.objects.values_list("attempts", flat=True)) == {0}
        clock.tick(seconds=3)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 5, "accepted": 5}


def test_an_entry_that_may_succeed_later_waits_longer_each_time_and_gives_up_after_seven(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(1)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=0, detail="TRANSIENT_FAILURE"))
    waits = []
    for _ in range(7):
        work(clock)
        waiting = Batch.objects.filter(email=email, state="queued").first()
        if waiting is None:
            break
        waits.append((waiting.not_before - clock()).total_seconds())
        clock.moment = waiting.not_before
    assert len(waits) == 6
    assert 225 <= waits[0] <= 375 and waits[-1] <= 6 * 3600 * 1.25
    assert all(later > earlier for earlier, later in itertools.pairwise(waits))
    email.refresh_from_db()
    assert email.state == "sent"
    message = Message.objects.get(email=email)
    assert (message.state, message.reason, message.attempts) == ("failed", "gave_up", 7)


def test_a_refused_entry_fails_alone(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(3)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=1, detail="MESSAGE_REJECTED"))
    work(clock)
    assert sheet(email) == {"planned": 3, "accepted": 2, "failed": 1}
    assert [group.reason for group in deciding.groups("failed")] == ["MESSAGE_REJECTED"]


def test_a_paused_account_stops_everybody_and_a_person_starts_it_again(
    simulator: Any, fast: None, clock: Clock, operator: Any
) -> None:
    email = started(3)
    simulator.amazon.account.sending_enabled = False
    work(clock, rounds=2)
    row = Sender.objects.get()
    assert row.stopped_at and "SendingPaused" in row.stopped_reason
    assert sheet(email) == {"planned": 3, "queued": 3}
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    simulator.amazon.account.sending_enabled = True
    work(clock)
    assert inbox(simulator, email) == []
    services.start_sender(by=operator, now=NOW)
    work(clock)
    assert sheet(email) == {"planned": 3, "accepted": 3}


def test_the_daily_quota_holds_the_rest_until_it_frees(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(70)
    account = simulator.amazon.account
    account.set_quota(max_24h=account.sent_24h() + 50)
    work(clock)
    assert sheet(email) == {"planned": 70, "accepted": 50, "queued": 20}
    account.set_quota(max_24h=1_000_000)
    work(clock)
    assert sheet(email)["queued"] == 20
    clock.tick(minutes=11)
    work(clock)
    assert sheet(email) == {"planned": 70, "accepted": 70}


def test_ses_out_of_reach_is_tried_again_later(settings: Any, simulator: Any, fast: None, clock: Clock) -> None:
    email = started(2)
    there = settings.AWS_SES_ENDPOINT_URL
    settings.AWS_SES_ENDPOINT_URL = "http://127.0.0.1:9"
    work(clock)
    assert sheet(email) == {"planned": 2, "queued": 2}
    settings.AWS_SES_ENDPOINT_URL = there
    clock.tick(minutes=10)
    work(clock)
    assert sheet(email) == {"planned": 2, "accepted": 2}


# --- death and rebirth --------------------------------------------------------------------------------------------


def test_a_claim_that_was_never_recorded_becomes_unknown_and_never_queued(
    simulator: Any, fast: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = started(60)

    class Died(BaseException):
        """The process ended here."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", die)
        with pytest.raises(Died):
            work(clock)
    assert len(inbox(simulator, email)) == 50
    clock.tick(seconds=sending.CLAIM_SECONDS - 1)
    work(clock)
    assert sheet(email) == {"planned": 60, "accepted": 10, "queued": 50}
    clock.tick(seconds=2)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 60, "accepted": 10, "unknown": 50}
    assert set(email.messages.filter(state="unknown").values_list("attempts", flat=True)) == {1}
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_a_late_answer_after_the_reaper_still_counts(
    simulator: Any, fast: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = started(3)
    real = recording.record

    def reaped_first(done: Any, *, now: dt.datetime) -> None:
        clock.tick(minutes=2)
        assert sending.reap(now=clock()) == 1
        real(done, now=clock())

    monkeypatch.setattr(recording, "record", reaped_first)
    work(clock)
    assert sheet(email) == {"planned": 3, "accepted": 3}
    assert Batch.objects.get().state == "done"


def test_an_interrupted_preparation_goes_on_where_it_ended(
    simulator: Any, fast: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from campaigns.delivery import preparing

    monkeypatch.setattr(preparing, "CHUNK", 20)
    email = factories.make_approved_email(contacts=70)
    services.start_due(now=NOW)
    email.refresh_from_db()
    assert preparing._write_chunk(email, preparing.audience_rule(email), now=NOW) == 20
    # The worker died here. What is there may already be sent; the rest follows and nobody has two messages.
    sending.send_due(email_id=email.pk, seconds=20, clock=clock)
    services.finish_due(now=NOW)
    email.refresh_from_db()
    assert email.state == "sending"
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 70, "accepted": 70}


def test_who_comes_to_a_list_while_it_is_being_prepared_pushes_nobody_out(
    simulator: Any, fast: None, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from campaigns.delivery import preparing

    monkeypatch.setattr(preparing, "CHUNK", 20)
    settings.SEND_BATCH_SIZE = 10
    email = factories.make_approved_email(contacts=40)
    members = ListMembership.objects.filter(contact_list__in=email.campaign.lists.all()).order_by("contact_id")
    early = members[3]
    ListMembership.objects.filter(pk=early.pk).delete()
    comes = [ListMembership(contact_list_id=early.contact_list_id, contact_id=early.contact_id)]

    def somebody_comes(execute: Any, statement: str, *rest: Any) -> Any:
        # After they were counted and the batches cut, before their messages are written.
        if comes and statement.lstrip().startswith(f"INSERT INTO {Message._meta.db_table}"):
            ListMembership.objects.bulk_create([comes.pop()])
        return execute(statement, *rest)

    services.start_due(now=NOW)
    email.refresh_from_db()
    with connection.execute_wrapper(somebody_comes):
        services.prepare_due(now=NOW)
    # The chunk was undone and written anew; the newcomer's row went with it here, where both share a transaction.
    work(clock)
    assert not comes
    assert sheet(email) == {"planned": 39, "accepted": 39}
    assert all(batch.accepted <= 10 for batch in email.batches.all())


def test_many_calls_in_flight_mail_everybody_once(simulator: Any, fast: None, clock: Clock, settings: Any) -> None:
    settings.SEND_CALLS_IN_FLIGHT = 16
    settings.SEND_BATCH_SIZE = 10
    simulator.faults.add(Fault("ses", "slow", "SendBulkEmail", times=0, seconds=0.05))
    email = factories.make_approved_email(contacts=400)
    work(clock)
    assert sending.in_flight.waits > 1
    assert sheet(email) == {"planned": 400, "accepted": 400}
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_the_frequency_cap_counts_all_products(simulator: Any, fast: None, clock: Clock, settings: Any) -> None:
    settings.FREQUENCY_CAP_EMAILS, settings.FREQUENCY_CAP_DAYS = 2, 7
    people = factories.make_contacts(2)
    sent = []
    for days in (0, 1, 1, 9):
        clock.tick(days=days)
        campaign = factories.make_campaign()
        product = campaign.release.product
        for person in people:
            audience.subscribe(contact=person, product=product, basis="contract", source="test", by=None, now=clock())
        campaign.lists.get().contacts.set(people)
        email = factories.make_approved_email(campaign, send_at=clock())
        work(clock)
        sent.append(sheet(email))
    full, none = {"planned": 2, "accepted": 2}, {"planned": 2, "suppressed": 2}
    assert sent == [full, full, none, full]
    assert set(Message.objects.filter(state="suppressed").values_list("reason", flat=True)) == {"frequency_cap"}


def test_each_contact_is_mailed_at_the_wall_time_of_its_own_zone(simulator: Any, fast: None, clock: Clock) -> None:
    campaign = factories.make_campaign()
    product, contact_list = campaign.release.product, campaign.lists.get()
    zones = {
        "Asia/Tokyo": "2026-11-11T01:00",
        "Europe/Berlin": "2026-11-11T09:00",
        "America/New_York": "2026-11-11T15:00",
    }
    for zone in zones:
        for person in factories.make_contacts(2, product=product, contact_list=contact_list):
            Contact.objects.filter(pk=person.pk).update(time_zone=zone)
    # Ten o'clock on 11 November, first on the line islands (UTC+14).
    start = dt.datetime(2026, 11, 10, 20, 0, tzinfo=dt.UTC)
    email = factories.make_approved_email(campaign, send_at=start, local_time=True)
    clock.moment = start
    work(clock)
    assert sheet(email) == {"planned": 6, "queued": 6}
    for number, (zone, moment) in enumerate(zones.items(), start=1):
        clock.moment = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        work(clock)
        assert len(inbox(simulator, email)) == 2 * number, zone
    assert sheet(email) == {"planned": 6, "accepted": 6}


def test_mail_that_would_come_at_night_waits_for_the_window(simulator: Any, fast: None, clock: Clock) -> None:
    campaign = factories.make_campaign()
    person = factories.make_contacts(1, product=campaign.release.product, contact_list=campaign.lists.get())[0]
    Contact.objects.filter(pk=person.pk).update(time_zone="America/Los_Angeles")
    email = factories.make_approved_email(campaign, window_opens=dt.time(8), window_closes=dt.time(18))
    work(clock)  # nine o'clock UTC is one in the morning there
    assert sheet(email) == {"planned": 1, "queued": 1}
    clock.moment = NOW.replace(hour=16)
    work(clock)
    assert sheet(email) == {"planned": 1, "accepted": 1}


# --- people decide ------------------------------------------------------------------------------------------------


def unknown_email(simulator: Any, clock: Clock, contacts: int = 3) -> CampaignEmail:
    email = started(contacts)
    simulator.faults.add(Fault("ses", "refuse", "SendBulkEmail", times=1, status=500))
    work(clock)
    email.refresh_from_db()
    assert sheet(email) == {"planned": contacts, "unknown": contacts}
    return email


def test_an_operator_sends_an_unknown_message_again_with_a_reason(
    simulator: Any, fast: None, clock: Clock, operator: Any
) -> None:
    email = unknown_email(simulator, clock)
    ids = list(Message.objects.values_list("pk", flat=True))
    changed = services.decide(
        messages=ids[:2], verdict="queued", reason="no Send event after a day", by=operator, now=NOW
    )
    assert changed == 2
    work(clock)
    assert sheet(email) == {"planned": 3, "accepted": 2, "unknown": 1}
    assert services.decide(messages=ids, verdict="accepted", reason="the client has it", by=operator, now=NOW) == 1
    assert sheet(email) == {"planned": 3, "accepted": 3}
    email.refresh_from_db()
    assert email.state == "sent"


def test_a_decision_needs_a_reason_a_right_and_the_messages_of_one_email(
    simulator: Any, fast: None, clock: Clock, operator: Any, marketer: Any
) -> None:
    from django.core.exceptions import PermissionDenied

    email = unknown_email(simulator, clock)
    ids = list(Message.objects.values_list("pk", flat=True))
    with pytest.raises(services.DeliveryRefused, match="Say why"):
        services.decide(messages=ids, verdict="queued", reason=" ", by=operator, now=NOW)
    with pytest.raises(PermissionDenied):
        services.decide(messages=ids, verdict="queued", reason="because", by=marketer, now=NOW)
    assert sheet(email) == {"planned": 3, "unknown": 3}


def test_a_failed_message_is_sent_again_but_an_accepted_one_never(
    simulator: Any, fast: None, clock: Clock, operator: Any
) -> None:
    email = started(2)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=1, detail="MESSAGE_REJECTED"))
    work(clock)
    everybody = list(Message.objects.values_list("pk", flat=True))
    assert services.decide(messages=everybody, verdict="queued", reason="mended", by=operator, now=NOW) == 1
    work(clock)
    assert sheet(email) == {"planned": 2, "accepted": 2}
    assert simulator.amazon.mails.figures()["duplicates"] == 0


# --- the fleet's quota --------------------------------------------------------------------------------------------


def grants(clock: Clock, *, milliseconds: float, times: int, sizes: tuple[int, ...] = (10,)) -> list[dt.datetime]:
    """Ask for room again and again; the moments at which a recipient was granted, one entry each."""
    granted: list[dt.datetime] = []
    for _ in range(times):
        got = limiter.grant(lambda: list(sizes), product_id=0, now=clock())
        granted += [clock.moment] * got.recipients
        clock.tick(milliseconds=milliseconds)
    return granted


def busiest_second(granted: list[dt.datetime]) -> int:
    return max(
        sum(1 for moment in granted if first <= moment < first + dt.timedelta(seconds=1)) for first in set(granted)
    )


@pytest.mark.parametrize("sizes", [(10,), (10, 10, 10, 10), (50,), (3,)])
def test_the_limiter_grants_nearly_all_of_the_rate_and_never_more(db: None, sizes: tuple[int, ...]) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=100, next_free_at=0)
    granted = grants(Clock(), milliseconds=25, times=400, sizes=sizes)
    # Ten seconds at a hundred a second, with the burst and one batch on top.
    assert 950 <= len(granted) <= 1_000 + 100 * limiter.BURST_SECONDS + max(sizes)
    assert busiest_second(granted) <= 100 + 100 * limiter.BURST_SECONDS + max(sizes)


def test_a_batch_larger_than_the_burst_still_passes(db: None) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=1, next_free_at=0)
    clock = Clock()
    assert limiter.grant(lambda: [50], product_id=0, now=clock()).batches == 1
    refused = limiter.grant(lambda: [50], product_id=0, now=clock())
    assert refused.batches == 0 and refused.wait > 45
    assert limiter.grant(lambda: [50], product_id=0, now=clock.tick(seconds=52)).batches == 1


def test_the_rolling_day_and_the_calls_in_flight_narrow_the_grant(db: None) -> None:
    row = limiter.row()
    Sender.objects.filter(pk=row.pk).update(rate_per_second=10_000, max_per_day=100, sent_last_day=20)
    assert limiter.grant(lambda: [50, 50, 50], product_id=0, now=NOW).recipients == 50
    rest = limiter.grant(lambda: [50], product_id=0, now=NOW)
    assert (rest.batches, rest.part) == (1, 30)  # of a batch that does not fit, what does
    assert limiter.grant(lambda: [50], product_id=0, now=NOW).why == "The 24-hour quota of SES is used up."
    Sender.objects.filter(pk=row.pk).update(max_per_day=-1, most_in_flight=2)
    assert limiter.grant(lambda: [50, 50, 50], product_id=0, now=NOW).batches == 2
    email = factories.make_email()
    for _ in range(2):
        Batch.objects.create(email=email, not_before=NOW, state="sending")
    assert limiter.grant(lambda: [50], product_id=0, now=NOW).batches == 0


@pytest.mark.parametrize(("held", "granted"), [((), 8), ((3,), 5), ((3, 5), 0), ((50,), 0)])
def test_the_calls_in_flight_count_each_recipient_where_each_is_a_call(
    db: None, held: tuple[int, ...], granted: int
) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=10_000, max_per_day=-1, most_in_flight=8)
    email = factories.make_email()
    for people in held:
        Batch.objects.create(email=email, not_before=NOW, state="sending", queued=people)
    grant = limiter.grant(lambda: [50, 50], product_id=0, now=NOW, one_by_one=True)
    assert (grant.recipients, grant.part) == (granted, granted)


def test_a_warm_up_caps_each_day_per_product_and_for_everything(db: None) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=10_000)
    young, old = factories.make_product(), factories.make_product()
    WarmUp.objects.create(product=young, starts_on=NOW.date(), caps=[100, 200])
    WarmUp.objects.create(product=None, starts_on=NOW.date() - dt.timedelta(days=1), caps=[50, 230])
    clock = Clock()

    def sent(product: Any) -> int:
        return limiter.grant(lambda: [50] * 10, product_id=product.pk, now=clock()).recipients

    assert sent(young) == 100
    clock.tick(seconds=1)
    assert (sent(young), sent(old)) == (0, 100)
    clock.tick(seconds=1)
    # The plan for everything has 30 left today, which is a part of a batch.
    assert (sent(old), sent(old)) == (30, 0)
    clock.tick(days=1)
    assert sent(young) == 200
    clock.tick(days=1)
    assert sent(young) == 500


def test_ses_throttling_shrinks_the_pace_and_time_gives_it_back(simulator: Any, settings: Any) -> None:
    settings.SEND_RATE_PER_SECOND = 0
    for _ in range(40):
        limiter.slow_down(now=NOW, seconds=1)
    assert limiter.row().pace == pytest.approx(limiter.SLOWEST_PACE)
    for _ in range(10):
        row = limiter.learn(now=NOW)
    assert row.pace == 1.0


def test_a_short_rest_never_shortens_a_long_one_and_one_of_a_wrong_clock_does_not_count(db: None) -> None:
    limiter.row()
    assert limiter.slow_down(now=NOW, seconds=600, shrink=1.0, why="quota")
    assert not limiter.slow_down(now=NOW, seconds=1)
    assert (limiter.row().throttled_until, limiter.row().throttled_why) == (NOW + dt.timedelta(seconds=600), "quota")
    assert limiter.grant(lambda: [1], product_id=0, now=NOW).why == "quota"
    Sender.objects.update(throttled_until=NOW + dt.timedelta(days=1))
    limiter.slow_down(now=NOW, seconds=1)
    assert limiter.row().throttled_until == NOW + dt.timedelta(seconds=1)


def test_a_used_up_daily_quota_leaves_one_line_of_history_however_often_ses_says_it(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(60)
    simulator.amazon.account.max_24h = 10
    for _ in range(4):
        work(clock)
        clock.tick(seconds=601)
    assert sheet(email)["queued"] >= 50
    line = Transition.objects.get(what="sender")
    assert line.after == "waiting" and "daily quota" in line.why
    assert limiter.row().stopped_at is None
    simulator.amazon.account.max_24h = 1_000_000
    work(clock)
    assert sheet(email) == {"planned": 60, "accepted": 60}


@pytest.mark.parametrize(("setting", "account", "used"), [(0, 14, 14), (5, 14, 5), (5000, 14, 14)])
def test_a_setting_makes_the_rate_smaller_but_never_larger_than_ses_allows(
    simulator: Any, settings: Any, setting: float, account: float, used: float
) -> None:
    settings.SEND_RATE_PER_SECOND = setting
    simulator.amazon.account.set_quota(max_per_second=account, max_24h=50_000)
    assert limiter.learn(now=NOW).rate_per_second == used


def test_mail_that_does_not_wait_makes_campaigns_wait(db: None) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=10, next_free_at=0)
    limiter.pass_first(20, now=NOW)
    assert limiter.grant(lambda: [1], product_id=0, now=NOW).wait > 1.5


def test_the_quota_is_read_back_from_ses(simulator: Any, settings: Any) -> None:
    settings.SEND_RATE_PER_SECOND = 0
    simulator.amazon.account.set_quota(max_per_second=14, max_24h=50_000)
    row = limiter.learn(now=NOW)
    assert (row.rate_per_second, row.max_per_day, row.check_error) == (14, 50_000, "")
    simulator.faults.add(Fault("ses", "refuse", "GetAccount", status=500))
    row = limiter.learn(now=NOW)
    assert row.rate_per_second == 14 and row.check_error


def test_only_who_may_stops_the_sender(marketer: Any, operator: Any) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        services.stop_sender(reason="no", by=marketer, now=NOW)
    services.stop_sender(reason="maintenance", by=operator, now=NOW)
    assert Sender.objects.get().stopped_reason == "maintenance"


def test_messages_of_an_empty_list_add_up_to_nothing(simulator: Any, fast: None, clock: Clock) -> None:
    campaign = factories.make_campaign()
    assert ContactList.objects.exists()
    email = factories.make_approved_email(campaign)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {}
