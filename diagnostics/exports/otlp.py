"""A launch as OTLP JSON: what ``POST /v1/traces`` takes, and Jaeger and every OpenTelemetry collector import.

The trace id is the launch's id. What OpenTelemetry has no name for is under ``launchscope.…``: ``launchscope.lane``,
``launchscope.label.<name>``, ``launchscope.milestone.<name>`` (ns), ``launchscope.config`` (JSON), and each phase's own
id and position. The form is that of the OTLP specification 1.x: hex ids, 64-bit integers as strings, enums as integers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from diagnostics.exports.json_text import json_text
from diagnostics.exports.told import Told
from diagnostics.records import Event, PhaseStatus, PlacedPhase

SCOPE = "launchscope"
OK, ERROR = 1, 2
INTERNAL = 1  # the kind of every span: nothing is served or called
INT64 = 2**63


def otlp(launch: Told, more: Mapping[str, Any] | None = None) -> bytes:
    """One ``ExportTraceServiceRequest``; ``more`` are further attributes of its resource."""
    return several([launch], more)


def several(launches: Sequence[Told], more: Mapping[str, Any] | None = None) -> bytes:
    """One request with a trace for each launch, which Jaeger can compare."""
    return orjson.dumps({"resourceSpans": [_resource_spans(launch, more or {}) for launch in launches]})


def _resource_spans(launch: Told, more: Mapping[str, Any]) -> dict[str, Any]:
    spans = [_span(launch, one) for one in launch.phases]
    _place(launch.events, launch.phases, spans)
    attributes = [_attribute(key, value) for key, value in (*resource(launch), *more.items())]
    return {
        "resource": {"attributes": attributes},
        "scopeSpans": [{"scope": {"name": SCOPE}, "spans": spans}],
    }


def resource(launch: Told) -> Iterator[tuple[str, Any]]:
    """What the launch as a whole is known by, in the names of OpenTelemetry's semantic conventions."""
    named = {
        "service.name": launch.service,
        "service.version": launch.version,
        "deployment.environment.name": launch.environment,
        "host.name": launch.host,
        "launchscope.boot_id": launch.boot_id,
        "launchscope.boot_time": launch.boot_time,
        "launchscope.status": launch.status,
        "launchscope.start_class": launch.start_class,
    }
    yield "launchscope.launch", True
    yield from ((key, value) for key, value in named.items() if value not in ("", None))
    yield from ((f"launchscope.label.{key}", value) for key, value in launch.labels.items())
    yield from ((f"launchscope.milestone.{key}", value) for key, value in launch.milestones.items())
    if launch.config:
        yield "launchscope.config", json_text(launch.config).decode()


def _span(launch: Told, one: PlacedPhase) -> dict[str, Any]:
    phase = one.phase
    trace = launch.id.hex
    own = {"launchscope.phase.id": launch.ids[phase.position], "launchscope.lane": phase.lane}
    told = {key: value for key, value in own.items() if value} | {"launchscope.phase.position": phase.position}
    told |= phase.attributes
    span = {
        "traceId": trace,
        "spanId": span_id(launch.ids[phase.position]),
        "name": phase.name,
        "kind": INTERNAL,
        "startTimeUnixNano": str(phase.start_time),
        "endTimeUnixNano": str(phase.end_time),
        "attributes": [_attribute(key, value) for key, value in told.items()],
        "status": {"code": ERROR if phase.status == PhaseStatus.FAILED else OK},
        "links": [{"traceId": trace, "spanId": span_id(name)} for name in launch.before(one)],
    }
    parent = launch.parent_of(one)
    return span if parent is None else span | {"parentSpanId": span_id(parent)}


def span_id(name: str) -> str:
    """Eight bytes from a phase's id; an id that is a span id already stays what it is."""
    if len(name) == 16 and all(letter in "0123456789abcdef" for letter in name) and name.strip("0"):
        return name
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _place(events: Sequence[Event], phases: Sequence[PlacedPhase], spans: Sequence[dict[str, Any]]) -> None:
    """OTLP's events belong to a span: the deepest phase that runs at that time, else the first of all."""
    if not events or not spans:
        return
    starts, ends, depths = (
        np.array(column, dtype=np.int64)
        for column in zip(*((one.phase.start_time, one.phase.end_time, one.depth) for one in phases), strict=True)
    )
    for event in events:
        around = np.flatnonzero((starts <= event.time) & (event.time <= ends))
        chosen = int(around[np.argmax(depths[around])]) if len(around) else 0
        spans[chosen].setdefault("events", []).append(_event(event))


def _event(event: Event) -> dict[str, Any]:
    told = {"log.source": event.source, "log.level": event.level, "launchscope.category": event.category}
    attributes = [_attribute(key, value) for key, value in told.items() if value]
    return {"timeUnixNano": str(event.time), "name": event.text, "attributes": attributes}


def _attribute(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "value": _value(value)}


def _value(value: Any) -> dict[str, Any]:
    """OTLP's ``AnyValue``; integers beyond 64 bits are text."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)} if -INT64 <= value < INT64 else {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": [_attribute(str(name), one) for name, one in value.items()]}}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {} if value is None else {"stringValue": str(value)}
