"""The text part and the HTML part say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.review.preflight.findings import BLOCKING, WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")


def check(mail: Mail) -> Iterator[Found]:
    """Look for each sentence in both parts."""
    if mail.frozen is None:
        return
    html, text = _plain(mail.page.words), _plain(mail.frozen.text)
    missing: dict[str, int] = {}
    for block, index, sentence in mail.text.sentences():
        # The two parts name a placeholder differently, so the words around it are looked for.
        pieces = [words for piece in _PLACEHOLDER.split(sentence.text) if (words := _plain(piece))]
        if not pieces:
            continue
        in_html, in_text = (all(words in part for words in pieces) for part in (html, text))
        if in_html != in_text:
            lacking = "text" if in_html else "HTML"
            yield Found(
                block,
                f"The {lacking} part lacks this sentence; filters distrust mail whose parts differ.",
                "Mend the template.",
                quote=sentence.text,
                index=index,
            )
        elif not in_html:
            missing.setdefault(block, index)
    for block, index in missing.items():
        yield Found(
            block,
            f"The template does not show the block “{block}”.",
            "Move its sentences to another block.",
            quote=f"not shown:{block}",
            index=index,
            level=WARNING,
        )


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


RULE = Rule("parts", "Text and HTML agree", BLOCKING, "SpamAssassin 4: several points when the parts differ", check)
