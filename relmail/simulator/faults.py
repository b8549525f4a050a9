"""What the simulator was told to do wrong: be slow, throttle, lose an answer after accepting, refuse.

A fault is a rule for one system ("jira", "openai" or "ses") and, if wanted, one operation. Rules are
consulted in the order in which they were added; one that has been used up disappears.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

SYSTEMS = ("jira", "openai", "ses")

KINDS = {
    "slow": "wait `seconds` before answering",
    "throttle": "answer 429, with Retry-After `seconds` where the protocol has it; nothing is accepted",
    "lose_answer": "accept, then close the connection without an answer",
    "late_answer": "accept, then answer only after `seconds`",
    "refuse": "answer `status` (default 500) and accept nothing",
    "malformed": "answer 200 with a body that is not what the protocol says",
    "refusal": "openai: the model declines; ses: an entry status given in `detail`",
    "truncate": "openai: the answer stops in the middle because of the token limit",
    "wrong_keys": "openai: valid JSON that cites issues which are not in the prompt",
    "wrong_shape": "openai: valid JSON that does not fit the schema",
}


@dataclass
class Fault:
    """One rule. `times` counts down and 0 means for ever; `operation` empty means every operation."""

    system: str
    kind: str
    operation: str = ""
    times: int = 1
    seconds: float = 0.0
    status: int = 500
    detail: str = ""

    def __post_init__(self) -> None:
        if self.system not in SYSTEMS:
            raise ValueError(f"unknown system {self.system!r}; one of {', '.join(SYSTEMS)}")
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; one of {', '.join(KINDS)}")
        for name in ("times", "seconds", "status"):
            number = getattr(self, name)
            whole = name != "seconds"
            right = isinstance(number, int if whole else int | float) and not isinstance(number, bool)
            if not right or not 0 <= number < float("inf"):
                raise ValueError(f"{name} must be a {'whole ' if whole else ''}number from 0 on, not {number!r}")
        self.left = self.times


class Faults:
    """The rules in force, safe to use from many threads."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Add a rule behind those that are there."""
        with self._lock:
            self._rules.append(fault)

    def clear(self, system: str = "") -> None:
        """Drop the rules of one system, or all."""
        with self._lock:
            self._rules = [rule for rule in self._rules if system and rule.system != system]

    def take(self, system: str, operation: str, kinds: Iterable[str] = tuple(KINDS)) -> Fault | None:
        """The first rule that fits, counted as used once; None when there is none."""
        wanted = set(kinds)
        with self._lock:
            for rule in self._rules:
                if rule.system != system or rule.operation not in ("", operation) or rule.kind not in wanted:
                    continue
                if rule.times:
                    rule.left -= 1
                    if rule.left <= 0:
                        self._rules.remove(rule)
                return rule
        return None

    def as_list(self) -> list[dict[str, Any]]:
        """The rules as JSON-ready dictionaries, for the control page."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]
