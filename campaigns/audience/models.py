"""Who: clients, their contacts, lists, consent per product and addresses that must not be mailed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from releases.models import Product


class Client(models.Model):
    """An organisation that uses our products."""

    name = models.CharField(max_length=200, unique=True)
    external_id = models.CharField(max_length=100, blank=True, help_text="Its number in the CRM.")
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166 code, such as DE; decides which mail law holds."
    )
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty means the product's.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at a client. The address is kept in lower case and is unique."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contacts")
    email = models.EmailField("address", max_length=254, unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty means the client's.")
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("id",)
        permissions: ClassVar = [
            ("import_contact", "Can import contacts"),
            ("erase_contact", "Can erase a person"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="contact_address_is_lower_case")
        ]
        indexes: ClassVar = [
            # The search for a person by the start of the last name; PostgreSQL needs the pattern class for LIKE.
            models.Index(fields=["last_name"], name="contact_last_name", opclasses=["varchar_pattern_ops"]),
            # Later steps ask for erased people, who are few, to clear what they keep of them.
            models.Index(fields=["erased_at"], name="contact_erased", condition=Q(erased_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        """First and last name, or the address when both are unknown."""
        return f"{self.first_name} {self.last_name}".strip() or self.email


class ContactList(models.Model):
    """A named set of contacts a campaign can go to."""

    name = models.CharField(max_length=200, unique=True)
    description = models.CharField(max_length=300, blank=True)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="lists",
        help_text="Campaigns of this product start with this list.",
    )  # fmt: skip
    contacts: models.ManyToManyField[Contact, ListMembership] = models.ManyToManyField(
        Contact, through="ListMembership", related_name="lists"
    )
    # Counted with each change: pages show it beside every list, and counting a million takes a tenth of a second.
    people = models.PositiveIntegerField(default=0, editable=False, help_text="How many are on it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the list."""
        return reverse("audience:list", args=[self.pk])


class ListMembership(models.Model):
    """A contact on a list."""

    contact_list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="memberships")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact_list", "contact"], name="contact_once_per_list")
        ]


class Subscription(models.Model):
    """What a contact agreed to, per product, with its proof. Without one nothing is sent."""

    class State(models.TextChoices):
        SUBSCRIBED = "subscribed", "Subscribed"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    class Basis(models.TextChoices):
        CONTRACT = "contract", "Contract"
        CONSENT = "consent", "Consent"
        LEGITIMATE_INTEREST = "legitimate_interest", "Legitimate interest"

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="subscriptions")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="subscriptions")
    state = models.CharField(max_length=20, choices=State.choices, default=State.SUBSCRIBED)
    basis = models.CharField(max_length=30, choices=Basis.choices, default=Basis.CONTRACT)
    source = models.CharField(
        max_length=200, help_text="Where it comes from: an import, the unsubscribe link, a person."
    )
    proof = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        permissions: ClassVar = [("change_consent", "Can subscribe and unsubscribe contacts")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "product"], name="one_subscription_per_contact_and_product")
        ]

    def __str__(self) -> str:
        return f"{self.contact} {self.product}: {self.get_state_display()}"


class ConsentChange(models.Model):
    """A line of the history of consent: who or what changed it, when, and why. Never edited."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consent_changes")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)
    source = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "change of consent"
        verbose_name_plural = "changes of consent"
        ordering = ("-at", "-id")


class Suppression(models.Model):
    """An address that must not be mailed. Lifted ones stay with the time at which they ended."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", "Hard bounce"
        COMPLAINT = "complaint", "Complaint"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed from everything"
        MANUAL = "manual", "Suppressed by a person"
        ERASED = "erased", "Erased person"
        PROVIDER = "provider", "On the list of Amazon SES"

    email = models.CharField("address", max_length=254, help_text="Lower case; for an erased person the digest of it.")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    detail = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="Empty means for good; set when lifted.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lifted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-since", "-id")
        permissions: ClassVar = [("lift_suppression", "Can lift a suppression")]
        constraints: ClassVar = [
            # Also the index of the question every claim asks: is this address suppressed now?
            models.UniqueConstraint(
                fields=["email"], condition=Q(until__isnull=True), name="one_open_suppression_per_address"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="suppressed_address_is_lower_case"),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_reason_display()}"


class ContactImport(models.Model):
    """One CSV file that was handed in, and what became of each row."""

    class State(models.TextChoices):
        CHECKED = "checked", "Checked, not yet imported"
        IMPORTED = "imported", "Imported"
        REFUSED = "refused", "Refused"

    contact_list = models.ForeignKey(ContactList, null=True, on_delete=models.SET_NULL, related_name="imports")
    new_list = models.CharField(
        max_length=200, blank=True, help_text="The name of the list that an import would make; a check makes none."
    )
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    basis = models.CharField(
        max_length=30, choices=Subscription.Basis.choices, blank=True,
        help_text="On which basis the people are subscribed; empty without a product.",
    )  # fmt: skip
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    encoding = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=20, choices=State.choices)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True, help_text="Why the file as a whole was refused.")
    report = models.JSONField(
        default=list, help_text='Rows that need a look: [{"line", "column", "value", "problem"}].'
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "import of contacts"
        verbose_name_plural = "imports of contacts"
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"


class KeptFile(models.Model):
    """A file between its check and its import, so that nobody chooses it twice: one a person, for an hour."""

    by = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    contact_import = models.OneToOneField(ContactImport, on_delete=models.CASCADE, related_name="kept_file")
    content = models.BinaryField()
    basis = models.CharField(max_length=30, choices=Subscription.Basis.choices)
    proof = models.CharField(max_length=500, blank=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = "kept file"

    def __str__(self) -> str:
        return f"{self.contact_import} until {self.until:%H:%M}"
