"""How evidence and findings are shown: layers, severities and confidence in words, and quantities with their units."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.charts import duration
from diagnostics.charts import quantity as words
from diagnostics.charts.evidence_markers import LOOKS
from diagnostics.records import NS_PER_SECOND, Category
from diagnostics.templatetags.launchscope import icon

register = template.Library()

LEAST_TIME = 10**8 * NS_PER_SECOND  # ns; what a file counts or measures is less, and no time of its is before 1973
# value: icon, words. A layer is not good or bad, so all have one colour.
LAYERS = {
    "orchestration": ("stack-2", gettext_lazy("Orchestration")),
    "network": ("arrows-left-right", gettext_lazy("Network")),
    "storage": ("server", gettext_lazy("Storage")),
    "memory": ("chart-bar", gettext_lazy("Memory")),
    "cpu": ("gauge", gettext_lazy("CPU")),
    "accelerator": ("rocket", gettext_lazy("Accelerator")),
    "config": ("settings", gettext_lazy("Configuration")),
    "dependency": ("versions", gettext_lazy("Dependency")),
    "application": ("terminal-2", gettext_lazy("Application")),
    "unknown": ("help-circle", gettext_lazy("Not known")),
}
SEVERITIES = {
    "critical": ("red", "circle-x", gettext_lazy("critical")),
    "warning": ("orange", "alert-triangle", gettext_lazy("warning")),
    "notice": ("secondary", "info-circle", gettext_lazy("notice")),
}
# From this confidence on, the words.
CONFIDENCE = (
    (0.8, gettext_lazy("high confidence")),
    (0.5, gettext_lazy("medium confidence")),
    (0.0, gettext_lazy("low confidence")),
)


@register.simple_tag
def layer_badge(layer: str) -> SafeString:
    """Whose fault it is, as a badge; no layer is no badge."""
    if not layer:
        return SafeString("")
    name, meaning = LAYERS.get(layer, ("help-circle", layer))
    return format_html('<span class="badge ls-badge ls-layer bg-azure-lt">{}{}</span>', icon(name), meaning)


@register.simple_tag
def severity_badge(severity: str) -> SafeString:
    colour, name, meaning = SEVERITIES.get(severity, ("secondary", "info-circle", severity))
    return format_html('<span class="badge ls-badge bg-{}-lt">{}{}</span>', colour, icon(name), meaning)


@register.filter
def confidence(share: float | None) -> str:
    """A confidence 0..1 in words; without one, nothing."""
    if not share:
        return ""
    return str(next(meaning for least, meaning in CONFIDENCE if share >= least))


@register.filter
def difference(change: int | None) -> str:
    """How many more or fewer, with a sign; ``±0`` when it is the same."""
    if change is None:
        return "–"
    if change == 0:
        return "±0"
    return f"{'+' if change > 0 else '−'}{words.worded(abs(change), 'count')}"


@register.filter
def about(category: str) -> str:
    """What an event is about, as the charts call it."""
    return LOOKS[Category(category)].words


@register.filter
def fact(value: Any, name: str = "") -> str:
    """A fact of a file as text: lists with commas, times and durations by the name or size of their numbers."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(fact(one, name) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{inner} {fact(one, inner)}" for inner, one in value.items())
    if isinstance(value, int) and value > LEAST_TIME:
        return duration.wall_clock(value)
    return duration.human(value) if isinstance(value, int) and name.endswith("_ns") else str(value)
