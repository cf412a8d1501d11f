"""A rule as a form, the fields of its kind among them; and a mute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diagnostics.agent import units
from diagnostics.alerting import KINDS, Wanted
from diagnostics.alerting.kinds import Kind, Setting
from diagnostics.alerting.kinds.spans import span
from diagnostics.alerting.rules import zones
from diagnostics.forms.kit import KitForm
from diagnostics.models import AlertRule, Channel, Service

SEVERITIES = [("warning", _("Warning")), ("critical", _("Critical"))]
MUTES = [
    ("1", _("1 hour")),
    ("4", _("4 hours")),
    ("12", _("12 hours")),
    ("24", _("1 day")),
    ("168", _("1 week")),
    ("720", _("30 days")),
]
PREFIX = "setting_"


class SpanField(forms.Field):
    """Seconds, typed as ``90 s``, ``2 m``, ``2 d``."""

    def to_python(self, value: Any) -> float | int | None:
        text = str(value or "").strip()
        if not text:
            # An optional time that is left out is none at all.
            return None if self.required else 0
        try:
            return _whole(units.seconds(text))
        except ValueError:
            raise forms.ValidationError(gettext("Write a time as 30 s, 5 m, 2 h or 2 d")) from None

    def prepare_value(self, value: Any) -> Any:
        return typed(value) if isinstance(value, int | float) else value


def typed(seconds: float) -> str:
    """So that reading it again gives the same."""
    return span(seconds) if float(seconds).is_integer() else f"{seconds:g} s"


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value


class RuleForm(KitForm, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    severity = forms.ChoiceField(label=_("Severity"), choices=SEVERITIES)
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.all(), required=False, empty_label=_("All services")
    )
    environment = forms.CharField(
        label=_("Environment"), required=False, max_length=200, help_text=_("Only services of this one; empty: any.")
    )
    phase = forms.CharField(
        label=_("Phase"),
        required=False,
        max_length=200,
        help_text=_(
            "A name or pattern such as “weights” or “load/*”; with a slash it is for the whole path. Empty: the total."
        ),
    )
    for_times = forms.IntegerField(
        label=_("In a row"), min_value=1, help_text=_("So many launches (or checks) must show it, one after the other.")
    )
    for_seconds = SpanField(label=_("Lasting"), required=False, help_text=_("And it must last so long, e.g. 30 s."))
    resolve_after = forms.IntegerField(
        label=_("Over after"), min_value=1, help_text=_("So many launches (or checks) in a row back to normal.")
    )
    cool_down = SpanField(
        label=_("Cool-down"),
        required=False,
        help_text=_("After a message, no other of the same for so long, e.g. 1 h. The alerts are shown all the same."),
    )
    every_channel = forms.BooleanField(label=_("Tell every channel, those that come later too"), required=False)
    channels = forms.ModelMultipleChoiceField(
        label=_("Or only these channels"),
        queryset=Channel.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Warnings wait until then; critical alerts go through."),
    )
    quiet_zone = forms.ChoiceField(label=_("Time zone"))
    quiet_holds_critical = forms.BooleanField(label=_("Critical alerts wait too"), required=False)
    enabled = forms.BooleanField(label=_("Switched on"), required=False)

    COUNTING = ("for_times", "for_seconds", "resolve_after")
    QUIET = ("quiet_from", "quiet_until", "quiet_zone", "quiet_holds_critical")

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        zone = self.fields["quiet_zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [(name, name) for name in zones()]
        if not kind.takes_phase:
            del self.fields["phase"]
        if not kind.counts:
            for name in self.COUNTING:
                del self.fields[name]
        if not self.fields["channels"].queryset.exists():  # type: ignore[attr-defined]
            del self.fields["channels"]
        for one in kind.settings:
            self.fields[PREFIX + one.name] = _field(one)

    @property
    def condition(self) -> list[forms.BoundField]:
        """When: what the kind asks for."""
        return self._of(*[PREFIX + one.name for one in self.kind.settings], "phase", *self.COUNTING)

    @property
    def concerned(self) -> list[forms.BoundField]:
        return self._of("name", "severity", "service", "environment")

    @property
    def telling(self) -> list[forms.BoundField]:
        return self._of("every_channel", "channels", "cool_down", *self.QUIET, "enabled")

    def _of(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    def wanted(self) -> Wanted:
        clean = dict(self.cleaned_data)
        settings = {name.removeprefix(PREFIX): clean.pop(name) for name in list(clean) if name.startswith(PREFIX)}
        channels = tuple(clean.pop("channels", ()))
        return Wanted(kind=self.kind.key, settings=settings, channels=channels, **clean)

    def refuse(self, where: str, message: str) -> None:
        """Show an error of the use case at its field."""
        name = where if where in self.fields else PREFIX + where
        self.add_error(name if name in self.fields else None, message)


def _field(one: Setting) -> forms.Field:
    words: dict[str, Any] = {"label": one.label, "help_text": one.help}
    field: forms.Field
    if one.unit == "seconds":
        field = SpanField(**{**words, "help_text": one.help or _("For example 30 s, 5 m, 2 h or 2 d.")})
    elif one.unit == "count":
        field = forms.IntegerField(min_value=int(one.least), max_value=int(one.most), **words)
    else:
        if one.unit == "percent":
            words["label"] = f"{one.label} (%)"
        field = forms.FloatField(min_value=one.least, max_value=one.most, **words)
    field.widget.attrs["class"] = "form-control"
    return field


def new_rule(kind: Kind) -> dict[str, Any]:
    """What the form of a new rule shows."""
    plain = Wanted("", kind.key)
    shown = {name: getattr(plain, name) for name in Wanted.__slots__ if name not in ("name", "settings", "kind")}
    shown |= {"name": kind.label, "severity": kind.severity, "for_times": kind.times, "for_seconds": kind.seconds}
    return shown | {"resolve_after": kind.over_after} | {PREFIX + one.name: one.default for one in kind.settings}


def shown_rule(rule: AlertRule) -> dict[str, Any]:
    """What the form shows of a rule."""
    shown = {name: getattr(rule, name) for name in Wanted.__slots__ if name not in ("settings", "channels", "kind")}
    settings = {PREFIX + one.name: KINDS[rule.kind].setting(rule, one.name) for one in KINDS[rule.kind].settings}
    return shown | settings | {"channels": list(rule.channels.all())}


class MuteForm(KitForm, forms.Form):
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.all(), required=False, empty_label=_("All services")
    )
    rule = forms.ModelChoiceField(
        label=_("Rule"), queryset=AlertRule.objects.order_by("name"), required=False, empty_label=_("All rules")
    )
    hours = forms.ChoiceField(label=_("For"), choices=MUTES, initial="4")
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, help_text=_("For whoever wonders, e.g. “deploying 1.5”.")
    )

    def until(self) -> datetime:
        return timezone.now() + timedelta(hours=int(self.cleaned_data["hours"]))
