"""`manage.py doctor`: can this installation work? One line a check; ends with 1 when something is wrong."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from relmail import doctor


class Command(BaseCommand):
    """Prints the findings of relmail/doctor.py as they come."""

    help = "Checks settings, database, broker, timetable, Jira, OpenAI, SES and SNS, and says what to do."
    # The checks of Django are among the findings; a problem there must not keep the others unsaid.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a finding; end with 1 when there was a problem."""
        problems = 0
        for finding in doctor.examine(now=timezone.now()):
            problems += not finding.ok
            word = self.style.SUCCESS("ok     ") if finding.ok else self.style.ERROR("PROBLEM")
            self.stdout.write(f"{word}  {finding.what:<12} {' '.join(f'{finding.says} {finding.mend}'.split())}")
        if problems:
            self.stdout.write(f"{problems} problem{'s' if problems > 1 else ''}.")
            sys.exit(1)
        self.stdout.write("All well.")
