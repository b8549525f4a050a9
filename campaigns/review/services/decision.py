"""Submit, request changes, approve (also in an emergency, or once more on new facts), withdraw, back to draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.text import capfirst

from campaigns.audience.counting import AudienceCounted
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision
from campaigns.permissions import require
from campaigns.planning import history
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import actions, counts, preflight, rendition, sections, selectors
from campaigns.review.models import Approval, Comment, Rendition
from campaigns.review.refusals import Blocked, NotSaved, ReviewRefused, SeenAnother
from campaigns.review.seen import Seen, facts_digest, mark, moment
from campaigns.review.services.approvals import void
from campaigns.review.services.discussion import whole
from campaigns.review.services.lock import release_lock
from campaigns.review.services.rows import locked_row

# How a history line of an approval on new facts begins.
STILL_TRUE = "Still true: "


def submit(
    *,
    email: CampaignEmail,
    note: str = "",
    based_on: int | None = None,
    without_typed: bool = False,
    by: Any,
    now: dt.datetime,
) -> None:
    """Hand a text over for approval.

    Args:
        note: what the author wants the approver to know; kept as a comment.
        based_on: the number of the revision that stood on the page; None asks for no particular one.
        without_typed: what this person typed and did not save stays out, knowingly. It is kept all the same.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or not in this state.
        SeenAnother: there is a newer text than the one on the page.
        NotSaved: this person typed another text and did not save it.
        Blocked: blocking findings stand open.
    """
    require(by, actions.EDIT)
    said = whole(note)
    if counts.kept(email) is None:
        # Some checks look at the counting: without one nobody would be shown them before the approval. Counted before
        # the lock is taken, because a million contacts take a while.
        counts.count_now(email=email, now=now)
    with transaction.atomic():
        row, revision = _open(email, "submit", based_on, by=by, now=now)
        typed = None if without_typed else selectors.not_saved(row, revision, by)
        if typed is not None:
            raise NotSaved(typed, revision.number)
        _no_blocking_findings(row, revision, now)
        if said:
            Comment.objects.create(email=row, revision=revision, body=said, author=by, at=now)
        planning.move(email=row, to="in_review", by=by, why=said or f"Submitted revision {revision.number}.", now=now)
        # Who hands it over writes no more; nobody is told that they still do.
        release_lock(email=row, by=by)
    email.refresh_from_db()


def request_changes(
    *, email: CampaignEmail, comment: str, based_on: int | None = None, by: Any, now: dt.datetime
) -> Approval:
    """Say no, and what should change.

    Args:
        based_on: the number of the revision that was read; None asks for no particular one.

    Raises:
        PermissionDenied: the person may not decide.
        SeenAnother: there is a newer text than the one that was read.
        ReviewRefused: it is not in review, or the comment is missing or too long.
    """
    said = whole(comment)
    with transaction.atomic():
        row, revision = _open(email, "request_changes", based_on, by=by, now=now)
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


def approve(
    *,
    email: CampaignEmail,
    seen: Seen,
    ticked: Collection[str],
    comment: str = "",
    by: Any,
    now: dt.datetime,
) -> Approval:
    """Say yes to exactly what was seen: these bytes, to this audience, at this time, from these facts.

    Asking twice for the same (a double click) gives the same approval again.

    Args:
        seen: what stood on the page that the approver looked at.
        ticked: the sections that were ticked; all of `sections.SECTIONS` are needed. Their facts are kept.

    Raises:
        PermissionDenied: the person may not approve.
        SeenAnother: what would be sent now, to whom, when and from which facts is not what was seen, or a warning came
            up that was not there.
        TooLate: the slot has passed; the e-mail needs a new one.
        Blocked: blocking findings stand open.
        ReviewRefused: not in review, a section is not ticked, or the approver is the last editor of a product with the
            two-person rule.
    """
    return _approve("approve", email, seen, ticked, comment, by=by, now=now)


def approve_break_glass(
    *, email: CampaignEmail, seen: Seen, ticked: Collection[str], reason: str, by: Any, now: dt.datetime
) -> Approval:
    """Approve in an emergency, as an operator, when nobody who approves can be reached.

    Everything else holds as for an approval: the same bytes, no blocking finding, the two-person rule of the product.
    The reason is kept with the approval and shown on the page of the e-mail and on the list of reviews.

    Raises:
        PermissionDenied: the person is no operator.
        ReviewRefused: there is no reason, or what `approve` raises.
    """
    return _approve("break_glass", email, seen, ticked, reason, by=by, now=now)


def _approve(
    verb: str,
    email: CampaignEmail,
    seen: Seen,
    ticked: Collection[str],
    comment: str,
    *,
    by: Any,
    now: dt.datetime,
) -> Approval:
    # Counted before the lock is taken: for a million contacts it takes a while, and it decides nothing.
    require(by, actions.VERBS[verb].permission)
    counted = counts.count_now(email=email, now=now)
    with transaction.atomic():
        row = locked_row(email)
        again = _same_again(row, seen, by)
        if again:
            return again
        revision = current_revision(row)
        actions.insist(verb, email=row, revision=revision, user=by, now=now)
        assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
        emergency = verb == "break_glass"
        if emergency and not comment.strip():
            raise ReviewRefused(
                "Say why nobody who approves could be asked; everybody will see the reason. Nothing was changed."
            )
        frozen = rendition.freeze(email=row, revision=revision, now=now)
        _as_seen(seen, row, revision, frozen, counted)
        sections.insist(ticked)
        # Left open when the time or the lists changed; that approval named others.
        void(email=row, reason="Superseded by a newer approval.", by=by, now=now)
        said = whole(comment)
        approval = _keep(row, revision, frozen, counted, seen, comment=said, break_glass=emergency, by=by, now=now)
        emergency_words = f"Emergency approval by {by}, without the role that approves: " if emergency else ""
        planning.move(email=row, to="approved", by=by, why=emergency_words + (said or "Approved."), now=now)
    email.refresh_from_db()
    return approval


def still_true(*, email: CampaignEmail, seen: Seen, reason: str, by: Any, now: dt.datetime) -> Approval:
    """Jira changed under an approved text, and it is true all the same: approve the same bytes on the new facts.

    Args:
        seen: what stood on the page, the changed facts above all: another change needs a reason of its own.

    Raises:
        PermissionDenied: the person may not approve.
        SeenAnother: the mail or its facts are not those on the page, or it is not the mail approved before.
        TooLate, Blocked: as for an approval.
        ReviewRefused: no reason, no drift, or more than the facts changed since the approval.
    """
    require(by, actions.APPROVE)
    counted = counts.count_now(email=email, now=now)
    with transaction.atomic():
        row, revision = _open(email, "still_true", by=by, now=now)
        said = reason.strip()[:500]
        if not said:
            raise ReviewRefused("Say why it is still true; the approval keeps the reason. Nothing was changed.")
        before = row.approvals.filter(decision=Approval.Decision.APPROVED).select_related("rendition").first()
        touched = selectors.drift_of(row, before) if before and before.revision_id == revision.pk else []
        if before is None or before.rendition is None or not touched:
            raise ReviewRefused("No sentence of an approved text is touched by Jira. Give it back and approve it.")
        if row.state == "held" and not row.held_by_approval:
            raise ReviewRefused(
                f"It is held for another reason: {row.state_reason} Give it back first, then approve it."
            )
        frozen = rendition.freeze(email=row, revision=revision, now=now)
        if frozen.digest != before.rendition.digest:
            raise SeenAnother(["the text, its template or the product changed since the approval"])
        _as_seen(seen, row, revision, frozen, counted)
        if row.send_at != before.send_at or audience_rule(row).digest() != before.audience_digest:
            raise ReviewRefused(
                "Its time or its audience changed as well. Give it back and approve it section by section."
            )
        void(email=row, reason="Superseded: still true on the new facts.", by=by, now=now)
        note = {"reason": said, "changes": [each.message for each in touched], "approved_first_by": str(before.by)}
        approval = _keep(
            row, revision, frozen, counted, seen, comment=f"{STILL_TRUE}{said}", break_glass=False, by=by, now=now,
            more={"still_true": note},
        )  # fmt: skip
        if row.state == "held":
            planning.move(email=row, to="approved", by=by, why=f"{STILL_TRUE}{said}", now=now)
    email.refresh_from_db()
    return approval


def _keep(
    row: CampaignEmail,
    revision: Revision,
    frozen: Rendition,
    counted: AudienceCounted,
    seen: Seen,
    *,
    comment: str,
    break_glass: bool,
    by: Any,
    now: dt.datetime,
    more: dict[str, Any] | None = None,
) -> Approval:
    """Write the approval with what stood in its sections, unless something stands open that stops it or is new."""
    mail = preflight.Mail(row, revision)
    findings = preflight.look(mail)
    stopping = [finding for finding in findings if finding.stops]
    if stopping:
        raise Blocked(stopping)
    # Kept with the approval as warnings that were accepted, so they have to be those that were read.
    unseen = [
        found for found in findings if not found.blocking and found.waiver is None and mark(found) not in seen.warnings
    ]
    if unseen:
        raise SeenAnother([f"a check found something new: {found.message.rstrip('.')}" for found in unseen[:3]])
    approval = Approval.objects.create(
        email=row,
        revision=revision,
        rendition=frozen,
        decision=Approval.Decision.APPROVED,
        comment=comment,
        break_glass=break_glass,
        audience_digest=audience_rule(row).digest(),
        audience_size=counted.sum.will_be_sent,
        snapshot_digest=facts_digest(row, revision),
        send_at=row.send_at,
        sections={
            **sections.facts_of(
                email=row, revision=revision, text=mail.text, frozen=frozen, findings=findings, counted=counted,
                issue_keys=mail.facts.by_key,
            ),
            **(more or {}),
        },
        by=by,
        at=now,
    )  # fmt: skip
    history.record(
        what="approval", what_id=approval.pk, email=row, before="", after="emergency" if break_glass else "valid",
        by=by, now=now,
        why=f"Rendition {frozen.digest[:12]}, revision {revision.number}. {approval.comment}".strip(),
    )  # fmt: skip
    return approval


def withdraw(*, email: CampaignEmail, based_on: int | None = None, by: Any, now: dt.datetime) -> None:
    """Take back an approval (who may approve) or a submission (who may edit). The text goes back to drafted.

    What is held stays held, and is a draft once it is given back.

    Args:
        based_on: the number of the revision that stood on the page; None asks for no particular one.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or there is nothing to take back.
        SeenAnother: there is a newer text than the one on the page.
    """
    with transaction.atomic():
        row, _ = _open(email, "withdraw", based_on, by=by, now=now)
        voided = void(email=row, reason=f"Withdrawn by {by}.", by=by, now=now)
        why = "The approval was withdrawn." if voided else "Taken back from review."
        if row.state == "held":
            history.record(
                what="return", what_id=row.pk, email=row, before=row.held_from, after="drafted", why=why, by=by, now=now
            )
            row.held_from = "drafted"
            row.save(update_fields=["held_from"])
        else:
            planning.move(email=row, to="drafted", by=by, why=why, now=now)
    email.refresh_from_db()


def back_to_draft(*, email: CampaignEmail, why: str, by: Any, now: dt.datetime) -> None:
    """Make a held e-mail a draft again, to be mended and submitted anew. Its approval is void.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or it is not held.
    """
    with transaction.atomic():
        row, _ = _open(email, "back_to_draft", by=by, now=now)
        said = why.strip()[:300] or "Put back to draft by a person."
        void(email=row, reason=said, by=by, now=now)
        planning.move(email=row, to="drafted", by=by, why=said, now=now)
    email.refresh_from_db()


def _open(
    email: CampaignEmail, verb: str, based_on: int | None = None, *, by: Any, now: dt.datetime
) -> tuple[CampaignEmail, Revision]:
    row = locked_row(email)
    revision = current_revision(row)
    actions.insist(verb, email=row, revision=revision, user=by, now=now)
    assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
    if based_on is not None and based_on != revision.number:
        who = revision.author or capfirst(revision.drafted_by)
        raise SeenAnother([f"{who} saved revision {revision.number} since, and you saw revision {based_on}"])
    return row, revision


def _no_blocking_findings(email: CampaignEmail, revision: Revision, now: dt.datetime) -> None:
    found = [finding for finding in preflight.run(email, revision, now) if finding.stops]
    if found:
        raise Blocked(found)


def _as_seen(seen: Seen, email: CampaignEmail, revision: Revision, frozen: Rendition, counted: AudienceCounted) -> None:
    """Raise SeenAnother when bytes, audience, time or facts are not those that stood on the page."""
    now = Seen(
        rendition=frozen.digest, audience=audience_rule(email).digest(), send_at=moment(email.send_at),
        facts=facts_digest(email, revision), people=counted.sum.will_be_sent,
    )  # fmt: skip
    differences = seen.differences(now, zone=email.campaign.release.product.time_zone)
    if differences:
        raise SeenAnother(differences)


def _same_again(email: CampaignEmail, seen: Seen, by: Any) -> Approval | None:
    if email.state != "approved":
        return None
    given = email.approvals.filter(
        decision=Approval.Decision.APPROVED, voided_at__isnull=True, by=by, rendition__digest=seen.rendition,
        audience_digest=seen.audience, snapshot_digest=seen.facts,
    ).first()  # fmt: skip
    return given if given and moment(given.send_at) == seen.send_at else None
