"""One e-mail through random orders of everything that can happen to it; the laws are looked at after each step.

Claim, call and record are steps of their own here, so that workers overlap, die and answer late in every order. SES is
a model in memory that knows what it accepted. With MACHINE_EXAMPLES=2000 in the environment it looks longer.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from typing import Any
from unittest import mock

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck
from hypothesis import settings as Settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns import states
from campaigns.audience import services as audience
from campaigns.delivery import calling, claiming, preparing, recording, selectors, sending, services, ses
from campaigns.delivery.clearance import NotCleared, clearance
from campaigns.models import Batch, CampaignEmail, Contact, Message
from tests import factories
from tests.factories import NOW

PEOPLE = 7
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "15"))

# What SES may say to one entry, and whether it took the mail over.
ENTRIES = {
    "accepted": (ses.EntryResult("accepted", "0107"), True),
    "refused": (ses.EntryResult("failed", "", "MESSAGE_REJECTED", "no"), False),
    "throttled": (ses.EntryResult("retry", "", "ACCOUNT_THROTTLED", "slowly"), False),
    "later": (ses.EntryResult("retry", "", "TRANSIENT_FAILURE", "later"), False),
    "unclear, and taken": (ses.EntryResult("unknown", "", "FAILED", "?"), True),
    "unclear, and not taken": (ses.EntryResult("unknown", "", "FAILED", "?"), False),
}
# What may become of a whole call.
CALLS = {
    "lost, and taken": (ses.SESError("unclear", "ReadTimeoutError", "lost"), True),
    "lost, and not taken": (ses.SESError("unclear", "ConnectionClosedError", "lost"), False),
    "throttled": (ses.SESError("retry", "TooManyRequestsException", "slowly", throttled=True), False),
    "unreachable": (ses.SESError("retry", "EndpointConnectionError", "no way"), False),
    "the account is paused": (ses.SESError("hold", "SendingPausedException", "paused"), False),
    "refused": (ses.SESError("failed", "MessageRejected", "no"), False),
}


class Amazon:
    """SES as far as delivery knows it: answers in the order that was dealt, and a list of what it took over."""

    def __init__(self) -> None:
        self.taken: Counter[int] = Counter()
        self.dealt: list[str] = []

    def send_bulk(self, request: ses.BulkRequest) -> list[ses.EntryResult]:
        """One call."""
        first = self._deal()
        if first in CALLS:
            error, taken = CALLS[first]
            for entry in request.entries:
                self.taken[int(entry.tags["message"])] += taken
            raise error
        results = []
        for entry in request.entries:
            result, taken = ENTRIES[first]
            self.taken[int(entry.tags["message"])] += taken
            results.append(result)
            first = self._deal() if self.dealt and self.dealt[0] in ENTRIES else first
        return results

    def send_single(self, request: ses.BulkRequest, entry: ses.Entry) -> ses.EntryResult:
        """A call for one, which a refused bulk call may become."""
        self.taken[int(entry.tags["message"])] += 1
        return ENTRIES["accepted"][0]

    def _deal(self) -> str:
        return self.dealt.pop(0) if self.dealt else "accepted"


class Delivery(RuleBasedStateMachine):
    """The rules are what workers, the tick, SES and people do; `email_id` is set by the test."""

    email_id = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.amazon = Amazon()
        self.in_the_air: list[tuple[list[Any], Any]] = []
        self.accepted: set[int] = set()
        self.again: Counter[int] = Counter()  # how often a person let a message be sent once more
        self.believed: set[int] = set()  # what a person counted as accepted
        self.refused: set[int] = set()  # contacts that must not be mailed
        self.gone = 0
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self._door = mock.patch.object(ses, "door", lambda: self.amazon)
        self._door.start()

    def teardown(self) -> None:
        """Back to the rows that every example starts from."""
        self._door.stop()
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)

    @property
    def email(self) -> CampaignEmail:
        """The e-mail as it is now."""
        return CampaignEmail.objects.select_related("campaign__release__product").get(pk=self.email_id)

    def pick(self, wanted: list[int], number: int) -> list[int]:
        """One or two of these."""
        return [wanted[number % len(wanted)], wanted[number // 7 % len(wanted)]] if wanted else []

    # --- the fleet ---------------------------------------------------------------------------------------------

    @initialize()
    def start(self) -> None:
        assert services.start_due(now=self.now) == 1

    @rule()
    def tick(self) -> None:
        sending.reap(now=self.now)
        services.sweep_cancelled(now=self.now)
        services.start_due(now=self.now)
        services.prepare_due(now=self.now)
        services.finish_due(now=self.now)

    @rule()
    def prepare_a_part(self) -> None:
        if self.email.state == "sending":
            services.prepare(email=self.email, now=self.now, until=lambda: True)

    @rule(width=st.integers(1, 4), dealt=st.lists(st.sampled_from([*ENTRIES, *CALLS, "accepted"]), max_size=6))
    def claim_and_call(self, width: int, dealt: list[str]) -> None:
        before = self.email.state
        try:
            cleared = clearance(self.email_id, now=self.now)
        except NotCleared:
            return
        found = claiming.claim(cleared, after=0, width=width, now=self.now)
        if not found.batches:
            return
        assert before == "sending"
        assert not {one.contact_id for batch in found.batches for one in batch.recipients} & self.refused
        self.amazon.dealt = dealt
        requests = [sending.request(batch, cleared) for batch in found.batches]
        caller = calling.Caller(calling.BULK, min(batch.since for batch in found.batches))
        answers = caller.run(requests, lambda calls: [call() for call in calls])
        self.in_the_air.append((found.batches, answers))

    @precondition(lambda self: self.in_the_air)
    @rule(number=st.integers(0, 50))
    def record(self, number: int) -> None:
        batches, answers = self.in_the_air.pop(number % len(self.in_the_air))
        recording.record(list(zip(batches, answers, strict=True)), now=self.now)

    @precondition(lambda self: self.in_the_air)
    @rule(number=st.integers(0, 50))
    def die_before_the_record(self, number: int) -> None:
        self.in_the_air.pop(number % len(self.in_the_air))

    @rule()
    def claim_and_give_back(self) -> None:
        try:
            cleared = clearance(self.email_id, now=self.now)
        except NotCleared:
            return
        claiming.give_back(claiming.claim(cleared, after=0, width=2, now=self.now).batches)

    @rule(seconds=st.sampled_from([1, 5, 46, 700, 30_000]))
    def wait(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)

    # --- SES ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.amazon.taken)
    @rule(number=st.integers(0, 50))
    def event(self, number: int) -> None:
        for pk in self.pick(sorted(pk for pk, times in self.amazon.taken.items() if times), number):
            services.settle(message_id=pk, ses_id="0107", why="SES published Delivered.", now=self.now)

    # --- people ------------------------------------------------------------------------------------------------

    @rule()
    def pause(self) -> None:
        if self.email.state == "sending":
            services.pause(email=self.email, why="look", by=None, now=self.now)

    @rule()
    def resume(self) -> None:
        if self.email.state == "paused":
            services.resume(email=self.email, by=None, now=self.now)

    @rule(sure=st.integers(0, 9))
    def cancel(self, sure: int) -> None:
        if self.email.state in ("sending", "paused") and sure == 0:
            services.cancel(email=self.email, why="pulled", by=None, now=self.now)

    @rule()
    def start_the_sender(self) -> None:
        services.start_sender(by=None, now=self.now)

    @rule(verdict=st.sampled_from(["accepted", "queued", "queued", "failed"]), number=st.integers(0, 50))
    def decide(self, verdict: str, number: int) -> None:
        open_ones = Message.objects.filter(email_id=self.email_id, state__in=["unknown", "failed"]).order_by("pk")
        chosen = set(self.pick(list(open_ones.values_list("pk", flat=True)), number))
        may = {"unknown", "failed"} if verdict == "queued" else {"unknown"}
        changed = set(open_ones.filter(pk__in=chosen, state__in=may).values_list("pk", flat=True))
        try:
            count = services.decide(messages=chosen, verdict=verdict, reason="seen", by=None, now=self.now)
        except services.DeliveryRefused:
            return
        assert count == len(changed)
        if verdict == "queued":
            self.again.update(changed)
        elif verdict == "accepted":
            self.believed |= changed

    @rule(number=st.integers(0, PEOPLE - 1), way=st.sampled_from(["suppress", "unsubscribe", "erase"]))
    def leave(self, number: int, way: str) -> None:
        email = self.email
        people = Contact.objects.filter(lists__campaigns=email.campaign, erased_at__isnull=True).order_by("pk")
        contact = people[number : number + 1].first()
        if contact is None:
            return
        if way == "suppress":
            audience.suppress(email=contact.email, reason="complaint", source="test", by=None, now=self.now)
        elif way == "unsubscribe":
            product = email.campaign.release.product
            audience.unsubscribe(contact=contact, product=product, source="test", by=None, now=self.now)
        else:
            # Who is erased before they have a message is on no list any more.
            self.gone += not Message.objects.filter(email=email, contact=contact).exists()
            audience.erase(contact=contact, by=None, now=self.now)
        self.refused.add(contact.pk)

    # --- the laws ----------------------------------------------------------------------------------------------

    @invariant()
    def the_laws_hold(self) -> None:
        email = self.email
        rows = list(Message.objects.filter(email=email).values_list("pk", "contact_id", "state", "reason", "batch_id"))
        batches = {batch.pk: batch for batch in Batch.objects.filter(email=email)}
        state_of = {pk: state for pk, _, state, _, _ in rows}
        # The figures are those of the messages, batch by batch; planned is everybody.
        counted = Counter((batch, state) for _, _, state, _, batch in rows)
        for pk, batch in batches.items():
            for state in states.MESSAGE:
                assert getattr(batch, state) == counted[pk, state], f"batch {pk}, {state}"
        sheet = selectors.balance(email)
        assert sheet.planned == sheet.settled + sheet.queued == len(rows)
        if email.prepared_at:
            assert sheet.planned == PEOPLE - self.gone
        # One message a person, and accepted is for ever.
        assert len({contact for _, contact, _, _, _ in rows}) == len(rows)
        accepted = {pk for pk, state in state_of.items() if state == "accepted"}
        assert accepted >= self.accepted, "an accepted message is something else now"
        self.accepted = accepted
        for pk, _, state, reason, batch_id in rows:
            taken = self.amazon.taken[pk]
            # Nobody gets it twice unless a person, who could not know, let it be sent once more.
            assert taken <= 1 + self.again[pk], f"{taken} copies of message {pk}"
            if state == "accepted":
                assert taken or pk in self.believed, "called accepted, and SES never had it"
            elif state != "queued":
                assert reason, f"message {pk} is {state} without a reason"
            # What SES has is accepted, in doubt, in a worker's hands, or a person decided otherwise.
            if taken and state not in ("accepted", "unknown"):
                in_hand = state == "queued" and batches[batch_id].state == "sending"
                assert in_hand or self.again[pk] or reason == "decided_by_person", (
                    f"SES has message {pk}, which is {state}"
                )
        on_the_way = [batch for batch in batches.values() if batch.state in ("queued", "sending")]
        if email.state == "sent":
            assert not on_the_way and sheet.adds_up and email.prepared_at
        for batch in batches.values():
            if batch.state in ("done", "cancelled", "unknown"):
                assert batch.queued == 0, f"batch {batch.pk} is {batch.state} with messages in the queue"
            if batch.state in ("done", "cancelled"):
                assert batch.unknown == 0, f"batch {batch.pk} is {batch.state} with unknown messages"
        last = email.transitions.filter(what="email").order_by("-pk").values_list("after", flat=True).first()
        assert last == email.state, "a change of state left no line"


@pytest.mark.django_db
def test_in_every_order_of_events_the_laws_hold(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEND_BATCH_SIZE = 2
    settings.SEND_RATE_PER_SECOND = 100_000
    settings.SEND_FAILURE_LEAST = 1_000
    monkeypatch.setattr(preparing, "CHUNK", 3)
    email = factories.make_approved_email(contacts=PEOPLE)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        type("OneEmail", (Delivery,), {"email_id": email.pk}),
        settings=Settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize="MACHINE_EXAMPLES" not in os.environ,
            suppress_health_check=checks,
        ),
    )


@pytest.mark.django_db
def test_an_answer_that_comes_after_a_person_sent_again_is_believed_and_counted(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEND_BATCH_SIZE = 2
    settings.SEND_RATE_PER_SECOND = 100_000
    monkeypatch.setattr(Delivery, "email_id", factories.make_approved_email(contacts=PEOPLE).pk)
    machine = Delivery()
    try:
        machine.start()
        machine.tick()
        machine.claim_and_call(1, ["accepted"])
        machine.wait(46)
        machine.tick()
        machine.decide("queued", 0)
        machine.the_laws_hold()
        machine.record(0)
        machine.the_laws_hold()
        machine.claim_and_call(4, [])
        machine.record(0)
        machine.claim_and_call(4, [])
        machine.the_laws_hold()
        assert machine.amazon.taken.total() == PEOPLE
    finally:
        machine.teardown()
