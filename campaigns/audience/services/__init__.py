"""Every write of the audience room. Each verb checks the right, makes the change and leaves its row, in one go."""

from campaigns.audience.services.consent import subscribe, subscribe_again, unsubscribe, unsubscribe_from_everything
from campaigns.audience.services.contacts import add_contact, change_contact, erase
from campaigns.audience.services.lists import add_to_list, create_list, remove_from_list
from campaigns.audience.services.suppression import lift_suppression, suppress

__all__ = [
    "add_contact", "add_to_list", "change_contact", "create_list", "erase", "lift_suppression", "remove_from_list",
    "subscribe", "subscribe_again", "suppress", "unsubscribe", "unsubscribe_from_everything",
]  # fmt: skip
