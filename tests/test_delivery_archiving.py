"""Messages of e-mails that ended long ago are moved away whole: figures, suppression and erasure stay as they were."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from analytics import rollup
from analytics import services as analytics
from analytics.models import EmailEvent, HourlyFigure, SnsNotification
from campaigns.audience import services as audience
from campaigns.delivery import archiving, deciding, forgetting, listing, recording, selectors, services
from campaigns.delivery.archiving import ArchivedMessage
from campaigns.delivery.recount import recount
from campaigns.models import Batch, CampaignEmail, Contact, Message, Suppression
from campaigns.review.actions import ReviewRefused
from campaigns.review.services import correct
from tests.factories import NOW
from tests.sns_letters import TOPIC, ses_event
from tests.test_delivery_send import Clock, clock, fast, inbox, started, work

__all__ = ["clock", "fast"]  # fixtures
pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=200)
MONTH = NOW.date().replace(day=1)
BEFORE = (MONTH + dt.timedelta(days=32)).replace(day=1)


@pytest.fixture
def old(simulator: Any, fast: None, clock: Clock, settings: Any) -> CampaignEmail:
    """An e-mail that went out to 60 and ended; 6 in a batch, so that there are ten sets to move."""
    settings.SEND_BATCH_SIZE = 6
    email = started(60)
    work(clock)
    email.refresh_from_db()
    assert email.state == "sent"
    return email


def archive(**more: Any) -> archiving.Archived:
    return services.archive_messages(**({"before": BEFORE, "by": None, "now": LATER} | more))


def fail(email: CampaignEmail, count: int, state: str = "failed", reason: str = "gave_up") -> None:
    ids = list(email.messages.order_by("pk").values_list("pk", flat=True)[:count])
    Message.objects.filter(pk__in=ids).update(state=state, reason=reason)
    with transaction.atomic():
        recount(list(email.batches.values_list("pk", flat=True)), now=NOW)


def rows(table: Any) -> list[Any]:
    return list(table.objects.order_by("id").values_list(*archiving._COLUMNS))


def hear(kind: str, message: Any, **part: Any) -> None:
    tags = {"message": message.pk, "email": message.email_id, "attempt": 1}
    event = ses_event(kind, to=message.address, tags=tags, ses_id=message.ses_id, at=part.pop("at", LATER), **part)
    notification = SnsNotification.objects.create(
        message_id=str(uuid.uuid4()), topic_arn=TOPIC, body=json.dumps(event), received_at=LATER
    )
    analytics.apply(notification=notification, now=LATER)


def test_every_message_is_in_the_archive_as_it_was_and_the_balance_stays(old: CampaignEmail) -> None:
    before, sheet = rows(Message), selectors.balance(old)
    done = archive()
    assert (done.messages, done.emails, done.left) == (60, [old], [])
    assert rows(ArchivedMessage) == before
    assert not Message.objects.exists()
    assert set(ArchivedMessage.objects.values_list("month", flat=True)) == {MONTH}
    assert selectors.balance(old) == sheet and sheet.adds_up and sheet.accepted == 60
    old.refresh_from_db()
    assert (old.archive_begun_at, old.archived_at) == (LATER, LATER)
    lines = list(old.transitions.filter(what="messages").exclude(after="prepared").order_by("pk"))
    assert [(line.before, line.after) for line in lines] == [("live", "archiving"), ("archiving", "archived")]
    assert lines[1].why == f"60 messages are in the archive of {MONTH:%Y-%m}."
    again = archive()
    assert (again.messages, again.emails, again.left) == (0, [], [])


def test_what_did_not_end_long_ago_stays(old: CampaignEmail) -> None:
    later = archiving.latest_month(LATER)
    for before in (later.replace(day=2), archiving._next(later)):
        with pytest.raises(services.DeliveryRefused):
            archive(before=before)
    CampaignEmail.objects.update(finished_at=LATER)
    assert archive().messages == 0
    CampaignEmail.objects.update(finished_at=NOW, state="paused")
    assert archive().messages == 0
    assert Message.objects.count() == 60


def test_what_the_frequency_cap_asks_for_is_kept(settings: Any) -> None:
    usual = archiving.latest_month(LATER)
    settings.FREQUENCY_CAP_DAYS = 365
    assert archiving.latest_month(LATER) == usual
    settings.FREQUENCY_CAP_EMAILS = 3
    assert archiving.latest_month(LATER) == (LATER - dt.timedelta(days=365)).date().replace(day=1)


def test_only_who_decides_on_messages_may(old: CampaignEmail, marketer: Any, operator: Any) -> None:
    with pytest.raises(PermissionDenied):
        archive(by=marketer)
    assert archive(by=operator).messages == 60


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_waits_for_a_person_is_left_unless_that_is_wanted(state: str, old: CampaignEmail, operator: Any) -> None:
    fail(old, 8, state, "no_record")
    done = archive()
    assert done.messages == 0 and done.left == [(old, f"Nobody has decided on 8 {state} messages of it.")]
    old.refresh_from_db()
    assert old.archive_begun_at is None
    assert archive(undecided=True).messages == 60
    assert listing.unsettled() == [] == deciding.groups(state)
    assert getattr(selectors.balance(old), state) == 8
    assert f"Never decided on: 8 {state}." in old.transitions.get(after="archiving").why


def test_what_was_written_off_does_not_wait(old: CampaignEmail, operator: Any) -> None:
    fail(old, 8)
    services.write_off(email=old, why="old addresses", by=operator, now=NOW)
    assert archive().messages == 60
    assert selectors.balance(old).failed == 8


def test_a_run_that_ends_early_or_dies_is_gone_on_with(
    old: CampaignEmail, monkeypatch: pytest.MonkeyPatch, operator: Any
) -> None:
    monkeypatch.setattr(archiving, "BATCHES_A_SET", 2)
    before, sheet = rows(Message), selectors.balance(old)
    assert archive(until=lambda: True).messages == 12
    assert sorted(rows(Message) + rows(ArchivedMessage)) == before
    # Dies between the two statements and the commit of a set.
    real, calls = archiving._move, []

    def dies(ids: list[int], month: dt.date) -> int:
        moved = real(ids, month)
        calls.append(moved)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return moved

    with monkeypatch.context() as patch:
        patch.setattr(archiving, "_move", dies)
        with pytest.raises(KeyboardInterrupt):
            archive()
    assert ArchivedMessage.objects.count() == 12 + 24
    assert sorted(rows(Message) + rows(ArchivedMessage)) == before
    assert selectors.balance(old) == sheet
    old.refresh_from_db()
    assert old.archive_begun_at is not None and old.archived_at is None
    # Half in the archive: nobody decides on the other half, and no figure is counted anew without it.
    left = list(Message.objects.values_list("pk", flat=True))
    Message.objects.filter(pk__in=left[:3]).update(state="unknown", reason="no_record")
    with transaction.atomic():
        recount(list(old.batches.values_list("pk", flat=True)), now=LATER)
    assert selectors.balance(old).unknown == 3 and selectors.balance(old).planned == 60
    for verdict in ("accepted", "queued", "failed"):
        with pytest.raises(services.DeliveryRefused, match="in the archive since"):
            services.decide(messages=left, verdict=verdict, reason="why", by=operator, now=LATER)
    with pytest.raises(services.DeliveryRefused, match="in the archive since"):
        services.decide_group(
            email=old, state="unknown", reason=None, verdict="queued", why="why", by=operator, now=LATER
        )
    # An event still settles one of them.
    assert services.settle(message_id=left[0], ses_id="0107", why="Delivery", now=LATER)
    assert archive().emails == [old]
    assert ArchivedMessage.objects.count() == 60 and not Message.objects.exists()
    assert selectors.balance(old).unknown == 2


def test_an_archived_email_is_never_opened_or_sent_again(
    old: CampaignEmail, operator: Any, release_manager: Any, simulator: Any, clock: Clock
) -> None:
    fail(old, 8)
    ids = list(Message.objects.values_list("pk", flat=True))
    archive(undecided=True)
    sent = len(inbox(simulator, old))
    assert services.decide(messages=ids, verdict="queued", reason="again", by=operator, now=LATER) == 0
    assert services.retry_failed(email=old, why="again", by=operator, now=LATER) == 0
    for state in ("sending", "paused", "approved"):
        with pytest.raises(IntegrityError), transaction.atomic():
            CampaignEmail.objects.filter(pk=old.pk).update(state=state)
    old.refresh_from_db()
    with pytest.raises(ReviewRefused, match="in the archive"):
        correct(email=old, by=release_manager, now=LATER)
    work(clock)
    assert len(inbox(simulator, old)) == sent


def test_who_is_to_get_a_correction_is_known_until_it_is_out(old: CampaignEmail, release_manager: Any) -> None:
    correction = correct(email=old, by=release_manager, now=NOW)
    assert archive().left == [(old, "A correction of it is not out yet, and goes to those who received it.")]
    CampaignEmail.objects.filter(pk=correction.pk).update(state="cancelled")
    assert archive().messages == 60


def test_figures_that_are_not_those_of_the_messages_stop_an_email_and_no_other(
    old: CampaignEmail, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "BATCHES_A_SET", 5)
    other = started(6)
    work(clock)
    last = old.batches.order_by("pk").last()
    Batch.objects.filter(pk=last.pk).update(accepted=5)
    done = archive()
    assert done.messages == 30 + 6 and done.emails == [other]
    assert done.left[0][0] == old and f"batch {last.pk}" in done.left[0][1]
    assert Message.objects.filter(email=old).count() == 30
    Batch.objects.filter(pk=last.pk).update(accepted=6)
    assert archive().emails == [old]


def test_what_comes_back_late_still_suppresses_and_people_are_counted_once(old: CampaignEmail) -> None:
    first, second, third = Message.objects.order_by("pk")[:3]
    hear("Delivery", first, at=NOW)
    hear("Open", first, at=NOW + dt.timedelta(hours=1))
    rollup.rollup(now=NOW + dt.timedelta(hours=2))
    archive()
    hear("Open", first)
    hear("Bounce", second)
    hear("Complaint", third)
    suppressed = dict(Suppression.objects.filter(until__isnull=True).values_list("email", "reason"))
    assert suppressed == {second.address: "hard_bounce", third.address: "complaint"}
    assert set(EmailEvent.objects.values_list("email_id", flat=True)) == {old.pk}
    assert set(EmailEvent.objects.values_list("message_id", "contact_id")) == {
        (message.pk, message.contact_id) for message in (first, second, third)
    }
    rollup.rollup(now=LATER, emails=[old.pk])
    opens = HourlyFigure.objects.filter(email=old, type="open")
    assert sum(opens.values_list("events", flat=True)) == 2 and sum(opens.values_list("people", flat=True)) == 1
    # Another installation with the same numbers is still told apart.
    hear("Bounce", Message(pk=first.pk, email_id=old.pk, address="stranger@client.example", ses_id="x"))
    assert EmailEvent.objects.get(recipient="stranger@client.example").message_id is None


def test_an_erased_and_a_deleted_person_are_forgotten_in_the_archive_too(old: CampaignEmail, operator: Any) -> None:
    gone, deleted, stays = Contact.objects.order_by("pk")[:3]
    archive()
    audience.erase(contact=gone, by=operator, now=LATER)
    address = deleted.email
    deleted.delete()
    assert forgetting.forget_erased(now=LATER) == 2
    kept = str(list(ArchivedMessage.objects.values()))
    assert gone.email not in kept and address not in kept and stays.email in kept
    assert ArchivedMessage.objects.filter(address="", values={}).count() == 2
    assert ArchivedMessage.objects.filter(state="accepted").count() == 60


def test_an_answer_that_comes_after_the_archiving_changes_no_figure(
    old: CampaignEmail, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept for months wakes up and writes down what SES said then."""
    from campaigns.delivery import sending

    slept: list[Any] = []
    email = started(6)
    with monkeypatch.context() as patch:
        patch.setattr(recording, "record", lambda done, *, now: slept.append(done))
        work(clock)
    clock.tick(minutes=5)
    sending.reap(now=clock())
    services.finish_due(now=clock())
    assert archive(undecided=True).messages == 66
    sheet = selectors.balance(email)
    assert sheet.unknown == 6
    recording.record(slept[0], now=LATER)
    assert selectors.balance(email) == sheet


def test_a_month_is_dropped_as_a_whole(old: CampaignEmail, clock: Clock) -> None:
    other = started(6)
    work(clock)
    CampaignEmail.objects.filter(pk=other.pk).update(finished_at=NOW - dt.timedelta(days=40))
    archive()
    months = dict(archiving.months())
    assert sorted(months.values()) == [6, 60]
    earlier = min(months)
    with pytest.raises(services.DeliveryRefused, match="Say why"):
        services.drop_month(month=earlier, why=" ", by=None, now=LATER)
    with pytest.raises(services.DeliveryRefused, match="at least"):
        services.drop_month(month=LATER.date().replace(day=1), why="old", by=None, now=LATER)
    assert services.drop_month(month=earlier, why="kept long enough", by=None, now=LATER) == 6
    assert services.drop_month(month=earlier, why="kept long enough", by=None, now=LATER) == 0
    assert dict(archiving.months()) == {MONTH: 60}
    assert selectors.balance(other).accepted == 6
    if connection.vendor == "postgresql":
        assert archiving._partition(earlier) not in connection.introspection.table_names()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one table for all months")
def test_a_month_that_cannot_be_added_says_why_and_moves_nothing(
    old: CampaignEmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_of_this_test")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO nobody_of_this_test")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO nobody_of_this_test")
        cursor.execute("SET LOCAL ROLE nobody_of_this_test")
    with pytest.raises(services.DeliveryRefused, match="could not be changed"):
        archive()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert Message.objects.count() == 60
    assert archive().messages == 60


def test_the_pages_say_that_it_is_archived(old: CampaignEmail, sign_in: Any) -> None:
    browser = sign_in("Operator")
    message = Message.objects.select_related("contact").order_by("pk")[3]
    archive()
    url = reverse("delivery:messages", args=[old.pk])
    page = browser.get(url).text
    assert "are in the archive since" in page and "60" in page and "Pause" not in page
    assert message.address in browser.get(url, {"address": message.address.upper()}).text
    assert "or the archive of that month was dropped" in browser.get(url, {"address": "nobody@client.example"}).text
    file = b"".join(browser.get(reverse("delivery:export", args=[old.pk]), {"state": "accepted"}).streaming_content)
    assert file.count(b"\n") == 61 and message.address.encode() in file
    contact = browser.get(reverse("audience:contact", args=[message.contact_id])).text
    assert "archived" in contact and old.get_step_display() in contact
    answer = browser.post(
        reverse("delivery:decide", args=[old.pk]) + "?state=failed",
        {"verdict": "queued", "scope": "all", "why": "again"},
        follow=True,
    )
    assert answer.status_code == 200 and "Nothing was changed" in answer.text


def test_the_admin_finds_an_archived_message(old: CampaignEmail, operator: Any, client: Any) -> None:
    message = Message.objects.order_by("pk")[3]
    hear("Delivery", message)
    archive()
    operator.is_staff = True
    operator.save(update_fields=["is_staff"])
    client.force_login(operator)
    url = reverse("admin:campaigns_archivedmessage_changelist")
    assert client.get(url).status_code == 200
    for term in (str(message.pk), message.address):
        assert message.address in client.get(url, {"q": term}).text
    assert message.address not in client.get(url, {"q": "0"}).text
    assert client.get(reverse("admin:campaigns_archivedmessage_change", args=[message.pk])).status_code == 200
    event = EmailEvent.objects.get()
    assert client.get(reverse("admin:analytics_emailevent_change", args=[event.pk])).status_code == 200


def test_the_command_says_what_it_did(old: CampaignEmail, capsys: Any, settings: Any) -> None:
    old_end = NOW - dt.timedelta(days=800)
    CampaignEmail.objects.filter(pk=old.pk).update(finished_at=old_end)
    call_command("archive_messages")
    assert "1 e-mails ended before" in capsys.readouterr().out
    fail(old, 1)
    call_command("archive_messages", before=archiving._next(old_end.date()))
    said = capsys.readouterr().out
    assert "Nobody has decided on 1 failed" in said and "0 messages were moved; 0 e-mails are archived, 1 left." in said
    call_command("archive_messages", "--before", f"{archiving._next(old_end.date()):%Y-%m}", "--undecided")
    assert "60 messages were moved; 1 e-mails are archived, 0 left." in capsys.readouterr().out
    call_command("archive_messages")
    assert f"{old_end:%Y-%m}            60 messages" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Say why"):
        call_command("archive_messages", "--drop", f"{old_end:%Y-%m}")
    call_command("archive_messages", "--drop", f"{old_end:%Y-%m}", "--why", "kept long enough")
    assert f"60 messages of {old_end:%Y-%m} were dropped." in capsys.readouterr().out
    for words in (["--before", "2026"], ["--before", "2026-13"], ["--before", "9999-01"]):
        with pytest.raises(CommandError):
            call_command("archive_messages", *words)
