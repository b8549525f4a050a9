"""Hold a version of the prompts against the regression set, and put it live if it passes and that is wanted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.drafting import evaluating, prompt_services, prompt_versions
from campaigns.drafting.evaluating import Outcome
from campaigns.drafting.services import DraftRefused


class Command(BaseCommand):
    """`manage.py evaluate_drafts [VERSION] [--live]`; without a model to ask, or with a failure, it ends with 1."""

    help = (
        "Asks the configured model (OPENAI_MODEL) for every mail of the regression set and prints what was wrong. "
        "Only a version that passed can be put live."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The version and what to do with it."""
        parser.add_argument("version", nargs="?", default="", help="such as v2; default: the newest")
        parser.add_argument("--live", action="store_true", help="put it live when it passes")
        parser.add_argument("--only-live", action="store_true", help="put it live by an earlier evaluation")
        parser.add_argument("--show", action="store_true", help="say which version is live and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate, report, decide."""
        version = options["version"] or prompt_versions.versions()[-1]
        if options["show"]:
            self._show()
            return
        try:
            if not options["only_live"]:
                self._evaluate(version)
            if options["live"] or options["only_live"]:
                row = prompt_services.make_prompt_live(version=version, now=timezone.now())
                self.stdout.write(f"The prompts {row.version} are live.")
        except DraftRefused as refusal:
            raise CommandError(str(refusal)) from None
        self._show()

    def _evaluate(self, version: str) -> None:
        row = prompt_services.evaluate_prompt(version=version, now=timezone.now(), tell=self._tell)
        for case in evaluating.left_out(prompt_services.languages_written()):
            self.stdout.write(
                f"{case.name}: not asked for, because no active product is in {case.house.language_name}."
            )
        failed = sum(1 for line in row.report if line["problems"])
        sums = {name: sum(line[name] for line in row.report) for name in
                ("sentences", "unsupported", "doubtful", "floor_unsupported", "floor_doubtful")}  # fmt: skip
        self.stdout.write(
            f"{row.model}: {sums['unsupported']} of {sums['sentences']} sentences unsupported, "
            f"{sums['doubtful']} doubtful; the rules alone: {sums['floor_unsupported']} and {sums['floor_doubtful']}."
        )
        cost = "unknown" if row.cost is None else f"{row.cost:.4f} currency={settings.OPENAI_CURRENCY}"
        self.stdout.write(
            f"version={row.version} digest={row.digest[:12]} mails={row.mails} failed={failed} "
            f"passed={'yes' if row.passed else 'no'} cost={cost} seconds={row.seconds:.1f}"
        )
        if not row.passed:
            raise CommandError(f"The prompts {version} did not pass; they cannot go live.")

    def _tell(self, outcome: Outcome) -> None:
        judged = "; ".join(outcome.problems) or "passed"
        self.stdout.write(f"{outcome.case} {outcome.step}: {judged}")

    def _show(self) -> None:
        live = prompt_versions.live()
        self.stdout.write(f"Live: {live.version} ({live.by}, digest {live.digest[:12]}). {live.problem}".rstrip())
