"""Submit, request changes, approve, withdraw."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from campaigns.audience import selectors as audience
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision
from campaigns.planning import history
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, preflight, rendition
from campaigns.review.models import Approval, Comment
from campaigns.review.refusals import Blocked, ReviewRefused, SeenAnother
from campaigns.review.services.approvals import void
from campaigns.review.services.rows import locked_row


def submit(*, email: CampaignEmail, note: str = "", by: Any, now: dt.datetime) -> None:
    """Hand a text over for approval.

    Args:
        note: what the author wants the approver to know; kept as a comment.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or not in this state.
        Blocked: blocking findings stand open.
    """
    with transaction.atomic():
        row, revision = _open(email, "submit", by=by, now=now)
        _no_blocking_findings(row, revision, now)
        if note.strip():
            Comment.objects.create(email=row, revision=revision, body=note.strip()[:5000], author=by, at=now)
        planning.move(
            email=row, to="in_review", by=by, why=note.strip() or f"Submitted revision {revision.number}.", now=now
        )
    email.refresh_from_db()


def request_changes(*, email: CampaignEmail, comment: str, by: Any, now: dt.datetime) -> Approval:
    """Say no, and what should change.

    Raises:
        PermissionDenied: the person may not decide.
        ReviewRefused: it is not in review, or there is no comment.
    """
    said = comment.strip()[:5000]
    with transaction.atomic():
        row, revision = _open(email, "request_changes", by=by, now=now)
        if not said:
            raise ReviewRefused(
                "Say what should change; without a comment the author cannot know. Nothing was changed."
            )
        decision = Approval.objects.create(
            email=row, revision=revision, decision=Approval.Decision.CHANGES_REQUESTED, comment=said, by=by, at=now
        )
        Comment.objects.create(email=row, revision=revision, body=said, author=by, at=now)
        planning.move(email=row, to="needs_changes", by=by, why=said, now=now)
    email.refresh_from_db()
    return decision


def approve(*, email: CampaignEmail, rendition_digest: str, comment: str = "", by: Any, now: dt.datetime) -> Approval:
    """Say yes to exactly what was seen: these bytes, to this audience, at this time, from these facts.

    Asking twice for the same (a double click) gives the same approval again.

    Args:
        rendition_digest: of the rendition the approver looked at.

    Raises:
        PermissionDenied: the person may not approve.
        SeenAnother: what would be sent now is not what was seen.
        TooLate: the slot has passed; the e-mail needs a new one.
        Blocked: blocking findings stand open.
        ReviewRefused: not in review, or the approver is the last editor of a product with the two-person rule.
    """
    campaign = email.campaign
    lists = sorted(campaign.lists.values_list("pk", flat=True))
    # Counted before the lock is taken: for a million contacts it takes a while, and it decides nothing.
    size = audience.audience_sum(list_ids=lists, product_id=campaign.release.product_id, now=now).will_be_sent
    with transaction.atomic():
        row = locked_row(email)
        again = _same_again(row, rendition_digest, by)
        if again:
            return again
        revision = current_revision(row)
        actions.insist("approve", email=row, revision=revision, user=by, now=now)
        assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
        frozen = rendition.freeze(email=row, revision=revision, now=now)
        if frozen.digest != rendition_digest:
            raise SeenAnother
        _no_blocking_findings(row, revision, now)
        lists = sorted(row.campaign.lists.values_list("pk", flat=True))
        product = row.campaign.release.product
        # Left open when the time or the lists changed; that approval named others.
        void(email=row, reason="Superseded by a newer approval.", by=by, now=now)
        approval = Approval.objects.create(
            email=row,
            revision=revision,
            rendition=frozen,
            decision=Approval.Decision.APPROVED,
            comment=comment.strip()[:5000],
            audience_digest=audience.audience_digest(list_ids=lists, product_id=product.pk),
            audience_size=size,
            snapshot_digest=_facts_digest(row, revision),
            send_at=row.send_at,
            by=by,
            at=now,
        )
        history.record(
            what="approval", what_id=approval.pk, email=row, before="", after="valid", by=by, now=now,
            why=f"Rendition {frozen.digest[:12]}, revision {revision.number}. {approval.comment}".strip(),
        )  # fmt: skip
        planning.move(email=row, to="approved", by=by, why=approval.comment or "Approved.", now=now)
    email.refresh_from_db()
    return approval


def withdraw(*, email: CampaignEmail, by: Any, now: dt.datetime) -> None:
    """Take back an approval (who may approve) or a submission (who may edit). The text goes back to drafted.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or there is nothing to take back.
    """
    with transaction.atomic():
        row, _ = _open(email, "withdraw", by=by, now=now)
        voided = void(email=row, reason=f"Withdrawn by {by}.", by=by, now=now)
        if row.state == "held":
            row.held_from = "drafted"
            row.save(update_fields=["held_from"])
        else:
            why = "The approval was withdrawn." if voided else "Taken back from review."
            planning.move(email=row, to="drafted", by=by, why=why, now=now)
    email.refresh_from_db()


def _open(email: CampaignEmail, verb: str, *, by: Any, now: dt.datetime) -> tuple[CampaignEmail, Revision]:
    row = locked_row(email)
    revision = current_revision(row)
    actions.insist(verb, email=row, revision=revision, user=by, now=now)
    assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
    return row, revision


def _no_blocking_findings(email: CampaignEmail, revision: Revision, now: dt.datetime) -> None:
    found = [finding for finding in preflight.run(email, revision, now) if finding.stops]
    if found:
        raise Blocked(found)


def _same_again(email: CampaignEmail, digest: str, by: Any) -> Approval | None:
    if email.state != "approved":
        return None
    return email.approvals.filter(
        decision=Approval.Decision.APPROVED, voided_at__isnull=True, by=by, rendition__digest=digest
    ).first()


def _facts_digest(email: CampaignEmail, revision: Revision) -> str:
    """The newest facts: those that the approver had beside the text."""
    newest = email.campaign.release.snapshots.order_by("-number").values_list("digest", flat=True).first()
    return newest or revision.snapshot.digest
