"""A monitor as a form. Its headers hold secrets: their values are never shown again, and only admins change them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from diagnostics.forms.kit import KitForm
from diagnostics.models import Monitor
from diagnostics.monitoring import WantedMonitor
from diagnostics.monitoring.editing import LEAST_INTERVAL, LONGEST, MOST_DAYS, MOST_INTERVAL, header_names

MASK = "••••••"  # stands for a saved value, and keeps it


class MonitorForm(KitForm, forms.Form):
    service = forms.CharField(label=_("Service"), max_length=200, widget=forms.TextInput(attrs={"list": "services"}))
    environment = forms.CharField(label=_("Environment"), max_length=200, required=False)
    name = forms.CharField(label=_("Name"), max_length=200)
    url = forms.CharField(label=_("URL"), max_length=LONGEST, widget=forms.URLInput(attrs={"spellcheck": "false"}))
    method = forms.ChoiceField(label=_("Method"), choices=[(one, one) for one in Monitor.METHODS], initial="GET")
    expected_status = forms.CharField(
        label=_("Expected status"), initial="200-299", max_length=200, help_text=_("200, or 200-299, 304.")
    )
    expected_body = forms.CharField(
        label=_("Expected in the answer"),
        required=False,
        max_length=LONGEST,
        strip=False,
        help_text=_("A text that must occur, e.g. OK. Empty: any answer will do."),
    )
    body_is_regex = forms.BooleanField(label=_("It is a regular expression"), required=False)
    headers = forms.CharField(
        label=_("Headers"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=format_lazy(
            _(
                "One a line, “Authorization: Bearer …”. They are encrypted; leave {mask} to keep a saved value. "
                "For administrators."
            ),
            mask=MASK,
        ),
    )
    interval = forms.IntegerField(
        label=_("Every … seconds"), initial=30, min_value=LEAST_INTERVAL, max_value=MOST_INTERVAL
    )
    max_time = forms.FloatField(
        label=_("Longest time, seconds"), initial=5, min_value=0.1, max_value=60, help_text=_("From name to last byte.")
    )
    follow_redirects = forms.BooleanField(label=_("Follow redirects"), required=False, initial=True)
    tls_verify = forms.BooleanField(label=_("The certificate must be trusted"), required=False, initial=True)
    tls_warn_days = forms.IntegerField(
        label=_("Warn so many days before the certificate ends"), initial=14, min_value=0, max_value=MOST_DAYS
    )
    enabled = forms.BooleanField(label=_("Check it"), required=False, initial=True)

    def __init__(self, *args: Any, may_set_headers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["headers"].disabled = not may_set_headers
        self.may_set_headers = may_set_headers

    def clean_headers(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for number, line in enumerate(self.cleaned_data["headers"].splitlines(), start=1):
            name, colon, value = line.partition(":")
            if line.strip() and not colon:
                # The line itself may be the secret: it is not said again.
                raise forms.ValidationError(_("Line %(n)d: write “Name: value”.") % {"n": number})
            if line.strip():
                found[name.strip()] = None if value.strip() == MASK else value.strip()
        return found

    def wanted(self) -> WantedMonitor:
        told = {name: value for name, value in self.cleaned_data.items() if name not in ("service", "environment")}
        return WantedMonitor(**{**told, "headers": told["headers"] if self.may_set_headers else None})


def initial(monitor: Monitor) -> dict[str, Any]:
    """What the form shows of a monitor."""
    names = [name for name in MonitorForm.base_fields if name not in ("service", "environment", "headers")]
    return {
        **{name: getattr(monitor, name) for name in names},
        "service": monitor.service.name,
        "environment": monitor.service.environment,
        "headers": "\n".join(f"{name}: {MASK}" for name in header_names(monitor)),
    }
