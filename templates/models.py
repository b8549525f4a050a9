"""E-mail templates in MJML, with numbered versions that are frozen once published."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone


class VersionFrozen(Exception):
    """Somebody tried to change or delete a published version."""


def digest_of(mjml: str) -> str:
    """SHA-256 of the MJML in UTF-8, in hex."""
    return hashlib.sha256(mjml.encode()).hexdigest()


class EmailTemplate(models.Model):
    """A named layout for one step of a cadence."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True)
    step = models.CharField(
        max_length=20, help_text="The step it was made for: announcement, reminder, release_day, follow_up."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "e-mail template"
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
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, help_text="When it was begun, or its draft last saved.")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "version of a template"
        verbose_name_plural = "versions of templates"
        ordering = ("template", "-number")
        permissions: ClassVar = [("publish_emailtemplateversion", "Can publish a version of an e-mail template")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="version_numbers_run_per_template"),
            models.UniqueConstraint(fields=["template"], condition=Q(state="draft"), name="one_draft_per_template"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | Q(state="published", published_at__isnull=False),
                name="published_version_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"

    def get_absolute_url(self) -> str:
        """The page of the template, with this version shown."""
        return reverse("templates:version", args=[self.template.slug, self.number])

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.state == self.State.DRAFT

    @property
    def is_intact(self) -> bool:
        """Whether the MJML is still that which the digest was made from."""
        return self.digest == digest_of(self.mjml)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row. Raises VersionFrozen for a published one: mails that were approved rest on it."""
        self._refuse_if_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove a draft. Raises VersionFrozen for a published version."""
        self._refuse_if_published()
        return super().delete(*args, **kwargs)

    def _refuse_if_published(self) -> None:
        published = self.State.PUBLISHED
        if self.pk and EmailTemplateVersion.objects.filter(pk=self.pk, state=published).exists():
            raise VersionFrozen(f"{self} is published and never changes. Make a new version instead.")
