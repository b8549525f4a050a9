"""A large company around the small one of tests/world.py, written in sets, for bench/pages.py.

Afterwards there are so many releases with four e-mails each; so many people on the list of the campaign that is
reviewed; two e-mails that went, or are going, to all of them, with every way in which a message can end; an event
for each delivery; and one e-mail in review with 300 issues, 20 texts and 50 comments.
"""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from tests.world import STEPS, World

STATES = ("sent", "sent", "sent", "drafted", "in_review", "approved", "held", "needs_changes", "cancelled", "planned")
COUNTRIES = ("DE", "US", "FR", "CA", "AU", "PL", "GB", "", "JP", "BR")
ZONES = ("Europe/Berlin", "America/New_York", "", "Asia/Tokyo", "Australia/Sydney")
# How the message of the n-th recipient ended: every hundredth failed, and so on; see `_messages`.
REASONS = ("MAIL_FROM_DOMAIN_NOT_VERIFIED", "INVALID_PARAMETER", "gave_up", "invalid_entry")


def found() -> World:
    """The world of a database that was filled before."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from campaigns.models import Campaign, CampaignEmail, Contact, ContactImport
    from releases.models import Release
    from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER

    names = {MARKETER: "mara", RELEASE_MANAGER: "rolf", OPERATOR: "olga", "": "nils"}
    people = get_user_model().objects.in_bulk(names.values(), field_name="username")
    campaign = Campaign.objects.get(release__name="2.4.0", release__product__jira_key="KITE")
    emails = {email.step: email for email in campaign.emails.filter(correction_of=None)}
    emails["sending"] = CampaignEmail.objects.get(state="sending")
    return World(
        now=timezone.now(), people={role: people[name] for role, name in names.items()},
        product=campaign.release.product, release=campaign.release,
        bare_release=Release.objects.get(name="2.5.0", product=campaign.release.product), campaign=campaign,
        emails=emails, contact_list=campaign.lists.get(), contact=Contact.objects.order_by("pk")[0],
        contact_import=ContactImport.objects.order_by("pk")[0],
    )  # fmt: skip


def grow(world: World, *, messages: int, releases: int, comments: int = 50) -> None:
    """Make the small company of `world` a large one."""
    from django.db import connection

    _people(world, messages)
    for name in ("announcement", "sending"):
        _messages(world, world.emails[name], done=1.0 if name == "announcement" else 0.6)
    _events(world)
    _releases(world, releases)
    _review(world, comments)
    _history(world)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _run(statement: str, parameters: list[Any]) -> int:
    """Run a statement that reads the rows 1 to n of `s`; its first parameter is how many."""
    from django.db import connection

    if connection.vendor == "sqlite":
        series = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s)"
    else:
        series = "WITH s(n) AS (SELECT * FROM generate_series(1, %s))"
    into, _, chosen = statement.partition("SELECT")
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {series} SELECT {chosen}", parameters)
        return int(cursor.rowcount)


def _people(world: World, count: int) -> None:
    """Clients, contacts, their places on the list, consent with its history, and addresses that must not be mailed."""
    from django.db.models import F

    from campaigns.models import Client, Contact, ContactList

    assert world.contact_list and world.product
    clients = Client.objects.bulk_create(
        Client(
            name=f"Client {number:05}", country=COUNTRIES[number % len(COUNTRIES)], time_zone=ZONES[number % len(ZONES)]
        )
        for number in range(max(count // 500, 1))
    )
    first = clients[0].pk
    before = Contact.objects.order_by("-pk").values_list("pk", flat=True)[0]
    _run(
        "INSERT INTO campaigns_contact (client_id, email, first_name, last_name, time_zone, created_at) "
        "SELECT %s + n %% %s, 'person' || n || '@client' || (n %% 97) || '.example', 'Reader' || n, "
        "'Example' || (n %% 5000), '', %s FROM s",
        [count, first, len(clients), world.now],
    )
    chosen = "FROM campaigns_contact WHERE id > %s ORDER BY id"
    for statement, parameters in (
        ("INSERT INTO campaigns_listmembership (contact_list_id, contact_id, added_at) SELECT %s, id, %s ",
         [world.contact_list.pk, world.now]),
        ("INSERT INTO campaigns_subscription (contact_id, product_id, state, basis, source, proof, changed_at) "
         "SELECT id, %s, 'subscribed', 'contract', 'import', 'Contract of the client', %s ",
         [world.product.pk, world.now]),
        ("INSERT INTO campaigns_consentchange (contact_id, product_id, before, after, source, at) "
         "SELECT id, %s, '', 'subscribed', 'import', %s ", [world.product.pk, world.now]),
    ):  # fmt: skip
        _execute(statement + chosen, [*parameters, before])
    ContactList.objects.filter(pk=world.contact_list.pk).update(people=F("people") + count)
    _execute(
        "INSERT INTO campaigns_suppression (email, reason, detail, source, since, lifted_reason) "
        "SELECT email, CASE id %% 3 WHEN 0 THEN 'complaint' ELSE 'hard_bounce' END, '', 'SES', %s, '' "
        "FROM campaigns_contact WHERE id > %s AND id %% 50 = 0",
        [world.now, before],
    )


def _execute(statement: str, parameters: list[Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _messages(world: World, email: Any, *, done: float) -> None:
    """A message for each contact in batches of 50, of which a share is done, in every state and for many reasons."""
    from django.db import connection

    from campaigns.models import Batch, Contact, Message

    Message.objects.filter(email=email).delete()
    Batch.objects.filter(email=email).delete()
    count = Contact.objects.count()
    finished = int(count * done)
    batches = Batch.objects.bulk_create(
        (
            Batch(
                email=email, state="done" if (number + 1) * 50 <= finished else "queued", not_before=world.now,
                finished_at=world.now,
            )
            for number in range(-(-count // 50))
        ),
        batch_size=5_000,
    )  # fmt: skip
    first = batches[0].pk
    last = finished // 50 * 50
    empty = "'{}'::jsonb" if connection.vendor == "postgresql" else "'{}'"
    reasons = " ".join(f"WHEN {place} THEN '{reason}'" for place, reason in enumerate(REASONS))
    state = (
        f"CASE WHEN n > {last} THEN 'queued' WHEN n %% 100 = 0 THEN 'failed' WHEN n %% 1000 = 1 THEN 'unknown' "
        f"WHEN n %% 50 = 2 THEN 'suppressed' ELSE 'accepted' END"
    )
    # The parts that are put together are numbers and names from this file.
    statement = f"""
        INSERT INTO campaigns_message (email_id, contact_id, batch_id, address, "values", state, reason, detail,
            attempts, ses_id, sent_at, changed_at)
        SELECT %s, id, %s + (n - 1) / 50, email, {empty}, state,
            CASE state WHEN 'failed' THEN (CASE (n / 100) %% 4 {reasons} END)
                WHEN 'unknown' THEN 'no_record'
                WHEN 'suppressed' THEN (CASE (n / 50) %% 3 WHEN 0 THEN 'no_consent' ELSE 'hard_bounce' END)
                ELSE '' END,
            CASE state WHEN 'failed' THEN 'Email address is not verified.' ELSE '' END, 1,
            CASE state WHEN 'accepted' THEN 'id-{email.pk}-' || n ELSE '' END,
            CASE state WHEN 'accepted' THEN %s END, %s
        FROM (SELECT numbered.*, {state} AS state FROM (
            SELECT id, email, row_number() OVER (ORDER BY id) AS n FROM campaigns_contact) AS numbered) AS ended
    """  # noqa: S608
    _execute(statement, [email.pk, first, world.now, world.now])
    figures = ("queued", "accepted", "suppressed", "failed", "unknown")
    sums = ", ".join(f"SUM(CASE state WHEN '{name}' THEN 1 ELSE 0 END) AS {name}" for name in figures)
    _execute(
        f"UPDATE campaigns_batch SET {', '.join(f'{name} = sums.{name}' for name in figures)} "  # noqa: S608
        f"FROM (SELECT batch_id, {sums} FROM campaigns_message WHERE email_id = %s GROUP BY batch_id) AS sums "
        "WHERE campaigns_batch.id = sums.batch_id",
        [email.pk],
    )


def _events(world: World) -> None:
    """A delivery for each message that was accepted, an opening of every third, a bounce of every hundredth."""
    from django.db import connection

    email = world.emails["announcement"]
    empty = "'{}'::jsonb" if connection.vendor == "postgresql" else "'{}'"
    _execute(
        "INSERT INTO analytics_snsnotification (message_id, topic_arn, body, received_at, applied_at, error) "
        "SELECT 'sns-' || id, 'arn:aws:sns:eu-central-1:1:relmail', %s, %s, %s, '' FROM campaigns_message "
        "WHERE email_id = %s AND state = 'accepted' ORDER BY id",
        ['{"eventType": "Delivery", "mail": {' + '"destination": [], ' * 20 + "}}", world.now, world.now, email.pk],
    )
    for kind, every in (("delivery", 1), ("open", 3), ("bounce", 100), ("click", 12)):
        statement = f"""
            INSERT INTO analytics_emailevent (type, at, notification_id, recipient, message_id, email_id, contact_id,
                ses_id, subtype, origin, link, detail)
            SELECT %s, %s, note.id, m.address, m.id, m.email_id, m.contact_id, m.ses_id, '', 'unknown', '', {empty}
            FROM analytics_snsnotification AS note JOIN campaigns_message AS m ON note.message_id = 'sns-' || m.id
            WHERE m.email_id = %s AND m.id %% %s = 0
        """  # noqa: S608
        _execute(statement, [kind, world.now - dt.timedelta(days=3), email.pk, every])


def _releases(world: World, count: int) -> None:
    """Releases of both products with four e-mails each, in every state, with texts, approvals and figures."""
    from analytics.models import HourlyFigure
    from campaigns.models import Approval
    from campaigns.review import rendition
    from releases.models import Product, Release
    from relmail.roles import MARKETER, RELEASE_MANAGER
    from tests import factories

    assert world.campaign
    products = list(Product.objects.order_by("pk"))
    hour = world.now.replace(minute=0, second=0, microsecond=0)
    figures = []
    for number in range(count - Release.objects.count()):
        release = factories.make_release(
            products[number % len(products)], name=f"3.{number}", issue_count=40, synced_at=world.now,
            release_date=(world.now + dt.timedelta(days=number - count // 2)).date(),
        )  # fmt: skip
        campaign = factories.make_campaign(release, cadence=world.campaign.cadence, owner=world.people[MARKETER])
        for place, (step, days) in enumerate(zip(STEPS, (-14, -3, 0, 7), strict=True)):
            state = STATES[(number + place) % len(STATES)]
            email = factories.make_email(
                campaign, step=step, state=state, send_at=world.now + dt.timedelta(days=number - count // 2 + days)
            )
            if state == "planned":
                continue
            revision = factories.make_revision(email)
            if state in ("approved", "sent"):
                Approval.objects.create(
                    email=email, revision=revision, decision="approved", send_at=email.send_at, at=world.now,
                    rendition=rendition.freeze(email=email, revision=revision, now=world.now),
                    audience_size=1000, by=world.people[RELEASE_MANAGER],
                )  # fmt: skip
            if state == "sent":
                figures += [
                    HourlyFigure(
                        email=email, hour=hour - dt.timedelta(hours=number * 4 + after), type=kind, origin="unknown",
                        events=people, people=people,
                    )
                    for kind, people in (("send", 900), ("delivery", 880), ("bounce", 9), ("open", 300), ("click", 90))
                    for after in range(24)
                ]  # fmt: skip
    HourlyFigure.objects.bulk_create(figures, batch_size=5_000)


def _review(world: World, comments: int) -> None:
    """The e-mail that is looked at: many issues behind it, texts of two people, threads of comments."""
    from campaigns.drafting.text import Sentence
    from campaigns.models import Comment
    from releases.models import Issue
    from relmail.roles import MARKETER
    from tests import factories

    assert world.release
    email, author = world.emails["reminder"], world.people[MARKETER]
    facts = copy.deepcopy(factories.FACTS)
    facts["issues"] += [{**facts["issues"][1], "key": f"KITE-{number}"} for number in range(20, 317)]
    factories.make_snapshot(world.release, facts)
    Issue.objects.bulk_create(
        Issue(release=world.release, key=f"KITE-{number}", kind="fix", summary="Upload fails", done=True)
        for number in range(20, 317)
    )
    for number in range(19):
        factories.make_revision(email, factories.make_draft(subject=f"Kite 2.4.0, text {number}"), author=author)
    fixes = [Sentence("Files over 2 GB can be uploaded again.", (f"KITE-{number}",)) for number in range(20, 60)]
    factories.make_revision(email, factories.make_draft().with_block("fixes", fixes), author=author)
    asked = Comment.objects.bulk_create(
        Comment(email=email, body=f"Comment {number}", author=author, at=world.now, block="fixes" if number % 2 else "")
        for number in range(comments * 3 // 5)
    )
    Comment.objects.bulk_create(
        Comment(email=email, body="An answer", author=author, at=world.now, parent=asked[number])
        for number in range(comments - len(asked))
    )


def _history(world: World) -> None:
    """Years of history, notices, webhooks and readings."""
    from campaigns.models import CampaignEmail, Notice, Transition
    from releases.models import SyncRun, WebhookDelivery

    emails = list(CampaignEmail.objects.values_list("pk", "campaign_id"))
    Transition.objects.bulk_create(
        (
            Transition(
                what="email", what_id=pk, email_id=pk, campaign_id=campaign, before="drafted", after="in_review",
                why="Submitted.", at=world.now - dt.timedelta(hours=number * 5),
            )
            for pk, campaign in emails
            for number in range(50)
        ),
        batch_size=5_000,
    )  # fmt: skip
    Notice.objects.bulk_create(
        (
            Notice(
                user=person, thing=f"old:{pk}", kind="asked", email_id=pk, title="An e-mail waits for your yes or no",
                at=world.now - dt.timedelta(days=number), seen_at=world.now if number > 30 else None,
            )
            for person in world.people.values()
            for number, (pk, _) in enumerate(emails)
        ),
        batch_size=5_000,
    )  # fmt: skip
    SyncRun.objects.bulk_create(
        SyncRun(
            product=world.product, started_at=world.now - dt.timedelta(minutes=5 * number), outcome="succeeded",
            finished_at=world.now - dt.timedelta(minutes=5 * number), releases_seen=2,
        )
        for number in range(20_000)
    )  # fmt: skip
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            identifier=f"hook-{number}", event="jira:version_updated", received_at=world.now, state="processed"
        )
        for number in range(20_000)
    )
