"""What a mail says in everyday words, and amounts in another unit: right ones pass, near ones are told.

Each sentence stands for a turn of phrase of any product.
"""

from __future__ import annotations

import pytest

from campaigns.drafting import amounts, grounding, kinship
from campaigns.drafting.facts import Facts
from campaigns.drafting.stems import content_stems, stem
from campaigns.drafting.text import Sentence


def rules(text: str, summary: str, note: str = "", kind: str = "improvement") -> list[str]:
    known = Facts.from_json({
        "product": {"key": "ELM", "name": "Elm"}, "release": {"name": "3.1", "release_date": "2026-11-25"},
        "issues": [
            {"key": "ELM-1", "kind": kind, "summary": summary, "note": note},
            {"key": "ELM-2", "kind": "fix", "summary": "Crash in the tree map when a branch is deleted"},
        ],
    })  # fmt: skip
    return [found.rule for found in grounding.Checker(known).check_sentence(Sentence(text, ("ELM-1",)))]


@pytest.mark.parametrize(
    ("text", "note", "right"),
    [
        ("Links to a file are good for three days.", "Links to a file are good for 72 hours.", True),
        ("Links to a file are good for two days.", "Links to a file are good for 72 hours.", False),
        ("Files are kept for half a year.", "Files are kept for 6 months.", True),
        ("Files are kept for a year.", "Files are kept for 365 days.", True),
        ("Files are kept for half a year.", "Files are kept for 8 months.", False),
        ("Links can be good for up to two days.", "Links are good for 24 hours (max 48).", True),
        ("Links can be good for up to three days.", "Links are good for 24 hours (max 48).", False),
        ("Choose a time between one minute and ten minutes.", "The time is set in minutes: 1-10 minutes.", True),
        ("Files are a third of the size.", "Files have about 20 MB instead of 60 MB.", True),
        ("Files are a quarter of the size.", "Files have about 20 MB instead of 60 MB.", False),
    ],
)
def test_an_amount_may_be_told_in_another_unit(text: str, note: str, right: bool) -> None:
    assert ("number" not in rules(text, "Files and links", note)) is right


def test_a_bare_number_has_the_unit_of_its_sentence_only_where_it_is_a_limit() -> None:
    assert ("time", 48 * 3_600_000.0) in amounts.told("Good for 24 hours (max 48).")
    assert amounts.told("All 48 of them are good for 24 hours.") == amounts.told("24 hours")


@pytest.mark.parametrize(
    ("text", "summary", "note"),
    [
        ("Please note that appointments of closed branches are not touched.",
         "Reservations of closed branches", "Reservations of closed branches are not changed."),
        ("You decide how many colleagues may see a sheet; as standard it's two.",
         "Sheets: number of colleagues per sheet", "Set how many colleagues may see a sheet, default 2."),
        ("If an upload fails, it is tried again.", "Retry uploads", "An upload that fails is repeated."),
        ("Sheets and folders now reach the archive.", "Send sheets and folders to the archive", ""),
        ("The list isn't loaded twice.", "List is loaded twice", ""),
    ],
)  # fmt: skip
def test_everyday_words_for_the_same_pass(text: str, summary: str, note: str) -> None:
    assert rules(text, summary, note, kind="fix" if not note else "improvement") == []


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("Sheets now reach the archive and can be signed by lawyers.", "Send sheets to the archive"),
        ("Sheets now have a calendar with reminders for tenants.", "Send sheets to the archive"),
    ],
)
def test_everyday_words_bear_out_no_invention(text: str, summary: str) -> None:
    assert "cover" in rules(text, summary)


def test_contractions_say_nothing_of_an_issue() -> None:
    assert content_stems("it's what you've got and isn't there") == []
    assert content_stems("the team's list") == [stem("team"), stem("list")]


def test_a_family_is_no_synonym() -> None:
    assert stem("booking") != stem("reservation")
    assert stem("reservation") in kinship.kin(stem("booking"))


@pytest.mark.parametrize(
    ("text", "summary", "note", "kind", "right"),
    [
        # A month with its year in short.
        ("The maker ended support in March 2024.", "Remove the fax reader", "The maker ended support in Mar 2024.",
         "improvement", True),
        ("The maker ended support in April 2024.", "Remove the fax reader", "The maker ended support in Mar 2024.",
         "improvement", False),
        # How many times as much, of two figures on either side of an arrow or behind "from".
        ("The map holds twice as many branches: 800.", "Map holds 400 -> 800 branches", "", "improvement", True),
        ("The map holds three times as many branches: 800.", "Map holds 400 -> 800 branches", "", "improvement", False),
        ("A map holds twice as many branches: 800.", "Larger maps", "A map holds 800 branches (from 400).",
         "improvement", True),
        # What the issue itself calls so is no promise of the sentence.
        ("Shared maps are not part of the free plan.", "Shared maps", "Shared maps, not on the Free plan.",
         "feature", True),
        ("Shared maps come with a free plan.", "Shared maps", "Shared maps for teams.", "feature", False),
        # A note that tells how it was agrees with its end.
        ("Reports that are planned no longer run a second time when the clock goes back.",
         "Planned report runs twice when the clock goes back", "Planned reports ran twice when the clock went back.",
         "fix", True),
    ],
)  # fmt: skip
def test_what_an_issue_says_in_short_bears_out_the_long_form(
    text: str, summary: str, note: str, kind: str, right: bool
) -> None:
    assert (rules(text, summary, note, kind) == []) is right


def test_that_nothing_changes_may_be_said_of_some_beside_a_breaking_change() -> None:
    known = Facts.from_json({
        "product": {"key": "ELM", "name": "Elm"}, "release": {"name": "3.1", "release_date": "2026-11-25"},
        "issues": [
            {"key": "ELM-1", "kind": "improvement", "summary": "Remove the tape reader",
             "note": "The tape reader is removed. Disks go on working."},
            {"key": "ELM-2", "kind": "breaking", "summary": "Remove the v1 API"},
        ],
    })  # fmt: skip
    found = {
        text: {one.rule for one in grounding.Checker(known).check_sentence(Sentence(text, ("ELM-1",)))}
        for text in ("Nothing changes if you work with disks.", "Nothing changes.")
    }
    assert "nothing_to_do" not in found["Nothing changes if you work with disks."]
    assert "nothing_to_do" in found["Nothing changes."]
