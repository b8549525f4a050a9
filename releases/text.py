"""Jira's texts as plain text: wiki markup (REST version 2) and the Atlassian Document Format (version 3).

Nothing here raises, whatever comes from outside: a text that cannot be understood is given as it is. Characters
that a reader cannot see are taken out, because hidden text could say to a model what no reviewer reads.
"""

from __future__ import annotations

import datetime as dt
import html
import json
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
    text = re.sub(r"(?<![ \t])[ \t]+\n", "\n", clean(text))
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
#
# Beside Jira's own marks those of Markdown that people type there: fences, links, bold, comments.

_VERBATIM = re.compile(
    r"\{(code|noformat)(?::(?P<options>[^}\n]{0,200}))?\}\n?(?P<raw>.*?)\n?\{\1\}"
    r"|^[ \t]*```[\w+-]{0,20}[ \t]*\n(?P<fenced>.*?)\n?[ \t]*```[ \t]*$"
    r"|\{adf(?::[^}\n]{0,100})?\}(?P<adf>.*?)\{adf\}",
    re.DOTALL | re.MULTILINE,
)
_MACRO = re.compile(
    r"\{(?:code|noformat|quote|panel|color|info|note|warning|tip|expand|anchor)(?::(?P<options>[^}\n]{0,200}))?\}"
)
# Names that may also stand in braces as themselves ("/items/{column}"): a macro only with options, or as a pair.
_MACRO_PAIR = re.compile(
    r"\{(section|column|div|span|style|center|excerpt|html|bgcolor|align|card|deck|details)\}(.{0,4000}?)\{\1\}",
    re.DOTALL,
)
_MACRO_WITH_OPTIONS = re.compile(
    r"\{(?P<name>section|column|div|span|style|center|excerpt|bgcolor|align|card|deck|details|status|jira|toc)"
    r":(?P<options>[^}\n]{0,200})\}"
)
# How Jira's editor marks what stands inside a word: {*}bold{*}, 10{^}3{^}, {{{}code{}}}.
_BRACED = re.compile(r"\{([*_+~-]|\^|\?\?)\}")
_SMART = frozenset(("smart-link", "smart-card", "smart-embed", "block-card", "embed-card"))
_PICTURE = r"(?:png|jpe?g|jfif|gif|svg|webp|bmp|tiff?|ico|heic|mp4|mov|avi|webm|pdf)"
_ICONS = {
    "/": "✔", "x": "✘", "!": "⚠", "?": "❓", "i": "ℹ", "y": "👍", "n": "👎", "on": "💡", "off": "💤", "+": "➕",
    "-": "➖",
    "*": "⭐", "*r": "⭐", "*g": "⭐", "*b": "⭐", "*y": "⭐", "flag": "⚑", "flagoff": "⚐",
}  # fmt: skip
_ICON = re.compile(r"(?<![^\s|])\((/|!|\?|\+|-|\*[rgby]?|on|off|flag|flagoff)\)(?![^\s|.,;:])")
# A letter in brackets is an icon at the head of a line or alone in a cell; elsewhere it may count points or be maths.
_LETTER_ICON = re.compile(r"(?:(?<=\|)|^)([ \t]*(?:- )?)\(([xiyn])\)(?=[ \t]|\||$)", re.MULTILINE)
_INLINE: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"\*\*(?=\S)([^*\n]{0,500}[^\s*])\*\*(?!\*)"), r"\1"),
    (re.compile(r"(?<![^\W_])(?<![*\\])\*(?=[\w\"'(\[+@“‘])([^*\n]{0,500}[^\s*\\])\*(?!\*|[^\W_])"), r"\1"),
    (re.compile(r"(?<![\w\\])_(?=[^\W_]|[\"'(\[+@“‘])([^_\n]{0,500}[^\s_\\])_(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w+\\])\+(?=[^\W\d_]|[\"'(“‘])([^+\n]{0,300}[^\s+\\])\+(?![\w+])"), r"\1"),
    (re.compile(r"(?<![\w\\-])-(?=[^\W\d_]|[\"'(“‘])([^-\n]{0,300}[^\s\\-])-(?![\w-])"), r"\1"),
    (re.compile(r"~~(?=\S)([^~\n]{0,300}\S)~~"), r"\1"),
    (re.compile(r"(?<![\w~\\/])~(?=\w)([^~\n]{0,100}\w)~(?![\w~])"), r"\1"),
    (re.compile(r"(?<![\w^\\])\^(?=\w)([^^\n]{0,100}\w)\^(?![\w^])"), r"\1"),
    (re.compile(r"\?\?([^?\n]{1,300})\?\?"), r"\1"),
]  # fmt: skip
_MARKDOWN_LINK = re.compile(
    r"!?\[([^\]\n]{0,500})\]\(<?((?:https?://|mailto:|\.{0,2}/)[^)\s>]{1,2000})>?(?: \"[^\"\n]{0,200}\")?\)"
)
_RULES: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"<!--.{0,2000}?-->", re.DOTALL), ""),
    (re.compile(r"^[ \t]*(?:h[1-6]|bq)\.(?:[ \t]+|$)", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*-{4,}[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*[*#-]{1,6}[ \t]+", re.MULTILINE), "- "),
    (re.compile(rf"!(?=[^\s!])([^!|\n]{{1,200}}\.{_PICTURE})(?:\|[^!\n]{{0,200}})?!", re.I), r"(image \1)"),
    (re.compile(r"!(?=[^\s!])([^!|\n\s]{1,200})\|(?:thumbnail|width|height|align|alt|border|vspace|hspace)\b[^!\n]{0,200}!"),
     r"(image \1)"),
    (re.compile(r"\[~accountid:[^\]\n]{1,200}\]"), "@someone"),
    (re.compile(r"\[~([^\]|\n]{1,200})(?:\|[^\]\n]{0,200})?\]"), r"@\1"),
    (re.compile(r"\[\^([^\]|\n]{1,200})(?:\|[^\]\n]{0,200})?\]"), r"(file \1)"),
    (re.compile(r"\[([^\]|\n]{1,500})\|([^\]|\n]{1,2000})(?:\|[^\]\n]{0,200})?\]"), lambda m: _wiki_link(m[1], m[2])),
    (re.compile(r"\[((?:[a-z][a-z0-9+.-]{1,20}://|mailto:|www\.)[^\]\s|]{1,2000})\]", re.I), r"\1"),
    (re.compile(r"\[#([^\]\s|]{1,200})\]"), r"\1"),
    (_MARKDOWN_LINK, lambda m: _link(m[1], m[2])),
    (re.compile(r"<((?:https?|ftp)://[^>\s]{1,2000}|mailto:[^>\s]{1,300})>", re.I), r"\1"),
    (re.compile(r"\{\{\{\}(.{1,500}?)\{\}\}\}"), r"\1"),
    (re.compile(r"\{\{(.{1,500}?)\}\}"), r"\1"),
    (re.compile(r"(?<![`\w])`([^`\n]{1,300})`(?![`\w])"), r"\1"),
    (re.compile(r"&(?:#x?[0-9a-f]{1,6}|[a-z]{2,8});", re.I), lambda m: html.unescape(m[0])),
]  # fmt: skip
_LAST: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"(?<=\s)---(?=\s)"), "—"),
    (re.compile(r"(?<=\s)--(?=\s)"), "–"),
    (re.compile(r"\\\\"), "\n"),
    (re.compile(r"(?<!\\)\\$", re.MULTILINE), ""),
    (re.compile(r"(?<=\d)\\([.)])"), r"\1"),
    (re.compile(r"\\([*_\-+\[\]{}|!#^~])"), r"\1"),
]


_MARKED = re.compile(r"[{}\[\]*_+~^?!`|&<>\\()#-]")


def _wiki(text: str) -> str:
    """Line by line, without a parser: markup that is not closed stays as it was written."""
    parts, at = [], 0
    for found in _VERBATIM.finditer(text):
        parts += [_prose(text[at : found.start()]), "\n" + _kept(found) + "\n"]
        at = found.end()
    return "".join([*parts, _prose(text[at:])])


def _kept(found: re.Match[str]) -> str:
    """What stands between two marks that say to leave it as it is, with the title that the first one gives it."""
    if found["adf"] is not None:
        try:
            return _adf(json.loads(found["adf"])).strip()
        except (ValueError, RecursionError):
            return str(found["adf"])
    raw = str(found["raw"] if found["raw"] is not None else found["fenced"])
    title = _title(found["options"] or "")
    return f"{title}\n{raw}" if title else raw


def _title(options: str) -> str:
    """The title among the options of a macro; "" when it has none."""
    match = re.search(r"(?:^|\|)title=([^|]*)", options)
    return match[1].strip() if match else ""


def _prose(text: str) -> str:
    text = _MACRO_WITH_OPTIONS.sub(_said, _MACRO.sub(_heading, text))
    for _ in range(3):  # a column stands in a section
        text = _MACRO_PAIR.sub(r"\2", text)
    text = _BRACED.sub(_of_brace, text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _ICON.sub(lambda match: _ICONS[match[1]], text)
    if "(ii)" not in text:
        text = _LETTER_ICON.sub(lambda match: match[1] + _ICONS[match[2]], text)
    # Twice, for marks within marks: _*both*_.
    for pattern, replacement in (*_INLINE, *_INLINE):
        text = pattern.sub(replacement, text)
    text = "\n".join(_row(line) if line.lstrip().startswith("|") else line for line in text.split("\n"))
    for pattern, replacement in _LAST:
        text = pattern.sub(replacement, text)
    return text


def _heading(macro: re.Match[str]) -> str:
    """What a macro itself says: the title of a panel, or the words that open what is folded."""
    options = macro["options"] or ""
    said = _title(options)
    if not said and macro[0].startswith("{expand:") and "=" not in options:
        said = options.strip()
    return f"{said}\n" if said else ""


def _said(macro: re.Match[str]) -> str:
    """What a macro of one word says: the title of a status, the key of an issue."""
    options = macro["options"]
    if macro["name"] == "jira":
        return next((part for part in re.split(r"[|=]", options) if re.fullmatch(r"[A-Z][A-Z0-9_]+-\d+", part)), "")
    return _title(options)


def _of_brace(found: re.Match[str]) -> str:
    """Nothing, but for a power: 10{^}3{^} is not 103."""
    before = found.string[max(0, found.start() - 1) : found.start()]
    rest = found.string[found.end() : found.end() + 12]
    return "^" if found[1] == "^" and before.isdigit() and re.match(r"-?\d+\{\^\}", rest) else ""


def _row(line: str) -> str:
    """A table row: cells joined by a bar, no bars at the ends, a dash for nothing; a break within a cell is a blank."""
    cells = [cell.strip() for cell in re.split(r"\|{1,2}", line.strip().strip("|").replace("\\\\", " "))]
    if all(re.fullmatch(r":?-{3,}:?", cell) for cell in cells):
        return ""  # the line below the head of a table in Markdown
    return " | ".join(cell or "–" for cell in cells) if any(cells) else ""


def _wiki_link(words: str, target: str) -> str:
    """[words|target]: an address, a place in the text, a file or a person."""
    words, target = words.strip(), target.strip()
    if target in _SMART or target.startswith(("#", "~")):
        return words
    return f"{words} (file {target[1:]})" if target.startswith("^") else _link(words, target)


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
    """A piece of text. People type wiki markup in the new editor, too, which then stands in the text as it is."""
    text = _string(node.get("text"))
    given = node.get("marks")
    marks = [mark for mark in (given if isinstance(given, list) else []) if isinstance(mark, dict)]
    if not any(mark.get("type") == "code" for mark in marks):
        text = _prose(text) if _MARKED.search(text) else text
    for mark in marks:
        if mark.get("type") == "link" and isinstance(mark.get("attrs"), dict):
            return _link(text, _string(mark["attrs"].get("href"))) if mark["attrs"].get("href") else text
    return text


def _code(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    """A block of code, as it is."""
    content = node.get("content")
    pieces = content if isinstance(content, list) else []
    return "".join(_string(piece.get("text")) for piece in pieces if isinstance(piece, dict))


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


# Jira's own emoji have no character of their own; they are the icons of wiki markup.
_EMOJI = {
    ":check_mark:": "✔", ":cross_mark:": "✘", ":warning:": "⚠", ":info:": "ℹ", ":question_mark:": "❓",
    ":plus:": "➕", ":minus:": "➖", ":light_bulb_on:": "💡", ":light_bulb_off:": "💤", ":yellow_star:": "⭐",
    ":red_star:": "⭐", ":green_star:": "⭐", ":blue_star:": "⭐",
}  # fmt: skip


def _emoji(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    name = _string(attrs.get("shortName"))
    text = _string(attrs.get("text"))
    return _EMOJI.get(text or name, text or name)


def _card(node: dict[str, Any], attrs: dict[str, Any], depth: int) -> str:
    """A smart link: its address, or what it is called where it holds a whole description of what it leads to."""
    data = attrs.get("data")
    described: dict[str, Any] = data if isinstance(data, dict) else {}
    return _string(attrs.get("url")) or _string(described.get("url")) or _string(described.get("name"))


_SPECIAL: dict[str, Callable[[dict[str, Any], dict[str, Any], int], str]] = {
    "text": _text,
    "codeBlock": _code,
    "hardBreak": lambda node, attrs, depth: "\n",
    "rule": lambda node, attrs, depth: "\n",
    "bulletList": _list, "orderedList": _list, "taskList": _list, "decisionList": _list,
    "tableRow": _table_row,
    "date": _date,
    "media": _media, "mediaInline": _media,
    "mention": lambda node, attrs, depth: _string(attrs.get("text")) or "@someone",
    "emoji": _emoji,
    "inlineCard": _card, "blockCard": _card, "embedCard": _card,
    "status": lambda node, attrs, depth: _string(attrs.get("text")),
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
