"""The verbs of prompts: hold a version against the regression set, and put a version live that passed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.drafting import evaluating, prompt_versions, spending
from campaigns.drafting.evaluating import Outcome
from campaigns.drafting.models import PromptEvaluation
from campaigns.drafting.openai_drafter import OpenAIDrafter
from campaigns.drafting.services import DraftRefused, options
from campaigns.permissions import require
from releases.models import Product

logger = logging.getLogger(__name__)

PUT_LIVE = "campaigns.change_promptevaluation"


def evaluate_prompt(
    *, version: str, by: Any = None, now: dt.datetime, tell: Callable[[Outcome], None] = lambda outcome: None
) -> PromptEvaluation:
    """Ask the configured model for every mail of the regression set and keep how it went. Takes minutes and money.

    Raises:
        PermissionDenied: a person without the right asked for it.
        DraftRefused: no such version, no key, the month's budget is used up, also between two mails, or the model
            cannot be asked at all. What was asked by then is kept with its cost.
    """
    require(by, PUT_LIVE)
    _known(version)
    if not settings.OPENAI_API_KEY:
        raise DraftRefused("No OpenAI key is set, so there is no model to hold the prompts against.")
    if problem := spending.budget_problem(now):
        raise DraftRefused(problem)
    digest = prompt_versions.digest_of(version)
    languages = languages_written()
    drafter = OpenAIDrafter(options(version))
    found = evaluating.evaluate(
        drafter,
        evaluating.cases(languages),
        tell=tell,
        hindrance=lambda records: spending.budget_problem(now, further=spending.total_of(records).cost or Decimal(0)),
    )
    spent = spending.total_of(found.records)
    row = PromptEvaluation.objects.create(
        version=version,
        digest=digest,
        model=drafter.options.model[:100],
        transport=drafter.options.speaks,
        passed=found.passed,
        mails=len(found.outcomes),
        report=[outcome.to_json() for outcome in found.outcomes],
        cost=spent.cost,
        uncounted=spent.uncounted,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        stopped=found.stopped[:500],
        seconds=sum(record.seconds for record in found.records),
        by=by,
        at=now,
    )
    if row.stopped:
        raise DraftRefused(
            f"{row.stopped} The evaluation ended after {row.mails} mails and is no verdict; what it cost is kept."
        )
    return row


def languages_written() -> set[str]:
    """The languages of active products; cases in others are not asked for."""
    return set(Product.objects.filter(active=True).values_list("language", flat=True))


def make_prompt_live(*, version: str, by: Any = None, now: dt.datetime) -> PromptEvaluation:
    """Let drafts be asked with this version from now on.

    Raises:
        PermissionDenied: a person without the right asked for it.
        DraftRefused: its newest evaluation failed, or there is none of the files as they are now.
    """
    require(by, PUT_LIVE)
    _known(version)
    digest = prompt_versions.digest_of(version)
    with transaction.atomic():
        rows = PromptEvaluation.objects.select_for_update().filter(version=version)
        newest = rows.filter(digest=digest, stopped="").order_by("-at", "-pk").first()
        if newest is None:
            changed = " since its files were changed" if rows.exists() else ""
            raise DraftRefused(
                f"The prompts {version} have not been evaluated{changed}. Run manage.py evaluate_drafts {version} "
                "first; nothing was changed."
            )
        if not newest.passed:
            raise DraftRefused(
                f"The prompts {version} did not pass the evaluation with {newest.model} on {newest.at:%d %b %Y}. "
                "Mend them and evaluate again; nothing was changed."
            )
        PromptEvaluation.objects.filter(live=True).exclude(pk=newest.pk).update(live=False)
        newest.live, newest.live_since = True, now
        newest.save(update_fields=["live", "live_since"])
    logger.info("prompts %s are live", version)
    return newest


def _known(version: str) -> None:
    if version not in prompt_versions.versions():
        known = ", ".join(prompt_versions.versions())
        raise DraftRefused(f"There are no prompts {version!r}; there are {known}.")
