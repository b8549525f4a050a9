"""The last counting of an e-mail's audience: kept, because counting a million people takes seconds."""

from __future__ import annotations

import datetime as dt

from campaigns.audience.counting import AudienceCounted, count
from campaigns.planning.models import CampaignEmail
from campaigns.planning.selectors import audience_rule
from campaigns.review.models import AudienceCount

# A page has an older counting made again; an approval always counts anew.
FRESH = dt.timedelta(minutes=10)


def row_of(email: CampaignEmail) -> AudienceCount | None:
    """The last counting, unless it was of another audience."""
    row = AudienceCount.objects.filter(email=email).first()
    return row if row is not None and row.digest == audience_rule(email).digest() else None


def kept(email: CampaignEmail) -> AudienceCounted | None:
    """What the last counting of this audience found."""
    row = row_of(email)
    return AudienceCounted.from_json(row.facts) if row else None


def count_now(*, email: CampaignEmail, now: dt.datetime) -> AudienceCounted:
    """Count the audience and keep what came out. Not inside a transaction of a verb: it takes seconds for a million."""
    rule = audience_rule(email)
    counted = count(rule, product_zone=email.campaign.release.product.time_zone, now=now)
    AudienceCount.objects.update_or_create(
        email=email, defaults={"digest": rule.digest(), "facts": counted.to_json(), "at": now}
    )
    return counted
