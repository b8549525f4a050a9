"""What no mail may hold, however well it rests on an issue: anybody who can write to Jira may have written it.

A sentence that is copied from an issue is perfectly grounded, so these rules look at the sentence alone. All block,
but for a plain step in a text that a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from campaigns.drafting import addressed, disguises, ill_news, links, masking, orders, phrasing
from campaigns.drafting.disguises import plainly
from campaigns.drafting.facts import NO_NAME, Facts
from campaigns.drafting.findings import BLOCKING, WARNING, Finding, Problem
from campaigns.drafting.text import DraftText, Sentence

PLACEHOLDERS = ("first_name", "client_name")
ORDER_BLOCKS = ("action", "breaking")
_MARKUP = re.compile(
    r"</?(?:script|a|img|iframe|form|input|style|svg|object|embed|link|meta|base|button|html|body|div|span|p"
    r"|br|b|i)\b[^>]*>?"
    # Each with a bound: brackets that never close are looked at once.
    r"|!?\[[^\]]{0,500}\]\([^)]{0,500}\)|\[[^\]|]{1,500}\|[^\]]{1,500}\]"
    r"|\{(?:code|noformat|quote|panel|color|html)[^}]{0,200}\}|```"
    r"|&#x?\w+;|<!--|\bon\w+=[\"']",
    re.I,
)
_LEFT_OVER = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|\blorem ipsum\b|\[(?:insert|your|name|date|product)[^\]]*\]|<[A-Z]+_\d+>", re.I
)
_READER = re.compile(
    r"\b(?:you|your|please|must|should|los(?:e|es|t)|discontinued|end of life|unsafe|expires?)\b", re.I
)
_OTHER_VERSION = re.compile(
    r"\b(?:versions?|releases?)\s+(?:before |after |below |older than |up to "
    r"|since )?v?(?P<version>\d+(?:\.\w+)*)",
    re.I,
)


def check(
    text: DraftText, facts: Facts, *, allowed_hosts: Collection[str] = (), by_person: bool = False
) -> list[Finding]:
    """Everything in a mail that must not go out, in the order of the text.

    `allowed_hosts` are the hosts that links may lead to, their subdomains included. In a text `by_person` a plain step
    that a cited issue asks for only warns.
    """
    findings = []
    for block, line in (("subject", text.subject), ("preheader", text.preheader)):
        findings += check_sentence(Sentence(line), facts, block=block, allowed_hosts=allowed_hosts)
    for block, index, sentence in text.sentences():
        found = check_sentence(sentence, facts, block=block, index=index, allowed_hosts=allowed_hosts)
        # What else is wrong with the sentence takes the trust away from the step as well.
        if by_person and [each.rule for each in found] == ["order"] and _is_step(sentence, facts):
            step = found[0]
            message = f"“{step.quote}” tells readers to do something outside the section with the required action."
            found = [Finding(WARNING, "order", block, index, message, quote=step.quote, text=step.text)]
        findings += found
    return findings


def check_sentence(
    sentence: Sentence, facts: Facts, *, block: str = "highlights", index: int = 0, allowed_hosts: Collection[str] = ()
) -> list[Finding]:
    """Everything in one sentence that must not go out."""
    plain = plainly(sentence.text)
    problems = [
        *disguises.characters(sentence.text),
        *links.find(plain, allowed_hosts, facts),
        *orders.find(plain, orders=_may_order(block, sentence)),
        *addressed.find(plain, orders=_may_order(block, sentence)),
        # As it was typed, for whose alphabet is another one has no look-alikes.
        *orders.in_other_languages(sentence.text),
        *ill_news.find(plain, facts.name),
        *_residue(plain),
        *disguises.encoded(plain),
        *_secrets(plain),
        *_internals(plain, facts),
    ]
    return [
        Finding(BLOCKING, problem.rule, block, index, problem.message, quote=problem.quote, text=sentence.text)
        for problem in problems
    ]


def is_clean(text: str, facts: Facts, *, block: str = "highlights") -> bool:
    """Whether a sentence on its own would pass; the drafters use it to leave out what would be stopped anyway."""
    return not check_sentence(Sentence(text), facts, block=block)


_NUMBER_OF_VERSION = re.compile(
    r"(?<![\w.])v?\d+(?:\.\d+)*(?:[-.+]?(?:rc|beta|alpha|sp|hotfix)[-.]?\d*)?(?![\w.]*\w)", re.I
)


def spoken_version(facts: Facts, allowed_hosts: Collection[str] = ()) -> str:
    """The name of the version, or its number alone where the name holds what no mail may hold; "" for neither."""
    number = _NUMBER_OF_VERSION.search(facts.version)
    bare = number[0] if number else ""
    for version in dict.fromkeys((facts.version, bare)):
        if version and _may_be_called(replace(facts, version=version), bare, allowed_hosts):
            return version
    return ""


def spoken_name(facts: Facts, allowed_hosts: Collection[str] = ()) -> str:
    """How a text calls the release. Anybody who can make a version in Jira gives it its name."""
    named = replace(facts, version=spoken_version(facts, allowed_hosts))
    if named.name != NO_NAME and _may_be_called(named, named.version, allowed_hosts):
        return named.name
    return "The new version"


def _may_be_called(facts: Facts, number: str, allowed_hosts: Collection[str]) -> bool:
    """Whether nothing is wrong with the name of a release, in a place where nobody may be ordered anything."""
    known = replace(facts, version=number or facts.version)
    beside = facts.version.replace(number, " ", 1).strip()
    return not any(
        check_sentence(Sentence(text), known, block="highlights", allowed_hosts=allowed_hosts)
        for text in (f"{facts.name} is available.", beside)
    )


# Rules that show that a line was written for a machine or against the reader, whatever a drafter would make of it.
SUSPICIOUS = frozenset((
    "machine_order", "command", "credentials", "bait", "guard", "ill_news", "link", "encoded", "lookalike", "invisible",
))  # fmt: skip
_NO_FACTS = Facts("", "", "", None, "", released=False, url="", issues=())


def without_suspicious_lines(text: str, allowed_hosts: Collection[str] = ()) -> str:
    """A text of Jira without the lines in which such a rule speaks, and without invisible characters elsewhere.

    Of a line with links elsewhere than to `allowed_hosts` only what leans on them goes: the step that a note asks for
    often stands beside the address of a guide.
    """
    lines = []
    for line in text.splitlines():
        if not line.strip():
            lines.append(line)
            continue
        kept = links.without_foreign_links(line, allowed_hosts)
        checked = check_sentence(Sentence(kept), _NO_FACTS, block="action", allowed_hosts=allowed_hosts)
        if not {finding.rule for finding in checked} & SUSPICIOUS:
            lines.append(kept)
    return "\n".join(lines)


def _is_step(sentence: Sentence, facts: Facts) -> bool:
    """Whether a sentence asks for no more than a step of the product that one of its issues gives cause for."""
    cited = [issue for key in sentence.keys if (issue := facts.by_key.get(key)) is not None]
    gives_cause = any(issue.kind == "breaking" or phrasing.required_steps(issue) for issue in cited)
    return gives_cause and orders.is_plain_step(plainly(sentence.text))


def _may_order(block: str, sentence: Sentence) -> bool:
    # A closing without sources may ask for a reply: the sources check holds it to a short list of words.
    return block in ORDER_BLOCKS or (block in ("intro", "closing", "preheader") and not sentence.keys)


def _residue(text: str) -> Iterator[Problem]:
    match = _MARKUP.search(text)
    if match:
        yield Problem("markup", f"“{match[0]}” is markup that readers would see. Take it out.", match[0])
    match = _LEFT_OVER.search(text)
    if match:
        yield Problem("left_over", f"“{match[0]}” was left over from writing. Replace it.", match[0])
    for match in re.finditer(r"\{\{.*?(?:\}\}|$)|\}\}|\{%.*?%\}", text):
        if match[0].strip("{} ") not in PLACEHOLDERS:
            yield Problem("placeholder", f"“{match[0]}” is not a placeholder that a mail may have.", match[0])


def _secrets(text: str) -> Iterator[Problem]:
    for secret in masking.find(links.URL.sub(" ", text)):
        if secret.guess:
            continue
        yield Problem("secret", f"“{secret.quote}” looks like {secret.what}. It must not be in a mail.", secret.quote)


def _internals(text: str, facts: Facts) -> Iterator[Problem]:
    for match in re.finditer(r"\b([A-Z][A-Z0-9_]*)-\d+\b", text):
        if match[1] in facts.project_keys:
            yield Problem("issue_key", f"{match[0]} is the key of an issue. Clients cannot open it; take it out "
                           "of the text.",
                           match[0])  # fmt: skip
    if _READER.search(text):
        for match in _OTHER_VERSION.finditer(text):
            if match["version"].lower() not in facts.version.lower():
                yield Problem("foreign_version", f"The sentence tells readers of version {match['version']}; this "
                               f"mail is about {facts.name}.", match["version"])  # fmt: skip
                return
