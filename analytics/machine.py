"""Was it a person? Opens by mail proxies and clicks by link scanners are not.

A link scanner opens links before the mail is shown, so what happens within two seconds of delivery is a
machine's; so is an agent that says so. Without a Delivery event nothing can be said of the time.
"""

from __future__ import annotations

import datetime as dt
import re

from analytics.models import EmailEvent

TOO_FAST = dt.timedelta(seconds=2)

# "Cubot" is a maker of telephones.
MACHINES = re.compile(
    r"GoogleImageProxy|YahooMailProxy|BingPreview|facebookexternalhit|Barracuda|Proofpoint|Mimecast|SafeLinks|"
    r"Symantec|Cloudmark|FireEye|TrendMicro|Cisco|IronPort|LinkScan|Scanner|(?<!cu)bot\b|crawl|spider|preview|headless|"
    r"python-requests|curl/|wget/|Go-http-client|okhttp|Apache-HttpClient|libwww|Java/",
    re.IGNORECASE,
)
# Apple's and other privacy proxies send no more than this.
BARE = re.compile(r"Mozilla/5\.0\s*")


def origin(user_agent: str, at: dt.datetime, delivered_at: dt.datetime | None) -> EmailEvent.Origin:
    """Who opened or clicked at a time (UTC), given when the message was delivered, if that is known."""
    if not user_agent.strip() or BARE.fullmatch(user_agent) or MACHINES.search(user_agent):
        return EmailEvent.Origin.MACHINE
    if delivered_at is None:
        return EmailEvent.Origin.UNKNOWN
    return EmailEvent.Origin.MACHINE if at < delivered_at + TOO_FAST else EmailEvent.Origin.HUMAN
