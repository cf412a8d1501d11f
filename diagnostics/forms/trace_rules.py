"""A line of the list that tells launches from requests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from diagnostics.forms.kit import KitForm
from diagnostics.parsers.otlp import Rule

VERDICTS = [("launch", _("a launch")), ("request", _("a request"))]
KINDS = [
    ("", _("any kind")),
    ("server client", _("server or client")),
    ("server", _("server")),
    ("client", _("client")),
    ("producer consumer", _("producer or consumer")),
    ("internal", _("internal")),
]


class TraceRuleForm(KitForm, forms.Form):
    verdict = forms.ChoiceField(label=_("Take the trace for"), choices=VERDICTS)
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Shown beside the traces it decides on."))
    span = forms.CharField(
        label=_("It has a span named"), required=False, max_length=500, help_text=_("* and ? stand for any characters.")
    )
    service = forms.CharField(label=_("Its root's service is"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("A top span is of kind"), choices=KINDS, required=False)
    attribute = forms.CharField(
        label=_("That top span has the attribute"),
        required=False,
        max_length=500,
        help_text=_("A name, or name=value: http.*, gen_ai.operation.name=chat."),
    )
    resource = forms.CharField(
        label=_("A resource has the attribute"),
        required=False,
        max_length=500,
        help_text=_("k8s.namespace.name=prod-*"),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(given.get(name) for name in ("span", "service", "kind", "attribute", "resource")):
            raise forms.ValidationError(_("Say what the trace must have: a rule without that takes all."))
        return given

    def rule(self) -> Rule:
        return Rule(**self.cleaned_data)
