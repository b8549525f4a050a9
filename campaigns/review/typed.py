"""What a person typed into the editor: kept as it is until it can be read as a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.drafting.text import BLOCK_KINDS, DraftText, TextProblem, from_lines, to_lines

LABELS = {
    "subject": "Subject",
    "preheader": "Preheader",
    "intro": "Introduction",
    "highlights": "Highlights",
    "breaking": "Changes that need action",
    "fixes": "Improvements and fixes",
    "action": "What to do",
    "closing": "Closing",
}


@dataclass(frozen=True)
class Typed:
    """The fields of the editor. `based_on` is the number of the revision that was opened."""

    subject: str
    preheader: str
    blocks: dict[str, str]
    based_on: int

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Typed:
        """Read a form; missing fields are empty."""
        number = str(form.get("based_on", ""))
        return cls(
            subject=form.get("subject", ""),
            preheader=form.get("preheader", ""),
            blocks={kind: form.get(f"block-{kind}", "") for kind in BLOCK_KINDS},
            based_on=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
        )

    @classmethod
    def of(cls, text: DraftText, based_on: int) -> Typed:
        """The editor's fields for a text."""
        return cls(text.subject, text.preheader, {kind: to_lines(text.block(kind)) for kind in BLOCK_KINDS}, based_on)

    def to_json(self) -> dict[str, str]:
        """The fields by the names that the form gives them."""
        return {
            "subject": self.subject, "preheader": self.preheader,
            **{f"block-{kind}": lines for kind, lines in self.blocks.items()},
        }  # fmt: skip

    def text(self) -> DraftText:
        """The text that was typed. Raises TextProblem, naming the part, when it cannot be read."""
        blocks = []
        for kind, lines in self.blocks.items():
            try:
                sentences = from_lines(lines)
            except TextProblem as problem:
                raise TextProblem(f"{LABELS[kind]}: {problem}.") from problem
            blocks.append(
                {"kind": kind, "sentences": [{"text": each.text, "keys": list(each.keys)} for each in sentences]}
            )
        try:
            return DraftText.from_json({"subject": self.subject, "preheader": self.preheader, "blocks": blocks})
        except TextProblem as problem:
            raise TextProblem(f"{problem}.") from problem

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """The blocks as (kind, label, lines)."""
        return [(kind, LABELS[kind], self.blocks[kind]) for kind in BLOCK_KINDS]
