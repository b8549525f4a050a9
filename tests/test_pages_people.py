"""How people are told apart on the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from campaigns.review import services
from relmail.templatetags.pages import PEOPLE, avatar, initials
from tests import factories
from tests.factories import NOW


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace"}, "AL"),
        ({"first_name": "Grace", "last_name": "Brewster Hopper"}, "GH"),
        ({"first_name": "Ada"}, "Ad"),
        ({"username": "ada.lovelace"}, "al"),
        ({"username": "ada_lovelace@company.example"}, "al"),
        ({"username": "person1"}, "p1"),
        ({"username": "person12"}, "p2"),
        ({"username": "ada"}, "ad"),
        ({"username": "..."}, ".."),
        ({"username": ""}, "?"),
    ],
)
def test_the_letters_of_a_person_come_from_all_parts_of_the_name(names: dict[str, str], letters: str) -> None:
    assert initials(get_user_model()(**names)) == letters


def test_people_with_the_same_letters_stand_in_colours_of_their_own() -> None:
    alike = [get_user_model()(pk=pk, first_name="Ada", last_name=f"L{pk}") for pk in range(1, PEOPLE + 1)]
    shown = [avatar(person) for person in alike]
    assert {re.sub(r"person-\d", "", each) for each in shown} == {
        '<span class="initials " aria-hidden="true">AL</span>'
    }
    assert len(set(shown)) == PEOPLE
    assert shown == [avatar(person) for person in alike]
    assert "person-" not in avatar(None) and ">?<" in avatar(None)


def test_each_colour_of_a_person_is_in_the_style_sheets() -> None:
    css, tokens = (settings.BASE_DIR / "static" / "css" / name for name in ("relmail.css", "tokens.css"))
    for number in range(PEOPLE):
        assert (
            f".person-{number} {{ background: var(--person-{number}-background); color: var(--person-{number}); }}"
            in (css.read_text())
        )
        assert f"--person-{number}:" in tokens.read_text() and f"--person-{number}-background:" in tokens.read_text()


@pytest.mark.django_db
def test_two_people_of_one_talk_with_the_same_letters_look_different(sign_in: Any) -> None:
    email = factories.make_email(factories.make_campaign(contacts=1), state="drafted")
    factories.make_revision(email)
    for first, last in (("Ada", "Lovelace"), ("Anna", "Lindt")):
        writer = factories.make_user("Marketer", first_name=first, last_name=last)
        services.comment(email=email, body="A word.", by=writer, now=NOW)
    page = sign_in("Marketer").get(email.get_absolute_url()).content.decode()
    talk = page[page.index('id="talk"') :]
    shown = re.findall(r'<span class="(initials person-\d)" aria-hidden="true">AL</span>', talk)
    assert len(set(shown)) == 2
    assert "<strong>Ada Lovelace</strong>" in talk and "<strong>Anna Lindt</strong>" in talk
