"""Plain functions that make rows for tests. Each gives something valid; arguments say what matters to the test."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import F

from campaigns.models import (
    Cadence,
    CadenceStep,
    Campaign,
    CampaignEmail,
    Client,
    Contact,
    ContactList,
    ListMembership,
    Subscription,
)
from releases.models import Product, Release, Snapshot
from templates.models import EmailTemplate, EmailTemplateVersion, digest_of

NOW = dt.datetime(2026, 11, 4, 9, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)

# Far ahead, because pages ask by the real clock whether the release is over.
FACTS: dict[str, Any] = {
    "product": {"key": "KITE", "name": "Kite"},
    "release": {
        "name": "2.4.0",
        "release_date": "2099-11-25",
        "description": "",
        "released": False,
        "url": "https://jira.example/KITE/2.4.0",
    },
    "issues": [
        {
            "key": "KITE-1",
            "kind": "feature",
            "summary": "Add calendar export",
            "note": "Calendars can now be exported as iCalendar files.",
            "description": "",
            "status": "Done",
            "resolution": "Done",
            "components": ["calendar"],
            "url": "https://jira.example/browse/KITE-1",
            "updated": "2026-11-01T10:00:00+00:00",
        },
        {
            "key": "KITE-2",
            "kind": "fix",
            "summary": "Upload of files over 2 GB fails",
            "note": "Files over 2 GB can be uploaded again.",
            "description": "",
            "status": "Done",
            "resolution": "Fixed",
            "components": ["files"],
            "url": "https://jira.example/browse/KITE-2",
            "updated": "2026-11-02T10:00:00+00:00",
        },
        {
            "key": "KITE-3",
            "kind": "breaking",
            "summary": "Remove the v1 API",
            "note": "The v1 API is removed. Move calls to v2 before you update.",
            "description": "",
            "status": "Done",
            "resolution": "Done",
            "components": ["api"],
            "url": "https://jira.example/browse/KITE-3",
            "updated": "2026-11-02T11:00:00+00:00",
        },
    ],
    "excluded": [{"key": "KITE-9", "summary": "Bump build image", "reason": "internal"}],
}


def make_user(role: str = "", **fields: Any) -> Any:
    """A person, in the group of that role if one is named."""
    number = next(_numbers)
    fields.setdefault("username", f"person{number}")
    fields.setdefault("email", f"{fields['username']}@company.example")
    user = get_user_model().objects.create_user(password="a long enough password", **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def make_product(**fields: Any) -> Product:
    """A product with everything that a mail needs."""
    number = next(_numbers)
    fields.setdefault("jira_key", f"KITE{number}")
    fields.setdefault("name", "Kite")
    fields.setdefault("sender_name", "Kite releases")
    fields.setdefault("sender_email", "releases@harbor.example")
    fields.setdefault("postal_address", "Kite GmbH, Hafenstrasse 1, 20457 Hamburg")
    fields.setdefault("website", "https://kite.example/releases")
    fields.setdefault("time_zone", "Europe/Berlin")
    return Product.objects.create(**fields)


def make_release(product: Product | None = None, **fields: Any) -> Release:
    """An unreleased version three weeks ahead."""
    fields.setdefault("jira_id", str(10_000 + next(_numbers)))
    fields.setdefault("name", "2.4.0")
    fields.setdefault("release_date", dt.date(2026, 11, 25))
    return Release.objects.create(product=product or make_product(), **fields)


def make_snapshot(release: Release, facts: dict[str, Any] | None = None) -> Snapshot:
    """Frozen facts of a release; FACTS when none are given."""
    import copy
    import hashlib
    import json

    facts = copy.deepcopy(facts or FACTS)
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return Snapshot.objects.create(
        release=release, number=release.snapshots.count() + 1, facts=facts, digest=digest, taken_at=NOW
    )


_MJML = Path(__file__).resolve().parent.parent / "templates" / "mjml"


def make_template_version(step: str = "announcement", mjml: str = "") -> EmailTemplateVersion:
    """The published version of the template of a step: the one that the migration brought, or the same anew.

    Tests with real transactions end by emptying the database, and with it what migrations brought.
    """
    found = EmailTemplateVersion.objects.filter(template__step=step, state="published").order_by("-number").first()
    if found and not mjml:
        return found
    template, _ = EmailTemplate.objects.get_or_create(slug=step, defaults={"name": step, "step": step})
    mjml = mjml or (_MJML / f"{step}.mjml").read_text()
    return EmailTemplateVersion.objects.create(
        template=template,
        number=template.versions.count() + 1,
        mjml=mjml,
        digest=digest_of(mjml),
        state="published",
        published_at=NOW,
    )


def make_cadence(**fields: Any) -> Cadence:
    """A cadence of four steps around the release date."""
    fields.setdefault("name", f"Cadence {next(_numbers)}")
    fields.setdefault("late_after", dt.timedelta(hours=2))
    cadence = Cadence.objects.create(**fields)
    steps = (("announcement", -14), ("reminder", -3), ("release_day", 0), ("follow_up", 7))
    for position, (kind, days) in enumerate(steps):
        CadenceStep.objects.create(
            cadence=cadence,
            kind=kind,
            position=position,
            offset=dt.timedelta(days=days),
            time_of_day=dt.time(10, 0),
            needs_release=kind in ("release_day", "follow_up"),
            template=make_template_version(kind).template,
        )
    return cadence


def make_contacts(
    count: int, *, product: Product | None = None, contact_list: ContactList | None = None
) -> list[Contact]:
    """Contacts of one client, on a list and subscribed to a product when those are given."""
    client, _ = Client.objects.get_or_create(name="Nordwind Logistik")
    start = next(_numbers) * 100_000
    contacts = Contact.objects.bulk_create(
        Contact(client=client, email=f"reader{start + n}@client.example", first_name=f"Reader{n}", last_name="Example")
        for n in range(count)
    )
    if contact_list:
        ListMembership.objects.bulk_create(ListMembership(contact_list=contact_list, contact=c) for c in contacts)
        ContactList.objects.filter(pk=contact_list.pk).update(people=F("people") + count)
    if product:
        Subscription.objects.bulk_create(
            Subscription(contact=c, product=product, source="test", changed_at=NOW) for c in contacts
        )
    return contacts


def make_list(name: str = "", **fields: Any) -> ContactList:
    """An empty list."""
    return ContactList.objects.create(name=name or f"List {next(_numbers)}", **fields)


def make_campaign(release: Release | None = None, *, contacts: int = 0, **fields: Any) -> Campaign:
    """An active campaign, with facts and a list of so many subscribed contacts, but without e-mails."""
    release = release or make_release()
    if not release.snapshots.exists():
        make_snapshot(release)
    fields.setdefault("cadence", None)
    cadence = fields.pop("cadence") or make_cadence()
    campaign = Campaign.objects.create(release=release, cadence=cadence, created_at=NOW, **fields)
    contact_list = make_list(product=release.product)
    campaign.lists.add(contact_list)
    if contacts:
        make_contacts(contacts, product=release.product, contact_list=contact_list)
    return campaign


def make_email(campaign: Campaign | None = None, *, step: str = "announcement", **fields: Any) -> CampaignEmail:
    """One e-mail of a campaign in any state."""
    position = ["announcement", "reminder", "release_day", "follow_up"].index(step)
    fields.setdefault("state", "planned")
    fields.setdefault("send_at", NOW + dt.timedelta(days=1))
    fields.setdefault("state_since", NOW)
    return CampaignEmail.objects.create(
        campaign=campaign or make_campaign(),
        step=step,
        position=position,
        late_after=dt.timedelta(hours=2),
        template_version=make_template_version(step),
        **fields,
    )


def make_draft(**changes: Any) -> Any:
    """A text that rests on FACTS: one sentence per block, each with its issue."""
    from campaigns.drafting.text import Block, DraftText, Sentence

    changes.setdefault("subject", "Kite 2.4.0 is coming on 25 November")
    changes.setdefault("preheader", "Calendar export, large uploads and the end of the v1 API.")
    changes.setdefault(
        "blocks",
        (
            Block("intro", (Sentence("Hello {{first_name}}, Kite 2.4.0 will be released on 25 November 2099.", ()),)),
            Block("highlights", (Sentence("Calendars can now be exported as iCalendar files.", ("KITE-1",)),)),
            Block("breaking", (Sentence("The v1 API is removed. Move calls to v2 before you update.", ("KITE-3",)),)),
            Block("fixes", (Sentence("Files over 2 GB can be uploaded again.", ("KITE-2",)),)),
            Block("action", (Sentence("Read about the release.", ()),)),
        ),
    )
    return DraftText(**changes)


def make_revision(email: CampaignEmail, text: Any = None, *, author: Any = None) -> Any:
    """The next text of an e-mail, by a person or else by the extractive drafter."""
    from campaigns.drafting.models import Revision

    text = text or make_draft()
    stored = text.to_json()
    return Revision.objects.create(
        email=email,
        number=email.revisions.count() + 1,
        subject=text.subject,
        preheader=text.preheader,
        blocks=stored["blocks"],
        order=list(text.order),
        digest=text.digest(),
        snapshot=email.campaign.release.snapshots.first(),
        author=author,
        drafter="" if author else "extractive",
        created_at=NOW,
    )


def make_approved_email(
    campaign: Campaign | None = None, *, contacts: int = 0, state: str = "approved", **fields: Any
) -> CampaignEmail:
    """An e-mail with a text, a rendition and a valid approval that names both, its lists and its time."""
    from campaigns.audience import selectors as audience
    from campaigns.review import rendition
    from campaigns.review.models import Approval

    campaign = campaign or make_campaign(contacts=contacts)
    fields.setdefault("send_at", NOW)
    email = make_email(campaign, state=state, **fields)
    revision = make_revision(email)
    lists = list(campaign.lists.values_list("pk", flat=True))
    snapshot = campaign.release.snapshots.first()
    assert snapshot is not None
    Approval.objects.create(
        email=email,
        revision=revision,
        rendition=rendition.freeze(email=email, revision=revision, now=NOW),
        decision="approved",
        audience_digest=audience.audience_digest(list_ids=lists, product_id=campaign.release.product_id),
        snapshot_digest=snapshot.digest,
        send_at=email.send_at,
        by=make_user("Release manager"),
        at=NOW,
    )
    return email


def seen(email: CampaignEmail, *, by: Any = None, now: dt.datetime = NOW) -> Any:
    """What the page of an e-mail shows now, its audience counted, as its forms carry it."""
    from campaigns.review.counts import count_now
    from campaigns.review.desk import Desk, open_email

    row = open_email(email.pk)
    count_now(email=row, now=now)
    return Desk(row, by, now).seen


def seen_fields(email: CampaignEmail) -> dict[str, str]:
    """The same as the hidden fields of the forms."""
    from django.utils import timezone

    shown = seen(email, now=timezone.now())
    return {
        "digest": shown.rendition, "audience": shown.audience, "send_at": shown.send_at, "facts": shown.facts,
        "people": str(shown.people), "warnings": shown.marks,
    }  # fmt: skip
