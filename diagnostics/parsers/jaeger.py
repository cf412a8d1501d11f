"""Traces as Jaeger's UI and API give them::

    {"data": [{"traceID": "5b8e…", "processes": {"p1": {"serviceName": "glm", "tags": [{"key": "hostname", …}]}},
      "spans": [{"traceID": "5b8e…", "spanID": "8e1f…", "operationName": "Load model", "processID": "p1",
                 "references": [{"refType": "CHILD_OF", "traceID": "5b8e…", "spanID": "77aa…"}],
                 "startTime": 1764000000000000, "duration": 57660000, "tags": [{"key": "error", "value": true}],
                 "logs": [{"timestamp": 1764000000500000, "fields": [{"key": "event", "value": "ready"}]}]}]}]}

Times are microseconds. A reference ``CHILD_OF`` is the parent, ``FOLLOWS_FROM`` what the span waited for; processes of
other services are lanes. Of several traces one is a launch: the one with most spans, or the one that ``trace=`` names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.parsers.amounts import MICROSECOND, nanoseconds
from diagnostics.parsers.exact_document import objects, read_document
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.otlp import Group, Span, SpanEvent
from diagnostics.parsers.otlp.spans import ERROR, KINDS, fault
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.parsers.span_files import attributes, padded, read_traces
from diagnostics.records import ParseError

PARSER = "jaeger/1"
_HEAD = re.compile(rb'\A\s*\{.*?"spans"\s*:\s*\[', re.DOTALL)
_NUMBERS = {name: number for number, name in KINDS.items()}
_STATUS = ("otel.status_code", "status.code")


def parse(source: Source, hints: Hints) -> Reading:
    """Phases and events of one trace. Raises ``ParseError`` for another document, or if no span can be read."""
    document = read_document(source, "Jaeger's traces")
    told = document.get("data", document) if isinstance(document, dict) else document
    traces = [told] if isinstance(told, dict) else objects(told)
    if not any(isinstance(trace.get("spans"), list) for trace in traces):
        message = "Jaeger's traces are an object with “data”: a list of traces, each with “spans” and “processes”"
        raise ParseError(message, "$.data", "invalid_trace")
    tally = Tally()
    groups = [group for trace in traces for group in _groups(trace, tally, hints.received_at)]
    return (yield from read_traces(groups, tally, hints, PARSER))


def _groups(trace: Mapping[str, Any], tally: Tally, received_at: int) -> Iterator[Group]:
    """The spans of each process, in the order of the file."""
    processes = trace.get("processes") if isinstance(trace.get("processes"), dict) else {}
    assert isinstance(processes, dict)
    spans: dict[str, list[Span]] = {}
    resources: dict[str, dict[str, Any]] = {}
    for told in trace.get("spans") or ():
        tally.total += 1
        span, reason = _span(told, received_at) if isinstance(told, dict) else (None, "A span is an object")
        if span is None:
            tally.skip(tally.total, reason)
            continue
        key = str(told.get("processID", ""))
        # Files of the storage back-ends have the process in each span.
        process = told["process"] if isinstance(told.get("process"), dict) else processes.get(key)
        resource = _resource(process if isinstance(process, dict) else {})
        key = key or str(sorted(resource.items(), key=str))
        resources.setdefault(key, resource)
        spans.setdefault(key, []).append(span)
    for key, group in spans.items():
        yield Group(resources[key], group)


def _resource(process: Mapping[str, Any]) -> dict[str, Any]:
    tags = _tags(process.get("tags"))
    host = {"host.name": tags.pop("hostname")} if "hostname" in tags and "host.name" not in tags else {}
    return {**tags, **host, "service.name": str(process.get("serviceName") or "")}


def _span(told: Mapping[str, Any], received_at: int) -> tuple[Span | None, str]:
    name = str(told.get("operationName") or "")
    start, took = nanoseconds(told.get("startTime")), nanoseconds(told.get("duration", 0))
    if start is None or took is None:
        return None, f"Span “{name[:80]}” has no time: startTime and duration are microseconds"
    trace, own = padded(told.get("traceID"), 32), padded(told.get("spanID"), 16)
    if reason := fault(trace, own, name, start, start + took, received_at):
        return None, reason
    tags = _tags(told.get("tags"))
    kind = _NUMBERS.get(str(tags.pop("span.kind", "")).lower(), 0)
    message = str(tags.pop("otel.status_description", ""))[:2_000]
    parent, links = _references(told, trace)
    events = [event for log in objects(told.get("logs")) if (event := _event(log))]
    end, status = start + took, _status(tags)
    about: dict[str, Any] = {"attributes": tags, "events": events, "links": links}
    return Span(trace, own, parent, name, start, end, kind, status, message, **about), ""


def _status(tags: Mapping[str, Any]) -> int:
    failed = str(tags.get("error", "")).lower() in ("true", "1")
    return ERROR if failed or any(str(tags.get(key, "")).upper() == "ERROR" for key in _STATUS) else 0


def _references(told: Mapping[str, Any], trace: str) -> tuple[str, list[tuple[str, str]]]:
    """The parent within the trace, and what the span followed."""
    parent, links = padded(told.get("parentSpanID"), 16), []
    for reference in objects(told.get("references")):
        of, span = padded(reference.get("traceID", trace), 32), padded(reference.get("spanID"), 16)
        if span and reference.get("refType") == "CHILD_OF" and of == trace:
            parent = parent or span
        elif span:
            links.append((of, span))
    # Of old agents, nought means none.
    return ("" if parent.count("0") == len(parent) else parent), links


def _event(log: Mapping[str, Any]) -> SpanEvent | None:
    time, fields = nanoseconds(log.get("timestamp"), MICROSECOND), _tags(log.get("fields"))
    if time is None:
        return None
    name = next((str(fields.pop(key)) for key in ("event", "message", "log") if fields.get(key)), "log")
    return SpanEvent(time, name[:500], fields)


def _tags(tags: Any) -> dict[str, Any]:
    """A list of keys and values, or (some back-ends) an object."""
    if isinstance(tags, dict):
        return attributes(tags)
    return attributes({str(tag["key"]): tag.get("value") for tag in objects(tags) if tag.get("key")})


def recognise(head: bytes) -> bool:
    """An object of spans with Jaeger's names of ids."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    return _HEAD.match(head) is not None and b'"traceID"' in head and (b'"spanID"' in head or b'"data"' in head)
