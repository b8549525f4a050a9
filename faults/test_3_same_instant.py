"""The same thing at the same instant, and a clock that is wrong."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import states
from campaigns.delivery import sending, services
from campaigns.models import CampaignEmail, Message, Sender
from relmail.simulator.faults import Fault
from tests import factories


def test_two_ticks_at_the_same_instant(world: Any) -> None:
    email = world.email(400, started=False)
    for _ in range(3):
        for worker in world.at_once(email, 2, verb="tick"):
            assert worker.join() == 0
    assert Message.objects.filter(email=email).count() == 400
    assert email.transitions.filter(what="email", after="sending").count() == 1
    for worker in world.at_once(email, 2, verb="task"):
        assert worker.join() == 0
    world.go_on(email)
    world.report(email, unknown=0)
    assert email.transitions.filter(what="email", after="sent").count() == 1


def test_the_same_task_ten_times_at_once(world: Any) -> None:
    email = world.email(800)
    for worker in world.at_once(email, 10, verb="task"):
        assert worker.join() == 0
    world.report(email, unknown=0)
    assert email.transitions.filter(what="email", after="sent").count() == 1


def test_the_reaper_runs_while_answers_are_late(world: Any) -> None:
    """A clock a minute ahead: batches are parked under a worker's hands, and its late answers are believed."""
    email = world.email(400)
    world.simulator.faults.add(Fault("ses", "late_answer", "SendBulkEmail", times=10, seconds=1.0))
    senders = world.at_once(email, 2)
    for _ in range(5):
        for reaper in world.at_once(email, 2, verb="reap", clock=(60.0,)):
            assert reaper.join() == 0
    for worker in senders:
        worker.join()
    world.go_on(email)
    # What was parked before its turn is not called any more: a person may have sent it again.
    world.report(email)


def test_the_clock_steps_an_hour_back_and_forward(world: Any) -> None:
    email = world.email(1_500, rate=500)
    steps = (0.0, -3600.0, 0.0, 3600.0, 0.0, -3600.0, 3600.0, 0.0)
    workers = world.at_once(email, 2, clock=steps, each=0.25, seconds=30)
    reapers = []
    for shift in (3600.0, -3600.0, 60.0):
        time.sleep(0.4)
        reapers += world.at_once(email, 1, verb="reap", clock=(shift,))
    for worker in (*workers, *reapers):
        assert worker.join() == 0
    email.refresh_from_db()
    assert email.state == "sent", f"{email.state}: the wrong hour stopped the send"
    # A reaper an hour ahead parks what is in hand; nothing else may suffer.
    world.report(email, unknown=range(3 * 2 * 160))


def test_pause_against_resume_at_once(world: Any) -> None:
    email = world.email(1_500, rate=600)
    person = factories.make_user("Release manager")
    done: list[str] = []

    def press(button: str) -> None:
        """A person with an old page: what they see may be out of date."""
        try:
            for _ in range(25):
                seen = CampaignEmail.objects.select_related("campaign").get(pk=email.pk)
                try:
                    if button == "pause":
                        services.pause(email=seen, why="look", by=person, now=timezone.now())
                    else:
                        services.resume(email=seen, by=person, now=timezone.now())
                    done.append(button)
                except (states.MoveRefused, services.DeliveryRefused):
                    pass
                time.sleep(0.01)
        finally:
            connection.close()

    workers = world.at_once(email, 2, seconds=3)
    threads = [threading.Thread(target=press, args=(button,)) for button in ("pause", "resume") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.join()
    email.refresh_from_db()
    if email.state == "paused":
        services.resume(email=email, by=person, now=timezone.now())
        done.append("resume")
    assert done.count("pause") == done.count("resume") > 3
    world.go_on(email)
    world.report(email, unknown=0)


def test_cancel_in_mid_send(world: Any) -> None:
    email = world.email(1_500, rate=600)
    person = factories.make_user("Release manager")
    workers = world.at_once(email, 2)
    world.wait_accepted(300)
    services.cancel(email=email, why="pulled", by=person, now=timezone.now())
    for worker in workers:
        worker.join()
    out = world.accepted()
    world.go_on(email)
    assert world.accepted() == out < 1_500
    verdict = world.report(email, unknown=0)
    assert verdict.other == 1_500 - out


@pytest.mark.parametrize("way", ["the claim first", "the cancel first", "as it comes"])
def test_cancel_against_a_claim(world: Any, way: str) -> None:
    """Both have changed the same rows and neither has committed: one of them wins each batch, whole."""
    emails = [world.email(200) for _ in range(6 if way == "as it comes" else 1)]
    if way == "the claim first":
        worker = world.worker(emails[0], point="before the claim is committed", rest=1.5).wait_ready().go()
        time.sleep(0.5)
        world.at_once(emails[0], 1, verb="cancel")[0].join()
        worker.join()
        assert 0 < world.accepted() < 200
    elif way == "the cancel first":
        canceller = world.worker(emails[0], verb="cancel", point="before the cancel is committed", rest=1.5)
        canceller.wait_ready().go()
        time.sleep(0.5)
        for worker in world.at_once(emails[0], 2):
            worker.join()
        canceller.join()
        assert world.accepted() == 0
    else:
        for email in emails:
            racing = [world.worker(email), world.worker(email), world.worker(email, verb="cancel")]
            for worker in racing:
                worker.wait_ready()
            for worker in racing:
                worker.go()
            for worker in racing:
                worker.join()
    for email in emails:
        world.go_on(email)
        assert email.state in ("cancelled", "sent")
    verdict = world.report_all(emails)
    assert verdict.accepted + verdict.other == verdict.planned


@pytest.mark.parametrize("way", ["the finish first", "the group first"])
def test_a_group_is_sent_again_while_its_email_is_called_sent(world: Any, way: str) -> None:
    email = world.email(300)
    world.simulator.faults.add(Fault("ses", "refusal", "SendBulkEmail", times=40, detail="MESSAGE_REJECTED"))
    sending.send_due(email_id=email.pk, seconds=20)
    assert Message.objects.filter(email=email, state="failed").count() == 40
    finish = {"verb": "finish", "point": "before the e-mail is called sent"}
    retry = {"verb": "retry", "point": "before the group is committed"}
    first, second = (finish, retry) if way == "the finish first" else (retry, finish)
    one = world.worker(email, rest=1.5, **first).wait_ready()
    other = world.worker(email, verb=second["verb"]).wait_ready()
    one.go()
    time.sleep(0.5)
    other.go()
    assert [one.join(), other.join()] == [0, 0]
    email.refresh_from_db()
    assert email.state == "sending" and Message.objects.filter(email=email, state="queued").count() == 40
    world.go_on(email)
    verdict = world.report(email, unknown=0)
    assert verdict.accepted == 300


@pytest.mark.parametrize("mode", ["bulk", "single"])
def test_the_fleet_stops_within_five_seconds_of_a_pause(world: Any, mode: str) -> None:
    """Also when SES is so slow that one claim takes long, and when each recipient is a call."""
    email = world.email(1_500, rate=600)
    person = factories.make_user("Release manager")
    operation = {"bulk": "SendBulkEmail", "single": "SendEmail"}[mode]
    world.simulator.faults.add(Fault("ses", "slow", operation, times=0, seconds=2.0))
    workers = world.at_once(email, 2, mode=mode)
    world.wait_accepted(10)
    services.pause(email=email, why="look", by=person, now=timezone.now())
    time.sleep(5)
    out = world.accepted()
    time.sleep(3)
    assert world.accepted() == out, f"{world.accepted() - out} were accepted later than five seconds after the pause"
    world.simulator.faults.clear()
    for worker in workers:
        worker.join()
    services.resume(email=CampaignEmail.objects.get(pk=email.pk), by=person, now=timezone.now())
    world.go_on(email)
    world.report(email, unknown=0)


def test_an_hour_too_late(world: Any) -> None:
    """Beat was down over the moment of an e-mail: it is held for a person, and nobody gets it by surprise."""
    email = world.email(100, started=False)
    late = timezone.now() + dt.timedelta(hours=3)
    services.start_due(now=late)
    for worker in world.at_once(email, 2, verb="tick"):
        worker.join()
    email.refresh_from_db()
    assert email.state == "held" and world.accepted() == 0
    assert Sender.objects.get().stopped_at is None
    assert not Message.objects.filter(email=email).exists()
    # A person looks at it and lets it go: nothing is missing then.
    CampaignEmail.objects.filter(pk=email.pk).update(state="approved")
    world.go_on(email)
    world.report(email, unknown=0)
