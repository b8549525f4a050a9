"""Notices by mail: one mail a person, through the production backend, outside transactions, never repeated in doubt."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from campaigns.delivery.ses_errors import SESError
from campaigns.models import Notice
from campaigns.notices import mailing, services
from tests import factories

pytestmark = pytest.mark.django_db


def notice(user: Any, now: dt.datetime, thing: str = "change:1", **fields: Any) -> Notice:
    fields = {"kind": "asked", "title": "Kite 2.4.0 waits", "words": "Look.", "mail": "waiting", **fields}
    return Notice.objects.create(user=user, thing=thing, at=now, **fields)


def test_a_notice_is_mailed_once_with_a_link_to_itself(marketer: Any, now: dt.datetime, settings: Any) -> None:
    settings.PUBLIC_URL = "https://relmail.example"
    made = notice(marketer, now)
    assert [mailing.mail_due(now=now) for _ in range(3)] == [1, 0, 0]
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([marketer.email], "[relmail] Kite 2.4.0 waits")
    assert f"https://relmail.example/notices/{made.pk}/" in sent.body
    assert "https://relmail.example/notices/settings/" in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    made.refresh_from_db()
    assert made.mail == "sent"


def test_several_notices_of_one_person_are_one_mail(marketer: Any, operator: Any, now: dt.datetime) -> None:
    for number in range(3):
        notice(marketer, now, f"change:{number}")
    notice(operator, now)
    assert mailing.mail_due(now=now) == 2
    assert sorted(sent.subject for sent in mail.outbox) == [
        "[relmail] 3 notices: Kite 2.4.0 waits", "[relmail] Kite 2.4.0 waits",
    ]  # fmt: skip


def test_the_daily_mail_waits_for_its_hour_and_comes_once(marketer: Any, settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    evening = dt.datetime(2026, 3, 4, 20, tzinfo=dt.UTC)
    notice(marketer, evening, how="daily")
    hours = [evening + dt.timedelta(hours=hour) for hour in range(1, 40)]
    sent_at = [moment for moment in hours if mailing.mail_due(now=moment)]
    assert sent_at == [dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)]


def test_what_was_read_in_the_page_is_not_mailed(marketer: Any, now: dt.datetime) -> None:
    made = notice(marketer, now, how="daily")
    services.read(notice=made, by=marketer, now=now)
    assert mailing.mail_due(now=now + dt.timedelta(days=2)) == 0
    made.refresh_from_db()
    assert made.mail == "read"


class Backend:
    """A connection that raises what it is told, and says whether a transaction was open."""

    def __init__(self, problem: Exception | None) -> None:
        self.problem = problem
        self.sent = 0
        self.open_transactions: list[int] = []

    def send_messages(self, messages: list[Any]) -> int:
        self.open_transactions.append(len(connection.savepoint_ids))
        if self.problem:
            raise self.problem
        self.sent += len(messages)
        return len(messages)


@pytest.mark.parametrize(
    ("problem", "ends", "again"),
    [
        (SESError("retry", "Throttling", "slow down"), "waiting", True),
        (SESError("hold", "SendingPausedException", "paused"), "waiting", True),
        (ConnectionRefusedError("no"), "waiting", True),
        (SESError("failed", "MessageRejected", "no"), "failed", False),
        (SESError("unclear", "ReadTimeout", "?"), "failed", False),
        (TimeoutError("?"), "failed", False),
    ],
)  # fmt: skip
def test_only_what_surely_did_not_go_out_is_tried_again(
    problem: Exception, ends: str, again: bool, marketer: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Backend(problem)
    monkeypatch.setattr(mailing, "get_connection", lambda: backend)
    made = notice(marketer, now)
    assert mailing.mail_due(now=now) == 0
    made.refresh_from_db()
    assert made.mail == ends
    assert made.mail_detail
    backend.problem = None
    assert mailing.mail_due(now=now + dt.timedelta(minutes=1)) == 0, "it waits a little first"
    assert mailing.mail_due(now=now + dt.timedelta(minutes=6)) == again
    assert backend.sent == again


def test_a_refusal_of_a_whole_day_ends_the_tries(
    marketer: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "get_connection", lambda: Backend(SESError("hold", "AccessDenied", "no")))
    made = notice(marketer, now)
    mailing.mail_due(now=now + dt.timedelta(hours=25))
    made.refresh_from_db()
    assert made.mail == "failed"


def test_a_mail_that_a_dead_process_left_behind_is_not_repeated(marketer: Any, now: dt.datetime) -> None:
    made = notice(marketer, now, mail="sending", claim="x", claimed_at=now)
    assert mailing.mail_due(now=now + dt.timedelta(minutes=11)) == 0
    made.refresh_from_db()
    assert (made.mail, mail.outbox) == ("failed", [])


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_nobody_without_an_address_or_account_is_mailed(fields: dict[str, Any], now: dt.datetime) -> None:
    made = notice(factories.make_user(username="gone", **fields), now)
    assert mailing.mail_due(now=now) == 0
    made.refresh_from_db()
    assert made.mail == "failed"


def test_the_network_is_asked_outside_of_transactions(
    marketer: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Backend(None)
    monkeypatch.setattr(mailing, "get_connection", lambda: backend)
    notice(marketer, now)
    before = len(connection.savepoint_ids)
    mailing.mail_due(now=now)
    assert backend.open_transactions == [before]


def test_it_goes_out_through_the_production_backend(
    marketer: Any, now: dt.datetime, simulator: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "campaigns.delivery.ses.SESBackend"
    notice(marketer, now, title="Kite\r\nBcc: all@client.example")
    assert mailing.mail_due(now=now) == 0
    notice(marketer, now, "change:2")
    assert mailing.mail_due(now=now) == 1


def test_old_notices_are_forgotten(marketer: Any, now: dt.datetime) -> None:
    notice(marketer, now)
    assert services.forget(now=now + dt.timedelta(days=179)) == 0
    assert services.forget(now=now + dt.timedelta(days=181)) == 1
