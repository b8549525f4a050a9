"""Take addresses, hosts, keys and people out of a text before it leaves, and put them back afterwards.

Version numbers stay: a masker that turns 2.12.6.1 into an IP address destroys the very facts of a release.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_NAME = r"[A-Z][a-zà-öø-ÿ'’-]+"
_VERSION_BEFORE = re.compile(
    r"\b(?:versions?|release|v|(?:upgrade|update|bump|downgrade|move|migrate)\w*|from)\s+(?:[\w.-]+\s+){0,4}?(?:to\s+)?v?$",
    re.I,
)
_ADDRESS_BEFORE = re.compile(
    r"(?:\b(?:ip|host|hosts|server|servers|address|node|machine|dns|gateway|proxy|ssh|ping|at|on|via|connect\w*(?:\s+to)?)"
    r"\s*[:=]?\s*|//|@)$",
    re.I,
)


def _address(match: re.Match[str]) -> bool:
    """Whether four numbers with dots are an address and no version."""
    try:
        address = ipaddress.IPv4Address(match[0].split(":")[0])
    except ValueError:
        return False
    before = match.string[max(0, match.start() - 60) : match.start()]
    if _VERSION_BEFORE.search(before):
        return False
    if address.is_private and not match[0].startswith("0."):
        return True
    return bool(":" in match[0] or _ADDRESS_BEFORE.search(before))


def _iban(match: re.Match[str]) -> bool:
    """The checksum of ISO 13616."""
    plain = match[0].replace(" ", "")
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _card(match: re.Match[str]) -> bool:
    """The checksum of ISO/IEC 7812 (Luhn)."""
    digits = [int(character) for character in match[0] if character.isdigit()]
    total = sum(digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(reversed(digits)))
    return len(digits) in range(13, 20) and total % 10 == 0


def _random(match: re.Match[str]) -> bool:
    """Whether a long run of letters and digits is a token and no word."""
    text = match[0]
    kinds = (re.search(r"[a-z]", text), re.search(r"[A-Z]", text), re.search(r"\d", text))
    return bool(re.fullmatch(r"[0-9a-f]{32,}", text)) or (all(kinds) and len(re.findall(r"\d", text)) >= 4)


@dataclass(frozen=True)
class _Pattern:
    name: str
    what: str
    pattern: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] | None = None
    group: int = 0


# In this order: a private key holds many tokens, an address in a URL is part of the credentials there.
_PATTERNS = (
    _Pattern("KEY", "a private key", re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.S)),
    _Pattern("LOGIN", "a name and password in an address", re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")),
    _Pattern("TOKEN", "a web token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    _Pattern("TOKEN", "an API key", re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")),
    _Pattern("TOKEN", "a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})")),
    _Pattern("TOKEN", "a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    _Pattern("TOKEN", "an AWS key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    _Pattern("TOKEN", "a Google key", re.compile(r"\bAIza[\w-]{30,}")),
    _Pattern("TOKEN", "an Atlassian token", re.compile(r"\bATATT[\w=-]{20,}")),
    _Pattern("SECRET", "a password or key", re.compile(
        r"\b(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[ _-]?key|access[ _-]?key|client[ _-]?secret)\b"
        r"[\"']?\s*(?:[:=]|\bis\b)\s*[\"']?([^\s\"',;]{6,})", re.I),
        lambda match: bool(re.search(r"[\d!@#$%^&*_]", match[1])), group=1),
    _Pattern("EMAIL", "an e-mail address", re.compile(
        r"\b[A-Za-z0-9._%+-]+@(?!\d+\.\d)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b")),
    _Pattern("HOST", "the name of an internal host", re.compile(
        r"\b(?:[A-Za-z0-9-]+\.)+(?:internal|local|corp|lan|intra|intranet|localdomain)\b(?!\.\w)", re.I)),
    _Pattern("IP", "an IP address", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5})?(?!\.?\w)"), _address),
    _Pattern("IBAN", "an account number", re.compile(
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _iban),
    _Pattern("CARD", "a card number", re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])"), _card),
    _Pattern("PHONE", "a telephone number", re.compile(
        r"(?<![\w.])(?:\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) \d{3}-\d{4})(?![\w.])")),
    _Pattern("PERSON", "a person", re.compile(r"\[~[^\]\s]+\]")),
    _Pattern("PERSON", "a person", re.compile(
        rf"\b(?:reported|requested|found|raised|asked|contributed|provided|written) by "
        rf"({_NAME}(?: {_NAME}){{1,2}})"), group=1),
    _Pattern("TOKEN", "a token", re.compile(r"(?<![\w./+-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w/+-])"), _random),
)  # fmt: skip


@dataclass(frozen=True)
class Secret:
    """Something that must not leave or be mailed: its place holder's name, what it is in words, and the text."""

    name: str
    what: str
    quote: str
    start: int
    end: int


def find(text: str, *, names: Iterable[str] = ()) -> list[Secret]:
    """Every address, host, key and person in a text, from left to right; `names` are further words."""
    found: list[Secret] = []
    taken: list[tuple[int, int]] = []
    named = [
        _Pattern("NAME", "a customer's name", re.compile(rf"\b{re.escape(name)}\b", re.I)) for name in names if name
    ]
    for pattern in (*_PATTERNS, *named):
        for match in pattern.pattern.finditer(text):
            start, end = match.span(pattern.group)
            if any(start < other_end and end > other_start for other_start, other_end in taken):
                continue
            if pattern.holds and not pattern.holds(match):
                continue
            taken.append((start, end))
            found.append(Secret(pattern.name, pattern.what, match[pattern.group], start, end))
    return sorted(found, key=lambda secret: secret.start)


@dataclass
class Mask:
    """One table of place holders for everything that goes into one request.

    The same text always gets the same place holder, so that the model can tell that two are one.
    """

    names: tuple[str, ...] = ()
    _holders: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """The text with `<EMAIL_1>` and the like in place of what must stay here."""
        parts, place = [], 0
        for secret in find(text, names=self.names):
            parts += [text[place : secret.start], self._holder(secret)]
            place = secret.end
        return "".join([*parts, text[place:]])

    def unmask(self, text: str) -> str:
        """The text with every place holder of this table replaced by what it stands for."""
        originals = {holder: original for original, holder in self._holders.items()}
        return re.sub(r"<[A-Z]+_\d+>", lambda match: originals.get(match[0], match[0]), text)

    @property
    def table(self) -> dict[str, str]:
        """Place holder -> original, for the person who wants to see what was held back."""
        return {holder: original for original, holder in self._holders.items()}

    def _holder(self, secret: Secret) -> str:
        if secret.quote not in self._holders:
            self._counts[secret.name] = self._counts.get(secret.name, 0) + 1
            self._holders[secret.quote] = f"<{secret.name}_{self._counts[secret.name]}>"
        return self._holders[secret.quote]
