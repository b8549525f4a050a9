"""A mail promises only mails that are planned: a step may have been cancelled, or the cadence has none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafting import uncited
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

# What a sentence calls the mail that it promises; a promise without such a word is kept by any that is to come.
_NAMED = (
    (re.compile(r"\bremind", re.I), ("reminder",), "no reminder is planned after this one"),
    (re.compile(r"\bon the (?:release )?day\b", re.I), ("release_day",), "none is planned for the day of the release"),
    (
        re.compile(r"\b(?:after|follow[- ]up|how the update went)\b", re.I),
        ("follow_up",),
        "none is planned after the release",
    ),
)


def check(mail: Mail) -> Iterator[Found]:
    """Sentences that say we write again although nothing is to come, or that this is the last although more is."""
    for block, index, sentence in mail.text.sentences():
        if uncited.promises_another_mail(sentence.text):
            missing = _missing(sentence.text, mail.still_to_come)
            if missing:
                yield Found(
                    block,
                    f"It says that we write again, and {missing}.",
                    "Take the sentence out, or plan that e-mail.",
                    quote=sentence.text,
                    index=index,
                )
        elif uncited.says_it_is_the_last(sentence.text) and mail.still_to_come:
            number = len(mail.still_to_come)
            more = "one more is planned" if number == 1 else f"{number} more are planned"
            yield Found(
                block,
                f"It says that this is the last mail, and {more} after it.",
                "Take the sentence out.",
                quote=sentence.text,
                index=index,
            )


def _missing(text: str, to_come: tuple[str, ...]) -> str:
    if not to_come:
        return "no further e-mail of this release is planned"
    return next(
        (why for named, steps, why in _NAMED if named.search(text) and not set(steps) & set(to_come)),
        "",
    )


RULE = Rule("further_mail", "Promises of further mails", WARNING, "relmail: what is promised is planned", check)
