"""That the release is off, or that something of the reader's is gone: no issue is the place where that is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafting.findings import Problem

_HOW = r"(?:\s+(?:also|now|just|already|all|hereby|immediately|permanently|unfortunately|soon))*"
_IS = rf"(?:is|are|was|were|has been|have been|had been|will be|is being|gets?|got){_HOW}"
_OURS = (
    r"(?:(?:this|the|our|your)(?:\s+(?:new|next|coming|whole|entire|planned))*"
    r"\s+(?:release|update|upgrade|product|project|software)|NAME)"
)
_OFF = (
    r"(?:cancel\w*|called off|withdrawn|recalled|discontinued|abandoned|scrapped|stopped|dead|hacked|compromised"
    r"|infected|not released)"
)
_YOURS = (
    r"\byour(?:\s+[\w'’]+){0,2}?\s+(?:data|files?|records?|accounts?|access|licen[cs]es?|subscriptions?|contracts?|"
    r"systems?|compan(?:y|ies)|documents?|backups?|customers?|clients?|e-?mails?|messages?|money|passwords?|servers?)"
)
_GONE = (
    r"(?:leaked|stolen|breached|hacked|compromised|exposed|lost|suspended|terminated|cancel\w*|closed|locked|blocked|"
    r"deactivated|sold|published|revoked|infected|encrypted by|seized|frozen)"
)
# What happens under a condition is how the product works.
_CONDITION = re.compile(
    r"\b(?:when|whenever|if|whether|that|while|unless|until|once|because|before|after|which|as soon as|in case|where"
    r"|can|could|may|no|not|never)\b",
    re.I,
)
_BEHIND = re.compile(r"\s+(?:after|when|if|whenever|until|unless|for|while|by)\b", re.I)


def find(text: str, name: str) -> Iterator[Problem]:
    """Such a statement; `name` is that of the release."""
    ours = _OURS.replace("NAME", re.escape(name)) if name else _OURS.replace("|NAME", "")
    for pattern in (rf"\b{ours}\s+{_IS}\s+{_OFF}\b(?!-)", rf"{_YOURS}\s+{_IS}\s+{_GONE}\b(?!-)"):
        for match in re.finditer(pattern, text, re.I):
            clause = re.split(r"[.!?;:]", text[: match.start()])[-1]
            if not _CONDITION.search(clause) and not _BEHIND.match(text, match.end()):
                yield Problem("ill_news", f"“{match[0]}” is no news that an issue can be the source of. Take it out, "
                              "and ask who wrote it.", match[0])  # fmt: skip
                return
