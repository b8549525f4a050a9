"""Start, pause, resume, cancel, finish; settle what is unknown; stop and start the whole sender."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from campaigns import states
from campaigns.delivery import lateness
from campaigns.delivery.apart import apart
from campaigns.delivery.archiving import archive_messages, drop_month
from campaigns.delivery.deciding import decide, decide_group, locked, retry_failed, write_off
from campaigns.delivery.fleet import forget_learned_mode, start_sender, stop_sender, take_over
from campaigns.delivery.limits import end_warm_up, set_calls_in_flight, set_warm_up
from campaigns.delivery.models import Batch, Message, Sender
from campaigns.delivery.preparing import prepare
from campaigns.delivery.recount import recount
from campaigns.delivery.refusals import DeliveryRefused
from campaigns.delivery.selectors import balance
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.planning.services import move
from campaigns.review import services as review
from campaigns.review.selectors import approval_problem
from releases.models import Release

logger = logging.getLogger(__name__)

# Cancelled together, some ten thousand messages: locked for less than half a second.
BATCHES_A_SET = 200

__all__ = [
    "DeliveryRefused", "archive_messages", "cancel", "decide", "decide_group", "drop_month", "end_warm_up",
    "finish_due", "forget_learned_mode",
    "pause", "pause_stale", "prepare", "reopen_left", "resume", "retry_failed", "set_calls_in_flight", "set_warm_up",
    "settle", "start_due", "start_sender", "stop_and_correct", "stop_sender", "take_over", "write_off",
]  # fmt: skip


def start_due(*, now: dt.datetime) -> int:
    """Begin to send approved e-mails whose time has come; hold those that are late or whose approval does not fit.

    Returns:
        How many were started.
    """
    due = CampaignEmail.objects.filter(state="approved", send_at__lte=now, campaign__state="active").select_related(
        "campaign__release__product"
    )
    # What becomes due while all sending is stopped stays approved, so that it is late and held when it was too long.
    stopped = Sender.objects.filter(region=settings.AWS_REGION, stopped_at__isnull=False).exists()
    started = 0
    for email in due.order_by("send_at"):
        with apart(f"e-mail {email.pk}: starting it"):
            started += _start(email, stopped=stopped, now=now)
    return started


def _start(email: CampaignEmail, *, stopped: bool, now: dt.datetime) -> bool:
    """Begin to send one approved e-mail, or hold it. Returns whether it was started."""
    assert email.send_at is not None  # noqa: S101 - the filter says so
    late = email.send_at + email.late_after < now
    released = email.campaign.release.state == Release.State.RELEASED
    try:
        if late:
            waited = " Jira did not say released in time." if email.needs_release and not released else ""
            why = f"Its moment has passed; late mail is not sent.{waited}"
            move(email=email, to="held", by=None, why=why, now=now)
            return False
        if stopped or (email.needs_release and not released):
            return False  # waits for a person to start the sender, or for Jira to say released, until it is late
        problem = approval_problem(email, now)
        if problem:
            why = f"The approval does not fit: {problem}"
            move(email=email, to="held", by=None, why=why, now=now, held_by_approval=True)
            return False
        move(email=email, to="sending", by=None, why="Its time has come.", now=now, started_at=now)
    except states.MoveRefused:
        return False  # another tick or a person was faster
    return True


def prepare_due(*, now: dt.datetime, until: Callable[[], bool] = lambda: False) -> int:
    """Write the messages of e-mails that are sending and not fully prepared; goes on where an interrupted run ended.

    Args:
        until: asked after each chunk; True leaves the rest to the next run.
    """
    written = 0
    emails = CampaignEmail.objects.filter(state="sending", prepared_at__isnull=True).select_related("campaign")
    for email in emails.order_by("started_at", "pk"):
        with apart(f"e-mail {email.pk}: preparing it"):
            written += prepare(email=email, now=now, until=until)
        if until():
            break
    return written


def sending_emails() -> list[int]:
    """E-mails that have something to send now or soon, oldest start first: what the tick wakes workers for."""
    open_batches = Batch.objects.filter(email=OuterRef("pk"), state="queued")
    return list(
        CampaignEmail.objects.filter(Exists(open_batches), state="sending", campaign__state__in=["active", "finished"])
        .order_by("started_at", "pk")
        .values_list("pk", flat=True)
    )


def finish_due(*, now: dt.datetime) -> int:
    """Call an e-mail sent when it is prepared, nothing is on the way and its balance adds up. Returns how many.

    A paused one too, once there is nothing left of it to send and nothing unknown to decide on.
    """
    on_the_way = Batch.objects.filter(email=OuterRef("pk"), state__in=["queued", "sending"])
    ready = CampaignEmail.objects.filter(
        ~Exists(on_the_way), state__in=["sending", "paused"], prepared_at__isnull=False
    )
    finished = 0
    for email_id in ready.order_by("pk").values_list("pk", flat=True):
        with apart(f"e-mail {email_id}: finishing it"), transaction.atomic():
            # Under the lock: a person who sends messages again holds it until they are queued.
            email = locked(email_id)
            if email.state not in ("sending", "paused") or not ready.filter(pk=email_id).exists():
                continue
            sheet = balance(email)
            if email.state == "paused" and sheet.unknown:
                continue
            if not sheet.adds_up:
                logger.error("e-mail %s: the balance does not add up: %s", email.pk, sheet)
                continue
            move(email=email, to="sent", by=None, why=_figures(email), now=now, finished_at=now)
            finished += 1
    return finished


def reopen_left(*, now: dt.datetime) -> int:
    """Send what is queued in an e-mail that counts as sent. It cannot come about; if it does, nobody is left out."""
    queued = Batch.objects.filter(state="queued", email__state="sent", email__archive_begun_at__isnull=True)
    left = queued.order_by().values_list("email_id", flat=True)
    reopened = 0
    for email_id in sorted(left.distinct()):
        logger.error("e-mail %s counts as sent and has messages that are queued", email_id)
        with transaction.atomic():
            email = locked(email_id)
            if email.state == "sent":
                move(email=email, to="sending", by=None, why="Messages of it are still queued.", now=now)
                reopened += 1
    return reopened


def _figures(email: CampaignEmail) -> str:
    sheet = balance(email)
    return (
        f"{sheet.planned} planned: {sheet.accepted} accepted, {sheet.suppressed} suppressed, {sheet.failed} failed, "
        f"{sheet.cancelled} cancelled, {sheet.unknown} unknown."
    )


def pause(*, email: CampaignEmail, why: str, by: Any, now: dt.datetime) -> None:
    """Stop claiming batches of an e-mail. What a worker holds this second is finished; nothing new starts."""
    require(by, "campaigns.send_campaignemail")
    move(email=email, to="paused", by=by, why=why, now=now)


def pause_stale(*, now: dt.datetime) -> int:
    """Pause sends that stood still for longer than their mail may be late; see lateness.py. Returns how many."""
    paused = 0
    sends = CampaignEmail.objects.filter(state="sending", campaign__state__in=["active", "finished"])
    for email in sends.select_related("campaign__release"):
        with apart(f"e-mail {email.pk}: looking whether it stood still"), suppress(states.MoveRefused):
            if why := lateness.stood_still(email, now=now):
                move(email=email, to="paused", by=None, why=why, now=now)
                paused += 1
    return paused


def resume(*, email: CampaignEmail, by: Any, now: dt.datetime, why: str = "") -> None:
    """Go on with a paused e-mail, as long as its approval still fits.

    Args:
        why: needed once the e-mail was paused for longer than it may be late; kept in the history.

    Raises:
        DeliveryRefused: it is not paused, the approval no longer fits, or it is late and nobody says why it shall
            still go out.
    """
    require(by, "campaigns.send_campaignemail")
    if email.state != "paused":
        raise DeliveryRefused(f"It is {email.get_state_display().lower()}; there is nothing to resume.")
    problem = approval_problem(email, now)
    if problem:
        raise DeliveryRefused(f"It cannot go on: {problem}")
    if lateness.stood_too_long(email, now=now) and not why.strip():
        raise DeliveryRefused(
            f"It stood still for longer than {lateness.hours(email.late_after)}. "
            "Say why the rest shall still go out, or cancel it."
        )
    move(email=email, to="sending", by=by, why=why.strip() or "Resumed.", now=now)


def cancel(
    *, email: CampaignEmail, why: str, by: Any, now: dt.datetime, until: Callable[[], bool] = lambda: False
) -> None:
    """End a send: what is queued is cancelled, what is out stays out, and the balance says how many that were.

    From the first commit on no batch of it can be claimed, however many there are; their messages follow in sets.

    Args:
        until: asked after each set; True leaves the rest of the messages, and the line of the balance, to the tick.
    """
    require(by, "campaigns.send_campaignemail")
    if email.state not in ("sending", "paused"):
        raise DeliveryRefused(f"It is {email.get_state_display().lower()}; there is no send to cancel.")
    with transaction.atomic():
        move(email=email, to="cancelled", by=by, why=why, now=now, finished_at=now)
        _cancel_batches(email.pk, now=now)
    _cancel_rest(email, by=by, now=now, until=until)


def stop_and_correct(
    *, email: CampaignEmail, why: str, by: Any, now: dt.datetime, until: Callable[[], bool] = lambda: False
) -> CampaignEmail:
    """End a send that says something wrong, and draft the correction for those who have it.

    `cancel` and the review room's `correct` in one transaction: with no correction nothing is cancelled either. Who
    gets it in a call that is under way gets the correction too. Asking twice gives the same correction.

    Args:
        until: as for `cancel`.

    Raises:
        PermissionDenied: the person may not cancel sends, or not hold e-mails.
        DeliveryRefused: it is not being sent.
        ReviewRefused: nobody has it yet, or the person may not edit.
    """
    require(by, "campaigns.send_campaignemail")
    with transaction.atomic():
        row = locked(email.pk)
        stopped = row.state == "cancelled" and row.corrections.exclude(state="cancelled").exists()
        if row.state not in ("sending", "paused") and not stopped:
            raise DeliveryRefused(f"It is {row.get_state_display().lower()}; there is no send to stop.")
        if not stopped:
            move(email=row, to="cancelled", by=by, why=why, now=now, finished_at=now)
        correction = review.correct(email=row, by=by, now=now)
        if not stopped:
            _cancel_batches(row.pk, now=now)
    if not stopped:
        _cancel_rest(row, by=by, now=now, until=until)
    return correction


def _cancel_rest(email: CampaignEmail, *, by: Any, now: dt.datetime, until: Callable[[], bool]) -> None:
    """Cancel the messages of a send that was cancelled, and say what became of everybody once that is done."""
    _, done = _cancel_messages(email.pk, now=now, until=until)
    if done:
        _write_balance(email, by=by, now=now)


def _cancel_batches(email_id: int, *, now: dt.datetime) -> int:
    return Batch.objects.filter(email_id=email_id, state="queued").update(state="cancelled", finished_at=now)


def _cancel_messages(email_id: int, *, now: dt.datetime, until: Callable[[], bool]) -> tuple[int, bool]:
    """Cancel what waits in cancelled batches, in sets that are short enough for everybody else to write in between.

    Returns:
        How many batches were done, and whether none is left.
    """
    swept = 0
    waiting = Batch.objects.filter(email_id=email_id, state="cancelled", queued__gt=0).order_by("pk")
    while True:
        with transaction.atomic():
            ids = list(waiting.select_for_update().values_list("pk", flat=True)[:BATCHES_A_SET])
            Message.objects.filter(batch_id__in=ids, state="queued").update(
                state="cancelled", reason="cancelled", changed_at=now
            )
            recount(ids, now=now, locked=True)
        swept += len(ids)
        if len(ids) < BATCHES_A_SET:
            return swept, True
        if until():
            return swept, False


def _write_balance(email: CampaignEmail, *, by: Any, now: dt.datetime) -> None:
    """The line of history that says what became of everybody, also of those who were never prepared."""
    why = _figures(email)
    if email.prepared_at is None:
        left = audience_rule(email).people().count() - Message.objects.filter(email=email).count()
        if left > 0:
            why = f"{why} {left} more on its lists were never prepared."
    history.record(what="balance", what_id=email.pk, email=email, before="", after="", why=why, by=by, now=now)


def sweep_cancelled(*, now: dt.datetime, until: Callable[[], bool] = lambda: False) -> int:
    """Cancel sends whose campaign was cancelled, what a worker put back into the queue of a cancelled e-mail, and what
    a cancel that took too long left. Returns how many batches.

    Args:
        until: asked after each set of batches; True leaves the rest to the next run.
    """
    orphans = CampaignEmail.objects.filter(state__in=["sending", "paused"], campaign__state="cancelled")
    for email in orphans.select_related("campaign"):
        with apart(f"e-mail {email.pk}: cancelling it"), suppress(states.MoveRefused, DeliveryRefused):
            cancel(email=email, why="The campaign was cancelled.", by=None, now=now, until=until)
    waiting = Q(state="queued") | Q(state="cancelled", queued__gt=0)
    left = Batch.objects.filter(waiting, email__state="cancelled").order_by("email_id").values_list("email_id")
    swept = 0
    for email in CampaignEmail.objects.filter(pk__in=left.distinct()).select_related("campaign").order_by("pk"):
        with apart(f"e-mail {email.pk}: sweeping it"):
            _cancel_batches(email.pk, now=now)
            batches, done = _cancel_messages(email.pk, now=now, until=until)
            swept += batches
            if done:
                _write_balance(email, by=None, now=now)
        if until():
            break
    return swept


def settle(*, message_id: int, ses_id: str, why: str, now: dt.datetime) -> bool:
    """An event of SES names a message: if nobody knew whether it was accepted, now we do. Returns whether it changed.

    Every SES event about a message (Send, Delivery, Bounce, Reject ...) proves that SES accepted the call, so one that
    a person has put into the queue again is not sent again. What a worker holds this moment it records itself.
    """
    in_doubt = (
        Q(state="unknown")
        | Q(state="queued", batch__state="queued")
        | Q(state="failed", reason="decided_by_person")  # written off, and now it turns out that it went out
        # To be sent again after a doubt, and ended before its turn: the first try had gone out all the same.
        | Q(state__in=["cancelled", "suppressed"], attempts__gt=0)
    )
    with transaction.atomic():
        # Whoever claims its batch this moment comes before or after: in between, it would be settled and sent as well.
        waits = Batch.objects.select_for_update(of=("self",)).filter(messages=message_id, state="queued")
        list(waits.values_list("pk"))
        changed = Message.objects.filter(in_doubt, pk=message_id).update(
            state="accepted",
            ses_id=ses_id[:100],
            sent_at=now,
            reason="settled_by_event",
            detail=why[:500],
            changed_at=now,
        )
        if changed:
            recount([Message.objects.values_list("batch_id", flat=True).get(pk=message_id)], now=now)
    return bool(changed)
