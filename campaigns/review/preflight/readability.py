"""The text reads easily."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

LEAST = 50
LONGEST_SENTENCE = 30
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")


def flesch(sentences: list[str]) -> float:
    """Flesch reading ease of English sentences: about 100 for a children's book, under 30 for law (Flesch 1948)."""
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if not words or not sentences:
        return 100.0
    syllables = sum(_syllables(word) for word in words)
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * syllables / len(words)


def _syllables(word: str) -> int:
    word = word.lower()
    count = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(1, count)


def check(mail: Mail) -> Iterator[Found]:
    """Reading ease of the whole and the length of each sentence. English only."""
    if not mail.english:
        return
    sentences = [sentence.text for _, _, sentence in mail.text.sentences()]
    ease = flesch(sentences)
    if sum(len(_WORD.findall(sentence)) for sentence in sentences) >= 40 and ease < LEAST:
        yield Found(
            "mail",
            f"Its reading ease is {ease:.0f} (Flesch); {LEAST} and more is read without effort.",
            "Use shorter sentences and plainer words.",
            quote="flesch",
        )
    for block, index, sentence in mail.text.sentences():
        count = len(_WORD.findall(sentence.text))
        if count > LONGEST_SENTENCE:
            yield Found(
                block,
                f"This sentence has {count} words.",
                f"Split it; {LONGEST_SENTENCE} are the most that is easily read.",
                quote=sentence.text,
                index=index,
            )


RULE = Rule("readability", "Readability", WARNING, "Flesch reading ease, 50 or more", check)
