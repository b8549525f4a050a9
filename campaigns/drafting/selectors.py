"""Reads of drafting: the current text, its sources, what no sentence mentions, and what a person changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from campaigns.drafting import checks, tokens
from campaigns.drafting.facts import KINDS, ExcludedIssue, Facts, Issue
from campaigns.drafting.findings import Finding
from campaigns.drafting.house import NO_HOUSE, House
from campaigns.drafting.models import Revision
from campaigns.drafting.text import DraftText
from campaigns.planning.models import CampaignEmail
from releases.models import Snapshot


@dataclass(frozen=True)
class Source:
    """An issue with the places that cite it: (kind of block, place in it from 0)."""

    issue: Issue
    cited_at: tuple[tuple[str, int], ...]

    @property
    def is_cited(self) -> bool:
        """Whether any sentence rests on it."""
        return bool(self.cited_at)


@dataclass(frozen=True)
class Sources:
    """All issues of a release beside a text: by kind, known problems, those that no sentence mentions or were kept out.

    Known problems are never among those without a mention: only the follow-up is asked to tell them.
    """

    by_kind: dict[str, tuple[Source, ...]]
    unmentioned: tuple[Issue, ...]
    excluded: tuple[ExcludedIssue, ...]
    problems: tuple[Source, ...] = ()


def current_revision(email: CampaignEmail) -> Revision | None:
    """The newest text of an e-mail. The facts of its snapshot, which can be large, are read when they are asked for."""
    newest = email.revisions.select_related("snapshot", "author").defer("snapshot__facts")
    return newest.order_by("-number").first()


def facts_of(snapshot: Snapshot) -> Facts:
    """The facts of a snapshot, read into names. A snapshot is never edited, so the last ones are remembered.

    A snapshot without its `facts` (deferred) costs a query the first time only.
    """
    return _facts(snapshot.pk, snapshot.digest)


@lru_cache(maxsize=32)
def _facts(pk: int, _digest: str) -> Facts:
    return Facts.from_json(Snapshot.objects.values_list("facts", flat=True).get(pk=pk))


def text_of(revision: Revision) -> DraftText:
    """The text of a revision."""
    return DraftText.from_json(
        {
            "subject": revision.subject,
            "preheader": revision.preheader,
            "blocks": revision.blocks,
            "order": revision.order,
        }
    )


def sources(text: DraftText, facts: Facts | Mapping[str, Any]) -> Sources:
    """What the text rests on, and what of the release it leaves out."""
    known = facts if isinstance(facts, Facts) else Facts.from_json(facts)
    places: dict[str, list[tuple[str, int]]] = {}
    for block, index, sentence in text.sentences():
        for key in sentence.keys:
            places.setdefault(key, []).append((block, index))
    by_kind = {
        kind: tuple(Source(issue, tuple(places.get(issue.key, ()))) for issue in known.of_kind(kind))
        for kind in KINDS
        if known.of_kind(kind)
    }
    return Sources(
        by_kind=by_kind,
        unmentioned=tuple(issue for issue in known.issues if issue.key not in places),
        excluded=known.excluded,
        problems=tuple(Source(issue, tuple(places.get(issue.key, ()))) for issue in known.problems),
    )


def findings(revision: Revision, *, allowed_hosts: tuple[str, ...] = (), house: House = NO_HOUSE) -> list[Finding]:
    """Everything that the checks say about a revision, against the facts that it was written from."""
    return checks.check(
        text_of(revision),
        revision.snapshot.facts,
        step=revision.email.step,
        allowed_hosts=allowed_hosts,
        house=house,
    )


def edit_distance(before: DraftText, after: DraftText) -> float:
    """How much a person changed, from 0 (nothing) to 1 (all): the share of words that are not the same in order."""
    old, new = ([word for line in lines(text) for word in tokens.WORD.findall(line)] for text in (before, after))
    return 1 - SequenceMatcher(None, old, new, autojunk=False).ratio()


def lines(text: DraftText) -> list[str]:
    """Subject, preheader and every sentence, in order."""
    return [text.subject, text.preheader, *(sentence.text for _, _, sentence in text.sentences())]
