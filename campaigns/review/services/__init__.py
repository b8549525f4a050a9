"""The verbs of the review room: each asks for the right, changes, and leaves its line of history in one transaction."""

from campaigns.review.services.decision import approve, request_changes, submit, withdraw
from campaigns.review.services.discussion import comment, reopen_comment, resolve_comment, waive
from campaigns.review.services.editing import edit
from campaigns.review.services.lock import release_lock, take_lock
from campaigns.review.services.proof import send_test

__all__ = [
    "approve", "comment", "edit", "release_lock", "reopen_comment", "request_changes", "resolve_comment", "send_test",
    "submit", "take_lock", "waive", "withdraw",
]  # fmt: skip
