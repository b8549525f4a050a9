"""What a person typed into the editor: kept as it is until it can be read as a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.drafting.models import Revision
from campaigns.drafting.selectors import current_revision, text_of
from campaigns.drafting.text import BLOCK_KINDS, DraftText, TextProblem, from_lines, to_lines
from campaigns.planning.models import CampaignEmail
from templates import arrangement

LABELS = {
    "subject": "Subject",
    "preheader": "Preheader",
    "intro": "Introduction",
    "highlights": "Highlights",
    "breaking": "Changes that need action",
    "fixes": "Improvements and fixes",
    "problems": "Known problems",
    "action": "What to do",
    "closing": "Closing",
    "order": "Order of the parts",
}


@dataclass(frozen=True)
class Typed:
    """The fields of the editor, the blocks in the order of the mail. `based_on` is the revision that was opened."""

    subject: str
    preheader: str
    blocks: dict[str, str]
    based_on: int
    # Whether the order of the blocks was said; what does not say it has that of the text it was typed on.
    ordered: bool = False

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Typed:
        """Read a form; missing fields are empty."""
        number = str(form.get("based_on", ""))
        order = [kind for kind in dict.fromkeys(form.get("order", "").split(",")) if kind in BLOCK_KINDS]
        return cls(
            subject=form.get("subject", ""),
            preheader=form.get("preheader", ""),
            # Browsers end lines in two characters where the text has one.
            blocks={
                kind: form.get(f"block-{kind}", "").replace("\r\n", "\n")
                for kind in dict.fromkeys([*order, *BLOCK_KINDS])
            },
            ordered=bool(order),
            based_on=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
        )

    @classmethod
    def of(cls, text: DraftText, based_on: int, order: Sequence[str] = ()) -> Typed:
        """The editor's fields for a text; with an order, that in which the mail shows its blocks."""
        blocks = {kind: to_lines(text.block(kind)) for kind in order or BLOCK_KINDS}
        return cls(text.subject, text.preheader, blocks, based_on, ordered=bool(order))

    def to_json(self) -> dict[str, str]:
        """The fields by the names that the form gives them."""
        return {
            "subject": self.subject, "preheader": self.preheader,
            **{f"block-{kind}": lines for kind, lines in self.blocks.items()}, "order": self.order,
        }  # fmt: skip

    @property
    def order(self) -> str:
        """The order of the blocks as the form carries it; empty when none was said."""
        return ",".join(self.blocks) if self.ordered else ""

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
            return DraftText.from_json(
                {
                    "subject": self.subject, "preheader": self.preheader, "blocks": blocks,
                    "order": list(self.blocks) if self.ordered else [],
                }
            )  # fmt: skip
        except TextProblem as problem:
            raise TextProblem(f"{problem}.") from problem

    def placed_as(self, opened: Typed) -> Typed:
        """In the order of the text that was opened, unless it says one: who names no order moves nothing."""
        if self.ordered:
            return self
        blocks = {kind: self.blocks[kind] for kind in opened.blocks} | self.blocks
        return replace(self, blocks=blocks, ordered=opened.ordered)

    def rearranged(self, what: str, kind: str) -> Typed:
        """With one block moved "up" or "down" past the next one that has words, or with "delete" taken out."""
        filled = [each for each, lines in self.blocks.items() if lines.strip()]
        if kind not in filled:
            return self
        if what == "delete":
            return replace(self, blocks={**self.blocks, kind: ""})
        beside = filled.index(kind) + {"up": -1, "down": 1}.get(what, 0)
        if not 0 <= beside < len(filled):
            return self
        places = {kind: filled[beside], filled[beside]: kind}
        order = [places.get(each, each) for each in self.blocks]
        return replace(self, blocks={each: self.blocks[each] for each in order}, ordered=True)

    def on_top_of(self, newer: Typed, opened: Typed | None) -> Typed:
        """These fields on a newer text: a part that was not touched since it was opened is that of the newer text.

        Args:
            newer: the fields of the text that somebody saved in between.
            opened: those of the text that this editor opened; without it every part counts as touched.
        """
        mine, theirs, before = self.to_json(), newer.to_json(), opened.to_json() if opened else {}
        return Typed.from_form(
            {name: theirs[name] if mine[name] == before.get(name) else mine[name] for name in theirs}
            | {"based_on": str(newer.based_on)}
        )


def typed_on(email: CampaignEmail, form: Mapping[str, str]) -> Typed:
    """Read the editor's form for an e-mail; without an order of its own it has that of the text that was opened."""
    typed = Typed.from_form(form)
    if typed.ordered:
        return typed
    opened = email.revisions.filter(number=typed.based_on).first() or current_revision(email)
    return typed.placed_as(typed_of(email, opened)) if opened else typed


def typed_of(email: CampaignEmail, revision: Revision) -> Typed:
    """The editor's fields for a revision, its blocks in the order in which the mail shows them."""
    text = text_of(revision)
    return Typed.of(text, revision.number, arrangement.order_in(email.template_version.mjml, text.order))
