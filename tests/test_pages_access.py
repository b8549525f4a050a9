"""Who may open which page: every page by every role, and what the refusal says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from relmail.roles import MARKETER, OPERATOR, RELEASE_MANAGER
from tests import factories
from tests.pages import BESIDE, NOBODY, PAGES
from tests.world import World, make_world

ROLES = (NOBODY, MARKETER, RELEASE_MANAGER, OPERATOR)


@pytest.fixture
def world(db: None) -> World:
    return make_world(timezone.now())


def test_each_page_opens_for_its_roles_and_refuses_the_others_by_name(world: World) -> None:
    wrong = []
    for role in ROLES:
        browser = Browser()
        browser.force_login(world.people[role])
        for page in PAGES:
            answer = browser.get(page.address(world))
            expected = 200 if role in page.roles else 403
            if answer.status_code != expected:
                wrong.append(f"{page.name} as {role or 'nobody'}: {answer.status_code}, expected {expected}")
            elif expected == 403 and not any(name in answer.text for name in page.roles):
                wrong.append(f"{page.name} as {role or 'nobody'}: the refusal names no role")
    assert wrong == []


@pytest.mark.django_db
def test_every_address_that_answers_to_get_is_in_the_table_of_pages_or_beside_it_with_a_reason() -> None:
    person = factories.make_user(is_superuser=True)
    known = {re.split(r"[ ?]", page.name)[0] for page in PAGES}
    found = set()
    for name, pattern in _named(get_resolver().url_patterns):
        request = RequestFactory().get("/")
        request.user = person
        values = {
            key: _SAMPLE.get(type(converter).__name__, "x") for key, converter in pattern.pattern.converters.items()
        }
        try:
            status = pattern.callback(request, **values).status_code
        except Exception:  # whatever it stumbles over, it let a GET in
            status = 0
        if status != HTTPStatus.METHOD_NOT_ALLOWED:
            found.add(name)
    assert len(found) > 30
    assert sorted(found - known - BESIDE.keys()) == []
    assert sorted(BESIDE.keys() & known) == []
    assert sorted((BESIDE.keys() | known) - found - {"password_change"}) == []


_SAMPLE = {"IntConverter": 987654}


def _named(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address by its name, the admin's apart: that is Django's own."""
    for each in patterns:
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name}", each
        elif each.app_name != "admin":
            yield from _named(each.url_patterns, f"{namespace}{each.namespace}:" if each.namespace else namespace)


def test_every_page_asks_a_stranger_to_log_in(world: World) -> None:
    wrong = []
    for page in PAGES:
        answer = Browser().get(page.address(world))
        if answer.status_code != 302 or not answer.headers["Location"].startswith(reverse("login")):
            wrong.append(f"{page.name}: {answer.status_code}")
    assert wrong == []


def test_the_menu_leads_to_reviews_and_the_sender_who_may_see_them(world: World) -> None:
    for role in ROLES:
        browser = Browser()
        browser.force_login(world.people[role])
        menu = browser.get("/").text.split('id="navigation"')[1].split("</nav>")[0]
        for name in ("review:waiting", "delivery:sender"):
            assert (f'href="{reverse(name)}"' in menu) == (role != NOBODY), (role, name)


def test_a_wrong_log_in_says_so_and_lets_nobody_in(world: World) -> None:
    browser = Browser()
    answer = browser.post(reverse("login"), {"username": "mara", "password": "not this one"})
    assert answer.status_code == 200
    assert "do not go together" in answer.text
    assert browser.get(reverse("home")).status_code == 302

    answer = browser.post(reverse("login"), {"username": "mara", "password": "a long enough password"})
    assert answer.status_code == 302
    assert browser.get(reverse("home")).status_code == 200


def test_logging_out_needs_a_post(world: World) -> None:
    browser = Browser()
    browser.force_login(world.people[MARKETER])
    assert browser.get(reverse("logout")).status_code == 405
    assert browser.get(reverse("home")).status_code == 200
    browser.post(reverse("logout"))
    assert browser.get(reverse("home")).status_code == 302


def test_a_missing_page_is_a_page_of_ours(world: World) -> None:
    browser = Browser()
    browser.force_login(world.people[MARKETER])
    answer = browser.get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(world: World) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(world.people[RELEASE_MANAGER])
    assert world.campaign is not None
    address = reverse("planning:change_campaign", args=[world.campaign.pk, "hold"])
    answer = browser.post(address, {"why": "Without the token"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    world.campaign.refresh_from_db()
    assert world.campaign.state == "active"


def test_the_health_check_is_public_and_asks_the_database(
    client: Browser, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from relmail import views

    assert client.get(reverse("healthz")).content == b"ok\n"

    class Broken:
        def cursor(self) -> None:
            raise OperationalError("gone")

    monkeypatch.setattr(views, "connection", Broken())
    answer = client.get(reverse("healthz"))
    assert answer.status_code == 503
    assert "gone" not in answer.text


def test_pages_carry_a_policy_that_lets_no_inline_style_or_script_run(world: World) -> None:
    browser = Browser()
    browser.force_login(world.people[RELEASE_MANAGER])
    answer = browser.get(reverse("home"))
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_an_operator_adds_a_person_and_gives_a_role(world: World) -> None:
    from django.contrib.auth.models import Group, User

    browser = Browser()
    browser.force_login(world.people[OPERATOR])
    secret = {"password1": "a quite long secret", "password2": "a quite long secret"}
    answer = browser.post(reverse("admin:auth_user_add"), {"username": "newcomer", "usable_password": "true", **secret})
    person = User.objects.get(username="newcomer")
    assert answer.status_code == 302
    answer = browser.post(_change_page(person), {**_form_of(person), "groups": [Group.objects.get(name=MARKETER).pk]})
    assert answer.status_code == 302
    assert [group.name for group in person.groups.all()] == [MARKETER]


@pytest.mark.parametrize("field", ["is_superuser", "user_permissions"])
def test_an_operator_cannot_make_a_superuser_or_hand_out_single_rights(world: World, field: str) -> None:
    from django.contrib.auth.models import Permission

    browser = Browser()
    browser.force_login(world.people[OPERATOR])
    for person in (world.people[MARKETER], world.people[OPERATOR]):
        value = "on" if field == "is_superuser" else Permission.objects.get(codename="delete_user").pk
        answer = browser.post(_change_page(person), {**_form_of(person), field: value, "first_name": "Changed"})
        person.refresh_from_db()
        assert answer.status_code == 302
        assert person.first_name == "Changed", "the form was not taken at all, so this proves nothing"
        assert not person.is_superuser
        assert not person.user_permissions.exists()


def test_an_operator_cannot_touch_a_superuser_or_its_password(world: World) -> None:
    from django.contrib.auth.models import User

    chief = User.objects.create_superuser("chief", password="the chief's own password")
    browser = Browser()
    browser.force_login(world.people[OPERATOR])
    assert browser.post(_change_page(chief), {**_form_of(chief), "first_name": "Taken"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[chief.pk])
    new = {"password1": "taken over for good", "password2": "taken over for good", "usable_password": "true"}
    assert browser.post(password, new).status_code == 403
    assert browser.post(reverse("admin:auth_user_delete", args=[chief.pk]), {"post": "yes"}).status_code == 403
    chief.refresh_from_db()
    assert chief.first_name == ""
    assert chief.check_password("the chief's own password")

    password = reverse("admin:auth_user_password_change", args=[world.people[MARKETER].pk])
    assert browser.post(password, new).status_code == 302, "an operator may set the password of other people"


def test_the_admin_refuses_whoever_is_no_staff_and_asks_a_stranger_to_log_in(world: World) -> None:
    browser = Browser()
    browser.force_login(world.people[MARKETER])
    answer = browser.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403
    assert "Not with your role" in answer.text
    assert "The admin is for operators" in answer.text
    stranger = Browser().get(reverse("admin:index"), follow=True)
    assert stranger.status_code == 200
    assert 'name="password"' in stranger.text


def test_every_admin_list_opens_for_an_operator(world: World) -> None:
    from django.contrib import admin

    browser = Browser()
    browser.force_login(world.people[OPERATOR])
    wrong, seen = [], 0
    for model in admin.site._registry:
        if not world.people[OPERATOR].has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for query in ("", "?q=kite"):
            answer = browser.get(address + query)
            seen += 1
            if answer.status_code != 200:
                wrong.append(f"{address}{query}: {answer.status_code}")
    assert wrong == []
    assert seen > 30


def test_the_admin_is_closed_to_people_who_are_not_staff(world: World) -> None:
    browser = Browser()
    browser.force_login(world.people[MARKETER])
    assert browser.get(reverse("admin:index")).status_code == 302


def _change_page(person: object) -> str:
    return reverse("admin:auth_user_change", args=[person.pk])  # type: ignore[attr-defined]


def _form_of(person: object) -> dict[str, object]:
    return {
        "username": person.username, "first_name": "", "last_name": "", "email": "person@company.example",  # type: ignore[attr-defined]
        "is_active": "on", "is_staff": "on",
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "last_login_0": "", "last_login_1": "",
    }  # fmt: skip


def test_a_refusal_names_every_role_that_would_do() -> None:
    from relmail import roles

    assert roles.refusal("campaigns.approve_campaignemail").startswith("This needs the role Release manager.")
    assert "Marketer, Release manager or Operator" in roles.refusal("campaigns.view_campaign")
    assert "Ask an operator" in roles.refusal("no.such_right")


def test_people_without_a_role_are_told_so_on_their_desk(world: World) -> None:
    browser = Browser()
    browser.force_login(factories.make_user())
    shown = browser.get(reverse("home")).text
    assert "has no role yet" in shown
    for secret in ("Kite", "Harbor", "bounces"):
        assert secret not in shown
    browser.force_login(world.people[MARKETER])
    shown = browser.get(reverse("home")).text
    assert all(told in shown for told in ("Kite", "Harbor", "bounces"))


def test_the_admin_says_the_words_of_the_product() -> None:
    """An e-mail is an e-mail everywhere, and an action says what it does to what was chosen."""
    from django.contrib import admin
    from django.contrib.admin.utils import label_for_field

    wrong = []
    for model, options in admin.site._registry.items():
        if model._meta.app_label not in ("releases", "templates", "campaigns", "analytics"):
            continue
        names = [str(model._meta.verbose_name), str(model._meta.verbose_name_plural)]
        # The address of a contact is an address; every other "email" is one of ours.
        names += [label_for_field(name, model, options) for name in options.list_display if name != "__str__"]
        wrong += [f"{model.__name__}: {name}" for name in names if "email" in name.lower()]
        for action in options.actions or ():
            said = getattr(options, action).short_description
            if "chosen" not in said and model.__name__ != "Sender":
                wrong.append(f"{model.__name__}: {said}")
    assert wrong == []
