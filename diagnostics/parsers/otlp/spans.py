"""OTLP spans as plain values: what protobuf and JSON are both read to, and what is kept of a trace until it is whole.

Ids are lower-case hexadecimal text (32 digits a trace, 16 a span), times integer ns since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from diagnostics.parsers.timestamps import CLOCK_SKEW, INT64_MAX

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
KINDS = {INTERNAL: "internal", SERVER: "server", CLIENT: "client", PRODUCER: "producer", CONSUMER: "consumer"}
ERROR = 2  # of a span's status
UNKNOWN_SERVICE = "unknown_service"  # what the specification calls one that has no name


class SpanEvent(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An instant within a span."""

    time: int
    name: str
    attributes: Mapping[str, Any]


class Span(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One span. ``links`` are (trace id, span id); ``parent`` is ``""`` where the sender told none."""

    trace: str
    id: str
    parent: str
    name: str
    start: int
    end: int
    kind: int = 0
    status: int = 0
    message: str = ""
    state: str = ""  # W3C tracestate
    attributes: Mapping[str, Any] = {}
    events: Sequence[SpanEvent] = ()
    links: Sequence[tuple[str, str]] = ()
    scope: str = ""


class Group(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Spans of one resource: a process of a service."""

    resource: Mapping[str, Any]
    spans: list[Span]

    @property
    def service(self) -> str:
        return str(self.resource.get("service.name") or UNKNOWN_SERVICE)


class Received(msgspec.Struct, frozen=True):
    """What one request or file holds: spans that can be kept, and how many cannot, with the first reason why."""

    groups: list[Group]
    rejected: int = 0
    reason: str = ""

    @property
    def count(self) -> int:
        return sum(len(group.spans) for group in self.groups)


def fault(trace: str, span: str, name: str, start: int, end: int, received_at: int) -> str:
    """Why a span cannot be kept, as a sentence; ``""`` where it can."""
    about = f"Span “{name[:80]}”"
    if len(trace) != 32 or trace.count("0") == 32:
        return f"{about} has no valid trace id: 32 hexadecimal digits, not all of them 0"
    if len(span) != 16 or span.count("0") == 16:
        return f"{about} has no valid span id: 16 hexadecimal digits, not all of them 0"
    if not 0 < start <= min(received_at + CLOCK_SKEW, INT64_MAX):
        return f"{about} starts at {start} ns, which cannot be right: times are nanoseconds since 1970-01-01 UTC"
    if end < start:
        return f"{about} ends before it starts: {end} ns, {start} ns"
    if end > INT64_MAX:
        return f"{about} ends beyond what 64-bit nanoseconds hold"
    return ""


def by_trace(groups: Iterable[Group]) -> dict[str, list[Group]]:
    """The groups of each trace, in the order that they came."""
    traces: dict[str, list[Group]] = {}
    for group in groups:
        parts: dict[str, list[Span]] = {}
        for span in group.spans:
            parts.setdefault(span.trace, []).append(span)
        for trace, spans in parts.items():
            traces.setdefault(trace, []).append(Group(group.resource, spans))
    return traces


def merged(groups: Iterable[Group]) -> list[Group]:
    """Each span once, as it was told last: senders may repeat spans, and send a better one later."""
    groups = list(groups)
    last = {span.id: n for n, group in enumerate(groups) for span in group.spans}
    kept = []
    for n, group in enumerate(groups):
        own = {span.id: span for span in group.spans if last[span.id] == n}
        if own:
            kept.append(Group(group.resource, list(own.values())))
    return kept
