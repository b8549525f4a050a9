"""The last counting of an e-mail's audience: kept, because counting a million people takes seconds."""

from __future__ import annotations

import datetime as dt

from campaigns.audience.counting import AudienceCounted, count
from campaigns.audience.rule import Rule
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review.models import AudienceCount

# A page has an older counting made again; an approval always counts anew.
FRESH = dt.timedelta(minutes=10)


def row_of(email: CampaignEmail, rule: Rule | None = None) -> AudienceCount | None:
    """The last counting, unless it was of another audience.

    Args:
        rule: whom the e-mail goes to now, when the caller has read it already.
    """
    row = AudienceCount.objects.filter(email=email).first()
    return row if row is not None and row.digest == (rule or audience_rule(email)).digest() else None


def kept(email: CampaignEmail, rule: Rule | None = None) -> AudienceCounted | None:
    """What the last counting of this audience found. `rule` as in `row_of`."""
    return found(row_of(email, rule))


def found(row: AudienceCount | None) -> AudienceCounted | None:
    """What a counting found, read into names."""
    return AudienceCounted.from_json(row.facts) if row else None


def count_now(*, email: CampaignEmail, now: dt.datetime) -> AudienceCounted:
    """Count the audience and keep what came out. Not inside a transaction of a verb: it takes seconds for a million."""
    rule = audience_rule(email)
    counted = count(rule, product_zone=email.campaign.release.product.time_zone, now=now)
    AudienceCount.objects.update_or_create(
        email=email, defaults={"digest": rule.digest(), "facts": counted.to_json(), "at": now}
    )
    return counted
