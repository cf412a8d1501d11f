"""Narrowing a service's table of launches."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from diagnostics.forms.kit import KitForm
from diagnostics.querysets.launches import LaunchFilter
from diagnostics.records import NS_PER_SECOND

STATUSES = [("", _("Any status")), ("success", _("Ready")), ("failed", _("Failed")), ("running", _("Running"))]
SORTS = [("newest", _("Newest first")), ("slowest", _("Slowest first")), ("fastest", _("Fastest first"))]


def _text(placeholder: Promise) -> forms.TextInput:
    return forms.TextInput(attrs={"placeholder": placeholder, "autocomplete": "off"})


class LaunchFilterForm(KitForm, forms.Form):
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)
    version = forms.CharField(label=_("Version"), required=False, widget=_text(_("Version")))
    host = forms.CharField(label=_("Host"), required=False, widget=_text(_("Host")))
    label = forms.CharField(label=_("Label"), required=False, widget=_text(_("Label: gpu=H100")))
    since = forms.DateField(
        label=_("Since (UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sort = forms.ChoiceField(label=_("Sort"), choices=SORTS, required=False)

    def clean_label(self) -> dict[str, str]:
        text = str(self.cleaned_data["label"]).strip()
        key, equals, value = text.partition("=")
        if text and not (key and equals):
            raise forms.ValidationError(_("Give the label as key=value, e.g. gpu=H100."))
        return {key.strip(): value.strip()} if text else {}

    def narrowed(self) -> LaunchFilter:
        """The filter as far as it could be understood; a field in error does not narrow."""
        clean = self.cleaned_data
        return LaunchFilter(
            version=clean.get("version") or None,
            host=clean.get("host") or None,
            status=clean.get("status") or None,
            labels=clean.get("label") or {},
            since=_midnight(clean.get("since")),
        )


def _midnight(day: date | None) -> int | None:
    return None if day is None else int(datetime.combine(day, time(), UTC).timestamp()) * NS_PER_SECOND
