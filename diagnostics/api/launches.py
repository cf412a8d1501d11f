"""Launches: sending one, listing them, and everything the page of one shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from diagnostics import figures, ingest, tasks
from diagnostics.api import paging, shapes, wire
from diagnostics.api.auth import READ, SEND, access_of
from diagnostics.api.body import read_body
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import LaunchQuery, SnapshotQuery, WaterfallQuery, launch_filter, waterfall_view
from diagnostics.api.found import find_launch, id_of_positions
from diagnostics.charts.serialise import to_json
from diagnostics.models import Artifact, Launch, PhaseRecord
from diagnostics.parsers.snapshot_form import schema_forms

router = Router(auth=READ)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 422), ErrorOut)
SENT = {**dict.fromkeys((409, 413, 415), ErrorOut), **FAILURES}
FORMS = schema_forms("#/components/schemas/{name}")
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": FORMS}}}}


@router.post(
    "",
    auth=SEND,
    response={202: wire.AcceptedOut, 200: wire.AcceptedOut, **SENT},
    openapi_extra=BODY,
    summary="Send a launch snapshot",
)
def send(request: HttpRequest, response: HttpResponse, given: Query[SnapshotQuery]) -> Status[dict[str, str]]:
    """Store a snapshot of either form; a worker parses it within moments. The same bytes again change nothing."""
    upload = ingest.Upload(read_body(request, ends_itself=True), **given.dict())
    accepted = ingest.accept(upload, access_of(request).services)
    if accepted.state == Artifact.State.RECEIVED:
        tasks.enqueue_parse(accepted.artifact)
    response["Location"] = f"/api/v1/launches/{accepted.launch}"
    return Status(202 if accepted.created else 200, shapes.accepted_out(accepted))


@router.get("", response={200: wire.LaunchPage, **FAILURES}, summary="List launches, newest first")
def listed(
    request: HttpRequest, query: Query[LaunchQuery], limit: paging.Limit = 50, cursor: paging.Cursor = None
) -> dict[str, Any]:
    launches = Launch.objects.filter(access_of(request).visible()).matching(launch_filter(query, request))
    if cursor:
        launches = launches.after_cursor(*paging.decode(cursor, int, UUID))
    rows = list(launches.newest_first().with_artifact_ids()[: limit + 1])
    following = paging.encode(rows[limit - 1].start_time, rows[limit - 1].id) if len(rows) > limit else None
    return {"items": [shapes.launch_out(row, row.artifact_ids) for row in rows[:limit]], "next": following}


@router.get("/{uuid:launch_id}", response={200: wire.LaunchOut, **FAILURES}, summary="One launch")
def one(request: HttpRequest, launch_id: UUID) -> dict[str, Any]:
    launch = find_launch(request, launch_id)
    return shapes.launch_out(launch, launch.artifact_ids)


@router.get("/{uuid:launch_id}/phases", response={200: wire.PhasePage, **FAILURES}, summary="Phases, as sent")
def phases(
    request: HttpRequest, launch_id: UUID, limit: paging.Limit = 200, cursor: paging.Cursor = None
) -> dict[str, Any]:
    launch = find_launch(request, launch_id)
    after = paging.decode(cursor, int)[0] if cursor else -1
    rows = list(PhaseRecord.objects.filter(launch=launch, position__gt=after).in_order()[: limit + 1])
    ids = id_of_positions(launch, rows[:limit])
    following = paging.encode(rows[limit - 1].position) if len(rows) > limit else None
    return {"items": [shapes.phase_out(row, ids) for row in rows[:limit]], "next": following}


@router.get("/{uuid:launch_id}/critical-path", response={200: wire.CriticalPathOut, **FAILURES})
def critical_path(request: HttpRequest, launch_id: UUID) -> dict[str, Any]:
    """The chain of phases that bounds the launch, in order; ``waiting_ns`` of its total belongs to no phase."""
    launch = find_launch(request, launch_id)
    rows = list(PhaseRecord.objects.filter(launch=launch, critical=True).in_order().order_by("start_time", "depth"))
    ids = id_of_positions(launch, rows)
    items = [shapes.phase_out(row, ids) for row in rows]
    return {"items": items, "total_ns": launch.total_ns or 0, "waiting_ns": launch.waiting_ns or 0}


@router.get(
    "/{uuid:launch_id}/waterfall",
    response={200: dict[str, Any], **FAILURES},
    summary="The waterfall, or a window of it, as a Plotly figure",
)
def waterfall(request: HttpRequest, launch_id: UUID, query: Query[WaterfallQuery]) -> HttpResponse:
    """A Plotly figure of at most a few hundred bars: what lies in the window, the longest and the critical first."""
    launch = find_launch(request, launch_id)
    return HttpResponse(to_json(figures.waterfall(launch, waterfall_view(query))), content_type="application/json")
