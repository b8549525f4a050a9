"""What may stand in a product's lists: names, words, pairs of words and hosts. Each reader raises ValidationError."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from releases.models import Product

MOST = 300
LONGEST = 100
#: Each project costs some questions to Jira in every reading.
MOST_PROJECTS = 20
PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,49}")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def texts(value: Any, what: str) -> list[str]:
    """A list of short texts, each once. `what` is the name of the list for the message."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError(f"The {what} are not a list of texts.")
    found = list(dict.fromkeys(" ".join(item.split()) for item in value if item.strip()))
    if len(found) > MOST:
        raise ValidationError(f"There are {len(found)} {what}; {MOST} are the most.")
    for item in found:
        if len(item) > LONGEST or not item.isprintable():
            raise ValidationError(
                f"“{item[:60]}” among the {what} is longer than {LONGEST} characters or cannot be shown."
            )
    return found


def pairs(value: Any, what: str) -> dict[str, str]:
    """Texts that stand for texts: what is not said -> what is said instead."""
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for pair in value.items() for item in pair):
        raise ValidationError(f"The {what} are not pairs of texts.")
    keys, said = texts(list(value), what), texts(list(value.values()), what)
    if len(keys) != len(value) or any(not item.strip() for item in value.values()):
        raise ValidationError(f"Among the {what} one side of a pair is empty.")
    shorter = {key.lower() for key in keys}
    if wrong := next((item for item in said if item.lower() in shorter), ""):
        raise ValidationError(f"“{wrong}” is both to be said and not to be said among the {what}.")
    return {" ".join(key.split()): " ".join(item.split()) for key, item in value.items()}


def hosts(value: Any, what: str) -> list[str]:
    """Host names without scheme or path, such as docs.kite.example; a whole top-level domain is none."""
    found = [item.lower().rstrip(".") for item in texts(value, what)]
    for host in found:
        if not _HOST.fullmatch(host):
            raise ValidationError(f"“{host[:60]}” among the {what} is no host name such as docs.kite.example.")
    return found


def project_keys(value: Any, what: str) -> list[str]:
    """Keys of Jira projects, in capitals."""
    found = list(dict.fromkeys(item.upper() for item in texts(value, what)))
    for key in found:
        if not PROJECT_KEY.fullmatch(key):
            raise ValidationError(f"“{key[:60]}” among the {what} is not a Jira project key, such as HARBOR.")
    if len(found) > MOST_PROJECTS:
        raise ValidationError(f"There are {len(found)} {what}; {MOST_PROJECTS} are the most.")
    return found


def clash(product: Product, others: Iterable[Product]) -> str:
    """Why a product cannot have its projects beside the `others`, in a sentence; "" when it can.

    A project whose dates rule one product rules no part of another. Several products may share a further project.
    """
    if product.jira_key in product.further_keys:
        return f"{product.jira_key} is the product's own project and is read anyway. Take it off the further ones."
    if not product.active:
        return ""
    for other in others:
        if other.jira_key in product.further_keys:
            return f"{other.jira_key} is the own project of the product {other}. Switch that product off first."
        if product.jira_key in other.further_keys:
            return f"{product.jira_key} is a further project of the product {other}. Take it off there first."
    return ""
