"""What came back: raw notifications, events per recipient, figures per hour and alerts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import CampaignEmail, Contact, Message


class SnsNotification(models.Model):
    """One verified notification as it came; stored first, applied after."""

    message_id = models.CharField(max_length=100, unique=True)
    topic_arn = models.CharField(max_length=300)
    body = models.TextField(help_text="The SES event as text.")
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "SNS notification"
        indexes: ClassVar = [
            # The tick that applies what was stored and not yet applied.
            models.Index(fields=["id"], name="notification_waiting", condition=Q(applied_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.message_id


class EmailEvent(models.Model):
    """What happened to one message: a fact, never a state."""

    class Type(models.TextChoices):
        SEND = "send", "Sent by SES"
        DELIVERY = "delivery", "Delivered"
        DELIVERY_DELAY = "delivery_delay", "Delayed"
        BOUNCE = "bounce", "Bounced"
        COMPLAINT = "complaint", "Complained"
        REJECT = "reject", "Rejected"
        RENDERING_FAILURE = "rendering_failure", "Could not be rendered"
        OPEN = "open", "Opened"
        CLICK = "click", "Clicked"
        SUBSCRIPTION = "subscription", "Subscription"
        OTHER = "other", "Other"

    class Origin(models.TextChoices):
        HUMAN = "human", "Human"
        MACHINE = "machine", "Machine"
        UNKNOWN = "unknown", "Unknown"

    type = models.CharField(max_length=20, choices=Type.choices)
    at = models.DateTimeField()
    notification = models.ForeignKey(SnsNotification, on_delete=models.PROTECT, related_name="events")
    recipient = models.CharField(max_length=254, blank=True)
    # No constraint: the number stays when its message goes into the archive, so that people are still counted once.
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.DO_NOTHING, related_name="events", db_constraint=False
    )
    email = models.ForeignKey(
        CampaignEmail, null=True, blank=True, on_delete=models.SET_NULL, related_name="events", verbose_name="e-mail"
    )
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    ses_id = models.CharField("SES message id", max_length=100, blank=True)
    subtype = models.CharField(max_length=60, blank=True, help_text="Permanent/General, abuse, MailboxFull ...")
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.UNKNOWN)
    link = models.CharField(max_length=2000, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = "event"
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notification", "type", "recipient"], name="event_once_per_notification_and_recipient"
            )
        ]
        indexes: ClassVar = [
            # Rollup and rates per e-mail.
            models.Index(fields=["email", "type", "at"], name="event_by_email_type_time"),
            # The rollup of what came in since the last one, and the guard's windows.
            models.Index(fields=["at", "type"], name="event_by_time"),
            # The guard, each minute: what named no message of ours in the last hour, a few among millions.
            models.Index(fields=["at"], name="event_of_nobody", condition=Q(message__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.recipient}"


class HourlyFigure(models.Model):
    """Events of one type and origin that an e-mail had in one hour; `people` counts each message once, at its first."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.CASCADE, related_name="figures", verbose_name="e-mail")
    hour = models.DateTimeField()
    type = models.CharField(max_length=20, choices=EmailEvent.Type.choices)
    origin = models.CharField(max_length=10, choices=EmailEvent.Origin.choices)
    events = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "figure of an hour"
        verbose_name_plural = "figures by the hour"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["email", "hour", "type", "origin"], name="one_figure_per_email_hour_type_origin"
            )
        ]
        indexes: ClassVar = [
            # The plot per day over all e-mails.
            models.Index(fields=["hour", "type"], name="figure_by_hour")
        ]


class Summing(models.Model):
    """Whose turn it is to be summed up: what got new events since the last time, and until when it rests."""

    email = models.OneToOneField(CampaignEmail, on_delete=models.CASCADE, related_name="summing", verbose_name="e-mail")
    waiting = models.JSONField(default=list, help_text="Types of events that are to be counted anew.")
    noted_at = models.DateTimeField(help_text="When new events were last noted.")
    due_at = models.DateTimeField(help_text="Not before; somebody else may be at it until then.")
    seconds = models.FloatField(default=0, help_text="What the last time took.")

    class Meta:
        verbose_name_plural = "summings"

    def __str__(self) -> str:
        return f"summing of {self.email_id}"


class Alert(models.Model):
    """Something a person should look at, open until somebody says it is dealt with."""

    class Level(models.TextChoices):
        WARNING = "warning", "Warning"
        CRITICAL = "critical", "Critical"

    key = models.CharField(max_length=200, help_text="What it is about; one open alert per key.")
    level = models.CharField(max_length=10, choices=Level.choices)
    message = models.CharField(max_length=500)
    email = models.ForeignKey(
        CampaignEmail, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts", verbose_name="e-mail"
    )
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=Q(closed_at__isnull=True), name="one_open_alert_per_key")
        ]

    def __str__(self) -> str:
        return self.message
