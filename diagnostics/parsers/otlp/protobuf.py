"""The body of ``POST /v1/traces`` as ``application/x-protobuf``: an ``ExportTraceServiceRequest``.

A file of an OpenTelemetry Collector holds ``TracesData``, which is the same on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from diagnostics.parsers.otlp.spans import UNKNOWN_SERVICE, Group, Received, Span, SpanEvent, fault
from diagnostics.records import ParseError

DEEPEST = 20  # nested lists in an attribute


def decoded(body: bytes) -> ExportTraceServiceRequest:
    """The message; unknown fields are ignored. Raises ``ParseError``."""
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise ParseError(f"This is not an OTLP trace request in protobuf: {error}", "body", "invalid_otlp") from None


def read(request: ExportTraceServiceRequest, received_at: int, services: tuple[str, ...] = ()) -> Received:
    """The spans that can be kept; those of other services than ``services``, if any are named, cannot."""
    groups, rejected, reason = [], 0, ""
    for told in request.resource_spans:
        resource = _attributes(told.resource.attributes)
        if services and (name := str(resource.get("service.name") or UNKNOWN_SERVICE)) not in services:
            rejected += sum(len(scope.spans) for scope in told.scope_spans)
            reason = reason or f"This token may not send spans of service “{name}”"
            continue
        group = Group(resource, [])
        for scope in told.scope_spans:
            for span in scope.spans:
                trace, own = span.trace_id.hex(), span.span_id.hex()
                start, end = span.start_time_unix_nano, span.end_time_unix_nano
                if wrong := fault(trace, own, span.name, start, end, received_at):
                    rejected, reason = rejected + 1, reason or wrong
                else:
                    group.spans.append(_span(span, trace, own, scope.scope.name))
        groups.append(group)
    return Received(groups, rejected, reason)


def looked_over(
    request: ExportTraceServiceRequest, received_at: int, services: tuple[str, ...] = ()
) -> tuple[int, int, str]:
    """How many spans there are, how many ``read`` will reject, and why: without reading them, for the request path."""
    count, rejected, reason = 0, 0, ""
    for told in request.resource_spans:
        name = _service(told.resource.attributes) if services else ""
        for scope in told.scope_spans:
            count += len(scope.spans)
            if services and name not in services:
                rejected += len(scope.spans)
                reason = reason or f"This token may not send spans of service “{name}”"
                continue
            for span in scope.spans:
                start, end = span.start_time_unix_nano, span.end_time_unix_nano
                if wrong := fault(span.trace_id.hex(), span.span_id.hex(), span.name, start, end, received_at):
                    rejected, reason = rejected + 1, reason or wrong
    return count, rejected, reason


def _service(attributes: Iterable[Any]) -> str:
    return next((str(_value(one.value)) for one in attributes if one.key == "service.name"), "") or UNKNOWN_SERVICE


def _span(span: Any, trace: str, own: str, scope: str) -> Span:
    return Span(
        trace,
        own,
        span.parent_span_id.hex().strip("0") and span.parent_span_id.hex(),
        span.name,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        span.kind,
        span.status.code,
        span.status.message,
        span.trace_state,
        _attributes(span.attributes),
        [SpanEvent(event.time_unix_nano, event.name, _attributes(event.attributes)) for event in span.events],
        [(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        scope,
    )


def _attributes(told: Iterable[Any]) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in told}


def _value(value: Any, depth: int = 0) -> Any:
    kind = value.WhichOneof("value")
    if kind is None or depth > DEEPEST:
        return None
    content = getattr(value, kind)
    if kind == "array_value":
        return [_value(item, depth + 1) for item in content.values]
    if kind == "kvlist_value":
        return {item.key: _value(item.value, depth + 1) for item in content.values}
    if kind == "bytes_value":
        return content.hex()
    if kind == "double_value" and not isfinite(content):
        return str(content)
    return content
