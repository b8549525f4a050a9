"""Yes or no: comments, preflight results, frozen renditions and the approvals that name them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.drafting.models import Revision
from campaigns.planning.models import CampaignEmail
from releases.models import Product
from templates.models import EmailTemplateVersion


class Comment(models.Model):
    """What a person said about an e-mail or one block of it, or in answer to that.

    Answers stand below the comment that began the thread; that one alone is resolved.
    """

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="comments", verbose_name="e-mail")
    revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers", help_text="What it answers."
    )
    block = models.CharField(max_length=30, blank=True)
    body = models.TextField(max_length=5000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.body[:60]


class Waiver(models.Model):
    """A finding that a person let pass, with the reason. Bound to the finding's fingerprint, not to a revision."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="waivers", verbose_name="e-mail")
    rule = models.CharField(max_length=50)
    fingerprint = models.CharField(max_length=64)
    message = models.CharField(max_length=500)
    words = models.TextField(blank=True, help_text="The subject, preheader or sentence that it is about, as it stood.")
    part = models.CharField(max_length=30, blank=True, help_text="Where that stood: a block, or the whole mail.")
    revision_number = models.PositiveIntegerField(null=True, blank=True, help_text="Of the text that was looked at.")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email", "fingerprint"], name="finding_waived_once_per_email")
        ]


class Rendition(models.Model):
    """The frozen bytes of a revision: what SES gets, with the placeholders that it fills per recipient."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.PROTECT, related_name="renditions", verbose_name="e-mail")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="renditions")
    template_version = models.ForeignKey(EmailTemplateVersion, on_delete=models.PROTECT, related_name="+")
    from_address = models.CharField(max_length=400)
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.TextField()
    html = models.TextField("HTML")
    text = models.TextField()
    headers = models.JSONField(
        default=dict, help_text="The same for every recipient; those with a value of their own are made in the send."
    )
    placeholders = models.JSONField(default=list, help_text="Names of the values that each recipient needs.")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email", "digest"], name="rendition_once_per_email_and_bytes")
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.digest[:12]}"


class Approval(models.Model):
    """A person's decision on one rendition, audience, time and set of facts, each by digest. Voided, never edited."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"

    email = models.ForeignKey(CampaignEmail, on_delete=models.PROTECT, related_name="approvals", verbose_name="e-mail")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="approvals")
    rendition = models.ForeignKey(Rendition, null=True, blank=True, on_delete=models.PROTECT, related_name="approvals")
    decision = models.CharField(max_length=20, choices=Decision.choices)
    comment = models.TextField(blank=True, max_length=5000)
    audience_digest = models.CharField(max_length=64, blank=True)
    audience_size = models.PositiveIntegerField(default=0)
    snapshot_digest = models.CharField(max_length=64, blank=True)
    send_at = models.DateTimeField(null=True, blank=True)
    sections = models.JSONField(
        default=dict,
        blank=True,
        help_text="What stood on the page for content, audience, time and compliance when each was ticked.",
    )
    break_glass = models.BooleanField(
        default=False, help_text="Given by an operator in an emergency, without the role that approves."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        permissions: ClassVar = [("break_glass", "Can approve in an emergency, with a reason that everybody sees")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(decision="approved", voided_at__isnull=True),
                name="one_valid_approval_per_email",
            ),
            models.CheckConstraint(
                condition=~Q(decision="approved") | Q(rendition__isnull=False), name="approval_names_a_rendition"
            ),
            models.CheckConstraint(condition=Q(break_glass=False) | ~Q(comment=""), name="break_glass_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_decision_display()}"


class LeftOut(models.Model):
    """An issue that no sentence mentions, and why a person wants it so."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="left_out", verbose_name="e-mail")
    key = models.CharField(max_length=100)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "issue left out"
        verbose_name_plural = "issues left out"
        ordering = ("key",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["email", "key"], name="left_out_once_per_email")]

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"


class Look(models.Model):
    """Which text a person saw last, and which one before it: "what changed since I last looked"."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="looks", verbose_name="e-mail")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(help_text="When this person first saw the text that they saw last.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["email", "user"], name="look_once_per_email_and_user")]

    def __str__(self) -> str:
        return f"{self.user} saw {self.seen}"


class KeptText(models.Model):
    """What a person typed and has not saved: survives a lost session, a closed tab and another computer."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="kept_texts", verbose_name="e-mail")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    based_on = models.PositiveIntegerField(help_text="The number of the revision that was opened.")
    fields = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email", "user"], name="kept_text_once_per_email_and_user")
        ]

    def __str__(self) -> str:
        return f"{self.user}, based on revision {self.based_on}"


class AudienceCount(models.Model):
    """The last counting of an e-mail's audience. A page shows it at once; counting a million again takes seconds."""

    email = models.OneToOneField(
        CampaignEmail, on_delete=models.CASCADE, related_name="audience_count", verbose_name="e-mail"
    )
    digest = models.CharField(max_length=64, help_text="The rule that was counted.")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.email}: {self.facts.get('planned', 0)} planned"


class LinkCheck(models.Model):
    """What an address in the mail answered when a person had it tried, or why it was not.

    `problem` is empty when it can be opened, and when it was not tried.
    """

    email = models.ForeignKey(
        CampaignEmail, on_delete=models.CASCADE, related_name="link_checks", verbose_name="e-mail"
    )
    address = models.CharField(max_length=500)
    answer = models.CharField(max_length=500, blank=True, help_text="Status by status, or why it was not tried.")
    problem = models.CharField(max_length=300, blank=True)
    tried = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["email", "address"], name="link_checked_once")]

    def __str__(self) -> str:
        return f"{self.address}: {self.problem or self.answer or 'answers'}"


class SeedAddress(models.Model):
    """A mailbox of the house with another provider, which gets tests to see how they arrive."""

    address = models.EmailField(unique=True)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.CASCADE, related_name="seeds", help_text="Empty: for all."
    )
    note = models.CharField(max_length=200, blank=True, help_text="Which provider or program reads it.")

    class Meta:
        ordering = ("address",)
        verbose_name_plural = "seed addresses"

    def __str__(self) -> str:
        return self.address
