"""Traces in Zipkin's format 2, as ``/api/v2/trace/ID`` and ``/api/v2/traces`` give them::

    [{"traceId": "5b8e…", "id": "8e1f…", "parentId": "77aa…", "name": "load model", "kind": "CLIENT",
      "timestamp": 1764000000000000, "duration": 57660000, "localEndpoint": {"serviceName": "glm"},
      "annotations": [{"timestamp": 1764000000500000, "value": "ready"}], "tags": {"error": "out of memory"}}]

or a list of such lists. Times are microseconds. A call's two halves have one id: the server's is the child of the
client's. Parts of one span that came in pieces are put together. A span without a duration had not ended. Of several
traces one is a launch: the one with most spans, or the one that ``trace=`` names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diagnostics.parsers.amounts import nanoseconds
from diagnostics.parsers.exact_document import objects, read_document
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.otlp import Group, Span, SpanEvent
from diagnostics.parsers.otlp.spans import ERROR, KINDS, fault
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.parsers.span_files import attributes, padded, read_traces
from diagnostics.records import ParseError

PARSER = "zipkin/2"
_ARRAY = re.compile(r"\s*\[\s*(?:\[\s*)?(?=\{)")
_NUMBERS = {name: number for number, name in KINDS.items()}
_ALL = 2**64 - 1
# What identifies a half of a call: its trace, its id, and whether it is the server's.
Key = tuple[str, str, bool]


def parse(source: Source, hints: Hints) -> Reading:
    """Phases and events of one trace. Raises ``ParseError`` for another document, or if no span can be read."""
    document = read_document(source, "Zipkin's traces")
    if not isinstance(document, list):
        raise ParseError("Zipkin's traces are a JSON array of spans, or of such arrays", "$", "invalid_trace")
    told = [span for item in document for span in (item if isinstance(item, list) else [item])]
    if any(isinstance(span, dict) and "binaryAnnotations" in span for span in told):
        message = "These are traces of Zipkin's format 1: ask /api/v2/trace/ID for format 2"
        raise ParseError(message, "$[0].binaryAnnotations", "old_format")
    tally = Tally()
    halves = _halves(told, tally)
    groups = list(_groups(halves, tally, hints.received_at))
    return (yield from read_traces(groups, tally, hints, PARSER))


def _halves(told: Iterable[Any], tally: Tally) -> dict[Key, dict[str, Any]]:
    """Spans by what identifies them, pieces of one put together."""
    spans = list(told)
    calls = {_ids(span) for span in objects(spans) if span.get("kind") == "CLIENT"}
    found: dict[Key, dict[str, Any]] = {}
    for span in spans:
        tally.total += 1
        trace, own = _ids(span) if isinstance(span, dict) else ("", "")
        if not trace or not own:
            tally.skip(tally.total, json.dumps(span)[:200])
            continue
        is_shared = span.get("shared") is True or (span.get("kind") == "SERVER" and (trace, own) in calls)
        known = found.setdefault((trace, own, is_shared), {})
        found[trace, own, is_shared] = _together(known, span)
    return found


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {**one, **{key: value for key, value in other.items() if value not in (None, "", [], {})}}
    starts = [part["timestamp"] for part in (one, other) if nanoseconds(part.get("timestamp"))]
    lasted = [part["duration"] for part in (one, other) if nanoseconds(part.get("duration")) is not None]
    for key, values, chosen in (("timestamp", starts, min), ("duration", lasted, max)):
        if values:
            both[key] = chosen(values, key=lambda value: nanoseconds(value) or 0)
    both["annotations"] = objects(one.get("annotations")) + objects(other.get("annotations"))
    both["tags"] = {**_mapping(one.get("tags")), **_mapping(other.get("tags"))}
    return both


def _groups(halves: Mapping[Key, Mapping[str, Any]], tally: Tally, received_at: int) -> Iterator[Group]:
    services: dict[str, list[Span]] = {}
    for key, told in halves.items():
        span, reason = _span(key, told, halves, received_at)
        if span is None:
            tally.skip(tally.total, reason)
        else:
            services.setdefault(_service(told), []).append(span)
    for service, spans in services.items():
        yield Group({"service.name": service}, spans)


def _span(
    key: Key, told: Mapping[str, Any], halves: Mapping[Key, Mapping[str, Any]], received_at: int
) -> tuple[Span | None, str]:
    trace, own, is_shared = key
    name = str(told.get("name") or "")
    # A half that did not measure itself began when the other did.
    start = nanoseconds(told.get("timestamp") or _mapping(halves.get((trace, own, not is_shared))).get("timestamp"))
    took = nanoseconds(told.get("duration"))
    if start is None:
        return None, f"Span “{name[:80]}” has no timestamp"
    if reason := fault(trace, own, name, start, start + (took or 0), received_at):
        return None, reason
    tags = attributes(_mapping(told.get("tags")))
    events = [event for one in objects(told.get("annotations")) if (event := _event(one))]
    kind = _NUMBERS.get(str(told.get("kind", "")).lower(), 0)
    status = ERROR if str(tags.get("error", "false")).lower() != "false" else 0
    message = str(tags.get("error", ""))[:2_000] if status and tags.get("error") != "true" else ""
    return Span(
        trace,
        _other(own) if is_shared else own,
        _parent(key, told, halves),
        name,
        start,
        start + (took or 0),
        kind,
        status,
        message,
        attributes=tags if took is not None else {**tags, "open": True},
        events=events,
    ), ""


def _parent(key: Key, told: Mapping[str, Any], halves: Mapping[Key, Mapping[str, Any]]) -> str:
    trace, own, is_shared = key
    if is_shared and (trace, own, False) in halves:
        return own
    parent = padded(told.get("parentId"), 16)
    server = halves.get((trace, parent, True))
    # What a server calls is its own half's child, not the client's.
    if server is not None and ((trace, parent, False) not in halves or _service(server) == _service(told)):
        return _other(parent)
    return parent


def _other(own: str) -> str:
    """An id for the server's half of a call, always the same."""
    return f"{int(own, 16) ^ _ALL:016x}"


def _ids(span: Mapping[str, Any]) -> tuple[str, str]:
    return padded(span.get("traceId"), 32), padded(span.get("id"), 16)


def _service(span: Mapping[str, Any]) -> str:
    return str(_mapping(span.get("localEndpoint")).get("serviceName") or "")


def _event(annotation: Mapping[str, Any]) -> SpanEvent | None:
    time = nanoseconds(annotation.get("timestamp"))
    return None if time is None else SpanEvent(time, str(annotation.get("value") or "annotation")[:500], {})


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def recognise(head: bytes) -> bool:
    """An array whose first span has Zipkin's ids."""
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    array = _ARRAY.match(text)
    if array is None:
        return False
    try:
        first, _ = json.JSONDecoder(strict=False).raw_decode(text, array.end())
    except (ValueError, RecursionError):
        return False
    return "traceId" in first and "id" in first and "ph" not in first
