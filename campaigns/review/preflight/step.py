"""The words fit the moment: nothing is available before it is, and nothing is coming once it is there."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting.jobs import JOBS
from campaigns.review.preflight.findings import WARNING, Found, Rule
from campaigns.review.preflight.mail import Mail

_BECAUSE = {
    "announcement": "it is not out yet",
    "reminder": "it is not out yet",
    "release_day": "it is out today",
    "follow_up": "it has been out for days",
}


def check(mail: Mail) -> Iterator[Found]:
    """Wording of another step. English only."""
    if not mail.english:
        return
    forbidden, because = JOBS[mail.step].forbidden, _BECAUSE[mail.step]
    places = [("subject", 0, mail.text.subject), ("preheader", 0, mail.text.preheader)]
    places += [(block, index, sentence.text) for block, index, sentence in mail.text.sentences()]
    label = mail.email.get_step_display().lower()
    for part, index, words in places:
        match = forbidden.search(words)
        if match:
            yield Found(
                part,
                f"“{match[0]}” does not suit the {label}: {because}.",
                "Say it in the tense of this mail.",
                quote=f"{match[0]}:{words}",
                index=index,
            )


RULE = Rule("step", "Words of the moment", WARNING, "relmail: tense and wording per step", check)
