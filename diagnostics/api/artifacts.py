"""Artifacts: their state, what was read of them, and their bytes."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from diagnostics import ingest, tasks
from diagnostics.api import paging, shapes, wire
from diagnostics.api.auth import FOLLOW, SEND, access_of
from diagnostics.api.body import read_packed
from diagnostics.api.errors import ApiError, ErrorOut
from diagnostics.api.filters import EvidenceQuery
from diagnostics.api.found import find_artifact, id_of_positions
from diagnostics.clocks import shifts
from diagnostics.ingest.trace_parts import BY_TRACE, told_by
from diagnostics.models import Artifact, ArtifactPhase, EventRecord, PhaseRecord, SampleRecord
from diagnostics.parsers import Source
from diagnostics.records import Kind

BYTES = "application/octet-stream"
BINARY = {"type": "string", "format": "binary"}
PIECE = 1_048_576
LARGE = 4 * PIECE  # from here on a file is sent as it is read
LONGEST = 10_000  # characters of a line that are shown
router = Router(auth=FOLLOW)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 422), ErrorOut)


@router.post(
    "",
    auth=SEND,
    response={202: wire.EvidenceOut, 200: wire.EvidenceOut, 411: ErrorOut, 413: ErrorOut, 415: ErrorOut, **FAILURES},
    openapi_extra={"requestBody": {"required": True, "content": {BYTES: {"schema": {**BINARY, "minLength": 1}}}}},
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


@router.get(
    "/{uuid:artifact_id}/raw",
    response={200: wire.LinesOut, 410: ErrorOut, **FAILURES},
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {"schema": BINARY}}}}},
    summary="The file as it was sent, or lines of it",
)
def raw(
    request: HttpRequest,
    artifact_id: UUID,
    line: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Instead of the file, this line (from 1)")
    ] = None,
    context: Annotated[int, Query(ge=0, le=500, description="and so many lines before and after it")] = 10,
) -> HttpResponseBase:
    """The bytes, decompressed; with ``line``, JSON of the lines around it."""
    artifact = find_artifact(request, artifact_id)
    if line is not None:
        return HttpResponse(orjson.dumps(_lines(artifact, line, context)), content_type="application/json")
    is_large = artifact.size > LARGE
    response = _streamed(artifact) if is_large else HttpResponse(ingest.content_of(artifact), content_type=BYTES)
    # Never rendered by a browser: the file is somebody's input.
    response["Content-Disposition"] = f'attachment; filename="{artifact.kind}-{artifact.id}{_ending(artifact)}"'
    response["Content-Length"] = str(artifact.size)
    response["ETag"] = f'"{artifact.sha256}"'
    return response


def _ending(artifact: Artifact) -> str:
    return ".json" if artifact.kind in (Kind.SNAPSHOT, Kind.HOST_SAMPLES, Kind.PROBE) else ""


def _lines(artifact: Artifact, line: int, context: int) -> dict[str, Any]:
    first = max(line - context, 1)
    told = Source(lambda: ingest.stream_of(artifact)).lines()
    found = [
        {"line": n, "text": text[:LONGEST]} for n, text in enumerate(islice(told, first - 1, line + context), first)
    ]
    if not any(one["line"] == line for one in found):
        raise ApiError(404, "not_found", f"The file has no line {line}", "line")
    return {"artifact": str(artifact.id), "line": line, "lines": found}


@router.post(
    "/{uuid:artifact_id}/parse",
    auth=SEND,
    response={202: wire.EvidenceOut, 200: wire.EvidenceOut, 410: ErrorOut, **FAILURES},
    summary="Read it again with today's parser",
)
def parse(request: HttpRequest, artifact_id: UUID) -> Status[dict[str, str]]:
    """Its records stay until the new ones replace them; ``facts.previous`` keeps what was counted before."""
    found = find_artifact(request, artifact_id)
    is_waiting = found.state == Artifact.State.RECEIVED
    artifact = ingest.reparse(found.pk)
    tasks.enqueue_parse(artifact.pk)
    return Status(200 if is_waiting else 202, shapes.stored_out(artifact))


def _streamed(artifact: Artifact) -> HttpResponseBase:
    stream = ingest.stream_of(artifact)
    stream.peek(1)  # that it is gone must be told before the answer begins
    return StreamingHttpResponse(iter(lambda: stream.read(PIECE), b""), content_type=BYTES)


@router.get("/{uuid:artifact_id}/records", response={200: wire.RecordPage, **FAILURES}, summary="What was read of it")
def records(
    request: HttpRequest,
    artifact_id: UUID,
    type: Literal["phases", "events", "samples"] = "phases",  # noqa: A002  (the contract's name)
    clock: Literal["raw", "corrected"] = "raw",
    limit: paging.Limit = 200,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """Times as the file tells them; ``clock=corrected`` moves those of a launch's own file onto the launch's clock."""
    artifact = find_artifact(request, artifact_id)
    after = paging.decode(cursor, int)[0] if cursor else -1
    items, last = READERS[type](artifact, after, limit, _shift(artifact) if clock == "corrected" else 0)
    return {"items": items, "next": paging.encode(last) if last is not None else None}


Records = tuple[list[dict[str, Any]], int | None]


def _shift(artifact: Artifact) -> int:
    if artifact.launch is None:
        return 0
    joined = list(Artifact.objects.evidence_of(artifact.launch))
    return shifts(artifact.launch, joined, corrected=True).get(artifact.pk, 0)


def _phases(artifact: Artifact, after: int, limit: int, shift: int) -> Records:
    if BY_TRACE in artifact.given:
        told = told_by(artifact)
        names = {row.position: shapes.phase_id(row.position, row.sender_id) for row in told}
        some = told[after + 1 : after + 2 + limit]
        return [shapes.told_phase_out(row, names, shift) for row in some[:limit]], _last(some, limit)
    if artifact.kind != Kind.SNAPSHOT or artifact.launch is None:
        return _told_phases(artifact, after, limit, shift)
    rows = PhaseRecord.objects.filter(launch=artifact.launch, artifact_id=artifact.id, position__gt=after)
    page = list(rows.in_order()[: limit + 1])
    ids = id_of_positions(artifact.launch, page[:limit])
    return [shapes.phase_out(row, ids) for row in page[:limit]], _last(page, limit)


def _told_phases(artifact: Artifact, after: int, limit: int, shift: int) -> Records:
    rows = ArtifactPhase.objects.filter(artifact=artifact, position__gt=after).order_by("position")
    page = list(rows[: limit + 1])
    referred = {n for row in page[:limit] for n in (row.parent, *(row.depends_on or ())) if n is not None}
    named = ArtifactPhase.objects.filter(artifact=artifact, position__in=referred) if referred else []
    ids = {row.position: shapes.phase_id(row.position, row.sender_id) for row in named}
    return [shapes.told_phase_out(row, ids, shift) for row in page[:limit]], _last(page, limit)


def _events(artifact: Artifact, after: int, limit: int, shift: int) -> Records:
    page = list(EventRecord.objects.filter(artifact=artifact, position__gt=after).order_by("position")[: limit + 1])
    return [shapes.event_out(row, shift) for row in page[:limit]], _last(page, limit)


def _samples(artifact: Artifact, after: int, limit: int, shift: int) -> Records:
    """Series after series; ``after`` counts samples over all of them."""
    items: list[dict[str, Any]] = []
    first = 0
    for row in SampleRecord.objects.filter(artifact=artifact).order_by("position").iterator():
        skipped = max(after + 1 - first, 0)
        items += shapes.sample_out(row, skipped, skipped + limit - len(items), shift)
        first += len(row.times)
        if len(items) >= limit:
            break
    total = artifact.counts.get("samples", 0)
    return items, after + limit if after + 1 + len(items) < total else None


def _last(page: list[Any], limit: int) -> int | None:
    return page[limit - 1].position if len(page) > limit else None


READERS = {"phases": _phases, "events": _events, "samples": _samples}
