"""All that the review page shows, read in a fixed number of queries, whatever the number of issues and comments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model

from campaigns.audience.models import Contact
from campaigns.audience.rule import Rule
from campaigns.drafting import selectors as drafts
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import Revision
from campaigns.drafting.text import DraftText
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import actions, diff, drift, preflight, rendition, selectors
from campaigns.review.models import Approval, Comment
from campaigns.review.preflight import Finding
from campaigns.review.typed import LABELS, Typed
from releases.models import Issue as IssueRow
from releases.models import Snapshot

_KINDS = dict(IssueRow.Kind.choices)
CONTACTS_SHOWN = 20
OLDER_SHOWN = 50


@dataclass(frozen=True)
class SentenceLine:
    """One sentence of the mail with its issues and the worst finding on it."""

    text: str
    keys: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class Part:
    """Subject, preheader or a block, with its sentences."""

    kind: str
    label: str
    sentences: list[SentenceLine] = field(default_factory=list)


class Desk:
    """One e-mail as one person sees it now. Attributes are read when the page asks for them, once each."""

    def __init__(
        self, email: CampaignEmail, user: Any, now: dt.datetime, *, reader: str = "", against: str = ""
    ) -> None:
        self.email = email
        self.user = user
        self.now = now
        self.reader = reader.strip().lower()
        self.against = against
        self.campaign = email.campaign
        self.release = email.campaign.release
        self.product = self.release.product

    @cached_property
    def revision(self) -> Revision | None:
        """The current text's row."""
        return drafts.current_revision(self.email)

    @cached_property
    def text(self) -> DraftText | None:
        """The current text."""
        return drafts.text_of(self.revision) if self.revision else None

    @cached_property
    def typed(self) -> Typed | None:
        """What stands in the editor."""
        return Typed.of(self.text, self.revision.number) if self.text and self.revision else None

    # --- sources ---------------------------------------------------------------------------------------------------
    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The newest facts."""
        return self.release.snapshots.order_by("-number").first()

    @cached_property
    def facts(self) -> Facts:
        """The newest facts, read into names."""
        return Facts.from_json(self.snapshot.facts if self.snapshot else {})

    @cached_property
    def sources(self) -> drafts.Sources:
        """What the text rests on, what it does not mention, and what was kept out."""
        return drafts.sources(self.text or DraftText("", "", ()), self.facts)

    @property
    def issues_by_kind(self) -> list[tuple[str, list[drafts.Source]]]:
        """The issues with the name of their kind, the cited ones first."""
        return [
            (_KINDS[kind], sorted(group, key=lambda source: not source.is_cited))
            for kind, group in self.sources.by_kind.items()
        ]

    # --- the mail --------------------------------------------------------------------------------------------------
    @cached_property
    def mail(self) -> preflight.Mail | None:
        """The text as a mail, rendered once for the preview, the digest and the checks."""
        return preflight.Mail(self.email, self.revision, facts=self.facts) if self.revision else None

    @property
    def frozen(self) -> rendition.Frozen | None:
        """What would be frozen by an approval now; None when it cannot be rendered."""
        return self.mail.frozen if self.mail else None

    @property
    def render_problem(self) -> str:
        """Why it cannot be rendered."""
        return self.mail.problem if self.mail else ""

    @cached_property
    def contacts(self) -> list[Contact]:
        """Some of the people it goes to, to look at the mail as one of them."""
        return list(self.rule.people().select_related("client").order_by("pk")[:CONTACTS_SHOWN])

    @cached_property
    def rule(self) -> Rule:
        """Whom it goes to."""
        return audience_rule(self.email)

    @cached_property
    def contact(self) -> Contact | None:
        """The chosen reader: a contact on the lists."""
        return reader_of(self.email, self.reader)

    @cached_property
    def filled(self) -> rendition.Filled | None:
        """The mail as the chosen reader gets it."""
        return rendition.fill(self.frozen, rendition.values_for(self.contact, self.product)) if self.frozen else None

    @cached_property
    def preheader(self) -> str:
        """The preheader as the chosen reader gets it."""
        if not self.text or not self.frozen:
            return ""
        values = rendition.values_for(self.contact, self.product)
        frozen = rendition.Frozen("", "", self.text.preheader, "", "", {}, [])
        return rendition.fill(frozen, values).subject

    @cached_property
    def parts(self) -> list[Part]:
        """The sentences of the mail, each marked with the worst finding on it."""
        if self.text is None:
            return []
        marks: dict[tuple[str, int], str] = {}
        for found in reversed(self.open_findings):
            marks[found.part, found.index] = "blocking" if found.blocking else "warning"
        parts = [
            Part("subject", LABELS["subject"], [SentenceLine(self.text.subject, (), marks.get(("subject", 0), ""))]),
            Part(
                "preheader",
                LABELS["preheader"],
                [SentenceLine(self.text.preheader, (), marks.get(("preheader", 0), ""))],
            ),
        ]
        for block in self.text.blocks:
            lines = [
                SentenceLine(sentence.text, sentence.keys, marks.get((block.kind, index), ""))
                for index, sentence in enumerate(block.sentences)
            ]
            parts.append(Part(block.kind, LABELS[block.kind], lines))
        return parts

    # --- checks and talk -------------------------------------------------------------------------------------------
    @cached_property
    def findings(self) -> list[Finding]:
        """What the preflight found."""
        return preflight.look(self.mail) if self.mail else []

    @property
    def open_findings(self) -> list[Finding]:
        """Not waived, blocking ones first."""
        return [found for found in self.findings if found.waiver is None]

    @property
    def blocking(self) -> list[Finding]:
        """Those that stop it."""
        return [found for found in self.findings if found.stops]

    @property
    def warnings(self) -> list[Finding]:
        """Open warnings."""
        return [found for found in self.open_findings if not found.blocking]

    @property
    def waived(self) -> list[Finding]:
        """What somebody let pass, with the reason."""
        return [found for found in self.findings if found.waiver is not None]

    @cached_property
    def comments(self) -> list[Comment]:
        """The discussion, oldest first."""
        return list(self.email.comments.select_related("author", "resolved_by", "revision"))

    @cached_property
    def history(self) -> list[selectors.Entry]:
        """Every revision and change of state, newest first."""
        return selectors.history(self.email)

    @cached_property
    def older(self) -> list[Revision]:
        """The texts before the current one, newest first."""
        if self.revision is None:
            return []
        before = self.email.revisions.filter(number__lt=self.revision.number)
        return list(before.select_related("author").order_by("-number")[:OLDER_SHOWN])

    @cached_property
    def draft(self) -> Revision | None:
        """The newest text that a drafter wrote; its `why` says which drafter and why that one."""
        return next((each for each in [self.revision, *self.older] if each and each.drafter), None)

    @cached_property
    def comparisons(self) -> dict[str, tuple[str, Revision]]:
        """The texts that the current one can be compared with: name -> (label, revision)."""
        found: dict[str, tuple[str, Revision]] = {}
        approved = selectors.last_approved(self.email) if self.older else None
        if approved and self.revision and approved.pk != self.revision.pk:
            found["approved"] = ("Last approved", approved)
        if self.draft and self.draft != self.revision:
            found["draft"] = ("The draft", self.draft)
        if self.older:
            found["previous"] = (f"Previous ({self.older[0].number})", self.older[0])
        chosen = next((each for each in self.older if str(each.number) == self.against), None)
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
        return [part for part in diff.compare(drafts.text_of(chosen), self.text) if part.changed]

    # --- the decision ----------------------------------------------------------------------------------------------
    @cached_property
    def actions(self) -> dict[str, actions.Action]:
        """Verb -> whether this person may do it now, and why not."""
        found = actions.actions(
            self.email, self.user, revision=self.revision, now=self.now, blocking=len(self.blocking)
        )
        return {action.verb: action for action in found}

    @cached_property
    def approval(self) -> Approval | None:
        """The open approval."""
        return selectors.valid_approval(self.email)

    @cached_property
    def approval_problem(self) -> str:
        """Why the open approval does not send; "" when it does."""
        return selectors.approval_problem(self.email, self.now) if self.approval else ""

    @cached_property
    def drift(self) -> list[drift.Drift]:
        """What Jira changed under this very text since it was approved, sentence by sentence."""
        approval = self.approval or self.voided
        if approval is None or self.revision is None or approval.revision_id != self.revision.pk:
            return []
        return selectors.drift_of(self.email, approval)

    @cached_property
    def voided(self) -> Approval | None:
        """The newest approval when it was voided: the page says why."""
        newest = (
            self.email.approvals.filter(decision=Approval.Decision.APPROVED).select_related("by", "voided_by").first()
        )
        return newest if newest and newest.voided_at else None

    @cached_property
    def lists(self) -> list[Any]:
        """The lists it goes to."""
        return list(self.campaign.lists.all())

    @cached_property
    def colleagues(self) -> list[str]:
        """Addresses that a test may go to, one's own first."""
        others = (
            get_user_model().objects.filter(is_active=True).exclude(email="").exclude(pk=self.user.pk)
            .order_by("email").values_list("email", flat=True)[:50]
        )  # fmt: skip
        return [*([self.user.email] if self.user.email else []), *others]

    @property
    def may_write(self) -> bool:
        """Whether the editor is offered: also while another person holds the lock, because it can be taken over."""
        edit = self.actions.get("edit")
        return bool(edit and (edit.allowed or (self.locked_by_another and self.user.has_perm(actions.EDIT))))

    @property
    def locked_by_another(self) -> bool:
        """Whether somebody else is editing."""
        return actions.locked_by_another(self.email, self.user, self.now)

    @property
    def is_late(self) -> bool:
        """Whether its moment has passed by more than its limit."""
        return self.email.send_at is not None and self.now > self.email.send_at + self.email.late_after

    @property
    def is_due(self) -> bool:
        """Whether its moment has come already, so that an approval sends it at once."""
        return self.email.send_at is not None and self.now >= self.email.send_at

    @cached_property
    def next_waiting(self) -> CampaignEmail | None:
        """The next e-mail that awaits this person."""
        others = [item.email for item in selectors.awaiting(self.user, self.now) if item.email.pk != self.email.pk]
        return others[0] if others else None


def open_email(pk: int) -> CampaignEmail:
    """The e-mail with all that the page needs of its neighbours. Raises DoesNotExist."""
    return CampaignEmail.objects.select_related(
        "campaign__release__product", "campaign__cadence", "template_version__template", "locked_by"
    ).get(pk=pk)


def reader_of(email: CampaignEmail, address: str) -> Contact | None:
    """The contact of that address, if the campaign goes to them."""
    if not address:
        return None
    return audience_rule(email).people().filter(email=address.strip().lower()).select_related("client").first()
