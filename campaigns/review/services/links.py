"""Try the links of a mail when a person asks. This room calls out nowhere else, and never inside a transaction."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import urlsplit

from campaigns.drafting.selectors import current_revision
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, opening, preflight
from campaigns.review.models import LinkCheck
from campaigns.review.opening import Opened
from campaigns.review.preflight.links import is_allowed

# A person waits for all of them together.
SECONDS = 20.0
MOST = 20
LONGEST = 500

Ask = Callable[[str], Opened]


def check_links(
    *, email: CampaignEmail, by: Any, now: dt.datetime, ask: Ask | None = None, seconds: float = SECONDS
) -> list[LinkCheck]:
    """Open each link of the current text and keep what it answered, or why it was not tried.

    Only hosts that mail of the product may lead to are called first, so a text cannot make this server call another
    one; what they lead on to is followed as opening.py says.

    Args:
        ask: opens one address; over the network when None.
        seconds: for all links together; those left over are kept as not tried.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or there is no text.
    """
    revision = current_revision(email)
    actions.insist("check_links", email=email, revision=revision, user=by, now=now)
    assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
    mail = preflight.Mail(email, revision)
    found: dict[str, Opened] = {}
    wanted: list[str] = []
    for address in dict.fromkeys(mail.page.links):
        if not address.startswith(("https://", "http://")):
            continue
        if reason := _left_out(address, mail, len(wanted)):
            found[address[:LONGEST]] = opening.not_tried(reason)
        else:
            wanted.append(address)
    found |= _asked(wanted, ask, seconds)
    email.link_checks.exclude(address__in=found).delete()
    return [
        LinkCheck.objects.update_or_create(
            email=email,
            address=address,
            defaults={
                "answer": opened.answer[:500], "problem": opened.problem[:300], "tried": opened.tried, "at": now,
            },
        )[0]
        for address, opened in found.items()
    ]  # fmt: skip


def _left_out(address: str, mail: preflight.Mail, chosen: int) -> str:
    """Why an address is not tried; empty when it is."""
    if "{{" in address:
        return "It is made for each reader."
    if len(address) > LONGEST:
        return f"It is longer than {LONGEST} characters."
    try:
        host = (urlsplit(address).hostname or "").lower()
    except ValueError:
        return "It is not an address that can be opened."
    if not is_allowed(host, mail.hosts):
        return "Not a host that mail of this product leads to."
    return f"No more than {MOST} are tried at once." if chosen >= MOST else ""


def _asked(wanted: list[str], ask: Ask | None, seconds: float) -> dict[str, Opened]:
    """Ask four at a time; whoever has not answered when the time is up is left behind."""
    until = time.monotonic() + seconds

    def over_the_network(address: str) -> Opened:
        return opening.open_link(address, until=until)

    threads = ThreadPoolExecutor(max_workers=4)
    answers = {address: threads.submit(ask or over_the_network, address) for address in wanted}
    wait(answers.values(), timeout=seconds)
    threads.shutdown(wait=False, cancel_futures=True)
    late = opening.not_tried(f"The {seconds:g} seconds for all links together were up. Check again.")
    return {
        address: answer.result() if answer.done() and not answer.cancelled() else late
        for address, answer in answers.items()
    }
