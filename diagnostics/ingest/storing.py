"""A launch's records into tables, by COPY, in one transaction. Part of ``ingest``; nobody else writes these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from psycopg.types.json import Jsonb

from diagnostics.ingest.rows import (
    EVENT_COLUMNS,
    PHASE_COLUMNS,
    SAMPLE_COLUMNS,
    copy,
    event_row,
    phase_rows,
    sample_row,
)
from diagnostics.models import Artifact, Host, Series
from diagnostics.records import Interval, LaunchAnalysis, Milestone, Parsed, PlacedPhase

# Both rows in one round trip. The artifact's error goes with its state: what is parsed after all is no longer rejected.
MARK_PARSED = """
WITH host AS (SELECT id FROM diagnostics_host WHERE name = %(host)s),
launch AS (
    UPDATE diagnostics_launch
    SET state = 'parsed', host_id = (SELECT id FROM host), boot_id = %(boot_id)s, boot_time = %(boot_time)s,
        version = %(version)s, status = %(status)s, start_time = %(start_time)s, total_ns = %(total_ns)s,
        unaccounted_ns = %(unaccounted_ns)s, waiting_ns = %(waiting_ns)s, gaps = %(gaps)s, ready_by = %(ready_by)s,
        begins_with = %(begins_with)s, milestones = %(milestones)s, labels = %(labels)s, config = %(config)s,
        phase_count = %(phase_count)s
    WHERE id = %(launch)s
    RETURNING assembled
)
UPDATE diagnostics_artifact
SET state = 'parsed', error = NULL, host_id = (SELECT id FROM host), parser = %(parser)s, lines = %(lines)s,
    counts = %(counts)s, facts = %(facts)s, first_ns = %(first_ns)s, last_ns = %(last_ns)s, told = NULL
WHERE id = %(artifact)s
RETURNING host_id, (SELECT assembled FROM launch)
"""
MOST_GAPS = 100_000  # the longest are kept as intervals; the sum of all of them is kept as a number


def store_launch(artifact: Artifact, parsed: Parsed, analysis: LaunchAnalysis, series: Mapping[str, int]) -> bool:
    """Replace the records of a snapshot's launch and mark the artifact parsed; must run in a transaction.

    ``series`` are those of ``series_ids``, had before the transaction began: rows shared by all launches must not stay
    locked while this one is written. Answers whether evidence tells of the launch too, so that it must be assembled.
    """
    with connection.cursor() as cursor:
        # First, because it locks: of two workers with the same artifact the second replaces what the first has stored.
        assembled = _mark_launch_parsed(cursor, artifact, parsed, analysis)
        if artifact.attempts > 1 or artifact.previous or assembled:
            cursor.execute("DELETE FROM diagnostics_phase WHERE launch_id = %s", [artifact.launch_id])
        rows = phase_rows(artifact.launch_id, [artifact.id], analysis.phases, series)
        copy(cursor, "diagnostics_phase", PHASE_COLUMNS, rows)
        _copy_evidence(cursor, artifact, parsed)
    return assembled


def launch_columns(analysis: LaunchAnalysis, milestones: Mapping[str, int]) -> dict[str, Any]:
    """What the time structure says of a launch, by column."""
    return {
        "status": analysis.status.value,
        "start_time": analysis.start_time,
        "total_ns": analysis.total,
        "unaccounted_ns": analysis.unaccounted_time,
        "waiting_ns": analysis.waiting,
        "gaps": _largest(analysis.unaccounted),
        "ready_by": analysis.ready_by,
        "begins_with": Milestone.POD_CREATED.value if Milestone.POD_CREATED in milestones else "",
        "milestones": dict(milestones),
        "phase_count": len(analysis.phases),
    }


def series_ids(service_id: int, phases: Sequence[PlacedPhase]) -> Mapping[str, int]:
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


def forget(cursor: Any, artifact_id: UUID) -> None:
    """Delete what an earlier reading of an artifact left."""
    for table in ("diagnostics_event", "diagnostics_sample", "diagnostics_artifactphase"):
        cursor.execute(f"DELETE FROM {table} WHERE artifact_id = %s", [artifact_id])  # noqa: S608


def _known_series(service_id: int, paths: list[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, id FROM diagnostics_series WHERE service_id = %s AND path = ANY(%s)", [service_id, paths]
        )
        return dict(cursor.fetchall())


def _copy_evidence(cursor: Any, artifact: Artifact, parsed: Parsed) -> None:
    if artifact.attempts > 1 or artifact.previous:
        forget(cursor, artifact.id)
    if parsed.events:
        rows = (event_row(artifact, n, event) for n, event in enumerate(parsed.events))
        copy(cursor, "diagnostics_event", EVENT_COLUMNS, rows)
    if parsed.samples:
        told = enumerate(parsed.samples)
        samples = (sample_row(artifact, n, s.metric, s.instance, list(s.times), list(s.values)) for n, s in told)
        copy(cursor, "diagnostics_sample", SAMPLE_COLUMNS, samples)


def _mark_launch_parsed(cursor: Any, artifact: Artifact, parsed: Parsed, analysis: LaunchAnalysis) -> bool:
    ends = [placed.phase.end_time for placed in analysis.phases]
    about = _told(parsed, [analysis.start_time, analysis.ready_time, *ends]) | {
        "artifact": artifact.id,
        "launch": artifact.launch_id,
        "host": parsed.host and parsed.host.name,
        "boot_id": parsed.host.boot_id if parsed.host else "",
        "boot_time": parsed.host and parsed.host.boot_time,
        "version": parsed.version,
        "labels": dict(parsed.labels),
        "config": dict(parsed.config),
        **launch_columns(analysis, parsed.milestones),
    }
    values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in about.items()}
    cursor.execute(MARK_PARSED, values)
    host_id, assembled = cursor.fetchone() or (None, False)
    if parsed.host and host_id is None:
        # Its first launch makes a host known.
        Host.objects.get_or_create(name=parsed.host.name)
        cursor.execute(MARK_PARSED, values)
    return bool(assembled)


def _largest(gaps: Iterable[Interval]) -> list[list[int]]:
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
