"""Versions of a template: drafts change, published versions never do, and going back is a new number."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from templates import rendering, samples, selectors, services
from templates.models import EmailTemplate, EmailTemplateVersion, VersionFrozen
from templates.services import TemplateRefused
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def template() -> EmailTemplate:
    """The announcement that the migration brought."""
    return EmailTemplate.objects.get(slug="announcement")


@pytest.fixture
def first(template: EmailTemplate) -> EmailTemplateVersion:
    """Its version 1."""
    return template.versions.get()


def changed(version: EmailTemplateVersion, words: str = "What is planned") -> str:
    return version.mjml.replace("What you will get", words)


def second(template: EmailTemplate, by: Any, words: str = "What is planned") -> EmailTemplateVersion:
    """The next version, published."""
    draft = services.new_draft(template=template, by=by, now=NOW)
    services.save_draft(
        version=draft, mjml=changed(draft, words), note="", expected_digest=draft.digest, by=by, now=NOW
    )
    return services.publish(version=draft, by=by, now=LATER)


def test_the_first_four_are_published_and_intact() -> None:
    for step in ("announcement", "reminder", "release_day", "follow_up"):
        version = selectors.current_version_for_step(step)
        assert version is not None
        # Of the follow-up a second one has come, with a place for known problems.
        number = 2 if step == "follow_up" else 1
        assert (version.number, version.state, version.is_intact) == (number, "published", True)


def test_a_draft_is_a_copy_with_the_next_number_and_there_is_only_one(
    template: EmailTemplate, first: EmailTemplateVersion, marketer: Any
) -> None:
    draft = services.new_draft(template=template, by=marketer, now=NOW)

    assert (draft.number, draft.state, draft.mjml, draft.created_by) == (2, "draft", first.mjml, marketer)
    assert draft.created_at == NOW
    assert services.new_draft(template=template, by=marketer, now=LATER) == draft


def test_publishing_freezes_a_draft_and_makes_it_current(template: EmailTemplate, release_manager: Any) -> None:
    version = second(template, release_manager)

    assert (version.state, version.published_by, version.published_at) == ("published", release_manager, LATER)
    assert version.is_intact
    assert selectors.current_version(template) == version
    assert selectors.current_version_for_step("announcement") == version


def test_a_published_version_never_changes(template: EmailTemplate, first: EmailTemplateVersion, marketer: Any) -> None:
    with pytest.raises(TemplateRefused, match="published in the meantime"):
        services.save_draft(
            version=first, mjml="<mjml></mjml>", note="", expected_digest=first.digest, by=marketer, now=NOW
        )
    first.mjml = "<mjml></mjml>"
    with pytest.raises(VersionFrozen, match="never changes"):
        first.save()
    with pytest.raises(VersionFrozen):
        first.save(update_fields=["note"])
    with pytest.raises(VersionFrozen):
        first.delete()

    first.refresh_from_db()
    assert first.is_intact


def test_going_back_publishes_the_old_text_under_a_new_number(
    template: EmailTemplate, first: EmailTemplateVersion, release_manager: Any
) -> None:
    second(template, release_manager)

    third = services.publish_again(version=first, by=release_manager, now=LATER)

    assert (third.number, third.mjml, third.digest) == (3, first.mjml, first.digest)
    assert third.note == "Version 1 again."
    assert selectors.current_version(template) == third
    assert [version.number for version in template.versions.all()] == [3, 2, 1]


def test_going_back_beside_a_draft_keeps_the_draft_as_the_newest(
    template: EmailTemplate, first: EmailTemplateVersion, release_manager: Any
) -> None:
    second(template, release_manager)
    draft = services.new_draft(template=template, by=release_manager, now=LATER)

    again = services.publish_again(version=first, by=release_manager, now=LATER)

    draft.refresh_from_db()
    assert (again.number, draft.number, draft.state) == (3, 4, "draft")
    draft = services.save_draft(
        version=draft, mjml=changed(first, "Soon"), note="", expected_digest=draft.digest, by=release_manager, now=LATER
    )
    services.publish(version=draft, by=release_manager, now=LATER)
    assert selectors.current_version(template) == draft


def test_going_back_to_what_is_current_is_refused(first: EmailTemplateVersion, release_manager: Any) -> None:
    with pytest.raises(TemplateRefused, match="already"):
        services.publish_again(version=first, by=release_manager, now=NOW)


def test_a_draft_cannot_be_published_again(template: EmailTemplate, release_manager: Any) -> None:
    draft = services.new_draft(template=template, by=release_manager, now=NOW)

    with pytest.raises(TemplateRefused, match="never published"):
        services.publish_again(version=draft, by=release_manager, now=NOW)


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(
    template: EmailTemplate, marketer: Any, release_manager: Any
) -> None:
    draft = services.new_draft(template=template, by=marketer, now=NOW)
    opened = draft.digest
    services.save_draft(
        version=draft, mjml=changed(draft, "By the first"), note="", expected_digest=opened, by=marketer, now=NOW
    )

    with pytest.raises(TemplateRefused, match=f"{marketer.username} saved this draft after you had opened it"):
        services.save_draft(
            version=draft, mjml="the second", note="", expected_digest=opened, by=release_manager, now=LATER
        )

    draft.refresh_from_db()
    assert "By the first" in draft.mjml
    assert draft.created_by == marketer


@pytest.mark.parametrize(
    ("take", "put", "message"),
    [
        ("{{ unsubscribe_url }}", "https://harbor.example/", "unsubscribe_url .* has no place"),
        ("{{ breaking }}", "x", "breaking .* has no place"),
        ('lang="{{ language }}"', "", "needs lang="),
        ("prefers-color-scheme: dark", "min-width: 1px", "Dark mode needs"),
        ("{{ sender_name }}", "{{ sender }}", "Line {line}: 'sender' is no placeholder"),
        ("<mj-body", "<mj-boddy", "no element of MJML"),
    ],
)
def test_a_faulty_draft_is_kept_but_not_published(
    template: EmailTemplate, release_manager: Any, take: str, put: str, message: str
) -> None:
    draft = services.new_draft(template=template, by=release_manager, now=NOW)
    assert take in draft.mjml
    line = draft.mjml[: draft.mjml.index(take)].count("\n") + 1
    faulty = draft.mjml.replace(take, put)
    services.save_draft(version=draft, mjml=faulty, note="", expected_digest=draft.digest, by=release_manager, now=NOW)

    with pytest.raises(TemplateRefused, match="cannot be published yet") as refused:
        services.publish(version=draft, by=release_manager, now=NOW)

    assert any(re.search(message.replace("{line}", str(line)), problem) for problem in refused.value.problems)
    draft.refresh_from_db()
    assert (draft.state, draft.mjml) == ("draft", faulty)


def test_what_is_published_is_what_its_publisher_saw(
    template: EmailTemplate, marketer: Any, release_manager: Any
) -> None:
    seen = services.new_draft(template=template, by=marketer, now=NOW)
    services.save_draft(
        version=template.versions.get(pk=seen.pk), mjml=changed(seen), note="", expected_digest=seen.digest,
        by=marketer, now=NOW,
    )  # fmt: skip

    with pytest.raises(TemplateRefused, match="changed by somebody else"):
        services.publish(version=seen, by=release_manager, now=NOW)
    assert template.versions.get(number=2).state == "draft"


def test_a_draft_that_is_too_large_is_not_saved(template: EmailTemplate, marketer: Any) -> None:
    draft = services.new_draft(template=template, by=marketer, now=NOW)

    with pytest.raises(TemplateRefused, match="Nothing was saved"):
        services.save_draft(
            version=draft, mjml="x" * 200_000, note="", expected_digest=draft.digest, by=marketer, now=NOW
        )


def test_each_verb_asks_for_its_role(
    template: EmailTemplate, first: EmailTemplateVersion, marketer: Any, operator: Any, release_manager: Any
) -> None:
    draft = services.new_draft(template=template, by=marketer, now=NOW)

    with pytest.raises(PermissionDenied, match=r"templates\.change_emailtemplateversion"):
        services.new_draft(template=template, by=operator, now=NOW)
    with pytest.raises(PermissionDenied, match=r"templates\.change_emailtemplateversion"):
        services.new_template(name="Mine", step="reminder", by=operator, now=NOW)
    with pytest.raises(PermissionDenied, match=r"templates\.change_emailtemplateversion"):
        services.save_draft(version=draft, mjml="", note="", expected_digest=draft.digest, by=operator, now=NOW)
    for person in (marketer, operator, None):
        with pytest.raises(PermissionDenied, match=r"templates\.publish_emailtemplateversion"):
            services.publish(version=draft, by=person, now=NOW)
        with pytest.raises(PermissionDenied, match=r"templates\.publish_emailtemplateversion"):
            services.publish_again(version=first, by=person, now=NOW)
    assert services.publish(version=draft, by=release_manager, now=NOW).number == 2


def test_another_template_begins_as_a_copy_and_its_name_is_taken_once(marketer: Any) -> None:
    draft = services.new_template(name="Short reminder", step="reminder", by=marketer, now=NOW)

    assert (draft.template.slug, draft.number, draft.state) == ("short-reminder", 1, "draft")
    assert rendering.render(draft.mjml, samples.sample("reminder")).text.startswith("Reminder")
    with pytest.raises(TemplateRefused, match="already"):
        services.new_template(name="Short reminder", step="reminder", by=marketer, now=NOW)
    with pytest.raises(TemplateRefused, match="nothing to start from"):
        services.new_template(name="Other", step="birthday", by=marketer, now=NOW)


def test_a_difference_shows_what_changed_and_where_lines_are_left_out(first: EmailTemplateVersion) -> None:
    lines = selectors.difference(first.mjml, changed(first))

    assert [line.text.strip() for line in lines if line.kind == "removed"] == [
        '<h2 style="font-size: inherit; font-weight: inherit;">What you will get</h2>'
    ]
    assert [line.text.strip() for line in lines if line.kind == "added"] == [
        '<h2 style="font-size: inherit; font-weight: inherit;">What is planned</h2>'
    ]
    assert (lines[0].kind, lines[-1].kind) == ("skipped", "skipped")
    skipped = sum(int(line.text.split()[0]) for line in lines if line.kind == "skipped")
    shown = sum(line.kind in ("same", "removed") for line in lines)
    assert skipped + shown == len(first.mjml.splitlines())
    assert selectors.difference(first.mjml, first.mjml) == []
