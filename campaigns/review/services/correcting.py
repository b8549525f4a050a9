"""Mend what went out: a correction to exactly those who received a mail, and the rest of the series stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns import states
from campaigns.audience.rule import Rule
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.drafting.text import LONGEST_SENTENCE, LONGEST_SUBJECT, Block, DraftText, Sentence
from campaigns.planning import history
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, drift, rendition
from campaigns.review.services.approvals import void
from campaigns.review.services.rows import locked_row

DRAFTER = "correction"


def correct(*, email: CampaignEmail, by: Any, now: dt.datetime) -> CampaignEmail:
    """Draft a correction of an e-mail that has ended, cancel every other that has not started, pause what is sent.

    The correction goes to those whose message SES accepted, and to nobody else. It has no time yet: a person chooses
    one, and it is reviewed and approved like every mail. Asking twice gives the same correction.

    Raises:
        PermissionDenied: the person may not hold e-mails.
        ReviewRefused: it has not ended, nobody received it, or the person may not edit.
    """
    with transaction.atomic():
        row = locked_row(email)
        revision = current_revision(row)
        actions.insist("correct", email=row, revision=revision, user=by, now=now)
        assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
        open_one = row.corrections.exclude(state="cancelled").first()
        if open_one is not None:
            return open_one
        campaign = row.campaign
        last = campaign.emails.aggregate(last=Max("position"))["last"] or 0
        correction = CampaignEmail.objects.create(
            campaign=campaign, step=row.step, position=last + 1, correction_of=row, send_at_by_person=True,
            late_after=row.late_after, template_version=row.template_version, state_since=now,
        )  # fmt: skip
        why = f"{row.get_step_display()} needs a correction."
        history.record(
            what="email", what_id=correction.pk, email=correction, before="", after="planned", why=why, by=by, now=now
        )
        text, note = _draft(row, revision)
        data = text.to_json()
        Revision.objects.create(
            email=correction, number=1, subject=data["subject"], preheader=data["preheader"], blocks=data["blocks"],
            order=list(text.order), digest=text.digest(), snapshot=_newest(row, revision), drafter=DRAFTER, why=note,
            created_at=now,
        )  # fmt: skip
        planning.move(email=correction, to="drafted", by=by, why=note, now=now)
        for other in campaign.emails.filter(state__in=states.UNSENT, correction_of__isnull=True):
            void(email=other, reason=why, by=by, now=now)
            planning.move(email=other, to="cancelled", by=by, why=why, now=now, finished_at=now)
        # Half of its readers have it, so it is not ended for good: a person goes on with it or cancels it.
        for other in campaign.emails.filter(state="sending", correction_of__isnull=True):
            planning.move(email=other, to="paused", by=by, why=why, now=now)
        if states.CAMPAIGN[campaign.state].final:
            planning.reopen_campaign(campaign=campaign, why=why, by=by, now=now)
    return correction


@dataclass(frozen=True)
class Reach:
    """What a correction would do: how many people it goes to, and which mails it cancels and pauses."""

    people: int
    cancelled: list[CampaignEmail]
    paused: list[CampaignEmail]


def reach(email: CampaignEmail) -> Reach:
    """What the correction of an e-mail would do, for the question before it is done."""
    people = Rule(email.campaign.release.product_id, received=email.pk).people().count()
    others = list(email.campaign.emails.filter(correction_of__isnull=True).exclude(pk=email.pk).order_by("position"))
    return Reach(
        people=people,
        cancelled=[other for other in others if other.state in states.UNSENT],
        paused=[other for other in others if other.state == "sending"],
    )


def _newest(email: CampaignEmail, revision: Revision) -> Any:
    return email.campaign.release.snapshots.order_by("-number").first() or revision.snapshot


def _draft(email: CampaignEmail, revision: Revision) -> tuple[DraftText, str]:
    """The sentences that Jira touched, said by the newest facts; all of them for a person to mend when none is."""
    sent = text_of(revision)
    newest = rendition.newest_facts(email, revision)
    facts = Facts.from_json(newest)
    touched = {each.key for each in drift.between(sent, revision.snapshot.facts, newest) if each.key}
    blocks = [Block("intro", (Sentence(f"Please read this mail instead of our last one about {facts.name}."),))]
    for block in sent.blocks:
        if block.kind == "intro":
            continue
        kept = block.sentences if not touched else _mended(block.sentences, touched, facts)
        if kept:
            blocks.append(Block(block.kind, kept))
    text = DraftText(
        subject=f"Correction: {sent.subject}"[:LONGEST_SUBJECT],
        preheader="Please read this instead of our last mail about it.",
        blocks=tuple(blocks),
        order=sent.order,
    )
    if touched:
        return text, f"Only what Jira changed since: {', '.join(sorted(touched))}."
    return (
        text,
        f"The text of revision {revision.number}; Jira changed nothing under it, so a person says what is wrong.",
    )


def _mended(sentences: tuple[Sentence, ...], touched: set[str], facts: Facts) -> tuple[Sentence, ...]:
    kept = []
    for sentence in sentences:
        for key in sentence.keys:
            issue = facts.by_key.get(key)
            if key in touched and issue is not None:
                kept.append(Sentence((issue.note or issue.summary)[:LONGEST_SENTENCE], (key,)))
    return tuple(dict.fromkeys(kept))
