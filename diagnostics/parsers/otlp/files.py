"""A file of traces as an artifact: one request, or the JSON documents that a Collector wrote one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.json_stream import JsonStream, Unreadable
from diagnostics.parsers.otlp import json_form, protobuf
from diagnostics.parsers.otlp.phases import events_of, milestones_of, phases_of
from diagnostics.parsers.otlp.resource import config_of, host_of, labels_of, version_of
from diagnostics.parsers.otlp.spans import Received, by_trace, merged
from diagnostics.parsers.otlp.trace import Trace
from diagnostics.parsers.reading import Reading
from diagnostics.parsers.source import Source
from diagnostics.records import Lines, Parsed, ParseError

PARSER = "otlp/1"
SPANS = (b'"resourceSpans"', b'"resource_spans"')
OTHERS = (b'"resourceLogs"', b'"resourceMetrics"', b'"resource_logs"', b'"resource_metrics"')
JSON_STARTS = (b"{", b"[")
CONTROLS, LOOK = re.compile(rb"[\x00-\x08\x0e-\x1d]"), 4096


def recognise(head: bytes) -> bool:
    if _is_json(head):
        return any(name in head for name in (*SPANS, *OTHERS))
    # A request of field 1, which begins with a resource; its attributes' names are text wherever it stands.
    return head[:1] == b"\n" and (b"service.name" in head or b"telemetry.sdk" in head) and b"\x12" in head[:4096]


def parse(source: Source, hints: Hints) -> Reading:
    """All traces of the file, each nested in itself. Raises ``ParseError`` for what holds no spans."""
    received = read_file(source.read(), hints.received_at)
    traces = [Trace(trace, merged(groups)) for trace, groups in by_trace(received.groups).items()]
    if not traces:
        raise ParseError(received.reason or "This file holds no spans", "", "no_spans")
    position = 0
    for trace in sorted(traces, key=lambda one: one.spans[0].start):
        for phase in phases_of(trace):
            yield msgspec.structs.replace(
                phase,
                position=position + phase.position,
                parent=None if phase.parent is None else position + phase.parent,
                depends_on=tuple(position + other for other in phase.depends_on),
            )
        position += len(trace.spans)
    yield from events_of([group for trace in traces for group in trace.groups])
    return _parsed(traces, received)


def _parsed(traces: list[Trace], received: Received) -> Parsed:
    largest = max(traces, key=lambda trace: len(trace.spans))
    resource = largest.main.resource
    total = received.count + received.rejected
    return Parsed(
        parser=PARSER,
        milestones=milestones_of(largest),
        labels=labels_of(resource),
        config=config_of(resource),
        version=version_of(resource),
        host=host_of(resource),
        lines=Lines(total, received.count, received.rejected),
        facts=facts_of(received) | {"clock": "wall", "traces": [trace.id for trace in traces[:20]]},
    )


def facts_of(received: Received) -> dict[str, Any]:
    """What is said of a file or request beside its counts."""
    services = sorted({group.service for group in received.groups if group.spans})
    facts: dict[str, Any] = {"services": services[:50]}
    if received.rejected:
        facts |= {"rejected": received.rejected, "reason": received.reason}
    return facts


def read_file(content: bytes, received_at: int, services: tuple[str, ...] = ()) -> Received:
    """The spans of a request or a file, whatever its encoding. Raises ``ParseError``."""
    if not _is_json(content):
        return protobuf.read(protobuf.decoded(content), received_at, services)
    parts = [json_form.read(document, received_at, services) for document in _documents(content)]
    return Received(
        [group for part in parts for group in part.groups],
        sum(part.rejected for part in parts),
        next((part.reason for part in parts if part.reason), ""),
    )


def _is_json(content: bytes) -> bool:
    """Protobuf may begin as JSON does: with a line feed and, for a length, a brace. But no JSON holds other controls,
    and no request of spans is without them."""
    return content.lstrip()[:1] in JSON_STARTS and not CONTROLS.search(content[:LOOK])


def _documents(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        document = json_form.decoded(content)
        inner = document.get("result")  # what Jaeger's API v3 answers has it within
        yield inner if isinstance(inner, dict) and "resourceSpans" not in document else document
        return
    except ParseError:
        text = content.decode("utf-8", "replace")
    try:
        for placed in JsonStream(iter([text])).objects():
            if isinstance(placed.value, dict):
                yield placed.value
    except Unreadable as error:
        raise ParseError(f"Not valid JSON: {error.message}", f"line {error.line}", "invalid_otlp") from None
