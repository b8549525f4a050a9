"""The verbs of the review room: each asks for the right, changes, and leaves its line of history in one transaction."""

from campaigns.review.services.correcting import correct
from campaigns.review.services.decision import (
    approve,
    approve_break_glass,
    back_to_draft,
    request_changes,
    still_true,
    submit,
    withdraw,
)
from campaigns.review.services.discussion import comment, reopen_comment, resolve_comment, waive
from campaigns.review.services.editing import edit, put_back
from campaigns.review.services.keeping import forget_text, keep_text, leave_out, looked_at, mention_again
from campaigns.review.services.links import check_links
from campaigns.review.services.lock import release_lock, take_lock
from campaigns.review.services.proof import send_test, send_test_to_seeds

__all__ = [
    "approve", "approve_break_glass", "back_to_draft", "check_links", "comment", "correct", "edit", "forget_text",
    "keep_text", "leave_out", "looked_at", "mention_again", "put_back", "release_lock", "reopen_comment",
    "request_changes", "resolve_comment", "send_test", "send_test_to_seeds", "still_true", "submit", "take_lock",
    "waive", "withdraw",
]  # fmt: skip
