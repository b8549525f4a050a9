"""One e-mail address: made uniform, checked, and turned into the digest that stands for an erased person."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

# RFC 5321, 4.5.3.1: 64 octets before the @; a path holds 256 with its brackets, so an address 254.
LONGEST = 254
_LONGEST_LOCAL = 64
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII
)  # RFC 5322, 3.2.3

# RFC 2142 and common use. Such addresses reach a team; they are mailed, but a person should know.
_ROLES = """
abuse admin billing contact hello help helpdesk hostmaster info it mail marketing no-reply noreply
office postmaster root sales security service support team webmaster
"""
ROLE_NAMES = frozenset(_ROLES.split())


class BadAddress(ValueError):
    """The text is not one address that can be mailed. `str()` says why, in words for the page and the report."""


def normalise(text: str) -> str:
    """The one spelling under which an address is kept and compared.

    Lower case, and the domain in ASCII (IDNA 2008, so `büro@müller.de`'s domain becomes `xn--mller-kva.de`). Mail
    systems that tell `Anna@` from `anna@` exist on paper only (RFC 5321, 2.4 lets them); two spellings of one person
    would get two mails.

    Raises BadAddress when the text holds anything but one address: SES has no SMTPUTF8, so the part before the @ must
    be ASCII; names beside the address, lists and line breaks are refused and not repaired, because a repaired guess
    may be somebody else's address.
    """
    text = text.strip(" \t\u00a0\u200b\ufeff")
    if not text:
        raise BadAddress("The address is missing.")
    if not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text
    ):
        raise BadAddress("The address has a line break or another invisible character in it.")
    if "<" in text or ">" in text or '"' in text:
        raise BadAddress("Only the address itself belongs here, without a name, quotes or < >.")
    if text.count("@") > 1 or "," in text or ";" in text:
        raise BadAddress("This is more than one address; write one per row.")
    local, _, domain = text.partition("@")
    if len(local) <= _LONGEST_LOCAL and _DOT_ATOM.fullmatch(local):
        address = f"{local}@{_ascii_domain(domain)}".lower()
    else:
        address = _checked(text)
    if len(address) > LONGEST:
        raise BadAddress(f"The address has {len(address)} characters; {LONGEST} is the most that mail systems take.")
    return address


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    """The domain in ASCII. Kept, because the people of one file share few domains and IDNA is slow."""
    return _checked(f"a@{domain}").partition("@")[2]


def _checked(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def is_role(address: str) -> bool:
    """Whether the address is a team's (`info@`, `support@`) and not one person's."""
    return address.partition("@")[0].partition("+")[0] in ROLE_NAMES


def digest(address: str) -> str:
    """SHA-256 of a normalised address: all that is kept of an erased person."""
    return hashlib.sha256(address.encode()).hexdigest()
