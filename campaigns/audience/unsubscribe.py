"""The link at the foot of every mail: its token, its address and the two headers that RFC 8058 asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

# Separates these tokens from everything else that is signed with SECRET_KEY. Changing it kills the links in all mail
# that was ever sent.
_SALT = "relmail.audience.unsubscribe"
_VALUE = re.compile(r"(0|[1-9][0-9]{0,18})-([1-9][0-9]{0,18})(-t)?", re.ASCII)

# Whom the link of a test names when the mail goes to nobody yet.
NOBODY = 0


class BadToken(ValueError):
    """The token was not made by us."""


@dataclass(frozen=True)
class Link:
    """What a token says: who, about which product, and whether it stood in a test mail, where it changes nothing."""

    contact_id: int
    product_id: int
    test: bool


def _signer() -> signing.Signer:
    # Made per call, so that a test or a reloaded setting changes the key. Older keys are in SECRET_KEY_FALLBACKS.
    return signing.Signer(sep=".", salt=_SALT)


def token(contact_id: int, product_id: int, test: bool = False) -> str:
    """The token for a contact and a product. It never expires: mail is read years later and must still be stoppable."""
    return _signer().sign(f"{contact_id}-{product_id}{'-t' if test else ''}")


def read(text: str) -> Link:
    """What a token says. Raises BadToken for anything that we did not sign for this purpose."""
    try:
        value = _signer().unsign(text)
    except signing.BadSignature:
        raise BadToken from None
    found = _VALUE.fullmatch(value)
    if found is None or (int(found[1]) == NOBODY and not found[3]):
        raise BadToken
    return Link(contact_id=int(found[1]), product_id=int(found[2]), test=bool(found[3]))


def url(contact_id: int, product_id: int, test: bool = False) -> str:
    """The whole address of the unsubscribe page, as it stands in mail."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("audience:unsubscribe", args=[token(contact_id, product_id, test)])


def links(product_id: int) -> Callable[[int], str]:
    """A maker of addresses for many contacts of one product: the same as `url`, with key and path looked up once."""
    # Django derives the key of a signature anew each time; here every recipient's is a copy of one that has it.
    signer = _signer()
    keyed = salted_hmac(f"{_SALT}signer", b"", secret=signer.key, algorithm=signer.algorithm)
    mark = "0-0"
    before, _, after = (settings.PUBLIC_URL.rstrip("/") + reverse("audience:unsubscribe", args=[mark])).rpartition(mark)

    def link(contact_id: int) -> str:
        value = f"{contact_id}-{product_id}"
        signature = keyed.copy()
        signature.update(value.encode())
        return f"{before}{value}.{signing.b64_encode(signature.digest()).decode()}{after}"

    return link


def list_unsubscribe_headers(url: str) -> dict[str, str]:
    """The two headers by which a mail program offers its own unsubscribe button (RFC 2369, RFC 8058 section 3.1)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
