"""A reason that was typed into a refused form stands in it again, once, and only in that one."""

from __future__ import annotations

from typing import Any

import pytest

from relmail.roles import OPERATOR, RELEASE_MANAGER
from tests import factories

pytestmark = pytest.mark.django_db

LONG = "The dates in the second paragraph are wrong, " * 9


@pytest.mark.parametrize("verb", ["hold", "cancel"])
def test_a_reason_for_an_e_mail_that_is_refused_is_not_lost(verb: str, sign_in: Any) -> None:
    email = factories.make_email(state="drafted")
    other = factories.make_email(email.campaign, step="reminder", state="drafted")
    browser = sign_in(RELEASE_MANAGER)
    answer = browser.post(f"/campaigns/emails/{email.pk}/{verb}/", {"why": LONG}, follow=True)
    email.refresh_from_db()
    assert email.state == "drafted", "longer than the history keeps, so it is refused"
    assert answer.text.count(f'value="{LONG.strip()}"') == 1
    assert f'id="why-{email.pk}-{verb}" name="why" required maxlength="300" autocomplete="off" value=' in answer.text
    assert f'id="why-{other.pk}-{verb}" name="why" required maxlength="300" autocomplete="off">' in answer.text
    assert answer.text.count('<details class="reveal small" open>') == 1
    assert LONG.strip() not in browser.get(email.campaign.get_absolute_url()).text


@pytest.mark.parametrize("verb", ["hold", "cancel"])
def test_a_reason_for_a_campaign_that_is_refused_is_not_lost(verb: str, sign_in: Any) -> None:
    campaign = factories.make_email(state="drafted").campaign
    answer = sign_in(RELEASE_MANAGER).post(f"/campaigns/{campaign.pk}/{verb}/", {"why": LONG}, follow=True)
    assert answer.text.count(f'value="{LONG.strip()}"') == 1
    assert answer.text.count('<details class="reveal" open>') == 1


def test_a_reason_for_a_send_that_is_refused_is_not_lost(sign_in: Any) -> None:
    email = factories.make_email(state="sending")
    answer = sign_in(RELEASE_MANAGER).post(f"/sending/{email.pk}/cancel/", {"why": LONG}, follow=True)
    assert answer.text.count(f'value="{LONG.strip()}"') == 1


def test_a_reason_that_was_taken_is_not_shown_again(sign_in: Any) -> None:
    email = factories.make_email(state="drafted")
    answer = sign_in(RELEASE_MANAGER).post(f"/campaigns/emails/{email.pk}/hold/", {"why": "Wait."}, follow=True)
    email.refresh_from_db()
    assert email.state == "held"
    assert 'value="Wait."' not in answer.text


def test_a_reason_comes_back_as_text(sign_in: Any) -> None:
    email = factories.make_email(state="drafted")
    why = '"><script>alert(1)</script>' + "x" * 300
    answer = sign_in(RELEASE_MANAGER).post(f"/campaigns/emails/{email.pk}/hold/", {"why": why}, follow=True)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_nothing_is_kept_where_nothing_was_typed(sign_in: Any) -> None:
    browser = sign_in(OPERATOR)
    email = factories.make_email(state="drafted")
    browser.post(f"/campaigns/emails/{email.pk}/hold/", {"why": "  "})
    assert "kept-reason" not in browser.session
