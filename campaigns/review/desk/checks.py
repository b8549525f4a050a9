"""What the preflight found in it."""

from __future__ import annotations

from functools import cached_property

from campaigns.review import preflight
from campaigns.review.desk.mail import MailColumn
from campaigns.review.preflight import Finding


class Checks(MailColumn):
    """Findings: open, blocking, waived."""

    @cached_property
    def findings(self) -> list[Finding]:
        """What the preflight found."""
        return preflight.look(self.mail, remember=True) if self.mail else []

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
    def waived(self) -> list[Finding]:
        """What somebody let pass, with the reason."""
        return [found for found in self.findings if found.waiver is not None]
