"""Parsed records into tables, by COPY, in one transaction an artifact. Part of ``ingest``; nobody else writes these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from diagnostics.models import Artifact, Host, Launch, Series
from diagnostics.records import Event, Interval, LaunchAnalysis, Parsed, PhaseStatus, PlacedPhase

PHASE_COLUMNS = {
    "launch_id": "uuid",
    "position": "int4",
    "series_id": "int8",
    "artifact_id": "uuid",
    "sender_id": "text",
    "parent": "int4",
    "depends_on": "int4[]",
    "depth": "int2",
    "lane": "text",
    "start_time": "int8",
    "duration_ns": "int8",
    "self_ns": "int8",
    "slack_ns": "int8",
    "critical_ns": "int8",
    "critical": "bool",
    "failed": "bool",
    "layer": "text",
    "attributes": "jsonb",
}
EVENT_COLUMNS = {
    "artifact_id": "uuid",
    "position": "int4",
    "time": "int8",
    "line": "int4",
    "source": "text",
    "text": "text",
}
LARGEST_GAPS = 500  # drawn; the sum of all of them is kept as a number


def store(artifact: Artifact, parsed: Parsed, analysis: LaunchAnalysis) -> None:
    """Replace the records of the artifact's launch and mark the artifact parsed: all of it or nothing."""
    assert artifact.launch_id is not None, "a snapshot always has a launch"
    launch = Launch.objects.get(pk=artifact.launch_id)
    # Outside the transaction: rows shared by all launches must not stay locked while this one is written.
    series = _series_ids(launch.service_id, analysis.phases)
    host = Host.objects.get_or_create(name=parsed.host.name)[0] if parsed.host else None
    with transaction.atomic(), connection.cursor() as cursor:
        if artifact.attempts > 1:
            cursor.execute("DELETE FROM diagnostics_phase WHERE launch_id = %s", [launch.id])
            cursor.execute("DELETE FROM diagnostics_event WHERE artifact_id = %s", [artifact.id])
        _copy(cursor, "diagnostics_phase", PHASE_COLUMNS, _phase_rows(artifact, analysis.phases, series))
        if parsed.events:
            _copy(cursor, "diagnostics_event", EVENT_COLUMNS, _event_rows(artifact, parsed.events))
        _update_launch(launch, host, parsed, analysis)
        _mark_parsed(artifact, host, parsed, analysis)


def _series_ids(service_id: int, phases: Sequence[PlacedPhase]) -> Mapping[str, int]:
    """Series of this service by path; missing ones are made, in a fixed order so that two workers cannot deadlock."""
    names = {placed.path: placed.phase.name for placed in phases}
    known = _known_series(service_id, list(names))
    missing = sorted(names.keys() - known.keys())
    if not missing:
        return known
    Series.objects.bulk_create(
        (Series(service_id=service_id, path=path, name=names[path]) for path in missing),
        ignore_conflicts=True,
        batch_size=5000,
    )
    return {**known, **_known_series(service_id, missing)}


def _known_series(service_id: int, paths: list[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, id FROM diagnostics_series WHERE service_id = %s AND path = ANY(%s)", [service_id, paths]
        )
        return dict(cursor.fetchall())


def _copy(cursor: Any, table: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def _phase_rows(
    artifact: Artifact, phases: Iterable[PlacedPhase], series: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    for placed in phases:
        phase = placed.phase
        yield (
            artifact.launch_id,
            phase.position,
            series[placed.path],
            artifact.id,
            phase.id,
            placed.parent,
            list(phase.depends_on) or None,
            placed.depth,
            phase.lane,
            phase.start_time,
            phase.duration,
            placed.self_time,
            placed.slack,
            placed.critical_time,
            placed.critical,
            phase.status is PhaseStatus.FAILED,
            None,
            Jsonb(phase.attributes) if phase.attributes else None,
        )


def _event_rows(artifact: Artifact, events: Iterable[Event]) -> Iterator[tuple[Any, ...]]:
    for position, event in enumerate(events):
        yield artifact.id, position, event.time, event.line, event.source, event.text


def _update_launch(launch: Launch, host: Host | None, parsed: Parsed, analysis: LaunchAnalysis) -> None:
    launch.host = host
    launch.boot_id = parsed.host.boot_id if parsed.host else ""
    launch.boot_time = parsed.host.boot_time if parsed.host else None
    launch.version = parsed.version
    launch.state = Launch.State.PARSED
    launch.status = analysis.status
    launch.start_time = analysis.start_time
    launch.total_ns = analysis.total
    launch.unaccounted_ns = analysis.unaccounted_time
    launch.waiting_ns = analysis.waiting
    launch.gaps = _largest(analysis.unaccounted)
    launch.ready_by = analysis.ready_by
    launch.milestones = dict(parsed.milestones)
    launch.labels = dict(parsed.labels)
    launch.config = dict(parsed.config)
    launch.phase_count = len(analysis.phases)
    launch.save()


def _largest(gaps: Sequence[Interval]) -> list[list[int]]:
    largest = sorted(gaps, key=lambda gap: gap.duration, reverse=True)[:LARGEST_GAPS]
    return sorted([gap.start, gap.end] for gap in largest)


def _mark_parsed(artifact: Artifact, host: Host | None, parsed: Parsed, analysis: LaunchAnalysis) -> None:
    artifact.state = Artifact.State.PARSED
    artifact.host = host
    artifact.parser = parsed.parser
    artifact.lines = msgspec.to_builtins(parsed.lines)
    artifact.counts = {"phases": len(parsed.phases), "events": len(parsed.events), "samples": 0}
    artifact.facts = dict(parsed.facts)
    artifact.first_ns, artifact.last_ns = analysis.start_time, _last_instant(parsed, analysis)
    artifact.save()


def _last_instant(parsed: Parsed, analysis: LaunchAnalysis) -> int:
    ends = [placed.phase.end_time for placed in analysis.phases]
    return max([analysis.ready_time, *ends, *(event.time for event in parsed.events)])
