"""Why a verb of the delivery room was not carried out, in the sentence that the page shows."""

from __future__ import annotations


class DeliveryRefused(Exception):
    """Something about a send that cannot be done, in words for the person who asked."""
