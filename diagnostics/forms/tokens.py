"""Making an API token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diagnostics.forms.kit import KitForm

SCOPES = [
    ("ingest", _("Ingest: uploads launches and artifacts")),
    ("read", _("Read: reads everything the API shows")),
    ("admin", _("Admin: both, and changes settings")),
]


class NewTokenForm(KitForm, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Where it is used, e.g. “gpu-07 agent”."))
    scope = forms.ChoiceField(label=_("Scope"), choices=SCOPES)
    services = forms.CharField(
        label=_("Only for these services"),
        required=False,
        max_length=2000,
        help_text=_("Names separated by commas; empty for all. A service may come later."),
    )

    def __init__(self, *args: Any, may_issue: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)
        scope.choices = [choice for choice in SCOPES if choice[0] in may_issue]

    def clean_services(self) -> list[str]:
        return [name for part in self.cleaned_data["services"].split(",") if (name := part.strip())]
