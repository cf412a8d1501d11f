"""The catalogue of services, and the history of their phases."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from diagnostics.api import paging, shapes, wire
from diagnostics.api.auth import READ, access_of
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import Text
from diagnostics.change_history import look
from diagnostics.models import Service
from diagnostics.querysets.services import history

router = Router(auth=READ)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 422), ErrorOut)


@router.get("", response={200: wire.ServicePage, **FAILURES}, summary="Every service at a glance")
def listed(request: HttpRequest) -> dict[str, Any]:
    allowed = access_of(request).services
    overview = (row for row in Service.objects.overview() if not allowed or row.name in allowed)
    return {"items": [shapes.service_out(row) for row in overview], "next": None}


@router.get("/{any:name}/series", response={200: wire.SeriesPage, **FAILURES}, summary="History of a phase")
def series(
    request: HttpRequest,
    name: str,
    phase: Annotated[Text | None, Query(description="Phase path; without it, the launch total")] = None,
    environment: Text = "",
    limit: paging.Limit = 200,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """Newest first: one point a launch. ``change_points`` are where the level changed, whatever the page."""
    if "\0" in name:  # which no name can hold, nor any query ask for
        raise Http404
    visible = Service.objects.filter(access_of(request).visible(""))
    service = get_object_or_404(visible, name=name, environment=environment)
    place = paging.decode(cursor, int, UUID) if cursor else None
    points = history(service, phase, limit + 1, place)
    following = paging.encode(points[limit - 1].start_time, points[limit - 1].launch) if len(points) > limit else None
    return {
        "items": [shapes.point_out(point) for point in points[:limit]],
        "change_points": shapes.change_points_out(look(service, phase), phase),
        "next": following,
    }
