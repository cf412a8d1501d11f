"""A schedule of reports as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diagnostics.forms.kit import KitForm
from diagnostics.models import Channel, Schedule, Service
from diagnostics.reporting import ScheduleError, Wanted

FIELDS = ("name", "cron", "time_zone", "period", "language", "only_when_changed", "enabled")


class ScheduleForm(KitForm, forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Heads the report, e.g. Weekly, model servers.")
    )
    cron = forms.CharField(
        label=_("When"),
        max_length=200,
        help_text=_(
            "A cron line: minute hour day month weekday. 0 8 * * 1 is Mondays at 8:00, 0 7 * * 1-5 every working day."
        ),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=100,
        initial="UTC",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    period = forms.ChoiceField(
        label=_("What it covers"),
        choices=Schedule.Period.choices,
        help_text=_("It covers the launches that arrived in this time; after down time, all since the last report."),
    )
    services = forms.ModelMultipleChoiceField(
        label=_("Services"),
        queryset=Service.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("None chosen: all, those that come later too."),
    )
    labels = forms.CharField(
        label=_("Labels"),
        required=False,
        max_length=2000,
        help_text=_("Only launches with all of these, e.g. gpu=H100, storage_class=nfs. Empty: any."),
    )
    channels = forms.ModelMultipleChoiceField(
        label=_("Channels"),
        queryset=Channel.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text=_("Where it is sent. None chosen: it is only kept here."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Schedule.Language.choices)
    only_when_changed = forms.BooleanField(
        label=_("Send only when something changed"),
        required=False,
        help_text=_(
            "A new, resolved or faster phase, a failure, an unfinished launch or a drop of coverage. "
            "A report is kept here in any case."
        ),
    )
    enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("services", Service.objects.all()), ("channels", Channel.objects.all())):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = rows

    def clean_labels(self) -> dict[str, str]:
        return read_labels(self.cleaned_data["labels"])

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip()

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)

    def refuse(self, error: ScheduleError) -> None:
        """Show the use case's sentence at its field."""
        self.add_error(error.where if error.where in self.fields else None, error.message)


def read_labels(text: str) -> dict[str, str]:
    """``gpu=H100, storage_class=nfs``. Raises ``ValidationError``."""
    pairs = [part.strip() for part in text.split(",") if part.strip()]
    found = dict(part.split("=", 1) for part in pairs if part.partition("=")[1])
    if wrong := [part for part in pairs if not part.partition("=")[1] or part.startswith("=")]:
        words = gettext("“%(part)s” is no label: write name=value, several separated by commas.")
        raise forms.ValidationError(words % {"part": wrong[0][:60]})
    return {name.strip(): value.strip() for name, value in found.items()}


def initial(schedule: Schedule) -> dict[str, Any]:
    """What the form shows of a schedule."""
    shown: dict[str, Any] = {name: getattr(schedule, name) for name in FIELDS}
    if schedule.pk:
        shown |= {"services": schedule.services.all(), "channels": schedule.channels.all()}
    return shown | {"labels": written_labels(schedule.labels)}


def written_labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in labels.items())
