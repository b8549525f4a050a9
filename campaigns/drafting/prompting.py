"""What a model is told: instructions from versioned files, and the facts as marked and masked data.

A version is a folder of prompts/; which one is used is decided in prompt_versions.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from campaigns.drafting import hostile, known_problems
from campaigns.drafting.facts import Facts, Issue
from campaigns.drafting.house import NO_HOUSE, House
from campaigns.drafting.jobs import JOBS
from campaigns.drafting.masking import Mask
from campaigns.drafting.text import BLOCK_KINDS, Sentence

#: The newest version in the files; the one that is live may be another.
VERSION = "v3"
WORD_MARK = "▁"
# Strict schemas may have 1,000 enum values and 15,000 characters of them (OpenAI, "Structured outputs").
MOST_ISSUES = 400
MOST_PROBLEMS = 20
LONGEST_SUMMARY = 300
LONGEST_NOTE = 2000
LONGEST_DESCRIPTION = 600
LONGEST_FACTS = 120_000

PROMPTS = Path(__file__).parent / "prompts"
_IMPORTANCE = {"breaking": 0, "feature": 1, "security": 2, "improvement": 3, "fix": 4, "other": 5}


@dataclass
class Prompt:
    """One request: instructions, facts as text, the keys that may be cited, and the table of what was masked."""

    instructions: str
    facts: str
    keys: tuple[str, ...]
    mask: Mask = field(default_factory=Mask)
    version: str = VERSION
    kinds: tuple[str, ...] = BLOCK_KINDS

    def restored(self, text: str) -> str:
        """What the model wrote, without our word marks and with private pieces put back."""
        return self.mask.unmask(text.replace(WORD_MARK, " "))


def for_mail(facts: Facts, step: str, house: House = NO_HOUSE, *, version: str = VERSION) -> Prompt:
    """The request for a whole mail."""
    return _prompt(facts, step, house, version, parts=("rules", step), more={})


def for_block(
    facts: Facts,
    step: str,
    block: str,
    now: tuple[Sentence, ...],
    house: House = NO_HOUSE,
    *,
    version: str = VERSION,
) -> Prompt:
    """The request for one block; `now` is what it says at present."""
    more = {"block": block, "now": [sentence.text for sentence in now]}
    return _prompt(facts, step, house, version, parts=("rules", step, "block"), more=more)


def mail_schema(keys: tuple[str, ...], kinds: tuple[str, ...] = BLOCK_KINDS) -> dict[str, Any]:
    """The strict schema of a mail: only these issue keys can be cited. No length limits: servers cut in mid-word."""
    block = _object(kind={"type": "string", "enum": list(kinds)}, sentences=_sentences(keys))
    return _object(subject={"type": "string"}, preheader={"type": "string"}, blocks={"type": "array", "items": block})


def block_schema(keys: tuple[str, ...]) -> dict[str, Any]:
    """The strict schema of the sentences of one block."""
    return _object(sentences=_sentences(keys))


def _sentences(keys: tuple[str, ...]) -> dict[str, Any]:
    key: dict[str, Any] = {"type": "string", "enum": list(keys)} if keys else {"type": "string"}
    return {"type": "array", "items": _object(text={"type": "string"}, keys={"type": "array", "items": key})}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _prompt(
    facts: Facts, step: str, house: House, version: str, *, parts: tuple[str, ...], more: dict[str, Any]
) -> Prompt:
    instructions = "\n".join([*(_file(version, name) for name in parts), _wishes(version, house)]).rstrip() + "\n"
    mask = Mask(names=house.customer_names, people=house.people, allowed=house.hosts)
    early = step in JOBS and JOBS[step].before_the_day
    # A hole is told when clients can close it.
    told = [issue for issue in facts.issues if not (early and issue.kind == "security")]
    problems = _problems(facts, step, version)
    room = MOST_ISSUES - len(problems)
    chosen = sorted(told, key=lambda issue: (_IMPORTANCE[issue.kind], not issue.note))[:room]
    size = _description_size([*chosen, *problems])
    data = {
        "step": step,
        "product": {"name": facts.product},
        "release": {
            "name": _version(facts, mask),
            "release_date": facts.release_date.isoformat() if facts.release_date else None,
            "description": _data(facts.description, mask, LONGEST_DESCRIPTION),
        },
        **more,
        "issues": [_issue(issue, mask, size) for issue in chosen],
    }
    if problems:
        data["known_problems"] = [_issue(issue, mask, size) for issue in problems]
    text = json.dumps(data, ensure_ascii=False)
    keys = tuple(issue.key for issue in (*chosen, *problems))
    kinds = tuple(kind for kind in BLOCK_KINDS if problems or kind != known_problems.BLOCK)
    return Prompt(instructions, text, keys, mask, version, kinds)


def _version(facts: Facts, mask: Mask) -> str:
    """The name of the version; one of several words is data like all others, and may name a customer."""
    version = hostile.spoken_version(facts, mask.allowed)
    return version if len(version.split()) < 2 else _data(version, mask, LONGEST_SUMMARY)


def _problems(facts: Facts, step: str, version: str) -> tuple[Issue, ...]:
    """The known problems that the model is told of: for the follow-up, by a version of the prompts that knows them."""
    if step != "follow_up" or "known_problems" not in _file(version, "follow_up"):
        return ()
    return facts.problems[:MOST_PROBLEMS]


def _description_size(issues: list[Issue]) -> int:
    """How much of each description is sent: they are what a long release can do without."""
    rest = sum(len(issue.summary) + min(len(issue.note), LONGEST_NOTE) + 150 for issue in issues)
    for size in (LONGEST_DESCRIPTION, 200):
        if rest + sum(min(len(issue.description), size) for issue in issues) <= LONGEST_FACTS:
            return size
    return 0


def _issue(issue: Issue, mask: Mask, description: int) -> dict[str, Any]:
    return {
        "key": issue.key,
        "kind": issue.kind,
        "summary": _data(issue.summary, mask, LONGEST_SUMMARY),
        "note": _data(issue.note, mask, LONGEST_NOTE),
        "description": _data(issue.description, mask, description),
        "components": [_data(name, mask, 60) for name in issue.components[:5]],
    }


def _data(text: str, mask: Mask, longest: int) -> str:
    """Jira text as a model may see it: visible characters only, nothing private, no orders, words joined by a mark."""
    # Twice the length, so that nothing private is cut in half before it is masked.
    shown = hostile.without_suspicious_lines(text[: 2 * longest], mask.allowed)
    masked = mask.mask(shown).replace(WORD_MARK, " ")
    if len(masked) > longest:
        masked = masked[:longest].rsplit(" ", 1)[0] + "…" if longest else ""
    return "\n".join(WORD_MARK.join(line.split()) for line in masked.splitlines() if line.strip())


def _wishes(version: str, house: House) -> str:
    """The settings of the product in the words of the version; lines of what is not set are left out."""
    values = {
        "language": house.language_name,
        "audience": house.audience,
        "tone": house.tone,
        "preferred": "; ".join(f"“{said}”, not “{word}”" for word, said in house.preferred),
        "forbidden": ", ".join(house.forbidden),
    }
    lines = []
    for line in _file(version, "house", optional=True).splitlines():
        name = next((name for name in values if f"{{{name}}}" in line), "")
        if not name:
            lines.append(line)
        elif values[name]:
            lines.append(line.replace(f"{{{name}}}", values[name]))
    return "\n".join(lines)


@lru_cache(maxsize=64)
def _file(version: str, name: str, optional: bool = False) -> str:
    path = PROMPTS / version / f"{name}.md"
    return "" if optional and not path.exists() else path.read_text(encoding="utf-8")
