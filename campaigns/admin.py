"""Gathers the admin pages of the rooms, so that Django finds them under one app label."""

from campaigns.audience import admin as audience
from campaigns.delivery import admin as delivery
from campaigns.drafting import admin as drafting
from campaigns.notices import admin as notices
from campaigns.planning import admin as planning
from campaigns.review import admin as review

__all__ = ["audience", "delivery", "drafting", "notices", "planning", "review"]
