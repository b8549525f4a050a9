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
HANDS = ("feature", "Hand over a sheet", "Editors can hand an open sheet to another lawyer. The lawyer is told.")
HINT = (
    "improvement",
    "Show a hint before a sheet is signed",
    "Before a sheet is signed a hint is shown. It can be turned off per team.",
)
LINKS = ("feature", "Folders with a key", "Old links keep working until somebody deletes them.")
AUDIT = (
    "improvement",
    "Check folders one by one",
    "The check no longer locks the whole archive. Each folder is checked on its own.",
)
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
        (HANDS, "Lawyers can hand an open sheet to another editor."),
        (HINT, "Before a sheet is signed a hint is shown that cannot be turned off."),
        (LINKS, "Old links stop working as soon as a folder has a key."),
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
        (HANDS, "An open sheet can be handed to another lawyer by editors."),
        (HINT, "Each team can switch off the hint about signing a sheet."),
        (LINKS, "Old links go on working until somebody deletes them."),
        (AUDIT, "Folders in an archive are now checked separately."),
        (ICON, "The sheet list showed PDF where it should have shown TXT; that has been put right."),
    ],
)
def test_the_reach_of_the_issue_passes(issue: tuple[str, str, str], text: str) -> None:
    assert not rules(issue, text) & {"mixed_up", "polarity"}


@pytest.mark.parametrize(
    "text",
    [
        "Folders with vaults are coming this summer.",
        "We will refund every folder that was shared.",
        "Folders can be shared with a link, so attachments are a thing of the past.",
    ],
)
def test_what_is_promised_for_later_or_for_good_warns(text: str) -> None:
    assert rules(SOME, text) & {"claim", "cover"}


def rules(issue: tuple[str, str, str], text: str) -> set[str]:
    kind, summary, note = issue
    known = Facts.from_json({
        "product": {"key": "ELM", "name": "Elm"}, "release": {"name": "7.4", "release_date": "2026-11-25"},
        "issues": [{"key": "ELM-1", "kind": kind, "summary": summary, "note": note}],
    })  # fmt: skip
    return {found.rule for found in grounding.Checker(known).check_sentence(Sentence(text, ("ELM-1",)))}
