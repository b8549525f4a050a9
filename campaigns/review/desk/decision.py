"""Who may do what with it now, and what an approval says yes to."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from campaigns import states
from campaigns.audience.counting import AudienceCounted
from campaigns.planning.forms import TimeForm
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, counts, drift, laws, selectors, times
from campaigns.review.desk.talk import Talk
from campaigns.review.drift import ChangedFact, by_fact
from campaigns.review.models import Approval, AudienceCount, SeedAddress
from campaigns.review.seen import Seen, marks, moment
from campaigns.review.services.correcting import Reach, reach


class Decision(Talk):
    """Actions, the approval, the audience, the time, a correction."""

    @cached_property
    def actions(self) -> dict[str, actions.Action]:
        """Verb -> whether this person may do it now, and why not."""
        found = actions.actions(
            self.email, self.user, revision=self.revision, now=self.now, blocking=len(self.blocking)
        )
        return {action.verb: action for action in found}

    @property
    def approval(self) -> Approval | None:
        """The open approval."""
        return self.approved if self.approved and not self.approved.voided_at else None

    @cached_property
    def approval_problem(self) -> str:
        """Why the open approval does not send; "" when it does, and when nothing is left to be sent by it."""
        if self.approval is None or states.EMAIL[self.email.state].final:
            return ""
        return selectors.approval_problem(self.email, self.now)

    @property
    def voided(self) -> Approval | None:
        """The newest approval when it was voided: the page says why."""
        return self.approved if self.approved and self.approved.voided_at else None

    @cached_property
    def asked(self) -> Approval | None:
        """Who asked for the changes that the text still needs, when and with which words."""
        if self.email.state != "needs_changes":
            return None
        return self.email.approvals.filter(decision=Approval.Decision.CHANGES_REQUESTED).select_related("by").first()

    @cached_property
    def drift(self) -> list[drift.Drift]:
        """What Jira changed under this very text since it was approved, sentence by sentence."""
        approval = self.approval or self.voided
        if approval is None or self.revision is None or approval.revision_id != self.revision.pk:
            return []
        return selectors.drift_of(self.email, approval)

    @property
    def changed_facts(self) -> list[ChangedFact]:
        """The same by fact: what it was and is, and the sentences that rest on it."""
        return by_fact(self.drift)

    @cached_property
    def counting(self) -> AudienceCount | None:
        """The last counting of this audience."""
        return self.mail.counting if self.mail else counts.row_of(self.email, self.rule)

    @cached_property
    def counted(self) -> AudienceCounted | None:
        """What it found."""
        return self.mail.counted if self.mail else counts.found(self.counting)

    @property
    def count_is_old(self) -> bool:
        """Whether the page has it counted again."""
        return self.counting is None or self.counting.at < self.now - counts.FRESH

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
    def after_withdrawing(self) -> str:
        """What becomes of it when its approval or its submission is taken back."""
        return actions.after_withdrawing(self.email)

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

    @property
    def may_say_still_true(self) -> bool:
        """Whether Jira touched the approved text and the same bytes could be approved on the new facts."""
        still = self.actions.get("still_true")
        if not (self.drift and still and still.allowed):
            return False
        return self.email.state == "approved" or self.email.held_by_approval

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
