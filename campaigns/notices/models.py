"""What a person was told, how each wants to be told, and up to where the history was read."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.notices import kinds
from campaigns.planning.models import Campaign, CampaignEmail


class How(models.TextChoices):
    """How a person wants to be told of one kind."""

    NOW = "now", "Here and by mail at once"
    DAILY = "daily", "Here and in one mail a day"
    PAGE = "page", "Here only"
    OFF = "off", "Not at all"


class Notice(models.Model):
    """One thing that one person was told. `thing` names it, so that nobody is told twice, whoever asks how often.

    The words are those of the moment: they stay true when the e-mail moves on.
    """

    class Mail(models.TextChoices):
        NONE = "none", "No mail wanted"
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        READ = "read", "Read before it was mailed"
        FAILED = "failed", "Failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    thing = models.CharField(
        max_length=100, help_text="What it is about, such as change:123 or slot:45:202611250900:2."
    )
    kind = models.CharField(max_length=20, choices=kinds.choices())
    email = models.ForeignKey(
        CampaignEmail, null=True, blank=True, on_delete=models.CASCADE, related_name="notices", verbose_name="e-mail"
    )
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    title = models.CharField(max_length=300)
    words = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField(help_text="When the thing happened.")
    seen_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=10, choices=How.choices, default=How.NOW)
    mail = models.CharField(max_length=10, choices=Mail.choices, default=Mail.NONE)
    mail_after = models.DateTimeField(null=True, blank=True, help_text="Not before; set after a refusal.")
    mail_detail = models.CharField(max_length=300, blank=True)
    claim = models.CharField(max_length=32, blank=True, help_text="Which run of the timetable is mailing it.")
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "thing"], name="told_once_of_a_thing")]
        indexes: ClassVar = [
            # The count in the header of every page.
            models.Index(fields=["user"], condition=Q(seen_at__isnull=True), name="notice_unread"),
            models.Index(fields=["mail"], condition=Q(mail__in=["waiting", "sending"]), name="notice_to_be_mailed"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where the thing is: the e-mail's page, or the campaign's."""
        if self.email is not None:
            return self.email.get_absolute_url()
        return self.campaign.get_absolute_url() if self.campaign is not None else "/"

    @property
    def tone(self) -> str:
        """The colour of its kind."""
        return kinds.KINDS[self.kind].tone if self.kind in kinds.KINDS else "muted"


class NoticeChoice(models.Model):
    """How one person wants to be told of one kind. Without a row: at once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=20, choices=kinds.choices())
    how = models.CharField(max_length=10, choices=How.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_per_kind")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}: {self.get_how_display()}"


class NoticeBookmark(models.Model):
    """Up to which row of a history notices were derived. One row for each history."""

    history = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.history}: {self.position}"
