"""How far a change goes: limits, defaults, all or some, removed or deprecated. The contrary warns, the same passes."""

from __future__ import annotations

import pytest

from campaigns.drafting import grounding
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence

LIMIT = (
    "improvement",
    "Sheets of a folder",
    "A folder holds at most 40 sheets. The window is 5 to 12 sheets, default 8.",
)
OLD = ("fix", "Imports from pre 6.2 folders are broken", "")
OFF = ("feature", "Signatures on sheets", "Signatures are off until an administrator turns them on.")
NEW = ("feature", "Stamp on sheets", "New installations do not have the stamp enabled.")
SOME = (
    "feature",
    "Share folders with a link",
    "Folders can be shared with a link. Vaults are exempt. Chrome only for now.",
)
PREMIUM = ("feature", "Audit trail for Premium teams", "Premium teams can read the audit trail of their folders.")
GONE = ("breaking", "Remove the XML export", "The XML export is removed. Use JSON. The XML import is not touched.")
STAYS = ("improvement", "Deprecate the fax gateway", "The fax gateway is deprecated and stays available for a year.")
HIT = (
    "fix",
    "Umlauts garbled in the sheet preview",
    "Umlauts were garbled. Only the preview was affected, prints were ok.",
)
PARTIAL = ("fix", "Totals are wrong after a partial refund", "")
ICON = ("fix", "Wrong icon (PDF instead of TXT) in the sheet list", "")


@pytest.mark.parametrize(
    ("issue", "text"),
    [
        (LIMIT, "A folder holds at least 40 sheets."),
        (LIMIT, "The window is 12 sheets by default."),
        (OLD, "Imports from folders after 6.2 work again."),
        (OFF, "Signatures are on from the start."),
        (NEW, "On new installations the stamp is enabled."),
        (SOME, "All folders can be shared with a link."),
        (SOME, "Folders can be shared with a link, vaults included."),
        (PREMIUM, "All teams can read the audit trail of their folders."),
        (GONE, "The XML export is deprecated and will be removed in a later version."),
        (GONE, "The XML import stops working along with the export."),
        (STAYS, "The fax gateway has been discontinued."),
        (HIT, "Umlauts were wrong in prints, whereas the preview was fine."),
        (PARTIAL, "Totals are right again after a full refund."),
        (ICON, "The sheet list showed TXT where it should have shown PDF; that has been put right."),
    ],
)
def test_another_reach_than_that_of_the_issue_warns(issue: tuple[str, str, str], text: str) -> None:
    assert rules(issue, text) & {"mixed_up", "polarity", "cover"}


@pytest.mark.parametrize(
    ("issue", "text"),
    [
        (LIMIT, "A folder holds up to 40 sheets."),
        (LIMIT, "By default the window has 8."),
        (OLD, "Imports from folders before 6.2 work again."),
        (OFF, "Signatures are off unless an administrator turns them on."),
        (NEW, "The stamp is not enabled on new installations."),
        (SOME, "All folders can be shared with a link, except for vaults."),
        (PREMIUM, "All Premium teams can read the audit trail of their folders."),
        (GONE, "The XML export has been removed."),
        (STAYS, "The fax gateway is deprecated and remains available for a year."),
        (HIT, "Umlauts in the sheet preview are right again; prints were not affected."),
        (PARTIAL, "Totals are right again after a partial refund."),
        (ICON, "The sheet list showed PDF where it should have shown TXT; that has been put right."),
    ],
)
def test_the_reach_of_the_issue_passes(issue: tuple[str, str, str], text: str) -> None:
    assert not rules(issue, text) & {"mixed_up", "polarity"}


def rules(issue: tuple[str, str, str], text: str) -> set[str]:
    kind, summary, note = issue
    known = Facts.from_json({
        "product": {"key": "ELM", "name": "Elm"}, "release": {"name": "7.4", "release_date": "2026-11-25"},
        "issues": [{"key": "ELM-1", "kind": kind, "summary": summary, "note": note}],
    })  # fmt: skip
    return {found.rule for found in grounding.Checker(known).check_sentence(Sentence(text, ("ELM-1",)))}
