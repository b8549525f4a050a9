"""E-mail templates in MJML, with numbered versions that are frozen once published."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class EmailTemplate(models.Model):
    """A named layout for one step of a cadence."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True)
    step = models.CharField(max_length=20, help_text="The step it was made for: announcement, reminder, release_day, follow_up.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the template."""
        return reverse("templates:template", args=[self.slug])


class EmailTemplateVersion(models.Model):
    """One numbered text of a template. A draft may change; a published one never does.

    To go back, the old text is published again under a new number.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    template = models.ForeignKey(EmailTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    mjml = models.TextField("MJML")
    note = models.CharField(max_length=300, blank=True, help_text="What changed and why.")
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("template", "-number")
        permissions: ClassVar = [("publish_emailtemplateversion", "Can publish a version of an e-mail template")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="version_numbers_run_per_template"),
            models.UniqueConstraint(fields=["template"], condition=Q(state="draft"), name="one_draft_per_template"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True) | Q(state="published", published_at__isnull=False),
                name="published_version_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"
