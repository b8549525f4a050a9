"""Everything without a mouse: the list of keys, going places, searching, moving in lists, switching the keys off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from relmail.roles import MARKETER, RELEASE_MANAGER
from tests.browser import Window
from tests.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

Open = Callable[..., Window]


@pytest.fixture
def world(open_window: Open) -> World:
    """Made after the live server has its database."""
    return make_world(timezone.now())


def focused(window: Window) -> str:
    return str(window.page.evaluate("document.activeElement.textContent.trim()"))


def press(window: Window, *keys: str) -> None:
    """Press keys as a hand does: what one of them sets going, such as a dialog that gives the focus back, is over."""
    for key in keys:
        window.page.keyboard.press(key)
        window.page.wait_for_timeout(60)


def test_a_whole_round_by_keyboard(open_window: Open, world: World) -> None:
    window = open_window(world.people[RELEASE_MANAGER])
    window.go("/")
    # the list of keys, which holds the focus and gives it back
    press(window, "?")
    assert window.page.locator("#keys").is_visible()
    assert window.violations() == []
    window.turn("dark")
    assert window.violations("color-contrast") == []
    press(window, "Escape")
    assert not window.page.locator("#keys").is_visible()

    # j and k move the focus from thing to thing, Enter opens it
    press(window, "j")
    first = focused(window)
    press(window, "j")
    second = focused(window)
    assert first
    assert second
    assert first != second
    press(window, "k")
    assert focused(window) == first
    assert window.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    # g and a letter go places; a lone letter does not
    for letter, path in (("c", "/campaigns/"), ("r", "/releases/"), ("n", "/notices/"), ("w", "/emails/"), ("h", "/")):
        press(window, "g", letter)
        # The whole address: each of them ends in that of the home page.
        window.page.wait_for_url(f"{window.address}{path}")
        window.page.wait_for_load_state()
    press(window, "r")
    window.page.wait_for_timeout(200)
    assert window.page.url.endswith("/")

    # the search
    press(window, "/")
    window.page.keyboard.type("kite")
    assert window.page.input_value("#search-text") == "kite"
    press(window, "Enter")
    window.page.wait_for_url("**/search/?q=kite")
    press(window, "j", "Enter")
    window.page.wait_for_url("**/releases/*/")

    # letters that are typed into a field are text
    press(window, "/")
    window.page.keyboard.type("g?jk/")
    assert window.page.input_value("#search-text") == "g?jk/"
    assert not window.page.locator("#keys").is_visible()

    # switched off they do nothing, here and on the next page; the menu leads back to the switch
    window.go("/")
    press(window, "?")
    window.page.click("[data-toggle-keys]")
    press(window, "Escape", "?")
    assert not window.page.locator("#keys").is_visible()
    window.go("/campaigns/")
    press(window, "g", "h")
    window.page.wait_for_timeout(200)
    assert window.page.url.endswith("/campaigns/")
    window.page.click("details.dropdown > summary")
    window.page.click("[data-show-keys]")
    assert "off" in window.page.locator("[data-toggle-keys]").inner_text()
    assert window.taken() == []


def test_on_a_phone_the_menu_holds_the_search_and_a_day_is_a_row(open_window: Open, world: World) -> None:
    window = open_window(world.people[MARKETER], width=390)
    window.go("/")
    assert not window.page.locator("#search").is_visible()
    press(window, "/")
    assert window.page.locator("#search-text").is_visible()
    assert window.page.locator("[data-menu]").get_attribute("aria-expanded") == "true"
    assert window.overflow() == ""
    assert window.page.locator(".agenda > .bare >> visible=true").count() == 0
    assert window.taken() == []


def test_the_counted_clashes_replace_the_calendar_and_are_said(open_window: Open, world: World) -> None:
    assert world.campaign is not None
    from campaigns.models import CampaignEmail

    harbor = world.emails["sending"].campaign
    harbor.lists.set([world.contact_list])  # type: ignore[list-item]
    late = CampaignEmail.objects.get(campaign=harbor, step="follow_up")
    late.send_at = world.emails["reminder"].send_at
    late.save(update_fields=["send_at"])
    window = open_window(world.people[MARKETER])
    window.go("/")
    window.page.wait_for_selector("#agenda >> text=60 people are on the lists")
    window.until("document.getElementById('live').textContent.includes('two mails')")
    assert window.violations() == []
    assert window.taken() == []


def test_the_lists_of_a_campaign_come_when_they_are_asked_for(open_window: Open, world: World) -> None:
    assert world.campaign is not None
    window = open_window(world.people[MARKETER])
    window.go(world.campaign.get_absolute_url())
    assert window.page.locator("text=Save the lists").count() == 0
    window.page.click("summary:has-text('Choose lists')")
    window.page.wait_for_selector("text=Save the lists")
    window.page.uncheck("text=All Kite clients (60)")
    window.page.click("text=Save the lists")
    window.page.wait_for_selector("text=The lists are changed.")
    assert world.campaign.lists.count() == 0
    window.go(f"/campaigns/{world.campaign.pk}/choose/")
    assert window.violations() == []
    assert window.taken() == []
