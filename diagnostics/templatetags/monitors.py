"""How monitors are shown, also on the pages of services and launches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.models import Check, Launch, Monitor, Service
from diagnostics.monitoring import Restart, probe_tables
from diagnostics.monitoring import restarted_after as found_restart
from diagnostics.querysets.monitors import Cell, Summary
from diagnostics.templatetags.launchscope import icon

register = template.Library()

STRIPS_SHOWN = 6  # on the page of a service, which is about its launches
PROBES_SHOWN = 2

# The icon and the words carry the meaning; the colour only helps.
STATES = {
    "up": ("green", "circle-check", gettext_lazy("up")),
    "down": ("red", "circle-x", gettext_lazy("down")),
    "new": ("secondary", "hourglass", gettext_lazy("not checked yet")),
    "paused": ("secondary", "ban", gettext_lazy("paused")),
}


@register.simple_tag
def monitor_state(monitor: Monitor) -> SafeString:
    colour, symbol, words = STATES[monitor.shown_state]
    return format_html('<span class="badge ls-badge bg-{}-lt">{}{}</span>', colour, icon(symbol), words)


@register.inclusion_tag("monitors/strip.html")
def uptime_strip(cells: Sequence[Cell], name: str = "") -> dict[str, Any]:
    """The cells, and the same in words: what a screen reader says instead of 48 coloured boxes."""
    checks, failed = sum(cell.checks for cell in cells), sum(cell.failed for cell in cells)
    bad = [cell for cell in cells if cell.failed]
    return {"cells": cells, "name": name, "checks": checks, "failed": failed, "bad": bad[-5:], "more": len(bad) > 5}


@register.filter
def cell_title(cell: Cell) -> str:
    when = f"{cell.start:%H:%M}–{cell.start + timedelta(minutes=30):%H:%M} UTC"
    if not cell.checks:
        return f"{when}: " + _("no checks")
    return f"{when}: " + _("%(failed)d of %(checks)d failed") % {"failed": cell.failed, "checks": cell.checks}


@register.filter
def uptime(summary: Summary) -> str:
    """Up to two decimals, and never rounded up to all."""
    if summary.up is None:
        return "–"
    if summary.failed == 0:
        return "100 %"
    return f"{min(summary.up * 100, 99.99):.2f}".rstrip("0").rstrip(".") + " %"


@register.filter
def seconds(value: float) -> str:
    """As people write a time-out: ``0.05 s``, ``3 s``."""
    return f"{value:g} s"


@register.filter
def certificate_is_ending(monitor: Monitor) -> bool:
    until = monitor.certificate_until
    return until is not None and until - timezone.now() < timedelta(days=monitor.tls_warn_days)


@register.inclusion_tag("monitors/service_card.html")
def service_monitors(service: Service) -> dict[str, Any]:
    """The monitors of a service with their strips, those that are down first, and what its agents' probes say of
    time-outs; the number of questions does not grow."""
    monitors = sorted(Monitor.objects.of(service), key=lambda one: one.shown_state != Monitor.State.DOWN)
    shown = monitors[:STRIPS_SHOWN]
    strips = Check.objects.strips([one.pk for one in shown], timezone.now()) if shown else {}
    tables = probe_tables(service)
    return {
        "service": service,
        "rows": [(one, strips[one.pk]) for one in shown],
        "more": len(monitors) - len(shown),
        "probes": tables[:PROBES_SHOWN],
        "more_probes": len(tables) - PROBES_SHOWN,
    }


@register.simple_tag
def restarted_after(launch: Launch) -> Restart | None:
    return found_restart(launch)
