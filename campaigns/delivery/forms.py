"""What people may type about a send: a reason, and a verdict on messages."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.delivery.actions import Action


class ReasonForm(forms.Form):
    """Why a send is paused or cancelled or all sending stopped; kept in the history and shown to everybody."""

    why = forms.CharField(
        label="Reason", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say why: the reason is shown to everybody and kept in the history."},
    )  # fmt: skip


class VerdictForm(forms.Form):
    """A verdict on messages, with the reason."""

    verdict = forms.ChoiceField(
        widget=forms.RadioSelect, label="Decision", error_messages={"required": "Choose what is to become of them."}
    )
    why = forms.CharField(
        label="Reason", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="What you know that the machine does not. Kept with the decision.",
        error_messages={"required": "Say why: the reason is kept with the decision."},
    )  # fmt: skip

    def __init__(self, *args: Any, actions: list[Action], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["verdict"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            (action.name, f"{action.label}. {action.warning}" if action.warning else action.label)
            for action in actions
            if action.allowed
        ]


class GroupForm(VerdictForm):
    """A verdict on all messages of an e-mail that are in one state for one reason."""

    reason = forms.CharField(max_length=60, required=False, strip=False, widget=forms.HiddenInput)


class DecisionForm(VerdictForm):
    """A verdict on chosen messages or on all of a state."""

    scope = forms.ChoiceField(
        label="Which", widget=forms.RadioSelect, initial="chosen",
        choices=[("chosen", "The ones ticked in the list"), ("all", "All of them, on every page")],
    )  # fmt: skip
