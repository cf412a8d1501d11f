"""Launches, comparisons and their figures as files."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from diagnostics import comparison_figures, exporting, figures
from diagnostics.api.auth import READ, access_of
from diagnostics.api.compare import Selection
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import PictureQuery, WaterfallQuery, waterfall_view
from diagnostics.api.found import find_parsed
from diagnostics.exporting import Exported, Picture

router = Router(auth=READ)
BINARY = {"schema": {"type": "string", "format": "binary"}}
JSON = {"schema": {"type": "object"}}
FAILURES: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422), ErrorOut)
PICTURE_FAILURES = FAILURES | {503: ErrorOut}


def _files(*types: str) -> dict[str, Any]:
    content = {name: JSON if name == "application/json" else BINARY for name in types}
    return {"responses": {200: {"description": "The file", "content": content}}}


TABLES = ("application/json", "text/csv", "application/vnd.apache.parquet")
DRAWN = ("image/png", "image/svg+xml", "text/html")


@router.get(
    "/launches/{uuid:launch_id}/export",
    response=FAILURES,
    openapi_extra=_files(*TABLES, "text/html"),
    tags=["launches"],
    summary="A launch as a file of another tool's format",
)
def export(
    request: HttpRequest,
    launch_id: UUID,
    format: Literal["snapshot", "otlp", "chrome-trace", "csv", "parquet", "html"] = "snapshot",  # noqa: A002
) -> HttpResponse:
    """``snapshot`` and ``otlp`` can be sent back; ``chrome-trace`` opens in Perfetto; ``html`` needs no server."""
    return _file(exporting.export_launch(find_parsed(request, launch_id), format))


@router.get(
    "/launches/{uuid:launch_id}/figure",
    response=PICTURE_FAILURES,
    openapi_extra=_files(*DRAWN),
    tags=["launches"],
    summary="The waterfall, or a window of it, as a picture",
)
def figure(
    request: HttpRequest, launch_id: UUID, window: Query[WaterfallQuery], how: Query[PictureQuery]
) -> HttpResponse:
    launch = find_parsed(request, launch_id)
    title = f"{launch.service} {launch.version} {str(launch.pk)[:8]}"
    drawing = figures.waterfall(launch, waterfall_view(window))
    return _file(exporting.picture(drawing, Picture(how.format, how.theme, window.width, title)))


@router.get(
    "/compare/export",
    response=FAILURES,
    openapi_extra=_files(*TABLES),
    tags=["compare"],
    summary="A comparison as a file",
)
def export_comparison(
    request: HttpRequest,
    baseline: Selection,
    candidate: Selection,
    format: Literal["csv", "parquet", "otlp", "chrome-trace"] = "csv",  # noqa: A002
) -> HttpResponse:
    """The deltas as a table, or the launches of the median totals as two traces."""
    visible = access_of(request).visible()
    return _file(exporting.export_comparison(baseline, candidate, format, visible))


@router.get(
    "/compare/figure",
    response=PICTURE_FAILURES,
    openapi_extra=_files(*DRAWN),
    tags=["compare"],
    summary="A comparison as a picture",
)
def comparison_figure(
    request: HttpRequest,
    baseline: Selection,
    candidate: Selection,
    how: Query[PictureQuery],
    kind: Literal["waterfalls", "contributions"] = "waterfalls",
    width: Annotated[int, Query(ge=50, le=10_000)] = 1000,
) -> HttpResponse:
    draw = comparison_figures.contributions if kind == "contributions" else comparison_figures.aligned
    drawing = draw(baseline, candidate, width, access_of(request).visible())
    return _file(exporting.picture(drawing, Picture(how.format, how.theme, width, f"compare {kind}")))


def _file(exported: Exported) -> HttpResponse:
    response = HttpResponse(exported.content, content_type=exported.content_type)
    # Never opened in place: a page that holds somebody's input must not run as one of ours.
    response["Content-Disposition"] = f'attachment; filename="{exported.name}"'
    return response
