"""Whom a thing concerns: asked for all e-mails of one tick together, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from django.contrib.auth import get_user_model

from campaigns.drafting.models import Revision
from campaigns.permissions import holders
from campaigns.planning.models import CampaignEmail, Transition
from campaigns.review.models import Approval

EDIT = "campaigns.edit_campaignemail"
APPROVE = "campaigns.approve_campaignemail"
HOLD = "campaigns.hold_campaign"
SEND = "campaigns.send_campaignemail"


class People:
    """Who may do what, and who wrote, submitted and approved these e-mails. Answers are ids of active users."""

    def __init__(self, emails: Iterable[CampaignEmail]) -> None:
        self.emails = {email.pk: email for email in emails}

    @cached_property
    def editors(self) -> set[int]:
        """Everybody who may edit."""
        return _with(EDIT)

    @cached_property
    def approvers(self) -> set[int]:
        """Everybody who may approve."""
        return _with(APPROVE)

    @cached_property
    def holders(self) -> set[int]:
        """Everybody who may hold and give back."""
        return _with(HOLD)

    @cached_property
    def senders(self) -> set[int]:
        """Everybody who may pause, resume and cancel a send."""
        return _with(SEND)

    @cached_property
    def _active(self) -> set[int]:
        return set(get_user_model().objects.filter(is_active=True).values_list("pk", flat=True))

    @cached_property
    def _authors(self) -> dict[int, list[int | None]]:
        """The authors of each e-mail's revisions, the newest last; None is a model."""
        found: dict[int, list[int | None]] = defaultdict(list)
        rows = Revision.objects.filter(email__in=self.emails).order_by("number").values_list("email_id", "author_id")
        for email_id, author_id in rows:
            found[email_id].append(author_id)
        return found

    @cached_property
    def _submitters(self) -> dict[int, int]:
        """Who submitted each e-mail last."""
        rows = Transition.objects.filter(email__in=self.emails, what="email", after="in_review", by__isnull=False)
        return dict(rows.order_by("pk").values_list("email_id", "by_id"))

    @cached_property
    def _voided(self) -> dict[int, int]:
        """Whose approval of each e-mail was voided last."""
        rows = Approval.objects.filter(email__in=self.emails, decision="approved", voided_at__isnull=False)
        return dict(rows.order_by("voided_at", "pk").values_list("email_id", "by_id"))

    @cached_property
    def _approved(self) -> dict[int, int]:
        """Who approved each e-mail last, void since or not."""
        rows = Approval.objects.filter(email__in=self.emails, decision="approved", by__isnull=False)
        return dict(rows.order_by("at", "pk").values_list("email_id", "by_id"))

    @cached_property
    def _emergencies(self) -> set[tuple[int, dt.datetime]]:
        """Which e-mails were approved in an emergency, and when."""
        return set(Approval.objects.filter(email__in=self.emails, break_glass=True).values_list("email_id", "at"))

    def in_emergency(self, email: CampaignEmail, at: dt.datetime) -> bool:
        """Whether the approval of this moment was given without the role that approves."""
        return (email.pk, at) in self._emergencies

    def writers(self, email: CampaignEmail) -> set[int]:
        """Whose text it is: its authors, who submitted it, and the campaign's owner; without any, all editors."""
        found = {*self._authors[email.pk], self._submitters.get(email.pk), email.campaign.owner_id} - {None}
        return {pk for pk in found if pk in self._active} or self.editors

    def deciders(self, email: CampaignEmail) -> set[int]:
        """Who may say yes to its current text: the last editor only where the product allows it."""
        authors = self._authors[email.pk]
        if not authors or email.campaign.release.product.self_approval:
            return self.approvers
        return {pk for pk in self.approvers if pk != authors[-1]}

    def approver(self, email: CampaignEmail) -> set[int]:
        """Who gave the approval that was voided last."""
        return {self._voided[email.pk]} & self._active if email.pk in self._voided else set()

    def who_approved(self, email: CampaignEmail) -> set[int]:
        """Who gave its last approval."""
        return {self._approved[email.pk]} & self._active if email.pk in self._approved else set()

    def named(self, names: Iterable[str]) -> dict[str, int]:
        """Active users by user name in lower case."""
        wanted = {name.lower() for name in names}
        if not wanted:
            return {}
        people = get_user_model().objects.filter(pk__in=self.editors | self.approvers | self.holders)
        found = {name.lower(): pk for name, pk in people.values_list("username", "pk")}
        return {name: found[name] for name in wanted if name in found}


def _with(permission: str) -> set[int]:
    return set(holders(permission).values_list("pk", flat=True))
