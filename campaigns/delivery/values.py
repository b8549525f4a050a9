"""What fills the placeholders for one person.

The names are stored with the message when it is prepared, so that what is sent is what was planned; the escaped
variants and the unsubscribe link are made when the batch goes out, which keeps the rows small.
"""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.audience.models import Contact
from templates import placeholders


def values_of(contact: Contact) -> dict[str, str]:
    """The stored values of a contact. `contact.client` should be loaded."""
    return {"first_name": contact.first_name, "last_name": contact.last_name, "client_name": contact.client.name}


def problem(values: dict[str, str], address: str) -> str:
    """Why SES could not render a mail with these values, or "". It would drop the mail without a word (AWS,
    "Using templates to send personalized email"), so it is asked before anything is queued."""
    try:
        merge(values, address=address, unsubscribe_url="https://relmail.example/u/check/", names=None)
    except placeholders.PlaceholderError as error:
        return str(error)
    return ""


def merge(
    values: dict[str, str], *, address: str, unsubscribe_url: str, names: Iterable[str] | None
) -> dict[str, str]:
    """The replacement data of one entry: the names that the rendition uses, or all when `names` is None.

    Raises:
        PlaceholderError: a value is missing.
    """
    filled = placeholders.recipient_values(email=address, unsubscribe_url=unsubscribe_url, **values)
    if names is None:
        return filled
    wanted = set(names)
    return {name: value for name, value in filled.items() if name in wanted}
