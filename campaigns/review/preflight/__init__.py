"""Everything that is looked at before a person may submit or approve: one file a rule, listed here in reading order."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable

from campaigns.drafting.models import Revision
from campaigns.planning.models import CampaignEmail
from campaigns.review.models import Waiver
from campaigns.review.preflight import (
    action,
    breaking,
    contrast,
    dangers,
    further_mail,
    house,
    identity,
    images,
    known_problems,
    laws,
    length,
    links,
    may_break,
    parts,
    placeholders,
    preheader,
    reachable,
    readability,
    release_date,
    rendering,
    series,
    shouting,
    size,
    sources,
    step,
    subject,
)
from campaigns.review.preflight.findings import BLOCKING, WARNING, Finding, Found, Rule, finding
from campaigns.review.preflight.mail import Mail

RULES: tuple[Rule, ...] = (
    rendering.RULE, sources.RULE, dangers.RULE, house.RULE, breaking.RULE, may_break.RULE, known_problems.RULE,
    placeholders.RULE, identity.RULE, laws.RULE, links.RULE, reachable.RULE, subject.RULE, preheader.RULE,
    length.RULE, release_date.RULE, step.RULE, series.RULE, further_mail.RULE, action.RULE, shouting.RULE,
    readability.RULE, parts.RULE, images.RULE, contrast.RULE, size.RULE,
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


def look(mail: Mail, *, remember: bool = False, waived: Iterable[Waiver] | None = None) -> list[Finding]:
    """The same for a mail that the caller has made already.

    Args:
        remember: whether what was found for the very same input a moment ago will do. Pages may say so; a verb looks
            anew.
        waived: its waivers, when the caller has read them already.
    """
    if waived is None:
        waived = mail.email.waivers.select_related("by")
    waivers = {waiver.fingerprint: waiver for waiver in waived}
    found: dict[str, Finding] = {}
    for rule, item in _remembered(mail) if remember else _look(mail):
        made = finding(rule, item, waivers)
        found.setdefault(made.fingerprint, made)
    return sorted(found.values(), key=lambda item: (item.waiver is not None, not item.blocking))


def _look(mail: Mail) -> list[tuple[Rule, Found]]:
    return [(rule, item) for rule in RULES for item in rule.check(mail)]


# The rules look at nothing but what the key names, so an entry never turns wrong; the oldest makes room.
_MOST_REMEMBERED = 64
_found: OrderedDict[tuple[object, ...], list[tuple[Rule, Found]]] = OrderedDict()


def _remembered(mail: Mail) -> list[tuple[Rule, Found]]:
    key = mail.key()
    try:
        kept = _found.pop(key)
    except KeyError:
        kept = _look(mail)
    _found[key] = kept
    while len(_found) > _MOST_REMEMBERED:
        with contextlib.suppress(KeyError):  # another thread was faster
            _found.popitem(last=False)
    return kept
