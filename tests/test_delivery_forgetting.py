"""Messages of erased people keep what was done and lose who it was."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.audience import services as audience
from campaigns.delivery import forgetting
from campaigns.models import CampaignEmail, Contact, Message
from tests.factories import NOW
from tests.test_delivery_send import Clock, clock, fast, inbox, sheet, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db


def erase(*contacts: Contact, by: Any) -> None:
    for contact in contacts:
        audience.erase(contact=contact, by=by, now=NOW)


def everything(email: CampaignEmail) -> str:
    return str(list(Message.objects.filter(email=email).values()))


@pytest.mark.parametrize("chunk", [2, 5_000])
def test_a_sent_message_loses_address_and_values_and_keeps_its_state(
    chunk: int, simulator: Any, fast: None, clock: Clock, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "CHUNK", chunk)
    email = started(12)
    work(clock)
    people = list(Contact.objects.order_by("pk"))
    gone = {people[0].email, *(person.email for person in people[1:6])}
    Message.objects.filter(contact=people[0]).update(state="failed", reason="gave_up", detail=f"no {people[0].email}")
    erase(*people[:6], by=operator)
    assert forgetting.forget_erased(now=NOW) == 6
    assert forgetting.forget_erased(now=NOW) == 0
    kept = everything(email)
    assert not [address for address in gone if address in kept] and "Reader0" not in kept
    assert people[7].email in kept
    assert Message.objects.get(contact=people[0]).reason == "gave_up"
    assert Message.objects.filter(state="accepted").count() == 11
    assert set(Message.objects.filter(contact__in=people[:6]).values_list("address", flat=True)) == {""}


def test_what_still_waits_is_suppressed_and_the_balance_adds_up(
    simulator: Any, fast: None, clock: Clock, operator: Any, release_manager: Any
) -> None:
    email = started(60)
    people = list(Contact.objects.order_by("pk"))
    CampaignEmail.objects.filter(pk=email.pk).update(state="paused")
    # A whole batch of erased people, and one in another batch.
    erase(*people[:51], by=operator)
    assert forgetting.forget_erased(now=NOW) == 51
    assert sheet(email) == {"planned": 60, "queued": 9, "suppressed": 51}
    assert people[3].email not in everything(email)
    CampaignEmail.objects.filter(pk=email.pk).update(state="sending")
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    assert sheet(email) == {"planned": 60, "accepted": 9, "suppressed": 51}
    assert len(inbox(simulator, email)) == 9


def test_a_contact_that_was_deleted_is_forgotten_too(simulator: Any, fast: None, clock: Clock) -> None:
    email = started(3)
    work(clock)
    person = Contact.objects.order_by("pk")[0]
    address = person.email
    Message.objects.filter(contact=person).update(contact=None)
    assert forgetting.forget_erased(now=NOW) == 1
    assert address not in everything(email)


def test_what_a_worker_holds_is_left_to_the_next_time(simulator: Any, fast: None, clock: Clock, operator: Any) -> None:
    email = started(3)
    email.batches.update(state="sending", claimed_at=NOW)
    erase(Contact.objects.order_by("pk")[0], by=operator)
    assert forgetting.forget_erased(now=NOW) == 0
    assert sheet(email) == {"planned": 3, "queued": 3}
