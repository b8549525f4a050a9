"""The column of sources: what the text rests on, what it does not mention, what was kept out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from campaigns.drafting import selectors as drafts
from campaigns.drafting.text import DraftText
from campaigns.review.desk.opened import Opened
from campaigns.review.models import LeftOut
from releases.models import Issue as IssueRow

_KINDS = dict(IssueRow.Kind.choices)
ISSUES_SHOWN = 25


class SourcesColumn(Opened):
    """The Jira issues beside the text."""

    @cached_property
    def sources(self) -> drafts.Sources:
        """What the text rests on, what it does not mention, and what was kept out."""
        return drafts.sources(self.text or DraftText("", "", ()), self.facts)

    @property
    def issues_by_kind(self) -> list[tuple[str, int, list[drafts.Source]]]:
        """The issues with the name of their kind and how many there are, the cited ones first.

        Of a release with hundreds all cited ones are shown and some of the others; the rest when it is asked for.
        """
        others = sum(not source.is_cited for group in self.sources.by_kind.values() for source in group)
        room = others if self.all_issues else ISSUES_SHOWN
        found = []
        for kind, group in self.sources.by_kind.items():
            cited = [source for source in group if source.is_cited]
            uncited = [source for source in group if not source.is_cited][:room]
            room -= len(uncited)
            found.append((_KINDS[kind], len(group), cited + uncited))
        return found

    @property
    def more_issues(self) -> int:
        """How many issues are not shown yet."""
        return 0 if self.all_issues else max(0, len(self.sources.unmentioned) - ISSUES_SHOWN)

    @cached_property
    def left_out(self) -> dict[str, LeftOut]:
        """Issue -> why no sentence mentions it."""
        return {row.key: row for row in self.email.left_out.select_related("by")}

    @cached_property
    def undecided(self) -> list[Any]:
        """Issues that no sentence mentions and of which nobody said why."""
        return [issue for issue in self.sources.unmentioned if issue.key not in self.left_out]

    @property
    def undecided_shown(self) -> list[Any]:
        """Those that are listed."""
        return self.undecided if self.all_issues else self.undecided[:ISSUES_SHOWN]

    @cached_property
    def silent(self) -> list[tuple[Any, LeftOut]]:
        """Issues that no sentence mentions, with the reason."""
        return [(issue, self.left_out[issue.key]) for issue in self.sources.unmentioned if issue.key in self.left_out]
