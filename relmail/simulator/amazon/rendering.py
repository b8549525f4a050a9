"""Fill a template as SES does: flat `{{name}}` only, values taken as they are.

AWS, "Using templates to send personalized email": SES does not escape HTML content when it renders the
HTML template. A name without a value is accepted by the API and makes the message disappear later, with
a "Rendering Failure" event. Handlebars' blocks and helpers are not built here; they fail in the same way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from relmail.simulator.amazon.errors import bad_request

PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
LINK = re.compile(r"""href\s*=\s*["']((?:https?:)?//[^"']+|\{\{[^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True)
class Content:
    """What a message says before its values are put in. `template` is false for finished mail."""

    subject: str
    html: str
    text: str
    template: bool
    name: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every placeholder in subject, HTML and text, once, in order."""
        if not self.template:
            return ()
        found = dict.fromkeys(PLACEHOLDER.findall(f"{self.subject}\n{self.html}\n{self.text}"))
        return tuple(found)

    @cached_property
    def link_templates(self) -> tuple[str, ...]:
        """Targets of links in the HTML part, not those to an unsubscribe page."""
        found = [link.replace("&amp;", "&") for link in dict.fromkeys(LINK.findall(self.html))]
        return tuple(link for link in found if "unsubscribe" not in link.lower())


@dataclass(frozen=True)
class Rendered:
    """One message with its values, filled in when somebody looks."""

    content: Content
    values: dict[str, Any] = field(default_factory=dict)

    def failure(self) -> str:
        """Why SES cannot render this message, in its words; empty when it can."""
        for name in self.content.names:
            if not NAME.fullmatch(name):
                return f"The expression '{name}' is not supported by this simulator, which knows flat names only."
            if name not in self.values:
                return f"Attribute '{name}' is not present in the rendering data."
        return ""

    @property
    def subject(self) -> str:
        """The subject with its values."""
        return self._fill(self.content.subject)

    @property
    def html(self) -> str:
        """The HTML part with its values, unescaped as in SES."""
        return self._fill(self.content.html)

    @property
    def text(self) -> str:
        """The text part with its values."""
        return self._fill(self.content.text)

    def links(self) -> list[str]:
        """Where this recipient's links lead, without the unsubscribe page."""
        filled = [self._fill(link) for link in self.content.link_templates]
        return [link for link in filled if link.startswith(("http://", "https://")) and "unsubscribe" not in link]

    def _fill(self, text: str) -> str:
        if not self.content.template:
            return text
        return PLACEHOLDER.sub(lambda match: _as_text(self.values.get(match[1], match[0])), text)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def template_data(text: str | None, where: str) -> dict[str, Any]:
    """Read TemplateData or ReplacementTemplateData. Raises AmazonError (400) unless it is a JSON object."""
    if not text:
        return {}
    try:
        data = json.loads(text)
    except ValueError:
        raise bad_request(f"{where} is not valid JSON") from None
    if not isinstance(data, dict):
        raise bad_request(f"{where} must be a JSON object")
    return data
