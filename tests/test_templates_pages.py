"""The pages of the templates: each is shown to whoever may see it, changes need a role, previews can do no harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from templates import services
from templates.models import EmailTemplate
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Browser]


@pytest.fixture
def template() -> EmailTemplate:
    """The announcement that the migration brought."""
    return EmailTemplate.objects.get(slug="announcement")


def draft_of(template: EmailTemplate) -> Any:
    return services.new_draft(template=template, by=factories.make_user(MARKETER), now=NOW)


def page(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_the_list_shows_every_template_with_its_picture(sign_in: SignIn) -> None:
    shown = page(sign_in(MARKETER), "/templates/")

    for name in ("Announcement", "Reminder", "Release day", "Follow-up"):
        assert name in shown
    assert shown.count("<iframe sandbox") == 4


def test_the_list_asks_the_database_as_often_for_many_templates_as_for_few(
    sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        services.new_template(name=f"More {number}", step="reminder", by=factories.make_user(MARKETER), now=NOW)
    browser = sign_in(MARKETER)

    with django_assert_max_num_queries(10):
        assert page(browser, "/templates/").count("<iframe") == 14


@pytest.mark.parametrize("look", ["desktop", "mobile", "dark", "bare"])
def test_a_version_is_shown_in_a_frame_that_can_do_no_harm(sign_in: SignIn, template: EmailTemplate, look: str) -> None:
    browser = sign_in(OPERATOR)
    shown = page(browser, f"/templates/announcement/1/?look={look}")
    answer = browser.get(f"/templates/announcement/1/mail/?look={look}")

    assert f'<iframe class="preview {look}" sandbox title=' in shown
    policy = answer["Content-Security-Policy"]
    assert sorted(part.strip() for part in policy.split(";")) == [
        "base-uri 'none'", "default-src 'none'", "form-action 'none'", "frame-ancestors 'self'", "sandbox",
        "style-src 'unsafe-inline'",
    ]  # fmt: skip
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "Hello Ada," in answer.content.decode()


def test_dark_is_dark_and_the_shortest_mail_is_short(sign_in: SignIn) -> None:
    browser = sign_in(MARKETER)

    assert "@media all" in page(browser, "/templates/announcement/1/mail/?look=dark")
    assert "@media not all" in page(browser, "/templates/announcement/1/mail/")
    assert "What to prepare" not in page(browser, "/templates/announcement/1/mail/?look=bare")


def test_the_plain_text_is_shown_as_text(sign_in: SignIn) -> None:
    shown = page(sign_in(MARKETER), "/templates/announcement/1/?look=text")

    assert "- Starting a sync that is already running will return status 409." in shown
    assert '<iframe class="preview' not in shown


@pytest.mark.parametrize("path", ["/templates/announcement/", "/campaigns/?text=Harbor"])
def test_the_search_box_holds_nothing_that_was_not_searched_for(sign_in: SignIn, path: str) -> None:
    browser = sign_in(MARKETER)

    assert '<input id="search-text" name="q" type="search" value="" ' in page(browser, path)
    assert 'id="search-text" name="q" type="search" value="Harbor" ' in page(browser, "/search/?q=Harbor")


def test_unknown_templates_versions_and_looks_have_an_answer(sign_in: SignIn) -> None:
    browser = sign_in(MARKETER)

    page(browser, "/templates/nothing/", 404)
    page(browser, "/templates/announcement/99/", 404)
    page(browser, "/templates/announcement/99/mail/", 404)
    page(browser, "/templates/announcement/1/99/", 404)
    assert "preview desktop" in page(browser, "/templates/announcement/1/?look=<script>")


def test_nobody_sees_templates_without_logging_in(template: EmailTemplate, client: Browser) -> None:
    for path in ("/templates/", "/templates/announcement/", "/templates/announcement/1/mail/"):
        assert client.get(path)["Location"].startswith("/login/")


def test_a_marketer_edits_and_a_release_manager_publishes(sign_in: SignIn, template: EmailTemplate) -> None:
    marketer, manager = sign_in(MARKETER), sign_in(RELEASE_MANAGER)
    assert marketer.post("/templates/announcement/draft/begin/", {"number": "1"})["Location"].endswith("/draft/")
    draft = template.versions.get(number=2)
    changed = draft.mjml.replace("What you will get", "What is planned")
    form = {"mjml": changed, "note": "Clearer", "digest": draft.digest}

    marketer.post("/templates/announcement/draft/", form)
    draft.refresh_from_db()
    assert ("What is planned" in draft.mjml, draft.note, draft.state) == (True, "Clearer", "draft")
    assert "A release manager publishes it." in page(marketer, "/templates/announcement/draft/")

    answer = manager.post(
        "/templates/announcement/draft/",
        {"mjml": draft.mjml, "note": draft.note, "digest": draft.digest, "publish": "1"}, follow=True,
    )  # fmt: skip
    draft.refresh_from_db()
    assert draft.state == "published"
    assert "Version 2 is published." in answer.content.decode()
    assert "What is planned" in page(manager, "/templates/announcement/1/2/")

    manager.post("/templates/announcement/1/again/")
    assert "What you will get" in template.versions.get(number=3).mjml
    assert "Version 3" in page(manager, "/templates/announcement/")


@pytest.mark.parametrize(
    ("role", "path", "needed"),
    [
        (OPERATOR, "/templates/announcement/draft/", "Marketer or Release manager"),
        (OPERATOR, "/templates/announcement/draft/begin/", "Marketer or Release manager"),
        (OPERATOR, "/templates/announcement/draft/try/", "Marketer or Release manager"),
        (OPERATOR, "/templates/new/", "Marketer or Release manager"),
        (MARKETER, "/templates/announcement/1/again/", "Release manager"),
    ],
)
def test_without_the_role_the_page_says_which_one_is_needed(
    sign_in: SignIn, template: EmailTemplate, role: str, path: str, needed: str
) -> None:
    draft = draft_of(template)
    answer = sign_in(role).post(
        path, {"mjml": "<mjml></mjml>", "digest": draft.digest, "name": "Mine", "step": "reminder"}
    )

    assert answer.status_code == 403
    assert f"This needs the role {needed}." in answer.content.decode()
    assert template.versions.count() == 2
    assert EmailTemplate.objects.count() == 4


def test_a_marketer_who_tries_to_publish_is_refused_but_the_draft_is_kept(
    sign_in: SignIn, template: EmailTemplate
) -> None:
    draft = draft_of(template)
    form = {"mjml": draft.mjml + "\n", "note": "", "digest": draft.digest, "publish": "1"}

    assert sign_in(MARKETER).post("/templates/announcement/draft/", form).status_code == 403
    draft.refresh_from_db()
    assert (draft.state, draft.mjml[-1]) == ("draft", "\n")


def test_a_faulty_draft_comes_back_with_what_to_mend(sign_in: SignIn, template: EmailTemplate) -> None:
    draft = draft_of(template)
    faulty = draft.mjml.replace("{{ breaking }}", "{{ braking }}")
    form = {"mjml": faulty, "note": "", "digest": draft.digest, "publish": "1"}

    answer = sign_in(RELEASE_MANAGER).post("/templates/announcement/draft/", form)

    assert answer.status_code == 422
    assert "&#x27;braking&#x27; is no placeholder that may stand here" in answer.content.decode()
    assert "{{ braking }}" in answer.content.decode()


def test_the_text_of_a_second_editor_is_refused_but_never_lost(sign_in: SignIn, template: EmailTemplate) -> None:
    draft = draft_of(template)
    browser = sign_in(MARKETER)
    browser.post("/templates/announcement/draft/", {"mjml": draft.mjml + "<!-- one -->", "digest": draft.digest})

    late = {"mjml": draft.mjml + "<!-- two -->", "digest": draft.digest}
    answer = browser.post("/templates/announcement/draft/", late)

    draft.refresh_from_db()
    assert (answer.status_code, draft.mjml[-12:]) == (422, "<!-- one -->")
    shown = answer.content.decode()
    assert "saved this draft after you had opened it" in shown
    assert "&lt;!-- two --&gt;</textarea>" in shown
    assert "<del>" in shown


def test_a_text_sent_after_the_draft_was_published_is_shown_again(sign_in: SignIn, template: EmailTemplate) -> None:
    draft = draft_of(template)
    services.publish(version=draft, by=factories.make_user(RELEASE_MANAGER), now=NOW)

    answer = sign_in(MARKETER).post("/templates/announcement/draft/", {"mjml": "my long work", "digest": draft.digest})

    assert answer.status_code == 422
    assert "was published in the meantime" in answer.content.decode()
    assert "my long work</textarea>" in answer.content.decode()


def test_a_text_can_be_tried_without_saving_it(sign_in: SignIn, template: EmailTemplate) -> None:
    draft = draft_of(template)
    browser = sign_in(MARKETER)
    tried = browser.post(
        "/templates/announcement/draft/try/", {"mjml": draft.mjml.replace("Hello", "Good day"), "look": "dark"}
    )
    broken = browser.post("/templates/announcement/draft/try/", {"mjml": "<mjml><script>alert(1)</script></mjml>"})

    assert "Good day Ada," in tried.content.decode()
    assert "sandbox" in tried["Content-Security-Policy"]
    assert "sandbox" in broken["Content-Security-Policy"]
    assert "<script" not in broken.content.decode()
    draft.refresh_from_db()
    assert "Good day" not in draft.mjml


def test_hostile_mjml_is_shown_as_text_in_the_editor_and_in_the_difference(
    sign_in: SignIn, template: EmailTemplate
) -> None:
    draft = draft_of(template)
    hostile = "</textarea><script>alert(1)</script>{% include 'x' %}"
    browser = sign_in(MARKETER)
    browser.post("/templates/announcement/draft/", {"mjml": hostile, "note": hostile, "digest": draft.digest})

    for path in ("/templates/announcement/draft/", "/templates/announcement/1/2/", "/templates/announcement/2/"):
        shown = page(browser, path)
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{% include &#x27;x&#x27; %}" in shown


def test_another_template_is_made_from_a_form(sign_in: SignIn) -> None:
    browser = sign_in(MARKETER)
    answer = browser.post("/templates/new/", {"name": "Short reminder", "step": "reminder"}, follow=True)
    again = browser.post("/templates/new/", {"name": "Short reminder", "step": "reminder"}, follow=True)

    assert "Short reminder, draft 1" in answer.content.decode()
    assert "There is a template named Short reminder already" in again.content.decode()


def test_the_admin_reads_versions_and_its_actions_call_the_services(template: EmailTemplate, client: Browser) -> None:
    manager = factories.make_user(RELEASE_MANAGER, is_staff=True)
    client.force_login(manager)
    draft = draft_of(template)
    versions = reverse("admin:templates_emailtemplateversion_changelist")
    first = template.versions.get(number=1)

    assert client.get(versions).status_code == 200
    one = page(client, reverse("admin:templates_emailtemplateversion_change", args=[first.pk]))
    assert 'name="mjml"' not in one
    client.post(versions, {"action": "publish", "_selected_action": [draft.pk]})
    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", manager)
    answer = client.post(versions, {"action": "publish_again", "_selected_action": [first.pk]}, follow=True)
    assert "has the text of version 1 already" in answer.content.decode()


def test_the_admin_offers_no_publishing_without_the_role(template: EmailTemplate, client: Browser) -> None:
    client.force_login(factories.make_user(MARKETER, is_staff=True))
    draft = draft_of(template)
    versions = reverse("admin:templates_emailtemplateversion_changelist")

    assert 'value="publish"' not in page(client, versions)
    client.post(versions, {"action": "publish", "_selected_action": [draft.pk]})
    draft.refresh_from_db()
    assert draft.state == "draft"
