"""All models of the five rooms, so that Django finds them under one app label."""

from campaigns.audience.models import (
    Client,
    ConsentChange,
    Contact,
    ContactImport,
    ContactList,
    KeptFile,
    ListMembership,
    Subscription,
    Suppression,
)
from campaigns.delivery.models import ArchivedMessage, Batch, Message, Sender, WarmUp
from campaigns.drafting.models import DraftRun, PromptEvaluation, Revision, SourceIndex
from campaigns.notices.models import Notice, NoticeBookmark, NoticeChoice
from campaigns.planning.models import Cadence, CadenceStep, Campaign, CampaignEmail, Transition
from campaigns.review.models import (
    Approval,
    AudienceCount,
    Comment,
    KeptText,
    LeftOut,
    LinkCheck,
    Look,
    Rendition,
    SeedAddress,
    Waiver,
)

__all__ = [
    "Approval", "ArchivedMessage", "AudienceCount", "Batch", "Cadence", "CadenceStep", "Campaign", "CampaignEmail",
    "Client", "Comment",
    "ConsentChange", "Contact", "ContactImport", "ContactList", "DraftRun", "KeptFile", "KeptText", "LeftOut",
    "LinkCheck", "ListMembership", "Look", "Message", "Notice",
    "NoticeBookmark", "NoticeChoice", "PromptEvaluation", "Rendition", "Revision", "SeedAddress", "Sender",
    "SourceIndex",
    "Subscription", "Suppression",
    "Transition", "Waiver", "WarmUp",
]  # fmt: skip
