"""Why a verb of the review room was not carried out, each with the sentence that the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.text import capfirst

if TYPE_CHECKING:
    from campaigns.drafting.models import Revision
    from campaigns.review.preflight.findings import Finding
    from campaigns.review.typed import Typed


class ReviewRefused(Exception):
    """Nothing was changed; the message says why and what to do."""


class EditConflict(ReviewRefused):
    """Somebody saved another text since the editor opened this one. Nothing of either is lost."""

    def __init__(self, newer: Revision) -> None:
        self.newer = newer
        who = newer.author.get_username() if newer.author else capfirst(newer.drafted_by)
        super().__init__(
            f"{who} saved revision {newer.number} while you were writing. Nothing was overwritten: "
            "both texts are below. "
            "Keep what you want of them and save again, or use theirs."
        )


class Blocked(ReviewRefused):
    """Blocking findings stand open; `findings` lists them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        first = "; ".join(finding.message for finding in self.findings[:3])
        more = f" (and {len(self.findings) - 3} more)" if len(self.findings) > 3 else ""
        count = len(self.findings)
        super().__init__(
            f"{count} blocking {'finding stands' if count == 1 else 'findings stand'} open: {first}{more} "
            "Mend the text, or let a release manager waive what is right all the same."
        )


class NotSaved(ReviewRefused):
    """The author typed another text than the saved one and did not save it; `typed` is what they typed."""

    def __init__(self, typed: Typed, number: int) -> None:
        self.typed = typed
        super().__init__(
            "What you typed is not saved, so nothing was submitted. It stands in the fields: save it first, "
            f"or submit revision {number} without it."
        )


class SeenAnother(ReviewRefused):
    """What the person looked at is not what is so now; `differences` says what, each in words."""

    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = list(differences)
        super().__init__(
            f"This e-mail is no longer what you saw: {'; '.join(self.differences)}. "
            "Nothing was changed. Look at it again, then decide."
        )


class TooLate(ReviewRefused):
    """The slot has passed by more than the e-mail's limit; an approval now would send it by surprise."""


class Locked(ReviewRefused):
    """Another person holds the lock."""


class NotRendered(ReviewRefused):
    """The text, the product and the template do not make a mail; the message says what is wrong."""
