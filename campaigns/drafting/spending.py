"""What the model costs: prices from the settings, sums from the rows of runs, and the month's budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Q, Sum

from campaigns.drafting.models import DraftRun, PromptEvaluation
from campaigns.drafting.openai_drafter import MOST_TOKENS, CallRecord

_MILLION = Decimal(1_000_000)
_CENTS = Decimal("0.000001")
#: What a column holds; no call costs so much, but a server may count anything.
_MOST_COST = Decimal("999999.999999")


def cost_of(record: CallRecord) -> Decimal | None:
    """What a try cost by OPENAI_PRICES; None when the model has no price or the server did not count tokens."""
    price = settings.OPENAI_PRICES.get(record.model)
    if price is None or record.input_tokens is None or record.output_tokens is None:
        return None
    given, made = (Decimal(str(part)) for part in price)
    return min((given * record.input_tokens + made * record.output_tokens) / _MILLION, _MOST_COST).quantize(_CENTS)


def money(sum_of: Decimal, places: int = 2) -> str:
    """A sum with the currency of the prices: "1.25 USD"."""
    return f"{sum_of:.{places}f} {settings.OPENAI_CURRENCY}"


@dataclass(frozen=True)
class Spending:
    """What was spent in a month (UTC): the known sum, and how many runs that used tokens have no known cost."""

    month: dt.date
    known: Decimal
    unknown_runs: int

    @property
    def budget(self) -> Decimal:
        """The budget of a month; 0 is no limit."""
        return Decimal(str(settings.OPENAI_MONTHLY_BUDGET))

    @property
    def said(self) -> str:
        """The sum, of the budget if there is one, in the currency of the prices."""
        return f"{self.known:.2f} of {money(self.budget)}" if self.budget else money(self.known)


def spending(now: dt.datetime) -> Spending:
    """What was spent in the month of `now`, drafts and evaluations together. Two queries."""
    first = now.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    runs = DraftRun.objects.filter(at__gte=first).aggregate(
        sum=Sum("cost"), unknown=Count("pk", filter=Q(cost__isnull=True, transport__gt="", request_id__gt=""))
    )
    evaluated = PromptEvaluation.objects.filter(at__gte=first).aggregate(sum=Sum("cost"), unknown=Sum("uncounted"))
    known = (runs["sum"] or Decimal(0)) + (evaluated["sum"] or Decimal(0))
    return Spending(first.date(), known, runs["unknown"] + (evaluated["unknown"] or 0))


@dataclass(frozen=True)
class Total:
    """What several tries cost together: the known sum, the tokens, and how many tries have no known cost."""

    cost: Decimal | None
    uncounted: int
    input_tokens: int
    output_tokens: int


def total_of(records: Sequence[CallRecord]) -> Total:
    """Add up the tries of one evaluation. One without a known cost takes nothing away from the others."""
    costs = [cost_of(record) for record in records]
    known = [cost for cost in costs if cost is not None]
    return Total(
        cost=min(sum(known, Decimal(0)), _MOST_COST) if known or not records else None,
        uncounted=len(costs) - len(known),
        input_tokens=min(sum(record.input_tokens or 0 for record in records), MOST_TOKENS),
        output_tokens=min(sum(record.output_tokens or 0 for record in records), MOST_TOKENS),
    )


def budget_problem(now: dt.datetime, *, further: Decimal = Decimal(0)) -> str:
    """ "" while the model may be asked, else why not, in a sentence for people.

    `further` was spent and is in no row yet.

    A model whose price nobody told cannot be asked under a budget: nothing would ever be counted. The draft that
    crosses the line is still paid for; workers that ask at the same moment may cross it together.
    """
    if not settings.OPENAI_MONTHLY_BUDGET:
        return ""
    if settings.OPENAI_MODEL not in settings.OPENAI_PRICES:
        return (
            f"OPENAI_MONTHLY_BUDGET is set, but OPENAI_PRICES has no price for {settings.OPENAI_MODEL}, "
            "so what it costs cannot be counted."
        )
    spent = spending(now)
    known = spent.known + further
    if known < spent.budget:
        return ""
    return (
        f"The OpenAI budget of {spent.month:%B} is used up: {known:.2f} of {money(spent.budget)} were spent. "
        "It starts anew with the next month (UTC), or raise OPENAI_MONTHLY_BUDGET."
    )
