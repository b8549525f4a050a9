"""Subject and preheader: every word of them is borne out, or told."""

from __future__ import annotations

import pytest

from campaigns.drafting import extractive, grounding
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Block, DraftText, Sentence
from tests.factories import FACTS

KNOWN = Facts.from_json(FACTS)


def rules(head: str, part: str, *keys: str) -> list[tuple[str, str]]:
    body = (Block("highlights", (Sentence("Calendars can now be exported as iCalendar files.", keys),)),)
    text = DraftText(head, "What will change.", body) if part == "subject" else DraftText("Kite 2.4.0", head, body)
    return [(one.rule, one.level) for one in grounding.check(text, KNOWN) if one.block == part]


@pytest.mark.parametrize("part", ["subject", "preheader"])
@pytest.mark.parametrize(
    "head",
    [
        "Kite 2.4.0 brings a chat with a robot",
        "Kite 2.4.0 drops support for Linux",
        "Kite 2.4.0: fees rise next season",
        "Kite 2.4.0: calendar export and a chat",
    ],
)
def test_a_word_that_no_issue_has_is_told(part: str, head: str) -> None:
    assert ("cover", "warning") in rules(head, part, "KITE-1")


@pytest.mark.parametrize("part", ["subject", "preheader"])
@pytest.mark.parametrize(
    "head",
    [
        "Kite 2.4.0: calendar export and uploads of files",
        "Calendar export and large uploads",
        "Kite 2.4.0 is coming on 25 November",
        "{{ first_name }}, your calendar can be exported",
        "What is new and what was fixed, and what to know before you update.",
    ],
)
def test_words_of_issues_of_the_record_and_of_every_mail_pass(part: str, head: str) -> None:
    assert rules(head, part, "KITE-1") == []


@pytest.mark.parametrize("part", ["subject", "preheader"])
def test_nothing_to_do_is_no_head_of_a_mail_about_a_breaking_change(part: str) -> None:
    assert ("nothing_to_do", "blocking") in rules("Kite 2.4.0: no action required from you", part, "KITE-1")


@pytest.mark.parametrize("step", ["announcement", "reminder", "release_day", "follow_up"])
def test_the_heads_of_the_rules_pass(step: str) -> None:
    found = grounding.check(extractive.draft(KNOWN, step), KNOWN)
    assert [one for one in found if one.block in ("subject", "preheader")] == []
