"""What fills the placeholders for one person.

The names are stored with the message when it is prepared, so that what is sent is what was planned; the escaped
variants and the unsubscribe link are made when the batch goes out, which keeps the rows small.
"""

from __future__ import annotations

from collections.abc import Iterable

from templates import placeholders


class Merger:
    """Makes the replacement data of entries: the names that a rendition uses, no others."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def __call__(self, values: dict[str, str], *, address: str, unsubscribe_url: str) -> dict[str, str]:
        """The values of one recipient.

        SES drops a mail whose value is missing without a word (AWS, "Using templates to send personalized email"), so
        that is an error here.

        Raises:
            PlaceholderError (a ValueError): a value is missing.
        """
        filled = placeholders.recipient_values(email=address, unsubscribe_url=unsubscribe_url, **values)
        return {name: filled[name] for name in self._names if name in filled}
