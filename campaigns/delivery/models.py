"""Out: batches (one SES call each), messages (one recipient each) and the state of the sender.

A message always belongs to the batch that will send it or last did. The batch keeps how many of its messages are in
each state; the figures are recounted from the messages in the same transaction as any change, so the balance of an
e-mail is a sum over batches and costs the same for a hundred recipients and for a million.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from campaigns import states
from campaigns.audience.models import Contact
from campaigns.planning.models import CampaignEmail
from releases.models import Product


class Batch(models.Model):
    """Up to 50 messages of one e-mail that go out in one SES call."""

    email = models.ForeignKey(CampaignEmail, on_delete=models.PROTECT, related_name="batches", verbose_name="e-mail")
    state = models.CharField(max_length=10, choices=states.choices(states.BATCH), default="queued")
    not_before = models.DateTimeField(help_text="The send window opens, or a retry's time has come.")
    not_after = models.DateTimeField(
        null=True, blank=True, help_text="The send window closes; without one it may go out at any hour."
    )
    zone = models.CharField(max_length=64, blank=True, help_text="Whose wall time the window is; empty without one.")
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Of at most seven since a person sent it again.")
    tried_before = models.PositiveSmallIntegerField(
        default=0, help_text="Tries of its messages before a person sent them again; they are numbered on from there."
    )
    claim = models.UUIDField(null=True, blank=True, help_text="Of the worker that holds or held it.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    queued = models.PositiveSmallIntegerField(default=0)
    accepted = models.PositiveSmallIntegerField(default=0)
    suppressed = models.PositiveSmallIntegerField(default=0)
    failed = models.PositiveSmallIntegerField(default=0)
    cancelled = models.PositiveSmallIntegerField(default=0)
    unknown = models.PositiveSmallIntegerField(default=0)
    written_off = models.PositiveSmallIntegerField(default=0, help_text="Of the failed: on which a person has decided.")
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Its messages are in the archive; the figures are all that is left here."
    )

    class Meta:
        verbose_name_plural = "batches"
        indexes: ClassVar = [
            # The claim: the next queued batch of an e-mail after the last one this worker saw.
            models.Index(fields=["email", "id"], name="batch_queued", condition=Q(state="queued")),
            # What a person has to settle, on the home page: few batches, whatever was sent.
            models.Index(
                fields=["email"], name="batch_to_settle", condition=Q(unknown__gt=0) | Q(failed__gt=F("written_off"))
            ),
            # A cancelled send whose messages are still being cancelled: few at any time, whatever was cancelled before.
            models.Index(fields=["email", "id"], name="batch_to_cancel", condition=Q(state="cancelled", queued__gt=0)),
            # The tick: batches whose window has closed get the next one.
            models.Index(
                fields=["not_after"], name="batch_closed", condition=Q(state="queued", not_after__isnull=False)
            ),
            # The reaper: batches that were claimed and never recorded.
            models.Index(fields=["claimed_at"], name="batch_sending", condition=Q(state="sending")),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.email_id}"

    @property
    def try_number(self) -> int:
        """Which try of its messages this is, over all that there were: what the tag of each entry says."""
        return self.tried_before + self.attempt


class MessageFields(models.Model):
    """What a message says of itself, in the queue and in the archive."""

    address = models.CharField(max_length=254)
    values = models.JSONField(default=dict, help_text="What fills the placeholders for this person.")
    state = models.CharField(max_length=10, choices=states.choices(states.MESSAGE), default="queued")
    reason = models.CharField(
        max_length=60, blank=True, help_text="Why it is suppressed, failed, cancelled or unknown: a code to group by."
    )
    detail = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ses_id = models.CharField("SES message id", max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When SES accepted it.")
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.address or 'erased person'} ({self.get_state_display()})"


class Message(MessageFields):
    """One e-mail to one contact; unique, so that nobody can get it twice."""

    # No index of its own: the unique constraint begins with it, and each index is written again with every acceptance.
    email = models.ForeignKey(
        CampaignEmail, on_delete=models.PROTECT, related_name="messages", db_index=False, verbose_name="e-mail"
    )
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="messages")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="messages")

    class Meta:
        permissions: ClassVar = [("decide_message", "Can decide on unknown and failed messages")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email", "contact"], name="one_message_per_email_and_contact"),
        ]
        indexes: ClassVar = [
            # Pages that list the people of one state; the common states "queued" and "accepted" are read by batch.
            models.Index(
                fields=["email", "state", "id"], name="message_exceptions",
                condition=Q(state__in=["failed", "unknown", "suppressed", "cancelled"]),
            ),
            # Why they are in it, counted from the index alone, and the pages of one reason.
            models.Index(
                fields=["email", "state", "reason", "id"], name="message_reasons",
                condition=Q(state__in=["failed", "unknown", "suppressed", "cancelled"]),
            ),
            # The frequency cap: what a contact got lately.
            models.Index(fields=["contact", "sent_at"], name="message_by_contact_time", condition=Q(state="accepted")),
            # An event without our tags is matched by the id that SES gave.
            models.Index(fields=["ses_id"], name="message_ses_id", condition=~Q(ses_id="")),
        ]  # fmt: skip


class ArchivedMessage(MessageFields):
    """A message of an e-mail that ended long ago, as it was; see archiving.py.

    On PostgreSQL a table of partitions, one for each month. What it points to is never deleted as long as it is kept,
    so its keys are no constraints: those would lock the live tables each time a month is added or dropped.
    """

    # The number that it had as a message, which is in the tags of the mail: late events name it.
    id = models.BigIntegerField(primary_key=True)
    month = models.DateField(help_text="The month in which its e-mail ended, by its first day.")
    # The page of an e-mail and its file.
    email = models.ForeignKey(
        CampaignEmail,
        on_delete=models.PROTECT,
        related_name="archived_messages",
        db_constraint=False,
        verbose_name="e-mail",
    )
    # The page of a contact, and the people who are erased.
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="archived_messages", db_constraint=False
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)


class Sender(models.Model):
    """The one row that says whether and how fast the whole fleet may send. Key: the AWS region."""

    region = models.CharField(max_length=50, unique=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_reason = models.CharField(max_length=500, blank=True, help_text="Why nothing is sent; empty when sending.")
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    rate_per_second = models.FloatField(default=1, help_text="Recipients a second, as SES allows or the setting says.")
    pace = models.FloatField(
        default=1,
        help_text="Share of the rate that is used: shrinks when SES throttles all the same, grows back by itself.",
    )
    throttled_until = models.DateTimeField(null=True, blank=True)
    throttled_why = models.CharField(max_length=500, blank=True, help_text="Of a long rest, such as a used-up quota.")
    held_at = models.DateTimeField(
        null=True, blank=True, help_text="When the 24-hour quota last held mail back: such a send did not stand still."
    )
    most_in_flight = models.PositiveIntegerField(
        default=0, help_text="SES calls of the whole fleet at the same moment; 0 means no limit."
    )
    next_free_at = models.FloatField(
        default=0, help_text="Generic cell rate: the theoretical arrival time, seconds since 1970."
    )
    max_per_day = models.FloatField(default=0, help_text="Rolling 24 hours, as SES says; 0 is not known, -1 unlimited.")
    sent_last_day = models.FloatField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_error = models.CharField(max_length=500, blank=True)
    # How recipients are called, as learned from SES's answers; see calling.py.
    learned_mode = models.CharField(
        max_length=10, blank=True, choices=[("", "Up to 50 recipients a call"), ("single", "One recipient a call")]
    )
    learned_why = models.CharField(max_length=500, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)
    # The fence against copies of this database; see fence.py for what each field is for.
    fence_installation = models.CharField(max_length=36, blank=True, help_text="Empty: no token was ever left in SES.")
    fence_epoch = models.PositiveBigIntegerField(default=0)
    fence_nonce = models.CharField(
        max_length=32, blank=True, help_text="Of the token that SES holds, as far as we know."
    )
    fence_next = models.CharField(max_length=32, blank=True, help_text="Of the token that is being written.")
    fence_at = models.DateTimeField(null=True, blank=True, help_text="When the token was advanced.")
    fence_wanted = models.BooleanField(default=False, help_text="A new process waits for the token to be advanced.")
    fence_wait_until = models.DateTimeField(
        null=True, blank=True, help_text="After a take-over the other one may still send."
    )
    fence_error = models.CharField(max_length=500, blank=True, help_text="Why the token could not be compared.")
    fenced_at = models.DateTimeField(
        null=True, blank=True, help_text="Another installation advanced the token: take over first."
    )

    class Meta:
        permissions: ClassVar = [("stop_sender", "Can stop and start all sending")]

    def __str__(self) -> str:
        return f"SES {self.region}"


class WarmUp(models.Model):
    """How many recipients a day a new sender may reach: the first day, the second and so on; none after the last."""

    product = models.OneToOneField(
        Product,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="warm_up",
        help_text="Empty: for everything.",
    )
    starts_on = models.DateField(help_text="The first day, in UTC.")
    caps = models.JSONField(help_text="Recipients per day, such as [200, 500, 1000, 5000].")
    day = models.DateField(null=True, blank=True, editable=False, help_text="The day that `sent` counts.")
    sent = models.PositiveIntegerField(default=0, editable=False)
    held_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it last held mail back.")

    class Meta:
        verbose_name = "warm-up"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(product__isnull=True),
                nulls_distinct=False,
                name="one_warm_up_for_everything",
            )
        ]

    def __str__(self) -> str:
        return f"Warm-up of {self.product or 'everything'}"

    def clean(self) -> None:
        """Refuse caps that are not a list of whole numbers."""
        if not isinstance(self.caps, list) or not all(type(cap) is int and cap >= 0 for cap in self.caps):
            raise ValidationError({"caps": "A list of recipients per day, such as [200, 500, 1000, 5000]."})

    def cap_on(self, day: dt.date) -> int | None:
        """The cap of a day, 0 before the plan starts, None once it has ended."""
        number = (day - self.starts_on).days
        if number < 0:
            return 0
        return int(self.caps[number]) if number < len(self.caps) else None
