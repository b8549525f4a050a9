"""What a bench needs in relmail's database: people on a list with consent, and an approved e-mail that is sending.

People are made by one statement each from a series, because a million of them by the ORM would take minutes. Everything
after that goes through the product's own functions.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from bench import mail
from bench.process import Start


def people(start: Start, *, count: int) -> dict[str, Any]:
    """A product, a release, a campaign, and `count` subscribed contacts on its list. Returns the campaign's id."""
    from django.db import connection, transaction
    from django.utils import timezone

    from campaigns.models import Client
    from tests import factories

    start()
    campaign = factories.make_campaign(state="active")
    client = Client.objects.create(name="Nordwind Logistik")
    now = timezone.now()
    contact_list = campaign.lists.get()
    if connection.vendor == "sqlite":
        series = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s)"
    else:
        series = "WITH s(n) AS (SELECT * FROM generate_series(1, %s))"
    with transaction.atomic(), connection.cursor() as cursor:
        into = "INSERT INTO campaigns_contact (client_id, email, first_name, last_name, time_zone, created_at) "
        chosen = " SELECT %s, 'reader' || n || '@client.example', 'Reader' || n, 'Example', '', %s FROM s"
        cursor.execute(into + series + chosen, [count, client.pk, now])
        cursor.execute(
            "INSERT INTO campaigns_listmembership (contact_list_id, contact_id, added_at) "
            "SELECT %s, id, %s FROM campaigns_contact ORDER BY id",
            [contact_list.pk, now],
        )
        cursor.execute(
            "INSERT INTO campaigns_subscription (contact_id, product_id, state, basis, source, proof, changed_at) "
            "SELECT id, %s, 'subscribed', 'contract', 'bench', '', %s FROM campaigns_contact ORDER BY id",
            [campaign.release.product_id, now],
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"campaign": campaign.pk}


def email(start: Start, *, campaign: int, prepared: bool, rate: float = 0) -> dict[str, Any]:
    """An approved e-mail with the mail of mail.py that is sending, its messages written or not; older ones are removed.

    `rate` is what the sender's row says that SES allows; 0 asks SES's GetAccount.
    """
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.utils import timezone

    from campaigns.delivery import limiter, preparing
    from campaigns.models import Approval, Batch, Campaign, CampaignEmail, Message, Rendition
    from campaigns.review import rendition as renditions
    from tests import factories

    start()
    tables = [model._meta.db_table for model in (Message, Batch)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a name from our own model
        else:
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    for old in (Approval, Rendition):
        old.objects.all().delete()
    CampaignEmail.objects.all().delete()
    get_user_model().objects.all().delete()
    now = timezone.now()
    made = factories.make_approved_email(Campaign.objects.get(pk=campaign), state="sending", send_at=now)
    kept = Rendition.objects.get(email=made)
    kept.html, kept.text, kept.subject, kept.placeholders = mail.HTML, mail.TEXT, mail.SUBJECT, mail.PLACEHOLDERS
    kept.headers, kept.from_address = mail.HEADERS, mail.SENDER
    kept.digest = renditions.digest_of(kept)
    kept.save()
    CampaignEmail.objects.filter(pk=made.pk).update(started_at=now)
    sender = limiter.row()
    if rate:
        sender.rate_per_second = rate
        sender.max_per_day = -1
        sender.save()
    else:
        limiter.learn(now=now)
    made = CampaignEmail.objects.get(pk=made.pk)
    written = seconds = 0.0
    if prepared:
        began = time.monotonic()
        written = preparing.prepare(email=made, now=now)
        seconds = time.monotonic() - began
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return {"email": made.pk, "written": written, "seconds": seconds}


def send(start: Start, *, email: int, patience: float = 30) -> dict[str, Any]:
    """One worker: sends until nothing is queued any more, as the tick would wake it again and again."""
    from django.db import connection

    from campaigns.delivery import sending, ses
    from campaigns.models import Batch, CampaignEmail, Sender

    connection.ensure_connection()
    ses.client()
    start()
    settled = 0
    moved = time.monotonic()
    while Batch.objects.filter(email_id=email, state__in=["queued", "sending"]).exists():
        batches = sending.send_due(email_id=email, seconds=20)
        settled += batches
        if batches:
            moved = time.monotonic()
        elif time.monotonic() - moved > patience:
            found = CampaignEmail.objects.get(pk=email)
            sender = Sender.objects.values("stopped_reason", "throttled_until", "check_error").first()
            raise RuntimeError(f"nothing was sent for {patience:g} s: {found.state} {found.state_reason!r}, {sender}")
        else:
            time.sleep(0.02)
    return {"batches": settled}


def balance(start: Start, *, email: int) -> dict[str, Any]:
    """How many messages of an e-mail are in which state."""
    from django.db.models import Count

    from campaigns.models import Message

    start()
    rows = Message.objects.filter(email_id=email).values_list("state").annotate(messages=Count("pk")).order_by()
    return {"states": dict(rows), "at": dt.datetime.now(dt.UTC).isoformat()}
