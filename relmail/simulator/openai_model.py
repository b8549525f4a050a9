"""What stands in for a language model: it reads the release facts in a prompt and writes a plain mail.

Any prompt will do that carries the facts as a JSON object with `release` and `issues`; the answer obeys
the JSON schema of the call. The same prompt gives the same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

STEPS = ("announcement", "reminder", "release_day", "follow_up")
WORD_MARK = "▁"
FAULT_WORDS = re.compile(
    r"\b(fail\w*|error\w*|broken|wrong\w*|incorrect\w*|missing|not|cannot|can't|don't|doesn't|won't|unable"
    r"|throw\w*|crash\w*|leak\w*|corrupt\w*|lost|loses?|race|flak\w+|exceptions?|NPE|\w+Exception)\b",
    re.I,
)


def write(prompt: str, schema: dict[str, Any] | None, *, foreign_key: str = "") -> str:
    """The model's answer as text; `foreign_key` makes every citation name that issue instead."""
    if schema is None:
        return "OK."
    facts = _facts(prompt)
    wanted = schema.get("properties") or {}
    if facts is None or not ({"subject", "blocks"} <= set(wanted) or "sentences" in wanted):
        return json.dumps(_fill(schema), ensure_ascii=False)
    mail = _mail(facts, _step(facts, prompt), _allowed_keys(schema))
    if "sentences" in wanted:
        kind = str(facts.get("block") or "highlights")
        mail = {"sentences": next((block["sentences"] for block in mail["blocks"] if block["kind"] == kind), [])}
    text = json.dumps(mail, ensure_ascii=False)
    return re.sub(r'"keys": \["[^\]]*"\]', lambda _: f'"keys": ["{foreign_key}"]', text) if foreign_key else text


def _facts(prompt: str) -> dict[str, Any] | None:
    """The first JSON object in the prompt that has a release and issues."""
    decoder = json.JSONDecoder()
    position = prompt.find("{")
    while position >= 0:
        try:
            found, end = decoder.raw_decode(prompt, position)
        except ValueError:
            end = position + 1
        else:
            if isinstance(found, dict) and isinstance(found.get("issues"), list) and "release" in found:
                return found
        position = prompt.find("{", end)
    return None


def _step(facts: dict[str, Any], prompt: str) -> str:
    if facts.get("step") in STEPS:
        return str(facts["step"])
    return next((step for step in STEPS if step in prompt), STEPS[0])


def _allowed_keys(schema: Any) -> set[str] | None:
    """The enum of the `keys` field wherever it is in the schema; None when any key may be given."""
    for name, child in _children(schema):
        if name == "keys" and isinstance(child, dict):
            enum = (child.get("items") or {}).get("enum")
            return set(enum) if enum else None
        found = _allowed_keys(child)
        if found is not None:
            return found
    return None


def _children(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from (schema.get("properties") or {}).items()
        if "items" in schema:
            yield "items", schema["items"]


def _fill(schema: dict[str, Any]) -> Any:
    """The plainest value that fits a schema: what a connection test gets."""
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: _fill(child) for name, child in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [_fill(schema.get("items") or {}) for _ in range(int(schema.get("minItems", 0)))]
    return {"boolean": True, "integer": 1, "number": 1.0}.get(str(kind), "ok")


def _mail(facts: dict[str, Any], step: str, allowed: set[str] | None) -> dict[str, Any]:
    release = facts.get("release") or {}
    product = _unmarked(str((facts.get("product") or {}).get("name") or "The product"))
    version = str(release.get("name") or "")
    last = product.rsplit(" ", 1)[-1]
    known = version.lower().startswith(last.lower())
    name = (product.removesuffix(last) + version if known else f"{product} {version}").strip()
    when = _spoken_date(release.get("release_date"))
    issues = [issue for issue in facts["issues"] if allowed is None or issue.get("key") in allowed]
    breaking = [issue for issue in issues if issue.get("kind") == "breaking"]
    news = [issue for issue in issues if issue.get("kind") in ("feature", "improvement")]
    fixes = [issue for issue in issues if issue.get("kind") in ("fix", "security")]
    # An issue with a note of its own says most; among equals Jira's order stays.
    for group in (news, fixes):
        group.sort(key=lambda issue: not issue.get("note"))
    shares = {"announcement": (4, 3), "reminder": (0, 0), "release_day": (4, 4), "follow_up": (3, 2)}[step]
    asked = step in _ACTION_AFTER_STEPS and any(_steps(issue) for issue in breaking)
    blocks = {
        "intro": [_plain(_INTRO[step].format(name=name, on_date=f" on {when}" if when else ""))],
        "highlights": [_to_come(_told(issue), step) for issue in news[: shares[0]]],
        "breaking": [line for issue in breaking for line in (_told(issue), *_steps(issue))]
        if step != "follow_up"
        else [],
        "fixes": [_to_come(_told(issue), step) for issue in fixes[: shares[1]]],
        "problems": [_open(issue) for issue in facts.get("known_problems") or ()][:3],
        "action": [_plain((_ACTION_AFTER_STEPS if asked else _ACTION)[step].format(name=name))],
        "closing": [_plain(line.format(name=name)) for line in _CLOSING[step]],
    }
    return {
        "subject": _SUBJECT[step].format(name=name),
        "preheader": _PREHEADER[step].format(name=name),
        "blocks": [{"kind": kind, "sentences": sentences} for kind, sentences in blocks.items() if sentences],
    }


_SUBJECT = {
    "announcement": "{name} is coming soon",
    "reminder": "Reminder: {name} is near",
    "release_day": "{name} is available",
    "follow_up": "Your first week with {name}",
}
_PREHEADER = {
    "announcement": "What will change for you, and what to look at before the day.",
    "reminder": "The date once more, and the one step to take before it.",
    "release_day": "What is new, what was fixed, and how to get it.",
    "follow_up": "A short look back, and we would like to hear from you.",
}
_INTRO = {
    "announcement": "{name} will be released{on_date}.",
    "reminder": "{name} will be released{on_date}.",
    "release_day": "{name} is available from today.",
    "follow_up": "{name} has been available for a few days.",
}
_ACTION = {
    "announcement": "Please read the release notes before the update.",
    "reminder": "Please plan your update now.",
    "release_day": "Please update to {name} at your convenience.",
    "follow_up": "Please reply to this e-mail with your feedback.",
}
_ACTION_AFTER_STEPS = {
    "reminder": "Please take the steps above before the update.",
    "release_day": "Please take the steps above, then update.",
}
_CLOSING = {
    "announcement": (
        "If you have questions before the release, reply to this e-mail and a person will answer.",
        "If the date does not suit you, please tell us soon by a reply to this e-mail, or write to us later.",
        "We will write again shortly before the release, and once more on the day.",
    ),
    "reminder": (
        "If you have a question, reply to this e-mail and a person will answer.",
        "This message has nothing new: the changes are in our first message about this release.",
        "We will write again on the day of the release.",
    ),
    "release_day": (
        "If you have a question, reply to this e-mail and a person will answer.",
        "If something does not work after the update, please tell us by a reply to this e-mail.",
        "In some days we will write once more and ask how the update went.",
    ),
    "follow_up": (
        "If something does not work since the update, please tell us by a reply to this e-mail.",
        "Your answer helps us to plan the next release.",
        "Thank you for your time.",
    ),
}


def _told(issue: dict[str, Any]) -> dict[str, Any]:
    """One sentence about one issue, in the issue's own words."""
    text = _unmarked(issue.get("note") or "").strip().split("\n")[0]
    if "<!--" in text or "</" in text or len(text.split()) > 34:
        text = ""  # markup, or too long to be read
    text = re.sub(r"^[A-Z][A-Z0-9_]*-\d+:?\s+", "This change ", text)
    match = re.match(r"(.+?[.!?])(?:\s+[A-Z(]|$)", text)
    text = match.group(1) if match else text
    if not text:
        summary = _unmarked(issue.get("summary") or "").strip().rstrip(".")
        text = f"Fixed: {summary}." if issue.get("kind") == "fix" or FAULT_WORDS.search(summary) else f"{summary}."
    text = re.sub(r"\s+", " ", text)
    return {"text": text if text.endswith((".", "!", "?")) else text + ".", "keys": [issue.get("key")]}


_STEP = re.compile(
    r"(?:Before you (?:update|upgrade), |Please )?(?:update|upgrade|change|set|use|replace|convert|move|rename|install"
    r"|migrate|remove|run|switch|configure|check)\b|.*\b(?:needs? to|must|ha(?:s|ve) to)\b",
    re.I,
)


def _steps(issue: dict[str, Any]) -> list[dict[str, Any]]:
    """What the note of a breaking change asks readers to do, where its first sentence does not say it."""
    note = " ".join(_unmarked(issue.get("note") or "").split("\n")[0].split())
    parts = re.split(r"(?<=[.!?])\s+(?=[A-Z(])", note)[1:]
    asked = [part for part in parts if _STEP.match(part) and "</" not in part and len(part.split()) <= 34][:1]
    return [{"text": part, "keys": [issue.get("key")]} for part in asked]


def _to_come(sentence: dict[str, Any], step: str) -> dict[str, Any]:
    """A fault that is quoted as fixed will be fixed, before the day."""
    if step not in ("announcement", "reminder"):
        return sentence
    return {**sentence, "text": re.sub(r"^Fixed:", "Will be fixed:", sentence["text"])}


def _open(issue: dict[str, Any]) -> dict[str, Any]:
    """One sentence about a known problem: what is wrong, as its summary says."""
    summary = re.sub(r"\s+", " ", _unmarked(issue.get("summary") or "").strip().rstrip("."))
    return {"text": f"{summary}.", "keys": [issue.get("key")]}


def _plain(text: str) -> dict[str, Any]:
    return {"text": text, "keys": []}


def _unmarked(text: str) -> str:
    return text.replace(WORD_MARK, " ")


def _spoken_date(value: Any) -> str:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return ""
    return f"{day.day} {day:%B %Y}"
