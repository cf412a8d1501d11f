"""One trace out of a file of several, as a launch: what Jaeger's and Zipkin's files have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.parsers.amounts import plain
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.otlp import (
    Group,
    Trace,
    by_trace,
    events_of,
    host_of,
    labels_of,
    merged,
    milestones_of,
    phases_of,
    version_of,
)
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.records import Event, Parsed, ParseError

SHOWN = 20
HEX = frozenset("0123456789abcdef")


def read_traces(groups: Iterable[Group], tally: Tally, hints: Hints, parser: str) -> Reading:
    """The phases and events of the trace that ``hints.trace`` names, else of the one with most spans."""
    traces = [Trace(trace, merged(told)) for trace, told in by_trace(groups).items()]
    if not traces:
        unread = f": {tally.unread[0]['text']}" if tally.unread else ""
        raise ParseError(f"No span of this file can be read{unread}", "", "no_spans")
    traces.sort(key=lambda trace: (-len(trace.spans), trace.spans[0].start))
    chosen = _chosen(traces, hints.trace)
    yield from phases_of(chosen)
    if len(traces) > 1:
        yield Event(chosen.spans[0].start, _note(traces, chosen), level="notice")
    yield from events_of(chosen.groups)
    told = [{"trace": one.id, "spans": len(one.spans), "root": one.root.name} for one in traces[:SHOWN]]
    services = sorted({group.service for group in chosen.groups})[:50]
    resource = chosen.main.resource
    facts = {"clock": "wall", "trace": chosen.id, "traces": told, "services": services, **tally.facts()}
    return Parsed(
        parser=parser,
        milestones=milestones_of(chosen),
        labels=labels_of(resource),
        version=version_of(resource),
        host=host_of(resource),
        lines=tally.lines(),
        facts=facts,
    )


def _chosen(traces: list[Trace], wanted: str) -> Trace:
    if not wanted:
        return traces[0]
    found = next((trace for trace in traces if trace.id == padded(wanted, 32)), None)
    if found is None:
        known = ", ".join(trace.id for trace in traces[:5])
        message = f"The file has no trace {wanted}: send it with trace= one of {known}"
        raise ParseError(message, "trace", "unknown_trace")
    return found


def _note(traces: list[Trace], chosen: Trace) -> str:
    return (
        f"The file holds {len(traces):,} traces; this is {chosen.id}, with {len(chosen.spans):,} spans. "
        f"Send it again with trace=ID for another, such as {next(t.id for t in traces if t is not chosen)}."
    )


def padded(value: object, digits: int) -> str:
    """An id in lower-case hexadecimal of so many digits; ``""`` for what is none."""
    text = str(value).lower().removeprefix("0x") if isinstance(value, (str, int)) else ""
    return text.zfill(digits) if 0 < len(text) <= digits and HEX.issuperset(text) else ""


def attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """Tags as attributes, long texts cut."""
    return {str(key)[:200]: _short(plain(value)) for key, value in told.items()}


def _short(value: Any) -> Any:
    return value[:5_000] + "…" if isinstance(value, str) and len(value) > 5_000 else value
