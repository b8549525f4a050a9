"""Settings from environment variables: read, checked, and refused in one line that names the variable.

Reading is django-environ's; what is ours is that every bad value becomes a `BadSetting` whose text says which
variable, what was found (never the value of a secret) and what is allowed.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, quote, urlsplit
from zoneinfo import ZoneInfo

import environ

Value = TypeVar("Value")
# How Amazon, Celery and Django write the names that settings carry.
REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]+){1,3}-[0-9]{1,2}")
TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
AWS_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
CURRENCY = re.compile(r"[A-Z]{3}")
QUEUE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSetting(Exception):
    """A setting that cannot be used. The text is one line for the person who starts relmail."""


def sqlite_url(path: Path | str) -> str:
    """The database URL of an SQLite file; a folder may have any name, also one with `#`, `%` or `+`."""
    return "sqlite:///" + quote(str(path))


class Environment:
    """Typed reads of environment variables; each method names the variable in its error."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._environ = environ.Env()
        self._environ.ENVIRON = dict(variables)

    def _read(self, name: str, read: Callable[[], Value], wanted: str) -> Value:
        try:
            return read()
        except BadSetting:
            raise
        except Exception as error:
            raise BadSetting(f"{name} must be {wanted}.") from error

    def text(self, name: str, default: str = "") -> str:
        """A text; spaces around it do not count."""
        return str(self._environ.str(name, default)).strip()

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no: true/false, yes/no, on/off, 1/0."""
        raw = self.text(name)
        if not raw:
            return default
        lowered = raw.lower()
        if lowered in {"1", "true", "yes", "on"}:
            return True
        if lowered in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{name} must be true or false, not {raw!r}.")

    def number(self, name: str, default: float, *, minimum: float, maximum: float) -> float:
        """A number between two bounds."""
        raw = self.text(name)
        wanted = f"a number from {minimum:g} to {maximum:g}"
        value = self._read(name, lambda: float(raw) if raw else default, f"{wanted}, not {raw!r}")
        if not minimum <= value <= maximum:
            raise BadSetting(f"{name} must be {wanted}, not {raw!r}.")
        return value

    def whole(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """A whole number between two bounds."""
        value = self.number(name, default, minimum=minimum, maximum=maximum)
        if value != int(value):
            raise BadSetting(f"{name} must be a whole number, not {self.text(name)!r}.")
        return int(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(name, default) or default
        if value not in allowed:
            raise BadSetting(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
        return value

    def word(self, name: str, default: str = "", *, like: re.Pattern[str], wanted: str) -> str:
        """A text that is written as the pattern says, or empty where the default is."""
        value = self.text(name, default)
        if value and not like.fullmatch(value):
            raise BadSetting(f"{name} must be {wanted}, not {value!r}.")
        return value

    def texts(
        self, name: str, default: tuple[str, ...] = (), *, like: re.Pattern[str] | None = None, wanted: str = ""
    ) -> list[str]:
        """A list, separated by commas; each part is written as the pattern says, if there is one."""
        raw = self.text(name)
        found = [part.strip() for part in raw.split(",") if part.strip()] if raw else list(default)
        for each in found:
            if like is not None and not like.fullmatch(each):
                raise BadSetting(f"{name} must be {wanted}, not {each!r}.")
        return found

    def sender(self, name: str, default: str = "") -> str:
        """An e-mail address with or without a name before it, or empty where the default is."""
        value = self.text(name, default)
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", parseaddr(value)[1]):
            raise BadSetting(f"{name} must be an address such as Releases <releases@example.com>, not {value!r}.")
        return value

    def networks(self, name: str) -> list[Network]:
        """Networks such as 10.1.0.0/16, separated by commas."""
        raw = self.texts(name)
        return self._read(name, lambda: [ipaddress.ip_network(each) for each in raw], "networks such as 10.1.0.0/16")

    def address(self, name: str, default: str = "", *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """A URL without user name or password and without a slash at the end; empty is allowed when the default is."""
        value = self.text(name, default).rstrip("/")
        if not value and not default:
            return ""
        wanted = f"a URL such as {schemes[-1]}://example.com"
        parts = self._read(name, lambda: _split(value), wanted)
        if parts.scheme not in schemes or not parts.hostname:
            raise BadSetting(f"{name} must be {wanted}.")
        if parts.username or parts.password:
            raise BadSetting(f"{name} must not carry a user name or password; use the settings made for them.")
        return value

    def prices(self, name: str, default: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        """Prices of a million tokens as JSON, model -> (input, output): {"model": {"input": 1.25, "output": 10}}."""
        raw = self.text(name)
        wanted = 'JSON such as {"gpt-5.5": {"input": 1.25, "output": 10}}, with prices from 0 on'
        return self._read(name, lambda: _prices(json.loads(raw)), wanted) if raw else dict(default)

    def time_zone(self, name: str, default: str) -> str:
        """An IANA time zone such as Europe/Berlin."""
        value = self.text(name, default) or default
        self._read(name, lambda: ZoneInfo(value), f"a time zone such as Europe/Berlin, not {value!r}")
        return value

    def database(self, name: str, default: str) -> dict[str, Any]:
        """A database URL: sqlite:///path or postgresql://user:password@host:port/name."""
        value = self.text(name, default) or default
        scheme = value.split(":", 1)[0]
        if scheme not in {"sqlite", "postgres", "postgresql", "psql"}:
            raise BadSetting(f"{name} must start with sqlite:/// or postgresql://.")
        read = lambda: dict(self._environ.db_url_config(value))  # noqa: E731
        return self._read(name, read, "a database URL such as postgresql://user@host:5432/name")

    def broker(self, name: str, default: str) -> str:
        """A broker URL that Celery understands."""
        value = self.text(name, default) or default
        scheme = value.split(":", 1)[0]
        allowed = ("memory", "redis", "rediss", "amqp", "amqps", "sqs")
        if scheme not in allowed:
            raise BadSetting(f"{name} must start with one of {', '.join(word + '://' for word in allowed)}.")
        if scheme not in ("memory", "sqs"):
            # Celery takes several, separated by semicolons, and goes to the next one when one is away.
            read = lambda: [_split(each) for each in value.split(";")]  # noqa: E731
            self._read(name, read, f"a URL such as {scheme}://user:password@host:port/")
        return value


def _split(value: str) -> SplitResult:
    """The parts of a URL. Raises ValueError when its host or port cannot be one."""
    parts = urlsplit(value)
    if parts.port == 0:
        raise ValueError("no port has the number 0")
    return parts


def _prices(data: Any) -> dict[str, tuple[float, float]]:
    found = {}
    for model, row in data.items():
        if set(row) != {"input", "output"} or any(isinstance(price, bool) for price in row.values()):
            raise ValueError("a price has two parts")
        price = float(row["input"]), float(row["output"])
        if not all(0 <= part < float("inf") for part in price):
            raise ValueError("a price is not negative")
        found[str(model)] = price
    return found
