"""The text of an e-mail as data: reading, writing, editing and comparing it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.drafting.text import BLOCK_KINDS, Block, DraftText, Sentence, TextProblem, from_lines, tidy, to_lines

keys = st.lists(st.from_regex(r"[A-Z][A-Z0-9_]{0,6}-[1-9][0-9]{0,4}", fullmatch=True), max_size=3, unique=True).map(
    tuple
)
texts = st.text(min_size=1, max_size=80).filter(lambda text: tidy(text) != "")
bracketed = st.builds(
    lambda text, key: f"{text} [{key}]", texts, st.sampled_from(["", "AB-1", "see below", "A-1, B-2"])
)
sentences = st.builds(Sentence, st.one_of(texts, bracketed), keys)
drafts = st.builds(
    lambda subject, preheader, blocks: DraftText(
        tidy(subject),
        tidy(preheader),
        tuple(Block(kind, tuple(blocks[kind])) for kind in BLOCK_KINDS if blocks.get(kind)),
    ),
    texts,
    st.text(max_size=80),
    st.dictionaries(st.sampled_from(BLOCK_KINDS), st.lists(sentences, min_size=1, max_size=3)),
)


def mail(**changes: Any) -> dict[str, Any]:
    good = {
        "subject": "Harbor 2.4 is coming",
        "preheader": "What will change.",
        "blocks": [{"kind": "highlights", "sentences": [{"text": "Imports are here.", "keys": ["HARBOR-12"]}]}],
    }
    return {**good, **changes}


@given(st.lists(sentences, max_size=5).map(tuple))
def test_what_a_person_is_shown_reads_back_as_it_was(lines: tuple[Sentence, ...]) -> None:
    assert from_lines(to_lines(lines)) == lines


@given(drafts)
def test_json_reads_back_to_the_same_text_and_digest(draft: DraftText) -> None:
    again = DraftText.from_json(json.loads(json.dumps(draft.to_json())))
    assert again == draft
    assert again.digest() == draft.digest()


def test_a_line_carries_its_keys_at_the_end() -> None:
    line = "Imports now keep the sender's time zone. [HARBOR-12, HARBOR-15]"
    sentence = Sentence("Imports now keep the sender's time zone.", ("HARBOR-12", "HARBOR-15"))
    assert from_lines(line) == (sentence,)
    assert to_lines([sentence]) == line


def test_keys_may_be_typed_small_and_without_commas() -> None:
    assert from_lines("It works. [harbor-12 harbor-15]")[0].keys == ("HARBOR-12", "HARBOR-15")


def test_brackets_that_hold_no_keys_stay_text() -> None:
    assert from_lines("Press the key [Enter]")[0] == Sentence("Press the key [Enter]")


def test_empty_lines_and_windows_line_ends_do_no_harm() -> None:
    assert [line.text for line in from_lines("One.\r\n\r\n  Two.  \n")] == ["One.", "Two."]


def test_a_line_with_keys_and_no_words_is_an_error() -> None:
    with pytest.raises(TextProblem, match="line 2 cites HARBOR-1 but says nothing"):
        from_lines("One.\n[HARBOR-1]")


def test_keys_are_not_doubled_and_white_space_is_single() -> None:
    assert Sentence(" a\u00a0 b\n c\x00", ("A-1", "A-1")) == Sentence("a b c", ("A-1",))


def test_blocks_come_in_their_usual_order() -> None:
    blocks = [{"kind": kind, "sentences": [{"text": kind, "keys": []}]} for kind in reversed(BLOCK_KINDS)]
    assert [block.kind for block in DraftText.from_json(mail(blocks=blocks)).blocks] == list(BLOCK_KINDS)


def test_a_block_without_sentences_goes() -> None:
    draft = DraftText.from_json(mail())
    assert draft.with_block("highlights", ()).blocks == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the draft is not an object"),
        (mail(subject=None), "no text 'subject'"),
        (mail(subject="  "), "the subject is empty"),
        (mail(subject="x" * 201), "longer than 200"),
        (mail(blocks="none"), "no list 'blocks'"),
        (mail(blocks=[{"kind": "gossip", "sentences": []}]), "block 1 is of kind 'gossip'"),
        (mail(blocks=[{"kind": "fixes", "sentences": []}] * 2), "two blocks of kind 'fixes'"),
        (mail(blocks=[{"kind": "fixes", "sentences": ["text"]}]), "sentence 1 of block 'fixes' is not an object"),
        (mail(blocks=[{"kind": "fixes", "sentences": [{"text": "x"}]}]), "no list 'keys'"),
        (mail(blocks=[{"kind": "fixes", "sentences": [{"text": "x", "keys": ["no key"]}]}]),
         "'no key', which is not the key"),
        (mail(blocks=[{"kind": "fixes", "sentences": [{"text": "x" * 1001, "keys": []}]}]), "longer than 1000"),
        (mail(blocks=[{"kind": "fixes", "sentences": [{"text": "x", "keys": []}] * 101}]), "more than 100 sentences"),
    ],
)  # fmt: skip
def test_what_is_no_draft_is_refused_with_the_place(data: Any, message: str) -> None:
    with pytest.raises(TextProblem, match=message):
        DraftText.from_json(data)


def test_words_are_counted_also_where_a_script_has_no_spaces() -> None:
    draft = DraftText(
        "s", "p", (Block("intro", (Sentence("Two-part words don't count double."), Sentence("导入功能已修复"))),)
    )
    assert draft.word_count() == 5 + 3


def test_the_digest_sees_a_changed_citation() -> None:
    draft = DraftText.from_json(mail())
    other = draft.with_block("highlights", [Sentence("Imports are here.", ("HARBOR-13",))])
    assert draft.digest() != other.digest()
