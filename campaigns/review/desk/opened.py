"""What every column of the page goes by: the e-mail, its text, the facts."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from campaigns.drafting import selectors as drafts
from campaigns.drafting.facts import Facts
from campaigns.drafting.models import Revision
from campaigns.drafting.text import DraftText
from campaigns.planning.models import CampaignEmail
from releases.models import Snapshot


class Opened:
    """One e-mail as one person opens it now. Attributes are read when the page asks for them, once each."""

    def __init__(
        self,
        email: CampaignEmail,
        user: Any,
        now: dt.datetime,
        *,
        reader: str = "",
        against: str = "",
        all_issues: bool = False,
        whole_history: bool = False,
    ) -> None:
        self.email = email
        self.user = user
        self.now = now
        self.reader = reader.strip().lower()
        self.against = against
        self.all_issues = all_issues
        self.whole_history = whole_history
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
    def snapshot(self) -> Snapshot | None:
        """The newest facts, of which `facts` holds the content."""
        return self.release.snapshots.defer("facts").order_by("-number").first()

    @cached_property
    def facts(self) -> Facts:
        """The newest facts, read into names."""
        return drafts.facts_of(self.snapshot) if self.snapshot else Facts.from_json({})
