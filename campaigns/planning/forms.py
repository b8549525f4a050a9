"""What people may type about a campaign: its cadence, its lists, a time, a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q

from campaigns.audience.models import ContactList
from campaigns.planning import services
from campaigns.planning.models import Cadence, CampaignEmail
from campaigns.planning.times import exists, local_to_utc
from releases.models import Release


class ListsField(forms.ModelMultipleChoiceField):
    """Contact lists as boxes, each with how many people are on it."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        """Name and size of a list."""
        return f"{obj.name} ({obj.people:,})"


def lists_with_size() -> Any:
    """Every list, for choosing."""
    return ContactList.objects.order_by("name")


class PlanForm(forms.Form):
    """Cadence and lists of a new campaign, filled with what the timetable would choose."""

    cadence = forms.ModelChoiceField(
        Cadence.objects.none(), help_text="The plan of the four e-mails around the release.", empty_label=None
    )
    lists = ListsField(
        queryset=ContactList.objects.none(), required=False, label="Contact lists",
        help_text="Somebody on two of them gets each e-mail once. They can be changed later.",
    )  # fmt: skip

    def __init__(self, *args: Any, release: Release, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cadence, lists = self.fields["cadence"], self.fields["lists"]
        assert isinstance(cadence, forms.ModelChoiceField)  # noqa: S101 - declared above
        assert isinstance(lists, ListsField)  # noqa: S101 - declared above
        cadence.queryset = Cadence.objects.filter(Q(product=release.product_id) | Q(product=None))
        cadence.initial = services.cadence_for(release)
        lists.queryset = lists_with_size()
        lists.initial = list(release.product.lists.values_list("pk", flat=True))


class ListsForm(forms.Form):
    """Whom a campaign goes to."""

    lists = ListsField(queryset=ContactList.objects.none(), required=False, label="Contact lists")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["lists"]
        assert isinstance(field, ListsField)  # noqa: S101 - declared above
        field.queryset = lists_with_size()


class TimeForm(forms.Form):
    """A moment in the product's time zone."""

    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label="Time of day", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, email: CampaignEmail, **kwargs: Any) -> None:
        self.zone = email.campaign.release.product.time_zone
        if email.send_at is not None:
            local = email.send_at.astimezone(ZoneInfo(self.zone))
            kwargs.setdefault("initial", {"day": local.date().isoformat(), "time": local.time()})
        kwargs.setdefault("prefix", f"email-{email.pk}")  # several of these forms stand on one page
        super().__init__(*args, **kwargs)
        self.fields["time"].help_text = f"In {self.zone}, the product's zone."

    def clean(self) -> dict[str, Any]:
        """Refuse a wall time that the clocks skip in spring."""
        data = super().clean() or {}
        day, time = data.get("day"), data.get("time")
        if day and time and not exists(day, time, self.zone):
            raise forms.ValidationError(
                f"On {day:%d %b %Y} the clocks in {self.zone} skip {time:%H:%M}. Choose an hour earlier or later."
            )
        return data

    def moment(self) -> dt.datetime:
        """The UTC moment of what was typed; ask only after `is_valid`."""
        return local_to_utc(self.cleaned_data["day"], self.cleaned_data["time"], self.zone)


class ReasonForm(forms.Form):
    """Why something is held or cancelled; kept in the history and shown to everybody."""

    why = forms.CharField(
        label="Reason", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say why: the reason is shown beside the state and kept in the history."},
    )  # fmt: skip
