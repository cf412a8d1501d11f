"""Decide what a trace is, and make its launch, or a request that can be found, of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from diagnostics.ingest.assembling import assemble, assemble_new
from diagnostics.ingest.rows import EVENT_COLUMNS, copy, event_row, text
from diagnostics.ingest.trace_parts import Piece, is_traced_only, move, part_of, pieces_of, trace_of
from diagnostics.models import Artifact, Launch, OtlpSpans, OtlpTrace, Service, TraceRule
from diagnostics.parsers.otlp import LAUNCH, OTHERWISE, REQUEST, Rule, Trace, deciding, events_of
from diagnostics.parsers.otlp.spans import ERROR
from diagnostics.records import Kind

INSERT_LAUNCH = """
INSERT INTO diagnostics_launch (id, service_id, start_time, gaps, milestones, labels, config)
VALUES (%s, %s, %s, '{}', '{}', '{}', '{}')
ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING service_id, xmax = 0
"""
FORGET = "DELETE FROM diagnostics_event WHERE artifact_id = %s AND fields->>'span_id' = ANY(%s)"
KNOWN = Rule(LAUNCH, "known by other files")
REQUEST_IDS = (
    "request_id", "request.id", "requestId", "http.request_id", "http.request.id", "x-request-id", "x_request_id",
    "http.request.header.x-request-id", "http.request.header.x_request_id", "gen_ai.request.id", "gen_ai.response.id",
    "llm.request.id", "correlation_id", "guid:x-request-id",
)  # fmt: skip
MOST_IDS, LONGEST_ID = 20, 200


def settle(trace_id: uuid.UUID) -> uuid.UUID | None:
    """Look at a trace that has been quiet for ``OTLP_QUIET`` seconds: the launch that it is, to be judged now, if any.

    One that more came of meanwhile, or that another worker has settled, is left alone.
    """
    with transaction.atomic():
        quiet = OtlpTrace.objects.quiet_for(timedelta(seconds=settings.OTLP_QUIET)).filter(pk=trace_id)
        row = quiet.select_for_update(skip_locked=True).order_by().first()
        if row is None:
            return None
        verdict = row.verdict if row.stored else look(trace_id, None, is_quiet=True)
        OtlpTrace.objects.filter(pk=trace_id).update(settled=True)
    return trace_id if verdict == LAUNCH else None


def look(trace_id: uuid.UUID, pieces: Sequence[Piece] | None, *, is_quiet: bool) -> str:
    """Decide what a trace is by what came so far, and store it as that; the verdict, ``""`` where it is too early.

    ``pieces``: all that came, where the caller knows. Must run in a transaction that holds the trace's row.
    """
    is_first = pieces is not None
    pieces = pieces_of(trace_id) if pieces is None else pieces
    if not pieces:
        return ""
    trace = trace_of(trace_id, pieces)
    rule = _rule(trace_id, trace)
    if not is_quiet and rule is OTHERWISE and not trace.is_rooted:
        return ""
    service = Service.objects.known(text(trace.service)[:200], text(trace.environment))
    if rule.verdict != LAUNCH and not is_first:
        _unmake_launch(trace_id)
    _note(trace_id, trace, rule, service)
    if rule.verdict == LAUNCH:
        _make_launch(trace_id, service, trace, pieces)
    return rule.verdict


def _rule(trace_id: uuid.UUID, trace: Trace) -> Rule:
    if Artifact.objects.filter(launch_id=trace_id).exclude(kind=Kind.OTLP).exists():
        return KNOWN
    return deciding(TraceRule.objects.in_force(), trace)


def _note(trace_id: uuid.UUID, trace: Trace, rule: Rule, service: Service) -> None:
    start, end = trace.spans[0].start, max(span.end for span in trace.spans)
    ids = dict.fromkeys(text(one)[:LONGEST_ID] for one in trace.attributes(*REQUEST_IDS))
    OtlpTrace.objects.filter(pk=trace_id).update(
        service=service,
        verdict=rule.verdict,
        rule=rule.name,
        name=text(trace.root.name)[:500],
        start_time=start,
        total_ns=end - start,
        failed=trace.root.status == ERROR,
        spans=len(trace.spans),
        request_ids=list(ids)[:MOST_IDS] if rule.verdict == REQUEST else [],
        looked_at=Now(),
        stored=True,
    )


def _make_launch(trace_id: uuid.UUID, service: Service, trace: Trace, pieces: Sequence[Piece]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_LAUNCH, [trace_id, service.pk, time.time_ns()])
        owner, is_new = cursor.fetchone()
    if is_new:
        # The usual case: one request has all of it, and nobody else has told anything.
        assemble_new(Launch(id=trace_id, service=service), [part_of(trace, pieces)])
    else:
        if owner != service.pk and is_traced_only(trace_id):
            move(trace_id, service.pk)
        assemble(trace_id)
    if len(pieces) > 1 or not is_new:
        whole = Artifact.objects.filter(pk__in=[piece.artifact for piece in pieces], launch=None, state="parsed")
        whole.filter(facts__traces=[str(trace_id)]).update(launch_id=trace_id)
    _store_events(trace_id, pieces)


def _unmake_launch(trace_id: uuid.UUID) -> None:
    """What was shown as a launch before its root came and told better."""
    if is_traced_only(trace_id):
        Artifact.objects.filter(launch_id=trace_id).update(launch=None)
        Launch.objects.filter(pk=trace_id).delete()


def _store_events(trace_id: uuid.UUID, pieces: Sequence[Piece]) -> None:
    """Events of a launch's spans, as those of the request that brought them; of a span that came again, the last."""
    if not any(span.events for piece in pieces for group in piece.groups for span in group.spans):
        return
    waiting = OtlpSpans.objects.filter(trace_id=trace_id, with_events=False)
    first = dict(waiting.values_list("artifact_id", "first_event"))
    with connection.cursor() as cursor:
        for piece in pieces:
            if piece.artifact in first:
                told = enumerate(events_of(piece.groups), first[piece.artifact])
                rows = (event_row(Artifact(id=piece.artifact), n, event) for n, event in told)
                copy(cursor, "diagnostics_event", EVENT_COLUMNS, rows)
        _forget_superseded(cursor, pieces)
    waiting.update(with_events=True)


def _forget_superseded(cursor: Any, pieces: Sequence[Piece]) -> None:
    newer: set[str] = set()
    for piece in reversed(pieces):
        own = {span.id for group in piece.groups for span in group.spans}
        if again := own & newer:
            cursor.execute(FORGET, [piece.artifact, sorted(again)])
        newer |= own
