"""The preview is what will be sent, and nothing that people or Jira wrote can act in it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from campaigns.delivery.values import Merger
from campaigns.drafting.text import Block, Sentence
from campaigns.models import CampaignEmail, Contact
from campaigns.review import rendition, services
from campaigns.review.refusals import NotRendered
from campaigns.review.typed import Typed
from templates import placeholders
from templates.rendering import in_scheme
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)><style>*{display:none}</style>"


@pytest.fixture
def email() -> CampaignEmail:
    """A drafted e-mail that goes to one contact."""
    email = factories.make_email(factories.make_campaign(contacts=1), state="drafted")
    factories.make_revision(email)
    return email


def current(email: CampaignEmail) -> Any:
    return email.revisions.first()


def frame(browser: Browser, email: CampaignEmail, **query: str) -> Any:
    return browser.get(reverse("review:preview", args=[email.pk]), query)


def test_the_same_text_gives_the_same_bytes_and_is_kept_once(email: CampaignEmail) -> None:
    one = rendition.freeze(email=email, revision=current(email), now=NOW)
    two = rendition.freeze(email=email, revision=current(email), now=NOW)
    assert one == two
    assert email.renditions.count() == 1


@pytest.mark.parametrize("name", ["from_address", "reply_to", "subject", "html", "text"])
def test_every_part_counts_for_the_digest(email: CampaignEmail, name: str) -> None:
    kept = rendition.freeze(email=email, revision=current(email), now=NOW)
    setattr(kept, name, getattr(kept, name) + "x")
    assert rendition.digest_of(kept) != kept.digest


def test_headers_and_placeholders_count_for_the_digest(email: CampaignEmail) -> None:
    kept = rendition.freeze(email=email, revision=current(email), now=NOW)
    kept.headers = {**kept.headers, "X-More": "1"}
    assert rendition.digest_of(kept) != kept.digest
    kept.refresh_from_db()
    kept.placeholders = [*kept.placeholders, "last_name"]
    assert rendition.digest_of(kept) != kept.digest


def test_the_preview_of_a_contact_is_what_the_sender_makes_for_them(email: CampaignEmail) -> None:
    contact = Contact.objects.select_related("client").get()
    kept = rendition.freeze(email=email, revision=current(email), now=NOW)
    shown = rendition.preview(email=email, revision=current(email), contact=contact)
    link = rendition.values_for(contact, email.campaign.release.product)["unsubscribe_url"]
    names = {"first_name": contact.first_name, "last_name": contact.last_name, "client_name": contact.client.name}
    sent = Merger(kept.placeholders)(names, address=contact.email, unsubscribe_url=link)
    assert set(sent) == set(kept.placeholders)
    assert shown.html == placeholders.fill(kept.html, sent)
    assert shown.text == placeholders.fill(kept.text, sent)
    assert shown.subject == placeholders.fill(kept.subject, sent)
    assert f"Hello {contact.first_name}" in shown.html


def test_the_frame_shows_the_preview_byte_for_byte(email: CampaignEmail, sign_in: Any) -> None:
    contact = Contact.objects.select_related("client").get()
    answer = frame(sign_in("Marketer"), email, **{"as": contact.email})
    shown = rendition.preview(email=email, revision=current(email), contact=contact).html
    # The colour scheme alone is fixed, so that a person whose system is dark sees the light one too.
    assert answer.content.decode() == in_scheme(shown, dark=False)
    dark = frame(sign_in("Marketer"), email, scheme="dark", **{"as": contact.email})
    assert dark.content.decode() == in_scheme(shown, dark=True)


def test_the_frame_can_run_load_and_reach_nothing(email: CampaignEmail, sign_in: Any) -> None:
    answer = frame(sign_in("Marketer"), email)
    policy = answer["Content-Security-Policy"]
    for directive in ("default-src 'none'", "script-src 'none'", "connect-src 'none'", "form-action 'none'",
                      "frame-ancestors 'self'", "sandbox"):  # fmt: skip
        assert directive in policy
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert "img-src data:" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_the_page_keeps_its_own_strict_policy(email: CampaignEmail, sign_in: Any) -> None:
    answer = sign_in("Marketer").get(reverse("review:email", args=[email.pk]))
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert 'sandbox title="' in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"


def hostile_email() -> CampaignEmail:
    """Script and style in Jira, in the text, in the product, in a contact's name and in a comment."""
    facts = copy.deepcopy(factories.FACTS)
    for issue in facts["issues"]:
        issue["summary"] = issue["note"] = issue["status"] = f"{issue['key']} {HOSTILE}"
        issue["url"] = "javascript:alert(4)"
    facts["excluded"][0]["reason"] = HOSTILE
    product = factories.make_product(name=f"Kite {HOSTILE}", sender_name=f"Kite {HOSTILE}")
    release = factories.make_release(product)
    factories.make_snapshot(release, facts)
    email = factories.make_email(factories.make_campaign(release, contacts=1), state="drafted")
    Contact.objects.update(first_name=HOSTILE[:90], last_name="</title><script>alert(5)</script>")
    text = factories.make_draft(
        subject=f"Kite {HOSTILE}"[:190],
        preheader=HOSTILE,
        blocks=(Block("intro", (Sentence(f"Hello {{{{first_name}}}} {HOSTILE}"),)),
                Block("highlights", (Sentence(HOSTILE, ("KITE-1",)),))),
    )  # fmt: skip
    factories.make_revision(email, text)
    services.comment(email=email, body=HOSTILE, by=factories.make_user("Marketer", first_name=HOSTILE[:90]), now=NOW)
    return email


@pytest.mark.parametrize("look", ["desktop", "mobile", "dark", "text"])
def test_hostile_words_are_shown_as_words_on_the_page(sign_in: Any, look: str) -> None:
    email = hostile_email()
    contact = Contact.objects.get()
    answer = sign_in("Marketer").get(reverse("review:email", args=[email.pk]), {"look": look, "as": contact.email})
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in body and "<img src=x" not in body and "<style>*" not in body
    assert "&lt;script&gt;alert(1)" in body
    assert 'href="javascript:' not in body


def test_hostile_words_are_shown_as_words_in_the_mail(sign_in: Any) -> None:
    email = hostile_email()
    answer = frame(sign_in("Marketer"), email, **{"as": Contact.objects.get().email})
    body = answer.content.decode()
    assert "<script" not in body and "<img" not in body and "<style>*" not in body
    assert "&lt;script&gt;alert(1)" in body


def test_a_name_that_looks_like_a_placeholder_stays_a_name(email: CampaignEmail, sign_in: Any) -> None:
    Contact.objects.update(first_name="{{unsubscribe_url}}")
    body = frame(sign_in("Marketer"), email, **{"as": Contact.objects.get().email}).content.decode()
    assert "Hello {{unsubscribe_url}}" in body


def test_right_to_left_words_and_emoji_come_through(email: CampaignEmail, sign_in: Any) -> None:
    text = factories.make_draft(subject="שלום Kite 2.4.0 🚀 👩‍👩‍👧")
    factories.make_revision(email, text)
    shown = rendition.preview(email=email, revision=current(email))
    assert "👩‍👩‍👧" in shown.subject and "שלום" in shown.subject
    body = sign_in("Marketer").get(reverse("review:email", args=[email.pk])).content.decode()
    assert "👩‍👩‍👧" in body


def test_a_half_typed_placeholder_is_said_on_the_page_and_in_the_frame(email: CampaignEmail, sign_in: Any) -> None:
    factories.make_revision(email, factories.make_draft(subject="Kite for {{ first_na"))
    with pytest.raises(NotRendered, match="first_na"):
        rendition.build(email=email, revision=current(email))
    browser = sign_in("Marketer")
    page = browser.get(reverse("review:email", args=[email.pk]))
    assert page.status_code == 200
    assert "does not make a mail yet" in page.content.decode()
    answer = frame(browser, email)
    assert answer["Content-Type"].startswith("text/plain")


def test_the_frame_of_an_old_page_says_so_instead_of_showing_another_mail(email: CampaignEmail, sign_in: Any) -> None:
    browser = sign_in("Marketer")
    digest = rendition.build(email=email, revision=current(email)).digest
    assert frame(browser, email, digest=digest).status_code == 200
    factories.make_revision(email, factories.make_draft(subject="Kite 2.4.0 arrives on 25 November"))
    assert frame(browser, email, digest=digest).status_code == 409


def test_the_mail_cannot_be_looked_at_as_somebody_it_does_not_go_to(email: CampaignEmail, sign_in: Any) -> None:
    stranger = factories.make_contacts(1)[0]
    body = sign_in("Marketer").get(reverse("review:email", args=[email.pk]), {"as": stranger.email}).content.decode()
    assert "is on none of the lists" in body


def test_without_a_session_the_frame_asks_for_a_log_in(email: CampaignEmail) -> None:
    assert frame(Browser(), email).status_code == 302


def test_sentences_of_one_issue_make_one_point_and_an_introduction_one_paragraph(email: CampaignEmail) -> None:
    text = factories.make_draft(
        blocks=(
            Block("intro", (Sentence("One."), Sentence("Two."))),
            Block(
                "highlights", (Sentence("A.", ("KITE-1",)), Sentence("B.", ("KITE-1",)), Sentence("C.", ("KITE-2",)))
            ),
        )
    )
    factories.make_revision(email, text)
    content = rendition.content_of(email=email, revision=current(email))
    assert content.section("intro").items == ("One. Two.",)
    assert content.section("highlights").items == ("A. B.", "C.")


def test_the_frame_shows_what_its_reader_typed_and_did_not_save_and_nobody_else_s(
    email: CampaignEmail, sign_in: Any
) -> None:
    browser = sign_in("Marketer")
    fields = Typed.of(factories.make_draft(preheader="Typed <b>just</b> now."), 1).to_json()
    browser.post(reverse("review:keep", args=[email.pk]), {**fields, "based_on": "1"})
    saved = frame(browser, email).text
    assert "Typed &lt;b&gt;just&lt;/b&gt; now." in frame(browser, email, typed="1").text
    assert "Typed" not in saved
    assert frame(sign_in("Marketer"), email, typed="1").text == saved
    browser.post(reverse("review:keep", args=[email.pk]), {**fields, "subject": "", "based_on": "1"})
    assert frame(browser, email, typed="1").text == "the subject is empty."
    assert email.revisions.count() == 1
