"""The baseline of a service as a form; thresholds are lines of text, one a phase."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diagnostics.agent import units
from diagnostics.analysis.thresholds import Threshold
from diagnostics.baselines import PolicyError, Wanted
from diagnostics.forms.kit import KitForm
from diagnostics.models import BaselinePolicy
from diagnostics.records import NS_PER_SECOND

CHOOSE = [
    ("last_good", _("The last good launches")),
    ("pinned", _("Launches of one version")),
    ("tagged", _("Launches with a label")),
]
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


class PolicyForm(KitForm, forms.Form):
    choose = forms.ChoiceField(label=_("Baseline"), choices=CHOOSE)
    version = forms.CharField(label=_("Version"), required=False, max_length=500, help_text=_("For one version."))
    label = forms.CharField(
        label=_("Label"), required=False, max_length=500, help_text=_("For a label: name=value, e.g. release=yes.")
    )
    launches = forms.IntegerField(
        label=_("How many launches"), required=False, min_value=3, max_value=500, help_text=_("Empty: as everywhere.")
    )
    host_class = forms.CharField(
        label=_("Same host class"),
        required=False,
        max_length=500,
        help_text=_("A label that must be the same on both sides, e.g. gpu; empty: any host."),
    )
    thresholds = forms.CharField(
        label=_("Thresholds"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_(
            "One phase a line: “weights = 10 %, 500 ms”, “import* = ignore”, “(total) = 5 %”. The first that fits "
            "decides; a pattern with a slash is for the whole path. Both must be exceeded."
        ),
    )

    def clean_thresholds(self) -> tuple[Threshold, ...]:
        try:
            return tuple(read_thresholds(self.cleaned_data["thresholds"]))
        except PolicyError as error:
            raise forms.ValidationError(error.message) from None

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)


def initial(policy: BaselinePolicy) -> dict[str, Any]:
    """What the form shows of a policy."""
    shown = {name: getattr(policy, name) for name in ("choose", "version", "label", "launches", "host_class")}
    return shown | {"thresholds": "\n".join(map(_line, policy.rules))}


def read_thresholds(text: str) -> Iterable[Threshold]:
    """``GLOB = 10 %, 500 ms`` or ``GLOB = ignore``, a line each. Raises ``PolicyError`` naming the line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            phase, equals, told = line.rpartition("=")
            parts = [part.strip() for part in told.split(",")]
            if not equals or not phase.strip() or not all(parts):
                raise _unreadable(number, line)
            yield _threshold(phase.strip(), parts, number, line)


def _threshold(phase: str, parts: list[str], number: int, line: str) -> Threshold:
    if parts == ["ignore"]:
        return Threshold(phase, ignore=True)
    ratio = ns = None
    for part in parts:
        if (percent := _PERCENT.fullmatch(part)) and ratio is None:
            ratio = float(percent[1]) / 100
        elif ns is None and re.search(r"[a-z]", part):
            try:
                ns = round(units.seconds(part) * NS_PER_SECOND)
            except ValueError:
                raise _unreadable(number, line) from None
        else:
            raise _unreadable(number, line)
    return Threshold(phase, ratio, ns)


def _unreadable(number: int, line: str) -> PolicyError:
    words = gettext("Line %(number)d, “%(line)s”: write “phase = 10 %%, 500 ms” or “phase = ignore”")
    return PolicyError(words % {"number": number, "line": line.strip()[:60]}, "thresholds")


def _line(rule: Threshold) -> str:
    if rule.ignore:
        return f"{rule.phase} = ignore"
    told = [f"{rule.ratio * 100:g} %"] if rule.ratio is not None else []
    return f"{rule.phase} = " + ", ".join([*told, *([_exact(rule.ns)] if rule.ns is not None else [])])


def _exact(ns: int) -> str:
    """In the largest unit that loses nothing, so that saving the form again changes nothing."""
    for unit, size in (("s", NS_PER_SECOND), ("ms", 10**6), ("us", 1000)):
        if ns % size == 0:
            return f"{ns // size} {unit}"
    return f"{ns} ns"
