"""Where one worker's CPU time goes: `bench/send.py --profile` and whoever wants to know."""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection

from bench import campaign
from bench.process import Start

# Functions of the product, the inner ones first; a time is without those of the functions below it in this list that
# it calls. One that is not there (any more) is left out.
SECTIONS = (
    "campaigns.delivery.clearance:clearance", "campaigns.delivery.limiter:grant",
    "campaigns.audience.selectors:refusals", "campaigns.delivery.recount:recount",
    "campaigns.delivery.claiming:_load", "campaigns.delivery.claiming:claim", "campaigns.delivery.sending:request",
    "campaigns.delivery.ses:SESDoor._call", "campaigns.delivery.ses:SESDoor.send_bulk",
    "campaigns.delivery.recording:record", "campaigns.delivery.recording:_accept",
)  # fmt: skip
_spent: Counter[str] = Counter()
_calls: Counter[str] = Counter()
_waited: Counter[str] = Counter()
_asked: Counter[str] = Counter()
_here = threading.local()


def send(start: Start, *, email: int) -> dict[str, Any]:
    """Do what bench.campaign.send does; return for the whole run calls and CPU milliseconds by section, and calls and
    milliseconds of waiting by SQL statement."""
    for path in SECTIONS:
        _watch(path)

    def started() -> None:
        start()
        _spent.clear()
        _calls.clear()
        _waited.clear()
        _asked.clear()

    with connection.execute_wrapper(_watch_statement):
        answer = campaign.send(started, email=email)
    rows = {name: [_calls[name], round(seconds * 1000, 1)] for name, seconds in _spent.most_common()}
    asked = {text: [_asked[text], round(seconds * 1000, 1)] for text, seconds in _waited.most_common(20)}
    return answer | {"sections": rows, "statements": asked}


def _watch_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    began = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        text = " ".join(sql.split())
        text = text if len(text) < 150 else f"{text[:60]} ... {text[-85:]}"
        _waited[text] += time.monotonic() - began
        _asked[text] += 1


def _watch(path: str) -> None:
    module_name, _, attribute = path.partition(":")
    owner: Any = importlib.import_module(module_name)
    *classes, name = attribute.split(".")
    for part in classes:
        owner = getattr(owner, part)
    original = getattr(owner, name, None)
    if original is None:
        return
    watched = _timed(attribute, original)
    setattr(owner, name, watched)
    # Modules that imported the function by name hold it themselves.
    for other in ("claiming", "recording", "sending", "clearance"):
        module = importlib.import_module(f"campaigns.delivery.{other}")
        if getattr(module, name, None) is original:
            setattr(module, name, watched)


def _timed(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def timed(*given: Any, **named: Any) -> Any:
        outer = getattr(_here, "inside", 0.0)
        _here.inside = 0.0
        began = time.thread_time()
        try:
            return original(*given, **named)
        finally:
            took = time.thread_time() - began
            _spent[name] += took - _here.inside
            _calls[name] += 1
            _here.inside = outer + took

    return timed
