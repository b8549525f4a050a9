"""The mail exactly as it will be sent, to one reader."""

from __future__ import annotations

from functools import cached_property

from campaigns.audience.models import Contact
from campaigns.audience.rule import Rule
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review import preflight, rendition
from campaigns.review.desk.sources import SourcesColumn

CONTACTS_SHOWN = 20


class MailColumn(SourcesColumn):
    """The rendered mail and whom it is shown as."""

    @cached_property
    def mail(self) -> preflight.Mail | None:
        """The text as a mail, rendered once for the preview, the digest and the checks."""
        if self.revision is None:
            return None
        return preflight.Mail(self.email, self.revision, facts=self.facts, rule=self.rule, count=False)

    @property
    def frozen(self) -> rendition.Frozen | None:
        """What would be frozen by an approval now; None when it cannot be rendered."""
        return self.mail.frozen if self.mail else None

    @property
    def render_problem(self) -> str:
        """Why it cannot be rendered."""
        return self.mail.problem if self.mail else ""

    @cached_property
    def rule(self) -> Rule:
        """Whom it goes to."""
        return audience_rule(self.email)

    @cached_property
    def contacts(self) -> list[Contact]:
        """Some of the people it goes to, to look at the mail as one of them."""
        return list(self.rule.people().select_related("client").order_by("pk")[:CONTACTS_SHOWN])

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


def reader_of(email: CampaignEmail, address: str) -> Contact | None:
    """The contact of that address, if the campaign goes to them."""
    if not address:
        return None
    return audience_rule(email).people().filter(email=address.strip().lower()).select_related("client").first()
