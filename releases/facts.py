"""The facts of a release that drafts may rest on, and their digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from releases.models import Issue, Release
from releases.text import shortened

#: Of an issue these are shown beside a text but are no facts for a client: a comment in Jira changes `updated`, and
#: Resolved becomes Closed some day. If they counted, approvals would be voided for nothing.
_NOISE = ("updated", "status")
#: Characters of a description that become facts; whole pages of log output would only drown them.
DESCRIPTION = 4_000


def facts_of(release: Release, issues: Iterable[Issue]) -> dict[str, Any]:
    """The facts as a JSON-ready dictionary. `issues` are the release's, removed ones left out.

    What is open is under `known_problems` and never under `issues`, which are what the release brings. Excluded issues
    keep key and reason; the summary of one with a security level stays out, too.
    """
    shown: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    excluded: list[dict[str, Any]] = []
    for issue in sorted(issues, key=lambda row: _order(row.key)):
        if issue.visibility == Issue.Visibility.CLIENT:
            (problems if issue.known_problem else shown).append(_issue(issue))
        else:
            summary = "" if issue.security_level else issue.summary
            excluded.append({"key": issue.key, "summary": summary, "reason": issue.visibility_reason})
    product: dict[str, Any] = {"key": release.product.jira_key, "name": release.product.name}
    if release.product.further_keys:
        product["further_keys"] = sorted(release.product.further_keys)
    return {
        "product": product,
        "release": {
            "name": release.name,
            "release_date": release.release_date.isoformat() if release.release_date else None,
            "description": release.description,
            "released": release.state == Release.State.RELEASED,
            "url": release.url,
        },
        "issues": shown,
        # Only where there are some: facts that say the same as before keep their digest.
        **({"known_problems": problems} if problems else {}),
        "excluded": excluded,
    }


def digest_of(facts: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of the facts, without what is noise to a client."""
    quiet = {
        part: [{name: value for name, value in row.items() if name not in _NOISE} for row in facts[part]]
        for part in ("issues", "known_problems")
        if part in facts
    }
    return hashlib.sha256(canonical({**facts, **quiet})).hexdigest()


def canonical(value: Any) -> bytes:
    """One way to write the same value: sorted names, no spaces, UTF-8 (after RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _issue(issue: Issue) -> dict[str, Any]:
    # A person may show clients an issue that is not done, or that was reopened after they did. Whether it is done is a
    # fact then, unlike the name of its status; of all others it goes without saying.
    undone = {} if issue.done else {"done": False}
    return {
        **undone,
        "key": issue.key,
        "kind": issue.kind,
        "summary": issue.summary,
        "note": issue.note,
        "description": shortened(issue.description, DESCRIPTION),
        "status": issue.status,
        "resolution": issue.resolution,
        "components": list(issue.components),
        "url": issue.url,
        "updated": issue.jira_updated_at.isoformat() if issue.jira_updated_at else None,
    }


def _order(key: str) -> tuple[str, int, str]:
    project, _, number = key.rpartition("-")
    return project, int(number) if number.isdigit() else 0, key
