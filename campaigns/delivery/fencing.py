"""Which database may send: a restored backup or a second server with a copy of it sends nothing by itself.

A copy of the database cannot be told from its original by anything inside it. What both share is SES, so a token lies
there (the text of a stored template, SEND_FENCE_NAME): installation, epoch and a random nonce. The sender's row holds
the same. S below is SEND_FENCE_SECONDS.

- *Advance.* At least every S/2, by the tick or while sending, one process reads the token, compares it with the row,
  writes a fresh nonce as `fence_next` into the row (a conditional UPDATE, so one process wins), then into SES, then
  makes it `fence_nonce`. Between these steps the token is one of the two that the row knows: a crash there locks nobody
  out, and the next advance goes on from whichever it is.
- *Sending* is allowed for S after the start of an advance, to processes that are *witnesses*: they know that their
  database is the one that is advanced. If SES cannot be reached, sending goes on for the rest of S and then waits.
- *Becoming a witness.* The process that leaves the first token in an account is one. Any other process listens first:
  once the row and the token advance together, its database is alive and it is a witness; it asks the living ones for
  that (`fence_wanted`), so it takes seconds. If nothing moves for 2 S, nobody else can be sending: it advances by
  itself, looks again a moment later, and is a witness. A copy that listens while its original lives sees the token
  move without its row; an original that was silent for 2 S and wakes up finds that its own S are over and the token is
  not its own. Whoever finds a token that is not its own, twice and some seconds apart, stops its sender until a person
  compares both and takes over.
- *Taking over* writes a new installation into row and token; 2 S of listening give the other one time to find out.

What remains: if the original dies within S/2 after the copy was made, and sent in that time, nothing tells the two
apart.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce

from campaigns.delivery import limiter, ses
from campaigns.delivery.models import Sender
from campaigns.planning import history

logger = logging.getLogger(__name__)

# A token that is not ours is looked at again after this time: a read may lag behind a write.
CONFIRM_SECONDS = 5.0
# An advance that was begun and not ended for so long has died; longer than the door's time-outs.
DEAD_SECONDS = 20
# SES changes a template once a second at most (reference of UpdateEmailTemplate).
LEAST_SECONDS = 2.0

FOREIGN = (
    "Another installation has sent with this Amazon account since this database was copied or restored. "
    "Compare the two, then take over here or switch this one off."
)
MISSING = (
    "The token that tells this database from its copies is no longer in Amazon SES. "
    "Make sure that no other installation sends, then take over."
)
TAKEN = (
    "Another installation already sends with this Amazon account. Give each a SEND_FENCE_NAME of its own, "
    "or switch the other one off and take over."
)


class NotYet(Exception):
    """Nothing may be sent for the moment; `wait` seconds until asking again is worth it, 0 when a person has to act."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Token:
    """What lies in SES. The nonce carries the second in which it was made."""

    installation: str
    epoch: int
    nonce: str

    def text(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self))


def parse(text: str) -> Token:
    """The token of a stored text; one of nobody when the text is not a token."""
    try:
        given = json.loads(text)
        return Token(str(given["installation"]), int(given["epoch"]), str(given["nonce"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return Token("", 0, "")


def new_nonce(now: dt.datetime) -> str:
    """Random, with the second in which it was made."""
    return f"{secrets.token_hex(8)}-{int(now.timestamp())}"


def _age(nonce: str, now: dt.datetime) -> float:
    return abs(now.timestamp() - float(nonce.rpartition("-")[2]))


def read() -> Token | None:
    """The token in SES, None when there is none. Raises ses.SESError."""
    text = ses.door().kept_text(settings.SEND_FENCE_NAME)
    return None if text is None else parse(text)


class Fence:
    """What one process knows about the token. Safe from many threads."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._monotonic = monotonic
        self._pause = pause
        self._lock = threading.Lock()
        self._witness_of = ""
        self._heard: tuple[str, str, float] | None = None  # installation, nonce and moment when listening began
        self._seen: tuple[str, int, float] = ("", 0, 0.0)  # nonce and epoch of the row, and when they were first seen
        self._doubt: tuple[str, float] | None = None

    def check(self, sender: Sender, *, now: dt.datetime) -> None:
        """Return if this process may send now. Calls SES now and then: never inside a transaction.

        Raises:
            NotYet: it may not, and why.
        """
        if not settings.SEND_FENCE_SECONDS:
            return
        with self._lock:
            self._check(sender, now)

    def _check(self, sender: Sender, now: dt.datetime) -> None:
        if sender.fenced_at:
            raise NotYet(sender.stopped_reason)
        if sender.fence_epoch < self._seen[1]:
            self._witness_of = ""  # the rows went back in time under a running process: a backup was restored
            self._seen = ("", 0, 0.0)
        try:
            if not sender.fence_nonce:
                self._adopt(sender, now)
            elif self._witness_of == sender.fence_installation:
                self._keep(sender, now)
            else:
                self._listen(sender, now)
        except ses.SESError as error:
            Sender.objects.filter(pk=sender.pk).exclude(fence_error=str(error)[:500]).update(
                fence_error=str(error)[:500]
            )
            raise NotYet(f"The token in SES cannot be compared: {error}", 2.0) from error
        left = (sender.fence_wait_until - now).total_seconds() if sender.fence_wait_until else 0.0
        if 0 < left <= 2 * settings.SEND_FENCE_SECONDS:
            raise NotYet("The installation that this one took over from may still be sending.", 1.0)

    def _keep(self, sender: Sender, now: dt.datetime) -> None:
        """A witness: go on while the last advance is fresh, advance when half of that is over."""
        seconds = settings.SEND_FENCE_SECONDS
        moment = self._monotonic()
        if self._seen[0] != sender.fence_nonce:
            self._seen = (sender.fence_nonce, sender.fence_epoch, moment)
        # The wall clock may step; the time since this process saw the nonce for the first time may not.
        age = abs((now - sender.fence_at).total_seconds()) if sender.fence_at else seconds * 2
        if max(age, moment - self._seen[2]) > seconds:
            self._advance(sender, now, look_again=True)
        elif age > seconds / 2 or (sender.fence_wanted and age > LEAST_SECONDS):
            try:
                self._advance(sender, now)
            except ses.SESError as error:
                logger.warning("the token in SES could not be advanced: %s", error)
            except NotYet as reason:
                if self._doubt or not reason.wait:
                    raise

    def _listen(self, sender: Sender, now: dt.datetime) -> None:
        """Not a witness yet: is it this database that is alive, or is nobody?"""
        if self._heard is None or self._heard[0] != sender.fence_installation:
            self._compare(sender, now)
            self._heard = (sender.fence_installation, sender.fence_nonce, self._monotonic())
            Sender.objects.filter(pk=sender.pk).update(fence_wanted=True)
        elif self._heard[1] != sender.fence_nonce:
            self._compare(sender, now)
            self._is_witness(sender.fence_installation)
            return
        elif self._monotonic() - self._heard[2] > 2 * settings.SEND_FENCE_SECONDS:
            self._advance(sender, now, look_again=True)
            self._is_witness(sender.fence_installation)
            return
        raise NotYet("Making sure that no copy of this database sends.", 1.0)

    def _is_witness(self, installation: str) -> None:
        self._witness_of, self._heard, self._doubt = installation, None, None

    def _compare(self, sender: Sender, now: dt.datetime) -> Token:
        """The token in SES, which is one that the row knows.

        Raises:
            NotYet: it is not; the second time, some seconds later, the sender is stopped.
        """
        token = read()
        sender.refresh_from_db()
        known = {sender.fence_nonce, sender.fence_next} - {""}
        if token is not None and token.installation == sender.fence_installation and token.nonce in known:
            self._doubt = None
            return token
        shown = token.nonce if token else ""
        if self._doubt is None or self._doubt[0] != shown:
            self._doubt = (shown, self._monotonic())
        if self._monotonic() - self._doubt[1] < CONFIRM_SECONDS:
            raise NotYet("The token in SES is not the one of this database; it is looked at again.", 1.0)
        self._doubt = None
        why = MISSING if token is None else FOREIGN
        stop(sender, why, now=now)
        raise NotYet(why)

    def _advance(self, sender: Sender, now: dt.datetime, *, look_again: bool = False) -> None:
        """Write a fresh token into the row, into SES, and into the row as the valid one.

        Args:
            look_again: somebody else may have written at the same moment, because nobody did for so long.
        """
        token = self._compare(sender, now)
        if sender.fence_next and token.nonce != sender.fence_next and _age(sender.fence_next, now) < DEAD_SECONDS:
            raise NotYet("Another worker is advancing the token in SES.", 0.5)
        fresh = Token(sender.fence_installation, token.epoch + 1, new_nonce(now))
        began = self._monotonic()
        mine = Sender.objects.filter(pk=sender.pk, fence_nonce=sender.fence_nonce, fence_next=sender.fence_next)
        if not mine.update(fence_nonce=token.nonce, fence_next=fresh.nonce):
            raise NotYet("Another worker is advancing the token in SES.", 0.5)
        if self._monotonic() - began > CONFIRM_SECONDS:
            raise NotYet("This worker was too slow to advance the token in SES.", 0.5)
        self._write(sender, fresh, new=False)
        if look_again:
            self._pause(1.0)
            self._compare(sender, now)
        _confirm(sender, fresh, now=now)
        self._seen = (fresh.nonce, fresh.epoch, began)

    def _write(self, sender: Sender, fresh: Token, *, new: bool) -> None:
        try:
            kept = ses.door().keep_text(settings.SEND_FENCE_NAME, fresh.text(), new=new)
        except ses.SESError as error:
            if error.kind != "unclear":  # certainly not written: the next try need not wait
                Sender.objects.filter(pk=sender.pk, fence_next=fresh.nonce).update(fence_next="")
            raise
        if not kept:
            Sender.objects.filter(pk=sender.pk, fence_next=fresh.nonce).update(fence_next="")
            raise NotYet("The token in SES was made or deleted by somebody else; it is looked at again.", 1.0)

    def _adopt(self, sender: Sender, now: dt.datetime) -> None:
        """No token was ever valid for this row: leave the first one in an account that has none."""
        token = read()
        sender.refresh_from_db()
        if sender.fence_nonce:
            raise NotYet("Another worker has just left the token in SES.", 0.5)
        if token is not None:
            if sender.fence_next and (token.installation, token.nonce) == (
                sender.fence_installation,
                sender.fence_next,
            ):
                _confirm(sender, token, now=now)  # the worker that wrote it died before it could say so
                raise NotYet("The token in SES was just made.", 0.5)
            stop(sender, TAKEN, now=now)
            raise NotYet(TAKEN)
        if sender.fence_next and _age(sender.fence_next, now) < DEAD_SECONDS:
            raise NotYet("Another worker is leaving the token in SES.", 0.5)
        fresh = Token(str(uuid.uuid4()), sender.fence_epoch + 1, new_nonce(now))
        if not Sender.objects.filter(pk=sender.pk, fence_nonce="", fence_next=sender.fence_next).update(
            fence_installation=fresh.installation, fence_next=fresh.nonce
        ):
            raise NotYet("Another worker is leaving the token in SES.", 0.5)
        self._write(sender, fresh, new=True)
        _confirm(sender, fresh, now=now)
        self._is_witness(fresh.installation)


def _confirm(sender: Sender, token: Token, *, now: dt.datetime) -> None:
    """The token that was being written is the valid one."""
    Sender.objects.filter(pk=sender.pk, fence_next=token.nonce).update(
        fence_nonce=token.nonce,
        fence_next="",
        fence_epoch=token.epoch,
        fence_at=now,
        fence_wanted=False,
        fence_error="",
    )
    sender.refresh_from_db()


@transaction.atomic
def stop(sender: Sender, why: str, *, now: dt.datetime) -> None:
    """Stop the sender until a person takes over."""
    changed = Sender.objects.filter(pk=sender.pk, fenced_at__isnull=True).update(
        fenced_at=now, stopped_at=Coalesce("stopped_at", now), stopped_reason=why, stopped_by=None
    )
    if changed:
        logger.error("%s", why)
        history.record(what="sender", what_id=sender.pk, before="sending", after="fenced", why=why, by=None, now=now)


fence = Fence()


def keep(*, now: dt.datetime) -> None:
    """What the tick does, also when nothing is sent: advance the token, so that copies notice that this one lives."""
    if not settings.SEND_FENCE_SECONDS:
        return
    try:
        fence.check(limiter.row(), now=now)
    except NotYet as reason:
        logger.info("nothing is sent yet: %s", reason)
