"""The two forms of rich text: REST version 2 shows wiki markup, version 3 the Atlassian Document Format.

A data file may hold either; the other is made here, with what our demo texts use and no more.
"""

from __future__ import annotations

import re
from typing import Any

Node = dict[str, Any]
_LINK = re.compile(r"\[([^|\]\n]+)\|(https?://[^\]\s]+)\]")
_CODE = re.compile(r"\{code(?::[^}]*)?\}\n?(.*?)\n?\{code\}", re.DOTALL)


def as_adf(text: str) -> Node:
    """Wiki markup as an ADF document: paragraphs, bullet lists, tables, code blocks and links."""
    content: list[Node] = []
    for position, part in enumerate(_CODE.split(text)):
        if position % 2:
            content.append({"type": "codeBlock", "attrs": {}, "content": [{"type": "text", "text": part}]})
            continue
        for block in re.split(r"\n\s*\n", part.strip("\n")):
            if block.strip():
                content.append(_block(block.strip("\n").split("\n")))
    return {"type": "doc", "version": 1, "content": content}


def as_wiki(document: Node) -> str:
    """An ADF document as wiki markup."""
    return "\n\n".join(_wiki(node) for node in document.get("content", []))


def _block(lines: list[str]) -> Node:
    if all(line.startswith("* ") for line in lines):
        items = [{"type": "listItem", "content": [_paragraph([line[2:]])]} for line in lines]
        return {"type": "bulletList", "content": items}
    if all(line.startswith("|") for line in lines):
        return {"type": "table", "content": [_row(line) for line in lines]}
    return _paragraph(lines)


def _row(line: str) -> Node:
    kind, mark = ("tableHeader", "||") if line.startswith("||") else ("tableCell", "|")
    cells = [cell.strip() for cell in line.strip().strip("|").split(mark)]
    return {"type": "tableRow", "content": [{"type": kind, "attrs": {}, "content": [_paragraph([c])]} for c in cells]}


def _paragraph(lines: list[str]) -> Node:
    content: list[Node] = []
    for number, line in enumerate(lines):
        if number:
            content.append({"type": "hardBreak"})
        content.extend(_inline(line))
    return {"type": "paragraph", "content": content}


def _inline(line: str) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    for match in _LINK.finditer(line):
        if match.start() > at:
            nodes.append({"type": "text", "text": line[at : match.start()]})
        mark = {"type": "link", "attrs": {"href": match.group(2)}}
        nodes.append({"type": "text", "text": match.group(1), "marks": [mark]})
        at = match.end()
    if at < len(line):
        nodes.append({"type": "text", "text": line[at:]})
    return nodes


def _wiki(node: Node) -> str:
    kind, inner = node.get("type"), node.get("content", [])
    if kind == "text":
        link = next((mark["attrs"]["href"] for mark in node.get("marks", []) if mark["type"] == "link"), "")
        return f"[{node['text']}|{link}]" if link else str(node["text"])
    if kind == "hardBreak":
        return "\n"
    if kind == "heading":
        return f"h{node.get('attrs', {}).get('level', 3)}. " + "".join(map(_wiki, inner))
    if kind == "codeBlock":
        return "{code}\n" + "".join(map(_wiki, inner)) + "\n{code}"
    if kind in ("bulletList", "orderedList"):
        mark = "* " if kind == "bulletList" else "# "
        return "\n".join(mark + "".join(map(_wiki, item.get("content", []))) for item in inner)
    if kind == "tableRow":
        mark = "||" if inner and inner[0].get("type") == "tableHeader" else "|"
        return mark + mark.join("".join(map(_wiki, cell.get("content", []))) for cell in inner) + mark
    if kind == "table":
        return "\n".join(map(_wiki, inner))
    if kind in ("panel", "blockquote", "expand"):
        return "{panel}\n" + "\n".join(map(_wiki, inner)) + "\n{panel}"
    if kind in ("mention", "emoji", "status", "date"):
        attrs = node.get("attrs", {})
        return str(attrs.get("text") or attrs.get("shortName") or attrs.get("timestamp") or "")
    return "".join(map(_wiki, inner))
