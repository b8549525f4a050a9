"""What the preflight found in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from campaigns.review import actions, preflight
from campaigns.review.desk.mail import MailColumn
from campaigns.review.models import Waiver
from campaigns.review.preflight import Finding


@dataclass(frozen=True)
class RuleFindings:
    """What one rule found, of one level: its name and source stand once above them."""

    title: str
    source: str
    # Whether this person may let them stand, and whether another one may.
    may_waive: bool
    may_be_waived: bool
    findings: list[Finding] = field(default_factory=list)


class Checks(MailColumn):
    """Findings: open, blocking, waived."""

    @cached_property
    def findings(self) -> list[Finding]:
        """What the preflight found."""
        return preflight.look(self.mail, remember=True, waived=self.waivers) if self.mail else []

    @cached_property
    def waivers(self) -> list[Waiver]:
        """Everything that was ever let pass in it, the oldest first."""
        return list(self.email.waivers.select_related("by").order_by("at", "pk"))

    @property
    def open_findings(self) -> list[Finding]:
        """Not waived, blocking ones first."""
        return [found for found in self.findings if found.waiver is None]

    @property
    def blocking(self) -> list[Finding]:
        """Those that stop it."""
        return [found for found in self.findings if found.stops]

    @property
    def warnings(self) -> list[Finding]:
        """Open warnings."""
        return [found for found in self.open_findings if not found.blocking]

    @property
    def blocking_by_rule(self) -> list[RuleFindings]:
        """Those that stop it, by rule."""
        return self._by_rule(self.blocking)

    @property
    def warnings_by_rule(self) -> list[RuleFindings]:
        """Open warnings, by rule."""
        return self._by_rule(self.warnings)

    @property
    def may_waive(self) -> bool:
        """Whether this person may let any open finding stand."""
        return any(self._may_waive(found) for found in self.open_findings)

    def _may_waive(self, found: Finding) -> bool:
        return found.can_be_waived and self.user.has_perm(actions.APPROVE if found.blocking else actions.EDIT)

    def _by_rule(self, findings: Iterable[Finding]) -> list[RuleFindings]:
        groups: dict[str, RuleFindings] = {}
        for one in findings:
            group = RuleFindings(one.title, one.source, self._may_waive(one), one.can_be_waived)
            groups.setdefault(one.rule, group).findings.append(one)
        return list(groups.values())

    @property
    def waived(self) -> list[Finding]:
        """What somebody let pass, with the reason."""
        return [found for found in self.findings if found.waiver is not None]

    @property
    def lapsed(self) -> list[Waiver]:
        """Waivers of words that stand there no more, or of what is not found any more: they let nothing pass now."""
        standing = {found.fingerprint for found in self.findings}
        return [waiver for waiver in self.waivers if waiver.fingerprint not in standing]
