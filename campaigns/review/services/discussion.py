"""Talk about an e-mail, and let findings pass with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from campaigns.drafting.selectors import current_revision
from campaigns.drafting.text import BLOCK_KINDS
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, preflight
from campaigns.review.models import Comment, Waiver
from campaigns.review.refusals import ReviewRefused
from campaigns.review.services.rows import locked_row

PARTS = ("", "subject", "preheader", *BLOCK_KINDS)


def comment(
    *, email: CampaignEmail, body: str, block: str = "", answers: Comment | None = None, by: Any, now: dt.datetime
) -> Comment:
    """Say something about the whole e-mail or one part of it, or answer what somebody said.

    Args:
        answers: the comment that is answered; the answer stands in its thread and is about the same part.

    Raises:
        PermissionDenied: the person may not comment.
        ReviewRefused: it is empty, too long, or about a part that no mail has.
    """
    _person(by)
    said = body.strip()
    if not said:
        raise ReviewRefused("The comment is empty. Nothing was saved.")
    if len(said) > 5000:
        raise ReviewRefused(f"The comment has {len(said)} characters; 5000 are kept. Shorten it or split it in two.")
    if block not in PARTS:
        raise ReviewRefused("That part of the mail does not exist. Nothing was saved.")
    if answers is not None:
        if answers.email_id != email.pk:
            raise ReviewRefused("That comment is about another e-mail. Nothing was saved.")
        answers, block = answers.parent or answers, answers.block
    return Comment.objects.create(
        email=email, revision=current_revision(email), parent=answers, block=block, body=said, author=by, at=now
    )


def resolve_comment(*, comment: Comment, by: Any, now: dt.datetime) -> None:
    """Mark a comment as dealt with. The first who does is kept."""
    _person(by)
    Comment.objects.filter(pk=comment.pk, resolved_at__isnull=True).update(resolved_at=now, resolved_by=by)
    comment.refresh_from_db()


def reopen_comment(*, comment: Comment, by: Any, now: dt.datetime) -> None:
    """Open a resolved comment again."""
    _person(by)
    Comment.objects.filter(pk=comment.pk).update(resolved_at=None, resolved_by=None)
    comment.refresh_from_db()


def waive(*, email: CampaignEmail, fingerprint: str, reason: str, by: Any, now: dt.datetime) -> Waiver:
    """Let one finding pass with a reason. It stays passed as long as the words it is about stay.

    An editor may waive warnings; what cannot be traced to Jira only a release manager; other blocking findings nobody.

    Raises:
        PermissionDenied: the person may not waive this one.
        ReviewRefused: no reason, it is not found any more, or it cannot be waived.
    """
    said = reason.strip()[:500]
    with transaction.atomic():
        row = locked_row(email)
        revision = current_revision(row)
        actions.insist("waive", email=row, revision=revision, user=by, now=now)
        assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
        if not said:
            raise ReviewRefused("Say why it may stand; the approval keeps the reason. Nothing was changed.")
        found = next((f for f in preflight.run(row, revision, now) if f.fingerprint == fingerprint), None)
        if found is None:
            raise ReviewRefused("That finding is gone: the text changed since the page was opened.")
        if found.blocking:
            if not found.can_be_waived:
                raise ReviewRefused(f"This cannot be waived: {found.message} {found.mend}")
            require(by, actions.APPROVE)
        try:
            with transaction.atomic():
                waiver = Waiver.objects.create(
                    email=row, rule=found.rule[:50], fingerprint=fingerprint, message=found.message[:500],
                    reason=said, by=by, at=now,
                )  # fmt: skip
        except IntegrityError:
            return Waiver.objects.get(email=row, fingerprint=fingerprint)
        history.record(
            what="finding", what_id=waiver.pk, email=row, before=found.level, after="waived",
            why=f"{found.message} Reason: {said}", by=by, now=now,
        )  # fmt: skip
    return waiver


def _person(by: Any) -> None:
    """Comments are said by people; the machine has no verb here."""
    if by is None:
        raise ReviewRefused("A comment needs an author.")
    require(by, actions.EDIT)
