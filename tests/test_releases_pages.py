"""The pages of releases and what the buttons on them do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from releases import services
from releases.models import Issue, Product, Release, SyncRun, WebhookDelivery
from relmail.roles import MARKETER, OPERATOR
from relmail.simulator.faults import Fault
from relmail.simulator.jira import JiraSimulator, load_demo
from tests.factories import NOW, make_product, make_release
from tests.jira_server import TOKEN, USER, jira_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraSimulator]:
    monkeypatch.setattr("releases.jira.pause", lambda seconds: None)
    with jira_server(load_demo()) as running:
        settings.JIRA_URL, settings.JIRA_USER, settings.JIRA_TOKEN = running.root, USER, TOKEN
        product = make_product(jira_key="HARBOR", name="Harbor Sync")
        services.sync(product=product, by=None, now=timezone.now())
        yield running


def page(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def release(name: str = "4.2.0") -> Release:
    return Release.objects.get(name=name)


def test_the_list_shows_what_is_coming_first(harbor: JiraSimulator, sign_in: Callable[[str], Browser]) -> None:
    text = page(sign_in(MARKETER), reverse("releases:list"))
    assert text.index("4.2.0") < text.index("4.3.0") < text.index("5.0.0") < text.index("4.2.1"), "no date comes last"
    assert ">4.1.0<" not in text
    assert "no date" in text
    assert ">4.1.0<" in page(sign_in(MARKETER), reverse("releases:list") + "?tab=released")


@pytest.mark.parametrize(
    "query", ["?q=languages", "?product=HARBOR&q=5.0", "?tab=nonsense&page=99", "?q=%00&product=%00"]
)
def test_the_list_can_be_searched_and_takes_nonsense(
    harbor: JiraSimulator, sign_in: Callable[[str], Browser], query: str
) -> None:
    assert "5.0.0" in page(sign_in(MARKETER), reverse("releases:list") + query)


def test_an_empty_house_says_what_to_do(sign_in: Callable[[str], Browser]) -> None:
    assert "No product yet" in page(sign_in(MARKETER), reverse("releases:list"))


def test_the_list_costs_the_same_for_one_and_for_many(
    sign_in: Callable[[str], Browser], django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    browser = sign_in(MARKETER)
    for number in range(30):
        product = make_product(name=f"Product {number}")
        make_release(product)
        SyncRun.objects.create(product=product, started_at=timezone.now())
    with django_assert_max_num_queries(16):
        page(browser, reverse("releases:list"))


def test_a_release_shows_findings_issues_and_what_is_left_out(
    harbor: JiraSimulator, sign_in: Callable[[str], Browser]
) -> None:
    text = page(sign_in(MARKETER), release().get_absolute_url())
    for words in (
        "Run a sync on a schedule", "Breaking changes", "Webhook payload version 1 is switched off",
        "Left out", "Not done: status “In Progress”.", "Security level “Security team only” in Jira.",
        "have no release note", "Sync now",
    ):  # fmt: skip
        assert words in text, words
    assert page(sign_in(MARKETER), release("4.2.1").get_absolute_url()).count("mend before planning") == 1


def test_a_big_release_is_shown_with_few_queries(
    harbor: JiraSimulator, sign_in: Callable[[str], Browser], django_assert_max_num_queries: Any
) -> None:
    browser = sign_in(MARKETER)
    with django_assert_max_num_queries(16):
        assert "Translate the audit log into Polish" in page(browser, release("5.0.0").get_absolute_url())


def test_text_from_jira_is_shown_as_text(harbor: JiraSimulator, sign_in: Callable[[str], Browser]) -> None:
    harbor.rename_version("10511", "<script>alert(1)</script> {{7*7}}")
    harbor.edit_issue("HARBOR-1201", {"summary": "<img src=x onerror=alert(1)>"})
    services.sync(product=Product.objects.get(), by=None, now=timezone.now())
    for address in (reverse("releases:list"), Release.objects.get(jira_id="10511").get_absolute_url()):
        text = page(sign_in(MARKETER), address)
        assert "<script>alert" not in text and "<img src=x" not in text
        assert "{{7*7}}" in text


def test_sync_now_reads_the_release(harbor: JiraSimulator, sign_in: Callable[[str], Browser]) -> None:
    harbor.edit_issue("HARBOR-1201", {"summary": "Another summary"})
    answer = sign_in(MARKETER).post(reverse("releases:sync", args=[release().pk]), follow=True)
    assert "The facts changed." in answer.content.decode()
    assert Issue.objects.get(key="HARBOR-1201", removed_at=None).summary == "Another summary"


def test_sync_now_says_what_went_wrong_and_keeps_what_was_there(
    harbor: JiraSimulator, sign_in: Callable[[str], Browser]
) -> None:
    harbor.faults.add(Fault("jira", "refuse", "", status=401, times=0))
    browser = sign_in(MARKETER)
    for address in (
        reverse("releases:sync", args=[release().pk]),
        reverse("releases:sync_product", args=[Product.objects.get().pk]),
    ):
        text = browser.post(address, follow=True).content.decode()
        assert "refused the log-in (401)" in text
        assert "is kept" in text
    assert release().issue_count == 29


def test_an_issue_is_hidden_and_shown_with_a_reason(harbor: JiraSimulator, sign_in: Callable[[str], Browser]) -> None:
    browser = sign_in(MARKETER)
    issue = Issue.objects.get(key="HARBOR-1201")
    address = reverse("releases:visibility", args=[issue.pk])
    text = browser.post(address, {"visibility": "internal", "reason": ""}, follow=True).content.decode()
    assert "Please give a reason" in text
    text = browser.post(address, {"visibility": "internal", "reason": "Pilot only"}, follow=True).content.decode()
    assert "HARBOR-1201 stays inside." in text
    assert "decided by a person" in text
    issue.refresh_from_db()
    assert issue.visibility == "internal"


def test_who_has_no_role_is_told_which_one_is_needed(harbor: JiraSimulator, django_user_model: Any) -> None:
    browser = Browser()
    browser.force_login(django_user_model.objects.create_user("newcomer"))
    for answer in (
        browser.get(reverse("releases:list")),
        browser.get(release().get_absolute_url()),
        browser.post(reverse("releases:sync", args=[release().pk])),
        browser.post(reverse("releases:sync_product", args=[Product.objects.get().pk])),
        browser.post(
            reverse("releases:visibility", args=[Issue.objects.filter(visibility="client")[0].pk]),
            {"visibility": "internal", "reason": "x"},
        ),
    ):
        assert answer.status_code == 403
        assert "Marketer" in answer.content.decode()


def test_a_stranger_is_sent_to_the_log_in() -> None:
    answer = Browser().get(reverse("releases:list"))
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_the_admin_shows_every_table_to_an_operator(harbor: JiraSimulator, operator: Any) -> None:
    operator.is_staff = True
    operator.save()
    WebhookDelivery.objects.create(identifier="x", body="{}", received_at=timezone.now())
    browser = Browser()
    browser.force_login(operator)
    for table in ("product", "release", "issue", "snapshot", "releasechange", "syncrun", "webhookdelivery"):
        assert browser.get(reverse(f"admin:releases_{table}_changelist") + "?q=har").status_code == 200
    answer = browser.post(
        reverse("admin:releases_product_changelist"),
        {"action": "sync_now", "_selected_action": [Product.objects.get().pk]},
        follow=True,
    )
    assert "5 versions, 150 issues" in answer.content.decode()
    assert OPERATOR in [group.name for group in operator.groups.all()]
    change = browser.get(reverse("admin:releases_issue_change", args=[Issue.objects.first().pk]))
    assert 'name="_save"' not in change.content.decode()


def test_the_list_says_what_of_a_product_is_not_confirmed_and_leads_there(sign_in: Any) -> None:
    product = make_product()
    page = sign_in(MARKETER).get("/releases/").text
    chip = f'href="{product.get_absolute_url()}">meaning of its Jira fields not confirmed</a>'
    assert chip in page
    product.__class__.objects.update(mapping_confirmed_at=NOW)
    assert chip not in sign_in(MARKETER).get("/releases/").text
