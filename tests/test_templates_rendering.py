"""Mails are made from MJML and plain content: what is shown, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates import colours, placeholders, rendering, samples, services
from templates.content import MailContent, Section, written_date
from templates.plain_text import plain_text
from templates.rendering import Rendered, RenderingError

MJML = Path(__file__).resolve().parent.parent / "templates" / "mjml"
STEPS = ("announcement", "reminder", "release_day", "follow_up")
HOSTILE = (
    "<script>alert(1)</script>",
    "<style>body{display:none}</style>",
    "</style></title></p><h1>Free</h1>",
    '"><img src=x onerror=alert(1)>',
    "{% include 'base.html' %} {% load x %} ${7*7} <%= 7*7 %>",
    "<mj-include path='/etc/passwd' /> <mj-raw>x</mj-raw>",
    "<!-- a comment --> <![CDATA[x]]> &lt;b&gt; &#123;&#123;version&#125;&#125;",
    "مرحبا بالعالم 😀 é",
)


def mjml(step: str = "announcement") -> str:
    return (MJML / f"{step}.mjml").read_text()


def small(body: str, head: str = "") -> str:
    """A template of one part, with what every template must have."""
    return (
        '<mjml lang="{{ language }}"><mj-head><mj-preview>{{ preheader }}</mj-preview>'
        f"{head}</mj-head><mj-body><mj-section><mj-column><mj-text>{body}</mj-text><mj-text>{{{{ postal_address }}}} "
        '<a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>'
    )


def content(**changes: object) -> MailContent:
    plain = dataclasses.replace(samples.bare_sample("announcement"), sections=())
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


class _Visible(HTMLParser):
    """The words that a mail client shows, by another way than the product's."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        style = dict(attrs).get("style") or ""
        if tag in ("style", "title") or (tag == "div" and (self._hidden or "display:none" in style)):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag in ("style", "title", "div"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.replace(placeholders.HTML_SUFFIX + "}}", "}}").split()


def visible(rendered: Rendered) -> _Visible:
    looker = _Visible()
    looker.feed(rendered.html)
    return looker


@pytest.mark.parametrize("step", STEPS)
def test_the_first_templates_can_be_published(step: str) -> None:
    assert services.faults(mjml(step), step) == []


def test_the_first_templates_look_different() -> None:
    assert len({rendering.render(mjml(step), samples.sample("announcement")).html for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_html_and_text_say_the_same(step: str) -> None:
    rendered = rendering.render(mjml(step), samples.sample(step))
    text = re.sub(r"^[-=]+$|^- ", "", rendered.text, flags=re.MULTILINE)
    text = re.sub(r": (https?://\S+|\{\{unsubscribe_url\}\})$", "", text, flags=re.MULTILINE)

    assert text.split() == visible(rendered).words


@pytest.mark.parametrize("step", STEPS)
def test_every_mail_has_its_foot_and_every_word_of_its_content(step: str) -> None:
    mail = samples.sample(step)
    rendered = rendering.render(mjml(step), mail)

    assert '<a href="{{unsubscribe_url}}"' in rendered.html
    assert "{{unsubscribe_url}}" in rendered.text
    for part in (mail.postal_address, mail.action_label, mail.action_url, *[i for s in mail.sections for i in s.items]):
        assert part in rendered.text


@pytest.mark.parametrize("step", STEPS)
def test_a_mail_loads_nothing_and_runs_nothing(step: str) -> None:
    rendered = rendering.render(mjml(step), samples.sample(step))

    assert not set(visible(rendered).tags) & {"script", "img", "link", "iframe", "form", "object", "svg"}
    assert not re.search(r"url\(|@import|src=|javascript:", rendered.html)
    assert '<html lang="en"' in rendered.html
    assert 'name="color-scheme" content="light dark"' in rendered.html
    assert "width:600px" in rendered.html
    assert not rendered.clipped


def test_only_the_placeholders_of_the_reader_are_left() -> None:
    rendered = rendering.render(mjml(), samples.sample("announcement"))

    assert list(rendered.placeholders) == [
        "client_name", "client_name_html", "first_name", "first_name_html", "unsubscribe_url",
    ]  # fmt: skip
    filled = placeholders.fill(rendered.html, placeholders.sample_values())
    assert "{{" not in filled
    assert "Hello Ada," in filled


def test_the_html_part_asks_for_escaped_values_and_the_other_parts_for_plain_ones() -> None:
    mail = content(subject="For {{ first_name }}", sections=(Section("intro", ("Dear {{first_name}},",)),))
    rendered = rendering.render(small("{{ intro }} {{ last_name }}", "<mj-title>{{ subject }}</mj-title>"), mail)

    assert rendered.subject == "For {{first_name}}"
    assert "<title>For {{first_name_html}}</title>" in rendered.html
    assert "{{first_name}}" not in rendered.html
    assert "Dear {{first_name}}," in rendered.text
    assert "_html" not in rendered.text


def test_rendering_gives_the_same_bytes_in_every_process() -> None:
    program = (
        "from templates import rendering, samples; import datetime, hashlib, pathlib;"
        f"mjml = pathlib.Path({str(MJML / 'release_day.mjml')!r}).read_text();"
        "r = rendering.render(mjml, samples.sample('release_day', today=datetime.date(2027, 3, 30)));"
        "print(hashlib.sha256((r.subject + r.html + r.text).encode()).hexdigest())"
    )
    root = MJML.parent.parent
    seen = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, cwd=root, check=True,
                       capture_output=True, text=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("step", STEPS)
def test_hostile_text_is_shown_as_text_wherever_it_stands(step: str, hostile: str) -> None:
    kinds = ("intro", "highlights", "breaking", "fixes", "action", "closing")
    mail = dataclasses.replace(
        samples.sample(step), subject=hostile, preheader=hostile, product_name=hostile, version=hostile,
        sender_name=hostile, postal_address=hostile, action_label=hostile,
        sections=tuple(Section(kind, (hostile, hostile)) for kind in kinds),
    )  # fmt: skip
    rendered = rendering.render(mjml(step), mail)
    seen = visible(rendered)

    assert not set(seen.tags) & {"script", "img", "mj-include", "mj-raw"}
    assert seen.tags.count("style") == visible(rendering.render(mjml(step), samples.sample(step))).tags.count("style")
    assert " ".join(hostile.split()) in " ".join(seen.words)
    assert hostile in rendered.text


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=120).filter(lambda text: "{{" not in text))
def test_any_text_reads_the_same_in_both_parts(text: str) -> None:
    cleaned = placeholders.clean(text)
    rendered = rendering.render(small("<p>a</p>{{ intro }}<p>z</p>"), content(sections=(Section("intro", (text,)),)))

    shown = cleaned.split()
    assert rendered.text.split()[1 : 1 + len(shown)] == shown
    assert visible(rendered).tags.count("p") == (3 if cleaned else 2)


def test_200_kilobytes_of_text_are_rendered_whole_and_said_to_be_too_much() -> None:
    rendered = rendering.render(mjml(), content(sections=(Section("intro", ("<b>word</b> " * 16_000,)),)))

    assert rendered.clipped
    assert rendered.text.count("<b>word</b>") == 16_000


@pytest.mark.parametrize("text", ["{{7*7}}", "{{ version", "{{ unsubscribe_url }}", "{{ intro }}"])
def test_a_brace_pair_in_a_text_is_refused_and_the_place_named(text: str) -> None:
    mail = content(sections=(Section("fixes", ("Fine.", f"Not {text}")),))

    with pytest.raises(RenderingError, match=r"In the fixes, item 2, character 5"):
        rendering.render(mjml(), mail)


def test_a_part_without_words_leaves_no_heading_behind() -> None:
    full = rendering.render(mjml(), samples.sample("announcement"))
    bare = rendering.render(mjml(), samples.bare_sample("announcement"))

    assert "What to prepare" in full.text
    assert "What to prepare" not in bare.html
    assert "Planned for" not in bare.html
    assert "Read what to prepare" not in bare.html
    assert "when=" not in full.html


def test_a_text_without_a_place_in_the_template_is_an_error_and_not_lost() -> None:
    mail = content(sections=(Section("intro", ("Hello.",)), Section("breaking", ("The API is gone.",))))

    with pytest.raises(RenderingError, match="no place for the changes that need action"):
        rendering.render(small("{{ intro }}"), mail)


def test_points_become_a_list_and_a_single_one_a_paragraph() -> None:
    two = rendering.render(small("{{ fixes }}"), content(sections=(Section("fixes", ("One.", "Two.")),)))
    one = rendering.render(small("{{ fixes }}"), content(sections=(Section("fixes", ("One.",)),)))

    assert "- One.\n- Two." in two.text
    assert "<li" not in one.html
    assert "- " not in one.text


def test_the_preheader_is_hidden_and_keeps_the_mails_first_words_out_of_its_line() -> None:
    mail = content(preheader="In short", sections=(Section("intro", ("Long.",)),))
    rendered = rendering.render(small("{{ intro }}"), mail)

    hidden = re.search(r'<div style="display:none[^>]*>(.*?)</div>', rendered.html)
    assert hidden
    assert hidden[1].startswith("In short&#847;&zwnj;&nbsp;")
    assert "In short" not in rendered.text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("", "starts with <mjml>"),
        ("<mjml><mj-body>\n<mj-section>\n</mj-body></mjml>", "Line 3: .*before <mj-section> of line 2 is closed"),
        ("<mjml>\n<mj-body>", "Line 2: <mj-body> is never closed"),
        ("<mjml></mjml></p>", "closes nothing"),
        ("<mjml>\n<mj-body><mj-colunm></mj-colunm></mj-body></mjml>", "Line 2: <mj-colunm> is no element"),
        ('<mjml><mj-body>\n<mj-include path="/etc/passwd" /></mj-body></mjml>', "Line 2: .*cannot be included"),
        ('<mjml><mj-body><mj-image src="https://x.example/a.png" /></mj-body></mjml>', "Pictures are not used"),
        (small("a\n\n{{ nobody }}"), "Line 3: 'nobody' is no placeholder"),
        (small("{{ intro"), "Line 1: '{{ intro.*' is no placeholder"),
        (small('<p when="nothing">x</p>'), "names nothing that can be empty"),
        (small('<p when="subject">x</p>'), "names nothing that can be empty"),
        (small("<script>alert(1)</script>"), "<script> may not stand in a mail"),
        (small('<p onclick="x()">a</p>'), "onclick= on <p>"),
        (small('<a href="javascript:alert(1)">a</a>'), "must be an http, https or mailto address"),
        (small('<a href="https://x.example/?to={{ email }}">a</a>'), "must be an http, https or mailto address"),
        (small('<a href="{{ product_name }}">a</a>'), "must be an http, https or mailto address"),
        (small('<p style="background: url(https://x.example/a.png)">a</p>'), "A style loads something"),
        (small('<p style="color: {{ product_name }}">a</p>'), "product_name .* may not stand in a style"),
        (small("a", "<mj-style>.a { content: '{{ intro }}'; }</mj-style>"), "intro .* may not stand in a style"),
        (small("a", "<mj-style>@import 'https://x.example/a.css';</mj-style>"), "A style loads something"),
        (small('<p title="{{ intro }}">a</p>'), "intro .* may not stand in title="),
        (small("&#123;&#123;first_name&#x7d;&#125;"), "braces are for placeholders"),
        (small("<div>" * 2000 + "</div>" * 2000), "more than 1,500 elements"),
        (small("a" * 100_001), "at most 100,000"),
        ("<mjml><mj-body><mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section></mj-body></mjml>",
         "no .*unsubscribe_url"),
    ],
)  # fmt: skip
def test_a_faulty_template_is_refused_in_words_with_its_line(template: str, message: str) -> None:
    with pytest.raises(RenderingError, match=message):
        rendering.render(template, content())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subject": " \n"}, "subject is empty"),
        ({"postal_address": ""}, "postal address is empty"),
        ({"action_label": "Read"}, "needs both"),
        ({"action_label": "Read", "action_url": "javascript:alert(1)"}, "not an http or https address"),
        ({"action_label": "Read", "action_url": 'https://x.example/"onclick="'}, "not an http or https address"),
        ({"brand_colour": "red; }"}, "not a colour"),
        ({"language": 'en" onload="'}, "not the tag of a language"),
        ({"product_name": "{{ first_name }}"}, "In the product's name"),
    ],
)
def test_content_that_no_mail_can_carry_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(RenderingError, match=message):
        rendering.render(mjml(), content(**changes))


def test_comments_of_the_author_do_not_go_out() -> None:
    rendered = rendering.render(small("a<!-- do not tell -->"), content())

    assert "do not tell" not in rendered.html + rendered.text


def test_dark_and_light_previews_differ_whatever_the_device_prefers() -> None:
    page = rendering.render(mjml(), samples.sample("announcement")).html

    assert "@media all" in rendering.in_scheme(page, dark=True)
    assert "@media not all" in rendering.in_scheme(page, dark=False)
    assert "prefers-color-scheme" not in rendering.in_scheme(page, dark=True) + rendering.in_scheme(page, dark=False)


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_any_brand_colour_gives_readable_text(colour: str) -> None:
    assert colours.contrast(colours.text_on(colour), colour) >= 4.5
    for paper in (colours.LIGHT_PAPER, colours.DARK_PAPER, "#ffffff", "#11151a", "#1c2127"):
        assert colours.contrast(colours.readable(colour, paper), paper) >= 4.5


def test_a_brand_colour_that_is_readable_stays_as_it_is() -> None:
    assert colours.readable("#1f5fbf", colours.LIGHT_PAPER) == "#1f5fbf"
    assert colours.contrast("#ffffff", "#000000") == pytest.approx(21)


def test_plain_text_knows_lists_links_headings_and_breaks() -> None:
    page = (
        "<body><h2>News</h2><p>One<br>two &lt;b&gt;</p><ul><li>a</li><li>b</li></ul>"
        '<p>See <a href="https://x.example/">the page</a> or <a href="https://y.example">https://y.example</a></p></body>'
    )

    assert plain_text(page) == (
        "News\n----\n\nOne\ntwo <b>\n\n- a\n- b\n\nSee the page: https://x.example/ or https://y.example\n"
    )


def test_a_date_is_written_out() -> None:
    assert written_date(dt.date(2026, 11, 25)) == "25 November 2026"
    assert written_date(None) == ""


def test_the_sample_of_each_step_lies_where_its_release_would_for_a_reader() -> None:
    today = dt.date(2027, 3, 30)
    said = {step: samples.sample(step, today=today) for step in STEPS}
    assert said["announcement"].subject == "Harbor Sync 4.2.0 comes on 13 April"
    assert said["reminder"].subject == "Reminder: Harbor Sync 4.2.0 on Friday"
    assert [said[step].release_date for step in ("announcement", "reminder", "release_day", "follow_up")] == [
        dt.date(2027, 4, 13), dt.date(2027, 4, 2), today, dt.date(2027, 3, 23),
    ]  # fmt: skip
    for mail in said.values():
        assert "{" not in mail.subject + mail.preheader
        assert not any("{" in item for section in mail.sections for item in section.items)
    assert samples.sample("announcement").release_date > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=12)
