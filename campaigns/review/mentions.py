"""Colleagues named in a comment: @ and a user name."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from campaigns.permissions import holders
from campaigns.review import actions

_MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]{1,150})")
# What may stand right behind a name at the end of a sentence, though a user name may hold it too.
_AT_END = ".-+"


def spelled(body: str) -> list[str]:
    """The names as they are written, in order."""
    return _MENTION.findall(body)


def readings(name: str) -> tuple[str, str]:
    """What a written name may mean, in lower case: "@mara." is mara, unless somebody is called "mara."."""
    return name.lower(), name.rstrip(_AT_END).lower()


def colleagues() -> QuerySet[Any]:
    """Everybody who can be told by a mention, by user name."""
    return holders(actions.EDIT, actions.APPROVE, "campaigns.hold_campaign").order_by("username")


def unknown(body: str) -> list[str]:
    """The names that nobody has who works on e-mails: nobody is told of them. No query when there is no name."""
    names = dict.fromkeys(spelled(body))
    if not names:
        return []
    known = {name.lower() for name in colleagues().values_list("username", flat=True)}
    return [name.rstrip(_AT_END) for name in names if not known.intersection(readings(name))]
