"""Blocks change places where the template lets them, and nothing else in the mail moves."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from templates import arrangement, rendering
from templates.content import SECTION_KINDS, MailContent, Section

MJML = {
    path.stem: path.read_text() for path in sorted((Path(__file__).parent.parent / "templates/mjml").glob("*.mjml"))
}
FREE = ("highlights", "breaking", "fixes", "action", "closing")


def free(mjml: str) -> tuple[str, ...]:
    """The blocks that can move; known problems are one where the template has a place for them."""
    return (*FREE[:3], *(("problems",) if "{{ problems }}" in mjml else ()), *FREE[3:])


def content(order: tuple[str, ...] = (), without: tuple[str, ...] = ("problems",)) -> MailContent:
    return MailContent(
        subject="Kite 2.4.0", preheader="A preheader", product_name="Kite", version="2.4.0", order=order,
        sender_name="Kite releases", postal_address="Kite GmbH, Hamburg",
        action_label="Read on", action_url="https://kite.example/",
        sections=tuple(Section(kind, (f"The words of {kind}.",)) for kind in SECTION_KINDS if kind not in without),
    )  # fmt: skip


def shown(mail: rendering.Rendered) -> list[str]:
    return re.findall(r"The words of (\w+)\.", mail.text)


@pytest.mark.parametrize("mjml", MJML.values(), ids=MJML)
def test_the_blocks_of_every_template_but_the_introduction_can_change_places(mjml: str) -> None:
    assert set(arrangement.movable(mjml)) == set(free(mjml))
    own = arrangement.own_order(mjml)
    assert own[0] == "intro" and arrangement.order_in(mjml, ()) == own


@pytest.mark.parametrize("mjml", MJML.values(), ids=MJML)
def test_a_mail_shows_its_blocks_in_any_order_that_is_wanted(mjml: str) -> None:
    kinds = free(mjml)
    for wanted in itertools.islice(itertools.permutations(kinds), 0, None, 17 if kinds == FREE else 101):
        without = tuple(kind for kind in SECTION_KINDS if kind not in ("intro", *kinds))
        mail = rendering.render(mjml, content(("intro", *wanted), without))
        assert shown(mail) == ["intro", *wanted]
        assert mail.text.index("Unsubscribe") > max(mail.text.index(f"of {kind}.") for kind in wanted)
        # The button goes with the words that ask to press it.
        assert re.search(r"of action\.\s+Read on", mail.text)


@pytest.mark.parametrize("mjml", MJML.values(), ids=MJML)
def test_the_order_of_the_template_changes_not_one_byte(mjml: str) -> None:
    own = arrangement.own_order(mjml)
    assert arrangement.arranged(mjml, own) == mjml
    assert rendering.render(mjml, content(own)) == rendering.render(mjml, content())


def test_what_cannot_move_stays_and_what_is_not_named_keeps_behind_the_one_before_it() -> None:
    mjml = MJML["announcement"]
    assert arrangement.order_in(mjml, ("fixes", "intro", "highlights", "closing")) == (
        "intro", "fixes", "action", "highlights", "breaking", "problems", "closing",
    )  # fmt: skip
    part = content(("fixes", "highlights", "closing"), without=("breaking", "problems", "action"))
    assert shown(rendering.render(mjml, part)) == ["intro", "fixes", "highlights", "closing"]


def test_a_place_that_two_blocks_share_does_not_move() -> None:
    mjml = MJML["announcement"].replace("{{ closing }}", "{{ closing }} {{ fixes }}")
    assert arrangement.movable(mjml) == ("highlights", "breaking", "action")
    nested = MJML["announcement"].replace('<mj-section when="fixes"', '<mj-wrapper><mj-section when="fixes"', 1)
    at = nested.index("</mj-section>", nested.index('when="fixes"')) + len("</mj-section>")
    nested = nested[:at] + "</mj-wrapper>" + nested[at:]
    assert "fixes" not in arrangement.movable(nested)
    assert shown(rendering.render(nested, content(("fixes", "action", "closing", "highlights", "breaking")))) == [
        "intro", "action", "closing", "fixes", "highlights", "breaking",
    ]  # fmt: skip
