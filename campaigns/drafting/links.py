"""Addresses in a text that lead elsewhere than to the allowed hosts, and a text without them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from campaigns.drafting import hosts
from campaigns.drafting.facts import Facts
from campaigns.drafting.findings import Problem

# A scheme has no end in a text of one long word: a bound keeps one look at it.
URL = re.compile(r"(?:[a-z][a-z0-9+.-]{0,40}://|\bwww\.|\bmailto:|\bjavascript:|\bdata:)[^\s<>\"']*", re.I)
_DISGUISED_HOST = re.compile(r"\bhxxps?\b|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\w\s+dot\s+(?:com|net|org|example|io)\b", re.I)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
# What may go with a link and leave a sentence that still says what it said.
_REFERENCE = (
    r"[\s,;–—-]{0,20}(?:\(\s{0,20})?(?:(?:(?:please )?(?:see|cf\.?|compare|refer to|consult|read)(?: also)?|"
    r"(?:as |which is |is |are )?(?:described|explained|documented|shown|listed|discussed)(?: \w+)? (?:in|at|on|by)|"
    r"(?:for )?(?:more |further )?(?:details?|information|documentation|docs|background|guide|instructions?)"
    r"(?:,? (?:is|are|see|can be found))?(?: (?:at|in|on|under|here))?)[\s:]*(?:the )?)+"
    r"(?:[\w-]+ ){0,3}?(?:at |on |in |: ?)?"
)
_LEANS = re.compile(
    rf"{_REFERENCE}<link>(?: for [\w ]{{1,30}}(?=[.;,)]|$))?(?:\s{{0,20}}\))?"
    r"|(?<!\])\s{0,20}\(\s{0,20}<link>\s{0,20}\)|\s{0,20}\[\s{0,20}<link>\s{0,20}\]",
    re.I,
)
_FOLLOW = re.compile(r"^(?:please )?(?:follow|read|see|consult)\s+(?:\w+ ){0,4}?<link>\s+(?:to|and|on how to)\s+", re.I)


def without_foreign_links(line: str, allowed: Collection[str]) -> str:
    """A line whose links to other hosts are cut, with the sentence where it says nothing without them."""
    if not any(True for _ in _foreign_links(line, allowed)):
        return line
    kept = []
    for sentence in _SENTENCE_END.split(line):
        marked = sentence
        for address in sorted(set(_foreign_links(sentence, allowed)), key=len, reverse=True):
            marked = marked.replace(address, "<link>")
        followed = _FOLLOW.sub("", marked)
        if followed != marked:
            followed = followed[:1].upper() + followed[1:]
        left = _LEANS.sub("", followed)
        if left == sentence or ("<link>" not in left and len(re.findall(r"\w+", left)) > 1):
            kept.append(left)
    return " ".join(kept)


def _foreign_links(text: str, allowed: Collection[str]) -> Iterator[str]:
    plain = URL.finditer(text)
    for match in [*plain, *hosts.public(URL.sub(lambda found: " " * len(found[0]), text))]:
        address = match[0].rstrip(".,;:!?)]")
        if not _host_allowed(address, allowed):
            yield address


def find(text: str, allowed: Collection[str], facts: Facts) -> Iterator[Problem]:
    """Addresses elsewhere than at the allowed hosts or the release, plain or in disguise."""
    for match in [*URL.finditer(text), *hosts.public(URL.sub(" ", text))]:
        address = match[0].rstrip(".,;:!?)")
        if facts.url and address == facts.url and address.startswith("https://"):
            continue
        if not _host_allowed(address, allowed):
            yield Problem("link", f"{address} leads to a place that is not on the list of allowed hosts. Take it out.",
                           address)  # fmt: skip
    disguised = _DISGUISED_HOST.search(text)
    if disguised:
        yield Problem("link", f"“{disguised[0]}” looks like a web address in disguise. Take it out.", disguised[0])


def _host_allowed(address: str, allowed: Collection[str]) -> bool:
    scheme, _, rest = address.rpartition("://")
    if scheme and scheme.lower() != "https":
        return False
    if not scheme and ":" in address.split("/")[0]:
        return False
    host = re.split(r"[/?#]", rest)[0].lower()
    return "@" not in host and host.isascii() and hosts.allowed(host, allowed)
