"""Webhooks that were registered over REST end after 30 days unless they are renewed; here they are.

Jira keeps such a list for apps only (OAuth 2.0, Connect). Webhooks that a person made in Jira's administration are not
on it and never end. Whatever happens here, the poll of releases.sync_all reads everything all the same.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings

from releases.jira import Door, JiraError, JiraNotFound, JiraRefused, JiraWebhook, open_door
from releases.models import WebhookRegistration

logger = logging.getLogger(__name__)

#: Half of their life: a month of failures in a row has to come together before one ends.
RENEW_BEFORE = dt.timedelta(days=15)
#: What Jira gives from the moment of a renewal, for an answer that does not say until when.
LIFE = dt.timedelta(days=30)


def renew_webhooks(*, now: dt.datetime) -> int:
    """List the webhooks, renew those that end within RENEW_BEFORE, note what is gone. Returns the number renewed.

    Safe to repeat and to run twice at once: renewing twice gives 30 days from the second time. Never raises a
    JiraError; the rows say what went wrong.
    """
    if not settings.JIRA_URL:
        return 0
    known = WebhookRegistration.objects.exclude(state=WebhookRegistration.State.GONE)
    try:
        with open_door() as door:
            if not door.server.cloud:
                return 0  # Data Center has no such webhooks
            listed = door.webhooks()
            _note(listed, now)
            return _renew(door, [hook for hook in listed if _is_due(hook, now)], now)
    except (JiraRefused, JiraNotFound) as error:
        # A person's token is refused the list; that is no fault as long as this account never registered a webhook.
        known.update(state=WebhookRegistration.State.FAILED, error=str(error)[:500], checked_at=now)
    except JiraError as error:
        known.update(error=str(error)[:500], checked_at=now)
        known.filter(expires_at__lte=now).update(state=WebhookRegistration.State.FAILED)
        logger.warning("webhooks could not be renewed: %s", error)
    return 0


def _is_due(hook: JiraWebhook, now: dt.datetime) -> bool:
    return hook.expires is None or hook.expires <= now + RENEW_BEFORE


def _note(listed: list[JiraWebhook], now: dt.datetime) -> None:
    """Write down what Jira lists, and that the others are gone."""
    rows = [
        WebhookRegistration(
            jira_id=hook.id, events=list(hook.events), jql=hook.jql, expires_at=hook.expires, checked_at=now,
            state=WebhookRegistration.State.ACTIVE, error="",
        )
        for hook in listed
    ]  # fmt: skip
    columns = ["events", "jql", "expires_at", "checked_at", "state", "error"]
    WebhookRegistration.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["jira_id"], update_fields=columns
    )
    gone = WebhookRegistration.objects.exclude(jira_id__in=[hook.id for hook in listed])
    gone.exclude(state=WebhookRegistration.State.GONE).update(
        state=WebhookRegistration.State.GONE, checked_at=now,
        error="Jira does not list it any more: it ended or was deleted. Register it again; the poll goes on.",
    )  # fmt: skip


def _renew(door: Door, due: list[JiraWebhook], now: dt.datetime) -> int:
    if not due:
        return 0
    rows = WebhookRegistration.objects.filter(jira_id__in=[hook.id for hook in due])
    try:
        until = door.refresh_webhooks([hook.id for hook in due]) or now + LIFE
    except JiraError as error:
        rows.update(state=WebhookRegistration.State.FAILED, error=f"Not renewed: {error}"[:500])
        logger.warning("webhooks were not renewed: %s", error)
        return 0
    rows.update(expires_at=until, renewed_at=now)
    return len(due)
