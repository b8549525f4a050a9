"""The review page in Chromium: sources light up, what is typed survives, two editors meet, an approval is given."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from campaigns.delivery.services import start_due
from campaigns.drafting.selectors import text_of
from campaigns.drafting.text import Block, Sentence
from campaigns.models import CampaignEmail, Contact
from campaigns.review import selectors, services
from campaigns.review.sections import SECTIONS
from campaigns.review.services.watching import void_unfit
from campaigns.review.typed import Typed
from tests import factories
from tests.browser import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
# The offer of what was typed and not saved; the history has buttons of the same words.
OFFERED = ".message button:has-text('Put it back')"
# The element in focus, if another lies over all of it.
HIDDEN = """(() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), parts = [0.1, 0.5, 0.9];
  if (one === document.body || one.closest('.hidden-visually, .skip, iframe')) return '';
  const points = parts.flatMap(x => parts.map(y => [box.left + x * box.width, box.top + y * box.height]));
  const met = points.map(([x, y]) => document.elementFromPoint(x, y)).filter(Boolean);
  return met.some(each => one.contains(each) || each.contains(one)) ? '' : one.outerHTML.slice(0, 120);
})()"""
Open = Callable[..., Window]


@pytest.fixture
def email(open_window: Open) -> CampaignEmail:
    """A drafted e-mail for the day after tomorrow; made after the live server has its database."""
    campaign = factories.make_campaign(contacts=3)
    email = factories.make_email(campaign, state="drafted", send_at=timezone.now() + dt.timedelta(days=2))
    factories.make_revision(email)
    return email


def lit(window: Window) -> list[str]:
    script = "els => els.map(e => e.matches('.issue') ? e.id : e.textContent.trim().split(' ')[0])"
    return sorted(window.page.eval_on_selector_all(".lit", script))


def told(window: Window, words: str) -> None:
    window.page.wait_for_selector(f".toast:has-text('{words}')")


def tick(window: Window) -> None:
    """Tick the four sections, once the audience is counted."""
    window.until("document.querySelector('#sections dl.sum') && !document.querySelector('.htmx-request')")
    for name in SECTIONS:
        window.page.check(f"input[name=ticked][value={name}]")


def write(window: Window, kind: str, words: str) -> None:
    """Fill the field of a part, which is opened where it stands."""
    if not window.page.is_visible(f"#edit-{kind}"):
        window.page.click(f"#open-{kind} > summary")
    window.page.fill(f"#edit-{kind}", words)


def save(window: Window) -> None:
    window.page.click(".edit-foot .button.primary")


def edit_and_save(window: Window, subject: str) -> None:
    write(window, "subject", subject)
    save(window)


def order(window: Window) -> list[str]:
    """The parts with words in the order in which they stand on the page."""
    script = "all => all.filter(one => !one.matches('.bare')).map(one => one.dataset.block)"
    found: list[str] = window.page.eval_on_selector_all("[data-block]", script)
    return found


def focused(window: Window) -> str:
    found: str = window.page.evaluate("document.activeElement.id || document.activeElement.className")
    return found


def log_in_beside(window: Window, person: Any) -> None:
    """Log in by the form in another tab of the same browser."""
    beside = window.page.context.new_page()
    beside.goto(window.address + "/login/")
    beside.fill("[name=username]", person.get_username())
    beside.fill("[name=password]", "a long enough password")
    beside.click("form button")
    beside.wait_for_selector("h1")
    beside.close()


def test_a_sentence_lights_its_issue_and_an_issue_its_sentence(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"), width=1600)
    window.go(email.get_absolute_url())
    window.page.hover(".sentence[data-keys='KITE-1']")
    assert lit(window) == ["Calendars", "issue-KITE-1"]
    window.page.hover("h1")
    assert lit(window) == []
    window.page.focus("#issue-KITE-2")
    assert lit(window) == ["Files", "issue-KITE-2"]
    window.page.click("#block-breaking .words")
    assert lit(window) == ["The", "issue-KITE-3"]
    assert window.taken() == []


@pytest.mark.parametrize("width", [390, 1280])
def test_from_a_sentence_to_its_issue_and_back_by_links(open_window: Open, email: CampaignEmail, width: int) -> None:
    window = open_window(factories.make_user("Marketer"), width=width)
    window.go(email.get_absolute_url())
    cited, told_in = ".sentence[data-keys='KITE-3'] a.issue-key", "#issue-KITE-3 a[href='#said-breaking-0']"
    window.page.focus(cited)
    assert lit(window) == ["The", "issue-KITE-3"]
    window.page.keyboard.press("Enter")
    window.until("document.activeElement.id === 'issue-KITE-3'")
    assert lit(window) == ["The", "issue-KITE-3"], "where it leads to is seen at once"
    window.page.mouse.move(5, 300)
    window.page.hover("h1")
    assert lit(window) == ["The", "issue-KITE-3"], "a pointer that passes by takes nothing away"
    assert window.page.is_visible("#issue-KITE-3"), "what was folded on a phone opens"
    assert window.page.inner_text(told_in) == "Changes that need action"
    window.page.focus(told_in)
    window.page.keyboard.press("Enter")
    window.until("(() => { const at = document.querySelector('#block-breaking').getBoundingClientRect();"
                 " return at.top >= 0 && at.bottom <= innerHeight; })()")  # fmt: skip
    assert lit(window) == ["The", "issue-KITE-3"]
    assert window.page.evaluate("document.activeElement.id") == "said-breaking-0", "the sentence itself"
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("!!document.activeElement.closest('#block-breaking')"), "and the keyboard goes on there"
    window.page.evaluate("scrollTo(0, 0)")  # what lies half below the head of the page is too small to be touched
    assert window.taken() == [] and window.violations() == []


def test_the_key_for_the_sources_opens_them_where_they_are_folded(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"), width=390)
    window.go(email.get_absolute_url())
    window.page.keyboard.press("s")
    assert focused(window).startswith("issue-KITE-")


def test_what_was_typed_survives_a_closed_tab_and_goes_when_it_is_saved(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "Kite 2.4.0 arrives on 25 November")
    window.page.wait_for_selector("text=Not saved yet; kept in this browser.")
    window.go(email.get_absolute_url())
    window.page.click(OFFERED)
    assert window.page.input_value("#edit-subject") == "Kite 2.4.0 arrives on 25 November"
    save(window)
    told(window, "Saved as revision 2")
    window.go(email.get_absolute_url())
    assert window.page.query_selector(OFFERED) is None
    assert window.taken() == []


def test_an_unanswered_offer_is_not_lost_by_typing_on(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "The first words")
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    for _ in range(2):
        window.go(email.get_absolute_url())
        window.page.wait_for_selector(OFFERED)
        window.page.click("#block-subject .words")
        window.page.press("#edit-subject", "x")
        window.page.press("#edit-subject", "Backspace")
        window.page.wait_for_timeout(1800)  # longer than the page waits before it tells the server
    write(window, "subject", "Other words")
    window.go(email.get_absolute_url())
    assert window.page.locator(OFFERED).count() == 2
    assert email.kept_texts.get().fields["subject"] == "The first words"
    window.page.locator("text=Forget it").first.click()
    window.page.click(OFFERED)
    assert window.page.input_value("#edit-subject") == "The first words"
    save(window)
    told(window, "Saved as revision 2")
    window.go(email.get_absolute_url())
    assert window.page.locator(OFFERED).count() == 0
    assert window.taken() == []


def test_two_tabs_of_one_person_keep_both_texts(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    beside = window.page.context.new_page()
    beside.goto(window.address + email.get_absolute_url())
    write(window, "subject", "In the one tab")
    beside.click("#open-subject > summary")
    beside.fill("#edit-subject", "In the other tab")
    beside.close()
    window.go(email.get_absolute_url())
    assert window.page.locator(OFFERED).count() == 2


def test_what_is_typed_and_ticked_elsewhere_survives_another_action(open_window: Open, email: CampaignEmail) -> None:
    author = factories.make_user("Marketer")
    services.comment(email=email, body="Is it true?", by=author, now=timezone.now())
    services.submit(email=email, by=author, now=timezone.now())
    manager = open_window(factories.make_user("Release manager"), width=1600)
    manager.go(email.get_absolute_url())
    tick(manager)
    manager.page.fill("#decision-comment", "Well done")
    manager.page.fill("#comment-body", "Half a com")
    manager.page.select_option("#comment-block", "fixes")
    write(manager, "subject", "Half a subject")
    manager.page.click("#talk >> text=Resolve")
    told(manager, "Resolved")
    manager.page.click("text=count again")
    manager.until("!document.querySelector('.htmx-request')")
    assert manager.page.locator("input[name=ticked]:checked").count() == 4
    assert manager.page.input_value("#decision-comment") == "Well done"
    assert manager.page.input_value("#comment-body") == "Half a com"
    assert manager.page.input_value("#comment-block") == "fixes"
    assert manager.page.input_value("#edit-subject") == "Half a subject"
    assert manager.page.locator(OFFERED).count() == 0
    manager.page.click("#talk button:has-text('Comment')")
    told(manager, "Comment saved")
    assert manager.page.input_value("#comment-body") == ""
    assert manager.page.input_value("#edit-subject") == "Half a subject"


def test_a_tick_goes_when_what_it_says_yes_to_became_another(open_window: Open, email: CampaignEmail) -> None:
    author = factories.make_user("Marketer")
    services.submit(email=email, by=author, now=timezone.now())
    manager = open_window(factories.make_user("Release manager"), width=1600)
    manager.go(email.get_absolute_url())
    tick(manager)
    later = timezone.now() + dt.timedelta(days=9)
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=later)
    manager.page.fill("#comment-body", "When?")
    manager.page.click("#talk button:has-text('Comment')")
    told(manager, "Comment saved")
    ticked = manager.page.eval_on_selector_all("input[name=ticked]:checked", "all => all.map(one => one.value)")
    assert ticked == ["content", "audience", "compliance"]


def test_enter_in_the_subject_saves_and_proposes_nothing(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "Kite 2.4.0 arrives on 25 November")
    window.page.press("#edit-subject", "Enter")
    told(window, "Saved as revision 2")


@pytest.mark.parametrize("lost", ["sessionid", "every cookie"])
def test_a_lost_session_loses_no_words_and_goes_on_after_a_log_in_in_another_tab(
    open_window: Open, email: CampaignEmail, lost: str
) -> None:
    person = factories.make_user("Marketer")
    window = open_window(person)
    window.go(email.get_absolute_url())
    window.page.context.clear_cookies(**({"name": lost} if lost == "sessionid" else {}))
    edit_and_save(window, "Kite 2.4.0 arrives on 25 November")
    told(window, "in another tab, then go on here")
    assert window.page.input_value("#edit-subject") == "Kite 2.4.0 arrives on 25 November"
    assert email.revisions.count() == 1
    log_in_beside(window, person)
    window.page.press("#edit-subject", "End")
    window.page.type("#edit-subject", " at last")
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    save(window)
    told(window, "Saved as revision 2")
    assert email.revisions.order_by("-number")[0].subject == "Kite 2.4.0 arrives on 25 November at last"


def test_a_form_without_htmx_goes_on_after_a_log_in_in_another_tab(open_window: Open, email: CampaignEmail) -> None:
    person = factories.make_user("Marketer")
    window = open_window(person)
    window.go("/notices/settings/")
    log_in_beside(window, person)
    window.page.click("main form button")
    window.page.wait_for_selector("main .message")
    assert window.page.query_selector("text=too old to trust") is None


def test_a_lost_connection_loses_no_words(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.context.set_offline(True)
    edit_and_save(window, "Kite 2.4.0 arrives on 25 November")
    told(window, "No connection")
    window.page.context.set_offline(False)
    save(window)
    told(window, "Saved as revision 2")


def test_two_editors_at_once_and_nothing_is_overwritten(open_window: Open, email: CampaignEmail) -> None:
    ada, ben = (open_window(factories.make_user("Marketer", username=name), width=1600) for name in ("ada", "ben"))
    ada.go(email.get_absolute_url())
    ben.go(email.get_absolute_url())
    edit_and_save(ada, "Kite 2.4.0, what Ada wrote")
    told(ada, "Saved as revision 2")
    edit_and_save(ben, "Kite 2.4.0, what Ben wrote")
    told(ben, "ada saved revision 2")
    assert ben.page.input_value("#edit-subject") == "Kite 2.4.0, what Ben wrote"
    assert ben.page.inner_text("#text .diff del") == "Ada"
    assert ben.page.inner_text("#text .diff ins") == "Ben"
    save(ben)
    told(ben, "Saved as revision 3")
    assert ben.violations() == []


def test_who_writes_is_told_that_somebody_saved_over_them_before_they_save(
    open_window: Open, email: CampaignEmail
) -> None:
    ada, ben = (open_window(factories.make_user("Marketer", username=name)) for name in ("ada", "ben"))
    ada.page.clock.install()
    ada.go(email.get_absolute_url())
    write(ada, "subject", "Kite 2.4.0, what Ada wrote")
    ada.page.wait_for_timeout(300)
    # Her clock stands still while his page loads: what she is told must not have gone again when it is looked for.
    ada.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5))
    ben.go(email.get_absolute_url())
    write(ben, "subject", "Kite 2.4.0, what Ben wrote")
    ben.page.click("#open-subject button:has-text('Take over and save')")
    told(ben, "Saved as revision 2")
    ada.page.evaluate("document.activeElement.blur()")
    ada.page.clock.fast_forward(16_000)
    told(ada, "ben saved revision 2 while you write")
    ada.page.clock.resume()
    save(ada)
    told(ada, "ben saved revision 2 while you were writing")
    assert ada.page.is_hidden("#theirs .diff")
    ada.page.click("#theirs > summary")
    assert "Kite 2.4.0, what Ben wrote" in ada.page.inner_text("#theirs")
    ada.page.click("[data-use-theirs]")
    assert ada.page.input_value("#edit-subject") == "Kite 2.4.0, what Ben wrote"
    ada.page.keyboard.press("u")
    assert ada.page.input_value("#edit-subject") == "Kite 2.4.0, what Ada wrote", "nothing of hers is lost"
    # The clock of the test is a script as well, which the sealed frame of the mail keeps out.
    assert [each for each in [*ada.taken(), *ben.taken()] if "the document's frame is sandboxed" not in each] == []


def test_the_way_from_draft_to_approval_and_back(open_window: Open, email: CampaignEmail) -> None:
    author, manager = (open_window(factories.make_user(role), width=1280) for role in ("Marketer", "Release manager"))
    author.go(email.get_absolute_url())
    author.page.click("text=Submit for review")
    told(author, "Submitted")
    manager.go(email.get_absolute_url())
    manager.page.fill("#decision-comment", "Please name the date.")
    manager.page.click("button:has-text('Request changes')")
    told(manager, "Changes requested")
    author.go(email.get_absolute_url())
    assert author.page.is_visible("text=Please name the date. >> nth=0")
    edit_and_save(author, "Kite 2.4.0 arrives on 25 November")
    told(author, "Saved as revision 2")
    author.page.click("text=Submit for review")
    told(author, "Submitted")
    manager.go(email.get_absolute_url())
    tick(manager)
    manager.page.dblclick("[data-approve]")
    manager.page.wait_for_selector("text=Approved by")
    email.refresh_from_db()
    assert selectors.approval_problem(email, timezone.now()) == ""
    author.go(email.get_absolute_url())
    assert author.page.is_visible("text=A change voids the approval")
    edit_and_save(author, "Kite 2.4.0 comes on 25 November")
    told(author, "Saved as revision 3")
    email.refresh_from_db()
    assert email.state == "drafted"
    assert selectors.valid_approval(email) is None
    assert [*author.taken(), *manager.taken()] == []


def test_an_approval_from_an_old_tab_is_refused(open_window: Open, email: CampaignEmail) -> None:
    author, person = factories.make_user("Marketer"), factories.make_user("Release manager")
    now = timezone.now()
    services.submit(email=email, by=author, now=now)
    manager = open_window(person)
    manager.go(email.get_absolute_url())
    newer = factories.make_draft(subject="Kite 2.4.0 arrives on 25 November")
    services.edit(email=email, text=newer, based_on=1, take_over=True, by=author, now=now)
    services.submit(email=email, by=author, now=now)
    tick(manager)
    manager.page.click("[data-approve]")
    told(manager, "no longer what you saw")
    assert manager.page.is_visible("text=Nothing was changed.")
    tick(manager)
    manager.page.click("[data-approve]")
    told(manager, "Approved")


def test_nothing_in_a_hostile_mail_runs_in_the_frame(open_window: Open, email: CampaignEmail) -> None:
    hostile = "<script>parent.hit = 1</script><img src=x onerror='parent.hit = 2'>"
    Contact.objects.update(first_name=hostile[:90])
    factories.make_revision(email, factories.make_draft(preheader=hostile))
    window = open_window(factories.make_user("Marketer"), width=1600)
    window.go(f"{email.get_absolute_url()}?as={Contact.objects.order_by('pk')[0].email}")
    frame: Any = window.page.wait_for_selector("iframe.preview")
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame()
    inside.wait_for_load_state()
    assert "<script>" in inside.inner_text("body")
    assert window.page.evaluate("window.hit") is None
    # Scripts are off in there, so it is asked from outside: another origin, of no name.
    assert window.page.evaluate("document.querySelector('iframe.preview').contentDocument") is None


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (768, "light"), (1600, "light")])
def test_the_page_fits_and_has_no_barrier(open_window: Open, email: CampaignEmail, width: int, scheme: str) -> None:
    services.comment(email=email, body="Is it true?", by=factories.make_user("Marketer"), now=timezone.now())
    factories.make_revision(email, factories.make_draft(subject="NEWS", preheader="x"))
    window = open_window(factories.make_user("Release manager"), width=width, scheme=scheme)
    window.go(email.get_absolute_url())
    window.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
    window.until("document.querySelector('dl.sum')")
    assert [*window.violations(), *window.taken(), *filter(None, [window.overflow()])] == []


def test_the_keys_of_the_page(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.keyboard.press("e")
    assert window.page.evaluate("document.activeElement.id") == "edit-subject"
    window.page.evaluate("document.activeElement.blur()")
    window.page.keyboard.press("c")
    assert window.page.evaluate("document.activeElement.id") == "comment-body"
    window.page.evaluate("document.activeElement.blur()")
    window.page.keyboard.press("?")
    assert "Take the sentence out" in window.page.inner_text("#keys[open]")


def test_the_keyboard_goes_on_where_it_was_after_each_answer(open_window: Open, email: CampaignEmail) -> None:
    def press(button: str, said: str) -> str:
        window.page.focus(button)
        window.page.keyboard.press("Enter")
        told(window, said)
        window.page.wait_for_selector(".htmx-request", state="detached")
        window.until("document.activeElement !== document.body")
        return str(window.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))

    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    assert press("#talk button:text-is('Comment')", "The comment is empty") == "comment-body"
    window.page.fill("#comment-body", "Is it true?")
    assert press("#talk button:text-is('Comment')", "Comment saved") == "Comment"
    assert press("#talk button:text-is('Resolve')", "Resolved") == "Open again"
    assert press("[data-submit] button", "Submitted for review") == "decision"
    manager = open_window(factories.make_user("Release manager"))
    manager.go(email.get_absolute_url())
    window = manager
    assert press("#decide button:text-is('Request changes')", "Say what should change") == "decision-comment"
    tick(window)
    assert press("[data-approve]", "Approved") == "decision"
    window.page.click("#standing summary:has-text('Hold it')")
    window.page.fill("#hold-why", "The date is not sure.")
    assert press("#standing button:text-is('Hold it')", "Held") == "standing"
    assert window.taken() == []


def test_j_and_k_walk_through_what_waits(open_window: Open, email: CampaignEmail) -> None:
    for step, days in (("reminder", 3), ("release_day", 4)):
        other = factories.make_email(
            email.campaign, step=step, state="drafted", send_at=timezone.now() + dt.timedelta(days=days)
        )
        factories.make_revision(other)
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    seen = []
    for key in "jjkk":
        with window.page.expect_navigation():
            window.page.keyboard.press(key)
        seen.append(window.page.inner_text("h1").split(": ")[1])
        # At either end there is nothing further on, for the key as for the eye.
        for link, further in (("previous", "k"), ("next", "j")):
            if not window.page.is_visible(f"a[data-{link}]"):
                seen.append(f"no {link}")
                window.page.keyboard.press(further)
    assert seen == ["Reminder", "Release day", "no next", "Reminder", "Announcement", "no previous"]
    assert window.page.is_visible("text=1 of 3")
    assert window.taken() == []


def test_the_walk_with_drift_and_a_quick_time_until_it_is_sent(open_window: Open, email: CampaignEmail) -> None:
    author, person = factories.make_user("Marketer"), factories.make_user("Release manager", username="rolf")
    services.submit(email=email, by=author, now=timezone.now())
    manager = open_window(person)
    manager.go(email.get_absolute_url())
    manager.page.click("[data-approve]")  # nothing is ticked, so the browser asks for it
    assert not email.approvals.exists()
    tick(manager)
    manager.page.click("[data-approve]")
    told(manager, "Approved")
    facts = copy.deepcopy(factories.FACTS)
    facts["issues"][1]["note"] = "Files over 2 GB can be uploaded again, and seen."
    factories.make_snapshot(email.campaign.release, facts)
    void_unfit(now=timezone.now())
    manager.go(email.get_absolute_url())
    assert manager.page.is_visible("text=The release note of KITE-2 changed. >> nth=0")
    manager.page.fill("#still-reason", "It was said more shortly on purpose.")
    manager.page.click("button:has-text('Still true')")
    told(manager, "Still true")
    email.refresh_from_db()
    assert email.state == "approved"
    manager.page.click("#choose-time > summary")
    manager.page.click("button:has-text('In 5 minutes')")
    told(manager, "The new time is set")
    tick(manager)
    manager.page.click("[data-approve]")
    manager.until("!document.querySelector('[data-approve]')")
    email.refresh_from_db()
    assert (email.state, email.send_at is not None) == ("approved", True)
    assert email.send_at is not None
    assert start_due(now=email.send_at) == 1
    manager.go(email.get_absolute_url())
    assert manager.page.is_visible("text=Sending >> nth=0")
    assert manager.taken() == []


def test_an_operator_approves_in_an_emergency_on_the_page(open_window: Open, email: CampaignEmail) -> None:
    services.submit(email=email, by=factories.make_user("Marketer"), now=timezone.now())
    operator, manager = (
        open_window(factories.make_user("Operator")),
        open_window(factories.make_user("Release manager")),
    )
    operator.go(email.get_absolute_url())
    assert operator.page.query_selector("[data-approve]:not([disabled])") is None
    operator.page.click("#emergency-details > summary")
    tick(operator)
    operator.page.fill("#emergency-reason", "Nobody answers.")
    operator.page.click("#emergency button")
    told(operator, "Approved in an emergency")
    manager.go("/emails/")
    assert manager.page.is_visible("text=Nobody answers.")
    assert [*operator.taken(), *manager.taken(), *manager.violations()] == []


def test_sentences_are_moved_deleted_and_put_back_in_place(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "fixes", "One. [KITE-1]\nTwo. [KITE-2]")
    window.page.focus("#edit-fixes")
    window.page.keyboard.press("Control+End")
    window.page.click("[data-line=up][data-of=edit-fixes]")
    assert window.page.input_value("#edit-fixes") == "Two. [KITE-2]\nOne. [KITE-1]"
    window.page.keyboard.press("Alt+Delete")
    assert window.page.input_value("#edit-fixes") == "One. [KITE-1]"
    window.page.select_option("select[data-move=edit-fixes]", "closing")
    assert window.page.input_value("#edit-closing") == "One. [KITE-1]"
    assert window.page.is_visible("#edit-closing")
    for _ in range(3):
        window.page.click(".edit-foot [data-undo]")
    assert window.page.input_value("#edit-fixes") == "One. [KITE-1]\nTwo. [KITE-2]"
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    window.page.evaluate("localStorage.clear()")
    window.go(email.get_absolute_url())
    window.page.click(OFFERED)
    assert window.page.input_value("#edit-fixes") == "One. [KITE-1]\nTwo. [KITE-2]"
    assert window.taken() == []


def test_a_sentence_opens_where_it_stands_with_its_sources_and_its_findings(
    open_window: Open, email: CampaignEmail
) -> None:
    factories.make_revision(email, factories.make_draft(subject="NEWS"))
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    before = window.page.locator("#block-subject").bounding_box()
    window.page.click("#block-subject .words")
    assert focused(window) == "edit-subject"
    after = window.page.locator("#edit-subject").bounding_box()
    assert before and after and 0 <= after["y"] - before["y"] < 60
    assert not window.page.is_visible("#block-subject .sentences")
    assert window.page.is_visible("#block-subject .finding:has-text('does not name the version')")
    window.page.click("#block-fixes .words")
    assert focused(window) == "edit-fixes"
    # Behind the words and before the issues: what is typed belongs to the sentence.
    window.page.keyboard.type(" Now.")
    assert window.page.input_value("#edit-fixes") == "Files over 2 GB can be uploaded again. Now. [KITE-2]"
    assert "issue-KITE-2" in lit(window)
    window.page.evaluate("scrollTo(0, 0)")  # the bar of a scrolled page lies over what is measured
    assert [*window.violations(), *window.taken(), *filter(None, [window.overflow()])] == []


def test_escape_leaves_a_part_as_it_was_and_undo_brings_the_words_back(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "fixes", "Other words. [KITE-2]")
    window.page.keyboard.press("Escape")
    told(window, "is as it was. Undo brings your words back.")
    assert window.page.is_visible("#block-fixes .sentences:has-text('Files over 2 GB')")
    assert focused(window) == "words"
    window.page.keyboard.press("u")
    assert window.page.input_value("#edit-fixes") == "Other words. [KITE-2]"
    assert window.page.is_visible("#edit-fixes")
    window.page.focus("#edit-fixes")
    window.page.keyboard.press("Control+Enter")
    told(window, "Saved as revision 2")
    window.until("document.activeElement.className === 'words'")
    assert window.page.evaluate("document.activeElement.closest('[data-block]').dataset.block") == "fixes"
    assert window.taken() == []


def test_blocks_move_by_button_and_by_keyboard_and_the_mail_follows(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    usual = ["subject", "preheader", "intro", "highlights", "breaking", "fixes", "action"]
    assert order(window) == usual
    window.page.hover("#block-fixes")
    window.page.click("#block-fixes [data-arrange=up]")
    assert order(window) == ["subject", "preheader", "intro", "highlights", "fixes", "breaking", "action"]
    window.until("document.getElementById('live').textContent.includes('stands before Changes that need action now')")
    window.page.keyboard.press("Alt+ArrowUp")
    assert order(window)[3:5] == ["fixes", "highlights"]
    assert window.page.evaluate("document.activeElement.closest('[data-block]').dataset.block") == "fixes"
    assert window.page.is_disabled("#block-fixes [data-arrange=up]")
    window.page.focus("#block-intro .words")
    window.page.keyboard.press("Alt+ArrowDown")
    window.until("document.getElementById('live').textContent.includes('stays where the template has it')")
    assert window.page.is_visible("text=What you typed is not in it yet")
    save(window)
    told(window, "Saved as revision 2")
    assert order(window)[3:5] == ["fixes", "highlights"]
    frame: Any = window.page.wait_for_selector("iframe.preview")
    frame.scroll_into_view_if_needed()
    inside = frame.content_frame()
    inside.wait_for_selector("text=Files over 2 GB")
    shown = inside.inner_text("body")
    assert shown.index("Files over 2 GB") < shown.index("Calendars can now")
    window.page.click("#text [data-undo] >> nth=0")
    window.page.click("#text [data-undo] >> nth=0")
    assert order(window) == usual
    save(window)
    told(window, "Saved as revision 3")
    assert email.revisions.order_by("-number")[0].digest == email.revisions.get(number=1).digest
    window.page.evaluate("scrollTo(0, 0)")  # half below the masthead a line is too small a target
    assert [*window.violations(), *window.taken()] == []


def test_a_block_is_dragged_to_another_place_and_only_where_it_may_stand(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    own = order(window)
    for grip in ("intro", "subject"):
        assert window.page.query_selector(f"#block-{grip} .grip") is None
    window.page.hover("#block-fixes")
    window.page.drag_and_drop("#block-fixes .grip", "#block-highlights", target_position={"x": 40, "y": 4})
    assert order(window) == ["subject", "preheader", "intro", "fixes", "highlights", *own[4:5], *own[6:]]
    window.until("document.getElementById('live').textContent.includes('stands before Highlights now')")
    assert window.page.query_selector(".block.dragged, .block.drop-before, .block.drop-behind") is None
    # Onto the introduction, whose place is the greeting's, and outside of the text: nothing happens.
    for elsewhere in ("#block-intro", "#talk"):
        window.page.hover("#block-fixes")
        window.page.drag_and_drop("#block-action .grip", elsewhere)
    assert order(window)[3:5] == ["fixes", "highlights"]
    window.page.keyboard.press("u")
    assert order(window) == own
    window.page.hover("#block-highlights")
    lower = {"x": 40, "y": window.page.locator("#block-action").bounding_box()["height"] - 4}
    window.page.drag_and_drop("#block-highlights .grip", "#block-action", target_position=lower)
    assert order(window)[-1] == "highlights"
    save(window)
    told(window, "Saved as revision 2")
    assert [kind for kind in text_of(email.revisions.get(number=2)).order if kind in own][-1] == "highlights"
    assert window.taken() == []


def shown_sentences(window: Window, kind: str) -> list[str]:
    """The sentences of a part as they stand on the page, by their first word."""
    script = "all => all.map(one => one.textContent.trim().split(' ')[0])"
    found: list[str] = window.page.eval_on_selector_all(f"#block-{kind} .sentences .words", script)
    return found


def drag_sentence(window: Window, of: str, onto: str, *, end: bool = False) -> None:
    """Drag one sentence by its grip onto the beginning of something, or onto its end."""
    box = window.page.locator(onto).bounding_box()
    assert box
    window.page.hover(of)
    where = {"x": box["width"] - 3 if end else 16, "y": box["height"] - 3 if end else 8}
    window.page.drag_and_drop(f".line-grip:has(+ {of})", onto, target_position=where)


def test_a_sentence_is_dragged_within_its_part_and_to_another_one(open_window: Open, email: CampaignEmail) -> None:
    three = [Sentence(words, ("KITE-1",)) for words in ("One can do this.", "Two can do that.", "Three is new.")]
    blocks = [Block("highlights", tuple(three)) if b.kind == "highlights" else b for b in factories.make_draft().blocks]
    factories.make_revision(email, factories.make_draft(blocks=tuple(blocks)))
    window = open_window(factories.make_user("Marketer"))
    window.page.set_viewport_size({"width": 1280, "height": 1600})
    window.go(email.get_absolute_url())
    assert window.page.query_selector("#block-subject .line-grip, #block-preheader .line-grip") is None
    drag_sentence(window, "#said-highlights-2", "#said-highlights-0")
    assert shown_sentences(window, "highlights") == ["Three", "One", "Two"]
    assert window.page.input_value("#edit-highlights").split("\n")[0] == "Three is new. [KITE-1]"
    window.until("document.getElementById('live').textContent.includes('first sentence of Highlights now. Not saved')")
    # The part is not open: the next one can be dragged at once, be it into a part that has no words yet.
    assert not window.page.is_visible("#edit-highlights")
    drag_sentence(window, "#said-highlights-0", "#block-closing")
    drag_sentence(window, "#said-highlights-1", "#said-fixes-0", end=True)
    found = [shown_sentences(window, kind) for kind in ("highlights", "fixes", "closing")]
    assert found == [["Three"], ["Files", "Two"], ["One"]]
    # Neither beside the text, nor into a subject, which is no list of sentences.
    drag_sentence(window, "#said-fixes-0", "#block-subject")
    drag_sentence(window, "#said-fixes-0", "#talk h2")
    assert shown_sentences(window, "fixes") == ["Files", "Two"]
    assert window.page.query_selector(".dragged, .drop-before, .drop-behind, .drop-into") is None
    assert window.page.input_value("#edit-closing") == "One can do this. [KITE-1]"
    # A click opens the field at the sentence that was clicked, wherever it stands now.
    window.page.click("#said-highlights-1 .words")
    assert focused(window) == "edit-fixes"
    assert window.page.evaluate("document.activeElement.selectionStart") == len(
        "Files over 2 GB can be uploaded again. [KITE-2]\nTwo can do that."
    )
    window.page.click("#open-fixes > summary")
    assert shown_sentences(window, "fixes") == ["Files"]
    for _ in range(2):
        window.page.click(".edit-foot [data-undo]")
    assert [shown_sentences(window, kind) for kind in ("highlights", "fixes")] == [["Three", "Two"], ["Files"]]
    window.page.evaluate("scrollTo(0, 0)")  # half below the masthead a line is too small a target
    assert [*window.violations(), *filter(None, [window.overflow()])] == []
    save(window)
    told(window, "Saved as revision 3")
    text = text_of(email.revisions.get(number=3))
    assert [each.text for each in text.block("highlights")] == ["Three is new.", "Two can do that."]
    assert [each.text for each in text.block("closing")] == ["One can do this."]
    assert window.taken() == []


def test_a_part_whose_last_sentence_was_dragged_away_says_so(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    drag_sentence(window, "#said-fixes-0", "#said-highlights-0", end=True)
    assert shown_sentences(window, "highlights") == ["Calendars", "Files"]
    assert shown_sentences(window, "fixes") == []
    assert window.page.inner_text("#block-fixes .note-gone") == "Its sentences stand elsewhere now, not saved yet."
    window.page.keyboard.press("u")
    assert [shown_sentences(window, kind) for kind in ("highlights", "fixes")] == [["Calendars"], ["Files"]]
    assert not window.page.is_visible("#block-fixes .note-gone")
    assert window.taken() == []


def test_a_block_that_is_taken_out_comes_back_by_undo_and_from_the_history(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.focus("#block-fixes .words")
    window.page.keyboard.press("Alt+Delete")
    told(window, "Improvements and fixes is taken out, not saved yet.")
    assert window.page.is_visible("#block-fixes .note-gone")
    window.page.keyboard.press("u")
    assert not window.page.is_visible("#block-fixes .note-gone")
    window.page.hover("#block-fixes")
    window.page.click("#block-fixes [data-arrange=delete]")
    save(window)
    told(window, "Saved as revision 2")
    assert "fixes" not in order(window)
    window.page.click("#history > summary")
    window.page.click("#history button:has-text('Put it back') >> nth=-1")
    window.page.click("#confirm button:has-text('Yes')")
    told(window, "The words of revision 1 are the newest text")
    assert "fixes" in order(window)
    assert window.taken() == []


def test_what_two_people_change_in_different_parts_is_both_kept(open_window: Open, email: CampaignEmail) -> None:
    ada, ben = (open_window(factories.make_user("Marketer", username=name)) for name in ("ada", "ben"))
    ada.go(email.get_absolute_url())
    ben.go(email.get_absolute_url())
    write(ada, "fixes", "What Ada wrote. [KITE-2]")
    save(ada)
    told(ada, "Saved as revision 2")
    ben.page.hover("#block-highlights")
    ben.page.click("#block-highlights [data-arrange=down]")
    write(ben, "action", "What Ben wrote.")
    save(ben)
    told(ben, "ada saved revision 2")
    assert ben.page.input_value("#edit-fixes") == "What Ada wrote. [KITE-2]"
    assert ben.page.input_value("#edit-action") == "What Ben wrote."
    assert order(ben)[3:5] == ["breaking", "highlights"]
    assert ben.page.locator("#text .diff ins").all_inner_texts()[:2] == ["What", "Ben"]
    save(ben)
    told(ben, "Saved as revision 3")
    saved = text_of(email.revisions.get(number=3))
    assert [saved.block(kind)[0].text for kind in ("fixes", "action")] == ["What Ada wrote.", "What Ben wrote."]
    assert saved.order[1:3] == ("breaking", "highlights")
    assert [*ada.taken(), *ben.taken()] == []


def test_the_exact_mail_shows_what_was_typed_when_asked_and_the_saved_text_again(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "fixes", "Words that are only typed. [KITE-2]")
    window.page.click("[data-follow]")
    frame: Any = window.page.wait_for_selector("iframe.preview")
    frame.scroll_into_view_if_needed()
    frame.content_frame().wait_for_selector("text=Words that are only typed.")
    assert window.page.is_visible("text=With what you typed, not saved yet.")
    assert window.page.inner_text("[data-follow]") == "Show the saved text"
    write(window, "fixes", "Words that were typed after. [KITE-2]")
    frame.content_frame().wait_for_selector("text=Words that were typed after.")
    window.page.focus("#edit-fixes")
    window.page.keyboard.press("Escape")
    frame.content_frame().wait_for_selector("text=Files over 2 GB can be uploaded again.")
    assert email.revisions.count() == 1
    assert window.taken() == []


def test_without_a_connection_the_page_says_where_the_words_are(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.context.set_offline(True)
    write(window, "fixes", "Half a sen")
    window.page.hover("#block-highlights")
    window.page.click("#block-highlights [data-arrange=down]")
    window.page.wait_for_selector("text=No connection. Not saved yet; kept in this browser.")
    window.page.context.set_offline(False)
    window.go(email.get_absolute_url())
    window.page.click(OFFERED)
    assert window.page.input_value("#edit-fixes") == "Half a sen"
    assert order(window)[3:5] == ["breaking", "highlights"]


def test_a_session_that_ended_in_mid_edit_says_so_and_the_block_is_still_open(
    open_window: Open, email: CampaignEmail
) -> None:
    person = factories.make_user("Marketer")
    window = open_window(person)
    window.go(email.get_absolute_url())
    write(window, "fixes", "Written before the session ended. [KITE-2]")
    window.page.context.clear_cookies()
    window.page.keyboard.press("End")
    window.page.keyboard.type(" ")
    window.page.wait_for_selector("text=You were signed out, or your role changed; kept in this browser.")
    log_in_beside(window, person)
    window.page.focus("#edit-fixes")
    window.page.keyboard.press("Control+Enter")
    told(window, "Saved as revision 2")


def test_an_unsaved_order_survives_another_action_on_the_page(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.hover("#block-highlights")
    window.page.click("#block-highlights [data-arrange=down]")
    window.page.fill("#comment-body", "Breaking changes first.")
    window.page.click("#talk button:has-text('Comment')")
    told(window, "Comment saved")
    assert order(window)[3:5] == ["breaking", "highlights"]
    save(window)
    told(window, "Saved as revision 2")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_every_block_open_fits_and_has_no_barrier(
    open_window: Open, email: CampaignEmail, width: int, scheme: str
) -> None:
    factories.make_revision(email, factories.make_draft(subject="NEWS", preheader="x"))
    window = open_window(factories.make_user("Marketer"), width=width, scheme=scheme)
    window.go(email.get_absolute_url())
    for kind in ("subject", "preheader", "intro", "highlights", "closing"):
        window.page.click(f"#open-{kind} > summary")
    window.page.focus("#block-fixes .words")
    window.page.keyboard.press("Alt+Delete")
    window.page.click(".toast button")
    window.page.evaluate("scrollTo(0, 0)")
    assert [*window.violations(), *window.taken(), *filter(None, [window.overflow()])] == []


def test_the_subject_is_counted_as_its_reader_gets_it(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "{{ first_name }}, Kite 2.4.0 arrives")
    assert window.page.inner_text("#subject-length") == "23 characters for the sample reader; 20 to 50 are best."
    write(window, "subject", "Kite 2.4.0 arrives now")
    assert window.page.inner_text("#subject-length") == "22 characters; 20 to 50 are best."


def test_a_part_of_the_mail_leads_to_a_comment_about_it(open_window: Open, email: CampaignEmail) -> None:
    services.submit(email=email, by=factories.make_user("Marketer"), now=timezone.now())
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.click("[data-comment-on=fixes]")
    assert window.page.evaluate("document.activeElement.id") == "comment-body"
    window.page.keyboard.type("Is it true?")
    window.page.click("#talk button:has-text('Comment')")
    told(window, "Comment saved")
    assert window.page.is_visible(".remark:has-text('Is it true?')")
    window.page.click(".thread-tools summary")
    window.page.fill(".thread-tools textarea", "It is.")
    window.page.click(".thread-tools details button")
    told(window, "Answer saved")
    assert window.page.inner_text(".answers .said") == "It is."
    # What lies over a button when it is measured makes it small: the toast, and the bar of a page that is scrolled.
    window.page.click(".toast button")
    window.page.evaluate("scrollTo(0, 0)")
    assert [*window.violations(), *window.taken()] == []


def test_propose_offers_another_wording_of_its_block_alone(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.click(
        "#open-highlights > summary"
    )  # takes the lock, whose request carries no fields; the next one must
    with window.page.expect_response(lambda answer: "redraft" in answer.url) as answered:
        window.page.click("button[name=block][value=highlights]")
    assert answered.value.status == 200
    window.page.wait_for_selector("#edit-highlights")
    assert len(window.page.query_selector_all("#edit-subject")) == 1
    assert window.page.is_visible("#edit-highlights")
    window.page.wait_for_selector("text=Nothing is saved yet.")
    # The button is another one now; who pressed it goes on in the words that it brought.
    assert focused(window) == "edit-highlights"


def test_submitting_asks_when_something_typed_is_not_saved(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "Kite 2.4.0 arrives on 25 November")
    window.page.click("[data-submit] button")
    assert "What you typed is not saved." in window.page.inner_text("#confirm[open]")
    window.page.click("#confirm button:has-text('Go back')")
    email.refresh_from_db()
    assert email.state == "drafted"
    save(window)
    told(window, "Saved as revision 2")
    window.page.click("[data-submit] button")
    told(window, "Submitted for review")
    assert not window.page.is_visible("#confirm")
    assert email.revisions.order_by("-number")[0].subject == "Kite 2.4.0 arrives on 25 November"
    assert window.taken() == []


def test_submitting_without_the_typed_words_is_possible_but_said(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "Kite 2.4.0 arrives on 25 November")
    window.page.click("[data-submit] button")
    assert "Submit revision 1 without it?" in window.page.inner_text("#confirm[open]")
    window.page.click("#confirm button:has-text('Yes')")
    told(window, "Submitted for review")
    assert email.revisions.count() == 1


def test_submitting_asks_about_a_text_that_was_typed_before_and_still_waits(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    write(window, "subject", "Kite 2.4.0 arrives on 25 November")
    window.page.wait_for_selector("text=Not saved yet; kept for you.")
    window.go(email.get_absolute_url())
    window.page.wait_for_selector(OFFERED)
    window.page.click("[data-submit] button")
    assert "was not saved" in window.page.inner_text("#confirm[open] [data-question]")
    window.page.click("#confirm button:has-text('Go back')")
    email.refresh_from_db()
    assert email.state == "drafted"
    window.page.click("[data-submit] button")
    window.page.click("#confirm button:has-text('Yes')")
    told(window, "Submitted for review")
    assert email.revisions.count() == 1
    assert window.taken() == []


def test_what_was_typed_at_another_computer_comes_into_the_fields_before_it_is_submitted_without(
    open_window: Open, email: CampaignEmail
) -> None:
    person = factories.make_user("Marketer")
    window = open_window(person)
    window.go(email.get_absolute_url())
    text = services.keep_text(
        email=email, typed=Typed.of(factories.make_draft(subject="Typed elsewhere"), 1), by=person, now=timezone.now()
    )
    window.page.click("[data-submit] button")
    told(window, "is not saved")
    assert window.page.input_value("#edit-subject") == "Typed elsewhere"
    window.page.click("button:has-text('Submit revision 1 without it')")
    told(window, "Submitted for review")
    assert not window.page.is_visible("#confirm")
    assert email.kept_texts.get() == text
    assert window.taken() == []


def test_the_time_of_kept_words_is_written_as_every_time_on_the_page(open_window: Open, email: CampaignEmail) -> None:
    at = dt.datetime(2026, 11, 26, 11, 32, tzinfo=dt.UTC)
    person = factories.make_user("Marketer")
    text = Typed("Kite 2.4.0 arrives on 25 November", "", {}, 1)
    services.keep_text(email=email, typed=text, by=person, now=at)
    window = open_window(person)
    window.go(email.get_absolute_url())
    said = window.page.inner_text("[data-offer] strong")
    assert said == "A text you typed on Thu 26 Nov 2026, 12:32 CET was not saved."


def test_a_field_drawn_larger_sets_no_style_that_the_policy_forbids(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    # As the corner of a field does when it is drawn; what has a name of its own got its style copied at the swap.
    window.page.eval_on_selector_all("textarea", "all => all.forEach(one => { one.style.height = '200px'; })")
    window.page.click("[data-submit] button")
    told(window, "Submitted for review")
    window.page.wait_for_timeout(200)
    assert window.taken() == []


def test_an_approval_that_lacks_a_tick_leads_to_it(open_window: Open, email: CampaignEmail) -> None:
    services.submit(email=email, by=factories.make_user("Marketer"), now=timezone.now())
    window = open_window(factories.make_user("Release manager"))
    window.go(email.get_absolute_url())
    tick(window)
    window.page.uncheck("input[name=ticked][value=audience]")
    window.page.click("[data-approve]")
    assert window.page.evaluate("document.activeElement.value") == "audience"
    assert not email.approvals.exists()


def test_the_missing_ticks_are_named_at_the_button(open_window: Open, email: CampaignEmail) -> None:
    services.submit(email=email, by=factories.make_user("Marketer"), now=timezone.now())
    window = open_window(factories.make_user("Release manager"))
    window.go(email.get_absolute_url())
    window.until("document.querySelector('#sections dl.sum') && !document.querySelector('.htmx-request')")
    line = "#decide [data-ticks]"
    assert window.page.inner_text(line) == "Still to be ticked: Content, Audience, Time, Compliance."
    assert window.page.is_enabled("[data-approve]")
    window.page.check("#tick-content")
    window.page.check("#tick-time")
    window.page.click("[data-approve]")
    assert window.page.inner_text(line) == "Nothing was approved. Still to be ticked: Audience, Compliance."
    assert window.page.get_attribute(line, "role") == "status"
    window.page.click(f"{line} a:has-text('Compliance')")
    assert window.page.evaluate("document.activeElement.id") == "tick-compliance"
    assert [*window.violations(), *window.taken()] == []
    tick(window)
    assert window.page.inner_text(line) == "All sections are ticked."
    window.page.click("[data-approve]")
    window.page.wait_for_selector("text=Approved by")


def test_a_newer_message_takes_the_place_of_its_like_and_goes_by_itself(
    open_window: Open, email: CampaignEmail
) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.page.clock.install()
    window.go(email.get_absolute_url())
    shown = "[...document.querySelectorAll('.toast span')].map((words) => words.textContent)"

    def tell(words: str, tone: str) -> None:
        window.page.evaluate(f"window.relmail.tell('{words}', '{tone}')")

    for words, tone in (
        ("Saved as revision 3.", "success"), ("That did not work (500).", "danger"),
        ("Comment saved.", "success"), ("That did not work (502).", "danger"), ("Saved as revision 4.", "success"),
    ):  # fmt: skip
        tell(words, tone)
    errors = ["That did not work (500).", "That did not work (502)."]
    assert window.page.evaluate(shown) == [errors[0], "Comment saved.", errors[1], "Saved as revision 4."]
    window.page.focus(".toast:last-child button")
    window.page.clock.run_for(60_000)
    assert window.page.evaluate(shown) == [*errors, "Saved as revision 4."]
    window.page.evaluate("document.activeElement.blur()")
    window.page.clock.run_for(60_000)
    assert window.page.evaluate(shown) == errors


def test_an_error_goes_when_what_failed_has_worked_and_not_before(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Marketer"))
    window.go(email.get_absolute_url())
    window.page.click("#talk button:text-is('Comment')")
    told(window, "The comment is empty")
    window.page.context.set_offline(True)
    edit_and_save(window, "Kite 2.4.0 arrives on 25 November")
    told(window, "No connection")
    window.page.context.set_offline(False)
    save(window)
    told(window, "Saved as revision 2")
    # The connection is there again; that the comment is empty still holds.
    window.until("!document.querySelector('#toasts').textContent.includes('No connection')")
    assert window.page.is_visible(".toast:has-text('The comment is empty')")
    window.page.fill("#comment-body", "Is it true?")
    window.page.click("#talk button:text-is('Comment')")
    told(window, "Comment saved")
    window.until("!document.querySelector('#toasts').textContent.includes('The comment is empty')")


def test_a_phone_leads_from_everywhere_to_every_part_of_the_page(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Release manager"), width=390)
    window.go(email.get_absolute_url())
    for part in ("mail", "decision", "checks", "talk", "sources"):
        link = f".jump a[href='#{part}']"
        for height in ("0", "document.body.scrollHeight"):
            window.page.evaluate(f"scrollTo(0, {height})")
            assert window.page.locator(link).bounding_box()["y"] < 400
        window.page.focus(link)
        window.page.keyboard.press("Enter")
        assert window.page.evaluate("document.activeElement.id") == part
        # Its beginning is to be seen below what stands fast.
        end = "document.querySelector('.jump').getBoundingClientRect().bottom"
        top = f"document.getElementById('{part}').getBoundingClientRect().top"
        window.until(f"{end} <= {top} && {top} < 300")
    assert window.page.is_visible("#sources .issue")
    window.page.evaluate("scrollTo(0, 0)")
    assert [*window.violations(), *window.taken(), *filter(None, [window.overflow()])] == []
    window.page.set_viewport_size({"width": 1280, "height": 900})
    room = "document.querySelector('.jump').getBoundingClientRect().width"
    assert window.page.evaluate(room) <= 1, "on a wide page they come with the focus alone"


@pytest.mark.parametrize("width", [390, 1280])
def test_what_has_the_focus_is_never_hidden_behind_what_stands_fast(
    open_window: Open, email: CampaignEmail, width: int
) -> None:
    """WCAG 2.2, 2.4.11: some of it is to be seen, in which direction ever somebody walks."""
    window = open_window(factories.make_user("Release manager"), width=width)
    window.go(email.get_absolute_url())
    write(window, "subject", "Kite 2.4.0 arrives on 25 November")
    hidden = []
    for key in ("Tab", "Shift+Tab"):
        for _ in range(120):
            window.page.keyboard.press(key)
            hidden.append(window.page.evaluate(HIDDEN))
    assert list(filter(None, hidden)) == []


def test_choosing_a_time_stands_apart_from_what_ends_an_e_mail(open_window: Open, email: CampaignEmail) -> None:
    window = open_window(factories.make_user("Release manager"), width=390)
    window.go(email.get_absolute_url())
    window.page.click("#choose-time > summary")
    taken = window.page.locator("#choose-time button:has-text('Take this time')").bounding_box()
    for other in ("Hold it", "Cancel it"):
        box = window.page.locator(f".steps summary:has-text('{other}')").bounding_box()
        assert box["y"] - taken["y"] - taken["height"] >= 24, other


@pytest.mark.parametrize("width", [390, 768, 1280, 1600])
def test_each_fact_of_an_approval_stands_on_one_line(open_window: Open, email: CampaignEmail, width: int) -> None:
    approved = factories.make_approved_email(
        email.campaign, step="reminder", send_at=timezone.now() + dt.timedelta(days=2)
    )
    window = open_window(factories.make_user("Release manager"), width=width)
    window.go(approved.get_absolute_url())
    script = "all => all.filter(one => one.getBoundingClientRect().height > 30).map(one => one.textContent)"
    assert window.page.locator("#decision .facts > *").count() == 8
    assert window.page.eval_on_selector_all("#decision .facts > *", script) == []
    assert [*window.taken(), *filter(None, [window.overflow()])] == []
