"""Everything that is looked at before a person may submit or approve: one file a rule, listed here in reading order."""

from __future__ import annotations

import datetime as dt

from campaigns.drafting.models import Revision
from campaigns.planning.models import CampaignEmail
from campaigns.review.preflight import (
    action,
    breaking,
    contrast,
    dangers,
    house,
    identity,
    images,
    laws,
    length,
    links,
    parts,
    placeholders,
    preheader,
    reachable,
    readability,
    rendering,
    series,
    shouting,
    size,
    sources,
    step,
    subject,
)
from campaigns.review.preflight.findings import BLOCKING, WARNING, Finding, Rule, finding
from campaigns.review.preflight.mail import Mail

RULES: tuple[Rule, ...] = (
    rendering.RULE, sources.RULE, dangers.RULE, house.RULE, breaking.RULE, placeholders.RULE, identity.RULE, laws.RULE,
    links.RULE, reachable.RULE, subject.RULE, preheader.RULE, length.RULE, step.RULE, series.RULE, action.RULE,
    shouting.RULE, readability.RULE, parts.RULE, images.RULE, contrast.RULE, size.RULE,
)  # fmt: skip

__all__ = ["BLOCKING", "RULES", "WARNING", "Finding", "Mail", "look", "run"]


def run(email: CampaignEmail, revision: Revision, now: dt.datetime) -> list[Finding]:
    """Hold one text against every rule.

    Args:
        now: for rules that depend on the day; none does yet.

    Returns:
        The findings, blocking ones first, waived ones marked. The same text gives the same fingerprints.
    """
    return look(Mail(email, revision))


def look(mail: Mail) -> list[Finding]:
    """The same for a mail that the caller has made already."""
    waivers = {waiver.fingerprint: waiver for waiver in mail.email.waivers.select_related("by")}
    found: dict[str, Finding] = {}
    for rule in RULES:
        for item in rule.check(mail):
            made = finding(rule, item, waivers)
            found.setdefault(made.fingerprint, made)
    return sorted(found.values(), key=lambda item: (item.waiver is not None, not item.blocking))
