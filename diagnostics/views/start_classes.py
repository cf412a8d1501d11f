"""The mix of a service's start classes over time, as a figure."""

from __future__ import annotations

from django.http import HttpResponse

from diagnostics.charts.serialise import to_json
from diagnostics.models import Launch
from diagnostics.views.access import Visitor
from diagnostics.views.figure_width import figure_width
from diagnostics.views.service import TREND_POINTS, find_service


def start_classes(request: Visitor, name: str) -> HttpResponse:
    from diagnostics.charts.start_class_mix import Started, start_class_mix  # plotly takes its time to import

    chosen, _environments = find_service(request, name)
    rows = Launch.objects.newest_of(chosen.pk, TREND_POINTS).values_list("start_time", "start_class")
    drawn = start_class_mix([Started(start, told) for start, told in rows], figure_width(request))
    return HttpResponse(to_json(drawn), content_type="application/json")
