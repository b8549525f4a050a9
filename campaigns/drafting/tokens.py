"""The smallest pieces of a text: words of any script, addresses, place holders."""

from __future__ import annotations

import re

CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'\])}|]+|\bwww\.[^\s<>\"'\])}|]+", re.I)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PLACEHOLDER = re.compile(r"\{\{\s*\w+\s*\}\}")
WORD = re.compile(rf"[^\W\d_{CJK}]+(?:['’][^\W\d_{CJK}]+)*")


def words(text: str) -> frozenset[str]:
    """A set written as a line of prose."""
    return frozenset(text.split())
