"""Read the rows that a verb works on, under the lock that makes two at once wait for each other."""

from __future__ import annotations

from campaigns.planning.models import CampaignEmail


def locked_row(email: CampaignEmail) -> CampaignEmail:
    """The e-mail as it is now, locked until the transaction ends (SQLite has locked the whole database by then)."""
    return (
        CampaignEmail.objects.select_related("campaign__release__product", "template_version__template", "locked_by")
        .select_for_update(of=("self",))
        .get(pk=email.pk)
    )
