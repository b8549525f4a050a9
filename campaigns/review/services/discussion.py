"""Talk about an e-mail, and let findings pass with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from textwrap import shorten
from typing import Any

from django.db import transaction

from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.drafting.text import BLOCK_KINDS
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, preflight
from campaigns.review.models import Comment, Waiver
from campaigns.review.refusals import ReviewRefused
from campaigns.review.services.rows import locked_row

PARTS = ("", "subject", "preheader", *BLOCK_KINDS)
MOST_SAID = 5000


def whole(words: str) -> str:
    """What a person wrote, without blanks around it; never cut. Raises ReviewRefused when it is too long to be kept."""
    said = words.strip()
    if len(said) > MOST_SAID:
        raise ReviewRefused(
            f"The comment has {len(said):,} characters; {MOST_SAID:,} are kept. Shorten it or split it in two. "
            "Nothing was changed."
        )
    return said


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
    said = whole(body)
    if not said:
        raise ReviewRefused("The comment is empty. Nothing was saved.")
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


def waive(
    *, email: CampaignEmail, fingerprints: Collection[str], reason: str, by: Any, now: dt.datetime
) -> list[Waiver]:
    """Let findings pass for one reason: all that are named, or none. Each stays passed as long as its words stay.

    An editor may waive warnings; what cannot be traced to Jira only a release manager; other blocking findings nobody.

    Raises:
        PermissionDenied: the person may not waive one of them.
        ReviewRefused: no reason, none is named, or one is not found any more or cannot be waived.
    """
    said = reason.strip()[:500]
    with transaction.atomic():
        row = locked_row(email)
        revision = current_revision(row)
        actions.insist("waive", email=row, revision=revision, user=by, now=now)
        assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
        if not said:
            raise ReviewRefused("Say why it may stand; the approval keeps the reason. Nothing was changed.")
        if not fingerprints:
            raise ReviewRefused("Tick what is to pass. Nothing was changed.")
        all_found = {found.fingerprint: found for found in preflight.run(row, revision, now)}
        if not all_found.keys() >= set(fingerprints):
            raise ReviewRefused(
                "A finding is gone: the text changed since the page was opened. Nothing was waived; look at the rest."
            )
        named = [all_found[fingerprint] for fingerprint in dict.fromkeys(fingerprints)]
        for found in named:
            if found.blocking:
                if not found.can_be_waived:
                    raise ReviewRefused(f"This cannot be waived: {found.message} {found.mend}")
                require(by, actions.APPROVE)
        return [found.waiver or _let_pass(row, revision, found, said, by=by, now=now) for found in named]


def _let_pass(
    email: CampaignEmail, revision: Revision, found: preflight.Finding, reason: str, *, by: Any, now: dt.datetime
) -> Waiver:
    words = text_of(revision).words_at(found.part, found.index)
    waiver = Waiver.objects.create(
        email=email, rule=found.rule[:50], fingerprint=found.fingerprint, message=found.message[:500], reason=reason,
        words=words, part=found.part[:30], revision_number=revision.number, by=by, at=now,
    )  # fmt: skip
    # The text goes on and the line stays: it says itself which words it was about.
    quoted = f", “{shorten(words, 120, placeholder=' …')}”" if words else ""
    message = shorten(found.message, 120, placeholder=" …")
    history.record(
        what="finding", what_id=waiver.pk, email=email, before=found.level, after="waived",
        why=f"In revision {revision.number}{quoted}: {message} Reason: {reason}", by=by, now=now,
    )  # fmt: skip
    return waiver


def _person(by: Any) -> None:
    """Comments are said by people; the machine has no verb here."""
    if by is None:
        raise ReviewRefused("A comment needs an author.")
    require(by, actions.EDIT)
