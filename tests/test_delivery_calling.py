"""Bulk calls or single ones, by setting or as learned; what products name of their own; mail that goes first."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives, get_connection

from campaigns.delivery import calling, limiter, selectors, sending, services
from campaigns.models import CampaignEmail, Message, Sender, Transition
from relmail.simulator.amazon.account import ACCOUNT_ID, ConfigurationSet
from relmail.simulator.amazon.tenants import Tenant
from relmail.simulator.faults import Fault
from tests import factories
from tests.factories import NOW
from tests.test_delivery_send import Clock, clock, fast, inbox, sheet, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db


def calls(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that SES is asked for from now on."""
    asked: list[str] = []
    answer = simulator.amazon.ses.answer

    def counted(operation: str, given: Any) -> Any:
        asked.append(operation)
        return answer(operation, given)

    monkeypatch.setattr(simulator.amazon.ses, "answer", counted)
    return asked


@pytest.mark.parametrize("mode", ["bulk", "single"])
def test_the_same_mail_goes_out_either_way(
    mode: str, simulator: Any, fast: None, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_MODE = mode
    asked = calls(simulator, monkeypatch)
    email = started(60)
    work(clock)
    assert sheet(email) == {"planned": 60, "accepted": 60}
    assert asked == (["SendBulkEmail"] * 2 if mode == "bulk" else ["SendEmail"] * 60)
    mails = inbox(simulator, email)
    assert {mail.message_id for mail in mails} == set(Message.objects.values_list("ses_id", flat=True))
    shown = mails[0].as_dict()
    assert {name.lower() for name in shown["headers"]} >= {"list-unsubscribe", "list-unsubscribe-post", "list-id"}
    assert shown["configuration_set"] == "relmail"
    assert shown["text"].startswith("Hello Reader") or "Hello Reader" in shown["text"]
    assert set(mails[0].tags) == {"message", "attempt", "batch", "email", "campaign", "step", "product"}


def test_single_calls_are_judged_one_by_one_as_entries_are(
    simulator: Any, fast: None, clock: Clock, settings: Any
) -> None:
    settings.SEND_MODE = "single"
    email = started(5)
    simulator.faults.add(Fault("ses", "refusal", "SendEmail", detail="MessageRejected"))
    simulator.faults.add(Fault("ses", "lose_answer", "SendEmail"))
    work(clock)
    assert sheet(email) == {"planned": 5, "accepted": 3, "failed": 1, "unknown": 1}
    assert len(inbox(simulator, email)) == 4
    work(clock, rounds=3)
    assert len(inbox(simulator, email)) == 4


def test_a_throttled_single_call_stops_the_rest_of_its_batch_and_burns_no_attempt(
    simulator: Any, fast: None, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_MODE = "single"
    email = started(10)
    asked = calls(simulator, monkeypatch)
    simulator.faults.add(Fault("ses", "throttle", "SendEmail"))
    work(clock)
    assert sheet(email) == {"planned": 10, "queued": 10}
    assert asked == [] and set(Message.objects.values_list("attempts", flat=True)) == {0}
    clock.tick(seconds=3)
    work(clock)
    assert sheet(email) == {"planned": 10, "accepted": 10}


def test_an_account_that_is_paused_in_mid_batch_holds_the_rest(
    simulator: Any, fast: None, clock: Clock, settings: Any
) -> None:
    settings.SEND_MODE = "single"
    email = started(4)
    simulator.faults.add(Fault("ses", "refusal", "SendEmail", detail="SendingPausedException"))
    work(clock)
    assert "SendingPaused" in Sender.objects.get().stopped_reason
    assert sheet(email) == {"planned": 4, "queued": 4}


def test_no_single_call_starts_once_its_batch_has_waited_too_long(
    simulator: Any, fast: None, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_MODE = "single"
    email = started(4)
    with monkeypatch.context() as patch:
        patch.setattr(calling, "CALL_SECONDS", -1.0)
        sending.send_due(email_id=email.pk, seconds=0.0001, clock=clock)
    assert inbox(simulator, email) == [] and sheet(email) == {"planned": 4, "queued": 4}
    work(clock)
    assert sheet(email) == {"planned": 4, "accepted": 4}


# --- learned from the answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDeniedException"), (400, "BadRequestException")])
def test_a_refused_bulk_operation_is_replaced_by_single_calls_that_go_through(
    status: int, code: str, simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(70)
    simulator.faults.add(Fault("ses", "refuse", "SendBulkEmail", times=0, status=status))
    work(clock)
    assert sheet(email) == {"planned": 70, "accepted": 70}
    row = Sender.objects.get()
    assert row.stopped_at is None
    assert row.learned_mode == "single" and code in row.learned_why
    assert Transition.objects.filter(what="sender", after="single calls").count() == 1
    assert simulator.amazon.mails.figures()["duplicates"] == 0


def test_what_is_refused_either_way_teaches_nothing_and_stops_the_sender(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(3)
    simulator.faults.add(Fault("ses", "refuse", "", times=0, status=403))
    work(clock)
    row = Sender.objects.get()
    assert row.stopped_at and row.learned_mode == ""
    assert sheet(email) == {"planned": 3, "queued": 3}


def test_bulk_by_setting_stays_bulk(simulator: Any, fast: None, clock: Clock, settings: Any) -> None:
    settings.SEND_MODE = "bulk"
    email = started(3)
    simulator.faults.add(Fault("ses", "refuse", "SendBulkEmail", times=0, status=403))
    work(clock)
    assert Sender.objects.get().stopped_at and inbox(simulator, email) == []


def throttle_bulk_until_learned(simulator: Any, clock: Clock, email: CampaignEmail) -> int:
    simulator.faults.add(Fault("ses", "throttle", "SendBulkEmail", times=0))
    for number in range(1, 40):
        work(clock)
        if Sender.objects.get().learned_mode:
            return number
        clock.tick(seconds=3)
    return 0


def test_bulk_calls_that_are_throttled_far_below_the_rate_become_single_calls(
    simulator: Any, fast: None, clock: Clock
) -> None:
    email = started(20)
    times = throttle_bulk_until_learned(simulator, clock, email)
    assert times >= 10
    row = Sender.objects.get()
    assert "far below" in row.learned_why and row.pace == 1.0
    clock.tick(seconds=3)
    work(clock)
    assert sheet(email) == {"planned": 20, "accepted": 20}


def test_recipients_that_are_throttled_teach_nothing_about_calls(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(20)
    simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=0, detail="ACCOUNT_THROTTLED"))
    for _ in range(30):
        work(clock)
        clock.tick(seconds=3)
    row = Sender.objects.get()
    assert row.pace == pytest.approx(limiter.SLOWEST_PACE) and row.learned_mode == ""
    assert sheet(email) == {"planned": 20, "queued": 20}


def test_a_person_drops_what_was_learned(marketer: Any, operator: Any) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(learned_mode="single", learned_why="w", learned_at=NOW)
    with pytest.raises(PermissionDenied):
        services.forget_learned_mode(by=marketer, now=NOW)
    services.forget_learned_mode(by=operator, now=NOW)
    assert calling.mode_of(selectors.sender()) == "bulk"
    line = Transition.objects.get(what="sender")
    assert (line.before, line.after, line.by) == ("single calls", "bulk calls", operator)


# --- per product ----------------------------------------------------------------------------------------------------


def test_a_product_sends_through_its_own_configuration_set_and_tenant(simulator: Any, fast: None, clock: Clock) -> None:
    account = simulator.amazon.account
    account.configuration_sets["kite"] = ConfigurationSet("kite", pool="kite-pool")
    arn = f"arn:aws:ses:{account.region}:{ACCOUNT_ID}:"
    account.tenants["kite-gmbh"] = Tenant(
        "kite-gmbh", resources={arn + "identity/example", arn + "configuration-set/kite"}
    )
    own, plain = started(2), started(2)
    product = own.campaign.release.product
    product.configuration_set, product.tenant = "kite", "kite-gmbh"
    product.save()
    work(clock)
    assert {(mail.configuration_set, mail.tenant) for mail in inbox(simulator, own)} == {("kite", "kite-gmbh")}
    assert {(mail.configuration_set, mail.tenant) for mail in inbox(simulator, plain)} == {("relmail", "")}


def test_the_setting_names_the_tenant_of_products_without_one(
    simulator: Any, fast: None, clock: Clock, settings: Any
) -> None:
    settings.SES_TENANT = "everybody"
    email = started(1)
    work(clock)
    # SES does not know it: sending stops with the reason instead of failing message after message.
    assert inbox(simulator, email) == []
    assert "everybody" in Sender.objects.get().stopped_reason


@pytest.mark.parametrize("name", ["with space", "ümlaut", "a" * 65, "a;b"])
def test_a_name_that_ses_does_not_take_is_refused_where_it_is_typed(name: str) -> None:
    from django.core.exceptions import ValidationError

    product = factories.make_product()
    product.tenant = name
    with pytest.raises(ValidationError, match="tenant"):
        product.full_clean()


# --- mail that does not wait ------------------------------------------------------------------------------------------


def test_ordinary_mail_goes_first_and_campaigns_wait_for_it(simulator: Any) -> None:
    Sender.objects.filter(pk=limiter.row().pk).update(rate_per_second=1)
    mail = EmailMultiAlternatives("A test", "Hi", "relmail@harbor.example", ["a@client.example", "b@client.example"])
    before = limiter.row()
    assert get_connection("campaigns.delivery.ses.SESBackend").send_messages([mail]) == 1
    after = limiter.row()
    assert after.sent_last_day == before.sent_last_day + 2
    assert after.next_free_at > before.next_free_at + 1
