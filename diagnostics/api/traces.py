"""Traces of requests, found by what their spans carry."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from diagnostics import request_traces
from diagnostics.api import wire
from diagnostics.api.auth import READ, access_of
from diagnostics.api.errors import ErrorOut
from diagnostics.records import PlacedPhase
from diagnostics.request_traces import RequestTrace

router = Router(auth=READ)
RequestId = Annotated[str, Query(min_length=1, max_length=200, description="An id that spans carry, or the trace's")]
Most = Annotated[int, Query(ge=1, le=20, description="Traces, newest first")]


class TraceOut(Schema):
    id: str
    name: str
    service: str
    environment: str
    status: str
    start_time: int
    total_ns: int
    request_ids: list[str]
    spans: list[wire.PhaseOut]


class TracePage(Schema):
    items: list[TraceOut]
    next: str | None


@router.get("", response={200: TracePage, **dict.fromkeys((401, 403, 422), ErrorOut)}, summary="Find requests' traces")
def traces(request: HttpRequest, request_id: RequestId, limit: Most = 1) -> dict[str, Any]:
    """Traces that were received over OTLP and taken for requests; launches are under `/launches`."""
    found = request_traces.found(request_id, access_of(request).visible(), limit)
    return {"items": [trace_out(trace) for trace in found], "next": None}


def trace_out(trace: RequestTrace) -> dict[str, Any]:
    row, analysis = trace.row, trace.analysis
    return {
        "id": str(row.pk),
        "name": row.name,
        "service": row.service.name if row.service else "",
        "environment": row.service.environment if row.service else "",
        "status": "failed" if row.failed else "success",
        "start_time": analysis.start_time,
        "total_ns": analysis.total,
        "request_ids": row.request_ids,
        "spans": [_span_out(placed, analysis.phases) for placed in analysis.phases],
    }


def _span_out(placed: PlacedPhase, phases: Any) -> dict[str, Any]:
    phase = placed.phase
    return {
        "id": phase.id or str(phase.position),
        "path": placed.path,
        "phase": phase.name,
        "parent": None if placed.parent is None else phases[placed.parent].phase.id,
        "depends_on": [phases[other].phase.id for other in phase.depends_on],
        "lane": phase.lane,
        "depth": placed.depth,
        "start_time": phase.start_time,
        "duration_ns": phase.duration,
        "self_ns": placed.self_time,
        "slack_ns": placed.slack,
        "critical": placed.critical,
        "status": phase.status.value,
        "layer": None,
        "attributes": phase.attributes,
    }
