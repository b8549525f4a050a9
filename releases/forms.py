"""What people may type about a product: who sends its mail, how it is worded, and what its Jira fields mean."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from releases.mapping import INTERNAL, KINDS, TABLES
from releases.models import Issue, Product

_KIND_NAMES = dict(Issue.Kind.choices)
#: What a label, component or type may mean, as the page offers it.
MEANINGS = [("", "By rule"), *((kind, _KIND_NAMES[kind]) for kind in KINDS), (INTERNAL, "Stays inside")]


class LinesField(forms.CharField):
    """A list, one item a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as a list; empty ones are dropped."""
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the items differ."""
        return bool((initial or []) != self.to_python(data))


class PairsField(forms.CharField):
    """Pairs, one a line: what is not said, an equals sign, what is said instead."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        """A dictionary as lines."""
        return "\n".join(f"{key} = {said}" for key, said in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """Lines as a dictionary. Raises ValidationError for a line without a pair."""
        found = {}
        for line in (super().to_python(value) or "").splitlines():
            if not line.strip():
                continue
            key, sign, said = (part.strip() for part in line.partition("="))
            if not (key and sign and said):
                raise ValidationError(f"“{line.strip()[:60]}” is no pair; write: login = sign-in.")
            found[key] = said
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the pairs differ."""
        return bool((initial or {}) != self.to_python(data))


_SENDER_FIELDS = (
    "name", "sender_name", "sender_email", "reply_to", "postal_address", "website", "brand_colour", "time_zone",
)  # fmt: skip
_WRITING_FIELDS = (
    "audience", "tone", "language", "preferred_words", "forbidden_words", "customer_names", "allowed_hosts",
)  # fmt: skip


class ProjectsForm(forms.ModelForm):
    """Which Jira projects ship with a product's own; the service asks Jira for them."""

    further_keys = LinesField(
        required=False, label="Further Jira projects",
        help_text="One key a line, such as CORE. Their versions of the same name ship in the same release; dates and "
        "states are those of the product's own project.",
    )  # fmt: skip

    class Meta:
        model = Product
        fields: tuple[str, ...] = ("further_keys",)


class SenderForm(forms.ModelForm):
    """Who a product's mail comes from and how it looks."""

    website = forms.URLField(
        required=False, assume_scheme="https",
        help_text="Where the one button of the mail leads when a release has no own page.",
    )  # fmt: skip

    class Meta:
        model = Product
        fields: tuple[str, ...] = _SENDER_FIELDS
        widgets = {"brand_colour": forms.TextInput(attrs={"type": "color"})}


class AddProductForm(SenderForm, ProjectsForm):
    """A Jira project to take in."""

    name = forms.CharField(required=False, max_length=200, help_text="Empty: as Jira calls the project.")

    class Meta(SenderForm.Meta):
        fields = ("jira_key", "further_keys", *_SENDER_FIELDS)


class WritingForm(forms.ModelForm):
    """How a product's mails are worded, and what must not be in them."""

    preferred_words = PairsField(
        required=False, label="Say it our way", help_text="One pair a line: what is not said = what is said instead."
    )
    forbidden_words = LinesField(
        required=False, label="Words we do not use",
        help_text="One a line. “reminder: offer” forbids it in that e-mail alone; announcement, release day and "
        "follow-up go the same way.",
    )  # fmt: skip
    customer_names = LinesField(
        required=False, label="Names of customers",
        help_text="One a line. Never sent to a model, and they stop a mail that has one.",
    )  # fmt: skip
    allowed_hosts = LinesField(
        required=False, label="Hosts that links may lead to",
        help_text="One a line, such as docs.kite.example, beside the product's website.",
    )  # fmt: skip

    class Meta:
        model = Product
        fields: tuple[str, ...] = _WRITING_FIELDS


class ProductForm(SenderForm, WritingForm, ProjectsForm):
    """All that a person may set on the page of a product."""

    class Meta(SenderForm.Meta):
        fields = ("further_keys", *_SENDER_FIELDS, *_WRITING_FIELDS)


def mapping_from(posted: QueryDict) -> dict[str, Any]:
    """The mapping of a posted page: each table sends its names and, in the same order, their meanings.

    Raises ValidationError when names and meanings do not go together.
    """
    mapping: dict[str, Any] = {"open_levels": posted.getlist("open_level")}
    for table in TABLES:
        names, meanings = posted.getlist(f"{table}_name"), posted.getlist(f"{table}_meaning")
        if len(names) != len(meanings):
            raise ValidationError("The page did not arrive whole. Nothing was changed; load it again.")
        mapping[table] = dict(zip(names, meanings, strict=True))
        extra, meaning = posted.get(f"{table}_more", "").strip(), posted.get(f"{table}_more_meaning", "")
        if extra:
            mapping[table][extra] = meaning
    return mapping
