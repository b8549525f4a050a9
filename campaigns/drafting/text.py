"""The text of one e-mail as data: blocks of sentences, each sentence with the Jira issues that it rests on.

Nothing here is HTML and nothing is a template; a template decides how the blocks look. A person edits
one sentence a line, with its issue keys in square brackets at the end:

    Imports now keep the sender's time zone. [HARBOR-12, HARBOR-15]
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

BLOCK_KINDS = ("intro", "highlights", "breaking", "fixes", "problems", "action", "closing")
LONGEST_SUBJECT = 200
LONGEST_PREHEADER = 300
LONGEST_SENTENCE = 1000
MOST_SENTENCES = 100

KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]*")
_KEYS_AT_END = re.compile(r"^(?P<text>.*?)\s*\[(?P<keys>[A-Za-z0-9_\-,; ]*)\]$", re.DOTALL)


class TextProblem(ValueError):
    """A text that cannot be read as a draft; the message says what is wrong and where."""


@dataclass(frozen=True)
class Sentence:
    """One sentence and the keys of the issues that it rests on. White space is made single."""

    text: str
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", tidy(self.text))
        object.__setattr__(self, "keys", tuple(dict.fromkeys(self.keys)))


@dataclass(frozen=True)
class Block:
    """A part of the mail, of one of BLOCK_KINDS."""

    kind: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class DraftText:
    """Subject, preheader and blocks of one e-mail.

    `blocks` stand in the order of BLOCK_KINDS. How they follow one another in the mail is the template's, unless a
    person chose another: then `order` names their kinds in it.
    """

    subject: str
    preheader: str
    blocks: tuple[Block, ...]
    order: tuple[str, ...] = ()

    def sentences(self) -> Iterator[tuple[str, int, Sentence]]:
        """Every sentence with the kind of its block and its place in it, from 0."""
        for block in self.blocks:
            for index, sentence in enumerate(block.sentences):
                yield block.kind, index, sentence

    def block(self, kind: str) -> tuple[Sentence, ...]:
        """The sentences of a block; none when the mail has no such block."""
        return next((block.sentences for block in self.blocks if block.kind == kind), ())

    def words_at(self, part: str, index: int = 0) -> str:
        """The subject, the preheader or one sentence of a block; "" of the mail as a whole or past the end."""
        if part in ("subject", "preheader"):
            return self.subject if part == "subject" else self.preheader
        sentences = self.block(part)
        return sentences[index].text if 0 <= index < len(sentences) else ""

    def with_block(self, kind: str, sentences: Iterable[Sentence]) -> DraftText:
        """The same mail with another content of one block, in its usual place; without sentences it goes."""
        kept = {block.kind: block.sentences for block in self.blocks}
        kept[kind] = tuple(sentences)
        return replace(self, blocks=_arranged(kept))

    def keys(self) -> tuple[str, ...]:
        """Every cited key once, in the order of the text."""
        return tuple(dict.fromkeys(key for _, _, sentence in self.sentences() for key in sentence.keys))

    def word_count(self) -> int:
        """Words of the body; where a script has no spaces two characters count as one word."""
        body = " ".join(sentence.text for _, _, sentence in self.sentences())
        unspaced = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]", body))
        return len(re.findall(r"[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[.'’/#-]\w+)*", body)) + unspaced // 2

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready form that `from_json` reads back to the same text. Without an order of its own it names none."""
        return {
            **({"order": list(self.order)} if self.order else {}),
            "subject": self.subject,
            "preheader": self.preheader,
            "blocks": [
                {
                    "kind": block.kind,
                    "sentences": [{"text": sentence.text, "keys": list(sentence.keys)} for sentence in block.sentences],
                }
                for block in self.blocks
            ],
        }

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex: two texts with one digest say the same."""
        canonical = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @classmethod
    def from_json(cls, data: Any) -> DraftText:
        """Read and check what a model or a page handed in.

        Raises TextProblem for a missing or mistyped field, an unknown or doubled block, a malformed key
        or a text that is too long. Blocks are put in their usual order, empty ones are dropped; `order` may be missing.
        """
        mail = _mapping(data, "the draft")
        blocks: dict[str, tuple[Sentence, ...]] = {}
        for number, item in enumerate(_listed(mail, "blocks", "the draft"), start=1):
            block = _mapping(item, f"block {number}")
            kind = _text(block, "kind", f"block {number}", 40)
            if kind not in BLOCK_KINDS:
                raise TextProblem(f"block {number} is of kind {kind!r}; it must be one of {', '.join(BLOCK_KINDS)}")
            if kind in blocks:
                raise TextProblem(f"there are two blocks of kind {kind!r}; a mail has at most one")
            blocks[kind] = sentences_from_json(block.get("sentences"), kind)
        if sum(len(sentences) for sentences in blocks.values()) > MOST_SENTENCES:
            raise TextProblem(f"the draft has more than {MOST_SENTENCES} sentences")
        subject = tidy(_text(mail, "subject", "the draft", LONGEST_SUBJECT))
        if not subject:
            raise TextProblem("the subject is empty")
        return cls(
            subject=subject,
            preheader=tidy(_text(mail, "preheader", "the draft", LONGEST_PREHEADER)),
            blocks=_arranged(blocks),
            order=_order(mail),
        )


def sentences_from_json(data: Any, kind: str) -> tuple[Sentence, ...]:
    """The sentences of one block out of JSON; sentences without text are dropped. Raises TextProblem."""
    if not isinstance(data, list):
        raise TextProblem(f"block {kind!r} has no list of sentences")
    sentences = []
    for number, item in enumerate(data, start=1):
        place = f"sentence {number} of block {kind!r}"
        entry = _mapping(item, place)
        keys = _listed(entry, "keys", place)
        for key in keys:
            if not isinstance(key, str) or not KEY.fullmatch(key):
                raise TextProblem(f"{place} cites {key!r}, which is not the key of a Jira issue")
        sentence = Sentence(_text(entry, "text", place, LONGEST_SENTENCE), tuple(keys))
        if sentence.text:
            sentences.append(sentence)
    return tuple(sentences)


def to_lines(sentences: Iterable[Sentence]) -> str:
    """The form in which a person edits a block: one sentence a line, keys in brackets at its end."""
    lines = []
    for sentence in sentences:
        if sentence.keys:
            lines.append(f"{sentence.text} [{', '.join(sentence.keys)}]")
        elif _KEYS_AT_END.match(sentence.text):
            # Empty brackets keep a text that itself ends in brackets from being read as keys.
            lines.append(f"{sentence.text} []")
        else:
            lines.append(sentence.text)
    return "\n".join(lines)


def from_lines(lines: str) -> tuple[Sentence, ...]:
    """Read `to_lines` back. Empty lines are dropped, keys may be in small letters.

    Raises TextProblem for a line that has keys and no words, or is too long.
    """
    sentences = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", lines), start=1):
        text, keys = _split(tidy(line))
        if len(text) > LONGEST_SENTENCE:
            raise TextProblem(f"line {number} is longer than {LONGEST_SENTENCE} characters")
        if text:
            sentences.append(Sentence(text, keys))
        elif keys:
            raise TextProblem(f"line {number} cites {', '.join(keys)} but says nothing")
    return tuple(sentences)


def tidy(text: str) -> str:
    """Make every run of white space one blank and drop control characters, which no mail can show."""
    spaced = " ".join(text.split())
    if spaced.isprintable():
        return spaced
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs")).split())


def _split(line: str) -> tuple[str, tuple[str, ...]]:
    match = _KEYS_AT_END.match(line)
    if not match:
        return line, ()
    keys = [key.upper() for key in re.split(r"[,; ]+", match["keys"].strip()) if key]
    if not all(KEY.fullmatch(key) for key in keys):
        return line, ()
    return match["text"], tuple(keys)


def _arranged(blocks: Mapping[str, tuple[Sentence, ...]]) -> tuple[Block, ...]:
    return tuple(Block(kind, blocks[kind]) for kind in BLOCK_KINDS if blocks.get(kind))


def _order(mail: Mapping[str, Any]) -> tuple[str, ...]:
    """The order of the blocks that a person chose; none when it is not named."""
    kinds = _listed({"order": mail.get("order") or []}, "order", "the draft")
    if len(set(map(str, kinds))) != len(kinds) or not set(map(str, kinds)) <= set(BLOCK_KINDS):
        raise TextProblem(f"the order of the blocks names other kinds than {', '.join(BLOCK_KINDS)}, or one twice")
    return tuple(map(str, kinds))


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TextProblem(f"{place} is not an object with named fields")
    return value


def _listed(value: Mapping[str, Any], name: str, place: str) -> list[Any]:
    found = value.get(name)
    if not isinstance(found, list):
        raise TextProblem(f"{place} has no list {name!r}")
    return found


def _text(value: Mapping[str, Any], name: str, place: str, longest: int) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise TextProblem(f"{place} has no text {name!r}")
    if len(found) > longest:
        raise TextProblem(f"{name!r} of {place} is longer than {longest} characters")
    return found
