"""The verbs of drafting: draft what is planned, save what a person wrote, propose a block once more.

No model is ever asked inside a transaction: an e-mail is claimed by a conditional UPDATE, the model is asked, and the
result is written in a second step that only counts if the claim still holds.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from campaigns import states
from campaigns.drafting import checks, extractive, prompt_versions, repair, spending, timing
from campaigns.drafting.facts import Facts
from campaigns.drafting.house import House
from campaigns.drafting.models import DraftRun, Revision
from campaigns.drafting.openai_drafter import CallRecord, DraftFailed, OpenAIDrafter, Options, unexpected
from campaigns.drafting.prompt_versions import Live
from campaigns.drafting.selectors import text_of
from campaigns.drafting.text import BLOCK_KINDS, DraftText, Sentence
from campaigns.permissions import require
from campaigns.planning import services as planning
from campaigns.planning.models import CampaignEmail
from campaigns.planning.times import day_of_sending
from releases.models import Snapshot

logger = logging.getLogger(__name__)

EDIT = "campaigns.edit_campaignemail"
# The prompts of an announcement and a reminder tell a model that the release is still to come.
_OUT_ALREADY = "The release is out when this mail goes, and the prompts tell of it as still to come."


class DraftRefused(Exception):
    """An e-mail that cannot be drafted or edited now, in words for the person who asked."""


@dataclass(frozen=True)
class Written:
    """A draft before it is saved: by which drafter and why that one, and the run that failed before it, if any."""

    text: DraftText
    drafter: str
    why: str
    runs: tuple[DraftRun, ...]


@dataclass(frozen=True)
class LineProposal:
    """Another subject or preheader, for a person to take or leave. Nothing is saved yet."""

    words: str
    drafter: str
    why: str


@dataclass(frozen=True)
class BlockProposal:
    """Another wording of one block, for a person to take or leave. Nothing is saved yet."""

    sentences: tuple[Sentence, ...]
    drafter: str
    why: str


def options(prompt_version: str) -> Options:
    """How to reach the model, from the settings."""
    return Options(
        prompt_version=prompt_version,
        api_key=settings.OPENAI_API_KEY,
        model=settings.OPENAI_MODEL,
        base_url=settings.OPENAI_BASE_URL,
        transport=settings.OPENAI_TRANSPORT,
        timeout=float(settings.OPENAI_TIMEOUT),
    )


def draft(*, email: CampaignEmail, by: Any = None, now: dt.datetime) -> Revision | None:
    """Write the first text of a planned e-mail and move it to drafted. Safe to call any number of times.

    Returns the new revision, or None when there was nothing to do: it is not planned, somebody else drafts it at this
    moment, or somebody was faster.

    Raises:
        PermissionDenied: a person without the right asked for it.
        DraftRefused: the release has no facts yet.
    """
    require(by, EDIT)
    snapshot = newest_snapshot(email)
    if snapshot is None:
        raise DraftRefused("The release has not been read from Jira yet, so there are no facts to write from.")
    if not _claim(email, now):
        return None
    kept = email.revisions.order_by("-number").first()
    if kept is not None:
        # It was held and put back to planned: its text is still there and may hold a person's work.
        planning.move(email=email, to="drafted", by=by, why="Its text was kept.", now=now, locked_until=None)
        return kept
    written = _write(email, Facts.from_json(snapshot.facts), snapshot, by=by, now=now)
    email.refresh_from_db()
    try:
        with transaction.atomic():
            revision = _save(
                email, written.text, snapshot, author=None, drafter=written.drafter, why=written.why, now=now
            )
            planning.move(email=email, to="drafted", by=by, why=written.why, now=now, locked_until=None)
    except (states.MoveRefused, IntegrityError) as faster:
        logger.info("draft of e-mail %s was not needed any more: %s", email.pk, faster)
        return None
    DraftRun.objects.filter(pk__in=[run.pk for run in written.runs], outcome=DraftRun.Outcome.SUCCEEDED).update(
        revision=revision
    )
    return revision


def revise(*, email: CampaignEmail, text: DraftText, by: Any, now: dt.datetime, why: str = "") -> Revision:
    """Save what a person wrote as the next revision; a text that says the same as the current one saves nothing.

    The state of the e-mail and its approval are the review's business. `by` is never None: the timetable edits nothing.

    Raises:
        PermissionDenied: the person may not edit.
        DraftRefused: the e-mail has no text yet, or it is too late to change it.
    """
    if by is None:
        raise DraftRefused("Only a person can edit a text.")
    require(by, EDIT)
    with transaction.atomic():
        row = CampaignEmail.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=email.pk)
        if row.state not in states.EDITABLE:
            raise DraftRefused(f"It is {states.EMAIL[row.state].label.lower()}; its text can no longer be changed.")
        current = row.revisions.order_by("-number").first()
        if current is not None and current.digest == text.digest():
            return current
        snapshot = newest_snapshot(row) or (current.snapshot if current else None)
        if snapshot is None:
            raise DraftRefused("The release has not been read from Jira yet, so there is nothing to write about.")
        return _save(row, text, snapshot, author=by, drafter="", why=why, now=now)


def redraft_line(*, email: CampaignEmail, part: str, by: Any, now: dt.datetime) -> LineProposal:
    """Another subject or preheader from the newest facts, written by rules, for the editor to take or leave.

    Raises:
        PermissionDenied: the person may not edit.
        DraftRefused: no such part, no facts yet, or a correction, whose first lines say what it corrects.
    """
    require(by, EDIT)
    if part not in ("subject", "preheader"):
        raise DraftRefused(f"A mail has no line “{part}”.")
    if email.correction_of_id is not None:
        raise DraftRefused("Subject and preheader of a correction say what it corrects: word them by hand.")
    snapshot = newest_snapshot(email)
    if snapshot is None:
        raise DraftRefused("It has no draft yet.")
    facts, house = Facts.from_json(snapshot.facts), House.of(snapshot.release.product, snapshot.release.people)
    when = timing.of(facts, email.step, day_of_sending(email, snapshot.release.product.time_zone))
    text = extractive.draft(facts, email.step, house, timing=when)
    words = text.subject if part == "subject" else text.preheader
    return LineProposal(words, extractive.NAME, f"Written from the facts by rules.{_language_note(house, facts)}")


def redraft_block(*, email: CampaignEmail, block: str, by: Any, now: dt.datetime) -> BlockProposal:
    """Another wording of one block from the newest facts, for the editor to take or leave. Saves only the runs.

    Raises:
        PermissionDenied: the person may not edit.
        DraftRefused: no such block, no text or no facts yet.
    """
    require(by, EDIT)
    if block not in BLOCK_KINDS:
        raise DraftRefused(f"A mail has no block “{block}”.")
    snapshot, current = newest_snapshot(email), email.revisions.order_by("-number").first()
    if snapshot is None or current is None:
        raise DraftRefused("It has no draft yet.")
    facts, house = Facts.from_json(snapshot.facts), House.of(snapshot.release.product, snapshot.release.people)
    now_says = text_of(current).block(block)
    live = prompt_versions.live()
    when = timing.of(facts, email.step, day_of_sending(email, snapshot.release.product.time_zone))
    why = _OUT_ALREADY if timing.is_late(when, email.step) else hindrance(live, now)[1]
    if not why:
        drafter = OpenAIDrafter(options(live.version))
        try:
            sentences, record = drafter.draft_block(facts, email.step, block, now_says, house)
        except DraftFailed as problem:
            _run(email, snapshot, drafter.name, problem.record, by=by, now=now, problem=problem)
            why = f"OpenAI could not: {problem.text}"
        else:
            run = _run(email, snapshot, drafter.name, record, by=by, now=now)
            try:
                kept = repair.kept(sentences, facts, block, house)
            except Exception as error:
                why = f"OpenAI could not: {_failed(run, error).text}"
            else:
                if kept:
                    return BlockProposal(kept, drafter.name, f"Written by {drafter.options.model}.")
                why = "OpenAI wrote nothing that could be traced to the facts."
    sentences = extractive.draft(facts, email.step, house, timing=when).block(block)
    return BlockProposal(
        sentences, extractive.NAME, f"{why} Written from the facts by rules.{_language_note(house, facts)}"
    )


def test_connection(*, by: Any) -> str:
    """Ask the model for two fields and say in one line how it went. Raises PermissionDenied and DraftFailed."""
    require(by, "campaigns.view_draftrun")
    if not settings.OPENAI_API_KEY:
        return "No OpenAI key is set; drafts are written from the facts by rules."
    return OpenAIDrafter(options(prompt_versions.live().version)).test_connection()


def hindrance(live: Live, now: dt.datetime) -> tuple[str, str]:
    """Why the model is not asked now, as a word for the record and a sentence for people; both empty if it is."""
    if not settings.OPENAI_API_KEY:
        return "no_key", "No OpenAI key is set."
    if live.problem:
        return "prompts", live.problem
    over = spending.budget_problem(now)
    return ("budget", over) if over else ("", "")


def newest_snapshot(email: CampaignEmail) -> Snapshot | None:
    """The newest frozen facts of the e-mail's release."""
    found = Snapshot.objects.filter(release__campaign=email.campaign_id).select_related("release__product")
    return found.order_by("-number").first()


def _claim(email: CampaignEmail, now: dt.datetime) -> bool:
    """Take a planned e-mail for longer than a draft can last; whoever dies over it loses it again by the clock."""
    until = now + dt.timedelta(seconds=2 * float(settings.OPENAI_TIMEOUT) + 60)
    free = Q(locked_until__isnull=True) | Q(locked_until__lte=now)
    claimed = CampaignEmail.objects.filter(free, pk=email.pk, state="planned", campaign__state="active").update(
        locked_until=until, locked_by=None
    )
    return bool(claimed)


def _write(email: CampaignEmail, facts: Facts, snapshot: Snapshot, *, by: Any, now: dt.datetime) -> Written:
    """Ask the model if there is a key, else or when it fails write by rules.

    Only the runs are saved, each as soon as it ended: what was paid for counts, whatever happens afterwards.
    """
    step, house = email.step, House.of(snapshot.release.product, snapshot.release.people)
    when = timing.of(facts, step, day_of_sending(email, snapshot.release.product.time_zone))
    runs: list[DraftRun] = []
    live = prompt_versions.live()
    drafter = OpenAIDrafter(options(live.version))
    kind, problem_now = hindrance(live, now)
    if timing.is_late(when, step):
        why = f"{_OUT_ALREADY} Written from the facts by rules."
    elif problem_now:
        why = f"{problem_now} Written from the facts by rules."
        if kind != "no_key":
            stopped = DraftFailed(kind, problem_now, can_retry=False)
            record = CallRecord(model=drafter.options.model, prompt_version=live.version)
            runs.append(_run(email, snapshot, drafter.name, record, by=by, now=now, problem=stopped))
    else:
        try:
            drafted = drafter.draft(facts, step, house)
        except DraftFailed as problem:
            runs.append(_run(email, snapshot, drafter.name, problem.record, by=by, now=now, problem=problem))
            why = f"OpenAI could not draft it: {problem.text} Written from the facts by rules instead."
        else:
            run = _run(email, snapshot, drafter.name, drafted.record, by=by, now=now)
            runs.append(run)
            try:
                _supported(run, checks.support(drafted.text, facts, house=house))
                mended = repair.mend(drafted.text, facts, step, house, timing=when)
            except Exception as error:
                # Nobody foresaw such a text. It was paid for; asking for ever for another one would be no better.
                why = f"OpenAI could not draft it: {_failed(run, error).text} Written from the facts by rules instead."
            else:
                if mended.usable:
                    why = f"Written by {drafter.options.model}, prompt {drafted.record.prompt_version}.{mended.note}"
                    return Written(mended.text, drafter.name, why, tuple(runs))
                why = (
                    "Too little of what OpenAI wrote could be traced to the facts. "
                    "Written from the facts by rules instead."
                )
    text = extractive.draft(facts, step, house, timing=when)
    run = _run(email, snapshot, extractive.NAME, CallRecord(), by=by, now=now)
    _supported(run, checks.support(text, facts, house=house))
    runs.append(run)
    return Written(text, extractive.NAME, why + _language_note(house, facts), tuple(runs))


def _language_note(house: House, facts: Facts) -> str:
    """What the rules could not do, as far as it is for a language."""
    note = "" if house.is_english else (
        f" The rules write English only: it has to be translated into {house.language_name}."
    )  # fmt: skip
    foreign = extractive.left_out(facts)
    if foreign:
        shown = ", ".join(foreign[:8]) + (" and more" if len(foreign) > 8 else "")
        breaking = any(facts.by_key[key].kind == "breaking" for key in foreign)
        note += f" {len(foreign)} issues are not in English and were not told in words: {shown}." + (
            " Breaking ones among them are only hinted at." if breaking else ""
        )
    return note


def _save(
    email: CampaignEmail, text: DraftText, snapshot: Snapshot, *, author: Any, drafter: str, why: str, now: dt.datetime
) -> Revision:
    last = email.revisions.order_by("-number").values_list("number", flat=True).first() or 0
    data = text.to_json()
    return Revision.objects.create(
        email=email,
        number=last + 1,
        subject=data["subject"],
        preheader=data["preheader"],
        blocks=data["blocks"],
        order=list(text.order),
        digest=text.digest(),
        snapshot=snapshot,
        author=author,
        drafter=drafter[:100],
        why=why[:500],
        created_at=now,
    )


def _run(
    email: CampaignEmail,
    snapshot: Snapshot,
    drafter: str,
    record: CallRecord,
    *,
    by: Any,
    now: dt.datetime,
    problem: DraftFailed | None = None,
) -> DraftRun:
    """Write down one run."""
    return DraftRun.objects.create(
        email=email,
        drafter=drafter[:100],
        model=record.model[:100],
        transport=record.transport,
        prompt_version=record.prompt_version,
        snapshot_digest=snapshot.digest,
        outcome=DraftRun.Outcome.FAILED if problem else DraftRun.Outcome.SUCCEEDED,
        error_kind=problem.kind if problem else "",
        error=problem.text[:500] if problem else "",
        request_id=record.request_id,
        input_tokens=record.input_tokens,
        output_tokens=record.output_tokens,
        seconds=record.seconds,
        cost=spending.cost_of(record),
        by=by,
        at=now,
    )


def _failed(run: DraftRun, error: Exception) -> DraftFailed:
    """Turn a run that had ended well into one that failed over what nobody foresaw; its cost stays."""
    problem = unexpected(error)
    run.outcome, run.error_kind, run.error = DraftRun.Outcome.FAILED, problem.kind, problem.text[:500]
    run.save(update_fields=["outcome", "error_kind", "error"])
    return problem


def _supported(run: DraftRun, found: checks.Support) -> None:
    """Write down how well a draft was supported."""
    run.sentences, run.unsupported, run.doubtful = found.sentences, found.unsupported, found.doubtful
    run.save(update_fields=["sentences", "unsupported", "doubtful"])
