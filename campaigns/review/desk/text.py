"""The text where it is edited: its parts in the order of the mail, and what was typed and not saved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property

from campaigns.review import actions
from campaigns.review.desk.decision import Decision
from campaigns.review.models import KeptText
from campaigns.review.preflight import Finding
from campaigns.review.typed import LABELS, Typed, typed_of
from templates import arrangement, placeholders


@dataclass(frozen=True)
class SentenceLine:
    """One sentence of the mail with its issues and the worst finding on it."""

    text: str
    keys: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class Part:
    """Subject, preheader or a block: its sentences as they are saved, and its lines as they were typed."""

    kind: str
    label: str
    sentences: list[SentenceLine] = field(default_factory=list)
    lines: str = ""
    findings: list[Finding] = field(default_factory=list)
    movable: bool = False
    # Whether what was typed differs from what is saved.
    changed: bool = False

    @property
    def is_block(self) -> bool:
        """Whether it is one of the blocks, which have lines, can be taken out and may be moved."""
        return self.kind not in ("subject", "preheader")

    @property
    def blocking(self) -> bool:
        """Whether a finding on it stops the e-mail."""
        return any(finding.stops for finding in self.findings)


class TextColumn(Decision):
    """The editor."""

    @cached_property
    def typed(self) -> Typed | None:
        """What stands in the editor."""
        return typed_of(self.email, self.revision) if self.revision else None

    @cached_property
    def movable(self) -> tuple[str, ...]:
        """The kinds of blocks that may change places in it."""
        return arrangement.movable(self.email.template_version.mjml)

    def parts(self, typed: Typed | None = None) -> list[Part]:
        """The parts of the mail in its order, each sentence marked with the worst finding on it.

        Args:
            typed: what stands in the editor instead of the saved text.
        """
        saved = self.typed
        if self.text is None or saved is None:
            return []
        typed, before = typed or saved, saved.to_json()
        found: dict[str, list[Finding]] = {}
        if not self.is_out:
            for finding in self.open_findings:
                found.setdefault(finding.part, []).append(finding)
        parts = []
        for name, lines in typed.to_json().items():
            kind = name.removeprefix("block-")
            if kind == "order":
                continue
            marks = {one.index: "blocking" if one.blocking else "warning" for one in reversed(found.get(kind, []))}
            said = [SentenceLine(words, keys, marks.get(at, "")) for at, (words, keys) in enumerate(self._said(kind))]
            parts.append(
                Part(
                    kind, LABELS[kind], said, lines=lines, findings=found.get(kind, []), movable=kind in self.movable,
                    changed=lines != before[name],
                )
            )  # fmt: skip
        return parts

    def _said(self, kind: str) -> list[tuple[str, tuple[str, ...]]]:
        assert self.text is not None  # noqa: S101 - asked for the parts of a text only
        if kind in ("subject", "preheader"):
            words = self.text.subject if kind == "subject" else self.text.preheader
            return [(words, ())] if words else []
        return [(sentence.text, sentence.keys) for sentence in self.text.block(kind)]

    @property
    def text_first(self) -> bool:
        """Whether the text stands above the mail: for who is to write now; who decides looks at the mail first."""
        return self.may_write and self.email.state in ("drafted", "needs_changes")

    @property
    def saved(self) -> str:
        """The fields as they are saved, as JSON: what was typed is told from them, and an answer brings no scripts."""
        return json.dumps(self.typed.to_json() if self.typed else {})

    @property
    def samples(self) -> str:
        """The values of the sample reader as JSON, by which the page counts characters."""
        return json.dumps({name: placeholders.sample_values()[name] for name in sorted(placeholders.IN_TEXTS)})

    @cached_property
    def kept(self) -> str:
        """What this person typed and did not save, on whichever computer, as JSON; "" when there is nothing."""
        row = KeptText.objects.filter(email=self.email, user=self.user).first()
        if row is None:
            return ""
        return json.dumps({"basedOn": str(row.based_on), "at": int(row.at.timestamp() * 1000), "values": row.fields})

    @property
    def may_write(self) -> bool:
        """Whether the editor is offered: also while another person holds the lock, because it can be taken over."""
        edit = self.actions.get("edit")
        return bool(edit and (edit.allowed or (self.locked_by_another and self.user.has_perm(actions.EDIT))))

    @property
    def locked_by_another(self) -> bool:
        """Whether somebody else is editing."""
        return actions.locked_by_another(self.email, self.user, self.now)
