"""The way as a timetable: what the clock does, how often, and why.

`manage.py sync_schedule` writes these rows for django-celery-beat. It adds what is missing and corrects names of tasks
and descriptions, but never touches an interval or a switch that an operator changed.
Every row is a tick: short, safe to run twice or at once, and finding in the database what is due.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the timetable. `every` is in seconds."""

    name: str
    task: str
    every: int
    description: str


TIMETABLE = (
    Row(
        "1 What shipped: read Jira",
        "releases.sync_all",
        300,
        "Reads every active product; a webhook only hurries this.",
    ),
    Row("1 What shipped: webhooks", "releases.process_webhooks", 15, "Reads again what Jira's webhooks hinted at."),
    Row(
        "1 What shipped: webhook lives",
        "releases.renew_webhooks",
        21_600,
        "Renews webhooks registered over REST; they end after 30 days.",
    ),
    Row(
        "2 Plan: campaigns",
        "campaigns.planning.tick",
        60,
        "Plans near releases, follows moved dates, holds what was missed, closes what ended.",
    ),
    Row("3 Draft: write texts", "campaigns.drafting.draft_due", 60, "Drafts planned e-mails from the facts."),
    Row("4-5 Review: watch approvals", "campaigns.review.watch", 60, "Voids approvals that no longer fit."),
    Row("6-7 Send: prepare and send", "campaigns.delivery.tick", 10, "Starts what is due and wakes workers."),
    Row("7 Send: quota", "campaigns.delivery.learn_quota", 60, "Reads rate and daily quota from SES."),
    Row(
        "6 Audience: forget", "campaigns.audience.forget", 300, "Drops checked files that were not imported in an hour."
    ),
    Row("7 Send: forget", "campaigns.delivery.forget", 300, "Clears the messages of people who were erased."),
    Row("4-7 Tell: notices", "campaigns.notices.tick", 60, "Tells people what concerns them, in the page and by mail."),
    Row("8 Hear back: apply events", "analytics.apply_pending", 15, "Applies stored SES events that were not yet."),
    Row("9 Sum up: figures", "analytics.rollup", 60, "Counts events per e-mail and hour."),
    Row("9 Sum up: guard", "analytics.guard", 60, "Pauses an e-mail with too many bounces or complaints."),
)
