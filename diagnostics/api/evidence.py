"""What tells of a launch beside its snapshot, and what diagnosis makes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from diagnostics.api import paging, shapes, wire
from diagnostics.api.auth import READ
from diagnostics.api.errors import ApiError, ErrorOut
from diagnostics.api.filters import EvidenceWindow, time
from diagnostics.api.found import find_launch
from diagnostics.clocks import corrections, shift
from diagnostics.models import Artifact, Launch
from diagnostics.querysets.records import events_within
from diagnostics.records import NS_PER_SECOND, Interval

router = Router(auth=READ)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 422), ErrorOut)
MARGIN = 60 * NS_PER_SECOND  # around the launch, where no window is asked for


@router.get("/{uuid:launch_id}/evidence", response={200: wire.EvidencePage, **FAILURES}, summary="What tells of it")
def evidence(
    request: HttpRequest,
    launch_id: UUID,
    query: Query[EvidenceWindow],
    limit: paging.Limit = 200,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """All files that join the launch, and a page of their events in a window (by default the launch and a minute around
    it), in time order. Times are as the files tell them unless ``clock=corrected``; only seconds since boot are placed.
    """
    launch = find_launch(request, launch_id)
    artifacts = list(Artifact.objects.evidence_of(launch))
    clocks = corrections(launch, artifacts)
    is_corrected = query.clock == "corrected"
    shifts = {pk: shift(one, corrected=is_corrected) for pk, one in clocks.items() if one.placing is not None}
    after = paging.decode(cursor, int, UUID, int) if cursor else None
    rows = events_within(shifts, _window(launch, query), limit + 1, (after[0], after[1], after[2]) if after else None)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": [shapes.joined_out(artifact, clocks[artifact.pk]) for artifact in artifacts],
        "events": [shapes.seen_event_out(artifact, event) for artifact, _, event in rows[:limit]],
        "next": paging.encode(last[2].time, last[0], last[1]) if last else None,
    }


@router.get(
    "/{uuid:launch_id}/findings",
    response={200: wire.FindingPage, **FAILURES},
    by_alias=True,  # “for” is no name in Python
    summary="Why it was slow",
)
def findings(request: HttpRequest, launch_id: UUID) -> dict[str, Any]:
    """Every diagnosed reason, the gravest first, and the launch in one sentence; also why nothing can be said."""
    launch = find_launch(request, launch_id)
    items = [shapes.finding_out(finding) for finding in launch.findings.all()]
    return {"items": items, "next": None, "headline": shapes.headline_out(launch)}


def _window(launch: Launch, query: EvidenceWindow) -> Interval:
    start, end = time(query.start, "from"), time(query.end, "to")
    start = launch.start_time - MARGIN if start is None else start
    end = launch.ready_time + MARGIN if end is None else end
    if end < start:
        raise ApiError(422, "invalid_parameter", "The window ends before it begins", "to")
    return Interval(start, end)
