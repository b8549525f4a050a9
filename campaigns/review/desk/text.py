"""The text where it is edited: its parts in the order of the mail, and what was typed and not saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from campaigns.review import actions
from campaigns.review.desk.decision import Decision
from campaigns.review.models import KeptText
from campaigns.review.typed import LABELS, Typed, typed_of
from templates import arrangement


@dataclass(frozen=True)
class SentenceLine:
    """One sentence of the mail with its issues and the worst finding on it."""

    text: str
    keys: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class Part:
    """Subject, preheader or a block, with its sentences."""

    kind: str
    label: str
    sentences: list[SentenceLine] = field(default_factory=list)


class TextColumn(Decision):
    """The editor."""

    @cached_property
    def typed(self) -> Typed | None:
        """What stands in the editor."""
        return typed_of(self.email, self.revision) if self.revision else None

    @property
    def order(self) -> tuple[str, ...]:
        """How the blocks follow one another in the mail."""
        return arrangement.order_in(self.email.template_version.mjml, self.text.order if self.text else ())

    @property
    def movable(self) -> tuple[str, ...]:
        """The kinds of blocks that may change places in it."""
        return arrangement.movable(self.email.template_version.mjml)

    @cached_property
    def parts(self) -> list[Part]:
        """The sentences of the mail, each marked with the worst finding on it."""
        if self.text is None:
            return []
        marks: dict[tuple[str, int], str] = {}
        for found in reversed(self.open_findings):
            marks[found.part, found.index] = "blocking" if found.blocking else "warning"
        parts = [
            Part("subject", LABELS["subject"], [SentenceLine(self.text.subject, (), marks.get(("subject", 0), ""))]),
            Part(
                "preheader",
                LABELS["preheader"],
                [SentenceLine(self.text.preheader, (), marks.get(("preheader", 0), ""))],
            ),
        ]
        for kind in self.order:
            lines = [
                SentenceLine(sentence.text, sentence.keys, marks.get((kind, index), ""))
                for index, sentence in enumerate(self.text.block(kind))
            ]
            if lines:
                parts.append(Part(kind, LABELS[kind], lines))
        return parts

    @cached_property
    def kept(self) -> dict[str, Any] | None:
        """What this person typed and did not save, on whichever computer; None when there is nothing."""
        row = KeptText.objects.filter(email=self.email, user=self.user).first()
        if row is None:
            return None
        return {"basedOn": str(row.based_on), "at": int(row.at.timestamp() * 1000), "values": row.fields}

    @property
    def may_write(self) -> bool:
        """Whether the editor is offered: also while another person holds the lock, because it can be taken over."""
        edit = self.actions.get("edit")
        return bool(edit and (edit.allowed or (self.locked_by_another and self.user.has_perm(actions.EDIT))))

    @property
    def locked_by_another(self) -> bool:
        """Whether somebody else is editing."""
        return actions.locked_by_another(self.email, self.user, self.now)
