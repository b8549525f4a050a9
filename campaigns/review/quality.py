"""How good drafts are, measured on what people approved: how much they changed, what had no source, what they waived.

Everything is counted once per e-mail, at its first approval. Read in four queries, whatever the number of campaigns.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count

from campaigns.drafting import selectors as drafts
from campaigns.drafting.models import DraftRun, Revision
from campaigns.planning.models import Campaign
from campaigns.review.models import Approval, Waiver

PERIODS = (30, 90, 365)
#: E-mails that are measured at most, the newest first; comparing texts takes a millisecond each.
MOST = 400


@dataclass(frozen=True)
class Measured:
    """One approved e-mail. `distance` is 0 (approved as drafted) to 1; `minutes` from its draft to its approval."""

    campaign: Campaign
    step: str
    writer: str
    prompt: str
    approved_at: dt.datetime
    distance: float
    minutes: float
    sentences: int
    unsupported: int
    doubtful: int
    waived: int


@dataclass(frozen=True)
class Line:
    """Figures of several e-mails: means, a median of minutes, and shares that are None without sentences."""

    label: str
    mails: int
    distance: float
    unsupported: float | None
    doubtful: float | None
    waived: float
    minutes: float
    campaign: Campaign | None = None

    @property
    def duration(self) -> str:
        """The minutes as people say them."""
        if self.minutes < 90:
            return f"{self.minutes:.0f} min"
        hours = self.minutes / 60
        return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


@dataclass(frozen=True)
class Quality:
    """The page: all together, by who wrote and with which prompts, by week, by campaign."""

    total: Line | None
    by_writer: list[Line]
    by_week: list[Line]
    by_campaign: list[Line]


def quality(*, days: int, now: dt.datetime, campaign: Campaign | None = None) -> Quality:
    """The figures of the e-mails that were first approved in the last `days`, of one campaign or of all."""
    rows = measured(since=now - dt.timedelta(days=days), campaign=campaign)
    return Quality(
        total=_line("All", rows) if rows else None,
        by_writer=_lines(rows, lambda row: f"{row.writer}{', prompts ' + row.prompt if row.prompt else ''}"),
        by_week=_lines(
            rows, lambda row: f"{_monday(row.approved_at):%d %b %Y}", order=lambda row: _monday(row.approved_at)
        ),
        by_campaign=_lines(rows, lambda row: str(row.campaign), with_campaign=True),
    )


def measured(*, since: dt.datetime, campaign: Campaign | None = None) -> list[Measured]:
    """Every e-mail that was first approved since then and had a draft of a machine, the newest first."""
    approvals = Approval.objects.filter(decision=Approval.Decision.APPROVED)
    if campaign is not None:
        approvals = approvals.filter(email__campaign=campaign)
    first: dict[int, Approval] = {}
    recent = approvals.filter(at__gte=since).select_related("revision", "email__campaign__release__product")
    for approval in recent.order_by("-at", "-pk")[: 3 * MOST]:
        first[approval.email_id] = approval  # the last one that is seen is the first that was given
    ids = list(first)[:MOST]
    written: dict[int, Revision] = {}
    for revision in Revision.objects.filter(email__in=ids).exclude(drafter="").order_by("-number"):
        written[revision.email_id] = revision
    runs = {
        run.revision_id: run
        for run in DraftRun.objects.filter(email__in=ids, revision__isnull=False, outcome="succeeded").order_by("pk")
    }
    waived = dict(Waiver.objects.filter(email__in=ids).values_list("email").annotate(count=Count("pk")).order_by())
    return [
        _measure(first[pk], written[pk], runs.get(written[pk].pk), waived.get(pk, 0)) for pk in ids if pk in written
    ]


def _measure(approval: Approval, draft: Revision, run: DraftRun | None, waived: int) -> Measured:
    return Measured(
        campaign=approval.email.campaign,
        step=approval.email.step,
        writer=draft.drafted_by,
        prompt=run.prompt_version if run else "",
        approved_at=approval.at,
        distance=_distance(draft, approval.revision),
        minutes=max(0.0, (approval.at - draft.created_at).total_seconds() / 60),
        sentences=(run.sentences or 0) if run else 0,
        unsupported=(run.unsupported or 0) if run else 0,
        doubtful=(run.doubtful or 0) if run else 0,
        waived=waived,
    )


# By the digests of both texts, which say all of them: a process compares two texts once.
_distances: dict[tuple[str, str], float] = {}


def _distance(draft: Revision, approved: Revision) -> float:
    """How much a person changed."""
    if draft.digest == approved.digest:
        return 0.0
    pair = (draft.digest, approved.digest)
    if pair not in _distances:
        if len(_distances) >= 10 * MOST:
            _distances.clear()
        _distances[pair] = drafts.edit_distance(drafts.text_of(draft), drafts.text_of(approved))
    return _distances[pair]


def _lines(
    rows: list[Measured],
    key: Callable[[Measured], str],
    *,
    order: Callable[[Measured], dt.datetime] = lambda row: row.approved_at,
    with_campaign: bool = False,
) -> list[Line]:
    groups: dict[str, list[Measured]] = {}
    for row in sorted(rows, key=order, reverse=True):
        groups.setdefault(key(row), []).append(row)
    return [_line(label, found, found[0].campaign if with_campaign else None) for label, found in groups.items()]


def _line(label: str, rows: Iterable[Measured], campaign: Campaign | None = None) -> Line:
    found = list(rows)
    sentences = sum(row.sentences for row in found)
    return Line(
        label=label,
        mails=len(found),
        distance=statistics.fmean(row.distance for row in found),
        unsupported=sum(row.unsupported for row in found) / sentences if sentences else None,
        doubtful=sum(row.doubtful for row in found) / sentences if sentences else None,
        waived=statistics.fmean(row.waived for row in found),
        minutes=statistics.median(row.minutes for row in found),
        campaign=campaign,
    )


def _monday(moment: dt.datetime) -> dt.datetime:
    day = moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - dt.timedelta(days=day.weekday())
