"""What to do after SES refused: when to try again, how often, and what stops everybody."""

from __future__ import annotations

import datetime as dt
import random

from campaigns.delivery import ses_errors

MOST_ATTEMPTS = 7
FIRST_WAIT = dt.timedelta(minutes=5)
LONGEST_WAIT = dt.timedelta(hours=6)
THROTTLE_WAIT = dt.timedelta(seconds=2)

# The code of a whole call that says "too fast" and not "wrong", and the one of an entry: they burn no attempt.
CALL_THROTTLES = frozenset({ses_errors.TOO_FAST})
THROTTLES = CALL_THROTTLES | {"ACCOUNT_THROTTLED"}
# Our own: the call was not made, because something before it said stop.
NOT_TRIED = "not_tried"


def next_try(attempt: int, *, now: dt.datetime) -> dt.datetime:
    """When attempt number `attempt` + 1 may start: doubling from five minutes to six hours, jittered by a quarter."""
    wait = min(FIRST_WAIT * 2 ** max(attempt - 1, 0), LONGEST_WAIT)
    return now + wait * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
