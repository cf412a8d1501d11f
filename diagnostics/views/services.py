"""The first page: every service at a glance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from diagnostics.charts.sparkline import sparkline
from diagnostics.models import Service
from diagnostics.querysets.services import ServiceOverview
from diagnostics.stored_words import said
from diagnostics.views.access import Visitor
from diagnostics.views.polling import asked_before

SORTS: dict[str, Callable[[ServiceOverview], Any]] = {
    "name": lambda s: (s.name.casefold(), s.environment),
    "last": lambda s: -(s.last_start or 0),
    "p50": lambda s: -(s.p50 or 0),
    "p95": lambda s: -(s.p95 or 0),
    "failed": lambda s: -s.failed_share,
    "regressions": lambda s: -s.open_regressions,
}


@dataclass(frozen=True, slots=True)
class Row:
    service: ServiceOverview
    spark: SafeString  # markup made of numbers alone


def services(request: Visitor) -> HttpResponse:
    wanted = request.GET.get("find", "").strip().casefold()
    sort = request.GET.get("sort", "name")
    everything = Service.objects.overview()
    shown = [s for s in everything if wanted in f"{s.name} {s.environment}".casefold()]
    shown.sort(key=SORTS.get(sort, SORTS["name"]))
    context = {
        "section": "services",
        "rows": [Row(s, SafeString(sparkline(s.totals or [], said))) for s in shown],
        "any": bool(everything),
        "find": request.GET.get("find", ""),
        "sort": sort,
        "pending": any(s.last_state == "received" and not s.last_rejected for s in shown),
        "asked": asked_before(request),
        "upload_url": request.build_absolute_uri("/api/v1/launches"),
    }
    return render(request, "services/table.html" if request.htmx else "services/list.html", context)
