"""Placeholders are of the closed list, and the readers have values for them."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import BLOCKING, WARNING, Found, Rule, scale
from campaigns.review.preflight.mail import Mail
from templates import placeholders

# Where the value of a placeholder comes from and may be empty.
_COLUMNS = {"first_name": "first_name", "last_name": "last_name"}


def check(mail: Mail) -> Iterator[Found]:
    """Unknown and half-typed ones in each sentence; known ones whose value many contacts lack."""
    names = ", ".join("{{ " + name + " }}" for name in sorted(placeholders.IN_TEXTS))
    used: dict[str, tuple[str, int]] = {}
    for part, index, words in mail.places:
        for use in mail.mistyped.get((part, index), ()):
            yield Found(
                part,
                f"“{use.name}” is no placeholder.",
                f"Write one of {names}, or take the braces out.",
                quote=use.name + words,
                index=index,
            )
        for use in placeholders.find(words):
            used.setdefault(use.name, (part, index))
    for name, column in _COLUMNS.items():
        if name in used:
            count = mail.without_value(column)
            if count:
                part, index = used[name]
                instead = placeholders.ALL[name].fallback
                have = "1 contact has" if count == 1 else f"{count:,} contacts have"
                reads = f"they read “{instead}”" if instead else "they read nothing there"
                yield Found(
                    part,
                    f"{have} no {placeholders.ALL[name].label.lower()}; {reads}.",
                    "Word the sentence so that it also reads well then.",
                    quote=f"{name} {scale(count)}",
                    index=index,
                    level=WARNING,
                    people=f"without-{column}",
                )


RULE = Rule(
    "placeholders", "Placeholders", BLOCKING, "AWS: SES drops a message in silence when a value is missing", check
)
