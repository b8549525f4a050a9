"""Whom a mail goes to, as a rule: everybody on some lists, or exactly those who received another e-mail.

One object for all who ask (the preview, the sum, the approval, the sender), so that nobody forgets a part of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.audience import selectors
from campaigns.audience.models import Contact, Subscription, Suppression
from campaigns.audience.selectors import NO_CONSENT, AudienceSum


@dataclass(frozen=True)
class Rule:
    """Lists of a product, or with `received` the receivers of that e-mail, whatever the lists say."""

    product_id: int
    lists: tuple[int, ...] = ()
    received: int | None = None

    def people(self, *, after: int = 0, until: int | None = None) -> QuerySet[Contact]:
        """Everybody it names, who must not be mailed included. Not ordered.

        Args:
            after: only contacts with a higher id, for reading it in steps; until: and up to this one.
        """
        return selectors.recipients(self.lists, received=self.received, after=after, until=until)

    def digest(self) -> str:
        """What an approval names."""
        return selectors.audience_digest(list_ids=self.lists, product_id=self.product_id, received=self.received)

    def sum(self, now: dt.datetime) -> AudienceSum:
        """How many, and how many of them are left out for which reason. Takes seconds for a million."""
        return selectors.audience_sum(list_ids=self.lists, product_id=self.product_id, received=self.received, now=now)

    def part(self, name: str) -> QuerySet[Contact]:
        """The people behind one figure of the sum.

        Args:
            name: "planned", "will_be_sent", or a reason of `selectors.REASONS`; or of those who will be sent it,
                "country-CA" ("country-none" for those of no known country), "interest-CA" for those of a country
                who are mailed on legitimate interest, "unproven" for consent without proof, "without-first_name".

        Raises:
            KeyError: there is no such figure.
        """
        people = self.people()
        if name == "planned":
            return people
        kind, _, value = name.partition("-")
        if kind in _OF_THE_SENT:
            return self.part("will_be_sent").filter(self._of_the_sent(kind, value))
        if name != "will_be_sent" and name not in selectors.REASONS:
            raise KeyError(name)
        suppressed = Suppression.objects.filter(until__isnull=True)
        free = ~Exists(suppressed.filter(email=OuterRef("email")))
        decided = Subscription.objects.filter(contact=OuterRef("pk"), product=self.product_id)
        subscribed = Q(state=Subscription.State.SUBSCRIBED)
        if name == "will_be_sent":
            return people.filter(free, Exists(decided.filter(subscribed)))
        if name == NO_CONSENT:
            return people.filter(free, ~Exists(decided))
        by_address = Q(email__in=suppressed.filter(reason=name).values("email"))
        if name == Suppression.Reason.UNSUBSCRIBED:
            # From everything by the suppression of the address, or from this product alone.
            return people.filter(by_address | Q(free, Exists(decided.filter(~subscribed))))
        return people.filter(by_address)

    def _of_the_sent(self, kind: str, value: str) -> Q:
        agreed = Subscription.objects.filter(contact=OuterRef("pk"), product=self.product_id)
        if kind == "country" and value:
            return Q(client__country="" if value == "none" else value)
        if kind == "interest" and value:
            return Q(Exists(agreed.filter(basis=Subscription.Basis.LEGITIMATE_INTEREST)), client__country=value)
        if kind == "unproven" and not value:
            return Q(Exists(agreed.filter(basis=Subscription.Basis.CONSENT, proof="")))
        if kind == "without" and value in ("first_name", "last_name"):
            return Q(**{value: ""})
        raise KeyError(f"{kind}-{value}")


_OF_THE_SENT = ("country", "interest", "unproven", "without")
