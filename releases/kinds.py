"""What an issue is for a client (a feature, a fix, ...) and whether clients may see it, with the reason.

Rules, not guesses: each result names what it rests on, and a person's decision overrides it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from releases.mapping import INTERNAL, FieldMapping
from releases.models import Issue

if TYPE_CHECKING:
    from releases.jira import JiraIssue

_TYPES = {
    Issue.Kind.FIX: ("bug", "defect", "fault", "incident", "problem", "regression"),
    Issue.Kind.FEATURE: ("new feature", "feature", "story", "user story", "epic", "wish"),
    Issue.Kind.IMPROVEMENT: ("improvement", "enhancement", "change", "change request", "suggestion", "usability"),
    Issue.Kind.SECURITY: ("vulnerability", "security", "security bug", "security vulnerability"),
    Issue.Kind.BREAKING: (
        "breaking change",
        "breaking",
        "incompatible change",
        "remove feature",
        "feature removal",
        "removed feature",
        "removal",
        "deprecation",
        "deprecated",
        "deprecate",
    ),
}
_KIND_OF_TYPE = {name: kind for kind, names in _TYPES.items() for name in names}

_BREAKING_WORD = re.compile(
    r"^(?:breaking|incompatible|backwards?[ _-]?incompatible)(?:[ _-]?(?:change|api))?s?$", re.I
)
_BREAKING_TEXT = re.compile(r"^\W{0,3}(?:breaking(?: change)?|incompatible change)\b\W", re.I)
_ENDS_SOMETHING = re.compile(
    # Behind the name of a component: "[core] Drop X", "API: Drop X".
    r"^\W{0,3}(?:[\w .-]{1,30}[\]:]\s*)?"
    r"(?:remov\w+|drop\w*|disallow\w*|forbid\w*|discontinu\w+|requir(?:e|es|ed|ing)|renam\w+|deprecat\w+|"
    r"(?:end|stop|cease)\w* (?:support|accept)\w*|sunset\w*|retir(?:e|es|ed|ing)|"
    r"(?:change|switch|set)\w* (?:the )?(?:\w+ )?defaults?\b|"
    r"(?:disabl\w+|(?:turn|switch)\w* off)\b.{1,60}\bby default\b|"
    r"(?:rais|increas|lift|bump)\w* (?:the )?(?:minimum|minimal|oldest)\b)"
    r"|\bsupport\b[^.;:]{0,40}\b(?:removed|dropped|ended|discontinued)\b"
    r"|\bno longer (?:supported|accepted|available)\b",
    re.I,
)
_UNLIKE_BEFORE = re.compile(
    r"\bbreak(?:s|ing)? (?:\w+ )?(?:backwards?[- ])?compatib\w+|\bbreak(?:s|ing) changes?\b"
    r"|\b(?:not|in)(?: backwards?)?[- ]?"
    r"compatib(?:le|ility) (?:with|change)\w*|\bno longer (?:be )?(?:supported|accepted|available|possible)\b|"
    r"\b(?:must|have to|need to) (?:be )?(?:migrat|adapt|chang|updat|rewrit|replac)\w+"
    r"|\bnow (?:needs?|requires?)\b",
    re.I,
)
_SECURITY_WORD = re.compile(r"^(?:security|cve|vulnerabilit(?:y|ies)|cve-\d{4}-\d{4,7})$", re.I)
_SECURITY_TEXT = re.compile(
    r"\bCVE-\d{4}-\d{4,7}\b|\bGHSA(?:-\w{4}){3}\b|\bCWE-\d+\b|\bvulnerab(?:le|ilit(?:y|ies))\b"
    r"|\bexploit(?:s|ed|able|ation)?\b"
    r"|\b(?:XXE|XSS|[CX]SRF|SSRF|RCE|IDOR|(?-i:D?DoS))\b|\bcross[- ]site\b|\bclickjacking\b|\bopen redirect"
    r""
    r"|\b(?:sql|hql|jpql|nosql|command|code|shell|ldap|xpath|xml|html|header|crlf|log|script|template|formula|csv) "
    r"injections?\b"
    r"|\b(?:path|directory) traversal\b|\bzip slip\b|\bremote(?:ly)? (?:code|execut\w+)"
    r"|\barbitrary (?:code|commands?|files?)\b"
    r"|\b(?:auth\w*|access|permissions?|log-?ins?|sign-?in|password|rights|2fa|mfa|security)\b(?: \w+){0,3} "
    r"(?:bypass\w*|skipped|circumvent\w*|evaded)\b"
    r"|\b(?:bypass\w*|skip(?:s|ped|ping)?|circumvent\w*)(?: \w+){0,3} "
    r"(?:auth\w+|access (?:control|check)s?|permissions?|log-?in|password|security)\b"
    r"|\bprivileges? escalation\b|\bescalat\w+(?: \w+){0,2} privileges?\b|\bdenial[- ]of[- ]service\b"
    r"|\b(?:sensitive|personal|confidential|private|secret)\b(?: \w+){0,3} (?:is |are |was |were |be |gets? )?"
    r"(?:expos|leak|disclos|reveal|logged|visible)\w*"
    r""
    r"|\b(?:expos|leak|disclos|reveal|log)\w*(?: \w+){0,3} "
    r"(?:sensitive|personal|confidential|credentials?|passwords?|secrets?)\b"
    r"|\b(?:passwords?|credentials?|secrets?|tokens?|api keys?|private keys?)\b[^.]{0,40}"
    r"\b(?:logged|in (?:the )?(?:\w+ )?logs?|(?:plain|clear)[- ]?text|leak\w*|expos\w*|disclos\w*|guess\w*)\b"
    r"|\b(?:insecure|unsafe|untrusted) deseriali[sz]ation\b|\bdeseriali[sz]\w+ (?:of )?untrusted\b"
    r"|\bsecurity (?:hole|issue|flaw|bug|problem|weakness|risk|leak|breach|advisory|patch)\w*"
    r"|\bunauthori[sz]ed (?:access|users?|read|person|part(?:y|ies))"
    r"|\bwithout (?:authenticat\w+|authori[sz]ation|permission)\b"
    r"|\bsession (?:hijack|fixation)\w*|\btiming attack|\b(?:buffer|heap|stack) overflow\b|\buse[- ]after[- ]free\b"
    r"|\bout[- ]of[- ]bounds (?:read|write|access)|\bprototype pollution\b|\bman[- ]in[- ]the[- ]middle\b|\bspoof\w*",
    re.I,
)  # fmt: skip

# Faults by which somebody reaches what is another's. A new feature may be just that, so only bugs are read for it.
_OTHERS = (
    r"(?:(?:an)?other(?:s\b| (?:customer|user|client|tenant|account|compan|organi[sz]ation|team|person|people|patient"
    r"|member|owner|guest)\w*)|(?:everyone|everybody|anyone|somebody|someone)(?: else)?\b)"
)
_REACHES_TOO_FAR = re.compile(
    r"\b(?:sees?|access(?:es)?|reads?|views?|opens?|edits?|changes?|deletes?|downloads?|modif(?:y|ies)|exports?)\b"
    rf"[^.;:]{{0,60}}\b(?:of|from|by|belonging to) {_OTHERS}"
    rf"|\bvisible (?:to|for) (?:{_OTHERS}|all (?:users|customers|clients|tenants)|anonymous|guests)"
    r"|\bnot encrypted\b|\bunencrypted\b"
    r"|\b(?:locked|blocked|deactivated|disabled|deleted|expired|revoked|suspended)\b[^.;:]{0,30}"
    r"\b(?:can|could) still (?:log|sign|access|authenticate|be used|connect)"
    r"|\bvalid after (?:\w+ )?(?:log-?out|logging out|sign(?:ing)?[- ]out|password|expir\w+|revo\w+)"
    r"|\bread-only\b[^.;:]{0,40}\bcan (?:delete|edit|change|write|modify|create|remove)\b"
    r"|\bpermissions?\b(?: \w+){0,3} (?:not (?:checked|enforced|respected)|ignored)\b"
    r"|\bbypass\w*\b(?: \S+){0,4} (?:approvals?|checks?|limits?|lock\w*|log-?ins?|restrictions?|roles?|rules?"
    r"|validation|protection|controls?|sign-?in|two-factor|firewall)\b",
    re.I,
)
# "Weavers cannot see the patterns of other teams" is no hole.
_KEPT_OUT = re.compile(r"\b(?:cannot|can not|unable|not able|fails? to|no longer|does not|do not)\b|n['’]t\b", re.I)

#: Labels, components and flags that keep an issue inside, in small letters with hyphens between words.
INTERNAL_LABELS = {
    "internal", "internal-only", "internal-use-only", "no-release-note", "no-release-notes", "not-for-clients",
    "not-for-customers", "staff-only", "private", "restricted", "secret", "do-not-disclose", "do-not-publish",
    "do-not-share", "not-public", "non-public", "undisclosed", "nda", "under-nda", "hidden",
}  # fmt: skip
#: The same, wherever in a name they stand. A person's earlier decision does not open what is under embargo since then.
_EMBARGO = re.compile(r"embargo|confidential|(?:^|-)(?:un|non)?-?disclos|(?:^|-)nda(?:-|$)", re.I)
_EMBARGO_TEXT = re.compile(
    r"\bembargo(?:ed)?\s*(?:until|till|before|lifts?|ends?|expires?|date|:)"
    r"|\b(?:under|in|security) embargo\b|\[\W*embargo"
    r"|\bdo(?:es)? not (?:disclose|publish|make public)\b"
    r"|\b(?:not to|must not|may not) be (?:disclosed|published|made public)\b"
    r"|\bstrictly confidential\b|\bcompany confidential\b",
    re.I,
)  # fmt: skip
#: What a resolution is called when something shipped, also by Jiras that speak another language. An allow list: each
#: project invents its own names for an end without a change, from "Auto Closed" to "Superseded".
_SHIPPED = re.compile(
    r"(?:fix(?:ed)?|done|implemented|resolved|solved|delivered|completed?|released|deployed|shipped|merged|accepted|"
    r"approved|code changed?|changed|finished|closed|ready)(?:[ /,&-]+(?:and )?(?:fixed|done|completed?|implemented|"
    r"resolved|delivered|released|deployed|verified|tested|in \S+|for \S+|by (?:commit|patch|design change)|locally))?"
    r"|(?:(?:partially|already) )?fixed(?: in .+)?"
    r"|erledigt|behoben|gelöst|fertig|umgesetzt|résolue?|terminée?|corrigée?|réalisée?|resuelt[oa]|hecho|listo|"
    r"completad[oa]|corregid[oa]|risolt[oa]|completat[oa]|fatto|opgelost|gereed|voltooid|gotowe|rozwiązane|naprawione|"
    r"zakończone|resolvid[oa]|concluíd[oa]|corrigid[oa]|feito|完成|已完成|已解决|已修复|修复|解決済み?|完了|修正済み?|완료|해결됨|해결",
    re.I,
)


def shipped(resolution: str) -> bool:
    """Whether a resolution says that something changed. None at all says nothing against it."""
    return not resolution.strip() or bool(_SHIPPED.fullmatch(resolution.strip().rstrip(".")))


#: A fault that was made and mended on the way to this release: no client ever had it.
_NEVER_RELEASED = re.compile(
    r"\b(?:only|just)\s+(?:affects?|occurs?|happens?|exists?|appears?|seen|present|found|applies)\b[^.\n]{0,30}"
    r"\b(?:in[- ]progress|unreleased|not[- ]yet[- ]released|development|feature|"
    r"work[- ]in[- ]progress|wip|trunk|master|main)\b"
    r"|\b(?:affects?|occurs?|happens?|exists?|appears?|present)\s+only\s+(?:in|on|the)\b[^.\n]{0,30}"
    r"\b(?:in[- ]progress|unreleased|not[- ]yet[- ]released|development|feature|"
    r"work[- ]in[- ]progress|wip|trunk|master|main)\b"
    r"|\bregression (?:in|of|from|introduced (?:in|by|on)) (?:this|the (?:same|current|unreleased|"
    r"in[- ]progress|feature)) "
    r"(?:branch|release|version|work|sprint)\b|\bnever (?:been |was |were )?(?:released|shipped)\b"
    r"|\bnot (?:yet )?(?:part of|in) any (?:\w+ )?release\b|\bno (?:released|"
    r"shipped) version (?:is affected|has|had)\b",
    re.I,
)
NO_NOTE = re.compile(
    r"^\W*(?:none|n/?a|nil|not (?:needed|required|applicable)|no release notes?|internal(?: only)?|tbd)\W*$", re.I
)

_CHORE_TYPES = {
    "test", "sub-task", "subtask", "technical task", "technical debt", "chore", "build", "spike", "dependency upgrade",
}  # fmt: skip
_CHORE_COMPONENTS = {
    "build", "build scripts", "builds", "test", "tests", "testing", "testing infrastructure", "ci", "jenkins",
    "release", "infrastructure", "community", "devops",
}  # fmt: skip
_BUILD_TOOL = r"(?:maven|gradle|mvn|sbt|ant|bazel)\b"
#: Words of work that a client of the product never sees: tests, build, style, releasing.
_CHORE_WORDS = (
    r"flak(?:e?y|iness)", r"de-?flake", r"(?:unit|integration|upgrade|end-to-end) tests?", r"e2e", r"test suite",
    r"test failures?", r"tests? (?:fails?|failing|are failing|coverage|infrastructure)", r"tests? (?:for|in)",
    r"code coverage", r"codecov", r"(?:in|on|for|to|our|the|via|from|by|add|fix|use|update) ci", r"ci-\w+",
    r"ci (?:jobs?|builds?|fail\w*|pipelines?|runs?|config\w*|scripts?|set-?up|workflows?|images?|environments?|tests?|"
    r"servers?|matrix|is|on|with|for|should)", r"jenkins", r"travis", r"github (?:actions?|ui|notification)",
    r"pre-?commit", r"yetus", r"spotless", r"checkstyle", r"findbugs", r"spotbugs", r"lint(?:er|ing)?",
    r"sonar(?:qube)?", r"owasp plugin", r"refactor(?:ing|ed)?", r"code clean-?up",
    r"clean up (?:the )?(?:code|vararg)", r"reindent", r"superfluous semicolon", r"junit", r"scalatest", r"surefire",
    r"pom", r"groupid", r"dependabot", r"javadoc", r"typos?", r"dead code", r"whitespaces?",
    r"code (?:style|comments?)",
    rf"{_BUILD_TOOL}[ -](?:builds?|wrapper|version|warnings?|profiles?|config\w*|central|enforcer|"
    rf"shade|assembly|tests?|"
    r"artifacts?|dependenc\w+|files?|scripts?|tasks?|logs?|output|module|release|site|archetype|parent|\w+-plugin)",
    rf"(?:upgrad|updat|bump|migrat|mov|switch|us|fix|clean|remov|add|replac|run|support for building)\w* "
    rf"(?:\S+ ){{0,4}}?{_BUILD_TOOL}", rf"(?:in|with|for|by|via|from|of|using|under) (?:the )?{_BUILD_TOOL}",
    r"bump(?:s|ed)? [\w./:@-]+(?: version)?(?: from .{1,40})? to", r"bump(?:s|ed)? (?:the )?[\w./:@-]+(?:$|, | and )",
    r"unused (?:code|imports?|variables?|methods?|parameters?|classes|class|files?|dependenc\w+|fields?|constants?|"
    r"members?|arguments?|functions?|exceptions?|private|local)", r"licen[cs]e (?:file|header)s?",
    r"(?:updat|fix|add|clean|improv|correct|remov|rewrit|link|mention|chang|writ|creat|typo)\w* (?:\S+ ){0,5}?readme",
    r"readme(?:\.\w+)?(?: files?)? (?:is|are|typo|for|update|should|has|mentions?|links?|needs|must|"
    r"does|instructions?)",
    r"readme(?:\.\w+)?$", r"changelog", r"copyright", r"(?-i:[A-Z]\w*[a-z](?:Tests?|ITs?|ITCase|TestCase|TestBase))",
    r"(?-i:Test[A-Z]\w+|IT[A-Z][a-z]\w+)",
    r"release (?:notes? and|manager|candidate|process|scripts?)", r"update the version numbers?",
    r"tag,? (?:and )?package", r"docker(?:file| image)", r"build (?:script|system|runner|failure)s?", r"the build",
    r"fails? to build", r"compiles? against", r"compilation", r"playwright", r"feature flag", r"visiblefortesting",
)  # fmt: skip
_CHORE_TEXT = re.compile(rf"\b(?:{'|'.join(_CHORE_WORDS)})\b", re.I)
_UPGRADE = re.compile(
    r"^(?:\[[^\]]{1,40}\]\s*)?(?:upgrade|update|bump|move|revert)(?:s|d|ing)?\b.{0,120}?"
    r"\b(?:to (?:version )?v?\d[\w.]*|version|library|libraries|dependenc(?:y|ies))\b",
    re.I,
)


_UNMAPPED = FieldMapping()


def kind_of(issue: JiraIssue, mapping: FieldMapping = _UNMAPPED) -> Issue.Kind:
    """Breaking and security first, by flag, label, type or the note's words; then as the product's mapping says.

    A mapping can make an issue breaking, and never hides that it is: clients must hear of those.
    """
    said = [mapping.label(issue.labels)[1], mapping.component(issue.components)[1]]
    mapped = next((meaning for meaning in said if meaning and meaning != INTERNAL), "")
    if Issue.Kind.BREAKING in said:
        return Issue.Kind.BREAKING
    ruled = _ruled(issue, mapping)
    return Issue.Kind(mapped) if mapped and ruled not in (Issue.Kind.BREAKING, Issue.Kind.SECURITY) else ruled


def _ruled(issue: JiraIssue, mapping: FieldMapping) -> Issue.Kind:
    type_kind = _KIND_OF_TYPE.get(issue.issue_type.lower(), Issue.Kind.OTHER)
    _, mapped = mapping.type(issue.issue_type)
    if mapped and mapped != INTERNAL:
        type_kind = Issue.Kind(mapped)
    words = [*issue.labels, *issue.flags]
    if any(_BREAKING_WORD.match(word) for word in words) or type_kind == Issue.Kind.BREAKING:
        return Issue.Kind.BREAKING
    if _BREAKING_TEXT.search(issue.summary) or _BREAKING_TEXT.search(issue.note):
        return Issue.Kind.BREAKING
    if any(_SECURITY_WORD.match(word) for word in words) or _SECURITY_TEXT.search(f"{issue.summary}\n{issue.note}"):
        return Issue.Kind.SECURITY
    if type_kind == Issue.Kind.FIX and any(map(_is_hole, (issue.summary, issue.note))):
        return Issue.Kind.SECURITY
    return type_kind


def _is_hole(text: str) -> bool:
    found = _REACHES_TOO_FAR.search(text)
    return found is not None and not _KEPT_OUT.search(text[: found.start()].rpartition(". ")[2])


def may_break(issue: Worded, kind: str) -> str:
    """The words by which an issue that is not called breaking may break something; "" when there are none.

    Only a person can say whether clients rely on what ends. A bug that "removes rows" says what was wrong.
    """
    if kind in (Issue.Kind.BREAKING, Issue.Kind.FIX, Issue.Kind.SECURITY):
        found = None
    else:
        found = _ENDS_SOMETHING.search(issue.summary)
    if kind != Issue.Kind.BREAKING and not found:
        # A denial is the note's way to calm its readers.
        text = f"{issue.note}\n{issue.description}"
        found = next((one for one in _UNLIKE_BEFORE.finditer(text) if not _DENIED.search(text[: one.start()])), None)
    return found[0].strip() if found else ""


_DENIED = re.compile(r"\b(?:no|not|n['’]t|never|without|nothing|avoid\w*|prevent\w*)(?: \w+){0,3}\s$", re.I)


def visibility_of(
    issue: JiraIssue,
    kind: str,
    *,
    project_key: str,
    other_projects: Collection[str] = (),
    internal_labels: Iterable[str] = (),
    mapping: FieldMapping = _UNMAPPED,
) -> tuple[Issue.Visibility, str]:
    """Whether clients may see the issue and, if not, the reason in one sentence.

    `other_projects` ship in the same release as the product's own.
    """
    labels = {_plain(label) for label in internal_labels} | INTERNAL_LABELS
    reason = _reason_to_hide(issue, kind, {project_key, *other_projects}, labels, mapping)
    return (Issue.Visibility.INTERNAL, reason) if reason else (Issue.Visibility.CLIENT, "")


def visibility_of_problem(
    issue: JiraIssue,
    kind: str,
    *,
    project_key: str,
    other_projects: Collection[str] = (),
    internal_labels: Iterable[str] = (),
    mapping: FieldMapping = _UNMAPPED,
) -> tuple[Issue.Visibility, str]:
    """The same for an open issue that names the version as affected: whether clients may hear of it as a problem."""
    labels = {_plain(label) for label in internal_labels} | INTERNAL_LABELS
    projects = {project_key, *other_projects}
    reason = _silenced(issue, projects, labels, mapping) or _no_problem(issue, kind)
    reason = reason or _unfit(issue, kind, mapping)
    return (Issue.Visibility.INTERNAL, reason) if reason else (Issue.Visibility.CLIENT, "")


def _no_problem(issue: JiraIssue, kind: str) -> str:
    """Why an open issue is nothing that clients should be told of as a problem."""
    if issue.resolution and shipped(issue.resolution):
        return f"Open, but with the resolution “{issue.resolution}”: whether it is a problem still, Jira does not say."
    if issue.resolution:
        return f"Resolution “{issue.resolution}”: no problem of its own."
    if kind == Issue.Kind.SECURITY:
        return "An open weakness: telling of it before it is closed helps whoever wants to use it."
    if kind != Issue.Kind.FIX and not issue.note:
        return f"Issue type “{issue.issue_type}” without a release note: a person has to say whether it is a problem."
    return ""


class Worded(Protocol):
    """The words of an issue, wherever they are kept."""

    @property
    def summary(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def description(self) -> str: ...


class Told(Worded, Protocol):
    """What is looked at of an issue, whether as read from Jira or as stored."""

    @property
    def status(self) -> str: ...
    @property
    def done(self) -> bool: ...
    @property
    def resolution(self) -> str: ...
    @property
    def security_level(self) -> str: ...
    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def components(self) -> Sequence[str]: ...


def hard_reason(issue: Told, mapping: FieldMapping = _UNMAPPED, flags: Iterable[str] = ()) -> tuple[str, str]:
    """What no earlier decision of a person outweighs, as a word and a sentence; both empty when there is nothing.

    A person who opened an issue had another one before them: it was done and nobody had asked for silence.
    """
    if issue.security_level and not mapping.is_open(issue.security_level):
        return "security_level", f"Security level “{issue.security_level}” in Jira."
    named = next((name for name in (*issue.labels, *issue.components, *flags) if _EMBARGO.search(_plain(name))), "")
    if named:
        return "embargo", f"“{named}” in Jira: under embargo or confidential."
    said = next(filter(None, map(_EMBARGO_TEXT.search, (issue.summary, issue.note, issue.description))), None)
    if said:
        return "embargo", f"The issue says “{said[0]}”."
    if not shipped(issue.resolution):
        return "nothing_shipped", f"Resolution “{issue.resolution}”: nothing shipped."
    if not issue.done:
        return "not_done", f"Not done: status “{issue.status}”."
    return "", ""


def _plain(name: str) -> str:
    """A label as it is compared: small letters, one hyphen between words."""
    return re.sub(r"[\W_]+", "-", name).strip("-").lower()


def _reason_to_hide(
    issue: JiraIssue, kind: str, projects: Collection[str], internal_labels: set[str], mapping: FieldMapping
) -> str:
    silenced = _silenced(issue, projects, internal_labels, mapping)
    return silenced or hard_reason(issue, mapping, issue.flags)[1] or _unfit(issue, kind, mapping)


def _silenced(issue: JiraIssue, projects: Collection[str], internal_labels: set[str], mapping: FieldMapping) -> str:
    """Why nobody outside may hear of an issue, whether it is done or open."""
    hard, reason = hard_reason(issue, mapping, issue.flags)
    if hard in ("security_level", "embargo"):
        return reason
    label = next((name for name in (*issue.labels, *issue.flags) if _plain(name) in internal_labels), "")
    if label:
        return f"Label “{label}”."
    for what, (name, meaning) in (
        ("Label", mapping.label(issue.labels)),
        ("Component", mapping.component(issue.components)),
        ("Issue type", mapping.type(issue.issue_type)),
    ):
        if meaning == INTERNAL:
            return f"{what} “{name}” stays inside by the field mapping."
    if issue.project_key and issue.project_key not in projects:
        return f"Belongs to the project {issue.project_key}."
    return ""


def _unfit(issue: JiraIssue, kind: str, mapping: FieldMapping) -> str:
    """Why an issue is of no interest to clients, by its note or else by what it looks like."""
    if NO_NOTE.match(issue.note):
        return f"The release note says “{issue.note.strip()}”."
    if issue.note:
        return ""  # Somebody wrote a note for clients; no word pattern knows better.
    never = _NEVER_RELEASED.search(issue.description) if kind == Issue.Kind.FIX else None
    if never:
        return f"No client had this fault: “{' '.join(never[0].split())[:120]}”."
    if kind == Issue.Kind.SECURITY:
        return "A security issue without a release note: a person has to decide what clients may read."
    return _chore(issue, kind, mapping)


def _chore(issue: JiraIssue, kind: str, mapping: FieldMapping) -> str:
    if kind == Issue.Kind.BREAKING:
        return ""
    # A type or component that a person gave a kind is none of those that the rules take for work behind the scenes.
    mapped_type, mapped_component = mapping.type(issue.issue_type)[1], mapping.component(issue.components)[1]
    if not mapped_type and (issue.subtask or issue.issue_type.lower() in _CHORE_TYPES):
        return f"Issue type “{issue.issue_type}” without a release note."
    component = next((name for name in issue.components if name.lower() in _CHORE_COMPONENTS), "")
    if component and not mapped_component:
        return f"Component “{component}” without a release note."
    found = _CHORE_TEXT.search(issue.summary) or _UPGRADE.search(issue.summary)
    if found:
        words = found.group(0).strip()
        return f"Looks like work behind the scenes (“{words[:60]}”) and has no release note."
    return ""


def meaning_of_label(name: str) -> tuple[str, str]:
    """What a label will probably mean, and why one thinks so; ("", "") for one that says nothing by its name."""
    if _plain(name) in INTERNAL_LABELS or _EMBARGO.search(_plain(name)):
        return INTERNAL, "Its name says so."
    if _BREAKING_WORD.match(name):
        return Issue.Kind.BREAKING, "Its name says so."
    if _SECURITY_WORD.match(name):
        return Issue.Kind.SECURITY, "Its name says so."
    kind = _KIND_OF_TYPE.get(name.lower().replace("-", " ").replace("_", " "), "")
    return (kind, "It is named like an issue type.") if kind else ("", "")


def meaning_of_component(name: str) -> tuple[str, str]:
    """The same for a component: only those of building, testing and releasing mean something by their names."""
    return (INTERNAL, "Named like work behind the scenes.") if name.lower() in _CHORE_COMPONENTS else ("", "")


def meaning_of_type(name: str) -> tuple[str, str]:
    """The same for an issue type."""
    if name.lower() in _CHORE_TYPES:
        return "", "By rule: kept inside unless it has a release note."
    kind = _KIND_OF_TYPE.get(name.lower(), "")
    return (kind, "Jira's name for it.") if kind else ("", "")
