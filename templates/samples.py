"""A made-up mail for each step, for previews and for trying a template before it is published.

Its release lies where it would lie for a reader of that step: two weeks ahead, three days ahead, today, a week ago.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from templates.content import MailContent, Section

_ANNOUNCEMENT = MailContent(
    subject="Harbor Sync 4.2.0 comes on {date}",
    preheader="Schedules, an audit export and one change to your webhooks to prepare for",
    product_name="Harbor Sync",
    version="4.2.0",
    sender_name="Harbor Sync releases",
    postal_address="Harbor GmbH, Hafenstrasse 1, 20457 Hamburg, Germany",
    action_label="Read what to prepare",
    action_url="https://harbor.example/releases/4.2.0",
    brand_colour="#1f5fbf",
    sections=(
        Section("intro", (
            "On {date}, Harbor Sync 4.2.0 will let you run syncs on a schedule and export the audit log. One "
            "change to webhooks needs your attention before you update.",
        )),
        Section("highlights", (
            "You will be able to run any sync on a schedule: every 15 minutes, hourly, daily or on chosen weekdays.",
            "Administrators will be able to export the audit log as CSV or JSON Lines, for up to 400 days.",
            "A new connector will read from and write to warehouses that speak the PostgreSQL protocol.",
        )),
        Section("breaking", (
            "Webhooks will be sent with payload version 2 only. Receivers must read “records”, not “items”.",
            "Starting a sync that is already running will return status 409.",
        )),
        Section("fixes", (
            "Mapping a date field to a date-time field will keep the time of day.",
            "The CSV connector will read line breaks inside quoted fields.",
        )),
        Section("action", ("Please check your webhook receivers before {date}.",)),
        Section("closing", ("Answer this mail if something here is unclear.",)),
    ),
)  # fmt: skip

_REMINDER = dataclasses.replace(
    _ANNOUNCEMENT,
    subject="Reminder: Harbor Sync 4.2.0 on {weekday}",
    preheader="Your webhook receivers need payload version 2 before the update",
    action_label="Check your receivers",
    sections=(
        Section("intro", ("Harbor Sync 4.2.0 will be available on {date}. Receivers need one change by then.",)),
        Section("breaking", (
            "Webhooks will be sent with payload version 2 only. Receivers must read “records”, not “items”.",
        )),
        Section("action", ("If your receivers read version 2 already, there is nothing to do.",)),
    ),
)  # fmt: skip

_RELEASE_DAY = dataclasses.replace(
    _ANNOUNCEMENT,
    subject="Harbor Sync 4.2.0 is available",
    preheader="Run syncs on a schedule, export the audit log, and how to update",
    action_label="Update to 4.2.0",
    sections=(
        Section("intro", (
            "Harbor Sync 4.2.0 is available today. Syncs can run on a schedule, and the audit log can be exported.",
        )),
        Section("highlights", (
            "Run any sync on a schedule: every 15 minutes, hourly, daily or on chosen weekdays.",
            "Export the audit log as CSV or JSON Lines, for up to 400 days.",
            "A new connector reads from and writes to warehouses that speak the PostgreSQL protocol.",
        )),
        Section("breaking", (
            "Webhooks are sent with payload version 2 only. Receivers read “records” instead of “items”.",
            "Starting a sync that is already running returns status 409.",
        )),
        Section("fixes", (
            "Mapping a date field to a date-time field keeps the time of day.",
            "The CSV connector reads line breaks inside quoted fields.",
            "Letters such as ä, é and ø stay as they are when a mapping is imported.",
        )),
        Section("action", (
            "Hosted workspaces are updated already. If you run Harbor Sync yourself, update from your console.",
        )),
        Section("closing", ("Thank you for working with Harbor Sync.",)),
    ),
)  # fmt: skip

_FOLLOW_UP = dataclasses.replace(
    _ANNOUNCEMENT,
    subject="How is Harbor Sync 4.2.0 working for you?",
    preheader="Two things worth trying, what has been fixed since, and where to ask",
    action_label="Tell us how it goes",
    sections=(
        Section("intro", ("Harbor Sync 4.2.0 has been out for a week. Here is what helps most teams with it.",)),
        Section("highlights", (
            "Set up a first schedule under Settings > Schedules; each one keeps its own time zone.",
            "Export last month’s audit log to see what your auditors will get.",
        )),
        Section("breaking", ("Webhook payload version 1 is switched off. If a receiver went quiet, this is why.",)),
        Section("fixes", ("Letters such as ä, é and ø stay as they are when a mapping is imported.",)),
        Section("problems", ("The list of schedules is not sorted by the next run yet.",)),
        Section("action", ("Your answers decide what we mend next.",)),
        Section("closing", ("If you would like help with the webhooks, just answer this mail.",)),
    ),
)  # fmt: skip

_SAMPLES = {
    "announcement": (_ANNOUNCEMENT, 14), "reminder": (_REMINDER, 3), "release_day": (_RELEASE_DAY, 0),
    "follow_up": (_FOLLOW_UP, -7),
}  # fmt: skip


def sample(step: str, *, today: dt.date | None = None) -> MailContent:
    """The sample mail of a step as it would read on a day; the announcement for a step without one of its own."""
    content, days = _SAMPLES.get(step, _SAMPLES["announcement"])
    date = (today or dt.datetime.now(dt.UTC).date()) + dt.timedelta(days=days)
    words = {"{date}": f"{date.day} {date:%B}", "{weekday}": f"{date:%A}"}
    return dataclasses.replace(
        content, subject=_dated(content.subject, words), release_date=date,
        sections=tuple(
            dataclasses.replace(section, items=tuple(_dated(each, words) for each in section.items))
            for section in content.sections
        ),
    )  # fmt: skip


def _dated(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(name, word)
    return text


def bare_sample(step: str) -> MailContent:
    """The least that a mail can say: one sentence, no date, no button. A template must look right with it too."""
    return dataclasses.replace(
        sample(step), preheader="", sections=(Section("intro", ("Harbor Sync 4.2.0 brings fixes.",)),),
        release_date=None, action_label="", action_url="",
    )  # fmt: skip
