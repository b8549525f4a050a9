"""Reads that other steps ask: who is on these lists, who of them must not be mailed, and how many are left."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from campaigns import given
from campaigns.audience import addresses
from campaigns.audience.models import Contact, ListMembership, Subscription, Suppression

NO_CONSENT = "no_consent"

# Every reason for which a recipient is left out, with the words that pages show.
REASONS: dict[str, str] = {**dict(Suppression.Reason.choices), "unsubscribed": "Unsubscribed", NO_CONSENT: "No consent"}

# Rows asked about in one query. SQLite takes 32,766 values, two are needed for each contact.
_AT_ONCE = 10_000


@dataclass(frozen=True)
class AudienceSum:
    """planned - everyone in `suppressed` = will_be_sent. `suppressed` counts each person once, under one reason."""

    planned: int
    suppressed: dict[str, int] = field(default_factory=dict)

    @property
    def will_be_sent(self) -> int:
        """How many would get the mail if it went out now."""
        return self.planned - sum(self.suppressed.values())

    @property
    def lines(self) -> list[tuple[str, int]]:
        """The reasons in words with their counts, the largest first."""
        return [(label, count) for _, label, count in self.parts]

    @property
    def parts(self) -> list[tuple[str, str, int]]:
        """The reasons as (key of REASONS, words, count), the largest first."""
        counts = sorted(self.suppressed.items(), key=lambda item: (-item[1], item[0]))
        return [(reason, REASONS[reason], count) for reason, count in counts]


def recipients(
    list_ids: Iterable[int], *, received: int | None = None, after: int = 0, until: int | None = None
) -> QuerySet[Contact]:
    """Everyone on any of the lists, once each, without erased people. Not ordered; read it in steps of `id`.

    An EXISTS by the index of (list, contact) and not a join: nobody comes twice. The step is asked of the lists as
    well as of the contacts, for PostgreSQL does not draw that conclusion itself and would read all of a list for each.

    Args:
        received: the id of an e-mail; then exactly those whose message of it SES accepted, whatever the lists say.
            Messages are reached through the contact, because the room that sends comes after this one.
        after: a step of it: only contacts with a higher id,
        until: and up to this one.
    """
    step: dict[str, Any] = {"gt": after} if after else {}
    if until is not None:
        step["lte"] = until
    people = Contact.objects.filter(erased_at__isnull=True, **{f"pk__{name}": pk for name, pk in step.items()})
    if received is not None:
        # There is one message for each e-mail and contact, so this join brings nobody twice.
        theirs = {f"messages__contact_id__{name}": pk for name, pk in step.items()}
        return people.filter(messages__email=received, messages__state="accepted", **theirs).order_by()
    on_a_list = ListMembership.objects.filter(
        contact=OuterRef("pk"), contact_list__in=sorted(set(list_ids)),
        **{f"contact_id__{name}": pk for name, pk in step.items()},
    )  # fmt: skip
    return people.filter(Exists(on_a_list)).order_by()


def refusals(*, product_id: int, contacts: Sequence[tuple[int, str]], now: dt.datetime) -> dict[int, str]:
    """Who of these must not be mailed about the product, and why: {contact id: a key of REASONS}.

    This is the question the sender asks in the claim itself, so it is one query for all of them: open suppressions by
    address, subscriptions by contact. A suppression goes before a missing consent.

    Args:
        product_id: the product the mail is about.
        contacts: pairs of contact id and the address that would be mailed.
        now: the moment of the question. Every suppression that is open counts, also one that came in this second.
    """
    found: dict[int, str] = {}
    for start in range(0, len(contacts), _AT_ONCE):
        found.update(_refusals(product_id, contacts[start : start + _AT_ONCE]))
    return found


def _refusals(product_id: int, contacts: Sequence[tuple[int, str]]) -> dict[int, str]:
    # A message may have been prepared before its person was erased, so the digest is looked for as well.
    columns = {"id": int, "email": str, "digest": str}
    people = [(pk, address.lower(), addresses.digest(address.lower())) for pk, address in contacts]
    # Only names of our own columns stand in this statement; every value is a parameter.
    statement = f"""
        SELECT person.id, erased.reason, suppressed.reason, subscription.state
        FROM {given.table("person", columns)}
        LEFT JOIN {Suppression._meta.db_table} erased ON erased.email = person.digest AND erased.until IS NULL
        LEFT JOIN {Suppression._meta.db_table} suppressed
            ON suppressed.email = person.email AND suppressed.until IS NULL
        LEFT JOIN {Subscription._meta.db_table} subscription
            ON subscription.contact_id = person.id AND subscription.product_id = %s
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given.parameters(people, columns), product_id])
        found = {pk: reason_of(erased or suppressed, consent) for pk, erased, suppressed, consent in cursor.fetchall()}
    return {pk: reason for pk, reason in found.items() if reason}


def audience_sum(
    *, list_ids: Iterable[int], product_id: int, now: dt.datetime, received: int | None = None
) -> AudienceSum:
    """How many are on the lists, how many of them are left out for which reason, and how many are left. One query.

    The database counts pairs of (suppression, consent), and which of the two is the reason is decided here: said in
    SQL, each would be looked up several times for each of a million people.
    """
    suppression = Suppression.objects.filter(email=OuterRef("email"), until__isnull=True).order_by()
    subscription = Subscription.objects.filter(contact=OuterRef("pk"), product_id=product_id).order_by()
    people: Any = recipients(list_ids, received=received).annotate(
        suppression=Subquery(suppression.values("reason")[:1]), consent=Subquery(subscription.values("state")[:1])
    )
    counts: Counter[str] = Counter()
    for row in people.values("suppression", "consent").annotate(people=Count("pk")).order_by():
        counts[reason_of(row["suppression"], row["consent"])] += row["people"]
    return AudienceSum(planned=counts.total(), suppressed={reason: count for reason, count in counts.items() if reason})


def reason_of(suppression: str | None, consent: str | None) -> str:
    """A key of REASONS, or "" for who may be mailed. A suppression goes before a missing consent."""
    if suppression:
        return suppression
    if consent is None:
        return NO_CONSENT
    return "" if consent == Subscription.State.SUBSCRIBED else "unsubscribed"


def audience_digest(*, list_ids: Iterable[int], product_id: int, received: int | None = None) -> str:
    """SHA-256 of the audience as a rule: which lists or which e-mail's receivers, which product. An approval names it.

    The rule and not the people: a client who joins a list or unsubscribes after the approval must count at once, while
    another list is another decision.
    """
    rule: dict[str, Any] = {"lists": sorted(set(list_ids)), "product": product_id}
    if received is not None:
        rule = {"received": received, "product": product_id}
    return hashlib.sha256(json.dumps(rule, sort_keys=True).encode()).hexdigest()
