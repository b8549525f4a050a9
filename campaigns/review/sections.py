"""An approval has four sections, each ticked on its own facts. What stood there at that moment is kept with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from campaigns.audience.counting import AudienceCounted
from campaigns.drafting.models import Revision
from campaigns.drafting.text import DraftText
from campaigns.planning.models import CampaignEmail
from campaigns.review import laws
from campaigns.review.models import LeftOut, Rendition
from campaigns.review.preflight import Finding
from campaigns.review.refusals import ReviewRefused

SECTIONS = {
    "content": "Content",
    "audience": "Audience",
    "time": "Time",
    "compliance": "Compliance",
}
# Rules whose findings belong to the last section; all others are about the content.
COMPLIANCE_RULES = frozenset({"identity", "laws"})


def insist(ticked: Collection[str]) -> None:
    """Raise ReviewRefused, naming them, when sections were not ticked."""
    missing = [label for name, label in SECTIONS.items() if name not in ticked]
    if missing:
        raise ReviewRefused(
            f"Not ticked yet: {', '.join(missing).lower()}. An approval says yes to all four; nothing was changed."
        )


def facts_of(
    *,
    email: CampaignEmail,
    revision: Revision,
    text: DraftText,
    frozen: Rendition,
    findings: Sequence[Finding],
    counted: AudienceCounted,
    issue_keys: Collection[str],
) -> dict[str, Any]:
    """What the approver had before them, by section, ready for JSON.

    Args:
        findings: of the preflight, waived ones included, with their reasons.
        issue_keys: every issue of the release that clients may hear of.
    """
    product = email.campaign.release.product
    left_out = {row.key: row.reason for row in LeftOut.objects.filter(email=email)}
    unmentioned = sorted(set(issue_keys) - set(text.keys()))
    return {
        "content": {
            "revision": revision.number,
            "rendition": frozen.digest,
            "template": str(email.template_version),
            "not_mentioned": len(unmentioned),
            "left_out": {key: left_out[key] for key in unmentioned if key in left_out},
            **_judged(finding for finding in findings if finding.rule not in COMPLIANCE_RULES),
        },
        "audience": {
            "lists": [] if email.correction_of_id else sorted(email.campaign.lists.values_list("name", flat=True)),
            "received": str(email.correction_of) if email.correction_of else "",
            "planned": counted.planned,
            "left_out": counted.suppressed,
            "will_be_sent": counted.sum.will_be_sent,
        },
        "time": {
            "send_at": email.send_at.isoformat() if email.send_at else "",
            "zone": product.time_zone,
            "local_time": email.local_time,
            "needs_release": email.needs_release,
        },
        "compliance": {
            "from": frozen.from_address,
            "reply_to": frozen.reply_to,
            "postal_address": product.postal_address,
            "countries": counted.countries,
            "laws": laws.laws_of(counted.countries),
            **_judged(finding for finding in findings if finding.rule in COMPLIANCE_RULES),
        },
    }


def _judged(findings: Any) -> dict[str, Any]:
    """Open warnings and waived findings, in words."""
    warnings, waived = [], []
    for finding in findings:
        if finding.waiver is None:
            warnings.append(f"{finding.title}: {finding.message}")
        else:
            waived.append(
                {
                    "finding": f"{finding.title}: {finding.message}",
                    "words": finding.waiver.words,
                    "revision": finding.waiver.revision_number,
                    "reason": finding.waiver.reason,
                    "by": str(finding.waiver.by),
                    "at": finding.waiver.at.isoformat(),
                }
            )
    return {"warnings": warnings, "waived": waived}
