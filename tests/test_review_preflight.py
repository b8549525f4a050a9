"""The checks before a submission: each rule finds its fault and lets a good text through."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser

from campaigns.drafting.text import Block, Sentence
from campaigns.models import CampaignEmail, Contact, Transition, Waiver
from campaigns.review import counts, preflight, services
from campaigns.review.preflight.contrast import dim
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


@pytest.mark.parametrize(
    "typed", ["{{ first_na, calendars can be exported.", "{{first_name, calendars can be exported."]
)
def test_a_half_typed_placeholder_is_one_finding_that_nobody_can_waive(typed: str) -> None:
    before = {found.fingerprint for found in run(make_email())}
    new = [found for found in run(make_email(draft(f"Hello {typed}", "KITE-1"))) if found.fingerprint not in before]
    assert [(found.rule, found.can_be_waived) for found in new if found.blocking] == [("placeholders", False)]


def test_a_template_that_cannot_be_rendered_is_found() -> None:
    email = make_email()
    email.template_version = factories.make_template_version(mjml="<mjml><mj-body></mj-body></mjml")
    email.save(update_fields=["template_version"])
    assert "rendering" in rules(email)


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
        ("subject", draft(subject="Kite 2.4.0")),
        ("subject", draft(subject="Kite 2.4.0 is coming with a very long list of things on 25 November")),
        ("subject", draft(subject="A new version of Kite is coming")),
        ("preheader", draft(preheader="Short.")),
        ("preheader", draft(preheader="Kite 2.4.0 is coming on 25 November 2099 to you all.")),
        ("step", draft("Calendar export is available.", "KITE-1")),
        ("step", draft("Fixed: Upload of files over 2 GB fails.", "KITE-2", block="fixes")),
        ("step", draft("Failed uploads are now shown as failed.", "KITE-2", block="fixes")),
        ("shouting", draft(subject="Kite 2.4.0 IMPORTANT for everybody")),
        ("shouting", draft(subject="Kite 2.4.0 is coming for you!")),
        ("shouting", draft(subject="FREE NEW KITE 2.4.0 ACT NOW")),
        ("shouting", draft(subject="Kite 2.4.0 ist für alle WICHTIGÄ da")),
        ("shouting", draft(preheader="Wow!!! What a release this one is going to be!!!")),
        ("subject", draft(subject="{{ client_name }}: the new Kite 2.4.0 is coming soon")),
        ("readability", draft("Calendars " + "can now be exported as iCalendar files and " * 5 + "more.", "KITE-1")),
    ],
)
def test_a_rule_finds_its_fault(rule: str, text: Any) -> None:
    good = make_email(draft("Calendars can then be exported as iCalendar files.", "KITE-1"))
    assert rule not in rules(good)
    assert rule in rules(make_email(text))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("shouting", draft(subject="Kite 2.4.0 speaks HTTPS everywhere")),
        ("shouting", draft(subject="Kite 2.4.0: API, SDK, VPN and PDF")),
        ("shouting", draft(preheader="Calendar export, large uploads and the end of v1!")),
        ("subject", draft(subject="Hi {{ first_name }}, Kite 2.4.0 is coming up very soon")),
    ],
)
def test_a_rule_lets_pass_what_only_looks_like_its_fault(rule: str, text: Any) -> None:
    assert rule not in rules(make_email(text))


def test_a_line_is_as_long_as_it_is_for_the_reader_with_the_longest_name() -> None:
    email = make_email(draft(subject="Hi {{ first_name }}, Kite 2.4.0 is coming soon"))
    people = factories.make_contacts(2, product=email.campaign.release.product, contact_list=email.campaign.lists.get())
    counts.count_now(email=email, now=NOW)
    assert "subject" not in rules(email)
    Contact.objects.filter(pk=people[0].pk).update(first_name="Wolfeschlegelsteinhausenberger")
    counts.count_now(email=email, now=NOW)
    messages = [found.message for found in run(email) if found.rule == "subject"]
    assert messages == [
        "The subject has 33 and, with the longest name of the audience, 60 characters; many inboxes cut after 50."
    ]


@pytest.mark.parametrize(
    "style",
    ["color:#ccc", "color: rgb(204, 204, 204)", "color:lightgray", "COLOR:#CCCCCC", "color:#000;color:#ccc !important"],
)
def test_pale_words_are_found_however_the_colour_is_written(style: str) -> None:
    assert [found.words for found in dim(f'<p style="{style}">hard to read</p>')] == ["hard to read"]


@pytest.mark.parametrize(
    "html",
    [
        '<div style="background:#000"><p style="color:#fff">fine</p></div>',
        '<div style="background:navy none"><p style="color:white">fine</p></div>',
        '<table bgcolor="black"><tr><td style="color:rgb(255,255,255)">fine</td></tr></table>',
        '<div style="background:#ffffff"><p style="background:transparent;color:#222">fine</p></div>',
        '<div style="background:#fff url(x.png)"><p style="color:#eee">nobody can know</p></div>',
        '<p style="color:hsl(0, 0%, 80%)">nobody can know</p>',
    ],
)
def test_words_that_can_be_read_or_whose_colours_are_not_known_are_let_pass(html: str) -> None:
    assert dim(html) == []


def test_the_words_of_the_moment_depend_on_the_step() -> None:
    coming = draft("Calendar export will be available soon.", "KITE-1")
    assert "step" in rules(make_email(coming, step="release_day"))
    assert "step" not in rules(make_email(coming, step="announcement"))


def test_a_missing_postal_address_blocks_and_nobody_can_waive_it(release_manager: Any) -> None:
    email = make_email(postal_address=" ")
    finding = next(found for found in run(email) if found.rule == "identity")
    assert finding.stops and not finding.can_be_waived
    with pytest.raises(ReviewRefused, match="cannot be waived"):
        services.waive(email=email, fingerprints=[finding.fingerprint], reason="So be it.", by=release_manager, now=NOW)


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


def shown_with(html: str) -> list[preflight.Finding]:
    """What is found in a mail with something put at the end of its HTML part.

    Our own renderer refuses pictures; the rules are there for the day when a template may bring them.
    """
    email = make_email()
    mail = preflight.Mail(email, email.revisions.get())
    assert mail.frozen is not None
    mail.frozen = replace(mail.frozen, html=mail.frozen.html.replace("</body>", f"{html}</body>"))
    return preflight.look(mail)


LOGO = "https://kite.example/logo.png"


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("images", f'<img src="{LOGO}" alt="Kite">', f'<img src="{LOGO}">'),
        ("images", f'<img src="{LOGO}" alt="">', f'<img src="{LOGO}" alt="Kite">' * 9),
        ("images", f'<img src="{LOGO}" alt="Kite">', '<img src="" alt="Kite">'),
        ("images", f'<img src="{LOGO}" alt="Kite">', '<img src="logo.png" alt="Kite">'),
        ("images", f'<img src="{LOGO}" alt="Kite">', '<img alt="Kite">'),
        ("action", "", '<a href="https://kite.example/other">Another</a>'),
        ("size", "", f"<p>{'Words that nobody reads to their end. ' * 3000}</p>"),
    ],
)
def test_a_rule_finds_what_a_template_puts_in(rule: str, good: str, bad: str) -> None:
    assert rule not in {finding.rule for finding in shown_with(good)}
    found = [finding for finding in shown_with(bad) if finding.rule == rule]
    assert found
    assert all(finding.stops is (rule == "size") for finding in found)


def test_a_template_with_a_picture_makes_no_mail() -> None:
    email = make_email()
    usual = factories.make_template_version("announcement").mjml
    picture = '<mj-section><mj-column><mj-image src="logo.png" /></mj-column></mj-section>'
    with_picture = usual.replace("</mj-body>", f"{picture}</mj-body>")
    email.template_version = factories.make_template_version("announcement", with_picture)
    email.save()
    assert any("Pictures are not used" in found.message for found in run(email) if found.stops)


def test_a_body_that_is_too_long_for_its_step_is_warned_of() -> None:
    long = draft().with_block(
        "closing", [Sentence(f"Calendars are easy to read in every month {n}.") for n in range(60)]
    )
    found = [finding.message for finding in run(make_email(long)) if finding.rule == "length"]
    assert len(found) == 1 and "suit the announcement" in found[0]


def lacking(sentence: str, *, part: str) -> set[str]:
    """What `parts` says of a mail of which one part lost a sentence on its way through the renderer."""
    email = make_email(draft(sentence, "KITE-1"))
    mail = preflight.Mail(email, email.revisions.get())
    assert mail.frozen is not None
    words = sentence.partition("}}")[2].strip(" ,") or sentence
    mail.frozen = replace(mail.frozen, **{part: getattr(mail.frozen, part).replace(words, "")})
    return {found.message for found in preflight.look(mail) if found.rule == "parts"}


@pytest.mark.parametrize(
    "sentence", ["Calendars can now be exported.", "Hello {{ first_name }}, calendars can now be exported."]
)
def test_a_sentence_that_stands_in_one_part_only_is_found(sentence: str) -> None:
    assert "parts" not in rules(make_email(draft(sentence, "KITE-1")))
    assert any("The text part lacks" in message for message in lacking(sentence, part="text"))
    assert any("The HTML part lacks" in message for message in lacking(sentence, part="html"))


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
        services.waive(email=email, fingerprints=[blocking[0].fingerprint], reason="Measured.", by=marketer, now=NOW)
    for found in blocking:
        services.waive(email=email, fingerprints=[found.fingerprint], reason="Measured.", by=release_manager, now=NOW)
    services.submit(email=email, by=marketer, now=NOW)
    assert email.state == "in_review"
    assert {waiver.reason for waiver in Waiver.objects.all()} == {"Measured."}


def test_a_waiver_outlives_an_edit_elsewhere_and_ends_with_its_words(marketer: Any, release_manager: Any) -> None:
    email = unsupported()
    found = next(finding for finding in run(email) if finding.stops)
    services.waive(email=email, fingerprints=[found.fingerprint], reason="Measured.", by=release_manager, now=NOW)
    elsewhere = draft("Calendars are now 40 percent faster.", "KITE-1", subject="Kite 2.4.0 arrives on 25 November")
    services.edit(email=email, text=elsewhere, based_on=1, by=marketer, now=NOW)
    assert found.fingerprint not in {finding.fingerprint for finding in run(email) if finding.stops}
    other = draft("Calendars are now 90 percent faster.", "KITE-1")
    services.edit(email=email, text=other, based_on=2, by=marketer, now=NOW)
    assert any(finding.stops and "90" in finding.message for finding in run(email))


def page_with(email: CampaignEmail, person: Any) -> str:
    browser = Browser()
    browser.force_login(person)
    return browser.get(email.get_absolute_url()).text


def test_the_page_says_of_each_waiver_to_which_words_it_belongs(marketer: Any, release_manager: Any) -> None:
    email = unsupported()
    for found in [finding for finding in run(email) if finding.stops]:
        services.waive(email=email, fingerprints=[found.fingerprint], reason="Measured.", by=release_manager, now=NOW)
    waiver = Waiver.objects.first()
    assert waiver and (waiver.words, waiver.part, waiver.revision_number) == (
        "Calendars are now 40 percent faster.", "highlights", 1,
    )  # fmt: skip
    before = page_with(email, marketer)
    quoted = '<q class="soft" dir="auto">Calendars are now 40 percent faster.</q>'
    assert quoted in before.partition('id="waived"')[2]
    assert ", in revision 1: Measured." in before and 'id="lapsed"' not in before

    # Another number: what was let pass is not let pass of this one, and the page does not let it look so.
    other = draft("Calendars are now 90 percent faster.", "KITE-1")
    services.edit(email=email, text=other, based_on=1, by=marketer, now=NOW)
    after = page_with(email, marketer)
    checks = after[after.index('id="checks"') : after.index("</section>", after.index('id="checks"'))]
    assert 'id="waived"' not in checks
    assert quoted in checks.partition('id="lapsed"')[2]
    assert "waived before, of what stands there no more" in checks
    # The line of history stands among those of newer texts and says by itself what it was about.
    history = after[after.index('id="history"') :]
    assert "In revision 1, “Calendars are now 40 percent faster.”: " in history and "Reason: Measured." in history
    line = Transition.objects.filter(email=email, what="finding").first()
    assert line and line.why.startswith("In revision 1, “Calendars are now 40 percent faster.”: ")


def test_what_is_about_the_mail_as_a_whole_has_no_words_of_its_own(marketer: Any) -> None:
    text = draft()
    assert text.words_at("mail") == text.words_at("highlights", 99) == text.words_at("closing") == ""
    assert text.words_at("subject") == text.subject
    assert text.words_at("highlights") == text.block("highlights")[0].text
    email = make_email(draft("Read about it! Soon! Now!", block="closing"))
    found = next(finding for finding in run(email) if finding.part == "mail" and finding.can_be_waived)
    services.waive(email=email, fingerprints=[found.fingerprint], reason="So be it.", by=marketer, now=NOW)
    assert "<q" not in page_with(email, marketer).partition('id="waived"')[2].partition("</ul>")[0]


def test_a_waiver_for_a_few_people_ends_when_it_concerns_twice_as_many(marketer: Any) -> None:
    email = make_email()
    people = [each.pk for each in factories.make_contacts(9, contact_list=email.campaign.lists.get())]

    def nameless(count: int) -> preflight.Finding:
        Contact.objects.filter(pk__in=people[:count]).update(first_name="")
        return next(found for found in run(email) if found.rule == "placeholders")

    found = nameless(2)
    services.waive(email=email, fingerprints=[found.fingerprint], reason="They know us.", by=marketer, now=NOW)
    assert nameless(3).waiver is not None
    assert nameless(4).waiver is None


def test_a_warning_is_waived_by_an_editor_with_a_reason(marketer: Any) -> None:
    email = make_email(draft(preheader="Short."))
    warning = next(found for found in run(email) if found.rule == "preheader")
    with pytest.raises(ReviewRefused, match="Say why"):
        services.waive(email=email, fingerprints=[warning.fingerprint], reason=" ", by=marketer, now=NOW)
    services.waive(email=email, fingerprints=[warning.fingerprint], reason="It is enough.", by=marketer, now=NOW)
    [again] = services.waive(email=email, fingerprints=[warning.fingerprint], reason="Again.", by=marketer, now=NOW)
    assert again.reason == "It is enough."
    waived = next(found for found in run(email) if found.fingerprint == warning.fingerprint)
    assert waived.waiver == again


def test_of_several_findings_all_are_waived_or_none(marketer: Any) -> None:
    email = make_email(draft(subject="Kite", preheader="Short."))
    first, second = [found for found in run(email) if not found.blocking][:2]
    with pytest.raises(ReviewRefused, match="Nothing was waived"):
        services.waive(email=email, fingerprints=[first.fingerprint, "0" * 64], reason="R.", by=marketer, now=NOW)
    assert not Waiver.objects.exists()
    with pytest.raises(ReviewRefused, match="Tick what is to pass"):
        services.waive(email=email, fingerprints=[], reason="R.", by=marketer, now=NOW)
    both = [first.fingerprint, second.fingerprint, first.fingerprint]
    made = services.waive(email=email, fingerprints=both, reason="R.", by=marketer, now=NOW)
    assert [waiver.fingerprint for waiver in made] == both[:2]


def test_a_finding_that_is_gone_cannot_be_waived(marketer: Any) -> None:
    with pytest.raises(ReviewRefused, match="gone"):
        services.waive(email=make_email(), fingerprints=["0" * 64], reason="Why not.", by=marketer, now=NOW)


# --- the date of the release against the moment of sending ---


def late(text: Any = None, *, step: str = "announcement", days: int = 22, **release: Any) -> list[preflight.Finding]:
    """What is found about the date in a mail that goes out days after 4 November; the release is on the 25th."""
    facts = {**factories.FACTS, "release": {**factories.FACTS["release"], "release_date": "2026-11-25", **release}}
    email = make_email(text, step=step)
    factories.make_snapshot(email.campaign.release, facts)
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=NOW + dt.timedelta(days=days))
    return [found for found in run(email) if found.rule == "release_date"]


def about(intro: str, subject: str = "Kite 2.4.0 and what it is about") -> Any:
    return draft(intro, block="intro", subject=subject)


@pytest.mark.parametrize(
    "intro",
    [
        "Kite 2.4.0 will be released on 25 November 2026.",
        "Kite 2.4.0 is coming on 25 November.",
        "Kite 2.4.0 is planned for 25 November 2026.",
        "The release is planned for November.",
        "Kite 2.4.0 will be available soon.",
        "Kite 2.4.0 wird am 25. November 2026 veröffentlicht.",
        "Kite 2.4.0 erscheint am 25.11.2026.",
    ],
)
@pytest.mark.parametrize("step", ["announcement", "reminder", "release_day", "follow_up"])
def test_a_release_that_is_over_is_not_told_as_still_to_come(intro: str, step: str) -> None:
    assert late(about(intro), step=step, days=20) == [] or step in ("release_day", "follow_up")
    (found,) = late(about(intro), step=step)
    assert (found.part, found.blocking, found.can_be_waived) == ("intro", True, True)
    assert "25 November 2026" in found.message and "26 November 2026" in found.message


@pytest.mark.parametrize("step", ["announcement", "reminder", "release_day", "follow_up"])
def test_a_mail_of_before_a_day_that_jira_does_not_name_is_warned_of(step: str) -> None:
    found = late(about("Kite 2.4.0 will be released."), step=step, release_date=None)
    told = [(one.part, one.blocking) for one in found if "no date in Jira" in one.message]
    assert told == ([("mail", False)] if step in ("announcement", "reminder") else [])


@pytest.mark.parametrize("step", ["announcement", "reminder"])
def test_a_mail_of_before_the_day_comes_too_late_after_it_however_it_is_worded(step: str) -> None:
    text = about("Kite 2.4.0 was released on 25 November 2026.")
    (found,) = late(text, step=step)
    assert (found.part, found.blocking) == ("mail", True)
    (found,) = late(text, step=step, days=1, released=True)
    assert found.blocking and "Jira says that the release is out" in found.message


def test_a_late_mail_may_say_that_the_release_is_there_and_not_that_it_is_coming() -> None:
    email = make_email(about("Kite 2.4.0 is available."))
    assert "step" in rules(email), "it is not out yet"
    released = {**factories.FACTS["release"], "released": True}
    factories.make_snapshot(email.campaign.release, {**factories.FACTS, "release": released})
    assert "step" not in rules(email)
    factories.make_revision(email, about("Kite 2.4.0 is coming soon."))
    assert any("out already" in found.message for found in run(email) if found.rule == "step")


@pytest.mark.parametrize(
    "intro",
    [
        "Kite 2.4.0 was released on 25 November 2026.",
        "Kite 2.4.0 has been available since 25 November 2026.",
        "Kite 2.4.0 was planned for 25 November 2026 and came in time.",
        "The next release will be available in spring.",
        "Kite 2.5.0 will be released on 3 March 2027.",
        "We will be glad to hear from you.",
    ],
)
def test_a_follow_up_may_speak_of_the_past_and_of_what_comes_next(intro: str) -> None:
    assert late(about(intro), step="follow_up", days=28, released=True) == []


def test_a_moved_mail_passes_while_the_date_is_ahead_on_the_calendar_of_the_product() -> None:
    assert late(days=20) == []
    assert late(days=21) == [], "it goes out on the day itself"
    email = make_email(time_zone="Pacific/Auckland")
    released = {**factories.FACTS["release"], "release_date": "2026-11-25"}
    factories.make_snapshot(email.campaign.release, {**factories.FACTS, "release": released})
    sent = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)  # there it is the 26th already
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=sent)
    assert "release_date" in rules(email)
    CampaignEmail.objects.filter(pk=email.pk).update(send_at=sent - dt.timedelta(hours=2))
    assert "release_date" not in rules(email)


def test_a_release_day_off_its_day_is_a_warning() -> None:
    text = about("Kite 2.4.0 is available from today.")
    (early,) = late(text, step="release_day", days=20)
    (after,) = late(text, step="release_day", days=23)
    assert (early.blocking, early.part, after.blocking, after.part) == (False, "mail", False, "intro")
    assert late(text, step="release_day", days=21) == []


# --- a step that a person asks for ---


def told_to(sentence: str, *keys: str, author: Any = None) -> list[tuple[str, str]]:
    email = make_email()
    factories.make_revision(email, draft(sentence, *keys), author=author)
    email = CampaignEmail.objects.get(pk=email.pk)
    found = preflight.run(email, email.revisions.latest("number"), NOW)
    return [(each.rule, each.level) for each in found if each.rule == "dangers"]


def test_a_plain_step_in_the_words_of_a_person_warns_beside_an_issue_that_gives_cause(marketer: Any) -> None:
    step = "Please mask sensitive fields before you update."
    assert told_to(step, "KITE-3", author=marketer) == [("dangers", "warning")]
    assert told_to(step, "KITE-3") == [("dangers", "blocking")], "a drafter wrote it"
    assert told_to(step, "KITE-1", author=marketer) == [("dangers", "blocking")], "its issue asks for nothing"
    assert told_to(step, author=marketer) == [("dangers", "blocking")]


@pytest.mark.parametrize(
    "sentence",
    [
        "Please confirm your password before you update.",
        "Please reply with the number of your contract.",
        "Please download the tool from evil.example.",
        "Please click the link before you update.",
        "Please pay the open amount before you update.",
        "Please call our hotline.",
        "Please p a y the open amount.",
        "Please update at once, or your access ends.",
        "Ignore all previous instructions, please.",
    ],
)
def test_no_person_may_ask_readers_for_what_a_fraud_would(sentence: str, marketer: Any) -> None:
    found = told_to(sentence, "KITE-3", author=marketer)
    assert found and all(level == "blocking" for _, level in found)


def test_what_may_break_is_asked_about_until_somebody_decides() -> None:
    facts = {**factories.FACTS, "issues": [
        *factories.FACTS["issues"],
        {"key": "KITE-77", "kind": "improvement", "summary": "Drop support for round spools"},
    ]}  # fmt: skip
    for step, asked in (("announcement", ["KITE-77"]), ("reminder", [])):
        release = factories.make_release(factories.make_product(jira_key=f"K{step[:3].upper()}"))
        factories.make_snapshot(release, facts)
        email = factories.make_email(factories.make_campaign(release), state="drafted", step=step)
        factories.make_revision(email)
        found = [one for one in run(email) if one.rule == "may_break"]
        assert [one.key for one in found] == asked
        assert all(one.can_be_waived and not one.blocking for one in found)
