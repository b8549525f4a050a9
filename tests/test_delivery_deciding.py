"""Groups of messages that failed or of which nobody knows: retried or written off in sets, a million as ten."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from analytics import services as analytics
from analytics.models import SnsNotification
from campaigns.delivery import claiming, deciding, listing, sending, services, ses
from campaigns.delivery.clearance import clearance
from campaigns.models import Batch, CampaignEmail, Message
from relmail.simulator.faults import Fault
from tests import factories
from tests.factories import NOW
from tests.sns_letters import ses_event
from tests.test_delivery_send import Clock, clock, fast, inbox, sheet, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(simulator: Any, fast: None, clock: Clock) -> CampaignEmail:
    """A finished e-mail: 40 accepted, 30 rejected, 20 gave up, 10 of which nobody knows."""
    email = started(100)
    work(clock)
    ids = list(Message.objects.filter(email=email).order_by("pk").values_list("pk", flat=True))
    for state, reason, chosen in (
        ("failed", "MESSAGE_REJECTED", ids[40:70]),
        ("failed", "gave_up", ids[70:90]),
        ("unknown", "no_record", ids[90:]),
    ):
        Message.objects.filter(pk__in=chosen).update(state=state, reason=reason, detail=f"detail of {reason}")
    with transaction.atomic():
        deciding.recount(list(Batch.objects.values_list("pk", flat=True)), now=NOW)
    simulator.amazon.mails.clear()
    email.refresh_from_db()
    assert sheet(email) == {"planned": 100, "accepted": 40, "failed": 50, "unknown": 10}
    return email


def test_groups_are_by_email_and_reason_with_one_example_in_full(failed: CampaignEmail) -> None:
    found = deciding.groups("failed")
    assert [(group.email, group.reason, group.messages) for group in found] == [
        (failed, "MESSAGE_REJECTED", 30),
        (failed, "gave_up", 20),
    ]
    assert found[0].example.detail == "detail of MESSAGE_REJECTED" and found[0].example.state == "failed"
    assert [(group.reason, group.messages) for group in deciding.groups("unknown", email=failed)] == [("no_record", 10)]


def test_what_was_written_off_waits_for_nobody_any_more_and_stays_failed(failed: CampaignEmail, operator: Any) -> None:
    assert [(row.failed, row.unknown) for row in listing.unsettled()] == [(50, 10)]
    services.write_off(email=failed, reason="gave_up", why="dead addresses", by=operator, now=NOW)
    assert [(row.failed, row.unknown) for row in listing.unsettled()] == [(30, 10)]
    services.write_off(email=failed, why="dead addresses", by=operator, now=NOW)
    services.write_off(email=failed, state="unknown", why="dead addresses", by=operator, now=NOW)
    assert listing.unsettled() == [] and deciding.groups("failed") == []
    assert sheet(failed) == {"planned": 100, "accepted": 40, "failed": 60}
    # An event proves that one of them went out after all: it is failed no longer, and so not written off.
    services.settle(message_id=failed.messages.filter(state="failed")[0].pk, ses_id="x", why="Delivery", now=NOW)
    assert sum(failed.batches.values_list("written_off", flat=True)) == 59
    assert listing.unsettled() == []


def test_each_send_of_a_message_carries_tags_of_its_own_and_counts_as_a_try(
    failed: CampaignEmail, operator: Any, simulator: Any, clock: Clock
) -> None:
    message = failed.messages.filter(reason="gave_up")[0]
    for _ in range(2):
        services.decide(messages=[message.pk], verdict="queued", reason="mended", by=operator, now=NOW)
        work(clock)
        Message.objects.filter(pk=message.pk).update(state="failed", reason="gave_up")
        deciding.recount(list(failed.batches.values_list("pk", flat=True)), now=NOW)
    mails = inbox(simulator, failed)
    assert [(mail.tags["message"], mail.tags["attempt"]) for mail in mails] == [
        (str(message.pk), "2"), (str(message.pk), "3"),
    ]  # fmt: skip
    assert len({mail.tags["batch"] for mail in mails}) == 2
    message.refresh_from_db()
    assert message.attempts == 3


def test_messages_that_were_tried_more_or_less_often_are_numbered_on_each_from_its_own(
    failed: CampaignEmail, operator: Any, simulator: Any, clock: Clock
) -> None:
    gave_up = list(failed.messages.filter(reason="gave_up").values_list("pk", flat=True))
    services.decide(messages=gave_up[:5], verdict="queued", reason="mended", by=operator, now=NOW)
    work(clock)
    Message.objects.filter(pk__in=gave_up[:5]).update(state="failed", reason="gave_up")
    deciding.recount(list(failed.batches.values_list("pk", flat=True)), now=NOW)
    services.retry_failed(email=failed, reason="gave_up", why="mended", by=operator, now=NOW)
    work(clock)
    numbers = dict(Message.objects.filter(pk__in=gave_up).values_list("pk", "attempts"))
    assert numbers == {pk: 3 if pk in gave_up[:5] else 2 for pk in gave_up}
    tags = [(mail.tags["message"], mail.tags["attempt"]) for mail in inbox(simulator, failed)]
    assert len(tags) == len(gave_up) + 5 == len(set(tags))


def test_after_a_person_sent_it_again_a_message_has_seven_tries_once_more(
    failed: CampaignEmail, operator: Any, simulator: Any, clock: Clock
) -> None:
    message = failed.messages.filter(reason="gave_up")[0]
    services.decide(messages=[message.pk], verdict="queued", reason="mended", by=operator, now=NOW)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=0, detail="TRANSIENT_FAILURE"))
    for _ in range(7):
        assert Message.objects.get(pk=message.pk).state == "queued"
        Batch.objects.filter(state="queued").update(not_before=NOW)
        work(clock)
    message.refresh_from_db()
    assert (message.state, message.reason, message.attempts) == ("failed", "gave_up", 8)
    assert message.detail.startswith("8 tries")


def test_a_try_that_failed_and_one_of_which_nobody_knows_are_tries(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(3)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", detail="MESSAGE_REJECTED"))
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", detail="FAILED"))
    work(clock)
    assert sorted(email.messages.values_list("state", "attempts")) == [("accepted", 1), ("failed", 1), ("unknown", 1)]


@pytest.mark.parametrize("emails", [1, 4])
def test_groups_cost_three_queries_however_many_there_are(
    emails: int, django_assert_num_queries: Any, simulator: Any, fast: None, clock: Clock
) -> None:
    for _ in range(emails):
        email = started(3)
        Message.objects.filter(email=email).update(state="failed", reason="gave_up")
        deciding.recount(list(email.batches.values_list("pk", flat=True)), now=NOW)
    with django_assert_num_queries(3):
        assert len([str(group.email) + group.example.address for group in deciding.groups("failed")]) == emails


@pytest.mark.parametrize("chunk", [7, 20_000])
def test_a_group_is_sent_again_in_full_batches_and_the_others_stay(
    chunk: int, failed: CampaignEmail, simulator: Any, clock: Clock, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "CHUNK", chunk)
    changed = services.retry_failed(email=failed, reason="MESSAGE_REJECTED", why="mended", by=operator, now=NOW)
    assert changed == 30
    failed.refresh_from_db()
    assert failed.state == "sending"
    assert sheet(failed) == {"planned": 100, "accepted": 40, "queued": 30, "failed": 20, "unknown": 10}
    work(clock)
    failed.refresh_from_db()
    assert failed.state == "sent"
    assert sheet(failed) == {"planned": 100, "accepted": 70, "failed": 20, "unknown": 10}
    assert len(inbox(simulator, failed)) == 30
    lines = failed.transitions.filter(what="message", after="queued")
    assert sum(int(line.before.split()[0]) for line in lines) == 30
    assert {line.why for line in lines} == {"mended"}


def test_send_to_those_who_failed_takes_every_reason_but_what_is_decided(
    failed: CampaignEmail, simulator: Any, clock: Clock, operator: Any
) -> None:
    assert services.write_off(email=failed, reason="gave_up", why="left the company", by=operator, now=NOW) == 20
    assert services.retry_failed(email=failed, why="mended", by=operator, now=NOW) == 30
    work(clock)
    assert sheet(failed) == {"planned": 100, "accepted": 70, "failed": 20, "unknown": 10}
    assert services.retry_failed(email=failed, why="mended", by=operator, now=NOW) == 0
    assert deciding.groups("failed") == []


def test_what_is_written_off_says_why_and_what_it_was(failed: CampaignEmail, operator: Any) -> None:
    assert services.write_off(email=failed, why="too old", by=operator, now=NOW) == 50
    assert services.write_off(email=failed, state="unknown", why="too old", by=operator, now=NOW) == 10
    assert sheet(failed) == {"planned": 100, "accepted": 40, "failed": 60}
    details = set(Message.objects.filter(state="failed").values_list("reason", "detail"))
    assert ("decided_by_person", "too old (was: gave_up detail of gave_up)") in details
    assert {reason for reason, _ in details} == {"decided_by_person"}
    assert not Batch.objects.filter(state="unknown").exists()
    failed.refresh_from_db()
    assert failed.state == "sent"


def test_unknown_messages_are_counted_as_sent_as_a_group(failed: CampaignEmail, operator: Any) -> None:
    decide: dict[str, Any] = {
        "email": failed,
        "state": "unknown",
        "why": "seen",
        "by": operator,
        "now": NOW,
    }
    assert services.decide_group(reason="other", verdict="accepted", **decide) == 0
    assert services.decide_group(reason="no_record", verdict="accepted", **decide) == 10
    assert sheet(failed) == {"planned": 100, "accepted": 50, "failed": 50}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"why": " "}, "Say why"),
        ({"verdict": "accepted"}, "cannot be decided"),
        ({"verdict": "deleted"}, "Unknown decision"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    given: dict[str, str], says: str, failed: CampaignEmail, operator: Any
) -> None:
    decide: dict[str, Any] = {"state": "failed", "reason": None, "verdict": "queued", "why": "w"} | given
    with pytest.raises(services.DeliveryRefused, match=says):
        services.decide_group(email=failed, by=operator, now=NOW, **decide)
    assert sheet(failed)["failed"] == 50


def test_only_who_may_decides_on_groups(failed: CampaignEmail, marketer: Any, release_manager: Any) -> None:
    for person in (marketer, release_manager):
        with pytest.raises(PermissionDenied):
            services.retry_failed(email=failed, why="w", by=person, now=NOW)
    assert sheet(failed)["failed"] == 50


@pytest.mark.parametrize("state", ["cancelled", "held", "approved"])
def test_an_email_that_is_not_sent_any_more_takes_nothing_back(
    state: str, failed: CampaignEmail, operator: Any
) -> None:
    CampaignEmail.objects.filter(pk=failed.pk).update(state=state)
    failed.refresh_from_db()
    with pytest.raises(services.DeliveryRefused):
        services.retry_failed(email=failed, why="w", by=operator, now=NOW)
    assert services.write_off(email=failed, why="w", by=operator, now=NOW) == 50


def test_a_paused_email_keeps_what_is_retried_until_it_is_resumed(
    simulator: Any, fast: None, clock: Clock, operator: Any, release_manager: Any
) -> None:
    email = started(60)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=5, detail="MESSAGE_REJECTED"))
    work(clock)
    CampaignEmail.objects.filter(pk=email.pk).update(state="paused")
    email.refresh_from_db()
    assert services.retry_failed(email=email, why="w", by=operator, now=NOW) == 5
    work(clock)
    assert sheet(email) == {"planned": 60, "accepted": 55, "queued": 5}
    services.resume(email=email, by=release_manager, now=NOW)
    work(clock)
    assert sheet(email) == {"planned": 60, "accepted": 60}
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_a_group_belongs_to_one_email(failed: CampaignEmail, operator: Any, clock: Clock) -> None:
    other = factories.make_approved_email(contacts=3)
    work(clock)
    Message.objects.filter(email=other).update(state="failed", reason="gave_up")
    assert services.retry_failed(email=failed, reason="gave_up", why="w", by=operator, now=NOW) == 20
    assert Message.objects.filter(email=other, state="failed").count() == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("chunk", [7, 20_000])
def test_a_group_that_is_sent_again_is_not_called_sent_before_it_is_queued(
    chunk: int, failed: CampaignEmail, simulator: Any, clock: Clock, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "CHUNK", chunk)
    reopen = deciding._reopen

    def seen_by_a_tick(*args: Any, **kwargs: Any) -> None:
        reopen(*args, **kwargs)
        transaction.on_commit(lambda: services.finish_due(now=NOW))  # what the next tick sees first

    monkeypatch.setattr(deciding, "_reopen", seen_by_a_tick)
    assert services.retry_failed(email=failed, reason="MESSAGE_REJECTED", why="mended", by=operator, now=NOW) == 30
    work(clock)
    failed.refresh_from_db()
    assert failed.state == "sent"
    assert sheet(failed) == {"planned": 100, "accepted": 70, "failed": 20, "unknown": 10}


@pytest.mark.parametrize(("state", "reopened"), [("sent", 1), ("cancelled", 0)])
def test_what_is_queued_in_an_email_that_counts_as_sent_is_sent(
    state: str, reopened: int, failed: CampaignEmail, simulator: Any, clock: Clock, operator: Any
) -> None:
    services.retry_failed(email=failed, reason="gave_up", why="mended", by=operator, now=NOW)
    CampaignEmail.objects.filter(pk=failed.pk).update(state=state)
    assert services.reopen_left(now=NOW) == reopened
    work(clock)
    assert len(inbox(simulator, failed)) == 20 * reopened


@pytest.mark.parametrize("way", ["one by one", "as a group"])
def test_what_ses_spoke_of_before_there_was_a_doubt_is_not_sent_again(
    way: str, simulator: Any, fast: None, clock: Clock, operator: Any
) -> None:
    """A worker dies after SES accepted: the event is older than the doubt, and no tick has put the two together yet."""
    email = started(3)
    cleared = clearance(email.pk, now=NOW)
    (batch,) = claiming.claim(cleared, after=0, width=1, now=NOW).batches
    ses.door().send_bulk(sending.request(batch, cleared))
    for mail in inbox(simulator, email)[:2]:
        told = json.dumps(ses_event("Send", tags=mail.tags, to=mail.recipients[0], ses_id=mail.message_id))
        notification = SnsNotification.objects.create(message_id=mail.message_id, body=told, received_at=NOW)
        analytics.apply(notification=notification, now=NOW)
    sending.reap(now=clock.tick(minutes=1))
    assert sheet(email) == {"planned": 3, "unknown": 3}
    ids = list(email.messages.values_list("pk", flat=True))
    if way == "one by one":
        changed = services.decide(messages=ids, verdict="queued", reason="again", by=operator, now=clock())
    else:
        changed = services.decide_group(
            email=email, state="unknown", reason=None, verdict="queued", why="again", by=operator, now=clock()
        )
    assert changed == 1
    assert sheet(email) == {"planned": 3, "accepted": 2, "queued": 1}
    work(clock)
    assert sheet(email) == {"planned": 3, "accepted": 3}
    proved = {mail.tags["message"]: mail.message_id for mail in inbox(simulator, email)[:2]}
    assert {str(pk): email.messages.get(pk=pk).ses_id for pk in proved} == proved
    assert len(inbox(simulator, email)) == 4, "two once, one as the person said again"


def test_the_old_text_of_a_corrected_email_goes_to_nobody_any_more(
    failed: CampaignEmail, operator: Any, simulator: Any, clock: Clock
) -> None:
    correction = factories.make_email(failed.campaign, step="reminder", state="drafted", correction_of=failed)
    for act in (
        lambda: services.retry_failed(email=failed, why="again", by=operator, now=NOW),
        lambda: services.decide(
            messages=[failed.messages.filter(state="unknown")[0].pk], verdict="queued", reason="x", by=operator, now=NOW
        ),
    ):
        with pytest.raises(services.DeliveryRefused, match="corrected"):
            act()
    work(clock)
    assert inbox(simulator, failed) == []
    services.write_off(email=failed, why="They never had it.", by=operator, now=NOW)
    CampaignEmail.objects.filter(pk=correction.pk).update(state="cancelled")
    assert services.retry_failed(email=failed, reason=deciding.DECIDED, why="It was right.", by=operator, now=NOW) == 50


@pytest.mark.django_db(transaction=True)
def test_a_message_is_either_settled_by_its_event_or_claimed_and_never_both(
    simulator: Any, fast: None, clock: Clock, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sends it again, and its event comes while a worker claims it."""
    email = started(1)
    message = email.messages.get()
    Message.objects.update(state="unknown", reason="no_record")
    Batch.objects.update(state="unknown", queued=0, unknown=1)
    services.decide(messages=[message.pk], verdict="queued", reason="again", by=operator, now=NOW)
    cleared = clearance(email.pk, now=NOW)
    claiming_now, loaded = threading.Event(), threading.Event()
    settled: list[bool] = []
    real_recount, real_before = deciding.recount, claiming._claimed_before

    def settle() -> None:
        claiming_now.wait(10)
        try:
            settled.append(services.settle(message_id=message.pk, ses_id="0100", why="Delivery", now=NOW))
        finally:
            connection.close()

    def late_recount(*given: Any, **named: Any) -> None:
        loaded.wait(10)  # the event is at its last step when the worker reads whom it mails
        real_recount(*given, **named)

    def in_mid_claim(*given: Any) -> list[int]:
        claiming_now.set()
        thread.join(0.5)
        return real_before(*given)

    monkeypatch.setattr(services, "recount", late_recount)
    monkeypatch.setattr(claiming, "_claimed_before", in_mid_claim)
    thread = threading.Thread(target=settle)
    thread.start()
    claimed = claiming.claim(cleared, after=0, width=1, now=NOW)
    loaded.set()
    thread.join()
    assert len(claimed.batches) == 1
    assert settled == [False], "the worker holds it and will write down what it hears"
    assert Message.objects.get().state == "queued"
