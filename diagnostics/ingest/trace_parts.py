"""What came of a trace so far, and the part of a launch that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from diagnostics.ingest.parts import Part
from diagnostics.ingest.rows import storable, text
from diagnostics.models import Artifact, ArtifactPhase, Launch, LaunchFlag, OtlpSpans, OtlpTrace
from diagnostics.parsers.otlp import (
    LAUNCH,
    Group,
    Trace,
    config_of,
    host_of,
    labels_of,
    merged,
    milestones_of,
    phases_of,
    version_of,
)
from diagnostics.records import Kind, Phase, PhaseStatus

EXPORTED = "launchscope"  # the scope of spans that ``diagnostics.exports.otlp`` writes
BY_TRACE = "by_trace"  # a request's given key: its spans are found by their trace id, not by its launch


class Piece(NamedTuple):
    """Spans of a trace as one request brought them."""

    artifact: UUID
    groups: list[Group]


_groups = msgspec.msgpack.Decoder(list[Group])


def packed_groups(groups: Sequence[Group]) -> bytes:
    return msgspec.msgpack.encode(groups)


def pieces_of(trace_id: UUID) -> list[Piece]:
    """Everything that came of a trace, in the order that it came."""
    rows = OtlpSpans.objects.filter(trace_id=trace_id).order_by("pk").values_list("artifact_id", "data")
    return [Piece(artifact, _groups.decode(data)) for artifact, data in rows]


def told_by(artifact: Artifact) -> list[ArtifactPhase]:
    """The spans of one request as phases, each trace nested in itself; not stored, for looking at."""
    phases: list[ArtifactPhase] = []
    for trace_id, data in OtlpSpans.objects.filter(artifact_id=artifact.pk).order_by("pk").values_list("trace", "data"):
        first = len(phases)
        told = phases_of(trace_of(trace_id, [Piece(artifact.pk, _groups.decode(data))]))
        phases += [_as_row(phase, first) for phase in told]
    return phases


def _as_row(phase: Phase, first: int) -> ArtifactPhase:
    return ArtifactPhase(
        position=first + phase.position,
        name=text(phase.name),
        sender_id=phase.id,
        parent=None if phase.parent is None else first + phase.parent,
        depends_on=[first + other for other in phase.depends_on],
        lane=text(phase.lane),
        start_time=phase.start_time,
        duration_ns=phase.duration,
        failed=phase.status is PhaseStatus.FAILED,
        attributes=storable(phase.attributes),
    )


def trace_of(trace_id: UUID, pieces: Sequence[Piece]) -> Trace:
    return Trace(trace_id.hex, merged([group for piece in pieces for group in piece.groups]))


def of_launch(launch: Launch) -> list[Part]:
    """The trace that is this launch, if there is one and it was taken for a launch."""
    if not OtlpTrace.objects.filter(pk=launch.pk, verdict=LAUNCH).exists():
        return []
    pieces = pieces_of(launch.pk)
    if not pieces:
        return []
    trace = trace_of(launch.pk, pieces)
    if is_export(trace) and not is_traced_only(launch.pk):
        return []  # the launch itself, come back
    return [part_of(trace, pieces)]


def is_export(trace: Trace) -> bool:
    return all(span.scope == EXPORTED for span in trace.spans)


def part_of(trace: Trace, pieces: Sequence[Piece]) -> Part:
    """The trace as a part of its launch; each phase is told by the request that brought it last."""
    tellers = {span.id: piece.artifact for piece in pieces for group in piece.groups for span in group.spans}
    resource = trace.main.resource
    host = host_of(resource)
    told = {
        "milestones": milestones_of(trace),
        "labels": storable(labels_of(resource)),
        "version": text(version_of(resource)),
        "config": storable(config_of(resource)),
        "host": {"name": text(host.name), "boot_id": text(host.boot_id), "boot_time": host.boot_time} if host else None,
    }
    artifact = Artifact(id=pieces[0].artifact, kind=Kind.OTLP, facts={"clock": "wall"})
    return Part(artifact, phases_of(trace), told, [tellers[span.id] for span in trace.ordered])


def is_traced_only(launch_id: UUID) -> bool:
    """Whether nothing but spans tells of a launch, so that whatever else comes knows its service better."""
    told = Artifact.objects.filter(launch_id=launch_id).exclude(kind=Kind.OTLP)
    return OtlpTrace.objects.filter(pk=launch_id, verdict=LAUNCH).exists() and not told.exists()


def move(launch_id: UUID, service_id: int) -> None:
    """The launch belongs to another service than the first spans said; its rows are to be made anew."""
    LaunchFlag.objects.filter(launch_id=launch_id).delete()
    Launch.objects.filter(pk=launch_id).update(service_id=service_id)
