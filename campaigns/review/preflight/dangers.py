"""What no mail may hold, however well it rests on an issue: foreign links, requests for secrets, orders, left-overs."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.drafting import hostile
from campaigns.review.preflight.findings import BLOCKING, Found, Rule
from campaigns.review.preflight.mail import Mail


def check(mail: Mail) -> Iterator[Found]:
    """The findings of the drafting room's own check, sentence by sentence."""
    by_person = mail.revision.author_id is not None
    for found in hostile.check(mail.text, mail.facts, allowed_hosts=mail.hosts, by_person=by_person):
        if found.rule == "placeholder" and (found.block, found.index) in mail.mistyped:
            continue  # told by its own rule
        yield Found(
            part=found.block,
            index=found.index,
            message=found.message,
            mend="Take the words out, or let a release manager waive this with the reason."
            if found.blocks
            else "Move the step to the required action, or waive this with the reason.",
            key=found.key,
            level=found.level,
            fingerprint=found.fingerprint,
        )


RULE = Rule(
    "dangers", "What no mail may hold", BLOCKING, "OWASP LLM01: text from outside can carry orders", check, True
)
