"""The text part and the HTML part say the same."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import BLOCKING, WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Look for each sentence in both parts."""
    if mail.frozen is None:
        return
    html, text = _plain(mail.page.words), _plain(mail.frozen.text)
    missing: dict[str, int] = {}
    for block, index, sentence in mail.text.sentences():
        words = _plain(sentence.text)
        if "{{" in sentence.text or not words:
            continue  # the two parts name a placeholder differently
        in_html, in_text = words in html, words in text
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
