"""Records as rows for ``COPY``: which columns each table takes, and values in a form that PostgreSQL can hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from diagnostics.models import Artifact
from diagnostics.records import Event, Phase, PhaseStatus, PlacedPhase

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
ARTIFACT_PHASE_COLUMNS = {
    "artifact_id": "uuid",
    "position": "int4",
    "name": "text",
    "sender_id": "text",
    "parent": "int4",
    "is_root": "bool",
    "depends_on": "int4[]",
    "lane": "text",
    "start_time": "int8",
    "duration_ns": "int8",
    "failed": "bool",
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
Row = tuple[Any, ...]


def copy(cursor: Any, table: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
    """Write rows by binary ``COPY``."""
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copying:
        copying.set_types(list(columns.values()))
        for row in rows:
            copying.write_row(row)


def phase_rows(
    launch_id: UUID | None, artifacts: Sequence[UUID], phases: Iterable[PlacedPhase], series: Mapping[str, int]
) -> Iterator[Row]:
    """Phases of a launch; ``artifacts`` has, by position, where each was told, or one for all of them."""
    several = len(artifacts) > 1
    for placed in phases:
        phase = placed.phase
        yield (
            launch_id,
            phase.position,
            series[placed.path],
            artifacts[phase.position if several else 0],
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
            jsonb(phase.attributes),
        )


def artifact_phase_row(artifact: Artifact, position: int, phase: Phase) -> Row:
    return (
        artifact.id,
        position,
        text(phase.name),
        text(phase.id) if phase.id is not None else None,
        phase.parent,
        phase.is_root,
        list(phase.depends_on) or None,
        text(phase.lane),
        phase.start_time,
        phase.duration,
        phase.status is PhaseStatus.FAILED,
        jsonb(phase.attributes),
    )


def event_row(artifact: Artifact, position: int, event: Event) -> Row:
    return (
        artifact.id,
        position,
        event.time,
        event.precision,
        event.clock,
        event.line,
        text(event.source),
        event.level,
        event.category,
        text(event.text),
        jsonb(event.fields),
    )


def sample_row(
    artifact: Artifact, position: int, metric: str, instance: str, times: list[int], values: list[float]
) -> Row:
    return artifact.id, position, text(metric), text(instance), times, values, min(times), max(times)


def text(value: str) -> str:
    """The text, with U+FFFD for what PostgreSQL does not hold: NUL, and halves of surrogate pairs."""
    if value.isascii():
        return value.replace("\0", "\ufffd") if "\0" in value else value
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def jsonb(value: Mapping[str, Any]) -> Jsonb | None:
    """A mapping as a JSON column, ``None`` for an empty one."""
    return Jsonb(value, dumps=_dumped) if value else None


def _dumped(value: Any) -> bytes:
    try:
        dumped = orjson.dumps(value)
    except TypeError:  # a half of a surrogate pair, an integer beyond 64 bits, a type that JSON does not know
        return json.dumps(storable(value)).encode()
    return orjson.dumps(storable(value)) if b"\\u0000" in dumped else dumped


def storable(value: Any) -> Any:
    """What a JSON column can hold, as near to ``value`` as it gets."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {text(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [storable(item) for item in value]
    if isinstance(value, int) or value is None:
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    return text(str(value))
