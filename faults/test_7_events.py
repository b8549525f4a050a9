"""What SNS brings: twice, backwards, early, in pieces; the ledger ends the same."""

from __future__ import annotations

import itertools
import random
import threading
from typing import Any

from django.db import connection
from django.utils import timezone

from analytics import services as analytics
from analytics.models import EmailEvent
from campaigns.audience.models import Suppression
from campaigns.models import Message
from faults.letters import tell
from relmail.simulator.faults import Fault

KINDS = ("Send", "Delivery", "Bounce", "Complaint")


def test_every_order_of_events(world: Any) -> None:
    """Twenty-four permutations, each message one of them, each event twice."""
    email = world.email(24)
    world.simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=0))
    world.go_on(email)
    world.simulator.faults.clear()
    assert Message.objects.filter(email=email, state="unknown").count() == 24
    for mail, order in zip(list(world.simulator.amazon.mails), itertools.permutations(KINDS), strict=True):
        letters = [tell(world.simulator, mail, kind) for kind in order]
        said = [analytics.receive(**letter) for letter in (*letters, *letters)]
        assert said == ["stored"] * 4 + ["known"] * 4
    assert EmailEvent.objects.count() == 24 * 4
    assert Suppression.objects.filter(until__isnull=True).count() == 24
    verdict = world.report(email, unknown=0)
    assert verdict.accepted == 24


def test_events_are_doubled_shuffled_and_come_at_once(world: Any) -> None:
    chance = random.Random(7)
    email = world.email(200)
    world.simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=10))
    world.go_on(email)
    unknown = Message.objects.filter(email=email, state="unknown").count()
    assert unknown == 100
    letters = [
        tell(world.simulator, mail, kind)
        for mail in list(world.simulator.amazon.mails)
        for kind in ("Send", "Delivery")
        if chance.random() < 0.9  # a tenth never comes
    ] * 2
    chance.shuffle(letters)
    failed: list[Exception] = []

    def post(part: list[dict[str, Any]]) -> None:
        try:
            for letter in part:
                analytics.receive(**letter)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(letters[start::6],)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    analytics.apply_pending(now=timezone.now())
    verdict = world.report(email)
    # One in a hundred got neither event and waits for a person.
    assert verdict.unknown < 10


def test_events_arrive_while_the_answers_are_written_down(world: Any) -> None:
    email = world.email(600)
    world.simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=8))
    world.simulator.faults.add(Fault("ses", "slow", "SendBulkEmail", times=0, seconds=0.05))
    workers = world.at_once(email, 2)
    told: set[str] = set()

    def tell_new() -> None:
        for mail in list(world.simulator.amazon.mails):
            if mail.message_id not in told:
                told.add(mail.message_id)
                analytics.receive(**tell(world.simulator, mail, "Send"))

    while any(worker.process.is_alive() for worker in workers):
        tell_new()
    early = len(told)
    tell_new()  # of what SES took between the last look and the end of the workers
    assert 0 < early <= len(told) == 600
    for worker in workers:
        assert worker.join() == 0
    world.go_on(email)
    analytics.apply_pending(now=timezone.now())
    world.report(email, unknown=0)


def test_an_event_with_anothers_tag_settles_nothing(world: Any) -> None:
    email = world.email(10)
    world.simulator.faults.add(Fault("ses", "lose_answer", "SendBulkEmail", times=1))
    world.go_on(email)
    for mail in list(world.simulator.amazon.mails):
        mail.tags["email"] = str(email.pk + 1)
        analytics.receive(**tell(world.simulator, mail, "Send"))
        mail.tags["email"] = str(email.pk)
    world.report(email, unknown=10)
