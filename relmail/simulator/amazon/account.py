"""The AWS account: who may send as whom, how fast and how much, which addresses it refuses, where events go."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from relmail.simulator.amazon.errors import AmazonError, bad_request, not_found

DAY = 24 * 3600.0
# The rate may be exceeded in short bursts (developer guide, "Sending quotas"); one full bulk call is one.
BURST = 50.0
ACCOUNT_ID = "000000000000"
DEFAULT_IDENTITIES = ("example", "example.com", "example.org", "example.net")


@dataclass
class ConfigurationSet:
    """Where the events of its messages go. A destination is kept as it was given to AWS."""

    name: str
    sending_enabled: bool = True
    pool: str = ""
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)

    def topics_for(self, event_type: str) -> list[str]:
        """Topics that want events of this type, such as "Rendering Failure"."""
        wanted = event_type.upper().replace(" ", "_").replace("DELIVERYDELAY", "DELIVERY_DELAY")
        return [
            destination["SnsDestination"]["TopicArn"]
            for destination in self.destinations.values()
            if destination.get("Enabled")
            and "SnsDestination" in destination
            and wanted in destination.get("MatchingEventTypes", ())
        ]


class Account:
    """Quota, identities, suppression list and configuration sets of one Region. Safe from many threads."""

    def __init__(
        self, region: str, identities: Iterable[str] = DEFAULT_IDENTITIES, clock: Callable[[], float] = time.time
    ) -> None:
        self.region = region
        self.clock = clock
        self.lock = threading.RLock()
        self.max_per_second = 500.0
        self.max_24h = 1_000_000.0
        self.sending_enabled = True
        self.enforcement = "HEALTHY"
        self.identities: dict[str, bool] = {name.lower(): True for name in identities}
        self.suppressed: dict[str, dict[str, Any]] = {}
        self.configuration_sets: dict[str, ConfigurationSet] = {}
        self.templates: dict[str, dict[str, str]] = {}
        self.tenants: dict[str, Any] = {}
        self.pools: set[str] = set()
        # Operations that AWS runs once a second at most; a test that needs more sets 0.
        self.seconds_between_changes = 1.0
        self._changed_at: dict[str, float] = {}
        self._sent: deque[tuple[float, int]] = deque()
        self._sent_24h = 0
        self._tokens = self._burst()
        self._filled_at = clock()

    def set_quota(self, max_per_second: float | None = None, max_24h: float | None = None) -> None:
        """Change what the account may send: recipients a second, recipients in 24 rolling hours."""
        with self.lock:
            if max_per_second is not None:
                full = self._tokens >= self._burst()
                self.max_per_second = float(max_per_second)
                self._tokens = self._burst() if full else min(self._tokens, self._burst())
            if max_24h is not None:
                self.max_24h = float(max_24h)

    def sent_24h(self) -> int:
        """Recipients accepted in the last 24 hours."""
        with self.lock:
            edge = self.clock() - DAY
            while self._sent and self._sent[0][0] < edge:
                self._sent_24h -= self._sent.popleft()[1]
            return self._sent_24h

    def take(self, recipients: int) -> str:
        """Count recipients against both quotas; "" when there is room, else the bulk status that says why not."""
        with self.lock:
            now = self.clock()
            if self.sent_24h() + recipients > self.max_24h:
                return "ACCOUNT_DAILY_QUOTA_EXCEEDED"
            refill = max(0.0, now - self._filled_at) * self.max_per_second
            self._tokens = min(self._burst(), self._tokens + refill)
            self._filled_at = now
            if self._tokens < recipients:
                return "ACCOUNT_THROTTLED"
            self._tokens -= recipients
            self._sent.append((now, recipients))
            self._sent_24h += recipients
            return ""

    def once_a_second(self, operation: str) -> None:
        """Raises AmazonError (429) when an operation that runs once a second at most was run less than that ago."""
        with self.lock:
            now = self.clock()
            if now - self._changed_at.get(operation, 0.0) < self.seconds_between_changes:
                raise AmazonError("TooManyRequestsException", "Rate exceeded", 429)
            self._changed_at[operation] = now

    def forget(self) -> None:
        """Drop templates, tenants, pools, configuration sets and what was sent, as in a new account."""
        with self.lock:
            self._sent.clear()
            self._sent_24h = 0
            self._tokens = self._burst()
            self.templates.clear()
            self.tenants.clear()
            self.pools.clear()
            self.configuration_sets.clear()
            self._changed_at.clear()
            self.seconds_between_changes = 1.0

    def require_sender(self, address: str) -> None:
        """Raises AmazonError unless the address or a domain above it is a verified identity."""
        local_and_domain = address.lower().split("@", 1)
        labels = local_and_domain[-1].split(".")
        names = [address.lower()] + [".".join(labels[start:]) for start in range(len(labels))]
        with self.lock:
            if any(self.identities.get(name) for name in names):
                return
        raise AmazonError(
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            f"{self.region.upper()}: {address}",
        )

    def configuration_set(self, name: str) -> ConfigurationSet:
        """Raises AmazonError (404) when there is none of this name."""
        with self.lock:
            found = self.configuration_sets.get(name)
        if found is None:
            raise not_found(f"Configuration set <{name}> does not exist.")
        return found

    def require_sending(self) -> None:
        """Raises AmazonError when the account is shut or paused."""
        if self.enforcement == "SHUTDOWN":
            raise AmazonError("AccountSuspendedException", "The account's ability to send email is suspended.")
        if not self.sending_enabled:
            raise AmazonError("SendingPausedException", "Email sending is disabled for your account.")

    def suppress(self, address: str, reason: str) -> None:
        """Put an address on the account's suppression list; `reason` is BOUNCE or COMPLAINT."""
        if "@" not in address:
            raise bad_request("Invalid address")
        with self.lock:
            self.suppressed[address.lower()] = {
                "EmailAddress": address,
                "Reason": reason,
                "LastUpdateTime": self.clock(),
            }

    def is_suppressed(self, address: str) -> bool:
        """Is the address on the account's suppression list?"""
        with self.lock:
            return address.lower() in self.suppressed

    def _burst(self) -> float:
        return max(BURST, self.max_per_second)
