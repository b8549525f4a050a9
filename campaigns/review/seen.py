"""What stood on the page when a person decided, so that nobody says yes to what they did not see.

The page puts it into its forms; the verb compares it with what is so now, and names what differs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from campaigns.drafting.models import Revision
from campaigns.planning.models import CampaignEmail
from campaigns.review.preflight.findings import Finding

# People come and go on lists all day. Only a sum that is off by more than both is another audience to a reader.
OFF_BY, OFF_BY_SHARE = 50, 0.1
# So much of a fingerprint tells the findings of one mail apart.
_MARK = 12


@dataclass(frozen=True)
class Seen:
    """One look at an e-mail. `people` is None while the audience was not counted; `warnings` marks the open ones."""

    rendition: str
    audience: str
    send_at: str
    facts: str
    people: int | None = None
    warnings: frozenset[str] = frozenset()

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Seen:
        """Read it from a form; what is missing was not seen."""
        people = form.get("people", "")
        return cls(
            rendition=form.get("digest", ""),
            audience=form.get("audience", ""),
            send_at=form.get("send_at", ""),
            facts=form.get("facts", ""),
            people=int(people) if people.isascii() and people.isdigit() and len(people) < 12 else None,
            warnings=frozenset(form.get("warnings", "").split()),
        )

    @property
    def marks(self) -> str:
        """The warnings as the form carries them."""
        return " ".join(sorted(self.warnings))

    def differences(self, now: Seen, *, zone: str) -> list[str]:
        """What is not as it was seen, each in words.

        Args:
            now: what is so now.
            zone: the IANA zone in which times are said.
        """
        found = []
        if self.rendition != now.rendition:
            found.append("the text, its template or the product changed")
        if self.audience != now.audience:
            found.append("it goes to other lists")
        if self.send_at != now.send_at:
            found.append(f"the time was {_said(self.send_at, zone)} and is {_said(now.send_at, zone)}")
        if self.facts != now.facts:
            found.append("Jira says something else")
        if self.people is None:
            found.append("the audience had not been counted")
        elif now.people is not None:
            off = abs(now.people - self.people)
            if off > OFF_BY and off > OFF_BY_SHARE * self.people:
                found.append(f"it would go to {now.people:,} people, and {self.people:,} stood there")
        return found


def moment(at: dt.datetime | None) -> str:
    """A send time as a form carries it."""
    return at.astimezone(dt.UTC).isoformat() if at else ""


def marks(findings: Iterable[Finding]) -> frozenset[str]:
    """The open warnings among some findings."""
    return frozenset(mark(found) for found in findings if found.waiver is None and not found.blocking)


def mark(found: Finding) -> str:
    """What names one finding in a form."""
    return found.fingerprint[:_MARK]


def facts_digest(email: CampaignEmail, revision: Revision) -> str:
    """The newest facts: those that the approver has beside the text."""
    newest = email.campaign.release.snapshots.order_by("-number").values_list("digest", flat=True).first()
    return newest or revision.snapshot.digest


def _said(at: str, zone: str) -> str:
    try:
        return f"{dt.datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"
    except ValueError:
        return "none"
