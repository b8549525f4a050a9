"""One worker, all e-mails that are being sent: a round of each in turn.

So two campaigns share the quota evenly, however long one waits, and one alone uses all of it. What an e-mail waits for
by itself (a warm-up, a time to come) holds up nobody else; what everybody waits for (the rate of SES) makes the next
one in turn go first afterwards.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable

from django.utils import timezone

from campaigns.delivery import services
from campaigns.delivery.apart import apart
from campaigns.delivery.sending import Cursor

# Seconds after which a worker looks for other e-mails, and again at those that had nothing due.
LOOK_SECONDS = 2.0
LONGEST_SLEEP = 0.5


class Turns:
    """Whose turn it is at one worker.

    Args:
        start: workers that begin at the same moment begin with different e-mails.
        monotonic: seconds that only grow.
    """

    def __init__(
        self, start: int, *, clock: Callable[[], dt.datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.settled = 0
        self._next = start
        self._clock = clock
        self._monotonic = monotonic
        self._order: list[int] = []
        self._cursors: dict[int, Cursor] = {}
        self._ready: dict[int, float] = {}
        self._broken: set[int] = set()
        self._looked_at = -math.inf

    def step(self) -> float | None:
        """One round of the e-mail whose turn it is.

        Returns:
            The seconds to wait before the next step, or None when no e-mail has anything due.
        """
        now = self._monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._look(now)
        waiting = [self._ready[email_id] for email_id in self._order]
        if not waiting or min(waiting) == math.inf:
            return None
        if min(waiting) > now:
            return min(waiting) - now
        while self._ready[self._order[self._next % len(self._order)]] > now:
            self._next += 1
        email_id = self._order[self._next % len(self._order)]
        self._next += 1
        cursor = self._cursors[email_id]
        before = cursor.settled
        wait = None
        self._broken.add(email_id)  # until its round has come to an end: then no other e-mail waits for its error
        with apart(f"e-mail {email_id}: a round of sending"):
            wait = cursor.round(self._clock)
            self._broken.discard(email_id)
        self.settled += cursor.settled - before
        now = self._monotonic()
        if wait is None:
            self._ready[email_id] = math.inf
        elif wait and cursor.with_everybody:
            self._ready = {known: max(ready, now + wait) for known, ready in self._ready.items()}
        else:
            self._ready[email_id] = now + wait
        return 0.0

    def _look(self, now: float) -> None:
        """Which e-mails are being sent? Those that had nothing due may have by now; broken ones are left out."""
        self._looked_at = now
        self._order = [email_id for email_id in services.sending_emails() if email_id not in self._broken]
        self._cursors = {known: self._cursors.get(known) or Cursor(known) for known in self._order}
        old = self._ready
        self._ready = {known: now if old.get(known, now) == math.inf else old.get(known, now) for known in self._order}


def send_all(
    *,
    start: int,
    seconds: float,
    clock: Callable[[], dt.datetime] = timezone.now,
    until: Callable[[], bool] = lambda: False,
) -> int:
    """Send for so many seconds, or until nothing is due. Returns how many batches were settled.

    Short by design, as `sending.send_due` is: the next tick wakes another worker.
    """
    end = time.monotonic() + seconds
    turns = Turns(start, clock=clock)
    while time.monotonic() < end and not until():
        wait = turns.step()
        if wait is None:
            break
        if wait:
            if time.monotonic() + wait >= end:
                break
            time.sleep(min(wait, LONGEST_SLEEP))
    return turns.settled
