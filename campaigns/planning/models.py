"""When: cadences and their steps, campaigns and their e-mails, and the line that each change of state leaves."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns import states
from campaigns.audience.models import ContactList
from releases.models import Product, Release
from templates.models import EmailTemplate, EmailTemplateVersion


class Cadence(models.Model):
    """A plan of steps around a release."""

    class Anchor(models.TextChoices):
        RELEASE_DATE = "release_date", "The release date in Jira"
        PLANNED_AT = "planned_at", "The moment the campaign is planned"

    name = models.CharField(max_length=100, unique=True)
    anchor = models.CharField(
        max_length=20, choices=Anchor.choices, default=Anchor.RELEASE_DATE,
        help_text="What the offsets count from. The moment of planning suits hotfixes that are announced at once.",
    )  # fmt: skip
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.CASCADE, related_name="cadences", help_text="Empty: for all."
    )
    is_default = models.BooleanField(default=False, help_text="Taken when a product has none of its own.")
    plan_from_days = models.PositiveIntegerField(
        default=60, help_text="Plan a campaign by itself when the release date is at most this many days away."
    )
    late_after = models.DurationField(help_text="A mail later than this is held, never sent.")
    window_opens = models.TimeField(
        null=True, blank=True, help_text="Mail waits until this time of the contact's day. Empty: at any hour."
    )
    window_closes = models.TimeField(null=True, blank=True, help_text="And goes out before this one, or the next day.")

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(window_opens__isnull=True, window_closes__isnull=True)
                | Q(window_opens__lt=models.F("window_closes")),
                name="window_opens_before_it_closes",
            ),
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_cadence"),
        ]

    def __str__(self) -> str:
        return self.name


class CadenceStep(models.Model):
    """One e-mail of the plan: its offset from the anchor and, for whole days, its time of day."""

    cadence = models.ForeignKey(Cadence, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, choices=list(states.STEPS.items()))
    position = models.PositiveSmallIntegerField()
    offset = models.DurationField(help_text="From the anchor; minus means before. Such as -14 days.")
    time_of_day = models.TimeField(
        null=True, blank=True, help_text="Local time in the product's zone. Empty: exactly anchor plus offset."
    )
    needs_release = models.BooleanField(default=False, help_text="Goes out only once Jira says released.")
    local_time = models.BooleanField(
        "in each client's time zone", default=False, help_text="The time of day is meant where the contact is."
    )
    template = models.ForeignKey(EmailTemplate, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("cadence", "position")
        constraints: ClassVar = [models.UniqueConstraint(fields=["cadence", "kind"], name="step_once_per_cadence")]

    def __str__(self) -> str:
        return f"{self.cadence}: {self.get_kind_display()}"


class Campaign(models.Model):
    """All that is sent for one release."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="campaign")
    cadence = models.ForeignKey(Cadence, on_delete=models.PROTECT, related_name="campaigns")
    lists = models.ManyToManyField(ContactList, related_name="campaigns", blank=True)
    state = models.CharField(max_length=20, choices=states.choices(states.CAMPAIGN), default="active")
    hold_reason = models.CharField(max_length=300, blank=True)
    anchor_at = models.DateTimeField(
        null=True, blank=True, help_text="For cadences that count from the moment of planning."
    )
    planned_for = models.DateField(
        null=True, blank=True, help_text="The release date that the times were computed from."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        permissions: ClassVar = [
            ("plan_campaign", "Can plan a campaign and choose its lists"),
            ("hold_campaign", "Can hold, resume and cancel a campaign"),
        ]

    def __str__(self) -> str:
        return str(self.release)

    def get_absolute_url(self) -> str:
        """The page of the campaign."""
        return reverse("planning:campaign", args=[self.pk])


class CampaignEmail(models.Model):
    """One of the four e-mails of a campaign, or a correction of one of them."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="emails")
    step = models.CharField(max_length=20, choices=list(states.STEPS.items()))
    position = models.PositiveSmallIntegerField()
    correction_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections",
        help_text="It mends this e-mail and goes to exactly those who received it, whatever the lists say.",
    )  # fmt: skip
    state = models.CharField(max_length=20, choices=states.choices(states.EMAIL), default="planned")
    state_reason = models.CharField(max_length=500, blank=True, help_text="Why it is held, paused or cancelled.")
    held_from = models.CharField(max_length=20, blank=True, help_text="The state it was in before it was held.")
    held_by_approval = models.BooleanField(
        default=False, help_text="It is held because its approval no longer fits, and not because a person said so."
    )
    send_at = models.DateTimeField(null=True, blank=True)
    send_at_by_person = models.BooleanField(
        default=False, help_text="A person chose the time; a moved release leaves it."
    )
    needs_release = models.BooleanField(default=False)
    local_time = models.BooleanField(
        default=False, help_text="Each contact's batch waits for the planned wall time of its own zone."
    )
    window_opens = models.TimeField(null=True, blank=True)
    window_closes = models.TimeField(null=True, blank=True)
    late_after = models.DurationField()
    template_version = models.ForeignKey(EmailTemplateVersion, on_delete=models.PROTECT, related_name="+")
    state_since = models.DateTimeField()
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    locked_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    prepared_at = models.DateTimeField(null=True, blank=True, help_text="Every recipient has a message.")
    finished_at = models.DateTimeField(null=True, blank=True)
    archive_begun_at = models.DateTimeField(
        null=True, blank=True, help_text="Its messages are being moved into the archive; nothing of it is sent again."
    )
    archived_at = models.DateTimeField(null=True, blank=True, help_text="All of its messages are in the archive.")

    class Meta:
        ordering = ("campaign", "position")
        verbose_name = "e-mail"
        permissions: ClassVar = [
            ("edit_campaignemail", "Can edit, comment on and submit an e-mail"),
            ("approve_campaignemail", "Can approve an e-mail or request changes"),
            ("send_campaignemail", "Can pause, resume and cancel a send"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "step"], condition=Q(correction_of__isnull=True), name="step_once_per_campaign"
            ),
            models.UniqueConstraint(
                fields=["correction_of"],
                condition=Q(correction_of__isnull=False) & ~Q(state="cancelled"),
                name="one_open_correction_per_email",
            ),
            # Who got it is no longer known here, so it can never be opened once more.
            models.CheckConstraint(
                condition=Q(archive_begun_at__isnull=True) | Q(state__in=["sent", "cancelled"]),
                name="archived_emails_stay_ended",
            ),
        ]
        indexes: ClassVar = [
            # Every tick asks for the e-mails of one state that are due.
            models.Index(fields=["state", "send_at"], name="email_by_state_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.get_step_display()}"

    def get_step_display(self) -> str:  # type: ignore[no-redef]
        """The name of the step; a correction says what it corrects."""
        label = states.STEPS.get(self.step, self.step)
        return f"Correction of the {label.lower()}" if self.correction_of_id else label

    def get_absolute_url(self) -> str:
        """The review page of the e-mail."""
        return reverse("review:email", args=[self.pk])


class Transition(models.Model):
    """A change of state: what, from, to, when, by whom and why. Never edited."""

    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="transitions")
    email = models.ForeignKey(
        CampaignEmail,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="transitions",
        verbose_name="e-mail",
    )
    what = models.CharField(max_length=30, help_text="campaign, email, approval, time, lists, message, batch ...")
    what_id = models.BigIntegerField(null=True, blank=True)
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: the timetable.",
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.what} {self.before} -> {self.after}"
