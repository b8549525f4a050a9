"""Yes or no: comments, preflight results, frozen renditions and the approvals that name them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.drafting.models import Revision
from campaigns.planning.models import CampaignEmail
from templates.models import EmailTemplateVersion


class Comment(models.Model):
    """What a person said about an e-mail or one block of it."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="comments")
    revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
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

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="waivers")
    rule = models.CharField(max_length=50)
    fingerprint = models.CharField(max_length=64)
    message = models.CharField(max_length=500)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email", "fingerprint"], name="finding_waived_once_per_email")
        ]


class Rendition(models.Model):
    """The frozen bytes of a revision: what SES gets, with the placeholders that it fills per recipient."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.PROTECT, related_name="renditions")
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

    email = models.ForeignKey(CampaignEmail, on_delete=models.PROTECT, related_name="approvals")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="approvals")
    rendition = models.ForeignKey(Rendition, null=True, blank=True, on_delete=models.PROTECT, related_name="approvals")
    decision = models.CharField(max_length=20, choices=Decision.choices)
    comment = models.TextField(blank=True, max_length=5000)
    audience_digest = models.CharField(max_length=64, blank=True)
    audience_size = models.PositiveIntegerField(default=0)
    snapshot_digest = models.CharField(max_length=64, blank=True)
    send_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(decision="approved", voided_at__isnull=True),
                name="one_valid_approval_per_email",
            ),
            models.CheckConstraint(
                condition=~Q(decision="approved") | Q(rendition__isnull=False), name="approval_names_a_rendition"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_decision_display()}"
