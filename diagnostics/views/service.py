"""One service in one environment: how its totals moved, its launches, and picking which to compare."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from diagnostics.change_history import look
from diagnostics.charts.serialise import to_json
from diagnostics.marks import on_trend
from diagnostics.models import Launch, Service
from diagnostics.views.access import Visitor
from diagnostics.views.figure_width import figure_width
from diagnostics.views.launch_table import launch_table
from diagnostics.views.polling import asked_before
from diagnostics.views.trend_marks import FEWEST, marks, stretches, trend_points

TREND_POINTS = 500


def service(request: Visitor, name: str) -> HttpResponse:
    chosen, environments = find_service(request, name)
    table = launch_table(chosen.pk, request.GET)
    context: dict[str, Any] = {"section": "services", "service": chosen, "table": table}
    if request.htmx:
        return render(
            request, "services/launch_rows.html" if "cursor" in request.GET else "services/launches.html", context
        )
    context |= {
        "environments": environments,
        "overview": Service.objects.overview(chosen.pk)[0],
        "versions": Launch.objects.versions(chosen.pk),
        "has_start_classes": Launch.objects.newest_of(chosen.pk, TREND_POINTS).knows_start_class(),
    }
    return render(request, "services/detail.html", context)


def row(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """One row of the table again, asked for while its launch is being parsed."""
    launch = get_object_or_404(Launch.objects.newest_first().with_rejection(), pk=launch_id)
    return render(request, "services/launch_row.html", {"launch": launch, "asked": asked_before(request)})


def trend(request: Visitor, name: str) -> HttpResponse:
    from diagnostics.charts.change_marks import marked  # plotly takes its time to import
    from diagnostics.charts.deploy_marks import with_deploys
    from diagnostics.charts.trend import trend as drawn

    chosen, _environments = find_service(request, name)
    looked = look(chosen, None, TREND_POINTS)
    figure = drawn(trend_points(looked.points), figure_width(request))
    if looked.points:
        marked(figure, marks(looked), stretches(looked), len(looked.points) >= FEWEST)
    with_deploys(figure, on_trend(chosen, [point.start_time for point in looked.points]))
    return HttpResponse(to_json(figure), content_type="application/json")


def find_service(request: Visitor, name: str) -> tuple[Service, list[Service]]:
    """The service in the environment asked for, else in the one launched last; and all environments it has."""
    environments = [] if "\0" in name else list(Service.objects.named(name))
    wanted = request.GET.get("environment")
    for candidate in environments:
        if wanted is None or candidate.environment == wanted:
            return candidate, environments
    raise Http404(_("There is no service of this name here."))
