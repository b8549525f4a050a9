"""Why a verb of the audience room was not carried out, in the sentence that the page shows."""

from __future__ import annotations


class AudienceRefused(Exception):
    """Nothing was changed; the message says why and what to do."""
