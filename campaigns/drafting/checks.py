"""All checks of a draft in one call: its sources, what must never go out, and the job of the mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from campaigns.drafting import grounding, hostile, jobs
from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import Finding
from campaigns.drafting.text import DraftText


def check(
    text: DraftText, facts: Facts | Mapping[str, Any], *, step: str = "", allowed_hosts: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with a draft: blocking findings first, then warnings, each in the order of the text.

    Args:
        text: the draft.
        facts: of the release, as read or as the JSON of the snapshot.
        step: "announcement", "reminder", "release_day" or "follow_up"; without it the job of the mail is not checked.
        allowed_hosts: hosts that links may lead to.
    """
    known = facts if isinstance(facts, Facts) else Facts.from_json(facts)
    findings = [
        *hostile.check(text, known, allowed_hosts=allowed_hosts),
        *grounding.check(text, known),
        *jobs.check(text, known, step),
    ]
    return sorted(findings, key=lambda finding: not finding.blocks)
