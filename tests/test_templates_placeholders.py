"""The closed list of placeholders: what is found, what is refused, and that filling is nothing but filling."""

from __future__ import annotations

import html
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates import placeholders
from templates.placeholders import PlaceholderError

TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)


def test_placeholders_are_found_with_their_line_and_offset() -> None:
    found = placeholders.find("Hello {{ first_name }},\nabout {{version}}")

    assert [(use.name, use.position, use.line) for use in found] == [("first_name", 6, 1), ("version", 30, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "{{ unheard_of }}", "{{7*7}}", "{{ first_name|upper }}", "{{ user.password }}", "{{first_name", "{{", "{{}}",
        "{{{first_name}}}", "{{first_name}}}", "\\{{first_name}}", "{{#if first_name}}", "{{> partial}}",
        "{{ first_name\n}}", "{{First_Name}}", "{{ first_name_html }}", "{{!comment}}",
    ],
)  # fmt: skip
def test_whatever_ses_would_read_as_something_else_is_refused(text: str) -> None:
    assert placeholders.unknown(f"Line one\n{text}")[0].line == 2
    with pytest.raises(PlaceholderError) as refused:
        placeholders.fill(text, {"first_name": "Ada"})
    assert "no placeholder that may stand here" in str(refused.value)


def test_a_name_that_is_known_elsewhere_is_refused_here_with_the_names_that_are_allowed() -> None:
    with pytest.raises(PlaceholderError, match="the names are client_name, email, first_name, last_name"):
        placeholders.check("{{ unsubscribe_url }}", placeholders.IN_TEXTS)


@given(TEXTS)
def test_filling_never_evaluates_a_value(value: str) -> None:
    assert placeholders.fill("<{{ first_name }}>", {"first_name": value}) == f"<{value}>"


WORDS = TEXTS.map(lambda text: text.translate(str.maketrans("{}\\", "()/")))
NAMES = st.sampled_from(sorted(placeholders.ALL)).map(lambda name: f"{{{{ {name} }}}}")


@given(st.lists(st.one_of(WORDS, NAMES)))
def test_filling_placeholders_with_themselves_gives_the_same_text(parts: list[str]) -> None:
    text = "".join(parts)

    assert placeholders.fill(text, {name: f"{{{{ {name} }}}}" for name in placeholders.ALL}) == text


@given(st.text("{}\\ " + string.ascii_lowercase + "_0.|#>\n", max_size=40))
def test_a_text_is_either_filled_whole_or_refused(text: str) -> None:
    values = dict.fromkeys(placeholders.ALL, "")
    if placeholders.unknown(text):
        with pytest.raises(PlaceholderError):
            placeholders.fill(text, values)
    else:
        assert "{{" not in placeholders.fill(text, dict.fromkeys(placeholders.ALL, "x"))


def test_values_for_the_html_part_are_escaped_and_those_for_the_text_part_are_not() -> None:
    values = placeholders.recipient_values(
        first_name='<b>"Ada"</b>', email="ada@client.example", unsubscribe_url="https://relmail.example/u/1:a-b_c=/"
    )

    assert values["first_name"] == '<b>"Ada"</b>'
    assert values["first_name_html"] == "&lt;b&gt;&quot;Ada&quot;&lt;/b&gt;"
    assert values["unsubscribe_url"] == "https://relmail.example/u/1:a-b_c=/"


def test_an_empty_name_gets_its_fall_back() -> None:
    values = placeholders.sample_empty_values()

    assert (values["first_name"], values["first_name_html"], values["last_name"]) == ("there", "there", "")
    assert values["client_name"] == "your organisation"


def test_every_name_that_a_frozen_mail_may_ask_for_has_a_value() -> None:
    assert set(placeholders.sample_empty_values()) == placeholders.SENT


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", 'https://relmail.example/u/" x=', "//relmail.example/"])
def test_an_unsubscribe_link_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(PlaceholderError, match="unsubscribe_url"):
        placeholders.recipient_values(email="ada@client.example", unsubscribe_url=url)


def test_a_mail_without_an_address_is_refused() -> None:
    with pytest.raises(PlaceholderError, match="email"):
        placeholders.recipient_values(first_name="Ada", unsubscribe_url="https://relmail.example/u/1/")


@given(TEXTS)
def test_a_name_never_breaks_a_line_turns_the_words_or_grows_without_end(name: str) -> None:
    values = placeholders.recipient_values(
        first_name=name * 3, email="ada@client.example", unsubscribe_url="https://relmail.example/u/1/"
    )

    assert not set(values["first_name"]) & set("\r\n\0\u202e\u2066")
    assert 0 < len(values["first_name"]) <= placeholders.LONGEST_VALUE
    assert html.unescape(values["first_name_html"]) == values["first_name"] or "&" in values["first_name"]
    assert "<" not in values["first_name_html"]
