"""Words: every text an e-mail ever had, and every run of a drafter."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.planning.models import CampaignEmail
from releases.models import Snapshot


def spoken_drafter(name: str) -> str:
    """A drafter as a page names it; `name` is what a revision keeps. Without a name: a person's, who is gone."""
    kind, _, model = name.partition(":")
    if kind == "openai" and model:
        return f"the model {model}"
    return {"extractive": "the rule-based drafter", "correction": "relmail", "": "somebody who left"}.get(name, name)


class Revision(models.Model):
    """One text of an e-mail, by a person or a drafter. Never edited: an edit is the next number."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="revisions", verbose_name="e-mail")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=300)
    preheader = models.CharField(max_length=300, blank=True)
    blocks = models.JSONField(help_text='[{"kind", "sentences": [{"text", "keys"}]}]; see campaigns/drafting/text.py.')
    order = models.JSONField(
        default=list, blank=True, help_text="Kinds of blocks in the order a person chose; empty: as the template has."
    )
    digest = models.CharField(max_length=64)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    drafter = models.CharField(
        max_length=100, blank=True, help_text="openai:<model> or extractive; empty for a person."
    )
    why = models.CharField(
        max_length=500, blank=True, help_text="Which drafter wrote it and why that one, or the editor's note."
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("email", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email", "number"], name="revision_numbers_run_per_email")
        ]

    def __str__(self) -> str:
        return f"{self.email} r{self.number}"

    @property
    def drafted_by(self) -> str:
        """The drafter as a page names it."""
        return spoken_drafter(self.drafter)


class DraftRun(models.Model):
    """One try of a drafter: how long it took, what it cost and how it ended."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="draft_runs", verbose_name="e-mail")
    revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    drafter = models.CharField(max_length=100)
    model = models.CharField(max_length=100, blank=True)
    transport = models.CharField(max_length=20, blank=True)
    prompt_version = models.CharField(max_length=50, blank=True)
    snapshot_digest = models.CharField(max_length=64)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    error_kind = models.CharField(max_length=50, blank=True)
    error = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    input_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(default=0)
    cost = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True,
        help_text="By OPENAI_PRICES at that time, in their currency; empty when price or tokens are unknown.",
    )  # fmt: skip
    sentences = models.PositiveIntegerField(null=True, blank=True, help_text="As the drafter wrote them.")
    unsupported = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of them, those that the checks stopped; they were left out."
    )
    doubtful = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of them, those with a warning about their source."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.drafter} {self.get_outcome_display()}"


class PromptEvaluation(models.Model):
    """One run of the regression set over a version of the prompts. Only a version that passed can go live."""

    version = models.CharField(max_length=50)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the files of that version, as they were.")
    model = models.CharField(max_length=100)
    transport = models.CharField(max_length=20)
    passed = models.BooleanField()
    mails = models.PositiveIntegerField(help_text="How many mails were asked for.")
    report = models.JSONField(default=list, help_text="Per mail: what was wrong, and how many sentences it had.")
    cost = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, help_text="The sum of what is known."
    )
    uncounted = models.PositiveIntegerField(default=0, help_text="Mails whose cost nobody knows.")
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    stopped = models.CharField(
        max_length=500, blank=True, help_text="Why it ended before its last mail; it is no verdict then."
    )
    seconds = models.FloatField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    live = models.BooleanField(default=False, help_text="Its version is the one that drafts are asked with.")
    live_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "evaluation of prompts"
        verbose_name_plural = "evaluations of prompts"
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["live"], condition=Q(live=True), name="one_prompt_version_is_live"),
            models.CheckConstraint(condition=Q(live=False) | Q(passed=True), name="only_passed_prompts_go_live"),
        ]

    def __str__(self) -> str:
        return f"{self.version} with {self.model}: {'passed' if self.passed else 'failed'}"


class SourceIndex(models.Model):
    """The words of a snapshot's issues, taken apart once for all processes that hold mails against them."""

    snapshot = models.OneToOneField(Snapshot, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the texts and of the rules.")
    stems = models.JSONField(help_text="Issue key -> its stems.")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Words of {self.snapshot}"
