"""The text, the template and the product make a mail at all."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.review.preflight.findings import BLOCKING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """The renderer's own refusal, as it says it."""
    # Of a placeholder that is none, its own rule says where it stands.
    if mail.problem and not mail.mistyped:
        yield Found(
            "mail",
            mail.problem,
            "Mend the words that it names, or choose another template version.",
            quote=mail.problem,
        )


RULE = Rule("rendering", "It can be rendered", BLOCKING, "the renderer that also makes the sent mail", check)
