"""Numbers that a text writes as words, in English, German, French, Spanish and Chinese characters, by their value."""

from __future__ import annotations

import re

from campaigns.drafting.languages import POINT, decimal_mark
from campaigns.drafting.tokens import words

_DIGITS = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
    "de": "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig",
    "fr": "- deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf vingt",
    "es": "- dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_SCALES = {
    "en": {100: "hundred hundreds", 1000: "thousand thousands", 10**6: "million millions", 10**9: "billion"},
    "de": {100: "hundert", 1000: "tausend", 10**6: "million millionen", 10**9: "milliarde milliarden"},
    "fr": {100: "cent cents", 1000: "mille", 10**6: "million millions", 10**9: "milliard milliards"},
    "es": {100: "cien ciento cientos", 1000: "mil", 10**6: "millón millones"},
}
_AND = {"en": "and", "de": "und", "fr": "et", "es": "y"}


def _table(language: str) -> dict[str, int]:
    table = {word: value for value, word in enumerate(_DIGITS[language].split(), 1) if word != "-"}
    table |= {word: 10 * value for value, word in enumerate(_TENS[language].split(), 2)}
    for value, line in _SCALES[language].items():
        table |= dict.fromkeys(words(line), value)
    return table


def _german() -> dict[str, int]:
    """German writes a number below a million as one word: fünfundzwanzig, zweihundert, hunderttausend."""
    table = _table("de")
    below = {"ein": 1} | {word: value for word, value in table.items() if value < 20 and word != "eins"}
    for tens, value in [(word, value) for word, value in table.items() if 20 <= value < 100]:
        table |= {f"{word}und{tens}": value + one for word, one in below.items() if one < 10}
    for scale, value in (("hundert", 100), ("tausend", 1000), ("hunderttausend", 100_000)):
        table[scale] = value
        table |= {f"{word}{scale}": one * value for word, one in below.items() if one < 10 or value == 1000}
    table |= {f"{tens}tausend": value * 1000 for tens, value in list(table.items()) if 20 <= value < 100}
    return table


_TABLES = {
    "en": _table("en") | {"dozen": 12},
    "de": _german(),
    "fr": _table("fr"),
    "es": _table("es"),
}
_ALL_OTHERS = frozenset[str]().union(*(_TABLES[language] for language in ("de", "fr", "es")))
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|[.,;:!?()]")
_IN_CJK = re.compile(
    r"[一二两兩三四五六七八九十百千]+[万萬亿億]?(?=\s?(?:个|個|次|行|天|日|倍|名|条|條|项|項|种|種|位|台|秒|分|小时|週|周|月|年|回|件|人))"
    r"|[一二两兩三四五六七八九十百千]+[万萬亿億]"
)
_CJK_DIGITS = {"一": 1, "二": 2, "两": 2, "兩": 2} | {sign: value for value, sign in enumerate("三四五六七八九", 3)}
_CJK_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
#: How something is multiplied; no number of things bears that out.
MULTIPLE = re.compile(
    r"\s?(?:times\b(?=\s+(?:as|more|less|\w+er)\b)|[- ]?fold\b|-?fach|mal so\b|fois plus|veces más|倍)", re.I
)


# "The new one" is no number.
_PRONOUN = re.compile(
    r"\b(?:the|this|that|which|new|old|every|each|any|no|another|other|wrong|right|first|last|next)\s+one\b"
    r"|\bone\s+(?:of|by|another|or|can|may|has|is|to)\b",
    re.I,
)


def spoken_values(text: str) -> frozenset[str]:
    """The values of all numbers in words. Words of other languages count unless the text is plainly English."""
    found = {value for value, _ in spoken(_PRONOUN.sub(" ", text), "en")}
    if not text.isascii():
        found |= {_from_cjk(match[0]) for match in _IN_CJK.finditer(text)}
    if decimal_mark(text) != POINT:
        lowered = set(_WORD.findall(text.lower()))
        if not lowered.isdisjoint(_ALL_OTHERS):
            for language in ("de", "fr", "es"):
                found |= {value for value, _ in spoken(text, language)}
    return frozenset(map(str, found))


def spoken(text: str, language: str) -> list[tuple[int, list[str]]]:
    """The numbers that a text writes as words of a language, each with its words: (25, ["twenty", "five"])."""
    table, joint = _TABLES[language], _AND[language]
    found: list[tuple[int, list[str]]] = []
    whole = part = last = 0
    run: list[str] = []

    def end() -> None:
        nonlocal whole, part, last
        if run:
            found.append((whole + part, [word for word in run if word != joint]))
            run.clear()
        whole = part = last = 0

    for token in _tokens(text, table):
        value = table.get(token)
        if value is None:
            if token != joint or not run:
                end()
            else:
                run.append(token)
            continue
        if value >= 1000 and value in _POWERS:
            whole, part = whole + max(part, 1) * value, 0
        elif value == 100 and part < 10:
            part = max(part, 1) * 100
        elif run and not _follows(last, value, run[-1] == joint, language):
            end()
            part = value
        else:
            part += value
        last = value
        run.append(token)
    end()
    return found


_POWERS = (1000, 10**6, 10**9)


def _follows(last: int, value: int, joined: bool, language: str) -> bool:
    """Whether a number word goes on with the one before: "twenty five" does, "two three" and "two and three" do not."""
    if last in (100, *_POWERS):
        return value < last
    return 20 <= last < 100 and value < 10 and (not joined or language in ("fr", "es"))


def _tokens(text: str, table: dict[str, int]) -> list[str]:
    found: list[str] = []
    for token in _WORD.findall(text.lower()):
        found += [token] if token in table or "-" not in token else token.split("-")
    return found


def _from_cjk(signs: str) -> int:
    whole = part = digit = 0
    for sign in signs:
        if sign in _CJK_DIGITS:
            digit = _CJK_DIGITS[sign]
        elif _CJK_SCALES[sign] >= 10**4:
            whole, part, digit = whole + max(part + digit, 1) * _CJK_SCALES[sign], 0, 0
        else:
            part, digit = part + max(digit, 1) * _CJK_SCALES[sign], 0
    return whole + part + digit
