"""Sentences without a source: each of its kind from end to end, with the counts and the steps of the release record."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from campaigns.drafting import extractive
from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import BLOCKING
from campaigns.drafting.grounding import checker
from campaigns.drafting.text import Sentence
from tests.factories import FACTS


def facts(*, breaking: bool = False, doubtful: bool = False) -> Facts:
    """One feature and one fix; with `breaking` a change that asks for a step, with `doubtful` one that may break."""
    data: dict[str, Any] = copy.deepcopy(FACTS)
    data["issues"] = [issue for issue in data["issues"] if breaking or issue["kind"] != "breaking"]
    if doubtful:
        data["issues"].append(
            {"key": "KITE-91", "kind": "improvement", "summary": "Remove the old week view", "note": ""}
        )
    return Facts.from_json(data)


def levels(text: str, known: Facts, block: str = "closing") -> list[tuple[str, str]]:
    return [(one.rule, one.level) for one in checker(known).check_sentence(Sentence(text), block=block)]


@pytest.mark.parametrize(
    "text",
    [
        "This release contains four new features.",
        "It brings two fixes and one new feature.",
        "It brings a dozen new features.",
        "Kite 2.4.0 brings no changes for you.",
        "The date of the release has moved.",
        "The date has changed.",
        "Kite 2.4.0 is not available.",
        "This version is not ready yet.",
        "The update runs by itself at night.",
        "Kite 2.4.0 will be released on 25 November 2099 and the update runs by itself.",
        "We will install the update for you on the day.",
        "The version before this one has a bug.",
        "Please update: the last release has issues.",
        "It is the first release of the year.",
        "This release is for clients with a new system.",
        "You can update without any preparation.",
        "Please update before the end of the week.",
        "Please tell your customers to update.",
        "Kite 2.4.0 is available in all regions.",
        "You do not need to update.",
        "The update is ready and works for all.",
        "If you do not update, your system will stop.",
        "We hope that you know that the update is required.",
        "Thank you for the update of your contract.",
        "Reply to this e-mail, or your access ends.",
        "This is our last release.",
    ],
)
def test_what_the_release_record_does_not_say_needs_a_source(text: str) -> None:
    assert (("uncited", BLOCKING) in levels(text, facts())) or any(
        level == BLOCKING for _, level in levels(text, facts())
    )


@pytest.mark.parametrize(
    "text",
    [
        "This release contains one new feature.",
        "It brings one new feature and one fix.",
        "It brings new features and fixes.",
        "It brings a new feature and a fix.",
        "Kite 2.4.0 brings 2 changes.",
        "Kite 2.4.0 will be released on 25 November 2099.",
        "Hello {{first_name}}, Kite 2.4.0 is planned for 25 November 2099.",
        "The date has changed: Kite 2.4.0 will be released on 25 November 2099.",
        "On 25 November 2099 we will release Kite 2.4.0.",
        "The release date is 25 November 2099.",
        "Our next release, Kite 2.4.0, is coming on 25 November.",
        "Kite 2.4.0 is here.",
        "The update is ready for you.",
        "You can update whenever it suits you.",
        "You can install it on the day itself or later.",
        "Please plan some time for the update.",
        "Please tell your team about the update.",
        "Please have a look at the changes below and tell us if you have questions.",
        "Let us know how the update works for you.",
        "We look forward to your feedback.",
        "We are happy to help.",
        "Do you have questions? Reply to this e-mail.",
        "Below is a short summary of the changes.",
        "Here is what is new.",
        "Many thanks for your patience, and all the best.",
        "Your Kite team",
    ],
)
def test_what_it_says_and_what_is_asked_offered_or_wished_does_not(text: str) -> None:
    assert levels(text, facts()) == []


NOTHING_TO_DO = [
    "No action is required.",
    "Nothing has to be prepared.",
    "You do not need to do anything.",
    "There is nothing to do for you.",
    "The update needs no preparation.",
    "No steps are needed before the update.",
]


@pytest.mark.parametrize("text", NOTHING_TO_DO)
def test_nothing_to_do_is_said_only_where_nothing_breaks(text: str) -> None:
    assert levels(text, facts()) == []
    assert levels(text, facts(breaking=True)) == [("nothing_to_do", BLOCKING)]
    assert [rule for rule, level in levels(text, facts(doubtful=True)) if level != BLOCKING] == ["nothing_to_do"]


def test_an_issue_that_does_not_say_so_bears_it_out_no_more_than_none() -> None:
    told = checker(facts(breaking=True)).check_sentence(Sentence("No action is required for calendars.", ("KITE-1",)))
    assert ("nothing_to_do", BLOCKING) in {(one.rule, one.level) for one in told}


def test_who_has_done_it_has_nothing_more_to_do_whatever_breaks() -> None:
    text = "If you are ready, nothing more is required before the day of the release."
    assert levels(text, facts(breaking=True)) == []


@pytest.mark.parametrize("step", ["announcement", "reminder", "release_day", "follow_up"])
@pytest.mark.parametrize("breaking", [True, False])
def test_the_drafter_by_rules_says_nothing_else(step: str, breaking: bool) -> None:
    known = facts(breaking=breaking)
    for block, _, sentence in extractive.draft(known, step).sentences():
        if not sentence.keys:
            assert levels(sentence.text, known, block) == [], sentence.text
