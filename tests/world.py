"""A small company in the middle of its work: two products, campaigns in every state, people of each role.

For tests that look at pages as a whole. Times count from `now`, because pages ask the clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from analytics.models import Alert, HourlyFigure
from campaigns.delivery.models import Batch, Message, Sender
from campaigns.models import (
    Approval,
    Campaign,
    CampaignEmail,
    Comment,
    Contact,
    ContactImport,
    ContactList,
    Notice,
)  # fmt: skip
from campaigns.planning import history
from releases.models import Issue, Product, Release, SyncRun
from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from templates import services as templates
from templates.models import EmailTemplate
from tests import factories

STEPS = ("announcement", "reminder", "release_day", "follow_up")
# In what order the recipients of a sent e-mail end up in which state, and why.
ENDS = (("suppressed", "hard_bounce"), ("suppressed", "no_consent"), ("failed", "rejected"), ("unknown", "no_record"))


@dataclass
class World:
    """What was made, by the names that tests use."""

    now: dt.datetime
    people: dict[str, Any] = field(default_factory=dict)
    product: Product | None = None
    release: Release | None = None
    bare_release: Release | None = None
    campaign: Campaign | None = None
    emails: dict[str, CampaignEmail] = field(default_factory=dict)
    contact_list: ContactList | None = None
    contact: Contact | None = None
    contact_import: ContactImport | None = None


def make_world(now: dt.datetime) -> World:
    """Everything at once; takes a moment, so one test module makes it once."""
    world = World(now)
    for role, name, first in (
        (MARKETER, "mara", "Mara"), (RELEASE_MANAGER, "rolf", "Rolf"), (OPERATOR, "olga", "Olga"), ("", "nils", "Nils"),
    ):  # fmt: skip
        world.people[role] = factories.make_user(role, username=name, first_name=first, last_name="Berger")
    operator = world.people[OPERATOR]
    operator.is_staff = True
    operator.save(update_fields=["is_staff"])
    _release(world)
    _campaign(world)
    _second_product(world)
    Sender.objects.update_or_create(
        region="eu-central-1",
        defaults={"rate_per_second": 14, "max_per_day": 50_000, "sent_last_day": 12_480, "checked_at": now},
    )
    return world


def _release(world: World) -> None:
    now = world.now
    world.product = factories.make_product(jira_key="KITE", name="Kite", synced_at=now)
    world.release = factories.make_release(
        world.product, name="2.4.0", release_date=(now + dt.timedelta(days=10)).date(), issue_count=4, synced_at=now
    )
    world.bare_release = factories.make_release(
        world.product, name="2.5.0", release_date=(now + dt.timedelta(days=80)).date()
    )
    factories.make_snapshot(world.release)
    factories.make_snapshot(world.bare_release)
    for release in (world.release, world.bare_release):
        for issue in factories.FACTS["issues"]:
            Issue.objects.create(
                release=release, key=issue["key"], kind=issue["kind"], summary=issue["summary"], note=issue["note"],
                status="Done", resolution="Done", done=True, url=issue["url"], components=issue["components"],
            )  # fmt: skip
    Issue.objects.create(
        release=world.release, key="KITE-9", summary="Bump build image", done=True, resolution="Done",
        visibility="internal", visibility_reason="Label internal.",
    )  # fmt: skip
    SyncRun.objects.create(product=world.product, started_at=now, finished_at=now, outcome="succeeded", releases_seen=2)


def _campaign(world: World) -> None:
    now = world.now
    assert world.release and world.product
    campaign = factories.make_campaign(world.release, contacts=0, owner=world.people[MARKETER])
    campaign.cadence.name = "Four e-mails around the date"
    campaign.cadence.save(update_fields=["name"])
    world.campaign = campaign
    templates.new_draft(template=EmailTemplate.objects.get(slug="reminder"), by=world.people[MARKETER], now=now)
    world.contact_list = campaign.lists.get()
    world.contact_list.name = "All Kite clients"
    world.contact_list.save(update_fields=["name"])
    contacts = factories.make_contacts(60, product=world.product, contact_list=world.contact_list)
    world.contact = contacts[0]
    world.contact_import = ContactImport.objects.create(
        contact_list=world.contact_list, product=world.product, file_name="kite.csv", digest="0" * 64,
        encoding="utf-8", state="checked", rows=61, created=60, rejected=1, by=world.people[MARKETER], at=now,
        report=[{"line": 7, "column": "email", "value": "nonsense", "problem": "No address.", "rejected": True}],
    )  # fmt: skip
    states = ("sent", "in_review", "drafted", "held")
    for step, state, days in zip(STEPS, states, (-4, 7, 10, 17), strict=True):
        email = factories.make_email(campaign, step=step, state=state, send_at=now + dt.timedelta(days=days))
        world.emails[step] = email
        factories.make_revision(email, author=world.people[MARKETER] if state == "in_review" else None)
        history.record(
            what="email", what_id=email.pk, email=email, before="planned", after=state, why="", by=None, now=now
        )
    held = world.emails["follow_up"]
    held.state_reason, held.held_from = "The release date in Jira moved by 9 days.", "drafted"
    held.save(update_fields=["state_reason", "held_from"])
    Comment.objects.create(
        email=world.emails["reminder"],
        body="Say that imports keep the time zone.",
        author=world.people[MARKETER],
        at=now,
    )
    messages(world.emails["announcement"], contacts, now=now)
    hour = (now - dt.timedelta(days=4)).replace(minute=0, second=0, microsecond=0)
    for kind, people in (("send", 54), ("delivery", 52), ("bounce", 2), ("open", 31), ("click", 12), ("complaint", 1)):
        HourlyFigure.objects.create(
            email=world.emails["announcement"], hour=hour, type=kind, origin="unknown", events=people, people=people
        )  # fmt: skip


def messages(email: CampaignEmail, contacts: list[Any], *, now: dt.datetime, queued: int = 0) -> None:
    """Messages of an e-mail in batches of 50: so many still queued, some of each other end, the rest accepted."""
    email.prepared_at = email.started_at = now
    email.save(update_fields=["prepared_at", "started_at"])
    for start in range(0, len(contacts), 50):
        cut = contacts[start : start + 50]
        batch = Batch.objects.create(email=email, state="queued" if queued else "done", not_before=now)
        rows = []
        for number, contact in enumerate(cut, start=start):
            state, reason = ENDS[number] if number < len(ENDS) else ("accepted", "")
            if number >= len(contacts) - queued:
                state, reason = "queued", ""
            setattr(batch, state, getattr(batch, state) + 1)
            rows.append(
                Message(
                    email=email, contact=contact, batch=batch, address=contact.email, state=state, reason=reason,
                    attempts=1, changed_at=now, sent_at=now if state == "accepted" else None,
                )
            )  # fmt: skip
        batch.save()
        Message.objects.bulk_create(rows)


def _second_product(world: World) -> None:
    now = world.now
    product = factories.make_product(jira_key="HARBOR", name="Harbor", time_zone="America/New_York")
    SyncRun.objects.create(
        product=product, started_at=now, finished_at=now, outcome="failed",
        error="Jira answered 401: the token is not valid any more. The last good state is kept.",
    )  # fmt: skip
    release = factories.make_release(product, name="11.2", release_date=now.date(), state="released")
    campaign = factories.make_campaign(release, contacts=0)
    contacts = factories.make_contacts(120, product=product, contact_list=campaign.lists.get())
    sending = factories.make_email(campaign, step="release_day", state="sending", send_at=now)
    messages(sending, contacts, now=now, queued=70)
    paused = factories.make_email(campaign, step="follow_up", state="needs_changes", send_at=now + dt.timedelta(days=7))
    paused.state_reason = "The second sentence promises too much."
    paused.save(update_fields=["state_reason"])
    factories.make_revision(paused)
    world.emails["sending"] = sending
    Alert.objects.create(
        key=f"bounces:{sending.pk}", level="warning", email=sending, at=now,
        message="Harbor 11.2, Release day: 6.1% bounces (11 of 180 mails, last 10 minutes).",
    )  # fmt: skip
    assert Approval.objects.count() == 0
    told = (
        ("held", "Kite 2.4.0: Follow-up is held", "The release date in Jira moved by 9 days.", "follow_up"),
        ("asked", "Kite 2.4.0: Reminder waits for your yes or no", "Mara Berger: Submitted revision 1.", "reminder"),
        ("mention", "Mara Berger mentioned you at Kite 2.4.0: Reminder", "@rolf is the date right?", "reminder"),
    )
    for person in world.people.values():
        for kind, title, words, step in told:
            Notice.objects.create(
                user=person, thing=f"thing:{kind}", kind=kind, email=world.emails[step], at=now, title=title,
                words=words, seen_at=now if kind == "held" else None,
            )  # fmt: skip
