"""The pages of one's own notices: the list, the count in the header, opened, read, chosen; nobody sees another's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser

from campaigns.models import Notice, NoticeChoice
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(marketer: Any) -> Browser:
    signed_in = Browser()
    signed_in.force_login(marketer)
    return signed_in


def notice(user: Any, number: int = 1, **fields: Any) -> Notice:
    fields = {"kind": "asked", "title": f"Title {number}", "at": factories.NOW, **fields}
    return Notice.objects.create(user=user, thing=f"change:{number}", **fields)


def test_the_header_of_every_page_counts_what_is_unread(marketer: Any, browser: Browser) -> None:
    assert "unread</span>" not in browser.get("/releases/").text
    notice(marketer, 1)
    notice(marketer, 2)
    notice(marketer, 3, seen_at=factories.NOW)
    assert 'class="count">2<span' in browser.get("/releases/").text
    Notice.objects.bulk_create(
        Notice(user=marketer, thing=f"t{n}", kind="held", title="x", at=factories.NOW) for n in range(120)
    )
    assert 'class="count">99+<span' in browser.get("/releases/").text


def test_the_count_tells_the_screen_reader_only_when_it_changed(marketer: Any, browser: Browser) -> None:
    notice(marketer)
    assert 'data-announce="1 unread notice"' in browser.get("/notices/count/?had=").text
    assert "data-announce" not in browser.get("/notices/count/?had=1").text
    assert "data-announce" not in browser.get("/releases/").text


def test_opening_one_marks_it_as_read_and_leads_to_the_e_mail(marketer: Any, browser: Browser) -> None:
    email = factories.make_email()
    made = notice(marketer, email=email)
    answer = browser.get(f"/notices/{made.pk}/")
    assert answer.headers["Location"] == email.get_absolute_url()
    made.refresh_from_db()
    first = made.seen_at
    browser.get(f"/notices/{made.pk}/")
    made.refresh_from_db()
    assert first is not None
    assert made.seen_at == first


def test_nobody_sees_or_reads_the_notices_of_another(operator: Any, browser: Browser) -> None:
    other = notice(operator)
    assert browser.get(f"/notices/{other.pk}/").status_code == 404
    assert "Title 1" not in browser.get("/notices/").text
    browser.post("/notices/read/", {"up_to": other.pk})
    other.refresh_from_db()
    assert other.seen_at is None


def test_marking_all_leaves_what_came_after_the_page_was_shown(marketer: Any, browser: Browser) -> None:
    shown, later = notice(marketer, 1), notice(marketer, 2)
    browser.post("/notices/read/", {"up_to": shown.pk})
    shown.refresh_from_db()
    later.refresh_from_db()
    assert shown.seen_at is not None
    assert later.seen_at is None


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 40, "²"])
def test_a_wrong_number_changes_nothing(up_to: str, marketer: Any, browser: Browser) -> None:
    made = notice(marketer)
    assert browser.post("/notices/read/", {"up_to": up_to}).status_code == 302
    made.refresh_from_db()
    assert made.seen_at is None


def test_choices_are_kept_and_shown(marketer: Any, browser: Browser) -> None:
    waiting = notice(marketer, mail="waiting")
    browser.post("/notices/settings/", {"asked": "page", "held": "daily", "slot": "never", "unknown": "off"})
    assert dict(NoticeChoice.objects.values_list("kind", "how")) == {"asked": "page", "held": "daily"}
    waiting.refresh_from_db()
    assert waiting.mail == "none"
    shown = browser.get("/notices/settings/").text
    assert '<option value="page" selected>' in shown
    assert 'name="emergency"' not in shown, "that one cannot be switched off"


def test_pages_of_the_list_are_keyset_and_cost_the_same(
    marketer: Any, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    emails = [factories.make_email() for _ in range(3)]
    for number in range(120):
        notice(marketer, number, email=emails[number % 3], at=factories.NOW + dt.timedelta(minutes=number))
    with django_assert_max_num_queries(8):
        first = browser.get("/notices/")
    assert first.text.index("Title 119") < first.text.index("Title 70")
    second = browser.get("/notices/", {"after": first.context["page"].after})
    assert "Title 69" in second.text
    assert "Title 70" not in second.text


def test_titles_from_outside_are_text(marketer: Any, browser: Browser) -> None:
    notice(marketer, title="<script>alert(1)</script>", words="<img src=x>")
    shown = browser.get("/notices/").text
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
