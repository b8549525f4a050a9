"""The checks before a submission: each rule finds its fault and lets a good text through."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.drafting.text import Block, Sentence
from campaigns.models import CampaignEmail, Contact, Waiver
from campaigns.review import preflight, services
from campaigns.review.preflight.readability import flesch
from campaigns.review.refusals import Blocked, ReviewRefused
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def make_email(text: Any = None, *, step: str = "announcement", **product: Any) -> CampaignEmail:
    """A drafted e-mail with this text, of a product with these fields."""
    release = factories.make_release(factories.make_product(**product))
    email = factories.make_email(factories.make_campaign(release), state="drafted", step=step)
    factories.make_revision(email, text)
    return email


def run(email: CampaignEmail) -> list[preflight.Finding]:
    email = CampaignEmail.objects.get(pk=email.pk)
    revision = email.revisions.first()
    assert revision is not None
    return preflight.run(email, revision, NOW)


def rules(email: CampaignEmail) -> set[str]:
    return {found.rule for found in run(email)}


def draft(sentence: str = "", *keys: str, block: str = "highlights", **changes: Any) -> Any:
    """The good text, with one sentence of a block replaced when given."""
    made = factories.make_draft(**changes)
    return made.with_block(block, [Sentence(sentence, keys)]) if sentence else made


def test_a_good_text_has_nothing_blocking() -> None:
    assert [found.message for found in run(make_email()) if found.blocking] == []


def test_every_rule_says_what_where_how_and_from_where() -> None:
    text = draft("Now 40 percent FASTER {{nothing}} TODO", "KITE-1", subject="NEWS!", preheader="x")
    found = run(make_email(text, postal_address=" "))
    assert len(found) > 5
    for finding in found:
        assert finding.title and finding.message and finding.mend and finding.source and finding.where
        assert len(finding.fingerprint) == 64


def test_rule_names_are_unique() -> None:
    names = [rule.name for rule in preflight.RULES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("sources", draft("Calendars are now 40 percent faster.", "KITE-1")),
        ("sources", draft("Calendars can be exported.", "KITE-77")),
        ("sources", draft("Bump build image.", "KITE-9")),
        ("dangers", draft("Confirm your password at http://evil.example/login before you update.", "KITE-1")),
        ("dangers", draft("TODO say more about calendars.", "KITE-1")),
        ("breaking", factories.make_draft(blocks=(Block("intro", (Sentence("Kite 2.4.0 is coming."),)),))),
        ("placeholders", draft("Hello {{ nickname }}, calendars can be exported.", "KITE-1")),
        ("placeholders", draft("Hello {{ first_na, calendars can be exported.", "KITE-1")),
        ("rendering", draft("Hello {{ nickname }}, calendars can be exported.", "KITE-1")),
        ("subject", draft(subject="Kite 2.4.0")),
        ("subject", draft(subject="Kite 2.4.0 is coming with a very long list of things on 25 November")),
        ("subject", draft(subject="A new version of Kite is coming")),
        ("preheader", draft(preheader="Short.")),
        ("preheader", draft(preheader="Kite 2.4.0 is coming on 25 November 2026 to you all.")),
        ("step", draft("Calendar export is available.", "KITE-1")),
        ("shouting", draft(subject="Kite 2.4.0 IMPORTANT for everybody")),
        ("shouting", draft(subject="Kite 2.4.0 is coming for you!")),
        ("readability", draft("Calendars " + "can now be exported as iCalendar files and " * 5 + "more.", "KITE-1")),
    ],
)
def test_a_rule_finds_its_fault(rule: str, text: Any) -> None:
    good, bad = make_email(), make_email(text)
    assert rule not in rules(good)
    assert rule in rules(bad)


def test_the_words_of_the_moment_depend_on_the_step() -> None:
    coming = draft("Calendar export will be available soon.", "KITE-1")
    assert "step" in rules(make_email(coming, step="release_day"))
    assert "step" not in rules(make_email(coming, step="announcement"))


def test_a_missing_postal_address_blocks_and_nobody_can_waive_it(release_manager: Any) -> None:
    email = make_email(postal_address=" ")
    finding = next(found for found in run(email) if found.rule == "identity")
    assert finding.stops and not finding.can_be_waived
    with pytest.raises(ReviewRefused, match="cannot be waived"):
        services.waive(email=email, fingerprint=finding.fingerprint, reason="So be it.", by=release_manager, now=NOW)


def test_a_template_without_unsubscribe_link_or_address_blocks() -> None:
    email = make_email()
    bare = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>{{ intro }}</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    email.template_version = factories.make_template_version("announcement", bare)
    email.save()
    assert {"rendering"} <= {found.rule for found in run(email) if found.stops}


@pytest.mark.parametrize(
    ("website", "level"),
    [("https://bit.ly/kite", "blocking"), ("http://kite.example/x", "warning"), ("https://kite.example/x", "")],
)
def test_the_button_leads_somewhere_known_and_encrypted(website: str, level: str) -> None:
    found = [finding for finding in run(make_email(website=website)) if finding.rule == "links"]
    assert [finding.level for finding in found] == ([level] if level else [])


def test_a_mail_without_a_button_is_warned_of() -> None:
    assert "action" in rules(make_email(website=""))
    assert "action" not in rules(make_email())


def test_contacts_without_a_first_name_are_counted() -> None:
    email = make_email()
    contact_list = email.campaign.lists.get()
    people = factories.make_contacts(5, contact_list=contact_list)
    assert "placeholders" not in rules(email)
    Contact.objects.filter(pk=people[0].pk).update(first_name="")
    assert any("1 contact has no first name" in finding.message for finding in run(email))
    Contact.objects.filter(pk=people[1].pk).update(first_name="")
    found = next(finding for finding in run(email) if finding.rule == "placeholders")
    assert "2 contacts" in found.message
    assert not found.blocking


def test_the_mails_of_a_campaign_have_subjects_of_their_own() -> None:
    email = make_email()
    reminder = factories.make_email(email.campaign, state="drafted", step="reminder")
    factories.make_revision(reminder, draft(subject="Kite 2.4.0 comes in three days"))
    assert "series" not in rules(reminder)
    factories.make_revision(reminder, draft(subject="Kite 2.4.0 is coming on 25 november"))
    assert "series" in rules(reminder)


def test_a_reminder_brings_nothing_new() -> None:
    email = make_email(draft().with_block("fixes", []))
    reminder = factories.make_email(email.campaign, state="drafted", step="reminder")
    factories.make_revision(reminder, draft(subject="Kite 2.4.0 comes in three days"))
    found = [finding for finding in run(reminder) if finding.rule == "series"]
    assert [finding.key for finding in found] == ["KITE-2"]


def test_a_short_mail_of_a_small_release_is_fine_and_of_a_large_one_is_warned_of() -> None:
    email = make_email()
    assert "length" not in rules(email)
    many = copy.deepcopy(factories.FACTS)
    many["issues"] += [{**many["issues"][1], "key": f"KITE-{n}"} for n in range(20, 40)]
    factories.make_snapshot(email.campaign.release, many)
    assert "length" in rules(email)


def test_the_newest_facts_count_not_those_of_the_draft() -> None:
    email = make_email()
    fewer = copy.deepcopy(factories.FACTS)
    fewer["issues"] = [issue for issue in fewer["issues"] if issue["key"] != "KITE-2"]
    factories.make_snapshot(email.campaign.release, fewer)
    assert any(found.stops and "KITE-2" in found.message for found in run(email))


def test_reading_ease_is_flesch_s() -> None:
    assert flesch(["The cat sat on the mat."]) > 100
    assert flesch(["Organisational interdependencies necessitate comprehensive reconsideration."]) < 0


# --- waivers ---


def unsupported() -> CampaignEmail:
    return make_email(draft("Calendars are now 40 percent faster.", "KITE-1"))


def test_what_jira_does_not_say_is_waived_by_a_release_manager_only_and_then_passes(
    marketer: Any, release_manager: Any
) -> None:
    email = unsupported()
    blocking = [found for found in run(email) if found.stops]
    assert blocking
    with pytest.raises(Blocked):
        services.submit(email=email, by=marketer, now=NOW)
    with pytest.raises(PermissionDenied):
        services.waive(email=email, fingerprint=blocking[0].fingerprint, reason="Measured.", by=marketer, now=NOW)
    for found in blocking:
        services.waive(email=email, fingerprint=found.fingerprint, reason="Measured.", by=release_manager, now=NOW)
    services.submit(email=email, by=marketer, now=NOW)
    assert email.state == "in_review"
    assert {waiver.reason for waiver in Waiver.objects.all()} == {"Measured."}


def test_a_waiver_outlives_an_edit_elsewhere_and_ends_with_its_words(marketer: Any, release_manager: Any) -> None:
    email = unsupported()
    found = next(finding for finding in run(email) if finding.stops)
    services.waive(email=email, fingerprint=found.fingerprint, reason="Measured.", by=release_manager, now=NOW)
    elsewhere = draft("Calendars are now 40 percent faster.", "KITE-1", subject="Kite 2.4.0 arrives on 25 November")
    services.edit(email=email, text=elsewhere, based_on=1, by=marketer, now=NOW)
    assert found.fingerprint not in {finding.fingerprint for finding in run(email) if finding.stops}
    other = draft("Calendars are now 90 percent faster.", "KITE-1")
    services.edit(email=email, text=other, based_on=2, by=marketer, now=NOW)
    assert any(finding.stops and "90" in finding.message for finding in run(email))


def test_a_waiver_for_a_few_people_ends_when_it_concerns_twice_as_many(marketer: Any) -> None:
    email = make_email()
    people = [each.pk for each in factories.make_contacts(9, contact_list=email.campaign.lists.get())]

    def nameless(count: int) -> preflight.Finding:
        Contact.objects.filter(pk__in=people[:count]).update(first_name="")
        return next(found for found in run(email) if found.rule == "placeholders")

    found = nameless(2)
    services.waive(email=email, fingerprint=found.fingerprint, reason="They know us.", by=marketer, now=NOW)
    assert nameless(3).waiver is not None
    assert nameless(4).waiver is None


def test_a_warning_is_waived_by_an_editor_with_a_reason(marketer: Any) -> None:
    email = make_email(draft(preheader="Short."))
    warning = next(found for found in run(email) if found.rule == "preheader")
    with pytest.raises(ReviewRefused, match="Say why"):
        services.waive(email=email, fingerprint=warning.fingerprint, reason=" ", by=marketer, now=NOW)
    services.waive(email=email, fingerprint=warning.fingerprint, reason="It is enough.", by=marketer, now=NOW)
    again = services.waive(email=email, fingerprint=warning.fingerprint, reason="Again.", by=marketer, now=NOW)
    assert again.reason == "It is enough."
    waived = next(found for found in run(email) if found.fingerprint == warning.fingerprint)
    assert waived.waiver == again


def test_a_finding_that_is_gone_cannot_be_waived(marketer: Any) -> None:
    with pytest.raises(ReviewRefused, match="gone"):
        services.waive(email=make_email(), fingerprint="0" * 64, reason="Why not.", by=marketer, now=NOW)
