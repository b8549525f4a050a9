"""Try the links of a mail when a person asks. This room calls out nowhere else, and never inside a transaction."""

from __future__ import annotations

import datetime as dt
import http.client
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from campaigns.drafting.selectors import current_revision
from campaigns.planning.models import CampaignEmail
from campaigns.review import actions, preflight
from campaigns.review.models import LinkCheck
from campaigns.review.preflight.links import is_allowed

SECONDS = 5.0
MOST = 20


def check_links(
    *, email: CampaignEmail, by: Any, now: dt.datetime, ask: Callable[[str], str] | None = None
) -> list[LinkCheck]:
    """Open each link of the current text and keep what it answered.

    Only hosts that mail of the product may lead to are called, so a text cannot make this server call another one, and
    no redirection is followed.

    Args:
        ask: opens one address and says what is wrong with it; over the network when None.

    Raises:
        PermissionDenied, ReviewRefused: not by this person, or there is no text.
    """
    revision = current_revision(email)
    actions.insist("check_links", email=email, revision=revision, user=by, now=now)
    assert revision is not None  # noqa: S101 - insist() refuses an e-mail without a text
    mail = preflight.Mail(email, revision)
    wanted = [
        address
        for address in dict.fromkeys(mail.page.links)
        if address.startswith(("https://", "http://")) and "{{" not in address and len(address) <= 500
        and is_allowed((urlsplit(address).hostname or "").lower(), mail.hosts)
    ][:MOST]  # fmt: skip
    with ThreadPoolExecutor(max_workers=4) as threads:
        problems = list(threads.map(ask or problem_of, wanted))
    return [
        LinkCheck.objects.update_or_create(
            email=email, address=address, defaults={"problem": problem[:300], "at": now}
        )[0]
        for address, problem in zip(wanted, problems, strict=True)
    ]


def problem_of(address: str) -> str:
    """What is wrong with an address; "" when it can be opened. Waits at most five seconds for each step."""
    split = urlsplit(address)
    assert split.hostname  # noqa: S101 - the caller compared it
    secure = split.scheme == "https"
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    connection = (
        http.client.HTTPSConnection(split.hostname, split.port, timeout=SECONDS, context=ssl.create_default_context())
        if secure
        else http.client.HTTPConnection(split.hostname, split.port, timeout=SECONDS)
    )
    try:
        connection.request("GET", path, headers={"User-Agent": "relmail link check", "Accept": "text/html"})
        status = connection.getresponse().status
    except ssl.SSLError as problem:
        return f"its certificate is not accepted ({problem.reason})."
    except TimeoutError:
        return f"no answer within {SECONDS:.0f} seconds."
    except (OSError, http.client.HTTPException) as problem:
        return f"no connection ({problem})."
    finally:
        connection.close()
    return "" if status < 400 else f"it answers {status}."
