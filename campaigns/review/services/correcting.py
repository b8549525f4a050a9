"""Mend what went out: a correction to exactly those who received a mail, and the rest of the series stopped."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from campaigns import states
from campaigns.audience.rule import Rule
from campaigns.drafting import extractive, hostile, known_problems, languages, phrasing, timing, uncited
from campaigns.drafting.dates import dates
from campaigns.drafting.facts import Facts, Issue, spoken_date
from campaigns.drafting.house import House
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.drafting.text import BLOCK_KINDS, LONGEST_SENTENCE, LONGEST_SUBJECT, Block, DraftText, Sentence
from campaigns.drafting.timing import Timing
from campaigns.planning import history
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, drift, rendition, selectors
from campaigns.review.drift import Drift
from campaigns.review.services.approvals import void
from campaigns.review.services.rows import locked_row

DRAFTER = "correction"
# Where an issue is told that only the intro told of; other kinds are highlights.
_PLACES = {"breaking": "breaking", "fix": "fixes", "security": "fixes"}
_INSTEAD = "Please read the following instead of what we wrote about it; all else is as we wrote it."


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
        text, note = _draft(row, revision, now)
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
    cancelled, paused = stopped_with(email)
    return Reach(people=people, cancelled=cancelled, paused=paused)


def stopped_with(email: CampaignEmail) -> tuple[list[CampaignEmail], list[CampaignEmail]]:
    """The other e-mails of the series that a correction of this one cancels, and those that it pauses. One query."""
    others = list(email.campaign.emails.filter(correction_of__isnull=True).exclude(pk=email.pk).order_by("position"))
    cancelled = [other for other in others if other.state in states.UNSENT]
    return cancelled, [other for other in others if other.state == "sending"]


def _newest(email: CampaignEmail, revision: Revision) -> Any:
    return email.campaign.release.snapshots.order_by("-number").first() or revision.snapshot


def _draft(email: CampaignEmail, revision: Revision, now: dt.datetime) -> tuple[DraftText, str]:
    """What Jira changed since the approval, said by the newest facts; all for a person to mend when nothing is."""
    sent, approval = text_of(revision), selectors.newest_approval(email)
    newest = rendition.newest_facts(email, revision)
    # Since the approval, not since the text: "still true" says of what changed in between that it changes nothing.
    before = selectors.facts_named_by(approval) if approval else revision.snapshot.facts
    old, new = Facts.from_json(before), Facts.from_json(newest)
    shown = approval.rendition.text if approval and approval.rendition else ""
    today = now.astimezone(ZoneInfo(email.campaign.release.product.time_zone)).date()
    wording = Wording.of(email, old, new, today)
    found = [each for each in drift.between(sent, before, newest, shown=shown) if not wording.stays(each, sent)]
    if not found:
        return _repeated(sent, new), (
            f"The text of revision {revision.number}; Jira changed nothing under it, so a person says what is wrong."
        )
    touched = {each.key for each in found if each.key}
    release = [text for text in (_version(found, old, new), _date(found, old, new, today)) if text]
    mended = _mended(sent, found, touched, wording)
    untold = sorted(touched - {key for block in mended for sentence in block.sentences for key in sentence.keys})
    name = hostile.spoken_name(new)
    many = len(touched) + len(release)
    says = f"Some things in our last mail about {name} have changed."
    intro = [says if many > 1 else f"One thing in our last mail about {name} has changed.", *release]
    if not untold:
        # Only what is told can take the place of what was.
        intro.append(_INSTEAD if mended else "All else in our last mail is as we wrote it.")
    text = DraftText(
        subject=_subject(sent, found, name),
        preheader="What has changed since our last mail about it." if many > 1 else "One change since our last mail.",
        blocks=(Block("intro", tuple(map(Sentence, intro))), *mended),
        order=sent.order,
    )
    changed = [*(["the release"] if release else []), *sorted(touched)]
    note = f"Only what Jira changed since: {', '.join(changed)}."
    return text, f"{note} Say by hand what became of {', '.join(untold)}." if untold else note


def _repeated(sent: DraftText, facts: Facts) -> DraftText:
    """The whole mail once more, without its promises of a series that the correction stops."""
    blocks = [
        Block(
            "intro", (Sentence(f"Please read this mail instead of our last one about {hostile.spoken_name(facts)}."),)
        )
    ]
    for block in sent.blocks:
        kept = tuple(each for each in block.sentences if each.keys or not uncited.of_the_series(each.text))
        if kept and block.kind != "intro":
            blocks.append(Block(block.kind, kept))
    return DraftText(
        subject=f"Correction: {sent.subject}"[:LONGEST_SUBJECT],
        preheader="Please read this instead of our last mail about it.",
        blocks=tuple(blocks),
        order=sent.order,
    )


def _version(found: list[Drift], old: Facts, new: Facts) -> str:
    """The new name, when the mail says the old one, which no check would let stand."""
    named = old.version not in ("", new.version) and any(not each.key and old.version in each.text for each in found)
    return f"The version has changed: this release is {hostile.spoken_name(new)}." if named else ""


def _date(found: list[Drift], old: Facts, new: Facts, today: dt.date) -> str:
    """What holds of the day now, when the mail says another. The old day is no fact any more, so it is not said."""
    if old.release_date is None or old.release_date == new.release_date:
        return ""
    if not any(not each.key and _names(each.text, old.release_date) for each in found):
        return ""
    name, day = hostile.spoken_name(new), new.release_date
    if new.released or (day is not None and day < today):
        said = f"has been available since {spoken_date(day)}" if day is not None and day <= today else "is available"
    else:
        said = f"will be released on {spoken_date(day)}" if day else "is planned and its release date will follow"
    return f"The date has changed: {name} {said}."


def _names(text: str, day: dt.date) -> bool:
    return any(spoken.fits(day) for spoken in dates(text))


def _subject(sent: DraftText, found: list[Drift], name: str) -> str:
    """That of the mail, unless it says what no longer holds."""
    stale = any(each.block == "subject" for each in found)
    return f"Correction: {f'what changed in {name}' if stale else sent.subject}"[:LONGEST_SUBJECT]


@dataclass(frozen=True)
class Wording:
    """How a correction words what Jira says, as the rules that write a draft word it for the step and the moment."""

    step: str
    house: House
    old: Facts
    new: Facts
    timing: Timing

    @classmethod
    def of(cls, email: CampaignEmail, old: Facts, new: Facts, today: dt.date) -> Wording:
        """The words of an e-mail that goes out today."""
        release = email.campaign.release
        house = House.of(release.product, release.people)
        return cls(email.step, house, old, new, timing.of(new, email.step, today))

    def stays(self, found: Drift, sent: DraftText) -> bool:
        """Whether a note or a summary changed so that what the mail says of it would be said in the same words."""
        if not found.key or found.was == found.now:
            return False
        issue, rest = self.new.citable[found.key], found.text
        moments = (self.timing, replace(self.timing, out=not self.timing.out))
        lines = [line.text for moment in moments for line in self._told(issue, found.block, self.new, moment)]
        lines += [also for line in lines if (also := line.replace(phrasing.RELEASE, phrasing.ALSO, 1)) != line]
        for line in sorted(lines, key=len, reverse=True):
            rest = rest.replace(line, "")
        return not rest.strip()

    def told(self, key: str, block: str) -> list[Sentence]:
        """What there is to tell of a changed issue; nothing where a person has to find the words."""
        known, were = ((facts.problems_by_key if block == known_problems.BLOCK else facts.by_key).get(key)
                       for facts in (self.new, self.old))  # fmt: skip
        if known is None or (were is not None and were.done and not known.done):
            return []
        told = self._told(known, block, self.new, self.timing)
        # The change is in something that the rules would not tell, and the mail did.
        return [] if were is not None and told == self._told(were, block, self.old, self.timing) else told

    def _told(self, issue: Issue, block: str, facts: Facts, moment: Timing) -> list[Sentence]:
        # The rules write English only; other words stand as Jira has them.
        if not self.house.is_english or languages.is_foreign(f"{issue.summary} {issue.note}"):
            return [Sentence((issue.note or issue.summary)[:LONGEST_SENTENCE], (issue.key,))]
        return extractive.told_of(issue, block, facts, self.step, self.house, timing=moment)


def _mended(sent: DraftText, found: list[Drift], touched: set[str], wording: Wording) -> tuple[Block, ...]:
    """The sentences that rest on something that changed, by the newest facts; the intro is written anew."""
    stale = {(each.block, each.index) for each in found if not each.key}
    blocks: dict[str, list[Sentence]] = {kind: [] for kind in BLOCK_KINDS}
    for kind, index, sentence in sent.sentences():
        changed = [key for key in sentence.keys if key in touched]
        for key in changed:
            issue = wording.new.citable.get(key)
            place = _PLACES.get(issue.kind, "highlights") if issue and kind == "intro" else kind
            blocks[place] += wording.told(key, place)
        if not changed and (kind, index) in stale and kind != "intro" and not uncited.of_the_series(sentence.text):
            text = _renewed(sentence.text, wording.old, wording.new)
            if text:
                blocks[kind].append(Sentence(text[:LONGEST_SENTENCE], sentence.keys))
    return tuple(Block(kind, tuple(dict.fromkeys(kept))) for kind, kept in blocks.items() if kept)


def _renewed(text: str, old: Facts, new: Facts) -> str:
    """A sentence with the new day and name in the place of the old ones; "" when there is no day to put there."""
    if old.release_date is not None and old.release_date != new.release_date:
        for spoken in dates(text):
            if spoken.fits(old.release_date):
                if new.release_date is None:
                    return ""
                day = spoken_date(new.release_date)
                # An abbreviated month takes its point along, and so the end of a sentence.
                text = text.replace(spoken.quote.rstrip("."), day if spoken.year else day.rsplit(" ", 1)[0])
    if not old.version or old.version == new.version:
        return text
    # "2.1" is no part of "12.1" or "2.1.4".
    whole = re.compile(rf"(?<![\w.]){re.escape(old.version)}(?!\w|\.\w)")
    return whole.sub(lambda _: new.version, text)
