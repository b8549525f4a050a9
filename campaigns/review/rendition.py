"""From a text to the bytes that are sent: one way, used by the preview, the test mail, the approval and the sender.

A rendition is made without writing anything (`build`), kept when a person approves it (`freeze`), and filled for one
reader (`fill`) as SES fills it for each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from email.utils import formataddr
from typing import Any

from campaigns.audience import unsubscribe
from campaigns.audience.models import Contact
from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import text_of
from campaigns.drafting.text import DraftText, Sentence
from campaigns.planning.models import CampaignEmail
from campaigns.review.models import Rendition
from campaigns.review.refusals import NotRendered
from releases.models import Product
from templates import arrangement, placeholders, rendering
from templates.content import LISTS, MailContent, Section

# The words on the one button, by step.
BUTTONS = {
    "announcement": "Read about the release",
    "reminder": "See what to prepare",
    "release_day": "See what is new",
    "follow_up": "Read the release notes",
}


@dataclass(frozen=True)
class Frozen:
    """What SES gets for every recipient alike, placeholders still in it."""

    from_address: str
    reply_to: str
    subject: str
    html: str
    text: str
    headers: dict[str, str]
    placeholders: list[str]

    @property
    def digest(self) -> str:
        """SHA-256 in hex over the canonical JSON of all fields: what an approval names."""
        fields = {
            "from": self.from_address, "reply_to": self.reply_to, "subject": self.subject, "html": self.html,
            "text": self.text, "headers": self.headers, "placeholders": self.placeholders,
        }  # fmt: skip
        canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Filled:
    """A rendition for one reader."""

    subject: str
    html: str
    text: str


def build(*, email: CampaignEmail, revision: Revision) -> Frozen:
    """Render a text with its product, release and template version.

    Raises:
        NotRendered: the renderer refuses, for example a placeholder that does not exist.
    """
    release = email.campaign.release
    product = release.product
    content = content_of(email=email, revision=revision)
    try:
        mail = rendering.render(email.template_version.mjml, content)
    except rendering.RenderingError as problem:
        raise NotRendered(f"It cannot be rendered: {problem}") from problem
    return Frozen(
        from_address=formataddr((product.sender_name, product.sender_email)),
        reply_to=product.reply_to,
        subject=mail.subject,
        html=mail.html,
        text=mail.text,
        headers={"List-Id": _list_id(product)},
        placeholders=list(mail.placeholders),
    )


def content_of(*, email: CampaignEmail, revision: Revision) -> MailContent:
    """What the mail says, as the template wants it."""
    release = email.campaign.release
    product = release.product
    text = text_of(revision)
    return MailContent(
        subject=text.subject,
        preheader=text.preheader,
        sections=tuple(Section(block.kind, _items(block.kind, block.sentences)) for block in text.blocks),
        product_name=product.name,
        version=release.name,
        sender_name=product.sender_name,
        postal_address=product.postal_address,
        release_date=release.release_date,
        action_label=BUTTONS[email.step] if product.website else "",
        action_url=product.website,
        brand_colour=product.brand_colour,
        order=text.order,
    )


def in_places(email: CampaignEmail, text: DraftText) -> DraftText:
    """The text with its blocks in an order that the template can show; the template's own order is none."""
    mjml = email.template_version.mjml
    order = arrangement.order_in(mjml, text.order)
    return replace(text, order=() if order == arrangement.order_in(mjml, ()) else order)


def freeze(*, email: CampaignEmail, revision: Revision, now: dt.datetime) -> Rendition:
    """Keep the rendition of a text; the same bytes are kept once. Raises NotRendered."""
    frozen = build(email=email, revision=revision)
    kept, _ = Rendition.objects.get_or_create(
        email=email,
        digest=frozen.digest,
        defaults={
            "revision": revision,
            "template_version": email.template_version,
            "from_address": frozen.from_address,
            "reply_to": frozen.reply_to,
            "subject": frozen.subject,
            "html": frozen.html,
            "text": frozen.text,
            "headers": frozen.headers,
            "placeholders": frozen.placeholders,
            "created_at": now,
        },
    )
    return kept


def kept_bytes(rendition: Rendition) -> Frozen:
    """The bytes that a kept rendition holds now."""
    return Frozen(
        from_address=rendition.from_address, reply_to=rendition.reply_to, subject=rendition.subject,
        html=rendition.html, text=rendition.text, headers=rendition.headers, placeholders=rendition.placeholders,
    )  # fmt: skip


def digest_of(rendition: Rendition) -> str:
    """The digest of a kept rendition, computed again from its bytes; the sender compares it with the one approved."""
    return kept_bytes(rendition).digest


def fill(frozen: Frozen, values: dict[str, str]) -> Filled:
    """Put one reader's values in, as SES does."""
    return Filled(
        subject=placeholders.fill(frozen.subject, values),
        html=placeholders.fill(frozen.html, values),
        text=placeholders.fill(frozen.text, values),
    )


def preview(*, email: CampaignEmail, revision: Revision, contact: Contact | None = None) -> Filled:
    """The mail as a sample reader or a real contact gets it; its unsubscribe link works and changes nothing.

    Raises NotRendered.
    """
    frozen = build(email=email, revision=revision)
    return fill(frozen, values_for(contact, email.campaign.release.product))


def values_for(contact: Contact | None, product: Product) -> dict[str, str]:
    """What fills the placeholders for a preview or a test; the sample reader's values without a contact."""
    if contact is None:
        return placeholders.sample_values()
    return placeholders.recipient_values(
        first_name=contact.first_name,
        last_name=contact.last_name,
        client_name=contact.client.name,
        email=contact.email,
        unsubscribe_url=unsubscribe.url(contact.pk, product.pk, test=True),
    )


def newest_facts(email: CampaignEmail, revision: Revision) -> dict[str, Any]:
    """The newest frozen facts of the release; those of the revision when there are no others."""
    newest = email.campaign.release.snapshots.order_by("-number").values_list("facts", flat=True).first()
    return newest or revision.snapshot.facts


def _items(kind: str, sentences: tuple[Sentence, ...]) -> tuple[str, ...]:
    """In a list, sentences of the same issues make one point; elsewhere all make one paragraph."""
    if kind not in LISTS:
        return (" ".join(sentence.text for sentence in sentences),) if sentences else ()
    items: list[str] = []
    last: tuple[str, ...] = ()
    for sentence in sentences:
        if items and sentence.keys and sentence.keys == last:
            items[-1] += " " + sentence.text
        else:
            items.append(sentence.text)
        last = sentence.keys
    return tuple(items)


def _list_id(product: Product) -> str:
    """RFC 2919: one list for each product. SpamAssassin takes a point for List-Unsubscribe without it."""
    domain = product.sender_email.rpartition("@")[2]
    return f"<{product.jira_key.lower()}.{domain}>"
