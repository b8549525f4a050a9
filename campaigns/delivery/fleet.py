"""The sender of the whole fleet: stop and start it, drop what it learned. services.py is the door to these verbs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from campaigns import states
from campaigns.delivery import fencing, limiter, ses
from campaigns.delivery.models import Sender
from campaigns.delivery.refusals import DeliveryRefused
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.planning.services import move

AFTER_TAKE_OVER = (
    "This database took over the sending: it may not know everything that went out. "
    "Compare with what the recipients got, then go on or cancel."
)


@transaction.atomic
def stop_sender(*, reason: str, by: Any, now: dt.datetime) -> None:
    """Stop all sending of the fleet until a person starts it again."""
    require(by, "campaigns.stop_sender")
    if not reason.strip():
        raise DeliveryRefused("Say why: everybody sees the reason on the home page.")
    row = limiter.row()
    if Sender.objects.filter(pk=row.pk, stopped_at__isnull=True).update(
        stopped_at=now, stopped_reason=reason[:500], stopped_by=by
    ):
        history.record(what="sender", what_id=row.pk, before="sending", after="stopped", why=reason, by=by, now=now)


@transaction.atomic
def start_sender(*, by: Any, now: dt.datetime) -> None:
    """Let the fleet send again. What has become late meanwhile is held, not sent.

    Raises:
        DeliveryRefused: another installation sent meanwhile; a person compares and takes over instead.
    """
    require(by, "campaigns.stop_sender")
    row = limiter.row()
    if row.fenced_at:
        raise DeliveryRefused(f"{row.stopped_reason} Starting again is not enough.")
    if Sender.objects.filter(Q(pk=row.pk) & Q(stopped_at__isnull=False)).update(
        stopped_at=None, stopped_reason="", stopped_by=None
    ):
        history.record(what="sender", what_id=row.pk, before="stopped", after="sending", why="", by=by, now=now)


@transaction.atomic
def forget_learned_mode(*, by: Any, now: dt.datetime) -> None:
    """Try bulk calls again, as before SES refused or throttled them; the answers may teach the same once more."""
    require(by, "campaigns.stop_sender")
    row = limiter.row()
    if (
        Sender.objects.filter(pk=row.pk)
        .exclude(learned_mode="")
        .update(learned_mode="", learned_why="", learned_at=None)
    ):
        history.record(
            what="sender",
            what_id=row.pk,
            before="single calls",
            after="bulk calls",
            why="Try bulk calls again.",
            by=by,
            now=now,
        )


def take_over(*, reason: str, by: Any, now: dt.datetime) -> int:
    """This database is the one that sends from now on; the other one stops when it finds out.

    What was being sent is paused and what is due is held: these rows may be older than what really went out, so a
    person compares each e-mail with what the recipients got before it goes on. Nothing is sent for a while, until the
    other one has surely noticed.

    Args:
        reason: why; kept in the history.

    Returns:
        How many e-mails were paused or held.

    Raises:
        DeliveryRefused: no reason, SES cannot be reached, or somebody else takes over at the same moment.
    """
    require(by, "campaigns.stop_sender")
    if not reason.strip():
        raise DeliveryRefused("Say why: the reason is kept in the history.")
    row = limiter.row()
    try:
        token = fencing.read()
    except ses.SESError as error:
        raise DeliveryRefused(f"Nothing was changed, because SES could not be asked: {error}") from error
    wait = now + dt.timedelta(seconds=2 * settings.SEND_FENCE_SECONDS)
    epoch = max(row.fence_epoch, token.epoch if token else 0) + 1
    fresh = fencing.Token(str(uuid.uuid4()), epoch, fencing.new_nonce(now))
    kept_back = _keep_back(until=wait, by=by, now=now)
    if not Sender.objects.filter(pk=row.pk, fence_nonce=row.fence_nonce, fence_next=row.fence_next).update(
        fence_installation=fresh.installation, fence_nonce="", fence_next=fresh.nonce, fence_wait_until=wait
    ):
        raise DeliveryRefused("The token changed at this very moment. Look at the page again.")
    try:
        kept = ses.door().keep_text(settings.SEND_FENCE_NAME, fresh.text(), new=token is None)
    except ses.SESError as error:
        raise DeliveryRefused(f"The token could not be written into SES; take over again: {error}") from error
    if not kept:
        raise DeliveryRefused("The token in SES changed at this very moment; compare again, then take over.")
    Sender.objects.filter(pk=row.pk, fence_next=fresh.nonce).update(
        fence_nonce=fresh.nonce, fence_next="", fence_epoch=epoch, fence_at=now, fence_error="", fenced_at=None
    )
    if row.fenced_at:
        Sender.objects.filter(pk=row.pk).update(stopped_at=None, stopped_reason="", stopped_by=None)
    history.record(
        what="sender",
        what_id=row.pk,
        before=f"epoch {token.epoch} of {token.installation}" if token else "no token",
        after=f"epoch {epoch} of {fresh.installation}",
        why=f"Taken over: {reason}",
        by=by,
        now=now,
    )
    return kept_back


def _keep_back(*, until: dt.datetime, by: Any, now: dt.datetime) -> int:
    """Pause what is being sent and hold what is due before `until`: the other one may have sent it."""
    at_risk = CampaignEmail.objects.filter(Q(state="sending") | Q(state="approved", send_at__lte=until))
    kept_back = 0
    for email in at_risk.select_related("campaign"):
        try:
            move(email=email, to="paused" if email.state == "sending" else "held", by=by, why=AFTER_TAKE_OVER, now=now)
            kept_back += 1
        except states.MoveRefused:
            continue
    return kept_back
