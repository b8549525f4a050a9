"""What can go wrong with Jira, in our words. Each error says whether trying again can help."""

from __future__ import annotations


class JiraError(Exception):
    """Jira did not do what was asked. The text is for people and holds no header, token or password."""

    can_retry = False


class JiraUnreachable(JiraError):
    """No connection, no answer in time, or a 5xx: the next try may find it well."""

    can_retry = True


class JiraRefused(JiraError):
    """401 or 403: the credentials are wrong or may not see this. A person has to act."""


class JiraNotFound(JiraError):
    """The project, version or issue is not there, or the account cannot see it."""


class JiraThrottled(JiraError):
    """429: asked too often. `retry_after` is in seconds, None when Jira did not say."""

    can_retry = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class JiraMalformed(JiraError):
    """The answer is not what the API promises, such as a proxy's HTML page."""

    can_retry = True


class JiraIncomplete(JiraError):
    """Fewer issues came than Jira counts, or its pages repeat: half a release is never taken for the whole."""

    can_retry = True
