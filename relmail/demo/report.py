"""What the demo found at the end, as it is printed and as JSON. Inbox and duplicates are counted by the simulator."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from typing import Any

from django.db.models import Count

from analytics.models import EmailEvent
from campaigns.delivery import selectors
from campaigns.models import Campaign, Revision

STATES = ("accepted", "suppressed", "failed", "cancelled", "unknown")


def inbox_figures(simulator_url: str) -> dict[str, Any]:
    """What the simulator says it received: figures alone, without the messages."""
    with urllib.request.urlopen(f"{simulator_url}/inbox.json?limit=0", timeout=10) as answer:  # noqa: S310 - loopback
        figures: dict[str, Any] = json.load(answer)
    return figures


def report(campaign: Campaign, *, simulator_url: str, seconds: float) -> dict[str, Any]:
    """The JSON report: release, drafter, the balance of each e-mail, and what the simulator counted."""
    emails = list(campaign.emails.order_by("position"))
    balances = selectors.balances(emails)
    figures = inbox_figures(simulator_url)
    drafters = Revision.objects.filter(email__campaign=campaign).exclude(drafter="")
    events = EmailEvent.objects.filter(email__campaign=campaign).values_list("type").annotate(Count("id")).order_by()
    return {
        "release": str(campaign.release),
        "drafter": ", ".join(sorted(set(drafters.values_list("drafter", flat=True)))),
        "emails": [
            {"step": email.step, "state": email.state, "planned": balances[email.pk].planned}
            | {state: getattr(balances[email.pk], state) for state in STATES}
            for email in emails
        ],
        "inbox": figures["inbox"] - _to_staff(figures),
        "notices": _to_staff(figures),
        "duplicates": figures["duplicates"],
        "events": dict(events),
        "seconds": round(seconds, 1),
    }


def events_in_words(campaign: Campaign) -> list[str]:
    """How often what was heard of, a hard bounce apart from a soft one: after that one a person is mailed again."""
    counted: Counter[str] = Counter()
    rows = EmailEvent.objects.filter(email__campaign=campaign).values_list("type", "subtype").annotate(Count("id"))
    for kind, subtype, count in rows.order_by():
        label = str(EmailEvent.Type(kind).label)
        name = label[0].lower() + label[1:]
        if kind == EmailEvent.Type.BOUNCE:
            name = f"{'hard' if subtype.startswith('Permanent') else 'soft'} bounced"
        counted[name] += count
    return [f"{count} {name}" for name, count in sorted(counted.items())]


def _to_staff(figures: dict[str, Any]) -> int:
    """Mail without the tag of an e-mail: notices to colleagues, which are in no balance."""
    return int(figures["by_email"].get("", {}).get("accepted", 0))


def problems(found: dict[str, Any]) -> list[str]:
    """What is wrong with the result, in sentences; nothing when the demo did its job."""
    wrong = []
    accepted = 0
    for email in found["emails"]:
        accepted += email["accepted"]
        if email["state"] != "sent":
            wrong.append(f"The {email['step']} is {email['state']}, not sent.")
        if email["planned"] != sum(email[state] for state in STATES):
            wrong.append(f"The balance of the {email['step']} does not add up.")
    if found["duplicates"]:
        wrong.append(f"{found['duplicates']} recipients got an e-mail twice.")
    if found["inbox"] != accepted:
        wrong.append(f"{accepted} messages were accepted, but {found['inbox']} arrived.")
    return wrong
