"""What was said about it and what it was before: comments, history, comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from campaigns.drafting import selectors as drafts
from campaigns.drafting.models import Revision
from campaigns.review import diff, mentions, selectors
from campaigns.review.desk.checks import Checks
from campaigns.review.models import Approval, Comment, Look

NAMES_SHOWN = 30
ENTRIES_SHOWN = 15


@dataclass(frozen=True)
class Thread:
    """A comment and the answers to it, oldest first."""

    first: Comment
    answers: list[Comment] = field(default_factory=list)

    @property
    def last(self) -> Comment:
        """What was said last in it."""
        return self.answers[-1] if self.answers else self.first


class Talk(Checks):
    """Comments and revisions."""

    @cached_property
    def comments(self) -> list[Comment]:
        """The discussion, oldest first."""
        return list(self.email.comments.select_related("author", "resolved_by", "revision"))

    @cached_property
    def threads(self) -> list[Thread]:
        """The discussion by thread, the oldest first."""
        found = {each.pk: Thread(each) for each in self.comments if each.parent_id is None}
        for each in self.comments:
            if each.parent_id in found:
                found[each.parent_id].answers.append(each)
        return list(found.values())

    @property
    def open_threads(self) -> dict[str, list[Thread]]:
        """Part of the mail -> what is said about it and not resolved."""
        found: dict[str, list[Thread]] = {}
        for thread in self.threads:
            if thread.first.resolved_at is None:
                found.setdefault(thread.first.block, []).append(thread)
        return found

    @cached_property
    def mentionable(self) -> list[str]:
        """User names of colleagues that a comment can call, some of them."""
        others = mentions.colleagues().exclude(pk=self.user.pk)
        return list(others.values_list("username", flat=True)[:NAMES_SHOWN])

    @cached_property
    def history(self) -> list[selectors.Entry]:
        """Every revision and change of state, newest first."""
        return selectors.history(self.email, self.texts)

    @property
    def history_shown(self) -> list[selectors.Entry]:
        """The newest lines of it, or all when they are asked for."""
        return self.history if self.whole_history else self.history[:ENTRIES_SHOWN]

    @cached_property
    def texts(self) -> list[Revision]:
        """Every text, newest first, without its words."""
        return selectors.revisions(self.email)

    @cached_property
    def older(self) -> list[Revision]:
        """The texts before the current one, newest first."""
        return [each for each in self.texts if self.revision and each.number < self.revision.number]

    @cached_property
    def draft(self) -> Revision | None:
        """The newest text that a drafter wrote; its `why` says which drafter and why that one."""
        return next((each for each in [self.revision, *self.older] if each and each.drafter), None)

    @cached_property
    def approved(self) -> Approval | None:
        """The valid approval, else the newest void one."""
        return selectors.newest_approval(self.email)

    @cached_property
    def look(self) -> Look | None:
        """Which text this person saw last, and which before that."""
        if self.revision is None:
            return None
        return (
            Look.objects.filter(email=self.email, user=self.user, seen=self.revision).select_related("before").first()
        )

    @cached_property
    def reviewers(self) -> list[Look]:
        """Who else has this text in review before them."""
        if self.revision is None:
            return []
        return [look for look in selectors.reviewers(self.email, self.revision) if look.user_id != self.user.pk]

    @cached_property
    def comparisons(self) -> dict[str, tuple[str, Revision]]:
        """The texts that the current one can be compared with: name -> (label, revision)."""
        found: dict[str, tuple[str, Revision]] = {}
        corrected = self.email.correction_of
        if corrected is not None and (sent := drafts.current_revision(corrected)) is not None:
            found["sent"] = ("The mail that was sent", sent)
        if self.look is not None and self.look.before is not None:
            found["looked"] = ("Since you last looked", self.look.before)
        if self.approved and self.revision and self.approved.revision_id != self.revision.pk:
            found["approved"] = ("Last approved", self.approved.revision)
        if self.draft and self.draft != self.revision:
            found["draft"] = ("The draft", self.draft)
        if self.older:
            found["previous"] = (f"Previous ({self.older[0].number})", self.older[0])
        before = selectors.last_release_text(self.email) if self.revision else None
        if before:
            found["release"] = (f"{before.email.get_step_display()} of {before.email.campaign.release.name}", before)
        if self.revision and self.against.isdecimal() and len(self.against) < 10:
            # However old: the history leads to each of them.
            chosen = next((each for each in self.texts if each.number == int(self.against)), None)
            if chosen == self.revision:
                chosen = None
            if chosen:
                found[self.against] = (f"Revision {chosen.number}", chosen)
        return found

    @property
    def compared(self) -> str:
        """The name of the text it is compared with: the chosen one, or the one that tells an approver most."""
        return self.against if self.against in self.comparisons else next(iter(self.comparisons), "")

    @cached_property
    def difference(self) -> list[diff.PartDiff]:
        """What changed, word by word; parts that are the same are left out."""
        if not self.compared or self.text is None:
            return []
        _, chosen = self.comparisons[self.compared]
        if chosen.get_deferred_fields():  # of the history, which is without words
            chosen = Revision.objects.get(pk=chosen.pk)
        return [part for part in diff.compare(drafts.text_of(chosen), self.text) if part.changed]
