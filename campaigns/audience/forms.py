"""What people type on the audience pages. Rules about the values stand in the services; these say what is asked."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.audience.importing import MAX_BYTES
from campaigns.audience.models import ContactList, Subscription, Suppression
from releases.models import Product


class ListForm(forms.Form):
    """A new list."""

    name = forms.CharField(max_length=200)
    description = forms.CharField(max_length=300, required=False)
    product = forms.ModelChoiceField(
        Product.objects.all(), required=False, empty_label="None", help_text="Its campaigns start with this list."
    )


class ContactForm(forms.Form):
    """Names, address and time zone of a person."""

    email = forms.CharField(label="Address", max_length=400, widget=forms.TextInput(attrs={"inputmode": "email"}))
    first_name = forms.CharField(max_length=200, required=False)
    last_name = forms.CharField(max_length=200, required=False)
    time_zone = forms.CharField(
        max_length=100, required=False, help_text="Such as Europe/Berlin. Empty: the client's, then the product's."
    )


class NewContactForm(ContactForm):
    """A new contact of a client."""

    field_order = ("email", "client", "first_name", "last_name", "time_zone")
    client = forms.CharField(max_length=300, help_text="An organisation; a new name makes a new client.")


class ConsentForm(forms.Form):
    """A decision about one product."""

    product = forms.ModelChoiceField(Product.objects.all(), widget=forms.HiddenInput)
    basis = forms.ChoiceField(choices=Subscription.Basis.choices)
    proof = forms.CharField(
        max_length=500, required=False, help_text="What shows it: a contract's number, a mail, a form with its date."
    )


class WhyForm(forms.Form):
    """A reason, in the words of the person who decides."""

    why = forms.CharField(label="Reason", max_length=300)


class SuppressionForm(forms.Form):
    """An address that must not be mailed."""

    email = forms.CharField(label="Address", max_length=400, widget=forms.TextInput(attrs={"inputmode": "email"}))
    reason = forms.ChoiceField(
        choices=[(choice.value, choice.label) for choice in (Suppression.Reason.MANUAL, Suppression.Reason.COMPLAINT)]
    )
    detail = forms.CharField(max_length=500, required=False, help_text="Who asked for it, and how.")


class ImportForm(forms.Form):
    """A CSV file and where its people go."""

    file = forms.FileField(
        label="CSV file",
        help_text=f"Comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252; at most {MAX_BYTES // 1024 // 1024} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    contact_list = forms.ModelChoiceField(
        ContactList.objects.all(), label="List", required=False, empty_label="A new list, named below"
    )
    new_list = forms.CharField(max_length=200, required=False, label="Name of the new list")
    product = forms.ModelChoiceField(
        Product.objects.all(), required=False, empty_label="None: nobody is subscribed by this import",
        help_text="Everybody in the file who never decided about this product is subscribed to it.",
    )  # fmt: skip
    basis = forms.ChoiceField(choices=Subscription.Basis.choices, help_text="Why the law lets us mail these people.")
    proof = forms.CharField(max_length=500, required=False, help_text="What shows it, such as the form and its date.")

    def clean(self) -> dict[str, Any] | None:
        """One list, old or new."""
        cleaned = super().clean()
        values = self.cleaned_data
        if not values.get("contact_list") and not values.get("new_list", "").strip() and "new_list" not in self.errors:
            self.add_error("new_list", "Choose a list, or name a new one.")
        return cleaned
