"""OTLP requests for tests: protobuf made by the real library, and the JSON of the specification."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

TRACE = "5b8efff798038103d269b633813fc60c"
MS = 1_000_000
BEGIN = time.time_ns() - 3600 * 10**9


@dataclass(frozen=True)
class Told:
    """A span as a test tells it; times in ms after ``BEGIN``."""

    id: int
    name: str = "span"
    start: int = 0
    length: int = 10
    parent: int = 0
    trace: str = TRACE
    kind: int = 1
    failed: bool = False
    links: Sequence[int] = ()
    events: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hex(self) -> str:
        return f"{self.id:016x}"


def protobuf(*spans: Told, **resource: Any) -> bytes:
    request = ExportTraceServiceRequest()
    told = request.resource_spans.add()
    told.resource.attributes.extend(_pairs({"service.name": "glm", **_dotted(resource)}))
    scope = told.scope_spans.add()
    for span in spans:
        one = scope.spans.add(name=span.name, kind=span.kind)
        one.trace_id, one.span_id = bytes.fromhex(span.trace), bytes.fromhex(span.hex)
        if span.parent:
            one.parent_span_id = span.parent.to_bytes(8, "big")
        one.start_time_unix_nano = BEGIN + span.start * MS
        one.end_time_unix_nano = BEGIN + (span.start + span.length) * MS
        if span.failed:
            one.status.code, one.status.message = 2, "it failed"  # type: ignore[assignment]
        for link in span.links:
            one.links.add(trace_id=one.trace_id, span_id=link.to_bytes(8, "big"))
        for event in span.events:
            one.events.add(name=event, time_unix_nano=one.start_time_unix_nano + MS)
        one.attributes.extend(_pairs(span.attributes))
    return request.SerializeToString()


def json_form(*spans: Told, **resource: Any) -> bytes:
    """The same request as ``protobuf`` makes."""
    about = {"service.name": "glm", **_dotted(resource)}
    scope = {"scope": {}, "spans": [_json_span(span) for span in spans]}
    return orjson.dumps({"resourceSpans": [{"resource": {"attributes": _listed(about)}, "scopeSpans": [scope]}]})


def _json_span(span: Told) -> dict[str, Any]:
    start = BEGIN + span.start * MS
    told: dict[str, Any] = {"traceId": span.trace.upper(), "spanId": span.hex, "name": span.name, "kind": span.kind}
    told |= {"startTimeUnixNano": str(start), "endTimeUnixNano": start + span.length * MS, "newField": {"a": [1]}}
    told |= {"attributes": _listed(span.attributes), "parentSpanId": f"{span.parent:016x}" if span.parent else ""}
    told["links"] = [{"traceId": span.trace, "spanId": f"{link:016x}"} for link in span.links]
    told["events"] = [{"name": event, "timeUnixNano": str(start + MS)} for event in span.events]
    told["status"] = {"code": 2, "message": "it failed"} if span.failed else {}
    return told


def _dotted(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "."): value for name, value in resource.items()}


def _pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_any(value)) for key, value in attributes.items()]


def _any(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_any(item) for item in value]))
    return AnyValue(string_value=str(value))


def _listed(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _json_value(value)} for key, value in attributes.items()]


def _json_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_json_value(item) for item in value]}}
    return {"stringValue": value}
