"""What people change in mid-send: the words, the lists, who may be mailed; and an approval that no longer fits."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.utils import timezone

from campaigns.audience import services as audience
from campaigns.audience.models import Contact
from campaigns.models import CampaignEmail, Message, Rendition
from campaigns.planning import services as planning
from campaigns.review.services.approvals import void
from tests import factories

PEOPLE = 1_500
PACE = 500.0


def stop_in_the_middle(world: Any, email: CampaignEmail, change: Any) -> int:
    """Let two workers send, change something, and see that nothing more than what was claimed goes out."""
    workers = world.at_once(email, 2, seconds=6)
    world.wait_accepted(300)
    change()
    out = world.accepted()
    for worker in workers:
        worker.join()
    assert world.accepted() - out <= 160, f"{world.accepted() - out} went out after the change"
    email.refresh_from_db()
    assert email.state == "paused", email.state
    return int(world.accepted())


def test_the_approval_is_voided_by_an_edit_in_mid_send(world: Any) -> None:
    email = world.email(PEOPLE, rate=PACE)

    def edit() -> None:
        seen = CampaignEmail.objects.select_related("campaign").get(pk=email.pk)
        factories.make_revision(seen, factories.make_draft(subject="Kite 2.4.0 has another subject now"))
        assert void(email=seen, reason="edited", by=None, now=timezone.now())

    out = stop_in_the_middle(world, email, edit)
    verdict = world.report(email, unknown=0, waiting=True)
    assert verdict.waiting == PEOPLE - out


def test_the_approved_bytes_change_in_mid_send(world: Any) -> None:
    email = world.email(PEOPLE, rate=PACE)
    out = stop_in_the_middle(
        world, email, lambda: Rendition.objects.filter(email=email).update(subject="Not what was approved")
    )
    assert all(mail.rendered.subject != "Not what was approved" for mail in world.simulator.amazon.mails)
    verdict = world.report(email, unknown=0, waiting=True)
    assert verdict.waiting == PEOPLE - out


def test_an_approved_mail_whose_digest_no_longer_fits(world: Any) -> None:
    email = world.email(100, started=False)
    approved = Rendition.objects.get(email=email).html
    Rendition.objects.filter(email=email).update(html="<p>Something else</p>")
    for worker in world.at_once(email, 2, verb="tick"):
        worker.join()
    email.refresh_from_db()
    assert email.state == "held" and "digest differs" in email.state_reason
    assert world.accepted() == 0
    # The approved bytes are put back and a person lets it go: everybody gets exactly those.
    Rendition.objects.filter(email=email).update(html=approved)
    CampaignEmail.objects.filter(pk=email.pk).update(state="approved")
    world.go_on(email)
    world.report(email, unknown=0)


@pytest.mark.parametrize("way", ["suppressed", "unsubscribed", "erased"])
def test_contacts_leave_in_mid_send(world: Any, way: str) -> None:
    email = world.email(PEOPLE, rate=PACE)
    people = world.people(email)
    product = email.campaign.release.product
    leaving = set(people[-200:])
    workers = world.at_once(email, 2)
    world.wait_accepted(100)
    for contact in Contact.objects.filter(email__in=leaving):
        if way == "suppressed":
            audience.suppress(email=contact.email, reason="complaint", source="test", by=None, now=timezone.now())
        elif way == "unsubscribed":
            audience.unsubscribe(contact=contact, product=product, source="test", by=None, now=timezone.now())
        else:
            audience.erase(contact=contact, by=None, now=timezone.now())
    got_by_then = {mail.recipients[0] for mail in world.simulator.amazon.mails}
    for worker in workers:
        worker.join()
    world.go_on(email)
    got = {mail.recipients[0] for mail in world.simulator.amazon.mails}
    # Those whose claim was already on the wire are counted, not forgotten: two claims of eight calls at most.
    assert len((got - got_by_then) & leaving) <= 160
    if way == "erased":
        people = people_with_tokens(email, people)
    verdict = world.report(email, people, unknown=0)
    assert verdict.other > 0


def people_with_tokens(email: CampaignEmail, people: list[str]) -> list[str]:
    """An erased address stands nowhere any more, so those rows are known by what was written in its place."""
    rows = set(Message.objects.filter(email=email).values_list("address", flat=True))
    kept = [address for address in people if address in rows]
    return kept + sorted(rows - set(kept))[: len(people) - len(kept)]


def test_the_list_changes_in_mid_send(world: Any) -> None:
    """Who was prepared is mailed or has a reason; who came later was not part of what was approved."""
    email = world.email(PEOPLE, rate=PACE)
    people = world.people(email)
    contact_list = email.campaign.lists.get()
    workers = world.at_once(email, 2)
    world.wait_accepted(200)
    newcomers = factories.make_contacts(50, product=email.campaign.release.product, contact_list=contact_list)
    contact_list.contacts.remove(*Contact.objects.filter(email__in=people[-50:]))
    for worker in workers:
        worker.join()
    world.go_on(email)
    verdict = world.report(email, people, unknown=0)
    assert verdict.planned == PEOPLE
    assert not {mail.recipients[0] for mail in world.simulator.amazon.mails} & {one.email for one in newcomers}


def test_other_lists_are_chosen_while_it_is_prepared(world: Any) -> None:
    """Lists are part of what was approved: the preparation stops, and nobody new is written."""
    email = world.email(300, started=False)
    people = world.people(email)
    worker = (
        world.worker(email, verb="prepare", point="after a set of messages is committed", times=2).wait_ready().go()
    )
    worker.join()
    extra = factories.make_list()
    factories.make_contacts(100, product=email.campaign.release.product, contact_list=extra)
    email.campaign.lists.add(extra)
    world.at_once(email, 1, verb="tick")[0].join()
    email.refresh_from_db()
    assert email.state == "paused" and "lists changed" in email.state_reason
    # A person takes them off again and resumes.
    email.campaign.lists.remove(extra)
    from campaigns.delivery import services

    services.resume(email=email, by=factories.make_user("Release manager"), now=timezone.now())
    world.go_on(email)
    world.report(email, people, unknown=0)


def test_the_campaign_is_held_in_mid_send(world: Any) -> None:
    email = world.email(PEOPLE, rate=PACE)
    person = factories.make_user("Release manager")
    workers = world.at_once(email, 2, seconds=3)
    world.wait_accepted(300)
    planning.hold_campaign(campaign=email.campaign, why="Jira says archived", by=person, now=timezone.now())
    out = world.accepted()
    for worker in workers:
        worker.join()
    assert world.accepted() - out <= 160
    planning.resume_campaign(campaign=email.campaign, by=person, now=timezone.now())
    world.go_on(email)
    world.report(email, unknown=0)


def test_a_restored_backup_is_another_persons_work(world: Any) -> None:
    """A copy of the database from mid-send begins to work, beside its original and again when that has ended."""
    email = world.email(600, rate=60)
    original = world.worker(email, fence=3.0, seconds=60).wait_ready().go()
    world.wait_accepted(100)
    backup = world.backup()
    copies = [world.worker(email, fence=3.0, seconds=22, database=backup).wait_ready().go() for _ in range(2)]
    assert original.join() == 0
    email.refresh_from_db()
    assert email.state == "sent" and world.accepted() == 600
    # The original is gone; the copy has hundreds in its queue, and all the time it wants.
    copies += [world.worker(email, fence=3.0, seconds=5, database=backup).wait_ready().go() for _ in range(2)]
    for worker in copies:
        assert worker.join() == 0
    with psycopg.connect(world.postgres.url(backup)) as connection:
        row = connection.execute("SELECT stopped_at, stopped_reason FROM campaigns_sender").fetchone()
        left = connection.execute("SELECT count(*) FROM campaigns_message WHERE state = 'queued'").fetchone()
    assert row and row[0] and "Another installation has sent" in row[1]
    assert left and left[0] > 300
    world.report(email, unknown=0)
