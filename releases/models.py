"""Products, releases, issues and frozen snapshots, as read from Jira.

Jira is the truth; these rows are our last good copy of it. Only people's own decisions (whether clients may see an
issue) are ours and survive the next sync.
"""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from releases import product_words
from releases.mapping import FieldMapping

# API reference v2, CreateConfigurationSet and CreateTenant: the same rule for both names.
SES_NAME = RegexValidator(r"^[A-Za-z0-9_-]{1,64}$", "Letters, digits, hyphens and underscores, at most 64.")


class Product(models.Model):
    """What ships to clients: one Jira project that rules its dates, and others that ship with it under the same names.

    How its mail looks, signs and is worded, and how its issues are read.
    """

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        GERMAN = "de", "German"
        FRENCH = "fr", "French"
        SPANISH = "es", "Spanish"
        ITALIAN = "it", "Italian"
        DUTCH = "nl", "Dutch"
        POLISH = "pl", "Polish"
        PORTUGUESE = "pt", "Portuguese"
        CHINESE = "zh", "Chinese"
        JAPANESE = "ja", "Japanese"
        KOREAN = "ko", "Korean"

    jira_key = models.CharField("Jira project key", max_length=50, unique=True)
    further_keys = models.JSONField(
        "further Jira projects",
        default=list,
        blank=True,
        help_text="Projects whose version of the same name ships in the same release, e.g. CORE.",
    )
    name = models.CharField(max_length=200)
    sender_name = models.CharField(max_length=100)
    sender_email = models.EmailField("sender address")
    reply_to = models.EmailField("reply-to address", blank=True)
    postal_address = models.CharField(
        max_length=300, help_text="Stands at the foot of every mail (CAN-SPAM, CASL and most others ask for it)."
    )
    website = models.URLField(
        blank=True, help_text="Where the one button of the mail leads when a release has no own page."
    )
    brand_colour = models.CharField(
        max_length=7, default="#1f5fbf", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "A colour such as #1f5fbf.")]
    )
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Berlin.")
    release_note_field = models.CharField(
        max_length=100, blank=True, help_text="Jira's field with the note for clients; found by its name when empty."
    )
    internal_labels = models.JSONField(
        default=list, blank=True, help_text='Issues with one of these labels stay inside, e.g. ["internal"].'
    )
    field_mapping = models.JSONField(
        default=dict, blank=True, help_text="What labels, components and types of this project mean; see mapping.py."
    )
    mapping_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    mapping_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    audience = models.CharField(
        max_length=300, blank=True, help_text="Who reads the mail, such as: dispatchers who work with Kite all day."
    )
    tone = models.CharField(
        max_length=300, blank=True, help_text="How it is written, such as: friendly and short, never funny."
    )
    language = models.CharField(
        max_length=5, choices=Language.choices, default=Language.ENGLISH, help_text="The language of its mails."
    )
    preferred_words = models.JSONField(
        default=dict, blank=True, help_text='What to say instead of what, e.g. {"login": "sign-in"}.'
    )
    forbidden_words = models.JSONField(
        default=list, blank=True, help_text='Words that its mails do not use, e.g. ["revolutionary"].'
    )
    customer_names = models.JSONField(
        default=list, blank=True, help_text="Names of customers: never sent to a model, never in a mail."
    )
    allowed_hosts = models.JSONField(
        default=list, blank=True, help_text='Hosts that links may lead to beside its website, e.g. ["docs.example"].'
    )
    configuration_set = models.CharField(
        "SES configuration set",
        max_length=64,
        blank=True,
        validators=[SES_NAME],
        help_text="Where its events go, and by its options the dedicated IP pool; empty: that of the settings.",
    )
    tenant = models.CharField(
        "SES tenant",
        max_length=64,
        blank=True,
        validators=[SES_NAME],
        help_text="Its identity and configuration set must be associated with the tenant; empty: that of the settings.",
    )
    self_approval = models.BooleanField(
        "the last editor may approve", default=False, help_text="Off: the two-person rule holds."
    )
    active = models.BooleanField(default=True, help_text="Off: not read from Jira any more.")
    synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def project_keys(self) -> tuple[str, ...]:
        """Every Jira project that it is read from, its own first."""
        return (self.jira_key, *self.further_keys)

    def get_absolute_url(self) -> str:
        """The page of its settings."""
        return reverse("releases:product", args=[self.pk])

    def clean(self) -> None:
        """Tidy and check what no field can check by itself. Raises ValidationError by field."""
        wrong: dict[str, Any] = {}
        for name, read in (
            ("preferred_words", product_words.pairs), ("forbidden_words", product_words.texts),
            ("customer_names", product_words.texts), ("allowed_hosts", product_words.hosts),
            ("internal_labels", product_words.texts), ("further_keys", product_words.project_keys),
        ):  # fmt: skip
            try:
                setattr(self, name, read(getattr(self, name), name.replace("_", " ")))
            except ValidationError as error:
                wrong[name] = error
        try:
            self.field_mapping = FieldMapping.read(self.field_mapping).to_json() if self.field_mapping else {}
        except ValidationError as error:
            wrong["field_mapping"] = error
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            wrong["time_zone"] = f"“{self.time_zone}” is no IANA time zone, such as Europe/Berlin."
        if wrong:
            raise ValidationError(wrong)
        # Of no field alone: the admin, where an operator switches a product on again, cannot change both sides.
        if problem := product_words.clash(self, Product.objects.filter(active=True).exclude(pk=self.pk)):
            raise ValidationError(problem)


class Release(models.Model):
    """One version of a Jira project."""

    class State(models.TextChoices):
        UNRELEASED = "unreleased", "Unreleased"
        RELEASED = "released", "Released"
        ARCHIVED = "archived", "Archived"
        DELETED = "deleted", "Deleted in Jira"

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="releases")
    jira_id = models.CharField("Jira version id", max_length=50)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    url = models.URLField("address in Jira", max_length=500, blank=True)
    start_date = models.DateField(null=True, blank=True)
    release_date = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.UNRELEASED)
    issue_count = models.PositiveIntegerField(default=0)
    synced_at = models.DateTimeField(null=True, blank=True)
    sync_error = models.TextField(blank=True)
    date_problem = models.CharField(
        max_length=300, blank=True, help_text="Why the release date that Jira has cannot be used; empty when it can."
    )
    people = models.JSONField(
        default=list, blank=True, editable=False, help_text="Who works on its issues: never sent to a model or mailed."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-release_date", "-id")
        permissions: ClassVar = [("sync_release", "Can read a release from Jira again")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "jira_id"], name="one_release_per_jira_version")
        ]
        indexes: ClassVar = [
            # The list of releases, newest date first, by state.
            models.Index(fields=["state", "-release_date"], name="release_by_state_date")
        ]

    def __str__(self) -> str:
        return f"{self.product.name} {self.name}"

    def get_absolute_url(self) -> str:
        """The page of the release."""
        return reverse("releases:release", args=[self.pk])


class FurtherVersion(models.Model):
    """The version of a release's name in a further project of its product, as Jira had it when it was last read.

    Its issues belong to the release. Its date and state do not count; they are kept to show where they differ.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="further_versions")
    project_key = models.CharField(max_length=50)
    jira_id = models.CharField(
        "Jira version id", max_length=50, blank=True, help_text="Empty: the project has no version of this name."
    )
    state = models.CharField(max_length=20, choices=Release.State.choices, default=Release.State.UNRELEASED)
    release_date = models.DateField(null=True, blank=True)
    date_problem = models.CharField(max_length=300, blank=True)
    url = models.URLField("address in Jira", max_length=500, blank=True)
    nearest = models.CharField(
        max_length=255, blank=True, help_text="A version of nearly this name, where there is none of the same."
    )
    read_at = models.DateTimeField(null=True, blank=True, help_text="The last complete reading of its issues.")
    problem = models.TextField(blank=True, help_text="Why it could not be read the last time; empty when it was.")

    class Meta:
        ordering = ("release", "project_key")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "project_key"], name="one_further_version_per_project")
        ]
        indexes: ClassVar = [
            # A webhook about a version names it by its id alone.
            models.Index(fields=["jira_id"], name="further_version_by_jira_id")
        ]

    def __str__(self) -> str:
        return f"{self.release} in {self.project_key}"


class Issue(models.Model):
    """One Jira issue as it stands under one release: shipped with it, or open and a known problem of it."""

    class Kind(models.TextChoices):
        BREAKING = "breaking", "Breaking change"
        FEATURE = "feature", "Feature"
        IMPROVEMENT = "improvement", "Improvement"
        SECURITY = "security", "Security"
        FIX = "fix", "Fix"
        OTHER = "other", "Other"

    class Visibility(models.TextChoices):
        CLIENT = "client", "Clients may see it"
        INTERNAL = "internal", "Internal"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="issues")
    key = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    summary = models.CharField(max_length=500)
    note = models.TextField("release note", blank=True)
    description = models.TextField(blank=True)
    issue_type = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=100, blank=True)
    done = models.BooleanField(default=False)
    resolution = models.CharField(max_length=100, blank=True)
    priority = models.CharField(max_length=50, blank=True)
    security_level = models.CharField(max_length=100, blank=True)
    components = models.JSONField(default=list, blank=True)
    labels = models.JSONField(default=list, blank=True)
    url = models.URLField(max_length=500, blank=True)
    jira_updated_at = models.DateTimeField(null=True, blank=True)
    visibility = models.CharField(max_length=20, choices=Visibility.choices, default=Visibility.CLIENT)
    visibility_reason = models.CharField(max_length=300, blank=True)
    visibility_decided = models.BooleanField(
        "decided by a person", default=False, help_text="The next sync keeps it, also when the person is gone."
    )
    visibility_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Who decided, as long as the account exists.",
    )  # fmt: skip
    known_problem = models.BooleanField(
        default=False, help_text="Open in Jira with this version as affected: never told as shipped or fixed."
    )
    removed_at = models.DateTimeField(null=True, blank=True, help_text="No longer under this version in Jira.")

    class Meta:
        ordering = ("key",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "key"], name="one_issue_per_release_and_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.summary}"

    @property
    def project_key(self) -> str:
        """The Jira project that it is in."""
        return self.key.rpartition("-")[0]


class Snapshot(models.Model):
    """The facts of a release at one moment, frozen. Drafts and approvals name it by its digest."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    facts = models.JSONField()
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ("release", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "number"], name="snapshot_numbers_run_per_release")
        ]

    def __str__(self) -> str:
        return f"{self.release} facts {self.number}"


class ReleaseChange(models.Model):
    """Something about a release that Jira changed: a date, a state, an issue. Never edited."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(
        max_length=50, help_text="Such as release_date, state, name, issue_added, issue_removed, problem_added."
    )
    before = models.CharField(max_length=500, blank=True)
    after = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "change of a release"
        verbose_name_plural = "changes of releases"
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.release}: {self.what} {self.before} -> {self.after}"


class SyncRun(models.Model):
    """One reading of a product from Jira and how it ended."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="sync_runs")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, default=Outcome.RUNNING)
    releases_seen = models.PositiveIntegerField(default=0)
    issues_seen = models.PositiveIntegerField(default=0)
    changes = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    can_retry = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = "reading from Jira"
        verbose_name_plural = "readings from Jira"
        ordering = ("-started_at",)
        indexes: ClassVar = [
            # The newest reading of each product, on the home page and on the list of releases.
            models.Index(fields=["product", "-started_at", "-id"], name="sync_run_newest")
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.started_at:%Y-%m-%d %H:%M} {self.get_outcome_display()}"


class WebhookDelivery(models.Model):
    """One webhook from Jira as it came: a hint to read again, kept for the operator."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PROCESSED = "processed", "Read again"
        IGNORED = "ignored", "Ignored"
        FAILED = "failed", "Failed"

    identifier = models.CharField(
        max_length=200, unique=True, help_text="X-Atlassian-Webhook-Identifier, or the body's digest."
    )
    event = models.CharField(max_length=100, blank=True)
    project_key = models.CharField(max_length=50, blank=True)
    version_id = models.CharField(max_length=50, blank=True)
    body = models.TextField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    detail = models.TextField(blank=True)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-received_at",)
        verbose_name = "webhook from Jira"
        verbose_name_plural = "webhooks from Jira"
        indexes: ClassVar = [
            # The tick that looks for webhooks not yet acted on.
            models.Index(fields=["received_at"], name="webhook_waiting", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.received_at:%Y-%m-%d %H:%M:%S}"


class WebhookRegistration(models.Model):
    """A webhook that an app registered in Jira Cloud over REST, as Jira lists it. It ends 30 days after its renewal.

    Webhooks that a person made in Jira's administration are not listed there and do not end.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        FAILED = "failed", "Not renewed"
        GONE = "gone", "Gone from Jira"

    jira_id = models.CharField("id in Jira", max_length=50, unique=True)
    events = models.JSONField(default=list)
    jql = models.CharField("JQL filter", max_length=1000, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ACTIVE)
    expires_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "registered webhook"
        ordering = ("expires_at", "jira_id")

    def __str__(self) -> str:
        return f"Webhook {self.jira_id}"
