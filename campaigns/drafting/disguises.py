"""Text as an eye reads it: without invisible characters, look-alikes, fancy letters and codes."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator

from campaigns.drafting import ciphers
from campaigns.drafting.findings import Problem

_LOOKALIKES = str.maketrans(
    "аеорсухіјѕкмтвнԁԛԝьАЕОРСУХІЈЅКМТВНοανικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijskmtbhdqwbAEOPCYXIJSKMTBHoavikptuxABEZHIKMNOPTYX",
)
_ENCODED = re.compile(
    r"(?<![\w+/])(?:[A-Za-z0-9+/]{20,}={0,2}|[A-Za-z0-9+/]{10,}={1,2})(?![\w+/=])|(?:%[0-9A-Fa-f]{2}){4,}"
    r"|(?:\\u[0-9A-Fa-f]{4}){3,}|(?:\\x[0-9a-f]{2}){4,}"
)


def plainly(text: str) -> str:
    """The text as an eye reads it: no invisible characters, no look-alikes, no fancy letters."""
    visible = "".join(character for character in text if not _invisible(character))
    return unicodedata.normalize("NFKC", visible).translate(_LOOKALIKES)


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees and a machine reads."""
    return "".join(character for character in text if not _invisible(character))


# Joiners hold emoji together and shape letters of some scripts; there they are part of what is seen.
_JOINED = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
    "|(?<=[\u0600-\u0dff])[\u200c\u200d](?=[\u0600-\u0dff])"
)


def _invisible(character: str) -> bool:
    """Format, private-use and unassigned characters, and tags; a variation selector after an emoji is no harm."""
    return unicodedata.category(character) in ("Cf", "Co", "Cn") or character in "\u115f\u1160\u3164\uffa0\u2800"


def characters(text: str) -> Iterator[Problem]:
    """Characters that nobody sees, and letters that pass for others."""
    if text.isascii():
        return  # nothing in it can be hidden or pass for something else
    hidden = next((character for character in _JOINED.sub("", text) if _invisible(character)), "")
    if hidden:
        yield Problem("invisible", f"There is a character that nobody can see (U+{ord(hidden):04X}). Type "
                       "the sentence anew.", hidden)  # fmt: skip
    for word in re.findall(r"\w+", text):
        scripts = {unicodedata.name(letter, "?").split()[0] for letter in word if letter.isalpha()}
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"} and len(word) > 2:
            yield Problem("lookalike", f"“{word}” mixes letters of two alphabets that look alike. Type it anew.", word)
            return
        if scripts and any(unicodedata.name(letter, "").startswith(("MATHEMATICAL", "FULLWIDTH LATIN", "CIRCLED LATIN"))
                           for letter in word):  # fmt: skip
            yield Problem("lookalike", f"“{word}” is written in decorative characters. Type it in plain letters.", word)
            return


_LEET = str.maketrans("@013457$", "aoieastS".lower())
_LEET_WORD = re.compile(r"(?<!\w)[A-Za-z]+[@0134$57][A-Za-z@0134$57]*[A-Za-z](?!\w)")
_SPACED_WORD = re.compile(r"(?<!\S)(?:[A-Za-z] ){3,}[A-Za-z](?!\w)")


def undisguised(text: str) -> str:
    """The text with p@ssw0rd and p a s s w o r d as they are read, and without the codes of HTML."""
    plain = html.unescape(text)
    plain = _SPACED_WORD.sub(lambda match: match[0].replace(" ", ""), plain)
    return _LEET_WORD.sub(lambda match: match[0].translate(_LEET), plain)


def encoded(text: str) -> Iterator[Problem]:
    """Readable text that stands there in a code."""
    for match in _ENCODED.finditer(text):
        if not re.fullmatch(r"[A-Za-z0-9+/]+=*", match[0]) or _decodes(match[0]):
            yield Problem("encoded", f"“{match[0][:40]}” is text in code. Take it out.", match[0])
    if ciphers.read(text):
        yield Problem("encoded", f"“{text[:40]}” is text behind a cipher. Take it out.", text)


def _decodes(text: str) -> bool:
    """Whether a run of letters is readable text in base64; a long name out of code is not."""
    bare = text.rstrip("=")
    try:
        plain = base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return False
    return sum(32 <= byte < 127 for byte in plain) >= 0.9 * len(plain) > 0
