"""Parsed records into tables, by COPY, in one transaction an artifact. Part of ``ingest``; nobody else writes these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from diagnostics.models import Artifact, Host, Series
from diagnostics.records import Event, Interval, LaunchAnalysis, Parsed, PhaseStatus, PlacedPhase, SampleSeries

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
    "precision_ns": "int8",
    "clock": "text",
    "line": "int4",
    "source": "text",
    "level": "text",
    "category": "text",
    "text": "text",
    "fields": "jsonb",
}
SAMPLE_COLUMNS = {
    "artifact_id": "uuid",
    "position": "int4",
    "metric": "text",
    "instance": "text",
    "times": "int8[]",
    "values": "float8[]",
    "first_ns": "int8",
    "last_ns": "int8",
}
# Both rows in one round trip. The artifact's error goes with its state: what is parsed after all is no longer rejected.
MARK_PARSED = """
WITH host AS (SELECT id FROM diagnostics_host WHERE name = %(host)s),
launch AS (
    UPDATE diagnostics_launch
    SET state = 'parsed', host_id = (SELECT id FROM host), boot_id = %(boot_id)s, boot_time = %(boot_time)s,
        version = %(version)s, status = %(status)s, start_time = %(start_time)s, total_ns = %(total_ns)s,
        unaccounted_ns = %(unaccounted_ns)s, waiting_ns = %(waiting_ns)s, gaps = %(gaps)s, ready_by = %(ready_by)s,
        milestones = %(milestones)s, labels = %(labels)s, config = %(config)s, phase_count = %(phase_count)s
    WHERE id = %(launch)s
)
UPDATE diagnostics_artifact
SET state = 'parsed', error = NULL, host_id = (SELECT id FROM host), parser = %(parser)s, lines = %(lines)s,
    counts = %(counts)s, facts = %(facts)s, first_ns = %(first_ns)s, last_ns = %(last_ns)s
WHERE id = %(artifact)s
RETURNING host_id
"""
MOST_GAPS = 100_000  # the longest are kept as intervals; the sum of all of them is kept as a number


def store_launch(artifact: Artifact, parsed: Parsed, analysis: LaunchAnalysis) -> None:
    """Replace the records of the artifact's launch and mark the artifact parsed: all of it or nothing."""
    assert artifact.service_id, "a snapshot always has a launch, and that a service"
    # Outside the transaction: rows shared by all launches must not stay locked while this one is written.
    series = _series_ids(artifact.service_id, analysis.phases)
    with transaction.atomic(), connection.cursor() as cursor:
        # First, because it locks: of two workers with the same artifact the second replaces what the first has stored.
        _mark_launch_parsed(cursor, artifact, parsed, analysis)
        if artifact.attempts > 1:
            cursor.execute("DELETE FROM diagnostics_phase WHERE launch_id = %s", [artifact.launch_id])
        _copy(cursor, "diagnostics_phase", PHASE_COLUMNS, _phase_rows(artifact, analysis.phases, series))
        _copy_evidence(cursor, artifact, parsed)


def store_evidence(artifact: Artifact, parsed: Parsed) -> None:
    """Replace the events and samples of an artifact and mark it parsed: all of it or nothing."""
    host = _host(parsed) or artifact.host
    with transaction.atomic(), connection.cursor() as cursor:
        _copy_evidence(cursor, artifact, parsed)
        found = {"state": Artifact.State.PARSED, "error": None, "host": host}
        Artifact.objects.filter(pk=artifact.id).update(**found, **_told(parsed, []))


def _host(parsed: Parsed) -> Host | None:
    return Host.objects.get_or_create(name=parsed.host.name)[0] if parsed.host else None


def _copy_evidence(cursor: Any, artifact: Artifact, parsed: Parsed) -> None:
    if artifact.attempts > 1:
        cursor.execute("DELETE FROM diagnostics_event WHERE artifact_id = %s", [artifact.id])
        cursor.execute("DELETE FROM diagnostics_sample WHERE artifact_id = %s", [artifact.id])
    if parsed.events:
        _copy(cursor, "diagnostics_event", EVENT_COLUMNS, _event_rows(artifact, parsed.events))
    if parsed.samples:
        _copy(cursor, "diagnostics_sample", SAMPLE_COLUMNS, _sample_rows(artifact, parsed.samples))


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
    with cursor.copy(f"COPY {table} ({_columns(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def _columns(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


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
        yield (
            artifact.id,
            position,
            event.time,
            event.precision,
            event.clock,
            event.line,
            event.source,
            event.level,
            event.category,
            event.text,
            Jsonb(event.fields) if event.fields else None,
        )


def _sample_rows(artifact: Artifact, samples: Iterable[SampleSeries]) -> Iterator[tuple[Any, ...]]:
    for position, series in enumerate(samples):
        times = list(series.times)
        yield artifact.id, position, series.metric, series.instance, times, list(series.values), times[0], times[-1]


def _mark_launch_parsed(cursor: Any, artifact: Artifact, parsed: Parsed, analysis: LaunchAnalysis) -> None:
    ends = [placed.phase.end_time for placed in analysis.phases]
    about = _told(parsed, [analysis.start_time, analysis.ready_time, *ends]) | {
        "artifact": artifact.id,
        "launch": artifact.launch_id,
        "host": parsed.host and parsed.host.name,
        "boot_id": parsed.host.boot_id if parsed.host else "",
        "boot_time": parsed.host and parsed.host.boot_time,
        "version": parsed.version,
        "status": analysis.status.value,
        "start_time": analysis.start_time,
        "total_ns": analysis.total,
        "unaccounted_ns": analysis.unaccounted_time,
        "waiting_ns": analysis.waiting,
        "gaps": _largest(analysis.unaccounted),
        "ready_by": analysis.ready_by,
        "milestones": dict(parsed.milestones),
        "labels": dict(parsed.labels),
        "config": dict(parsed.config),
        "phase_count": len(analysis.phases),
    }
    values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in about.items()}
    cursor.execute(MARK_PARSED, values)
    if parsed.host and cursor.fetchone() == (None,):
        # Its first launch makes a host known.
        Host.objects.get_or_create(name=parsed.host.name)
        cursor.execute(MARK_PARSED, values)


def _largest(gaps: Sequence[Interval]) -> list[list[int]]:
    largest = sorted(gaps, key=lambda gap: gap.duration, reverse=True)[:MOST_GAPS]
    return sorted([gap.start, gap.end] for gap in largest)


def _told(parsed: Parsed, instants: list[int]) -> dict[str, Any]:
    """What an artifact tells of itself when it is parsed, by column."""
    instants += (event.time for event in parsed.events)
    instants += (time for series in parsed.samples for time in (series.times[:1] + series.times[-1:]))
    return {
        "parser": parsed.parser,
        "lines": msgspec.to_builtins(parsed.lines),
        "counts": {
            "phases": len(parsed.phases),
            "events": len(parsed.events),
            "samples": sum(len(series.times) for series in parsed.samples),
        },
        "facts": dict(parsed.facts),
        "first_ns": min(instants, default=None),
        "last_ns": max(instants, default=None),
    }
