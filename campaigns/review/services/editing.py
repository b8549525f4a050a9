"""Save a text: the next revision, or nothing when it says the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from campaigns.drafting import services as drafting
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.drafting.text import DraftText
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, rendition, selectors
from campaigns.review.refusals import EditConflict, Locked, ReviewRefused
from campaigns.review.services.approvals import void
from campaigns.review.services.rows import locked_row


def edit(
    *,
    email: CampaignEmail,
    text: DraftText,
    based_on: int,
    take_over: bool = False,
    by: Any,
    now: dt.datetime,
    why: str = "",
) -> Revision:
    """Save the text that a person wrote on top of a revision they saw.

    A text that says the same changes nothing and voids nothing. A real edit voids the approval; an e-mail that was
    approved or in review goes back to drafted, a held one stays held. Blocks in another order are an edit as well, as
    far as the template lets them change places.

    Args:
        based_on: the number of the revision the editor opened.
        take_over: take it out of the hands of those who review it; without it a text in review stays as it is.
        why: what the history says beside the revision.

    Raises:
        PermissionDenied: the person may not edit.
        EditConflict: somebody saved another text in between; it names that revision.
        Locked: another person holds the lock, or it is in review and not taken over.
        ReviewRefused: it is being sent, sent, or has no text yet.
    """
    with transaction.atomic():
        row = locked_row(email)
        newest = current_revision(row)
        actions.insist("edit", email=row, revision=newest, user=by, now=now)
        assert newest is not None  # noqa: S101 - insist() refuses an e-mail without a text
        text = rendition.in_places(row, text)
        digest = text.digest()
        if digest == newest.digest:
            return newest
        if based_on != newest.number:
            opened = row.revisions.filter(number=based_on).values_list("digest", flat=True).first()
            if opened == digest:
                return newest  # the editor changed nothing, so there is nothing to lose
            raise EditConflict(newest)

        if row.state == "in_review" and not take_over:
            raise Locked(
                f"{_in_review(row, newest)} Nothing was saved. Tick “Take it back from review” to save your text."
            )
        revision = drafting.revise(email=row, text=text, by=by, now=now, why=why)
        reason = f"Revision {revision.number} by {by} changed the text."
        if row.state == "in_review":
            reason = f"Taken back from review: revision {revision.number} by {by} changed the text."
        void(email=row, reason=reason, by=by, now=now)
        if row.state in ("approved", "in_review"):
            planning.move(email=row, to="drafted", by=by, why=reason, now=now)
        elif row.state == "held" and row.held_from in ("approved", "in_review"):
            row.held_from = "drafted"
            row.save(update_fields=["held_from"])
    email.refresh_from_db()
    return revision


def put_back(
    *, email: CampaignEmail, number: int, based_on: int, take_over: bool = False, by: Any, now: dt.datetime
) -> Revision:
    """Make the words of an earlier revision the newest text. The ones in between stay in the history.

    It is an edit like any other: it voids an approval unless the words are the same.

    Raises:
        ReviewRefused: there is no such revision.
        PermissionDenied, EditConflict, Locked: as for an edit.
    """
    earlier = email.revisions.filter(number=number).first()
    if earlier is None:
        raise ReviewRefused("There is no such revision. Nothing was changed.")
    with transaction.atomic():
        newest = current_revision(locked_row(email))
        # An edit of what was opened changes nothing; to put that same revision back over a newer one would.
        if newest is not None and newest.number != based_on and newest.digest != earlier.digest:
            raise EditConflict(newest)
        why = f"Revision {number} put back."
        return edit(email=email, text=text_of(earlier), based_on=based_on, take_over=take_over, by=by, now=now, why=why)


def _in_review(email: CampaignEmail, revision: Revision) -> str:
    readers = selectors.reviewers(email, revision)
    if not readers:
        return "It is in review."
    names = " and ".join(str(look.user) for look in readers[:3])
    return f"It is in review: {names} {'has' if len(readers) == 1 else 'have'} read this text."
