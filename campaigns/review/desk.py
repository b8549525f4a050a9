"""All that the review page shows, read in a fixed number of queries, whatever the number of issues and comments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from campaigns import states
from campaigns.audience.counting import AudienceCounted
from campaigns.audience.models import Contact
from campaigns.audience.rule import Rule
from campaigns.drafting import selectors as drafts
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import Revision
from campaigns.drafting.text import DraftText
from campaigns.planning.forms import TimeForm
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import actions, counts, diff, drift, laws, mentions, preflight, rendition, selectors, times
from campaigns.review.models import Approval, AudienceCount, Comment, KeptText, LeftOut, Look, SeedAddress
from campaigns.review.preflight import Finding
from campaigns.review.seen import Seen, marks, moment
from campaigns.review.services.correcting import Reach, reach
from campaigns.review.typed import LABELS, Typed, typed_of
from releases.models import Issue as IssueRow
from releases.models import Snapshot
from templates import arrangement

_KINDS = dict(IssueRow.Kind.choices)
CONTACTS_SHOWN = 20
OLDER_SHOWN = 50
ISSUES_SHOWN = 40
NAMES_SHOWN = 30


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


@dataclass(frozen=True)
class Thread:
    """A comment and the answers to it, oldest first."""

    first: Comment
    answers: list[Comment] = field(default_factory=list)

    @property
    def last(self) -> Comment:
        """What was said last in it."""
        return self.answers[-1] if self.answers else self.first


class Desk:
    """One e-mail as one person sees it now. Attributes are read when the page asks for them, once each."""

    def __init__(
        self,
        email: CampaignEmail,
        user: Any,
        now: dt.datetime,
        *,
        reader: str = "",
        against: str = "",
        all_issues: bool = False,
    ) -> None:
        self.email = email
        self.user = user
        self.now = now
        self.reader = reader.strip().lower()
        self.against = against
        self.all_issues = all_issues
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
        return typed_of(self.email, self.revision) if self.revision else None

    @property
    def order(self) -> tuple[str, ...]:
        """How the blocks follow one another in the mail."""
        return arrangement.order_in(self.email.template_version.mjml, self.text.order if self.text else ())

    @property
    def movable(self) -> tuple[str, ...]:
        """The kinds of blocks that may change places in it."""
        return arrangement.movable(self.email.template_version.mjml)

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

    # --- the mail --------------------------------------------------------------------------------------------------
    @cached_property
    def mail(self) -> preflight.Mail | None:
        """The text as a mail, rendered once for the preview, the digest and the checks."""
        if self.revision is None:
            return None
        return preflight.Mail(self.email, self.revision, facts=self.facts, count=False)

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
        for kind in self.order:
            lines = [
                SentenceLine(sentence.text, sentence.keys, marks.get((kind, index), ""))
                for index, sentence in enumerate(self.text.block(kind))
            ]
            if lines:
                parts.append(Part(kind, LABELS[kind], lines))
        return parts

    # --- checks and talk -------------------------------------------------------------------------------------------
    @cached_property
    def findings(self) -> list[Finding]:
        """What the preflight found."""
        return preflight.look(self.mail, remember=True) if self.mail else []

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
        if self.look is not None and self.look.before is not None:
            found["looked"] = ("Since you last looked", self.look.before)
        approved = selectors.last_approved(self.email) if self.older else None
        if approved and self.revision and approved.pk != self.revision.pk:
            found["approved"] = ("Last approved", approved)
        if self.draft and self.draft != self.revision:
            found["draft"] = ("The draft", self.draft)
        if self.older:
            found["previous"] = (f"Previous ({self.older[0].number})", self.older[0])
        before = selectors.last_release_text(self.email) if self.revision else None
        if before:
            found["release"] = (f"{before.email.get_step_display()} of {before.email.campaign.release.name}", before)
        if self.revision and self.against.isdecimal() and len(self.against) < 10:
            # However old: the history leads to each of them.
            chosen = self.email.revisions.filter(number=self.against).exclude(pk=self.revision.pk).first()
            if chosen:
                found[self.against] = (f"Revision {chosen.number}", chosen)
        return found

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
    def kept(self) -> dict[str, Any] | None:
        """What this person typed and did not save, on whichever computer; None when there is nothing."""
        row = KeptText.objects.filter(email=self.email, user=self.user).first()
        if row is None:
            return None
        return {"basedOn": str(row.based_on), "at": int(row.at.timestamp() * 1000), "values": row.fields}

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
    def counting(self) -> AudienceCount | None:
        """The last counting of this audience."""
        return counts.row_of(self.email)

    @cached_property
    def counted(self) -> AudienceCounted | None:
        """What it found."""
        return AudienceCounted.from_json(self.counting.facts) if self.counting else None

    @property
    def count_is_old(self) -> bool:
        """Whether the page has it counted again."""
        return self.counting is None or self.counting.at < self.now - counts.FRESH

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

    @cached_property
    def seen(self) -> Seen:
        """What stands on this page: the forms carry it, so that a yes is to this and to nothing newer."""
        facts = self.snapshot.digest if self.snapshot else self.revision.snapshot.digest if self.revision else ""
        return Seen(
            rendition=self.frozen.digest if self.frozen else "",
            audience=self.rule.digest(),
            send_at=moment(self.email.send_at),
            facts=facts,
            people=self.counted.sum.will_be_sent if self.counted else None,
            warnings=marks(self.findings),
        )

    @property
    def ticking(self) -> str:
        """The id of the form that the ticks of the sections belong to; "" when this person decides nothing now."""
        approve, emergency = self.actions.get("approve"), self.actions.get("break_glass")
        if approve and approve.allowed:
            return "decide"
        return "emergency" if emergency and emergency.allowed else ""

    @property
    def may_break_glass(self) -> bool:
        """Whether the emergency way is shown: to who has that right and not the one to approve."""
        return bool(self.user.has_perm(actions.BREAK_GLASS) and not self.user.has_perm(actions.APPROVE))

    @cached_property
    def clocks(self) -> list[times.Clock]:
        """The send time by the product's clock and those of some clients."""
        return times.clocks(self.email, self.counted.zones if self.counted else [])

    @property
    def laws(self) -> dict[str, int]:
        """The mail laws of the audience's countries."""
        return laws.laws_of(self.counted.countries) if self.counted else {}

    @property
    def time_form(self) -> TimeForm:
        """A day and an hour of one's own."""
        return TimeForm(email=self.email)

    @property
    def may_say_still_true(self) -> bool:
        """Whether Jira touched the approved text and the same bytes could be approved on the new facts."""
        still = self.actions.get("still_true")
        if not (self.drift and still and still.allowed):
            return False
        return self.email.state == "approved" or self.email.held_by_approval

    @property
    def moments(self) -> list[times.Moment]:
        """Times that one click chooses."""
        return times.moments(self.now, self.product.time_zone)

    @cached_property
    def correction(self) -> CampaignEmail | None:
        """The correction of this e-mail that is under way or sent."""
        return self.email.corrections.exclude(state="cancelled").first()

    @cached_property
    def reach(self) -> Reach:
        """What a correction of it would do, in figures."""
        return reach(self.email)

    @cached_property
    def seeds(self) -> int:
        """How many seed addresses a test may go to."""
        product = Q(product=self.product.pk) | Q(product__isnull=True)
        return SeedAddress.objects.filter(product).count()

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
    def is_out(self) -> bool:
        """Whether its send began, ended or will never be: what was sent is told, and nothing is approved any more."""
        return self.email.state not in states.UNSENT

    @property
    def is_late(self) -> bool:
        """Whether its moment has passed by more than its limit."""
        return (
            not self.is_out and self.email.send_at is not None and self.now > self.email.send_at + self.email.late_after
        )

    @property
    def is_due(self) -> bool:
        """Whether its moment has come already, so that an approval sends it at once."""
        return self.email.send_at is not None and self.now >= self.email.send_at

    @cached_property
    def place(self) -> selectors.Place:
        """Where it stands among those that await this person."""
        return selectors.place(self.email, self.user, self.now)


def open_email(pk: int) -> CampaignEmail:
    """The e-mail with all that the page needs of its neighbours. Raises DoesNotExist."""
    return CampaignEmail.objects.select_related(
        "campaign__release__product", "campaign__cadence", "template_version__template", "locked_by", "correction_of"
    ).get(pk=pk)


def reader_of(email: CampaignEmail, address: str) -> Contact | None:
    """The contact of that address, if the campaign goes to them."""
    if not address:
        return None
    return audience_rule(email).people().filter(email=address.strip().lower()).select_related("client").first()
