"""The settings of a product in its drafts and checks: readers, tone, language, words, customers and hosts."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from campaigns.drafting import checks, extractive, moments, prompting
from campaigns.drafting.facts import Facts
from campaigns.drafting.house import NO_HOUSE, House, reads_as
from campaigns.drafting.jobs import JOBS
from campaigns.drafting.text import Block, DraftText, Sentence
from campaigns.review import preflight
from tests import factories
from tests.factories import FACTS, NOW

KNOWN = Facts.from_json(FACTS)
GERMAN = (
    "Die neue Version ist da und bringt einen Kalender, der sich mit dem Telefon abgleicht, und wir freuen uns auf "
    "Ihre Antwort zu dem Termin am Morgen."
)


def rules(text: str, house: House, *keys: str) -> list[tuple[str, str]]:
    mail = factories.make_draft().with_block("highlights", [Sentence(text, keys or ("KITE-1",))])
    found = checks.check(mail, KNOWN, house=house)
    return [(one.rule, one.level) for one in found if one.block == "highlights"]


def test_a_name_of_a_customer_stops_a_mail_in_any_case_but_not_inside_a_word() -> None:
    house = House(customer_names=("Nord AG", "Ada"))
    assert ("customer", "blocking") in rules("Calendars of NORD  AG can now be exported.", house)
    assert ("customer", "blocking") in rules("Calendars of Ada can now be exported.", house)
    assert rules("Calendars can now be exported to Adapters.", House(customer_names=("Ada",))) == rules(
        "Calendars can now be exported to Adapters.", NO_HOUSE
    )


def test_people_who_work_on_a_release_stop_a_mail_and_are_not_sent_to_a_model() -> None:
    house = House(people=("Ada Lovelace", "Max O'Neil"))
    assert ("person", "blocking") in rules("Calendars of ada lovelace can now be exported.", house)
    assert ("person", "blocking") not in rules("Calendars of Ada Lovelaces can now be exported.", house)
    chinese = House(people=("王小明",), customer_names=("Nordwind",))
    assert ("person", "blocking") in rules("王小明修复了导出。", chinese)
    assert ("customer", "blocking") in rules("应Nordwind要求修复了导出。", chinese)
    told = {**FACTS, "issues": [{**FACTS["issues"][0], "note": "As Max O'Neil says, calendars can be exported."}]}
    sent = prompting.for_mail(Facts.from_json(told), "announcement", house).facts.replace(prompting.WORD_MARK, " ")
    assert "As <PERSON_1> says, calendars can be exported." in sent


def test_forbidden_and_unpreferred_words_are_told_with_what_to_say() -> None:
    house = House(preferred=(("calendar export", "calendar sharing"),), forbidden=("iCalendar",))
    found = house.check(factories.make_draft(subject="The calendar export"))
    assert {(one.rule, one.quote) for one in found} == {
        ("house_word", "calendar export"), ("house_word", "iCalendar"),
    }  # fmt: skip
    assert any("“calendar sharing” instead of" in one.message for one in found)


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        ("Login works.", "Sign-in works."),
        ("The login works", "The sign-in works"),
        ("The logins work", "The logins work"),
        ("Set app.login or login_url.", "Set app.login or login_url."),
        ("See https://kite.example/login now", "See https://kite.example/login now"),
        ("Call login() first", "Call login() first"),
        ("LOGIN", "sign-in"),
        ("Use the login.", "Use the sign-in."),
    ],
)
def test_words_are_replaced_and_names_out_of_code_are_not(text: str, worded: str) -> None:
    assert House(preferred=(("login", "sign-in"),)).worded(text) == worded


@pytest.mark.parametrize("step", list(JOBS))
def test_the_rules_write_in_the_words_of_the_house_as_far_as_the_facts_allow(step: str) -> None:
    told = copy.deepcopy(FACTS)
    told["issues"][0] = {"key": "KITE-1", "kind": "feature", "summary": "Add login by card", "note": ""}
    told["issues"].append({"key": "KITE-4", "kind": "feature", "summary": "Show rooms of Nord AG", "note": ""})
    known = Facts.from_json(told)
    house = House(preferred=(("login", "sign-in"),), customer_names=("Nord AG",))
    text = extractive.draft(known, step, house)
    whole = json.dumps(text.to_json())
    assert "Nord AG" not in whole
    assert "login" not in whole
    if step == "announcement":
        assert "sign-in by card" in whole
    assert [one for one in checks.check(text, known, step=step, house=house) if one.blocks] == []


def test_a_host_that_the_product_allows_may_be_linked_to() -> None:
    told = copy.deepcopy(FACTS)
    told["issues"][0]["note"] = "Calendars can be exported, see https://docs.kite.example/export."
    known = Facts.from_json(told)
    text = "Calendars can be exported, see https://docs.kite.example/export."
    mail = factories.make_draft().with_block("highlights", [Sentence(text, ("KITE-1",))])
    blocked = {one.rule for one in checks.check(mail, known) if one.blocks}
    assert "link" in blocked
    house = House(hosts=("docs.kite.example",))
    assert [one.rule for one in checks.check(mail, known, house=house) if one.blocks] == []
    assert checks.passes(Sentence(text, ("KITE-1",)), known, block="highlights", house=house)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Calendars can now be exported and the upload of large files is possible again in the app.", "en"),
        (GERMAN, "de"),
        ("新版本将于十一月二十五日发布，日历现在可以导出，大文件也可以重新上传。", "cjk"),
        ("La nouvelle version est disponible et les calendriers peuvent maintenant être exportés sur le site.", ""),
        ("La nueva versión está disponible y los calendarios se pueden exportar a otras aplicaciones.", ""),
        ("Kite 2.4.0", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_told_only_where_it_is_sure(text: str, language: str) -> None:
    assert reads_as(text) == language


def test_a_mail_in_another_language_than_agreed_is_told() -> None:
    german = DraftText("Kite 2.4.0", "", (Block("closing", (Sentence(GERMAN),)),))
    assert [one.rule for one in House().check(german)] == ["house_language"]
    assert House(language="de").check(german) == []
    assert [one.rule for one in House(language="zh").check(factories.make_draft())] == ["house_language"]
    assert House(language="fr").check(DraftText("", "", ())) == []


@pytest.mark.parametrize("language", ["de", "zh", "ja", "fr", "ko", "pl"])
@pytest.mark.parametrize(
    "texts",
    [
        [GERMAN, "Für Nachtfahrten gibt es 2 Fahrpläne.", "Größe 2 GB überschritten: „Fehler“ behoben."],
        ["新版本将于2026年11月25日发布。", "日历现在可以导出为 iCalendar 文件。", "请更新。", "２０２６年"],
        ["カレンダーをエクスポートできます。", "캘린더를 내보낼 수 있습니다.", "مرحبا", "ß", "…", "🙂", "e\u0301"],
    ],
)
def test_the_checks_never_fall_over_a_language(language: str, texts: list[str]) -> None:
    told = copy.deepcopy(FACTS)
    for place, text in enumerate(texts[:3]):
        told["issues"][place] |= {"summary": text, "note": text}
    known = Facts.from_json(told)
    house = House(language=language, preferred=(("日历", "行事历"), ("Fehler", "Mangel")), forbidden=("请", "ß"))
    mail = DraftText(texts[0][:50], texts[1], (
        Block("intro", tuple(Sentence(text) for text in texts)),
        Block("highlights", tuple(Sentence(text, ("KITE-1",)) for text in texts)),
    ))  # fmt: skip
    for step in JOBS:
        checks.check(mail, known, step=step, house=house)
        drafted = extractive.draft(known, step, house)
        assert [one for one in checks.check(drafted, known, step=step, house=house) if one.blocks] == []
        assert prompting.for_mail(known, step, house).keys


def test_the_prompt_has_the_wishes_of_the_product_and_no_name_of_a_customer() -> None:
    told = copy.deepcopy(FACTS)
    told["issues"][0]["note"] = "Calendars can be exported, as Nord AG asked."
    house = House("Dispatchers", "brief", "de", (("login", "sign-in"),), ("solution",), ("Nord AG",))
    prompt = prompting.for_mail(Facts.from_json(told), "announcement", house)
    for wish in ("Dispatchers", "brief", "German", "“sign-in”, not “login”", "solution"):
        assert wish in prompt.instructions
    assert "Nord" not in prompt.facts + prompt.instructions
    assert "Nord AG" in prompt.restored("<NAME_1>")
    plain = prompting.for_mail(KNOWN, "announcement").instructions
    assert "Write in English" in plain
    assert "{" not in plain.split("The wishes")[1]
    assert "readers:" not in plain.split("The wishes")[1]


@pytest.mark.django_db
def test_the_preflight_of_a_mail_goes_by_the_settings_of_its_product() -> None:
    email = factories.make_email(state="drafted")
    revision = factories.make_revision(email)
    product = email.campaign.release.product
    before = {found.rule for found in preflight.run(email, revision, NOW)}
    assert "house" not in before
    settings: dict[str, Any] = {"customer_names": ["iCalendar"], "forbidden_words": ["uploaded"], "language": "de"}
    type(product).objects.filter(pk=product.pk).update(**settings)
    email = type(email).objects.get(pk=email.pk)
    found = [one for one in preflight.run(email, revision, NOW) if one.rule == "house"]
    assert sorted(one.level for one in found) == ["blocking", "warning", "warning"]
    assert all(one.can_be_waived for one in found)


def test_a_sentence_in_another_language_than_the_rest_of_the_mail_is_told() -> None:
    english = Sentence("Calendars can now be exported and the upload of large files is possible again in the app.")
    stray = Sentence("Die Anhänge werden jetzt mit dem richtigen Namen gespeichert.", ("KITE-1",))
    chinese = Sentence("日历现在可以导出，大文件也可以重新上传。", ("KITE-2",))
    mail = DraftText("Kite 2.4.0", "", (Block("highlights", (english, stray, english, chinese)),))
    found = House().check(mail)
    assert [(one.rule, one.block, one.index) for one in found] == [
        ("house_language", "highlights", 1), ("house_language", "highlights", 3),
    ]  # fmt: skip
    assert "This sentence is in German" in found[0].message


def test_a_word_can_be_forbidden_in_one_e_mail_alone() -> None:
    house = House(forbidden=("reminder: offer", "release day: Launch", "follow-up: hurry", "synergy"))
    mail = DraftText("Kite", "", (Block("closing", (Sentence("This launch is an offer, hurry for synergy."),)),))
    words = {
        step: [one.quote for one in house.check(mail, step)] for step in ("", "reminder", "release_day", "follow_up")
    }
    assert words == {
        "": ["synergy"], "reminder": ["offer", "synergy"], "release_day": ["Launch", "synergy"],
        "follow_up": ["hurry", "synergy"],
    }  # fmt: skip
    assert "the reminder of this product does not use" in house.check(mail, "reminder")[0].message


@pytest.mark.parametrize(
    ("step", "text", "keys", "quote"),
    [
        ("announcement", "The new version is now available.", (), "now available"),
        ("announcement", "Calendars can be exported.", ("KITE-1",), ""),
        ("reminder", "Also new: calendars can be exported.", ("KITE-1",), "Also new"),
        ("release_day", "Calendars will be exported as files.", ("KITE-1",), "will"),
        ("release_day", "It will bring two new features.", (), "will"),
        ("release_day", "We will write again in some days.", (), ""),
        ("follow_up", "We are excited that it is here.", (), "We are excited"),
        ("follow_up", "Launched last week.", (), "Launched"),
        ("release_day", "The old export will be removed in 3.0.", ("KITE-9",), ""),
        ("reminder", "Kite 2.4.0 will be released on 25 November 2099.", (), ""),
        ("reminder", "Please plan your update now.", (), ""),
        ("reminder", "Please plan your update now and update now.", (), "update now"),
        ("announcement", "Start the upgrade now and tell your team.", (), ""),
        ("announcement", "Please upgrade now.", (), "upgrade now"),
        ("announcement", "Fixed: Upload of files fails.", ("KITE-2",), "Fixed"),
        ("announcement", "Will be fixed: Upload of files fails.", ("KITE-2",), ""),
        ("reminder", "Failed uploads are now shown as failed.", ("KITE-2",), "are now"),
        ("announcement", "Failed uploads will now be shown as failed.", ("KITE-2",), ""),
        ("release_day", "Fixed: Upload of files fails.", ("KITE-2",), ""),
        ("announcement", "Convert your calendars before this release.", ("KITE-1",), ""),
        ("reminder", "Please convert your calendars before this version.", ("KITE-1",), ""),
        ("release_day", "Convert your calendars before this release.", ("KITE-1",), "before this release"),
        ("release_day", "What you do: convert your calendars before the release.", ("KITE-1",), "before the release"),
        ("follow_up", "You must convert your calendars before this version.", ("KITE-1",), "before this version"),
        ("release_day", "Before this release, calendars could not be exported.", ("KITE-1",), ""),
        ("follow_up", "Calendars were not exported before this version.", ("KITE-1",), ""),
        ("release_day", "Convert your calendars before you update.", ("KITE-1",), ""),
    ],
)
def test_words_of_another_moment_are_told(step: str, text: str, keys: tuple[str, ...], quote: str) -> None:
    told = json.loads(json.dumps(factories.FACTS))
    told["issues"].append({"key": "KITE-9", "kind": "other", "summary": "The old export will be removed in 3.0"})
    found = list(moments.find(Sentence(text, keys), Facts.from_json(told), step))
    assert [one.quote for one in found] == ([quote] if quote else [])


def test_a_step_until_the_release_is_too_late_in_a_first_mail_that_goes_out_when_it_is_there() -> None:
    step = Sentence("Convert your calendars before this release.", ("KITE-1",))
    facts = Facts.from_json(factories.FACTS)
    assert list(moments.find(step, facts, "announcement", out=False)) == []
    assert [one.quote for one in moments.find(step, facts, "announcement", out=True)] == ["before this release"]
