"""All that the review page shows, read in a fixed number of queries, whatever the number of issues and comments.

One file a story, each of which builds on those before it: `opened`, `sources`, `mail`, `checks`, `talk`, `decision`,
`text`. `Desk` is all of them.
"""

from __future__ import annotations

from campaigns.planning.models import CampaignEmail
from campaigns.review.desk.mail import reader_of
from campaigns.review.desk.talk import Thread
from campaigns.review.desk.text import Part, SentenceLine, TextColumn

__all__ = ["Desk", "Part", "SentenceLine", "Thread", "open_email", "reader_of"]


class Desk(TextColumn):
    """One e-mail as one person sees it now. Attributes are read when the page asks for them, once each."""


def open_email(pk: int) -> CampaignEmail:
    """The e-mail with all that the page needs of its neighbours. Raises DoesNotExist."""
    return CampaignEmail.objects.select_related(
        "campaign__release__product", "campaign__cadence", "template_version__template", "locked_by", "correction_of"
    ).get(pk=pk)
