"""Stored e-mail templates: create, get, update, delete, and the content of one that a send names.

API reference v2: CreateEmailTemplate, UpdateEmailTemplate and DeleteEmailTemplate run once a second at most. Developer
guide, "Using templates to send personalized email": names have up to 64 letters, digits, underscores and hyphens, a
template has up to 500 KB, a subject, and HTML or text.
"""

from __future__ import annotations

import re
from typing import Any

from relmail.simulator.amazon.account import Account
from relmail.simulator.amazon.errors import AmazonError, bad_request, not_found

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LARGEST = 500 * 1024
MOST = 20_000


class Templates:
    """The four operations, by the names that the account keeps."""

    account: Account

    def _CreateEmailTemplate(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.once_a_second("CreateEmailTemplate")
        name, content = given["TemplateName"], _content(given["TemplateContent"])
        if not NAME.fullmatch(name):
            raise bad_request(f"Invalid template name {name[:80]}")
        with self.account.lock:
            if name in self.account.templates:
                raise AmazonError("AlreadyExistsException", f"Template {name} already exists.")
            if len(self.account.templates) >= MOST:
                raise AmazonError("LimitExceededException", f"Maximum number of templates ({MOST}) is reached.")
            self.account.templates[name] = content
        return {}

    def _GetEmailTemplate(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"TemplateName": given["TemplateName"], "TemplateContent": self.stored(given["TemplateName"])}

    def _UpdateEmailTemplate(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.once_a_second("UpdateEmailTemplate")
        content = _content(given["TemplateContent"])
        with self.account.lock:
            self.stored(given["TemplateName"])
            self.account.templates[given["TemplateName"]] = content
        return {}

    def _DeleteEmailTemplate(self, given: dict[str, Any]) -> dict[str, Any]:
        self.account.once_a_second("DeleteEmailTemplate")
        with self.account.lock:
            self.stored(given["TemplateName"])
            del self.account.templates[given["TemplateName"]]
        return {}

    def stored(self, name: str) -> dict[str, str]:
        """The content kept under a name. Raises AmazonError (404) when there is none."""
        with self.account.lock:
            found = self.account.templates.get(name)
        if found is None:
            raise not_found(f"Template {name} does not exist.")
        return dict(found)


def _content(given: dict[str, Any]) -> dict[str, str]:
    content = {part: text for part, text in given.items() if text}
    if not content.get("Subject"):
        raise bad_request("The subject of the template is empty")
    if not content.get("Html") and not content.get("Text"):
        raise bad_request("The template has neither Html nor Text")
    if sum(len(text.encode()) for text in content.values()) > LARGEST:
        raise bad_request(f"The template is larger than {LARGEST} bytes")
    return content
