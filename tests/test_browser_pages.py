"""Every page in Chromium, on a phone and on a desk, light and dark: no error, no sideways scrolling, no barrier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from campaigns.audience import unsubscribe
from campaigns.delivery.models import Batch, Message
from campaigns.models import CampaignEmail, Transition
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories
from tests.browser import Window
from tests.pages import NOBODY, whole_pages
from tests.world import World, make_world, messages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

Open = Callable[..., Window]


@pytest.fixture
def world(open_window: Open) -> World:
    """Made after the live server has its database."""
    return make_world(timezone.now())


def looked_at(window: Window, path: str, *, dark: bool = True) -> list[str]:
    """Everything that is wrong with one page: in light as a whole, in dark as to its colours."""
    window.turn("light")
    answer = window.go(path)
    found = window.taken()
    if answer.status >= 500:
        found.append(f"status {answer.status}")
    if window.overflow():
        found.append(window.overflow())
    found += window.violations()
    if not dark:
        return found
    window.turn("dark")
    return found + [f"dark: {problem}" for problem in window.violations("color-contrast")]


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_whole_fits_and_has_no_barrier(width: int, open_window: Open, world: World) -> None:
    people = (RELEASE_MANAGER, OPERATOR, MARKETER, NOBODY)
    windows = {role: open_window(world.people[role], width=width) for role in people}
    wrong = []
    dark = width == 1280  # colours do not hang on the width
    for page in whole_pages():
        # The release manager has the most buttons; the operator has those of messages and of the sender.
        role = OPERATOR if "delivery:" in page.name or page.roles == {OPERATOR} else RELEASE_MANAGER
        wrong += [f"{page.name}: {problem}" for problem in looked_at(windows[role], page.address(world), dark=dark)]
    for role, path in (
        (NOBODY, "/"), (NOBODY, "/campaigns/"), (OPERATOR, "/"), (MARKETER, "/no/such/page/"),
        (MARKETER, world.emails["release_day"].get_absolute_url()),
    ):  # fmt: skip
        wrong += [f"{path} as {role or 'nobody'}: {problem}" for problem in looked_at(windows[role], path, dark=dark)]
    stranger = open_window(width=width)
    wrong += [f"log in: {problem}" for problem in looked_at(stranger, "/login/?next=/campaigns/")]
    stranger.page.fill("#id_username", "mara")
    stranger.page.fill("#id_password", "wrong")
    stranger.page.click("button.primary")
    stranger.page.wait_for_selector("[role=alert]")
    wrong += [f"log in refused: {problem}" for problem in [*stranger.taken(), *stranger.violations()]]
    token = unsubscribe.token(world.contact.pk, world.product.pk)  # type: ignore[union-attr]
    for path in (f"/u/{token}/", "/u/nonsense/"):
        wrong += [f"{path[:5]}: {problem}" for problem in looked_at(stranger, path)]
    windows[MARKETER].go("/notices/settings/")
    windows[MARKETER].page.evaluate(
        "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((one) => one.remove())"
    )
    windows[MARKETER].page.click("main form button")
    windows[MARKETER].page.wait_for_selector("text=too old to trust")
    wrong += [f"too old a form: {problem}" for problem in windows[MARKETER].violations()]
    assert wrong == []


def test_a_long_reason_widens_no_page(open_window: Open, world: World) -> None:
    long, campaign = "https://jira.example/" + "x" * 270, world.emails["follow_up"].campaign
    CampaignEmail.objects.filter(pk=world.emails["follow_up"].pk).update(state_reason=long)
    campaign.state, campaign.hold_reason = "held", long
    campaign.save(update_fields=["state", "hold_reason"])
    Transition.objects.filter(email=world.emails["follow_up"]).update(why=long)
    wrong = []
    for width in (390, 1280):
        window = open_window(world.people[RELEASE_MANAGER], width=width)
        for path in ("/", "/emails/", campaign.get_absolute_url(), world.emails["follow_up"].get_absolute_url()):
            window.go(path)
            window.page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true; })")
            if window.overflow():
                wrong.append(f"{path} at {width}: {window.overflow()}")
    assert wrong == []


def admin_pages() -> list[str]:
    """The index, every list, one row of each and every form that makes one."""
    found = [reverse("admin:index"), reverse("admin:app_list", args=["campaigns"])]
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            found.append(reverse(f"{name}_change", args=[row.pk]))
        if model.__name__ in ADDED:
            found.append(reverse(f"{name}_add"))
    return found


# What an operator makes in the admin.
ADDED = ("User", "Cadence", "WarmUp", "SeedAddress", "Client", "ContactList", "Suppression")


def test_the_admin_is_whole_and_readable(open_window: Open, world: World) -> None:
    """Its markup is Django's; ours are the colours, and that nothing of it breaks under our policy."""
    operator = world.people[OPERATOR]
    operator.is_superuser = True  # sees all of it
    operator.save(update_fields=["is_superuser"])
    window = open_window(operator)
    wrong = []
    pages = admin_pages()
    assert len(pages) > 70
    for path in pages:
        for scheme in ("light", "dark"):
            window.turn(scheme)
            if scheme == "light":
                assert window.go(path).status == 200, path
            found = [*window.taken(), *window.violations("color-contrast")]
            wrong += [f"{path} {scheme}: {problem}" for problem in found]
    assert wrong == []


def test_the_eyes_of_these_tests_see(open_window: Open, world: World) -> None:
    window = open_window(world.people[MARKETER], width=390)
    window.go("/")
    window.page.evaluate(
        """() => {
            const wide = document.createElement("div");
            wide.style.width = "2000px";
            wide.innerHTML = '<img src="/static/img/mark.svg"><p class="pale">Pale on paper</p>';
            document.querySelector("main").append(wide);
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("@media (prefers-color-scheme: dark) { .pale { color: rgb(30 34 36) } }");
            document.adoptedStyleSheets = [sheet];
            console.error("heard");
            setTimeout(() => { throw new Error("thrown"); });
        }"""
    )
    window.page.wait_for_timeout(100)
    assert "px wide in a window of 390 px" in window.overflow()
    assert any("axe image-alt" in found for found in window.violations())
    assert window.violations("color-contrast") == []
    window.turn("dark")
    assert any("Pale on paper" in found for found in window.violations("color-contrast"))
    assert window.taken() == ["console: heard", "script: thrown"]


def test_the_menu_opens_on_a_phone_and_says_so(open_window: Open, world: World) -> None:
    window = open_window(world.people[MARKETER], width=390)
    window.go("/")
    button, link = window.page.locator("[data-menu]"), window.page.locator("#navigation >> text=Campaigns")
    assert not link.is_visible()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    link.click()
    window.page.wait_for_url("**/campaigns/")
    assert window.taken() == []


def test_a_chosen_theme_stays_and_holds_in_the_admin_too(open_window: Open, world: World) -> None:
    window = open_window(world.people[OPERATOR], scheme="light")

    def paper() -> str:
        return str(window.page.evaluate("getComputedStyle(document.body).backgroundColor"))

    window.go("/")
    light = paper()
    window.page.click("details.dropdown > summary")
    window.page.click("[data-set-theme=dark]")
    dark = paper()
    assert dark != light
    window.go("/campaigns/")
    assert paper() == dark
    window.go("/admin/")
    assert paper() == dark
    assert window.taken() == []


def test_a_dangerous_button_asks_first_and_going_back_changes_nothing(open_window: Open, world: World) -> None:
    assert world.campaign is not None
    window = open_window(world.people[RELEASE_MANAGER])
    window.go(world.campaign.get_absolute_url())
    window.page.click("summary:has-text('Cancel the campaign')")
    window.page.fill("#why-cancel", "The release is off.")
    window.page.click("button:has-text('Cancel the campaign')")
    dialog = window.page.locator("#confirm")
    dialog.wait_for(state="visible")
    assert "cancelled for good" in dialog.inner_text()
    dialog.get_by_text("Go back").click()
    world.campaign.refresh_from_db()
    assert world.campaign.state == "active"

    window.page.click("button:has-text('Cancel the campaign')")
    dialog.get_by_text("Yes, do it").click()
    window.page.wait_for_selector("text=The campaign is cancelled.")
    world.campaign.refresh_from_db()
    assert world.campaign.state == "cancelled"
    assert window.taken() == []


def test_progress_moves_while_the_page_stays_open(open_window: Open, world: World) -> None:
    from campaigns.models import CampaignEmail

    email = world.emails["sending"]
    window = open_window(world.people[RELEASE_MANAGER])
    window.go(f"/sending/{email.pk}/")
    window.page.wait_for_selector("#progress >> text=Sending")
    CampaignEmail.objects.filter(pk=email.pk).update(state="sent", finished_at=timezone.now())
    window.page.wait_for_selector("#progress >> text=Sent")
    assert "every" not in (window.page.locator("#progress").get_attribute("hx-trigger") or "")
    window.until("document.getElementById('live').textContent.includes('sent')")
    assert window.taken() == []


def test_what_cancelling_does_moves_in_the_open_dialog_and_ends_with_the_send(open_window: Open, world: World) -> None:
    email = world.emails["sending"]
    window = open_window(world.people[RELEASE_MANAGER])
    window.go(f"/sending/{email.pk}/?state=queued")
    window.page.click("summary:has-text('Cancel the send')")
    window.page.fill("#why-cancel", "Wrong list.")
    Batch.objects.filter(email=email, queued__gte=20).update(queued=F("queued") - 7, accepted=F("accepted") + 7)
    window.until("document.querySelector('#about-cancel').textContent.includes('56 that still wait')")
    assert window.page.evaluate("document.activeElement.id") == "why-cancel"
    assert window.page.input_value("#why-cancel") == "Wrong list."

    window.page.click("#send-stops button:has-text('Cancel the send')")
    window.until("document.querySelector('#confirm').open")
    Batch.objects.filter(email=email, queued__gte=13).update(queued=F("queued") - 3, accepted=F("accepted") + 3)
    window.until("document.querySelector('[data-question]').textContent.includes('50 that still wait')")
    assert "50" in window.page.inner_text("#count-queued")

    # Paused by somebody else: what is asked is still to be answered, with what was typed.
    CampaignEmail.objects.filter(pk=email.pk).update(state="paused", state_since=timezone.now())
    window.page.wait_for_selector("#send-go button:has-text('Resume')")
    assert window.page.evaluate("document.querySelector('#confirm').open")
    assert window.page.input_value("#why-cancel") == "Wrong list."
    window.page.click("#confirm button:has-text('Yes, do it')")
    window.page.wait_for_selector("text=The send is cancelled.")
    assert window.taken() == []


@pytest.mark.parametrize(("state", "left"), [("sending", True), ("cancelled", False)])
def test_what_somebody_else_does_to_a_paused_send_is_seen(
    open_window: Open, world: World, state: str, left: bool
) -> None:
    email = world.emails["sending"]
    CampaignEmail.objects.filter(pk=email.pk).update(state="paused", state_since=timezone.now())
    window = open_window(world.people[RELEASE_MANAGER])
    window.go(f"/sending/{email.pk}/")
    window.page.click("summary:has-text('Cancel the send')")
    window.page.fill("#why-cancel", "Wrong list.")
    # Nothing has changed: the page is asked and stays as it is.
    with window.page.expect_response(lambda answer: "/progress/" in answer.url, timeout=20_000) as asked:
        pass
    assert asked.value.status == 204
    CampaignEmail.objects.filter(pk=email.pk).update(state=state, state_since=timezone.now() + dt.timedelta(seconds=1))
    window.until(f"document.querySelector('#progress-title').textContent.includes('{state.title()}')", seconds=20)
    assert window.page.locator("#send-go button:has-text('Resume')").count() == 0
    assert window.page.is_visible("#why-cancel") == left
    if left:
        assert window.page.evaluate("document.activeElement.id") == "why-cancel"
        assert window.page.input_value("#why-cancel") == "Wrong list."
    assert window.taken() == []


def test_a_question_about_a_send_that_has_ended_is_not_asked_any_more(open_window: Open, world: World) -> None:
    email = world.emails["sending"]
    window = open_window(world.people[RELEASE_MANAGER])
    window.go(f"/sending/{email.pk}/")
    window.page.click("summary:has-text('Cancel the send')")
    window.page.fill("#why-cancel", "Wrong list.")
    window.page.click("#send-stops button:has-text('Cancel the send')")
    window.until("document.querySelector('#confirm').open")
    CampaignEmail.objects.filter(pk=email.pk).update(state="sent", finished_at=timezone.now())
    window.until("!document.querySelector('#confirm').open && document.querySelector('#send-stops').hidden")
    assert window.page.locator("main >> text=Cancel the send").count() == 0
    assert window.taken() == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_wrong_mail_is_stopped_and_corrected_in_one_way(open_window: Open, width: int, scheme: str) -> None:
    email = factories.make_approved_email(contacts=12, state="sending")
    messages(email, list(email.campaign.lists.get().contacts.order_by("pk")), now=timezone.now(), queued=4)
    window = open_window(factories.make_user(RELEASE_MANAGER), width=width, scheme=scheme)
    window.go(email.get_absolute_url())
    window.page.click("text=Pause, cancel, or stop and correct")
    window.page.click("summary:has-text('Stop and correct')")
    assert [*window.violations(), *filter(None, [window.overflow()])] == []
    window.page.fill("#why-stop_and_correct", "The date is wrong.")
    window.page.click("#send-stops button:has-text('Stop and correct')")
    window.until("document.querySelector('#confirm').open")
    points = window.page.locator("#confirm li").all_inner_texts()
    assert points[0].startswith("4 people have it.") and points[1].startswith("4 people who still wait do not get it")
    assert [*window.violations(), *filter(None, [window.overflow()])] == []
    # The figures move below the open question, and what is asked stays a list.
    Batch.objects.filter(email=email).update(queued=3, accepted=5)
    window.until("document.querySelector('#confirm li').textContent.startsWith('5 people have it.')")
    Message.objects.filter(pk=email.messages.filter(state="queued").order_by("pk")[0].pk).update(state="accepted")
    window.page.click("#confirm button:has-text('Yes, do it')")
    window.page.wait_for_selector("text=The send is stopped: 5 have it, 3 do not get it.")
    correction = CampaignEmail.objects.get(correction_of=email)
    assert window.page.url.endswith(correction.get_absolute_url())
    email.refresh_from_db()
    assert (email.state, email.state_reason) == ("cancelled", "The date is wrong.")
    assert window.taken() == []


def test_a_session_that_ended_is_told_and_the_page_stays(open_window: Open, world: World) -> None:
    window = open_window(world.people[RELEASE_MANAGER])
    window.go(f"/sending/{world.emails['sending'].pk}/")
    window.page.context.clear_cookies()
    window.page.wait_for_selector(".toast >> text=You were signed out")
    assert window.page.locator("h1").inner_text() == "Messages: Release day"


def test_the_page_of_a_broken_server_stands_by_itself(open_window: Open, world: World) -> None:
    from pathlib import Path

    from django.conf import settings

    text = (Path(settings.TEMPLATES[0]["DIRS"][0]) / "500.html").read_text()
    assert "{%" not in text
    assert "{{" not in text
    window = open_window()
    window.go("/healthz")
    window.page.set_content(text.replace('href="/static', f'href="{window.address}/static'))
    window.until("document.styleSheets.length == 2")
    assert window.violations() == []


def test_everything_on_the_desk_is_reached_by_keyboard(open_window: Open, world: World) -> None:
    window = open_window(world.people[RELEASE_MANAGER])
    window.go("/")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.className") == "skip"
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("document.activeElement.id") == "content"
    window.page.keyboard.press("Tab")
    outline = window.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus must be seen"
