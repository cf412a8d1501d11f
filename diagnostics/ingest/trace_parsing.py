"""Read an accepted request of spans: each trace gets its part, and a launch that is plainly one is shown at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from diagnostics.ingest import storing, trace_launches
from diagnostics.ingest.content import unpacked
from diagnostics.ingest.forwarded import without_own
from diagnostics.ingest.rows import storable
from diagnostics.ingest.trace_parts import BY_TRACE, Piece, packed_groups
from diagnostics.models import Artifact, OtlpSpans
from diagnostics.parsers.otlp import LAUNCH, Received, by_trace, facts_of, read_file
from diagnostics.parsers.otlp.files import PARSER
from diagnostics.parsers.source import Source
from diagnostics.records import Lines, ParseError

# The parts of a trace come in any order, from workers that know nothing of each other: its row is where they queue.
TOUCH = """
INSERT INTO diagnostics_otlptrace AS t (id, spans, request_ids) VALUES (%s, %s, '{}')
ON CONFLICT (id) DO UPDATE SET
    touched_at = clock_timestamp(), stored = false, settled = false, spans = t.spans + excluded.spans
RETURNING xmax = 0, t.looked_at IS NULL OR t.looked_at < clock_timestamp() - make_interval(secs => %s)
"""
KEEP = """
INSERT INTO diagnostics_otlpspans (trace_id, artifact_id, count, first_event, data) VALUES (%s, %s, %s, %s, %s)
"""


def store_traces(artifact: Artifact) -> None:
    """Give each trace of a request its spans, and mark the request parsed; another worker may be at it.

    A launch that a rule names, or whose root has come, is made at once and then at most once in ``OTLP_QUIET`` seconds
    while more comes: ``trace_launches.settle`` has the last word. Raises ``ParseError``.
    """
    if artifact.stored is None:
        raise ParseError("The raw bytes are no longer kept, so they cannot be read", "", "content_gone")
    received_at = int(artifact.received_at.timestamp() * 1e6) * 1000
    services = tuple(artifact.given.get("services", ()))
    # A file may itself be compressed.
    content = Source.of(unpacked(artifact.stored, artifact.size)).read()
    received = read_file(content, received_at, services)
    if not received.count:
        raise ParseError(received.reason or "This file holds no spans", "", "no_spans")
    received = without_own(received)
    with transaction.atomic():
        if _lock(artifact):
            _store(artifact, received)


def _lock(artifact: Artifact) -> bool:
    waiting = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.RECEIVED)
    return waiting.select_for_update(of=("self",), skip_locked=True).only("pk").first() is not None


def _store(artifact: Artifact, received: Received) -> None:
    traces = by_trace(received.groups)
    if artifact.attempts > 1 or artifact.previous:
        OtlpSpans.objects.filter(artifact_id=artifact.pk).delete()
        with connection.cursor() as cursor:
            storing.forget(cursor, artifact.pk)
    events, verdict = 0, ""
    # In one order everywhere: two requests with the same traces would else wait for each other for ever.
    for trace_id in sorted(traces):
        verdict = _store_trace(uuid.UUID(trace_id), Piece(artifact.pk, traces[trace_id]), events)
        events += sum(len(span.events) for group in traces[trace_id] for span in group.spans)
    if len(traces) == 1 and verdict == LAUNCH:
        artifact.launch_id = uuid.UUID(next(iter(traces)))
    _mark_parsed(artifact, received, traces, events)


def _store_trace(trace_id: uuid.UUID, piece: Piece, first_event: int) -> str:
    count = sum(len(group.spans) for group in piece.groups)
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, [trace_id, count, settings.OTLP_QUIET])
        is_new, is_due = cursor.fetchone()
        packed = packed_groups(piece.groups)
        cursor.execute(KEEP, [trace_id, piece.artifact, count, first_event, packed])
    return trace_launches.look(trace_id, [piece] if is_new else None, is_quiet=False) if is_due else ""


def _mark_parsed(artifact: Artifact, received: Received, traces: Mapping[str, Any], events: int) -> None:
    spans = [span for group in received.groups for span in group.spans]
    artifact.state, artifact.error, artifact.parser = Artifact.State.PARSED, None, PARSER
    artifact.lines = msgspec.to_builtins(Lines(len(spans) + received.rejected, len(spans), received.rejected))
    artifact.counts = {"phases": len(spans), "events": events, "samples": 0}
    artifact.first_ns, artifact.last_ns = min(span.start for span in spans), max(span.end for span in spans)
    known = [str(uuid.UUID(trace)) for trace in sorted(traces)]
    artifact.facts = storable(facts_of(received) | {"clock": "wall", "traces": known[:100]})
    artifact.given |= {BY_TRACE: True}
    read = ["state", "error", "parser", "lines", "counts", "first_ns", "last_ns", "facts", "given", "launch"]
    artifact.save(update_fields=read)
