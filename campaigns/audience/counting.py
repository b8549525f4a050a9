"""Count an audience in one pass: the sum, the countries, on which basis people are mailed, whose name is not known.

For a million people this takes seconds, so what comes out is kept and shown again; see review/services/counting.py.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Length

from campaigns.audience.models import Client, Subscription, Suppression
from campaigns.audience.rule import Rule
from campaigns.audience.selectors import AudienceSum, reason_of

SAMPLES = 3
# What fills the placeholders of that name.
_NAMES = {"first_name": "first_name", "last_name": "last_name", "client_name": "client__name"}


@dataclass(frozen=True)
class AudienceCounted:
    """What was counted. All figures but `planned` and `suppressed` are of those who would be sent the mail.

    `legitimate_interest` and `unproven_consent` count people by country; `without` those without a name;
    `longest` is how many characters the longest first name, last name and client's name have; `zones` are some clients
    who, or whose people, have another time zone than the product: (name, zone).
    """

    planned: int = 0
    suppressed: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    legitimate_interest: dict[str, int] = field(default_factory=dict)
    unproven_consent: dict[str, int] = field(default_factory=dict)
    without: dict[str, int] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    zones: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sum(self) -> AudienceSum:
        """planned minus each reason."""
        return AudienceSum(self.planned, self.suppressed)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> AudienceCounted:
        """Read what was kept; what an older version did not count is empty."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        known["zones"] = [(name, zone) for name, zone in known.get("zones", [])]
        return cls(**known)


def count(rule: Rule, *, product_zone: str, now: dt.datetime) -> AudienceCounted:
    """Count everybody whom a rule names, in one query, and find some clients with other time zones in up to four.

    Args:
        product_zone: the IANA zone of the product; a client in the same one tells nothing new.
        now: the moment of the question.
    """
    suppression = Suppression.objects.filter(email=OuterRef("email"), until__isnull=True).order_by()
    people: Any = rule.people().annotate(
        suppression=Subquery(suppression.values("reason")[:1]),
        agreed=FilteredRelation("subscriptions", condition=Q(subscriptions__product=rule.product_id)),
        unproven=_is(agreed__basis=Subscription.Basis.CONSENT, agreed__proof=""),
        no_first=_is(first_name=""),
        no_last=_is(last_name=""),
    )
    columns = ("suppression", "agreed__state", "agreed__basis", "client__country", "unproven", "no_first", "no_last")
    planned = 0
    suppressed: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    interest: Counter[str] = Counter()
    unproven: Counter[str] = Counter()
    without: Counter[str] = Counter()
    longest: Counter[str] = Counter()
    lengths = {f"longest_{name}": Max(Length(column)) for name, column in _NAMES.items()}
    for row in people.values(*columns).annotate(people=Count("pk"), **lengths).order_by():
        number, country = row["people"], row["client__country"] or ""
        planned += number
        reason = reason_of(row["suppression"], row["agreed__state"])
        if reason:
            suppressed[reason] += number
            continue
        countries[country] += number
        if row["agreed__basis"] == Subscription.Basis.LEGITIMATE_INTEREST:
            interest[country] += number
        if row["unproven"]:
            unproven[country] += number
        for name in _NAMES:
            longest[name] = max(longest[name], row[f"longest_{name}"] or 0)
        without["first_name"] += number * row["no_first"]
        without["last_name"] += number * row["no_last"]
    return AudienceCounted(
        planned=planned, suppressed=dict(suppressed), countries=dict(countries.most_common()),
        legitimate_interest=dict(interest), unproven_consent=dict(unproven), without=dict(+without),
        longest=dict(+longest), zones=_zones(rule, product_zone),
    )  # fmt: skip


def _is(**conditions: Any) -> Case:
    return Case(When(Q(**conditions), then=Value(True)), default=Value(False), output_field=BooleanField())


def _zones(rule: Rule, product_zone: str) -> list[tuple[str, str]]:
    """Some clients of the audience, each in a zone of its own: the client's, or that of one of its people.

    The sender goes by the person's first. Clients are few and asked first; each further question ends at its first row.
    """
    clients = (
        Client.objects.exclude(time_zone__in=["", product_zone])
        .filter(Exists(rule.people().filter(client=OuterRef("pk"))))
        .order_by("pk")
    )
    found: dict[str, str] = {}
    for name, zone in clients.values_list("name", "time_zone")[:200]:
        found.setdefault(zone, name)
        if len(found) == SAMPLES:
            break
    while len(found) < SAMPLES:
        others = rule.people().exclude(time_zone__in=["", product_zone, *found]).order_by("pk")
        person = others.values_list("client__name", "time_zone").first()
        if person is None:
            break
        found[person[1]] = person[0]
    return [(name, zone) for zone, name in found.items()]
