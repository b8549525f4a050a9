"""The words fit the moment: nothing is available before it is, and nothing is coming once it is there."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting import moments, timing
from campaigns.drafting.text import Sentence
from campaigns.planning.times import day_of_sending
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """Wording of another step. English only."""
    if not mail.english:
        return
    places = [("subject", 0, Sentence(mail.text.subject)), ("preheader", 0, Sentence(mail.text.preheader))]
    places += list(mail.text.sentences())
    label = mail.email.get_step_display().lower()
    out = timing.of(mail.facts, mail.step, day_of_sending(mail.email, mail.product.time_zone)).out
    for part, index, sentence in places:
        for found in moments.find(sentence, mail.facts, mail.step, out=out):
            yield Found(
                part,
                f"“{found.quote}” does not suit the {label}: {found.because}.",
                "Say it in the tense of this mail.",
                quote=f"{found.quote}:{sentence.text}",
                index=index,
            )


RULE = Rule("step", "Words of the moment", WARNING, "relmail: tense and wording per step", check)
