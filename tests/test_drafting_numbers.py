"""Numbers, dates and languages of a mail against those of its issue: the same in other signs passes, others block."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.drafting import grounding
from campaigns.drafting.facts import Facts
from campaigns.drafting.text import Block, DraftText, Sentence


def facts(note: str) -> Facts:
    """One issue with this note, in a release with a known day."""
    issue = {"key": "OR-1", "kind": "improvement", "summary": "Limits", "note": note, "description": ""}
    return Facts.from_json({
        "product": {"key": "OR", "name": "Orchard"},
        "release": {"name": "8.1", "release_date": "2027-02-16", "released": False, "description": ""},
        "issues": [issue], "excluded": [],
    })  # fmt: skip


def about_numbers(note: str, text: str) -> list[str]:
    """The levels of what is found about numbers in a sentence that cites the issue with this note."""
    found = grounding.Checker(facts(note)).check_sentence(Sentence(text, ("OR-1",)))
    return [finding.level for finding in found if finding.rule in ("number", "version", "date")]


def about_itself(text: str, block: str = "intro") -> list[tuple[str, str]]:
    """What blocks of a sentence that cites nothing."""
    found = grounding.checker(facts("Something.")).check_sentence(Sentence(text), block=block)
    return [(finding.level, finding.rule) for finding in found if finding.blocks]


SAME = [
    ("The export contains at most 100,000 rows.", "Der Export enthält höchstens 100.000 Zeilen."),
    ("The export contains at most 100,000 rows.", "Der Export enthält höchstens 100 000 Zeilen."),
    ("The export contains at most 100,000 rows.", "Der Export enthält höchstens 100\u00a0000 Zeilen."),
    ("The export contains at most 100,000 rows.", "L’export contient au plus 100\u202f000 lignes."),
    ("The export contains at most 100,000 rows.", "Der Export enthält höchstens 100’000 Zeilen."),
    ("The export contains at most 100,000 rows.", "导出最多包含 10 万行。"),
    ("The export contains at most 100,000 rows.", "导出最多包含100,000行。"),
    ("The export contains at most 100,000 rows.", "The export contains at most 100k rows."),
    ("The export contains at most 100,000 rows.", "The export contains at most 1,00,000 rows."),
    ("The export contains at most 100,000 rows.", "The export contains at most one hundred thousand rows."),
    ("The export contains at most a hundred thousand rows.", "The export contains at most 100,000 rows."),
    ("Der Export enthält höchstens 100.000 Zeilen.", "The export contains at most 100,000 rows."),
    ("Der Export enthält höchstens 1.234.567 Zeilen.", "The export contains at most 1,234,567 rows."),
    ("Höchstens 100.000", "At most 100,000"),
    ("导出最多包含 1.5 万行。", "The export contains at most 15,000 rows."),
    ("导出最多包含十万行。", "The export contains at most 100,000 rows."),
    ("Maximal 1,5 Mio. Zeilen sind möglich.", "At most 1.5 million rows are possible."),
    ("At most 2M rows are possible.", "Der Export kann 2.000.000 Zeilen haben."),
    ("Limit is 1k rows.", "The limit is 1 000 rows."),
    ("The limit is 1,234 rows.", "Limit: 1.234"),
    ("Files up to 2.5 GB can be uploaded.", "Dateien bis 2,5 GB können hochgeladen werden."),
    ("Files up to 2.5 GB can be uploaded.", "Les fichiers peuvent avoir 2,5 GB."),
    ("Files up to 2.50 GB can be uploaded.", "Files of up to 2.5 GB can be uploaded."),
    ("Uploads may have 1 GB.", "Uploads dürfen jetzt 1.024 MB haben."),
    ("The heap is now 512M by default.", "The heap now has 512 MB by default."),
    ("Prices up to 1,234.50 € are shown.", "Preise bis 1.234,50 € werden angezeigt."),
    ("The file has 50% of its size.", "Die Datei hat 50 Prozent der Größe."),
    ("The file has 12.5% of its size.", "Die Datei hat 12,5 % der Größe."),
    ("The file has 50% of its size.", "文件大小为百分之50。"),
    ("Up to three retries are made.", "Up to 3 retries are made."),
    ("Up to 3 retries are made.", "Up to three retries are made."),
    ("Es gibt jetzt zwei Wiederholungen für den Abruf.", "There are now 2 retries."),
    ("Bis zu fünfundzwanzig Dateien sind möglich.", "Up to 25 files are possible."),
    ("Trois tentatives sont faites pour les fichiers.", "Up to 3 tries are made."),
    ("Se hacen tres intentos para los archivos.", "Up to 3 tries are made."),
    ("现在会重试三次。", "There are now 3 retries."),
    ("It needs Java 11.2 and Orchard 8.1.", "Es braucht jetzt Java 11.2 und ist für Orchard 8.1."),
    ("The modes 1 and 2 are used.", "The modes 1,2 are used."),
]  # fmt: skip


@pytest.mark.parametrize(("note", "text"), SAME)
def test_a_number_is_the_same_in_whatever_way_it_is_written(note: str, text: str) -> None:
    assert about_numbers(note, text) == []


OTHERS = [
    ("The export contains at most 100,000 rows.", "Der Export enthält höchstens 10.000 Zeilen."),
    ("The export contains at most 100,000 rows.", "Der Export enthält höchstens 100 Zeilen."),
    ("The export contains at most 100 000 rows.", "The export contains at most 100 rows."),
    ("The export contains at most 100,000 rows.", "导出最多包含 100 万行。"),
    ("导出最多包含 10 万行。", "The export contains at most 10 rows."),
    ("导出最多包含 10 万行。", "导出最多包含 10 亿行。"),
    ("The limit is 1k rows.", "The limit is 1 row."),
    ("The limit is 2 rows.", "The limit is 2M rows."),
    ("Files up to 2.5 GB can be uploaded.", "Dateien bis 25 GB können hochgeladen werden."),
    ("Files up to 2.5 GB can be uploaded.", "Dateien bis 5,2 GB können hochgeladen werden."),
    ("The file has 50% of its size.", "Die Datei hat 60 Prozent der Größe."),
    ("The file has 50 lines for each size.", "Die Datei hat 50 Prozent der Größe."),
    ("Up to three retries are made.", "Up to 4 retries are made."),
    ("There are three ways to export.", "The export is 3 times faster."),
    ("There are three ways to export.", "The export takes 3 minutes."),
    ("It needs version 2.4.0.", "Es braucht Version 240."),
    ("It needs version 11.200 of the driver.", "It needs 11,200 of the drivers."),
    ("It needs version 2.5 of the driver.", "It needs version 2.50 of the driver."),
    ("Es braucht mindestens Version 2.4 der Bibliothek.", "Es braucht mindestens Version 2.5 der Bibliothek."),
    ("Il faut au moins la version 2.4 pour les fichiers.", "Il faut au moins la version 3.4 pour les fichiers."),
    ("Hace falta la versión 2.4 para los archivos.", "Hace falta la versión 3.4 para los archivos."),
    ("现在会重试三次。", "现在会重试 5 次。"),
]  # fmt: skip


@pytest.mark.parametrize(("note", "text"), OTHERS)
def test_another_number_blocks_in_whatever_way_it_is_written(note: str, text: str) -> None:
    assert "blocking" in about_numbers(note, text)


def test_a_number_that_may_be_read_as_the_right_one_is_doubted_and_does_not_block() -> None:
    assert about_numbers("The export contains at most 1,234 rows.", "The export has at most 1.234 rows.") == ["warning"]


def _grouped(value: int, by: str) -> str:
    return f"{value:,}".replace(",", by)


def _indian(value: int) -> str:
    head, tail = divmod(value, 1000)
    groups: list[str] = []
    while head:
        head, group = divmod(head, 100)
        groups.insert(0, f"{group:02d}" if head else str(group))
    return ",".join([*groups, f"{tail:03d}" if groups else str(tail)])


def _in_ten_thousands(value: int) -> str:
    whole, rest = divmod(value, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " 万" if whole else str(value)


def _in_thousands(value: int) -> str:
    return f"{value // 1000}k" if value % 1000 == 0 else f"{value:,}"


_ENGLISH, _GERMAN = "The export has at most {} rows in it.", "Der Export hat höchstens {} Zeilen und nicht mehr."
_FRENCH, _CHINESE = "Les exports sont de {} lignes pour vous.", "导出最多包含 {} 行。"
WAYS = {
    "english": lambda value: _ENGLISH.format(f"{value:,}"),
    "plain": lambda value: _ENGLISH.format(value),
    "indian": lambda value: _ENGLISH.format(_indian(value)),
    "thousands": lambda value: _ENGLISH.format(_in_thousands(value)),
    "german": lambda value: _GERMAN.format(_grouped(value, ".")),
    "german plain": lambda value: _GERMAN.format(value),
    "swiss": lambda value: _GERMAN.format(_grouped(value, "’")),
    "spaced": lambda value: _GERMAN.format(_grouped(value, " ")),
    "french": lambda value: _FRENCH.format(_grouped(value, "\u202f")),
    "no-break": lambda value: _FRENCH.format(_grouped(value, "\u00a0")),
    "chinese": lambda value: _CHINESE.format(_in_ten_thousands(value)),
    "chinese grouped": lambda value: _CHINESE.format(f"{value:,}"),
}
_WHOLE = st.one_of(st.integers(2, 99_999_999), st.integers(1, 9_999).map(lambda value: value * 1000))
_WAY = st.sampled_from(sorted(WAYS))


@given(_WHOLE, _WAY, _WAY)
def test_a_number_written_in_any_way_equals_itself_in_any_other(value: int, one: str, other: str) -> None:
    assert about_numbers(WAYS[one](value), WAYS[other](value)) == []


@given(_WHOLE, _WAY, st.one_of(_WHOLE, st.sampled_from([0.001, 0.1, 10, 100, 1000, 10_000])), _WAY)
def test_a_number_written_in_any_way_never_equals_another_one(value: int, one: str, second: float, other: str) -> None:
    by = (0.001, 0.1, 10, 100, 1000, 10_000)
    another = int(value * second) if second in by else int(second)
    # 2027 and 8.1 are the release's own.
    assume(another not in (value, 0, 1, 2027, 8) and another < 10**9)
    assert "blocking" in about_numbers(WAYS[one](value), WAYS[other](another))


@given(st.integers(0, 999), st.integers(1, 99), st.integers(0, 999), st.integers(1, 99))
def test_a_decimal_is_compared_across_its_marks(whole: int, rest: int, other: int, another: int) -> None:
    note = f"The uploads can have up to {whole}.{rest:02d} GB."
    assert about_numbers(note, f"Die Uploads können bis zu {whole},{rest:02d} GB haben.") == []
    assume((whole, rest) != (other, another))
    assert "blocking" in about_numbers(note, f"Die Uploads können bis zu {other},{another:02d} GB haben.")


THE_DAY = [
    "16/02/2027", "2/16/2027", "16/2/27", "16-02-2027", "16.02.2027", "16.2.2027", "2027-02-16", "2027/02/16",
    "16. Februar 2027", "16. Februar", "Feb 16th", "February 16th, 2027", "16 Feb 2027", "16 février 2027",
    "16 de febrero de 2027", "16 febbraio 2027", "16 februari 2027", "16 февраля 2027", "2027年2月16日", "2月16日",
    "2027년 2월 16일", "mid-February",
]  # fmt: skip


@pytest.mark.parametrize("day", THE_DAY)
def test_the_day_of_the_release_may_be_written_in_any_way(day: str) -> None:
    assert about_itself(f"Orchard 8.1 will be released on {day}.") == []
    assert about_numbers("Something.", f"Orchard 8.1 comes on {day}.") == []


@pytest.mark.parametrize(
    "day",
    [
        "17/02/2027", "2/17/2027", "16/03/2027", "16/2/28", "17-02-2027", "17.02.2027", "2027-02-17", "2027/02/17",
        "17. Februar 2027", "16. März", "Feb 17th", "16 mars 2027", "17 de febrero de 2027", "17 февраля 2027",
        "2027年2月17日", "3月16日", "2027년 2월 17일", "mid-March",
    ],
)  # fmt: skip
def test_another_day_blocks_in_whatever_way_it_is_written(day: str) -> None:
    assert ("blocking", "date") in about_itself(f"Orchard 8.1 will be released on {day}.")


def test_day_and_month_are_told_apart_by_the_language_where_both_orders_are_possible() -> None:
    note = "The old list ends on 3 April 2027."
    assert about_numbers(note, "The old list ends on 4/3/2027.") == []
    assert about_numbers(note, "The old list ends on 3/4/2027.") == []
    assert about_numbers(note, "Die alte Liste endet am 3/4/2027 und nicht vorher.") == []
    assert about_numbers(note, "Die alte Liste endet am 4/3/2027 und nicht vorher.") == ["blocking"]
    assert about_numbers(note, "Die alte Liste endet am 3.4. und nicht vorher.") == []
    assert about_numbers(note, "Die alte Liste endet am 4.3. und nicht vorher.") == ["blocking"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Orchard 8.1 erscheint am Dienstag.", "Orchard 8.1 erscheint am Mittwoch."),
        ("Orchard 8.1 sort le mardi 16 février.", "Orchard 8.1 sort le mercredi 16 février."),
        ("Orchard 8.1 sale el martes 16 de febrero.", "Orchard 8.1 sale el jueves 16 de febrero."),
        ("Orchard 8.1将于2月16日星期二发布。", "Orchard 8.1将于2月16日星期三发布。"),
        ("Orchard 8.1 erscheint im Februar.", "Orchard 8.1 erscheint im März."),
        ("Orchard 8.1 sort en février.", "Orchard 8.1 sort en mars."),
        ("Orchard 8.1 将于2027年2月发布。", "Orchard 8.1 将于2027年3月发布。"),
    ],
)
def test_weekdays_and_months_of_other_languages_are_those_of_the_release(text: str, wrong: str) -> None:
    assert about_itself(text) == []
    assert ("blocking", "date") in about_itself(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "Orchard 8.1 将于 2027年2月16日发布。", "Orchard 8.1将于2027年2月16日发布。", "您好，", "感谢您的关注。",
        "Orchard 8.1 は2027年2月16日に公開されます。", "Orchard 8.1이 2027년 2월 16일에 출시됩니다.",
        "Orchard 8.1 выйдет 16 февраля 2027.", "Спасибо!", "Orchard 8.1 متاح الآن.",
        "Guten Tag,", "Liebe Kundinnen und Kunden,", "Orchard 8.1 erscheint am 16. Februar 2027.", "Vielen Dank!",
        "Orchard 8.1 ist da.", "Viele Grüße",
        "Bonjour,", "Orchard 8.1 sort le 16 février 2027.", "Merci et à bientôt.", "Orchard 8.1 arrive le 16 février.",
        "Hola:", "Orchard 8.1 sale el 16 de febrero de 2027.", "Gracias por su confianza.", "Saludos cordiales",
    ],
)  # fmt: skip
def test_a_line_of_the_closed_list_does_not_block_in_another_language(text: str) -> None:
    assert about_itself(text) == []
    mail = DraftText("Orchard 8.1", "", (Block("intro", (Sentence(text),)),))
    rules = {finding.rule for finding in grounding.check(mail, facts("Something.")) if finding.block == "mail"}
    assert rules == {"uncited_language"}


@pytest.mark.parametrize(
    "text",
    [
        "The new dashboard shows all your figures.", "Orchard 8.1 is the most secure release so far.",
        "Our café dashboard shows figures.", "Tag clouds show colours.", "Dashboard shows figures.",
    ],
)  # fmt: skip
def test_an_english_statement_without_a_source_still_blocks(text: str) -> None:
    assert ("blocking", "uncited") in about_itself(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Orchard 8.2 erscheint am 16. Februar 2027.", "version"), ("Orchard 8.2将于2027年2月16日发布。", "version"),
        ("我们的Orchard 8.2将于2月16日发布。", "version"), ("Orchard 9 sort le 16 février.", "version"),
        ("Das Update dauert für alle 40 Minuten.", "number"), ("更新需要 40 分钟。", "number"),
        ("La mise à jour prend 40 minutes.", "number"), ("La actualización dura 40 minutos.", "number"),
        ("Mehr dazu auf https://evil.example/x.", "url"), ("更多信息见 https://evil.example/x 。", "url"),
    ],
)  # fmt: skip
def test_what_is_wrong_blocks_in_any_language(text: str, rule: str) -> None:
    assert rule in {rule for _, rule in about_itself(text)}


def test_an_unknown_key_blocks_in_any_language() -> None:
    for text in ("Die Liste ist neu.", "La lista es nueva.", "La liste est nouvelle.", "列表是新的。"):
        found = grounding.Checker(facts("Something.")).check_sentence(Sentence(text, ("OR-77",)))
        assert ("blocking", "unknown_key") in [(finding.level, finding.rule) for finding in found]


@pytest.mark.parametrize(
    "text", ["The weekly report is no longer sent a day early.", "A report that came a week late."]
)
def test_an_article_is_no_number(text: str) -> None:
    assert about_numbers("The weekly report was sent on the wrong day.", text) == []
