"""The page of an e-mail in Chromium: keys, undo, words that wait, the frame of the mail, every state."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from campaigns import states
from campaigns.drafting.text import Block, Sentence
from campaigns.models import CampaignEmail
from campaigns.review import services
from relmail.roles import MARKETER, RELEASE_MANAGER
from tests import factories
from tests.browser import Window
from tests.world import messages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

Open = Callable[..., Window]
OFFERED = ".message button:has-text('Put it back')"
SHOWN = (
    "drafted", "in_review", "needs_changes", "approved", "held", "sending", "paused", "sent", "cancelled",
)  # fmt: skip


@pytest.fixture
def email(open_window: Open) -> CampaignEmail:
    """A drafted e-mail for the day after tomorrow; made after the live server has its database."""
    campaign = factories.make_campaign(contacts=3)
    email = factories.make_email(campaign, state="drafted", send_at=timezone.now() + dt.timedelta(days=2))
    factories.make_revision(email)
    return email


def focused(window: Window) -> str:
    script = "[document.activeElement.id, document.activeElement.value, document.activeElement.textContent.trim()]"
    return " ".join(filter(None, window.page.evaluate(script)))


def press(window: Window, *keys: str) -> None:
    for key in keys:
        window.page.keyboard.press(key)


def write(window: Window, kind: str, words: str) -> None:
    if not window.page.is_visible(f"#edit-{kind}"):
        window.page.click(f"#open-{kind} > summary")
    window.page.fill(f"#edit-{kind}", words)


def told(window: Window, words: str) -> None:
    window.page.wait_for_selector(f".toast:has-text('{words}')")


def kept_words(window: Window) -> str:
    return str(window.page.inner_text("[data-kept]"))


# --- keys ---


def test_the_keys_are_heard_from_a_box_that_can_be_ticked(open_window: Open, email: CampaignEmail) -> None:
    services.submit(email=email, by=factories.make_user(MARKETER), now=timezone.now())
    window = open_window(factories.make_user(RELEASE_MANAGER))
    window.go(email.get_absolute_url())
    window.until("document.querySelector('#sections dl.sum') && !document.querySelector('.htmx-request')")
    for _ in range(4):
        press(window, "a", "Space")
    assert window.page.locator("input[name=ticked]:checked").count() == 4
    press(window, "a")
    assert window.page.evaluate("document.activeElement.matches('[data-approve]')")
    window.page.focus("#tick-content")
    press(window, "?")
    assert window.page.is_visible("#keys[open]")


def test_the_key_of_what_is_next_leads_a_marketer_to_the_button_of_the_submission(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    press(window, "a")
    assert window.page.evaluate("document.activeElement.matches('[data-submit] button.primary')")


def test_where_the_submission_is_stopped_the_key_leads_to_the_reason(open_window: Open, email: CampaignEmail) -> None:
    claim = Block("intro", (Sentence("Exports are forty times faster.", ("KITE-1",)),))
    factories.make_revision(email, factories.make_draft(blocks=(claim,)))
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    assert window.page.is_disabled("[data-submit] .primary")
    press(window, "a")
    assert window.page.evaluate("document.activeElement.id") == "submit-why"


@pytest.mark.parametrize("width", [390, 1280, 1600])
def test_a_few_tabs_lead_to_the_decision_at_every_width(open_window: Open, email: CampaignEmail, width: int) -> None:
    window = open_window(factories.make_user(MARKETER), width=width)
    window.go(email.get_absolute_url())
    press(window, "Tab", "Enter")
    for _ in range(12):
        press(window, "Tab")
        if focused(window) == "Decision":
            break
    assert focused(window) == "Decision"
    assert window.page.evaluate("""(() => { const box = document.activeElement.getBoundingClientRect();
        const met = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return document.activeElement.contains(met); })()"""), "it is seen"
    press(window, "Enter", "Tab")
    assert window.page.evaluate("Boolean(document.activeElement.closest('#decision'))")
    assert window.taken() == []


# --- undo ---


def test_undo_takes_back_a_word_at_a_time(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.page.clock.install()
    window.go(email.get_absolute_url())
    write(window, "closing", "")
    window.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5))
    window.page.keyboard.type("Thank you all")
    undo = ".edit-foot [data-undo]"
    for left in ("Thank you ", "Thank ", ""):
        window.page.click(undo)
        assert window.page.input_value("#edit-closing") == left


def test_undo_leads_back_to_the_first_state_however_much_was_typed(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    before = window.page.input_value("#edit-closing")
    window.page.click("#open-closing > summary")
    # The first letter by hand, the others as fast as a script is: each is a step of its own.
    window.page.evaluate("""(() => { const field = document.getElementById('edit-closing');
        for (let at = 0; at < 620; at += 1) { field.value = `Step ${at}`;
          field.dispatchEvent(new Event('input', { bubbles: true })); } })()""")
    for _ in range(620):
        if not window.page.is_visible(".edit-foot [data-undo]"):
            break
        window.page.evaluate("document.querySelector('.edit-foot [data-undo]').click()")
    assert window.page.input_value("#edit-closing") == before


# --- words that wait ---


def test_words_of_one_person_are_not_offered_to_the_next_in_the_same_browser(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user(MARKETER, username="ada"))
    window.go(email.get_absolute_url())
    write(window, "subject", "What Ada has in mind")
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    ben = factories.make_user(MARKETER, username="ben")
    ada = window.page.context.cookies()
    beside = open_window(ben).page.context.cookies()
    window.page.context.clear_cookies()
    window.page.context.add_cookies(beside)
    window.go(email.get_absolute_url())
    assert window.page.locator(OFFERED).count() == 0
    window.page.context.clear_cookies()
    window.page.context.add_cookies(ada)
    window.go(email.get_absolute_url())
    window.page.click(OFFERED)
    assert window.page.input_value("#edit-subject") == "What Ada has in mind"


def test_words_that_wait_for_months_leave_the_browser(open_window: Open, email: CampaignEmail) -> None:
    person = factories.make_user(MARKETER)
    window = open_window(person)
    window.go(email.get_absolute_url())
    window.page.evaluate(
        """([user, email]) => {
        const day = 86400000, put = (key, days) => localStorage.setItem(key, JSON.stringify(
          { basedOn: '1', at: Date.now() - days * day, values: { subject: key } }));
        put(`relmail:typed:${user}:${email}:old`, 100);
        put(`relmail:typed:${user}:${email}:young`, 20);
        put('relmail:typed:999:7:old', 100);
        put(`relmail:edit:${email}`, 2);
        localStorage.setItem('relmail:keys', 'on');
      }""",
        [person.pk, email.pk],
    )
    window.go(email.get_absolute_url())
    window.page.wait_for_selector(OFFERED)
    assert window.page.locator(OFFERED).count() == 1
    left = window.page.evaluate("Object.keys(localStorage).filter(key => key !== 'theme').sort()")
    assert left == ["relmail:keys", f"relmail:typed:{person.pk}:{email.pk}:young"]


def test_a_text_that_is_too_long_to_be_kept_says_so(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    write(window, "closing", "Many words. " * 17_000)
    window.page.wait_for_selector("[data-kept]:has-text('This is too long to be kept')")
    window.page.click(".edit-foot .button.primary")
    window.page.wait_for_selector("#desk > .message.tone-danger")
    assert len(window.page.input_value("#edit-closing")) > 200_000
    window.page.wait_for_selector("[data-kept]:has-text('This is too long to be kept')")


def test_after_a_refused_save_the_page_says_that_nothing_is_saved(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    write(window, "closing", "Too long. " * 300)
    window.page.click(".edit-foot .button.primary")
    window.page.wait_for_selector("#desk > .message.tone-danger")
    window.until("document.querySelector('[data-kept]').textContent.startsWith('Not saved yet')")


def test_a_long_comment_is_not_cut_and_its_length_is_said(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    window.page.evaluate("document.getElementById('comment-body').focus()")
    window.page.keyboard.insert_text("x" * 20_000)
    assert len(window.page.input_value("#comment-body")) == 20_000
    window.page.wait_for_selector("text=20,000 characters; 5,000 are the most that is kept")
    window.page.click("#talk .button:text-is('Comment')")
    assert len(window.page.input_value("#comment-body")) == 20_000
    assert email.comments.count() == 0
    window.page.fill("#comment-body", "Shorter")
    window.page.click("#talk .button:text-is('Comment')")
    told(window, "Comment saved")


def test_back_online_the_line_and_the_notice_of_the_lost_connection_go(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    window.page.context.set_offline(True)
    write(window, "fixes", "Half a sen")
    window.page.click(".edit-foot .button.primary")
    told(window, "No connection")
    window.page.wait_for_selector("text=No connection. Not saved yet; kept in this browser.")
    window.page.context.set_offline(False)
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    assert window.page.locator(".toast:has-text('No connection')").count() == 0


def test_who_comes_second_is_told_once(open_window: Open, email: CampaignEmail) -> None:
    services.take_lock(email=email, by=factories.make_user(MARKETER, username="ada"), now=timezone.now())
    window = open_window(factories.make_user(MARKETER, username="ben"))
    window.go(email.get_absolute_url())
    window.page.click("#block-subject .words")
    told(window, "ada is editing")
    window.page.keyboard.type("More ")
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    window.page.hover("#block-highlights")
    window.page.click("#block-highlights [data-arrange=down]")
    window.page.wait_for_timeout(500)
    assert window.page.locator(".toast:has-text('is editing')").count() == 1


# --- how it stands in the window ---


@pytest.mark.parametrize("width", [320, 390])
def test_a_long_name_of_the_next_e_mail_does_not_widen_a_phone(open_window: Open, width: int) -> None:
    product = factories.make_product(name="The international harbour management and logistics suite of the north")
    author = factories.make_user(MARKETER)
    for days in (2, 3, 4):
        release = factories.make_release(product, name=f"2026.{days}.0-long-term-support-edition")
        email = factories.make_email(
            factories.make_campaign(release), state="drafted", send_at=timezone.now() + dt.timedelta(days=days)
        )
        factories.make_revision(email)
        services.submit(email=email, by=author, now=timezone.now())
    window = open_window(factories.make_user(RELEASE_MANAGER), width=width)
    window.go(CampaignEmail.objects.order_by("send_at")[1].get_absolute_url())
    assert window.page.locator("a[data-next]").count() == 1
    assert window.overflow() == ""


@pytest.mark.parametrize("width", [390, 768, 1280, 1600])
def test_the_mail_is_laid_out_at_its_own_width_and_shown_as_large_as_there_is_room(
    open_window: Open, email: CampaignEmail, width: int
) -> None:
    window = open_window(factories.make_user(MARKETER), width=width)
    for look, wanted in (("desktop", 600), ("mobile", 390), ("dark", 600)):
        window.go(f"{email.get_absolute_url()}?look={look}")
        window.until("document.querySelector('.preview-frame').style.getPropertyValue('--fit')")
        laid_out, seen, room = window.page.evaluate("""(() => {
            const mail = document.querySelector('iframe.preview'), frame = document.querySelector('.preview-frame');
            return [mail.offsetWidth, mail.getBoundingClientRect().width, frame.clientWidth]; })()""")
        assert laid_out == wanted, look
        assert seen <= room + 1, look
        assert seen >= min(wanted, room) - 1, look
    window.page.click(".tabs >> text=Mobile")
    window.until("document.querySelector('iframe.preview').offsetWidth === 390")
    assert window.overflow() == ""
    assert window.taken() == []


@pytest.mark.parametrize("width", [390, 1280, 1600])
def test_the_foot_of_the_page_begins_where_its_content_does(open_window: Open, width: int) -> None:
    window = open_window(factories.make_user(MARKETER), width=width)
    window.go("/emails/")
    heading, foot = window.page.evaluate("""(() => { const left = (element) => { const range = document.createRange();
        range.selectNodeContents(element); return range.getBoundingClientRect().left; };
        return [left(document.querySelector('h1')), left(document.querySelector('.foot p'))]; })()""")
    assert abs(heading - foot) < 1


# --- what is not mentioned ---


def test_everything_that_no_sentence_mentions_is_left_out_with_one_reason(
    open_window: Open, email: CampaignEmail
) -> None:
    facts = copy.deepcopy(factories.FACTS)
    facts["issues"] += [
        {**facts["issues"][0], "key": f"KITE-{number}", "summary": f"Small thing {number}"} for number in range(50, 90)
    ]
    factories.make_snapshot(email.campaign.release, facts)
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    window.page.click("#undecided > summary")
    ticks = "#undecided input[name=key]"
    shown = window.page.locator(ticks).count()
    window.page.check("text=Tick all shown")
    assert window.page.locator(f"{ticks}:checked").count() == shown
    window.page.locator(ticks).first.uncheck()
    assert not window.page.is_checked("[data-tick-all]")
    window.page.fill("#leave-reason", "They are not for clients.")
    window.page.click("#undecided button:has-text('Leave out all')")
    told(window, "left out; the reason is kept")
    assert window.page.locator("#undecided").count() == 0
    assert email.left_out.count() >= 40 > shown
    assert window.taken() == []


# --- another wording ---


@pytest.mark.parametrize("kind", ["subject", "preheader"])
def test_propose_offers_another_subject_and_preheader(open_window: Open, email: CampaignEmail, kind: str) -> None:
    factories.make_revision(email, factories.make_draft(subject="Of Kite 2.4.0", preheader="What is new in it"))
    window = open_window(factories.make_user(MARKETER))
    window.go(email.get_absolute_url())
    write(window, kind, "Half a wor")
    window.page.click(f"#field-{kind} button:has-text('Propose')")
    window.page.wait_for_selector(f"#field-{kind} >> text=Nothing is saved yet.")
    proposed = window.page.input_value(f"#edit-{kind}")
    assert proposed and proposed != "Half a wor"
    assert email.revisions.count() == 2
    window.page.click(f"#field-{kind} .button.primary")
    told(window, "Saved as revision 3")
    assert getattr(email.revisions.order_by("-number")[0], kind) == proposed
    assert window.taken() == []


# --- every state ---


def in_state(state: str) -> CampaignEmail:
    """An e-mail as it comes to a state, with the rows that its page shows."""
    now = timezone.now()
    if state in ("approved", "sending", "paused", "sent"):
        email = factories.make_approved_email(contacts=12, send_at=now + dt.timedelta(days=2))
    else:
        email = factories.make_email(
            factories.make_campaign(contacts=12), state="drafted", send_at=now + dt.timedelta(days=2)
        )
        factories.make_revision(email)
    CampaignEmail.objects.filter(pk=email.pk).update(
        state=state, state_reason="Somebody said so." if state in ("held", "paused", "cancelled") else ""
    )
    email.refresh_from_db()
    if state in ("sending", "paused", "sent"):
        contacts: list[Any] = list(email.campaign.lists.get().contacts.order_by("pk"))
        messages(email, contacts, now=now, queued=0 if state == "sent" else 5)
    return email


def test_every_state_that_a_page_shows_is_looked_at() -> None:
    assert set(SHOWN) == set(states.EMAIL) - {"planned"}


@pytest.mark.parametrize("state", SHOWN)
def test_no_state_of_an_e_mail_has_a_barrier(open_window: Open, state: str) -> None:
    email = in_state(state)
    for role in (MARKETER, RELEASE_MANAGER):
        for width in (390, 1280):
            window = open_window(factories.make_user(role), width=width)
            window.go(email.get_absolute_url())
            window.page.eval_on_selector_all(
                "details:not(.dropdown)", "all => all.forEach(one => { one.open = true; })"
            )
            found = [*window.violations(), *filter(None, [window.overflow()])]
            window.turn("dark")
            assert [*found, *window.violations("color-contrast"), *window.taken()] == [], (role, width)
