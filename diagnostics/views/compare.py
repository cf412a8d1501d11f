"""Two launches or groups side by side, and the form that picks them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import dateformat
from django.utils.translation import gettext

from diagnostics import comparing, comparison_figures
from diagnostics.analysis.comparison_rows import SINGLE
from diagnostics.analysis.what_changed import Change
from diagnostics.charts.serialise import to_json
from diagnostics.comparing import SideBySide, middle
from diagnostics.comparison_words import factor_sentence, headline, rule
from diagnostics.launch_fields import changes
from diagnostics.models import Launch, Service
from diagnostics.querysets.selector import SelectorError, version_selector
from diagnostics.records import Delta, Verdict
from diagnostics.templatetags.launchscope import duration, short_id
from diagnostics.views.access import Visitor
from diagnostics.views.figure_width import figure_width

ROWS = 25  # of the table of phases; a launch may have 100,000
CHANGES = 12  # fields that differ
RECENT = 30  # launches the picker offers by themselves


@dataclass(frozen=True, slots=True)
class Side:
    """One side as the page heads it."""

    name: str
    launches: Sequence[Launch]
    middle: Launch
    runs: int
    failed: int

    @property
    def versions(self) -> list[str]:
        return sorted({launch.version for launch in self.launches if launch.version})

    @property
    def services(self) -> list[str]:
        return sorted({str(launch.service) for launch in self.launches})


@dataclass(frozen=True)
class Choice:
    """What the picker offers of one service; versions as (selection, words)."""

    service: Service
    versions: Sequence[tuple[str, str, int]]
    launches: Sequence[Launch]

    @property
    def selections(self) -> set[str]:
        return {selection for selection, *_ in self.versions} | {pk for pk, _ in self.options}

    @cached_property
    def options(self) -> list[tuple[str, str]]:
        """Launches as (id, words); both sides offer the same."""
        return [(str(launch.pk), _described(launch)) for launch in self.launches]


def compare(request: Visitor) -> HttpResponse:
    baseline, candidate = _selection(request, "baseline"), _selection(request, "candidate")
    context: dict[str, Any] = {"section": "services", "baseline": baseline, "candidate": candidate}
    if baseline and candidate:
        try:
            context |= _compared(comparing.compare(baseline, candidate), request.GET.get("page"))
        except SelectorError as error:
            context["error"] = error
    context |= _picker(request, context.get("pair"))
    return render(request, "compare/page.html", context, status=400 if "error" in context else 200)


def _compared(pair: SideBySide, page: str | None) -> dict[str, Any]:
    groups = {"baseline": pair.baseline, "candidate": pair.candidate}
    counts = zip(groups.items(), pair.comparison.runs, pair.censored, strict=True)
    sides = [Side(name, side, middle(side), runs, failed) for (name, side), runs, failed in counts]
    launches = len(pair.baseline), len(pair.candidate)
    factor = pair.comparison.factor
    return {
        "pair": pair,
        "sides": sides,
        "single": min(launches) == 1,
        # What one side lacks since all of it failed has neither appeared nor vanished.
        "lost": Verdict.NOT_ENOUGH_DATA if any(map(operator.eq, launches, pair.censored)) else None,
        "headline": headline(pair.comparison, launches, pair.censored),
        "factor_sentence": factor_sentence(factor) if factor else "",
        "rule": rule(pair.least),
        **changed(changes(pair.baseline, pair.candidate)),
        "deltas": _page(pair.comparison.phases, page),
    }


def _page(deltas: Sequence[Delta], page: str | None) -> Page[Delta]:
    shown = Paginator(deltas, ROWS).get_page(page)
    shown.object_list = [_worded(delta) for delta in shown.object_list]
    return shown


def _worded(delta: Delta) -> Delta:
    """Without what the page says of all rows together."""
    note = delta.note
    for sentence in SINGLE:
        note = note.replace(sentence, "").strip()
    return delta if note == delta.note else replace(delta, note=note)


def changed(found: Sequence[Change]) -> dict[str, Any]:
    """What ``compare/changed.html`` shows."""
    return {"changed": found[:CHANGES], "more_changed": max(len(found) - CHANGES, 0)}


def figure(request: Visitor) -> HttpResponse:
    """``kind=contributions``, or the two launches (of a group: the middle one) on one axis."""
    baseline, candidate = _selection(request, "baseline"), _selection(request, "candidate")
    kind = request.GET.get("kind")
    draw = comparison_figures.contributions if kind == "contributions" else comparison_figures.aligned
    try:
        drawn = draw(baseline, candidate, figure_width(request))
    except SelectorError as error:
        return JsonResponse({"error": {"code": error.code, "message": error.message, "where": error.where}}, status=400)
    return HttpResponse(to_json(drawn), content_type="application/json")


def _selection(request: Visitor, side: str) -> str:
    """Check boxes send one value a launch; a link sends one selection."""
    return ",".join(part for text in request.GET.getlist(side) if (part := text.replace("\0", "").strip()))


def _picker(request: Visitor, pair: SideBySide | None) -> dict[str, Any]:
    """The services to choose from, and what the chosen one offers."""
    services = list(Service.objects.all()[:500])
    known = {str(service.pk): service for service in services}
    chosen = known.get(request.GET.get("service", "")) or (pair.candidate[0].service if pair else None)
    if chosen is None and len(services) == 1:
        chosen = services[0]
    return {"services": services, "choice": _choice(chosen) if chosen else None}


def _described(launch: Launch) -> str:
    at = dateformat.format(datetime.fromtimestamp(launch.start_seconds, UTC), gettext("j M Y H:i:s"))
    took, version = duration(launch.total_ns), launch.version or gettext("no version")
    return f"{took} · {version} · {at} · {short_id(launch.pk)}"


def _choice(service: Service) -> Choice:
    versions = [
        (version_selector(service.name, service.environment, version), version, runs)
        for version, runs in Launch.objects.versions(service.pk)
    ]
    recent = Launch.objects.filter(service=service).exclude(state=Launch.State.RECEIVED).newest_first()
    return Choice(service, versions, list(recent[:RECENT]))
