"""Any text at all can be checked, and a copy of its source is never called wrong letter by letter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.drafting import (
    clauses,
    dates,
    figures,
    grounding,
    hostile,
    masking,
    names,
    opposites,
    relations,
    signs,
    slots,
    stems,
)
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence

ROOT = Path(__file__).resolve().parent.parent
#: Pieces that the patterns look for, so that chance puts them side by side.
PIECES = st.sampled_from([
    "no longer", "instead of", "from", "to", "1.2.3", "4,000", "30 MB", "twice", "an hour", "half", "a.b.c",
    "a_b", "Foo()", "x=1", "https://a.example", "and", "which", "when", "without", "first", "replaced by",
    "takes precedence", "all", "other", "not", "Kalender", "über", "nicht", "日历", "导入", "30个",
    "'", "’", "“", "-", "--", "/", "%", "(", ")", ",", ".", ":", ";", "\n", "3 May 2026", "Q3",
    "next week", "Monday", "CVE-2026-1", "N.x", "2.x", "camelCase", "X-Ray", "it's", "users'", "e.g.", "1.",
    ".5", "v2", "5.", "１２", "²", "İ", "ß",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=14).map(" ".join)


def checker(note: str) -> grounding.Checker:
    return grounding.Checker(Facts.from_json({
        "product": {"key": "OAK", "name": "Oak"}, "release": {"name": "2.4", "release_date": "2026-11-25"},
        "issues": [
            {"key": "OAK-1", "kind": "fix", "summary": "Import fails", "note": note},
            {"key": "OAK-2", "kind": "feature", "summary": note, "note": "Calendars can be exported."},
        ],
        "excluded": [{"key": "OAK-3", "summary": note, "reason": "internal"}],
    }))  # fmt: skip


@given(TEXTS, TEXTS)
def test_any_sentence_can_be_held_against_any_issue(text: str, note: str) -> None:
    for keys in ((), ("OAK-1",), ("OAK-2",), ("OAK-1", "OAK-2")):
        for block in ("highlights", "intro"):
            for finding in checker(note).check_sentence(Sentence(text, keys), block=block):
                assert finding.message


@given(TEXTS)
def test_a_copy_of_its_source_is_right_letter_by_letter(text: str) -> None:
    copied = Sentence(text, ("OAK-1",))
    found = checker(copied.text).check_sentence(copied)
    assert not [finding for finding in found if finding.rule in ("number", "identifier", "value", "url", "date")]


@given(TEXTS)
def test_a_text_is_taken_apart_without_losing_its_figures(text: str) -> None:
    whole = figures.numbers(text)
    assert all(figures.numbers(part) <= whole for part in text.split("\n"))
    assert all(signs.sign(clause.text) in (1, -1) for clause in clauses.clauses(text))
    for relation in relations.relations(text):
        assert relation.verb
    assert opposites.mixed_up(text, text) is None
    assert slots.taken(text, text, frozenset(stems.content_stems(text))) is None
    assert relations.exchanged(text, text) is None
    assert names.settings_of(text).keys() == names.settings_of(text.strip()).keys()
    assert all(1 <= date.month <= 12 for date in dates.dates(text))


@given(st.from_regex(r"[a-zäöü]{1,20}", fullmatch=True))
def test_a_stem_is_short_and_the_same_in_capitals(word: str) -> None:
    assert 0 < len(stems.stem(word)) <= 7
    assert stems.stem(word) == stems.stem(word.upper())


def test_a_letter_without_a_name_is_read_like_any_other() -> None:
    assert hostile.without_suspicious_lines("Import \U00017000 fails") == "Import \U00017000 fails"


def test_a_text_without_an_end_is_read_to_its_end() -> None:
    # Patterns that begin anew at every letter need minutes or hours for it.
    work = """
from campaigns.drafting import additions, clauses, figures, hostile, limits, names, opposites
from campaigns.drafting import phrasing, promises, slots, wording
from campaigns.drafting.facts import Issue
pieces = ("a", "A", "Aa", "_", "a.", "X_", "no-", "1.", "[", "<!--", "and ", "first ", "instead of ", "from ", "{code")
for piece in pieces:
    text = piece * (20_000 // len(piece))
    wording.read(text), names.settings_of(text), clauses.clauses(text), promises.families(text), additions.pairs(text)
    opposites._exchanges(text), opposites.preferred(f"{piece} wins", f"{text} wins")
    slots.taken(piece * 40, text, frozenset())
    limits.overrun(piece * 40, [text], idle=frozenset()), figures.lengths_of_lists(text)
    phrasing.required_steps(Issue("A-1", "fix", piece, text))
    hostile.without_suspicious_lines(text[:4_000])
print("read")
"""
    run = subprocess.run(
        [sys.executable, "-c", work], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout == "read\n"


def test_a_ticket_that_is_one_word_over_and_over_is_masked_and_looked_through_to_its_end() -> None:
    # Two patterns began anew at each letter: a minute for 200 kB, and several of them a text.
    work = """
from campaigns.drafting import hostile, masking
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Sentence
facts = Facts("K", "Kite", "2.4", None, "", released=False, url="", issues=())
for piece in ("a-",):
    text = piece * (200_000 // len(piece)) + " anna@kite.example"
    assert [secret.quote for secret in masking.find(text) if secret.name == "EMAIL"] == ["anna@kite.example"]
    assert "secret" in {found.rule for found in hostile.check_sentence(Sentence(text), facts)}
print("read")
"""
    run = subprocess.run(
        [sys.executable, "-c", work], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout == "read\n"


@pytest.mark.parametrize("before", ["a" * 80, "first.last+tag", "a_b-c%d", "x" * 64])
def test_an_address_is_masked_whole_however_long_what_stands_before_the_sign_is(before: str) -> None:
    for sign in ("@", " (at) "):
        (found,) = masking.find(f"Write to {before}{sign}kite.example about it.")
        assert found.quote == f"{before}{sign}kite.example"
