"""Jira's texts as plain text: wiki markup (REST version 2) and the Atlassian Document Format (version 3).

Nothing here raises, whatever comes from outside: a text that cannot be understood is given as it is. Characters
that a reader cannot see are taken out, because hidden text could say to a model what no reviewer reads.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

#: Characters of a note or description that are kept; the rest is cut with an ellipsis.
LIMIT = 20_000
#: Input beyond this is not even looked at: the markup of a text may be longer than the text.
INPUT_LIMIT = 80_000
DEPTH = 60

# Controls, zero-width and bidirectional marks, Hangul fillers, the tag block, variation selectors beyond the
# emoji ones, and lone surrogates, which no database takes.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def plain_text(value: Any, limit: int = LIMIT) -> str:
    """Wiki markup (a string) or ADF (a dictionary) as plain text of at most `limit` characters. Never raises."""
    if isinstance(value, dict):
        text = _adf(value)
    elif isinstance(value, str):
        text = _wiki(clean(value[:INPUT_LIMIT]))
    else:
        text = ""
    text = re.sub(r"[ \t]+\n", "\n", clean(text))
    return shortened(re.sub(r"\n{3,}", "\n\n", text).strip(), limit)


def one_line(value: Any, limit: int) -> str:
    """A name or summary: no markup is read, white space is joined. Never raises."""
    if not isinstance(value, str):
        return ""
    return shortened(" ".join(clean(value[:INPUT_LIMIT]).split()), limit)


def clean(text: str) -> str:
    """The text without invisible characters, with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _INVISIBLE.sub("", text.replace("\u00a0", " "))


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


# --- wiki markup -----------------------------------------------------------------------------------------------------

_VERBATIM = re.compile(r"\{(code|noformat)(?::[^}\n]{0,200})?\}\n?(.*?)\n?\{\1\}", re.DOTALL)
_MACRO = re.compile(r"\{(?:code|noformat|quote|panel|color|info|note|warning|tip|expand|anchor)(?::[^}\n]{0,200})?\}")
_RULES: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"^h[1-6]\.\s*", re.MULTILINE), ""),
    (re.compile(r"^bq\.\s*", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*-{4,}[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*[*#-]{1,6}[ \t]+", re.MULTILINE), "- "),
    (re.compile(r"!([^!|\n\s]{1,200}\.(?:png|jpe?g|gif|svg|webp|mp4))(?:\|[^!\n]{0,200})?!", re.I), r"(image \1)"),
    (re.compile(r"\[~(?:accountid:)?([^\]\n]{1,200})\]"), r"@\1"),
    (re.compile(r"\[\^([^\]\n]{1,200})\]"), r"(file \1)"),
    (re.compile(r"\[([^\]|\n]{1,500})\|([^\]|\n]{1,2000})(?:\|[^\]\n]{0,200})?\]"), lambda m: _link(m[1], m[2])),
    (re.compile(r"\[((?:https?|mailto):[^\]\s|]{1,2000})\]"), r"\1"),
    (re.compile(r"\{\{(.{1,500}?)\}\}"), r"\1"),
    (re.compile(r"\?\?([^?\n]{1,300})\?\?"), r"\1"),
    (re.compile(r"(?<![\w*\\])\*(?=[\w\"'(\[])([^*\n]{0,500}[^\s*\\])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w\\])_(?=[^\W_]|[\"'(\[])([^_\n]{0,500}[^\s_\\])_(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w+\\])\+(?=[^\W\d_])([^+\n]{0,300}[^\s+\\])\+(?![\w+])"), r"\1"),
    (re.compile(r"\\\\"), "\n"),
    (re.compile(r"\\([*_\-+\[\]{}|!#^~])"), r"\1"),
]  # fmt: skip


def _wiki(text: str) -> str:
    """Line by line, without a parser: markup that is not closed stays as it was written."""
    parts, at = [], 0
    for found in _VERBATIM.finditer(text):
        parts += [_prose(text[at : found.start()]), "\n" + found.group(2) + "\n"]
        at = found.end()
    return "".join([*parts, _prose(text[at:])])


def _prose(text: str) -> str:
    text = _MACRO.sub("", text).replace("&nbsp;", " ")
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return "\n".join(_row(line) if line.lstrip().startswith("|") else line for line in text.split("\n"))


def _row(line: str) -> str:
    """A table row: cells joined by a bar, no bars at the ends."""
    cells = [cell.strip() for cell in re.split(r"\|{1,2}", line.strip().strip("|"))]
    return " | ".join(cells)


def _link(words: str, target: str) -> str:
    words, target = words.strip(), target.strip()
    return target if words == target or not words else f"{words} ({target})"


# --- ADF -------------------------------------------------------------------------------------------------------------

_BLOCKS = {
    "paragraph", "heading", "codeBlock", "blockquote", "panel", "rule", "table", "bulletList", "orderedList",
    "taskList", "decisionList", "mediaSingle", "mediaGroup", "expand", "nestedExpand", "layoutSection",
    "layoutColumn", "blockCard", "embedCard", "extension", "bodiedExtension", "listItem", "taskItem",
    "decisionItem", "tableRow",
}  # fmt: skip


def _adf(node: Any, depth: int = 0) -> str:
    """The text of a node and all below it; unknown nodes give what text they have."""
    if not isinstance(node, dict):
        return ""
    if depth > DEPTH:
        return _all_text(node)
    kind = str(node.get("type") or "")
    given = node.get("attrs")
    attrs: dict[str, Any] = given if isinstance(given, dict) else {}
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(node, attrs, depth)
    inner = _children(node, depth)
    title = _string(attrs.get("title"))
    return f"{title}\n{inner}" if title and kind in ("expand", "nestedExpand") else inner or _loose(attrs)


def _children(node: dict[str, Any], depth: int) -> str:
    """Blocks stand on lines of their own, with an empty line between those of the document itself."""
    content = node.get("content")
    gap = "\n" if depth else "\n\n"
    text = ""
    for child in content if isinstance(content, list) else []:
        piece = _adf(child, depth + 1)
        if isinstance(child, dict) and str(child.get("type")) in _BLOCKS:
            text = f"{text.rstrip()}{gap}{piece}{gap}" if text.strip() else f"{piece}{gap}"
        else:
            text += piece
    return text


def _text(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    text = _string(node.get("text"))
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else []:
        if isinstance(mark, dict) and mark.get("type") == "link" and isinstance(mark.get("attrs"), dict):
            return _link(text, _string(mark["attrs"].get("href"))) if mark["attrs"].get("href") else text
    return text


def _list(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    content = node.get("content")
    lines = []
    for number, item in enumerate(content if isinstance(content, list) else [], 1):
        done = isinstance(item, dict) and isinstance(item.get("attrs"), dict) and item["attrs"].get("state") == "DONE"
        mark = f"{number}. " if node.get("type") == "orderedList" else "[x] " if done else "- "
        lines.append(mark + _adf(item, depth + 1).strip().replace("\n", "\n  "))
    return "\n".join(lines) + "\n"


def _table_row(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    content = node.get("content")
    cells = [_adf(cell, depth + 1).strip() for cell in (content if isinstance(content, list) else [])]
    return " | ".join(cell.replace("\n", " ") for cell in cells) + "\n"


def _date(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    try:
        return dt.datetime.fromtimestamp(int(attrs.get("timestamp", "")) / 1000, dt.UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return _string(attrs.get("timestamp"))


def _media(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    return f"(image {_string(attrs.get('alt'))})" if attrs.get("alt") else "(attachment)"


_SPECIAL: dict[str, Callable[[dict[str, Any], dict[str, Any], int], str]] = {
    "text": _text,
    "hardBreak": lambda node, attrs, depth: "\n",
    "rule": lambda node, attrs, depth: "\n",
    "bulletList": _list, "orderedList": _list, "taskList": _list, "decisionList": _list,
    "tableRow": _table_row,
    "date": _date,
    "media": _media, "mediaInline": _media,
    "mention": lambda node, attrs, depth: _string(attrs.get("text")) or "@someone",
    "emoji": lambda node, attrs, depth: _string(attrs.get("text")) or _string(attrs.get("shortName")),
    "status": lambda node, attrs, depth: _string(attrs.get("text")),
    "inlineCard": lambda node, attrs, depth: _string(attrs.get("url")),
    "blockCard": lambda node, attrs, depth: _string(attrs.get("url")),
    "embedCard": lambda node, attrs, depth: _string(attrs.get("url")),
}  # fmt: skip


def _loose(attrs: dict[str, Any]) -> str:
    """What a node without content may still say."""
    return next((_string(attrs[name]) for name in ("text", "title", "url", "extensionTitle") if attrs.get(name)), "")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _all_text(node: dict[str, Any]) -> str:
    """All text below a node, in order, without recursion; for nesting that no editor makes."""
    stack: list[Any] = [node]
    words = []
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            if isinstance(top.get("text"), str):
                words.append(top["text"])
            content = top.get("content")
            stack.extend(reversed(content) if isinstance(content, list) else [])
    return " ".join(words)
