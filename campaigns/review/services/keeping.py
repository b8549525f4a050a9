"""Small things that a page keeps for a person: what was typed, what was seen, which issue is left out and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction

from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, rendition
from campaigns.review.models import KeptText, LeftOut, Look
from campaigns.review.refusals import ReviewRefused
from campaigns.review.services.rows import locked_row
from campaigns.review.typed import Typed

# A mail has at most 100 sentences of 1,000 characters; twice that is a slip of the clipboard.
MOST_KEPT = 200_000


def keep_text(*, email: CampaignEmail, typed: Typed, by: Any, now: dt.datetime) -> KeptText:
    """Keep what a person has typed so far, half a sentence included. It is no revision and voids nothing.

    Raises:
        PermissionDenied: the person may not edit.
        ReviewRefused: it is longer than anything that can be saved.
    """
    require(by, actions.EDIT)
    if sum(len(part) for part in typed.to_json().values()) > MOST_KEPT:
        raise ReviewRefused("This is too long to be kept. The text stays in this page alone until you shorten it.")
    kept, _ = KeptText.objects.update_or_create(
        email=email, user=by, defaults={"based_on": typed.based_on, "fields": typed.to_json(), "at": now}
    )
    return kept


def forget_text(*, email: CampaignEmail, by: Any) -> None:
    """Throw away what was kept, because it was saved or is not wanted."""
    KeptText.objects.filter(email=email, user=by).delete()


def looked_at(*, email: CampaignEmail, revision: Revision, by: Any, now: dt.datetime) -> Look:
    """Note that a person has the current text before them. Writes only when it is another than the last time."""
    look = Look.objects.filter(email=email, user=by).select_related("before").first()
    if look is not None and look.seen_id == revision.pk:
        return look
    look, _ = Look.objects.update_or_create(
        email=email, user=by,
        defaults={"seen": revision, "before_id": look.seen_id if look else None, "at": now},
    )  # fmt: skip
    return look


def leave_out(*, email: CampaignEmail, keys: Collection[str], reason: str, by: Any, now: dt.datetime) -> list[LeftOut]:
    """Say why the text does not mention some issues. The approval keeps the reason.

    Raises:
        PermissionDenied: the person may not edit.
        ReviewRefused: no reason, no issue, or one that is not among the facts.
    """
    said = reason.strip()[:300]
    with transaction.atomic():
        row = locked_row(email)
        revision = current_revision(row)
        actions.insist("leave_out", email=row, revision=revision, user=by, now=now)
        assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
        if not keys:
            raise ReviewRefused("Tick the issues that are left out. Nothing was changed.")
        if not said:
            raise ReviewRefused("Say why they are left out; the approval keeps the reason. Nothing was changed.")
        known = {str(issue.get("key")) for issue in rendition.newest_facts(row, revision).get("issues", [])}
        if set(keys) - known:
            raise ReviewRefused("That issue is not among the facts of this release. Nothing was changed.")
        left = LeftOut.objects.bulk_create(
            [LeftOut(email=row, key=key, reason=said, by=by, at=now) for key in dict.fromkeys(keys)],
            update_conflicts=True, unique_fields=["email", "key"], update_fields=["reason", "by", "at"],
        )  # fmt: skip
        named = ", ".join(dict.fromkeys(keys))
        if len(named) > 300:  # a line of the history holds no more; each issue keeps its reason beside it
            named = f"{len(left)} issues, among them {', '.join(list(dict.fromkeys(keys))[:5])}"
        history.record(what="issue", email=row, before=named, after="left out", why=said, by=by, now=now)
    return left


def mention_again(*, email: CampaignEmail, key: str, by: Any, now: dt.datetime) -> None:
    """Take the reason back: the issue stands among those that nobody has decided about."""
    with transaction.atomic():
        row = locked_row(email)
        actions.insist("leave_out", email=row, revision=current_revision(row), user=by, now=now)
        if LeftOut.objects.filter(email=row, key=key).delete()[0]:
            history.record(what="issue", email=row, before=key, after="undecided", why="", by=by, now=now)
