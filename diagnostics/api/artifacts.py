"""Artifacts: their state, what was read of them, and their bytes."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from diagnostics import ingest, tasks
from diagnostics.api import paging, shapes, wire
from diagnostics.api.auth import FOLLOW, SEND, access_of
from diagnostics.api.body import read_packed
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import EvidenceQuery
from diagnostics.api.found import find_artifact, id_of_positions
from diagnostics.models import Artifact, EventRecord, PhaseRecord, SampleRecord

router = Router(auth=FOLLOW)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 422), ErrorOut)


@router.post(
    "",
    auth=SEND,
    response={202: wire.EvidenceOut, 200: wire.EvidenceOut, 413: ErrorOut, 415: ErrorOut, **FAILURES},
    summary="Send any file that tells of a host or a launch",
)
def send(request: HttpRequest, response: HttpResponse, given: Query[EvidenceQuery]) -> Status[dict[str, str]]:
    """Store a file as it is; a worker reads it within moments. The same file again is the same artifact."""
    evidence = ingest.Evidence(read_packed(request), **given.dict())
    accepted = ingest.accept_evidence(evidence, access_of(request).services)
    if accepted.state == Artifact.State.RECEIVED:
        tasks.enqueue_parse(accepted.artifact)
    response["Location"] = f"/api/v1/artifacts/{accepted.artifact}"
    return Status(202 if accepted.created else 200, shapes.evidence_out(accepted))


@router.get("/{uuid:artifact_id}", response={200: wire.ArtifactOut, **FAILURES}, summary="State and facts")
def one(request: HttpRequest, artifact_id: UUID) -> dict[str, Any]:
    """``received``, then ``parsed`` or ``rejected``; a rejected artifact says what is wrong and where."""
    return shapes.artifact_out(find_artifact(request, artifact_id))


@router.get("/{uuid:artifact_id}/raw", summary="The file as it was sent, decompressed")
def raw(request: HttpRequest, artifact_id: UUID) -> HttpResponse:
    artifact = find_artifact(request, artifact_id)
    # Never rendered by a browser: the file is somebody's input.
    response = HttpResponse(ingest.content_of(artifact), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{artifact.kind}-{artifact.id}.json"'
    response["ETag"] = f'"{artifact.sha256}"'
    return response


@router.get("/{uuid:artifact_id}/records", response={200: wire.RecordPage, **FAILURES}, summary="What was read of it")
def records(
    request: HttpRequest,
    artifact_id: UUID,
    type: Literal["phases", "events", "samples"] = "phases",  # noqa: A002  (the contract's name)
    limit: paging.Limit = 200,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    artifact = find_artifact(request, artifact_id)
    after = paging.decode(cursor, int)[0] if cursor else -1
    items, last = READERS[type](artifact, after, limit)
    return {"items": items, "next": paging.encode(last) if last is not None else None}


Records = tuple[list[dict[str, Any]], int | None]


def _phases(artifact: Artifact, after: int, limit: int) -> Records:
    if artifact.launch is None:
        return [], None
    rows = PhaseRecord.objects.filter(launch=artifact.launch, artifact_id=artifact.id, position__gt=after)
    page = list(rows.in_order()[: limit + 1])
    ids = id_of_positions(artifact.launch, page[:limit])
    return [shapes.phase_out(row, ids) for row in page[:limit]], _last(page, limit)


def _events(artifact: Artifact, after: int, limit: int) -> Records:
    page = list(EventRecord.objects.filter(artifact=artifact, position__gt=after).order_by("position")[: limit + 1])
    return [shapes.event_out(row) for row in page[:limit]], _last(page, limit)


def _samples(artifact: Artifact, after: int, limit: int) -> Records:
    """Series after series; ``after`` counts samples over all of them."""
    items: list[dict[str, Any]] = []
    first = 0
    for row in SampleRecord.objects.filter(artifact=artifact).order_by("position").iterator():
        skipped = max(after + 1 - first, 0)
        items += shapes.sample_out(row, skipped, skipped + limit - len(items))
        first += len(row.times)
        if len(items) >= limit:
            break
    total = artifact.counts.get("samples", 0)
    return items, after + limit if after + 1 + len(items) < total else None


def _last(page: list[Any], limit: int) -> int | None:
    return page[limit - 1].position if len(page) > limit else None


READERS = {"phases": _phases, "events": _events, "samples": _samples}
