"""Jira's texts become plain text, whatever is in them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.text import clean, one_line, plain_text

PAYLOADS = Path(__file__).resolve().parents[2] / "shared" / "data" / "payloads"


@pytest.mark.parametrize(
    ("wiki", "plain"),
    [
        ("h2. What is new", "What is new"),
        ("*Bold* and _leaning_ and {{mono}}", "Bold and leaning and mono"),
        ("* one\n** deeper\n# first", "- one\n- deeper\n- first"),
        ("||Name||Limit||\n|CSV|1,000|", "Name | Limit\nCSV | 1,000"),
        ("[guide|https://kite.example/g]", "guide (https://kite.example/g)"),
        ("[https://kite.example/g]", "https://kite.example/g"),
        ("{code:java}\nint *a = _b_;\n{code}", "int *a = _b_;"),
        ("{noformat}*as is*{noformat}", "*as is*"),
        ("before {code} never closed", "before  never closed"),
        ("{color:red}red{color} {panel:title=x|borderStyle=solid}in{panel}", "red x\nin"),
        ("{color:#172b4d}{*}Bold{*}{color} and un{*}bold{*}ed", "Bold and unbolded"),
        ("{quote}said{quote} {info}told{info} {expand:More}inside{expand}", "said told More\ninside"),
        ("{code:title=Run.java|borderStyle=solid}\nrun();\n{code}", "Run.java\nrun();"),
        ("{section}{column:width=50%}one{column}{section}", "one{column}"),
        ("{section}{column}one{column}{section}", "one"),
        ("GET /items/{column}/{section} stays", "GET /items/{column}/{section} stays"),
        ("Now {status:colour=Green|title=DONE} with {jira:KITE-7}", "Now DONE with KITE-7"),
        ("{{{}x = 1{}}} and {{{y}}}", "x = 1 and {y}"),
        ("10{^}3{^} bytes, H{~}2{~}O, 1{^}st{^}", "10^3 bytes, H2O, 1st"),
        ("^sup^ and ~sub~ and ??cited??", "sup and sub and cited"),
        ("x^2 + y^2, ~/bin and ~root/x", "x^2 + y^2, ~/bin and ~root/x"),
        ("a -struck- word and +under+", "a struck word and under"),
        ("java -Xmx512m -jar a-b.jar --fast -v", "java -Xmx512m -jar a-b.jar --fast -v"),
        ("non- and semi-automatic, -5 to -1, 2020-01-02", "non- and semi-automatic, -5 to -1, 2020-01-02"),
        ("_*both*_ and *_both_* and *{color:red}red{color}*", "both and both and red"),
        ("*/5 * * * * and lib/*.jar:*/x", "*/5 * * * * and lib/*.jar:*/x"),
        ("h2.database is no heading\nh1. This is", "h2.database is no heading\nThis is"),
        ("bq. said by him", "said by him"),
        ("before -- after --- end", "before – after — end"),
        ("|| ||Chrome||\n|Old|(/)|\n|New|(x)|\n|a\\\\b|c|", "– | Chrome\nOld | ✔\nNew | ✘\na b | c"),
        ("(i) Note this\n(!) and that (/)", "ℹ Note this\n⚠ and that ✔"),
        ("(i) first\n(ii) second", "(i) first\n(ii) second"),
        ("f(x) in O(n) or g (x) there", "f(x) in O(n) or g (x) there"),
        ("[https://kite.example/g|https://kite.example/g|smart-link]", "https://kite.example/g"),
        ("[https://kite.example/g|smart-card]", "https://kite.example/g"),
        ("[Guide|#part] [#other] [Log|^log.txt] [Ada|~ada]", "Guide other Log (file log.txt) Ada"),
        ("[~accountid:5b10a2844c20165700ede21g] asked", "@someone asked"),
        ("[^two words.pdf|thumbnail]", "(file two words.pdf)"),
        (
            "!Screen Shot 1.PNG! !plan|width=300! !https://kite.example/a.bmp!",
            "(image Screen Shot 1.PNG) (image plan) (image https://kite.example/a.bmp)",
        ),
        ("Stop! Do not, ever! a != b", "Stop! Do not, ever! a != b"),
        ("a&nbsp;b &amp; c&#x20;d &lt;e&gt; AT&T; x&y", "a b & c d <e> AT&T; x&y"),
        ('{adf:display=block}{"type": "paragraph", "content": [{"type": "text", "text": "Folded"}]}{adf}', "Folded"),
        ("{adf}no document{adf}", "no document"),
        # Markdown, which people type as well.
        ("**Bold** and `code` and ~~old~~", "Bold and code and old"),
        (
            "See <https://kite.example/a> and [here](https://kite.example/b)",
            "See https://kite.example/a and here (https://kite.example/b)",
        ),
        ("```java\nint *a = _b_;\n```", "int *a = _b_;"),
        ("<!-- markdown -->\nText\\\nnext\n2\\) second", "Text\nnext\n2) second"),
        ("|Name|Limit|\n|---|---:|\n|CSV|10|", "Name | Limit\n\nCSV | 10"),
        ("!screen.png|thumbnail!", "(image screen.png)"),
        ("see [~ada] and [^log.txt]", "see @ada and (file log.txt)"),
        (r"a \* b \\ c", "a * b\n c"),
        ("line\r\nnext", "line\nnext"),
        ("SELECT count(*) FROM t WHERE a*b > c*d", "SELECT count(*) FROM t WHERE a*b > c*d"),
        ("SYSTEM_CATALOG_TABLE and __init__", "SYSTEM_CATALOG_TABLE and __init__"),
        ("2 - 3 and a--b", "2 - 3 and a--b"),
        ("", ""),
    ],
)
def test_wiki_markup_becomes_plain_text(wiki: str, plain: str) -> None:
    assert plain_text(wiki) == plain


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def words(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text, "marks": list(marks)}]}


EVERY_NODE = doc(
    {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "H"}]},
    words("P", {"type": "link", "attrs": {"href": "https://kite.example"}}),
    {"type": "bulletList", "content": [{"type": "listItem", "content": [words("B1"), words("B2")]}]},
    {"type": "orderedList", "content": [{"type": "listItem", "content": [words("O1")]}]},
    {"type": "taskList", "content": [
        {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [{"type": "text", "text": "T"}]}]},
    {"type": "codeBlock", "content": [{"type": "text", "text": "x = *y*"}]},
    {"type": "blockquote", "content": [words("Q")]},
    {"type": "panel", "content": [words("N")]},
    {"type": "expand", "attrs": {"title": "E"}, "content": [words("inside")]},
    {"type": "table", "content": [{"type": "tableRow", "content": [
        {"type": "tableHeader", "content": [words("a")]}, {"type": "tableCell", "content": [words("b")]}]}]},
    {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "shot"}}]},
    {"type": "rule"},
    {"type": "paragraph", "content": [
        {"type": "mention", "attrs": {"text": "@Ada"}}, {"type": "emoji", "attrs": {"shortName": ":x:"}},
        {"type": "status", "attrs": {"text": "BETA"}}, {"type": "date", "attrs": {"timestamp": "1795996800000"}},
        {"type": "hardBreak"}, {"type": "inlineCard", "attrs": {"url": "https://card.example"}}]},
    {"type": "somethingNew", "content": [words("still read")]},
    {"type": "extension", "attrs": {"text": "macro"}},
)  # fmt: skip


def test_no_node_of_a_document_is_lost() -> None:
    text = plain_text(EVERY_NODE)
    for piece in (
        "H\n", "P (https://kite.example)", "- B1", "B2", "1. O1", "[x] T", "x = *y*", "Q", "N", "E\ninside", "a | b",
        "(image shot)", "@Ada:x:BETA2026-11-30", "https://card.example", "still read", "macro",
    ):  # fmt: skip
        assert piece in text, piece


@pytest.mark.parametrize(
    ("node", "plain"),
    [
        ({"type": "emoji", "attrs": {"shortName": ":check_mark:", "text": ":check_mark:"}}, "✔"),
        ({"type": "emoji", "attrs": {"shortName": ":cross_mark:"}}, "✘"),
        ({"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄"}}, "😄"),
        ({"type": "inlineCard", "attrs": {"data": {"url": "https://kite.example/a", "name": "A"}}},
         "https://kite.example/a"),
        ({"type": "inlineCard", "attrs": {"data": {"name": "A page"}}}, "A page"),
        ({"type": "inlineCard", "attrs": {"data": 5}}, ""),
        ({"type": "text", "text": "{color:red}*Red*{color} and [a guide|https://kite.example/g]"},
         "Red and a guide (https://kite.example/g)"),
        ({"type": "text", "text": "*as is*", "marks": [{"type": "code"}]}, "*as is*"),
        ({"type": "codeBlock", "content": [{"type": "text", "text": "int *a = {{b}};"}]}, "int *a = {{b}};"),
    ],
)  # fmt: skip
def test_icons_and_smart_links_of_a_document_become_text(node: dict[str, Any], plain: str) -> None:
    assert plain_text(doc({"type": "paragraph", "content": [node]})) == plain


def test_characters_that_nobody_sees_are_taken_out() -> None:
    hidden = "a\u200bb\u202ec\U000e0041d\ufeffe\x00f\u00adg\ud800h"
    assert plain_text(hidden) == one_line(hidden, 50) == clean(hidden) == "abcdefgh"
    assert plain_text(doc(words("a\u2066b"))) == "ab"
    assert clean("Ä ß 你好 🚀 e\u0301") == "Ä ß 你好 🚀 e\u0301"


def test_long_texts_are_cut_and_say_so() -> None:
    assert plain_text("x" * 50_000, 100) == "x" * 99 + "…"
    assert one_line("word " * 300, 20) == "word word word word…"


@pytest.mark.parametrize("depth", [100, 20_000])
def test_deep_nesting_gives_its_text(depth: int) -> None:
    node: dict[str, Any] = words("deep down")
    for _ in range(depth):
        node = {"type": "blockquote", "content": [node]}
    assert "deep down" in plain_text(doc(node))


@pytest.mark.parametrize(
    "hostile",
    ["[" * 200_000, "{code}" * 40_000, "*a" * 100_000, "|" * 200_000, "{{" * 100_000, "!a" * 100_000, "\\" * 200_000],
    ids=["brackets", "code", "stars", "bars", "braces", "images", "backslashes"],
)
def test_hostile_markup_comes_to_an_end(hostile: str) -> None:
    # A pattern that goes back over what it has read needs minutes here on any machine, the others a second or two.
    begun = time.process_time()
    plain_text(hostile)
    assert time.process_time() - begun < 60


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "content", "text", "attrs", "marks", "href", "timestamp"]), inner)
    ),
    max_leaves=25,
)
NODE_NAMES = st.sampled_from(
    ["text", "date", "table", "tableRow", "bulletList", "taskList", "mention", "media", "doc", "x"]
)


@settings(max_examples=200, deadline=None)
@given(value=JSON, kind=NODE_NAMES)
def test_nothing_from_outside_raises(value: Any, kind: str) -> None:
    for candidate in (value, {"type": kind, "content": value}, {"type": kind, "attrs": value, "content": [value]}):
        text = plain_text(candidate, 500)
        assert isinstance(text, str) and len(text) <= 500


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=200))
def test_plain_words_stay_and_the_result_can_be_stored(text: str) -> None:
    result = plain_text(text)
    assert "\x00" not in result
    result.encode("utf-8")
    if text.isalnum() and text.isascii():
        assert result == text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="abc xyz", min_size=1).filter(str.strip), min_size=1, max_size=6))
def test_every_paragraph_of_a_document_is_kept_in_order(paragraphs: list[str]) -> None:
    text = plain_text(doc(*(words(one) for one in paragraphs)))
    assert text == "\n\n".join(one.rstrip() if number else one.strip() for number, one in enumerate(paragraphs)).strip()


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded payloads are not here")
@pytest.mark.parametrize("name", ["jira-rest-issue-v3-adf.json", "jira-rest-issue-v2-wiki-text.json"])
def test_recorded_descriptions_are_read(name: str) -> None:
    row = json.loads((PAYLOADS / name).read_text())
    description = row["fields"]["description"]
    assert bool(plain_text(description)) == bool(description)
