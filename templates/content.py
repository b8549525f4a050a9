"""What one mail says, before any template gives it a look. Plain data; nothing here is HTML."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# The places of a mail, in their usual order; the same names as the blocks of a draft.
SECTION_KINDS = ("intro", "highlights", "breaking", "fixes", "problems", "action", "closing")
# Places that a template need not have; what they would show then stands at the head of the closing, under its name.
OPTIONAL = ("problems",)
# Shown as a list when they have more than one item.
LISTS = ("highlights", "breaking", "fixes", "problems")


@dataclass(frozen=True)
class Section:
    """The text of one place. Each item is a paragraph or, in one of LISTS, a point of a list.

    Sentences that belong together (one issue) are best joined to one item. Items are plain text in which recipient
    placeholders such as `{{ first_name }}` may stand. The words above a section belong to the template.
    """

    kind: str
    items: tuple[str, ...]

    @property
    def as_list(self) -> bool:
        """Whether it is shown as a list."""
        return self.kind in LISTS and len(self.items) > 1


@dataclass(frozen=True)
class MailContent:
    """Everything that a template can show. Texts are as people or a model wrote them: never trusted, never HTML.

    `action_label` and `action_url` are the one button; both or neither. Without an address to lead to, leave the
    label's words in the action section. `brand_colour` is #rrggbb, `language` a BCP 47 tag such as "en" or "pt-BR".
    `order` names sections in the order in which they are wanted, as far as the template lets them change places;
    without it the template decides.
    """

    subject: str
    preheader: str
    sections: tuple[Section, ...]
    product_name: str
    version: str
    sender_name: str
    postal_address: str
    release_date: dt.date | None = None
    action_label: str = ""
    action_url: str = ""
    brand_colour: str = "#1f5fbf"
    language: str = "en"
    order: tuple[str, ...] = ()

    def section(self, kind: str) -> Section:
        """The section of that kind; an empty one when the mail has none."""
        return next((section for section in self.sections if section.kind == kind), Section(kind, ()))


def written_date(day: dt.date | None) -> str:
    """A day as English readers everywhere understand it: 25 November 2026. Empty without a day."""
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    )  # fmt: skip
    return f"{day.day} {months[day.month - 1]} {day.year}" if day else ""
