"""The next 14 days across products, and the days on which the same people would get two mails."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from campaigns.audience.overlap import shared_people
from campaigns.delivery.models import Batch, Message
from campaigns.models import ListMembership
from relmail import agenda
from relmail.roles import MARKETER
from tests import factories

pytestmark = pytest.mark.django_db

# A Wednesday noon; days are counted in UTC, the clock of the tests.
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


def planned(day: float, *, zone: str = "Europe/Berlin", state: str = "drafted", lists: Any = None) -> Any:
    """An e-mail of a campaign of its own, so many days from noon."""
    campaign = factories.make_campaign(factories.make_release(factories.make_product(time_zone=zone)))
    if lists is not None:
        campaign.lists.set(lists)
    return factories.make_email(campaign, state=state, send_at=NOON + dt.timedelta(days=day))


def shown(*, counted: bool = False) -> dict[str, list[Any]]:
    """Date -> the e-mails of that day."""
    found = agenda.agenda(now=NOON, counted=counted)
    return {f"{day.date:%m-%d}": [entry.email for entry in day.entries] for day in found.days if day.entries}


def clashes(*, counted: bool = True) -> list[tuple[int, tuple[str, ...], int | None]]:
    """Every clash as its page says it: whose, on which lists, how many people."""
    found = agenda.agenda(now=NOON, counted=counted)
    return [
        (entry.email.pk, clash.lists, clash.people)
        for day in found.days for entry in day.entries for clash in entry.clashes
    ]  # fmt: skip


def test_there_are_14_days_and_the_first_is_today() -> None:
    days = agenda.agenda(now=NOON).days
    assert [days[0].date, days[-1].date, len(days)] == [dt.date(2026, 3, 4), dt.date(2026, 3, 17), 14]
    assert [day.today for day in days].count(True) == 1
    assert days[0].today


@pytest.mark.parametrize(
    ("day", "zone", "state", "date"),
    [
        (1, "Europe/Berlin", "drafted", "03-05"),
        (0.48, "Europe/Berlin", "drafted", "03-05"),  # 23:31 UTC is tomorrow in Berlin
        (0.6, "America/New_York", "drafted", "03-04"),  # 02:24 UTC is still today in New York
        (13.4, "Pacific/Kiritimati", "drafted", None),  # 21:36 UTC of the last day is the 15th day there
        (13.4, "Europe/Berlin", "drafted", "03-17"),
        (13.9, "Europe/Berlin", "drafted", None),  # within 14 times 24 hours, but on the 15th day
        (13.6, "America/New_York", "drafted", "03-17"),  # 02:24 UTC of the 15th day is the 14th there
        (-2, "Europe/Berlin", "sending", "03-04"),  # what goes out now stands on today
        (1, "Europe/Berlin", "cancelled", None),
        (15, "Europe/Berlin", "approved", None),
    ],
)  # fmt: skip
def test_an_e_mail_stands_on_its_day_in_the_zone_of_its_product(
    day: float, zone: str, state: str, date: str | None
) -> None:
    email = planned(day, zone=zone, state=state)
    assert shown() == ({date: [email]} if date else {})


@pytest.mark.parametrize(
    ("hours", "state", "missed", "number"),
    [(-3, "held", True, 0), (-3, "in_review", True, 0), (-1, "approved", False, 1), (-30, "held", None, 0)],
)
def test_what_was_to_go_out_today_stands_there_and_what_missed_its_time_is_not_counted(
    hours: int, state: str, missed: bool | None, number: int
) -> None:
    planned(hours / 24, state=state)
    found = agenda.agenda(now=NOON)
    assert [entry.missed for day in found.days for entry in day.entries] == ([] if missed is None else [missed])
    assert found.emails == number


def test_what_missed_its_time_clashes_with_nothing() -> None:
    shared = factories.make_campaign().lists.get()
    planned(-3 / 24, state="held", lists=[shared])
    planned(1 / 24, lists=[shared])
    assert clashes() == []


def test_a_shared_list_is_a_clash_even_before_anybody_is_counted() -> None:
    everybody = factories.make_list("Everybody")
    one, other = planned(1, lists=[everybody]), planned(1.1, lists=[everybody, factories.make_list("More")])
    assert clashes(counted=False) == [(one.pk, ("Everybody",), None), (other.pk, ("Everybody",), None)]


def test_another_day_is_no_clash() -> None:
    everybody = factories.make_list("Everybody")
    factories.make_contacts(3, contact_list=everybody)
    planned(1, lists=[everybody])
    planned(2, lists=[everybody])
    assert clashes() == []


def test_people_on_two_lists_are_a_clash_with_their_number() -> None:
    left, right, far = (factories.make_list() for _ in range(3))
    people = factories.make_contacts(5, contact_list=left)
    ListMembership.objects.bulk_create(ListMembership(contact_list=right, contact=person) for person in people[:2])
    factories.make_contacts(4, contact_list=right)
    factories.make_contacts(4, contact_list=far)
    one, other = planned(1, lists=[left]), planned(1.1, lists=[right])
    planned(1.2, lists=[far])
    assert clashes() == [(one.pk, (), 2), (other.pk, (), 2)]
    assert clashes(counted=False) == []


def test_a_person_on_several_shared_lists_counts_once() -> None:
    first, second = factories.make_list(), factories.make_list()
    people = factories.make_contacts(3, contact_list=first)
    ListMembership.objects.bulk_create(ListMembership(contact_list=second, contact=person) for person in people)
    lists = [first.pk, second.pk]
    assert shared_people({(1, 2): (lists, lists), (1, 3): ([first.pk], [second.pk]), (2, 3): ([], lists)}) == {
        (1, 2): 3, (1, 3): 3,
    }  # fmt: skip


def test_two_mails_of_one_release_on_one_day_are_a_clash_with_the_number_of_its_people() -> None:
    first, second = factories.make_list("First"), factories.make_list("Second")
    people = factories.make_contacts(4, contact_list=first)
    ListMembership.objects.bulk_create(ListMembership(contact_list=second, contact=person) for person in people[:2])
    factories.make_contacts(3, contact_list=second)
    one = planned(1, lists=[first, second])
    at = NOON + dt.timedelta(days=1.1)
    other = factories.make_email(one.campaign, step="reminder", state="drafted", send_at=at)
    both = ("First", "Second")
    assert clashes() == [(one.pk, both, 7), (other.pk, both, 7)]
    assert agenda.agenda(now=NOON).countable, "the page has to fetch the number"
    assert [(each.email, each.people) for each in agenda.clashes_of(one, now=NOON)] == [(other, 7)]
    # Alone on its day it clashes with nothing, least of all with itself.
    other.__class__.objects.filter(pk=other.pk).update(send_at=NOON + dt.timedelta(days=3))
    assert clashes() == []
    assert not agenda.agenda(now=NOON).countable


def test_one_mail_of_a_release_beside_two_of_another_is_counted_with_each_of_them() -> None:
    everybody = factories.make_list("Everybody")
    factories.make_contacts(3, contact_list=everybody)
    one = planned(1, lists=[everybody])
    at = NOON + dt.timedelta(days=1.1)
    second = factories.make_email(one.campaign, step="reminder", state="drafted", send_at=at)
    other = planned(1.2, lists=[everybody])
    found = [(owner, number) for owner, _, number in clashes()]
    assert found == [(one.pk, 3)] * 2 + [(second.pk, 3)] * 2 + [(other.pk, 3)] * 2


@pytest.mark.parametrize("rows", [2, 9])
def test_the_calendar_asks_the_same_few_queries_however_much_goes_out(
    rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        contact_list = factories.make_list()
        factories.make_contacts(2, contact_list=contact_list)
        planned(1 + number % 2 / 10, lists=[contact_list])
    with django_assert_num_queries(4):
        agenda.agenda(now=NOON, counted=True)
    with django_assert_num_queries(2):
        agenda.agenda(now=NOON)


def test_an_empty_calendar_says_when_the_next_mail_goes_and_doubts_the_dates_only_without_one(sign_in: Any) -> None:
    browser = sign_in(MARKETER)
    assert "whether a release has lost its date" in browser.get("/").text
    held = factories.make_campaign()
    held.__class__.objects.filter(pk=held.pk).update(state="held")
    factories.make_email(held, state="drafted", send_at=timezone.now() + dt.timedelta(days=16))
    assert "whether a release has lost its date" in browser.get("/").text
    factories.make_email(state="drafted", step="reminder", send_at=timezone.now() + dt.timedelta(days=40))
    first = factories.make_email(state="approved", send_at=timezone.now() + dt.timedelta(days=20))
    page = browser.get("/").text.split('id="agenda"')[1]
    last = timezone.localdate() + dt.timedelta(days=13)
    assert f"Nothing in the next 14 days, today to {last:%a} {last.day} {last:%b}" in page
    assert "lost its date" not in page
    assert f'The next one goes out <time datetime="{first.send_at.isoformat()}"' in page
    assert f'<a href="{first.get_absolute_url()}">' in page


def test_the_page_fetches_the_count_and_says_it_in_words(sign_in: Any) -> None:
    now = timezone.now()
    everybody = factories.make_list("<b>Everybody</b>")
    factories.make_contacts(1200, contact_list=everybody)
    for name in ("Kite", "Harbor"):
        campaign = factories.make_campaign(factories.make_release(factories.make_product(name=name)))
        campaign.lists.set([everybody])
        factories.make_email(campaign, state="drafted", send_at=now + dt.timedelta(days=2))
    browser = sign_in(MARKETER)
    page, part = browser.get("/").text, browser.get("/agenda/").text
    assert 'hx-get="/agenda/"' in page
    assert "goes out too" in page
    assert "hx-get" not in part
    assert "1,200 people are on the lists of" in part
    assert "&lt;b&gt;Everybody" in part
    assert 'data-announce="1 day on which' in part


def test_the_page_of_an_e_mail_fetches_its_clashes_beside_the_time(sign_in: Any) -> None:
    left, right = factories.make_list(), factories.make_list("Partners")
    people = factories.make_contacts(5, contact_list=left)
    ListMembership.objects.bulk_create(ListMembership(contact_list=right, contact=person) for person in people[:2])
    start = timezone.now().replace(hour=9, minute=0) + dt.timedelta(days=40)
    emails = []
    for lists, days in (([left], 0), ([right], 0), ([left], 1)):
        campaign = factories.make_campaign(factories.make_release(factories.make_product()))
        campaign.lists.set(lists)
        moment = start + dt.timedelta(days=days)
        emails.append(factories.make_email(campaign, state="drafted", send_at=moment))
    one, other, next_day = emails
    browser = sign_in(MARKETER)
    assert f'hx-get="/agenda/{one.pk}/"' in browser.get(one.get_absolute_url()).text
    part = browser.get(f"/agenda/{one.pk}/").text
    assert "2 people are on the lists of" in part and other.get_absolute_url() in part
    assert next_day.get_absolute_url() not in part
    assert "Clash" not in browser.get(f"/agenda/{next_day.pk}/").text


def test_a_full_day_shows_its_clashes_first_and_how_many_more_there_are() -> None:
    everybody = factories.make_list("Everybody")
    for number in range(8):
        planned(1 + number / 100, lists=[])
    last = [planned(1.2 + number / 100, lists=[everybody]) for number in range(2)]
    (day,) = [day for day in agenda.agenda(now=NOON).days if day.entries]
    assert (len(day.shown), day.more) == (6, 4)
    assert [entry.email for entry in day.shown][-2:] == last


def test_an_empty_list_and_a_longer_one_are_read_from_the_shorter_side() -> None:
    empty, short, long = (factories.make_list() for _ in range(3))
    people = factories.make_contacts(30, contact_list=long)
    ListMembership.objects.create(contact_list=short, contact=people[0])
    assert shared_people({(1, 2): ([long.pk], [short.pk, empty.pk]), (3, 4): ([empty.pk], [long.pk])}) == {(1, 2): 1}


def test_the_mails_of_a_held_campaign_keep_their_day_and_are_marked() -> None:
    email = planned(1, state="approved")
    email.campaign.state = "held"
    email.campaign.save(update_fields=["state"])
    found = agenda.agenda(now=NOON)
    assert [(entry.email, entry.held) for day in found.days for entry in day.entries] == [(email, True)]
    assert found.emails == 1


def test_a_correction_clashes_by_who_received_the_mail_and_by_no_list(sign_in: Any) -> None:
    everybody = factories.make_list("Everybody")
    people = factories.make_contacts(5, contact_list=everybody)
    sent = planned(-3, state="sent", lists=[everybody])
    batch = Batch.objects.create(email=sent, not_before=NOON)
    Message.objects.bulk_create(
        Message(
            email=sent, contact=person, batch=batch, address=person.email, changed_at=NOON,
            state="accepted" if number < 3 else "failed",
        )
        for number, person in enumerate(people)
    )  # fmt: skip
    correction = factories.make_email(
        sent.campaign, step="reminder", state="drafted", correction_of=sent, send_at=NOON + dt.timedelta(days=1)
    )
    other = planned(1.1, lists=[everybody, factories.make_list("More")])
    apart = factories.make_list("Apart")
    factories.make_contacts(2, contact_list=apart)
    planned(1.2, lists=[apart])
    assert clashes(counted=False) == [], "it goes to no list"
    assert agenda.agenda(now=NOON).countable
    assert clashes() == [(correction.pk, (), 3), (other.pk, (), 3)]
    [clash] = agenda.clashes_of(correction, now=NOON)
    assert (clash.email, clash.people, clash.by_receivers) == (other, 3, True)


def test_two_corrections_clash_by_who_received_both_mails() -> None:
    person, corrections = factories.make_contacts(1)[0], []
    for _ in range(2):
        sent = planned(-3, state="sent", lists=[])
        batch = Batch.objects.create(email=sent, not_before=NOON)
        Message.objects.create(
            email=sent, contact=person, batch=batch, address=person.email, changed_at=NOON, state="accepted"
        )
        at = NOON + dt.timedelta(days=1)
        corrections.append(
            factories.make_email(sent.campaign, step="reminder", state="drafted", correction_of=sent, send_at=at)
        )
    one, other = corrections
    assert clashes() == [(one.pk, (), 1), (other.pk, (), 1)]
