"""How a product speaks: its readers, tone, language and words, the names it never says and the hosts it may link to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from campaigns.drafting import languages, tokens
from campaigns.drafting.findings import BLOCKING, WARNING, Finding
from campaigns.drafting.text import DraftText, Sentence

if TYPE_CHECKING:
    from releases.models import Product

_LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "zh": "Chinese", "ja": "Japanese", "ko": "Korean",
}  # fmt: skip
_SHOWN = {"en": "English", "de": "German", "cjk": "Chinese, Japanese or Korean"}
_UNSPACED = ("zh", "ja", "ko")
# Names and terms in Latin letters stand in texts of any script.
_SCRIPTS = dict.fromkeys(_UNSPACED, ("LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


@dataclass(frozen=True)
class House:
    """The settings of one product that drafts and checks go by. `preferred` are pairs: what is not said, what is."""

    audience: str = ""
    tone: str = ""
    language: str = "en"
    preferred: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[str, ...] = ()
    customer_names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @classmethod
    def of(cls, product: Product, people: Iterable[str] = ()) -> House:
        """The settings of a product; the host of its website counts as allowed. `people` work on a release."""
        website = urlsplit(product.website).hostname
        preferred: Mapping[str, str] = product.preferred_words or {}
        return cls(
            audience=product.audience,
            tone=product.tone,
            language=product.language,
            preferred=tuple(preferred.items()),
            forbidden=tuple(product.forbidden_words or ()),
            customer_names=tuple(product.customer_names or ()),
            hosts=tuple(dict.fromkeys([*(product.allowed_hosts or ()), *([website] if website else [])])),
            people=tuple(people),
        )

    @property
    def language_name(self) -> str:
        """The language in English."""
        return _LANGUAGES.get(self.language, self.language)

    @property
    def is_english(self) -> bool:
        """Whether the drafter that works by rules, and the rules about meaning, know the language."""
        return self.language == "en"

    def worded(self, text: str) -> str:
        """The text with the words of the house; names out of code and addresses stay as they are."""
        for pattern, said in self._preferred:
            text = pattern.sub(partial(_as, said), text)
        return text

    def check(self, text: DraftText, step: str = "") -> list[Finding]:
        """Words of the house that a mail misses, names of customers in it, and another language than agreed.

        `step` brings in the words that are forbidden in that e-mail alone.
        """
        findings = []
        for block, line in (("subject", text.subject), ("preheader", text.preheader)):
            findings += self.check_sentence(Sentence(line), block=block, step=step)
        for block, index, sentence in text.sentences():
            findings += self.check_sentence(sentence, block=block, index=index, step=step)
        return findings + self._language_of(text)

    def check_sentence(
        self, sentence: Sentence, *, block: str = "highlights", index: int = 0, step: str = ""
    ) -> list[Finding]:
        """The findings on one sentence."""
        found = []
        for name, pattern in self._customers:
            match = pattern.search(sentence.text)
            if match:
                message = f"“{match[0]}” is a customer. Other customers read this mail; take the name out."
                found.append(Finding(BLOCKING, "customer", block, index, message, quote=name, text=sentence.text))
        person = _any_of(self.people).search(sentence.text) if self.people else None
        if person:
            message = f"“{person[0]}” works on this release. Clients do not need the name; take it out."
            found.append(Finding(BLOCKING, "person", block, index, message, quote=person[0], text=sentence.text))
        for only_in, word, pattern in self._forbidden:
            match = pattern.search(sentence.text) if only_in in ("", step) else None
            if match:
                where = f"the {only_in.replace('_', ' ')} of" if only_in else "mails about"
                message = f"“{match[0]}” is a word that {where} this product {'does' if only_in else 'do'} not use."
                found.append(Finding(WARNING, "house_word", block, index, message, quote=word, text=sentence.text))
        for (word, said), (pattern, _) in zip(self.preferred, self._preferred, strict=True):
            match = pattern.search(sentence.text)
            if match:
                message = f"Mails about this product say “{said}” instead of “{match[0]}”."
                found.append(Finding(WARNING, "house_word", block, index, message, quote=word, text=sentence.text))
        return found

    def _strays(self, text: DraftText) -> list[Finding]:
        """Sentences in another language in a mail that is in the agreed one: half of each helps nobody."""
        agreed = "cjk" if self.language in _UNSPACED else self.language
        found = []
        for block, index, sentence in text.sentences():
            sure = languages.surely(sentence.text)
            reads = _SHOWN[sure] if sure and sure != agreed else _stray(sentence.text, self.language)
            if reads:
                message = (
                    f"This sentence is in {reads}; mails about this product are written in "
                    f"{self.language_name}. Please translate it."
                )
                found.append(Finding(WARNING, "house_language", block, index, message, text=sentence.text))
        return found

    def _language_of(self, text: DraftText) -> list[Finding]:
        body = " ".join(sentence.text for _, _, sentence in text.sentences())
        reads = reads_as(body)
        agreed = "cjk" if self.language in _UNSPACED else self.language
        if not reads or reads == agreed:
            return self._strays(text)
        message = f"Mails about this product are written in {self.language_name}; this one reads as {_SHOWN[reads]}."
        return [Finding(WARNING, "house_language", "mail", 0, message)]

    @cached_property
    def _preferred(self) -> list[tuple[re.Pattern[str], str]]:
        return [(_whole(word), said) for word, said in self.preferred]

    @cached_property
    def _forbidden(self) -> list[tuple[str, str, re.Pattern[str]]]:
        """The step that a word is forbidden in ("" for all), the word and its pattern."""
        parted = [(match["step"].lower().replace(" ", "_").replace("-", "_"), match["word"]) if
                  (match := _ONE_STEP.fullmatch(word)) else ("", word) for word in self.forbidden]  # fmt: skip
        return [(step, word, _whole(word)) for step, word in parted]

    @cached_property
    def _customers(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(name, _whole(name)) for name in self.customer_names]


# "reminder: offer" is forbidden in the reminder alone.
_ONE_STEP = re.compile(r"(?P<step>announcement|reminder|release[ _-]day|follow[ _-]up)\s*:\s*(?P<word>.+)", re.I)
NO_HOUSE = House()


def reads_as(text: str) -> str:
    """The language of a text where one can be sure: "en", "de", "cjk"; "" for others and for too little text.

    One word in ten of ordinary English is on the list that counts; French or Spanish share too few of them.
    """
    guess = languages.language(text)
    if guess == "cjk":
        return guess
    words = tokens.WORD.findall(text)
    return guess if len(words) >= 12 and languages.share_of(guess, words) >= 0.12 else ""


def _stray(text: str, agreed: str) -> str:
    """What a sentence is in where its script or, in English mails, its most frequent words are others; "" else."""
    scripts = _SCRIPTS.get(agreed, ("LATIN",))
    run = 0
    for word in tokens.WORD.findall(text):
        run = 0 if unicodedata.name(word[0], "").split(" ")[0] in scripts else run + 1
        if run == 2:  # one such word is a name
            return "another script"
    if agreed not in _UNSPACED and re.search(f"[{tokens.CJK}]{{6,}}", text):
        return "another script"
    spoken = tokens.WORD.findall(text)
    foreign = agreed == "en" and len(spoken) >= 4 and not languages.share_of("en", spoken)
    return "another language" if foreign and languages.is_foreign(text) else ""


def _whole(phrase: str) -> re.Pattern[str]:
    """A word or phrase that stands alone: no part of a longer word, an address or a name out of code."""
    if re.search(f"[{tokens.CJK}]", phrase):
        return re.compile(re.escape(phrase))  # scripts without spaces have no ends of words
    spaced = r"\s+".join(re.escape(part) for part in phrase.split())
    before, behind = tokens.NO_LETTER_BEFORE, tokens.NO_LETTER_BEHIND
    return re.compile(rf"{before}(?<![./@#-]){spaced}{behind}(?![/@(-]|[.]\w)", re.I)


@lru_cache(maxsize=64)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for many names: a release has hundreds of people and each save looks for all of them."""
    return re.compile(tokens.standing(names), re.I)


def _as(said: str, match: re.Match[str]) -> str:
    """What is said, with a capital where the other had one."""
    found = match[0]
    return said[0].upper() + said[1:] if found[:1].isupper() and not found.isupper() else said
