"""How a batch becomes calls of SES: one call for all of it (SendBulkEmail), or one for each recipient (SendEmail).

Bulk is the rule. AWS does not list SendBulkEmail among the operations that are free of the limit of calls per second
("Service quotas in Amazon SES"), and an account may not be allowed to use it, so the setting SEND_MODE "auto" learns
from the answers: single calls are used from then on when a bulk call is refused that goes through one by one, or when
bulk calls are still throttled although the fleet sends far fewer recipients a second than SES allows. What was learned
stands on the sender's page until a person drops it. Either way there is one result for each recipient.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from campaigns.delivery import errors, limiter, ses
from campaigns.delivery.models import Sender
from campaigns.planning import history

logger = logging.getLogger(__name__)

BULK, SINGLE = "bulk", "single"
# No call starts later than this after its batch was claimed: what was asked then (a pause, a suppression, the approval)
# has to hold still, and a process that stood still must not wake up and send what was parked long ago. Pauses take five
# seconds. Recipients whose turn did not come wait for another batch, which costs them nothing.
CALL_SECONDS = 2.5
# Batches that are claimed together when each recipient is a call: a pause shall take effect within five seconds.
WIDEST_SINGLE = 4
# Bulk calls that are throttled at this share of the allowed rate are throttled as calls, not for their recipients.
FAR_BELOW = 0.3
# Refusals of the operation itself, or of a request whose parts SES may take one by one; nothing was accepted.
REFUSED = frozenset({
    "AccessDenied", "AccessDeniedException", "NotAuthorized", "UnknownOperationException", "InvalidAction",
    "BadRequestException", "ValidationException", "SerializationException",
})  # fmt: skip

Results = list[ses.EntryResult]
TOO_LATE = ses.EntryResult("retry", "", errors.NOT_TRIED, "Its turn did not come in time.")


@dataclass
class Caller:
    """Makes the calls of some claimed batches, and notes what it learned about the operation."""

    mode: str
    claimed: float  # when its batches were claimed, by time.monotonic
    lesson: str = ""
    _stopped: ses.EntryResult | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self, requests: Sequence[ses.BulkRequest], run: Callable[[Sequence[Callable[[], Results]]], list[Results]]
    ) -> list[Results]:
        """The results of each request, one for each of its entries, in order.

        Args:
            run: makes the calls that it is given, some at the same time.
        """
        if self.mode == BULK:
            return run([lambda one=one: self._bulk(one) for one in requests])  # type: ignore[misc]
        calls = [lambda one=one, entry=entry: [self._single(one, entry)] for one in requests for entry in one.entries]
        found = iter(run(calls))
        return [[next(found)[0] for _ in one.entries] for one in requests]

    def _bulk(self, request: ses.BulkRequest) -> Results:
        if time.monotonic() > self.claimed + CALL_SECONDS:
            return [TOO_LATE] * len(request.entries)
        try:
            return ses.door().send_bulk(request)
        except ses.SESError as error:
            logger.warning("SES: %s (%s)", error, error.kind)
            if error.code in REFUSED and error.kind in ("hold", "failed") and settings.SEND_MODE == "auto":
                return self._one_by_one(request, error)
            return [_result(error)] * len(request.entries)
        except Exception as error:
            return [_lost(error)] * len(request.entries)

    def _one_by_one(self, request: ses.BulkRequest, refusal: ses.SESError) -> Results:
        """A bulk call was refused as a whole: what does SES say to each recipient?"""
        results = [self._single(request, entry) for entry in request.entries]
        if any(result.outcome == "accepted" for result in results):
            self.lesson = f"SES refused a bulk call ({refusal}) and took the same mail one by one."
        return results

    def _single(self, request: ses.BulkRequest, entry: ses.Entry) -> ses.EntryResult:
        with self._lock:
            if self._stopped is not None:
                return self._stopped
        if time.monotonic() > self.claimed + CALL_SECONDS:
            return TOO_LATE
        try:
            result = ses.door().send_single(request, entry)
        except ses.SESError as error:
            logger.warning("SES: %s (%s)", error, error.kind)
            result = _result(error)
        except Exception as error:
            result = _lost(error)
        if result.outcome == "hold":
            self._stop(result)
        elif result.code in errors.THROTTLES:
            self._stop(ses.EntryResult("retry", "", errors.NOT_TRIED, "SES asked us to slow down before its turn."))
        return result

    def _stop(self, rest: ses.EntryResult) -> None:
        with self._lock:
            self._stopped = self._stopped or rest


def _result(error: ses.SESError) -> ses.EntryResult:
    return ses.EntryResult(outcome=error.outcome, ses_id="", code=error.code, detail=str(error))


def _lost(error: Exception) -> ses.EntryResult:
    """Whatever it was, the answers of the calls beside it are worth keeping; of this one nobody knows."""
    logger.exception("a call of SES ended in an error that nobody expected")
    return ses.EntryResult("unknown", "", "unexpected_error", f"The call ended in {type(error).__name__}.")


def mode_of(sender: Sender | None) -> str:
    """How recipients are called now: as the setting says, or as was learned."""
    if settings.SEND_MODE != "auto":
        return str(settings.SEND_MODE)
    return (sender.learned_mode if sender else "") or BULK


def learn(caller: Caller, answers: Sequence[Results], *, now: dt.datetime) -> None:
    """Draw the lesson of some calls, once they are recorded; nothing to do in nearly every case."""
    if caller.mode != BULK or settings.SEND_MODE != "auto":
        return
    why = caller.lesson
    if not why and any(results and all(one.code in errors.CALL_THROTTLES for one in results) for results in answers):
        sender = limiter.row()
        if sender.pace <= FAR_BELOW:
            why = (
                f"SES throttled bulk calls at {limiter.effective_rate(sender):,.1f} recipients a second, far below the "
                f"{sender.rate_per_second:,.1f} that it allows."
            )
    if why and Sender.objects.filter(pk=limiter.row().pk, learned_mode="").update(
        learned_mode=SINGLE, learned_why=why[:500], learned_at=now, pace=1.0
    ):
        logger.warning("each recipient is a call from now on: %s", why)
        history.record(
            what="sender",
            what_id=limiter.row().pk,
            before="bulk calls",
            after="single calls",
            why=why,
            by=None,
            now=now,
        )
